//! Two estates, resource by resource: what would be made, changed, replaced and deleted, for whom, and
//! which line of the blueprint says so. Nothing is asked of AWS: what is compared is what is written.
//!
//! Templates are compared once, however many stacks share them; a stack whose template and values are
//! the same is not looked at. Stacks in which the same happens are one group, so that a change of a
//! tier is one thing to read.

pub mod leaf; // what a property holds, with parameters in it
pub mod shape; // a template, read back
pub mod force; // which change makes a new thing
pub mod loss; // which change loses data
pub mod side; // an estate to compare
pub mod folder; // … from the files of an earlier run
pub mod pair; // two templates, compared once
pub mod guard; // what guards data and is a resource of its own
pub mod group; // stacks in which the same happens
pub mod beside; // what changes of a stack besides its resources
pub mod moves; // what goes in one stack and comes in another
pub mod gather; // … into groups
pub mod cause; // the line that says so
pub mod opened; // who is reached that was not before
pub mod gate; // what stops a pull request

use std::collections::{BTreeMap, BTreeSet};

use crate::change::gather::Builder;
use crate::change::group::{Group, Kind};
use crate::change::loss::Loss;
use crate::change::pair::{Action, Found, Pair};
use crate::change::shape::Shape;
use crate::change::side::{Half, Side, Unit};
use crate::engine::Engine;

/// What differs between two estates.
#[derive(Debug)]
pub struct Report {
    /// What was compared with, as the user named it.
    pub base: String,
    /// The name of the estate.
    pub estate: String,
    /// For which engines.
    pub engines: Vec<Engine>,
    /// The stacks that change, group by group; what is at risk stands first.
    pub groups: Vec<Group>,
    /// How many stacks do not change.
    pub unchanged: usize,
    /// Quotas that are passed now and were not before; `None` if the base does not tell.
    pub quotas: Option<Vec<String>>,
    /// Who is reached, and which statement is broken, that was not before; `None` if nobody asked.
    pub isolation: Option<Vec<String>>,
}

impl Report {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// How many stacks a kind of change hits.
    pub fn stacks(&self, kind: Kind) -> usize {
        self.groups.iter().filter(|g| g.kind == kind).map(|g| g.stacks.len()).sum()
    }

    /// How many resources in all stacks something happens to.
    pub fn resources(&self, action: Action) -> usize {
        self.groups.iter().map(|group| group.count(action) * group.stacks.len()).sum()
    }

    /// What is lost: the group, the resource or property, and what happens. Once for each group.
    pub fn losses(&self) -> impl Iterator<Item = (&Group, &group::Change, &Loss)> {
        self.groups.iter().flat_map(|group| {
            let of = move |change| {
                let change: &group::Change = change;
                change.losses.iter().map(move |loss| (group, change, loss))
            };
            group.changes.iter().flat_map(of)
        })
    }

    /// The tenants that something happens to, sorted.
    pub fn tenants(&self) -> BTreeSet<&str> {
        let stacks = self.groups.iter().flat_map(|group| &group.stacks);
        stacks.filter_map(|stack| stack.tenant.as_deref()).collect()
    }
}

/// Compares two estates.
pub fn compare(base_name: &str, base: &Side, head: &Side) -> Report {
    let mut comparison = Comparison::new(base, head);
    for unit in &head.units {
        comparison.stack(unit);
    }
    let there = head.by_key();
    for unit in base.units.iter().rev().filter(|unit| !there.contains_key(unit.key.as_str())) {
        comparison.gone(unit);
    }
    let (groups, unchanged) = comparison.finish();
    Report {
        base: base_name.to_owned(),
        estate: head.estate.clone(),
        engines: head.engines.clone(),
        groups,
        unchanged,
        quotas: newly_over(base, head),
        isolation: None,
    }
}

/// Quotas that the head passes and the base does not.
fn newly_over(base: &Side, head: &Side) -> Option<Vec<String>> {
    let (base, head) = (base.uses.as_ref()?, head.uses.as_ref()?);
    let over: BTreeSet<(&str, &str)> =
        base.iter().filter(|u| u.is_over()).map(|u| (u.quota, u.place.as_str())).collect();
    let new = head.iter().filter(|u| u.is_over() && !over.contains(&(u.quota, u.place.as_str())));
    let say = |u: &crate::check::quota::Use| {
        let limit = u.limit.map_or_else(String::new, |limit| limit.to_string());
        format!("{} in {}: {} of {limit}", u.quota, u.place, u.used)
    };
    Some(new.map(say).collect())
}

/// The templates of one stack on both sides, engine by engine.
type Pairs<'a> = Vec<(Engine, usize)>;

