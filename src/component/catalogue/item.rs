//! What the registry says of a tenant: who it is, where it lives, and where it is reached.

use crate::aws::PENDING;
use crate::blueprint::shape::Isolation;
use crate::plan::Plan;
use crate::spec::{Spec, Tenant};
use crate::template::{Stack, catalogue_item};

/// The item of a tenant, all of it text; `stack` is its main stack.
pub fn of(spec: &Spec, plan: &Plan, tenant: &Tenant, stack: &Stack) -> Vec<(&'static str, String)> {
    let tier = spec.tier_of(tenant);
    let placed = &plan.tenants[&tenant.id];
    let waits = stack.account == PENDING;
    let mut item = vec![
        (super::KEY, tenant.id.clone()),
        ("name", tenant.name.clone()),
        ("status", if waits { "pending" } else { "active" }.to_owned()),
        ("tier", tier.id.clone()),
        ("isolation", tier.isolation.id().to_owned()),
        ("account", stack.account.clone()),
        ("region", stack.region.clone()),
        ("stack", stack.name.clone()),
        ("shape", stack.shape.clone()),
    ];
    item.extend(placed.cell.as_ref().map(|cell| ("cell", cell.clone())));
    item.extend(placed.block.map(|block| ("addresses", block.cidr.to_string())));
    match (tier.isolation, &placed.cell) {
        (Isolation::Container, _) => {
            item.extend(tenant.host.as_ref().map(|host| ("endpoint", format!("https://{host}"))));
        }
        // The id of an interface is known when it is deployed: where it stands then.
        (Isolation::Application, Some(cell)) => {
            item.push(("endpoint_parameter", crate::model::cell::path(spec, cell, "api-id")));
        }
        _ => {}
    }
    item
}

/// The item on one line, as `DynamoDB` takes it.
pub fn text(item: &[(&'static str, String)]) -> String {
    catalogue_item(item).compact().fill(&[])
}
