//! What one more tenant, and one more cell, add to what is counted. Estates are synthesised with one
//! tenant of each kind, every cell, and a few newcomers; what is counted of one and of the next differs
//! by what was added. Quotas and pools are lifted for the placement, never for the counting.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::check::quota::more::Line;
pub use crate::check::quota::more::{Counts, Key};
use crate::check::quota::{Counter, Use};
use crate::diag::Sink;
use crate::forecast::alone::{Alone, Seen};
use crate::lookup::Lookup;
use crate::plan::fill::Kind;
use crate::plan::{self, Lock, Plan};
use crate::spec::{Spec, Tenant};
use crate::split::again::Again;
use crate::template::Estate;
use crate::weigh::newcomer::newcomer;
use crate::weigh::{one_of_each_there, roomy, sort};
use crate::{component, model};

/// The number of the first who has come before; those who are looked at have smaller ones.
const EARLY: usize = 100_000;

/// What growth adds to a place that is there whoever comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The place, as it was counted with all newcomers.
    pub at: Use,
    /// What is used before anybody comes; nothing where the place is not there.
    pub before: u64,
    /// What the first newcomer to the account brings once and for all.
    pub once: u64,
    /// What each tenant brings.
    pub tenant: u64,
    /// What each cell that opens brings.
    pub cell: u64,
    /// Whether it is a thing that nobody had before the first newcomer to the account.
    pub is_new: bool,
}

/// What a place of a new cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InCell {
    /// The place, in a cell with two tenants.
    pub at: Use,
    /// What the cell itself takes of it.
    pub own: u64,
    /// What each tenant takes of it.
    pub tenant: u64,
    /// What each character of the cell's id takes of it: the ids of later cells have more digits.
    pub letter: u64,
}

impl InCell {
    /// What a cell with this id takes of it, from what that takes which was looked at.
    pub fn own_of(&self, id: &str, seen: &str) -> u64 {
        let letters = |id: &str| self.letter * id.len() as u64;
        (self.own + letters(id)).saturating_sub(letters(seen))
    }
}

/// What a tier that grows adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growing {
    /// The cell that was opened to see it.
    pub cell: Option<String>,
    /// To places that are there.
    pub shared: Vec<Added>,
    /// In a cell.
    pub in_cell: Vec<InCell>,
    /// In places of a tenant itself.
    pub own: Vec<Use>,
}

/// The same, by account.
pub type Grown = BTreeMap<String, Arc<Growing>>;

/// A tier and a region that grow.
pub type Goal = (String, String);

/// The same, and the number of its newcomers among those who are made at once.
pub type Numbered = (usize, Goal);

/// Estates to count.
pub struct Probe<'a, 'c> {
    pub(super) whole: &'a Spec,
    /// One tenant of each kind.
    pub(super) kept: BTreeMap<String, Tenant>,
    /// With some tenants.
    pub(super) spec: Spec,
    /// The same, with room for whoever comes.
    pub(super) roomy: Spec,
    pub(super) lock: Lock,
    pub(super) counter: &'c mut Counter,
    /// What is there before anybody comes; nothing where that cannot be made.
    pub(super) before: Option<Before>,
    /// Where there are tenants or cells of each tier.
    lived: Lived,
    /// Where some of them are made.
    kept_in: Lived,
    /// The sorts of accounts in which there are tenants of each kind.
    kinds: BTreeMap<Kind, BTreeSet<(bool, bool)>>,
    /// What was asked before: what is granted changes nothing of it.
    pub(super) known: BTreeMap<Question, Option<Arc<Growing>>>,
    /// What is made for all for one newcomer alone.
    pub(super) alone: Alone,
    /// The templates of that, and of what changes.
    pub(super) seen: Seen,
    /// What was cut.
    pub(super) cut: Again,
    /// The same of several together, in the accounts that each comes to.
    joint: BTreeMap<Vec<(String, Vec<Goal>)>, Option<Counts>>,
}

