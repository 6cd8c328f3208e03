//! Whitepaper model 3: a cell is a VPC that many tenants share; each has subnets of its own behind
//! a network ACL of its own, whose rules do not grow with the number of tenants.

use crate::blueprint::shape::{Isolation, Nat};
use crate::model::hub::{self, Joined, Side};
use crate::model::network::{self, ANYWHERE, Acl, HTTPS, Layer, numbered};
use crate::model::{cell, identity, vpc};
use crate::plan::{Cell, Plan, Ranges, Zone, layout};
use crate::resource::security::{
    Direction, Egress, Ingress, NetworkAclAssociation, Peer, Ports, SecurityGroup, Traffic,
};
use crate::resource::vpc::{DhcpOptions, DhcpOptionsAssociation, RouteTable, Vpc};
use crate::resource::vpn::RoutePropagation;
use crate::spec::{Spec, Tenant, Tier};
use crate::template::{Estate, Stack, Template};
use crate::value::{Id, Value, join, param};

/// One stack for each cell and for each tenant of the model.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let own = |cell: &&Cell| spec.tiers[&cell.tier].isolation == Isolation::Subnet;
    for cell in plan.cells.values().filter(own) {
        let (tier, zones) = (&spec.tiers[&cell.tier], &plan.zones[&cell.region]);
        let shape = format!("cell-{}{}", tier.id, hub::suffix(spec, &cell.account, zones));
        let side = Side::of(spec, &cell.account);
        let template = estate.templates.entry(shape).or_insert_with_key(|shape| {
            cell_template(shape, spec, &plan.ranges, side, tier, zones)
        });
        estate.stacks.push(cell_stack(spec, plan, cell, tier, template));
    }
    for tenant in spec.tenants.values() {
        let (tier, zones) = (spec.tier_of(tenant), &plan.zones[&tenant.region]);
        if tier.isolation == Isolation::Subnet {
            let shape = format!("tenant-{}{}", tier.shape, hub::zone_suffix(zones));
            let template = estate.templates.entry(shape).or_insert_with_key(|shape| {
                tenant_template(shape, spec, &plan.ranges, tier, zones)
            });
            estate.stacks.push(tenant_stack(spec, plan, tenant, tier, template));
        }
    }
}

fn cell_template(
    shape: &str,
    spec: &Spec,
    ranges: &Ranges,
    side: Side,
    tier: &Tier,
    zones: &[Zone],
) -> Template {
    let about = format!("A cell of tier {}: a VPC that its tenants share.", tier.id);
    let mut t = cell::template(shape, about, spec, tier, zones);
    let network = cell::network(&mut t, spec, tier, zones, |t, core| {
        let domain = join([spec.name.clone().into(), ".internal".into()]);
        let options = t.add("DhcpOptions", DhcpOptions { domain });
        t.add("DhcpOptionsAssociation", DhcpOptionsAssociation { vpc: core.vpc.clone(), options });
    });
    for (gateway, zone) in network.gateways.iter().zip(zones) {
        let path = format!("nat-gateway-{}-id", zone.number());
        cell::publish(&mut t, spec, &path, "A NAT gateway of the cell", Value::from(gateway));
    }
    cell::join_hub(&mut t, spec, ranges, side, &network, zones);
    if tier.consolidated {
        consolidated_groups(&mut t, spec, tier, &network.core.vpc);
    }
    t.output(
        "PublicSubnetIds",
        "Where load balancers of tenants stand",
        network::subnet_ids(&network.public),
    );
    t
}

/// One set of groups for all tenants: they name blocks, never each other, and the network ACLs
/// keep tenants apart. The whitepaper's advice for where groups are scarce.
fn consolidated_groups(t: &mut Template, spec: &Spec, tier: &Tier, vpc: &Id<Vpc>) {
    let cell = || Peer::Cidr(param("VpcCidr"));
    let groups = app_and_data(t, spec, tier, vpc, cell, cell);
    cell::publish(
        t,
        spec,
        "app-security-group-id",
        "The group of applications",
        groups.0.att("GroupId"),
    );
    cell::publish(
        t,
        spec,
        "data-security-group-id",
        "The group of data stores",
        groups.1.att("GroupId"),
    );
}

