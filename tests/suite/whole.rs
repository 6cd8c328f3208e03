//! What is cut is counted as what is whole: templates that are cut because everything has many tags hold
//! what they hold without tags, whichever part it stands in; and what is proposed sees all parts.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tenantry::check::quota::Counter;
use tenantry::diag::human;
use tenantry::engine::{Engine, Options};
use tenantry::synth::Made;
use tenantry::template::PART;
use tenantry::view::consolidate;

use crate::support::{root, synth_text};

/// What is counted of a blueprint of the repository's with so many tags more on everything: by quota and
/// place, without what tags and parts add.
fn counts(name: &str, tags: usize) -> (Made, BTreeMap<(&'static str, String), u64>) {
    let folder = root().join("blueprints");
    let text = fs::read_to_string(folder.join(name)).expect("a blueprint");
    let mut blueprint: Value = serde_yaml::from_str(&text).expect("YAML");
    for n in 0..tags {
        blueprint["tags"]["common"][format!("example:tag-{n}")] = json!("v".repeat(30));
    }
    let engines = vec![Engine::CloudFormation];
    let options = Options { engines, inline: false, partial: false };
    let text = blueprint.to_string();
    let outcome = synth_text(name, text.as_bytes(), None, &folder, options);
    let told = human::render(outcome.sink.as_slice(), &outcome.sources, false);
    assert!(!told.contains("limit/upload"), "{name} with {tags} tags: {told}");
    let made = outcome.made.unwrap_or_else(|| panic!("{name} with {tags} tags: {told}"));
    let apart = |quota: &str| {
        ["cloudformation.", "ssm.", "resourcegroups."].iter().any(|it| quota.starts_with(it))
            || quota.contains("tags")
            || quota == "ecs.task-definition-size"
    };
    let uses = Counter::default().count_each(&made.spec, &made.estate);
    let uses = uses.into_iter().filter(|one| !apart(one.quota));
    let uses = uses.map(|one| ((one.quota, one.place), one.used)).collect();
    (made, uses)
}

fn is_counted_alike(name: &str, tags: usize) {
    let ((_, before), (made, after)) = (counts(name, 0), counts(name, tags));
    let parts = made.estate.templates.keys().filter(|shape| shape.contains(PART)).count();
    assert!(parts > 0, "{name} with {tags} tags is not cut");
    for (at, used) in &before {
        let ours: Vec<_> = after.iter().filter(|((quota, _), _)| *quota == at.0).collect();
        assert_eq!(after.get(at), Some(used), "{name} with {tags} tags: {at:?}, but {ours:?}");
    }
    let more: Vec<_> = after.keys().filter(|at| !before.contains_key(at)).collect();
    assert!(more.is_empty(), "{name} with {tags} tags: {more:?} come");
}

#[test]
fn whatever_its_model() {
    is_counted_alike("hybrid.yaml", 20);
}

#[test]
fn whatever_surrounds_it() {
    is_counted_alike("full.yaml", 12);
}

/// What a part reads of another is of the form that its property wants, as of a domain and its people.
#[test]
fn whatever_a_part_reads_of_another() {
    is_counted_alike("component-analytics.yaml", 10);
}

/// Rules of one list stand in two parts, and are one list.
#[test]
fn rules_in_several_parts_are_one_list() {
    let pools: Vec<Value> = (0..64).map(|n| json!({ "cidr": format!("10.{n}.0.0/16") })).collect();
    let text = json!({
        "version": 1, "name": "pools", "environment": "test", "regions": ["eu-west-1"],
        "accounts": { "workload": "333333333333" },
        "network": { "pools": pools, "zones": 2, "hub": { "connect": "transit-gateway" } },
        "tiers": { "v": { "isolation": "vpc", "network": { "prefix": 22 } } },
        "tenants": [{ "id": "acme", "tier": "v" }],
    });
    let engines = vec![Engine::CloudFormation];
    let options = Options { engines, inline: false, partial: false };
    let outcome = synth_text("b.json", text.to_string().as_bytes(), None, &root(), options);
    let made = outcome.made.expect("it is sound");
    assert!(made.estate.whole.contains_key("hub"), "the hub is cut");
    let report = consolidate::report(&made);
    let ours: Vec<_> = report.iter().filter(|line| line.proposal.shape == "hub").collect();
    assert!(!ours.is_empty());
    for line in ours {
        let one = &line.proposal;
        assert_eq!(one.blocks.len(), 64, "{}", one.owner);
        assert_eq!(one.own, ["10.0.0.0/10".parse().expect("a block")], "{}", one.owner);
        assert!(one.refused.is_empty(), "{}: {:?}", one.owner, one.refused);
    }
}
