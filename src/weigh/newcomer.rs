//! Tenants that do not exist, as their tier would have them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::blueprint::shape::{Isolation, TierVpn};
use crate::source::Site;
use crate::spec::tier::TagValue;
use crate::spec::{Spec, Tenant, Vpn};

/// An address for documentation. Source: <https://www.rfc-editor.org/rfc/rfc5737>.
const NOWHERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// A number for documentation. Source: <https://www.rfc-editor.org/rfc/rfc5398>.
const NOBODY: u32 = 64_496;

/// What ids of newcomers begin with.
const WORD: &str = "newcomer";

/// The n-th tenant that could come to a tier and region; of at most a million.
pub fn newcomer(spec: &Spec, tier: &str, region: &str, n: usize) -> Tenant {
    let offer = &spec.tiers[tier];
    let number = n.to_string();
    // All are as long as the first: what is counted in characters is alike.
    let mut id = format!("{}-{number}", &WORD[..=WORD.len() - number.len()]);
    while spec.tenants.contains_key(&id) {
        id.push('x');
    }
    let far_end = Vpn { gateway_ip: NOWHERE, asn: NOBODY };
    let known = spec.tenants.values().find(|tenant| tenant.tier == tier);
    let value = |key: &String| known.and_then(|tenant| tenant.tags.get(key)).cloned();
    let varies = offer.tags.iter().filter(|tag| matches!(tag.value, TagValue::PerTenant(..)));
    let tags: BTreeMap<String, String> = varies
        .map(|tag| (tag.key.clone(), value(&tag.key).unwrap_or_else(|| id.clone())))
        .collect();
    Tenant {
        tier: tier.to_owned(),
        name: id.clone(),
        region: region.to_owned(),
        email: (offer.isolation == Isolation::Account).then(|| format!("{id}@example.com")),
        needs: Vec::new(),
        dedicated: false,
        host: None,
        variant: None,
        overrides: Vec::new(),
        vpn: (offer.vpn == TierVpn::Required).then_some(far_end),
        federation: None,
        tags,
        site: Site::File(0),
        id,
    }
}
