//! Every row that is counted, and how it is counted a second time.

use serde_json::Value;

use super::{
    Row, Way, balancer_rules, by, condition_values, each, inline_policies, list, longest, most,
    odd, policies, rate_rules, section, widgets,
};

const BALANCER: &[&str] = &["AWS::ElasticLoadBalancingV2::LoadBalancer"];
const POLICY: &[&str] = &["AWS::Organizations::Policy"];

/// Every row, in the order of the page.
pub fn all() -> impl Iterator<Item = &'static Row> {
    super::networks::WAYS
        .iter()
        .chain(WAYS)
        .chain(super::instances::WAYS)
        .chain(super::services::WAYS)
}

/// All but those of networks, and of what has units of its own.
static WAYS: &[Row] = &[
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
    most(
        "elb.listeners-per-alb",
        odd::application_listeners,
        "`ElasticLoadBalancingV2::Listener` by `LoadBalancerArn`; of type `application`",
    ),
    most(
        "elb.listeners-per-nlb",
        odd::network_listeners,
        "`ElasticLoadBalancingV2::Listener` by `LoadBalancerArn`; of type `network`",
    ),
    most(
        "elb.target-groups-per-alb",
        odd::target_groups,
        "the groups that its listeners and their rules name, each once",
    ),
    most(
        "elb.targets-per-alb",
        odd::targets,
        "what stands in those groups at its most; tasks twice, as they are replaced",
    ),
    most("elb.targets-per-target-group", odd::targets_of_groups, "the same in one group"),
    most("elb.condition-wildcards-per-rule", odd::wildcards, "`*` and `?` in the conditions"),
    most(
        "elb.rules-per-alb",
        balancer_rules,
        "the rules of all its listeners, without the default",
    ),
    most("elb.condition-values-per-rule", condition_values, "the values of all conditions"),
    each("ecs.clusters-per-account", &["AWS::ECS::Cluster"]),
    by("ecs.services-per-cluster", &[("AWS::ECS::Service", "Cluster")]),
    most(
        "ecs.services-per-namespace",
        odd::namespaces,
        "`ECS::Service` by its namespace; that can be called by name",
    ),
    most("ecs.tasks-per-service", odd::tasks, "tasks of a service at its most"),
    most(
        "ecs.container-instances-per-cluster",
        odd::hosts,
        "instances of all groups that give a cluster its capacity",
    ),
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
    (
        "lambda.concurrent-executions",
        100,
        Way::Most(odd::reserved),
        "what functions reserve, and a hundred that stay for the others",
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
    most(
        "s3.bucket-policy-size",
        |all| longest(all, "AWS::S3::BucketPolicy", |it| &it["PolicyDocument"]),
        "the policy without white space",
    ),
    (
        "secretsmanager.secrets-per-region",
        0,
        Way::Each(&["AWS::SecretsManager::Secret", "AWS::RDS::DBCluster"], |it| {
            it["Engine"].is_null() || it["ManageMasterUserPassword"] == true
        }),
        "a cluster has one, if RDS manages its password",
    ),
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
    each("sqs.queues-per-region", &["AWS::SQS::Queue"]),
    each("iam.roles-per-account", &["AWS::IAM::Role"]),
    each("iam.instance-profiles-per-account", &["AWS::IAM::InstanceProfile"]),
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
    (
        "cognito.custom-domains-per-region",
        0,
        Way::Each(&["AWS::Cognito::UserPoolDomain"], |it| it.get("CustomDomainConfig").is_some()),
        "with a certificate, and so a domain of one's own",
    ),
    each("cognito.identity-pools-per-account", &["AWS::Cognito::IdentityPool"]),
    by("cognito.app-clients-per-user-pool", &[("AWS::Cognito::UserPoolClient", "UserPoolId")]),
    by("cognito.groups-per-user-pool", &[("AWS::Cognito::UserPoolGroup", "UserPoolId")]),
    by(
        "cognito.identity-providers-per-user-pool",
        &[("AWS::Cognito::UserPoolIdentityProvider", "UserPoolId")],
    ),
    most(
        "organizations.accounts",
        odd::members,
        "each `Organizations::Account`, and the accounts that the blueprint names: each of them is a member",
    ),
    each("organizations.organizational-units", &["AWS::Organizations::OrganizationalUnit"]),
    (
        "organizations.scps-per-organization",
        1,
        Way::Each(POLICY, |it| it["Type"] == "SERVICE_CONTROL_POLICY"),
        "of that type, and AWS's own",
    ),
    (
        "organizations.scps-attached-per-target",
        1,
        Way::Most(odd::control_policies),
        "policies of that type by target, and AWS's own",
    ),
    most(
        "organizations.tag-policies-attached-per-target",
        odd::tag_policies,
        "policies of that type by target",
    ),
    most(
        "organizations.tags-per-entity",
        odd::organization_tags,
        "tags of an account, unit or policy",
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
    most(
        "cloudformation.stack-instances-per-stack-set",
        odd::instances,
        "one in each account of its units and each of its regions",
    ),
    most(
        "cloudformation.stacks-per-account",
        odd::stacks,
        "each stack, and each that a stack set makes there",
    ),
    each("logs.log-groups-per-region", &["AWS::Logs::LogGroup"]),
    by("logs.metric-filters-per-log-group", &[("AWS::Logs::MetricFilter", "LogGroupName")]),
    by(
        "logs.subscription-filters-per-log-group",
        &[("AWS::Logs::SubscriptionFilter", "LogGroupName")],
    ),
    each("cloudwatch.alarms", &["AWS::CloudWatch::Alarm"]),
    each("cloudwatch.dashboards", &["AWS::CloudWatch::Dashboard"]),
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
    most(
        "cloudtrail.advanced-selector-values",
        odd::selector_values,
        "the values of all selectors of a trail",
    ),
    each(
        "route53resolver.query-log-vpc-associations",
        &["AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation"],
    ),
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
        "events.rules-per-bus",
        odd::bus_rules,
        "`Events::Rule` by `EventBusName`; the default bus is the account's in the region",
    ),
    most(
        "events.event-pattern-size",
        |all| longest(all, "AWS::Events::Rule", |it| &it["EventPattern"]),
        "the pattern without white space",
    ),
    most(
        "events.targets-per-rule",
        |all| list(all, "AWS::Events::Rule", |it| &it["Targets"]),
        "targets of a rule",
    ),
    each("ram.resource-shares", &["AWS::RAM::ResourceShare"]),
    most("ram.principal-associations", odd::principals, "principals of all shares"),
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
    most("tags.tags-per-resource", odd::tags, "tags of a resource"),
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
        "cloudformation.template-body-bytes",
        |all| {
            let sets = all.resources.iter().filter(|it| it.kind == "AWS::CloudFormation::StackSet");
            let carried = sets.map(|it| it.properties["TemplateBody"].as_str().map_or(0, str::len));
            carried.max().unwrap_or(0) as u64
        },
        "the bytes of the template that a stack set carries",
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
