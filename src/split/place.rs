//! Which part each resource is in. What the lock has stays; the new resources of a unit go together to
//! the first part that has room and is not, in the end, needed by what they need. What is too large for
//! any part goes resource by resource.

use std::collections::{BTreeMap, BTreeSet};

use crate::split::family::{Family, Load};
use crate::split::record::Known;
use crate::template::CORE;

/// A share of what goes up directly.
type Share = (usize, usize);

/// All of it.
const ALL: Share = (1, 1);

/// How far parts are filled with what is new: the rest is for what their resources get later.
const FILLED: Share = (9, 10);

/// How far they are filled with what is cut for the first time, resource by resource: as far as it goes.
const LESS_AND_LESS: [Share; 5] = [FILLED, (8, 10), (7, 10), (6, 10), (5, 10)];

/// From when on a family is remembered that has no units: what it has grows with few settings.
const HALF: Share = (1, 2);

/// Where a part of a family can be before anybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing of it is deployed.
    Nothing,
    /// It had no units, or is new: only what everything else stands on can be there.
    Core,
    /// All of it can be there.
    Whole,
}

/// The part of each resource; `None` while nobody needs to remember. `before` says what may be deployed
/// of a family without a record.
pub fn decide(family: &Family<'_>, known: &Known, before: Before) -> Option<Vec<u32>> {
    let mut at: Vec<u32> = known.here.iter().map(|part| part.unwrap_or(0)).collect();
    if !known.any {
        let whole = vec![1; family.nodes.len()];
        let load = loads(family, &whole)[1];
        let units = family.has_units();
        // Room that is kept for something is as good as the tenth that is kept for anything.
        let asked = family.asked.iter().map(|value| family.telling(*value).0);
        let bytes = family.room.values().sum::<usize>() + asked.sum::<usize>();
        let kept = Load { bytes, ..Load::default() };
        if load.fits(ALL) && load.less(kept).fits(if units { FILLED } else { ALL }) {
            return (units || !load.less(kept).fits(HALF)).then_some(whole);
        }
        match before {
            Before::Nothing => {}
            Before::Core => {
                at = family.nodes.iter().map(|node| u32::from(node.is_core())).collect();
            }
            Before::Whole => return Some(whole),
        }
    }
    let fresh = at.iter().all(|part| *part == 0);
    let mut placing = Placing { family, at, fresh, missed: BTreeMap::new(), heavy: 0 };
    placing.put_back(&known.back);
    Some(Placing { missed: known.missed(), heavy: family.heavy(), ..placing }.place())
}

/// What each part comes to, by its number, together with what it may have to tell: what one unit needs
/// of the core, another will, and whatever can be watched will be.
pub fn loads(family: &Family<'_>, at: &[u32]) -> Vec<Load> {
    let last = at.iter().max().map_or(0, |last| *last as usize);
    let mut out = vec![Load { outputs: 0, ..family.head }; last + 1];
    if let Some(first) = out.get_mut(1) {
        first.outputs = family.head.outputs;
    }
    let mut held = vec![vec![false; family.params.len()]; last + 1];
    let mut read = vec![vec![false; family.told.len()]; last + 1];
    for (node, part) in family.nodes.iter().zip(at) {
        let part = *part as usize;
        out[part].bytes += node.bytes;
        out[part].resources += node.resources;
        node.params.iter().for_each(|param| held[part][*param] = true);
        for value in &node.told {
            read[part][*value] |= at[family.told[*value].0] as usize != part;
        }
        let known = node.known.iter().filter(|(of, _)| at[*of] as usize != part);
        out[part].bytes += known.map(|(_, bytes)| bytes).sum::<usize>();
    }
    for value in (0..family.told.len()).filter(|value| is_told(family, at, *value)) {
        let part = &mut out[at[family.told[value].0] as usize];
        part.bytes += family.telling(value).0;
        part.resources += 1;
    }
    for (of, bytes) in &family.room {
        out[at[*of] as usize].bytes += bytes;
    }
    for listing in family.listings.values() {
        let parts: BTreeSet<u32> = listing.items.iter().map(|item| at[*item]).collect();
        for part in parts {
            out[part as usize].bytes += listing.bytes;
            out[part as usize].resources += 1;
        }
    }
    for ((load, held), read) in out.iter_mut().zip(&held).zip(&read) {
        let held = || family.params.iter().zip(held).filter(|(_, held)| **held);
        let read = || (0..).zip(read).filter(|(_, read)| **read).map(|(value, _)| value);
        load.bytes += held().map(|((_, bytes), _)| bytes).sum::<usize>();
        load.bytes += read().map(|value| family.telling(value).1).sum::<usize>();
        load.params = held().count() + read().count();
    }
    out
}

