//! What a tag policy can say.

use crate::blueprint::Blueprint;
use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::Tagging;
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::{rule, text};

/// The keys that the tag policy of an estate names: those of tenantry, and those that are required.
pub fn keys(required: &[String]) -> Vec<&str> {
    let own = text::OWN_TAGS.iter().copied().filter(|key| *key != "Name");
    let mut out: Vec<&str> = own.collect();
    for key in required {
        if !out.contains(&key.as_str()) && key != "Name" {
            out.push(key);
        }
    }
    out
}

/// Judges a block.
pub fn check(tagging: &Tagging, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let accounts = blueprint.tiers.values().any(|tier| tier.isolation == Isolation::Account);
    let wanted = tagging.policy.unwrap_or(true);
    if !accounts && (tagging.policy == Some(true) || !tagging.enforce.is_empty()) {
        let key = if tagging.enforce.is_empty() { "policy" } else { "enforce" };
        let message =
            "no tier has accounts of tenants, so there is no unit that a tag policy is put on";
        let help = format!("remove `{key}`");
        let complaint = rule::COMPONENT.at(site.child(key).key(), message).help(help);
        sink.push(complaint.against(["tiers"]));
    } else if !wanted && !tagging.enforce.is_empty() {
        let message = "what no policy says is not enforced";
        let help = "remove `enforce`, or `policy: false`";
        sink.push(rule::COMPONENT.at(site.child("enforce").key(), message).help(help));
    }
    enforce(tagging, site, sink);
}

/// Source of the form: the types of
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html>.
fn enforce(tagging: &Tagging, site: &Site, sink: &mut Sink) {
    for (i, kind) in tagging.enforce.iter().enumerate() {
        let at = site.child("enforce").child(i);
        let service = |it: &str| {
            let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !it.is_empty() && it.chars().all(sound)
        };
        let resource = |it: &str| {
            let sound = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
            it == "*" || (!it.is_empty() && it.chars().all(sound))
        };
        let legal = kind.split_once(':').is_some_and(|(a, b)| service(a) && resource(b));
        if !legal {
            let message = format!("{kind:?} is no type of resources");
            let help = "write service and type, as in `ec2:instance` or `secretsmanager:*`";
            sink.push(rule::COMPONENT.at(at, message).help(help));
        } else if tagging.enforce[..i].contains(kind) {
            let message = format!("`{kind}` is enforced already");
            sink.push(rule::COMPONENT.at(at, message).help("name it once"));
        }
    }
}
