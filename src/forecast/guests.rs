//! Newcomers to many tiers and regions, made all at once and taken apart again: whoever comes touches
//! nobody else, so what is made for one is the same beside others. What is shared is looked at closely:
//! where it changes with those who come, those of whom alone the same would be made are made together, if
//! all together change what the first of them changes. Whoever cannot be told apart is made by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::check::quota::more::{Comer, Counts, Ground, Key, Line};
use crate::check::quota::{Counter, Use};
use crate::forecast::alone::{Held, OfAll, Seen};
use crate::forecast::probe::{Before, Goal, Growing, Numbered, Probe, Steps, counts};
use crate::plan::Plan;
use crate::spec::{Spec, Tenant};
use crate::split::family;
use crate::template::{Estate, PART, Stack};
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
            if goals.len() > AT_ONCE {
                self.alone.clear();
            }
            let some: Vec<Numbered> = (0..).zip(some.iter().cloned()).collect();
            self.halve(&before, &some, &mut out);
        }
        self.before = Some(before);
        out
    }

    /// All at once, or else those who change the same, or one half and then the other.
    fn halve(&mut self, before: &Before, goals: &[Numbered], out: &mut Vec<(Goal, Growing)>) {
        let mut come = self.come_all(goals);
        let told = come.as_ref().ok_or(Apart::Unknown);
        match told.and_then(|come| self.at_once(before, come, None)) {
            Ok(told) => out.extend(told.growing),
            Err(_) if goals.len() < 2 => {}
            Err(Apart::Changing(keys)) => {
                for some in self.alike(&keys, goals) {
                    // All of them are made already.
                    let come = come.take_if(|come| come.goals == some);
                    self.changing(before, &some, come, out);
                }
            }
            Err(Apart::Unknown) => {
                let (left, right) = goals.split_at(goals.len() / 2);
                self.halve(before, left, out);
                self.halve(before, right, out);
            }
        }
    }

    /// Those who change something that was there: the first alone, and the others with it if all together
    /// change what it changes.
    fn changing(
        &mut self,
        before: &Before,
        goals: &[Numbered],
        come: Option<Come>,
        out: &mut Vec<(Goal, Growing)>,
    ) {
        let [first, others @ ..] = goals else { return };
        let alone = self.come_all(std::slice::from_ref(first));
        let alone = alone.and_then(|alone| self.at_once(before, &alone, None).ok());
        let Some(alone) = alone else {
            return self.changing(before, others, None, out);
        };
        if !others.is_empty() {
            let come = come.or_else(|| self.come_all(goals));
            let all = come.map(|come| self.at_once(before, &come, Some(&alone)));
            if let Some(Ok(all)) = all {
                out.extend(all.growing);
                return;
            }
            let (left, right) = others.split_at(others.len() / 2);
            self.changing(before, left, None, out);
            self.changing(before, right, None, out);
        }
        out.extend(alone.growing);
    }

    /// Newcomers of whom, if there is nobody else, the same is made of some stacks; by itself who has none of
    /// one.
    fn alike(&mut self, keys: &[String], goals: &[Numbered]) -> Vec<Vec<Numbered>> {
        let mut out: Vec<(Option<Vec<Held>>, Vec<Numbered>)> = Vec::new();
        for (goal, alone) in goals.iter().zip(self.alone(goals)) {
            let held =
                |alone: Arc<OfAll>| keys.iter().map(|key| alone.0.get(key).cloned()).collect();
            let held = alone.and_then(held);
            match out.iter_mut().find(|(known, _)| held.is_some() && *known == held) {
                Some((_, goals)) => goals.push(goal.clone()),
                None => out.push((held, vec![goal.clone()])),
            }
        }
        out.into_iter().map(|(_, goals)| goals).collect()
    }

    /// All that is made with some newcomers; nothing if that cannot be.
    fn come_all(&mut self, goals: &[Numbered]) -> Option<Come> {
        let goals = goals.to_vec();
        let guests: Vec<Guests> = goals.iter().map(|goal| self.guests(goal)).collect();
        let (plan, mut estate) = self.whole(self.with(guests.iter().flatten()))?;
        let several = goals.len() > 1;
        let uncut = if several { OfAll::new(&estate, &self.seen) } else { OfAll::default() };
        self.cut(&mut estate);
        Some(Come { goals, guests, plan, estate, uncut })
    }

    /// What each adds, and what all change of what was there. If several do, that must be known.
    fn at_once(
        &mut self,
        before: &Before,
        come: &Come,
        known: Option<&Told>,
    ) -> Result<Told, Apart> {
        let Come { goals, guests, plan, estate, uncut } = come;
        let comers = comers(plan, guests);
        let mut party = Party::new(before, (estate, &self.seen), &comers, guests.len());
        if goals.len() > 1 {
            match known {
                None if !party.changes.is_empty() => {
                    return Err(Apart::Changing(party.changed()));
                }
                Some(known) if known.changes != party.changes => return Err(Apart::Unknown),
                _ => {}
            }
            if !party.added.is_empty() {
                let brought = party.brought_by(uncut, self.alone(goals));
                party.brought = brought.ok_or(Apart::Unknown)?;
            }
        }
        self.counter.read(&self.spec, estate);
        // Whoever changes the same leaves as much of what was there.
        let anew = match known {
            Some(known) => known.counts.clone(),
            None if party.changes.is_empty() => None,
            None => Some(Arc::new(party.counted(&self.spec, self.counter))),
        };
        let counts = anew.as_deref().unwrap_or(&before.counts);
        let more = anew
            .iter()
            .flat_map(|anew| anew.iter())
            .filter(|(key, one)| before.counts.get(*key).is_none_or(|known| known.used < one.used));
        let more: Vec<(&Key, &Use)> = more.collect();
        let together = self.counter.together(estate);
        let all = (estate, &together);
        let ground = Ground::new((&self.spec, &*self.counter), all, (&party.there, counts));
        party.invite(&ground, &comers);
        let used = before.used();
        let growing = |(n, ((_, goal), guests)): (usize, (&Numbered, &Guests))| {
            let cells = [0, 1].map(|guest: usize| plan.tenants[&guests[guest].id].cell.clone());
            let mut lines = ground.with(&party.comers(n), cells[1].as_deref());
            let is_there = |key: &Key| lines.binary_search_by(|(known, _)| known.cmp(key)).is_ok();
            let others = more.iter().filter(|(key, _)| !is_there(key));
            let others: Vec<(Key, Line)> =
                others.map(|(key, one)| ((*key).clone(), Line::of((*one).clone()))).collect();
            lines.extend(others);
            lines.sort_by(|(one, _), (other, _)| one.cmp(other));
            let growing = Steps { before: &used, lines }.growing(cells, guests);
            (goal.clone(), self.named(growing, goal, guests))
        };
        let all: Vec<_> = goals.iter().zip(guests).enumerate().collect();
        let growing = all.into_par_iter().map(growing).collect();
        Ok(Told { growing, changes: std::mem::take(&mut party.changes), counts: anew })
    }

    pub(super) fn guests(&self, (n, (tier, region)): &Numbered) -> Guests {
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
}

