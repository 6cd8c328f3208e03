//! From what is added to where it ends: each place breaks at the tenant that brings it above its
//! limit, and what is used only grows, so that tenant is found by halving.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::aws::quota;
use crate::check::quota::Use;
use crate::forecast::probe::{Added, Growing, Grown, InCell, Spot};
use crate::forecast::shared::{Now, Parts, Shared, by_place, first, in_turn, most, used, used_by};
use crate::forecast::{By, Limit, What, names};
use crate::plan::allocate::room::{Room, Share};
use crate::plan::fill::Short;
use crate::spec::Spec;

/// A room, with what newcomers add to that is limited, in the order of quotas and places.
type Bound<'a> = (&'a Room, Arc<Vec<Shared<'a>>>);

/// What is looked at.
pub struct Look<'a> {
    /// The blueprint.
    pub spec: &'a Spec,
    /// What is used now.
    pub now: &'a Now<'a>,
    /// What of it is passed.
    pub over: &'a [&'a Use],
    /// How many tenants the tier has there.
    pub tenants: u64,
    /// The cells that it has there.
    pub cells: &'a [&'a str],
}

/// The cells that a share of the newcomers fills.
struct Cells<'a> {
    /// The account that the share comes to, where there are several.
    account: Option<&'a str>,
    /// The one that was looked at.
    seen: &'a str,
    /// Whether they are not there yet.
    new: bool,
    /// As [`Share::cells`] has them.
    all: Vec<(String, u64, u64)>,
    /// How many tenants there are before.
    before: u64,
}

/// What ends growth in an account, in whichever of its cells: each limit is looked up once.
struct There<'a> {
    account: &'a str,
    growing: &'a Arc<Growing>,
    /// The places of a cell that have a limit.
    in_cell: Vec<(&'a InCell, u64)>,
    /// What of a tenant's own is too much.
    own: Vec<Use>,
}

/// Where newcomers find a place, and what each more adds, by account.
pub type Way<'a> = (&'a Room, &'a Grown);

/// What ends the growth of a tier, sorted; one of what is lifted together. The rooms are the one that there is, and
/// those that there are when what ended the one before is lifted.
pub fn limits(look: &Look<'_>, ways: &[Way<'_>]) -> Vec<Limit> {
    let mut bound: Vec<Bound<'_>> = Vec::new();
    for (n, (room, grown)) in ways.iter().enumerate() {
        // What is lifted often leads to the same accounts.
        let before = n.checked_sub(1).filter(|before| is_same(ways[*before].1, grown));
        let own = || Arc::new(look.bound(grown));
        bound.push((room, before.map_or_else(own, |before| Arc::clone(&bound[before].1))));
    }
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    let mut tell = |mut some: Vec<Limit>| {
        some.sort_by(order);
        all.extend(some.into_iter().filter(|one| seen.insert(of(one))));
    };
    tell(look.passed());
    let mut known = Vec::new();
    for (n, (room, grown)) in ways.iter().enumerate() {
        let mut some = look.ends((room, grown), &bound[n].1, &mut known);
        if n + 1 < ways.len() {
            // What comes behind the end of this room comes in the next.
            some.retain(|one| one.fits <= look.tenants + room.tenants());
        }
        tell(some);
    }
    all.sort_by(order);
    // More of what an account has for the hub is more for those who live there, too: others go elsewhere.
    let apart: Vec<&Short> =
        ways.iter().flat_map(|(room, _)| room.beside.iter().map(|(short, _)| short)).collect();
    let beside = |one: &Limit| apart.iter().any(|short| short.place == one.place);
    if let Some(most) = all.iter().find(|one| !one.passed && beside(one)).map(|one| one.fits) {
        all.retain(|one| one.fits <= most);
    }
    let behind: Vec<bool> = all.iter().map(|one| look.is_tied(one, &all)).collect();
    let mut behind = behind.into_iter();
    all.retain(|_| behind.next() == Some(false));
    for one in &mut all {
        one.reach = look.reach(one, &bound);
    }
    // Nobody comes to what is behind something that AWS does not raise so far.
    if let Some(most) = all.iter().filter_map(|one| one.reach).min() {
        all.retain(|one| one.passed || one.fits <= most);
    }
    all
}

