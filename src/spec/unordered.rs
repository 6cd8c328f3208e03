//! Lists whose order means nothing to AWS are sorted, once they were judged as they stand: whoever writes the
//! same in another order makes the same.

use std::collections::BTreeMap;

use crate::blueprint::shape::Components;
use crate::blueprint::shape::component::{Backup, CopyTo, Identity, Protection};
use crate::spec::Tier;
use crate::spec::statement::Statement;

/// Those lists in what surrounds the tenants, of the estate or of a tier: roles that read, people who have
/// notebooks, vaults that copies go to, packages that are installed at once, tiers that are deployed together,
/// addresses that users come back to, names that are resolved or not, subnets of a cluster, and types of things that
/// AWS holds to a policy. Those who are told of alarms are not: a lock of before says nothing of their numbers, which
/// are those of the order in which they stand.
const AROUND: [&str; 11] = [
    "analytics.analysts",
    "analytics.notebooks.users",
    "backup.copy_to",
    "delivery.images.packages",
    "delivery.rings.*",
    "identity.callbacks",
    "identity.logouts",
    "protection.dns.allow",
    "protection.dns.block",
    "protection.hsm.subnets",
    "tagging.enforce",
];

/// Whether the list at a path of a blueprint is one of those. A path is the keys that lead to it, with `*` for an
/// item of a list. A key by itself tells nothing: what a tier allows is something else than what a resolver does.
pub fn is_any(path: &[&str]) -> bool {
    match path {
        ["components", around @ ..] | ["tiers", _, "components", around @ ..] => {
            AROUND.contains(&around.join(".").as_str())
        }
        // Those who are told of costs, and variables whose values are secrets.
        ["tiers", _, "account", "budget", "notify"]
        | ["tiers", _, "service", "secrets"]
        | ["tiers", _, "services", _, "secrets"]
        | ["tenants" | "must_reach" | "must_not_reach"] => true,
        _ => false,
    }
}

/// Sorts what is said of the estate.
pub fn components(written: &Components) -> Components {
    let mut out = written.clone();
    if let Some(analytics) = &mut out.analytics {
        analytics.analysts.sort_unstable();
        analytics.notebooks.iter_mut().for_each(|notebooks| notebooks.users.sort_unstable());
    }
    if let Some(delivery) = &mut out.delivery {
        delivery.images.iter_mut().for_each(|images| images.packages.sort_unstable());
        delivery.rings.iter_mut().for_each(|ring| ring.sort_unstable());
    }
    out.tagging.iter_mut().for_each(|tagging| tagging.enforce.sort_unstable());
    out.backup.iter_mut().for_each(backup);
    out.identity.iter_mut().for_each(identity);
    out.protection.iter_mut().for_each(protection);
    out
}

/// Sorts what is said of tiers.
pub fn tiers(tiers: &mut BTreeMap<String, Tier>) {
    for tier in tiers.values_mut() {
        tier.components.backup.iter_mut().for_each(backup);
        tier.components.identity.iter_mut().for_each(identity);
        tier.components.protection.iter_mut().for_each(protection);
        if let Some(account) = &mut tier.account {
            account.budget.notify.sort_unstable();
        }
        tier.services.values_mut().for_each(|service| service.secrets.sort_unstable());
    }
}

/// Sorts what is stated: what must be reached, then what must not.
pub fn statements(statements: &mut [Statement]) {
    let key = |one: &Statement| {
        (!one.must, one.from.clone(), one.to.clone(), one.protocol.id(), one.port)
    };
    statements.sort_by_key(key);
}

fn backup(backup: &mut Backup) {
    let key = |copy: &CopyTo| (copy.vault.clone(), copy.keep, copy.cold_after);
    backup.copy_to.sort_by_key(key);
}

fn identity(identity: &mut Identity) {
    identity.callbacks.sort_unstable();
    identity.logouts.sort_unstable();
}

fn protection(protection: &mut Protection) {
    protection.dns.allow.sort_unstable();
    protection.dns.block.sort_unstable();
    protection.hsm.iter_mut().for_each(|hsm| hsm.subnets.sort_unstable());
}
