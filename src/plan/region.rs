//! What an account has of something in a region, whatever the number of cells: where that is used
//! up, a new cell helps nobody, and somebody must ask AWS for more.

use std::collections::BTreeMap;

use crate::aws::PENDING;
use crate::aws::quota::{API_KEYS, TABLES, USAGE_PLANS, USER_POOLS, VPC_LINKS};
use crate::blueprint::shape::{DataEngine, DataPartition, Isolation};
use crate::diag::Sink;
use crate::plan::{Plan, rule};
use crate::source::Site;
use crate::spec::component::identity;
use crate::spec::{Spec, Tier};

/// What pools and tenants of a place take.
#[derive(Default)]
struct Taken {
    pools: u64,
    tenants: u64,
    tables: u64,
    users: u64,
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

/// Complains of pools that take more together than their account has in their region.
pub fn judge(spec: &Spec, plan: &Plan, sink: &mut Sink) {
    let mut places: BTreeMap<(&str, &str), Taken> = BTreeMap::new();
    for cell in plan.cells.values() {
        let tier = &spec.tiers[&cell.tier];
        if tier.isolation != Isolation::Application {
            continue;
        }
        let taken = places.entry((&cell.account, &cell.region)).or_default();
        let (shared, own) = tables(tier);
        taken.pools += 1;
        taken.users += u64::from(identity::shares(tier));
        taken.tenants += cell.tenants as u64;
        taken.tables += 1 + shared + own * cell.tenants as u64;
    }
    for (id, placed) in &plan.tenants {
        let tenant = &spec.tenants[id];
        if identity::owns(tenant, &spec.tiers[&tenant.tier]) && placed.account != PENDING {
            places.entry((&placed.account, &tenant.region)).or_default().users += 1;
        }
    }
    for ((account, region), taken) in places {
        let rows: [(&str, u64); 5] = [
            (USAGE_PLANS, taken.tenants),
            (API_KEYS, taken.tenants),
            (VPC_LINKS, taken.pools),
            (TABLES, taken.tables),
            (USER_POOLS, taken.users),
        ];
        for (quota, count) in rows {
            let limit = spec.quotas.of_in(quota, account, region);
            let count = count + u64::from(spec.quotas.used_in(quota, account, region));
            if count <= u64::from(limit) {
                continue;
            }
            let whose = if quota == USER_POOLS { "the users" } else { "the pools" };
            let message = format!(
                "{whose} of account {account} in {region} need {count} of `{quota}`, which is {limit}"
            );
            let code = crate::aws::quota::get(quota).and_then(|row| row.code).unwrap_or(quota);
            let help = format!(
                "ask AWS for at least {count} of {code} there and write it into `quotas`, or let some \
                 tenants live in another region"
            );
            sink.push(rule::REGION_FULL.at(Site::at(["tenants"]).key(), message).help(help));
        }
    }
}
