//! Whitepaper model 2: a VPC for each tenant, in three layers over all zones. Nothing joins two
//! tenants; each may be joined to the hub and to its own premises. Model 1 has the same network in
//! the tenant's own account.

use crate::blueprint::shape::Isolation;
use crate::model::hub::Side;
use crate::model::network::{self, ANYWHERE, Acl, FlowLogs, HTTPS, Layer, numbered};
use crate::model::{foundation, hub, identity, organization, spoke};
use crate::plan::{Plan, Ranges, Zone, layout};
use crate::resource::group::Group;
use crate::resource::security::{
    Direction, Egress, Ingress, NetworkAclAssociation, Peer, Ports, SecurityGroup, Traffic,
};
use crate::resource::ssm::Parameter;
use crate::resource::vpc::Vpc;
use crate::spec::{Spec, Tenant, Tier};
use crate::template::{Estate, NAME, Stack, Template};
use crate::value::{Id, join, param};

/// One stack for each tenant of the two models.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    for tenant in spec.tenants.values() {
        let tier = spec.tier_of(tenant);
        if tier.isolation.has_vpc() {
            let (account, zones) = (&plan.tenants[&tenant.id].account, &plan.zones[&tenant.region]);
            let own = tier.isolation == Isolation::Account;
            let suffix =
                if own { hub::zone_suffix(zones) } else { hub::suffix(spec, account, zones) };
            let side = if own { Side::Apart } else { Side::of(spec, account) };
            let template =
                estate.templates.entry(shape(tier, tenant, &suffix)).or_insert_with_key(|shape| {
                    template(shape, spec, &plan.ranges, side, (tier, tenant), zones)
                });
            estate.stacks.push(stack(spec, plan, tenant, tier, template));
        }
    }
}

fn shape(tier: &Tier, tenant: &Tenant, suffix: &str) -> String {
    // A dot cannot stand in the id of a tier, so no two tiers share a shape.
    let vpn = if tenant.vpn.is_some() { ".vpn" } else { "" };
    format!("tenant-{}{vpn}{suffix}", tier.shape)
}

fn template(
    shape: &str,
    spec: &Spec,
    ranges: &Ranges,
    side: Side,
    (tier, tenant): (&Tier, &Tenant),
    zones: &[Zone],
) -> Template {
    let own = tier.isolation == Isolation::Account;
    let what = if own { "an account with a VPC" } else { "a VPC of its own" };
    let mut t = Template::new(shape, format!("A tenant of tier {}: {what}.", tier.id));
    identity::tag_tenant(&mut t, spec, tier);
    network::zone_params(&mut t, zones);
    let core = network::core(&mut t, spec, logs(own), identity::display_name);
    let public = network::public_layer(&mut t, &core, zones);
    let private = network::layer(&mut t, "Private", &core.vpc, zones);
    let data = network::layer(&mut t, "Data", &core.vpc, zones);
    let tables = network::zone_tables(&mut t, "Private", &core.vpc, &private);
    let data_table = network::one_table(&mut t, "Data", &core.vpc, &data);
    let gateways = network::nat_gateways(&mut t, tier.nat, &core, &public);
    network::nat_routes(&mut t, "Private", &tables, zones, &gateways);
    let joined = hub::join_vpc(&mut t, spec, side, &core.vpc, &private.subnets, zones);
    if let (Side::Apart, Some(link)) = (side, hub::link(&joined)) {
        let path = join([
            spec.parameter("tenant/").into(),
            param("Tenant"),
            format!("/{}", spoke::LINK).into(),
        ]);
        let description = "What joins the tenant to the hub";
        t.add("HubLinkIdParameter", Parameter { path, description, value: link });
    }
    hub::routes(&mut t, spec, "Private", &joined, ranges, &tables, zones);
    if tenant.vpn.is_some() {
        let address = t.param("CustomerGatewayIp", "The public address of the tenant's gateway");
        let asn = t.param(
            "CustomerGatewayAsn",
            "The BGP autonomous system number of the tenant's gateway",
        );
        hub::vpn_at_vpc(&mut t, &core.vpc, &tables, zones, &hub::FarEnd { address, asn });
    }
    let mut all_tables = tables;
    all_tables.push(data_table);
    network::gateway_endpoints(&mut t, &tier.gateway_endpoints, &core.vpc, &all_tables);
    network::interface_endpoints(&mut t, &tier.interface_endpoints, &core.vpc, &private);
    groups(&mut t, spec, tier, &core.vpc);
    data_acl(&mut t, tier, &core.vpc, &data);
    resource_group(&mut t);
    t
}

/// An account of a tenant has no foundation.
fn logs(own: bool) -> FlowLogs {
    if own { FlowLogs::Own } else { FlowLogs::Foundation }
}

