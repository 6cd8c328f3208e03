//! What stops a pull request, where somebody asked that it does: complaints at the lines that the
//! changes come from.

use std::collections::BTreeSet;

use crate::change::Report;
use crate::change::group::{Cause, Change, Group, Kind};
use crate::change::pair::Action;
use crate::diag::{Diagnostic, Rule};
use crate::rules::gate as rule;
use crate::source::Site;

/// What is not to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Something is replaced.
    Replace,
    /// Data is lost, or what would bring it back.
    DataLoss,
    /// A quota is passed that was not passed before.
    Quota,
    /// Somebody is reached, or a statement is broken, that was not before.
    Isolation,
}

/// What is hit of some gates, as errors, and what would be hit of those that nobody asked for, as
/// warnings. One complaint for each resource of a group, whatever the number of stacks.
pub fn hits(report: &Report, gates: &[Gate]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let asked = |gate: Gate, rule, seen| if gates.contains(&gate) { rule } else { seen };
    let replace = asked(Gate::Replace, &rule::REPLACE, &rule::REPLACE_SEEN);
    let loss = asked(Gate::DataLoss, &rule::DATA_LOSS, &rule::DATA_LOSS_SEEN);
    for group in &report.groups {
        out.extend(replaced(group, replace));
        out.extend(group.changes.iter().flat_map(|change| lost(group, change, loss)));
    }
    if gates.contains(&Gate::Quota) {
        let quotas = report.quotas.iter().flatten();
        out.extend(quotas.map(|over| rule::QUOTA.at(Site::File(0), over.clone())));
    }
    if gates.contains(&Gate::Isolation) {
        let opened = report.isolation.iter().flatten();
        out.extend(opened.map(|open| rule::ISOLATION.at(Site::File(0), open.clone())));
    }
    out
}

fn replaced(group: &Group, rule: &'static Rule) -> Vec<Diagnostic> {
    if group.kind == Kind::Replace {
        let why = group.why.as_deref().unwrap_or_default();
        let message = format!("{}: the whole stack is made anew ({why})", many(group));
        return vec![at(rule, group.cause.as_ref(), message)];
    }
    // What only follows from another replacement would say the same once more.
    let own = |change: &&Change| change.action == Action::Replace && !change.follows();
    let hit = group.changes.iter().filter(own);
    let say = |change: &Change| {
        let what = match &change.renamed {
            Some(name) => format!("it was called {name}"),
            None => forced(change),
        };
        let message = format!("{}: {} is replaced ({what})", many(group), change.label);
        at(rule, change.cause.as_ref().or(group.cause.as_ref()), message)
    };
    hit.map(say).collect()
}

/// The property that forces a replacement.
fn forced(change: &Change) -> String {
    let gravest = change.properties.iter().max_by_key(|property| property.force);
    gravest.map_or_else(
        || "its type is another".to_owned(),
        |property| match &property.because {
            Some(other) => format!("{} names {other}, which is replaced", property.path),
            None => format!("{} cannot change in place", property.path),
        },
    )
}

fn lost(group: &Group, change: &Change, rule: &'static Rule) -> Vec<Diagnostic> {
    let say = |loss: &crate::change::loss::Loss| {
        let kept = loss.kept.as_ref().map_or(String::new(), |kept| format!("; {kept}"));
        let message = format!("{}: {}: {}{kept}", many(group), change.label, loss.what);
        at(rule, change.cause.as_ref().or(group.cause.as_ref()), message)
    };
    change.losses.iter().map(say).collect()
}

/// Whoever is touched and was not named: one complaint for each group with somebody else in it.
pub fn others(report: &Report, only: &[String]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for group in &report.groups {
        let stranger = |tenant: Option<&String>| tenant.is_none_or(|id| !only.contains(id));
        let strangers: Vec<&str> = group
            .stacks
            .iter()
            .filter(|stack| stranger(stack.tenant.as_ref()))
            .map(|stack| stack.key.as_str())
            .collect();
        let [first, rest @ ..] = strangers.as_slice() else { continue };
        let more = match rest.len() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let verb = group.kind.word();
        let cause = group.cause.as_ref().or(group.changes.iter().find_map(|c| c.cause.as_ref()));
        let message = format!("stack {first}{more} would {verb}, and is not of {}", named(only));
        out.push(at(&rule::OTHERS, cause, message));
    }
    out
}

fn named(only: &[String]) -> String {
    only.join(", ")
}

/// The stacks of a group, in a few words.
fn many(group: &Group) -> String {
    let tenants: BTreeSet<&str> =
        group.stacks.iter().filter_map(|stack| stack.tenant.as_deref()).collect();
    match group.stacks.as_slice() {
        [one] => format!("stack {}", one.key),
        all if tenants.is_empty() => format!("{} stacks of {}", all.len(), group.shape),
        all => format!("{} stacks of {}", all.len(), group.who()),
    }
}

fn at(rule: &'static Rule, cause: Option<&Cause>, message: String) -> Diagnostic {
    let site = cause.and_then(|cause| cause.site.clone()).unwrap_or(Site::File(0));
    let place = cause.filter(|cause| cause.site.is_none());
    let message = match place {
        Some(cause) => format!("{message} [was at {}]", cause.place),
        None => message,
    };
    rule.at(site, message)
}
