//! Holding a tree against the schema: what breaks it is complained of and cut out, and the rest is
//! read all the same, so that one run tells everything.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::blueprint::complain::{Judged, report};
use crate::diag::Sink;
use crate::source::{Key, Kind, Node, Sources, Step};

/// What stands in for a required part that is missing or broken, so that everything else is read
/// all the same. Nothing is ever made of it: there is an error already.
fn placeholder(key: &str) -> Option<Node> {
    let text = match key {
        "version" => "1",
        "name" | "environment" => "\"placeholder\"",
        "regions" => "[\"us-east-1\"]",
        "accounts" => "{\"workload\": \"000000000000\"}",
        "network" => "{\"pools\": [{\"cidr\": \"10.0.0.0/8\"}]}",
        "tiers" => "{}",
        _ => return None,
    };
    Some(from_json(&serde_json::from_str(text).expect("JSON")))
}

fn from_json(value: &Value) -> Node {
    let kind = match value {
        Value::Number(n) => Kind::Int(n.as_i64().unwrap_or_default()),
        Value::String(text) => Kind::Text(text.clone()),
        Value::Array(items) => Kind::List(items.iter().map(from_json).collect()),
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| {
                (Key { span: 0..0, text: key.clone() }, from_json(value))
            };
            Kind::Map(map.iter().map(entry).collect())
        }
        _ => Kind::Null,
    };
    Node { span: 0..0, kind }
}

impl Judged<'_> {
    /// Complains of all that breaks the schema; gives the tree without it and the routes cut, or
    /// `None` if nothing is left.
    pub fn judge(
        &self,
        mut tree: Node,
        sources: &Sources,
        sink: &mut Sink,
    ) -> Option<(Node, BTreeSet<Vec<Step>>)> {
        let mut broken = BTreeSet::new();
        let mut first = true;
        loop {
            let value = tree.to_json();
            let errors: Vec<_> = self.checker.validator.iter_errors(&value).collect();
            if errors.is_empty() {
                return Some((tree, broken));
            }
            let mut cuts = BTreeSet::new();
            let mut missing = Vec::new();
            for error in &errors {
                let steps = route(error);
                // A value of the wrong type is not told a second time that it is none of the choices.
                let retyped = |other: &ValidationError<'_>| {
                    matches!(other.kind(), ValidationErrorKind::Type { .. })
                        && other.instance_path() == error.instance_path()
                };
                let told = matches!(error.kind(), ValidationErrorKind::Enum { .. })
                    && errors.iter().any(retyped);
                if first && !told {
                    report(error, &steps, &tree, self, sources, sink);
                }
                match error.kind() {
                    ValidationErrorKind::AdditionalProperties { unexpected } => {
                        cuts.extend(unexpected.iter().map(|key| {
                            let mut steps = steps.clone();
                            steps.push(Step::Key(key.clone()));
                            steps
                        }));
                    }
                    ValidationErrorKind::Required { property } if steps.is_empty() => {
                        missing.push(property.as_str().unwrap_or_default().to_owned());
                    }
                    _ => drop(cuts.insert(steps)),
                }
            }
            first = false;
            // From the back, so that the indices of what is still to be cut stay true.
            if cuts.iter().rev().any(|steps| !cut(&mut tree, steps)) {
                return None;
            }
            for key in missing {
                let stand_in = placeholder(&key)?;
                let Kind::Map(entries) = &mut tree.kind else { return None };
                entries.push((Key { span: 0..0, text: key.clone() }, stand_in));
                broken.insert(vec![Step::Key(key)]);
            }
            broken.extend(cuts);
        }
    }
}

fn route(error: &ValidationError<'_>) -> Vec<Step> {
    use jsonschema::paths::LocationSegment;
    let location = error.instance_path();
    location
        .into_iter()
        .map(|segment| match segment {
            LocationSegment::Property(key) => Step::Key(key.into_owned()),
            LocationSegment::Index(index) => Step::Index(index),
        })
        .collect()
}

/// Removes what is at the end of the route; `false` if that is the root.
fn cut(node: &mut Node, steps: &[Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return false };
    match (step, &mut node.kind) {
        (Step::Key(key), Kind::Map(entries)) => {
            if rest.is_empty() {
                entries.retain(|(k, _)| k.text != *key);
            } else if let Some((_, child)) = entries.iter_mut().find(|(k, _)| k.text == *key) {
                cut(child, rest);
            }
        }
        (Step::Index(index), Kind::List(items)) => {
            if rest.is_empty() {
                if *index < items.len() {
                    items.remove(*index);
                }
            } else if let Some(child) = items.get_mut(*index) {
                cut(child, rest);
            }
        }
        _ => {}
    }
    true
}
