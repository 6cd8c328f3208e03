//! Templates that are cut alike, as a graph: what each resource weighs, needs and belongs to. Of
//! several templates, a resource weighs what it weighs most, and needs what it needs in any.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::cloudformation::{self, DIRECT_BYTES, MOST_RESOURCES, MOST_VALUES};
use crate::plan::lock::Parts;
use crate::resource::ssm::Parameter;
use crate::template::{CORE, Entry, Estate, NAME, Template};
use crate::value::{LogicalId, Value};

/// What something comes to, or may come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Bytes, written densely.
    pub bytes: usize,
    /// Resources that CloudFormation has.
    pub resources: usize,
    /// Parameters.
    pub params: usize,
    /// Outputs.
    pub outputs: usize,
}

impl Load {
    /// What goes up directly.
    pub const DIRECT: Load = Load {
        bytes: DIRECT_BYTES,
        resources: MOST_RESOURCES,
        params: MOST_VALUES,
        outputs: MOST_VALUES,
    };

    /// Both together.
    #[must_use]
    pub fn with(self, other: Load) -> Load {
        Load {
            bytes: self.bytes + other.bytes,
            resources: self.resources + other.resources,
            params: self.params + other.params,
            outputs: self.outputs + other.outputs,
        }
    }

    /// Whether it is no more than a share of what goes up directly.
    pub fn fits(&self, (of, whole): (usize, usize)) -> bool {
        let under = |used: usize, most: usize| used * whole <= most * of;
        under(self.bytes, Self::DIRECT.bytes)
            && under(self.resources, Self::DIRECT.resources)
            && under(self.params, Self::DIRECT.params)
            && under(self.outputs, Self::DIRECT.outputs)
    }
}

/// A value that a resource has, and others may need.
pub type Told = (usize, Option<&'static str>);

/// A resource of a family.
#[derive(Debug, Default)]
pub struct Node {
    /// Its logical id.
    pub id: LogicalId,
    /// What it is kept with.
    pub unit: String,
    /// Its bytes.
    pub bytes: usize,
    /// One, if CloudFormation has it.
    pub resources: usize,
    /// The resources that must be there before.
    pub needs: BTreeSet<usize>,
    /// The values of others that it holds, by their places among all that are told.
    pub told: BTreeSet<usize>,
    /// The parameters that it holds.
    pub params: BTreeSet<String>,
}

/// Something that lists what units have: how much each item is, and what each needs.
#[derive(Debug)]
pub struct Listing {
    /// Bytes of an item, about.
    pub bytes: usize,
    /// The resource in whose part each item is, and those that it names.
    pub items: Vec<(usize, BTreeSet<usize>)>,
}

/// Templates that are cut alike.
#[derive(Debug)]
pub struct Family<'a> {
    /// What their shapes begin with.
    pub name: String,
    /// They themselves.
    pub shapes: Vec<&'a Template>,
    /// Their resources, in the order of the templates.
    pub nodes: Vec<Node>,
    /// What is told of them.
    pub told: Vec<Told>,
    /// What lists them.
    pub listings: Vec<Listing>,
    /// The bytes of each parameter.
    pub params: BTreeMap<String, usize>,
    /// Outputs and what every part has.
    pub head: Load,
    /// Bytes of a value that is told to another part: there, and here.
    pub telling: (usize, usize),
    places: BTreeMap<LogicalId, usize>,
}