/// Who has come to which accounts before, the account, and who grows there.
pub(super) type Question = (Vec<String>, String, Goal);

/// What is there before anybody comes.
pub struct Before {
    /// As it is made.
    pub estate: Estate,
    /// As it is counted.
    pub counts: Counts,
}

impl Before {
    /// How much is used of each place.
    pub(super) fn used(&self) -> Lookup<Spot<'_>, u64> {
        let all = self.counts.iter();
        all.map(|((quota, place), one)| ((*quota, place.as_str()), one.used)).collect()
    }
}

impl<'a, 'c> Probe<'a, 'c> {
    /// Estates of a blueprint and its lock.
    pub fn new(whole: &'a Spec, lock: &Lock, counter: &'c mut Counter) -> Self {
        let kept = one_of_each_there(whole, lock).into_iter();
        let kept: BTreeMap<_, _> = kept.map(|t| (t.id.clone(), t.clone())).collect();
        let lived = lived(lock);
        let mut lock = lock.clone();
        lock.tenants.retain(|id, _| kept.contains_key(id));
        Probe { lived, ..Probe::with_all(whole, kept, lock, counter, Again::default()) }
    }

    /// Estates in which some tenants are, and all cells of a lock.
    pub(super) fn with_all(
        whole: &'a Spec,
        kept: BTreeMap<String, Tenant>,
        lock: Lock,
        counter: &'c mut Counter,
        cut: Again,
    ) -> Self {
        let spec = Spec { tenants: BTreeMap::new(), ..whole.clone() };
        let roomy = roomy(&spec);
        let mut kinds: BTreeMap<Kind, BTreeSet<(bool, bool)>> = BTreeMap::new();
        for tenant in kept.values() {
            let home = lock.tenants.get(&tenant.id).map(|entry| sort(whole, &entry.account));
            kinds.entry(Kind::of(tenant)).or_default().extend(home);
        }
        let mut out = Probe {
            whole,
            kept,
            spec,
            roomy,
            lived: lived(&lock),
            kept_in: lived(&lock),
            kinds,
            lock,
            counter,
            before: None,
            known: BTreeMap::new(),
            alone: Alone::default(),
            seen: Seen::default(),
            cut,
            joint: BTreeMap::new(),
        };
        out.before = out.made(out.kept.clone()).map(|(_, estate)| {
            let counts = counts(out.counter.count_each(&out.spec, &estate));
            Before { estate, counts }
        });
        out
    }

    /// The first workload account that an account is like for those who come to a tier and region, where
    /// somebody has come to some accounts before. Some of what is made for all is made for a tier, so where
    /// one has it already, it is one in which it is made.
    pub fn like(&self, account: &str, (tier, region): &Goal, before: &[String]) -> String {
        let came = |id: &str| before.iter().any(|one| one == id);
        let own = |lived: &Lived, id: &str| {
            let all = lived.get(id);
            came(id) || all.is_some_and(|all| all.contains(&goal(tier, region)))
        };
        let kind = |id: &str| {
            let all = self.lived.get(id);
            let lives = all.is_some_and(|all| all.iter().any(|(_, other)| other == region));
            let lives = came(id) || lives;
            (sort(self.whole, id), own(&self.lived, id), lives, lives || all.is_some())
        };
        let is = kind(account);
        let mut all = self.whole.workload_accounts.iter();
        let like = all.find(|id| kind(id) == is && own(&self.kept_in, id) == is.1);
        like.map_or(account, String::as_str).to_owned()
    }

    /// The sorts of accounts in which there is a tenant like the newcomers.
    pub(super) fn sorts(&self, (tier, region): &Goal) -> BTreeSet<(bool, bool)> {
        let kind = Kind::of(&newcomer(self.whole, tier, region, 1));
        self.kinds.get(&kind).cloned().unwrap_or_default()
    }

    /// What a tier adds in a region and account as it grows; `None` if not even one tenant can be placed.
    pub fn added(&mut self, tier: &str, region: &str, account: &str) -> Option<Growing> {
        self.growing(account, &[goal(tier, region)]).pop().map(|(_, growing)| growing)
    }

