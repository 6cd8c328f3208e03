//! Where the tenants of all targets come to be, and what accounts lack for them. With one account,
//! whatever is new is there, and placement lacks nothing of it. Of several, all before the last take what
//! they have room for as they are, and the last takes the rest: what it lacks then is asked, and no more.

use std::collections::BTreeMap;

use crate::check::quota::{Counter, Use};
use crate::forecast::ask::{Target, Want};
use crate::plan::Lock;
use crate::plan::allocate::room::{Room, Rooms, Share};
use crate::plan::allocate::turn::Guests;
use crate::plan::allocate::turn_of;
use crate::plan::fill::Slot;
use crate::spec::Spec;
use crate::weigh::newcomer::newcomer;

/// How the tenants of a target come.
pub struct Come<'a> {
    /// The target.
    pub target: &'a Target,
    /// Where they find a place.
    pub room: Room,
    /// How many come, of those that find a place.
    pub more: u64,
    /// How many find none, as not even one fits into an empty cell.
    pub left: u64,
}

impl Come<'_> {
    /// Where they come to be.
    pub fn shares(&self) -> Vec<Share<'_>> {
        self.room.shares(self.more).expect("those that find a place have one")
    }
}

/// How the tenants of all targets come, in the order in which they are placed, and what places of
/// workload accounts must hold then that do not.
pub fn settle<'a>(
    spec: &Spec,
    lock: &Lock,
    targets: &'a [Target],
    counter: &mut Counter,
) -> (Vec<Come<'a>>, Vec<(Use, u64)>) {
    let growing: Vec<_> = targets.iter().map(|to| (to.tier.clone(), to.region.clone())).collect();
    let rooms = Rooms::new(spec, lock, super::loads(spec, lock, &growing, counter));
    let mut targets: Vec<&Target> = targets.iter().collect();
    targets.sort_by_key(|to| (turn_of(&spec.tiers[&to.tier]), &to.tier, &to.region));
    let guests = |to: &&Target| {
        let one = newcomer(spec, &to.tier, &to.region, 1);
        Guests { more: more(spec, to), room: rooms.bare(&one), one }
    };
    let guests: Vec<Guests> = targets.iter().map(guests).collect();
    let last = Last::new(spec, &rooms, &guests);
    let asked = last.asked();
    let come = |((room, to), guests): ((Room, &'a Target), &Guests)| {
        // With one account blocks do not end; with several, the room is that of those who come.
        let some = if room.turns.is_empty() && room.each > 0 { u64::MAX } else { room.tenants() };
        let more = guests.more.min(if room.each == 0 { room.here() } else { some });
        Come { target: to, room, more, left: guests.more - more }
    };
    let (rooms, _) = last.settled(&asked);
    let come = rooms.into_iter().zip(targets).zip(&guests).map(come).collect();
    (come, last.lacks(&asked))
}

/// How many tenants of a target are not there yet.
fn more(spec: &Spec, target: &Target) -> u64 {
    let there = spec.tenants.values();
    let there = there.filter(|it| it.tier == target.tier && it.region == target.region).count();
    target.tenants.saturating_sub(there as u64)
}

/// An account, the region that Service Quotas keeps it in, and a quota.
type Key = (String, String, &'static str);

/// What is asked.
type Asked = BTreeMap<Key, u64>;

/// How often more is asked where what was asked lets others in. Each time it is more, so it ends before.
const ROUNDS: usize = 64;

/// What is asked of the last of several accounts; of others only where somebody who lives elsewhere takes
/// of them.
struct Last<'a> {
    spec: &'a Spec,
    rooms: &'a Rooms<'a>,
    guests: &'a [Guests],
    /// What there is of each slot, and what is used now.
    slots: Vec<Slot>,
}

impl<'a> Last<'a> {
    fn new(spec: &'a Spec, rooms: &'a Rooms<'a>, guests: &'a [Guests]) -> Self {
        let (_, levels) = rooms.settled(&[], &|_, limit| limit);
        let slots = levels.all().map(|(slot, level)| Slot { level, ..slot.clone() }).collect();
        Last { spec, rooms, guests, slots }
    }

    /// A slot as a place where it is used so much.
    fn place(&self, slot: &Slot, used: u64) -> Use {
        let account = self.spec.workload_accounts[slot.home].clone();
        let others = self.spec.quotas.used_in(slot.quota, &account, &slot.region).into();
        let (quota, place, region) = (slot.quota, slot.place.clone(), slot.region.clone());
        Use {
            quota,
            place,
            account,
            region,
            used,
            others,
            limit: Some(slot.level.limit),
            given: true,
        }
    }

    fn key(&self, slot: &Slot) -> Key {
        let want = Want { at: self.place(slot, 0), need: 0 };
        (want.at.account.clone(), want.region().to_owned(), slot.quota)
    }

    /// Where all come to be, with what was asked, and what is used then of each slot.
    fn settled(&self, asked: &Asked) -> (Vec<Room>, Vec<u64>) {
        let limit = |slot: &Slot, limit: u64| {
            let more = asked.get(&self.key(slot)).copied().unwrap_or(0);
            limit.max(more)
        };
        let (rooms, levels) = self.rooms.settled(self.guests, &limit);
        (rooms, levels.all().map(|(_, level)| level.used).collect())
    }

    /// What is still short with what was asked.
    fn short(&self, asked: &Asked) -> Asked {
        let (_, used) = self.settled(asked);
        let mut out = Asked::new();
        for (slot, used) in self.slots.iter().zip(used) {
            let key = self.key(slot);
            let limit = asked.get(&key).copied().unwrap_or(0).max(slot.level.limit);
            if used > limit && used > slot.level.used {
                let most = out.entry(key).or_default();
                *most = used.max(*most);
            }
        }
        out
    }

    /// What must be granted so that all come, and nothing of it less.
    fn asked(&self) -> Asked {
        let mut asked = Asked::new();
        for _ in 0..ROUNDS {
            let short = self.short(&asked);
            if short.is_empty() {
                break;
            }
            asked.extend(short);
        }
        let last = self.spec.workload_accounts.last().expect("there is one");
        let (own, others): (Vec<_>, Vec<_>) = asked.keys().cloned().partition(|it| it.0 == *last);
        for key in others.into_iter().chain(own) {
            let enough = self.least(&asked, &key);
            asked.insert(key, enough);
        }
        asked
    }

    /// The least of one that is enough, with all others as they are.
    fn least(&self, asked: &Asked, key: &Key) -> u64 {
        let enough = |value: u64| {
            let mut less = asked.clone();
            less.insert(key.clone(), value);
            self.short(&less).is_empty()
        };
        let (mut low, mut high) = (0, asked[key]);
        if high == 0 || !enough(high - 1) {
            return high;
        }
        high -= 1;
        while low < high {
            let middle = low + (high - low) / 2;
            if enough(middle) { high = middle } else { low = middle + 1 }
        }
        high
    }

    /// What places hold by then for which more is asked.
    fn lacks(&self, asked: &Asked) -> Vec<(Use, u64)> {
        let (_, used) = self.settled(asked);
        let mut fullest: BTreeMap<_, (&Slot, u64)> = BTreeMap::new();
        for (slot, used) in self.slots.iter().zip(used) {
            let known = fullest.entry(self.key(slot)).or_insert((slot, used));
            if used > known.1 {
                *known = (slot, used);
            }
        }
        let want = |(key, need): (&Key, &u64)| {
            let (slot, _) = fullest.get(key)?;
            Some((self.place(slot, *need), *need))
        };
        asked.iter().filter_map(want).collect()
    }
}
