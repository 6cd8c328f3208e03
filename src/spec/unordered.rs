//! Lists whose order means nothing to AWS are sorted, once they were judged as they stand: whoever writes the
//! same in another order makes the same.

use std::collections::BTreeMap;

use crate::blueprint::shape::Components;
use crate::blueprint::shape::component::Identity;
use crate::spec::Tier;

/// Those lists, by the key that each has wherever it stands: roles that read, addresses that users come back
/// to, those who are told of costs, and variables whose values are secrets.
pub const KEYS: [&str; 5] = ["analysts", "callbacks", "logouts", "notify", "secrets"];

/// Sorts what is said of the estate.
pub fn components(written: &Components) -> Components {
    let mut out = written.clone();
    if let Some(analytics) = &mut out.analytics {
        analytics.analysts.sort_unstable();
    }
    out.identity.iter_mut().for_each(identity);
    out
}

/// Sorts what is said of tiers.
pub fn tiers(tiers: &mut BTreeMap<String, Tier>) {
    for tier in tiers.values_mut() {
        tier.components.identity.iter_mut().for_each(identity);
        if let Some(account) = &mut tier.account {
            account.budget.notify.sort_unstable();
        }
        tier.services.values_mut().for_each(|service| service.secrets.sort_unstable());
    }
}

fn identity(identity: &mut Identity) {
    identity.callbacks.sort_unstable();
    identity.logouts.sort_unstable();
}
