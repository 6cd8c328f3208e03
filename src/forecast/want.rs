//! What AWS must grant so that so many tenants fit: what is passed now, and what each place would hold
//! by then. It is the forecast read the other way round, so with all of it granted the forecast says
//! that so many fit, and with one less of anything that they do not. It asks of one workload account.

use std::collections::BTreeMap;

use crate::aws::PENDING;
use crate::aws::quota::{self, Quota};
use crate::check::quota::{Counter, Use};
use crate::forecast::probe::{Added, Growing, InCell, Key, Probe};
use crate::forecast::{Growth, forecast_of};
use crate::plan::Lock;
use crate::plan::allocate::room::{Room, Rooms};
use crate::plan::fill::Loads;
use crate::spec::quota::{Place, Scope};
use crate::spec::{Quotas, Spec};
use crate::weigh::newcomer::newcomer;

/// How many tenants of a tier there shall be room for in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The tier.
    pub tier: String,
    /// The region.
    pub region: String,
    /// How many, those that are there included.
    pub tenants: u64,
}

/// More of a quota than is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The place that takes most of it, with what is granted there now.
    pub at: Use,
    /// How much it takes.
    pub need: u64,
}

/// Why something is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// AWS never raises it.
    Fixed,
    /// AWS never raises it above this.
    Most(u32),
    /// Service Quotas does not know it; AWS Support does.
    NoCode,
    /// The account is not made yet.
    Pending,
}

/// What no grant helps against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Short {
    /// Blocks that the pools of a region lack.
    Blocks {
        /// The tier that needs them, for tenants or cells.
        tier: String,
        /// The region.
        region: String,
        /// The prefix length of each.
        prefix: u8,
        /// How many are missing.
        missing: u64,
    },
    /// Not even an empty cell of the tier has addresses for a tenant.
    Cell {
        /// The tier.
        tier: String,
    },
}

/// What there is to ask, and what comes of it.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// What is wanted, by account, region and quota.
    pub wants: Vec<Want>,
    /// What no grant helps against.
    pub short: Vec<Short>,
    /// The targets, each with how far its tier can grow with all that can be granted.
    pub then: Vec<(Target, Growth)>,
}

impl Want {
    /// Why it is not asked; `None` if it is.
    pub fn refusal(&self) -> Option<Refusal> {
        let row = self.at.row();
        match (row.adjustable, row.code, row.max) {
            (false, ..) => Some(Refusal::Fixed),
            (.., Some(most)) if self.need > u64::from(most) => Some(Refusal::Most(most)),
            (_, None, _) => Some(Refusal::NoCode),
            _ if self.at.account == PENDING => Some(Refusal::Pending),
            _ => None,
        }
    }

    /// Whether AWS is asked for it.
    pub fn is_asked(&self) -> bool {
        self.refusal().is_none() && self.at.row().tied_to.is_none()
    }

    /// Where it is asked for: global quotas in the region that Service Quotas keeps them in. Source:
    /// <https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html>.
    pub fn region(&self) -> &str {
        match (is_global(&self.at), self.at.region.as_str()) {
            (false, region) => region,
            (true, region) if region.starts_with("us-gov-") => "us-gov-west-1",
            (true, region) if region.starts_with("cn-") => "cn-northwest-1",
            (true, _) => "us-east-1",
        }
    }
}

/// Whether AWS keeps a quota for all regions in one.
fn is_global(one: &Use) -> bool {
    let scope = one.row().scope;
    matches!(scope, "per-account" | "per-organization" | "per-role" | "per-user")
        || one.quota.starts_with("iam.")
        || one.quota.starts_with("organizations.")
}

/// The most that is wanted of each quota: a limit of a thing is raised for its account and region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wants(BTreeMap<(String, String, &'static str), Want>);

impl Wants {
    fn add(&mut self, want: Want) {
        let key = (want.at.account.clone(), want.region().to_owned(), want.at.quota);
        match self.0.get_mut(&key) {
            Some(known) if known.need >= want.need => {}
            Some(known) => *known = want,
            None => drop(self.0.insert(key, want)),
        }
    }

