//! Stacks in which the same happens are one group: the change of a tier that hits a thousand tenants is
//! read once, with the list of them at hand.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::change::beside::beside;
use crate::change::cause::Cause;
use crate::change::force::Force;
use crate::change::guard;
use crate::change::leaf::Leaf;
use crate::change::loss::{self, Loss};
use crate::change::moves::find_moves;
use crate::change::pair::{Action, Found, Pair, Twin};
use crate::change::shape::{Resource, Shape};
use crate::change::side::{Half, Unit};
use crate::engine::Engine;

/// What happens to a stack as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is deleted.
    Delete,
    /// It is deleted and made anew elsewhere.
    Replace,
    /// Something in it changes.
    Update,
    /// It is made.
    Create,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Delete => "delete",
            Kind::Replace => "replace",
            Kind::Update => "update",
            Kind::Create => "create",
        }
    }
}

impl Action {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Revise => "revise",
            Action::MayReplace => "may-replace",
            Action::Replace => "replace",
            Action::Delete => "delete",
        }
    }
}

/// Stacks in which the same happens.
#[derive(Debug)]
pub struct Group {
    /// What happens to them as a whole.
    pub kind: Kind,
    /// Why, where that is not seen from its resources.
    pub why: Option<String>,
    /// Their tier.
    pub tier: Option<String>,
    /// Their shape.
    pub shape: String,
    /// The stacks, in deploy order.
    pub stacks: Vec<Touched>,
    /// What happens in each, the gravest first. Of a stack that comes or goes as a whole, only what loses
    /// data.
    pub changes: Vec<Change>,
    /// How many resources of which type come or go with a whole stack, by CloudFormation's names if it is
    /// written for it.
    pub holds: Vec<(String, usize)>,
    /// The line that says so.
    pub cause: Option<Cause>,
    /// What comes or goes with a whole stack: names and types.
    pub(crate) members: Vec<(String, String)>,
}

/// A stack that something happens to.
#[derive(Clone, Debug)]
pub struct Touched {
    /// Its key.
    pub key: String,
    /// Its tenant.
    pub tenant: Option<String>,
    /// Its place in the deploy order of its side.
    pub order: usize,
    /// Its wave.
    pub wave: u64,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Whether its account is not there yet.
    pub pending: bool,
}

/// What happens to a resource.
#[derive(Clone, Debug)]
pub struct Change {
    /// What it is called: CloudFormation's logical id if it has one, else Terraform's address.
    pub label: String,
    /// Its type, of the same engine.
    pub kind: String,
    /// The gravest that happens to it.
    pub action: Action,
    /// What each engine does.
    pub engines: Vec<(Engine, Action)>,
    /// What it was called before.
    pub renamed: Option<String>,
    /// The stack that it comes from or goes to, if the same thing goes or comes there.
    pub moved: Option<String>,
    /// What changes of it.
    pub properties: Vec<Property>,
    /// What is lost.
    pub losses: Vec<Loss>,
    /// The line that says so.
    pub cause: Option<Cause>,
    /// Its number in the pair of the first engine.
    pub(crate) twin: usize,
}

/// A property that changes.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its path, by the engine's names.
    pub path: String,
    /// As it was in the first stack of the group; `None` if it was not there.
    pub was: Option<Value>,
    /// As it will be there.
    pub is: Option<Value>,
    /// Whether it is something else in other stacks of the group.
    pub varies: bool,
    /// What the change does.
    pub force: Force,
    /// Whether it is an address.
    pub address: bool,
    /// The resource that is replaced, and that it names.
    pub because: Option<String>,
    /// Its number in the resource of the pair.
    pub(crate) leaf: usize,
}

impl Change {
    /// Whether it only follows from what happens to others that it names.
    pub fn follows(&self) -> bool {
        !self.properties.is_empty() && self.properties.iter().all(|p| p.because.is_some())
    }

    /// Whether it follows from others, too.
    fn is_led(&self) -> bool {
        self.properties.iter().any(|property| property.because.is_some())
    }
}

