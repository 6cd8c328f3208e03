//! Two networks side by side: equal, or what is different, in words.

use std::collections::BTreeMap;

use serde_json::Value;

use super::kind::KINDS;
use super::name::Names;
use super::take::{Place, Raw};

/// What exists, with names for ids: kind, name and place of a thing, and all things that share
/// them (nothing forces two things to have different names).
pub type Forms = BTreeMap<String, Vec<Value>>;

pub fn forms(raw: &Raw) -> Forms {
    let names = Names::of(raw);
    let mut forms = Forms::new();
    for place in raw {
        for kind in KINDS {
            for it in place.set(kind.word) {
                let label = names.label(kind.word, it);
                let account = names.account(account_of(raw, place, kind.word, it));
                let key = format!("{} {label} ({account}/{})", kind.word, place.region);
                forms.entry(key).or_default().push(names.replace(&(kind.form)(it)));
            }
        }
    }
    for same in forms.values_mut() {
        same.sort_by_key(Value::to_string);
    }
    forms
}

/// Where a thing is: a VPC's attachment is counted as lying in the account of the VPC.
fn account_of<'a>(raw: &'a Raw, place: &'a Place, word: &str, it: &Value) -> &'a str {
    let holds = |other: &&Place| {
        other.set("VPC").iter().any(|vpc| vpc["vpcId"] == it["vpcId"] && word == "attachment")
    };
    raw.iter().find(holds).map_or(&place.account, |owner| &owner.account)
}

/// How many things are the same, and one line for each difference.
pub fn compare(terraform: &Forms, cloudformation: &Forms) -> (usize, Vec<String>) {
    let (mut same, mut differences) = (0, Vec::new());
    let keys: std::collections::BTreeSet<&String> =
        terraform.keys().chain(cloudformation.keys()).collect();
    let none = Vec::new();
    for key in keys {
        let mut left = terraform.get(key).unwrap_or(&none).clone();
        let mut right = cloudformation.get(key).unwrap_or(&none).clone();
        left.retain(|it| match right.iter().position(|other| other == it) {
            Some(at) => {
                right.remove(at);
                same += 1;
                false
            }
            None => true,
        });
        let pairs = left.len().min(right.len());
        for (left, right) in left.iter().zip(&right) {
            fields(key, left, right, &mut differences);
        }
        for (extra, engine) in [(left.len(), "Terraform"), (right.len(), "CloudFormation")] {
            let only = format!("{key}: only {engine} made it");
            differences.extend(std::iter::repeat_n(only, extra - pairs));
        }
    }
    (same, differences)
}

/// The differences between two things, down to the field or the member of a list.
fn fields(path: &str, left: &Value, right: &Value, differences: &mut Vec<String>) {
    if left == right {
        return;
    }
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                fields(&format!("{path}: {key}"), &left[key], &right[key], differences);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let mut other = b.clone();
            for it in a {
                match other.iter().position(|candidate| candidate == it) {
                    Some(at) => drop(other.remove(at)),
                    None => differences.push(format!("{path}: only Terraform has {}", short(it))),
                }
            }
            let extra =
                other.iter().map(|it| format!("{path}: only CloudFormation has {}", short(it)));
            differences.extend(extra);
        }
        _ => differences.push(format!(
            "{path}: {} in Terraform, {} in CloudFormation",
            short(left),
            short(right)
        )),
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => format!("{other:.160}"),
    }
}
