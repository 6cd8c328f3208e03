//! A proof for code scanners: SARIF 2.1.0. A path is a code flow, so that each step can be clicked.
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, sections 3.27 and 3.36.

use serde_json::{Value, json};

use crate::diag::Rule;
use crate::prove::proof::Proof;
use crate::prove::read::{Folder, place};
use crate::prove::rule::{REACHABLE, STATEMENT};
use crate::prove::verdict::{Finding, Hop};

/// Where the schema of the format is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What does not hold, one run for each engine.
pub fn render(proofs: &[Proof], folder: &dyn Folder) -> String {
    let runs: Vec<Value> = proofs.iter().map(|proof| run(proof, folder)).collect();
    let log = json!({"$schema": SCHEMA, "version": "2.1.0", "runs": runs});
    serde_json::to_string_pretty(&log).expect("strings and numbers serialise") + "\n"
}

fn run(proof: &Proof, folder: &dyn Folder) -> Value {
    let rules = [&REACHABLE, &STATEMENT].map(descriptor);
    let driver = json!({
        "name": "tenantry",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    let reached = proof.reachable.iter().map(|found| {
        let text = format!("{} → {}: {}", found.from, found.to, found.what);
        result(0, &text, &found.witness, &identity(found), folder)
    });
    let broken = proof.statements.iter().filter(|held| !held.holds).map(|held| {
        let text = match held.why.as_str() {
            "" => format!("this does not hold: {}", held.text),
            why => format!("this does not hold: {} ({why})", held.text),
        };
        result(1, &text, &held.witness, &held.text, folder)
    });
    json!({
        "tool": {"driver": driver},
        "automationDetails": {"id": format!("prove/{}/{}/", proof.estate, proof.engine.id())},
        "results": reached.chain(broken).collect::<Vec<_>>(),
    })
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": rule.level.word()},
    })
}

fn identity(found: &Finding) -> String {
    format!("{}/{}/{}", found.from, found.to, found.by)
}

fn result(rule: usize, text: &str, path: &[Hop], identity: &str, folder: &dyn Folder) -> Value {
    let id = [REACHABLE.id, STATEMENT.id][rule];
    // The last step is what decides: there the path comes through, or ends.
    let last = path.last().map(|hop| location(hop, folder));
    let whole = json!({"physicalLocation": {"artifactLocation": {"uri": "manifest.json"}}});
    let mut out = json!({
        "ruleId": id,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": text},
        "locations": [last.unwrap_or(whole)],
        "partialFingerprints": {"pair/v1": identity},
    });
    if !path.is_empty() {
        let steps: Vec<Value> =
            path.iter().map(|hop| json!({"location": location(hop, folder)})).collect();
        out["codeFlows"] = json!([{"threadFlows": [{"locations": steps}]}]);
    }
    out
}

fn location(hop: &Hop, folder: &dyn Folder) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": hop.file}});
    if let Some(line) = folder.text(&hop.file).and_then(|text| place::line(&text, &hop.pointer)) {
        physical["region"] = json!({"startLine": line});
    }
    json!({
        "physicalLocation": physical,
        "logicalLocations": [{"fullyQualifiedName": hop.thing}],
        "message": {"text": format!("{}: {}", hop.what, hop.why)},
    })
}