impl Group {
    /// How many resources of a stack something happens to.
    pub fn count(&self, action: Action) -> usize {
        let whole = self.holds.iter().map(|(_, count)| count).sum();
        match (self.kind, action) {
            (Kind::Create, Action::Create)
            | (Kind::Delete, Action::Delete)
            | (Kind::Replace, Action::Replace) => whole,
            (Kind::Update, action) => self.changes.iter().filter(|c| c.action == action).count(),
            _ => 0,
        }
    }

    /// The gravest that happens in it, for sorting.
    pub fn gravity(&self) -> (bool, Action) {
        let lost = self.changes.iter().any(|change| !change.losses.is_empty());
        let action = match self.kind {
            Kind::Create => Action::Create,
            Kind::Delete => Action::Delete,
            Kind::Replace => Action::Replace,
            Kind::Update => self.changes.iter().map(|c| c.action).max().unwrap_or(Action::Update),
        };
        (lost, action)
    }

    /// Whose it is: the tier and its tenants, or the shape.
    pub fn who(&self) -> String {
        let tenants: BTreeSet<&str> =
            self.stacks.iter().filter_map(|stack| stack.tenant.as_deref()).collect();
        match (&self.tier, tenants.len()) {
            (_, 1) => {
                let tenant = tenants.iter().next().expect("there is one");
                self.tier.as_ref().map_or_else(
                    || format!("tenant {tenant}"),
                    |tier| format!("tenant {tenant} (tier {tier})"),
                )
            }
            (Some(tier), 0) => format!("tier {tier}, shared"),
            (Some(tier), n) => format!("tier {tier}, {n} tenants"),
            (None, 0) => "the estate".to_owned(),
            (None, n) => format!("{n} tenants"),
        }
    }
}

/// What makes two stacks one group.
type Key =
    (Kind, Option<String>, Option<String>, Vec<usize>, Vec<(usize, Found)>, [bool; 2], Vec<String>);

/// Collects groups.
#[derive(Debug, Default)]
pub struct Builder {
    at: BTreeMap<Key, usize>,
    groups: Vec<Group>,
}

