//! One part of a template, wired to the others: what it needs of them it reads from Systems Manager, as
//! any stack reads of another, and what they need of it, it tells there.

use std::collections::{BTreeMap, BTreeSet};

use crate::resource::Resource as _;
use crate::resource::dynamodb::TableItem;
use crate::spec::Spec;
use crate::split::family::{item_id, values};
use crate::split::known;
use crate::split::told::Told;
use crate::template::{
    Entry, Estate, Extra, NAME, PART, Param, ParamKind, Spread, Stack, Template,
};
use crate::value::{LogicalId, Value, param};

/// A template that was cut.
#[derive(Clone)]
pub struct Cut {
    /// With what its parts have besides.
    whole: Template,
    /// Where the name of a stack stands among its values.
    name: usize,
    parts: BTreeMap<u32, Part>,
}

/// One part.
#[derive(Clone)]
struct Part {
    template: Template,
    /// Where each parameter stands in the whole; what is read of other parts stands behind all.
    kept: Vec<usize>,
    reads: BTreeSet<Told>,
    /// The parts that must be there before.
    waits: BTreeSet<u32>,
}

impl Cut {
    /// The parts of a template and its name, if it has several.
    pub fn new(
        spec: &Spec,
        whole: &Template,
        at: &BTreeMap<LogicalId, u32>,
    ) -> Option<(String, Cut)> {
        let numbers: BTreeSet<u32> = at.values().copied().collect();
        if numbers.iter().all(|number| *number == 1) {
            return None;
        }
        let mut parts: BTreeMap<u32, Part> =
            numbers.iter().map(|number| (*number, Part::new(whole, *number, at))).collect();
        let all: BTreeSet<Told> = parts.values().flat_map(|part| part.reads.clone()).collect();
        let mut together = together(whole, &numbers, at);
        for told in all {
            let part = parts.get_mut(&told.part).expect("what is read stands in a part");
            told.tell(spec, &mut part.template);
            told.keep(spec, &mut together);
        }
        for part in parts.values_mut() {
            part.declare(whole);
        }
        let name = whole.param_index(NAME).expect("only what has a name is cut");
        Some((whole.shape.clone(), Cut { whole: together, name, parts }))
    }

    /// Puts the templates in place of the whole.
    pub fn replace(self, estate: &mut Estate) {
        estate.templates.remove(&self.whole.shape);
        let parts = self.parts.into_values().map(|part| part.template);
        let parts: Vec<(String, Template)> = parts.map(|it| (it.shape.clone(), it)).collect();
        estate.whole.insert(parts[0].0.clone(), self.whole);
        estate.templates.extend(parts);
    }

    /// The stacks in place of one.
    pub fn stacks(&self, spec: &Spec, whole: &Stack) -> Vec<Stack> {
        let path = format!("{}{}", spec.parameter("part/"), whole.values[self.name]);
        self.parts.iter().map(|(number, part)| part.stack(&path, whole, *number)).collect()
    }
}

/// What the name of a part ends with: the first is called as the whole.
fn suffix(number: u32) -> String {
    if number == 1 { String::new() } else { format!("{PART}{number}") }
}

impl Part {
    fn new(whole: &Template, number: u32, at: &BTreeMap<LogicalId, u32>) -> Self {
        let mut template = Template {
            shape: format!("{}{}", whole.shape, suffix(number)),
            entries: Vec::new(),
            outputs: Vec::new(),
            params: Vec::new(),
            ..whole.clone()
        };
        if number > 1 {
            template.description = format!("Part {number} of it: {}", whole.description);
            template.then.clear();
        }
        let mut part =
            Part { template, kept: Vec::new(), reads: BTreeSet::new(), waits: BTreeSet::new() };
        let own = |entry: &&Entry| entry.spread.is_some() || at.get(&entry.id) == Some(&number);
        for entry in whole.entries.iter().filter(own) {
            part.template.entries.extend(share(entry, number, at));
        }
        part.template.outputs =
            whole.outputs.iter().filter(|o| part_of(&o.value, at) == number).cloned().collect();
        part.wire(whole, number, at);
        part
    }

