//! A proof for machines: a versioned object.

use serde_json::{Value, json};

use crate::prove::proof::{Group, Proof};
use crate::prove::statement::Held;
use crate::prove::verdict::{Finding, Hop, Party, Verdict};

/// The version of the shape below. It changes when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

/// The proof of each engine.
pub fn render(proofs: &[Proof]) -> String {
    let all: Vec<Value> = proofs.iter().map(one).collect();
    let out = json!({"version": VERSION, "proofs": all});
    serde_json::to_string_pretty(&out).expect("strings and numbers serialise") + "\n"
}

fn one(proof: &Proof) -> Value {
    let with = |verdict: Verdict| (verdict.id().to_owned(), Value::from(proof.with(verdict)));
    let verdicts = [Verdict::Isolated, Verdict::Shared, Verdict::Reachable].map(with);
    json!({
        "estate": proof.estate,
        "engine": proof.engine.id(),
        "holds": proof.holds(),
        "tenants": proof.tenants,
        "things": proof.things,
        "pairs": proof.pairs(),
        "verdicts": verdicts.into_iter().collect::<serde_json::Map<_, _>>(),
        "groups": proof.groups.iter().map(group).collect::<Vec<_>>(),
        "reachable": proof.reachable.iter().map(finding).collect::<Vec<_>>(),
        "more": proof.more,
        "statements": proof.statements.iter().map(statement).collect::<Vec<_>>(),
        "outside": proof.outside,
    })
}

fn group(group: &Group) -> Value {
    json!({
        "one": group.one,
        "other": group.other,
        "near": group.near.id(),
        "pairs": group.pairs,
        "reachable": group.reachable,
        "verdict": group.verdict.id(),
        "example": [group.example.0, group.example.1],
        "reasons": group.reasons.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "from": party(&finding.from),
        "to": party(&finding.to),
        "verdict": finding.verdict.id(),
        "by": finding.by,
        "what": finding.what,
        "witness": witness(&finding.witness),
    })
}

fn party(party: &Party) -> Value {
    match party {
        Party::Tenant(id) => json!({"tenant": id}),
        Party::Shared(what) => json!({"shared": what}),
        Party::Internet => json!("internet"),
    }
}

fn witness(hops: &[Hop]) -> Vec<Value> {
    let one = |hop: &Hop| {
        json!({
            "what": hop.what,
            "why": hop.why,
            "thing": hop.thing,
            "file": hop.file,
            "pointer": hop.pointer,
        })
    };
    hops.iter().map(one).collect()
}

fn statement(held: &Held) -> Value {
    json!({
        "statement": held.text,
        "must": held.must,
        "holds": held.holds,
        "asked": held.asked,
        "why": held.why,
        "witness": witness(&held.witness),
    })
}
