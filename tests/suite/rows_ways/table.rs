//! Every row that is counted, and how it is counted a second time.

use serde_json::Value;

use super::{
    Row, Way, acl_entry, address_usage, any, balancer_rules, by, condition_values, each, grouped,
    inline_policies, list, longest, most, nat_gateways, policies, rate_rules, rule, section,
    widgets,
};

const ENDPOINT: &[&str] = &["AWS::EC2::VPCEndpoint"];
const BALANCER: &[&str] = &["AWS::ElasticLoadBalancingV2::LoadBalancer"];
const POLICY: &[&str] = &["AWS::Organizations::Policy"];

/// Every row.
pub static WAYS: &[Row] = &[
    each("vpc.vpcs-per-region", &["AWS::EC2::VPC"]),
    each("vpc.internet-gateways-per-region", &["AWS::EC2::InternetGateway"]),
    each("ec2.elastic-ips-per-region", &["AWS::EC2::EIP"]),
    each("ec2.customer-gateways-per-region", &["AWS::EC2::CustomerGateway"]),
    each("ec2.virtual-private-gateways-per-region", &["AWS::EC2::VPNGateway"]),
    each("ec2.vpn-connections-per-region", &["AWS::EC2::VPNConnection"]),
    each("tgw.transit-gateways-per-account", &["AWS::EC2::TransitGateway"]),
    (
        "vpc.gateway-endpoints-per-region",
        0,
        Way::Each(ENDPOINT, |it| it["VpcEndpointType"] == "Gateway"),
        "of type `Gateway`",
    ),
    by("vpc.subnets-per-vpc", &[("AWS::EC2::Subnet", "VpcId")]),
    (
        "vpc.route-tables-per-vpc",
        1,
        Way::By(&[("AWS::EC2::RouteTable", "VpcId")], any),
        "and the main one",
    ),
    (
        "vpc.network-acls-per-vpc",
        1,
        Way::By(&[("AWS::EC2::NetworkAcl", "VpcId")], any),
        "and the default one",
    ),
    (
        "vpc.internet-gateways-per-vpc",
        0,
        Way::By(&[("AWS::EC2::VPCGatewayAttachment", "VpcId")], |it| {
            it.get("InternetGatewayId").is_some()
        }),
        "of internet gateways",
    ),
    (
        "vpc.interface-endpoints-per-vpc",
        0,
        Way::By(&[("AWS::EC2::VPCEndpoint", "VpcId")], |it| it["VpcEndpointType"] == "Interface"),
        "of type `Interface`",
    ),
    (
        "vpc.routes-per-route-table",
        1,
        Way::By(&[("AWS::EC2::Route", "RouteTableId")], any),
        "and the local route",
    ),
    (
        "vpc.rules-per-network-acl",
        1,
        Way::Most(|all| grouped(all, acl_entry)),
        "`EC2::NetworkAclEntry` of one direction, and the rule that denies the rest",
    ),
    by(
        "vpc.active-peerings-per-vpc",
        &[
            ("AWS::EC2::VPCPeeringConnection", "VpcId"),
            ("AWS::EC2::VPCPeeringConnection", "PeerVpcId"),
        ],
    ),
    by(
        "tgw.attachments-per-transit-gateway",
        &[
            ("AWS::EC2::TransitGatewayAttachment", "TransitGatewayId"),
            ("AWS::EC2::VPNConnection", "TransitGatewayId"),
        ],
    ),
    by(
        "tgw.route-tables-per-transit-gateway",
        &[("AWS::EC2::TransitGatewayRouteTable", "TransitGatewayId")],
    ),
    by("tgw.transit-gateways-per-vpc", &[("AWS::EC2::TransitGatewayAttachment", "VpcId")]),
    by("ec2.vpn-connections-per-vgw", &[("AWS::EC2::VPNConnection", "VpnGatewayId")]),
    most("vpc.nat-gateways-per-az", nat_gateways, "`EC2::NatGateway` by the zone of its subnet"),
    most(
        "vpc.network-address-usage",
        address_usage,
        "one for each address, six for a NAT gateway, an attachment, a function, and in each zone an \
         endpoint or a network load balancer; what scales at its most",
    ),
    most(
        "vpc.endpoint-policy-characters",
        |all| longest(all, "AWS::EC2::VPCEndpoint", |it| &it["PolicyDocument"]),
        "the policy without white space",
    ),
    most(
        "vpc.rules-per-security-group",
        |all| grouped(all, rule),
        "rules of one direction, inside and beside the group; each names one block of IPv4 or a group",
    ),
    (
        "vpc.security-groups-per-region",
        0,
        Way::Each(&["AWS::EC2::SecurityGroup", "AWS::EC2::VPC"], any),
        "each VPC has a default one",
    ),
    by("vpc.flow-log-subscriptions-per-resource", &[("AWS::EC2::FlowLog", "ResourceId")]),
    (
        "elb.albs-per-region",
        0,
        Way::Each(BALANCER, |it| it["Type"] == "application"),
        "of type `application`",
    ),
    (
        "elb.nlbs-per-region",
        0,
        Way::Each(BALANCER, |it| it["Type"] == "network"),
        "of type `network`",
    ),
    each("elb.target-groups-per-region", &["AWS::ElasticLoadBalancingV2::TargetGroup"]),
    by("elb.listeners-per-alb", &[("AWS::ElasticLoadBalancingV2::Listener", "LoadBalancerArn")]),
    most(
        "elb.rules-per-alb",
        balancer_rules,
        "the rules of all its listeners, without the default",
    ),
    most("elb.condition-values-per-rule", condition_values, "the values of all conditions"),
    each("ecs.clusters-per-account", &["AWS::ECS::Cluster"]),
    by("ecs.services-per-cluster", &[("AWS::ECS::Service", "Cluster")]),
    most(
        "ecs.containers-per-task-definition",
        |all| list(all, "AWS::ECS::TaskDefinition", |it| &it["ContainerDefinitions"]),
        "containers",
    ),
    most(
        "ecs.task-definition-size",
        |all| longest(all, "AWS::ECS::TaskDefinition", |it| it),
        "the definition without white space",
    ),
    most(
        "ecs.security-groups-per-awsvpc",
        |all| {
            list(all, "AWS::ECS::Service", |it| {
                &it["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]
            })
        },
        "groups of a service",
    ),
    most(
        "ecs.subnets-per-awsvpc",
        |all| {
            list(all, "AWS::ECS::Service", |it| {
                &it["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"]
            })
        },
        "subnets of a service",
    ),
    most(
        "ecs.target-groups-per-service",
        |all| list(all, "AWS::ECS::Service", |it| &it["LoadBalancers"]),
        "target groups of a service",
    ),
    most(
        "ecs.capacity-providers-per-cluster",
        |all| {
            list(
                all,
                "AWS::ECS::ClusterCapacityProviderAssociations",
                |it| &it["CapacityProviders"],
            )
        },
        "providers of a cluster",
    ),
    (
        "application-autoscaling.ecs-scalable-targets",
        0,
        Way::Each(&["AWS::ApplicationAutoScaling::ScalableTarget"], |it| {
            it["ServiceNamespace"] == "ecs"
        }),
        "of ECS",
    ),
    each("cloudmap.namespaces-per-region", &["AWS::ServiceDiscovery::HttpNamespace"]),
    each("ec2.launch-templates-per-region", &["AWS::EC2::LaunchTemplate"]),
    each("autoscaling.groups-per-region", &["AWS::AutoScaling::AutoScalingGroup"]),
    most(
        "autoscaling.target-groups-per-group",
        |all| list(all, "AWS::AutoScaling::AutoScalingGroup", |it| &it["TargetGroupARNs"]),
        "target groups of a group",
    ),
    by(
        "autoscaling.scaling-policies-per-group",
        &[("AWS::AutoScaling::ScalingPolicy", "AutoScalingGroupName")],
    ),
    each("apigateway.regional-apis-per-region", &["AWS::ApiGateway::RestApi"]),
    each("apigateway.api-keys-per-region", &["AWS::ApiGateway::ApiKey"]),
    each("apigateway.usage-plans-per-region", &["AWS::ApiGateway::UsagePlan"]),
    each("apigateway.vpc-links-per-region", &["AWS::ApiGateway::VpcLink"]),
    by("apigateway.resources-per-api", &[("AWS::ApiGateway::Resource", "RestApiId")]),
    by("apigateway.stages-per-api", &[("AWS::ApiGateway::Stage", "RestApiId")]),
    by("apigateway.usage-plans-per-api-key", &[("AWS::ApiGateway::UsagePlanKey", "KeyId")]),
    most(
        "apigateway.resource-policy-length",
        |all| longest(all, "AWS::ApiGateway::RestApi", |it| &it["Policy"]),
        "the policy without white space",
    ),
    most(
        "lambda.environment-bytes",
        |all| longest(all, "AWS::Lambda::Function", |it| &it["Environment"]["Variables"]),
        "the variables as JSON",
    ),
    each("dynamodb.tables-per-region", &["AWS::DynamoDB::Table"]),
    each("rds.db-clusters", &["AWS::RDS::DBCluster"]),
    each("rds.db-instances", &["AWS::RDS::DBInstance"]),
    each("rds.db-subnet-groups", &["AWS::RDS::DBSubnetGroup"]),
    each("rds.cluster-parameter-groups", &["AWS::RDS::DBClusterParameterGroup"]),
    most(
        "rds.subnets-per-db-subnet-group",
        |all| list(all, "AWS::RDS::DBSubnetGroup", |it| &it["SubnetIds"]),
        "subnets of a group",
    ),
    each("s3.buckets-per-account", &["AWS::S3::Bucket"]),
    each("secretsmanager.secrets-per-region", &["AWS::SecretsManager::Secret"]),
    each("ssm.standard-parameters", &["AWS::SSM::Parameter"]),
    each("kms.keys-per-region", &["AWS::KMS::Key"]),
    by("kms.aliases-per-key", &[("AWS::KMS::Alias", "TargetKeyId")]),
    most(
        "kms.key-policy-size",
        |all| longest(all, "AWS::KMS::Key", |it| &it["KeyPolicy"]),
        "the policy without white space",
    ),
    each("kinesis.on-demand-streams", &["AWS::Kinesis::Stream"]),
    each("firehose.streams-per-region", &["AWS::KinesisFirehose::DeliveryStream"]),
    each("iam.roles-per-account", &["AWS::IAM::Role"]),
    most(
        "iam.role-trust-policy-length",
        |all| longest(all, "AWS::IAM::Role", |it| &it["AssumeRolePolicyDocument"]),
        "the policy without white space",
    ),
    most(
        "iam.role-inline-policy-total-length",
        inline_policies,
        "all inline policies of a role, inside and beside it, without white space",
    ),
    most(
        "iam.managed-policies-per-role",
        |all| list(all, "AWS::IAM::Role", |it| &it["ManagedPolicyArns"]),
        "policies of a role",
    ),
    most(
        "iam.tags-per-role",
        |all| list(all, "AWS::IAM::Role", |it| &it["Tags"]),
        "tags of a role",
    ),
    each("cognito.user-pools-per-region", &["AWS::Cognito::UserPool"]),
    each("cognito.identity-pools-per-account", &["AWS::Cognito::IdentityPool"]),
    by("cognito.app-clients-per-user-pool", &[("AWS::Cognito::UserPoolClient", "UserPoolId")]),
    by("cognito.groups-per-user-pool", &[("AWS::Cognito::UserPoolGroup", "UserPoolId")]),
    by(
        "cognito.identity-providers-per-user-pool",
        &[("AWS::Cognito::UserPoolIdentityProvider", "UserPoolId")],
    ),
    (
        "organizations.accounts",
        1,
        Way::Each(&["AWS::Organizations::Account"], any),
        "and the management account",
    ),
    each("organizations.organizational-units", &["AWS::Organizations::OrganizationalUnit"]),
    (
        "organizations.scps-per-organization",
        1,
        Way::Each(POLICY, |it| it["Type"] == "SERVICE_CONTROL_POLICY"),
        "of that type, and AWS's own",
    ),
    most(
        "organizations.scp-size",
        |all| policies(all, "SERVICE_CONTROL_POLICY"),
        "the policy without white space",
    ),
    most(
        "organizations.tag-policy-size",
        |all| policies(all, "TAG_POLICY"),
        "the policy without white space",
    ),
    (
        "organizations.tag-policies-per-organization",
        0,
        Way::Each(POLICY, |it| it["Type"] == "TAG_POLICY"),
        "of that type",
    ),
    each("budgets.budgets-per-management-account", &["AWS::Budgets::Budget"]),
    each("ce.cost-categories", &["AWS::CE::CostCategory"]),
    each("cloudformation.stack-sets-per-admin-account", &["AWS::CloudFormation::StackSet"]),
    each("logs.log-groups-per-region", &["AWS::Logs::LogGroup"]),
    by("logs.metric-filters-per-log-group", &[("AWS::Logs::MetricFilter", "LogGroupName")]),
    by(
        "logs.subscription-filters-per-log-group",
        &[("AWS::Logs::SubscriptionFilter", "LogGroupName")],
    ),
    most(
        "cloudwatch.actions-per-alarm",
        |all| list(all, "AWS::CloudWatch::Alarm", |it| &it["AlarmActions"]),
        "actions of an alarm",
    ),
    most("cloudwatch.widgets-per-dashboard", widgets, "widgets of a dashboard"),
    each("sns.standard-topics", &["AWS::SNS::Topic"]),
    by("sns.subscriptions-per-standard-topic", &[("AWS::SNS::Subscription", "TopicArn")]),
    each("backup.vaults-per-region", &["AWS::Backup::BackupVault"]),
    each("backup.plans-per-region", &["AWS::Backup::BackupPlan"]),
    by("backup.selections-per-plan", &[("AWS::Backup::BackupSelection", "BackupPlanId")]),
    most(
        "backup.rules-per-plan",
        |all| list(all, "AWS::Backup::BackupPlan", |it| &it["BackupPlan"]["BackupPlanRule"]),
        "rules of a plan",
    ),
    each("config.rules-per-region", &["AWS::Config::ConfigRule"]),
    each("config.recorders-per-region", &["AWS::Config::ConfigurationRecorder"]),
    each("cloudtrail.trails-per-region", &["AWS::CloudTrail::Trail"]),
    (
        "wafv2.web-acls-per-region",
        0,
        Way::Each(&["AWS::WAFv2::WebACL"], |it| it["Scope"] == "REGIONAL"),
        "of scope `REGIONAL`",
    ),
    most("wafv2.rate-rules-per-web-acl", rate_rules, "rules that bound a rate"),
    each("resource-groups.groups-per-account", &["AWS::ResourceGroups::Group"]),
    each("events.event-buses", &["AWS::Events::EventBus"]),
    most(
        "events.targets-per-rule",
        |all| list(all, "AWS::Events::Rule", |it| &it["Targets"]),
        "targets of a rule",
    ),
    each("ram.resource-shares", &["AWS::RAM::ResourceShare"]),
    most(
        "ram.resources-per-share",
        |all| list(all, "AWS::RAM::ResourceShare", |it| &it["ResourceArns"]),
        "resources of a share",
    ),
    most(
        "ram.principals-per-share",
        |all| list(all, "AWS::RAM::ResourceShare", |it| &it["Principals"]),
        "principals of a share",
    ),
    most(
        "cloudformation.resources-per-template",
        |all| section(all, "Resources"),
        "resources of a template",
    ),
    most(
        "cloudformation.parameters-per-template",
        |all| section(all, "Parameters"),
        "parameters of a template",
    ),
    most(
        "cloudformation.outputs-per-template",
        |all| section(all, "Outputs"),
        "outputs of a template",
    ),
    most(
        "cloudformation.template-s3-bytes",
        |all| all.templates.iter().map(|(_, text)| text.len() as u64).max().unwrap_or(0),
        "the bytes of a template",
    ),
    most(
        "cloudformation.description-bytes",
        |all| {
            let text =
                |(json, _): &(Value, String)| json["Description"].as_str().map_or(0, str::len);
            all.templates.iter().map(text).max().unwrap_or(0) as u64
        },
        "the bytes of a description",
    ),
];
