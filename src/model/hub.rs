//! The shared-services VPC of a region (whitepaper model 2: "a shared set of services … backups,
//! anti-virus updates, OS updates"), and how VPCs of tenants and cells are joined to it.

use ipnet::Ipv4Net;

use crate::blueprint::shape::Connect;
use crate::model::network::{self, FlowLogs, numbered};
use crate::model::{foundation, identity, spoke};
use crate::plan::{Plan, Ranges, Zone, layout, ranges};
use crate::resource::security::{Egress, Ingress, Peer, SecurityGroup, Traffic};
use crate::resource::ssm::Parameter;
use crate::resource::transit::{
    Association, Attachment, ForeignPeering, PeeringConnection, Propagation, TransitGateway,
    TransitRouteTable, VpnAssociation, VpnPropagation,
};
use crate::resource::vpc::{Route, RouteTable, Subnet, Target, Vpc};
use crate::resource::vpn::{
    CustomerGateway, RoutePropagation, VpnConnection, VpnEnd, VpnGateway, VpnGatewayAttachment,
};
use crate::spec::{Spec, Vpn};
use crate::template::{Estate, NAME, Stack, Template, Values, Wave};
use crate::value::{Id, LogicalId, Value, join, param};

/// The shape of its template.
const SHAPE: &str = "hub";

/// The key of the stack of a region's hub.
pub fn key(region: &str) -> String {
    format!("hub-{region}")
}

/// One stack for each region that has a hub.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    for (region, block) in &plan.hubs {
        let zones = &plan.zones[region];
        let shape = format!("{SHAPE}{}", zone_suffix(zones));
        let template = estate
            .templates
            .entry(shape.clone())
            .or_insert_with(|| template(&shape, spec, plan, zones));
        let place = (spec.hub_account.as_str(), region.as_str());
        let mut stack = identity::shared_stack(spec, Wave::Hub, key(region), place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        values.set("VpcCidr", block.cidr);
        for zone in zones {
            let layers = layout::layers(*block, zone.slot);
            values.set(numbered("Zone", zone), &zone.name);
            values.set(numbered("PublicCidr", zone), layers.public);
            values.set(numbered("PrivateCidr", zone), layers.private);
        }
        stack.depends_on.push(foundation::connect(spec, &mut values, &spec.hub_account, region));
        stack.values = values.order(template);
        stack.shape = shape;
        estate.stacks.push(stack);
    }
}

/// What a shape's name ends with where the zones in use are not simply the first ones.
pub fn zone_suffix(zones: &[Zone]) -> String {
    let plain = zones.iter().zip(0..).all(|(zone, i)| zone.slot == i);
    if plain {
        return String::new();
    }
    let numbers: String = zones.iter().map(|zone| zone.number().to_string()).collect();
    format!(".zones-{numbers}")
}

fn template(shape: &str, spec: &Spec, plan: &Plan, zones: &[Zone]) -> Template {
    let mut t = Template::new(shape, "The shared-services VPC of a region.");
    identity::tag_shared(&mut t, spec, None);
    network::zone_params(&mut t, zones);
    let core = network::core(&mut t, spec, FlowLogs::Foundation, |_| {});
    let public = network::public_layer(&mut t, &core, zones);
    let private = network::layer(&mut t, "Private", &core.vpc, zones);
    let tables = network::zone_tables(&mut t, "Private", &core.vpc, &private);
    let gateways = network::nat_gateways(&mut t, spec.network.nat, &core, &public);
    network::nat_routes(&mut t, "Private", &tables, zones, &gateways);
    network::gateway_endpoints(&mut t, &spec.network.gateway_endpoints, &core.vpc, &tables);
    services(&mut t, spec, &plan.ranges, &core.vpc);
    publish(&mut t, spec, "vpc-id", "The VPC of the hub", Value::from(&core.vpc));
    match spec.network.connect {
        Connect::TransitGateway => {
            transit(&mut t, spec, &plan.ranges, &core.vpc, &private.subnets, &tables, zones);
        }
        Connect::Peering => {
            for (table, zone) in tables.iter().zip(zones) {
                let path = format!("private-route-table-{}-id", zone.number());
                publish(&mut t, spec, &path, "A route table of the hub", Value::from(table));
            }
            if spoke::any(spec) {
                let role = spoke::accepter(&mut t, spec, &core.vpc);
                publish(&mut t, spec, "peering-role-arn", "The role that accepts peering", role);
            }
            if let Some(vpn) = spec.network.on_premises.as_ref().and_then(|p| p.vpn.as_ref()) {
                vpn_at_vpc(&mut t, &core.vpc, &tables, zones, &literal(vpn));
            }
        }
        Connect::None => unreachable!("without a connection there is no hub"),
    }
    t
}

