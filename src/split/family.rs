//! Templates that are cut alike, as a graph: what each resource weighs, needs and belongs to. Of
//! several templates, a resource weighs what it weighs most, and needs what it needs in any.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::component::monitoring;
use crate::engine::cloudformation::{self, DIRECT_BYTES, MOST_RESOURCES, MOST_VALUES};
use crate::spec::Spec;
use crate::split::{known, told};
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

    /// Whether it is no more than another in anything.
    pub fn is_within(&self, other: &Load) -> bool {
        self.bytes <= other.bytes
            && self.resources <= other.resources
            && self.params <= other.params
            && self.outputs <= other.outputs
    }

    /// Without another, as far as it goes.
    #[must_use]
    pub fn less(self, other: Load) -> Load {
        Load {
            bytes: self.bytes.saturating_sub(other.bytes),
            resources: self.resources.saturating_sub(other.resources),
            params: self.params.saturating_sub(other.params),
            outputs: self.outputs.saturating_sub(other.outputs),
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
    /// The others of which it holds a value that is known, and the bytes more that this takes where they
    /// are elsewhere.
    pub known: Vec<(usize, usize)>,
    /// The parameters that it holds, by their places among all.
    pub params: BTreeSet<usize>,
    /// Whether scripts look for it in the stack that is called as the whole.
    pub pinned: bool,
}

impl Node {
    /// Whether it is of what everything else stands on.
    pub fn is_core(&self) -> bool {
        self.unit == CORE
    }
}

/// What lists something of each unit, and is made in each part that has some of it.
#[derive(Debug, Default)]
pub struct Listing {
    /// Its bytes, when it lists nothing.
    pub bytes: usize,
    /// What it lists: a node each, so that it can be listed in another part than what it names.
    pub items: BTreeSet<usize>,
}

/// What some values hold.
#[derive(Default)]
struct Held {
    /// The resources that they name.
    needs: Vec<usize>,
    /// The values of resources that are told elsewhere.
    told: Vec<Told>,
    /// Those that are known, as a node has them.
    known: Vec<(usize, usize)>,
    /// Parameters.
    params: Vec<usize>,
}

/// The entries of a template by id.
type Entries<'t> = BTreeMap<&'t LogicalId, &'t Entry>;

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
    /// The resources that hold each value that is told.
    pub readers: Vec<Vec<usize>>,
    /// What is told where all is watched, by its place among what is told: it may be some day.
    pub asked: BTreeSet<usize>,
    /// Bytes that must stay free beside a resource.
    pub room: BTreeMap<usize, usize>,
    /// What lists something of each unit, by its logical id.
    pub listings: BTreeMap<LogicalId, Listing>,
    /// The name of each parameter, and its bytes.
    pub params: Vec<(String, usize)>,
    /// Outputs and what every part has.
    pub head: Load,
    /// What it costs to tell each value, once somebody has asked.
    telling: Vec<OnceCell<(usize, usize)>>,
    spec: &'a Spec,
    places: BTreeMap<LogicalId, usize>,
}

