//! What the stacks of an estate would hold, counted as AWS counts it, against its quotas. A template
//! is counted once; a stack adds what its template holds to the places that its values name, so ten
//! thousand stacks cost ten thousand additions.
//!
//! Counted is what tenantry makes, and what the blueprint says that others made (`places`): a default
//! VPC, a service-linked role. `quotas` says how much AWS has granted.

pub mod rows; // how each quota is counted
pub mod holding; // what one template holds
pub mod address; // what stands in a VPC

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::PENDING;
use crate::aws::quota::{self, Quota};
use crate::engine::{Engine, Options, Rendered};
use crate::spec::Spec;
use crate::template::{Estate, ParamKind, Stack, Template};
use crate::value::Value;
use holding::{Handle, Holding, Owner};

/// How much of a quota is used in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The id of the quota.
    pub quota: &'static str,
    /// Where: an account, an account and region, or something in a stack.
    pub place: String,
    /// The account that the place is in.
    pub account: String,
    /// The region that the place is in, or of the first stack that adds to it.
    pub region: String,
    /// How much is used.
    pub used: u64,
    /// How much of it by what tenantry did not make.
    pub others: u64,
    /// How much AWS allows; `None` where AWS publishes no number.
    pub limit: Option<u64>,
    /// Whether the blueprint says so, rather than the table.
    pub given: bool,
}

impl Use {
    /// The quota.
    pub fn row(&self) -> &'static Quota<'static> {
        quota::get(self.quota).expect("what is counted is in the table")
    }

    /// Whether more is used than AWS allows. A number that no source confirms stops nothing.
    pub fn is_over(&self) -> bool {
        (self.given || self.row().verified) && self.limit.is_some_and(|limit| self.used > limit)
    }
}

/// What a stack adds to a quota of an account, a region or a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The stack, by its place in the estate.
    pub stack: usize,
    /// The id of the quota.
    pub quota: &'static str,
    /// Where it is counted.
    pub place: String,
    /// How much is added.
    pub amount: u64,
    /// How much is used there that is in no stack.
    pub there: u64,
    /// How much there can be; `None` where that stops nothing.
    pub limit: Option<u64>,
}

/// Everything that is counted, by quota and place; what is not used is not there. Of things that
/// nobody else adds to, only the fullest is there: each tenant has its own, and they are alike.
pub fn count(spec: &Spec, estate: &Estate) -> Vec<Use> {
    Counter::default().count(spec, estate)
}

/// Counts estates that have most of their templates in common, each template once.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    /// The text of each template, and what it holds.
    known: BTreeMap<String, (String, Vec<Holding>)>,
}

impl Counter {
    /// As [`count`] does.
    pub fn count(&mut self, spec: &Spec, estate: &Estate) -> Vec<Use> {
        self.tally(spec, estate, false)
    }

    /// The same, with everything that nobody else adds to.
    pub fn count_each(&mut self, spec: &Spec, estate: &Estate) -> Vec<Use> {
        self.tally(spec, estate, true)
    }

    /// What each stack adds to what AWS counts by account, region or zone.
    pub fn parts(&mut self, spec: &Spec, estate: &Estate) -> Vec<Part> {
        self.read(spec, estate);
        let mut out = Vec::new();
        for (at, stack) in estate.stacks.iter().enumerate() {
            for holding in self.known[&stack.shape].1.iter().filter(|one| !one.is_own()) {
                let place = match &holding.owner {
                    Owner::Account => account(stack),
                    Owner::Region => format!("{}/{}", account(stack), stack.region),
                    Owner::Zone(at) => format!("{}/{}", account(stack), stack.values[*at]),
                    _ => continue,
                };
                let amount = holding.amount.of(&stack.values);
                // Nothing is used yet: what is there already, and how much there can be.
                let one = finish(spec, holding.row, place, 0, stack);
                let limit = one.limit.filter(|_| one.given || one.row().verified);
                let Use { quota, place, used: there, .. } = one;
                out.push(Part { stack: at, quota, place, amount, there, limit });
            }
        }
        out
    }

