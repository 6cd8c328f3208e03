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
/// all the same. Nothing is ever made of it: there is an error already, and what would only be said of
/// what stands in is not said ([`Written`](crate::blueprint::Written) knows what does). A name is as short
/// as one may be, so that no limit is passed that the true one keeps.
fn placeholder(key: &str) -> Option<Node> {
    let text = match key {
        "version" => "1",
        "name" | "environment" => "\"a\"",
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

/// What is left of a tree.
pub struct Kept {
    /// The tree, which fits the schema.
    pub tree: Node,
    /// The routes that were cut out.
    pub cut: BTreeSet<Vec<Step>>,
    /// The keys of the root for which something stands in.
    pub stand_ins: BTreeSet<String>,
}

/// What one round finds to do.
#[derive(Default)]
struct Round {
    cuts: BTreeSet<Vec<Step>>,
    missing: Vec<String>,
}

impl Judged<'_> {
    /// Complains of all that breaks the schema; gives what is left without it, or `None` if that is
    /// nothing.
    pub fn judge(&self, mut tree: Node, sources: &Sources, sink: &mut Sink) -> Option<Kept> {
        let (mut cut, mut stand_ins) = (BTreeSet::new(), BTreeSet::new());
        loop {
            let value = tree.to_json();
            let errors: Vec<_> = self.checker.validator.iter_errors(&value).collect();
            if errors.is_empty() {
                return Some(Kept { tree, cut, stand_ins });
            }
            // Only the first round tells: what breaks the schema later lacks what was cut out.
            if cut.is_empty() && stand_ins.is_empty() {
                self.tell(&errors, &tree, sources, sink);
            }
            let round = round(&errors, &tree);
            // A round takes something away or adds what was never added: there is an end to both.
            let removed = remove(&mut tree, &round.cuts)?;
            if removed == 0 && round.missing.is_empty() {
                return None;
            }
            for key in round.missing {
                stand_in(&mut tree, &key)?;
                cut.insert(vec![Step::Key(key.clone())]);
                if !stand_ins.insert(key) {
                    return None;
                }
            }
            cut.extend(round.cuts);
        }
    }

    fn tell(
        &self,
        errors: &[ValidationError<'_>],
        tree: &Node,
        sources: &Sources,
        sink: &mut Sink,
    ) {
        for error in errors {
            // A value of the wrong type is not told a second time that it is none of the choices.
            let retyped = |other: &ValidationError<'_>| {
                matches!(other.kind(), ValidationErrorKind::Type { .. })
                    && other.instance_path() == error.instance_path()
            };
            let told = matches!(error.kind(), ValidationErrorKind::Enum { .. })
                && errors.iter().any(retyped);
            if !told {
                report(error, &route(error, tree), tree, self, sources, sink);
            }
        }
    }
}

/// What is to be cut out, and which keys of the root need something that stands in.
fn round(errors: &[ValidationError<'_>], tree: &Node) -> Round {
    let mut round = Round::default();
    for error in errors {
        let steps = route(error, tree);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let below = |key: &String| [&steps[..], &[Step::Key(key.clone())]].concat();
                round.cuts.extend(unexpected.iter().map(below));
            }
            ValidationErrorKind::Required { property } if steps.is_empty() => {
                round.missing.push(property.as_str().unwrap_or_default().to_owned());
            }
            _ => drop(round.cuts.insert(steps)),
        }
    }
    round
}

/// The place of an error as a route of the tree. A key of digits only is a key where a mapping stands, and
/// an index where a list does: the place itself does not tell them apart.
fn route(error: &ValidationError<'_>, tree: &Node) -> Vec<Step> {
    let mut here = Some(tree);
    let mut steps = Vec::new();
    for written in error.instance_path().as_str().split('/').skip(1) {
        let is_list = here.is_some_and(|node| matches!(node.kind, Kind::List(_)));
        let step = match written.parse() {
            Ok(index) if is_list => Step::Index(index),
            // The escapes of a JSON pointer. Source: https://www.rfc-editor.org/rfc/rfc6901#section-4.
            _ => Step::Key(written.replace("~1", "/").replace("~0", "~")),
        };
        here = here.and_then(|node| node.child(&step));
        steps.push(step);
    }
    steps
}

/// Puts what stands in for a key into the root; `None` if nothing can.
fn stand_in(root: &mut Node, key: &str) -> Option<()> {
    let node = placeholder(key)?;
    let Kind::Map(entries) = &mut root.kind else { return None };
    entries.push((Key { span: 0..0, text: key.to_owned() }, node));
    Some(())
}

/// Takes what is at the end of each route out of the tree; how many were there, or `None` if one is the
/// root.
fn remove(tree: &mut Node, cuts: &BTreeSet<Vec<Step>>) -> Option<usize> {
    if cuts.contains(&Vec::new()) {
        return None;
    }
    // From the back, so that the indices of what is still to be cut stay true.
    Some(cuts.iter().rev().filter(|steps| cut(tree, steps)).count())
}

/// Removes what is at the end of the route; whether anything was there.
fn cut(node: &mut Node, steps: &[Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return false };
    match (step, &mut node.kind) {
        (Step::Key(key), Kind::Map(entries)) if rest.is_empty() => {
            let before = entries.len();
            entries.retain(|(k, _)| k.text != *key);
            entries.len() < before
        }
        (Step::Key(key), Kind::Map(entries)) => {
            let child = entries.iter_mut().find(|(k, _)| k.text == *key);
            child.is_some_and(|(_, child)| cut(child, rest))
        }
        (Step::Index(index), Kind::List(items)) if rest.is_empty() => {
            let there = *index < items.len();
            there.then(|| items.remove(*index));
            there
        }
        (Step::Index(index), Kind::List(items)) => {
            items.get_mut(*index).is_some_and(|child| cut(child, rest))
        }
        _ => false,
    }
}