/// One group a layer: clients reach the load balancer, that the application, that the data.
fn groups(t: &mut Template, spec: &Spec, tier: &Tier, vpc: &Id<Vpc>) {
    let mut group =
        |id: &str, description| t.add(id, SecurityGroup { vpc: vpc.clone(), description });
    let balancer = group("LoadBalancerSecurityGroup", "Load balancers, open to clients");
    let app = group("AppSecurityGroup", "Applications, behind the load balancers");
    let data = group("DataSecurityGroup", "Data stores, behind the applications");
    let mut ingress = |id: &str, group: &Id<SecurityGroup>, from, port, description| {
        t.add(id, Ingress { group: group.clone(), from, traffic: Traffic::Tcp(port), description });
    };
    let anywhere = || Peer::Cidr(ANYWHERE.into());
    ingress("LoadBalancerIngress", &balancer, anywhere(), tier.public_port, "Clients");
    ingress(
        "AppIngress",
        &app,
        Peer::Group(balancer.clone()),
        tier.app_port,
        "From the load balancers",
    );
    if spec.network.has_hub() {
        ingress(
            "AppIngressHub",
            &app,
            Peer::Cidr(param("HubCidr")),
            tier.app_port,
            "From shared services",
        );
    }
    ingress(
        "DataIngress",
        &data,
        Peer::Group(app.clone()),
        tier.data_port,
        "From the applications",
    );
    let mut egress = |id: &str, group: &Id<SecurityGroup>, to, port, description| {
        t.add(id, Egress { group: group.clone(), to, traffic: Traffic::Tcp(port), description });
    };
    egress(
        "LoadBalancerEgress",
        &balancer,
        Peer::Group(app.clone()),
        tier.app_port,
        "To the applications",
    );
    egress("AppEgressData", &app, Peer::Group(data.clone()), tier.data_port, "To the data stores");
    egress("AppEgressHttps", &app, anywhere(), HTTPS, "AWS services, shared services and the web");
    t.output("LoadBalancerSecurityGroupId", "The group of load balancers", balancer.att("GroupId"));
    t.output("AppSecurityGroupId", "The group of applications", app.att("GroupId"));
    t.output("DataSecurityGroupId", "The group of data stores", data.att("GroupId"));
}

/// A second wall round the data, which a mistake in a group does not open.
fn data_acl(t: &mut Template, tier: &Tier, vpc: &Id<Vpc>, data: &Layer) {
    let gateway_endpoints = !tier.gateway_endpoints.is_empty();
    let mut acl = Acl::new(t, "Data", vpc);
    let inside = || param("VpcCidr");
    acl.rule(Direction::In, true, Ports::Tcp(tier.data_port), inside());
    acl.rule(Direction::Out, true, Ports::Ephemeral, inside());
    // Answers to data stores that ask each other, as replicas in other zones do.
    acl.rule(Direction::In, true, Ports::Ephemeral, inside());
    if gateway_endpoints {
        // A rule cannot name a prefix list, so answers of S3 come from anywhere; but not to the
        // port of the data store. Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html.
        acl.rule(Direction::In, false, Ports::Tcp(tier.data_port), ANYWHERE);
        acl.rule(Direction::In, true, Ports::Ephemeral, ANYWHERE);
        acl.rule(Direction::Out, true, Ports::Tcp(HTTPS), ANYWHERE);
    }
    let id = acl.acl.clone();
    for (subnet, zone) in data.subnets.iter().zip(&data.zones) {
        let association = NetworkAclAssociation { subnet: subnet.clone(), acl: id.clone() };
        t.add(numbered("DataNetworkAclAssociation", zone), association);
    }
}

/// Everything of the tenant on one page of the console.
pub fn resource_group(t: &mut Template) {
    let group = Group {
        name: param(NAME),
        description: "Everything of one tenant",
        key: "Tenant",
        value: param("Tenant"),
    };
    t.add("ResourceGroup", group);
}

fn stack(spec: &Spec, plan: &Plan, tenant: &Tenant, tier: &Tier, template: &Template) -> Stack {
    let placed = &plan.tenants[&tenant.id];
    let (mut stack, mut values) = identity::tenant_stack(spec, tenant, tier, &placed.account);
    values.set("TenantName", &tenant.name);
    values.set("VpcCidr", placed.own_block().cidr);
    for zone in &plan.zones[&tenant.region] {
        let layers = layout::layers(placed.own_block(), zone.slot);
        values.set(numbered("Zone", zone), &zone.name);
        values.set(numbered("PublicCidr", zone), layers.public);
        values.set(numbered("PrivateCidr", zone), layers.private);
        values.set(numbered("DataCidr", zone), layers.data);
    }
    if let Some(vpn) = &tenant.vpn {
        values.set("CustomerGatewayIp", vpn.gateway_ip);
        values.set("CustomerGatewayAsn", vpn.asn);
    }
    if logs(tier.isolation == Isolation::Account) == FlowLogs::Foundation {
        let needed = foundation::connect(spec, &mut values, &placed.account, &tenant.region);
        stack.depends_on.push(needed);
    } else {
        stack.depends_on.push(organization::key(&tenant.id));
    }
    hub::join_values(spec, plan, &mut stack, &mut values);
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}
