//! Who the users of tenants are. The tenants of a pool share a pool of users, in which each user
//! says the tenant in an attribute that nobody can change; whoever has a provider of his own, and
//! every tenant of another model, has a pool of users for himself, so a provider vouches for users
//! of its tenant and of no other. What is a tenant's stands in a small stack of the tenant.

pub mod pool; // a pool of users and where they sign in
pub mod claim; // the function that writes the tenant into tokens
pub mod own; // what each tenant has
pub mod reach; // credentials of AWS for the data of a tenant

use std::collections::BTreeSet;

use crate::blueprint::shape::component::Identity;
use crate::blueprint::shape::{DataEngine, Isolation};
use crate::component::wire;
use crate::model::cell;
use crate::plan::{Cell, Plan};
use crate::spec::component::identity::shares;
use crate::spec::{Spec, Tier};
use crate::template::{Estate, Stack, Template, Wave};

/// What the stacks of the pools of users that tenants share begin with.
const SHARED: &str = "users";

/// What deploys to accounts of tenants must do more there.
const DEPLOYED: [&str; 1] = ["cognito-idp:*"];

/// A stack for each pool of users that tenants share, and one for each tenant.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    for cell in plan.cells.values() {
        let tier = &spec.tiers[&cell.tier];
        let Some(identity) = tier.components.identity.as_ref().filter(|_| shares(tier)) else {
            continue;
        };
        let shape = format!("{SHARED}-{}", tier.id);
        let template = estate
            .templates
            .entry(shape)
            .or_insert_with_key(|shape| pool::shared(shape, spec, tier, identity));
        estate.stacks.push(shared(spec, cell, tier, identity, template));
    }
    let mut accounts = BTreeSet::new();
    for tenant in spec.tenants.values() {
        let tier = &spec.tiers[&tenant.tier];
        let Some(identity) = &tier.components.identity else { continue };
        let kind = own::Kind::of(tenant, tier);
        let template = estate
            .templates
            .entry(kind.shape(tier))
            .or_insert_with_key(|shape| own::template(shape, spec, tier, identity, kind));
        estate.stacks.push(own::stack(spec, plan, tenant, tier, identity, template));
        if tier.isolation == Isolation::Account {
            accounts.extend(DEPLOYED);
            accounts.extend(kind.reads_secret().then_some("secretsmanager:GetSecretValue"));
        }
    }
    if !accounts.is_empty() {
        wire::allow_deployer(estate, &accounts.into_iter().collect::<Vec<_>>());
    }
}

/// Whether users get credentials of AWS.
fn reaches(tier: &Tier, identity: &Identity) -> bool {
    let items = tier.data.as_ref().is_some_and(|data| data.engine == DataEngine::Dynamodb);
    tier.isolation == Isolation::Application && items && identity.credentials != Some(false)
}

/// The key of the stack of the users of a pool.
fn key(cell: &str) -> String {
    format!("{SHARED}-{cell}")
}

fn shared(spec: &Spec, cell: &Cell, tier: &Tier, identity: &Identity, t: &Template) -> Stack {
    let (mut stack, mut values) = cell::part(spec, cell, tier, Wave::Data, SHARED);
    let place = (cell.account.as_str(), cell.region.as_str());
    pool::page(spec, identity, &mut values, place, &cell.id);
    values.set(claim::NAME_PARAM, claim::name(&stack.name));
    stack.depends_on.push(cell::key(&cell.id));
    stack.values = values.order(t);
    stack.shape.clone_from(&t.shape);
    debug_assert_eq!(stack.key, key(&cell.id), "tenants look for it there");
    stack
}
