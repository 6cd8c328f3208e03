//! What the stacks of an estate would hold, counted as AWS counts it, against its quotas. A template
//! is counted once; a stack adds what its template holds to the places that its values name, so ten
//! thousand stacks cost ten thousand additions.
//!
//! Counted is what tenantry makes, also through stack sets; what the blueprint says that others made
//! (`places`), as a service-linked role; and the default VPCs of accounts that tenantry has AWS make.
//! `quotas` says how much AWS has granted.

pub mod count; // ways of counting
pub mod rows; // how each quota is counted
pub mod holding; // what one template holds
pub mod measure; // measures of one thing
pub mod address; // what stands in a VPC
pub mod network; // routes, interfaces, and what is learned
pub mod balance; // what stands behind load balancers
pub mod capacity; // what is counted in units of its own
pub mod instances; // the processors of instances
pub mod placed; // what belongs to more than a property names
pub mod published; // what stacks tell each other
pub mod ties; // what no stack holds by itself
pub mod sets; // what stack sets make in other accounts
pub mod fresh; // what AWS itself makes in a new account
pub mod more; // what stacks add to what is counted without them
pub mod whose; // which tier takes most of what is passed
pub mod instead; // what helps where AWS grants no more
pub mod judge; // what is counted, as complaints

use std::collections::BTreeMap;

use crate::aws::PENDING;
use crate::aws::quota::{self, Quota};
use crate::engine::{Engine, Options, Rendered, cloudformation};
use crate::spec::Spec;
use crate::template::{Estate, Stack, Template};
use fresh::Fresh;
use holding::{Handle, Holding, Owner, Whole};
use published::Published;
use ties::{Found, Knots, Known, Needs, Ties};

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

    /// Whether what AWS allows, as far as it is known, stops what would pass it: a number that no source
    /// confirms does not, nor one that AWS raises by itself.
    pub fn stops(&self) -> bool {
        self.given || self.row().stops()
    }

    /// Whether more is used than AWS allows.
    pub fn is_over(&self) -> bool {
        self.stops() && self.is_above()
    }

    /// The most that AWS ever grants there: what a source says, or more where a listing of AWS says so.
    pub fn most(&self) -> Option<u64> {
        let granted = self.limit.filter(|_| self.given).unwrap_or(0);
        Some(u64::from(self.row().most()?).max(granted))
    }

    /// Whether more is used than AWS ever grants, so that no request helps.
    pub fn is_beyond(&self) -> bool {
        self.most().is_some_and(|most| self.used > most)
    }

    /// Whether more is used than the number says, be it one that stops anything or not.
    pub fn is_above(&self) -> bool {
        self.limit.is_some_and(|limit| self.used > limit)
    }

    /// How much of it is in stacks.
    pub fn made(&self, spec: &Spec) -> u64 {
        self.used.saturating_sub(self.others + rows::ROWS[ties::row(self.quota)].there(spec))
    }

    /// Whether what several stacks hold of it is added up, as each takes some of one thing.
    pub fn is_sum(&self) -> bool {
        ties::is_sum(ties::row(self.quota))
    }

    /// The same in another account.
    #[must_use]
    pub fn there(&self, spec: &Spec, account: &str) -> Use {
        let (limit, given) = limit(spec, self.quota, account, &self.region);
        Use { account: account.to_owned(), limit, given, ..self.clone() }
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
    /// What each template holds.
    known: BTreeMap<String, Content>,
}

