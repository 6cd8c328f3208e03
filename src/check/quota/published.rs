//! What stacks tell each other by Systems Manager, so that a value of one is known for a resource of
//! another; and the names of places.

use std::collections::BTreeMap;

use super::account;
use super::holding::{self, Handle, Owner};
use crate::template::{Estate, ParamKind, Stack, Template};
use crate::value::Value;

/// What stacks tell each other.
#[derive(Default)]
pub struct Published<'a> {
    /// Account and region → path → what it leads to.
    places: BTreeMap<(&'a str, &'a str), BTreeMap<String, Thing<'a>>>,
}

/// A resource that a stack tells of.
struct Thing<'a> {
    /// The key of the stack.
    stack: &'a str,
    /// Its logical id.
    id: &'a str,
    /// What has it, in the same stack: the VPC of a subnet, the gateway of a route table, the load balancer
    /// of a listener.
    above: Option<&'a str>,
    /// The zone that it stands in.
    zone: Option<String>,
}

/// What stacks of a template tell of a resource.
struct Told<'a> {
    path: &'a Value,
    id: &'a str,
    above: Option<&'a str>,
    zone: Option<&'a Value>,
}

/// The properties that say what has a thing, of which a thing has one.
const ABOVE: [&str; 3] = ["VpcId", "TransitGatewayId", "LoadBalancerArn"];

/// All that stacks of a template tell.
fn tells(template: &Template) -> Vec<Told<'_>> {
    let tell = |(path, id)| {
        let body = &template.entry(id).body;
        let above = ABOVE.iter().filter_map(|key| body.get(key)).find_map(holding::named);
        Told { path, id, above, zone: body.get("AvailabilityZone") }
    };
    holding::told(template).into_iter().map(tell).collect()
}

impl<'a> Published<'a> {
    /// All of an estate.
    pub fn of(estate: &'a Estate) -> Self {
        let told = estate.templates.iter().map(|(shape, it)| (shape.as_str(), tells(it)));
        let told: BTreeMap<&str, Vec<Told<'_>>> = told.collect();
        let mut out = Published::default();
        for stack in &estate.stacks {
            let template = &estate.templates[&stack.shape];
            let text = |value| holding::text(value, template, &stack.values);
            let here = out.places.entry((&stack.account, &stack.region)).or_default();
            for one in &told[stack.shape.as_str()] {
                if let Some(path) = text(one.path) {
                    let zone = one.zone.and_then(text);
                    here.insert(
                        path,
                        Thing { stack: &stack.key, id: one.id, above: one.above, zone },
                    );
                }
            }
        }
        out
    }

    /// The name of a place.
    pub fn name(&self, owner: &Owner, stack: &Stack, template: &Template) -> String {
        match owner {
            Owner::Organization => "the organization".to_owned(),
            Owner::Account => account(stack),
            Owner::Region => format!("{}/{}", account(stack), stack.region),
            Owner::Template => stack.shape.clone(),
            Owner::Of(Handle::Local(id)) => format!("{}/{id}", stack.key),
            Owner::Of(Handle::Param(at)) => match self.told(*at, stack, template) {
                Some(thing) => thing.name(thing.id),
                None => stack.values[*at].clone(),
            },
            Owner::Above(at) => match self.told(*at, stack, template) {
                Some(thing) => thing.name(thing.above.unwrap_or(thing.id)),
                None => stack.values[*at].clone(),
            },
            Owner::Zone(at) => format!("{}/{}", account(stack), stack.values[*at]),
            Owner::ZoneOf(at) => {
                let told = self.told(*at, stack, template);
                let zone = told.and_then(|thing| thing.zone.as_ref()).unwrap_or(&stack.values[*at]);
                format!("{}/{zone}", account(stack))
            }
            Owner::Named(id) => id.clone(),
        }
    }

    /// What a parameter of a stack names, if a stack tells of it.
    fn told<'b>(
        &'b self,
        at: usize,
        stack: &'b Stack,
        template: &Template,
    ) -> Option<&'b Thing<'b>> {
        let from = match (&stack.foreign, template.params[at].kind) {
            (Some((account, _)), ParamKind::Foreign) => account,
            _ => &stack.account,
        };
        self.places.get(&(from.as_str(), stack.region.as_str()))?.get(&stack.values[at])
    }
}

impl Thing<'_> {
    /// The name of a resource of its stack.
    fn name(&self, id: &str) -> String {
        format!("{}/{id}", self.stack)
    }
}
