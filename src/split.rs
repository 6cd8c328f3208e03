//! As cut: templates that CloudFormation would not take, or only through S3, become several, and so do
//! their stacks. Both engines have the same stacks, though Terraform has no such limits.
//!
//! - What is cut is whole units (a service, a table), by the mark that whoever made them left, and what
//!   refers to one unit only with them. The rest, the core, stays in part 1, which keeps its names.
//! - Which part a resource is in is a decision, and so stands in the lock. What is there never moves;
//!   what is new goes to the first part with room. Each resource is recorded, not each unit, so nothing
//!   that a later version thinks of units can move one.
//! - Templates of a tier differ by overrides and zones, and a tenant may go from one to another: they
//!   are cut alike, as a family.
//! - A value that one part needs of another is told by Systems Manager, as between any two stacks. No
//!   two parts need each other: a resource that would make them so stays where its neighbours are.
//! - A family that is deployed and not in the lock was deployed whole, and stays so. One that has no room
//!   for another unit is recorded, so that whatever is too much knows what was there before.

pub mod family; // templates that are cut alike, as a graph
pub mod place; // which part each resource is in
pub mod part; // one part of a template, wired to the others

use std::collections::{BTreeMap, BTreeSet};

use crate::component;
use crate::plan::Lock;
use crate::plan::lock::Parts;
use crate::spec::Spec;
use crate::split::family::Family;
use crate::split::part::Cut;
use crate::template::{Estate, Stack};

/// Cuts what is too large. `before` is the lock as it was read; what comes back belongs into the next.
pub fn cut(spec: &Spec, before: &Lock, estate: &mut Estate) -> Parts {
    let mut parts = Parts::new();
    let mut cuts = BTreeMap::new();
    for family in Family::all(estate) {
        let recorded = family.recorded(&before.parts);
        let deployed = || is_deployed(&family, before, estate);
        let Some(places) = place::decide(&family, &recorded, &deployed) else { continue };
        family.record(&places, &mut parts);
        if places.iter().any(|part| *part > 1) {
            for shape in &family.shapes {
                cuts.extend(Cut::new(spec, shape, &family.places_in(shape, &places)));
            }
        }
    }
    apply(spec, cuts, estate);
    parts
}

/// Whether a stack of a family can be there already: then it is whole.
fn is_deployed(family: &Family<'_>, before: &Lock, estate: &Estate) -> bool {
    let shapes: BTreeSet<&str> = family.shapes.iter().map(|t| t.shape.as_str()).collect();
    let known = |stack: &Stack| match &stack.tier {
        None => !before.estate.is_empty(),
        Some(tier) => {
            before.tenants.values().any(|tenant| tenant.tier == *tier)
                || before.cells.values().any(|cell| cell.tier == *tier)
        }
    };
    estate.stacks.iter().find(|stack| shapes.contains(stack.shape.as_str())).is_some_and(known)
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
    for (shape, cut) in cuts {
        estate.templates.remove(&shape);
        estate.templates.extend(cut.templates());
    }
    component::order(&mut stacks);
    estate.stacks = stacks;
}
