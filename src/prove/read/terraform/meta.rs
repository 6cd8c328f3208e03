//! What a file says of itself rather than of what is made: providers, sources of data, calls of
//! modules, and the words that every resource can have. Each of them can lead somewhere else (another
//! account, another region, a program that is run), so only what is followed is let through.
//! Source: <https://developer.hashicorp.com/terraform/language>.

use serde_json::{Map, Value};

/// Sources of data, with what may be said of each.
const DATA: &[(&str, &[&str])] = &[
    ("aws_caller_identity", &[]),
    ("aws_partition", &[]),
    ("aws_region", &[]),
    ("aws_ssm_parameter", &["name", "provider"]),
];

/// Values that are in no state, with what may be said of each.
const EPHEMERAL: &[(&str, &[&str])] =
    &[("aws_secretsmanager_random_password", &["exclude_punctuation", "password_length"])];

/// What a provider may say. Its tags would be those of every thing, its endpoints not those of AWS.
const PROVIDER: &[&str] = &["alias", "allowed_account_ids", "assume_role", "region"];

/// What a file may say of Terraform itself.
const TERRAFORM: &[&str] = &["backend", "required_providers", "required_version"];

/// Words of a call of a module that are not its variables. Source:
/// <https://developer.hashicorp.com/terraform/language/meta-arguments>.
const OF_A_CALL: &[&str] = &["count", "for_each", "lifecycle", "providers", "version"];

/// Changes of these are left to others by design: what Application Auto Scaling counts, and what AWS
/// writes by itself. Of all others a change in the files would not be deployed.
const IGNORED: &[&str] = &["desired_count", "provider_details", "role_name"];

/// What of a file is not followed, in words.
pub fn of_file(json: &Value) -> Vec<String> {
    let mut out = Vec::new();
    listed("data", &json["data"], DATA, &mut out);
    listed("ephemeral", &json["ephemeral"], EPHEMERAL, &mut out);
    of_terraform(&json["terraform"], &mut out);
    for (name, provider) in json["provider"].as_object().into_iter().flatten() {
        if name != "aws" {
            out.push(format!("the provider {name}"));
        }
        for block in super::listed(provider) {
            of_provider(block, &mut out);
        }
    }
    for (name, call) in json["module"].as_object().into_iter().flatten() {
        let words = OF_A_CALL.iter().filter(|word| call.get(**word).is_some());
        out.extend(words.map(|word| format!("{word} of the module {name}")));
    }
    out
}

fn of_provider(block: &Value, out: &mut Vec<String>) {
    let names = block.as_object().into_iter().flatten().map(|(name, _)| name);
    let strange = names.filter(|name| !PROVIDER.contains(&name.as_str()));
    out.extend(strange.map(|name| format!("{name} of a provider")));
    if block["allowed_account_ids"].as_array().is_none_or(|ids| ids.len() != 1) {
        out.push("a provider that is not for one account".to_owned());
    }
}

/// Blocks by type and name, of which only some types may say some things.
fn listed(section: &str, json: &Value, known: &[(&str, &[&str])], out: &mut Vec<String>) {
    for (kind, named) in json.as_object().into_iter().flatten() {
        let Some((_, words)) = known.iter().find(|(own, _)| own == kind) else {
            out.push(format!("{section} {kind}"));
            continue;
        };
        for (name, block) in named.as_object().into_iter().flatten() {
            let names = block.as_object().map(Map::keys);
            if names.is_none_or(|mut names| names.any(|word| !words.contains(&word.as_str()))) {
                out.push(format!("what {section} {kind}.{name} says"));
            }
        }
    }
}

fn of_terraform(json: &Value, out: &mut Vec<String>) {
    let names = json.as_object().into_iter().flatten().map(|(name, _)| name);
    let strange = names.filter(|name| !TERRAFORM.contains(&name.as_str()));
    out.extend(strange.map(|name| format!("{name} of terraform")));
    for (name, provider) in json["required_providers"].as_object().into_iter().flatten() {
        if name != "aws" || provider["source"] != "hashicorp/aws" {
            out.push(format!("the provider {name}, which is not AWS's own"));
        }
    }
}

/// Words of a resource that make it stand elsewhere, or more than once.
const META: [&str; 8] = [
    "connection",
    "count",
    "dynamic",
    "for_each",
    "provider",
    "provisioner",
    "providers",
    "region",
];

/// What of a resource is not followed, in words: where else it would stand, and what of it would not
/// be deployed.
pub fn of_resource(tf: &str, block: &Map<String, Value>) -> Vec<String> {
    // A stack set names the region that its stacks are in; it stands in its own.
    let elsewhere = |word: &str| word != "region" || tf != "aws_cloudformation_stack_set_instance";
    let words = META.iter().filter(|word| block.contains_key(**word) && elsewhere(word));
    let mut out: Vec<String> = words.map(|word| (*word).to_owned()).collect();
    let cycles = block.get("lifecycle").map(super::listed).into_iter().flatten();
    for ignored in cycles.filter_map(|cycle| cycle.get("ignore_changes")) {
        let known = |name: &Value| {
            let name = name.as_str().and_then(|name| name.split('[').next());
            name.is_some_and(|name| IGNORED.contains(&name))
        };
        if !ignored.as_array().is_some_and(|names| names.iter().all(known)) {
            out.push("ignore_changes".to_owned());
        }
    }
    out
}
