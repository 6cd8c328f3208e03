//! Whitepaper model 4: a cell is a cluster of containers that many tenants share; each has services
//! of its own, in a security group and under a role that are its own.

pub mod cluster; // what the tenants of a cell share
pub mod tenant; // what each tenant has
pub mod hosts; // the instances of a cell, where it is not Fargate
pub mod alarm; // the whitepaper's figure 12: alarms that call a function
pub mod role; // what containers may do, and those who start them
pub mod word; // names of what there is one of for each service

use crate::blueprint::shape::{Isolation, Service};
use crate::diag::Sink;
use crate::model::hub;
use crate::plan::rule::SERVICE_SLOTS;
use crate::plan::{Cell, Plan};
use crate::source::Site;
use crate::spec::{Spec, Tier};
use crate::template::Estate;

/// How many rules of the load balancer each tenant has room for, used or not, so that a priority
/// never depends on who else is there.
const SLOTS: usize = 16;

/// Where the service of a tenant without a path stands: behind all that have one.
const LAST: usize = SLOTS - 1;

/// One stack for each cell and for each tenant of the model.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let own = |cell: &&Cell| spec.tiers[&cell.tier].isolation == Isolation::Container;
    for cell in plan.cells.values().filter(own) {
        let (tier, zones) = (&spec.tiers[&cell.tier], &plan.zones[&cell.region]);
        let shape = format!("cell-{}{}", tier.id, hub::suffix(spec, &cell.account, zones));
        let side = hub::Side::of(spec, &cell.account);
        let template = estate.templates.entry(shape).or_insert_with_key(|shape| {
            cluster::template(shape, spec, &plan.ranges, side, tier, zones)
        });
        estate.stacks.push(cluster::stack(spec, plan, cell, tier, template));
    }
    for tenant in spec.tenants.values() {
        let (tier, zones) = (spec.tier_of(tenant), &plan.zones[&tenant.region]);
        if tier.isolation == Isolation::Container {
            let shape = format!("tenant-{}{}", tier.shape, hub::zone_suffix(zones));
            let template = estate
                .templates
                .entry(shape)
                .or_insert_with_key(|shape| tenant::template(shape, spec, tier, zones));
            estate.stacks.push(tenant::stack(spec, plan, tenant, tier, template));
        }
    }
}

/// Complains of services that have no place among the rules of a load balancer.
pub fn check(spec: &Spec, plan: &Plan, sink: &mut Sink) -> bool {
    let before = sink.len();
    for (id, names) in &plan.services {
        let Some(tier) = spec.tiers.get(id) else { continue };
        let late = |name: &&String| {
            let service = tier.services.get(*name);
            service.is_some_and(|s| s.port.is_some() && slot(names, name, s).is_none())
        };
        for name in names.iter().filter(late) {
            let message = format!("service `{name}` of tier `{id}` is the {SLOTS}th with a path");
            let site = Site::at(["tiers", id, "services", name]);
            sink.push(SERVICE_SLOTS.at(site.key(), message));
        }
    }
    sink.len() == before
}

/// The place of a service among the rules of a tenant: by its number, which it keeps.
fn slot(names: &[String], name: &str, service: &Service) -> Option<usize> {
    if service.path.is_none() {
        return Some(LAST);
    }
    names.iter().position(|n| n == name).filter(|n| *n < LAST)
}

/// The priority of a service's rule: tenants in the order of their numbers in the cell.
fn priority(plan: &Plan, tier: &Tier, ordinal: u32, name: &str) -> usize {
    let slot = slot(&plan.services[&tier.id], name, &tier.services[name]);
    let before = usize::try_from(ordinal - 1).expect("a number in a cell") * SLOTS;
    before + slot.expect("it was checked") + 1
}

/// The services of a tier that are reached by requests, with their ports.
fn reached(tier: &Tier) -> impl Iterator<Item = (&String, &Service, u16)> {
    tier.services.iter().filter_map(|(name, service)| Some((name, service, service.port?)))
}

/// The ports of a tier's services, each once.
fn ports(tier: &Tier) -> std::collections::BTreeSet<u16> {
    reached(tier).map(|(.., port)| port).collect()
}
