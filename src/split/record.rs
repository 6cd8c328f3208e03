//! What the lock has of parts, and gets. What was recorded stays recorded as long as anybody can come
//! back to it: a tier that nobody has for a while, a component that is switched off.
//!
//! - Of templates that are not here at all, every line stays as it is. Lines of a tier's tenants go with
//!   the last tenant that can come back.
//! - What templates that are here have no more is set aside, in `away`. If it comes back, it goes where it
//!   was, unless there is no room for it any more.
//! - While a tenant of the tier can come back, the room of what is away is kept, as far as it can be
//!   guessed: such a tenant still has it. Otherwise it is forgotten once something new comes into its part,
//!   so a part never has more lines than what was in it at one time.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Lock;
use crate::plan::lock::Parts;
use crate::spec::Spec;
use crate::split::family::Family;
use crate::template::{CORE, Estate};

/// What the names of templates begin with that tenants have; the tier follows.
const TENANTS: &str = "tenant-";

/// What the next lock has of parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    parts: Parts,
    away: Parts,
    all: bool,
}

/// What a lock knows of a family.
pub struct Known {
    /// Whether it has a line of it.
    pub any: bool,
    /// The part of each resource that was there when the lock was written.
    pub here: Vec<Option<u32>>,
    /// The part of each that had been there before.
    pub back: Vec<Option<u32>>,
    /// What is not here now: its line, its part and its id.
    gone: Vec<(String, u32, String)>,
    /// Whether a tenant may still have that.
    kept: bool,
}

impl Known {
    /// What a lock knows; `kept` says whether a tenant may still have what is not here.
    pub fn new(family: &Family<'_>, before: &Lock, kept: bool) -> Self {
        let none = vec![None; family.nodes.len()];
        let mut known =
            Known { any: false, here: none.clone(), back: none, gone: Vec::new(), kept };
        for (key, part, id) in lines(&before.parts, &family.name) {
            known.any = true;
            match family.at(id) {
                Some(at) => known.here[at] = Some(part),
                None => known.gone.push((key.to_owned(), part, id.to_owned())),
            }
        }
        for (key, part, id) in lines(&before.away, &family.name) {
            known.any = true;
            match family.at(id) {
                Some(at) => known.back[at] = Some(part),
                None => known.gone.push((key.to_owned(), part, id.to_owned())),
            }
        }
        known
    }

    /// How many resources room is kept for in each part.
    pub fn missed(&self) -> BTreeMap<u32, usize> {
        let mut out = BTreeMap::new();
        for (_, part, _) in self.gone.iter().filter(|_| self.kept) {
            *out.entry(*part).or_default() += 1;
        }
        out
    }

    /// The parts that something new came into.
    fn reached(&self, places: &[u32]) -> BTreeSet<u32> {
        let was = self.here.iter().zip(&self.back).map(|(here, back)| here.or(*back));
        let new = places.iter().zip(was).filter(|(part, was)| *was != Some(**part));
        new.map(|(part, _)| *part).collect()
    }
}

impl Record {
    /// What stays of a lock whatever the estate has: all of those who are not here and can come back.
    pub fn new(before: &Lock, families: &[Family<'_>], estate: &Estate) -> Self {
        let here: BTreeSet<&str> = families.iter().map(|family| family.name.as_str()).collect();
        let stays = |key: &str| {
            let name = name_of(key);
            let tier = name.strip_prefix(TENANTS);
            let all = || before.everybody().map(|(_, of, _)| of);
            !here.contains(name) && tier.is_none_or(|tier| all().any(|of| of == tier))
        };
        let keep = |parts: &Parts| -> Parts {
            let own = parts.iter().filter(|(key, _)| stays(key));
            own.map(|(key, parts)| (key.clone(), parts.clone())).collect()
        };
        let tiers = estate.stacks.iter().filter(|stack| stack.tenant.is_some());
        let tiers: BTreeSet<&str> = tiers.filter_map(|stack| stack.tier.as_deref()).collect();
        // What an older version deployed for tenants that are away is seen when they are back.
        let seen = || before.everybody().all(|(_, tier, _)| tiers.contains(tier));
        Record {
            parts: keep(&before.parts),
            away: keep(&before.away),
            all: before.all_parts || seen(),
        }
    }

    /// Writes down where each resource of a family is, and where was what is away.
    pub fn take(&mut self, family: &Family<'_>, known: &Known, places: &[u32]) {
        for (node, part) in family.nodes.iter().zip(places) {
            let key = match node.unit.as_str() {
                CORE => family.name.clone(),
                unit => format!("{}/{unit}", family.name),
            };
            add(&mut self.parts, key, *part, node.id.clone());
        }
        let reached = known.reached(places);
        let stays = |part: &u32| known.kept || !reached.contains(part);
        for (key, part, id) in known.gone.iter().filter(|(_, part, _)| stays(part)) {
            add(&mut self.away, key.clone(), *part, id.clone());
        }
    }

    /// Puts it into a lock.
    pub fn put(self, lock: &mut Lock) {
        let Record { parts, away, all } = self;
        lock.parts = parts;
        lock.away = away;
        lock.all_parts = all;
    }
}

/// Whether a tenant of a tier is not here, or elsewhere, and can come back to what it had.
pub fn somebody_is_away(tier: &str, before: &Lock, spec: &Spec) -> bool {
    let is_here = |id: &str, region: &str| {
        let tenant = spec.tenants.get(id);
        tenant.is_some_and(|tenant| tenant.tier == tier && tenant.region == region)
    };
    let mut own = before.everybody().filter(|(_, of, _)| *of == tier);
    own.any(|(id, _, region)| !is_here(id, region))
}

/// The templates of a line.
fn name_of(key: &str) -> &str {
    key.split('/').next().unwrap_or(key)
}

/// Each resource of some templates: its line, its part and its id.
fn lines<'p>(
    parts: &'p Parts,
    name: &'p str,
) -> impl Iterator<Item = (&'p str, u32, &'p str)> + 'p {
    let own = parts.iter().filter(move |(key, _)| name_of(key) == name);
    own.flat_map(|(key, parts)| {
        let parts = parts.iter().flat_map(|(part, ids)| ids.iter().map(move |id| (*part, id)));
        parts.map(move |(part, id)| (key.as_str(), part, id.as_str()))
    })
}

fn add(parts: &mut Parts, key: String, part: u32, id: String) {
    let ids = parts.entry(key).or_default().entry(part).or_default();
    if let Err(at) = ids.binary_search(&id) {
        ids.insert(at, id);
    }
}