/// The group of shared services: tenants may ask, services may answer and fetch updates.
fn services(t: &mut Template, spec: &Spec, ranges: &Ranges, vpc: &Id<Vpc>) {
    let group = SecurityGroup { vpc: vpc.clone(), description: "Shared services for tenants" };
    let group = t.add("ServiceSecurityGroup", group);
    for (n, pool) in ranges::numbered(ranges, ranges::HUB, &pools(spec)) {
        let ingress = Ingress {
            group: group.clone(),
            from: Peer::Cidr(pool.to_string().into()),
            traffic: Traffic::Tcp(network::HTTPS),
            description: "Shared services, from tenants",
        };
        t.unit = Some(pool_unit(n));
        t.add(format!("ServiceIngress{n}"), ingress);
    }
    t.unit = None;
    let egress = Egress {
        group: group.clone(),
        to: Peer::Cidr(network::ANYWHERE.into()),
        traffic: Traffic::Tcp(network::HTTPS),
        description: "Updates and AWS services",
    };
    t.add("ServiceEgress", egress);
    t.output("ServiceSecurityGroupId", "The group of shared services", group.att("GroupId"));
}

fn pools(spec: &Spec) -> Vec<Ipv4Net> {
    spec.network.pools.iter().map(|pool| pool.cidr).collect()
}

/// The unit of what there is once for each pool, which is known by its number.
fn pool_unit(number: usize) -> String {
    format!("pool-{number}")
}

fn publish(t: &mut Template, spec: &Spec, path: &str, description: &'static str, value: Value) {
    let id = format!("{}Parameter", crate::name::pascal(path));
    let path = spec.parameter(&format!("hub/{path}")).into();
    t.add(id, Parameter { path, description, value });
}

