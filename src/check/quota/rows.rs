//! How each quota is counted. To count another, add its row; `tests/suite/rows.rs` counts every row a
//! second time, and holds it at its limit and one below.

use serde_json::Value;

use super::count::{
    Count, Row, any, each, measured, only, own, placed, processors, template, tied, within,
};
use super::holding::length;
use super::measure::{
    acl_rules, group_rules, hosts, inline_policies, many, most_tasks, policy, section,
    selector_values, widgets, wildcards,
};
use super::{address, balance, capacity, network, placed};

const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const POLICY: &str = "AWS::Organizations::Policy";

/// Every row. The sources are those of the table.
pub static ROWS: &[Row] = &[
    // Networks.
    each("vpc.vpcs-per-region"),
    each("vpc.internet-gateways-per-region"),
    each("ec2.elastic-ips-per-region"),
    each("ec2.customer-gateways-per-region"),
    each("ec2.virtual-private-gateways-per-region"),
    each("ec2.vpn-connections-per-region"),
    each("tgw.transit-gateways-per-account"),
    placed("vpc.nat-gateways-per-az", 0, network::nat_gateways),
    placed("vpc.network-interfaces-per-region", 0, network::interfaces),
    placed("vpc.network-address-usage", 0, address::units),
    tied("vpc.peered-network-address-usage"),
    each("vpc.dhcp-option-sets-per-region"),
    only("vpc.gateway-endpoints-per-region", ENDPOINT, |it| it["VpcEndpointType"] == "Gateway"),
    within("vpc.subnets-per-vpc", 0, &[("AWS::EC2::Subnet", "VpcId", any)]),
    // The main route table, and the default network ACL.
    within("vpc.route-tables-per-vpc", 1, &[("AWS::EC2::RouteTable", "VpcId", any)]),
    within("vpc.network-acls-per-vpc", 1, &[("AWS::EC2::NetworkAcl", "VpcId", any)]),
    within(
        "vpc.internet-gateways-per-vpc",
        0,
        &[("AWS::EC2::VPCGatewayAttachment", "VpcId", |it| !it["InternetGatewayId"].is_null())],
    ),
    within(
        "vpc.gateway-endpoints-per-vpc",
        0,
        &[(ENDPOINT, "VpcId", |it| it["VpcEndpointType"] == "Gateway")],
    ),
    within(
        "vpc.interface-endpoints-per-vpc",
        0,
        &[(ENDPOINT, "VpcId", |it| it["VpcEndpointType"] == "Interface")],
    ),
    // The local route is one more.
    placed("vpc.routes-per-route-table", 1, network::routes),
    placed("vpc.propagated-routes-per-route-table", 0, network::propagated),
    // Each direction has the rule that denies the rest.
    Row {
        id: "vpc.rules-per-network-acl",
        count: Count::Own("AWS::EC2::NetworkAcl", acl_rules),
        there: 1,
    },
    within(
        "vpc.active-peerings-per-vpc",
        0,
        &[
            ("AWS::EC2::VPCPeeringConnection", "VpcId", any),
            ("AWS::EC2::VPCPeeringConnection", "PeerVpcId", any),
        ],
    ),
    measured("vpc.outstanding-peering-requests", network::pending),
    placed("tgw.routes-per-transit-gateway", 0, network::transit_routes),
    within(
        "tgw.attachments-per-transit-gateway",
        0,
        &[
            ("AWS::EC2::TransitGatewayAttachment", "TransitGatewayId", any),
            ("AWS::EC2::VPNConnection", "TransitGatewayId", any),
        ],
    ),
    within(
        "tgw.route-tables-per-transit-gateway",
        0,
        &[("AWS::EC2::TransitGatewayRouteTable", "TransitGatewayId", any)],
    ),
    within(
        "tgw.transit-gateways-per-vpc",
        0,
        &[("AWS::EC2::TransitGatewayAttachment", "VpcId", any)],
    ),
    within("ec2.vpn-connections-per-vgw", 0, &[("AWS::EC2::VPNConnection", "VpnGatewayId", any)]),
    own("vpc.endpoint-policy-characters", ENDPOINT, |it| {
        length(&it.properties["PolicyDocument"], it.template)
    }),
    own("vpc.rules-per-security-group", "AWS::EC2::SecurityGroup", group_rules),
    measured("vpc.security-groups-per-eni", network::groups),
    tied("vpc.sg-rules-times-sgs-per-eni"),
    each("vpc.security-groups-per-region"),
    within(
        "vpc.flow-log-subscriptions-per-resource",
        0,
        &[("AWS::EC2::FlowLog", "ResourceId", any)],
    ),
    // Load balancers.
    only("elb.albs-per-region", BALANCER, |it| it["Type"] == "application"),
    only("elb.nlbs-per-region", BALANCER, |it| it["Type"] == "network"),
    each("elb.target-groups-per-region"),
    placed("elb.listeners-per-alb", 0, balance::application_listeners),
    placed("elb.listeners-per-nlb", 0, balance::network_listeners),
    placed("elb.rules-per-alb", 0, balance::rules),
    placed("elb.target-groups-per-alb", 0, balance::target_groups),
    placed("elb.targets-per-alb", 0, balance::targets),
    placed("elb.targets-per-az-per-nlb", 0, balance::targets_of_network),
    placed("elb.nlb-enis-per-vpc", 0, capacity::balancers),
    measured("elb.targets-per-target-group", balance::targets_of_groups),
    own("elb.condition-wildcards-per-rule", "AWS::ElasticLoadBalancingV2::ListenerRule", wildcards),
    own("elb.condition-values-per-rule", "AWS::ElasticLoadBalancingV2::ListenerRule", |it| {
        let conditions = it.properties["Conditions"].as_array().into_iter().flatten();
        let values = |it: &Value| {
            let configs = ["HostHeaderConfig", "PathPatternConfig"];
            configs.iter().map(|key| many(&it[*key]["Values"])).sum::<u64>()
        };
        conditions.map(values).sum::<u64>().into()
    }),
    // Containers and instances.
    each("ecs.clusters-per-account"),
    within("ecs.services-per-cluster", 0, &[("AWS::ECS::Service", "Cluster", any)]),
    placed("ecs.services-per-namespace", 0, placed::named_services),
    own("ecs.tasks-per-service", "AWS::ECS::Service", most_tasks),
    own(
        "ecs.container-instances-per-cluster",
        "AWS::ECS::ClusterCapacityProviderAssociations",
        hosts,
    ),
    own("ecs.containers-per-task-definition", "AWS::ECS::TaskDefinition", |it| {
        many(&it.properties["ContainerDefinitions"]).into()
    }),
    own("ecs.task-definition-size", "AWS::ECS::TaskDefinition", |it| {
        length(it.properties, it.template)
    }),
    own("ecs.security-groups-per-awsvpc", "AWS::ECS::Service", |it| {
        many(&it.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]).into()
    }),
    own("ecs.subnets-per-awsvpc", "AWS::ECS::Service", |it| {
        many(&it.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"]).into()
    }),
    own("ecs.target-groups-per-service", "AWS::ECS::Service", |it| {
        many(&it.properties["LoadBalancers"]).into()
    }),
    own(
        "ecs.capacity-providers-per-cluster",
        "AWS::ECS::ClusterCapacityProviderAssociations",
        |it| many(&it.properties["CapacityProviders"]).into(),
    ),
    only(
        "application-autoscaling.ecs-scalable-targets",
        "AWS::ApplicationAutoScaling::ScalableTarget",
        |it| it["ServiceNamespace"] == "ecs",
    ),
    placed("application-autoscaling.policies-per-target", 0, placed::scaling_policies),
    placed("fargate.on-demand-vcpus", 0, capacity::fargate),
    each("cloudmap.namespaces-per-region"),
    each("ec2.launch-templates-per-region"),
    processors("ec2.on-demand-standard-vcpus"),
    processors("ec2.on-demand-dl-vcpus"),
    processors("ec2.on-demand-f-vcpus"),
    processors("ec2.on-demand-g-and-vt-vcpus"),
    processors("ec2.on-demand-high-memory-vcpus"),
    processors("ec2.on-demand-hpc-vcpus"),
    processors("ec2.on-demand-inf-vcpus"),
    processors("ec2.on-demand-p-vcpus"),
    processors("ec2.on-demand-trn-vcpus"),
    processors("ec2.on-demand-x-vcpus"),
    processors("ec2.spot-standard-vcpus"),
    processors("ec2.spot-dl-vcpus"),
    processors("ec2.spot-f-vcpus"),
    processors("ec2.spot-g-and-vt-vcpus"),
    processors("ec2.spot-inf-vcpus"),
    processors("ec2.spot-p-vcpus"),
    processors("ec2.spot-trn-vcpus"),
    processors("ec2.spot-x-vcpus"),
    each("autoscaling.groups-per-region"),
    own("autoscaling.target-groups-per-group", "AWS::AutoScaling::AutoScalingGroup", |it| {
        many(&it.properties["TargetGroupARNs"]).into()
    }),
    within(
        "autoscaling.scaling-policies-per-group",
        0,
        &[("AWS::AutoScaling::ScalingPolicy", "AutoScalingGroupName", any)],
    ),
    // Interfaces and functions.
    each("apigateway.regional-apis-per-region"),
    each("apigateway.api-keys-per-region"),
    each("apigateway.usage-plans-per-region"),
    each("apigateway.vpc-links-per-region"),
    within("apigateway.resources-per-api", 0, &[("AWS::ApiGateway::Resource", "RestApiId", any)]),
    within("apigateway.stages-per-api", 0, &[("AWS::ApiGateway::Stage", "RestApiId", any)]),
    within(
        "apigateway.usage-plans-per-api-key",
        0,
        &[("AWS::ApiGateway::UsagePlanKey", "KeyId", any)],
    ),
    own("apigateway.resource-policy-length", "AWS::ApiGateway::RestApi", |it| {
        length(&it.properties["Policy"], it.template)
    }),
    // Of what may run at once, a hundred stay for functions that keep none for themselves. Source:
    // <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>.
    placed("lambda.concurrent-executions", 100, placed::reserved_executions),
    own("lambda.environment-bytes", "AWS::Lambda::Function", |it| {
        length(&it.properties["Environment"]["Variables"], it.template)
    }),
    // Data.
    each("dynamodb.tables-per-region"),
    each("rds.db-clusters"),
    each("rds.db-instances"),
    each("rds.db-subnet-groups"),
    each("rds.cluster-parameter-groups"),
    own("rds.subnets-per-db-subnet-group", "AWS::RDS::DBSubnetGroup", |it| {
        many(&it.properties["SubnetIds"]).into()
    }),
    each("s3.buckets-per-account"),
    own("s3.bucket-policy-size", "AWS::S3::BucketPolicy", |it| {
        length(&it.properties["PolicyDocument"], it.template)
    }),
    placed("secretsmanager.secrets-per-region", 0, placed::secrets),
    each("ssm.standard-parameters"),
    each("kms.keys-per-region"),
    within("kms.aliases-per-key", 0, &[("AWS::KMS::Alias", "TargetKeyId", any)]),
    own("kms.key-policy-size", "AWS::KMS::Key", |it| {
        length(&it.properties["KeyPolicy"], it.template)
    }),
    each("kinesis.on-demand-streams"),
    each("firehose.streams-per-region"),
    each("sqs.queues-per-region"),
    // People and rights.
    each("iam.roles-per-account"),
    each("iam.instance-profiles-per-account"),
    own("iam.role-trust-policy-length", "AWS::IAM::Role", |it| {
        length(&it.properties["AssumeRolePolicyDocument"], it.template)
    }),
    // The inline policies of a role: its own, and those that stand beside it, in any stack.
    Row {
        id: "iam.role-inline-policy-total-length",
        count: Count::Added(&[
            ("AWS::IAM::Role", None, inline_policies),
            ("AWS::IAM::RolePolicy", Some("RoleName"), |it| {
                length(&it.properties["PolicyDocument"], it.template)
            }),
        ]),
        there: 0,
    },
    own("iam.managed-policies-per-role", "AWS::IAM::Role", |it| {
        many(&it.properties["ManagedPolicyArns"]).into()
    }),
    own("iam.tags-per-role", "AWS::IAM::Role", |it| many(&it.properties["Tags"]).into()),
    each("cognito.user-pools-per-region"),
    only("cognito.custom-domains-per-region", "AWS::Cognito::UserPoolDomain", |it| {
        !it["CustomDomainConfig"].is_null()
    }),
    each("cognito.identity-pools-per-account"),
    within(
        "cognito.app-clients-per-user-pool",
        0,
        &[("AWS::Cognito::UserPoolClient", "UserPoolId", any)],
    ),
    within(
        "cognito.groups-per-user-pool",
        0,
        &[("AWS::Cognito::UserPoolGroup", "UserPoolId", any)],
    ),
    within(
        "cognito.identity-providers-per-user-pool",
        0,
        &[("AWS::Cognito::UserPoolIdentityProvider", "UserPoolId", any)],
    ),
    // The management account is one of them, and so are those that the blueprint names.
    Row {
        id: "organizations.accounts",
        count: Count::Named(|spec| spec.named_accounts().len() as u64),
        there: 0,
    },
    each("organizations.organizational-units"),
    // AWS's own policy that allows everything is there.
    Row {
        id: "organizations.scps-per-organization",
        count: Count::If(POLICY, |it| it["Type"] == "SERVICE_CONTROL_POLICY"),
        there: 1,
    },
    // So is it on each root, unit and account.
    placed("organizations.scps-attached-per-target", 1, placed::control_policies),
    placed("organizations.tag-policies-attached-per-target", 0, placed::tag_policies),
    measured("organizations.tags-per-entity", placed::organization_tags),
    own("organizations.scp-size", POLICY, |it| policy(it, "SERVICE_CONTROL_POLICY")),
    own("organizations.tag-policy-size", POLICY, |it| policy(it, "TAG_POLICY")),
    only("organizations.tag-policies-per-organization", POLICY, |it| it["Type"] == "TAG_POLICY"),
    each("budgets.budgets-per-management-account"),
    each("ce.cost-categories"),
    each("cloudformation.stack-sets-per-admin-account"),
    tied("cloudformation.stack-instances-per-stack-set"),
    Row { id: "cloudformation.stacks-per-account", count: Count::Stacks, there: 0 },
    // What is watched and kept.
    each("logs.log-groups-per-region"),
    within(
        "logs.metric-filters-per-log-group",
        0,
        &[("AWS::Logs::MetricFilter", "LogGroupName", any)],
    ),
    within(
        "logs.subscription-filters-per-log-group",
        0,
        &[("AWS::Logs::SubscriptionFilter", "LogGroupName", any)],
    ),
    each("cloudwatch.alarms"),
    each("cloudwatch.dashboards"),
    own("cloudwatch.actions-per-alarm", "AWS::CloudWatch::Alarm", |it| {
        many(&it.properties["AlarmActions"]).into()
    }),
    own("cloudwatch.widgets-per-dashboard", "AWS::CloudWatch::Dashboard", |it| {
        widgets(&it.properties["DashboardBody"]).into()
    }),
    each("sns.standard-topics"),
    within(
        "sns.subscriptions-per-standard-topic",
        0,
        &[("AWS::SNS::Subscription", "TopicArn", any)],
    ),
    each("backup.vaults-per-region"),
    each("backup.plans-per-region"),
    within(
        "backup.selections-per-plan",
        0,
        &[("AWS::Backup::BackupSelection", "BackupPlanId", any)],
    ),
    own("backup.rules-per-plan", "AWS::Backup::BackupPlan", |it| {
        many(&it.properties["BackupPlan"]["BackupPlanRule"]).into()
    }),
    each("backup.restore-testing-plans"),
    within(
        "backup.selections-per-restore-testing-plan",
        0,
        &[("AWS::Backup::RestoreTestingSelection", "RestoreTestingPlanName", any)],
    ),
    each("config.rules-per-region"),
    each("config.recorders-per-region"),
    each("cloudtrail.trails-per-region"),
    own("cloudtrail.advanced-selector-values", "AWS::CloudTrail::Trail", selector_values),
    each("route53resolver.query-log-vpc-associations"),
    each("route53resolver.query-log-configs-per-region"),
    each("route53resolver.firewall-rule-groups-per-region"),
    within(
        "route53resolver.firewall-rule-groups-per-vpc",
        0,
        &[("AWS::Route53Resolver::FirewallRuleGroupAssociation", "VpcId", any)],
    ),
    own(
        "route53resolver.firewall-rules-per-group",
        "AWS::Route53Resolver::FirewallRuleGroup",
        |it| many(&it.properties["FirewallRules"]).into(),
    ),
    each("route53resolver.firewall-domain-lists-per-region"),
    placed("route53resolver.firewall-domains-per-region", 0, capacity::domains),
    each("guardduty.detectors-per-region"),
    each("access-analyzer.account-analyzers-per-region"),
    only("wafv2.web-acls-per-region", "AWS::WAFv2::WebACL", |it| it["Scope"] == "REGIONAL"),
    own("wafv2.rate-rules-per-web-acl", "AWS::WAFv2::WebACL", |it| {
        let rules = it.properties["Rules"].as_array().into_iter().flatten();
        (rules.filter(|it| !it["Statement"]["RateBasedStatement"].is_null()).count() as u64).into()
    }),
    own("wafv2.wcus-per-web-acl", "AWS::WAFv2::WebACL", capacity::firewall),
    // An interface of API Gateway is named by its ARN, a load balancer by itself.
    within(
        "wafv2.alb-associations-per-web-acl",
        0,
        &[("AWS::WAFv2::WebACLAssociation", "WebACLArn", |it| {
            it["ResourceArn"]["Ref"].is_string()
        })],
    ),
    each("resource-groups.groups-per-account"),
    each("events.event-buses"),
    placed("events.rules-per-bus", 0, placed::bus_rules),
    own("events.event-pattern-size", "AWS::Events::Rule", |it| {
        length(&it.properties["EventPattern"], it.template)
    }),
    own("events.targets-per-rule", "AWS::Events::Rule", |it| {
        many(&it.properties["Targets"]).into()
    }),
    each("ram.resource-shares"),
    placed("ram.principal-associations", 0, placed::principals),
    own("ram.resources-per-share", "AWS::RAM::ResourceShare", |it| {
        many(&it.properties["ResourceArns"]).into()
    }),
    own("ram.principals-per-share", "AWS::RAM::ResourceShare", |it| {
        many(&it.properties["Principals"]).into()
    }),
    measured("tags.tags-per-resource", placed::tags),
    // What asks the lake.
    placed("emr-serverless.concurrent-vcpus", 0, capacity::spark),
    each("redshift-serverless.workgroups"),
    each("redshift-serverless.namespaces"),
    each("athena.workgroups-per-region"),
    each("glue.databases-per-account"),
    within("glue.tables-per-database", 0, &[("AWS::Glue::Table", "DatabaseName", any)]),
    // What brings new versions.
    each("imagebuilder.components-per-region"),
    each("imagebuilder.recipes-per-region"),
    each("imagebuilder.pipelines-per-region"),
    each("imagebuilder.infrastructure-configurations-per-region"),
    each("imagebuilder.distribution-configurations-per-region"),
    own("imagebuilder.components-per-recipe", "AWS::ImageBuilder::ImageRecipe", |it| {
        many(&it.properties["Components"]).into()
    }),
    each("codecommit.repositories-per-region"),
    each("codebuild.projects-per-region"),
    each("codedeploy.applications-per-region"),
    within(
        "codedeploy.groups-per-application",
        0,
        &[("AWS::CodeDeploy::DeploymentGroup", "ApplicationName", any)],
    ),
    own(
        "codedeploy.scaling-groups-per-deployment-group",
        "AWS::CodeDeploy::DeploymentGroup",
        |it| many(&it.properties["AutoScalingGroups"]).into(),
    ),
    each("codepipeline.pipelines-per-region"),
    own("codepipeline.stages-per-pipeline", "AWS::CodePipeline::Pipeline", |it| {
        many(&it.properties["Stages"]).into()
    }),
    // Templates.
    template("cloudformation.resources-per-template", |json, _| section(json, "Resources")),
    template("cloudformation.parameters-per-template", |json, _| section(json, "Parameters")),
    template("cloudformation.outputs-per-template", |json, _| section(json, "Outputs")),
    template("cloudformation.template-s3-bytes", |_, text| text.len() as u64),
    // A stack set carries its template, whatever the size of that which it stands in. Source:
    // <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html>.
    own("cloudformation.template-body-bytes", "AWS::CloudFormation::StackSet", |it| {
        (it.properties["TemplateBody"].as_str().map_or(0, str::len) as u64).into()
    }),
    template("cloudformation.description-bytes", |json, _| {
        json["Description"].as_str().map_or(0, |text| text.len() as u64)
    }),
];