/// What is lifted together: what there is not enough of, in an account and region; everywhere in the account,
/// if AWS keeps it for all regions in one.
fn of(one: &Limit) -> (What, String, String) {
    let row = if let What::Quota(id) = one.what { quota::get(id) } else { None };
    let wide = row.is_none_or(quota::Quota::is_wide);
    (one.what, one.account.clone(), if wide { String::new() } else { one.region.clone() })
}

/// What is passed first, then what breaks first; of what breaks together, in the order of the table.
fn order(a: &Limit, b: &Limit) -> std::cmp::Ordering {
    let rank = |what: What| match what {
        What::Quota(id) => (0, quota::position(id)),
        What::Addresses => (1, 0),
        What::Cell(_) => (2, 0),
    };
    let key = |one: &Limit| (!one.passed, one.fits, rank(one.what), one.what);
    key(a).cmp(&key(b)).then_with(|| a.place.cmp(&b.place))
}

/// Where nobody finds a place any more.
fn places(room: &Room, spec: &Spec, tenants: u64) -> Limit {
    let account = room.turns.last().map_or(&room.account, |turn| &turn.account).clone();
    if let Some(short) = room.short().filter(|_| room.each > 0) {
        let known = quota::get(short.what).is_some();
        return Limit {
            what: if known { What::Quota(short.what) } else { What::Cell(short.what) },
            place: short.place.clone(),
            account,
            region: region(&short.place, spec),
            limit: short.limit,
            fits: tenants + room.tenants(),
            passed: false,
            by: if room.full.is_some() { By::Both } else { By::Tenant },
            reach: None,
        };
    }
    let stuck = room.each == 0;
    let what = match room.full {
        Some(full) if stuck => What::Cell(full),
        _ => What::Addresses,
    };
    Limit {
        what,
        place: if stuck { "a new cell".to_owned() } else { names(&room.pools) },
        account,
        region: String::new(),
        limit: room.blocks,
        fits: tenants + room.tenants(),
        passed: false,
        by: if room.full.is_some() { By::Cell } else { By::Tenant },
        reach: None,
    }
}

/// The region of a place of an account; none, if it is the account itself.
fn region(place: &str, spec: &Spec) -> String {
    let rest = place.split_once('/').map_or("", |(_, rest)| rest);
    spec.regions.iter().find(|region| rest.starts_with(*region)).cloned().unwrap_or_default()
}

/// A limit that stops something.
fn gate(one: &Use) -> Option<u64> {
    one.limit.filter(|_| one.stops())
}

