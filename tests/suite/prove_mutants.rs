//! Rendered folders that are broken on purpose: each break must be found, and named.

pub mod data;
mod identity;

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::prove::Layer;
use tenantry::prove::data::Data;
use tenantry::prove::identity::Identity;
use tenantry::prove::read::{Deployed, Engine};

use crate::prove::rendered;
use crate::prove_identity::told;

/// The files of a rendered folder.
pub type Files = BTreeMap<String, String>;

/// One break.
pub struct Mutant {
    /// What is broken, in a few words.
    pub name: &'static str,
    /// The blueprint whose output is broken.
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

fn findings(layer: &mut dyn Layer, files: &Files, engine: Engine) -> Vec<String> {
    let wants: Vec<Box<dyn Layer>> = vec![Box::<Identity>::default(), Box::<Data>::default()];
    let wanted = |kind: &str| wants.iter().any(|layer| layer.wants(kind));
    let deployed = Deployed::read(files, engine, &wanted).expect("it can be read");
    deployed.each(&mut |thing| layer.take(thing));
    for (path, text) in files {
        layer.file(path, text);
    }
    layer.judge().iter().map(told).collect()
}

/// Every break is found, and what is found names it.
#[test]
fn every_break_is_found() {
    let mut whole: BTreeMap<&str, Files> = BTreeMap::new();
    let (mut table, mut missed) = (String::new(), Vec::new());
    for mutant in identity::mutants().into_iter().chain(data::mutants()) {
        let files = match mutant.blueprint {
            "sql" => data::pool("table"),
            name => whole.entry(name).or_insert_with(|| rendered(name)).clone(),
        };
        let mut files = files;
        if !(mutant.apply)(&mut files) {
            missed.push(format!("{}: nothing was broken", mutant.name));
            continue;
        }
        let mut found = findings(&mut Identity::default(), &files, mutant.engine);
        found.extend(findings(&mut Data::default(), &files, mutant.engine));
        let hit = found.iter().find(|text| text.contains(mutant.expect));
        match hit {
            Some(text) => {
                let first = text.lines().next().unwrap_or_default();
                table.push_str(&format!("{:40} {:?} {first}\n", mutant.name, mutant.engine));
            }
            None => missed.push(format!(
                "{} {:?}: {:?} is not named in {} findings\n{}",
                mutant.name,
                mutant.engine,
                mutant.expect,
                found.len(),
                found.iter().take(2).cloned().collect::<Vec<_>>().join("\n")
            )),
        }
    }
    println!("{table}");
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