/// The transit gateway with two route tables: the hub's knows every tenant, the tenants' knows the
/// hub and the premises, and so no tenant knows another.
fn transit(
    t: &mut Template,
    spec: &Spec,
    ranges: &Ranges,
    vpc: &Id<Vpc>,
    subnets: &[Id<Subnet>],
    tables: &[Id<RouteTable>],
    zones: &[Zone],
) {
    let gateway = t.add(
        "TransitGateway",
        TransitGateway {
            description: "Tenants reach the hub, never each other",
            shared: spoke::any(spec),
        },
    );
    if spoke::any(spec) {
        spoke::share(t, spec, &gateway);
    }
    let hub = t.add("HubRouteTable", TransitRouteTable { gateway: gateway.clone() });
    let spokes = t.add("SpokeRouteTable", TransitRouteTable { gateway: gateway.clone() });
    let attachment =
        Attachment { gateway: gateway.clone(), vpc: vpc.clone(), subnets: subnets.to_vec() };
    let attachment = t.add("TransitAttachment", attachment);
    t.add("TransitAssociation", Association { attachment: attachment.clone(), table: hub.clone() });
    t.add(
        "TransitPropagation",
        Propagation { attachment: attachment.clone(), table: spokes.clone() },
    );
    let wait = attachment.logical().expect("it is a resource here").clone();
    let mut routed = pools(spec);
    let vpn = spec.network.on_premises.as_ref().and_then(|p| p.vpn.as_ref());
    routed.extend(spec.network.premises().iter().filter(|_| vpn.is_some()));
    for (n, range) in ranges::numbered(ranges, ranges::HUB, &routed) {
        t.unit = Some(pool_unit(n));
        for (table, zone) in tables.iter().zip(zones) {
            let via = Target::Transit(gateway.clone());
            let route = Route { table: table.clone(), to: range.to_string().into(), via };
            t.add_after(format!("TransitRoute{n}Zone{}", zone.number()), route, &[&wait]);
        }
    }
    t.unit = None;
    if let Some(vpn) = vpn {
        let end = VpnEnd::Transit(gateway.clone());
        let connection = connection(t, end, &literal(vpn));
        let to = |table: &Id<TransitRouteTable>| (connection.clone(), table.clone());
        let (connection, table) = to(&hub);
        t.output("VpnConnectionId", "The connection to premises", &connection);
        t.add("VpnAssociation", VpnAssociation { connection, table });
        let (connection, table) = to(&hub);
        t.add("VpnPropagationHub", VpnPropagation { connection, table });
        let (connection, table) = to(&spokes);
        t.add("VpnPropagationSpokes", VpnPropagation { connection, table });
        t.output("HubRouteTableId", "The transit gateway route table of the hub", &hub);
        t.output("SpokeRouteTableId", "The transit gateway route table of tenants", &spokes);
    }
    publish(t, spec, "transit-gateway-id", "The transit gateway", Value::from(&gateway));
    publish(
        t,
        spec,
        "hub-route-table-id",
        "The route table that learns tenants",
        Value::from(&hub),
    );
    publish(
        t,
        spec,
        "spoke-route-table-id",
        "The route table that tenants follow",
        Value::from(&spokes),
    );
}

/// The far end of a VPN connection as values: literal, or parameters.
pub struct FarEnd {
    /// Its public address.
    pub address: Value,
    /// Its BGP autonomous system number.
    pub asn: Value,
}

fn literal(vpn: &Vpn) -> FarEnd {
    FarEnd { address: vpn.gateway_ip.to_string().into(), asn: vpn.asn.into() }
}

/// The connection to premises of a VPC that has one of its own.
pub fn premises_vpn(spec: &Spec) -> Option<FarEnd> {
    spec.network.on_premises.as_ref().and_then(|p| p.vpn.as_ref()).map(literal)
}

fn connection(t: &mut Template, end: VpnEnd, far: &FarEnd) -> Id<VpnConnection> {
    let device = join([param(NAME), "-customer".into()]);
    let customer = CustomerGateway { address: far.address.clone(), asn: far.asn.clone(), device };
    let customer = t.add("CustomerGateway", customer);
    t.add("VpnConnection", VpnConnection { customer, end })
}

/// Adds a VPN connection that ends at one VPC, and lets route tables learn from it.
pub fn vpn_at_vpc(
    t: &mut Template,
    vpc: &Id<Vpc>,
    tables: &[Id<RouteTable>],
    zones: &[Zone],
    far: &FarEnd,
) -> Id<VpnGateway> {
    let gateway = t.add("VpnGateway", VpnGateway);
    let attached: LogicalId = "VpnGatewayAttachment".to_owned();
    t.add(attached.clone(), VpnGatewayAttachment { vpc: vpc.clone(), gateway: gateway.clone() });
    connection(t, VpnEnd::Gateway(gateway.clone()), far);
    for (table, zone) in tables.iter().zip(zones) {
        let propagation = RoutePropagation { table: table.clone(), gateway: gateway.clone() };
        t.add_after(numbered("VpnRoutePropagation", zone), propagation, &[&attached]);
    }
    gateway
}

/// What joins a VPC to its hub.
pub enum Joined {
    /// A transit gateway; routes must wait for the attachment.
    Transit(Id<TransitGateway>, LogicalId),
    /// A peering connection.
    Peering(Id<PeeringConnection>),
    /// Nothing.
    Apart,
}

