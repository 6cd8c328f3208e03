//! Every listing that is known: the command, the key of its list, and the quotas that each entry counts for.

use serde_json::Value;

/// What an entry counts for: the quota, and whether it fits.
pub type Counts = (&'static str, fn(&Value) -> bool);

/// A kind of listing: the key of its list, the key of the name of an entry, and what each entry that
/// fits counts for.
pub struct Kind {
    /// The key of its list.
    pub list: &'static str,
    /// The key of the name of an entry; none, where the entry is its name or has tags.
    pub name: &'static str,
    /// The command that prints it.
    pub command: &'static str,
    /// What each entry counts for.
    pub counts: &'static [Counts],
}

fn any(_: &Value) -> bool {
    true
}

const fn kind(
    list: &'static str,
    name: &'static str,
    command: &'static str,
    counts: &'static [Counts],
) -> Kind {
    Kind { list, name, command, counts }
}

/// Every listing that is known. Subnets count for single VPCs only, so those of others take nothing from
/// what tenantry makes. NAT gateways count by zone, which their listing does not show: all are taken to
/// be in each.
pub static KINDS: &[Kind] = &[
    kind("Vpcs", "", "ec2 describe-vpcs", &[("vpc.vpcs-per-region", any)]),
    kind("Subnets", "", "ec2 describe-subnets", &[]),
    kind(
        "NatGateways",
        "",
        "ec2 describe-nat-gateways",
        &[("vpc.nat-gateways-per-az", |it| it["State"] != "failed")],
    ),
    kind(
        "NetworkInterfaces",
        "",
        "ec2 describe-network-interfaces",
        &[("vpc.network-interfaces-per-region", any)],
    ),
    kind(
        "InternetGateways",
        "",
        "ec2 describe-internet-gateways",
        &[("vpc.internet-gateways-per-region", any)],
    ),
    kind("Addresses", "", "ec2 describe-addresses", &[("ec2.elastic-ips-per-region", any)]),
    kind(
        "SecurityGroups",
        "GroupName",
        "ec2 describe-security-groups",
        &[("vpc.security-groups-per-region", any)],
    ),
    kind(
        "VpcEndpoints",
        "",
        "ec2 describe-vpc-endpoints",
        &[("vpc.gateway-endpoints-per-region", |it| it["VpcEndpointType"] == "Gateway")],
    ),
    kind(
        "CustomerGateways",
        "",
        "ec2 describe-customer-gateways",
        &[("ec2.customer-gateways-per-region", any)],
    ),
    kind(
        "VpnGateways",
        "",
        "ec2 describe-vpn-gateways",
        &[("ec2.virtual-private-gateways-per-region", any)],
    ),
    kind(
        "VpnConnections",
        "",
        "ec2 describe-vpn-connections",
        &[("ec2.vpn-connections-per-region", any)],
    ),
    kind(
        "TransitGateways",
        "",
        "ec2 describe-transit-gateways",
        &[("tgw.transit-gateways-per-account", any)],
    ),
    kind(
        "LaunchTemplates",
        "LaunchTemplateName",
        "ec2 describe-launch-templates",
        &[("ec2.launch-templates-per-region", any)],
    ),
    kind(
        "LoadBalancers",
        "LoadBalancerName",
        "elbv2 describe-load-balancers",
        &[
            ("elb.albs-per-region", |it| it["Type"] == "application"),
            ("elb.nlbs-per-region", |it| it["Type"] == "network"),
        ],
    ),
    kind(
        "TargetGroups",
        "TargetGroupName",
        "elbv2 describe-target-groups",
        &[("elb.target-groups-per-region", any)],
    ),
    kind(
        "AutoScalingGroups",
        "AutoScalingGroupName",
        "autoscaling describe-auto-scaling-groups",
        &[("autoscaling.groups-per-region", any)],
    ),
    kind("clusterArns", "", "ecs list-clusters", &[("ecs.clusters-per-account", any)]),
    kind(
        "Namespaces",
        "Name",
        "servicediscovery list-namespaces",
        &[("cloudmap.namespaces-per-region", any)],
    ),
    kind("TableNames", "", "dynamodb list-tables", &[("dynamodb.tables-per-region", any)]),
    kind(
        "DBClusters",
        "DBClusterIdentifier",
        "rds describe-db-clusters",
        &[("rds.db-clusters", any)],
    ),
    kind(
        "DBInstances",
        "DBInstanceIdentifier",
        "rds describe-db-instances",
        &[("rds.db-instances", any)],
    ),
    kind(
        "DBSubnetGroups",
        "DBSubnetGroupName",
        "rds describe-db-subnet-groups",
        &[("rds.db-subnet-groups", any)],
    ),
    kind(
        "SecretList",
        "Name",
        "secretsmanager list-secrets",
        &[("secretsmanager.secrets-per-region", any)],
    ),
    kind("Topics", "TopicArn", "sns list-topics", &[("sns.standard-topics", is_standard)]),
    kind(
        "logGroups",
        "logGroupName",
        "logs describe-log-groups",
        &[("logs.log-groups-per-region", any)],
    ),
    kind(
        "UserPools",
        "Name",
        "cognito-idp list-user-pools",
        &[("cognito.user-pools-per-region", any)],
    ),
    kind(
        "BackupVaultList",
        "BackupVaultName",
        "backup list-backup-vaults",
        &[("backup.vaults-per-region", any)],
    ),
    kind(
        "BackupPlansList",
        "BackupPlanName",
        "backup list-backup-plans",
        &[("backup.plans-per-region", any)],
    ),
    kind(
        "IdentityPools",
        "IdentityPoolName",
        "cognito-identity list-identity-pools",
        &[("cognito.identity-pools-per-account", any)],
    ),
    kind(
        "RestoreTestingPlans",
        "RestoreTestingPlanName",
        "backup list-restore-testing-plans",
        &[("backup.restore-testing-plans", any)],
    ),
    kind(
        "StreamSummaries",
        "StreamName",
        "kinesis list-streams",
        &[("kinesis.on-demand-streams", |it| it["StreamModeDetails"]["StreamMode"] == "ON_DEMAND")],
    ),
    kind(
        "DeliveryStreamNames",
        "",
        "firehose list-delivery-streams",
        &[("firehose.streams-per-region", any)],
    ),
    kind(
        "ConfigRules",
        "ConfigRuleName",
        "configservice describe-config-rules",
        &[("config.rules-per-region", any)],
    ),
    kind(
        "GroupIdentifiers",
        "GroupName",
        "resource-groups list-groups",
        &[("resource-groups.groups-per-account", any)],
    ),
    kind(
        "WebACLs",
        "Name",
        "wafv2 list-web-acls --scope REGIONAL",
        &[("wafv2.web-acls-per-region", any)],
    ),
    kind(
        "FirewallRuleGroups",
        "Name",
        "route53resolver list-firewall-rule-groups",
        &[("route53resolver.firewall-rule-groups-per-region", any)],
    ),
    // AWS lists its own, too.
    kind(
        "FirewallDomainLists",
        "Name",
        "route53resolver list-firewall-domain-lists",
        &[("route53resolver.firewall-domain-lists-per-region", |it| {
            it["ManagedOwnerName"].is_null()
        })],
    ),
    kind(
        "ResolverQueryLogConfigs",
        "Name",
        "route53resolver list-resolver-query-log-configs",
        &[("route53resolver.query-log-configs-per-region", any)],
    ),
    kind(
        "analyzers",
        "name",
        "accessanalyzer list-analyzers",
        &[("access-analyzer.account-analyzers-per-region", |it| it["type"] == "ACCOUNT")],
    ),
    kind(
        "workgroups",
        "workgroupName",
        "redshift-serverless list-workgroups",
        &[("redshift-serverless.workgroups", any)],
    ),
    kind(
        "namespaces",
        "namespaceName",
        "redshift-serverless list-namespaces",
        &[("redshift-serverless.namespaces", any)],
    ),
    kind("WorkGroups", "Name", "athena list-work-groups", &[("athena.workgroups-per-region", any)]),
    kind("DatabaseList", "Name", "glue get-databases", &[("glue.databases-per-account", any)]),
    kind(
        "componentVersionList",
        "name",
        "imagebuilder list-components --owner Self",
        &[("imagebuilder.components-per-region", any)],
    ),
    kind(
        "imageRecipeSummaryList",
        "name",
        "imagebuilder list-image-recipes --owner Self",
        &[("imagebuilder.recipes-per-region", any)],
    ),
    kind(
        "imagePipelineList",
        "name",
        "imagebuilder list-image-pipelines",
        &[("imagebuilder.pipelines-per-region", any)],
    ),
    kind(
        "infrastructureConfigurationSummaryList",
        "name",
        "imagebuilder list-infrastructure-configurations",
        &[("imagebuilder.infrastructure-configurations-per-region", any)],
    ),
    kind(
        "distributionConfigurationSummaryList",
        "name",
        "imagebuilder list-distribution-configurations",
        &[("imagebuilder.distribution-configurations-per-region", any)],
    ),
    kind(
        "repositories",
        "repositoryName",
        "codecommit list-repositories",
        &[("codecommit.repositories-per-region", any)],
    ),
    kind("projects", "", "codebuild list-projects", &[("codebuild.projects-per-region", any)]),
    // Amazon EMR Serverless has applications, too, and tells no more of them than their names.
    kind(
        "applications",
        "",
        "codedeploy list-applications",
        &[("codedeploy.applications-per-region", Value::is_string)],
    ),
    kind(
        "pipelines",
        "name",
        "codepipeline list-pipelines",
        &[("codepipeline.pipelines-per-region", any)],
    ),
    kind("Roles", "RoleName", "iam list-roles", &[("iam.roles-per-account", any)]),
    kind(
        "InstanceProfiles",
        "InstanceProfileName",
        "iam list-instance-profiles",
        &[("iam.instance-profiles-per-account", any)],
    ),
    kind(
        "Stacks",
        "StackName",
        "cloudformation describe-stacks",
        &[("cloudformation.stacks-per-account", any)],
    ),
    kind("Buckets", "Name", "s3api list-buckets", &[("s3.buckets-per-account", any)]),
    kind("Accounts", "Email", "organizations list-accounts", &[("organizations.accounts", any)]),
];

fn is_standard(topic: &Value) -> bool {
    topic["TopicArn"].as_str().is_none_or(|arn| arn.strip_suffix(".fifo").is_none())
}
