//! The second plan must be empty. What an emulator is known to forget is told apart from what the
//! module does wrong: the list is short, each entry has its reason, and its use is announced.

use std::collections::BTreeSet;

/// Resource type, arguments, and what the emulator does.
const KNOWN: &[(&str, &[&str], &str)] = &[
    ("aws_vpc_dhcp_options", &["tags", "tags_all"], "moto drops tags given with a new option set"),
    (
        "aws_api_gateway_integration",
        &["connection_id"],
        "moto forgets the VPC link of an integration",
    ),
    (
        "aws_launch_template",
        &["latest_version", "tag_specifications"],
        "moto counts the tags of a launch template among those of what it launches",
    ),
    (
        "aws_autoscaling_group",
        &["mixed_instances_policy"],
        "it follows the version of its launch template",
    ),
    (
        "aws_autoscaling_policy",
        &["enabled", "predictive_scaling_configuration"],
        "moto does not say whether a scaling policy is enabled",
    ),
    (
        "aws_lb",
        &["enforce_security_group_inbound_rules_on_private_link_traffic"],
        "moto forgets it",
    ),
    ("aws_lambda_function", &["logging_config"], "moto does not know where functions log"),
    ("aws_cognito_user_pool", &["user_pool_tier"], "moto forgets the plan of a pool of users"),
    (
        "aws_vpc_peering_connection_accepter",
        &["tags", "tags_all"],
        "moto shows the tags of who asks for a peering connection to who accepts it, too",
    ),
];

/// What a plan that is not empty would do.
pub enum Drift {
    /// Only what the emulator is known to forget: the reasons.
    Known(BTreeSet<&'static str>),
    /// The lines of the plan that say what would change.
    Real(Vec<String>),
}

/// Reads a plan as Terraform prints it without colour.
pub fn read(plan: &str) -> Drift {
    let (mut reasons, mut real) = (BTreeSet::new(), Vec::new());
    for block in plan.split("\n  # ").skip(1) {
        let mut lines = block.lines();
        let head = lines.next().unwrap_or_default();
        if head.starts_with('(') || head.contains(" (imported") {
            continue;
        }
        let changed: Vec<&str> = lines.filter_map(argument).collect();
        match known(head, &changed) {
            Some(reason) => drop(reasons.insert(reason)),
            None => real.push(format!("{head}: {}", changed.join(", "))),
        }
    }
    let outputs = plan.contains("\nChanges to Outputs:");
    if outputs {
        real.push("the outputs would change".to_owned());
    }
    if real.is_empty() && !reasons.is_empty() { Drift::Known(reasons) } else { Drift::Real(real) }
}

/// The argument or block that a line of a plan changes, if it is one of the resource itself.
fn argument(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("      ")?;
    let rest = rest.strip_prefix(['+', '-', '~'])?.strip_prefix(' ')?;
    rest.split_whitespace().next()
}

fn known(head: &str, changed: &[&str]) -> Option<&'static str> {
    let address = head.strip_suffix(" will be updated in-place")?;
    let covers = |kind: &str| {
        let mut parts = address.split('.');
        parts.any(|part| part == kind)
    };
    let forgotten = |arguments: &[&str]| changed.iter().all(|name| arguments.contains(name));
    let entry = KNOWN.iter().find(|(kind, arguments, _)| covers(kind) && forgotten(arguments));
    entry.filter(|_| !changed.is_empty()).map(|(.., reason)| *reason)
}