/// What a template holds and ties, with the template itself.
#[derive(Clone, Debug)]
struct Content {
    template: Template,
    premises: u64,
    holdings: Vec<Holding>,
    ties: Ties,
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
        let published = Published::of(estate);
        let fresh = Fresh::of(estate);
        let mut out = Vec::new();
        for (at, stack) in estate.stacks.iter().enumerate() {
            for holding in self.known[&stack.shape].holdings.iter().filter(|one| !one.is_own()) {
                let counted = matches!(
                    holding.owner,
                    Owner::Account | Owner::Region | Owner::Zone(_) | Owner::ZoneOf(_)
                );
                if !counted {
                    continue;
                }
                let place = published.name(&holding.owner, stack, &estate.templates[&stack.shape]);
                let amount = holding.amount.of(&stack.values);
                // Nothing is used yet: what is there already, and how much there can be.
                let one = finish(spec, &fresh, (holding.row, place, 0, stack));
                let limit = one.limit.filter(|_| one.stops());
                let Use { quota, place, used: there, .. } = one;
                out.push(Part { stack: at, quota, place, amount, there, limit });
            }
        }
        out
    }

    fn tally(&mut self, spec: &Spec, estate: &Estate, each: bool) -> Vec<Use> {
        self.read(spec, estate);
        let (published, fresh) = (Published::of(estate), Fresh::of(estate));
        let name = |owner: &Owner, stack: &Stack| {
            published.name(owner, stack, &estate.templates[&stack.shape])
        };
        let made = sets::made(estate, |stack| &self.known[&stack.shape].ties, name);
        let mut tally = Tally::new(spec, &published, &fresh, each);
        for stack in estate.stacks.iter().chain(&made.stacks) {
            tally.add(stack, &self.known[&stack.shape]);
        }
        tally.instances(&made);
        let others = tally.others();
        let done = |found| finish(spec, &fresh, found);
        let mut out: Vec<Use> = tally.all().map(done).collect();
        // Each account has limits of its own, so one that is less full can be over.
        out.extend(others.into_iter().map(done).filter(Use::is_over));
        out.sort_by(|a, b| (a.quota, &a.place).cmp(&(b.quota, &b.place)));
        out
    }

    /// Finds out what each template holds. Whatever is written, types are counted by CloudFormation's names.
    pub fn read(&mut self, spec: &Spec, estate: &Estate) {
        let engines = vec![Engine::CloudFormation];
        let options = Options { engines, inline: false, partial: false };
        let rendered = Rendered::new(spec, estate, &options);
        let premises = spec.network.premises().len() as u64;
        for (shape, template) in &estate.templates {
            let text = || {
                let text = rendered.template_text(Engine::CloudFormation, shape);
                text.expect("every template is rendered").to_owned()
            };
            self.learn(shape.clone(), template, premises, text);
            for (name, inner) in &template.inner {
                let text = || cloudformation::text(inner);
                self.learn(sets::shape(shape, name), inner, premises, text);
            }
        }
    }

    /// What a template holds. Most are as they were, so that is found out before anything is rendered.
    fn learn(
        &mut self,
        shape: String,
        template: &Template,
        premises: u64,
        text: impl FnOnce() -> String,
    ) {
        let stale = |it: &Content| it.template != *template || it.premises != premises;
        if !self.known.get(&shape).is_none_or(stale) {
            return;
        }
        let text = text();
        let json = &serde_json::from_str(&text).expect("the engine writes JSON");
        let whole = Whole { json, template, premises };
        let holdings = holding::of(&whole, &text);
        let ties = ties::of(&whole, &holdings);
        let content = Content { template: template.clone(), premises, holdings, ties };
        self.known.insert(shape, content);
    }
}

/// What was added up so far.
struct Tally<'a> {
    spec: &'a Spec,
    /// What stacks tell each other.
    published: &'a Published,
    /// The accounts that are made.
    fresh: &'a Fresh,
    /// Shared places, by name.
    places: BTreeMap<String, Place<'a>>,
    /// Whether all that nobody else adds to is kept.
    each: bool,
    /// All of it, if it is kept.
    every: Vec<Found<'a>>,
    /// The fullest of what nobody else adds to, row by row, in each of several workload accounts.
    closed: Vec<BTreeMap<&'a str, (u64, &'a Stack, String)>>,
    /// The workload accounts, where there are several.
    several: &'a [String],
    /// What stacks tie together.
    knots: Knots<'a>,
    /// How many stacks each stack set makes.
    sets: Vec<Found<'a>>,
    /// The rows of that.
    rows: Known,
}