impl Look<'_> {
    /// What newcomers add to that has a limit.
    fn bound<'a>(&'a self, grown: &'a Grown) -> Vec<Shared<'a>> {
        let shared = |(spot, parts): (Spot<'a>, Parts<'a>)| {
            let any = parts[0].1;
            let known = self.now.get(&spot);
            let (before, at) = known.map_or((any.before, &any.at), |one| (one.used, one));
            let limit = gate(at)?;
            let in_turn = in_turn(spot.1, self.spec);
            let most = most(&parts);
            Some(Shared { parts, at, before, limit, in_turn, most })
        };
        by_place(grown).into_iter().filter_map(shared).collect()
    }

    /// All that ends growth in a room.
    fn ends<'g>(
        &self,
        (room, grown): Way<'g>,
        shared: &[Shared<'_>],
        known: &mut Vec<There<'g>>,
    ) -> Vec<Limit> {
        let mut out = Vec::new();
        if room.blocks < u64::MAX || room.short().is_some() {
            out.push(places(room, self.spec, self.tenants));
        }
        let most = if room.turns.is_empty() { u64::MAX } else { room.tenants() };
        let most = room.shares(most);
        let sum =
            |of: fn(&Share<'_>) -> u64| most.iter().flatten().map(of).fold(0, u64::saturating_add);
        let (tenants, cells) = (sum(|share| share.tenants), sum(|share| share.opened));
        let all = shared.iter().filter(|it| room.turns.is_empty() || !it.in_turn);
        let all = all.filter(|it| most.is_none() || !it.holds(tenants, cells));
        let all = all.filter_map(|it| self.shared(it, room, most.as_deref()));
        out.extend(fullest(all.collect()));
        // With one account, at least one new cell, whatever its pools have.
        let one = if room.turns.is_empty() { room.here().saturating_add(room.each) } else { 0 };
        let all = room.tenants().max(one);
        let mut before = self.tenants;
        for share in room.shares(all).into_iter().flatten() {
            let Some(growing) = grown.get(share.account) else { continue };
            let there = self.there(room, (share.account, growing), known);
            if let Some(seen) = &growing.cell {
                let (new, all) = (share.cell.is_none(), share.cells(room));
                let account = Some(share.account).filter(|_| !room.turns.is_empty());
                let cells = Cells { account, seen, new, all, before };
                for (place, limit) in &there.in_cell {
                    out.extend(self.in_cells(place, *limit, &cells));
                }
            }
            out.extend(there.own.iter().map(|one| self.own(one, before)));
            before = before.saturating_add(share.tenants);
        }
        out.extend(room.beside.iter().map(|(short, fits)| {
            let now = self.now.get(&(short.what, short.place.as_str()));
            Limit {
                what: What::Quota(short.what),
                place: short.place.clone(),
                account: short.place.split('/').next().unwrap_or_default().to_owned(),
                region: region(&short.place, self.spec),
                limit: short.limit,
                fits: self.tenants + fits,
                passed: now.is_some_and(Use::is_over),
                by: By::Both,
                reach: None,
            }
        }));
        out
    }

    /// Whether something ends behind what AWS raises it with, by as many: more of that is more of it. What
    /// somebody said of it by itself stays as it is said.
    fn is_tied(&self, one: &Limit, all: &[Limit]) -> bool {
        let What::Quota(id) = one.what else { return false };
        let Some(with) = quota::get(id).and_then(|row| row.tied_to) else { return false };
        let same = |other: &Limit| {
            (other.what, &other.account, &other.region)
                == (What::Quota(with), &one.account, &one.region)
        };
        let before = all.iter().any(|other| same(other) && other.fits < one.fits);
        before && self.spec.quotas.said_in(id, &one.account, &one.region).is_none()
    }

    /// What ends growth in the account that a share comes to.
    fn there<'k, 'g>(
        &self,
        room: &Room,
        (account, growing): (&'g str, &'g Arc<Growing>),
        known: &'k mut Vec<There<'g>>,
    ) -> &'k There<'g> {
        let is_it = |it: &There<'_>| it.account == account && Arc::ptr_eq(it.growing, growing);
        let at = known.iter().position(is_it).unwrap_or_else(|| {
            // Where there are several accounts, each has limits of its own.
            let one = room.turns.is_empty();
            let there = |at: &Use| if one { at.clone() } else { at.there(self.spec, account) };
            let in_cell = growing.in_cell.iter();
            let in_cell = in_cell.filter_map(|place| Some((place, gate(&there(&place.at))?)));
            let own = growing.own.iter().map(there).filter(Use::is_over).collect();
            known.push(There { account, growing, in_cell: in_cell.collect(), own });
            known.len() - 1
        });
        &known[at]
    }

    /// A place that all newcomers, or their cells, add to. Of a thing, with how much it holds then. `most` is
    /// all that the room takes.
    fn shared(
        &self,
        it: &Shared<'_>,
        room: &Room,
        most: Option<&[Share<'_>]>,
    ) -> Option<(Limit, u64)> {
        let Shared { parts, at, before, limit, .. } = it;
        let (at, before, limit) = (*at, *before, *limit);
        if most.is_some_and(|most| used_by(most, before, parts) <= limit) {
            return None;
        }
        let used = |n: u64| used(n, before, parts, room);
        let passed = before > limit;
        let more = if passed { 0 } else { first(&used, limit)? - 1 };
        let adds = |of: fn(&Added) -> u64| parts.iter().any(|(_, added)| of(added) > 0);
        let by = match (adds(|added| added.tenant), adds(|added| added.cell)) {
            (true, true) => By::Both,
            (false, true) => By::Cell,
            _ => By::Tenant,
        };
        let (what, place) = (What::Quota(at.quota), at.place.clone());
        let full = used(more + 1).filter(|_| !at.is_sum()).unwrap_or(0);
        let fits = self.tenants + more;
        let (account, region) = (at.account.clone(), at.region.clone());
        let limit = Limit { what, place, account, region, limit, fits, passed, by, reach: None };
        Some((limit, full))
    }

    /// How many tenants fit where AWS has granted the most of what ends them there, in the first of the
    /// rooms in which that ends.
    fn reach(&self, one: &Limit, ways: &[Bound<'_>]) -> Option<u64> {
        let What::Quota(id) = one.what else { return None };
        let most = u64::from(quota::get(id)?.most()?);
        if one.limit >= most {
            return Some(if one.passed { self.tenants } else { one.fits });
        }
        let end = |(room, shared): &Bound<'_>| {
            let spot = (id, one.place.as_str());
            let at = shared.binary_search_by(|it| it.spot().cmp(&spot)).ok()?;
            let Shared { before, parts, .. } = &shared[at];
            first(&|n| used(n, *before, parts, room), most)
        };
        Some(self.tenants + ways.iter().find_map(end)? - 1)
    }

    /// A place in the cells that newcomers fill.
    fn in_cells(&self, place: &InCell, limit: u64, cells: &Cells<'_>) -> Vec<Limit> {
        let in_cell = |(id, tenants, behind): &(String, u64, u64)| {
            let name = || place.at.place.replace(cells.seen, id);
            let there = || Some(self.now.get(&(place.at.quota, name().as_str()))?.used);
            let now = if cells.new { None } else { there() };
            let used = now.unwrap_or_else(|| place.own_of(id, cells.seen));
            let more = fit(used, place.tenant, limit).filter(|more| more < tenants)?;
            Some(Limit {
                what: What::Quota(place.at.quota),
                place: name(),
                account: cells.account.unwrap_or(&place.at.account).to_owned(),
                region: place.at.region.clone(),
                limit,
                fits: cells.before.saturating_add(*behind).saturating_add(more),
                passed: false,
                by: if place.tenant > 0 { By::Tenant } else { By::Cell },
                reach: None,
            })
        };
        cells.all.iter().filter_map(in_cell).collect()
    }

    /// What is passed in the cells that are there, also in those that take nobody any more.
    fn passed(&self) -> Vec<Limit> {
        let ours = |one: &&&Use| self.cells.iter().any(|cell| is_in(&one.place, cell));
        let limit = |one: &&Use| Limit {
            what: What::Quota(one.quota),
            place: one.place.clone(),
            account: one.account.clone(),
            region: one.region.clone(),
            limit: one.limit.unwrap_or(0),
            fits: 0,
            passed: true,
            by: By::Tenant,
            reach: None,
        };
        self.over.iter().filter(ours).map(limit).collect()
    }

    /// A place of a tenant itself. Those that are there are like it, so if there are any in the account
    /// it is passed already, and not one fits.
    fn own(&self, one: &Use, before: u64) -> Limit {
        let same = |now: &&Use| now.quota == one.quota && now.account == one.account;
        let passed = self.tenants > 0 && self.over.iter().any(same);
        Limit {
            what: What::Quota(one.quota),
            place: "what a tenant has".to_owned(),
            account: one.account.clone(),
            region: one.region.clone(),
            limit: one.limit.unwrap_or(0),
            fits: if passed { 0 } else { before },
            passed,
            by: By::Tenant,
            reach: None,
        }
    }
}

/// Of things that end together and are lifted together, the fullest: it is what is counted.
fn fullest(all: Vec<(Limit, u64)>) -> impl Iterator<Item = Limit> {
    let mut most: BTreeMap<_, u64> = BTreeMap::new();
    for (one, full) in &all {
        let known = most.entry((of(one), one.fits)).or_default();
        *known = (*known).max(*full);
    }
    let told = move |(one, full): &(Limit, u64)| most[&(of(one), one.fits)] == *full;
    all.into_iter().filter(told).map(|(one, _)| one)
}

/// Whether the same is added, by what was looked at once.
fn is_same(one: &Grown, other: &Grown) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|((a, own), (b, its))| a == b && Arc::ptr_eq(own, its))
}

/// Whether a place is in a stack of a cell.
fn is_in(place: &str, cell: &str) -> bool {
    let stack = place.strip_prefix("cell-").and_then(|rest| rest.strip_prefix(cell));
    stack.is_some_and(|rest| rest.starts_with(['/', '-']))
}

/// How many tenants fit into a place that holds so much already; `None` if all do.
fn fit(used: u64, tenant: u64, limit: u64) -> Option<u64> {
    match tenant {
        _ if used > limit => Some(0),
        0 => None,
        tenant => Some((limit - used) / tenant),
    }
}
