//! As foreseen: which limit breaks first as a tier grows, and at which tenant, all else equal. One
//! more tenant and one more cell are synthesised, once; what they add is the same for every one that
//! follows, so the rest is arithmetic. The cells that tenants open are those that placement opens.
//!
//! A tenant that comes is as its tier has it: without overrides, `needs` or a cell of its own.

pub mod probe; // what one more tenant, and one more cell, add
pub mod guests; // newcomers of many tiers, made at once and taken apart
pub mod alone; // what each of them would bring if there were nobody else
pub mod shared; // places that are there whoever comes
pub mod growth; // from what is added to where it ends
pub mod path; // accounts that newcomers come to, one after the other
pub mod ask; // what is wished, and wanted of AWS
pub mod settle; // where so many come to be, and what accounts lack for them
pub mod want; // what must be granted for so many
pub mod reach; // how many can be had of them, and what is asked for those

use ipnet::Ipv4Net;
use rayon::prelude::*;

use crate::blueprint::shape::Isolation;
use crate::check::quota::{Counter, Use};
use crate::diag::Sink;
use crate::plan::Lock;
use crate::plan::allocate::room::{Room, Rooms};
use crate::plan::fill::Loads;
use crate::spec::{Spec, Tenant};
use crate::split::again::Again;
use crate::weigh::{self, newcomer};
use path::{Asked, path};
use probe::{Grown, Probe};

/// How far a tier can grow in a region.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The tier.
    pub tier: String,
    /// What keeps its tenants apart.
    pub isolation: Isolation,
    /// The region.
    pub region: String,
    /// How many tenants it has there.
    pub tenants: u64,
    /// Where the next ones find a place.
    pub room: Room,
    /// What ends it, the first to break first; of several places of a quota in an account and region, the first to break. The last is
    /// one that cannot be lifted so far that what comes behind it could break.
    pub limits: Vec<Limit>,
}

/// Something that ends the growth of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What there is not enough of.
    pub what: What,
    /// Where.
    pub place: String,
    /// The account of the place, which is granted more; of blocks, the one that is new.
    pub account: String,
    /// Its region; empty where it has none.
    pub region: String,
    /// How much there is of it; blocks, of addresses.
    pub limit: u64,
    /// How many tenants fit, those that are there included; 0 where a single thing has too much already.
    pub fits: u64,
    /// Whether it is passed already.
    pub passed: bool,
    /// What takes more of it: a cell, a tenant, or both.
    pub by: By,
    /// How many tenants fit where AWS has granted the most that it ever does; `None` where more is granted
    /// for the asking, as far as is known.
    pub reach: Option<u64>,
}

/// What there is not enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A quota, by its id.
    Quota(&'static str),
    /// Blocks of the pools.
    Addresses,
    /// Something in a cell, so that even an empty one does not take a tenant.
    Cell(&'static str),
}

impl What {
    /// The word for it.
    pub fn id(self) -> &'static str {
        match self {
            What::Quota(id) | What::Cell(id) => id,
            What::Addresses => "addresses",
        }
    }
}

/// What takes more of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Each tenant.
    Tenant,
    /// Each cell that opens.
    Cell,
    /// Both.
    Both,
}

/// How far each tier can grow in each region that it has tenants in, or could begin in. `uses` is
/// what the estate uses now.
pub fn forecast(spec: &Spec, lock: &Lock, uses: &[Use], counter: &mut Counter) -> Vec<Growth> {
    forecast_of(spec, lock, uses, counter, &places(spec, &[]))
}

/// The same of an estate that was just planned, with what all tenants were found to take of each account.
pub fn forecast_with(
    spec: &Spec,
    lock: &Lock,
    loads: Loads,
    uses: &[Use],
    counter: &mut Counter,
) -> Vec<Growth> {
    let tiers = places(spec, &[]);
    let growing = growing(&tiers);
    let known = weigh::are_like_tenants(spec, &growing);
    let loads = if known { loads } else { self::loads(spec, lock, &growing, counter) };
    forecast_in(spec, lock, loads, uses, counter, &tiers)
}

/// The same of some tiers, each in a region.
pub fn forecast_of(
    spec: &Spec,
    lock: &Lock,
    uses: &[Use],
    counter: &mut Counter,
    tiers: &[(&String, String)],
) -> Vec<Growth> {
    let loads = loads(spec, lock, &growing(tiers), counter);
    forecast_in(spec, lock, loads, uses, counter, tiers)
}

