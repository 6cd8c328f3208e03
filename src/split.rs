//! As cut: templates that CloudFormation would not take, or only through S3, become several, and so do
//! their stacks. Both engines have the same stacks, though Terraform has no such limits.
//!
//! - What is cut is whole units (a service, a table), by the mark that whoever made them left, and what
//!   refers to one unit only with them. The rest, the core, stays in part 1, which keeps its names. What
//!   is too large for any part, a unit or the core, is cut resource by resource.
//! - Which part a resource is in is a decision, and so stands in the lock. What is there never moves;
//!   what is new goes to the first part with room. Each resource is recorded, not each unit, so nothing
//!   that a later version thinks of units can move one.
//! - Templates of a tier differ by overrides and zones, and a tenant may go from one to another: they
//!   are cut alike, as a family.
//! - A value that one part needs of another is told by Systems Manager, as between any two stacks, and
//!   every part keeps room for what it may have to tell. No two parts need each other: a resource that
//!   would make them so stays where its neighbours are.
//! - What was recorded stays recorded as long as anybody can come back to it (`record`).
//! - A family with units is recorded from the first day on, cut or not, and what has none from half full
//!   on: whatever comes in one step, it is known what was there. What an older version deployed without
//!   a record was deployed whole, and stays so. A version that makes units of what was core must know
//!   that locks which say that their parts are all (`plan::lock::ALL_PARTS`) held it for core.

pub mod known; // what of a resource need not be told
pub mod told; // what of a resource is told to other parts
pub mod family; // templates that are cut alike, as a graph
pub mod record; // what the lock has of it, and gets
pub mod place; // which part each resource is in
pub mod part; // one part of a template, wired to the others
pub mod again; // what was cut before, and is as it was
pub mod joined; // stacks that were cut, as they would be together

use std::collections::{BTreeMap, BTreeSet};

use crate::component;
use crate::plan::Lock;
use crate::spec::Spec;
use crate::split::family::Family;
use crate::split::part::Cut;
use crate::split::place::Before;
use crate::split::record::{Known, Record};
use crate::template::{Estate, Stack, Template};

/// Cuts what is too large. `before` is the lock as it was read; what comes back belongs into the next.
pub fn cut(spec: &Spec, before: &Lock, estate: &mut Estate) -> Record {
    let mut cuts = BTreeMap::new();
    let families = Family::all(spec, estate);
    let mut record = Record::new(before, &families, estate);
    for family in families {
        let own = a_stack(&family.shapes, estate);
        let known = Known::new(&family, before, is_kept(own, before, spec));
        let Some(places) = place::decide(&family, &known, deployed(own, before)) else { continue };
        record.take(&family, &known, &places);
        cuts.extend(parts(spec, &family, &places));
    }
    apply(spec, cuts, estate);
    record
}

/// The templates of a family that become several.
fn parts(spec: &Spec, family: &Family<'_>, places: &[u32]) -> Vec<(String, Cut)> {
    if places.iter().all(|part| *part <= 1) {
        return Vec::new();
    }
    let cut = |shape: &&Template| Cut::new(spec, shape, &family.places_in(shape, places));
    family.shapes.iter().filter_map(cut).collect()
}

/// One of the stacks of a family: all are of one tier, or of none.
fn a_stack<'e>(family: &[&Template], estate: &'e Estate) -> Option<&'e Stack> {
    let shapes: BTreeSet<&str> = family.iter().map(|t| t.shape.as_str()).collect();
    estate.stacks.iter().find(|stack| shapes.contains(stack.shape.as_str()))
}

/// Whether a tenant may still have what is not here of a family, by one of its stacks.
fn is_kept(own: Option<&Stack>, before: &Lock, spec: &Spec) -> bool {
    let tier = own.filter(|stack| stack.tenant.is_some()).and_then(|it| it.tier.as_deref());
    tier.is_some_and(|tier| record::somebody_is_away(tier, before, spec))
}

/// What of a family without a record can be deployed already, by one of its stacks.
fn deployed(own: Option<&Stack>, before: &Lock) -> Before {
    let known = |stack: &Stack| match &stack.tier {
        None => !before.estate.is_empty(),
        Some(tier) => {
            // A cell without tenants has no stacks of tenants.
            let cell = || before.cells.values().any(|cell| cell.tier == *tier);
            before.everybody().any(|(_, of, _)| of == tier) || (stack.tenant.is_none() && cell())
        }
    };
    match own.is_some_and(known) {
        false => Before::Nothing,
        true if before.all_parts => Before::Core,
        true => Before::Whole,
    }
}

/// Puts parts in place of what was cut.
fn apply(spec: &Spec, cuts: BTreeMap<String, Cut>, estate: &mut Estate) {
    if cuts.is_empty() {
        return;
    }
    let mut stacks = Vec::with_capacity(estate.stacks.len());
    let mut grown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for stack in std::mem::take(&mut estate.stacks) {
        let Some(cut) = cuts.get(&stack.shape) else {
            stacks.push(stack);
            continue;
        };
        let own = cut.stacks(spec, &stack);
        grown.insert(stack.key, own.iter().map(|part| part.key.clone()).collect());
        stacks.extend(own);
    }
    // Who needed the whole needs every part.
    for stack in &mut stacks {
        let needed: Vec<&Vec<String>> = (stack.depends_on.iter())
            .filter(|key| *key != stack.whole())
            .filter_map(|key| grown.get(key))
            .collect();
        let more: Vec<String> = needed.into_iter().flatten().cloned().collect();
        for key in more {
            if !stack.depends_on.contains(&key) {
                stack.depends_on.push(key);
            }
        }
    }
    for cut in cuts.into_values() {
        cut.replace(estate);
    }
    component::order(&mut stacks);
    estate.stacks = stacks;
}
