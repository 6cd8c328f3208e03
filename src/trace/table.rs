//! Which settings make which resources. A row says: of resources of these types, whose name holds
//! this word, this property (or the whole, if none is named) comes from the first of these routes
//! that is written. The first row that fits counts, so the special stand before the general.
//!
//! A route begins in its tenant (`tenant.`), in its tier (`tier.`), in the lock (`lock.`), in the
//! block of its component (`component.`), or else in the blueprint.

/// A row of the table.
pub struct Row {
    /// Terraform's types; none is any.
    pub types: &'static [&'static str],
    /// A word in the logical id; empty is any.
    pub word: &'static str,
    /// CloudFormation's names of properties; none is the whole resource and every other property.
    pub properties: &'static [&'static str],
    /// Where it is said, the nearest first.
    pub routes: &'static [&'static str],
}

const fn row(
    types: &'static [&'static str],
    word: &'static str,
    properties: &'static [&'static str],
    routes: &'static [&'static str],
) -> Row {
    Row { types, word, properties, routes }
}

const GROUP_RULES: &[&str] =
    &["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"];
/// What a resource has once for each zone, or each route table, which may be one a zone.
const ZONES: &[&str] = &["network.zones"];
const TABLES: &[&str] =
    &["network.zones", "tenant.override.egress.nat", "tier.egress.nat", "network.egress.nat"];
const HUB: &[&str] = &["network.hub.connect", "network.hub"];
const NAT: &[&str] = &["tenant.override.egress.nat", "tier.egress.nat", "network.egress.nat"];
const PORTS: &[&str] = &["tenant.override.ports", "tier.ports"];
const PREMISES: &[&str] = &["network.on_premises.cidrs"];
const VPN: &[&str] = &["tenant.vpn", "network.on_premises.vpn"];
const SERVICE: &[&str] = &["tenant.override.service", "service"];
const SCALE: &[&str] = &["tenant.override.service.scale", "service.scale"];
const INSTANCES: &[&str] = &["tier.app.instances", "tier.capacity.ec2"];