/// Whether a value is told to another part, or may have to be.
fn is_told(family: &Family<'_>, at: &[u32], value: usize) -> bool {
    let of = family.told[value].0;
    let own = &family.nodes[of];
    let by = |reader: &usize| match at[*reader] {
        part if part == at[of] => own.is_core() && !family.nodes[*reader].is_core(),
        // Another part has it, or may get it.
        _ => true,
    };
    family.asked.contains(&value) || family.readers[value].iter().any(by)
}

struct Placing<'f, 'a> {
    family: &'f Family<'a>,
    /// The part of each resource; 0 for what has none yet.
    at: Vec<u32>,
    /// Whether nothing had one before.
    fresh: bool,
    /// How many resources of each part are away and come back.
    missed: BTreeMap<u32, usize>,
    /// Bytes that each of them may come to.
    heavy: usize,
}

impl Placing<'_, '_> {
    fn place(mut self) -> Vec<u32> {
        for (unit, atom) in self.atoms() {
            if let Some(part) = self.part_for(&unit, &atom, ALL) {
                self.put(&atom, part);
            } else {
                self.scatter(&unit, &atom);
            }
        }
        self.at
    }

    /// What is back goes to where it was: all of it, or, where that has no room for all, each unit that
    /// it has room for. The others are as good as new.
    fn put_back(&mut self, back: &[Option<u32>]) {
        let mut all: BTreeMap<(bool, &str, u32), Vec<usize>> = BTreeMap::new();
        for (i, part) in back.iter().enumerate().filter(|(i, _)| self.at[*i] == 0) {
            let node = &self.family.nodes[i];
            let Some(part) = part else { continue };
            all.entry((!node.is_core(), &node.unit, *part)).or_default().push(i);
        }
        let before = self.loads();
        for ((_, _, part), atom) in &all {
            self.put(atom, *part);
        }
        let suits = |(number, load): (usize, &Load)| {
            load.fits(ALL) || before.get(number).is_some_and(|before| load.is_within(before))
        };
        let suits = self.loads().iter().enumerate().skip(1).all(suits);
        if suits && is_ordered(self.family, &self.at) {
            return;
        }
        for atom in all.values() {
            self.put(atom, 0);
        }
        for ((_, _, part), atom) in &all {
            let before = self.loads();
            if self.suits(atom, *part, ALL, &before) {
                self.put(atom, *part);
            }
        }
    }

    /// What each part comes to, with what is away of it.
    fn loads(&self) -> Vec<Load> {
        let mut out = loads(self.family, &self.at);
        let last = self.last() as usize;
        out.resize(out.len().max(last + 1), Load { outputs: 0, ..self.family.head });
        for (part, missed) in &self.missed {
            out[*part as usize].bytes += missed * self.heavy;
            out[*part as usize].resources += missed;
        }
        out
    }

