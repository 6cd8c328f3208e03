//! How several workload accounts fill in turn with tenants that are all alike: each takes as many as its
//! quotas leave room for. It is what placement does tenant by tenant, as sums.

use crate::plan::allocate::room::{Here, Room, Rooms, Turn, most};
use crate::plan::cells;
use crate::plan::fill::{Fill, Level, Levels, Short, Slot, Take};
use crate::spec::Tenant;

/// More tenants than any estate has, so that sums do not end.
const MANY: u64 = u32::MAX as u64;

/// Tenants that are all alike, and how many of them come.
#[derive(Clone, Debug)]
pub struct Guests {
    /// One of them.
    pub one: Tenant,
    /// How many.
    pub more: u64,
    /// What cells, and a new cell, have for them.
    pub room: Room,
}

/// How far accounts are filled.
#[derive(Clone, Copy)]
struct Until {
    /// How many tenants come.
    more: u64,
    /// Whether the last account takes all that are left, whatever it has.
    forced: bool,
}

/// What newcomers find and take in an account.
#[derive(Clone)]
struct Visit<'a> {
    account: &'a str,
    /// Its place in the list.
    home: usize,
    /// What they take, also of what other accounts have.
    takes: Vec<Take>,
    /// How many a new cell takes there, and what fills it; one where each has a VPC of its own.
    each: u64,
    what: &'static str,
    celled: bool,
}

impl Visit<'_> {
    /// How many of some the account has enough for, if so many cells open for them.
    fn most(&self, levels: &Levels, up_to: u64, opened: impl Fn(u64) -> u64) -> u64 {
        self.takes.iter().fold(up_to, |up_to, take| {
            most(up_to, |n| !levels.is_over(self.home, take.slot, take.of(n, opened(n))))
        })
    }

    /// So many come. What the first of all brings is there then.
    fn come(&mut self, levels: &mut Levels, tenants: u64, cells: u64) {
        levels.add(self.takes.iter().map(|take| (take.slot, take.of(tenants, cells))));
        if tenants > 0 {
            self.takes.iter_mut().for_each(|take| take.once = 0);
        }
    }

    /// What the account is short of for one tenant more, and for a cell if it needs one.
    fn short(&self, levels: &Levels) -> Option<Short> {
        let unfit = || {
            let place = format!("a new cell of {}", self.account);
            (self.each == 0).then_some(Short { what: self.what, place, limit: 0 })
        };
        levels.lacks(self.home, &self.takes, 1, u64::from(self.celled)).or_else(unfit)
    }

    /// What they take of a slot.
    fn take(&self, slot: usize) -> Option<&Take> {
        self.takes.iter().find(|take| take.slot == slot)
    }
}

impl Rooms<'_> {
    /// The room for tenants like this one as it is; then as it would be if there were more of what ends
    /// it, and so on until nothing ends it. With one account there is only the first: its blocks are
    /// all that placement looks at.
    pub fn lifted(&self, tenant: &Tenant) -> Vec<Room> {
        let mut bare = self.bare(tenant);
        if !self.chooses(tenant) {
            return vec![bare];
        }
        let visits = self.visits(tenant, &self.0.fill);
        let mut levels = self.0.fill.levels.clone();
        let tier = self.0.spec.tier_of(tenant);
        let bounds = Rooms::bounds(self.0.spec, tier, &tenant.region);
        let mut out = Vec::new();
        loop {
            let room = in_turn(&visits, bare.clone(), &levels);
            // More of what bounds cells would make them larger, too.
            let larger = room.short().is_some_and(|short| bounds.contains(&short.what));
            let more = !larger && lift(&room, &mut bare, &visits, &mut levels);
            out.push(room);
            if !more {
                return out;
            }
        }
    }

    /// Where guests come to be, one kind after the other, if there is so much of each slot and blocks do
    /// not end: whoever finds no room goes to the last account all the same. With what is taken then.
    pub fn settled(
        &self,
        all: &[Guests],
        limit: &dyn Fn(&Slot, u64) -> u64,
    ) -> (Vec<Room>, Levels) {
        let mut fill = self.0.fill.clone();
        fill.levels.allow(limit);
        let mut rooms = Vec::new();
        for Guests { one, more, room } in all {
            let room = Room { blocks: u64::MAX, ..room.clone() };
            rooms.push(if self.chooses(one) {
                let until = Until { more: *more, forced: true };
                let room = filled(self.visits(one, &fill), room, &mut fill.levels, until);
                room.accounts().for_each(|account| fill.come(account, one));
                room
            } else {
                fill.take_apart(one, *more);
                room
            });
        }
        (rooms, fill.levels)
    }

    /// The room in several accounts, of what cells and pools have.
    pub(super) fn in_turn(&self, tenant: &Tenant, bare: Room) -> Room {
        in_turn(&self.visits(tenant, &self.0.fill), bare, &self.0.fill.levels)
    }

    /// What tenants like this one find and take in each account.
    fn visits(&self, tenant: &Tenant, fill: &Fill) -> Vec<Visit<'_>> {
        let homes = 0..self.0.spec.workload_accounts.len();
        homes.map(|home| self.visit(tenant, fill, home)).collect()
    }

    fn visit(&self, tenant: &Tenant, fill: &Fill, home: usize) -> Visit<'_> {
        let tier = self.0.spec.tier_of(tenant);
        let celled = tier.isolation.has_cells();
        let account = &self.0.spec.workload_accounts[home];
        let cell = || self.new_cell(tier, (account, &tenant.region));
        let (each, what) = if celled { cell() } else { (1, cells::ADDRESSES) };
        Visit { account, home, takes: fill.takes(home, tenant), each, what, celled }
    }
}