    /// Those of some quotas.
    fn of(&self, ids: &[&str]) -> Wants {
        let all = self.0.iter().filter(|((.., quota), _)| ids.contains(quota));
        Wants(all.map(|(key, want)| (key.clone(), want.clone())).collect())
    }

    /// A blueprint as if all that can be granted were.
    fn granted(&self, spec: &Spec) -> Spec {
        let mut out = spec.clone();
        for want in self.0.values().filter(|want| want.refusal().is_none()) {
            grant(&mut out.quotas, &spec.regions, want);
        }
        out
    }
}

fn grant(quotas: &mut Quotas, regions: &[String], want: &Want) {
    let account = want.at.account.clone();
    let count = u32::try_from(want.need).unwrap_or(u32::MAX);
    let everywhere = is_global(&want.at) || Scope::of(want.at.row()) == Scope::Account;
    let own = [want.at.region.clone()];
    for region in if everywhere { regions } else { &own } {
        let place = Place { account: account.clone(), region: Some(region.clone()) };
        quotas.grant(place, want.at.quota, count);
    }
}

/// Of what AWS raises with another quota, that one is wanted, too: as many more of it. `limit` says how
/// many of it are granted where something is, and whether somebody said so.
fn with_others(wants: &mut Wants, limit: impl Fn(&'static Quota<'static>, &Use) -> (u64, bool)) {
    let tied: Vec<Want> = wants.0.values().filter(|it| it.refusal().is_none()).cloned().collect();
    for want in tied {
        let Some(quota) = want.at.row().tied_to.and_then(quota::get) else { continue };
        let (limit, given) = limit(quota, &want.at);
        let need = limit + want.need.saturating_sub(want.at.limit.unwrap_or(0));
        let at = Use { quota: quota.id, used: need, limit: Some(limit), given, ..want.at };
        wants.add(Want { at, need });
    }
}

/// What is passed now.
pub fn now(uses: &[Use]) -> Vec<Want> {
    let mut wants = passed(uses);
    with_others(&mut wants, |quota, at| {
        let known = uses.iter().find(|one| one.quota == quota.id && one.place == at.place);
        let default = quota.default_in(&at.region).map_or(0, u64::from);
        known.map_or((default, false), |one| (one.limit.unwrap_or(default), one.given))
    });
    wants.0.into_values().collect()
}

fn passed(uses: &[Use]) -> Wants {
    let mut out = Wants::default();
    for one in uses.iter().filter(|one| one.is_over()) {
        out.add(Want { at: one.clone(), need: one.used });
    }
    out
}

/// What must be granted besides, so that all targets are met together.
pub fn foreseen(
    spec: &Spec,
    lock: &Lock,
    uses: &[Use],
    counter: &mut Counter,
    targets: &[Target],
) -> Outlook {
    let mut outlook = Outlook::default();
    let mut first = passed(uses);
    for target in targets {
        open(spec, lock, target, &mut first, &mut outlook.short);
    }
    let mut wants = Ahead { spec, lock, uses, targets }.wants(&first, counter);
    let meant = wants.granted(spec);
    outlook.short.extend(addresses(&meant, lock, targets));
    outlook.then = then(&meant, lock, uses, counter, targets);
    with_others(&mut wants, |quota, at| {
        let given = spec.quotas.given_in(quota.id, &at.account, &at.region).is_some();
        (u64::from(spec.quotas.of_in(quota.id, &at.account, &at.region)), given)
    });
    outlook.wants = std::mem::take(&mut wants.0).into_values().collect();
    outlook
}

/// What an empty cell must have of each quota to take a tenant.
fn open(spec: &Spec, lock: &Lock, target: &Target, wants: &mut Wants, short: &mut Vec<Short>) {
    loop {
        let meant = wants.granted(spec);
        let rooms = Rooms::new(&meant, lock, Loads::default());
        let one = newcomer(spec, &target.tier, &target.region, 1);
        let (room, missing) = (rooms.of(&one), rooms.missing(&one));
        if room.each > 0 || more(spec, target) <= room.here() {
            return;
        }
        let Some((quota, missing)) = missing else {
            return short.push(Short::Cell { tier: target.tier.clone() });
        };
        let (account, region) = (&spec.workload_accounts[0], &target.region);
        let need = u64::from(meant.quotas.of_in(quota, account, region)) + missing;
        let at = Use {
            quota,
            place: format!("a cell of {}", target.tier),
            account: account.clone(),
            region: region.clone(),
            used: need,
            others: 0,
            limit: spec.quotas.granted_in(quota, account, region).map(u64::from),
            given: spec.quotas.given_in(quota, account, region).is_some(),
        };
        let want = Want { at, need };
        let refused = want.refusal().is_some();
        wants.add(want);
        if refused {
            return;
        }
    }
}