    fn tally(&mut self, spec: &Spec, estate: &Estate, each: bool) -> Vec<Use> {
        self.read(spec, estate);
        let mut tally = Tally::new(estate, each);
        for stack in &estate.stacks {
            tally.add(stack, &estate.templates[&stack.shape], &self.known[&stack.shape].1);
        }
        let mut out: Vec<Use> = tally
            .all()
            .map(|(row, place, used, stack)| finish(spec, row, place, used, stack))
            .collect();
        out.sort_by(|a, b| (a.quota, &a.place).cmp(&(b.quota, &b.place)));
        out
    }

    /// What each template holds. Whatever is written, types are counted by CloudFormation's names.
    fn read(&mut self, spec: &Spec, estate: &Estate) {
        let engines = vec![Engine::CloudFormation];
        let options = Options { engines, inline: false, partial: false };
        let rendered = Rendered::new(spec, estate, &options);
        for (shape, template) in &estate.templates {
            let text = rendered
                .template_text(Engine::CloudFormation, shape)
                .expect("every template is rendered");
            if self.known.get(shape).is_none_or(|(before, _)| before != text) {
                let json = serde_json::from_str(text).expect("the engine writes JSON");
                let holdings = holding::of(&json, text, template);
                self.known.insert(shape.clone(), (text.to_owned(), holdings));
            }
        }
    }
}

/// What was added up so far.
struct Tally<'a> {
    /// What stacks tell each other.
    published: Published,
    /// Shared places, by name.
    places: BTreeMap<String, Place<'a>>,
    /// Whether all that nobody else adds to is kept.
    each: bool,
    /// All of it, if it is kept.
    every: Vec<(usize, String, u64, &'a Stack)>,
    /// The fullest of what nobody else adds to, row by row.
    closed: Vec<Option<(u64, &'a Stack, String)>>,
}

/// A place that several stacks can add to.
struct Place<'a> {
    /// The first stack that did.
    stack: &'a Stack,
    /// How much is used, row by row; nothing where nobody added.
    used: Vec<Option<u64>>,
}

impl<'a> Tally<'a> {
    fn new(estate: &'a Estate, each: bool) -> Self {
        let closed = rows::ROWS.iter().map(|_| None).collect();
        let (published, places) = (published(estate), BTreeMap::new());
        Tally { published, places, each, every: Vec::new(), closed }
    }

    fn add(&mut self, stack: &'a Stack, template: &Template, holdings: &[Holding]) {
        let told = self.published.told.get(&stack.shape).cloned().unwrap_or_default();
        // Most of what a stack holds is held by its account in its region, so that is looked up once.
        let region = format!("{}/{}", account(stack), stack.region);
        let mut here = self.places.remove(&region).unwrap_or_else(|| Place::new(stack));
        for holding in holdings {
            let amount = holding.amount.of(&stack.values);
            match &holding.owner {
                Owner::Region => here.put(holding.row, amount),
                Owner::Of(Handle::Local(id)) if !told.contains(id) => {
                    self.alone(holding, amount, stack, id);
                }
                owner => {
                    let place = self.name(owner, stack, template);
                    let place = self.places.entry(place).or_insert_with(|| Place::new(stack));
                    if holding.is_own() {
                        place.most(holding.row, amount);
                    } else {
                        place.put(holding.row, amount);
                    }
                }
            }
        }
        self.places.insert(region, here);
    }

    /// What nobody else adds to.
    fn alone(&mut self, holding: &Holding, amount: u64, stack: &'a Stack, id: &str) {
        if self.each {
            self.every.push((holding.row, format!("{}/{id}", stack.key), amount, stack));
            return;
        }
        let fullest = &mut self.closed[holding.row];
        if fullest.as_ref().is_none_or(|(most, ..)| amount > *most) {
            *fullest = Some((amount, stack, format!("{}/{id}", stack.key)));
        }
    }

    /// The name of a place.
    fn name(&self, owner: &Owner, stack: &Stack, template: &Template) -> String {
        match owner {
            Owner::Organization => "the organization".to_owned(),
            Owner::Account => account(stack),
            Owner::Region => format!("{}/{}", account(stack), stack.region),
            Owner::Template => stack.shape.clone(),
            Owner::Of(Handle::Local(id)) => format!("{}/{id}", stack.key),
            Owner::Of(Handle::Param(at)) => self.told(*at, stack, template),
            Owner::VpcOf(at) => {
                let subnet = self.told(*at, stack, template);
                self.published.homes.get(&subnet).cloned().unwrap_or(subnet)
            }
            Owner::Zone(at) => format!("{}/{}", account(stack), stack.values[*at]),
        }
    }

