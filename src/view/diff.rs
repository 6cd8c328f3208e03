//! What a change would do, for people and machines: the words that all forms share.

pub mod text; // at a terminal
pub mod markdown; // as a comment of a pull request
pub mod json; // for machines
pub mod affected; // the stacks, for a deployment

use serde_json::Value;

use crate::change::Report;
use crate::change::force::Force;
use crate::change::group::{Cause, Change, Group, Kind, Property};
use crate::change::pair::Action;
use crate::engine::Engine;
use crate::trace::By;
use crate::view::grouped;

/// The mark in front of a line.
pub(crate) fn mark(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Revise => "»",
        Action::MayReplace => "?",
        Action::Replace => "±",
        Action::Delete => "-",
    }
}

/// What happens, for people.
pub(crate) fn verb(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Revise => "new version",
        Action::MayReplace => "update, may replace",
        Action::Replace => "replace",
        Action::Delete => "delete",
    }
}

/// What happens to a group, in a few words: `update 982 stacks: ± 12, ~ 3`.
pub(crate) fn outline(group: &Group) -> String {
    let stacks = many(group.stacks.len(), "stack");
    let why = group.why.as_ref().map_or(String::new(), |why| format!(" ({why})"));
    let whole: usize = group.holds.iter().map(|(_, count)| count).sum();
    if group.kind != Kind::Update {
        let each = if group.stacks.len() > 1 { " each" } else { "" };
        let resources = many(whole, "resource");
        return format!("{} {stacks} of {resources}{each}{why}", group.kind.word());
    }
    let all = [
        Action::Delete,
        Action::Replace,
        Action::MayReplace,
        Action::Revise,
        Action::Update,
        Action::Create,
    ];
    let counts = all.into_iter().map(|action| (action, group.count(action)));
    let counts = counts.filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(action, n)| format!("{n} {}", past(action))).collect();
    let each = if group.stacks.len() > 1 { " in each" } else { "" };
    format!("update {stacks}{why}: {}{each}", counts.join(", "))
}

fn past(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Revise => "in a new version",
        Action::MayReplace => "updated or replaced",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
    }
}

/// One sentence that says it all.
pub(crate) fn verdict(report: &Report) -> String {
    if report.is_empty() {
        return format!("{} against {}: no difference", report.estate, report.base);
    }
    let kinds = [
        (Kind::Create, "created"),
        (Kind::Update, "updated"),
        (Kind::Replace, "made anew elsewhere"),
        (Kind::Delete, "deleted"),
    ];
    let counts = kinds.into_iter().map(|(kind, word)| (report.stacks(kind), word));
    let counts: Vec<String> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", many(count, "stack")))
        .collect();
    let rest = format!("{} unchanged", grouped(report.unchanged as u64));
    format!("{} against {}: {}, {rest}", report.estate, report.base, counts.join(", "))
}

/// A number and a word in its number.
pub(crate) fn many(count: usize, word: &str) -> String {
    format!("{} {word}{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}

/// Where a change comes from.
pub(crate) fn from(cause: &Cause) -> String {
    let by = match cause.by {
        By::Written => "",
        By::Default => "default: ",
        By::Lock => "lock: ",
    };
    format!("{} ({by}{})", cause.place, cause.what)
}

/// The engines that do something else than the gravest, or alone.
pub(crate) fn engines(report: &Report, change: &Change) -> Option<String> {
    let name = |engine: Engine| match engine {
        Engine::CloudFormation => "CloudFormation",
        Engine::Terraform => "Terraform",
    };
    if report.engines.len() < 2 || change.engines.is_empty() {
        return None;
    }
    match change.engines.as_slice() {
        [(engine, _)] => Some(format!("{} only", name(*engine))),
        all if all.iter().all(|(_, action)| *action == change.action) => None,
        all => {
            let each = all.iter().map(|(e, action)| format!("{}: {}", name(*e), verb(*action)));
            Some(each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What a change of a property means beyond itself.
pub(crate) fn remarks(property: &Property) -> String {
    let mut out = Vec::new();
    match property.force {
        Force::InPlace => {}
        Force::Sometimes => out.push("replaces in some cases".to_owned()),
        Force::Replace => out.push("replaces".to_owned()),
        Force::Refused => out.push("AWS refuses this update".to_owned()),
    }
    if property.address {
        out.push("address".to_owned());
    }
    if property.varies {
        out.push("differs from stack to stack".to_owned());
    }
    if out.is_empty() { String::new() } else { format!(" ({})", out.join(", ")) }
}

/// The resource that a property names, if only that one is another.
pub(crate) fn led(property: &Property) -> Option<String> {
    property.because.as_ref().map(|other| format!("names {other}, which is replaced"))
}

/// Both values of a property, as far as they differ, in at most `width` characters each.
pub(crate) fn both(property: &Property, width: usize) -> (String, String) {
    let (was, is) = (plain(property.was.as_ref()), plain(property.is.as_ref()));
    if was.chars().count() <= width && is.chars().count() <= width {
        return (was, is);
    }
    let (a, b): (Vec<char>, Vec<char>) = (was.chars().collect(), is.chars().collect());
    let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let head = head.saturating_sub(8);
    (clip(&a, head, width), clip(&b, head, width))
}

fn clip(text: &[char], from: usize, width: usize) -> String {
    let shown: String = text.iter().skip(from).take(width).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if text.len() > from + width { "…" } else { "" };
    format!("{before}{shown}{after}")
}

fn plain(value: Option<&Value>) -> String {
    let text = match value {
        None => return "(not set)".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    // Line feeds and other characters that would break a line stand as they do in JSON.
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect()
}

/// Changes that only follow from the replacement of others, and all others.
pub(crate) fn split(group: &Group) -> (Vec<&Change>, Vec<&Change>) {
    let follows = |change: &&Change| change.follows() && change.losses.is_empty();
    group.changes.iter().partition(|change| !follows(change))
}
