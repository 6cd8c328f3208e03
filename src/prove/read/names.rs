//! Which properties are followed, type by type. A property that is on no list can open anything: a
//! policy inside of a thing, a snapshot of somebody else's, a stream to elsewhere. A folder that has
//! one is not proved until somebody has looked at it. The lists are `schemas/followed.json`: what
//! blueprints write, which a test holds, and what people add by hand that opens nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::template::Template;

type Lists = BTreeMap<String, BTreeSet<String>>;

static FOLLOWED: LazyLock<Lists> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../schemas/followed.json"))
        .expect("it is in the package")
});

/// What stands below these is not CloudFormation's to name: documents, which a layer reads as a whole,
/// and mappings whose keys are the user's.
const OPEN: &[&str] = &[
    "AssumeRolePolicyDocument",
    "AttributeMapping",
    "Configuration",
    "Content",
    "DashboardBody",
    "Dimensions",
    "EventPattern",
    "Item",
    "KeyPolicy",
    "Options",
    "Parameters",
    "Policy",
    "PolicyDocument",
    "PrincipalTags",
    "ProviderDetails",
    "RequestParameters",
    "RepositoryPolicyText",
    "ResourcePolicy",
    "RestoreMetadataOverrides",
    "Roles",
    "Statement",
    "TemplateBody",
    "Variables",
];

/// Complains of properties that are on no list of a type, nor on that of its other name.
pub fn check(out: &mut Template, id: &str, kinds: [&str; 2], properties: &Value) {
    let mut strange = BTreeSet::new();
    walk(properties, &|name| kinds.iter().any(|kind| is_followed(kind, name)), &mut strange);
    for name in strange {
        out.complain(format!("{id}: {name} of {} is not followed", kinds[0]));
    }
}

fn is_followed(kind: &str, name: &str) -> bool {
    name == "Tags" || FOLLOWED.get(kind).is_some_and(|names| names.contains(name))
}

/// The names of all properties that are not let through, at any depth.
fn walk(value: &Value, lets: &dyn Fn(&str) -> bool, strange: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) if is_function(map.keys()) => {}
        Value::Object(map) => {
            for (name, inner) in map {
                if !lets(name) {
                    strange.insert(name.clone());
                } else if !is_open(name) {
                    walk(inner, lets, strange);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, lets, strange)),
        _ => {}
    }
}

/// Whether what stands below a property is the user's to name. Tags have several names.
fn is_open(name: &str) -> bool {
    name.ends_with("Tags") || OPEN.contains(&name)
}

/// Whether a mapping is a function of `CloudFormation`'s, which is resolved or unknown as a whole.
fn is_function<'k>(mut keys: impl Iterator<Item = &'k String>) -> bool {
    match (keys.next(), keys.next()) {
        (Some(key), None) => key == "Ref" || key.starts_with("Fn::"),
        _ => false,
    }
}
