//! What stack sets make in the accounts of tenants, and the default VPC that AWS makes there, are counted
//! where they stand, and what is granted there bounds them.

use std::collections::{BTreeMap, BTreeSet};

use tenantry::aws::PENDING;
use tenantry::check::quota::{Counter, Use, count};
use tenantry::diag::Level;
use tenantry::synth::Outcome;

use crate::forecast::{Base, over, whole};
use crate::support::{options, root, synth_text};

const HOOLI: &str = "555555555555";

/// What recorders tell of two regions, where AWS has made the account of the tenant; `places` is said of it.
fn outcome(places: &str) -> Outcome {
    let folder = root().join("blueprints");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it is there");
    let text = format!("{}places: {{ {places} }}\n", read("account-audit.yaml"));
    let lock = read("account-audit.lock.json").replace(PENDING, HOOLI);
    synth_text("account-audit.yaml", text.as_bytes(), Some(&lock), &folder, options())
}

fn uses(places: &str) -> Vec<Use> {
    let outcome = outcome(places);
    let made = outcome.made.or(outcome.stopped);
    let made = made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
    count(&made.spec, &made.estate)
}

fn used(uses: &[Use], quota: &str, place: &str) -> Option<u64> {
    uses.iter().find(|one| one.quota == quota && one.place == place).map(|one| one.used)
}

/// Roles for the account, and in each region what records there: as many as the templates have, which the
/// set carries to the region of the tenant and to the other, where it has no stack of its own.
#[test]
fn what_a_stack_set_makes_counts_where_it_stands() {
    let all = uses("");
    let home = format!("{HOOLI}/eu-west-1");
    let abroad = format!("{HOOLI}/eu-central-1");
    let expected = [
        // Deployer, operator and auditor, a recorder's in each region, and that of flow logs.
        ("iam.roles-per-account", HOOLI, 6),
        ("config.recorders-per-region", &home, 1),
        ("config.recorders-per-region", &abroad, 1),
        ("config.rules-per-region", &home, 14),
        ("config.rules-per-region", &abroad, 14),
        ("access-analyzer.account-analyzers-per-region", &abroad, 1),
        // The tenant's, the baseline and the recorder; abroad the recorder.
        ("cloudformation.stacks-per-account", &home, 3),
        ("cloudformation.stacks-per-account", &abroad, 1),
        // The tenant's and the default one.
        ("vpc.vpcs-per-region", &home, 2),
        ("vpc.vpcs-per-region", &abroad, 1),
        ("vpc.internet-gateways-per-region", &abroad, 1),
        ("vpc.security-groups-per-region", &abroad, 1),
        ("cloudformation.resources-per-template", "organization/baseline", 3),
        ("cloudformation.resources-per-template", "audit-tenants/recorder", 19),
    ];
    for (quota, place, count) in expected {
        assert_eq!(used(&all, quota, place), Some(count), "{quota} in {place}");
    }
    let deployer = "account-hooli/eu-west-1/baseline/Deployer";
    let longest = used(&all, "iam.role-inline-policy-total-length", deployer);
    assert!(longest.is_some_and(|count| count > 1_500), "{longest:?}");
    // A template has 51,200 bytes inside a stack set, whatever the stack may have.
    let carried = all.iter().find(|one| one.quota == "cloudformation.template-body-bytes");
    let carried = carried.expect("it is counted");
    assert_eq!(carried.limit, Some(51_200));
    assert!(carried.used > 5_000 && !carried.is_over(), "{carried:?}");
}

/// With exactly as much granted in that account it passes, and with one less it stops, by that row, there.
#[test]
fn what_is_granted_to_a_tenants_account_bounds_it() {
    let cases = [
        ("iam.roles-per-account", "", 6),
        ("config.rules-per-region", "/eu-central-1", 14),
        ("cloudformation.stacks-per-account", "/eu-west-1", 3),
        ("vpc.vpcs-per-region", "/eu-west-1", 2),
        ("vpc.internet-gateways-per-region", "/eu-west-1", 2),
        // The VPC of the tenant has three and its default one.
        ("vpc.security-groups-per-region", "/eu-west-1", 5),
    ];
    for (quota, region, most) in cases {
        let place = format!("{HOOLI}{region}");
        let with =
            |limit: u64| outcome(&format!("\"{place}\": {{ quotas: {{ {quota}: {limit} }} }}"));
        let fine = with(most);
        assert!(fine.made.is_some(), "{quota}: {:?}", fine.sink.as_slice());
        let short = with(most - 1);
        let errors: Vec<&str> = (short.sink.as_slice().iter())
            .filter(|one| one.rule.level == Level::Error)
            .map(|one| one.message.as_str())
            .collect();
        assert!(short.made.is_none() && errors.len() == 1, "{quota}: {errors:?}");
        let (row, place) = (format!("`{quota}`"), format!("in {place}: {most} are used"));
        assert!(errors[0].starts_with(&row) && errors[0].contains(&place), "{}", errors[0]);
    }
}

