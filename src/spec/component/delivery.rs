//! The rings of the delivery: every tier is in one, and none is in two.

use crate::blueprint::Blueprint;
use crate::blueprint::shape::component::{Delivery, DeliveryEngine};
use crate::diag::Sink;
use crate::name::nearest;
use crate::source::Site;
use crate::spec::rule;

/// Judges a block.
pub fn check(delivery: &Delivery, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    if delivery.engine == DeliveryEngine::Terraform && blueprint.deploy.backend.is_none() {
        let message = "a pipeline keeps no files, so Terraform needs its state in S3";
        sink.push(rule::COMPONENT.at(site.child("engine"), message).help("add `deploy.backend`"));
    }
    variables(delivery, site, sink);
    if !delivery.rings.is_empty() {
        rings(delivery, blueprint, &site.child("rings"), sink);
    }
}

/// Names that the shell can read.
/// Source: <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_EnvironmentVariable.html>.
fn variables(delivery: &Delivery, site: &Site, sink: &mut Sink) {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for name in delivery.variables.keys() {
        let legal = name.chars().all(sound) && !name.starts_with(|c: char| c.is_ascii_digit());
        if !legal || name.is_empty() || name.starts_with("CODEBUILD_") {
            let message = format!("{name:?} cannot be the name of a variable of the commands");
            let help = "use letters, digits and underscores, a letter first, and not CODEBUILD_";
            let at = site.child("variables").child(name.as_str()).key();
            sink.push(rule::COMPONENT.at(at, message).help(help));
        }
    }
}

fn rings(delivery: &Delivery, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let mut seen: Vec<&str> = Vec::new();
    for (i, ring) in delivery.rings.iter().enumerate() {
        for (j, tier) in ring.iter().enumerate() {
            let at = site.child(i).child(j);
            if !blueprint.tiers.contains_key(tier) {
                let complaint = rule::COMPONENT.at(at, format!("there is no tier {tier:?}"));
                let near = nearest(tier, blueprint.tiers.keys().map(String::as_str));
                sink.push(match near {
                    Some(near) => complaint.help(format!("did you mean `{near}`?")),
                    None => complaint,
                });
            } else if seen.contains(&tier.as_str()) {
                let message = format!("tier {tier} is in two rings");
                sink.push(rule::COMPONENT.at(at, message).help("name it once"));
            }
            seen.push(tier);
        }
    }
    for tier in blueprint.tiers.keys().filter(|tier| !seen.contains(&tier.as_str())) {
        let message = format!("tier {tier} is in no ring, so nothing would deploy it");
        sink.push(rule::COMPONENT.at(site.key(), message).help("add it to a ring"));
    }
}
