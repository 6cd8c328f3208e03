//! Newcomers to many tiers and regions, made all at once and taken apart again: whoever comes touches
//! nobody else, so what is made for one is the same beside others. What is shared is looked at closely:
//! where it changes with those who come, it is found out with whom, and whoever cannot be told apart is
//! made by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::quota::{Counter, Use};
use crate::forecast::probe::{Before, Counts, Goal, Growing, Probe, Steps, counts, used};
use crate::plan::Plan;
use crate::spec::{Spec, Tenant};
use crate::template::{Estate, Stack};
use crate::weigh::newcomer::newcomer;
use crate::weigh::{Whose, whose};

/// How many are made at once: each opens two cells of the largest size at most, of which the addresses
/// beyond the pools hold 4,096.
const AT_ONCE: usize = 256;

/// The newcomers to a tier and region. With needs of their own, the first has a cell for itself, and the
/// others share one.
type Guests = Vec<Tenant>;

impl Probe<'_, '_> {
    /// What tiers add in their regions as they grow in an account; those where not even one tenant can be
    /// placed are not there.
    pub(super) fn growing(&mut self, account: &str, goals: &[Goal]) -> Vec<(Goal, Growing)> {
        let Some(before) = self.before.take() else { return Vec::new() };
        self.turn_to(account);
        let mut out = Vec::new();
        for some in goals.chunks(AT_ONCE) {
            self.halve(&before, some, &mut out);
        }
        self.before = Some(before);
        out
    }

    /// All at once, or else one half and then the other.
    fn halve(&mut self, before: &Before, goals: &[Goal], out: &mut Vec<(Goal, Growing)>) {
        match self.at_once(before, goals) {
            Some(all) => out.extend(goals.iter().cloned().zip(all)),
            None if goals.len() > 1 => {
                let (left, right) = goals.split_at(goals.len() / 2);
                self.halve(before, left, out);
                self.halve(before, right, out);
            }
            None => {}
        }
    }

    /// What each adds; nothing where they cannot be made, or not be told apart.
    fn at_once(&mut self, before: &Before, goals: &[Goal]) -> Option<Vec<Growing>> {
        let guests: Vec<Guests> = (0..).zip(goals).map(|(n, goal)| self.guests(n, goal)).collect();
        let (plan, estate) = self.made(self.with(guests.iter().flatten()), true)?;
        let mut party = Party::new(before, estate, &plan, &guests);
        if goals.len() > 1 && !party.altered {
            party.brought = self.brought(&party, &guests)?;
        } else if goals.len() > 1 {
            return None;
        }
        self.counter.read(&self.spec, &party.estate);
        let growing = |(n, (goal, guests)): (usize, (&Goal, &Guests))| {
            let scale = &mut Scale { spec: &self.spec, counter: &mut *self.counter };
            let mut growing = party.growing(n, guests, &plan, scale);
            party.letters(n, &mut growing, scale);
            self.named(growing, goal, guests)
        };
        Some(goals.iter().zip(&guests).enumerate().map(growing).collect())
    }

    fn guests(&self, n: usize, (tier, region): &Goal) -> Guests {
        let celled = self.whole.tiers[tier].isolation.has_cells();
        let needs = ["first", "others", "others"].into_iter().take(if celled { 3 } else { 2 });
        let guest = |(step, need): (usize, &str)| {
            let needs = vec![format!("newcomer-{need}")];
            Tenant { needs, ..newcomer(self.whole, tier, region, 3 * n + step) }
        };
        (1..).zip(needs).map(guest).collect()
    }

    /// With the names that they would have by themselves.
    fn named(&self, mut growing: Growing, (tier, region): &Goal, guests: &Guests) -> Growing {
        for (step, guest) in (1..).zip(guests) {
            let alone = newcomer(self.whole, tier, region, step).id;
            for own in &mut growing.own {
                own.place = own.place.replace(&guest.id, &alone);
            }
        }
        growing
    }

    /// What each brings of what is shared by all and was not there before: what is made of it for the first
    /// alone. Nothing if that is not, together, what all bring.
    fn brought(&mut self, party: &Party<'_>, guests: &[Guests]) -> Option<Vec<BTreeSet<usize>>> {
        let mut out = vec![BTreeSet::new(); guests.len()];
        if party.added.is_empty() {
            return Some(out);
        }
        for (guests, brought) in guests.iter().zip(&mut out) {
            let first = &guests[0];
            let (_, alone) = self.made([(first.id.clone(), first.clone())].into(), false)?;
            let differs = differing(&alone, &party.estate);
            for stack in &alone.stacks {
                let at = party.at.get(&stack.key).filter(|at| party.added.contains(at));
                if let Some(at) = at {
                    let same = is_same(stack, &party.estate.stacks[*at], &differs);
                    brought.extend(same.then_some(*at));
                }
            }
        }
        let all: BTreeSet<usize> = out.iter().flatten().copied().collect();
        self.spec.tenants = self.with(guests.iter().flatten());
        (all == party.added).then_some(out)
    }
}

