//! Who is reached, and which statement is broken, that was not before.

use std::collections::BTreeSet;

use crate::prove::proof::Proof;

/// What the proofs of the head show and those of the base do not: one sentence each, sorted. A base
/// without a proof for an engine had nothing open.
pub fn opened(base: &[Proof], head: &[Proof]) -> Vec<String> {
    let before: BTreeSet<Open> = base.iter().flat_map(all).map(|(key, _)| key).collect();
    let now = head.iter().flat_map(all);
    let mut out: Vec<String> =
        now.filter(|(key, _)| !before.contains(key)).map(|(_, text)| text).collect();
    out.sort();
    out.dedup();
    if !out.is_empty() && head.iter().any(|proof| proof.more) {
        out.push("and more: `tenantry prove` has how many".to_owned());
    }
    out
}

/// Engine, who, whom or what, and the boundary that does not hold.
type Open = (&'static str, String, String, String);

/// Everything that is open, with a sentence.
fn all(proof: &Proof) -> Vec<(Open, String)> {
    let engine = proof.engine.id();
    let reached = proof.reachable.iter().map(|it| {
        let key = (engine, it.from.to_string(), it.to.to_string(), it.by.to_owned());
        (key, format!("{} reaches {} by {}: {} ({engine})", it.from, it.to, it.by, it.what))
    });
    let broken = proof.statements.iter().filter(|held| !held.holds).map(|held| {
        let key = (engine, held.text.clone(), String::new(), "statement".to_owned());
        (key, format!("does not hold: {} ({engine})", held.text))
    });
    reached.chain(broken).collect()
}
