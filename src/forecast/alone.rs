//! What is made for all where there is nobody but one newcomer: each is made by itself, on all cores.
//! Most is alike for all of them, so templates are kept once, and what is equal is the same. In an account
//! of the same sort as the one before, it is the same with the one in the place of the other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::forecast::probe::{Numbered, Probe, placeless, unordered};
use crate::spec::Access;
use crate::template::{Estate, Stack, Template};
use crate::weigh::{sort, swap, whose};

/// Templates that were seen, by shape.
#[derive(Default)]
pub struct Seen(Mutex<BTreeMap<String, Vec<Arc<Template>>>>);

/// A template that was seen.
#[derive(Clone)]
pub struct Kept(Arc<Template>);

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Seen {
    /// The one that is equal to it; itself, if there is none yet.
    pub fn keep(&self, template: &Template) -> Kept {
        let mut all = self.0.lock().expect("no panic");
        let known = all.entry(template.shape.clone()).or_default();
        let equal = known.iter().find(|one| ***one == *template).cloned();
        Kept(equal.unwrap_or_else(|| {
            let new = Arc::new(template.clone());
            known.push(Arc::clone(&new));
            new
        }))
    }
}

/// What a stack holds.
#[derive(Clone, PartialEq)]
pub struct Held {
    template: Kept,
    whole: Option<Kept>,
    values: Vec<String>,
    foreign: Option<(String, Option<Access>)>,
    place: (String, String),
}

impl Held {
    /// Of a stack of an estate.
    pub fn of(stack: &Stack, estate: &Estate, seen: &Seen) -> Held {
        let whole = estate.whole.get(&stack.shape).map(|whole| seen.keep(whole));
        Held::by(stack, seen.keep(&estate.templates[&stack.shape]), whole)
    }

    fn by(stack: &Stack, template: Kept, whole: Option<Kept>) -> Held {
        Held {
            template,
            whole,
            values: stack.values.clone(),
            foreign: stack.foreign.clone(),
            place: (stack.account.clone(), stack.region.clone()),
        }
    }

    /// The shape of its template.
    pub fn shape(&self) -> &str {
        &self.template.0.shape
    }

    /// Whether it stands in the same place as another, with the same values as far as both have them.
    pub fn is_alike(&self, other: &Held) -> bool {
        let (own, others) = (self.named(), other.named());
        let agree = |(name, value): (&&str, &&str)| others.get(name).is_none_or(|it| it == value);
        (self.shape(), &self.place, &self.foreign) == (other.shape(), &other.place, &other.foreign)
            && own.iter().all(agree)
    }

    fn named(&self) -> BTreeMap<&str, &str> {
        let names = self.template.0.params.iter().map(|it| it.name.as_str());
        names.zip(self.values.iter().map(String::as_str)).collect()
    }
}

/// What of an estate is nobody's, before it is cut, by the keys of the stacks.
#[derive(Clone, Default)]
pub struct OfAll(pub BTreeMap<String, Held>);

impl OfAll {
    /// Of an estate.
    pub fn new(estate: &Estate, seen: &Seen) -> Self {
        let mut templates: BTreeMap<&str, Kept> = BTreeMap::new();
        let all = estate.stacks.iter().filter(|stack| whose(stack, estate).is_none());
        let held = |stack: &Stack, template: &Kept| Held::by(stack, template.clone(), None);
        let all = all.map(|stack| {
            let template = templates
                .entry(&stack.shape)
                .or_insert_with(|| seen.keep(&estate.templates[&stack.shape]));
            (stack.key.clone(), held(stack, template))
        });
        OfAll(all.collect())
    }

    /// With two accounts in each other's place.
    fn swapped(&self, one: &str, other: &str) -> Self {
        let of = |(key, held): (&String, &Held)| {
            let (mut key, mut held) = (key.clone(), held.clone());
            let own = [&mut key, &mut held.place.0].into_iter();
            let own = own.chain(held.foreign.iter_mut().map(|(account, _)| account));
            own.chain(&mut held.values).for_each(|text| swap(text, one, other));
            (key, held)
        };
        OfAll(self.0.iter().map(of).collect())
    }
}

/// What is made for all for newcomers alone, in an account.
#[derive(Default)]
pub struct Alone {
    account: String,
    all: BTreeMap<Numbered, Option<Arc<OfAll>>>,
}

impl Alone {
    /// Nothing of anybody.
    pub fn clear(&mut self) {
        *self = Alone::default();
    }

    /// In another account; nothing if that is of another sort.
    fn turn_to(&mut self, account: &str, is_alike: impl Fn(&str) -> bool) {
        if self.account == account {
            return;
        }
        if !is_alike(&self.account) {
            self.clear();
        }
        for one in self.all.values_mut().flatten() {
            *one = Arc::new(one.swapped(&self.account, account));
        }
        account.clone_into(&mut self.account);
    }
}

impl Probe<'_, '_> {
    /// What is made for all for the first newcomer of each of some alone; nothing where that cannot be.
    pub(super) fn alone(&mut self, goals: &[Numbered]) -> Vec<Option<Arc<OfAll>>> {
        let account = &self.roomy.workload_accounts[0];
        let own = sort(self.whole, account);
        self.alone.turn_to(account, |other| sort(self.whole, other) == own);
        let open: Vec<&Numbered> =
            goals.iter().filter(|goal| !self.alone.all.contains_key(goal)).collect();
        let lock = placeless(&self.lock);
        let (probe, blueprints) = (&*self, || (self.roomy.clone(), self.spec.clone()));
        let all = open.par_iter().map_init(blueprints, |(roomy, spec), goal| {
            let first = probe.guests(goal).swap_remove(0);
            let first: BTreeMap<_, _> = [(first.id.clone(), first)].into();
            roomy.tenants.clone_from(&first);
            spec.tenants = first;
            let estate = unordered(roomy, spec, &lock)?;
            Some(Arc::new(OfAll::new(&estate, &probe.seen)))
        });
        let all: Vec<Option<Arc<OfAll>>> = all.collect();
        let all = open.into_iter().cloned().zip(all);
        self.alone.all.extend(all.collect::<Vec<_>>());
        goals.iter().map(|goal| self.alone.all[goal].clone()).collect()
    }
}
