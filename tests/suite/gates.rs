//! What AWS never grants stops, and nothing else does that nobody said: at the most that it grants an estate
//! passes, with one more it does not, and a blueprint cannot say that AWS has granted more.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::aws::PENDING;
use tenantry::check::quota::instead::instead;
use tenantry::diag::{Diagnostic, Level, exit_code};
use tenantry::forecast::{Growth, Limit};
use tenantry::source::Site;
use tenantry::synth::Outcome;
use tenantry::view::{growth, quotas};

use crate::support::{options, root, synth_text};

const PLACE: &str = "333333333333/eu-west-1";

/// The quickstart with more at its top, and a lock.
fn synthesised(more: &str, lock: Option<&str>) -> Outcome {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join("quickstart.yaml")).expect("a blueprint");
    synth_text("q.yaml", format!("{more}\n{text}").as_bytes(), lock, &folder, options())
}

fn of_rule<'a>(outcome: &'a Outcome, rule: &str, about: &str) -> Option<&'a Diagnostic> {
    let mut all = outcome.sink.as_slice().iter();
    all.find(|one| one.rule.id == rule && one.message.contains(about))
}

/// The rows of the table, as its file has them.
fn table() -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("schemas/quotas.json")).expect("the table");
    let table: Value = serde_json::from_str(&text).expect("JSON");
    table["quotas"].as_array().expect("rows").clone()
}

/// What is used by others brings the estate to the most that AWS grants, and one above it: a number that
/// it does not raise, one that it raises to a most, and one that it raises at will.
#[test]
fn what_aws_never_grants_stops() {
    let rows = [
        ("ssm.standard-parameters", PLACE, 10_000, 10_000, true),
        ("iam.roles-per-account", "333333333333", 1_000, 10_000, true),
        ("logs.log-groups-per-region", PLACE, 1_000_000, 1_000_000, false),
    ];
    let free = synthesised("", None).made.expect("it is sound");
    for (id, place, default, most, fixed) in rows {
        let own: u64 = free.uses.iter().filter(|one| one.quota == id).map(|one| one.used).sum();
        assert!(own > 0, "{id} is used");
        let with = |used: u64| {
            let others = used - own;
            synthesised(&format!("places: {{\"{place}\": {{used: {{{id}: {others}}}}}}}"), None)
        };
        let at = with(most);
        let told = of_rule(&at, "quota/passed", id).map(|one| one.rule.level);
        assert_eq!(told, (most > default).then_some(Level::Warning), "{id} at its most");
        assert_eq!((at.made.is_some(), exit_code(at.sink.as_slice())), (true, 0), "{id}");
        let above = with(most + 1);
        let told = of_rule(&above, "quota/passed", id).expect("it is passed");
        let never = told.message.contains(&format!("AWS never grants more than {most}"));
        assert_eq!(never, fixed, "{}", told.message);
        let (level, code) = if fixed { (Level::Error, 3) } else { (Level::Warning, 0) };
        assert_eq!((told.rule.level, exit_code(above.sink.as_slice())), (level, code), "{id}");
        assert_eq!(above.made.is_some(), !fixed, "nothing is written that AWS refuses for good");
        let help = told.help.as_deref().unwrap_or(told.rule.fix);
        assert_eq!(help.contains("ask AWS"), !fixed, "{help}");
    }
}

/// Of what AWS raises with another quota, that one is asked for; and a warning leads to the tier that takes
/// most, not to the accounts.
#[test]
fn a_default_that_is_passed_leads_to_what_takes_it() {
    let outcome = synthesised(
        &format!("places: {{\"{PLACE}\": {{used: {{vpc.internet-gateways-per-region: 5}}}}}}"),
        None,
    );
    let told = of_rule(&outcome, "quota/passed", "vpc.internet-gateways-per-region").expect("told");
    let help = told.help.as_deref().expect("help of its own");
    assert!(help.contains("AWS raises it with `vpc.vpcs-per-region`"), "{help}");
    assert!(!help.contains("ask AWS"), "{help}");
    let made = outcome.made.as_ref().expect("a warning");
    let mut tiers = made.spec.tiers.keys().map(|id| Site::at(["tiers", id.as_str()]).key());
    assert!(tiers.any(|site| site == told.site), "{:?}", told.site);
}