/// Groups of applications and data stores that refer to blocks: whoever may ask, and one's own.
fn app_and_data(
    t: &mut Template,
    spec: &Spec,
    tier: &Tier,
    vpc: &Id<Vpc>,
    clients: impl Fn() -> Peer,
    own: impl Fn() -> Peer,
) -> (Id<SecurityGroup>, Id<SecurityGroup>) {
    let mut group =
        |id: &str, description| t.add(id, SecurityGroup { vpc: vpc.clone(), description });
    let app = group("AppSecurityGroup", "Applications, behind the load balancers");
    let data = group("DataSecurityGroup", "Data stores, behind the applications");
    let mut ingress = |id: &str, group: &Id<SecurityGroup>, from, port, description| {
        t.add(id, Ingress { group: group.clone(), from, traffic: Traffic::Tcp(port), description });
    };
    ingress("AppIngress", &app, clients(), tier.app_port, "From the load balancers");
    if spec.network.has_hub() {
        ingress(
            "AppIngressHub",
            &app,
            Peer::Cidr(param("HubCidr")),
            tier.app_port,
            "From shared services",
        );
    }
    ingress("DataIngress", &data, own(), tier.data_port, "From the applications");
    let mut egress = |id: &str, to, port, description| {
        t.add(id, Egress { group: app.clone(), to, traffic: Traffic::Tcp(port), description });
    };
    egress("AppEgressApp", own(), tier.app_port, "To other applications");
    egress("AppEgressData", own(), tier.data_port, "To the data stores");
    egress(
        "AppEgressHttps",
        Peer::Cidr(ANYWHERE.into()),
        HTTPS,
        "AWS services, shared services and the web",
    );
    (app, data)
}

fn cell_stack(spec: &Spec, plan: &Plan, cell: &Cell, tier: &Tier, template: &Template) -> Stack {
    let (mut stack, values) = cell::stack(spec, plan, cell, tier);
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}

fn tenant_template(
    shape: &str,
    spec: &Spec,
    ranges: &Ranges,
    tier: &Tier,
    zones: &[Zone],
) -> Template {
    let mut t = Template::new(
        shape,
        format!("A tenant of tier {}: subnets of its own in a cell.", tier.id),
    );
    identity::tag_tenant(&mut t, spec, tier);
    network::zone_params(&mut t, zones);
    t.param("TenantCidr", "The addresses of the tenant");
    t.param("SharedCidr", "The addresses of the shared subnets of the cell");
    t.imported("VpcId", "AWS::EC2::VPC::Id", "The VPC of the cell");
    let vpc: Id<Vpc> = Id::param("VpcId");
    let subnets = network::layer(&mut t, "Tenant", &vpc, zones);
    let tables = tables(&mut t, tier, &vpc, &subnets);
    let gateways: Vec<_> =
        zones.iter().take(nat_count(tier, zones)).map(|zone| import_nat(&mut t, zone)).collect();
    network::nat_routes(&mut t, "Tenant", &tables, zones, &gateways);
    let joined = import_join(&mut t, spec);
    hub::routes(&mut t, spec, "Tenant", &joined, ranges, &tables, zones);
    if cell::own_vpn(spec) {
        t.imported("VpnGatewayId", "String", "The VPN gateway of the cell");
        for (table, zone) in tables.iter().zip(zones) {
            let propagation =
                RoutePropagation { table: table.clone(), gateway: Id::param("VpnGatewayId") };
            t.add(numbered("VpnRoutePropagation", zone), propagation);
        }
    }
    // A gateway endpoint takes only route tables of its own template, so each tenant has its own.
    network::gateway_endpoints(&mut t, &tier.gateway_endpoints, &vpc, &tables);
    if !tier.consolidated {
        let shared = || Peer::Cidr(param("SharedCidr"));
        let own = || Peer::Cidr(param("TenantCidr"));
        let (app, data) = app_and_data(&mut t, spec, tier, &vpc, shared, own);
        let within = Ingress {
            group: app.clone(),
            from: own(),
            traffic: Traffic::Tcp(tier.app_port),
            description: "From other applications of the tenant",
        };
        t.add("AppIngressOwn", within);
        t.output("AppSecurityGroupId", "The group of applications", app.att("GroupId"));
        t.output("DataSecurityGroupId", "The group of data stores", data.att("GroupId"));
    }
    acl(&mut t, spec, tier, &vpc, &subnets);
    vpc::resource_group(&mut t);
    t.output("SubnetIds", "The subnets of the tenant", network::subnet_ids(&subnets));
    t
}

/// One table for each zone where each zone has a NAT gateway of its own; else one for the tenant.
fn tables(t: &mut Template, tier: &Tier, vpc: &Id<Vpc>, subnets: &Layer) -> Vec<Id<RouteTable>> {
    if tier.nat == Nat::PerZone {
        network::zone_tables(t, "Tenant", vpc, subnets)
    } else {
        vec![network::one_table(t, "Tenant", vpc, subnets)]
    }
}

fn nat_count(tier: &Tier, zones: &[Zone]) -> usize {
    match tier.nat {
        Nat::PerZone => zones.len(),
        Nat::Single => 1,
        Nat::None => 0,
    }
}

fn import_nat(t: &mut Template, zone: &Zone) -> Id<crate::resource::vpc::NatGateway> {
    let name = numbered("NatGatewayId", zone);
    t.imported(&name, "String", "A NAT gateway of the cell");
    Id::param(name)
}

