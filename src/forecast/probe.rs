//! What one more tenant, and one more cell, add to what is counted. Estates are synthesised with one
//! tenant of each kind, every cell, and a few newcomers; what is counted of one and of the next differs
//! by what was added. Quotas and pools are lifted for the placement, never for the counting.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::quota::{Counter, Use};
use crate::diag::Sink;
use crate::plan::{self, Lock, Plan};
use crate::spec::{Spec, Tenant};
use crate::template::Estate;
use crate::weigh::newcomer::newcomer;
use crate::weigh::{one_of_each, roomy};
use crate::{component, model, split};

/// A quota and a place.
pub type Key = (&'static str, String);

/// What is counted, by quota and place.
pub type Counts = BTreeMap<Key, Use>;

/// What growth adds to a place that is there whoever comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The place, as it was counted with all newcomers.
    pub at: Use,
    /// What is used before anybody comes; nothing where the place is not there.
    pub before: u64,
    /// What the first newcomer brings once and for all.
    pub once: u64,
    /// What each tenant brings.
    pub tenant: u64,
    /// What each cell that opens brings.
    pub cell: u64,
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
pub type Grown = BTreeMap<String, Growing>;

/// A tier and a region, with the accounts that newcomers come to.
pub type Asked<'a> = (&'a str, &'a str, BTreeSet<String>);

/// A tier and a region that grow.
pub type Goal = (String, String);

/// Estates to count.
pub struct Probe<'a, 'c> {
    pub(super) whole: &'a Spec,
    /// One tenant of each kind.
    pub(super) kept: BTreeMap<String, Tenant>,
    /// With some tenants.
    pub(super) spec: Spec,
    /// The same, with room for whoever comes.
    roomy: Spec,
    lock: Lock,
    pub(super) counter: &'c mut Counter,
    /// What is there before anybody comes; nothing where that cannot be made.
    pub(super) before: Option<Before>,
    /// What was asked before, by account: what is granted changes nothing of it.
    known: BTreeMap<(String, Goal), Option<Growing>>,
    /// The same of several together.
    shared: BTreeMap<(String, Vec<Goal>), Option<Counts>>,
}

/// What is there before anybody comes.
pub struct Before {
    /// As it is made.
    pub estate: Estate,
    /// As it is counted.
    pub counts: Counts,
}

impl<'a, 'c> Probe<'a, 'c> {
    /// Estates of a blueprint and its lock.
    pub fn new(whole: &'a Spec, lock: &Lock, counter: &'c mut Counter) -> Self {
        let kept = one_of_each(whole).into_iter();
        let kept: BTreeMap<_, _> = kept.map(|t| (t.id.clone(), t.clone())).collect();
        let spec = Spec { tenants: BTreeMap::new(), ..whole.clone() };
        let mut lock = lock.clone();
        lock.tenants.retain(|id, _| kept.contains_key(id));
        let roomy = roomy(&spec);
        let (known, shared) = (BTreeMap::new(), BTreeMap::new());
        let mut out =
            Probe { whole, kept, spec, roomy, lock, counter, before: None, known, shared };
        out.before = out.made(out.kept.clone(), true).map(|(_, estate)| {
            let counts = counts(out.counter.count_each(&out.spec, &estate));
            Before { estate, counts }
        });
        out
    }

    /// What tiers add in their regions as they grow in some accounts, by account; those where not even
    /// one tenant can be placed are not there. Accounts that are alike to the hub and the home are alike.
    pub fn grown(&mut self, asked: &[Asked<'_>]) -> Vec<Grown> {
        let mut goals: BTreeMap<String, BTreeSet<Goal>> = BTreeMap::new();
        for (tier, region, accounts) in asked {
            for account in accounts {
                let (account, goal) = (self.like(account), goal(tier, region));
                if !self.known.contains_key(&(account.clone(), goal.clone())) {
                    goals.entry(account).or_default().insert(goal);
                }
            }
        }
        for (account, goals) in goals {
            let goals: Vec<Goal> = goals.into_iter().collect();
            let growing = self.growing(&account, &goals).into_iter();
            let growing = growing.map(|(goal, it)| ((account.clone(), goal), Some(it)));
            // Those that cannot be placed are known, too.
            self.known.extend(goals.into_iter().map(|goal| ((account.clone(), goal), None)));
            self.known.extend(growing);
        }
        let of = |(tier, region, accounts): &Asked<'_>| {
            let goal = goal(tier, region);
            let known = |account| self.known.get(&(account, goal.clone())).cloned().flatten();
            let of = |account: &String| known(self.like(account));
            accounts.iter().filter_map(|id| Some((id.clone(), of(id)?))).collect()
        };
        asked.iter().map(of).collect()
    }

    /// One account of each kind.
    pub fn kinds(&self, accounts: &[&String]) -> BTreeSet<String> {
        accounts.iter().map(|account| self.like(account)).collect()
    }

    /// The first workload account that an account is like.
    pub fn like(&self, account: &str) -> String {
        let kind = |id: &str| (self.whole.is_apart(id), id == self.whole.home_account);
        let mut all = self.whole.workload_accounts.iter();
        let like = all.find(|other| kind(other) == kind(account));
        like.map_or(account, String::as_str).to_owned()
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

    /// What is counted with the first newcomer of each of some tiers and regions together in an account.
    pub fn together(&mut self, tiers: &[(&str, &str)], account: &str) -> Option<Counts> {
        let goals = tiers.iter().map(|(tier, region)| goal(tier, region)).collect();
        let key = (account.to_owned(), goals);
        if !self.shared.contains_key(&key) {
            let counted = self.counted(tiers, account);
            self.shared.insert(key.clone(), counted);
        }
        self.shared[&key].clone()
    }

    fn counted(&mut self, tiers: &[(&str, &str)], account: &str) -> Option<Counts> {
        self.turn_to(account);
        let guest = |(n, (tier, region)): (usize, &(&str, &str))| {
            let needs = vec!["newcomer-first".to_owned()];
            Tenant { needs, ..newcomer(self.whole, tier, region, n) }
        };
        let guests: Vec<Tenant> = (1..).zip(tiers).map(guest).collect();
        let (_, estate) = self.made(self.with(&guests), true)?;
        Some(counts(self.counter.count_each(&self.spec, &estate)))
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

    /// What is made for some tenants, with every cell or with theirs alone, and where they are.
    pub(super) fn made(
        &mut self,
        tenants: BTreeMap<String, Tenant>,
        all: bool,
    ) -> Option<(Plan, Estate)> {
        let mut sink = Sink::default();
        self.roomy.tenants.clone_from(&tenants);
        self.spec.tenants = tenants;
        let lock = if all { &self.lock } else { &placeless(&self.lock) };
        let (plan, _) = plan::plan(&self.roomy, lock, &mut sink)?;
        let estate = model::estate(&self.spec, &plan, &mut sink)?;
        let mut estate = component::furnish(&self.spec, &plan, estate, &mut sink)?;
        split::cut(&self.spec, &self.lock, &mut estate);
        Some((plan, estate))
    }
}

fn goal(tier: &str, region: &str) -> Goal {
    (tier.to_owned(), region.to_owned())
}

/// A lock without the places of anybody.
fn placeless(lock: &Lock) -> Lock {
    Lock {
        home: lock.home.clone(),
        zones: lock.zones.clone(),
        hubs: lock.hubs.clone(),
        services: lock.services.clone(),
        ranges: lock.ranges.clone(),
        ..Lock::default()
    }
}

/// What was counted, by quota and place.
pub(super) fn counts(uses: Vec<Use>) -> Counts {
    uses.into_iter().map(|one| ((one.quota, one.place.clone()), one)).collect()
}

/// What was counted, step by step.
pub(super) struct Steps<'a> {
    pub before: &'a Counts,
    pub first: &'a Counts,
    pub second: &'a Counts,
    /// Of tiers with cells: the third newcomer shares the cell of the second.
    pub third: Option<&'a Counts>,
}

impl Steps<'_> {
    /// `cells` are that of the first newcomer, of which nothing is looked at, and that of the others.
    pub fn growing(&self, cells: [Option<String>; 2], guests: &[Tenant]) -> Growing {
        let last = self.third.unwrap_or(self.second);
        let mut out = Growing::default();
        let [other, cell] = cells;
        for (key, at) in last {
            let named = |part: &String| key.1.contains(part);
            if guests.iter().any(|guest| named(&guest.id)) {
                out.own.push(at.clone());
            } else if cell.as_ref().is_some_and(named) {
                out.in_cell.push(self.in_cell(key, at));
            } else if !other.as_ref().is_some_and(named) {
                out.shared.extend(self.shared(key, at));
            }
        }
        out.cell = cell;
        out
    }

    fn in_cell(&self, key: &Key, at: &Use) -> InCell {
        let one = used(self.second, key);
        let tenant = at.used.saturating_sub(one);
        InCell { at: at.clone(), own: one.saturating_sub(tenant), tenant }
    }

    /// What is added to a place that is there; nothing if nothing is.
    fn shared(&self, key: &Key, at: &Use) -> Option<Added> {
        let step = used(self.second, key).saturating_sub(used(self.first, key));
        let tenant = self
            .third
            .map_or(step, |third| used(third, key).saturating_sub(used(self.second, key)));
        let cell = step.saturating_sub(tenant);
        let before = used(self.before, key);
        let once = used(self.first, key).saturating_sub(before + step);
        let grows = tenant + cell + once > 0;
        grows.then(|| Added { at: at.clone(), before, once, tenant, cell })
    }
}

fn used(counts: &Counts, key: &Key) -> u64 {
    counts.get(key).map_or(0, |one| one.used)
}