/// The path of a value that the hub publishes.
pub fn path(spec: &Spec, name: &str) -> String {
    spec.parameter(&format!("hub/{name}"))
}

/// Where a VPC lives, seen from its hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// In the account of the hub: its stack does the hub's side, too.
    Same,
    /// In another account: it reads what the hub publishes across accounts, publishes its way to
    /// the hub, and a stack of [`spoke`] does the hub's side.
    Apart,
}

impl Side {
    /// The side of what lives in this account.
    pub fn of(spec: &Spec, account: &str) -> Self {
        if spec.is_apart(account) { Side::Apart } else { Side::Same }
    }

    fn import(self, t: &mut Template, name: &str, kind: &'static str, what: &str) {
        match self {
            Side::Same => t.imported(name, kind, what),
            Side::Apart => t.foreign(name, what),
        };
    }
}

/// What the shape of a template that joins a hub ends with: the zones, and the side of the hub, where
/// that is not the side of the account that the estate began in.
pub fn suffix(spec: &Spec, account: &str, zones: &[Zone]) -> String {
    let side = Side::of(spec, account);
    let side = match side {
        _ if !spec.network.has_hub() || side == Side::of(spec, &spec.home_account) => "",
        Side::Apart => ".apart",
        Side::Same => ".hub",
    };
    format!("{side}{}", zone_suffix(zones))
}

/// Adds what joins a VPC to the hub, with the hub's side of it if that is in the same account.
pub fn join_vpc(
    t: &mut Template,
    spec: &Spec,
    side: Side,
    vpc: &Id<Vpc>,
    subnets: &[Id<Subnet>],
    zones: &[Zone],
) -> Joined {
    match spec.network.connect {
        Connect::TransitGateway => {
            t.param("HubCidr", "The addresses of the hub");
            side.import(t, "TransitGatewayId", "String", "The transit gateway");
            let gateway = Id::param("TransitGatewayId");
            let attachment = Attachment {
                gateway: gateway.clone(),
                vpc: vpc.clone(),
                subnets: subnets.to_vec(),
            };
            if side == Side::Same {
                t.imported("HubRouteTableId", "String", "The route table that learns tenants");
                t.imported("SpokeRouteTableId", "String", "The route table that tenants follow");
            }
            let attachment = t.add("TransitAttachment", attachment);
            if side == Side::Same {
                let (follow, learn) =
                    (Id::param("SpokeRouteTableId"), Id::param("HubRouteTableId"));
                let follow = Association { attachment: attachment.clone(), table: follow };
                t.add("TransitAssociation", follow);
                let learn = Propagation { attachment: attachment.clone(), table: learn };
                t.add("TransitPropagation", learn);
            }
            Joined::Transit(gateway, attachment.logical().expect("it is a resource here").clone())
        }
        Connect::Peering => {
            t.param("HubCidr", "The addresses of the hub");
            side.import(t, "HubVpcId", "AWS::EC2::VPC::Id", "The VPC of the hub");
            let peer = Id::param("HubVpcId");
            if side == Side::Apart {
                t.foreign("PeeringRoleArn", "The role that accepts the connection");
                let owner = Value::from(&spec.hub_account);
                let peering =
                    ForeignPeering { vpc: vpc.clone(), peer, owner, role: param("PeeringRoleArn") };
                let peering = t.add("HubPeering", peering);
                let logical = peering.logical().expect("it is a resource here").clone();
                return Joined::Peering(Id::resource(logical));
            }
            let peering = t.add("HubPeering", PeeringConnection { vpc: vpc.clone(), peer });
            for zone in zones {
                let name = numbered("HubPrivateRouteTableId", zone);
                t.imported(&name, "String", "A route table of the hub");
                let via = Target::Peering(peering.clone());
                let back = Route { table: Id::param(name), to: param("VpcCidr"), via };
                t.add(numbered("HubReturnRoute", zone), back);
            }
            Joined::Peering(peering)
        }
        Connect::None => Joined::Apart,
    }
}

