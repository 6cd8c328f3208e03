//! Gathers stacks into groups: two in which the same pairs of templates differ in the same are one.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::change::beside::beside;
use crate::change::group::{Change, Group, Kind, Property, Touched};
use crate::change::guard;
use crate::change::leaf::Leaf;
use crate::change::loss::{self, Loss};
use crate::change::moves::find_moves;
use crate::change::pair::{Action, Found, Pair, Twin};
use crate::change::shape::{Resource, Shape};
use crate::change::side::{Half, Unit};
use crate::engine::Engine;

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
        renamed: twin.renamed.and(twin.base).map(|base| base.label.clone()),
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
    let name = |twin: &Twin<'_>| {
        let resource = twin.head.or(twin.base).expect("it is on one side");
        resource.label.clone()
    };
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
