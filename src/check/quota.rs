//! What the stacks of an estate would hold, counted as AWS counts it, against its quotas. A template
//! is counted once; a stack adds what its template holds to the places that its values name, so ten
//! thousand stacks cost ten thousand additions.
//!
//! Counted is what tenantry makes, and what the blueprint says that others made (`places`): a default
//! VPC, a service-linked role. `quotas` says how much AWS has granted.

pub mod count; // ways of counting
pub mod rows; // how each quota is counted
pub mod holding; // what one template holds
pub mod measure; // measures of one thing
pub mod address; // what stands in a VPC
pub mod network; // routes, interfaces, and what is learned
pub mod balance; // what stands behind load balancers
pub mod capacity; // what is counted in units of its own
pub mod placed; // what belongs to more than a property names
pub mod ties; // what no stack holds by itself
pub mod judge; // what is counted, as complaints

use std::collections::BTreeMap;

use crate::aws::PENDING;
use crate::aws::quota::{self, Quota};
use crate::engine::{Engine, Options, Rendered};
use crate::spec::Spec;
use crate::template::{Estate, ParamKind, Stack, Template};
use crate::value::Value;
use holding::{Handle, Holding, Owner, Whole};
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
        let row = ties::row(self.quota);
        row != ties::row(ties::PRODUCT) && !rows::ROWS[row].is_own()
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
        let published = published(estate);
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
                let one = finish(spec, holding.row, place, 0, stack);
                let limit = one.limit.filter(|_| one.stops());
                let Use { quota, place, used: there, .. } = one;
                out.push(Part { stack: at, quota, place, amount, there, limit });
            }
        }
        out
    }

    fn tally(&mut self, spec: &Spec, estate: &Estate, each: bool) -> Vec<Use> {
        self.read(spec, estate);
        let mut tally = Tally::new(spec, estate, each);
        for stack in &estate.stacks {
            tally.add(stack, &estate.templates[&stack.shape], &self.known[&stack.shape]);
        }
        let others = tally.others();
        let done = |(row, place, used, stack)| finish(spec, row, place, used, stack);
        let mut out: Vec<Use> = tally.all().map(done).collect();
        // Each account has limits of its own, so one that is less full can be over.
        out.extend(others.into_iter().map(done).filter(Use::is_over));
        out.sort_by(|a, b| (a.quota, &a.place).cmp(&(b.quota, &b.place)));
        out
    }

    /// What each template holds. Whatever is written, types are counted by CloudFormation's names.
    fn read(&mut self, spec: &Spec, estate: &Estate) {
        let engines = vec![Engine::CloudFormation];
        let options = Options { engines, inline: false, partial: false };
        let rendered = Rendered::new(spec, estate, &options);
        let premises = spec.network.premises().len() as u64;
        for (shape, template) in &estate.templates {
            // Most are as they were, so that is found out before anything is rendered.
            let stale = |it: &Content| it.template != *template || it.premises != premises;
            if !self.known.get(shape).is_none_or(stale) {
                continue;
            }
            let text = rendered
                .template_text(Engine::CloudFormation, shape)
                .expect("every template is rendered");
            let json = &serde_json::from_str(text).expect("the engine writes JSON");
            let whole = Whole { json, template, premises };
            let holdings = holding::of(&whole, text);
            let ties = ties::of(&whole, &holdings);
            let content = Content { template: template.clone(), premises, holdings, ties };
            self.known.insert(shape.clone(), content);
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
    every: Vec<Found<'a>>,
    /// The fullest of what nobody else adds to, row by row, in each of several workload accounts.
    closed: Vec<BTreeMap<&'a str, (u64, &'a Stack, String)>>,
    /// The workload accounts, where there are several.
    several: &'a [String],
    /// What stacks tie together.
    knots: Knots<'a>,
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
    fn new(spec: &'a Spec, estate: &'a Estate, each: bool) -> Self {
        let several = spec.has_several_workloads();
        Tally {
            several: if several { &spec.workload_accounts } else { &[] },
            published: published(estate),
            places: BTreeMap::new(),
            each,
            every: Vec::new(),
            closed: rows::ROWS.iter().map(|_| BTreeMap::new()).collect(),
            knots: Knots::default(),
            rows: Known::default(),
        }
    }

    fn add(&mut self, stack: &'a Stack, template: &Template, content: &Content) {
        // Most of what a stack holds is held by its account in its region, so that is looked up once.
        let region = format!("{}/{}", account(stack), stack.region);
        let mut here = self.places.remove(&region).unwrap_or_else(|| Place::new(stack));
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
        if !content.ties.is_empty() {
            self.tie(stack, template, content);
        }
    }

    fn tie(&mut self, stack: &'a Stack, template: &Template, content: &Content) {
        let (published, units) = (&self.published, self.rows.units);
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
        tied.extend(self.knots.instances(rows.instances));
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

/// Accounts that AWS has not made are told apart by their tenants.
fn account(stack: &Stack) -> String {
    match stack.account.as_str() {
        PENDING => stack.tenant.as_ref().map_or(PENDING.to_owned(), |id| format!("of {id}")),
        account => account.to_owned(),
    }
}

fn finish(spec: &Spec, row: usize, place: String, used: u64, stack: &Stack) -> Use {
    let row = &rows::ROWS[row];
    let (account, region) = (stack.account.as_str(), stack.region.as_str());
    let (limit, given) = limit(spec, row.id, account, region);
    let others = u64::from(spec.quotas.used_in(row.id, account, region));
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

/// What stacks tell each other.
#[derive(Default)]
struct Published {
    /// Account, region and path → stack and logical id.
    values: BTreeMap<(String, String, String), String>,
    /// What has each thing that stacks tell of: the VPC of a subnet, the gateway of a route table, the
    /// load balancer of a listener.
    above: BTreeMap<String, String>,
    /// The zone of each subnet that stacks tell of.
    zones: BTreeMap<String, String>,
}

/// The properties that say what has a thing, of which a thing has one.
const ABOVE: [&str; 3] = ["VpcId", "TransitGatewayId", "LoadBalancerArn"];

fn published(estate: &Estate) -> Published {
    let mut out = Published::default();
    let told: BTreeMap<&str, Vec<(&Value, &str)>> =
        estate.templates.iter().map(|(shape, t)| (shape.as_str(), holding::told(t))).collect();
    for stack in &estate.stacks {
        let template = &estate.templates[&stack.shape];
        for (path, id) in &told[stack.shape.as_str()] {
            if let Some(path) = holding::text(path, template, &stack.values) {
                let key = (stack.account.clone(), stack.region.clone(), path);
                let place = format!("{}/{id}", stack.key);
                let body = &template.entry(id).body;
                let mut above = ABOVE.iter().filter_map(|key| body.get(key));
                if let Some(above) = above.find_map(holding::named) {
                    out.above.insert(place.clone(), format!("{}/{above}", stack.key));
                }
                let zone = body.get("AvailabilityZone");
                if let Some(zone) =
                    zone.and_then(|zone| holding::text(zone, template, &stack.values))
                {
                    out.zones.insert(place.clone(), zone);
                }
                out.values.insert(key, place);
            }
        }
    }
    out
}

impl Published {
    /// The name of a place.
    fn name(&self, owner: &Owner, stack: &Stack, template: &Template) -> String {
        match owner {
            Owner::Organization => "the organization".to_owned(),
            Owner::Account => account(stack),
            Owner::Region => format!("{}/{}", account(stack), stack.region),
            Owner::Template => stack.shape.clone(),
            Owner::Of(Handle::Local(id)) => format!("{}/{id}", stack.key),
            Owner::Of(Handle::Param(at)) => self.told(*at, stack, template),
            Owner::Above(at) => {
                let thing = self.told(*at, stack, template);
                self.above.get(&thing).cloned().unwrap_or(thing)
            }
            Owner::Zone(at) => format!("{}/{}", account(stack), stack.values[*at]),
            Owner::ZoneOf(at) => {
                let subnet = self.told(*at, stack, template);
                let zone = self.zones.get(&subnet).cloned().unwrap_or(subnet);
                format!("{}/{zone}", account(stack))
            }
            Owner::Named(id) => id.clone(),
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
        self.values.get(&key).cloned().unwrap_or_else(|| value.clone())
    }
}
