//! What was rendered, broken on purpose: each mutant must be found, with what lets through in its
//! witness. `TENANTRY_MUTANTS=1 cargo test --test suite prove_mutants -- --nocapture` prints the table.

pub mod edit; // hands that break
pub mod network; // ways to break the network

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tenantry::prove::proof::{self, Proof};
use tenantry::prove::read::Engine;

use crate::prove::rendered;
use crate::support::snapshot;

/// The files of a rendered folder.
pub type Files = BTreeMap<String, String>;

/// One way to break what was rendered.
pub struct Mutant {
    /// What is broken, in a few words.
    pub name: &'static str,
    /// The blueprint, with its ending.
    pub blueprint: &'static str,
    /// For which engine.
    pub engine: Engine,
    /// Breaks it; whether anything was changed.
    pub apply: fn(&mut Files) -> bool,
    /// What a reachable finding must say: in `by`, in its sentence, or in a step of its witness.
    pub expect: &'static str,
}

/// Every mutant.
fn all() -> Vec<Mutant> {
    let lists: Vec<Vec<Mutant>> = vec![];
    lists.into_iter().flatten().collect()
}

/// What came of one.
struct Seen {
    mutant: Mutant,
    /// The first finding that names what was expected, or why there is none.
    caught: Result<String, String>,
}

fn run() -> Vec<Seen> {
    let mut sound: BTreeMap<&str, Files> = BTreeMap::new();
    let mut out = Vec::new();
    for mutant in all() {
        let files = sound.entry(mutant.blueprint).or_insert_with(|| rendered(mutant.blueprint));
        let mut files = files.clone();
        let changed = (mutant.apply)(&mut files);
        let caught =
            if changed { judge(&mutant, &files) } else { Err("nothing was changed".to_owned()) };
        out.push(Seen { mutant, caught });
    }
    out
}

fn judge(mutant: &Mutant, files: &Files) -> Result<String, String> {
    let proof = proof::prove(files, mutant.engine)
        .map_err(|troubles| format!("it could not be read: {troubles:?}"))?;
    witness(&proof, mutant.expect).ok_or_else(|| {
        let found: Vec<&str> = proof.reachable.iter().map(|found| found.what.as_str()).collect();
        format!("found: {found:?}")
    })
}

/// The first finding that names it, in one line.
fn witness(proof: &Proof, expect: &str) -> Option<String> {
    let named = proof.reachable.iter().find(|found| {
        let steps = found.witness.iter();
        let mut words = vec![found.by, found.what.as_str()];
        words.extend(steps.flat_map(|hop| [hop.what.as_str(), &hop.why, &hop.thing]));
        words.iter().any(|text| text.contains(expect))
    })?;
    Some(format!("{} → {}: {} ({})", named.from, named.to, named.what, named.by))
}

/// Every mutant is caught, by a witness that names what was broken.
#[test]
fn every_mutant_is_caught() {
    let seen = run();
    let mut table = String::from("mutant | blueprint | engine | witness\n");
    let mut missed = Vec::new();
    for one in &seen {
        let Mutant { name, blueprint, engine, expect, .. } = &one.mutant;
        match &one.caught {
            Ok(witness) => {
                let _ = writeln!(table, "{name} | {blueprint} | {} | {witness}", engine.id());
            }
            Err(why) => missed.push(format!("{name} ({blueprint}, {expect}): {why}")),
        }
    }
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), seen.len(), missed.join("\n"));
    snapshot("prove", "mutants", &table);
}
