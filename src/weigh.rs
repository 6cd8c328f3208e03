//! What tenants and cells take of what AWS counts by account, region or zone, weighed before they are
//! placed in one of several workload accounts. For each account a small estate with one tenant of each
//! kind is synthesised there, and each of its stacks is put on the scales once: what a stack adds is the
//! same for every tenant of the kind, so ten thousand of them are additions.

pub mod newcomer; // tenants that do not exist

use std::collections::{BTreeMap, BTreeSet};

use crate::check::quota::{Counter, Part};
use crate::diag::Sink;
use crate::model::identity::is_of_region;
use crate::plan::fill::{Home, Kind, Level, Load, Loads, Slot};
use crate::plan::{self, Lock, Plan};
use crate::spec::{Pool, Quotas, Spec, Tenant};
use crate::split::again::Again;
use crate::template::{Estate, Stack};
use crate::{component, model};
use newcomer::newcomer;

/// Decides everything that is not decided yet, as [`plan::plan`] does; with several workload accounts,
/// what is new goes to the first that has room for it.
pub fn plan(
    spec: &Spec,
    lock: &Lock,
    counter: &mut Counter,
    sink: &mut Sink,
) -> Option<(Plan, Lock)> {
    let errors = sink.errors();
    decide(spec, lock, counter, sink).filter(|_| sink.errors() == errors)
}

/// The same as [`plan::decide`] does.
pub fn decide(
    spec: &Spec,
    lock: &Lock,
    counter: &mut Counter,
    sink: &mut Sink,
) -> Option<(Plan, Lock)> {
    let loads = weighed(spec, lock, (counter, &mut Again::default()), sink)?;
    plan::decide(spec, lock, loads, sink)
}

/// What counts, and what was cut before of the same blueprint.
pub type By<'a> = (&'a mut Counter, &'a mut Again);

/// What all tenants take of each of several accounts; nothing of one alone, in which there is nothing to
/// choose. `None` if nothing can be made, with the reasons in the sink.
pub fn weighed(spec: &Spec, lock: &Lock, by: By<'_>, sink: &mut Sink) -> Option<Loads> {
    if !spec.has_several_workloads() {
        return Some(Loads::default());
    }
    let mut unsaid = Sink::default();
    if let Some(loads) = loads(spec, lock, &[], by, &mut unsaid) {
        return Some(loads);
    }
    // Whatever cannot be made on the scales cannot be made in earnest, and is said of that.
    let before = sink.errors();
    plan::plan(spec, lock, sink);
    if sink.errors() == before {
        unsaid.as_slice().iter().for_each(|complaint| sink.push_once(complaint.clone()));
    }
    None
}

/// What each of several accounts has, and who takes how much: all tenants, all cells of the lock, and
/// whoever comes to some tiers and regions. `None` if not even a small estate can be made, with the
/// reasons in the sink.
pub fn loads(
    spec: &Spec,
    lock: &Lock,
    growing: &[(String, String)],
    (counter, again): By<'_>,
    sink: &mut Sink,
) -> Option<Loads> {
    let sample = Sample::new(spec, lock, growing);
    let accounts = &spec.workload_accounts;
    let mut estates: Vec<Estate> = Vec::new();
    for (n, account) in accounts.iter().enumerate() {
        let alike = |one: &String| sort(spec, one) == sort(spec, account);
        // Beside the first there is another, to see what stands in each while tenants are elsewhere.
        let known = accounts[..n].iter().position(alike).filter(|_| n > 1);
        if let Some(known) = known {
            estates.push(swapped(&estates[known], &accounts[known], account));
            continue;
        }
        let mut estate = sample.estate(account, sink)?;
        // What is cut has more stacks, and parameters by which its parts tell each other.
        again.cut(spec, lock, &mut estate);
        estates.push(estate);
    }
    let mut scales = Scales { spec, loads: Loads::default(), known: BTreeMap::new() };
    let parts: Vec<Vec<Part>> = estates.iter().map(|estate| counter.parts(spec, estate)).collect();
    for (home, estate) in estates.iter().enumerate() {
        // What stands in an account although all tenants are in another is there whatever comes.
        let other = usize::from(home == 0);
        let always = keys(&estates[other], &spec.workload_accounts[home]);
        scales.weigh_always(home, (&estates[other], &parts[other]));
        scales.weigh(home, &sample, (estate, &parts[home]), &always);
    }
    Some(scales.loads.in_order())
}

