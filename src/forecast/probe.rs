//! What one more tenant, and one more cell, add to what is counted. Estates are synthesised with one
//! tenant of each kind, every cell, and a few newcomers; what is counted of one and of the next differs
//! by what was added. Quotas and pools are lifted for the placement, never for the counting.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::quota::{Counter, Use};
use crate::diag::Sink;
use crate::plan::{self, Lock, Plan};
use crate::spec::{Spec, Tenant};
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
#[derive(Clone, Debug, Default)]
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

/// Estates to count.
pub struct Probe<'a, 'c> {
    whole: &'a Spec,
    /// With one tenant of each kind.
    spec: Spec,
    /// The same, with room for whoever comes.
    roomy: Spec,
    lock: Lock,
    counter: &'c mut Counter,
    /// What is counted before anybody comes.
    before: Option<Counts>,
}

impl<'a, 'c> Probe<'a, 'c> {
    /// Estates of a blueprint and its lock.
    pub fn new(whole: &'a Spec, lock: &Lock, counter: &'c mut Counter) -> Self {
        let kept = one_of_each(whole);
        let mut spec = Spec { tenants: BTreeMap::new(), ..whole.clone() };
        spec.tenants = kept.into_iter().map(|t| (t.id.clone(), t.clone())).collect();
        let mut lock = lock.clone();
        lock.tenants.retain(|id, _| spec.tenants.contains_key(id));
        let roomy = roomy(&spec);
        Probe { whole, spec, roomy, lock, counter, before: None }
    }

    /// What a tier adds in a region as it grows in some accounts, by account; those where not even one
    /// tenant can be placed are not there. Accounts that are alike to the hub and the home are alike.
    pub fn grown(&mut self, tier: &str, region: &str, accounts: &BTreeSet<String>) -> Grown {
        let (mut known, mut out) = (BTreeMap::new(), Grown::new());
        for account in accounts {
            let like = self.like(account);
            let growing =
                known.entry(like.clone()).or_insert_with(|| self.added(tier, region, &like));
            out.extend(growing.clone().map(|growing| (account.clone(), growing)));
        }
        out
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
        self.turn_to(account);
        let mut guests = [1, 2, 3].map(|n| newcomer(self.whole, tier, region, n));
        // With needs of their own, the first has a cell for itself, and the others share one.
        for (guest, need) in guests.iter_mut().zip(["first", "others", "others"]) {
            guest.needs = vec![format!("newcomer-{need}")];
        }
        if self.before.is_none() {
            self.before = self.count(&[]).map(|(counts, _)| counts);
        }
        let (first, _) = self.count(&guests[..1])?;
        let (second, plan) = self.count(&guests[..2])?;
        let [other, cell] = [0, 1].map(|n: usize| plan.tenants[&guests[n].id].cell.clone());
        let third = match &cell {
            Some(_) => Some(self.count(&guests)?.0),
            None => None,
        };
        let before = self.before.as_ref()?;
        let steps = Steps { before, first: &first, second: &second, third: third.as_ref() };
        Some(steps.growing([other, cell], &guests))
    }

    /// Whatever is new goes there, unless it has an account of its own.
    fn turn_to(&mut self, account: &str) {
        self.roomy.workload_accounts.clone_from(&self.whole.workload_accounts);
        self.roomy.workload_accounts.sort_by_key(|one| one != account);
    }

    /// What is counted with the first newcomer of each of some tiers and regions together in an account.
    pub fn together(&mut self, tiers: &[(&str, &str)], account: &str) -> Option<Counts> {
        self.turn_to(account);
        let guest = |(n, (tier, region)): (usize, &(&str, &str))| {
            let needs = vec!["newcomer-first".to_owned()];
            Tenant { needs, ..newcomer(self.whole, tier, region, n) }
        };
        let guests: Vec<Tenant> = (1..).zip(tiers).map(guest).collect();
        self.count(&guests).map(|(counts, _)| counts)
    }

    /// What is counted with some newcomers, and where they are.
    fn count(&mut self, guests: &[Tenant]) -> Option<(Counts, Plan)> {
        let more = || guests.iter().map(|guest| (guest.id.clone(), guest.clone()));
        let mut sink = Sink::default();
        self.roomy.tenants.extend(more());
        let decided = plan::plan(&self.roomy, &self.lock, &mut sink);
        self.spec.tenants.extend(more());
        let uses = decided.and_then(|(plan, _)| {
            let estate = model::estate(&self.spec, &plan, &mut sink)?;
            let mut estate = component::furnish(&self.spec, &plan, estate, &mut sink)?;
            split::cut(&self.spec, &self.lock, &mut estate);
            Some((self.counter.count_each(&self.spec, &estate), plan))
        });
        for guest in guests {
            self.roomy.tenants.remove(&guest.id);
            self.spec.tenants.remove(&guest.id);
        }
        let (uses, plan) = uses?;
        Some((uses.into_iter().map(|one| ((one.quota, one.place.clone()), one)).collect(), plan))
    }
}

/// What was counted, step by step.
struct Steps<'a> {
    before: &'a Counts,
    first: &'a Counts,
    second: &'a Counts,
    /// Of tiers with cells: the third newcomer shares the cell of the second.
    third: Option<&'a Counts>,
}

impl Steps<'_> {
    /// `cells` are that of the first newcomer, of which nothing is looked at, and that of the others.
    fn growing(&self, cells: [Option<String>; 2], guests: &[Tenant]) -> Growing {
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
