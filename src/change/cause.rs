//! Which line of the blueprint a change comes from: the nearest origin of what changes that says
//! something else than it did.

use serde_json::Value;

use crate::change::Report;
use crate::change::group::{Cause, Change, Group, Kind};
use crate::source::{Site, Sources};
use crate::trace::{Origin, Trace};

/// Says of each group and each change where it comes from. Without a synthesis of the base, what
/// changed is not known, and the nearest origin is named.
pub fn explain(report: &mut Report, head: &Trace<'_>, base: Option<&Trace<'_>>) {
    for group in &mut report.groups {
        let key = group.stacks[0].key.clone();
        for change in &mut group.changes {
            change.cause = of_change(&key, change, group.kind, head, base);
        }
        group.cause = of_group(&key, group, head, base);
    }
}

fn of_group(key: &str, group: &Group, head: &Trace<'_>, base: Option<&Trace<'_>>) -> Option<Cause> {
    match group.kind {
        Kind::Update => None,
        Kind::Delete => {
            let base = base?;
            Some(cause(base.origin(key, None, None)?, base, false))
        }
        Kind::Create | Kind::Replace => nearest(key, None, None, head, base),
    }
}

fn of_change(
    key: &str,
    change: &Change,
    kind: Kind,
    head: &Trace<'_>,
    base: Option<&Trace<'_>>,
) -> Option<Cause> {
    let label = if change.engines.is_empty() { None } else { Some(change.label.as_str()) };
    if kind == Kind::Delete || head.stack(key).is_none() {
        let base = base?;
        return Some(cause(base.origin(key, label, None)?, base, false));
    }
    // What only follows from another change has no line of its own.
    if change.follows() {
        return None;
    }
    let own = change.properties.iter().filter(|property| property.because.is_none());
    let paths: Vec<&str> = own.map(|property| property.path.as_str()).collect();
    if paths.is_empty() {
        return nearest(key, label, None, head, base);
    }
    let differs = |path: &&str| changed(key, label, Some(path), head, base);
    let found = paths.iter().find_map(differs);
    found.or_else(|| nearest(key, label, paths.first().copied(), head, base))
}

/// The nearest origin that says something else than in the base, or else the nearest.
fn nearest(
    key: &str,
    resource: Option<&str>,
    property: Option<&str>,
    head: &Trace<'_>,
    base: Option<&Trace<'_>>,
) -> Option<Cause> {
    changed(key, resource, property, head, base).or_else(|| {
        let origin = head.origin(key, resource, property)?;
        Some(cause(origin, head, true))
    })
}

fn changed(
    key: &str,
    resource: Option<&str>,
    property: Option<&str>,
    head: &Trace<'_>,
    base: Option<&Trace<'_>>,
) -> Option<Cause> {
    let base = base?;
    let (now, before) = (head.chain(key, resource, property), base.chain(key, resource, property));
    let differs = |origin: &Origin| {
        let same = before.iter().find(|other| other.what == origin.what);
        same.is_none_or(|other| {
            said(head.sources(), &origin.site) != said(base.sources(), &other.site)
        })
    };
    Some(cause(now.into_iter().find(differs)?, head, true))
}

/// What stands at a place.
fn said(sources: &Sources, site: &Site) -> Value {
    match sources.node(site) {
        Some(node) => node.to_json(),
        None => sources.get(site.file()).text[sources.locate(site)].into(),
    }
}

fn cause(origin: Origin, trace: &Trace<'_>, here: bool) -> Cause {
    let sources = trace.sources();
    let source = sources.get(origin.site.file());
    let position = source.position(sources.locate(&origin.site).start);
    Cause {
        place: format!("{}:{position}", source.name),
        line: position.line,
        file: source.name.clone(),
        site: here.then_some(origin.site),
        what: origin.what,
        by: origin.by,
    }
}
