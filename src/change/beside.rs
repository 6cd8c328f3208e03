//! What changes of a stack besides its resources: its tags, and what is written for it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::change::force::Force;
use crate::change::group::{Change, Property};
use crate::change::pair::Action;
use crate::change::side::Unit;

/// What changes of a stack besides its resources: its tags, and what is written for it.
pub fn beside(before: &Unit, unit: &Unit) -> Vec<Change> {
    let mut out = Vec::new();
    let mut add = |label: &str, kind: &str, was: &[(String, String)], is: &[(String, String)]| {
        let names: BTreeSet<&String> = was.iter().chain(is).map(|(name, _)| name).collect();
        let of = |list: &[(String, String)], name: &String| {
            let found = list.iter().find(|(n, _)| n == name);
            found.map(|(_, value)| Value::String(value.clone()))
        };
        let all = names.into_iter().map(|name| (name, of(was, name), of(is, name)));
        let changed: Vec<Property> = all
            .filter(|(_, was, is)| was != is)
            .map(|(name, was, is)| Property {
                path: name.clone(),
                was,
                is,
                varies: false,
                force: Force::InPlace,
                address: false,
                because: None,
                leaf: 0,
            })
            .collect();
        if !changed.is_empty() {
            out.push(Change {
                label: label.to_owned(),
                kind: kind.to_owned(),
                action: Action::Update,
                engines: Vec::new(),
                renamed: None,
                moved: None,
                properties: changed,
                losses: Vec::new(),
                cause: None,
                twin: 0,
            });
        }
    };
    add("(tags of the stack)", "AWS::CloudFormation::Stack", &before.tags, &unit.tags);
    add("(files)", "file", &before.files, &unit.files);
    out
}