/// A place that several stacks can add to.
struct Place<'a> {
    /// The first stack that did.
    stack: &'a Stack,
    /// How much is used, row by row; nothing where nobody added.
    used: Vec<Option<u64>>,
    /// What must be granted there of two quotas at once.
    needs: Needs,
}

impl<'a> Tally<'a> {
    fn new(spec: &'a Spec, published: &'a Published, fresh: &'a Fresh, each: bool) -> Self {
        let several = spec.has_several_workloads();
        Tally {
            spec,
            several: if several { &spec.workload_accounts } else { &[] },
            published,
            fresh,
            places: BTreeMap::new(),
            each,
            every: Vec::new(),
            closed: rows::ROWS.iter().map(|_| BTreeMap::new()).collect(),
            knots: Knots::default(),
            sets: Vec::new(),
            rows: Known::default(),
        }
    }

    fn add(&mut self, stack: &'a Stack, content: &Content) {
        let template = &content.template;
        // Most of what a stack holds is held by its account in its region, so that is looked up once.
        let region = format!("{}/{}", account(stack), stack.region);
        let mut here = self.places.remove(&region).unwrap_or_else(|| self.begin(stack));
        here.needs.meet(content.ties.needs);
        for holding in &content.holdings {
            let amount = holding.amount.of(&stack.values);
            match &holding.owner {
                Owner::Region => here.put(holding, amount),
                Owner::Of(Handle::Local(id)) if holding.alone => {
                    self.alone(holding.row, amount, stack, id);
                }
                owner => {
                    let place = self.published.name(owner, stack, template);
                    let place = self.places.entry(place).or_insert_with(|| Place::new(stack));
                    place.put(holding, amount);
                }
            }
        }
        self.places.insert(region, here);
        if !content.ties.peerings.is_empty() {
            self.tie(stack, content);
        }
    }

    /// An account in a region, with what AWS itself has made there.
    fn begin(&self, stack: &'a Stack) -> Place<'a> {
        let mut place = Place::new(stack);
        for row in self.fresh.rows(self.spec, stack) {
            place.used[row] = Some(0);
        }
        place
    }

    /// How many stacks each stack set makes.
    fn instances(&mut self, made: &sets::Made<'a>) {
        let found = |(place, count, by): &(String, u64, &'a Stack)| {
            (self.rows.instances, place.clone(), *count, *by)
        };
        self.sets = made.sets.iter().map(found).collect();
    }

    fn tie(&mut self, stack: &'a Stack, content: &Content) {
        let (published, units) = (self.published, self.rows.units);
        let template = &content.template;
        let name = |owner: &Owner| published.name(owner, stack, template);
        let alone = |owner: &Owner| {
            let ours = content.holdings.iter().filter(|one| one.row == units);
            let mine = ours.filter(|one| one.alone && one.owner == *owner);
            mine.map(|one| one.amount.of(&stack.values)).reduce(|sum, one| sum + one)
        };
        self.knots.add(stack, &content.ties, name, alone);
    }

    /// What nobody else adds to.
    fn alone(&mut self, row: usize, amount: u64, stack: &'a Stack, id: &str) {
        if self.each {
            self.every.push((row, format!("{}/{id}", stack.key), amount, stack));
            return;
        }
        let account = stack.account.as_str();
        let account = if self.several.iter().any(|one| one == account) { account } else { "" };
        let known = self.closed[row].get(account);
        if known.is_none_or(|(most, ..)| amount > *most) {
            let fullest = (amount, stack, format!("{}/{id}", stack.key));
            self.closed[row].insert(account, fullest);
        }
    }

    /// Takes out what is the fullest of one of several accounts, and not of all.
    fn others(&mut self) -> Vec<Found<'a>> {
        let mut out = Vec::new();
        for (row, all) in self.closed.iter_mut().enumerate() {
            let most = all.values().map(|(most, ..)| *most).max();
            let fullest = all.iter().find(|(_, (used, ..))| Some(*used) == most);
            let Some(fullest) = fullest.map(|(account, _)| *account) else { continue };
            let rest: Vec<&str> = all.keys().copied().filter(|one| *one != fullest).collect();
            let rest = rest.into_iter().filter_map(|account| all.remove(account));
            out.extend(rest.map(|(used, stack, place)| (row, place, used, stack)));
        }
        out
    }

