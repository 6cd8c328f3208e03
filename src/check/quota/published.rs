//! What stacks tell each other by Systems Manager, so that a value of one is known for a resource of
//! another; and the names of places.

use std::collections::BTreeMap;

use super::account;
use super::content::{Content, Counted};
use super::holding::{self, Handle, Owner};
use crate::template::{ParamKind, Template};
use crate::value::{LogicalId, Value};

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
#[derive(Clone, Debug)]
pub struct Told {
    /// Under which path.
    path: Value,
    /// Its logical id.
    pub id: LogicalId,
    /// What has it.
    pub above: Option<LogicalId>,
    /// The zone that it stands in.
    zone: Option<Value>,
}

/// The properties that say what has a thing, of which a thing has one.
const ABOVE: [&str; 3] = ["VpcId", "TransitGatewayId", "LoadBalancerArn"];

/// All that stacks of a template tell, each with the resource that it leads to.
pub fn tells(template: &Template) -> Vec<Told> {
    let parameters = template.entries.iter().filter(|entry| entry.tf == "aws_ssm_parameter");
    let each = parameters.filter_map(|entry| {
        let (path, value) = (entry.body.get("Name")?, entry.body.get("Value")?);
        let id = holding::named(value)?;
        let body = &template.entry(id).body;
        let above = ABOVE.iter().filter_map(|key| body.get(key)).find_map(holding::named);
        let zone = body.get("AvailabilityZone").cloned();
        Some(Told { path: path.clone(), id: id.to_owned(), above: above.map(str::to_owned), zone })
    });
    each.collect()
}

impl<'a> Published<'a> {
    /// All of some stacks.
    pub(super) fn of(all: &[Counted<'a>]) -> Self {
        let mut out = Published::default();
        for (stack, Content { template, told, .. }) in all {
            let text = |value| holding::text(value, template, &stack.values);
            let here = out.places.entry((&stack.account, &stack.region)).or_default();
            for one in told {
                if let Some(path) = text(&one.path) {
                    let zone = one.zone.as_ref().and_then(text);
                    let above = one.above.as_deref();
                    here.insert(path, Thing { stack: &stack.key, id: &one.id, above, zone });
                }
            }
        }
        out
    }

    /// The name of a place.
    pub(super) fn name(&self, owner: &Owner, by: Counted<'_>) -> String {
        let stack = by.0;
        match owner {
            Owner::Organization => "the organization".to_owned(),
            Owner::Account => account(stack),
            Owner::Region => format!("{}/{}", account(stack), stack.region),
            Owner::Template => stack.shape.clone(),
            Owner::Of(Handle::Local(id)) => format!("{}/{id}", stack.key),
            Owner::Of(Handle::Param(at)) => match self.told(*at, by) {
                Some(thing) => thing.name(thing.id),
                None => stack.values[*at].clone(),
            },
            Owner::Above(at) => match self.told(*at, by) {
                Some(thing) => thing.name(thing.above.unwrap_or(thing.id)),
                None => stack.values[*at].clone(),
            },
            Owner::Zone(at) => format!("{}/{}", account(stack), stack.values[*at]),
            Owner::ZoneOf(at) => {
                let told = self.told(*at, by);
                let zone = told.and_then(|thing| thing.zone.as_ref()).unwrap_or(&stack.values[*at]);
                format!("{}/{zone}", account(stack))
            }
            Owner::Named(id) => id.clone(),
        }
    }

    /// What a parameter of a stack names, if a stack tells of it.
    fn told<'b>(&'b self, at: usize, (stack, content): Counted<'b>) -> Option<&'b Thing<'b>> {
        let from = match (&stack.foreign, content.template.params[at].kind) {
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