impl Builder {
    /// A stack in which something changes.
    pub fn update(
        &mut self,
        pairs: &[Pair<'_>],
        used: &[(Engine, usize)],
        found: &[(Engine, Vec<Found>)],
        before: &Unit,
        unit: &Unit,
    ) {
        let flags = [before.tags != unit.tags, before.files != unit.files];
        let flat = found.iter().enumerate();
        let flat = flat.flat_map(|(at, (_, found))| found.iter().map(move |f| (at, f.clone())));
        let pair_ids = used.iter().map(|(_, pair)| *pair).collect();
        let why = (before.tier != unit.tier).then(|| {
            let name = |tier: &Option<String>| tier.clone().unwrap_or_else(|| "none".to_owned());
            format!("tier {} → {}", name(&before.tier), name(&unit.tier))
        });
        let key = (
            Kind::Update,
            why.clone(),
            unit.tier.clone(),
            pair_ids,
            flat.collect(),
            flags,
            Vec::new(),
        );
        let changes = |group: &mut Group| {
            for (engine, found) in found {
                let Some((_, pair)) = used.iter().find(|(e, _)| e == engine) else { continue };
                let halves = (before.half(*engine), unit.half(*engine));
                let (Some(was), Some(is)) = halves else { continue };
                for one in found {
                    group.merge(change(&pairs[*pair], one, was, is), *engine);
                }
            }
            group.changes.extend(beside(before, unit));
        };
        if let Some(at) = self.at.get(&key) {
            let group = &mut self.groups[*at];
            group.stacks.push(touched(unit));
            return group.vary(pairs, used, before, unit);
        }
        let mut group = empty(Kind::Update, why, unit);
        changes(&mut group);
        self.at.insert(key, self.groups.len());
        self.groups.push(group);
    }

    /// A stack that comes, goes, or is made anew elsewhere.
    pub fn whole(
        &mut self,
        kind: Kind,
        why: Option<String>,
        shapes: &[(&Shape, &Half)],
        unit: &Unit,
    ) {
        let shape = vec![unit.shape.clone()];
        let key = (kind, why.clone(), unit.tier.clone(), Vec::new(), Vec::new(), [false; 2], shape);
        if let Some(at) = self.at.get(&key) {
            return self.groups[*at].stacks.push(touched(unit));
        }
        let mut group = empty(kind, why, unit);
        if let Some((shape, _)) = shapes.first() {
            let mut holds: BTreeMap<&str, usize> = BTreeMap::new();
            for resource in shape.resources.values() {
                *holds.entry(&resource.kind).or_default() += 1;
            }
            let member = |r: &Resource| (r.label.clone(), r.kind.clone());
            group.members = shape.resources.values().map(member).collect();
            group.holds = holds.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect();
        }
        if kind != Kind::Create {
            for (shape, half) in shapes {
                for resource in shape.resources.values() {
                    if let Some(change) = lost(shape, resource, half, kind == Kind::Replace) {
                        group.merge(change, shape.engine);
                    }
                }
            }
        }
        self.at.insert(key, self.groups.len());
        self.groups.push(group);
    }

    /// The groups, the gravest first.
    pub fn finish(mut self) -> Vec<Group> {
        find_moves(&mut self.groups);
        for group in &mut self.groups {
            group.changes.sort_by(|a, b| {
                // What others follow from stands before them.
                let grave = |c: &Change| {
                    (c.losses.is_empty(), std::cmp::Reverse(c.action), c.follows(), c.is_led())
                };
                grave(a).cmp(&grave(b)).then_with(|| a.label.cmp(&b.label))
            });
        }
        let grave = |g: &Group| std::cmp::Reverse(g.gravity());
        self.groups.sort_by(|a, b| {
            grave(a).cmp(&grave(b)).then_with(|| {
                (&a.tier, &a.shape, &a.stacks[0].key).cmp(&(&b.tier, &b.shape, &b.stacks[0].key))
            })
        });
        self.groups
    }
}

fn empty(kind: Kind, why: Option<String>, unit: &Unit) -> Group {
    Group {
        kind,
        why,
        tier: unit.tier.clone(),
        shape: unit.shape.clone(),
        stacks: vec![touched(unit)],
        changes: Vec::new(),
        holds: Vec::new(),
        cause: None,
        members: Vec::new(),
    }
}

fn touched(unit: &Unit) -> Touched {
    Touched {
        key: unit.key.clone(),
        tenant: unit.tenant.clone(),
        order: unit.order,
        wave: unit.wave,
        account: unit.account.clone(),
        region: unit.region.clone(),
        pending: unit.pending,
    }
}

/// What happens to a resource, in words of the first stack.
fn change(pair: &Pair<'_>, found: &Found, was: &Half, is: &Half) -> Change {
    let twin = &pair.both[found.twin];
    let resource = twin.head.or(twin.base).expect("it is on one side");
    let properties: Vec<Property> = found
        .leaves
        .iter()
        .map(|(leaf, because)| property(twin, *leaf, (was, is), because.map(|at| &pair.both[at])))
        .collect();
    let engine = pair.head.engine;
    let mut losses = Vec::new();
    if let (Some(base), Action::Delete | Action::Replace) = (twin.base, found.action) {
        let replaced = found.action == Action::Replace;
        let asked = |path: &str| base.leaves.get(path).map(|leaf| leaf.fill(&was.values));
        losses.extend(loss::of_resource(&base.kind, replaced, &asked));
    }
    losses.extend(guard::losses(pair, twin, was, is));
    let of = |p: &Property| {
        let missing = twin.leaves[p.leaf].missing;
        loss::of_property(&resource.kind, &p.path, p.was.as_ref(), p.is.as_ref(), missing)
    };
    losses.extend(properties.iter().filter_map(of));
    // Several rules may lose the same.
    losses.dedup();
    Change {
        label: resource.label.clone(),
        kind: resource.kind.clone(),
        action: found.action,
        engines: vec![(engine, found.action)],
        renamed: twin.renamed.map(str::to_owned),
        moved: None,
        properties,
        losses,
        cause: None,
        twin: found.twin,
    }
}

fn property(
    twin: &Twin<'_>,
    at: usize,
    (was, is): (&Half, &Half),
    because: Option<&Twin<'_>>,
) -> Property {
    let leaf = &twin.leaves[at];
    let was = leaf.base.map(|leaf| leaf.fill(&was.values));
    let is = leaf.head.map(|leaf| leaf.fill(&is.values));
    let address = [&was, &is].into_iter().all(|value| value.as_ref().is_some_and(is_address));
    let name = |twin: &Twin<'_>| twin.head.map_or_else(|| twin.id.to_owned(), |r| r.label.clone());
    Property {
        path: leaf.path.to_owned(),
        was,
        is,
        varies: false,
        force: leaf.force,
        address,
        because: because.map(name),
        leaf: at,
    }
}

fn is_address(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<Ipv4Net>().is_ok())
}

