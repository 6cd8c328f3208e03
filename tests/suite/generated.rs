//! What is generated is what the code says now.

use std::collections::BTreeSet;
use std::fs;

use tenantry::blueprint::schema;
use tenantry::{check, resource, rules};

use crate::support::root;

fn is_current(path: &str, now: &str, how: &str) {
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
fn the_manual_is_that_of_the_rules() {
    is_current("docs/rules.md", &rules::manual(), HOW);
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
