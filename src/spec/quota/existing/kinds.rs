//! Every listing that is known: the command, the key of its list, and the quotas that each entry counts for.

use serde_json::Value;

use super::kind::Entry::{Id, Name, Text};
use super::kind::{
    CONTINUED, Counts, DELIVERY, Entry, Kind, LOWER, MARKER, NEXT, NEXT_MARKER, Pages, STREAMS,
    TABLE, WEB_ACLS, WORK_GROUPS,
};

fn any(_: &Value) -> bool {
    true
}

const fn kind(
    list: &'static str,
    entry: Entry,
    pages: Pages,
    command: &'static str,
    counts: &'static [Counts],
) -> Kind {
    Kind { list, entry, pages, command, counts }
}

/// Every listing that is known. Subnets count for single VPCs only, so those of others take nothing from
/// what tenantry makes. NAT gateways count by zone, which their listing does not show: all are taken to
/// be in each.
pub static KINDS: &[Kind] = &[
    kind("Vpcs", Id("VpcId"), NEXT, "ec2 describe-vpcs", &[("vpc.vpcs-per-region", any)]),
    kind("Subnets", Id("SubnetId"), NEXT, "ec2 describe-subnets", &[]),
    kind(
        "NatGateways",
        Id("NatGatewayId"),
        NEXT,
        "ec2 describe-nat-gateways",
        &[("vpc.nat-gateways-per-az", |it| it["State"] != "failed")],
    ),
    kind(
        "NetworkInterfaces",
        Id("NetworkInterfaceId"),
        NEXT,
        "ec2 describe-network-interfaces",
        &[("vpc.network-interfaces-per-region", any)],
    ),
    kind(
        "InternetGateways",
        Id("InternetGatewayId"),
        NEXT,
        "ec2 describe-internet-gateways",
        &[("vpc.internet-gateways-per-region", any)],
    ),
    kind(
        "Addresses",
        Id("PublicIp"),
        Pages::All,
        "ec2 describe-addresses",
        &[("ec2.elastic-ips-per-region", any)],
    ),
    kind(
        "SecurityGroups",
        Name("GroupName"),
        NEXT,
        "ec2 describe-security-groups",
        &[("vpc.security-groups-per-region", any)],
    ),
    kind(
        "VpcEndpoints",
        Id("VpcEndpointId"),
        NEXT,
        "ec2 describe-vpc-endpoints",
        &[("vpc.gateway-endpoints-per-region", |it| it["VpcEndpointType"] == "Gateway")],
    ),
    kind(
        "CustomerGateways",
        Id("CustomerGatewayId"),
        Pages::All,
        "ec2 describe-customer-gateways",
        &[("ec2.customer-gateways-per-region", any)],
    ),
    kind(
        "VpnGateways",
        Id("VpnGatewayId"),
        Pages::All,
        "ec2 describe-vpn-gateways",
        &[("ec2.virtual-private-gateways-per-region", any)],
    ),
    kind(
        "VpnConnections",
        Id("VpnConnectionId"),
        Pages::All,
        "ec2 describe-vpn-connections",
        &[("ec2.vpn-connections-per-region", any)],
    ),
    kind(
        "TransitGateways",
        Id("TransitGatewayId"),
        NEXT,
        "ec2 describe-transit-gateways",
        &[("tgw.transit-gateways-per-account", any)],
    ),
    kind(
        "LaunchTemplates",
        Name("LaunchTemplateName"),
        NEXT,
        "ec2 describe-launch-templates",
        &[("ec2.launch-templates-per-region", any)],
    ),
    kind(
        "LoadBalancers",
        Name("LoadBalancerName"),
        NEXT_MARKER,
        "elbv2 describe-load-balancers",
        &[
            ("elb.albs-per-region", |it| it["Type"] == "application"),
            ("elb.nlbs-per-region", |it| it["Type"] == "network"),
        ],
    ),
    kind(
        "TargetGroups",
        Name("TargetGroupName"),
        NEXT_MARKER,
        "elbv2 describe-target-groups",
        &[("elb.target-groups-per-region", any)],
    ),
    kind(
        "AutoScalingGroups",
        Name("AutoScalingGroupName"),
        NEXT,
        "autoscaling describe-auto-scaling-groups",
        &[("autoscaling.groups-per-region", any)],
    ),
    kind("clusterArns", Text, LOWER, "ecs list-clusters", &[("ecs.clusters-per-account", any)]),
    kind(
        "Namespaces",
        Name("Name"),
        NEXT,
        "servicediscovery list-namespaces",
        &[("cloudmap.namespaces-per-region", any)],
    ),
    kind("TableNames", Text, TABLE, "dynamodb list-tables", &[("dynamodb.tables-per-region", any)]),
    kind(
        "DBClusters",
        Name("DBClusterIdentifier"),
        MARKER,
        "rds describe-db-clusters",
        &[("rds.db-clusters", any)],
    ),
    kind(
        "DBInstances",
        Name("DBInstanceIdentifier"),
        MARKER,
        "rds describe-db-instances",
        &[("rds.db-instances", any)],
    ),
    kind(
        "DBSubnetGroups",
        Name("DBSubnetGroupName"),
        MARKER,
        "rds describe-db-subnet-groups",
        &[("rds.db-subnet-groups", any)],
    ),
    kind(
        "SecretList",
        Name("Name"),
        NEXT,
        "secretsmanager list-secrets",
        &[("secretsmanager.secrets-per-region", any)],
    ),
    kind(
        "Topics",
        Name("TopicArn"),
        NEXT,
        "sns list-topics",
        &[("sns.standard-topics", is_standard)],
    ),
    kind(
        "logGroups",
        Name("logGroupName"),
        LOWER,
        "logs describe-log-groups",
        &[("logs.log-groups-per-region", any)],
    ),
    kind(
        "UserPools",
        Name("Name"),
        NEXT,
        "cognito-idp list-user-pools",
        &[("cognito.user-pools-per-region", any)],
    ),
    kind(
        "BackupVaultList",
        Name("BackupVaultName"),
        NEXT,
        "backup list-backup-vaults",
        &[("backup.vaults-per-region", any)],
    ),
    kind(
        "BackupPlansList",
        Name("BackupPlanName"),
        NEXT,
        "backup list-backup-plans",
        &[("backup.plans-per-region", any)],
    ),
    kind(
        "IdentityPools",
        Name("IdentityPoolName"),
        NEXT,
        "cognito-identity list-identity-pools",
        &[("cognito.identity-pools-per-account", any)],
    ),
    kind(
        "RestoreTestingPlans",
        Name("RestoreTestingPlanName"),
        NEXT,
        "backup list-restore-testing-plans",
        &[("backup.restore-testing-plans", any)],
    ),
    kind(
        "StreamSummaries",
        Name("StreamName"),
        STREAMS,
        "kinesis list-streams",
        &[("kinesis.on-demand-streams", |it| it["StreamModeDetails"]["StreamMode"] == "ON_DEMAND")],
    ),
    kind(
        "DeliveryStreamNames",
        Text,
        DELIVERY,
        "firehose list-delivery-streams",
        &[("firehose.streams-per-region", any)],
    ),
    kind(
        "ConfigRules",
        Name("ConfigRuleName"),
        NEXT,
        "configservice describe-config-rules",
        &[("config.rules-per-region", any)],
    ),
    kind(
        "GroupIdentifiers",
        Name("GroupName"),
        NEXT,
        "resource-groups list-groups",
        &[("resource-groups.groups-per-account", any)],
    ),
    kind(
        "WebACLs",
        Name("Name"),
        WEB_ACLS,
        "wafv2 list-web-acls --scope REGIONAL --limit 100",
        &[("wafv2.web-acls-per-region", any)],
    ),
    kind(
        "FirewallRuleGroups",
        Name("Name"),
        NEXT,
        "route53resolver list-firewall-rule-groups",
        &[("route53resolver.firewall-rule-groups-per-region", any)],
    ),
    // AWS lists its own, too.
    kind(
        "FirewallDomainLists",
        Name("Name"),
        NEXT,
        "route53resolver list-firewall-domain-lists",
        &[("route53resolver.firewall-domain-lists-per-region", |it| {
            it["ManagedOwnerName"].is_null()
        })],
    ),
    kind(
        "ResolverQueryLogConfigs",
        Name("Name"),
        NEXT,
        "route53resolver list-resolver-query-log-configs",
        &[("route53resolver.query-log-configs-per-region", any)],
    ),
    kind(
        "analyzers",
        Name("name"),
        LOWER,
        "accessanalyzer list-analyzers",
        &[("access-analyzer.account-analyzers-per-region", |it| it["type"] == "ACCOUNT")],
    ),
    kind(
        "workgroups",
        Name("workgroupName"),
        LOWER,
        "redshift-serverless list-workgroups",
        &[("redshift-serverless.workgroups", any)],
    ),
    kind(
        "namespaces",
        Name("namespaceName"),
        LOWER,
        "redshift-serverless list-namespaces",
        &[("redshift-serverless.namespaces", any)],
    ),
    kind(
        "WorkGroups",
        Name("Name"),
        WORK_GROUPS,
        "athena list-work-groups",
        &[("athena.workgroups-per-region", any)],
    ),
    kind(
        "DatabaseList",
        Name("Name"),
        NEXT,
        "glue get-databases",
        &[("glue.databases-per-account", any)],
    ),
    kind(
        "componentVersionList",
        Name("name"),
        LOWER,
        "imagebuilder list-components --owner Self",
        &[("imagebuilder.components-per-region", any)],
    ),
    kind(
        "imageRecipeSummaryList",
        Name("name"),
        LOWER,
        "imagebuilder list-image-recipes --owner Self",
        &[("imagebuilder.recipes-per-region", any)],
    ),
    kind(
        "imagePipelineList",
        Name("name"),
        LOWER,
        "imagebuilder list-image-pipelines",
        &[("imagebuilder.pipelines-per-region", any)],
    ),
    kind(
        "infrastructureConfigurationSummaryList",
        Name("name"),
        LOWER,
        "imagebuilder list-infrastructure-configurations",
        &[("imagebuilder.infrastructure-configurations-per-region", any)],
    ),
    kind(
        "distributionConfigurationSummaryList",
        Name("name"),
        LOWER,
        "imagebuilder list-distribution-configurations",
        &[("imagebuilder.distribution-configurations-per-region", any)],
    ),
    kind(
        "repositories",
        Name("repositoryName"),
        LOWER,
        "codecommit list-repositories",
        &[("codecommit.repositories-per-region", any)],
    ),
    kind(
        "projects",
        Text,
        LOWER,
        "codebuild list-projects",
        &[("codebuild.projects-per-region", any)],
    ),
    // Amazon EMR Serverless has applications, too, and tells no more of them than their names.
    kind(
        "applications",
        Text,
        LOWER,
        "codedeploy list-applications",
        &[("codedeploy.applications-per-region", Value::is_string)],
    ),
    kind(
        "pipelines",
        Name("name"),
        LOWER,
        "codepipeline list-pipelines",
        &[("codepipeline.pipelines-per-region", any)],
    ),
    kind("Roles", Name("RoleName"), MARKER, "iam list-roles", &[("iam.roles-per-account", any)]),
    kind(
        "InstanceProfiles",
        Name("InstanceProfileName"),
        MARKER,
        "iam list-instance-profiles",
        &[("iam.instance-profiles-per-account", any)],
    ),
    kind(
        "Stacks",
        Name("StackName"),
        NEXT,
        "cloudformation describe-stacks",
        &[("cloudformation.stacks-per-account", any)],
    ),
    kind(
        "Buckets",
        Name("Name"),
        CONTINUED,
        "s3api list-buckets",
        &[("s3.buckets-per-account", any)],
    ),
    kind(
        "Accounts",
        Id("Id"),
        NEXT,
        "organizations list-accounts",
        &[("organizations.accounts", any)],
    ),
];

fn is_standard(topic: &Value) -> bool {
    topic["TopicArn"].as_str().is_none_or(|arn| arn.strip_suffix(".fifo").is_none())
}
