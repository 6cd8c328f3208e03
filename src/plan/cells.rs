//! How many tenants a cell holds before something of it is used up: what each quota allows, and
//! what one tenant takes of it. `tests/suite/models.rs` holds this and the templates together.
//!
//! Only what a cell has for itself closes it. What AWS counts by account, region or zone, as network
//! interfaces are, is no less used up where the next tenant opens another cell.

use crate::aws::quota::{
    self, APP_CLIENTS, GROUPS, NAMESPACE, NETWORK_ACLS, ROUTE_TABLES, RULES, SERVICES, SUBNETS,
    TARGET_GROUPS, TARGETS,
};
use crate::blueprint::shape::{Isolation, Nat};
use crate::plan::Block;
use crate::plan::layout;
use crate::spec::component::identity;
use crate::spec::{Spec, Tier, workload};

/// One thing that a cell can run out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The quota, by its id, or what else there is only so much of.
    pub what: &'static str,
    /// How much of it there is for tenants.
    pub limit: u64,
    /// How much one tenant takes.
    pub each: u64,
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
    rows.extend(tier.ceiling.map(|most| Row { what: CEILING, limit: u64::from(most), each: 1 }));
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

/// What is left of a quota for tenants: without what cells share, and what others use.
fn of(at: &At<'_>, quota: &'static str, shared: u32, each: u64) -> Row {
    let (quotas, account) = (&at.spec.quotas, at.account);
    let limit = quotas.of_in(quota, account, at.region);
    let others = quotas.used_in(quota, account, at.region);
    let limit = limit.saturating_sub(shared).saturating_sub(others);
    Row { what: quota, limit: u64::from(limit), each }
}

fn subnet(at: &At<'_>, tier: &Tier) -> Vec<Row> {
    let spec = at.spec;
    let zones = u32::from(spec.network.zones);
    let tables = if tier.nat == Nat::PerZone { zones } else { 1 };
    vec![
        of(at, SUBNETS, 2 * zones, zones.into()),
        // The main route table, one for the public subnets, one for the private ones of each zone.
        of(at, ROUTE_TABLES, 2 + zones, tables.into()),
        // The default network ACL.
        of(at, NETWORK_ACLS, 1, 1),
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
    let zones = u32::from(spec.network.zones);
    // In each zone: interface endpoints, and the attachment to a transit gateway.
    let shared = zones * u32::try_from(tier.interface_endpoints.len() + 1).expect("few endpoints");
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
        Row { what: ADDRESSES, limit: addresses.saturating_sub(shared.into()), each: tasks },
    ]
}

/// How many more tenants there is enough for, when so much is taken already, and the row that says
/// so; `None` where no row does.
pub fn room(rows: &[Row], taken: &[u64]) -> Option<(u64, Row)> {
    let left = rows.iter().enumerate().filter(|(_, row)| row.each > 0).map(|(i, row)| {
        let used = taken.get(i).copied().unwrap_or(0);
        (row.limit.saturating_sub(used) / row.each, i)
    });
    left.min().map(|(room, i)| (room, rows[i]))
}

/// The row of which there is not enough for one more tenant, when so much is taken already.
pub fn full(rows: &[Row], taken: &[u64]) -> Option<Row> {
    let short = |(i, row): (usize, &Row)| {
        let used = taken.get(i).copied().unwrap_or(0);
        (used + row.each > row.limit).then_some(*row)
    };
    rows.iter().enumerate().find_map(short)
}
