//! How several workload accounts fill in turn with tenants that are all alike: each takes as many as its
//! quotas leave room for. It is what placement does tenant by tenant, as sums.

use std::collections::BTreeMap;

use crate::plan::allocate::room::{Here, Room, Rooms, Share, Turn, most};
use crate::plan::cells;
use crate::plan::fill::{Fill, Level, Short, Slot, Take};
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

/// What newcomers take of a slot, wherever they are.
type Taken<'a> = BTreeMap<&'a str, Vec<Take>>;

impl Rooms<'_> {
    /// The room for tenants like this one as it is; then as it would be if there were more of what ends
    /// it, and so on until nothing ends it. With one account there is only the first: its blocks are
    /// all that placement looks at.
    pub fn lifted(&self, tenant: &Tenant) -> Vec<Room> {
        let mut out = vec![self.of(tenant)];
        let mut bare = self.bare(tenant);
        let mut fill = self.0.fill.clone();
        let tier = self.0.spec.tier_of(tenant);
        let bounds = Rooms::bounds(self.0.spec, tier, &tenant.region);
        while self.chooses(tenant) {
            let room = out.last().expect("one is there");
            // More of what bounds cells would make them larger, too.
            let larger = room.short().is_some_and(|short| bounds.contains(&short.what));
            if larger || !lift(room, &mut bare, &mut fill) {
                break;
            }
            out.push(self.in_turn(tenant, bare.clone(), &fill));
        }
        out
    }

    /// Where guests come to be, one kind after the other, if there is so much of each slot and blocks do
    /// not end: whoever finds no room goes to the last account all the same. With what is taken then.
    pub fn settled(&self, all: &[Guests], limit: &dyn Fn(&Slot, u64) -> u64) -> (Vec<Room>, Fill) {
        let mut fill = self.0.fill.clone();
        fill.allow(limit);
        let mut rooms = Vec::new();
        for Guests { one, more, room } in all {
            let room = Room { blocks: u64::MAX, ..room.clone() };
            rooms.push(if self.chooses(one) {
                self.filled(one, room, &mut fill, Until { more: *more, forced: true })
            } else {
                fill.take_apart(one, *more);
                room
            });
        }
        (rooms, fill)
    }

    /// The room in several accounts, of what cells and pools have.
    pub(super) fn in_turn(&self, tenant: &Tenant, bare: Room, before: &Fill) -> Room {
        let until = Until { more: MANY, forced: false };
        let mut room = self.filled(tenant, bare, &mut before.clone(), until);
        room.beside = self.beside(tenant, &room, before);
        room
    }

    fn filled(&self, tenant: &Tenant, mut room: Room, fill: &mut Fill, until: Until) -> Room {
        let mut left = until.more;
        for Here { account, tenants, .. } in &mut room.cells {
            let takes = fill.takes(account, tenant);
            *tenants = most(left.min(*tenants), |n| fill.lacks(account, &takes, n, 0).is_none());
            fill.take((account, tenant), &takes, *tenants, 0);
            left -= *tenants;
        }
        room.cells.retain(|here| here.tenants > 0);
        let mut blocks = room.blocks;
        let accounts = &self.0.spec.workload_accounts;
        for account in accounts {
            let forced = until.forced && Some(account) == accounts.last();
            let until = Until { more: left, forced };
            let turn = self.turn(fill, tenant, account, &mut blocks, until);
            left -= turn.tenants;
            room.turns.push(turn);
        }
        room.each = room.turns.iter().map(|turn| turn.each).max().unwrap_or(0);
        room
    }

    /// What an account takes in new cells, or VPCs, while there are blocks for them.
    fn turn(
        &self,
        fill: &mut Fill,
        tenant: &Tenant,
        account: &str,
        blocks: &mut u64,
        until: Until,
    ) -> Turn {
        let tier = self.0.spec.tier_of(tenant);
        let celled = tier.isolation.has_cells();
        let (each, what) = if celled {
            self.new_cell(tier, (account, &tenant.region))
        } else {
            (1, cells::ADDRESSES)
        };
        let opened = |n: u64| n.div_ceil(each.max(1));
        let takes = fill.takes(account, tenant);
        let fits = |n: u64| until.forced || fill.lacks(account, &takes, n, opened(n)).is_none();
        let tenants = most(each.saturating_mul(*blocks).min(until.more), fits);
        fill.take((account, tenant), &takes, tenants, opened(tenants));
        *blocks -= opened(tenants);
        let unfit = || {
            let place = format!("a new cell of {account}");
            (each == 0).then_some(Short { what, place, limit: 0 })
        };
        let short = fill.short_of(account, tenant, celled).or_else(unfit);
        Turn { account: account.to_owned(), tenants, each, short }
    }

    /// What accounts are short of by then that nobody lives in who takes it, each with how many tenants
    /// fit before.
    fn beside(&self, tenant: &Tenant, room: &Room, before: &Fill) -> Vec<(Short, u64)> {
        let accounts = self.0.spec.workload_accounts.iter();
        let takes: Taken<'_> = accounts.map(|id| (id.as_str(), before.takes(id, tenant))).collect();
        let all =
            takes.iter().flat_map(|(id, takes)| takes.iter().map(move |take| (id, take.slot)));
        let mut others: Vec<usize> =
            all.filter(|(id, slot)| !before.is_of(*slot, id)).map(|(_, slot)| slot).collect();
        others.sort_unstable();
        others.dedup();
        let most_of = |slot: usize| {
            let Level { limit, used } = before.levels()[slot];
            let used = |n| room.shares(n).map(|all| used + taken(&all, &takes, slot));
            let fits = most(room.tenants(), |n| used(n).is_some_and(|used| used <= limit));
            let Slot { quota, place, .. } = &before.slots()[slot];
            let short = Short { what: quota, place: place.clone(), limit };
            (fits < room.tenants()).then_some((short, fits))
        };
        others.into_iter().filter_map(most_of).collect()
    }
}

/// What all of them take of a slot.
fn taken(shares: &[Share<'_>], takes: &Taken<'_>, slot: usize) -> u64 {
    let of = |share: &Share<'_>| {
        let take = takes.get(share.account)?.iter().find(|take| take.slot == slot)?;
        Some(take.of(share.tenants, share.opened))
    };
    shares.iter().filter_map(of).sum()
}

/// Gives more of what ends a room; whether there is such a thing. A cell that takes nobody stays so.
fn lift(room: &Room, bare: &mut Room, fill: &mut Fill) -> bool {
    let Some(short) = room.short() else {
        let ends = bare.blocks < u64::MAX && room.tenants() < MANY;
        bare.blocks = u64::MAX;
        return ends;
    };
    let Some(last) = room.turns.last().filter(|turn| turn.each > 0) else { return false };
    let home = fill.home(&last.account);
    let lifted = |slot: &Slot| slot.quota == short.what && home == Some(slot.home);
    fill.allow(|slot, limit| if lifted(slot) { u64::MAX } else { limit });
    true
}
