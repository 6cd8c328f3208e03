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
    let same = out.is_empty();
    out.extend(head.iter().filter_map(|proof| cut(base, proof, same)));
    out
}

/// What is said of a proof that lists not all that is open: what is new can lie beyond its end. Nothing,
/// if that of the base was cut at as many pairs, and what is listed is the same.
fn cut(base: &[Proof], proof: &Proof, same: bool) -> Option<String> {
    let cut = |base: &&Proof| base.engine == proof.engine && base.more;
    let before = base.iter().find(cut).map(Proof::reached);
    let silent = !proof.more || same && before == Some(proof.reached());
    let engine = proof.engine.id();
    (!silent).then(|| format!("and more than is listed ({engine}): `tenantry prove` has how many"))
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
