//! What stacks tell each other by Systems Manager, so that a value of one is known for a resource of
//! another; and the names of places.

use std::collections::BTreeMap;

use super::account;
use super::holding::{self, Handle, Owner};
use crate::template::{Estate, ParamKind, Stack, Template};
use crate::value::Value;

/// What stacks tell each other.
#[derive(Default)]
pub struct Published {
    /// Account, region and path → stack and logical id.
    values: BTreeMap<(String, String, String), String>,
    /// What has each thing that stacks tell of: the VPC of a subnet, the gateway of a route table, the
    /// load balancer of a listener.
    above: BTreeMap<String, String>,
    /// The zone of each subnet that stacks tell of.
    zones: BTreeMap<String, String>,
}

/// The properties that say what has a thing, of which a thing has one.
const ABOVE: [&str; 3] = ["VpcId", "TransitGatewayId", "LoadBalancerArn"];

impl Published {
    /// All of an estate.
    pub fn of(estate: &Estate) -> Self {
        let mut out = Published::default();
        let told: BTreeMap<&str, Vec<(&Value, &str)>> =
            estate.templates.iter().map(|(shape, t)| (shape.as_str(), holding::told(t))).collect();
        for stack in &estate.stacks {
            let template = &estate.templates[&stack.shape];
            for (path, id) in &told[stack.shape.as_str()] {
                if let Some(path) = holding::text(path, template, &stack.values) {
                    let key = (stack.account.clone(), stack.region.clone(), path);
                    let place = format!("{}/{id}", stack.key);
                    let body = &template.entry(id).body;
                    let mut above = ABOVE.iter().filter_map(|key| body.get(key));
                    if let Some(above) = above.find_map(holding::named) {
                        out.above.insert(place.clone(), format!("{}/{above}", stack.key));
                    }
                    let zone = body.get("AvailabilityZone");
                    if let Some(zone) =
                        zone.and_then(|zone| holding::text(zone, template, &stack.values))
                    {
                        out.zones.insert(place.clone(), zone);
                    }
                    out.values.insert(key, place);
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
            Owner::Of(Handle::Param(at)) => self.told(*at, stack, template),
            Owner::Above(at) => {
                let thing = self.told(*at, stack, template);
                self.above.get(&thing).cloned().unwrap_or(thing)
            }
            Owner::Zone(at) => format!("{}/{}", account(stack), stack.values[*at]),
            Owner::ZoneOf(at) => {
                let subnet = self.told(*at, stack, template);
                let zone = self.zones.get(&subnet).cloned().unwrap_or(subnet);
                format!("{}/{zone}", account(stack))
            }
            Owner::Named(id) => id.clone(),
        }
    }

    /// The name of what a parameter of a stack names.
    fn told(&self, at: usize, stack: &Stack, template: &Template) -> String {
        let value = &stack.values[at];
        let from = match (&stack.foreign, template.params[at].kind) {
            (Some((account, _)), ParamKind::Foreign) => account,
            _ => &stack.account,
        };
        let key = (from.clone(), stack.region.clone(), value.clone());
        self.values.get(&key).cloned().unwrap_or_else(|| value.clone())
    }
}