/// The schema of blueprints takes the most that a verified row can have, and no more: the rows are read from
/// the file of the table.
#[test]
fn nobody_can_say_that_more_is_granted_than_aws_grants() {
    let text = std::fs::read_to_string(root().join("schemas/blueprint.schema.json")).expect("it");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    let said = &schema["$defs"]["Quotas"]["properties"];
    let mut bound = 0;
    for row in table() {
        let id = row["id"].as_str().expect("an id");
        let fixed = row["adjustable"] == false && row["verified"] == true;
        let default = Some(&row["default"]).filter(|it| fixed && !it.is_null());
        let most = Some(&row["max"]).filter(|it| !it.is_null()).or(default);
        let most = most.and_then(Value::as_u64).unwrap_or(u32::MAX.into());
        assert_eq!(said[id]["maximum"].as_u64(), Some(most), "{id}");
        bound += usize::from(most < u32::MAX.into());
        assert!(row["adjustable"] == true || row.get("regions").is_none(), "{id} is one number");
    }
    assert!(bound > 100, "{bound} rows are bound");
}

/// What is granted is said of an account that is one: in the blueprint, in the lock, or perhaps one that
/// AWS has made and the lock does not know yet.
#[test]
fn what_is_granted_is_said_of_an_account_of_the_estate() {
    let granted = |account: &str| {
        format!("places: {{\"{account}/eu-west-1\": {{quotas: {{vpc.vpcs-per-region: 20}}}}}}")
    };
    let refused = |outcome: &Outcome| {
        of_rule(outcome, "quota/place", "something is granted in").map(|one| one.message.clone())
    };
    assert!(refused(&synthesised(&granted("333333333333"), None)).is_none());
    let wrong = synthesised(&granted("333333333334"), None);
    assert!(refused(&wrong).is_some() && exit_code(wrong.sink.as_slice()) == 1);
    // Accounts that AWS has not told yet can be any.
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join("account-peering.yaml")).expect("a blueprint");
    for slip in ["333333333334", "133333333333", "333333333344"] {
        let text = format!("{}\n{text}", granted(slip));
        let outcome = synth_text("a.yaml", text.as_bytes(), None, &folder, options());
        assert!(refused(&outcome).is_some(), "{slip} is 333333333333 with a slip");
    }
    let waiting = format!("{}\n{text}", granted("888888888888"));
    let outcome = synth_text("a.yaml", waiting.as_bytes(), None, &folder, options());
    assert!(refused(&outcome).is_none(), "{:?}", outcome.sink.as_slice());
    let made = outcome.made.expect("it is sound");
    let mut lock = made.lock.clone();
    let ids = ["999999999999", "999999990000"];
    for id in ids {
        assert!(lock.contains(PENDING), "two accounts wait to be made");
        lock = lock.replacen(PENDING, id, 1);
    }
    for (account, known) in [(ids[0], true), (ids[1], true), ("888888888888", false)] {
        let text = format!("{}\n{text}", granted(account));
        let outcome = synth_text("a.yaml", text.as_bytes(), Some(&lock), &folder, options());
        assert_eq!(refused(&outcome).is_none(), known, "{account}: {:?}", outcome.sink.as_slice());
    }
}

/// The forecast of account-peering.yaml where something is granted.
fn forecast(granted: &str) -> BTreeMap<String, Growth> {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join("account-peering.yaml")).expect("a blueprint");
    let text = format!("quotas: {{{granted}}}\n{text}");
    let made = synth_text("a.yaml", text.as_bytes(), None, &folder, options()).made;
    let report = quotas::report(&made.expect("it is sound"));
    report.growth.into_iter().map(|growth| (growth.tier.clone(), growth)).collect()
}

/// What cannot be lifted far enough ends the list: as many peerings as AWS ever grants are too few for what
/// would come behind, and where all of them are granted nobody is told to ask for more.
#[test]
fn nothing_is_foretold_behind_what_aws_never_raises() {
    let of = |growth: &Growth| -> Limit {
        let found = growth.limits.iter().find(|it| it.what.id() == "vpc.active-peerings-per-vpc");
        found.expect("it ends there").clone()
    };
    let before = forecast("");
    let growth = &before["enterprise"];
    let peerings = of(growth);
    let reach = peerings.reach.expect("AWS has a most");
    assert!(peerings.fits < reach && growth.limits.iter().all(|limit| limit.fits <= reach));
    let lift = growth::lift(growth, &peerings);
    assert_eq!(lift, format!("ask AWS for L-7E9ECCDB, up to 125, enough for {reach}"));
    // With all of that granted, so many fit, and no more is asked for.
    let after = forecast("vpc.active-peerings-per-vpc: 125");
    let growth = &after["enterprise"];
    let peerings = of(growth);
    assert_eq!((peerings.fits, peerings.reach), (reach, Some(reach)));
    assert_eq!(growth.limits.last().map(|it| it.fits), Some(reach), "the list ends there");
    let row = tenantry::aws::quota::get("vpc.active-peerings-per-vpc").expect("a row");
    let lift = growth::lift(growth, &peerings);
    assert_eq!(lift, format!("AWS does not raise it further: {}", instead(row)));
    assert!(instead(row).starts_with("a transit gateway"));
}
