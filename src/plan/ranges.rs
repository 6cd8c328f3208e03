//! The ranges of addresses that tables route to: the pools and the blocks on premises. Routes are known by
//! the number of their range, so a range once numbered keeps its number whatever comes, and no route is
//! put in the place of another that is still there.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::spec::Spec;

/// The key of what hubs know: the pools and the blocks on premises.
pub const HUB: &str = "hub";

/// The key of what tenants and cells know: the blocks on premises.
pub const PREMISES: &str = "premises";

/// The ranges of each key in the order in which they were first seen, which numbers them.
pub type Ranges = BTreeMap<String, Vec<Ipv4Net>>;

/// Numbers new ranges, if there is a hub.
pub fn assign(spec: &Spec, ranges: &mut Ranges) {
    if !spec.network.has_hub() {
        return;
    }
    let pools = spec.network.pools.iter().map(|pool| pool.cidr);
    let premises = spec.network.premises();
    note(ranges, HUB, pools.chain(premises.iter().copied()));
    note(ranges, PREMISES, premises.iter().copied());
}

fn note(ranges: &mut Ranges, key: &str, seen: impl Iterator<Item = Ipv4Net>) {
    for range in seen {
        let known = ranges.entry(key.to_owned()).or_default();
        if !known.contains(&range) {
            known.push(range);
        }
    }
}

/// Those of some ranges that a key has, by number, from 1.
pub fn numbered<'a>(
    ranges: &'a Ranges,
    key: &str,
    those: &'a [Ipv4Net],
) -> impl Iterator<Item = (usize, Ipv4Net)> + use<'a> {
    let all = ranges.get(key).into_iter().flatten();
    (1..).zip(all.copied()).filter(|(_, range)| those.contains(range))
}