    /// Row, place, how much, and the first stack.
    fn all(mut self) -> impl Iterator<Item = Found<'a>> {
        let (rows, places) = (&self.rows, &self.places);
        let units = |place: &str| places.get(place).and_then(|it| it.used[rows.units]).unwrap_or(0);
        let mut tied = self.knots.peered(rows.peered, units);
        tied.append(&mut self.sets);
        tied.extend(places.iter().filter(|(_, it)| it.needs.groups > 0).map(|(name, it)| {
            (rows.product, name.clone(), it.needs.groups * it.needs.rules, it.stack)
        }));
        let shared = self.places.into_iter().flat_map(|(name, place)| {
            let used = place.used.into_iter().enumerate();
            let used = used.filter_map(|(row, used)| Some((row, used?)));
            used.map(move |(row, used)| (row, name.clone(), used, place.stack)).collect::<Vec<_>>()
        });
        let closed = self.closed.drain(..).enumerate();
        let closed = closed.flat_map(|(row, all)| {
            let one = move |(used, stack, place)| (row, place, used, stack);
            all.into_values().map(one)
        });
        shared.chain(closed.collect::<Vec<_>>()).chain(self.every).chain(tied)
    }
}

impl<'a> Place<'a> {
    fn new(stack: &'a Stack) -> Self {
        Place { stack, used: vec![None; rows::ROWS.len()], needs: Needs::default() }
    }

    /// What is measured of one thing is not added up.
    fn put(&mut self, holding: &Holding, amount: u64) {
        let used = self.used[holding.row].get_or_insert(0);
        *used = if holding.is_own() { amount.max(*used) } else { *used + amount };
    }
}

/// The place of an account; those that AWS has not made are told apart by their tenants.
fn name_of(account: &str, tenant: Option<&str>) -> String {
    match (account, tenant) {
        (PENDING, Some(id)) => format!("of {id}"),
        (account, _) => account.to_owned(),
    }
}

/// The account that a stack stands in.
fn account(stack: &Stack) -> String {
    name_of(&stack.account, stack.tenant.as_deref())
}

fn finish(spec: &Spec, fresh: &Fresh, (row, place, used, stack): Found<'_>) -> Use {
    let row = &rows::ROWS[row];
    let (account, region) = (stack.account.as_str(), stack.region.as_str());
    let (limit, given) = limit(spec, row.id, account, region);
    let others = fresh.others(spec, row.id, stack);
    let used = used + row.there(spec) + others;
    Use {
        quota: row.id,
        place,
        account: account.to_owned(),
        region: region.to_owned(),
        used,
        others,
        limit,
        given,
    }
}

/// How much AWS allows of a quota in an account and region, and whether somebody said so.
pub fn limit(spec: &Spec, id: &str, account: &str, region: &str) -> (Option<u64>, bool) {
    let quota = quota::get(id).expect("what is counted is in the table");
    let given = spec.quotas.given_in(id, account, region);
    let default = || {
        let default = u64::from(quota.default_in(region)?);
        Some(left(spec, id, account, region).map_or(default, |left| left.min(default)))
    };
    (given.map(u64::from).or_else(default), given.is_some())
}

/// What is left of a default where AWS has granted more of a quota that it multiplies with: of rules in
/// a group and groups on an interface it grants a thousand together. Source:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>.
fn left(spec: &Spec, id: &str, account: &str, region: &str) -> Option<u64> {
    const PAIR: [&str; 2] = ["vpc.rules-per-security-group", "vpc.security-groups-per-eni"];
    let other = PAIR[1 - PAIR.iter().position(|one| *one == id)?];
    let together = quota::get("vpc.sg-rules-times-sgs-per-eni")?.default?;
    let granted = spec.quotas.given_in(other, account, region)?;
    Some(u64::from(together / granted.max(1)))
}
