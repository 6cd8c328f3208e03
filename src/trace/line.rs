//! From a line of the blueprint to what it makes: the settings on the line, and every resource that
//! leads back to one of them.

use std::collections::BTreeMap;

use crate::source::{FileId, Kind, Node, Site, Step};
use crate::template::Stack;
use crate::trace::Trace;

/// What a line makes.
#[derive(Debug, Default)]
pub struct Makes {
    /// The places of the settings on the line, the outermost first; of a line inside one, that one.
    pub sites: Vec<Site>,
    /// The tenant whose line it is.
    pub tenant: Option<String>,
    /// What leads back to it, by template.
    pub groups: Vec<Group>,
}

/// Resources of a template.
#[derive(Debug)]
pub struct Group {
    /// The template.
    pub shape: String,
    /// The stacks of it, by key.
    pub stacks: Vec<String>,
    /// The resources of each, by logical id; none, if the stacks are there because of the line.
    pub resources: Vec<String>,
}

/// What the line of a file makes.
pub fn makes(trace: &Trace<'_>, file: FileId, line: usize) -> Makes {
    let sites = on_line(trace, file, line);
    let tenants = trace.made().spec.tenants.values();
    let inside = |site: &Site| sites.iter().any(|s| *s == *site || below(s, site));
    let tenant = tenants.into_iter().find(|t| inside(&t.site)).map(|t| t.id.clone());
    let groups = match &tenant {
        Some(id) => of_tenant(trace, id),
        None => narrowest(trace, &sites),
    };
    Makes { sites, tenant, groups }
}

fn of_tenant(trace: &Trace<'_>, id: &str) -> Vec<Group> {
    let own = trace.made().estate.stacks.iter().filter(|s| s.tenant.as_deref() == Some(id));
    let group = |stack: &Stack| Group {
        shape: stack.shape.clone(),
        stacks: vec![stack.key.clone()],
        resources: Vec::new(),
    };
    own.map(group).collect()
}

/// What leads back to a place on the line, or else to the block round it, and so on outwards.
fn narrowest(trace: &Trace<'_>, sites: &[Site]) -> Vec<Group> {
    let mut sites = sites.to_vec();
    while !sites.is_empty() {
        let groups = leading_to(trace, &sites);
        if !groups.is_empty() {
            return groups;
        }
        sites = sites.iter().filter_map(parent).collect();
    }
    Vec::new()
}

fn parent(site: &Site) -> Option<Site> {
    match site {
        Site::Value(file, steps) if steps.len() > 2 => {
            Some(Site::Value(*file, steps[..steps.len() - 1].to_vec()))
        }
        _ => None,
    }
}

/// Every resource whose nearest origin is one of some places, or stands in it.
fn leading_to(trace: &Trace<'_>, sites: &[Site]) -> Vec<Group> {
    let mut by_shape: BTreeMap<&str, Vec<&Stack>> = BTreeMap::new();
    for stack in &trace.made().estate.stacks {
        by_shape.entry(&stack.shape).or_default().push(stack);
    }
    let here = |site: &Site| sites.iter().any(|s| s == site || below(site, s));
    let mut out = Vec::new();
    for (shape, stacks) in by_shape {
        let first = &stacks[0].key;
        let template = &trace.made().estate.templates[shape];
        let leads = |id: &str, property: Option<&str>| {
            trace.origin(first, Some(id), property).is_some_and(|origin| here(&origin.site))
        };
        let hit = template.entries.iter().filter(|entry| {
            let mut properties = entry.body.properties.iter();
            leads(&entry.id, None) || properties.any(|(name, _)| leads(&entry.id, Some(name)))
        });
        let resources: Vec<String> = hit.map(|entry| entry.id.clone()).collect();
        if !resources.is_empty() {
            let stacks = stacks.iter().map(|stack| stack.key.clone()).collect();
            out.push(Group { shape: shape.to_owned(), stacks, resources });
        }
    }
    out
}

/// Whether a place stands in another.
fn below(inner: &Site, outer: &Site) -> bool {
    match (inner, outer) {
        (
            Site::Value(a, inner) | Site::Key(a, inner),
            Site::Value(b, outer) | Site::Key(b, outer),
        ) => a == b && inner.len() > outer.len() && inner.starts_with(outer),
        _ => false,
    }
}

/// The settings that stand on a line: every key and item that begins there, without those that
/// stand in another one that does. Without any, the last that begins before it.
fn on_line(trace: &Trace<'_>, file: FileId, line: usize) -> Vec<Site> {
    let source = trace.sources().get(file);
    let Some(root) = &source.root else { return Vec::new() };
    let mut all = Vec::new();
    every(root, file, &mut Vec::new(), &mut all);
    let of_line = |at: &usize| source.position(*at).line;
    let mut here: Vec<(usize, Site)> =
        all.iter().filter(|(at, _)| of_line(at) == line).cloned().collect();
    if here.is_empty() {
        here = all
            .into_iter()
            .filter(|(at, _)| of_line(at) < line)
            .max_by_key(|p| p.0)
            .into_iter()
            .collect();
    }
    let outer = |site: &Site| !here.iter().any(|(_, other)| below(site, other));
    here.iter().filter(|(_, site)| outer(site)).map(|(_, site)| site.clone()).collect()
}

/// Every key and item of a tree, with where it begins.
fn every(node: &Node, file: FileId, at: &mut Vec<Step>, out: &mut Vec<(usize, Site)>) {
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                at.push(Step::Key(key.text.clone()));
                out.push((key.span.start, Site::Value(file, at.clone())));
                every(value, file, at, out);
                at.pop();
            }
        }
        Kind::List(items) => {
            for (i, item) in items.iter().enumerate() {
                at.push(Step::Index(i));
                out.push((first(item), Site::Value(file, at.clone())));
                every(item, file, at, out);
                at.pop();
            }
        }
        _ => {}
    }
}

/// Where a node begins; of a mapping without bytes of its own, its first key.
fn first(node: &Node) -> usize {
    match &node.kind {
        Kind::Map(entries) if node.span.is_empty() => {
            entries.first().map_or(node.span.start, |(key, _)| key.span.start)
        }
        _ => node.span.start,
    }
}
