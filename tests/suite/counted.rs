//! What is there besides what stacks hold, and what AWS counts together with something else.

use std::fs;

use serde_json::{Value, json};

use tenantry::aws::quota;

use crate::support::{root, tenantry, told};

/// What `quotas` tells of a blueprint of the repository's, with a listing of a place.
fn quotas(name: &str, change: (&str, &str), listing: Option<(&str, Value)>) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(root().join("blueprints").join(name)).expect("a blueprint");
    assert!(text.contains(change.0), "{name} has no {}", change.0);
    let put = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("it can be written");
    };
    put("b.yaml", &text.replace(change.0, change.1));
    let mut arguments = vec!["quotas", "b.yaml", "--format", "json"];
    let place = listing.map(|(place, listing)| {
        put("listing.json", &listing.to_string());
        format!("{place}=listing.json")
    });
    arguments.extend(place.iter().flat_map(|place| ["--existing", place]));
    let (_, out, err) = told(&tenantry(folder.path(), &arguments));
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"))
}

/// How much is used of a quota in a place.
fn used(told: &Value, quota: &str, place: &str) -> Option<u64> {
    let all = told["uses"].as_array().expect("a list");
    let mut ours = all.iter().filter(|one| one["quota"] == quota && one["place"] == place);
    ours.next().and_then(|one| one["used"].as_u64())
}

/// Each account that the blueprint names is a member of the organization, and counts once, whatever it
/// serves; a listing of the members adds those that nobody named.
#[test]
fn the_accounts_that_a_blueprint_names_are_members() {
    let members = |change, listing| {
        let all = quotas("hybrid.yaml", change, listing);
        used(&all, "organizations.accounts", "the organization")
    };
    let same = ("deploy: {", "deploy: {");
    assert_eq!(
        members(same, None),
        Some(4),
        "the management account, the hub, one of cells, hooli"
    );
    let archive = (
        "  shared: \"222222222222\"",
        "  log_archive: \"444444444444\"\n  shared: \"222222222222\"",
    );
    assert_eq!(members(archive, None), Some(5));
    let twice = ("\"222222222222\" # the hub", "\"333333333333\" # the hub");
    assert_eq!(members(twice, None), Some(4), "the hub is at home, and 222222222222 deploys");
    let account =
        |id: &str| json!({"Id": id, "Email": format!("{id}@x.example"), "State": "ACTIVE"});
    let listed = ["111111111111", "222222222222", "333333333333", "999999999999"].map(account);
    let listing = ("111111111111", json!({ "Accounts": listed }));
    assert_eq!(members(same, Some(listing)), Some(5), "only 999999999999 is nobody's here");
}

/// What `check` of quotas finds over for a pool with so many instances behind its load balancer.
fn pool(instances: u64) -> Value {
    let change = ("min: 2, max: 6", format!("min: 2, max: {instances}"));
    quotas("application.yaml", (change.0, &change.1), None)
}

/// A network load balancer that sends to all zones has one quota for all of them together.
#[test]
fn a_balancer_across_zones_takes_so_many_targets_in_all() {
    let over = |instances| {
        let all = pool(instances);
        let uses = all["uses"].as_array().expect("a list").clone();
        let ours = uses.into_iter().filter(|one| one["quota"] == "elb.targets-per-az-per-nlb");
        ours.filter(|one| one["used"].as_u64() > one["limit"].as_u64()).count()
    };
    assert_eq!(over(500), 0);
    assert!(over(501) > 0, "two zones do not make it a thousand");
}

/// Internet gateways are as many as VPCs where more of those are granted, and are not asked for.
#[test]
fn internet_gateways_are_raised_with_vpcs() {
    const GATEWAYS: &str = "vpc.internet-gateways-per-region";
    let quota = quota::get(GATEWAYS).expect("a row");
    assert_eq!(quota.tied_to, Some("vpc.vpcs-per-region"));
    let limit = |said: &str| {
        let change = format!("version: 1\nquotas: {{ {said} }}");
        let all = quotas("hybrid.yaml", ("version: 1", &change), None);
        let uses = all["uses"].as_array().expect("a list").clone();
        let limits = uses.iter().filter(|one| one["quota"] == GATEWAYS).map(|one| &one["limit"]);
        limits.cloned().max_by_key(Value::as_u64).and_then(|it| it.as_u64())
    };
    assert_eq!(limit("vpc.vpcs-per-region: 100"), Some(100));
    assert_eq!(
        limit("vpc.vpcs-per-region: 4"),
        Some(5),
        "less of the one is not less of the other"
    );
    assert_eq!(limit("vpc.vpcs-per-region: 100, vpc.internet-gateways-per-region: 7"), Some(7));
    let asks =
        ["quotas", "blueprints/hybrid.yaml", "--tenants", "business=9", "--request", "commands"];
    let (_, script, _) = told(&tenantry(&root(), &asks));
    assert!(script.contains("--quota-code L-F678F1CE"), "{script}");
    assert!(!script.contains("L-A4707A72"), "{script}");
    let told = format!("# not asked: {GATEWAYS} in 333333333333/eu-west-1: ");
    let line = script.lines().find(|line| line.starts_with(&told)).expect("it is said");
    assert!(line.ends_with("of 5; AWS raises it with vpc.vpcs-per-region"), "{line}");
}
