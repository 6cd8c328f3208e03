//! Complaints for code scanners: SARIF 2.1.0, as GitHub and others show it beside the line.
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diag::place::{Place, ordered, place};
use crate::diag::{Diagnostic, Rule};
use crate::source::{Site, Sources};

/// Where the schema of the format is published.
pub const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// All complaints as one run, in the order of the files, with the rules that they break.
pub fn render(found: &[Diagnostic], sources: &Sources) -> String {
    let found = ordered(found, sources);
    let rules: BTreeMap<&str, &Rule> = found.iter().map(|d| (d.rule.id, d.rule)).collect();
    let index = |id: &str| rules.keys().position(|rule| *rule == id);
    let results: Vec<Value> = found.iter().map(|d| result(d, sources, index(d.rule.id))).collect();
    let driver = json!({
        "name": "tenantry",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
    });
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).expect("strings and numbers serialise") + "\n"
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.why },
        "help": { "text": format!("{}.", rule.fix) },
        "defaultConfiguration": { "level": rule.level.word() },
    })
}

fn result(d: &Diagnostic, sources: &Sources, rule: Option<usize>) -> Value {
    let mut out = json!({
        "ruleId": d.rule.id,
        "ruleIndex": rule,
        "level": d.rule.level.word(),
        "message": { "text": format!("{}\nhelp: {}", d.message, d.advice()) },
        "locations": [location(&d.site, sources)],
    });
    if !d.notes.is_empty() {
        let related = d.notes.iter().map(|(site, text)| {
            let mut related = location(site, sources);
            related["message"] = json!({ "text": text });
            related
        });
        out["relatedLocations"] = Value::Array(related.collect());
    }
    out
}

fn location(site: &Site, sources: &Sources) -> Value {
    let at = place(site, sources);
    let mut physical = json!({ "artifactLocation": { "uri": uri(at.file) } });
    // A complaint about a whole file has no region.
    if !matches!(site, Site::File(_)) {
        physical["region"] = region(&at);
    }
    json!({ "physicalLocation": physical })
}

fn region(at: &Place<'_>) -> Value {
    let mut region = json!({ "startLine": at.line, "startColumn": at.column });
    if (at.end_line, at.end_column) > (at.line, at.column) {
        region["endLine"] = json!(at.end_line);
        region["endColumn"] = json!(at.end_column);
    }
    region
}

/// A path as a reference in the sense of RFC 3986: relative to the repository, or a `file:` URI.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.trim_start_matches("./");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("./blueprints/a b:é.yaml"), "blueprints/a%20b%3A%C3%A9.yaml");
        assert_eq!(uri("/tmp/a.yaml"), "file:///tmp/a.yaml");
    }
}
