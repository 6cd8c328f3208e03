//! What the stacks of an estate hold together, added up stack by stack.

use std::collections::BTreeMap;

use super::content::Content;
use super::fresh::Fresh;
use super::holding::{Handle, Holding, Owner};
use super::name_of;
use super::published::Published;
use super::rows::ROWS;
use super::sets;
use super::ties::{Found, Knots, Known, Needs};
use crate::aws::PENDING;
use crate::spec::Spec;
use crate::template::Stack;

/// What was added up so far.
pub(super) struct Tally<'a> {
    spec: &'a Spec,
    /// What stacks tell each other.
    published: &'a Published<'a>,
    /// The accounts that are made.
    fresh: &'a Fresh,
    /// The accounts in their regions.
    regions: BTreeMap<Locality<'a>, Place<'a>>,
    /// Other shared places, by name.
    places: BTreeMap<String, Place<'a>>,
    /// Whether all that nobody else adds to is kept.
    each: bool,
    /// All of it, if it is kept.
    every: Vec<Found<'a>>,
    /// Or else the fullest of it, in each of several workload accounts and in all others together.
    fullest: BTreeMap<&'a str, Fullest<'a>>,
    /// What stacks tie together.
    knots: Knots<'a>,
    /// How many stacks each stack set makes.
    sets: Vec<Found<'a>>,
    /// The rows of that.
    rows: Known,
}

/// An account in a region; those that AWS has not made are told apart by their tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Locality<'a> {
    account: &'a str,
    tenant: Option<&'a str>,
    region: &'a str,
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

/// The fullest of what nobody else adds to, row by row.
struct Fullest<'a>(Vec<Option<Found<'a>>>);

impl<'a> Tally<'a> {
    pub fn new(spec: &'a Spec, published: &'a Published<'a>, fresh: &'a Fresh, each: bool) -> Self {
        Tally {
            spec,
            published,
            fresh,
            regions: BTreeMap::new(),
            places: BTreeMap::new(),
            each,
            every: Vec::new(),
            fullest: BTreeMap::new(),
            knots: Knots::default(),
            sets: Vec::new(),
            rows: Known::default(),
        }
    }

    /// Adds what a stack holds.
    pub fn add(&mut self, stack: &'a Stack, content: &Content) {
        // Most of it is held by its account in its region, or by itself: both are looked up once.
        let here = self.regions.entry(Locality::of(stack));
        let here = here.or_insert_with(|| Place::begun(self.spec, self.fresh, stack));
        here.needs.meet(content.ties.needs);
        let among = if self.spec.is_one_of_several(&stack.account) { &stack.account } else { "" };
        let fullest = self.fullest.entry(among).or_default();
        for own in content.shares() {
            let amounts = own.iter().map(|one| (one, one.amount.of(&stack.values)));
            match &own[0].owner {
                Owner::Region => amounts.for_each(|(one, amount)| here.put(one, amount)),
                Owner::Of(Handle::Local(id)) if own[0].alone && self.each => {
                    let found = |(one, amount): (&Holding, u64)| {
                        (one.row, format!("{}/{id}", stack.key), amount, stack)
                    };
                    self.every.extend(amounts.map(found));
                }
                Owner::Of(Handle::Local(id)) if own[0].alone => {
                    amounts.for_each(|(one, amount)| fullest.meet(one.row, amount, stack, id));
                }
                owner => {
                    let place = self.published.name(owner, (stack, content));
                    let place = self.places.entry(place).or_insert_with(|| Place::new(stack));
                    amounts.for_each(|(one, amount)| place.put(one, amount));
                }
            }
        }
        if !content.ties.peerings.is_empty() {
            self.tie(stack, content);
        }
    }

    /// How many stacks each stack set makes.
    pub fn instances(&mut self, made: &sets::Made<'a>) {
        let found = |(place, count, by): &(String, u64, &'a Stack)| {
            (self.rows.instances, place.clone(), *count, *by)
        };
        self.sets = made.sets.iter().map(found).collect();
    }

