//! Who is told when something is wrong. A subscription is known by the number of its address, so an address
//! once numbered keeps its number whoever else is told: one that is made anew must be confirmed anew, and
//! nobody is told until then.

use std::collections::BTreeMap;

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::Monitoring;
use crate::spec::Spec;

/// The addresses of each key in the order in which they were first seen, which numbers them.
pub type Subscriptions = BTreeMap<String, Vec<String>>;

/// The key of who is told of what is critical.
pub const CRITICAL: &str = "critical";

/// The key of who is warned.
pub const WARNING: &str = "warning";

/// The key of a tier whose tenants have topics of their own, and without a tier that of the estate.
pub fn key(tier: Option<&str>, severity: &str) -> String {
    tier.map_or_else(|| severity.to_owned(), |tier| format!("{tier}/{severity}"))
}

/// Numbers new addresses.
pub fn assign(spec: &Spec, told: &mut Subscriptions) {
    if let Some(monitoring) = &spec.components.monitoring {
        note(told, None, monitoring);
    }
    for tier in spec.tiers.values().filter(|tier| tier.isolation == Isolation::Account) {
        if let Some(monitoring) = &tier.components.monitoring {
            note(told, Some(&tier.id), monitoring);
        }
    }
}

fn note(told: &mut Subscriptions, tier: Option<&str>, monitoring: &Monitoring) {
    let notify = &monitoring.notify;
    for (severity, all) in [(CRITICAL, &notify.critical), (WARNING, &notify.warning)] {
        for address in all {
            let known = told.entry(key(tier, severity)).or_default();
            if !known.contains(address) {
                known.push(address.clone());
            }
        }
    }
}

/// Those of some addresses that a key has, by number, from 1.
pub fn numbered<'a>(
    told: &'a Subscriptions,
    key: &str,
    those: &'a [String],
) -> impl Iterator<Item = (usize, &'a String)> + use<'a> {
    let all = told.get(key).into_iter().flatten();
    (1..).zip(all).filter(|(_, address)| those.contains(address))
}
