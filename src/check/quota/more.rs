//! What stacks add to what is counted without them, where they change nothing of the others: of what is
//! added up, what they hold; of what is measured of one thing, what they hold beyond it. So only those that
//! are added are looked at, and each once.

use std::collections::BTreeMap;

use super::content::Counted;
use super::fresh::Fresh;
use super::published::Published;
use super::rows::ROWS;
use super::ties::{self, Known, Needs};
use super::{Counter, Use, account, finish, sets};
use crate::lookup::Lookup;
use crate::spec::Spec;
use crate::split::joined::Joined;
use crate::template::{Estate, Stack};

/// A quota and a place.
pub type Key = (&'static str, String);

/// What is counted, by quota and place.
pub type Counts = BTreeMap<Key, Use>;

/// How many steps are looked at.
pub const STEPS: usize = 3;

/// An estate of which some stacks are counted, and others can be added.
pub struct Ground<'a> {
    spec: &'a Spec,
    counter: &'a Counter,
    /// The stacks, each with what its template holds.
    all: Vec<Counted<'a>>,
    /// What is counted of some of them, row by row and by place.
    counts: Vec<Lookup<&'a str, &'a Use>>,
    /// Something that is counted of each place.
    places: Lookup<&'a str, &'a Use>,
    published: Published<'a>,
    fresh: Fresh,
    /// What stack sets make, each with the place of its set and the stack that this is in.
    made: Vec<(Stack, String, &'a Stack)>,
    /// What must be granted of two quotas at once where the stacks stand that are counted.
    needs: BTreeMap<String, Needs>,
    rows: Known,
}

/// A stack that is added: the step from which it is there, the first of which is 1, and its place in the
/// estate.
pub type Comer = (usize, usize);

/// A place that stacks add to.
pub struct Line {
    /// As it is after the last step.
    pub at: Use,
    /// How much it holds after each step.
    pub used: [u64; STEPS],
    /// How much it holds after the last if the word has one more character.
    pub longer: u64,
}

impl Line {
    /// A place that nobody adds to.
    pub fn of(at: Use) -> Self {
        Line { used: [at.used; STEPS], longer: at.used, at }
    }
}

/// What is added to a place; nothing as long as nobody adds.
struct Sum<'a> {
    by: &'a Stack,
    /// After each step, and after the last with a longer word.
    added: [Option<u64>; STEPS + 1],
}

/// All of them, by the rank of the row and by place.
type Sums<'a> = BTreeMap<(usize, String), Sum<'a>>;

impl<'a> Ground<'a> {
    /// An estate whose templates have all been read, and what is counted of some of its stacks.
    pub fn new(
        (spec, counter): (&'a Spec, &'a Counter),
        (estate, together): (&'a Estate, &'a Joined),
        (there, counts): (&[usize], &'a Counts),
    ) -> Self {
        let all = counter.counted(estate, together);
        let (published, fresh) = (Published::of(&all), Fresh::of(estate));
        let made = sets::made(&all, &published);
        let each = |(set, count, by): (String, u64, _)| (0..count).map(move |_| (set.clone(), by));
        let of = made.sets.into_iter().flat_map(each);
        let made = made.stacks.into_iter().zip(of).map(|(it, (set, by))| (it, set, by)).collect();
        let mut needs: BTreeMap<String, Needs> = BTreeMap::new();
        for (stack, content) in there.iter().map(|at| all[*at]) {
            needs.entry(region(stack)).or_default().meet(content.ties.needs);
        }
        let rows = Known::default();
        let places = counts.iter().rev().map(|((_, place), one)| (place.as_str(), one)).collect();
        let counts = by_row(counts);
        Ground { spec, counter, all, counts, places, published, fresh, made, needs, rows }
    }

    /// What stack sets make; their places are behind those of the stacks of the estate.
    pub fn made(&self) -> impl Iterator<Item = (usize, &Stack)> {
        (self.all.len()..).zip(self.made.iter().map(|(stack, ..)| stack))
    }

    /// The places that some add to, who come in this order, in order. `word` is what may be longer in
    /// their values.
    pub fn with(&self, comers: &[Comer], word: Option<&str>) -> Vec<(Key, Line)> {
        let mut sums = Sums::new();
        for comer in comers {
            self.add(&mut sums, *comer, word);
        }
        self.meet(&mut sums, comers);
        for comer in comers {
            self.peer(&mut sums, *comer);
        }
        let line = |((rank, place), sum): (_, Sum<'_>)| self.line(ties::of_rank(rank), place, &sum);
        sums.into_iter().map(line).collect()
    }

    fn by(&self, at: usize) -> Counted<'_> {
        let made = || {
            let stack = &self.made[at - self.all.len()].0;
            (stack, &self.counter.known[&stack.shape])
        };
        self.all.get(at).copied().unwrap_or_else(made)
    }

    /// What a stack holds.
    fn add<'s>(&'s self, sums: &mut Sums<'s>, (from, at): Comer, word: Option<&str>) {
        let by @ (stack, content) = self.by(at);
        for row in self.fresh.rows(self.spec, stack) {
            put(sums, (row, region(stack)), stack, from, [0, 0]);
        }
        for holding in &content.holdings {
            let amount = holding.amount.of(&stack.values);
            let more = word.map_or(0, |word| holding.amount.often(word, &stack.values));
            let place = self.published.name(&holding.owner, by);
            put(sums, (holding.row, place), stack, from, [amount, amount + more]);
        }
        if let Some((_, set, by)) = at.checked_sub(self.all.len()).map(|n| &self.made[n]) {
            put(sums, (self.rows.instances, set.clone()), by, from, [1, 1]);
        }
    }