/// The same, of what they find and take, and of what there is.
fn in_turn(visits: &[Visit<'_>], bare: Room, before: &Levels) -> Room {
    let until = Until { more: MANY, forced: false };
    let mut room = filled(visits.to_vec(), bare, &mut before.clone(), until);
    room.beside = beside(visits, &room, before);
    room
}

/// Where they come to be, and what they take: first in the cells that are there, then in new ones, or VPCs,
/// while there are blocks for them.
fn filled(mut visits: Vec<Visit<'_>>, mut room: Room, levels: &mut Levels, until: Until) -> Room {
    let mut left = until.more;
    for Here { account, tenants, .. } in &mut room.cells {
        *tenants = left.min(*tenants);
        if let Some(visit) = visits.iter_mut().find(|visit| visit.account == account) {
            *tenants = visit.most(levels, *tenants, |_| 0);
            visit.come(levels, *tenants, 0);
        }
        left -= *tenants;
    }
    room.cells.retain(|here| here.tenants > 0);
    let (mut blocks, last) = (room.blocks, visits.len() - 1);
    for visit in &mut visits {
        let each = visit.each;
        let opened = |n: u64| n.div_ceil(each.max(1));
        let all = each.saturating_mul(blocks).min(left);
        let forced = until.forced && visit.home == last;
        let tenants = if forced { all } else { visit.most(levels, all, opened) };
        visit.come(levels, tenants, opened(tenants));
        blocks -= opened(tenants);
        left -= tenants;
        let (account, short) = (visit.account.to_owned(), visit.short(levels));
        room.turns.push(Turn { account, tenants, each, short });
    }
    room.each = room.turns.iter().map(|turn| turn.each).max().unwrap_or(0);
    room
}

/// What accounts are short of by then that nobody lives in who takes it, each with how many tenants
/// fit before.
fn beside(visits: &[Visit<'_>], room: &Room, before: &Levels) -> Vec<(Short, u64)> {
    let mut slots: Vec<usize> = Vec::new();
    for visit in visits {
        let all = visit.takes.iter().map(|take| take.slot);
        slots.extend(all.filter(|slot| before.of(*slot).0.home != visit.home));
    }
    slots.sort_unstable();
    slots.dedup();
    let shares = room.shares(room.tenants()).unwrap_or_default();
    let short = |slot: usize| {
        let (_, Level { limit, mut used }) = before.of(slot);
        let mut fits = 0;
        for share in &shares {
            let visit = visits.iter().find(|visit| visit.account == share.account);
            let take = visit.and_then(|visit| visit.take(slot)).copied().unwrap_or_default();
            let then = |n: u64| used + take.of(n, share.opening(n));
            let some = most(share.tenants, |n| then(n) <= limit);
            fits += some;
            if some < share.tenants {
                return Some((before.short(slot), fits));
            }
            used = then(some);
        }
        None
    };
    slots.into_iter().filter_map(short).collect()
}

/// Gives more of what ends a room; whether there is such a thing. A cell that takes nobody stays so.
fn lift(room: &Room, bare: &mut Room, visits: &[Visit<'_>], levels: &mut Levels) -> bool {
    let Some(short) = room.short() else {
        let ends = bare.blocks < u64::MAX && room.tenants() < MANY;
        bare.blocks = u64::MAX;
        return ends;
    };
    let Some(last) = visits.last().filter(|visit| visit.each > 0) else { return false };
    let lifted = |slot: &Slot| slot.home == last.home && slot.quota == short.what;
    levels.allow(|slot, limit| if lifted(slot) { u64::MAX } else { limit });
    true
}