/// Two accounts in each other's place.
pub fn swap(text: &mut String, one: &str, other: &str) {
    if text.contains(one) || text.contains(other) {
        let parts = text.split(one).map(|part| part.replace(other, one));
        *text = parts.collect::<Vec<_>>().join(other);
    }
}

/// An estate with two accounts in each other's place.
fn swapped(estate: &Estate, one: &str, other: &str) -> Estate {
    let swap = |text: &mut String| swap(text, one, other);
    let mut out = estate.clone();
    for stack in &mut out.stacks {
        let Stack { key, account, foreign, values, depends_on, .. } = stack;
        let foreign = foreign.iter_mut().map(|(account, _)| account);
        let own = [key, account].into_iter().chain(foreign);
        own.chain(values).chain(depends_on).for_each(swap);
    }
    out
}

/// The keys of the stacks of nobody that stand in an account.
fn keys<'a>(estate: &'a Estate, account: &str) -> BTreeSet<&'a str> {
    let own = estate.stacks.iter().filter(|s| s.account == account && whose(s, estate).is_none());
    own.map(|stack| stack.key.as_str()).collect()
}

/// Who a stack is made for, if it is not for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose<'a> {
    /// A tenant, by its id.
    Tenant(&'a str),
    /// A cell, by its id.
    Cell(&'a str),
}

/// Who a stack of an estate is made for. The hub's side of a cell is the cell's.
pub fn whose<'a>(stack: &'a Stack, estate: &'a Estate) -> Option<Whose<'a>> {
    if let Some(tenant) = &stack.tenant {
        return Some(Whose::Tenant(tenant));
    }
    let cell = |stack: &'a Stack| stack.tags.iter().find(|(key, _)| key == "Cell");
    if let Some((_, id)) = cell(stack) {
        return Some(Whose::Cell(id));
    }
    let joined = stack.key.strip_prefix("spoke-")?;
    let joined = estate.stacks.iter().find(|other| other.key == joined)?;
    cell(joined).map(|(_, id)| Whose::Cell(id))
}

/// Who needs each stack that stands only where another waits for it: the tiers, where it is no stack of all.
fn awaited(estate: &Estate) -> BTreeMap<&str, BTreeSet<&str>> {
    let awaited = estate.stacks.iter().filter(|stack| component::is_awaited(stack));
    let mut waits: BTreeMap<&str, Vec<&Stack>> =
        awaited.map(|stack| (stack.key.as_str(), Vec::new())).collect();
    for stack in &estate.stacks {
        for key in &stack.depends_on {
            if let Some(waits) = waits.get_mut(key.as_str()) {
                waits.push(stack);
            }
        }
    }
    let tiers = |key| needing(key, &waits).filter(|tiers| !tiers.is_empty());
    waits.keys().copied().filter_map(|key| Some((key, tiers(key)?))).collect()
}

/// The tiers whose stacks wait for one; `None` where one of all does.
fn needing<'a>(key: &str, waits: &BTreeMap<&str, Vec<&'a Stack>>) -> Option<BTreeSet<&'a str>> {
    let mut out = BTreeSet::new();
    for stack in &waits[key] {
        match &stack.tier {
            Some(tier) => drop(out.insert(tier.as_str())),
            None if component::is_awaited(stack) => out.extend(needing(&stack.key, waits)?),
            None => return None,
        }
    }
    Some(out)
}

/// The numbers of what tiers need in regions, of a list that says which tiers need each.
fn needed<'a>(
    all: impl Iterator<Item = &'a (String, BTreeSet<&'a str>)>,
) -> BTreeMap<(String, String), Vec<usize>> {
    let mut out: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (at, (region, tiers)) in all.enumerate() {
        for tier in tiers {
            out.entry(((*tier).to_owned(), region.clone())).or_default().push(at);
        }
    }
    out
}

/// What was put on the scales so far.
struct Scales<'a> {
    spec: &'a Spec,
    loads: Loads,
    /// Slots by quota and place; `None` for those without a limit that stops anything.
    known: BTreeMap<(&'static str, String), Option<usize>>,
}