fn growing(tiers: &[(&String, String)]) -> Vec<(String, String)> {
    tiers.iter().map(|(tier, region)| ((*tier).clone(), region.clone())).collect()
}

fn forecast_in(
    spec: &Spec,
    lock: &Lock,
    loads: Loads,
    uses: &[Use],
    counter: &mut Counter,
    tiers: &[(&String, String)],
) -> Vec<Growth> {
    let spot = |one: &&Use| (one.quota, one.place.clone());
    let now: shared::Now<'_> =
        uses.iter().map(|one| ((one.quota, one.place.as_str()), one)).collect();
    let mut over: Vec<&Use> = uses.iter().filter(|one| one.is_over()).collect();
    over.sort_by_key(spot);
    let rooms = Rooms::new(spec, lock, loads);
    let lifted = |(tier, region): &(&String, String)| {
        rooms.lifted(&newcomer::newcomer(spec, tier, region, 1))
    };
    let rooms: Vec<Vec<Room>> = tiers.par_iter().map(lifted).collect();
    let asked: Vec<Asked<'_>> = tiers
        .iter()
        .zip(&rooms)
        .flat_map(|(to, rooms)| rooms.iter().map(move |room| (to, room)))
        .map(|((tier, region), room)| (tier.as_str(), region.as_str(), path(room.accounts())))
        .collect();
    let mut grown = Probe::new(spec, lock, counter).grown(&asked).into_iter();
    let ways = tiers.iter().zip(rooms);
    let ways = ways.map(|(to, rooms)| (to, grown.by_ref().take(rooms.len()).collect(), rooms));
    let growth =
        |((tier, region), grown, mut room): (&(&String, String), Vec<Grown>, Vec<Room>)| {
            let tenants = spec.tenants.values().filter(|t| t.tier == **tier && t.region == *region);
            let tenants = tenants.count() as u64;
            let cells = lock.cells.iter().filter(|(_, c)| c.tier == **tier && c.region == *region);
            let cells: Vec<&str> = cells.map(|(id, _)| id.as_str()).collect();
            let view = growth::Look { spec, now: &now, over: &over, tenants, cells: &cells };
            let ways: Vec<growth::Way<'_>> = room.iter().zip(&grown).collect();
            let limits = growth::limits(&view, &ways);
            let (tier, region) = ((*tier).clone(), region.clone());
            let isolation = spec.tiers[&tier].isolation;
            let room = room.swap_remove(0);
            Growth { tier, isolation, region, tenants, room, limits }
        };
    ways.collect::<Vec<_>>().into_par_iter().map(growth).collect()
}

/// What newcomers to some tiers and regions take of each of several workload accounts. What cannot be
/// made was said before.
fn loads(spec: &Spec, lock: &Lock, growing: &[(String, String)], counter: &mut Counter) -> Loads {
    let several = spec.has_several_workloads();
    let by = (counter, &mut Again::default());
    let loads = || weigh::loads(spec, lock, growing, by, &mut Sink::default());
    several.then(loads).flatten().unwrap_or_default()
}

/// Each tier in each region that it has tenants in, be it some that found no place, or could begin in.
pub fn places<'a>(spec: &'a Spec, unplaced: &[Tenant]) -> Vec<(&'a String, String)> {
    let of = |tier: &'a String| {
        let all = regions_with(spec, tier, unplaced);
        all.into_iter().map(move |region| (tier, region))
    };
    spec.tiers.keys().flat_map(of).collect()
}

/// The regions that a tier has tenants in, or else the first that it could begin in.
pub fn regions(spec: &Spec, tier: &str) -> Vec<String> {
    regions_with(spec, tier, &[])
}

fn regions_with(spec: &Spec, tier: &str, unplaced: &[Tenant]) -> Vec<String> {
    let lives = |region: &&String| {
        let mut all = spec.tenants.values().chain(unplaced);
        all.any(|t| t.tier == tier && t.region == **region)
    };
    let there: Vec<String> = spec.regions.iter().filter(lives).cloned().collect();
    if there.is_empty() { begins(spec, tier).into_iter().collect() } else { there }
}

/// The first region that a tier without tenants could have one in.
fn begins(spec: &Spec, tier: &str) -> Option<String> {
    let ingress = spec.tiers[tier].ingress.as_ref();
    let open = |region: &&String| ingress.is_none_or(|it| it.certificates.contains_key(*region));
    spec.regions.iter().find(open).cloned()
}

/// The names of pools.
pub fn names(pools: &[Ipv4Net]) -> String {
    pools.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