    /// Reads what stands in other parts, unless it is known, and waits for nothing there: they are
    /// deployed before.
    fn wire(&mut self, whole: &Template, number: u32, at: &BTreeMap<LogicalId, u32>) {
        let (reads, waits) = (&mut self.reads, &mut self.waits);
        let mut read = |value: &mut Value| {
            let (id, attribute) = match &*value {
                Value::Ref(id) => (id, None),
                Value::Att(id, attribute) => (id, Some(*attribute)),
                _ => return,
            };
            let other = at.get(id).copied().filter(|part| *part != number);
            let Some(other) = other else { return };
            waits.insert(other);
            let entry = whole.entry(id);
            *value = known::value(entry, attribute).unwrap_or_else(|| {
                let told = Told::new(other, entry, attribute);
                let read = param(&told.param());
                reads.insert(told);
                read
            });
        };
        let mut before = BTreeSet::new();
        for entry in &mut self.template.entries {
            let elsewhere = |id: &LogicalId| at.get(id).is_some_and(|part| *part != number);
            before.extend(entry.after.iter().filter(|id| elsewhere(id)).map(|id| at[id]));
            entry.after.retain(|id| !elsewhere(id));
            entry.body.properties.iter_mut().for_each(|(_, value)| value.walk_mut(&mut read));
            entry.tags.iter_mut().flatten().for_each(|(_, value)| value.walk_mut(&mut read));
        }
        self.template.outputs.iter_mut().for_each(|o| o.value.walk_mut(&mut read));
        self.waits.extend(before);
    }

    /// Declares the parameters that are used, and those that are read of other parts.
    fn declare(&mut self, whole: &Template) {
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let outputs = self.template.outputs.iter().map(|o| &o.value);
        for value in self.template.entries.iter().flat_map(values).chain(outputs) {
            value.walk(&mut |value| {
                if let Value::Param(name) = value {
                    used.insert(name);
                }
            });
        }
        let kept = whole.params.iter().enumerate().filter(|(_, p)| used.contains(p.name.as_str()));
        let (kept, mut params): (Vec<usize>, Vec<Param>) =
            kept.map(|(i, p)| (i, p.clone())).unzip();
        params.extend(self.reads.iter().map(Told::read));
        self.template.params = params;
        self.kept = kept;
    }

    /// The stack of this part; `path` is below which the parts of the whole tell each other.
    fn stack(&self, path: &str, whole: &Stack, number: u32) -> Stack {
        let mut values: Vec<String> = self.kept.iter().map(|i| whole.values[*i].clone()).collect();
        values.extend(self.reads.iter().map(|told| format!("{path}{}", told.tail())));
        let mut depends_on = whole.depends_on.clone();
        depends_on.extend(self.waits.iter().map(|n| format!("{}{}", whole.key, suffix(*n))));
        let foreign = self.template.params.iter().any(|p| p.kind == ParamKind::Foreign);
        Stack {
            key: format!("{}{}", whole.key, suffix(number)),
            // Names of stacks have no dots.
            name: format!("{}{}", whole.name, suffix(number).replace('.', "-")),
            shape: self.template.shape.clone(),
            foreign: whole.foreign.clone().filter(|_| foreign),
            values,
            depends_on,
            extras: whole.extras.iter().filter(|extra| self.has(extra, number)).cloned().collect(),
            ..whole.clone()
        }
    }

    /// Whether something that is written for the whole is written for this part: an item of a table
    /// stands with its resource.
    fn has(&self, extra: &Extra, number: u32) -> bool {
        match extra {
            Extra::CatalogueItem(..) => {
                self.template.entries.iter().any(|entry| entry.tf == TableItem::TF)
            }
            _ => number == 1,
        }
    }
}

/// The whole with what each part makes of what lists something of several.
fn together(whole: &Template, numbers: &BTreeSet<u32>, at: &BTreeMap<LogicalId, u32>) -> Template {
    let entry = |entry: &Entry| -> Vec<Entry> {
        if entry.spread.is_none() {
            return vec![entry.clone()];
        }
        let shares =
            numbers.iter().filter_map(|number| Some((*number, share(entry, *number, at)?)));
        let mut out: Vec<(u32, Entry)> = shares.collect();
        for (number, share) in out.iter_mut().skip(1) {
            share.id = format!("{}Part{number}", share.id);
        }
        out.into_iter().map(|(_, share)| share).collect()
    };
    Template { entries: whole.entries.iter().flat_map(entry).collect(), ..whole.clone() }
}

/// The entry as it is in a part; nothing, if it lists nothing there.
fn share(entry: &Entry, number: u32, at: &BTreeMap<LogicalId, u32>) -> Option<Entry> {
    let Some(Spread { fixed, items, make }) = &entry.spread else { return Some(entry.clone()) };
    let own = items.iter().filter(|(of, _)| at.get(&item_id(entry, of)) == Some(&number));
    let own: Vec<Value> = own.map(|(_, item)| item.clone()).collect();
    let body = (!own.is_empty()).then(|| make(fixed, &own, number))?;
    Some(Entry { body, spread: None, ..entry.clone() })
}

/// The part of a value: the last that it names.
fn part_of(value: &Value, at: &BTreeMap<LogicalId, u32>) -> u32 {
    let mut part = 1;
    value.walk(&mut |value| {
        if let Value::Ref(id) | Value::Att(id, _) = value {
            part = part.max(at.get(id).copied().unwrap_or(1));
        }
    });
    part
}