impl Scales<'_> {
    /// What is there whatever comes.
    fn weigh_always(&mut self, home: usize, (estate, parts): (&Estate, &[Part])) {
        let account = &self.spec.workload_accounts[home];
        for part in parts {
            let stack = &estate.stacks[part.stack];
            if stack.account != *account || whose(stack, estate).is_some() {
                continue;
            }
            if let Some(slot) = self.slot(part, stack) {
                self.loads.slots[slot].level.used += part.amount;
            }
        }
    }

    /// What the first thing brings, each cell, and each tenant.
    fn weigh(
        &mut self,
        home: usize,
        sample: &Sample,
        (estate, parts): (&Estate, &[Part]),
        always: &BTreeSet<&str>,
    ) {
        let account = &self.spec.workload_accounts[home];
        let mut first = Load::default();
        let mut once: BTreeMap<String, Load> = BTreeMap::new();
        let mut brought: BTreeMap<(String, BTreeSet<&str>), Load> = BTreeMap::new();
        let awaited = awaited(estate);
        let mut cells: BTreeMap<&str, Load> = BTreeMap::new();
        let mut tenants: BTreeMap<&str, Load> = BTreeMap::new();
        for part in parts {
            let stack = &estate.stacks[part.stack];
            let Some(slot) = self.slot(part, stack) else { continue };
            let load = match whose(stack, estate) {
                Some(Whose::Tenant(id)) => tenants.entry(id).or_default(),
                Some(Whose::Cell(id)) => cells.entry(id).or_default(),
                None if stack.account != *account || always.contains(stack.key.as_str()) => {
                    continue;
                }
                None if is_of_region(stack) => match awaited.get(stack.key.as_str()) {
                    Some(tiers) => {
                        brought.entry((stack.region.clone(), tiers.clone())).or_default()
                    }
                    None => once.entry(stack.region.clone()).or_default(),
                },
                None => &mut first,
            };
            match load.iter_mut().find(|(known, _)| *known == slot) {
                Some((_, amount)) => *amount += part.amount,
                None => load.push((slot, part.amount)),
            }
        }
        let place = |id: &str| {
            let of = estate.stacks.iter().find(|s| whose(s, estate) == Some(Whose::Cell(id)))?;
            Some((of.tier.clone()?, of.region.clone()))
        };
        let cells = cells.into_iter().filter_map(|(id, load)| Some((place(id)?, load))).collect();
        let kind = |id: &str| Kind::of(&sample.spec.tenants[id]);
        let tenants = tenants.into_iter().map(|(id, load)| (kind(id), load)).collect();
        let needed = needed(brought.keys());
        let brought = brought.into_values().collect();
        self.loads.homes.push(Home { first, once, brought, needed, cells, tenants });
    }

    /// The slot of what a stack adds to; of what is no workload account's there is none.
    fn slot(&mut self, part: &Part, stack: &Stack) -> Option<usize> {
        let key = (part.quota, part.place.clone());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let home = self.spec.workload_accounts.iter().position(|one| *one == stack.account);
        let slot = home.and_then(|home| {
            let limit = part.limit?;
            let (quota, level) = (part.quota, Level { limit, used: part.there });
            let (place, region) = (part.place.clone(), stack.region.clone());
            self.loads.slots.push(Slot { quota, home, place, region, level });
            Some(self.loads.slots.len() - 1)
        });
        self.known.insert(key, slot);
        slot
    }
}

/// Small estates, with one tenant of each kind and room for it.
struct Sample {
    spec: Spec,
    roomy: Spec,
    lock: Lock,
}

