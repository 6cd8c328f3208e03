//! What protects tenants from each other and from outside, beyond walls: keys, a firewall before the
//! load balancers that tenants share, rules about the names that a VPC may resolve, and what looks for
//! intruders and flaws. No model knows of it: it walks what they made.

pub mod key; // who may use a key, and what it encrypts
pub mod dns; // which names can be resolved
pub mod edge; // what is refused before load balancers
pub mod place; // what each account and region has
pub mod hsm; // hardware that holds keys

use std::collections::BTreeSet;

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::Protection;
use crate::component::wire;
use crate::plan::Plan;
use crate::spec::{Spec, Tier};
use crate::template::{Estate, Template};

/// The beginning of the keys of its stacks and of its shapes.
const SHAPE: &str = "protection";

/// Firewalls, rules and detectors first, keys last: they encrypt what those record.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let any = spec.tiers.values().any(|tier| tier.components.protection.is_some());
    if !any && spec.components.protection.is_none() {
        return;
    }
    edge::synthesise(spec, estate);
    dns::synthesise(spec, estate);
    place::synthesise(spec, plan, estate);
    hsm::synthesise(spec, estate);
    key::synthesise(spec, estate);
    let apart = |tier: &&Tier| tier.isolation == Isolation::Account;
    if spec.tiers.values().filter(apart).any(|tier| tier.components.protection.is_some()) {
        wire::allow_deployer(estate, &DEPLOYED);
    }
}

/// What it takes to make keys and rules of DNS in the account of a tenant, and not to use the keys.
const DEPLOYED: [&str; 25] = [
    "kms:CreateAlias",
    "kms:CreateKey",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "logs:AssociateKmsKey",
    "logs:DescribeResourcePolicies",
    "logs:DisassociateKmsKey",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "route53resolver:*Firewall*",
    "route53resolver:*ResolverQueryLog*",
    "route53resolver:ListTagsForResource",
    "route53resolver:TagResource",
    "route53resolver:UntagResource",
];

/// What the tier of a template says, or the estate where it has none.
fn settings<'a>(
    spec: &'a Spec,
    estate: &Estate,
    shape: &str,
) -> Option<(&'a Protection, Option<&'a Tier>)> {
    let stack = estate.stacks.iter().find(|stack| stack.shape == shape)?;
    match &stack.tier {
        Some(tier) => {
            let tier = &spec.tiers[tier];
            Some((tier.components.protection.as_ref()?, Some(tier)))
        }
        None => Some((spec.components.protection.as_ref()?, None)),
    }
}

/// Whether all stacks of a shape are those by which tenants are known.
fn is_of_tenants(estate: &Estate, shape: &str) -> bool {
    let mut stacks = estate.stacks.iter().filter(|stack| stack.shape == shape);
    stacks.all(|s| s.tenant.as_ref().is_some_and(|tenant| s.key == format!("tenant-{tenant}")))
}

/// Whether the stacks of a shape are in accounts of tenants, which share nothing of the place.
fn is_apart(estate: &Estate, shape: &str, tier: Option<&Tier>) -> bool {
    tier.is_some_and(|tier| tier.isolation == Isolation::Account) && is_of_tenants(estate, shape)
}

/// The shapes that are there.
fn shapes(estate: &Estate) -> BTreeSet<String> {
    estate.templates.keys().cloned().collect()
}

/// The template of a shape.
fn template<'a>(estate: &'a mut Estate, shape: &str) -> &'a mut Template {
    estate.templates.get_mut(shape).expect("the shape is there")
}