/// The cell is joined to the hub; its tenants only need routes.
fn import_join(t: &mut Template, spec: &Spec) -> Joined {
    use crate::blueprint::shape::Connect;
    match spec.network.connect {
        Connect::TransitGateway => {
            t.param("HubCidr", "The addresses of the hub");
            t.imported("TransitGatewayId", "String", "The transit gateway");
            Joined::Transit(Id::param("TransitGatewayId"), String::new())
        }
        Connect::Peering => {
            t.param("HubCidr", "The addresses of the hub");
            t.imported("HubPeeringId", "String", "The peering connection of the cell to the hub");
            Joined::Peering(Id::param("HubPeeringId"))
        }
        Connect::None => Joined::Apart,
    }
}

/// The wall round a tenant: its own block, the shared subnets, the hub, the premises and the
/// internet in that order; every other address of the pools is a neighbour and is denied.
fn acl(t: &mut Template, spec: &Spec, tier: &Tier, vpc: &Id<Vpc>, subnets: &Layer) {
    use Direction::{In, Out};
    let internet = tier.nat != Nat::None || !tier.gateway_endpoints.is_empty();
    let mut friends: Vec<Value> = Vec::new();
    friends.extend(spec.network.has_hub().then(|| param("HubCidr")));
    let reachable = hub::premises_vpn(spec).is_some();
    friends.extend(
        spec.network.premises().iter().filter(|_| reachable).map(|cidr| cidr.to_string().into()),
    );
    let pools: Vec<String> = spec.network.pools.iter().map(|pool| pool.cidr.to_string()).collect();
    let mut acl = Acl::new(t, "Tenant", vpc);
    identity::display_name(acl.template);
    acl.rule(In, true, Ports::All, param("TenantCidr"));
    acl.rule(In, true, Ports::Tcp(tier.app_port), param("SharedCidr"));
    acl.rule(In, false, Ports::Tcp(tier.data_port), ANYWHERE);
    acl.rule(In, true, Ports::Ephemeral, param("SharedCidr"));
    acl.rule(Out, true, Ports::All, param("TenantCidr"));
    acl.rule(Out, true, Ports::Tcp(HTTPS), param("SharedCidr"));
    acl.rule(Out, true, Ports::Ephemeral, param("SharedCidr"));
    for friend in &friends {
        acl.rule(In, true, Ports::Tcp(tier.app_port), friend.clone());
        acl.rule(In, true, Ports::Ephemeral, friend.clone());
        acl.rule(Out, true, Ports::Tcp(HTTPS), friend.clone());
        acl.rule(Out, true, Ports::Ephemeral, friend.clone());
    }
    for pool in &pools {
        acl.rule(In, false, Ports::All, pool);
        acl.rule(Out, false, Ports::All, pool);
    }
    if internet {
        acl.rule(In, true, Ports::Ephemeral, ANYWHERE);
        acl.rule(Out, true, Ports::Tcp(HTTPS), ANYWHERE);
    }
    let id = acl.acl.clone();
    for (subnet, zone) in subnets.subnets.iter().zip(&subnets.zones) {
        let association = NetworkAclAssociation { subnet: subnet.clone(), acl: id.clone() };
        t.add(numbered("TenantNetworkAclAssociation", zone), association);
    }
}

fn tenant_stack(
    spec: &Spec,
    plan: &Plan,
    tenant: &Tenant,
    tier: &Tier,
    template: &Template,
) -> Stack {
    use crate::blueprint::shape::Connect;
    let placed = &plan.tenants[&tenant.id];
    let cell = &plan.cells[placed.cell.as_ref().expect("a tenant of isolation subnet has a cell")];
    let (mut stack, mut values) = identity::tenant_stack(spec, tenant, tier, &placed.account);
    let path = |name: &str| spec.parameter(&format!("cell/{}/{name}", cell.id));
    values.set("TenantName", &tenant.name);
    values.set("TenantCidr", placed.own_block().cidr);
    values.set("SharedCidr", layout::shared(cell.block).cidr);
    values.set("VpcId", path("vpc-id"));
    let zones = &plan.zones[&tenant.region];
    for zone in zones {
        values.set(numbered("Zone", zone), &zone.name);
        values.set(numbered("TenantCidr", zone), layout::slot(placed.own_block(), zone.slot));
    }
    for zone in zones.iter().take(nat_count(tier, zones)) {
        values.set(
            numbered("NatGatewayId", zone),
            path(&format!("nat-gateway-{}-id", zone.number())),
        );
    }
    if let Some(hub) = plan.hubs.get(&tenant.region) {
        values.set("HubCidr", hub.cidr);
    }
    match spec.network.connect {
        Connect::TransitGateway => {
            let apart = Side::of(spec, &placed.account) == Side::Apart;
            let own = || path("transit-gateway-id");
            let gateway = if apart { own() } else { hub::path(spec, "transit-gateway-id") };
            values.set("TransitGatewayId", gateway);
        }
        Connect::Peering => values.set("HubPeeringId", path("hub-peering-id")),
        Connect::None => {}
    }
    if cell::own_vpn(spec) {
        values.set("VpnGatewayId", path("vpn-gateway-id"));
    }
    stack.depends_on.push(format!("cell-{}", cell.id));
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}