/// The table, for what models make.
pub static ROWS: &[Row] = &[
    // Addresses and zones are parameters; what is left of networks is how they are joined.
    row(&["aws_route"], "", &["RouteTableId"], TABLES),
    row(&["aws_route_table", "aws_route_table_association"], "", &[], TABLES),
    row(&["aws_vpc_endpoint"], "", &["RouteTableIds", "SubnetIds"], TABLES),
    row(&[], "", &["SubnetIds", "Subnets", "VPCZoneIdentifier", "NetworkConfiguration"], ZONES),
    row(&["aws_nat_gateway", "aws_eip"], "", &[], NAT),
    row(&["aws_route"], "DefaultRoute", &[], NAT),
    row(&["aws_route"], "Premises", &[], PREMISES),
    row(&["aws_route"], "", &[], HUB),
    row(
        &["aws_vpc_endpoint"],
        "GatewayEndpoint",
        &[],
        &[
            "tenant.override.endpoints.gateway",
            "tier.endpoints.gateway",
            "network.endpoints.gateway",
        ],
    ),
    row(
        &["aws_vpc_endpoint"],
        "",
        &[],
        &[
            "tenant.override.endpoints.interface",
            "tier.endpoints.interface",
            "network.endpoints.interface",
        ],
    ),
    row(&["aws_flow_log"], "", &[], &["network.flow_logs.retention_days"]),
    row(&["aws_cloudwatch_log_group"], "FlowLog", &[], &["network.flow_logs.retention_days"]),
    row(&["aws_ec2_transit_gateway", "aws_ec2_transit_gateway_route_table"], "", &[], HUB),
    row(&["aws_ec2_transit_gateway_vpc_attachment"], "", &[], HUB),
    row(&["aws_ec2_transit_gateway_route_table_association"], "Vpn", &[], VPN),
    row(&["aws_ec2_transit_gateway_route_table_propagation"], "Vpn", &[], VPN),
    row(&["aws_ec2_transit_gateway_route_table_association"], "", &[], HUB),
    row(&["aws_ec2_transit_gateway_route_table_propagation"], "", &[], HUB),
    row(&["aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"], "", &[], HUB),
    row(
        &["aws_ram_resource_share", "aws_ram_principal_association"],
        "",
        &["Principals", "Principal"],
        &["organization.id"],
    ),
    row(&["aws_ram_resource_share"], "", &[], HUB),
    row(
        &[
            "aws_customer_gateway",
            "aws_vpn_connection",
            "aws_vpn_gateway",
            "aws_vpn_gateway_attachment",
            "aws_vpn_gateway_route_propagation",
        ],
        "",
        &[],
        VPN,
    ),
    // What runs, and who reaches it.
    row(GROUP_RULES, "Hub", &["CidrIp"], HUB),
    row(
        GROUP_RULES,
        "DataIngress",
        &["FromPort", "ToPort"],
        &["tenant.override.ports.data", "tier.ports.data"],
    ),
    row(
        GROUP_RULES,
        "EgressData",
        &["FromPort", "ToPort"],
        &["tenant.override.ports.data", "tier.ports.data"],
    ),
    row(
        GROUP_RULES,
        "AppIngress",
        &["FromPort", "ToPort"],
        &["tenant.override.ports.app", "tier.ports.app"],
    ),
    row(
        GROUP_RULES,
        "LoadBalancerIngress",
        &["FromPort", "ToPort"],
        &["tenant.override.ports.public", "tier.ports.public"],
    ),
    row(GROUP_RULES, "Hub", &[], HUB),
    row(GROUP_RULES, "", &[], &["tenant.override.ports", "tier.ports", "service.port", "tier.app"]),
    row(&["aws_network_acl_rule"], "", &[], PORTS),
    row(
        &["aws_ecs_task_definition"],
        "",
        &["Cpu"],
        &["tenant.override.service.cpu", "service.cpu"],
    ),
    row(
        &["aws_ecs_task_definition"],
        "",
        &["Memory"],
        &["tenant.override.service.memory", "service.memory"],
    ),
    row(&["aws_ecs_task_definition"], "", &[], SERVICE),
    row(&["aws_ecs_service"], "", &[], SERVICE),
    row(
        &["aws_appautoscaling_target"],
        "",
        &["MinCapacity"],
        &["tenant.override.service.scale.min", "service.scale.min", "service.scale"],
    ),
    row(
        &["aws_appautoscaling_target"],
        "",
        &["MaxCapacity"],
        &["tenant.override.service.scale.max", "service.scale.max", "service.scale"],
    ),
    row(&["aws_appautoscaling_target", "aws_appautoscaling_policy"], "", &[], SCALE),
    row(
        &["aws_lb_target_group"],
        "",
        &["HealthCheckPath"],
        &["service.health_check", "tier.app.health_check"],
    ),
    row(&["aws_lb_target_group"], "", &[], &["service.port", "service", "tier.app"]),
    row(
        &["aws_lb_listener_rule"],
        "",
        &[],
        &["service.path", "tenant.host", "tier.ingress.domain"],
    ),
    row(&["aws_lb_listener"], "", &[], &["tier.ingress.certificates", "tier.ingress", "tier.app"]),
    row(&["aws_lb"], "", &[], &["tier.ingress", "tier.app"]),
    row(
        &["aws_autoscaling_group"],
        "",
        &["MinSize"],
        &["tier.app.instances.min", "tier.capacity.ec2.min"],
    ),
    row(
        &["aws_autoscaling_group"],
        "",
        &["MaxSize"],
        &["tier.app.instances.max", "tier.capacity.ec2.max"],
    ),
    row(&["aws_autoscaling_group", "aws_launch_template"], "", &[], INSTANCES),
    row(&["aws_autoscaling_policy"], "", &[], &["tier.app.target_cpu", "tier.app"]),
    row(&["aws_ecs_capacity_provider"], "", &[], INSTANCES),
    // Data, and how much of it.
    row(&["aws_dynamodb_table"], "", &[], &["table", "tier.data.tables", "tier.data"]),
    row(
        &["aws_rds_cluster"],
        "",
        &["ServerlessV2ScalingConfiguration"],
        &["tier.data.capacity", "tier.data"],
    ),
    row(
        &["aws_rds_cluster", "aws_rds_cluster_instance", "aws_db_subnet_group"],
        "",
        &[],
        &["tier.data"],
    ),
    row(
        &["aws_api_gateway_usage_plan"],
        "",
        &["Throttle", "Quota"],
        &["tenant.override.throttle", "tier.throttle"],
    ),
    row(&["aws_api_gateway_usage_plan"], "", &[], &["tier.throttle", "tenant"]),
    row(&["aws_api_gateway_api_key", "aws_api_gateway_usage_plan_key"], "", &[], &["tenant"]),
    row(
        &["aws_api_gateway_stage", "aws_api_gateway_method_settings"],
        "",
        &["MethodSettings", "Settings"],
        &["tier.throttle", "tier.pool"],
    ),
    row(&["aws_lambda_function"], "Step", &[], SCALE),
    row(&["aws_wafv2_web_acl"], "", &[], &["tier.throttle.rate", "tier"]),
    // Accounts.
    row(&["aws_organizations_account"], "", &["RoleName"], &["deploy.role"]),
    row(&["aws_organizations_account"], "", &[], &["tenant.email", "tenant"]),
    row(&["aws_organizations_organizational_unit"], "", &["ParentId"], &["organization.root"]),
    row(&["aws_organizations_organizational_unit"], "", &[], &["unit"]),
    row(&["aws_budgets_budget"], "", &[], &["tier.account.budget"]),
    row(&["aws_organizations_policy"], "Protect", &["Content"], &["organization", "deploy.role"]),
    row(&["aws_organizations_policy"], "Regions", &[], &["regions"]),
    row(&["aws_organizations_policy"], "", &[], &["organization"]),
];

