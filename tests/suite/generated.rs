//! What is generated is what the code says now.

use std::collections::BTreeSet;
use std::fs;

use tenantry::blueprint::schema;
use tenantry::engine::Options;
use tenantry::view::tags;
use tenantry::{check, diag, resource, rules};

use crate::sql;
use crate::support::{blueprints, faults, options, root, synth_blueprint, synth_text};

pub fn is_current(path: &str, now: &str, how: &str) {
    let there = fs::read_to_string(root().join(path)).unwrap_or_default();
    if std::env::var_os("TENANTRY_WRITE").is_some() {
        fs::write(root().join(path), now).expect("it can be written");
    } else {
        assert!(there == now, "{path} is stale; {how}");
    }
}

const HOW: &str = "run `TENANTRY_WRITE=1 cargo test --test suite generated` and look at the diff";

#[test]
fn the_schema_is_that_of_the_types() {
    is_current("schemas/blueprint.schema.json", &schema::text(), HOW);
}

#[test]
fn the_schema_of_prices_is_that_of_the_types() {
    is_current("schemas/prices.schema.json", &tenantry::blueprint::prices::schema_text(), HOW);
}

#[test]
fn the_manual_is_that_of_the_rules() {
    is_current("docs/rules.md", &rules::manual(), HOW);
}

/// Then `python3 schemas/refresh.py` fetches the schemas of what is new.
#[test]
fn the_types_are_those_of_the_code() {
    is_current("schemas/types.txt", &resource::list(), HOW);
}

#[test]
fn every_type_that_is_written_has_a_schema() {
    let cfn: BTreeSet<&str> = check::cloudformation::types().collect();
    let tf: BTreeSet<&str> = check::terraform::types().collect();
    for (kind, terraform) in resource::types() {
        assert!(kind.is_none_or(|kind| cfn.contains(kind)), "{kind:?}");
        assert!(tf.contains(terraform), "{terraform}");
    }
}

#[test]
fn rule_ids_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for rule in rules::RULES {
        assert!(seen.insert(rule.id), "{} is there twice", rule.id);
        let sound = |c: char| c.is_ascii_lowercase() || c == '-' || c == '/';
        assert!(rule.id.chars().all(sound) && rule.id.matches('/').count() == 1, "{}", rule.id);
        assert!(
            rule.summary.ends_with('.') && rule.why.ends_with('.'),
            "{} is not in sentences",
            rule.id
        );
        assert!(
            !rule.fix.ends_with('.') && !rule.fix.is_empty(),
            "{}: the fix is no sentence",
            rule.id
        );
    }
}

/// Every rule that is declared is in the list.
#[test]
fn every_rule_is_listed() {
    for module in ["blueprint", "spec", "plan", "check"] {
        let text =
            fs::read_to_string(root().join(format!("src/{module}/rule.rs"))).expect("it is there");
        let list = fs::read_to_string(root().join("src/rules.rs")).expect("it is there");
        for name in text
            .lines()
            .filter_map(|l| l.strip_prefix("pub static "))
            .filter_map(|l| l.split(':').next())
        {
            assert!(
                list.contains(&format!("{module}::rule::{name},")),
                "{module}::rule::{name} is not listed"
            );
        }
    }
}

/// What is written for machines fits the schemas that are published for it.
#[test]
fn what_machines_read_fits_its_schema() {
    for name in blueprints() {
        for inline in [false, true] {
            let options = Options { inline, ..options() };
            let made = synth_blueprint(&name, options).made.expect("it is sound");
            let shared = made.render().shared();
            let manifest = shared.iter().find(|file| file.path == "manifest.json").expect("one");
            assert_eq!(faults("manifest", &manifest.text), [""; 0], "{name}");
            if !inline {
                assert_eq!(faults("tags", &tags::json(&tags::report(&made))), [""; 0], "{name}");
            }
        }
    }
    let text = fs::read(root().join("tests/reject/many-faults-of-meaning.yaml")).expect("a case");
    let outcome = synth_text("a.yaml", &text, None, &root(), options());
    let found = diag::json::render(outcome.sink.as_slice(), &outcome.sources);
    assert_eq!(faults("diagnostics", &found), [""; 0]);
}

/// A snapshot whose case is gone would be read as if it still held.
#[test]
fn no_snapshot_is_an_orphan() {
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(root().join(folder)).expect(folder);
        entries.map(|e| e.expect("a file").file_name().into_string().expect("UTF-8")).collect()
    };
    let outlines: BTreeSet<String> =
        blueprints().iter().map(|name| format!("{name}.snap")).collect();
    for stage in ["plan", "templates", "terraform"] {
        assert_eq!(names(&format!("snapshots/{stage}")), outlines, "{stage}");
    }
    let partitions = sql::PARTITIONS.map(|partition| format!("{}.snap", partition.id()));
    assert_eq!(names("snapshots/sql"), BTreeSet::from(partitions));
    let cases = names("tests/reject");
    let cases =
        cases.iter().filter(|name| !name.starts_with('_')).map(|name| format!("{name}.snap"));
    assert_eq!(names("snapshots/reject"), cases.collect());
}
