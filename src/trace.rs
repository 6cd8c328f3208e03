//! From a thing that was made back to the line that says so: a stack, a resource of it or a property
//! of that leads to a key of the blueprint, a tenant's line, a default or an entry of the lock.
//!
//! What is true of a thing is found in steps, the nearest first: the parameter that the property
//! holds, the settings that the table names for its type, the component that added it, its tenant,
//! its tier. The table is held to the truth by `suite::trace`, which changes settings one by one and
//! looks whether all that changes with one leads back to it.

pub mod table; // which settings make which resources
pub mod route; // the words of the table → places
pub mod made; // names that AWS and Terraform made of ours
pub mod clue; // what the words of a text name
pub mod find; // what a text speaks of
pub mod line; // from a line to what it makes

use std::collections::BTreeMap;

use crate::name::snake;
use crate::plan::lock;
use crate::source::{FileId, Site, Sources};
use crate::synth::Made;
use crate::template::{Entry, Stack, Template};
use crate::value::Value;

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The place. Of a default, the block that the setting could stand in.
    pub site: Site,
    /// What stands there, for people: `tier business, network.prefix`.
    pub what: String,
    /// Who says so.
    pub by: By,
}

/// Who says how something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Whoever wrote the blueprint or a tenant file.
    Written,
    /// Nobody, so it is as it is by default.
    Default,
    /// An earlier run, in the lock.
    Lock,
}

/// Leads things of an estate back to where they come from.
pub struct Trace<'a> {
    sources: &'a Sources,
    made: &'a Made,
    stacks: BTreeMap<&'a str, &'a Stack>,
    lock: Option<FileId>,
}

impl<'a> Trace<'a> {
    /// Of an estate and the texts that it was made from.
    pub fn new(sources: &'a Sources, made: &'a Made) -> Self {
        let stacks = made.estate.stacks.iter().map(|stack| (stack.key.as_str(), stack)).collect();
        // The lock is read behind the blueprint and its tenant files.
        let is_lock = |file: &FileId| sources.get(*file).text.contains("\"tenantry_lock\":");
        let lock = sources.last().filter(|file| *file > 0).filter(is_lock);
        Trace { sources, made, stacks, lock }
    }

    /// The texts that it leads back to.
    pub fn sources(&self) -> &'a Sources {
        self.sources
    }

    /// What was made.
    pub fn made(&self) -> &'a Made {
        self.made
    }

    /// The stack of that key.
    pub fn stack(&self, key: &str) -> Option<&'a Stack> {
        self.stacks.get(key).copied()
    }

    /// The nearest origin of a stack, of one of its resources, or of one of that one's properties.
    /// Without a resource, a property is a parameter of the stack. Resources and properties are
    /// known by the names that either engine has for them; `None` if there is no such stack.
    pub fn origin(
        &self,
        stack: &str,
        resource: Option<&str>,
        property: Option<&str>,
    ) -> Option<Origin> {
        self.chain(stack, resource, property).into_iter().next()
    }

    /// All origins, the nearest first, each place once.
    pub fn chain(
        &self,
        stack: &str,
        resource: Option<&str>,
        property: Option<&str>,
    ) -> Vec<Origin> {
        let Some(stack) = self.stack(stack) else { return Vec::new() };
        let template = &self.made.estate.templates[&stack.shape];
        let entry = resource.and_then(|id| entry(template, id));
        let scope = route::Scope::new(self, stack, entry);
        let mut out = Vec::new();
        match (entry, property) {
            (Some(entry), property) => scope.resource(entry, property, &mut out),
            (None, Some(property)) => scope.parameter(&pascal_of(template, property), &mut out),
            (None, None) => {}
        }
        scope.whole(entry.is_some(), &mut out);
        let mut seen: Vec<Site> = Vec::new();
        out.retain(|origin| {
            let fresh = !seen.contains(&origin.site);
            seen.push(origin.site.clone());
            fresh
        });
        out
    }

    /// The entry of the lock under a key of a section, if the lock that was read has it. What was
    /// decided in this run stands in the new lock only.
    pub fn lock_entry(&self, section: &str, key: &str) -> Option<Site> {
        let file = self.lock?;
        let text = lock::judge::Text { source: self.sources.get(file), file };
        Some(text.place(section, key, 0)).filter(|site| !matches!(site, Site::File(_)))
    }
}

/// The resource of that name: CloudFormation's logical id, or Terraform's name, with its type or
/// without.
fn entry<'a>(template: &'a Template, id: &str) -> Option<&'a Entry> {
    let exact = template.entries.iter().find(|entry| entry.id == id);
    exact.or_else(|| {
        let name = id.rsplit_once('.').map_or(id, |(_, name)| name);
        let kind = id.rsplit_once('.').map(|(kind, _)| kind);
        let fits =
            |e: &&Entry| snake(&e.id) == name && kind.is_none_or(|kind| kind.ends_with(e.tf));
        template.entries.iter().find(fits)
    })
}

/// CloudFormation's name of a parameter that either engine's name is given of.
fn pascal_of(template: &Template, name: &str) -> String {
    let found = template.params.iter().find(|p| p.name == name || snake(&p.name) == name);
    found.map_or_else(|| name.to_owned(), |p| p.name.clone())
}

/// The parameters that a value holds.
fn params(value: &Value, out: &mut Vec<String>) {
    if let Value::Param(name) = value
        && !out.contains(name)
    {
        out.push(name.clone());
    }
    for part in parts(value) {
        params(part, out);
    }
}

/// The values that a value is made of.
fn parts(value: &Value) -> Vec<&Value> {
    match value {
        Value::List(items) | Value::Join(items) | Value::Separated(_, items) => {
            items.iter().collect()
        }
        Value::Map(pairs) | Value::Tags(pairs) => pairs.iter().map(|(_, value)| value).collect(),
        Value::Block(pairs) => pairs.iter().map(|(_, value)| value).collect(),
        Value::Base64(value) | Value::Document(value) => vec![value],
        _ => Vec::new(),
    }
}
