//! How each quota is counted. To count another, add its row; `tests/suite/rows.rs` counts every row a
//! second time, and holds it at its limit and one below.

use serde_json::Value;

use super::holding::{Amount, It, length};

/// How one quota is counted.
pub struct Row {
    /// The id of the quota.
    pub id: &'static str,
    /// How.
    pub count: Count,
    /// How many there are already, made by AWS itself.
    pub there: u64,
}

/// Whether a resource counts, by its properties.
type Fits = fn(&Value) -> bool;

/// A part of a sum: a type, the property that names whose it is, and a measure.
pub type Part = (&'static str, Option<&'static str>, fn(&It<'_>) -> Amount);

/// A way of counting.
pub enum Count {
    /// Each resource of the quota's types, in what the quota's scope says.
    Each,
    /// Each of one type that fits.
    If(&'static str, Fits),
    /// Each resource of a type that fits, by what a property of it names.
    Within(&'static [(&'static str, &'static str, Fits)]),
    /// A measure of each resource of a type by itself.
    Own(&'static str, fn(&It<'_>) -> Amount),
    /// Measures that are added up: of each resource of a type, for what a property of it names, or for
    /// itself.
    Added(&'static [Part]),
    /// A measure of a template: as JSON and as text.
    Template(fn(&Value, &str) -> u64),
    /// Each resource of a type, by the zone of the subnet that a property of it names.
    Zonal(&'static str, &'static str),
    /// Units of Network Address Usage, by VPC.
    Addresses,
}

const fn each(id: &'static str) -> Row {
    Row { id, count: Count::Each, there: 0 }
}

const fn only(id: &'static str, kind: &'static str, fits: Fits) -> Row {
    Row { id, count: Count::If(kind, fits), there: 0 }
}

const fn within(
    id: &'static str,
    there: u64,
    pairs: &'static [(&'static str, &'static str, Fits)],
) -> Row {
    Row { id, count: Count::Within(pairs), there }
}

const fn own(id: &'static str, kind: &'static str, measure: fn(&It<'_>) -> Amount) -> Row {
    Row { id, count: Count::Own(kind, measure), there: 0 }
}

const fn template(id: &'static str, measure: fn(&Value, &str) -> u64) -> Row {
    Row { id, count: Count::Template(measure), there: 0 }
}

/// How long a policy of a kind is.
fn policy(it: &It<'_>, kind: &str) -> Amount {
    if it.properties["Type"] == kind {
        length(&it.properties["Content"], it.template)
    } else {
        0.into()
    }
}

fn any(_: &Value) -> bool {
    true
}

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
    Row {
        id: "vpc.nat-gateways-per-az",
        count: Count::Zonal("AWS::EC2::NatGateway", "SubnetId"),
        there: 0,
    },
    Row { id: "vpc.network-address-usage", count: Count::Addresses, there: 0 },
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
        "vpc.interface-endpoints-per-vpc",
        0,
        &[(ENDPOINT, "VpcId", |it| it["VpcEndpointType"] == "Interface")],
    ),
    // The local route is one more.
    within("vpc.routes-per-route-table", 1, &[("AWS::EC2::Route", "RouteTableId", any)]),
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
    within(
        "elb.listeners-per-alb",
        0,
        &[("AWS::ElasticLoadBalancingV2::Listener", "LoadBalancerArn", any)],
    ),
    within(
        "elb.rules-per-alb",
        0,
        &[("AWS::ElasticLoadBalancingV2::ListenerRule", "ListenerArn", any)],
    ),
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
    each("cloudmap.namespaces-per-region"),
    each("ec2.launch-templates-per-region"),
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
    each("secretsmanager.secrets-per-region"),
    each("ssm.standard-parameters"),
    each("kms.keys-per-region"),
    within("kms.aliases-per-key", 0, &[("AWS::KMS::Alias", "TargetKeyId", any)]),
    own("kms.key-policy-size", "AWS::KMS::Key", |it| {
        length(&it.properties["KeyPolicy"], it.template)
    }),
    each("kinesis.on-demand-streams"),
    each("firehose.streams-per-region"),
    // People and rights.
    each("iam.roles-per-account"),
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
    // The management account is one of them.
    Row { id: "organizations.accounts", count: Count::Each, there: 1 },
    each("organizations.organizational-units"),
    // AWS's own policy that allows everything is there.
    Row {
        id: "organizations.scps-per-organization",
        count: Count::If(POLICY, |it| it["Type"] == "SERVICE_CONTROL_POLICY"),
        there: 1,
    },
    own("organizations.scp-size", POLICY, |it| policy(it, "SERVICE_CONTROL_POLICY")),
    own("organizations.tag-policy-size", POLICY, |it| policy(it, "TAG_POLICY")),
    only("organizations.tag-policies-per-organization", POLICY, |it| it["Type"] == "TAG_POLICY"),
    each("budgets.budgets-per-management-account"),
    each("ce.cost-categories"),
    each("cloudformation.stack-sets-per-admin-account"),
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
    each("config.rules-per-region"),
    each("config.recorders-per-region"),
    each("cloudtrail.trails-per-region"),
    only("wafv2.web-acls-per-region", "AWS::WAFv2::WebACL", |it| it["Scope"] == "REGIONAL"),
    own("wafv2.rate-rules-per-web-acl", "AWS::WAFv2::WebACL", |it| {
        let rules = it.properties["Rules"].as_array().into_iter().flatten();
        (rules.filter(|it| !it["Statement"]["RateBasedStatement"].is_null()).count() as u64).into()
    }),
    each("resource-groups.groups-per-account"),
    each("events.event-buses"),
    own("events.targets-per-rule", "AWS::Events::Rule", |it| {
        many(&it.properties["Targets"]).into()
    }),
    each("ram.resource-shares"),
    own("ram.resources-per-share", "AWS::RAM::ResourceShare", |it| {
        many(&it.properties["ResourceArns"]).into()
    }),
    own("ram.principals-per-share", "AWS::RAM::ResourceShare", |it| {
        many(&it.properties["Principals"]).into()
    }),
    // Templates.
    template("cloudformation.resources-per-template", |json, _| section(json, "Resources")),
    template("cloudformation.parameters-per-template", |json, _| section(json, "Parameters")),
    template("cloudformation.outputs-per-template", |json, _| section(json, "Outputs")),
    template("cloudformation.template-s3-bytes", |_, text| text.len() as u64),
    template("cloudformation.description-bytes", |json, _| {
        json["Description"].as_str().map_or(0, |text| text.len() as u64)
    }),
];

/// The widgets in the JSON text of a dashboard: each has its properties.
fn widgets(body: &Value) -> u64 {
    let text = body.to_string();
    text.matches(r#"\"properties\":"#).count() as u64
}

fn many(list: &Value) -> u64 {
    list.as_array().map_or(0, |items| items.len() as u64)
}

fn section(json: &Value, name: &str) -> u64 {
    json[name].as_object().map_or(0, |entries| entries.len() as u64)
}

/// The inline policies that stand inside of a role.
fn inline_policies(it: &It<'_>) -> Amount {
    let inside = it.properties["Policies"].as_array().into_iter().flatten();
    let mut amount = Amount::default();
    for policy in inside {
        let one = length(&policy["PolicyDocument"], it.template);
        amount.base += one.base;
        amount.params.extend(one.params);
    }
    amount
}

/// The rules of a group, in the direction and family that has more of them. Every rule that tenantry
/// writes names one block of IPv4 or one group, and counts once.
fn group_rules(it: &It<'_>) -> Amount {
    let resources = it.json["Resources"].as_object();
    let of = |kind: &str, inline: &str| {
        let beside = resources.into_iter().flatten().filter(|(_, resource)| {
            let group = &resource["Properties"]["GroupId"];
            let named = group["Ref"].as_str().or_else(|| group["Fn::GetAtt"][0].as_str());
            resource["Type"] == kind && named == Some(it.id)
        });
        beside.count() as u64 + many(&it.properties[inline])
    };
    let inward = of("AWS::EC2::SecurityGroupIngress", "SecurityGroupIngress");
    inward.max(of("AWS::EC2::SecurityGroupEgress", "SecurityGroupEgress")).into()
}

/// The rules of a network ACL, in the direction that has more of them.
fn acl_rules(it: &It<'_>) -> Amount {
    let rules = it.json["Resources"].as_object().into_iter().flatten().filter(|(_, resource)| {
        resource["Type"] == "AWS::EC2::NetworkAclEntry"
            && resource["Properties"]["NetworkAclId"]["Ref"] == it.id
    });
    let out = |(_, resource): &(&String, &Value)| resource["Properties"]["Egress"] == true;
    let (outward, inward): (Vec<_>, Vec<_>) = rules.partition(out);
    (outward.len().max(inward.len()) as u64).into()
}
