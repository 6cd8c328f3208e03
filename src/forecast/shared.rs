//! Places that are there whoever comes: what newcomers add to each, and how much it holds by then.

use std::collections::BTreeMap;

use crate::check::quota::Use;
use crate::forecast::probe::{Added, Grown, Spot};
use crate::lookup::Lookup;
use crate::plan::allocate::room::{Room, Share};
use crate::spec::Spec;

/// What is added to a place, by the account that newcomers come to.
pub type Parts<'a> = Vec<(&'a str, &'a Added)>;

/// What is used of each.
pub type Now<'a> = Lookup<Spot<'a>, &'a Use>;

/// The same of all places.
pub type ByPlace<'a> = BTreeMap<Spot<'a>, Parts<'a>>;

/// A place that newcomers add to.
pub struct Shared<'a> {
    /// What is added to it.
    pub parts: Parts<'a>,
    /// As it is now; if it is not there, as it was counted with them.
    pub at: &'a Use,
    /// What is used of it now.
    pub before: u64,
    /// A limit that stops something.
    pub limit: u64,
    /// Whether it is a place of one of several workload accounts.
    pub in_turn: bool,
    /// The most that the first of all, a tenant and a cell add, in whichever account.
    pub most: [u64; 3],
}

impl<'a> Shared<'a> {
    /// Its quota and its name.
    pub fn spot(&self) -> Spot<'a> {
        (self.at.quota, &self.at.place)
    }

    /// Whether it cannot hold more than its limit with so many newcomers in so many cells, in whichever
    /// accounts they are.
    pub fn holds(&self, tenants: u64, cells: u64) -> bool {
        let [once, tenant, cell] = self.most;
        let tenants = tenants.saturating_mul(tenant);
        let more = tenants.saturating_add(cells.saturating_mul(cell)).saturating_add(once);
        self.before.saturating_add(more) <= self.limit
    }
}

/// The most that the first of all, a tenant and a cell add to a place, in whichever account.
pub fn most(parts: &Parts<'_>) -> [u64; 3] {
    let all = || parts.iter().map(|(_, added)| added);
    let tenant = all().map(|added| added.tenant).max();
    let cell = all().map(|added| added.cell).max();
    [all().map(|added| added.once).sum(), tenant.unwrap_or(0), cell.unwrap_or(0)]
}

/// What is added to places that are there, by place, with the accounts that newcomers come to.
pub fn by_place(grown: &Grown) -> ByPlace<'_> {
    let mut out = ByPlace::new();
    for (account, growing) in grown {
        for added in &growing.shared {
            let spot = (added.at.quota, added.at.place.as_str());
            out.entry(spot).or_default().push((account, added));
        }
    }
    out
}

/// How much a place holds with so many newcomers; `None` where not all of them find a place.
pub fn used(n: u64, before: u64, parts: &[(&str, &Added)], room: &Room) -> Option<u64> {
    Some(used_by(&room.shares(n)?, before, parts))
}

/// The same with the shares in which they come.
pub fn used_by(shares: &[Share<'_>], before: u64, parts: &[(&str, &Added)]) -> u64 {
    let of = |share: &Share<'_>| grown(parts, share);
    let sum = shares.iter().map(of).fold(once(parts, shares), u64::saturating_add);
    before.saturating_add(sum)
}

/// What the first in each account that some come to bring. A thing that nobody had is there for all when
/// one of them has brought it.
fn once(parts: &[(&str, &Added)], shares: &[Share<'_>]) -> u64 {
    let comes = |account: &str| shares.iter().any(|share| share.account == account);
    let (mut new, mut more) = (0, 0_u64);
    for (_, added) in parts.iter().filter(|(account, it)| it.once > 0 && comes(account)) {
        if added.is_new {
            new = added.once.max(new);
        } else {
            more = more.saturating_add(added.once);
        }
    }
    more.saturating_add(new)
}

/// What a share of the newcomers adds to a place.
pub fn grown(parts: &[(&str, &Added)], share: &Share<'_>) -> u64 {
    let part = parts.iter().find(|(account, _)| *account == share.account);
    part.map_or(0, |(_, added)| {
        let tenants = share.tenants.saturating_mul(added.tenant);
        tenants.saturating_add(share.opened.saturating_mul(added.cell))
    })
}

/// Whether it is a place of one of several workload accounts: they fill in turn, and none is passed.
pub fn in_turn(place: &str, spec: &Spec) -> bool {
    let own = |account: &String| {
        let rest = place.strip_prefix(account.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    spec.workload_accounts.iter().any(own)
}

/// The first tenant that brings a place above its limit, if one ever does.
pub fn first(used: &dyn Fn(u64) -> Option<u64>, limit: u64) -> Option<u64> {
    let over = |n: u64| used(n).is_none_or(|used| used > limit);
    let (mut low, mut high) = (0, 1_u64);
    while !over(high) {
        low = high;
        high = high.checked_mul(2)?;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if over(middle) { high = middle } else { low = middle }
    }
    // Where no cell can be opened, it is not this that ends the growth.
    used(high).is_some().then_some(high)
}