/// An account and a region.
type Place = (String, String);

/// What counts.
struct Scale<'s> {
    spec: &'s Spec,
    counter: &'s mut Counter,
}

/// All that is made with some newcomers; stacks by their places in the estate.
struct Party<'b> {
    before: &'b Before,
    estate: Estate,
    /// The stacks by their keys.
    at: BTreeMap<String, usize>,
    /// The parts of each that was cut.
    parts: BTreeMap<String, Vec<usize>>,
    /// The stacks of each who comes, with the newcomer that they come with.
    own: Vec<Vec<(usize, usize)>>,
    /// The stacks of nobody who comes that were there before.
    there: BTreeSet<usize>,
    /// The same, by account and region.
    near: BTreeMap<Place, Vec<usize>>,
    /// Those that were not.
    added: BTreeSet<usize>,
    /// Whether any that was there is not what it was.
    altered: bool,
    /// What each brings of what was added.
    brought: Vec<BTreeSet<usize>>,
}

impl<'b> Party<'b> {
    fn new(before: &'b Before, estate: Estate, plan: &Plan, guests: &[Guests]) -> Self {
        let comers = comers(plan, guests);
        let mut own = vec![Vec::new(); guests.len()];
        let (mut there, mut added) = (BTreeSet::new(), BTreeSet::new());
        let mut near: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        let differs = differing(&before.estate, &estate);
        let known: BTreeMap<&str, &Stack> =
            before.estate.stacks.iter().map(|stack| (stack.key.as_str(), stack)).collect();
        let mut same = 0;
        for (at, stack) in estate.stacks.iter().enumerate() {
            let comer = whose(stack, &estate).and_then(|whose| comers.get(&whose));
            match (comer, known.get(stack.key.as_str())) {
                (Some((n, step)), _) => own[*n].push((*step, at)),
                (None, None) => drop(added.insert(at)),
                (None, Some(known)) => {
                    there.insert(at);
                    near.entry(place(stack)).or_default().push(at);
                    same += usize::from(is_same(known, stack, &differs));
                }
            }
        }
        let altered = same < known.len();
        let brought = vec![added.clone(); guests.len()];
        let at = estate.stacks.iter().enumerate().map(|(at, it)| (it.key.clone(), at)).collect();
        let parts = estate.parts().into_iter().map(|(whole, at)| (whole.to_owned(), at)).collect();
        Party { before, estate, at, parts, own, there, near, added, altered, brought }
    }

    /// What one of them adds.
    fn growing(
        &mut self,
        n: usize,
        guests: &Guests,
        plan: &Plan,
        scale: &mut Scale<'_>,
    ) -> Growing {
        let base = if self.altered { self.there.clone() } else { self.beside(n) };
        let alone = self.count(&base, scale);
        let mut steps = Vec::new();
        for step in 1..=guests.len() {
            let own = self.own[n].iter().filter(|(with, _)| *with <= step).map(|(_, at)| *at);
            let all = own.chain(base.iter().chain(&self.brought[n]).copied()).collect();
            let counted = self.count(&all, scale);
            let counted = self.whole(counted, &alone, scale.spec);
            steps.push(counted);
        }
        self.fill(&mut steps);
        let cells = [0, 1].map(|guest: usize| plan.tenants[&guests[guest].id].cell.clone());
        let before = &self.before.counts;
        let [first, second] = [&steps[0], &steps[1]];
        Steps { before, first, second, third: steps.get(2) }.growing(cells, guests)
    }

    /// What is taken of a cell's places by each character of its id: it is counted with one more.
    fn letters(&self, n: usize, growing: &mut Growing, scale: &mut Scale<'_>) {
        let Some(cell) = &growing.cell else { return };
        let longer = format!("{cell}0");
        let mut part = Estate::default();
        for (_, at) in &self.own[n] {
            let mut stack = self.estate.stacks[*at].clone();
            for text in stack.values.iter_mut().chain([&mut stack.key, &mut stack.name]) {
                *text = text.replace(cell, &longer);
            }
            part.stacks.push(stack);
        }
        let found = counts(scale.counter.count_each_read(scale.spec, &part));
        for place in &mut growing.in_cell {
            let key = (place.at.quota, place.at.place.replace(cell, &longer));
            place.letter = used(&found, &key).saturating_sub(place.at.used);
        }
    }