    /// What must be granted of two quotas at once.
    fn meet<'s>(&'s self, sums: &mut Sums<'s>, comers: &[Comer]) {
        let mut all: BTreeMap<String, Needs> = BTreeMap::new();
        for (from, at) in comers {
            let (stack, content) = self.by(*at);
            let place = region(stack);
            let known = || self.needs.get(&place).copied().unwrap_or_default();
            let needs = all.entry(place.clone()).or_insert_with(known);
            needs.meet(content.ties.needs);
            if needs.groups > 0 {
                let product = needs.groups * needs.rules;
                put(sums, (self.rows.product, place), stack, *from, [product; 2]);
            }
        }
    }

    /// What each of two VPCs has together with the other that it is peered with.
    fn peer<'s>(&'s self, sums: &mut Sums<'s>, (from, at): Comer) {
        let by @ (stack, content) = self.by(at);
        for ends in &content.ties.peerings {
            let ends = ends.each_ref().map(|end| self.published.name(end, by));
            for column in from - 1..=STEPS {
                let held = ends.each_ref().map(|end| self.units(sums, end, column));
                for (end, other) in [(0, 1), (1, 0)] {
                    let known = self.counts[self.rows.peered].get(ends[end].as_str());
                    let spot = (ties::rank(self.rows.peered), ends[end].clone());
                    let sum = sums.entry(spot).or_insert_with(|| Sum::new(stack));
                    let own = if known.is_some() { 0 } else { held[end] };
                    *sum.added[column].get_or_insert(own) += held[other];
                }
            }
        }
    }

    /// The units of addresses in a VPC.
    fn units(&self, sums: &Sums<'_>, place: &str, column: usize) -> u64 {
        let row = self.rows.units;
        let known = self.counts[row].get(place);
        let added =
            sums.get(&(ties::rank(row), place.to_owned())).and_then(|sum| sum.added[column]);
        known.map_or(0, |one| one.made(self.spec)) + added.unwrap_or(0)
    }

    /// What a place holds with what is added.
    fn line(&self, row: usize, place: String, sum: &Sum<'_>) -> (Key, Line) {
        let key = (ROWS[row].id, place.clone());
        let known = self.counts[row].get(place.as_str());
        let new = || {
            let there = self.places.get(place.as_str());
            let one = finish(self.spec, &self.fresh, (row, place, 0, sum.by));
            // Whoever is the first to add something to a place does not move it.
            let there = there.map(|known| {
                Use { region: known.region.clone(), ..one.clone() }.there(self.spec, &known.account)
            });
            there.unwrap_or(one)
        };
        let bare = known.cloned().unwrap_or_else(new);
        let (is_sum, made) = (ties::is_sum(row), bare.made_of(&ROWS[row], self.spec));
        let whole = |added: Option<u64>| match added {
            None => known.map_or(0, |one| one.used),
            Some(added) if is_sum => bare.used + added,
            Some(added) => bare.used.max(bare.used - made + added),
        };
        let [first, second, third, longer] = sum.added.map(whole);
        let at = Use { used: third, ..bare };
        (key, Line { at, used: [first, second, third], longer })
    }
}

/// What is counted, row by row and by place.
fn by_row(counts: &Counts) -> Vec<Lookup<&str, &Use>> {
    let mut out = vec![Lookup::default(); ROWS.len()];
    let all: Vec<(&Key, &Use)> = counts.iter().collect();
    for own in all.chunk_by(|((one, _), _), ((other, _), _)| one == other) {
        let places = own.iter().map(|((_, place), one)| (place.as_str(), *one));
        out[ties::row(own[0].0.0)] = places.collect();
    }
    out
}

impl<'a> Sum<'a> {
    fn new(by: &'a Stack) -> Self {
        Sum { by, added: [None; STEPS + 1] }
    }
}

/// Adds so much from a step on, and so much with the longer word.
fn put<'s>(
    sums: &mut Sums<'s>,
    (row, place): (usize, String),
    by: &'s Stack,
    from: usize,
    [amount, longer]: [u64; 2],
) {
    let sum = sums.entry((ties::rank(row), place)).or_insert_with(|| Sum::new(by));
    for (column, added) in sum.added.iter_mut().enumerate().skip(from - 1) {
        let more = if column < STEPS { amount } else { longer };
        let added = added.get_or_insert(0);
        *added = if ties::is_sum(row) { *added + more } else { more.max(*added) };
    }
}

/// The name of the account and region that a stack stands in.
fn region(stack: &Stack) -> String {
    format!("{}/{}", account(stack), stack.region)
}
