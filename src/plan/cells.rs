//! How many tenants a cell holds before something of it is used up: what each quota allows, and
//! what one tenant takes of it. `tests/suite/models.rs` holds this and the templates together.
//!
//! Only what a cell has for itself closes it. What AWS counts by account, region or zone, as network
//! interfaces are, is no less used up where the next tenant opens another cell. Nor does it help where
//! a VPC is counted with its peers: those of a cell are the hub, which has all other cells as well.

use crate::aws::quota::{
    self, ADDRESS_UNITS, APP_CLIENTS, GATEWAY_ENDPOINTS, GROUPS, NAMESPACE, NETWORK_ACLS,
    ROUTE_TABLES, RULES, SERVICES, SUBNETS, TARGET_GROUPS, TARGETS,
};
use crate::blueprint::shape::{Connect, Isolation, Nat};
use crate::plan::Block;
use crate::plan::layout;
use crate::spec::component::identity;
use crate::spec::{Spec, Tier, workload};

/// One thing that a cell can run out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The quota, by its id, or what else there is only so much of.
    pub what: &'static str,
    /// How much of it there is.
    pub limit: u64,
    /// How much the cell takes of it without tenants.
    pub shared: u64,
    /// How much one tenant takes.
    pub each: u64,
}

impl Row {
    /// How much of it there is for tenants.
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.shared)
    }
}

/// What is not a quota of AWS: the addresses of the private subnets.
pub const ADDRESSES: &str = "addresses";

/// What is not a quota of AWS: the ceiling that the tier sets.
pub const CEILING: &str = "pool.tenants";

/// Why a cell was opened: there was none of its tier in its region and account.
pub const FIRST: &str = "first";

/// Why a cell was opened: its tenant has it for itself.
pub const DEDICATED: &str = "dedicated";

/// Why a cell was opened: there was none for tenants with these needs.
pub const NEEDS: &str = "needs";

/// Why a cell was opened, where it was no quota.
pub const WORDS: [&str; 5] = [FIRST, DEDICATED, NEEDS, ADDRESSES, CEILING];

/// Whether a word says why a cell was opened.
pub fn is_reason(word: &str) -> bool {
    WORDS.contains(&word) || quota::get(word).is_some()
}

/// AWS keeps five addresses of every subnet.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>.
const KEPT: u64 = 5;

/// How often a service stands twice while a new version replaces the old: Amazon ECS starts the new
/// tasks first. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html>.
pub const DURING_DEPLOYMENT: u64 = 2;

/// The units of Network Address Usage of a NAT gateway, an attachment, a function, and in each zone of
/// an interface endpoint or a network load balancer; an address of anything else is one. Source:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/network-address-usage.html>.
pub const HEAVY: u64 = 6;

/// The rows of a tier, as one of its tenants has it, for a cell of that block in that account and
/// region. Every tenant of a tier gives the same rows in the same order; only `each` differs.
pub fn rows_in(
    spec: &Spec,
    tier: &Tier,
    block: Block,
    (account, region): (&str, &str),
) -> Vec<Row> {
    let at = At { spec, account, region };
    let mut rows = match tier.isolation {
        Isolation::Subnet => subnet(&at, tier),
        Isolation::Container => container(&at, tier, block),
        Isolation::Application => application(&at, tier),
        Isolation::Account | Isolation::Vpc => Vec::new(),
    };
    let ceiling = |most: u32| Row { what: CEILING, limit: most.into(), shared: 0, each: 1 };
    rows.extend(tier.ceiling.map(ceiling));
    rows
}

/// The same at home, in the home region.
pub fn rows(spec: &Spec, tier: &Tier, block: Block) -> Vec<Row> {
    rows_in(spec, tier, block, (&spec.home_account, &spec.regions[0]))
}

/// Where a cell is.
struct At<'a> {
    spec: &'a Spec,
    account: &'a str,
    region: &'a str,
}

/// A quota of something that each cell has for itself.
fn of(at: &At<'_>, quota: &'static str, shared: u64, each: u64) -> Row {
    let limit = at.spec.quotas.of_in(quota, at.account, at.region);
    Row { what: quota, limit: limit.into(), shared, each }
}