    /// What is new, unit by unit: the core first, then what can stand nowhere else, and the others by
    /// name.
    fn atoms(&self) -> Vec<(String, Vec<usize>)> {
        let mut atoms: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, node) in self.family.nodes.iter().enumerate().filter(|(i, _)| self.at[*i] == 0) {
            atoms.entry(&node.unit).or_default().push(i);
        }
        let mut atoms: Vec<(bool, &str, Vec<usize>)> =
            atoms.into_iter().map(|(unit, atom)| (self.is_free(&atom), unit, atom)).collect();
        atoms.sort_by_key(|(free, unit, _)| (*unit != CORE, *free, *unit));
        atoms.into_iter().map(|(_, unit, atom)| (unit.to_owned(), atom)).collect()
    }

    /// Whether new resources could stand in a part of their own.
    fn is_free(&self, atom: &[usize]) -> bool {
        let mut at: Vec<u32> = self.at.iter().map(|part| (*part).max(1)).collect();
        let fresh = at.iter().max().map_or(1, |last| last + 1);
        for i in atom {
            at[*i] = fresh;
        }
        is_ordered(self.family, &at)
    }

    /// Where new resources of a unit go together, if they can; `home` is how far the parts may be
    /// filled that the unit is in.
    fn part_for(&mut self, unit: &str, atom: &[usize], home: Share) -> Option<u32> {
        let before = self.loads();
        let last = self.last();
        let own = self.home(unit).into_iter().map(|part| (part, home));
        let others = if home == ALL { FILLED } else { home };
        let filled = (1..=last).map(|part| (part, others));
        // A part of their own may make the others tell too much; then they better share one.
        let rest = (1..=last).map(|part| (part, ALL));
        let mut wanted = own.chain(filled).chain([(last + 1, ALL)]).chain(rest);
        let found = wanted.find(|(part, share)| self.suits(atom, *part, *share, &before));
        found.map(|(part, _)| part)
    }

    /// Puts each resource of a unit where it can stand. What is told between its own parts takes room, too:
    /// where nothing is deployed, parts are filled less far if they are too full in the end.
    fn scatter(&mut self, unit: &str, atom: &[usize]) {
        let shares = if self.fresh { &LESS_AND_LESS[..] } else { &[ALL] };
        let scattered = |share: &Share| {
            let mut at = Placing { at: self.at.clone(), missed: self.missed.clone(), ..*self };
            at.scatter_up_to(*share, unit, atom);
            // What has no part yet fills none.
            at.loads().iter().skip(1).all(|load| load.fits(ALL)).then_some(at.at)
        };
        match shares.iter().find_map(scattered) {
            Some(at) => self.at = at,
            None => self.scatter_up_to(shares[0], unit, atom),
        }
    }

    fn scatter_up_to(&mut self, home: Share, unit: &str, atom: &[usize]) {
        let (pinned, others): (Vec<usize>, Vec<usize>) =
            atom.iter().partition(|i| self.family.nodes[**i].pinned && unit == CORE);
        self.put(&pinned, 1);
        for group in self.groups(&others) {
            if let Some(part) = self.part_for(unit, &group, home) {
                self.put(&group, part);
                continue;
            }
            for one in group {
                let part = self.part_for(unit, &[one], home);
                let part = part.unwrap_or_else(|| self.last_resort(unit, one));
                self.put(&[one], part);
            }
        }
    }

    /// Resources with those that need nothing else and that nobody needs, as they would have to be told of
    /// them elsewhere.
    fn groups(&self, atom: &[usize]) -> Vec<Vec<usize>> {
        let needed: BTreeSet<usize> =
            self.family.nodes.iter().flat_map(|node| node.needs.iter().copied()).collect();
        let host = |one: &usize| {
            let mut needs = self.family.nodes[*one].needs.iter().copied();
            needs.next().filter(|host| needs.next().is_none() && atom.contains(host))
        };
        let (guests, hosts): (Vec<usize>, Vec<usize>) =
            atom.iter().partition(|one| !needed.contains(one) && host(one).is_some());
        let group = |one: usize| {
            let own = guests.iter().copied().filter(|guest| host(guest) == Some(one));
            [one].into_iter().chain(own).collect()
        };
        hosts.into_iter().map(group).collect()
    }

    /// Where something stands that fits nowhere, by itself if it can; what judges templates says so.
    fn last_resort(&mut self, unit: &str, one: usize) -> u32 {
        let last = self.last();
        let own = self.home(unit);
        let mut rest = [last + 1].into_iter().chain(own).chain(1..=last);
        rest.find(|part| self.is_possible(one, *part)).unwrap_or(1)
    }

    fn last(&self) -> u32 {
        self.at.iter().chain(self.missed.keys()).max().copied().unwrap_or(0)
    }

    /// The parts that a unit is in. The core is one, so that whoever reads a stack finds it where it
    /// always was.
    fn home(&self, unit: &str) -> BTreeSet<u32> {
        let all = self.family.nodes.iter().zip(&self.at);
        let own = all.filter(|(node, part)| node.unit == unit && **part > 0);
        let core = (unit == CORE).then_some(1);
        own.map(|(_, part)| *part).chain(core).collect()
    }

    /// Whether a part has room for something, and no other must tell more than it has room for.
    fn suits(&mut self, atom: &[usize], part: u32, share: Share, before: &[Load]) -> bool {
        if before.get(part as usize).is_some_and(|load| !self.may_fit(atom, *load, share)) {
            return false;
        }
        self.put(atom, part);
        let after = self.loads();
        let is_own = |number: usize| number == part as usize;
        let fits = |(number, load): (usize, &Load)| match before.get(number) {
            _ if is_own(number) => load.fits(share),
            Some(before) if load.is_within(before) => true,
            _ => load.fits(ALL),
        };
        let suits = after.iter().enumerate().skip(1).all(fits) && is_ordered(self.family, &self.at);
        self.put(atom, 0);
        suits
    }

    /// Whether a part could have room for something, if it took nothing but itself: quick to see.
    fn may_fit(&self, atom: &[usize], mut load: Load, share: Share) -> bool {
        for node in atom.iter().map(|i| &self.family.nodes[*i]) {
            load.bytes += node.bytes;
            load.resources += node.resources;
        }
        // What is in the same part need not be told.
        let told = (0..).zip(&self.family.told).filter(|(_, (of, _))| atom.contains(of));
        let here: Vec<usize> = told.map(|(value, _)| self.family.telling(value).1).collect();
        let read: BTreeSet<usize> =
            atom.iter().flat_map(|i| self.family.nodes[*i].told.iter().copied()).collect();
        let there = read.iter().map(|value| self.family.telling(*value).0);
        let saved = Load {
            bytes: here.iter().sum::<usize>() + there.sum::<usize>(),
            resources: read.len(),
            params: here.len(),
            outputs: 0,
        };
        load.less(saved).fits(share)
    }

    fn is_possible(&mut self, one: usize, part: u32) -> bool {
        self.put(&[one], part);
        let possible = is_ordered(self.family, &self.at);
        self.put(&[one], 0);
        possible
    }

    fn put(&mut self, atom: &[usize], part: u32) {
        for i in atom {
            self.at[*i] = part;
        }
    }
}

