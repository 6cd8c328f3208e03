//! Blueprints with one mistake each: reading them ends, nothing panics, and what is told is what is wrong.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value, json};
use tenantry::blueprint::yaml;
use tenantry::diag::{Sink, human};
use tenantry::source::{Source, Sources};
use tenantry::{blueprint, spec};

use crate::support::{blueprints, options, root, synth_text};

/// A blueprint of the repository as a value.
fn value(name: &str) -> Map<String, Value> {
    let text = std::fs::read_to_string(root().join("blueprints").join(name)).expect("a blueprint");
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let file = sources.add(Source::new(name, text));
    yaml::parse(&mut sources, file, "", &mut sink);
    let tree = sources.get(file).root.as_ref().expect("it is YAML");
    let Value::Object(map) = tree.to_json() else { panic!("{name} is a mapping") };
    map
}

/// What can happen to a key.
const MISTAKES: [&str; 4] = ["deleted", "misspelt", "null", "of another kind"];

fn mistake(map: &mut Map<String, Value>, key: &str, mistake: &str) {
    let value = map.remove(key).expect("it is there");
    match mistake {
        "deleted" => {}
        "misspelt" => drop(map.insert(format!("{key}x"), value)),
        "null" => drop(map.insert(key.to_owned(), Value::Null)),
        _ => {
            let other = if value.is_object() { json!(["5"]) } else { json!({ "5": 5 }) };
            map.insert(key.to_owned(), other);
        }
    }
}

fn load(file: &str) -> Result<Vec<u8>, String> {
    std::fs::read(root().join("blueprints").join(file)).map_err(|error| error.to_string())
}

/// Whether a blueprint is still one: what is made of those that are is for other tests.
fn is_legal(text: &str) -> bool {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let bytes = text.as_bytes();
    let read = blueprint::read("b.json", bytes, &mut load, &mut sources, &mut sink);
    read.and_then(|written| spec::spec(&written, &mut sink)).is_some() && sink.errors() == 0
}

/// The rules of which a blueprint without a lock is told, and how they are told; none, if it is legal.
fn told(what: &str, map: &Map<String, Value>) -> (BTreeSet<&'static str>, String) {
    let text = serde_json::to_string_pretty(map).expect("JSON");
    let run = || {
        if is_legal(&text) {
            return <_>::default();
        }
        let folder = root().join("blueprints");
        let outcome = synth_text("b.json", text.as_bytes(), None, &folder, options());
        let found = outcome.sink.as_slice();
        assert!(outcome.made.is_none() && outcome.sink.errors() > 0, "{what}: nothing is told");
        let said = human::render(found, &outcome.sources, false);
        (found.iter().map(|one| one.rule.id).collect(), said)
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| panic!("{what}\n{text}"))
}

/// Those that are quickly read.
fn usual() -> impl Iterator<Item = String> {
    blueprints().into_iter().filter(|name| !name.starts_with("large"))
}

/// Something stands in for each of these, and nothing else is blamed on it.
#[test]
fn of_a_required_key_only_its_own_mistake_is_told() {
    // Of what is only a word, all is made, which takes a while: each in every seventh blueprint.
    let words = ["version", "name", "environment"];
    for (i, name) in usual().enumerate() {
        let whole = value(&name);
        let word = words.get(i % 7).copied();
        for key in ["regions", "accounts", "network", "tiers"].into_iter().chain(word) {
            for mistaken in [MISTAKES[0], MISTAKES[1 + i % 3]] {
                let what = format!("{name}: `{key}` is {mistaken}");
                let mut map = whole.clone();
                mistake(&mut map, key, mistaken);
                let (rules, said) = told(&what, &map);
                assert!(!rules.is_empty(), "{what}: it is taken for legal");
                let of_text = |rule: &&str| rule.starts_with("blueprint/");
                assert!(rules.iter().all(of_text), "{what}: {said}");
            }
        }
    }
}

/// Each key of the first two levels, with the next mistake.
#[test]
fn no_mistake_panics_or_is_kept_silent() {
    let (mut seen, mut wrong) = (BTreeSet::new(), 0);
    for name in usual() {
        let whole = value(&name);
        for (key, below) in &whole {
            let inner = below.as_object().into_iter().flatten().map(|(inner, _)| Some(inner));
            for inner in std::iter::once(None).chain(inner) {
                let mistaken = MISTAKES[seen.len() % MISTAKES.len()];
                if !seen.insert(format!("{key} {inner:?}")) {
                    continue;
                }
                let mut map = whole.clone();
                match (inner, &mut map[key]) {
                    (Some(inner), Value::Object(within)) => mistake(within, inner, mistaken),
                    _ => mistake(&mut map, key, mistaken),
                }
                let what = format!("{name}: `{key}` {inner:?} is {mistaken}");
                wrong += usize::from(!told(&what, &map).0.is_empty());
            }
        }
    }
    assert!(wrong > 50, "only {wrong} were wrong");
}