/// Where the value of a parameter is said, by its name without the number of a zone.
pub static PARAMETERS: &[(&str, &[&str])] = &[
    ("VpcCidr", &["lock.block", "prefix"]),
    ("PublicCidr", &["lock.block", "prefix"]),
    ("PrivateCidr", &["lock.block", "prefix"]),
    ("DataCidr", &["lock.block", "prefix"]),
    ("TenantCidr", &["lock.block", "prefix"]),
    ("SharedCidr", &["lock.cell", "tier.network.cell_prefix"]),
    ("HubCidr", &["lock.hub", "network.hub.prefix"]),
    ("Zone", &["lock.zones", "network.zone_names", "network.zones"]),
    ("Tenant", &["tenant.id"]),
    ("TenantName", &["tenant.name", "tenant.id"]),
    ("AccountName", &["tenant.name", "tenant.id"]),
    ("Email", &["tenant.email"]),
    ("HostName", &["tenant.host", "tier.ingress.domain"]),
    ("CertificateArn", &["tier.ingress.certificates"]),
    (
        "SignInCertificateArn",
        &["tier.components.identity.domain.certificate", "components.identity.domain.certificate"],
    ),
    ("CustomerGatewayIp", &["tenant.vpn.gateway_ip", "network.on_premises.vpn.gateway_ip"]),
    ("CustomerGatewayAsn", &["tenant.vpn.asn", "network.on_premises.vpn.asn"]),
    ("Cell", &["lock.cell"]),
    ("Pool", &["lock.tenant"]),
    ("AppPriority", &["lock.tenant"]),
    ("Name", &["naming", "name"]),
    ("BuilderSubnetId", &["components.delivery.images.networks"]),
    ("BuilderSecurityGroupId", &["components.delivery.images.networks"]),
    ("LogStreamTo", &["tier.components.monitoring.stream_to", "components.monitoring.stream_to"]),
    ("RegistryItem", &["tenant"]),
    ("CatalogueItem", &["tenant"]),
];