    fn tie(&mut self, stack: &'a Stack, content: &Content) {
        let (published, units) = (self.published, self.rows.units);
        let name = |owner: &Owner| published.name(owner, (stack, content));
        let alone = |owner: &Owner| {
            let ours = content.holdings.iter().filter(|one| one.row == units);
            let mine = ours.filter(|one| one.alone && one.owner == *owner);
            mine.map(|one| one.amount.of(&stack.values)).reduce(|sum, one| sum + one)
        };
        self.knots.add(stack, &content.ties, name, alone);
    }

    /// Takes out what is the fullest of one of several accounts, and not of all.
    pub fn others(&mut self) -> Vec<Found<'a>> {
        let mut out = Vec::new();
        for row in 0..ROWS.len() {
            let mut all: Vec<_> = self
                .fullest
                .values_mut()
                .map(|it| &mut it.0[row])
                .filter(|it| it.is_some())
                .collect();
            let most = all.iter().filter_map(|it| Some(it.as_ref()?.2)).max();
            // Of those that are alike, the first stays.
            let first = all.iter().position(|it| it.as_ref().map(|found| found.2) == most);
            first.map(|first| all.remove(first));
            out.extend(all.into_iter().filter_map(Option::take));
        }
        out
    }

    /// Row, place, how much, and the first stack.
    pub fn all(self) -> Vec<Found<'a>> {
        let (rows, places) = (&self.rows, &self.places);
        let units = |place: &str| places.get(place).and_then(|it| it.used[rows.units]).unwrap_or(0);
        let mut out = self.knots.peered(rows.peered, units);
        // A VPC that others are peered with is where it is, not where they are.
        for (_, place, _, stack) in &mut out {
            *stack = places.get(place).map_or(*stack, |place| place.stack);
        }
        out.extend(self.sets);
        out.extend(
            self.regions.iter().filter(|(_, it)| it.needs.groups > 0).map(|(at, it)| {
                (rows.product, at.name(), it.needs.groups * it.needs.rules, it.stack)
            }),
        );
        let regions = self.regions.into_iter().map(|(at, place)| (at.name(), place));
        for (name, place) in regions.chain(self.places) {
            let used = place.used.into_iter().enumerate();
            let used = used.filter_map(|(row, used)| Some((row, used?)));
            out.extend(used.map(|(row, used)| (row, name.clone(), used, place.stack)));
        }
        out.extend(self.fullest.into_values().flat_map(|it| it.0).flatten());
        out.extend(self.every);
        out
    }
}

impl<'a> Locality<'a> {
    /// Where a stack stands.
    fn of(stack: &'a Stack) -> Self {
        let tenant = stack.tenant.as_deref().filter(|_| stack.account == PENDING);
        Locality { account: &stack.account, tenant, region: &stack.region }
    }

    fn name(&self) -> String {
        format!("{}/{}", name_of(self.account, self.tenant), self.region)
    }
}

impl Default for Fullest<'_> {
    fn default() -> Self {
        Fullest(vec![None; ROWS.len()])
    }
}

impl<'a> Fullest<'a> {
    /// Takes what a stack holds, if it is more.
    fn meet(&mut self, row: usize, amount: u64, stack: &'a Stack, id: &str) {
        if self.0[row].as_ref().is_none_or(|(_, _, most, _)| amount > *most) {
            self.0[row] = Some((row, format!("{}/{id}", stack.key), amount, stack));
        }
    }
}

impl<'a> Place<'a> {
    fn new(stack: &'a Stack) -> Self {
        Place { stack, used: vec![None; ROWS.len()], needs: Needs::default() }
    }

    /// An account in a region, with what AWS itself has made there.
    fn begun(spec: &Spec, fresh: &Fresh, stack: &'a Stack) -> Self {
        let mut place = Place::new(stack);
        for row in fresh.rows(spec, stack) {
            place.used[row] = Some(0);
        }
        place
    }

    /// What is measured of one thing is not added up.
    fn put(&mut self, holding: &Holding, amount: u64) {
        let used = self.used[holding.row].get_or_insert(0);
        *used = if holding.is_own() { amount.max(*used) } else { *used + amount };
    }
}