impl<'a> Family<'a> {
    /// The families of an estate that have units.
    pub fn all(estate: &'a Estate) -> Vec<Family<'a>> {
        let mut out: BTreeMap<&str, Vec<&Template>> = BTreeMap::new();
        for (shape, template) in &estate.templates {
            // What stands behind a dot differs from tenant to tenant, and from time to time.
            let name = shape.split('.').next().unwrap_or(shape);
            out.entry(name).or_default().push(template);
        }
        let has_units = |shapes: &Vec<&Template>| {
            let marked = |e: &Entry| e.unit.as_ref().is_some_and(|unit| unit != CORE);
            shapes.iter().any(|t| t.entries.iter().any(marked))
                && shapes.iter().all(|t| t.param_index(NAME).is_some())
        };
        let with_units = out.into_iter().filter(|(_, shapes)| has_units(shapes));
        with_units.map(|(name, shapes)| Family::new(name, shapes)).collect()
    }

    fn new(name: &str, shapes: Vec<&'a Template>) -> Self {
        let mut family = Family {
            name: name.to_owned(),
            telling: telling(shapes[0]),
            shapes,
            nodes: Vec::new(),
            told: Vec::new(),
            listings: Vec::new(),
            params: BTreeMap::new(),
            head: Load::default(),
            places: BTreeMap::new(),
        };
        for template in family.shapes.clone() {
            family.take(template);
        }
        family
    }

    /// Takes the resources of a template in.
    fn take(&mut self, template: &Template) {
        let weights = cloudformation::weigh(template);
        for (param, bytes) in template.params.iter().zip(&weights.params) {
            let most = self.params.entry(param.name.clone()).or_default();
            *most = (*most).max(*bytes);
        }
        let outputs = weights.outputs.iter().sum::<usize>();
        let head = Load { bytes: HEAD + template.description.len() + outputs, ..Load::default() };
        self.head.bytes = self.head.bytes.max(head.bytes);
        self.head.outputs = self.head.outputs.max(template.outputs.len());
        for entry in template.entries.iter().filter(|e| e.spread.is_none()) {
            let next = self.nodes.len();
            let at = *self.places.entry(entry.id.clone()).or_insert(next);
            if at == next {
                self.nodes.push(Node { id: entry.id.clone(), ..Node::default() });
            }
        }
        for (entry, bytes) in template.entries.iter().zip(&weights.entries) {
            match &entry.spread {
                Some(spread) => {
                    let item =
                        |(id, item): &(LogicalId, Value)| (self.places[id], self.named(item));
                    let items = spread.items.iter().map(item).collect();
                    let bytes = bytes / spread.items.len().max(1);
                    self.listings.push(Listing { bytes, items });
                }
                None => self.node(entry, *bytes),
            }
        }
    }

    fn node(&mut self, entry: &Entry, bytes: usize) {
        let at = self.places[&entry.id];
        let mut told = Vec::new();
        let mut params = BTreeSet::new();
        for value in values(entry) {
            value.walk(&mut |value| match value {
                Value::Ref(id) => told.push((id, None)),
                Value::Att(id, attribute) => told.push((id, Some(*attribute))),
                Value::Param(name) => params.extend([name.clone()]),
                _ => {}
            });
        }
        let told: Vec<Told> =
            told.into_iter().filter_map(|(id, att)| Some((*self.places.get(id)?, att))).collect();
        let mut needs: BTreeSet<usize> = told.iter().map(|(at, _)| *at).collect();
        needs.extend(entry.after.iter().filter_map(|id| self.places.get(id)));
        let told: BTreeSet<usize> = told.into_iter().map(|told| self.tell(told)).collect();
        let of: BTreeSet<&String> =
            needs.iter().map(|at| &self.nodes[*at].unit).filter(|unit| *unit != CORE).collect();
        let derived = match of.into_iter().collect::<Vec<_>>().as_slice() {
            [one] if entry.component.is_some() => (*one).clone(),
            _ => CORE.to_owned(),
        };
        let node = &mut self.nodes[at];
        node.unit = entry.unit.clone().unwrap_or(derived);
        node.bytes = node.bytes.max(bytes);
        node.resources = node.resources.max(usize::from(entry.cfn.is_some()));
        node.needs.extend(needs);
        node.told.extend(told);
        node.params.extend(params);
    }

    /// As much as one of its units is on average.
    pub fn usual(&self) -> Load {
        let of_units = || self.nodes.iter().filter(|node| node.unit != CORE);
        let units: BTreeSet<&str> = of_units().map(|node| node.unit.as_str()).collect();
        let share = |of: fn(&Node) -> usize| of_units().map(of).sum::<usize>() / units.len().max(1);
        Load { bytes: share(|n| n.bytes), resources: share(|n| n.resources), ..Load::default() }
    }

    fn tell(&mut self, told: Told) -> usize {
        let at = self.told.iter().position(|one| *one == told);
        at.unwrap_or_else(|| {
            self.told.push(told);
            self.told.len() - 1
        })
    }

    fn named(&self, value: &Value) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        value.walk(&mut |value| match value {
            Value::Ref(id) | Value::Att(id, _) => out.extend(self.places.get(id)),
            _ => {}
        });
        out
    }

    /// The part that the lock has each resource in.
    pub fn recorded(&self, parts: &Parts) -> Vec<Option<u32>> {
        let mut out = vec![None; self.nodes.len()];
        let own = parts.iter().filter(|(key, _)| key.split('/').next() == Some(&self.name));
        for (part, ids) in own.flat_map(|(_, parts)| parts) {
            for at in ids.iter().filter_map(|id| self.places.get(id)) {
                out[*at] = Some(*part);
            }
        }
        out
    }

    /// Writes down where each resource is.
    pub fn record(&self, places: &[u32], parts: &mut Parts) {
        for (node, part) in self.nodes.iter().zip(places) {
            let key = match node.unit.as_str() {
                CORE => self.name.clone(),
                unit => format!("{}/{unit}", self.name),
            };
            let ids = parts.entry(key).or_default().entry(*part).or_default();
            ids.push(node.id.clone());
            ids.sort_unstable();
        }
    }

    /// Where the resources of one of the templates are.
    pub fn places_in(&self, template: &Template, places: &[u32]) -> BTreeMap<LogicalId, u32> {
        let of = |entry: &Entry| Some((entry.id.clone(), places[*self.places.get(&entry.id)?]));
        template.entries.iter().filter_map(of).collect()
    }
}

/// What stands round the sections of a template, in bytes.
const HEAD: usize = 128;

/// Everything that an entry holds.
pub fn values(entry: &Entry) -> impl Iterator<Item = &Value> {
    let tags = entry.tags.iter().flatten().map(|(_, value)| value);
    entry.body.properties.iter().map(|(_, value)| value).chain(tags)
}

/// What it costs to tell a value: a parameter of Systems Manager, and one of a template.
fn telling(template: &Template) -> (usize, usize) {
    const USUAL: &str = "AnIdOfUsualLengthOfAThing";
    let mut sample = template.clone();
    sample.entries.clear();
    sample.outputs.clear();
    let value = Value::Text(USUAL.to_owned());
    sample.add(USUAL, Parameter { path: value.clone(), description: super::part::ABOUT, value });
    sample.imported(USUAL, "String", USUAL.to_owned() + USUAL);
    let weights = cloudformation::weigh(&sample);
    // The path and the reference are more than the texts that stand for them.
    let joined = 160;
    (weights.entries[0] + joined, *weights.params.last().expect("it was just declared"))
}