/// How many tenants of a target are not there yet.
fn more(spec: &Spec, target: &Target) -> u64 {
    let there = spec.tenants.values();
    let there = there.filter(|it| it.tier == target.tier && it.region == target.region).count();
    target.tenants.saturating_sub(there as u64)
}

/// A look ahead.
struct Ahead<'a> {
    spec: &'a Spec,
    lock: &'a Lock,
    uses: &'a [Use],
    targets: &'a [Target],
}

/// A tier on its way to its target.
struct Way {
    room: Room,
    /// How many come, of those that find a place.
    more: u64,
    growing: Growing,
}

/// How often it is looked again where what is wanted changes how much a cell holds.
const ROUNDS: usize = 4;

impl Ahead<'_> {
    /// All that is wanted. What is wanted of a row that bounds cells changes how many of them open, so
    /// it is looked again until that stays as it is.
    fn wants(&self, first: &Wants, counter: &mut Counter) -> Wants {
        let bounds = self.bounds();
        let mut fixed = first.clone();
        let mut found = Wants::default();
        for _ in 0..ROUNDS {
            found = first.clone();
            let meant = fixed.granted(self.spec);
            for want in self.needs(&meant, counter) {
                found.add(want);
            }
            let mut again = first.clone();
            found.of(&bounds).0.into_values().for_each(|want| again.add(want));
            if again == fixed {
                return found;
            }
            fixed = again;
        }
        fixed.0.into_values().for_each(|want| found.add(want));
        found
    }

    /// The quotas that bound the cells of the targets.
    fn bounds(&self) -> Vec<&'static str> {
        let mut out = Vec::new();
        for target in self.targets {
            out.extend(Rooms::bounds(self.spec, &self.spec.tiers[&target.tier], &target.region));
        }
        out
    }

    /// What places hold when all targets are met, where that is more than is granted.
    fn needs(&self, meant: &Spec, counter: &mut Counter) -> Vec<Want> {
        let now: BTreeMap<Key, &Use> =
            self.uses.iter().map(|one| ((one.quota, one.place.clone()), one)).collect();
        let rooms = Rooms::new(meant, self.lock, Loads::default());
        let mut probe = Probe::new(meant, self.lock, counter);
        let (mut ways, mut firsts) = (Vec::new(), Vec::new());
        for target in self.targets.iter().filter(|target| more(meant, target) > 0) {
            let room = rooms.of(&newcomer(meant, &target.tier, &target.region, 1));
            let more = more(meant, target);
            let more = if room.each == 0 { more.min(room.here()) } else { more };
            let Some(growing) = probe.added(&target.tier, &target.region) else { continue };
            ways.push(Way { room, more, growing });
            firsts.push((target.tier.as_str(), target.region.as_str()));
        }
        let together = probe.together(&firsts);
        let mut held = shared(&ways, &now, |key| together.as_ref()?.get(key).map(|one| one.used));
        for way in &ways {
            held.extend(way.growing.in_cell.iter().flat_map(|it| in_cells(it, way, &now)));
            held.extend(way.growing.own.iter().map(|own| (own.clone(), own.used)));
        }
        held.into_iter().filter_map(|(at, need)| self.want(at, need)).collect()
    }

    /// What is wanted of a place that holds so much.
    fn want(&self, mut at: Use, need: u64) -> Option<Want> {
        let quotas = &self.spec.quotas;
        at.limit = quotas.granted_in(at.quota, &at.account, &at.region).map(u64::from);
        at.given = quotas.given_in(at.quota, &at.account, &at.region).is_some();
        at.used = need;
        at.is_over().then_some(Want { at, need })
    }
}