/// All that is made with some newcomers.
struct Come {
    goals: Vec<Numbered>,
    guests: Vec<Guests>,
    plan: Plan,
    /// As it is deployed.
    estate: Estate,
    /// What of it is nobody's, before it is cut; nothing of one newcomer.
    uncut: OfAll,
}

/// What newcomers add.
struct Told {
    growing: Vec<(Goal, Growing)>,
    changes: Changes,
    /// What is counted now of what was there; nothing if it is as it was.
    counts: Option<Arc<Counts>>,
}

/// All that is made with some newcomers; stacks by their places in the estate.
struct Party<'e> {
    estate: &'e Estate,
    /// The stacks of each who comes, with the newcomer that they come with.
    own: Vec<Vec<Comer>>,
    /// The stacks of nobody who comes that were there before.
    there: Vec<usize>,
    /// Those that were not.
    added: BTreeSet<usize>,
    /// The shapes whose templates were there before, whoever comes.
    settled: BTreeSet<&'e str>,
    /// Those that were there and are not what they were.
    changes: Changes,
    /// What each brings of what was added.
    brought: Vec<BTreeSet<usize>>,
}

impl<'e> Party<'e> {
    fn new(
        before: &Before,
        (estate, seen): (&'e Estate, &Seen),
        comers: &Comers<'_>,
        guests: usize,
    ) -> Self {
        let mut own = vec![Vec::new(); guests];
        let (mut there, mut added) = (Vec::new(), BTreeSet::new());
        let differs = differing(&before.estate, estate);
        let known: BTreeMap<&str, &Stack> =
            before.estate.stacks.iter().map(|stack| (stack.key.as_str(), stack)).collect();
        let mut changes: Changes = known.keys().map(|key| ((*key).to_owned(), None)).collect();
        for (at, stack) in estate.stacks.iter().enumerate() {
            let comer = whose(stack, estate).and_then(|whose| comers.get(&whose));
            match (comer, known.get(stack.key.as_str())) {
                (Some((n, step)), _) => own[*n].push((*step, at)),
                (None, None) => drop(added.insert(at)),
                (None, Some(known)) => {
                    there.push(at);
                    if is_same(known, stack, &differs) {
                        changes.remove(&stack.key);
                    } else {
                        changes.insert(stack.key.clone(), Some(Held::of(stack, estate, seen)));
                    }
                }
            }
        }
        let settled = estate.templates.keys().map(String::as_str);
        let was = |shape: &&str| {
            before.estate.templates.contains_key(*shape) && !differs.contains(*shape)
        };
        let settled = settled.filter(was).collect();
        let brought = vec![added.clone(); guests];
        Party { estate, own, there, added, settled, changes, brought }
    }

    /// What each brings of what is shared by all and was not there before: what is made of it for the first
    /// alone, or would be beside those who are there. Nothing if that is not, together, what all bring. What
    /// is cut is looked at as it was before.
    fn brought_by(
        &self,
        uncut: &OfAll,
        alone: Vec<Option<Arc<OfAll>>>,
    ) -> Option<Vec<BTreeSet<usize>>> {
        let mut added: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for at in &self.added {
            added.entry(self.estate.stacks[*at].whole()).or_default().insert(*at);
        }
        let brought = |alone: Option<Arc<OfAll>>| {
            let alone = alone?;
            let mut out = BTreeSet::new();
            for (key, parts) in &added {
                let both = alone.0.get(*key).zip(uncut.0.get(*key));
                let is_brought = both.is_some_and(|(own, held)| {
                    own == held && self.is_cut_by_itself(held.shape())
                        || self.settled.contains(held.shape()) && own.is_alike(held)
                });
                if is_brought {
                    out.extend(parts);
                }
            }
            Some(out)
        };
        let out: Vec<BTreeSet<usize>> = alone.into_iter().map(brought).collect::<Option<_>>()?;
        let all: BTreeSet<usize> = out.iter().flatten().copied().collect();
        (all == self.added).then_some(out)
    }

    /// What stack sets make comes with those for whom it is made.
    fn invite(&mut self, ground: &Ground<'_>, comers: &Comers<'_>) {
        for (at, stack) in ground.made() {
            if let Some((n, step)) = whose(stack, self.estate).and_then(|it| comers.get(&it)) {
                self.own[*n].push((*step, at));
            }
        }
    }

    /// The stacks that were there and are not what they were, as they are before they are cut.
    fn changed(&self) -> Vec<String> {
        let whole = |key: &String| key.split(PART).next().unwrap_or(key).to_owned();
        let keys: BTreeSet<String> = self.changes.keys().map(whole).collect();
        keys.into_iter().collect()
    }

    /// Whether a template is cut, or not, whatever others are there.
    fn is_cut_by_itself(&self, shape: &str) -> bool {
        let of = family::name(shape);
        let all = self.estate.templates.keys().filter(|it| !it.contains(PART));
        !self.estate.whole.contains_key(shape)
            || all.filter(|it| family::name(it) == of).count() == 1
    }

    /// All that comes with one of them: what it brings of what is shared with the first newcomer.
    fn comers(&self, n: usize) -> Vec<Comer> {
        let brought = self.brought[n].iter().map(|at| (1, *at));
        let mut out: Vec<Comer> = self.own[n].iter().copied().chain(brought).collect();
        out.sort_unstable();
        out
    }

    /// What is counted now of what was there.
    fn counted(&self, spec: &Spec, counter: &Counter) -> Counts {
        let stacks = self.there.iter().map(|at| self.estate.stacks[*at].clone()).collect();
        counts(counter.count_each_read(spec, &Estate { stacks, ..Estate::default() }))
    }
}

/// Why newcomers are not made at once.
enum Apart {
    /// They change these stacks that were there.
    Changing(Vec<String>),
    /// They cannot be made, or who brings something cannot be told.
    Unknown,
}

/// Stacks that are not what they were, by their keys; nothing of those that are gone.
type Changes = BTreeMap<String, Option<Held>>;

/// For each tenant and each cell who comes, which of them, and with the how manyth newcomer.
type Comers<'a> = BTreeMap<Whose<'a>, Comer>;

/// Who comes.
fn comers<'a>(plan: &'a Plan, guests: &'a [Guests]) -> Comers<'a> {
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
    !differs.contains(one.shape.as_str())
        && (&one.shape, &one.values, &one.foreign) == (&other.shape, &other.values, &other.foreign)
        && (&one.account, &one.region) == (&other.account, &other.region)
}
