//! What is made for all where there is nobody but one newcomer: each is made by itself, on all cores.
//! Most is alike for all of them, so templates are kept once, and what is equal is the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::forecast::probe::{Numbered, Probe, made, placeless};
use crate::spec::Access;
use crate::template::{Estate, Stack, Template};
use crate::weigh::whose;

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
#[derive(PartialEq)]
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
}

/// What of an estate is nobody's, before it is cut.
#[derive(Default)]
pub struct OfAll {
    /// The stacks.
    pub stacks: Vec<Stack>,
    templates: BTreeMap<String, Kept>,
}

impl OfAll {
    /// Of an estate.
    pub fn new(estate: &Estate, seen: &Seen) -> Self {
        let mut out = OfAll::default();
        for stack in estate.stacks.iter().filter(|stack| whose(stack, estate).is_none()) {
            if !out.templates.contains_key(&stack.shape) {
                let template = seen.keep(&estate.templates[&stack.shape]);
                out.templates.insert(stack.shape.clone(), template);
            }
            out.stacks.push(stack.clone());
        }
        out
    }

    /// What a stack of it holds.
    pub fn held(&self, key: &str) -> Option<Held> {
        let stack = self.stacks.iter().find(|stack| stack.key == key)?;
        Some(Held::by(stack, self.templates[&stack.shape].clone(), None))
    }

    /// Whether one of its stacks holds the same as one of another.
    pub fn is_same(&self, stack: &Stack, (other, of): (&Stack, &OfAll)) -> bool {
        (&stack.shape, &stack.values, &stack.foreign)
            == (&other.shape, &other.values, &other.foreign)
            && (&stack.account, &stack.region) == (&other.account, &other.region)
            && self.templates[&stack.shape] == of.templates[&other.shape]
    }

    /// Whether one of its stacks stands in the same place as one of another, with the same values as far as
    /// both have them.
    pub fn is_alike(&self, stack: &Stack, (other, of): (&Stack, &OfAll)) -> bool {
        let (own, others) = (self.values(stack), of.values(other));
        let agree = |(name, value): (&&str, &&str)| others.get(name).is_none_or(|it| it == value);
        (&stack.shape, &stack.account, &stack.region, &stack.foreign)
            == (&other.shape, &other.account, &other.region, &other.foreign)
            && own.iter().all(agree)
    }

    fn values<'a>(&'a self, stack: &'a Stack) -> BTreeMap<&'a str, &'a str> {
        let names = self.templates[&stack.shape].0.params.iter().map(|it| it.name.as_str());
        names.zip(stack.values.iter().map(String::as_str)).collect()
    }
}

impl Probe<'_, '_> {
    /// What is made for all for the first newcomer of each of some alone; nothing where that cannot be.
    pub(super) fn alone(&mut self, goals: &[Numbered]) -> Vec<Option<Arc<OfAll>>> {
        let open: Vec<&Numbered> =
            goals.iter().filter(|goal| !self.alone.contains_key(goal)).collect();
        let lock = placeless(&self.lock);
        let (probe, blueprints) = (&*self, || (self.roomy.clone(), self.spec.clone()));
        let all = open.par_iter().map_init(blueprints, |(roomy, spec), goal| {
            let first = probe.guests(goal).swap_remove(0);
            let first: BTreeMap<_, _> = [(first.id.clone(), first)].into();
            roomy.tenants.clone_from(&first);
            spec.tenants = first;
            let (_, estate) = made(roomy, spec, &lock)?;
            Some(Arc::new(OfAll::new(&estate, &probe.seen)))
        });
        let all: Vec<Option<Arc<OfAll>>> = all.collect();
        let all = open.into_iter().cloned().zip(all);
        self.alone.extend(all.collect::<Vec<_>>());
        goals.iter().map(|goal| self.alone[goal].clone()).collect()
    }
}
