//! What each account and region has: a detector, a hub of findings, a search for flaws, and the rules
//! of DNS that its VPCs share. A VPC may stand where nobody lives, and takes them there, too.

use crate::blueprint::shape::component::Protection;
use crate::component::protection::{SHAPE, dns};
use crate::component::wire;
use crate::model::identity;
use crate::plan::Plan;
use crate::resource::detect::{Detector, Hub, Inspector, Standard, best_practices};
use crate::spec::Spec;
use crate::template::{Estate, NAME, Template, Values, Wave};

/// The parameter with the ARN of the standard.
const STANDARD: &str = "StandardsArn";

/// One stack in each place and wherever else a VPC takes its rules, if there is anything in it.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let about = "What looks for intruders and flaws, and which names can be resolved.";
    let mut t = Template::new(SHAPE, about);
    identity::tag_shared(&mut t, spec, None);
    if let Some(protection) = &spec.components.protection {
        detect(&mut t, protection);
    }
    dns::shared(&mut t, spec);
    if t.entries.is_empty() {
        return;
    }
    for (account, region) in wire::places(spec, plan, estate, |place| dns::key(spec, place)) {
        let place = (account.as_str(), region.as_str());
        let key = dns::key(spec, place);
        let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        if t.param_index(STANDARD).is_some() {
            values.set(STANDARD, best_practices(spec.partition.id(), place.1));
        }
        stack.values = values.order(&t);
        SHAPE.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
    }
    estate.templates.insert(SHAPE.to_owned(), t);
}

fn detect(t: &mut Template, protection: &Protection) {
    if protection.guardduty.unwrap_or(true) {
        t.add("Detector", Detector);
    }
    if protection.security_hub.unwrap_or(true) {
        let hub = "SecurityHub".to_owned();
        t.add(hub.clone(), Hub);
        let arn = t.param(STANDARD, "What is there is held against this standard");
        t.add_after("BestPractices", Standard { arn }, &[&hub]);
    }
    if protection.inspector.unwrap_or(true) {
        t.add("Inspector", Inspector);
    }
}