    /// Whatever is new goes there, unless it has an account of its own.
    pub(super) fn turn_to(&mut self, account: &str) {
        self.roomy.workload_accounts.clone_from(&self.whole.workload_accounts);
        self.roomy.workload_accounts.sort_by_key(|one| one != account);
    }

    /// What is counted with the first newcomer of each of some tiers and regions in each of the accounts
    /// that they come to.
    pub fn together(&mut self, firsts: &[(String, Vec<Goal>)]) -> Option<Counts> {
        if !self.joint.contains_key(firsts) {
            let counted = self.counted(firsts);
            self.joint.insert(firsts.to_vec(), counted);
        }
        self.joint[firsts].clone()
    }

    fn counted(&mut self, firsts: &[(String, Vec<Goal>)]) -> Option<Counts> {
        let (tenants, lock) = self.come(firsts)?;
        let own = std::mem::replace(&mut self.lock, lock);
        let made = self.made(tenants);
        self.lock = own;
        let (_, estate) = made?;
        Some(counts(self.counter.count_each(&self.spec, &estate)))
    }

    /// All tenants and their places where a newcomer has come to each of some accounts, one after the
    /// other.
    pub(super) fn come(
        &mut self,
        firsts: &[(String, Vec<Goal>)],
    ) -> Option<(BTreeMap<String, Tenant>, Lock)> {
        let (mut tenants, mut lock) = (self.kept.clone(), self.lock.clone());
        let mut numbers = EARLY..;
        for (account, goals) in firsts {
            self.turn_to(account);
            for ((tier, region), n) in goals.iter().zip(&mut numbers) {
                // With needs of its own, it shares no cell with one who came to another account.
                let needs = vec![format!("newcomer-{n}")];
                let guest = Tenant { needs, ..newcomer(self.whole, tier, region, n) };
                tenants.insert(guest.id.clone(), guest);
            }
            self.roomy.tenants.clone_from(&tenants);
            (_, lock) = plan::plan(&self.roomy, &lock, &mut Sink::default())?;
        }
        Some((tenants, lock))
    }

    /// Those who are there and some newcomers.
    pub(super) fn with<'t>(
        &self,
        guests: impl IntoIterator<Item = &'t Tenant>,
    ) -> BTreeMap<String, Tenant> {
        let mut out = self.kept.clone();
        out.extend(guests.into_iter().map(|guest| (guest.id.clone(), guest.clone())));
        out
    }

    /// What is made for some tenants, with every cell, and where they are.
    fn made(&mut self, tenants: BTreeMap<String, Tenant>) -> Option<(Plan, Estate)> {
        let (plan, mut estate) = self.whole(tenants)?;
        self.cut(&mut estate);
        Some((plan, estate))
    }

    /// As it is deployed.
    pub(super) fn cut(&mut self, estate: &mut Estate) {
        self.cut.cut(&self.spec, &self.lock, estate);
    }

    /// As it is made, before it is cut.
    pub(super) fn whole(&mut self, tenants: BTreeMap<String, Tenant>) -> Option<(Plan, Estate)> {
        self.roomy.tenants.clone_from(&tenants);
        self.spec.tenants = tenants;
        made(&self.roomy, &self.spec, &self.lock)
    }
}

/// What is made where there is room for everybody; nothing if that cannot be.
fn made(roomy: &Spec, spec: &Spec, lock: &Lock) -> Option<(Plan, Estate)> {
    let mut sink = Sink::default();
    let (plan, estate) = bare(roomy, spec, lock, &mut sink)?;
    let estate = component::furnish(spec, &plan, estate, &mut sink)?;
    Some((plan, estate))
}

/// The same, in whatever order, of somebody whose names were looked at before.
pub(super) fn unordered(roomy: &Spec, spec: &Spec, lock: &Lock) -> Option<Estate> {
    let (plan, mut estate) = bare(roomy, spec, lock, &mut Sink::default())?;
    component::surround(spec, &plan, &mut estate);
    Some(estate)
}

