//! What surrounds the tenants: one file a component. A component adds stacks of its own, and adds
//! to the templates that the models made; models know nothing of components. To add one, write its
//! file and its line in [`surround`].

pub mod wire; // what components add to templates that are there
pub mod role; // roles of AWS services
pub mod bucket; // a bucket with all its parts
pub mod backup; // copies that outlive what was copied
pub mod delivery; // from a repository to the stacks
pub mod catalogue; // who the tenants are
pub mod chargeback; // what tenants use
pub mod tagging; // what tags are for
pub mod audit; // who did what, and what is there
pub mod monitoring; // what is watched, and who is told
pub mod identity; // who the users of tenants are
pub mod microservice; // small services beside the application of a pool
pub mod protection; // keys, firewalls, and what looks for intruders
pub mod analytics; // a lake of records, asked for one tenant at a time

use std::collections::BTreeMap;

use crate::diag::Sink;
use crate::lookup::Lookup;
use crate::model::identity as names;
use crate::plan::Plan;
use crate::spec::Spec;
use crate::template::{Estate, Stack};

/// Everything that is deployed, or `None` if its names cannot stand; the reasons are in the sink.
pub fn furnish(spec: &Spec, plan: &Plan, mut estate: Estate, sink: &mut Sink) -> Option<Estate> {
    surround(spec, plan, &mut estate);
    order(&mut estate.stacks);
    names::check(spec, &estate, sink).then_some(estate)
}

/// Adds what each component makes. Stacks are in no order yet, and names are not looked at.
pub fn surround(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let mut before = estate.extent();
    let mut add = |name, synthesise: fn(&Spec, &Plan, &mut Estate)| {
        synthesise(spec, plan, estate);
        estate.credit(name, &mut before);
    };
    add("backup", backup::synthesise);
    add("audit", audit::synthesise);
    add("tagging", tagging::synthesise);
    add("microservice", microservice::synthesise);
    add("catalogue", catalogue::synthesise);
    add("delivery", delivery::prepare);
    add("identity", identity::synthesise);
    add("analytics", analytics::synthesise);
    add("chargeback", chargeback::synthesise);
    // It watches what all others made.
    add("monitoring", monitoring::synthesise);
    // It lets roles be passed to the services that all roles are for.
    add("delivery", delivery::synthesise);
    // It encrypts what all others made.
    add("protection", protection::synthesise);
}

/// Whether a stack of nobody stands only where another waits for it. All others stand wherever anybody lives.
pub fn is_awaited(stack: &Stack) -> bool {
    protection::key::is_shared(stack) || delivery::application::is_bucket(stack)
}

/// Puts stacks in order: by wave; in a wave, each stack behind those of the wave that it needs; then by key.
pub fn order(stacks: &mut [Stack]) {
    stacks.sort_by(|a, b| (a.wave, &a.key).cmp(&(b.wave, &b.key)));
    let at: Lookup<&str, usize> =
        stacks.iter().enumerate().map(|(at, stack)| (stack.key.as_str(), at)).collect();
    let mut depths: Vec<Option<usize>> = vec![None; stacks.len()];
    for start in 0..stacks.len() {
        depth(start, stacks, &at, &mut depths);
    }
    let depths: BTreeMap<String, usize> = stacks
        .iter()
        .zip(&depths)
        .filter_map(|(stack, depth)| Some((stack.key.clone(), (*depth).filter(|d| *d > 0)?)))
        .collect();
    let depth = |stack: &Stack| depths.get(&stack.key).copied().unwrap_or(0);
    // The sort is stable, so keys stay in their order.
    stacks.sort_by_key(|stack| (stack.wave, depth(stack)));
}

/// How many stacks of its wave must be deployed before a stack, one after the other.
fn depth(
    of: usize,
    stacks: &[Stack],
    at: &Lookup<&str, usize>,
    known: &mut Vec<Option<usize>>,
) -> usize {
    if let Some(depth) = known[of] {
        return depth;
    }
    // What needs itself in the end would be found by the manifest's own check.
    known[of] = Some(0);
    let needed = stacks[of].depends_on.iter().filter_map(|key| at.get(key.as_str()));
    let same: Vec<usize> = needed.filter(|dep| stacks[*dep].wave == stacks[of].wave).collect();
    let depths = same.into_iter().map(|dep| depth(dep, stacks, at, known) + 1);
    let most = depths.max().unwrap_or(0);
    known[of] = Some(most);
    most
}