/// Whether parts can be deployed one after the other, and tell each other what they need: what
/// CloudFormation has no resource for tells nothing. What has no part yet is in nobody's way.
pub fn is_ordered(family: &Family<'_>, at: &[u32]) -> bool {
    let silent = |of: usize| family.nodes[of].resources == 0;
    let lost = |told: &usize, part: u32| {
        let of = family.told[*told].0;
        silent(of) && part > 0 && at[of] > 0 && at[of] != part
    };
    let mut all = family.nodes.iter().zip(at);
    if all.any(|(node, part)| node.told.iter().any(|told| lost(told, *part))) {
        return false;
    }
    let mut edges: BTreeSet<(u32, u32)> = BTreeSet::new();
    let mut edge = |from: u32, needs: &BTreeSet<usize>| {
        let to = needs.iter().map(|need| at[*need]);
        edges.extend(to.filter(|to| *to != from && *to > 0 && from > 0).map(|to| (from, to)));
    };
    for (node, part) in family.nodes.iter().zip(at) {
        edge(*part, &node.needs);
    }
    // Whoever needs nobody that is left goes first.
    while !edges.is_empty() {
        let waiting: BTreeSet<u32> = edges.iter().map(|(from, _)| *from).collect();
        let before = edges.len();
        edges.retain(|(_, to)| waiting.contains(to));
        if edges.len() == before {
            return false;
        }
    }
    true
}