impl Sample {
    fn new(whole: &Spec, lock: &Lock, growing: &[(String, String)]) -> Self {
        let mut spec = Spec { tenants: BTreeMap::new(), ..whole.clone() };
        let known = |(tier, region): &(String, String)| {
            whole.tiers.contains_key(tier) && whole.regions.contains(region)
        };
        let cells = lock.cells.values().map(|cell| (cell.tier.clone(), cell.region.clone()));
        let places: BTreeSet<(String, String)> =
            cells.filter(known).chain(growing.iter().cloned()).collect();
        let guests = places.iter().enumerate();
        let guests: Vec<Tenant> =
            guests.map(|(n, (tier, region))| newcomer(whole, tier, region, n)).collect();
        let all = one_of_each(whole).into_iter().chain(&guests);
        spec.tenants = all.map(|t| (t.id.clone(), t.clone())).collect();
        let roomy = roomy(&spec);
        let lock = Lock {
            home: Some(plan::lock::Home {
                account: whole.home_account.clone(),
                region: whole.regions.first().cloned(),
            }),
            zones: lock.zones.clone(),
            services: lock.services.clone(),
            ranges: lock.ranges.clone(),
            ..Lock::default()
        };
        Sample { spec, roomy, lock }
    }

    /// All in one account: the first takes what is new.
    fn estate(&self, account: &str, sink: &mut Sink) -> Option<Estate> {
        let mut roomy = self.roomy.clone();
        roomy.workload_accounts.sort_by_key(|one| one != account);
        let (plan, _) = plan::plan(&roomy, &self.lock, sink)?;
        let estate = model::estate(&self.spec, &plan, sink)?;
        component::furnish(&self.spec, &plan, estate, sink)
    }
}

/// The kinds of all tenants: where they are the same, so is what they take.
pub fn kinds(spec: &Spec) -> BTreeSet<Kind> {
    one_of_each(spec).into_iter().map(Kind::of).collect()
}

/// Whether whoever comes to these tiers and regions takes what a tenant takes that is there.
pub fn are_like_tenants(spec: &Spec, growing: &[(String, String)]) -> bool {
    let known = kinds(spec);
    let kind = |(tier, region): &(String, String)| Kind::of(&newcomer(spec, tier, region, 1));
    growing.iter().all(|place| known.contains(&kind(place)))
}

/// The first tenant of each kind: what differs inside a kind is never counted otherwise.
pub fn one_of_each(spec: &Spec) -> Vec<&Tenant> {
    let mut seen = BTreeSet::new();
    spec.tenants.values().filter(|tenant| seen.insert(Kind::of(tenant))).collect()
}

/// The same in each sort of account, and whoever is the first in an account and region, so that nobody is
/// the first there who would not be.
pub fn one_of_each_there<'a>(spec: &'a Spec, lock: &Lock) -> Vec<&'a Tenant> {
    let (mut seen, mut places) = (BTreeSet::new(), BTreeSet::new());
    let keeps = |tenant: &&'a Tenant| {
        let home = lock.tenants.get(&tenant.id).map(|entry| entry.account.as_str());
        let home = home.filter(|home| spec.workload_accounts.iter().any(|id| id == home));
        let kind = seen.insert((Kind::of(tenant), home.map(|home| sort(spec, home))));
        let place = home.is_some_and(|home| places.insert((home.to_owned(), &tenant.region)));
        kind || place
    };
    spec.tenants.values().filter(keeps).collect()
}

/// What is made otherwise for accounts that differ in it: whether the hub is in another, and whether it is
/// the home.
pub fn sort(spec: &Spec, account: &str) -> (bool, bool) {
    (spec.is_apart(account), account == spec.home_account)
}

/// The prefix length of a pool that nobody has: the addresses are reserved for ever. Source:
/// <https://www.rfc-editor.org/rfc/rfc1112#section-4>.
const FUTURE: &str = "240.0.0.0/4";

/// A blueprint whose quotas, pools and cells have room for whoever comes.
pub fn roomy(spec: &Spec) -> Spec {
    /// No VPC is larger.
    const LARGEST: u8 = crate::aws::SHORTEST_PREFIX;
    let mut out = Spec { quotas: Quotas::lifted(), ..spec.clone() };
    let future = FUTURE.parse().expect("it is a block");
    out.network.pools.push(Pool { cidr: future, region: None });
    let all = out.tiers.values_mut().chain(out.variants.values_mut());
    for tier in all.filter(|tier| tier.isolation.has_cells()) {
        tier.ceiling = None;
        tier.cell_prefix = Some(LARGEST);
        tier.prefix = tier.prefix.map(|prefix| prefix.max(LARGEST + 4));
    }
    out
}