impl<'a> Family<'a> {
    /// The families of an estate that can be cut.
    pub fn all(spec: &'a Spec, estate: &'a Estate) -> Vec<Family<'a>> {
        let named = templates(estate).into_iter();
        named.map(|(name, shapes)| Family::new(spec, name, shapes)).collect()
    }

    /// Whether there are units in it, which can be any number some day.
    pub fn has_units(&self) -> bool {
        self.nodes.iter().any(|node| !node.is_core())
    }

    /// Of some templates.
    pub fn new(spec: &'a Spec, name: &str, shapes: Vec<&'a Template>) -> Self {
        let mut family = Family {
            name: name.to_owned(),
            telling: Vec::new(),
            spec,
            shapes,
            nodes: Vec::new(),
            told: Vec::new(),
            readers: Vec::new(),
            asked: BTreeSet::new(),
            room: BTreeMap::new(),
            listings: BTreeMap::new(),
            params: Vec::new(),
            head: Load::default(),
            places: BTreeMap::new(),
        };
        for template in family.shapes.clone() {
            family.take(template);
            family.pin(template);
        }
        family.readers = vec![Vec::new(); family.told.len()];
        for (reader, node) in family.nodes.iter().enumerate() {
            for value in &node.told {
                family.readers[*value].push(reader);
            }
        }
        family.telling = vec![OnceCell::new(); family.told.len()];
        family
    }

    /// Bytes of a value that is told to another part: there, and here.
    pub fn telling(&self, value: usize) -> (usize, usize) {
        let weigh = || {
            let (at, attribute) = self.told[value];
            let is_it = |entry: &&Entry| entry.id == self.nodes[at].id;
            let entry = self.shapes.iter().rev().find_map(|it| it.entries.iter().find(is_it));
            let first = self.shapes[0];
            let mut sample = Template::nameless(&first.shape, "");
            sample.params.clone_from(&first.params);
            sample.tags.clone_from(&first.tags);
            told::weigh(self.spec, sample, entry.expect("it is one of theirs"), attribute)
        };
        *self.telling[value].get_or_init(weigh)
    }

    /// Takes the resources of a template in.
    fn take(&mut self, template: &Template) {
        let weights = cloudformation::weigh(template);
        for (param, bytes) in template.params.iter().zip(&weights.params) {
            let known = self.params.iter_mut().find(|(name, _)| *name == param.name);
            match known {
                Some((_, most)) => *most = (*most).max(*bytes),
                None => self.params.push((param.name.clone(), *bytes)),
            }
        }
        let outputs = weights.outputs.iter().sum::<usize>();
        let head = Load { bytes: HEAD + template.description.len() + outputs, ..Load::default() };
        self.head.bytes = self.head.bytes.max(head.bytes);
        self.head.outputs = self.head.outputs.max(template.outputs.len());
        for entry in template.entries.iter().filter(|e| e.spread.is_none()) {
            self.place(entry.id.clone());
        }
        let entries: Entries<'_> =
            template.entries.iter().map(|entry| (&entry.id, entry)).collect();
        for (entry, bytes) in template.entries.iter().zip(&weights.entries) {
            if entry.spread.is_none() {
                self.node(entry, *bytes, (template, &entries));
            }
        }
        for entry in &template.entries {
            self.list(entry, (template, &entries));
        }
        self.ask(template, &entries);
    }

    /// Takes in what lists something of each unit.
    fn list(&mut self, entry: &Entry, (template, entries): (&Template, &Entries<'_>)) {
        let Some(spread) = &entry.spread else { return };
        let weigh = |items: &[Value]| {
            let body = (spread.make)(&spread.fixed, items, 1);
            cloudformation::weigh_entry(&Entry { body, spread: None, ..entry.clone() }, template)
        };
        let empty = weigh(&[]);
        let mut items: BTreeMap<&LogicalId, Vec<Value>> = BTreeMap::new();
        for (of, item) in &spread.items {
            items.entry(of).or_default().push(item.clone());
        }
        let mut listed = BTreeSet::new();
        for (of, all) in items {
            // A comma stands before it.
            let bytes = weigh(&all) + 1 - empty;
            let held = self.held(all.iter(), (template, entries));
            listed.insert(self.item(item_id(entry, of), of, (bytes, held)));
        }
        let listing = self.listings.entry(entry.id.clone()).or_default();
        listing.bytes = listing.bytes.max(empty);
        listing.items.extend(listed);
    }

    /// What watches may come later, and stand elsewhere.
    fn ask(&mut self, template: &Template, entries: &Entries<'_>) {
        for (id, attribute) in monitoring::asked(template) {
            let entry = entries[&id];
            if entry.cfn.is_some() && known::value(entry, attribute).is_none() {
                let value = self.tell((self.places[&id], attribute));
                self.asked.insert(value);
            }
        }
    }

    /// Where a resource, or what is listed, stands among all.
    fn place(&mut self, id: LogicalId) -> usize {
        let next = self.nodes.len();
        let at = *self.places.entry(id.clone()).or_insert(next);
        if at == next {
            self.nodes.push(Node { id, ..Node::default() });
        }
        at
    }

    /// Takes in what something lists; it is of the unit of what it is listed with.
    fn item(&mut self, id: LogicalId, of: &LogicalId, (bytes, held): (usize, Held)) -> usize {
        let at = self.place(id);
        let unit = self.nodes[self.places[of]].unit.clone();
        self.nodes[at].unit = unit;
        self.hold(at, bytes, held);
        at
    }

    /// What a node weighs and holds, in one of the templates.
    fn hold(&mut self, at: usize, bytes: usize, held: Held) {
        let told: Vec<usize> = held.told.into_iter().map(|told| self.tell(told)).collect();
        let node = &mut self.nodes[at];
        node.bytes = node.bytes.max(bytes);
        node.needs.extend(held.needs);
        node.told.extend(told);
        node.params.extend(held.params);
        if node.known.len() < held.known.len() {
            node.known = held.known;
        }
    }

    /// What some values of a template hold.
    fn held<'v>(
        &self,
        values: impl Iterator<Item = &'v Value>,
        (template, entries): (&Template, &Entries<'_>),
    ) -> Held {
        let mut held = Held::default();
        let weigh = |value: &Value| cloudformation::weigh_value(value, template);
        for value in values {
            value.walk(&mut |value| {
                let (id, attribute) = match value {
                    Value::Ref(id) => (id, None),
                    Value::Att(id, attribute) => (id, Some(*attribute)),
                    Value::Param(name) => return held.params.extend(self.param(name)),
                    _ => return,
                };
                let Some(at) = self.places.get(id).copied() else { return };
                held.needs.push(at);
                let Some(known) = known::value(entries[id], attribute) else {
                    return held.told.push((at, attribute));
                };
                held.known.push((at, weigh(&known).saturating_sub(weigh(value))));
                known.walk(&mut |value| {
                    if let Value::Param(name) = value {
                        held.params.extend(self.param(name));
                    }
                });
            });
        }
        held
    }

    /// Scripts read what a stack tells of itself, and do what CloudFormation has no resource for.
    fn pin(&mut self, template: &Template) {
        let mut pinned: BTreeSet<usize> =
            template.outputs.iter().flat_map(|output| self.named(&output.value)).collect();
        for entry in template.entries.iter().filter(|e| e.cfn.is_none() && e.spread.is_none()) {
            let at = self.places[&entry.id];
            pinned.extend(self.nodes[at].needs.iter().copied().chain([at]));
        }
        for at in pinned {
            self.nodes[at].pinned = true;
        }
        if let Some((beside, bytes)) = &template.room {
            let most = self.room.entry(self.places[beside]).or_default();
            *most = (*most).max(*bytes);
        }
    }

    fn node(&mut self, entry: &Entry, bytes: usize, of: (&Template, &Entries<'_>)) {
        let at = self.places[&entry.id];
        let mut held = self.held(values(entry), of);
        held.needs.extend(entry.after.iter().filter_map(|id| self.places.get(id)));
        let units: BTreeSet<&String> = (held.needs.iter())
            .map(|at| &self.nodes[*at].unit)
            .filter(|unit| *unit != CORE)
            .collect();
        let derived = match units.into_iter().collect::<Vec<_>>().as_slice() {
            [one] if entry.component.is_some() => (*one).clone(),
            _ => CORE.to_owned(),
        };
        let node = &mut self.nodes[at];
        node.unit = entry.unit.clone().unwrap_or(derived);
        node.resources = node.resources.max(usize::from(entry.cfn.is_some()));
        self.hold(at, bytes, held);
    }

    fn param(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|(known, _)| known == name)
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

    /// Where a resource stands among all, if it is one of them.
    pub fn at(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Bytes that a resource may come to of which nothing is known but its id: what one comes to of the
    /// unit whose resources are the heaviest, with what may have to be told of them.
    pub fn heavy(&self) -> usize {
        let mut units: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let told = (0..).zip(&self.told);
        let told = told.map(|(value, (of, _))| (&self.nodes[*of], self.telling(value).0, 0));
        let own = self.nodes.iter().map(|node| (node, node.bytes, 1));
        for (node, bytes, one) in own.chain(told) {
            let (all, many) = units.entry(&node.unit).or_default();
            *all += bytes;
            *many += one;
        }
        units.values().map(|(bytes, many)| bytes.div_ceil((*many).max(1))).max().unwrap_or(0)
    }

    /// Where the resources of one of the templates are.
    pub fn places_in(&self, template: &Template, places: &[u32]) -> BTreeMap<LogicalId, u32> {
        let of = |entry: &Entry| Some((entry.id.clone(), places[*self.places.get(&entry.id)?]));
        let items = |entry: &Entry| -> Vec<LogicalId> {
            let items = entry.spread.iter().flat_map(|spread| &spread.items);
            items.map(|(of, _)| item_id(entry, of)).collect()
        };
        let listed = template.entries.iter().flat_map(items).map(|id| {
            let part = places[self.places[&id]];
            (id, part)
        });
        template.entries.iter().filter_map(of).chain(listed).collect()
    }
}

/// The templates of each family of an estate that can be cut.
pub fn templates(estate: &Estate) -> BTreeMap<&str, Vec<&Template>> {
    let mut out: BTreeMap<&str, Vec<&Template>> = BTreeMap::new();
    for (shape, template) in &estate.templates {
        out.entry(name(shape)).or_default().push(template);
    }
    // The name of a stack is in the paths that its parts tell each other under.
    out.retain(|_, shapes| shapes.iter().all(|t| t.param_index(NAME).is_some()));
    out
}

/// The family of a shape: what stands behind a dot differs from tenant to tenant, and from time to time.
pub fn name(shape: &str) -> &str {
    shape.split('.').next().unwrap_or(shape)
}

/// What is listed, by what lists it and what it is listed with.
pub fn item_id(list: &Entry, of: &LogicalId) -> LogicalId {
    format!("{}/{of}", list.id)
}

/// What stands round the sections of a template, in bytes.
const HEAD: usize = 128;

/// Everything that an entry holds.
pub fn values(entry: &Entry) -> impl Iterator<Item = &Value> {
    let tags = entry.tags.iter().flatten().map(|(_, value)| value);
    entry.body.properties.iter().map(|(_, value)| value).chain(tags)
}
