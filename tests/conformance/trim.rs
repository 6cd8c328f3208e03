//! What the emulator cannot do for Terraform is taken out of the copy that is applied, and said.
//! The module as it was written is kept beside the copy, to be validated.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::manifest::Estate;

/// Resource type, the argument that goes (or all of it), and why.
const TRIMS: [(&str, Option<&str>, &str); 7] = [
    ("aws_vpn_gateway_route_propagation", None, "moto has no such call"),
    ("aws_vpn_connection_route", None, "moto has no such call"),
    (
        "aws_customer_gateway",
        Some("device_name"),
        "moto forgets it, and the next plan replaces the gateway",
    ),
    (
        "aws_dynamodb_table",
        Some("deletion_protection_enabled"),
        "what a test has made it takes down again",
    ),
    ("aws_dynamodb_table", Some("lifecycle"), "what a test has made it takes down again"),
    ("aws_rds_cluster", Some("deletion_protection"), "what a test has made it takes down again"),
    ("aws_rds_cluster", Some("lifecycle"), "what a test has made it takes down again"),
];

/// Where the modules as they were written are kept.
pub const WRITTEN: &str = "terraform/as-written";

/// What was taken out.
#[derive(Default)]
pub struct Trimmed {
    pub modules: BTreeSet<String>,
    pub reasons: BTreeSet<String>,
}

/// Trims the modules of an estate, which must be a copy.
pub fn modules(estate: &Estate) -> Result<Trimmed, String> {
    let mut trimmed = Trimmed::default();
    for path in estate.files("main.tf.json") {
        let Some(dir) = path.parent().filter(|dir| dir.parent().is_some_and(is_modules)) else {
            continue;
        };
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = fs::read_to_string(&path).map_err(|why| wrong(&why))?;
        let mut module: Value = serde_json::from_str(&text).map_err(|why| wrong(&why))?;
        let reasons = trim(&mut module);
        if reasons.is_empty() {
            continue;
        }
        let kept = estate.dir.join(WRITTEN).join(&name);
        fs::create_dir_all(&kept).map_err(|why| wrong(&why))?;
        fs::write(kept.join("main.tf.json"), &text).map_err(|why| wrong(&why))?;
        fs::write(&path, module.to_string()).map_err(|why| wrong(&why))?;
        trimmed.modules.insert(name);
        trimmed.reasons.extend(reasons);
    }
    Ok(trimmed)
}

fn is_modules(dir: &std::path::Path) -> bool {
    dir.ends_with("terraform/modules")
}

fn trim(module: &mut Value) -> Vec<String> {
    let mut reasons = Vec::new();
    let Some(resources) = module["resource"].as_object_mut() else { return reasons };
    for (kind, argument, why) in TRIMS {
        match argument {
            None if resources.remove(kind).is_some() => {
                forget(resources, kind);
                reasons.push(format!("{kind} ({why})"));
            }
            Some(argument) => {
                let all = resources.get_mut(kind).and_then(Value::as_object_mut);
                let each = all.into_iter().flat_map(|all| all.values_mut());
                let had = each.filter_map(|it| it.as_object_mut()?.remove(argument)).count();
                if had > 0 {
                    reasons.push(format!("{kind}.{argument} ({why})"));
                }
            }
            None => {}
        }
    }
    reasons
}

/// Nothing may wait for a resource that is gone.
fn forget(resources: &mut serde_json::Map<String, Value>, kind: &str) {
    let all = resources.values_mut().filter_map(Value::as_object_mut);
    for resource in all.flat_map(|all| all.values_mut()) {
        if let Some(waits) = resource.get_mut("depends_on").and_then(Value::as_array_mut) {
            waits.retain(|on| !on.as_str().is_some_and(|on| on.starts_with(&format!("{kind}."))));
        }
    }
}