/// What the hub's account must know of the way to it, if there is one.
pub fn link(joined: &Joined) -> Option<Value> {
    match joined {
        Joined::Transit(_, attachment) => Some(Value::Ref(attachment.clone())),
        Joined::Peering(peering) => Some(Value::from(peering)),
        Joined::Apart => None,
    }
}

/// Gives the parameters of [`join_vpc`] their values, and the stack what it needs of the hub's.
pub fn join_values(spec: &Spec, plan: &Plan, stack: &mut Stack, values: &mut Values) {
    let Some(hub) = plan.hubs.get(&stack.region) else { return };
    let side = Side::of(spec, &stack.account);
    values.set("HubCidr", hub.cidr);
    match spec.network.connect {
        Connect::TransitGateway => {
            values.set("TransitGatewayId", path(spec, "transit-gateway-id"));
        }
        Connect::Peering => values.set("HubVpcId", path(spec, "vpc-id")),
        Connect::None => unreachable!("without a connection there is no hub"),
    }
    match side {
        Side::Same => spoke_values(spec, &plan.zones[&stack.region], values),
        Side::Apart => {
            if spec.network.connect == Connect::Peering {
                values.set("PeeringRoleArn", path(spec, "peering-role-arn"));
            }
            stack.foreign = Some((spec.hub_account.clone(), spec.access(&spec.hub_account)));
        }
    }
    stack.depends_on.push(key(&stack.region));
}

/// Gives the parameters of the hub's side of a way their values.
pub fn spoke_values(spec: &Spec, zones: &[Zone], values: &mut Values) {
    if spec.network.connect == Connect::TransitGateway {
        values.set("HubRouteTableId", path(spec, "hub-route-table-id"));
        values.set("SpokeRouteTableId", path(spec, "spoke-route-table-id"));
        return;
    }
    for zone in zones {
        let name = format!("private-route-table-{}-id", zone.number());
        values.set(numbered("HubPrivateRouteTableId", zone), path(spec, &name));
    }
}

/// Adds the routes of some tables to the hub, and over a transit gateway to the premises.
pub fn routes(
    t: &mut Template,
    spec: &Spec,
    name: &str,
    joined: &Joined,
    ranges: &Ranges,
    tables: &[Id<RouteTable>],
    zones: &[Zone],
) {
    let premises = match joined {
        Joined::Transit(..) if premises_vpn(spec).is_some() => spec.network.premises(),
        _ => &[],
    };
    for (table, zone) in tables.iter().zip(zones) {
        let wait: Vec<&LogicalId> = match joined {
            Joined::Transit(_, attachment) => wait_for(t, attachment),
            Joined::Peering(_) => Vec::new(),
            Joined::Apart => return,
        };
        let mut add = |what: String, to: Value| {
            let via = target(joined).expect("it is joined");
            t.add_after(
                numbered(&format!("{name}{what}Route"), zone),
                Route { table: table.clone(), to, via },
                &wait,
            );
        };
        add("Hub".to_owned(), param("HubCidr"));
        for (n, range) in ranges::numbered(ranges, ranges::PREMISES, premises) {
            add(format!("Premises{n}Zone"), range.to_string().into());
        }
    }
}

fn target(joined: &Joined) -> Option<Target> {
    match joined {
        Joined::Transit(gateway, _) => Some(Target::Transit(gateway.clone())),
        Joined::Peering(peering) => Some(Target::Peering(peering.clone())),
        Joined::Apart => None,
    }
}

/// The attachment, if it is a resource of this template; elsewhere it was made before.
fn wait_for<'a>(t: &Template, attachment: &'a LogicalId) -> Vec<&'a LogicalId> {
    t.entries.iter().any(|e| e.id == *attachment).then_some(attachment).into_iter().collect()
}
