//! Every resource of a module against the provider's schema of its type, and every reference
//! against what it names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::check::rule;
use crate::diag::Sink;
use crate::name::nearest;
use crate::source::Site;

#[derive(Deserialize)]
struct Facts {
    resources: BTreeMap<String, Block>,
    data: BTreeMap<String, Block>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(default)]
    attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    blocks: BTreeMap<String, Nested>,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "type")]
    kind: Value,
    mode: String,
}

#[derive(Deserialize)]
struct Nested {
    min: usize,
    /// Zero is no limit.
    max: usize,
    /// `None` of a block that stands inside itself.
    block: Option<Block>,
}

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../schemas/terraform.json"))
        .expect("schemas/terraform.json is written by schemas/refresh.py and held by a test")
});

/// The resource types that have a schema.
pub fn types() -> impl Iterator<Item = &'static str> {
    FACTS.resources.keys().map(String::as_str)
}

/// Arguments that belong to Terraform, not to the provider.
const META: [&str; 5] = ["depends_on", "lifecycle", "provider", "for_each", "connection"];

/// Checks a module or a root.
pub fn check(path: &str, text: &str, sink: &mut Sink) {
    let module: Value = serde_json::from_str(text).expect("the engine writes JSON");
    let mut faults = Vec::new();
    for (section, facts) in [("resource", &FACTS.resources), ("data", &FACTS.data)] {
        for (kind, blocks) in module[section].as_object().into_iter().flatten() {
            let Some(schema) = facts.get(kind) else {
                sink.push(
                    rule::UNKNOWN_TYPE.at(Site::File(0), format!("{path}: {kind} has no schema")),
                );
                continue;
            };
            for (name, body) in blocks.as_object().into_iter().flatten() {
                block(body, schema, &format!("{kind}.{name}"), &mut faults);
            }
        }
    }
    references(&module, &module, &mut faults);
    for fault in faults {
        sink.push(rule::TERRAFORM.at(Site::File(0), format!("{path}, {fault}")));
    }
}

fn block(body: &Value, schema: &Block, place: &str, faults: &mut Vec<String>) {
    let Some(body) = body.as_object() else {
        faults.push(format!("{place}: not a block"));
        return;
    };
    for (name, value) in body {
        if META.contains(&name.as_str()) {
            continue;
        }
        if let Some(nested) = schema.blocks.get(name) {
            let items =
                value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
            if nested.max > 0 && items.len() > nested.max {
                faults.push(format!(
                    "{place}: {name} stands {} times, at most {}",
                    items.len(),
                    nested.max
                ));
            }
            let Some(inner) = &nested.block else { continue };
            for item in items {
                block(item, inner, &format!("{place}.{name}"), faults);
            }
            continue;
        }
        match schema.attributes.get(name) {
            None => {
                let known =
                    schema.attributes.keys().chain(schema.blocks.keys()).map(String::as_str);
                let hint = nearest(name, known)
                    .map_or(String::new(), |near| format!("; did you mean {near}?"));
                faults.push(format!("{place}: no attribute {name}{hint}"));
            }
            Some(attribute) if attribute.mode == "computed" => {
                faults.push(format!("{place}: {name} can only be read"));
            }
            Some(attribute) => {
                if !fits(value, &attribute.kind) {
                    faults.push(format!(
                        "{place}: {name} is {value}, but must be {}",
                        attribute.kind
                    ));
                }
            }
        }
    }
    for (name, attribute) in &schema.attributes {
        if attribute.mode == "required" && !body.contains_key(name) {
            faults.push(format!("{place}: lacks {name}"));
        }
    }
    for (name, nested) in
        schema.blocks.iter().filter(|(name, n)| n.min > 0 && !body.contains_key(*name))
    {
        faults.push(format!("{place}: lacks {name}, which must stand {} times", nested.min));
    }
}

