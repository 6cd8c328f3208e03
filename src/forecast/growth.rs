//! From what is added to where it ends: each place breaks at the tenant that brings it above its
//! limit, and what is used only grows, so that tenant is found by halving.

use std::collections::BTreeMap;

use crate::aws::quota;
use crate::check::quota::Use;
use crate::forecast::probe::{Added, Growing, InCell, Key};
use crate::forecast::{By, Limit, What, names};
use crate::plan::allocate::room::Room;

/// What ends the growth of a tier, sorted; one of each kind.
pub fn limits(
    now: &BTreeMap<Key, &Use>,
    room: &Room,
    tenants: u64,
    growing: Option<&Growing>,
) -> Vec<Limit> {
    let mut all = vec![places(room, tenants)];
    if let Some(growing) = growing {
        all.extend(growing.shared.iter().filter_map(|added| shared(added, now, room, tenants)));
        let homes = |place: &InCell| in_cells(place, growing.cell.as_ref(), now, room, tenants);
        all.extend(growing.in_cell.iter().filter_map(homes));
        all.extend(growing.own.iter().filter(|one| one.is_over()).map(|one| Limit {
            what: What::Quota(one.quota),
            place: "what a tenant has".to_owned(),
            limit: one.limit.unwrap_or(0),
            fits: tenants,
            passed: false,
            by: By::Tenant,
        }));
    }
    all.sort_by(|a, b| {
        let key = |one: &Limit| (!one.passed, one.fits, one.what);
        key(a).cmp(&key(b)).then_with(|| a.place.cmp(&b.place))
    });
    let mut seen = Vec::new();
    all.retain(|one| {
        let new = !seen.contains(&one.what);
        seen.push(one.what);
        new
    });
    all
}

/// Where nobody finds a place any more.
fn places(room: &Room, tenants: u64) -> Limit {
    if let Some(short) = room.short().filter(|_| room.each > 0) {
        let known = quota::get(short.what).is_some();
        return Limit {
            what: if known { What::Quota(short.what) } else { What::Cell(short.what) },
            place: short.place.clone(),
            limit: short.limit,
            fits: tenants + room.tenants(),
            passed: false,
            by: if room.full.is_some() { By::Both } else { By::Tenant },
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
        limit: room.blocks,
        fits: tenants + room.tenants(),
        passed: false,
        by: if room.full.is_some() { By::Cell } else { By::Tenant },
    }
}

/// A limit that stops something.
fn gate(one: &Use) -> Option<u64> {
    one.limit.filter(|_| one.stops())
}

/// A place that all newcomers, or their cells, add to.
fn shared(added: &Added, now: &BTreeMap<Key, &Use>, room: &Room, tenants: u64) -> Option<Limit> {
    let known = now.get(&(added.at.quota, added.at.place.clone()));
    let (before, at) = known.map_or((added.before, &added.at), |one| (one.used, *one));
    let limit = gate(at).filter(|_| !in_turn(at, room))?;
    let used = |n: u64| {
        let cells = room.opened(n)?;
        Some(before + added.once + n * added.tenant + cells * added.cell)
    };
    let passed = before > limit;
    let more = if passed { 0 } else { first(&used, limit, added, room)? - 1 };
    let by = match (added.tenant > 0, added.cell > 0) {
        (true, true) => By::Both,
        (false, true) => By::Cell,
        _ => By::Tenant,
    };
    let place = at.place.clone();
    Some(Limit { what: What::Quota(at.quota), place, limit, fits: tenants + more, passed, by })
}

/// Whether it is a place of one of several workload accounts: they fill in turn, and none is passed.
fn in_turn(at: &Use, room: &Room) -> bool {
    let own = |account: &str| {
        let rest = at.place.strip_prefix(account);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    room.turns.iter().any(|turn| own(&turn.account))
}

/// The first tenant that brings a place above its limit, if one ever does.
fn first(used: &dyn Fn(u64) -> Option<u64>, limit: u64, added: &Added, room: &Room) -> Option<u64> {
    let over = |n: u64| used(n).is_none_or(|used| used > limit);
    // So many certainly bring it above.
    let (mut low, mut high) = (0, 1);
    if !over(high) {
        high = match (added.tenant, added.cell) {
            (0, 0) => return None,
            (0, _) => room.here().saturating_add(room.each.saturating_mul(limit + 1)),
            (_, _) => limit + 1,
        };
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if over(middle) { high = middle } else { low = middle }
    }
    // Where no cell can be opened, it is not this that ends the growth.
    used(high).is_some().then_some(high)
}

/// A place in the cells that newcomers fill: those that are there, in order, then a new one.
fn in_cells(
    place: &InCell,
    cell: Option<&String>,
    now: &BTreeMap<Key, &Use>,
    room: &Room,
    tenants: u64,
) -> Option<Limit> {
    let limit = gate(&place.at)?;
    let found = |name: String, more: u64| Limit {
        what: What::Quota(place.at.quota),
        place: name,
        limit,
        fits: tenants + more,
        passed: false,
        by: if place.tenant > 0 { By::Tenant } else { By::Cell },
    };
    let mut before = 0;
    for (id, here) in &room.cells {
        let name = place.at.place.replace(cell?, id);
        let used = now.get(&(place.at.quota, name.clone())).map_or(place.own, |one| one.used);
        if let Some(more) = fit(used, place.tenant, limit).filter(|more| more < here) {
            return Some(found(name, before + more));
        }
        before += here;
    }
    let more = fit(place.own, place.tenant, limit).filter(|more| *more < room.in_next())?;
    Some(found(place.at.place.replace(cell?, room.next.as_ref()?), before + more))
}

/// How many tenants fit into a place that holds so much already; `None` if all do.
fn fit(used: u64, tenant: u64, limit: u64) -> Option<u64> {
    match tenant {
        _ if used > limit => Some(0),
        0 => None,
        tenant => Some((limit - used) / tenant),
    }
}
