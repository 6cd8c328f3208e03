//! Which part each resource is in. What the lock has stays; the new resources of a unit go together to
//! the first part that has room and is not, in the end, needed by what they need.

use std::collections::{BTreeMap, BTreeSet};

use crate::split::family::{Family, Load};
use crate::template::CORE;

/// All of what goes up directly.
const ALL: (usize, usize) = (1, 1);

/// How far parts are filled with what is new: the rest is for what parts tell each other, and for what
/// their units get later.
const FILLED: (usize, usize) = (9, 10);

/// The part of each resource; `None` while nobody needs to remember, as there is room for one more of
/// the usual units. `deployed` says whether the family may be deployed already.
pub fn decide(
    family: &Family<'_>,
    recorded: &[Option<u32>],
    deployed: &dyn Fn() -> bool,
) -> Option<Vec<u32>> {
    let whole = vec![1; family.nodes.len()];
    if recorded.iter().all(Option::is_none) {
        let load = load(family, &whole, 1);
        if load.with(family.usual()).fits(ALL) {
            return None;
        }
        if load.fits(ALL) || deployed() {
            return Some(whole);
        }
    }
    let at = recorded.iter().map(|part| part.unwrap_or(0)).collect();
    Some(Placing { family, at }.place())
}

/// What a part comes to.
pub fn load(family: &Family<'_>, at: &[u32], part: u32) -> Load {
    let mut out = if part == 1 { family.head } else { Load { outputs: 0, ..family.head } };
    let mut params: BTreeSet<&String> = BTreeSet::new();
    let (mut read, mut told): (BTreeSet<&usize>, BTreeSet<&usize>) = Default::default();
    for (node, own) in family.nodes.iter().zip(at) {
        let other = |value: &&usize| at[family.told[**value].0] != *own;
        if *own == part {
            out.bytes += node.bytes;
            out.resources += node.resources;
            params.extend(&node.params);
            read.extend(node.told.iter().filter(other));
        } else if *own > 0 {
            told.extend(node.told.iter().filter(|value| at[family.told[**value].0] == part));
        }
    }
    for listing in &family.listings {
        let own = listing.items.iter().filter(|(of, _)| at[*of] == part).count();
        out.bytes += own * listing.bytes;
        out.resources += usize::from(own > 0);
    }
    out.bytes += params.iter().map(|name| family.params[*name]).sum::<usize>();
    out.bytes += told.len() * family.telling.0 + read.len() * family.telling.1;
    out.resources += told.len();
    out.params = params.len() + read.len();
    out
}

struct Placing<'f, 'a> {
    family: &'f Family<'a>,
    /// The part of each resource; 0 for what has none yet.
    at: Vec<u32>,
}

impl Placing<'_, '_> {
    fn place(mut self) -> Vec<u32> {
        let mut atoms: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, node) in self.family.nodes.iter().enumerate().filter(|(i, _)| self.at[*i] == 0) {
            atoms.entry(&node.unit).or_default().push(i);
        }
        let mut atoms: Vec<(bool, &str, Vec<usize>)> =
            atoms.into_iter().map(|(unit, atom)| (self.is_free(&atom), unit, atom)).collect();
        // The core first, then what can stand nowhere else, and the others by name.
        atoms.sort_by_key(|(free, unit, _)| (*unit != CORE, *free, *unit));
        for (_, unit, atom) in atoms {
            let part = self.part_for(unit, &atom);
            self.put(&atom, part);
        }
        self.at
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

    fn part_for(&mut self, unit: &str, atom: &[usize]) -> u32 {
        let last = self.at.iter().max().copied().unwrap_or(0);
        // The core is one, so that whoever reads a stack finds it where it always was.
        if unit == CORE && self.is_possible(atom, 1) {
            return 1;
        }
        let own: BTreeSet<u32> = (self.family.nodes.iter().zip(&self.at))
            .filter(|(node, part)| node.unit == unit && **part > 0)
            .map(|(_, part)| *part)
            .collect();
        // What is kept for a unit's later needs is there for them.
        let at_home = own.iter().map(|part| (*part, ALL));
        let wanted: Vec<_> = at_home.chain((1..=last).map(|part| (part, FILLED))).collect();
        if let Some((part, _)) =
            wanted.into_iter().find(|(part, share)| self.suits(atom, *part, *share))
        {
            return part;
        }
        let fresh = last + 1;
        if self.is_possible(atom, fresh) {
            return fresh;
        }
        // It can only stand where its neighbours are, full or not; what judges templates says so.
        let mut rest = own.into_iter().chain(1..=last);
        rest.find(|part| self.is_possible(atom, *part)).unwrap_or(1)
    }

    fn suits(&mut self, atom: &[usize], part: u32, share: (usize, usize)) -> bool {
        self.put(atom, part);
        let suits =
            load(self.family, &self.at, part).fits(share) && is_ordered(self.family, &self.at);
        self.put(atom, 0);
        suits
    }

    fn is_possible(&mut self, atom: &[usize], part: u32) -> bool {
        self.put(atom, part);
        let possible = is_ordered(self.family, &self.at);
        self.put(atom, 0);
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
    for (of, names) in family.listings.iter().flat_map(|listing| &listing.items) {
        edge(at[*of], names);
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