/// Whether Terraform would take the value: it converts between strings, numbers and truth values
/// where the text allows it, and what is an expression is not known yet.
fn fits(value: &Value, kind: &Value) -> bool {
    if let Some(text) = value.as_str()
        && is_expression(text)
    {
        return true;
    }
    match kind {
        Value::String(kind) => match (kind.as_str(), value) {
            ("string", Value::String(_) | Value::Number(_) | Value::Bool(_))
            | ("number", Value::Number(_))
            | ("bool", Value::Bool(_))
            | ("dynamic", _) => true,
            ("number", Value::String(text)) => text.parse::<f64>().is_ok(),
            ("bool", Value::String(text)) => matches!(text.as_str(), "true" | "false"),
            _ => false,
        },
        Value::Array(parts) => match (parts[0].as_str().unwrap_or_default(), value) {
            ("list" | "set", Value::Array(items)) => items.iter().all(|item| fits(item, &parts[1])),
            ("map", Value::Object(pairs)) => pairs.values().all(|item| fits(item, &parts[1])),
            ("object", Value::Object(pairs)) => {
                let fields = parts[1].as_object();
                fields.is_some_and(|fields| {
                    pairs.len() == fields.len()
                        && pairs.iter().all(|(k, v)| {
                            fields.get(k).is_some_and(|kind| v.is_null() || fits(v, kind))
                        })
                })
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether a string holds a template that is not escaped.
fn is_expression(text: &str) -> bool {
    !expressions(text).is_empty()
}

/// The expressions inside a string: `a${b.c}$${d}` has `b.c`.
fn expressions(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let escaped = rest[..at].ends_with('$');
        let inner = &rest[at + 2..];
        let end = inner.find('}').unwrap_or(inner.len());
        if !escaped {
            out.push(&inner[..end]);
        }
        rest = &inner[end..];
    }
    out
}

fn references(value: &Value, module: &Value, faults: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            // The only function that is written has a template of its own inside.
            let inside =
                text.strip_prefix("${base64encode(\"").and_then(|t| t.strip_suffix("\")}"));
            for expression in expressions(inside.unwrap_or(text)) {
                faults.extend(reference(expression, module));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, module, faults)),
        Value::Object(pairs) => pairs.values().for_each(|item| references(item, module, faults)),
        _ => {}
    }
}

/// What is wrong with a reference like `aws_vpc.main.id`, `var.name` or `data.aws_region.current.name`.
fn reference(expression: &str, module: &Value) -> Option<String> {
    let parts: Vec<&str> = expression.split('.').collect();
    let missing = |what: &str| Some(format!("${{{expression}}} names {what}, which is not there"));
    let of = |section: &str,
              facts: &BTreeMap<String, Block>,
              kind: &str,
              name: &str,
              attribute: &str| {
        if module[section][kind].get(name).is_none() {
            return missing(&format!("{kind}.{name}"));
        }
        let known = facts.get(kind).is_some_and(|b| b.attributes.contains_key(attribute));
        if known { None } else { missing(&format!("the attribute {attribute}")) }
    };
    match parts.as_slice() {
        ["var", name] if module["variable"].get(name).is_some() => None,
        ["module", _, _] | ["path", "module"] => None,
        ["ephemeral", kind, name, _] if module["ephemeral"][kind].get(name).is_some() => None,
        ["data", kind, name, attribute] => of("data", &FACTS.data, kind, name, attribute),
        [kind, name, attribute] => of("resource", &FACTS.resources, kind, name, attribute),
        _ => missing("something"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(resources: &str) -> Vec<String> {
        let mut sink = Sink::default();
        check(
            "m.tf.json",
            &format!("{{\"variable\": {{\"a\": {{}}}}, \"resource\": {{{resources}}}}}"),
            &mut sink,
        );
        sink.as_slice().iter().map(|d| format!("{}: {}", d.rule.id, d.message)).collect()
    }

    /// Each seeded fault is refused, and the same resource without it is not.
    #[test]
    fn seeded_faults_are_found() {
        let sound = r#""aws_vpc": {"v": {"cidr_block": "${var.a}", "enable_dns_support": true, "tags": {"a": "$${b}"}}},
            "aws_subnet": {"s": {"vpc_id": "${aws_vpc.v.id}", "cidr_block": "10.0.0.0/24"}}"#;
        assert_eq!(complaints(sound), Vec::<String>::new());
        let faults = [
            (
                "misspelt attribute",
                r#""aws_vpc": {"v": {"cidr_blok": "10.0.0.0/16"}}"#,
                "did you mean cidr_block?",
            ),
            (
                "missing attribute",
                r#""aws_subnet": {"s": {"cidr_block": "10.0.0.0/24"}}"#,
                "lacks vpc_id",
            ),
            (
                "wrong type",
                r#""aws_vpc": {"v": {"enable_dns_support": "maybe"}}"#,
                "must be \"bool\"",
            ),
            (
                "list for text",
                r#""aws_vpc": {"v": {"cidr_block": ["10.0.0.0/16"]}}"#,
                "must be \"string\"",
            ),
            ("read-only", r#""aws_vpc": {"v": {"arn": "x"}}"#, "only be read"),
            (
                "dangling reference",
                r#""aws_subnet": {"s": {"vpc_id": "${aws_vpc.v.id}"}}"#,
                "aws_vpc.v",
            ),
            (
                "unknown attribute",
                r#""aws_vpc": {"v": {}, "w": {"cidr_block": "${aws_vpc.v.nothing}"}}"#,
                "nothing",
            ),
            ("unknown variable", r#""aws_vpc": {"v": {"cidr_block": "${var.b}"}}"#, "var.b"),
            ("unknown type", r#""aws_nothing": {"n": {}}"#, "schema/unknown-type"),
        ];
        for (what, resource, expect) in faults {
            let found = complaints(resource);
            assert!(found.iter().any(|m| m.contains(expect)), "{what}: {found:?}");
        }
    }
}