    /// What must be seen of what is there to count what one adds: what its stacks need, and beside each of
    /// them what all share, and one stack of each shape; of its tier alone, where that has all the shapes
    /// that come. Of some quotas what one takes depends on what others have: of peered VPCs, of stack sets,
    /// and where the most counts.
    fn beside(&self, n: usize) -> BTreeSet<usize> {
        let stack = |at: &usize| &self.estate.stacks[*at];
        let own: Vec<usize> = self.own[n].iter().map(|(_, at)| *at).collect();
        let tier = own.iter().find_map(|at| stack(at).tier.as_ref());
        let mut coming: BTreeMap<Place, BTreeSet<&str>> = BTreeMap::new();
        for one in own.iter().map(stack) {
            coming.entry(place(one)).or_default().insert(&one.shape);
        }
        let mut all: Vec<usize> = own.iter().chain(&self.brought[n]).copied().collect();
        for (place, coming) in coming {
            let Some(near) = self.near.get(&place) else { continue };
            all.extend(near.iter().filter(|at| stack(at).tier.is_none()));
            let alike = near.iter().copied().filter(|at| stack(at).tier.as_ref() == tier);
            let alike: Vec<usize> = alike.collect();
            // A cell that nobody lives in any more has no tenant beside whom others take nothing new.
            let known: BTreeSet<&str> = alike.iter().map(|at| stack(at).shape.as_str()).collect();
            let others = if coming.is_subset(&known) { &alike } else { near };
            let mut shapes = BTreeSet::new();
            all.extend(others.iter().filter(|at| shapes.insert(&stack(at).shape)));
        }
        self.needed(all).intersection(&self.there).copied().collect()
    }

    /// Some stacks with all that they need. What was cut is counted together.
    fn needed(&self, mut open: Vec<usize>) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        while let Some(at) = open.pop() {
            if out.insert(at) {
                let stack = &self.estate.stacks[at];
                open.extend(stack.depends_on.iter().filter_map(|key| self.at.get(key)));
                open.extend(self.parts.get(stack.whole()).into_iter().flatten());
            }
        }
        out
    }

    /// What is counted of some stacks.
    fn count(&self, stacks: &BTreeSet<usize>, scale: &Scale<'_>) -> Counts {
        let stacks = stacks.iter().map(|at| self.estate.stacks[*at].clone()).collect();
        let part = Estate { stacks, ..Estate::default() };
        counts(scale.counter.count_each_read(scale.spec, &part))
    }

    /// What would be counted with all that is there, from what was counted with some of it, and of some of
    /// it alone. Where anything is not what it was, all of it was counted.
    fn whole(&self, mut counted: Counts, alone: &Counts, spec: &Spec) -> Counts {
        if self.altered {
            return counted;
        }
        for (key, one) in &mut counted {
            let Some(before) = self.before.counts.get(key) else { continue };
            let used = match alone.get(key) {
                Some(alone) if alone.used == one.used => before.used,
                Some(alone) if one.is_sum() => before.used + one.used - alone.used,
                None if one.is_sum() => before.used + one.made(spec),
                _ => before.used.max(one.used),
            };
            *one = Use { used, ..before.clone() };
        }
        counted
    }

    /// Where only the last adds something, all before left what was there.
    fn fill(&self, steps: &mut [Counts]) {
        let Some((last, others)) = steps.split_last_mut() else { return };
        for key in last.keys() {
            for counts in &mut *others {
                if let (None, Some(before)) = (counts.get(key), self.before.counts.get(key)) {
                    counts.insert(key.clone(), before.clone());
                }
            }
        }
    }
}

/// Who comes: for each tenant and each cell, which of them, and with the how manyth newcomer.
fn comers<'a>(plan: &'a Plan, guests: &'a [Guests]) -> BTreeMap<Whose<'a>, (usize, usize)> {
    let mut out = BTreeMap::new();
    for (n, guests) in guests.iter().enumerate() {
        for (step, guest) in (1..).zip(guests) {
            out.insert(Whose::Tenant(&guest.id), (n, step));
            if let Some(cell) = &plan.tenants[&guest.id].cell {
                out.entry(Whose::Cell(cell)).or_insert((n, step));
            }
        }
    }
    out
}

fn place(stack: &Stack) -> Place {
    (stack.account.clone(), stack.region.clone())
}

/// The shapes of one estate whose templates are others in another.
fn differing<'a>(one: &'a Estate, other: &Estate) -> BTreeSet<&'a str> {
    let differs = |(shape, template): &(&String, _)| {
        other.templates.get(*shape) != Some(*template)
            || other.whole.get(*shape) != one.whole.get(*shape)
    };
    one.templates.iter().filter(differs).map(|(shape, _)| shape.as_str()).collect()
}

/// Whether a stack holds the same in two estates.
fn is_same(one: &Stack, other: &Stack, differs: &BTreeSet<&str>) -> bool {
    let of = |it: &Stack| (it.shape.clone(), it.values.clone(), it.foreign.clone());
    !differs.contains(one.shape.as_str()) && place(one) == place(other) && of(one) == of(other)
}