    /// The name of what a parameter of a stack names.
    fn told(&self, at: usize, stack: &Stack, template: &Template) -> String {
        let value = &stack.values[at];
        let from = match (&stack.foreign, template.params[at].kind) {
            (Some((account, _)), ParamKind::Foreign) => account,
            _ => &stack.account,
        };
        let key = (from.clone(), stack.region.clone(), value.clone());
        self.published.values.get(&key).cloned().unwrap_or_else(|| value.clone())
    }

    /// Row, place, how much, and the first stack.
    fn all(self) -> impl Iterator<Item = (usize, String, u64, &'a Stack)> {
        let shared = self.places.into_iter().flat_map(|(name, place)| {
            let used = place.used.into_iter().enumerate();
            let used = used.filter_map(|(row, used)| Some((row, used?)));
            used.map(move |(row, used)| (row, name.clone(), used, place.stack)).collect::<Vec<_>>()
        });
        let closed = self.closed.into_iter().enumerate();
        let closed = closed.filter_map(|(row, fullest)| {
            let (used, stack, place) = fullest?;
            Some((row, place, used, stack))
        });
        shared.chain(closed).chain(self.every)
    }
}

impl<'a> Place<'a> {
    fn new(stack: &'a Stack) -> Self {
        Place { stack, used: vec![None; rows::ROWS.len()] }
    }

    fn put(&mut self, row: usize, amount: u64) {
        *self.used[row].get_or_insert(0) += amount;
    }

    /// What is measured of one thing is not added up.
    fn most(&mut self, row: usize, amount: u64) {
        let used = self.used[row].get_or_insert(0);
        *used = amount.max(*used);
    }
}

/// Accounts that AWS has not made are told apart by their tenants.
fn account(stack: &Stack) -> String {
    match stack.account.as_str() {
        PENDING => stack.tenant.as_ref().map_or(PENDING.to_owned(), |id| format!("of {id}")),
        account => account.to_owned(),
    }
}

fn finish(spec: &Spec, row: usize, place: String, used: u64, stack: &Stack) -> Use {
    let row = &rows::ROWS[row];
    let quota = quota::get(row.id).expect("what is counted is in the table");
    let (account, region) = (stack.account.as_str(), stack.region.as_str());
    let given = spec.quotas.given_in(row.id, account, region);
    let granted = given.or_else(|| quota.default_in(region)).map(u64::from);
    let others = u64::from(spec.quotas.used_in(row.id, account, region));
    let used = used + row.there + others;
    Use {
        quota: row.id,
        place,
        account: account.to_owned(),
        region: region.to_owned(),
        used,
        others,
        limit: granted,
        given: given.is_some(),
    }
}

/// What stacks tell each other.
#[derive(Default)]
struct Published {
    /// Account, region and path → stack and logical id.
    values: BTreeMap<(String, String, String), String>,
    /// The logical ids that the stacks of a shape tell of.
    told: BTreeMap<String, BTreeSet<String>>,
    /// The VPC of each subnet that stacks tell of.
    homes: BTreeMap<String, String>,
}

fn published(estate: &Estate) -> Published {
    let mut out = Published::default();
    let mut paths: BTreeMap<&str, Vec<(&Value, String)>> = BTreeMap::new();
    for (shape, template) in &estate.templates {
        for entry in template.entries.iter().filter(|entry| entry.tf == "aws_ssm_parameter") {
            let (path, value) = (entry.body.get("Name"), entry.body.get("Value"));
            if let (Some(path), Some(id)) = (path, value.and_then(holding::named)) {
                paths.entry(shape).or_default().push((path, id.to_owned()));
                out.told.entry(shape.clone()).or_default().insert(id.to_owned());
            }
        }
    }
    for stack in &estate.stacks {
        let template = &estate.templates[&stack.shape];
        for (path, id) in paths.get(stack.shape.as_str()).into_iter().flatten() {
            if let Some(path) = holding::text(path, template, &stack.values) {
                let key = (stack.account.clone(), stack.region.clone(), path);
                let place = format!("{}/{id}", stack.key);
                if let Some(vpc) = template.entry(id).body.get("VpcId").and_then(holding::named) {
                    out.homes.insert(place.clone(), format!("{}/{vpc}", stack.key));
                }
                out.values.insert(key, place);
            }
        }
    }
    out
}
