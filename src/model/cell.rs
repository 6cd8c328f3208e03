//! What every cell has, whatever its tenants share in it: a VPC with a public and a private layer,
//! its ways to the internet, to AWS services, to the hub and to the premises.

use crate::blueprint::shape::{Connect, Isolation};
use crate::model::hub::{self, Joined, Side};
use crate::model::network::{self, Core, FlowLogs, Layer, numbered};
use crate::model::{foundation, identity, spoke};
use crate::plan::{Cell, Plan, Ranges, Zone, layout};
use crate::resource::ssm::Parameter;
use crate::resource::vpc::{NatGateway, RouteTable};
use crate::spec::{Spec, Tier};
use crate::template::{NAME, Stack, Template, Values, Wave};
use crate::value::{Id, Value, join, param};

/// The network of a cell.
pub struct Network {
    /// The VPC.
    pub core: Core,
    /// Where load balancers and NAT gateways stand.
    pub public: Layer,
    /// Where what is shared, or what tenants run, stands.
    pub private: Layer,
    /// The route tables of the private layer, in the order of the zones.
    pub tables: Vec<Id<RouteTable>>,
    /// The NAT gateways.
    pub gateways: Vec<Id<NatGateway>>,
}

/// The beginning of the template of a cell: its parameters and tags.
pub fn template(
    shape: &str,
    description: String,
    spec: &Spec,
    tier: &Tier,
    zones: &[Zone],
) -> Template {
    let mut t = bare(shape, description, spec, tier);
    network::zone_params(&mut t, zones);
    t
}

/// The same of what stands in a cell and has no network of its own.
pub fn bare(shape: &str, description: String, spec: &Spec, tier: &Tier) -> Template {
    let mut t = Template::new(shape, description);
    let cell = t.param("Cell", "The id of the cell");
    t.tags.push(("Cell".to_owned(), cell));
    identity::tag_shared(&mut t, spec, Some(tier));
    t
}

/// Adds the VPC and the layers of a cell. `options` adds what belongs right behind the VPC.
pub fn network(
    t: &mut Template,
    spec: &Spec,
    tier: &Tier,
    zones: &[Zone],
    options: impl FnOnce(&mut Template, &Core),
) -> Network {
    let core = network::core(t, spec, FlowLogs::Foundation, |_| {});
    options(t, &core);
    let public = network::public_layer(t, &core, zones);
    let private = network::layer(t, "Private", &core.vpc, zones);
    let tables = network::zone_tables(t, "Private", &core.vpc, &private);
    let gateways = network::nat_gateways(t, tier.nat, &core, &public);
    network::nat_routes(t, "Private", &tables, zones, &gateways);
    network::gateway_endpoints(t, &tier.gateway_endpoints, &core.vpc, &tables);
    network::interface_endpoints(t, &tier.interface_endpoints, &core.vpc, &private);
    publish(t, spec, "vpc-id", "The VPC of the cell", Value::from(&core.vpc));
    Network { core, public, private, tables, gateways }
}

/// Joins a cell to the hub and to the premises, and publishes what its tenants need of that.
pub fn join_hub(
    t: &mut Template,
    spec: &Spec,
    ranges: &Ranges,
    side: Side,
    cell: &Network,
    zones: &[Zone],
) {
    let vpc = &cell.core.vpc;
    let joined = hub::join_vpc(t, spec, side, vpc, &cell.private.subnets, zones);
    hub::routes(t, spec, "Private", &joined, ranges, &cell.tables, zones);
    if let Joined::Peering(peering) = &joined {
        let what = "The peering connection to the hub";
        publish(t, spec, "hub-peering-id", what, Value::from(peering));
    }
    if side == Side::Apart {
        if let Joined::Transit(gateway, _) = &joined {
            publish(t, spec, "transit-gateway-id", "The transit gateway", Value::from(gateway));
        }
        if let Some(link) = hub::link(&joined) {
            publish(t, spec, spoke::LINK, "What joins the cell to the hub", link);
        }
    }
    if let (true, Some(far)) = (own_vpn(spec), hub::premises_vpn(spec)) {
        let gateway = hub::vpn_at_vpc(t, vpc, &cell.tables, zones, &far);
        publish(t, spec, "vpn-gateway-id", "The VPN gateway of the cell", Value::from(&gateway));
    }
}

/// Whether a cell has a connection to premises of its own: without a transit gateway there is no
/// way to them through the hub, as peering is not transitive.
pub fn own_vpn(spec: &Spec) -> bool {
    spec.network.connect != Connect::TransitGateway && hub::premises_vpn(spec).is_some()
}

/// Publishes a value of a cell for its tenants, by its path below that of the cell.
pub fn publish(t: &mut Template, spec: &Spec, path: &str, what: &'static str, value: Value) {
    let id = format!("{}Parameter", crate::name::pascal(path));
    let path = join([spec.parameter("cell/").into(), param("Cell"), format!("/{path}").into()]);
    t.add(id, Parameter { path, description: what, value });
}

/// The path of a value that a cell publishes.
pub fn path(spec: &Spec, cell: &str, name: &str) -> String {
    spec.parameter(&format!("cell/{cell}/{name}"))
}

/// The key of the stack of a cell.
pub fn key(cell: &str) -> String {
    format!("cell-{cell}")
}

/// A stack of a cell in a wave, called `<prefix>-<cell>`, with the values that name the cell.
pub fn part(spec: &Spec, cell: &Cell, tier: &Tier, wave: Wave, prefix: &str) -> (Stack, Values) {
    let place = (cell.account.as_str(), cell.region.as_str());
    let key = format!("{prefix}-{}", cell.id);
    let mut stack = identity::shared_stack(spec, wave, key, place, Some(tier));
    stack.tags.push(("Cell".to_owned(), cell.id.clone()));
    let mut values = Values::default();
    values.set(NAME, &stack.name);
    values.set("Cell", &cell.id);
    (stack, values)
}

/// The stack of a cell with the values of [`template`], [`network`] and [`join_hub`].
pub fn stack(spec: &Spec, plan: &Plan, cell: &Cell, tier: &Tier) -> (Stack, Values) {
    let prefix = if tier.isolation == Isolation::Application { "network" } else { "cell" };
    let (mut stack, mut values) = part(spec, cell, tier, Wave::Cell, prefix);
    values.set("VpcCidr", cell.block.cidr);
    for zone in &plan.zones[&cell.region] {
        let (public, private) = if tier.isolation == Isolation::Subnet {
            let layers = layout::shared_layers(cell.block, zone.slot);
            (layers.public, layers.private)
        } else {
            let layers = layout::layers(cell.block, zone.slot);
            (layers.public, layers.private)
        };
        values.set(numbered("Zone", zone), &zone.name);
        values.set(numbered("PublicCidr", zone), public);
        values.set(numbered("PrivateCidr", zone), private);
    }
    stack.depends_on.push(foundation::connect(spec, &mut values, &cell.account, &cell.region));
    hub::join_values(spec, plan, &mut stack, &mut values);
    (stack, values)
}
