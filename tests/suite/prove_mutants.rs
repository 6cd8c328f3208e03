//! What was rendered, broken on purpose: each break must be found by the whole proof, with what lets
//! through in its witness. The table stands in `snapshots/prove/mutants.snap`.

pub mod edit; // hands that break
pub mod network; // ways to break the network
pub mod identity; // ways to break policies
pub mod data; // ways to break migrations and catalogues

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use tenantry::prove::proof;
use tenantry::prove::read::Engine;
use tenantry::prove::verdict::{Finding, Hop};

use crate::prove::{plain, rendered};
use crate::prove_identity::told;
use crate::support::{faults, snapshot};

/// The files of a rendered folder.
pub type Files = BTreeMap<String, String>;

/// One way to break what was rendered.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// What is broken, in a few words.
    pub name: &'static str,
    /// The blueprint whose output is broken; `sql`, for a pool whose tenants share tables.
    pub blueprint: &'static str,
    /// Which engine's files are.
    pub engine: Engine,
    /// Breaks it; whether anything was changed.
    pub apply: fn(&mut Files) -> bool,
    /// What a finding must name.
    pub expect: &'static str,
}

/// Changes a JSON file whose path ends so.
pub fn edit(files: &mut Files, path: &str, change: impl FnOnce(&mut Value) -> Option<()>) -> bool {
    let Some((_, text)) = files.iter_mut().find(|(name, _)| name.ends_with(path)) else {
        return false;
    };
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    let before = value.clone();
    let changed = change(&mut value).is_some() && value != before;
    *text = value.to_string();
    changed
}

/// Replaces a text in a file whose path ends so.
pub fn swap(files: &mut Files, path: &str, from: &str, to: &str) -> bool {
    let Some((_, text)) = files.iter_mut().find(|(name, _)| name.ends_with(path)) else {
        return false;
    };
    let changed = text.contains(from);
    *text = text.replace(from, to);
    changed
}

/// A break of any layer, for one engine.
struct Break {
    name: &'static str,
    blueprint: &'static str,
    engine: Engine,
    apply: Box<dyn Fn(&mut Files) -> bool>,
    /// What one finding must say, all of it.
    words: Vec<&'static str>,
}

fn all() -> Vec<Break> {
    let of_network = network::mutants().into_iter().flat_map(|m| {
        m.engines.iter().map(move |engine| {
            let apply = m.apply;
            Break {
                name: m.name,
                blueprint: m.blueprint,
                engine: *engine,
                apply: Box::new(move |files| apply(files, *engine)),
                words: [m.expect.pair.0, m.expect.pair.1, m.expect.by]
                    .into_iter()
                    .chain(m.expect.over.lines())
                    .collect(),
            }
        })
    });
    let of_others = identity::mutants().into_iter().chain(data::mutants()).map(|m| Break {
        name: m.name,
        blueprint: m.blueprint,
        engine: m.engine,
        apply: Box::new(m.apply),
        words: vec![m.expect],
    });
    of_network.chain(of_others).collect()
}

fn said(finding: &Finding) -> String {
    let mut out = told(finding);
    for hop in &finding.witness {
        // References by the names of either engine.
        let Hop { what, thing, file, pointer, why } = hop;
        let _ = write!(out, "\n{what} {} {thing} {file} {pointer} {why}", plain(thing));
    }
    out
}

/// The first finding that says all of it, in one line; else what was found.
fn caught(one: &Break, files: &Files) -> Result<String, String> {
    let proof = proof::prove(files, one.engine).map_err(|all| format!("not read: {all:?}"))?;
    assert!(proof.reachable.is_empty() || !proof.holds(), "what is reachable does not hold");
    let text = tenantry::view::proof::json::render(std::slice::from_ref(&proof));
    assert_eq!(faults("prove", &text), [""; 0], "{}", one.name);
    let found: Vec<String> = proof.reachable.iter().map(said).collect();
    let fits = |text: &&String| one.words.iter().all(|word| text.contains(word));
    match found.iter().find(fits) {
        Some(text) => Ok(text.lines().next().unwrap_or_default().to_owned()),
        None => Err(format!("{:?} in none of {}: {:?}", one.words, found.len(), found.first())),
    }
}

/// Every break is found by the whole proof, and the finding names what was broken.
#[test]
fn every_break_is_found() {
    let mut whole: BTreeMap<&str, Files> = BTreeMap::new();
    let (mut table, mut missed, mut count) = (String::new(), Vec::new(), 0);
    for one in all() {
        count += 1;
        let sound = whole.entry(one.blueprint).or_insert_with(|| match one.blueprint {
            "sql" => data::pool("table"),
            name => rendered(name),
        });
        let mut files = sound.clone();
        let seen = if (one.apply)(&mut files) {
            caught(&one, &files)
        } else {
            Err("nothing was changed".to_owned())
        };
        match seen {
            Ok(text) => {
                let _ = writeln!(table, "{} | {} | {text}", one.name, one.engine.id());
            }
            Err(why) => missed.push(format!("{} for {}: {why}", one.name, one.engine.id())),
        }
    }
    assert!(missed.is_empty(), "{} of {count}:\n{}", missed.len(), missed.join("\n"));
    assert!(count >= 60, "there are enough of them");
    snapshot("prove", "mutants", &table);
}