/// What is lost with a resource of a stack that goes.
fn lost(shape: &Shape, resource: &Resource, half: &Half, replaced: bool) -> Option<Change> {
    let asked = |path: &str| resource.leaves.get(path).map(|leaf| leaf.fill(&half.values));
    // A stack that is made anew elsewhere is deleted where it was.
    let mut losses: Vec<Loss> =
        loss::of_resource(&resource.kind, false, &asked).into_iter().collect();
    // What guards comes again with a stack that does.
    if !replaced {
        losses.extend(guard::of_stack(shape, resource, half));
    }
    if losses.is_empty() {
        return None;
    }
    let action = if replaced { Action::Replace } else { Action::Delete };
    Some(Change {
        label: resource.label.clone(),
        kind: resource.kind.clone(),
        action,
        engines: vec![(shape.engine, action)],
        renamed: None,
        moved: None,
        properties: Vec::new(),
        losses,
        cause: None,
        twin: 0,
    })
}

impl Group {
    /// Adds what an engine does to a resource to what another one does.
    fn merge(&mut self, change: Change, engine: Engine) {
        let same = |other: &Change| {
            let other_engine = other.engines.first().map(|(e, _)| *e);
            other_engine.is_some_and(|e| e != engine) && alike(&other.label, &change.label)
        };
        let Some(known) = self.changes.iter_mut().find(|other| same(other)) else {
            return self.changes.push(change);
        };
        known.engines.extend(change.engines);
        known.action = known.action.max(change.action);
        if known.losses.is_empty() {
            known.losses = change.losses;
        }
        if known.properties.is_empty() {
            known.properties = change.properties;
        }
    }

    /// Marks the properties that are something else in this stack than in the first one.
    fn vary(&mut self, pairs: &[Pair<'_>], used: &[(Engine, usize)], before: &Unit, unit: &Unit) {
        for change in &mut self.changes {
            let Some((engine, _)) = change.engines.first() else { continue };
            let pair = used.iter().find(|(e, _)| e == engine).map(|(_, pair)| &pairs[*pair]);
            let halves = (before.half(*engine), unit.half(*engine));
            let (Some(pair), (Some(was), Some(is))) = (pair, halves) else { continue };
            let twin = &pair.both[change.twin];
            for property in change.properties.iter_mut().filter(|property| !property.varies) {
                let leaf = &twin.leaves[property.leaf];
                let fill =
                    |leaf: Option<&Leaf>, half: &Half| leaf.map(|leaf| leaf.fill(&half.values));
                property.varies =
                    fill(leaf.base, was) != property.was || fill(leaf.head, is) != property.is;
            }
        }
    }
}

/// Whether both engines' names mean one resource.
fn alike(label: &str, other: &str) -> bool {
    let name = |label: &str| match label.split_once('.') {
        Some((_, name)) => name.to_owned(),
        None => crate::name::snake(label),
    };
    name(label) == name(other)
}