struct Comparison<'a> {
    base: &'a Side,
    head: &'a Side,
    before: BTreeMap<&'a str, &'a Unit>,
    /// Templates that were compared, and where they stand in `pairs`.
    known: BTreeMap<(&'static str, &'a str, &'a str), usize>,
    pairs: Vec<Pair<'a>>,
    /// Paths of values that stacks tell each other and that change.
    moved: BTreeMap<&'static str, BTreeSet<String>>,
    builder: Builder,
    unchanged: usize,
}

impl<'a> Comparison<'a> {
    fn new(base: &'a Side, head: &'a Side) -> Self {
        Comparison {
            base,
            head,
            before: base.by_key(),
            known: BTreeMap::new(),
            pairs: Vec::new(),
            moved: BTreeMap::new(),
            builder: Builder::default(),
            unchanged: 0,
        }
    }

    fn stack(&mut self, unit: &'a Unit) {
        let Some(before) = self.before.get(unit.key.as_str()).copied() else {
            return self.whole(Kind::Create, None, unit, None);
        };
        // Nothing is there yet of a stack whose account AWS has not made.
        if before.pending && !unit.pending {
            return self.whole(
                Kind::Create,
                Some("its account is known now".to_owned()),
                unit,
                None,
            );
        }
        if let Some(why) = elsewhere(before, unit, &self.head.engines) {
            return self.whole(Kind::Replace, Some(why), unit, Some(before));
        }
        let pairs = self.pairs_of(before, unit);
        let mut found: Vec<(Engine, Vec<Found>)> = Vec::new();
        for (engine, pair) in &pairs {
            let halves = (before.half(*engine), unit.half(*engine));
            let (Some(was), Some(is)) = halves else { continue };
            let moved = self.moved.entry(engine.id()).or_default();
            found.push((*engine, self.pairs[*pair].judge(was, is, moved)));
        }
        let tags =
            before.tags != unit.tags && found.iter().any(|(e, _)| *e == Engine::CloudFormation);
        let files = before.files != unit.files;
        if found.iter().all(|(_, found)| found.is_empty()) && !tags && !files {
            self.unchanged += 1;
            return;
        }
        self.builder.update(&self.pairs, &pairs, &found, before, unit);
    }

    /// A stack that comes, goes, or is made anew elsewhere.
    fn whole(&mut self, kind: Kind, why: Option<String>, unit: &'a Unit, before: Option<&'a Unit>) {
        for half in unit.halves.iter().filter(|_| kind == Kind::Replace) {
            let shape = self.head.shape(half);
            let moved = self.moved.entry(half.engine.id()).or_default();
            moved.extend(told(shape, half));
        }
        let shapes: Vec<(&Shape, &Half)> = match before {
            Some(before) => before.halves.iter().map(|h| (self.base.shape(h), h)).collect(),
            None => unit.halves.iter().map(|h| (self.head.shape(h), h)).collect(),
        };
        self.builder.whole(kind, why, &shapes, unit);
    }

    fn gone(&mut self, unit: &'a Unit) {
        let shapes: Vec<(&Shape, &Half)> =
            unit.halves.iter().map(|h| (self.base.shape(h), h)).collect();
        self.builder.whole(Kind::Delete, None, &shapes, unit);
    }

    /// The templates of a stack, compared now or before.
    fn pairs_of(&mut self, before: &'a Unit, unit: &'a Unit) -> Pairs<'a> {
        let mut out = Vec::new();
        for is in &unit.halves {
            let Some(was) = before.half(is.engine) else { continue };
            let key = (is.engine.id(), was.template.as_str(), is.template.as_str());
            let at = *self.known.entry(key).or_insert_with(|| {
                self.pairs.push(Pair::new(self.base.shape(was), self.head.shape(is)));
                self.pairs.len() - 1
            });
            out.push((is.engine, at));
        }
        out
    }

    fn finish(self) -> (Vec<Group>, usize) {
        (self.builder.finish(), self.unchanged)
    }
}

/// Why a stack is another one for AWS, although its key is the same.
fn elsewhere(before: &Unit, unit: &Unit, engines: &[Engine]) -> Option<String> {
    if before.account != unit.account {
        return Some(format!("account {} → {}", before.account, unit.account));
    }
    if before.region != unit.region {
        return Some(format!("region {} → {}", before.region, unit.region));
    }
    let named = before.name != unit.name && engines.contains(&Engine::CloudFormation);
    named.then(|| format!("stack {} → {}", before.name, unit.name))
}

/// The paths of what a stack tells others.
fn told(shape: &Shape, half: &Half) -> Vec<String> {
    let tells = |kind: &str| matches!(kind, "AWS::SSM::Parameter" | "aws_ssm_parameter");
    let parameters = shape.resources.values().filter(|resource| tells(&resource.kind));
    let path = |resource: &shape::Resource| {
        let name = resource.leaves.get("Name").or_else(|| resource.leaves.get("name"))?;
        name.fill(&half.values).as_str().map(str::to_owned)
    };
    parameters.filter_map(path).collect()
}
