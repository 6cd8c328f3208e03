//! What an account has of something in a region, whatever the number of cells: where that is used
//! up, a new cell helps nobody, and somebody must ask AWS for more.

use std::collections::BTreeMap;

use crate::aws::PENDING;
use crate::aws::quota::{API_KEYS, TABLES, USAGE_PLANS, USER_POOLS, VPC_LINKS, called, helps};
use crate::blueprint::shape::{DataEngine, DataPartition, Isolation};
use crate::diag::Sink;
use crate::plan::{Cell, Plan, ordinal, rule, who};
use crate::source::Site;
use crate::spec::component::identity;
use crate::spec::{Spec, Tier};

/// What is looked at.
const ROWS: [&str; 5] = [USAGE_PLANS, API_KEYS, VPC_LINKS, TABLES, USER_POOLS];

/// How much of each is taken.
type Takes = [u64; ROWS.len()];

/// A pool with its tenants, or a tenant elsewhere that has something of its own.
struct Group<'a> {
    /// What the pool takes.
    pool: Takes,
    /// Its tenants, and what each takes besides.
    tenants: Vec<(&'a String, Takes)>,
}

/// Tables of each pool besides its catalogue, and of each tenant.
fn tables(tier: &Tier) -> (u64, u64) {
    let Some(data) = &tier.data else { return (0, 0) };
    let count = data.tables.len() as u64;
    match (data.engine, data.partition) {
        (DataEngine::Dynamodb, DataPartition::Table) => (0, count),
        (DataEngine::Dynamodb, _) => (count, 0),
        (DataEngine::AuroraPostgresql, _) => (0, 0),
    }
}

/// The groups of each account and region; pools in the order in which they were opened.
fn groups<'a>(spec: &Spec, plan: &'a Plan) -> BTreeMap<(&'a str, &'a str), Vec<Group<'a>>> {
    let mut pools: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for cell in plan.cells.values() {
        let tier = &spec.tiers[&cell.tier];
        if tier.isolation == Isolation::Application {
            let users = u64::from(identity::shares(tier));
            let pool = [0, 0, 1, 1 + tables(tier).0, users];
            pools.insert(&cell.id, Group { pool, tenants: Vec::new() });
        }
    }
    let mut out: BTreeMap<(&str, &str), Vec<Group<'_>>> = BTreeMap::new();
    // Both stand in order, and who is placed is a tenant.
    let mut tenants = spec.tenants.values();
    for (id, placed) in &plan.tenants {
        let tenant = tenants.find(|one| one.id == *id).expect("who is placed is a tenant");
        let tier = &spec.tiers[&tenant.tier];
        let users = u64::from(identity::owns(tenant, tier) && placed.account != PENDING);
        match placed.cell.as_ref().and_then(|cell| pools.get_mut(cell.as_str())) {
            Some(group) => group.tenants.push((id, [1, 1, 0, tables(tier).1, users])),
            None if users > 0 => {
                let tenants = vec![(id, [0, 0, 0, 0, users])];
                let group = Group { pool: Takes::default(), tenants };
                out.entry((&placed.account, &placed.region)).or_default().push(group);
            }
            None => {}
        }
    }
    let mut pools: Vec<(&Cell, Group<'_>)> =
        pools.into_iter().map(|(id, group)| (&plan.cells[id], group)).collect();
    pools.sort_by_key(|(cell, _)| (&cell.tier, &cell.region, ordinal(&cell.id)));
    for (cell, group) in pools {
        out.entry((&cell.account, &cell.region)).or_default().push(group);
    }
    out
}

/// What a row comes to: how much is taken, by how many tenants, be it only with their pool, and those of
/// them that do not fit, in the order in which they stand.
fn sum(groups: &[Group<'_>], row: usize, limit: u64, others: u64) -> (u64, usize, Vec<String>) {
    let (mut used, mut all, mut left) = (others, 0, Vec::new());
    for group in groups {
        used += group.pool[row];
        for (id, takes) in group.tenants.iter().filter(|it| it.1[row] + group.pool[row] > 0) {
            used += takes[row];
            all += 1;
            if used > limit {
                left.push((*id).clone());
            }
        }
    }
    (used, all, left)
}

/// Complains of pools that take more together than their account has in their region.
pub fn judge(spec: &Spec, plan: &Plan, sink: &mut Sink) {
    for ((account, region), groups) in groups(spec, plan) {
        for (row, quota) in ROWS.into_iter().enumerate() {
            let limit = u64::from(spec.quotas.of_in(quota, account, region));
            let others = u64::from(spec.quotas.used_in(quota, account, region));
            let (used, all, left) = sum(&groups, row, limit, others);
            if used <= limit {
                continue;
            }
            let whose = if quota == USER_POOLS { "the users" } else { "the pools" };
            let fit = all - left.len();
            // What others took alone may be too much already.
            let who = if left.is_empty() { String::new() } else { format!(", {}", who(&left)) };
            let message = format!(
                "{fit} of {all} tenants fit{who}: {whose} of account {account} in {region} need {used} of \
                 {}, which is {limit}",
                called(quota)
            );
            let otherwise = "let some tenants live in another region";
            let help = helps(quota, used, &format!("{account}/{region}"), otherwise);
            sink.push(rule::REGION_FULL.at(Site::at(["tenants"]).key(), message).help(help));
        }
    }
}