/// Whoever has deleted the default VPC says so, and whoever has more there says how many: what is said
/// is all that others made.
#[test]
fn what_is_said_of_an_account_goes_before_its_default_vpc() {
    let vpcs = |used: &str| {
        let said = format!("\"{HOOLI}/eu-west-1\": {{ used: {{ vpc.vpcs-per-region: {used} }} }}");
        let all = uses(&said);
        let of = |region: &str| {
            let place = format!("{HOOLI}/{region}");
            let mut ours = all.iter().filter(|one| one.quota == "vpc.vpcs-per-region");
            ours.find(|one| one.place == place).map(|one| (one.used, one.others))
        };
        [of("eu-west-1"), of("eu-central-1")]
    };
    assert_eq!(vpcs("0"), [Some((1, 0)), Some((1, 1))]);
    assert_eq!(vpcs("1"), [Some((2, 1)), Some((1, 1))]);
    assert_eq!(vpcs("3"), [Some((4, 3)), Some((1, 1))]);
    let none = "{ vpc.vpcs-per-region: 0, vpc.internet-gateways-per-region: 0 }";
    let all = uses(&format!("\"{HOOLI}/eu-central-1\": {{ used: {none} }}"));
    let abroad = format!("{HOOLI}/eu-central-1");
    assert_eq!(used(&all, "vpc.vpcs-per-region", &abroad), None, "what is not used is not there");
    assert_eq!(used(&all, "vpc.security-groups-per-region", &abroad), Some(1));
}

/// Of an account that was there before nobody knows whether it has a default VPC.
#[test]
fn what_was_there_before_has_no_default_vpc_unless_it_is_said() {
    let all = uses("");
    let others = all.iter().filter(|one| one.others > 0);
    let places: BTreeSet<&str> = others.map(|one| one.account.as_str()).collect();
    assert_eq!(places, BTreeSet::from([HOOLI]));
}

/// One more tenant brings all that the sets bring: where that does not fit, the forecast says that nobody
/// does, and the first tenant is over just that, where it says.
#[test]
fn the_forecast_knows_what_stack_sets_bring() {
    let cases: [(&str, &[&str]); 4] = [
        ("config.rules-per-region", &["of hooli/eu-central-1", "of hooli/eu-west-1"]),
        ("iam.roles-per-account", &["of hooli"]),
        ("vpc.internet-gateways-per-region", &["of hooli/eu-west-1"]),
        ("iam.role-inline-policy-total-length", &["account-hooli/eu-west-1/baseline/Deployer"]),
    ];
    let uses = |quotas: &[(&str, u64)], counter: &mut Counter| {
        let (spec, lock) = Base::golden("account-audit.yaml", quotas).read(&[]);
        whole(&spec, &lock, counter).expect("it is made").1
    };
    for (quota, places) in cases {
        let mut counter = Counter::default();
        let enough = used(&uses(&[], &mut counter), quota, places[0]).expect("it is used");
        let short = [(quota, enough - 1)];
        let found = over(&uses(&short, &mut counter)).into_iter();
        let found: BTreeMap<String, String> = found.map(|(quota, place)| (place, quota)).collect();
        let expected = places.iter().map(|place| ((*place).to_owned(), quota.to_owned()));
        assert_eq!(found, expected.collect(), "{quota}");
        let full = Base::golden("account-audit.yaml", &short);
        let (tenants, _) = full.text.split_once("tenants:\n").expect("tenants");
        let empty = Base::of(format!("{tenants}tenants: []\n"));
        let (growths, before) = empty.forecast(&mut counter);
        assert_eq!(before, BTreeSet::new(), "{quota}: nobody is there");
        let first = &growths[0].limits[0];
        assert_eq!((first.what.id(), first.fits, first.passed), (quota, 0, false), "{first:?}");
        let with = Base::golden("account-audit.yaml", &[(quota, enough)]);
        let (growths, _) = with.forecast(&mut counter);
        assert!(growths[0].limits[0].what.id() != quota, "{:?}", growths[0].limits[0]);
    }
}