fn bare(roomy: &Spec, spec: &Spec, lock: &Lock, sink: &mut Sink) -> Option<(Plan, Estate)> {
    let (plan, _) = plan::plan(roomy, lock, sink)?;
    let estate = model::estate(spec, &plan, sink)?;
    Some((plan, estate))
}

/// Regions and tiers, by account.
type Lived = BTreeMap<String, BTreeSet<Goal>>;

/// Where there are tenants or cells of each tier.
fn lived(lock: &Lock) -> Lived {
    let cells = lock.cells.values().map(|cell| (&cell.account, &cell.region, &cell.tier));
    let tenants = lock.tenants.values().map(|it| (&it.account, &it.region, &it.tier));
    let mut out = Lived::new();
    for (account, region, tier) in cells.chain(tenants) {
        out.entry(account.clone()).or_default().insert(goal(tier, region));
    }
    out
}

pub(super) fn goal(tier: &str, region: &str) -> Goal {
    (tier.to_owned(), region.to_owned())
}

/// A lock without the places of anybody.
pub(super) fn placeless(lock: &Lock) -> Lock {
    Lock {
        home: lock.home.clone(),
        zones: lock.zones.clone(),
        hubs: lock.hubs.clone(),
        services: lock.services.clone(),
        ranges: lock.ranges.clone(),
        ..Lock::default()
    }
}

/// A quota and the name of a place.
pub type Spot<'a> = (&'static str, &'a str);

/// What was counted, by quota and place.
pub(super) fn counts(uses: Vec<Use>) -> Counts {
    uses.into_iter().map(|one| ((one.quota, one.place.clone()), one)).collect()
}

/// What newcomers add, step by step.
pub(super) struct Steps<'a> {
    /// What was used before.
    pub before: &'a Lookup<Spot<'a>, u64>,
    /// The places that are not as they were, in order.
    pub lines: Vec<(Key, Line)>,
}

impl Steps<'_> {
    /// `cells` are that of the first newcomer, of which nothing is looked at, and that of the others. The
    /// third shares it with the second; of tiers without cells, there is no third.
    pub fn growing(self, cells: [Option<String>; 2], guests: &[Tenant]) -> Growing {
        let room = Vec::with_capacity(self.lines.len());
        let mut out = Growing { shared: room, ..Growing::default() };
        let [other, cell] = cells;
        for ((quota, place), line) in self.lines {
            let named = |part: &String| place.contains(part);
            if guests.iter().any(|guest| named(&guest.id)) {
                out.own.push(line.at);
            } else if cell.as_ref().is_some_and(named) {
                out.in_cell.push(in_cell(line));
            } else if !other.as_ref().is_some_and(named) {
                let before = self.before.get(&(quota, place.as_str())).unwrap_or(0);
                out.shared.extend(shared(before, line, guests.len() > 2));
            }
        }
        out.shared.shrink_to_fit();
        out.cell = cell;
        out
    }
}
/// What is added to a place that is there, which held so much before; nothing if nothing is.
fn shared(before: u64, line: Line, celled: bool) -> Option<Added> {
    let [first, second, third] = line.used;
    let step = second.saturating_sub(first);
    let tenant = if celled { third.saturating_sub(second) } else { step };
    let cell = step.saturating_sub(tenant);
    let once = first.saturating_sub(before + step);
    let grows = tenant + cell + once > 0;
    grows.then(|| {
        let is_new = before == 0 && !line.at.is_sum();
        Added { at: line.at, before, once, tenant, cell, is_new }
    })
}

fn in_cell(line: Line) -> InCell {
    let [_, one, two] = line.used;
    let tenant = two.saturating_sub(one);
    let letter = line.longer.saturating_sub(two);
    InCell { at: line.at, own: one.saturating_sub(tenant), tenant, letter }
}