fn subnet(at: &At<'_>, tier: &Tier) -> Vec<Row> {
    let spec = at.spec;
    let zones = u64::from(spec.network.zones);
    let tables = if tier.nat == Nat::PerZone { zones } else { 1 };
    // Those of the shared subnets are the tier's, whatever a tenant overrides.
    let shared = spec.tiers[&tier.id].gateway_endpoints.len() as u64;
    vec![
        of(at, SUBNETS, 2 * zones, zones),
        // The main route table, one for the public subnets, one for the private ones of each zone.
        of(at, ROUTE_TABLES, 2 + zones, tables),
        // The default network ACL.
        of(at, NETWORK_ACLS, 1, 1),
        of(at, GATEWAY_ENDPOINTS, shared, tier.gateway_endpoints.len() as u64),
    ]
}

/// Where tenants share a pool of users, each has an application and a group in it; one that signs in
/// elsewhere is counted, too, as it may stop to.
fn application(at: &At<'_>, tier: &Tier) -> Vec<Row> {
    if !identity::shares(tier) {
        return Vec::new();
    }
    vec![of(at, APP_CLIENTS, 0, 1), of(at, GROUPS, 0, 1)]
}

fn container(at: &At<'_>, tier: &Tier, block: Block) -> Vec<Row> {
    let spec = at.spec;
    let count = |n: usize| u64::try_from(n).expect("a count");
    let reached = tier.services.values().filter(|s| s.port.is_some());
    let most = |s: &crate::blueprint::shape::Service| u64::from(workload::bounds(&s.scale).1);
    let tasks: u64 = tier.services.values().map(most).sum::<u64>() * DURING_DEPLOYMENT;
    let targets: u64 = reached.clone().map(most).sum::<u64>() * DURING_DEPLOYMENT;
    let reached = count(reached.count());
    // What the cell is made of is its tier's, whatever a tenant overrides.
    let cell = &spec.tiers[&tier.id];
    // In each zone: interface endpoints, and the attachment to a transit gateway.
    let shared = u64::from(spec.network.zones) * (count(cell.interface_endpoints.len()) + 1);
    let free = |slot: u8| {
        let prefix = layout::layers(block, slot).private.prefix_len();
        (1_u64 << (32 - prefix)) - KEPT
    };
    let addresses = (0..spec.network.zones.min(block.slots)).map(free).sum::<u64>();
    vec![
        of(at, RULES, 0, reached),
        of(at, TARGET_GROUPS, 0, reached),
        of(at, TARGETS, 0, targets),
        of(at, SERVICES, 0, count(tier.services.len())),
        of(at, NAMESPACE, 0, reached),
        of(at, ADDRESS_UNITS, units(spec, cell), tasks),
        Row { what: ADDRESSES, limit: addresses, shared, each: tasks },
    ]
}

/// The units of Network Address Usage of a cell of isolation `container` without tenants: its ways out,
/// its endpoints, its load balancer in each zone, and its instances at their most.
fn units(spec: &Spec, tier: &Tier) -> u64 {
    let zones = u64::from(spec.network.zones);
    let gateways = match tier.nat {
        Nat::None => 0,
        Nat::Single => 1,
        Nat::PerZone => zones,
    };
    let joined = u64::from(spec.network.connect == Connect::TransitGateway);
    let endpoints = zones * tier.interface_endpoints.len() as u64;
    let hosts = tier.hosts.as_ref().map_or(0, |instances| instances.max.into());
    HEAVY * (gateways + joined + endpoints) + zones + hosts
}

/// How many more tenants there is enough for, when so much is taken already, and the row that says
/// so; `None` where no row does.
pub fn room(rows: &[Row], taken: &[u64]) -> Option<(u64, Row)> {
    let left = rows.iter().enumerate().filter(|(_, row)| row.each > 0).map(|(i, row)| {
        let used = taken.get(i).copied().unwrap_or(0);
        (row.left().saturating_sub(used) / row.each, i)
    });
    left.min().map(|(room, i)| (room, rows[i]))
}

/// The row of which there is not enough for one more tenant, when so much is taken already.
pub fn full(rows: &[Row], taken: &[u64]) -> Option<Row> {
    let short = |(i, row): (usize, &Row)| {
        let used = taken.get(i).copied().unwrap_or(0);
        (used + row.each > row.left()).then_some(*row)
    };
    rows.iter().enumerate().find_map(short)
}