/// What places hold that are there whoever comes: what the first of each tier bring together, and what
/// each of the others brings.
fn shared(
    ways: &[Way],
    now: &BTreeMap<Key, &Use>,
    together: impl Fn(&Key) -> Option<u64>,
) -> Vec<(Use, u64)> {
    let mut all: BTreeMap<Key, Vec<(&Way, &Added)>> = BTreeMap::new();
    for way in ways {
        for added in &way.growing.shared {
            let key = (added.at.quota, added.at.place.clone());
            all.entry(key).or_default().push((way, added));
        }
    }
    let held = |(key, parts): (Key, Vec<(&Way, &Added)>)| {
        let (_, any) = parts[0];
        let (at, before) = now.get(&key).map_or((&any.at, any.before), |one| (*one, one.used));
        let steps: u64 = parts.iter().map(|(_, added)| added.tenant + added.cell).sum();
        let grown = |(way, added): &(&Way, &Added)| {
            let cells = way.room.opened(way.more).unwrap_or(0);
            way.more * added.tenant + cells * added.cell
        };
        let once = together(&key).map_or(0, |all| all.saturating_sub(any.before + steps));
        (at.clone(), before + once + parts.iter().map(grown).sum::<u64>())
    };
    all.into_iter().map(held).collect()
}

/// What a place in each cell holds that newcomers fill: those that are there, in order, then a new one.
fn in_cells(place: &InCell, way: &Way, now: &BTreeMap<Key, &Use>) -> Vec<(Use, u64)> {
    let Some(cell) = &way.growing.cell else { return Vec::new() };
    let (mut left, mut out) = (way.more, Vec::new());
    let mut fill = |id: &String, here: u64| {
        let come = left.min(here);
        left -= come;
        let name = place.at.place.replace(cell, id);
        let known = now.get(&(place.at.quota, name.clone()));
        let used = known.map_or(place.own, |one| one.used);
        if come > 0 {
            let at = Use { place: name, ..place.at.clone() };
            out.push((at, used + come * place.tenant));
        }
    };
    way.room.cells.iter().for_each(|(id, here)| fill(id, *here));
    if let Some(next) = &way.room.next {
        fill(next, way.room.each);
    }
    out
}

/// The blocks that pools lack for all targets together.
fn addresses(spec: &Spec, lock: &Lock, targets: &[Target]) -> Vec<Short> {
    let mut rooms = Rooms::new(spec, lock, Loads::default());
    let mut all: Vec<(u8, u64, &Target)> = Vec::new();
    for target in targets {
        let tier = &spec.tiers[&target.tier];
        let room = rooms.of(&newcomer(spec, &target.tier, &target.region, 1));
        let blocks = room.opened(more(spec, target)).unwrap_or(0);
        let prefix = if tier.isolation.has_vpc() { tier.prefix } else { tier.cell_prefix };
        all.push((prefix.expect("a tier of this model has one"), blocks, target));
    }
    // The large ones first, as they fit into the fewest holes.
    all.sort_by_key(|(prefix, ..)| *prefix);
    let mut out = Vec::new();
    for (prefix, blocks, Target { tier, region, .. }) in all {
        let missing = blocks - rooms.take(region, prefix, blocks);
        if missing > 0 {
            let (tier, region) = (tier.clone(), region.clone());
            out.push(Short::Blocks { tier, region, prefix, missing });
        }
    }
    out
}

/// How far the tiers of the targets can grow with what was granted.
fn then(
    meant: &Spec,
    lock: &Lock,
    uses: &[Use],
    counter: &mut Counter,
    targets: &[Target],
) -> Vec<(Target, Growth)> {
    let lifted = |one: &Use| Use {
        limit: meant.quotas.granted_in(one.quota, &one.account, &one.region).map(u64::from),
        given: meant.quotas.given_in(one.quota, &one.account, &one.region).is_some(),
        ..one.clone()
    };
    let uses: Vec<Use> = uses.iter().map(lifted).collect();
    let tiers: Vec<_> = targets.iter().map(|it| (&it.tier, it.region.clone())).collect();
    let growths = forecast_of(meant, lock, &uses, counter, &tiers);
    targets.iter().cloned().zip(growths).collect()
}
