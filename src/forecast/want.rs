//! What AWS must grant so that so many tenants fit: what is passed now, and what each place would hold
//! by then. It is the forecast read the other way round, so with all of it granted the forecast says
//! that so many fit, and with one less of anything that they do not. Of several workload accounts, all
//! before the last are filled as they are, and what accounts bound is asked of the last.

use std::collections::BTreeMap;

use crate::aws::quota::{self, Quota};
use crate::check::quota::{Counter, Use};
use crate::forecast::Growth;
use crate::forecast::ask::{Target, Want};
use crate::forecast::path::{Asked, path};
use crate::forecast::probe::{Goal, Grown, Key, Probe, goal};
use crate::forecast::settle::{Come, settle};
use crate::forecast::shared::{Parts, by_place, grown, in_turn};
use crate::plan::Lock;
use crate::plan::allocate::room::{Rooms, Share};
use crate::plan::fill::Loads;
use crate::spec::quota::{Place, Scope};
use crate::spec::{Quotas, Spec};
use crate::weigh::newcomer::newcomer;

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

/// An estate as it is.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What is asked for.
    pub spec: &'a Spec,
    /// What is decided.
    pub lock: &'a Lock,
    /// What is used.
    pub uses: &'a [Use],
}

/// What there is to ask, and what comes of it.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// What is wanted, by account, region and quota.
    pub wants: Vec<Want>,
    /// What no grant helps against.
    pub short: Vec<Short>,
    /// The targets, each with how far its tier can grow with what is asked.
    pub then: Vec<(Target, Growth)>,
    /// How many tenants come to each of several workload accounts, target by target.
    pub homes: Vec<(Target, Vec<(String, u64)>)>,
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

    /// Whether others are among these, and no larger.
    fn hold(&self, others: &Wants) -> bool {
        let known = |key| self.0.get(key).map_or(0, |want: &Want| want.need);
        others.0.iter().all(|(key, want)| want.need <= known(key))
    }

    /// The same with so much of one.
    fn with(&self, key: &(String, String, &'static str), need: u64) -> Wants {
        let mut out = self.clone();
        if let Some(want) = out.0.get_mut(key) {
            (want.need, want.at.used) = (need, need);
        }
        out
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

/// Says that so much of something is granted.
pub(super) fn grant(quotas: &mut Quotas, regions: &[String], want: &Want) {
    let account = want.at.account.clone();
    let count = u32::try_from(want.need).unwrap_or(u32::MAX);
    let everywhere = want.at.row().is_wide() || Scope::of(want.at.row()) == Scope::Account;
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
pub(super) fn outlook(view: &View<'_>, probe: &mut Probe<'_, '_>, targets: &[Target]) -> Outlook {
    let View { spec, lock, uses } = *view;
    let mut outlook = Outlook::default();
    let ahead = Ahead { spec, lock, uses, targets };
    let first = ahead.open(passed(uses), probe.counter, &mut outlook.short);
    let mut wants = ahead.wants(&first, probe);
    let meant = wants.granted(spec);
    let (come, _) = settle(&meant, lock, targets, probe.counter);
    outlook.short.extend(addresses(&meant, lock, &come));
    outlook.homes = come.iter().filter_map(homes).collect();
    with_others(&mut wants, |quota, at| {
        let given = spec.quotas.given_in(quota.id, &at.account, &at.region).is_some();
        (u64::from(spec.quotas.of_in(quota.id, &at.account, &at.region)), given)
    });
    outlook.wants = wants.0.into_values().collect();
    outlook
}

/// How many tenants of a target come to each account, where there are several.
fn homes(come: &Come<'_>) -> Option<(Target, Vec<(String, u64)>)> {
    let mut all: Vec<(String, u64)> =
        come.room.turns.iter().map(|turn| (turn.account.clone(), 0)).collect();
    for share in come.shares() {
        let home = all.iter_mut().find(|(account, _)| account == share.account)?;
        home.1 += share.tenants;
    }
    all.retain(|(_, tenants)| *tenants > 0);
    (!all.is_empty()).then(|| (come.target.clone(), all))
}

/// What those who come add in each account, as if it were the only one: what the first bring is found out
/// together.
fn grown_in_each(come: &[Come<'_>], probe: &mut Probe<'_, '_>) -> Vec<Grown> {
    let paths: Vec<Vec<String>> = come.iter().map(accounts).collect();
    let each = come.iter().zip(&paths).flat_map(|(come, path)| {
        let to = come.target;
        path.iter().map(|account| (to.tier.as_str(), to.region.as_str(), vec![account.clone()]))
    });
    let mut found = probe.grown(&each.collect::<Vec<Asked<'_>>>()).into_iter();
    paths.iter().map(|path| found.by_ref().take(path.len()).flatten().collect()).collect()
}

/// The accounts that those who come do come to.
fn accounts(come: &Come<'_>) -> Vec<String> {
    path(come.shares().iter().map(|share| share.account))
}

/// A look ahead.
struct Ahead<'a> {
    spec: &'a Spec,
    lock: &'a Lock,
    uses: &'a [Use],
    targets: &'a [Target],
}

/// A tier on its way to its target.
struct Way<'a> {
    come: Come<'a>,
    grown: Grown,
}

/// What those who come add to each place, target by target.
type Adds<'a> = BTreeMap<Key, Vec<(&'a Way<'a>, Parts<'a>)>>;

/// How often it is looked again where what is wanted changes how much a cell holds.
const ROUNDS: usize = 8;

impl Ahead<'_> {
    /// With what an empty cell must have of each quota to take a tenant, in the last account.
    fn open(&self, mut wants: Wants, counter: &mut Counter, short: &mut Vec<Short>) -> Wants {
        for target in self.targets {
            loop {
                let meant = wants.granted(self.spec);
                let (come, _) = settle(&meant, self.lock, self.targets, counter);
                let stuck = |it: &&Come<'_>| it.target == target && it.left > 0;
                if !come.iter().any(|it| stuck(&it)) {
                    break;
                }
                let Some(want) = self.cell(&meant, target) else {
                    short.push(Short::Cell { tier: target.tier.clone() });
                    break;
                };
                let refused = want.refusal().is_some();
                wants.add(want);
                if refused {
                    break;
                }
            }
        }
        wants
    }

    /// What an empty cell in the last account is short of for one tenant.
    fn cell(&self, meant: &Spec, target: &Target) -> Option<Want> {
        let (spec, region) = (self.spec, &target.region);
        let account = spec.workload_accounts.last().expect("there is one");
        let rooms = Rooms::new(meant, self.lock, Loads::default());
        let one = newcomer(spec, &target.tier, region, 1);
        let (quota, missing) = rooms.missing(&one, account)?;
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
        Some(Want { at, need })
    }

    /// All that is wanted. What is wanted of a row that bounds cells changes how many of them open, and
    /// with fewer cells less is wanted: it is the least with which no more is.
    fn wants(&self, first: &Wants, probe: &mut Probe<'_, '_>) -> Wants {
        let bounds = self.bounds();
        let mut fixed = first.clone();
        for _ in 0..ROUNDS {
            let more = self.found(&fixed, probe).of(&bounds);
            if fixed.hold(&more) {
                break;
            }
            more.0.into_values().for_each(|want| fixed.add(want));
        }
        for key in fixed.0.keys().cloned().collect::<Vec<_>>() {
            let from = first.0.get(&key).map_or(fixed.0[&key].at.limit, |want| Some(want.need));
            let enough = |value: u64, probe: &mut Probe<'_, '_>| {
                let less = fixed.with(&key, value);
                less.hold(&self.found(&less, probe).of(&bounds))
            };
            let (mut low, mut high) = (from.unwrap_or(0), fixed.0[&key].need);
            let mut middle = high.saturating_sub(1);
            while low < high {
                if enough(middle, probe) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
                middle = low + (high - low) / 2;
            }
            fixed = fixed.with(&key, high);
        }
        let mut found = self.found(&fixed, probe);
        fixed.0.into_values().for_each(|want| found.add(want));
        found
    }

    /// What is wanted where so much is granted.
    fn found(&self, granted: &Wants, probe: &mut Probe<'_, '_>) -> Wants {
        let mut out = Wants::default();
        let needs = self.needs(&granted.granted(self.spec), probe);
        for want in needs {
            out.add(want);
        }
        out
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
    fn needs(&self, meant: &Spec, probe: &mut Probe<'_, '_>) -> Vec<Want> {
        let now: BTreeMap<Key, &Use> =
            self.uses.iter().map(|one| ((one.quota, one.place.clone()), one)).collect();
        let (come, lacks) = settle(meant, self.lock, self.targets, probe.counter);
        let come: Vec<Come<'_>> = come.into_iter().filter(|come| come.more > 0).collect();
        let grown = grown_in_each(&come, probe);
        let way = |(come, grown)| Way { come, grown };
        let ways: Vec<Way<'_>> = come.into_iter().zip(grown).map(way).collect();
        let mut held = shared(meant, &ways, &now, probe);
        for way in &ways {
            held.extend(in_cells(meant, way, &now));
        }
        held.extend(lacks);
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
/// each of the others brings. What several accounts fill in turn is counted where that is decided.
fn shared(
    spec: &Spec,
    ways: &[Way<'_>],
    now: &BTreeMap<Key, &Use>,
    probe: &mut Probe<'_, '_>,
) -> Vec<(Use, u64)> {
    let mut all: Adds<'_> = BTreeMap::new();
    for way in ways {
        for ((quota, place), parts) in by_place(&way.grown) {
            all.entry((quota, place.to_owned())).or_default().push((way, parts));
        }
    }
    if spec.has_several_workloads() {
        all.retain(|(_, place), _| !in_turn(place, spec));
    }
    let once = once(&all, ways, probe);
    let held = |(key, parts): (Key, Vec<(&Way<'_>, Parts<'_>)>)| {
        let any = parts[0].1[0].1;
        let (at, before) = now.get(&key).map_or((&any.at, any.before), |one| (*one, one.used));
        let added = |(way, parts): &(&Way<'_>, Parts<'_>)| {
            way.come.shares().iter().map(|share| grown(parts, share)).sum::<u64>()
        };
        let once = once.get(&key).copied().unwrap_or(0);
        (at.clone(), before + once + parts.iter().map(added).sum::<u64>())
    };
    all.into_iter().map(held).collect()
}

/// What the first of all tiers in all accounts together bring to each place besides what each tenant and
/// cell brings.
fn once(all: &Adds<'_>, ways: &[Way<'_>], probe: &mut Probe<'_, '_>) -> BTreeMap<Key, u64> {
    let mut firsts: BTreeMap<&String, Vec<Goal>> = BTreeMap::new();
    for way in ways {
        let to = way.come.target;
        for account in way.grown.keys() {
            firsts.entry(account).or_default().push(goal(&to.tier, &to.region));
        }
    }
    let firsts: Vec<_> = firsts.into_iter().map(|(id, goals)| (id.clone(), goals)).collect();
    let Some(together) = probe.together(&firsts) else { return BTreeMap::new() };
    let once = |(key, parts): (&Key, &Vec<(&Way<'_>, Parts<'_>)>)| {
        let added = parts.iter().flat_map(|(_, parts)| parts);
        let steps: u64 = added.map(|(_, added)| added.tenant + added.cell).sum();
        let (_, any) = parts[0].1[0];
        let used = together.get(key).map_or(0, |one| one.used);
        (key.clone(), used.saturating_sub(any.before + steps))
    };
    all.iter().map(once).collect()
}

/// What a place holds in each cell that newcomers fill, those that are there and the fullest new ones of
/// each account, by the digits of their numbers; and what tenants hold themselves.
fn in_cells(spec: &Spec, way: &Way<'_>, now: &BTreeMap<Key, &Use>) -> Vec<(Use, u64)> {
    let (room, mut out) = (&way.come.room, Vec::new());
    let there = |at: &Use, share: &Share<'_>| {
        if room.turns.is_empty() { at.clone() } else { at.there(spec, share.account) }
    };
    for share in way.come.shares() {
        let Some(growing) = way.grown.get(share.account) else { continue };
        out.extend(growing.own.iter().map(|own| (there(own, &share), own.used)));
        let Some(seen) = &growing.cell else { continue };
        for (id, tenants, _) in share.cells(room) {
            for place in &growing.in_cell {
                let name = place.at.place.replace(seen, &id);
                let known = now.get(&(place.at.quota, name.clone()));
                let used = known.map_or_else(|| place.own_of(&id, seen), |one| one.used);
                let at = Use { place: name, ..there(&place.at, &share) };
                out.push((at, used + tenants * place.tenant));
            }
        }
    }
    out
}

/// The blocks that pools lack for all targets together.
fn addresses(spec: &Spec, lock: &Lock, all: &[Come<'_>]) -> Vec<Short> {
    let mut rooms = Rooms::new(spec, lock, Loads::default());
    let blocks = |come: &Come<'_>| {
        let tier = &spec.tiers[&come.target.tier];
        let prefix = if tier.isolation.has_vpc() { tier.prefix } else { tier.cell_prefix };
        let blocks = come.shares().iter().map(|share| share.opened).sum();
        (prefix.expect("a tier of this model has one"), blocks)
    };
    let mut all: Vec<((u8, u64), &Target)> =
        all.iter().map(|come| (blocks(come), come.target)).collect();
    // The large ones first, as they fit into the fewest holes.
    all.sort_by_key(|((prefix, _), _)| *prefix);
    let mut out = Vec::new();
    for ((prefix, blocks), Target { tier, region, .. }) in all {
        let missing = blocks - rooms.take(region, prefix, blocks);
        if missing > 0 {
            let (tier, region) = (tier.clone(), region.clone());
            out.push(Short::Blocks { tier, region, prefix, missing });
        }
    }
    out
}
