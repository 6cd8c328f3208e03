//! Several workload accounts: they fill in turn, what is placed stays whatever becomes of the list, and
//! no account is asked for more than AWS has granted there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;
use tenantry::check::quota::{self, Use};
use tenantry::diag::human;
use tenantry::plan::{Plan, cells};
use tenantry::synth::{Made, Outcome};

use crate::support::{options, root, synth_text};

const ACCOUNTS: [&str; 3] = ["333333333333", "444444444444", "555555555555"];

/// An estate with a hub in an account of its own, or in the first of the list.
struct Estate<'a> {
    workload: &'a [&'a str],
    hub: &'a str,
    connect: &'a str,
    vpcs: u32,
    roles: u32,
    tenants: &'a [(&'a str, &'a str)],
}

impl Default for Estate<'_> {
    fn default() -> Self {
        Estate {
            workload: &ACCOUNTS,
            hub: ", shared: '222222222222'",
            connect: "transit-gateway",
            vpcs: 3,
            roles: 1000,
            tenants: &[("vpc", ""), ("vpc", ""), ("subnet", ""), ("subnet", ""), ("vpc", "")],
        }
    }
}

impl Estate<'_> {
    fn text(&self) -> String {
        let list: Vec<String> = self.workload.iter().map(|id| format!("'{id}'")).collect();
        let mut out = format!(
            "version: 1\nname: w\nenvironment: t\nregions: [eu-west-1, us-east-1]\n\
             accounts: {{ workload: [{}]{} }}\n\
             network: {{ zones: 2, zone_slots: 2, pools: [{{ cidr: 10.0.0.0/10 }}], \
             hub: {{ connect: {} }}, egress: {{ nat: none }}, endpoints: {{ gateway: [s3] }} }}\n\
             quotas: {{ vpc.vpcs-per-region: {}, iam.roles-per-account: {}, vpc.subnets-per-vpc: 10, \
             vpc.internet-gateways-per-region: 1000, vpc.gateway-endpoints-per-region: 1000 }}\n\
             components: {{ monitoring: {{}}, backup: {{}}, protection: {{}} }}\n\
             tiers:\n\
             \x20 vpc: {{ isolation: vpc, network: {{ prefix: 22 }} }}\n\
             \x20 subnet: {{ isolation: subnet, network: {{ prefix: 26, cell_prefix: 20 }} }}\n\
             \x20 pool: {{ isolation: application, network: {{ cell_prefix: 22 }}, pool: {{ tenants: 2 }}, \
             app: {{ instances: {{ types: [t4g.small], min: 1, max: 2 }} }}, \
             data: {{ engine: dynamodb, partition: item, tables: {{ orders: {{}} }} }}, throttle: {{ rate: 1, burst: 2 }} }}\n\
             tenants:\n",
            list.join(", "),
            self.hub,
            self.connect,
            self.vpcs,
            self.roles,
        );
        for (n, (tier, more)) in self.tenants.iter().enumerate() {
            let _ = writeln!(out, "  - {{ id: t{n:02}, tier: {tier}{more} }}");
        }
        out
    }

    fn outcome(&self, lock: Option<&str>) -> Outcome {
        synth_text("w.yaml", self.text().as_bytes(), lock, &root(), options())
    }

    fn made(&self, lock: Option<&str>) -> Made {
        let outcome = self.outcome(lock);
        let said = human::render(outcome.sink.as_slice(), &outcome.sources, false);
        outcome.made.unwrap_or_else(|| panic!("{said}"))
    }

    fn refused(&self, lock: Option<&str>) -> String {
        let outcome = self.outcome(lock);
        assert!(outcome.made.is_none());
        human::render(outcome.sink.as_slice(), &outcome.sources, false)
    }
}

/// The account of each tenant, in the order of their ids.
fn accounts(plan: &Plan) -> Vec<&str> {
    plan.tenants.values().map(|placed| placed.account.as_str()).collect()
}

fn uses(made: &Made) -> BTreeMap<(&'static str, String), Use> {
    let all = quota::count(&made.spec, &made.estate);
    all.into_iter().map(|one| ((one.quota, one.place.clone()), one)).collect()
}

/// What was written before and is not the same any more, without what is new.
fn touched(before: &Made, after: &Made) -> BTreeSet<String> {
    let (old, new) = (before.files(), after.files());
    old.into_iter()
        .filter(|(path, text)| new.get(path) != Some(text))
        .map(|(path, _)| path)
        .collect()
}

/// The stacks of the manifest, with all that it says of them.
fn listed(made: &Made) -> BTreeSet<(String, String)> {
    let manifest: Value = serde_json::from_str(&made.files()["manifest.json"]).expect("JSON");
    let all = manifest["stacks"].as_array().expect("stacks");
    all.iter()
        .map(|one| (one["key"].as_str().expect("a key").to_owned(), one.to_string()))
        .collect()
}

/// Tenants as many as there is room for go to the first account, and none is over its limit: counted
/// on what was made, not on what placement weighed.
#[test]
fn accounts_fill_in_turn() {
    let many: Vec<(&str, &str)> =
        ["vpc", "subnet", "pool"].iter().cycle().take(24).map(|t| (*t, "")).collect();
    for (vpcs, roles) in [(6, 1000), (1000, 9)] {
        let estate = Estate { vpcs, roles, tenants: &many, ..Estate::default() };
        let made = estate.made(None);
        let used: Vec<&str> =
            accounts(&made.plan).into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        assert!(used.len() > 1, "{vpcs} {roles}: {used:?}");
        assert_eq!(used, ACCOUNTS[..used.len()], "no account is left out");
        let counted = uses(&made);
        let over: Vec<&Use> = counted.values().filter(|one| one.is_over()).collect();
        assert_eq!(over, Vec::<&Use>::new());
        // An account that was passed over has no room for a VPC, or for the roles of another.
        let (quota, each, place) = if vpcs < 1000 {
            ("vpc.vpcs-per-region", 1, "333333333333/eu-west-1")
        } else {
            ("iam.roles-per-account", 5, "333333333333")
        };
        let first = &counted[&(quota, place.to_owned())];
        assert!(first.used + each > first.limit.expect("a limit"), "{first:?}");
    }
}

/// Why something is not in the first account is in the lock: of cells and of tenants.
#[test]
fn the_lock_says_why() {
    let made = Estate::default().made(None);
    assert_eq!(
        accounts(&made.plan),
        ["333333333333", "333333333333", "333333333333", "333333333333", "444444444444"]
    );
    let why = |id: &str| made.decisions.tenants[id].why.as_deref();
    assert_eq!((why("t00"), why("t04")), (None, Some("vpc.vpcs-per-region")));
    let home = made.decisions.home.as_ref().map(ToString::to_string);
    assert_eq!(home.as_deref(), Some("333333333333/eu-west-1"));
    let more = Estate {
        tenants: &[
            ("vpc", ""),
            ("vpc", ""),
            ("subnet", ""),
            ("subnet", ""),
            ("vpc", ""),
            ("subnet", ", dedicated: true"),
            ("subnet", ""),
        ],
        ..Estate::default()
    };
    let more = more.made(Some(&made.lock));
    let cells: Vec<(&str, &str)> = more
        .plan
        .cells
        .values()
        .map(|cell| (cell.account.as_str(), cell.why.as_deref().expect("a reason")))
        .collect();
    assert_eq!(cells, [("333333333333", cells::FIRST), ("444444444444", "vpc.vpcs-per-region")]);
    // It shares nothing: the cell in the first account has room, but not for one that is alone.
    assert_eq!(more.plan.tenants["t05"].account, "444444444444");
    assert_eq!(more.plan.tenants["t06"].account, "333333333333");
    let text = tenantry::view::quotas::text(&tenantry::view::quotas::report(&more), false);
    let line = "1 because the account before had too little left of vpc.vpcs-per-region (account 444444444444)";
    assert!(text.contains(line), "{text}");
}

/// Neither a limit that rises nor another order of the list moves anybody, and no byte of what stands
/// changes; only who comes goes to the first with room again.
#[test]
fn what_is_placed_stays() {
    let estate = Estate::default();
    let before = estate.made(None);
    let roomy = Estate { vpcs: 50, ..Estate::default() }.made(Some(&before.lock));
    assert_eq!(roomy.lock, before.lock);
    let other = ["555555555555", "444444444444", "333333333333"];
    let reordered = Estate { workload: &other, ..Estate::default() };
    for hub in [", shared: '222222222222'", ", shared: '444444444444'", ""] {
        for connect in ["transit-gateway", "peering", "none"] {
            let before = Estate { hub, connect, vpcs: 9, ..Estate::default() }.made(None);
            let after = Estate { hub, connect, vpcs: 9, ..reordered }.made(Some(&before.lock));
            assert_eq!(after.lock, before.lock, "{hub} {connect}");
            assert_eq!(touched(&before, &after), BTreeSet::new(), "{hub} {connect}");
        }
    }
    let more = Estate { tenants: &[("vpc", ""); 6], ..reordered };
    let more =
        more.outcome(Some(&before.lock)).made.map(|made| made.plan.tenants["t05"].account.clone());
    assert_eq!(more.as_deref(), Some("555555555555"));
}

/// An account at the end of the list touches nobody: only the hub learns of it.
#[test]
fn another_account_touches_nobody() {
    for hub in [", shared: '222222222222'", ""] {
        for connect in ["transit-gateway", "peering", "none"] {
            let base =
                Estate { hub, connect, vpcs: 9, workload: &ACCOUNTS[..1], ..Estate::default() };
            let before = base.made(None);
            let after = Estate { workload: &ACCOUNTS[..2], ..base }.made(Some(&before.lock));
            assert_eq!(after.decisions.tenants, before.decisions.tenants);
            assert_eq!(after.decisions.cells, before.decisions.cells);
            let shared = |path: &String| path.contains("hub") || path == "manifest.json";
            let touched = touched(&before, &after);
            assert!(touched.iter().all(shared), "{hub} {connect}: {touched:?}");
            let changed = listed(&before).difference(&listed(&after)).cloned().collect::<Vec<_>>();
            assert!(changed.iter().all(|(key, _)| key.starts_with("hub-")), "{changed:?}");
            assert_eq!(touched.is_empty(), connect == "none", "{hub} {connect}: {touched:?}");
        }
    }
}

/// An account is taken from the list only when nothing lives there, and the first never, once there
/// were several.
#[test]
fn an_account_that_is_lived_in_stays_in_the_list() {
    let before = Estate::default().made(None);
    let left = Estate { workload: &["333333333333", "555555555555"], ..Estate::default() };
    let said = left.refused(Some(&before.lock));
    assert!(
        said.contains("plan/account") && said.contains("\"t04\" lives in account 444444444444"),
        "{said}"
    );
    let empty = Estate { workload: &ACCOUNTS[..2], ..Estate::default() }.made(Some(&before.lock));
    // The hub is shared with one account less; who lives where stays.
    let placed = |made: &Made| made.lock.split("\"parts\"").next().map(str::to_owned);
    assert_eq!(placed(&empty), placed(&before));
    let first = Estate { workload: &ACCOUNTS[1..], tenants: &[("vpc", "")], ..Estate::default() };
    let said = first.refused(Some(&before.lock));
    assert!(said.contains("the estate began in account 333333333333"), "{said}");
}

/// Where none has room: each account with its quota, how many fit, and what to do.
#[test]
fn all_are_full() {
    let estate = Estate { vpcs: 1, ..Estate::default() };
    let said = estate.refused(None);
    for part in [
        "2 of 3 tenants of tier `vpc` fit into eu-west-1",
        "fit into eu-west-1, t04 does not: ",
        "333333333333/eu-west-1 has 1 of `vpc.vpcs-per-region` (L-F678F1CE), 444444444444/eu-west-1 has 1",
        "ask AWS for more of L-F678F1CE",
        "add an account to the end of `accounts.workload`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// Tenants of different accounts are as much apart as those of one, wherever the hub is.
#[test]
fn the_proof_is_clean() {
    for (hub, connect) in
        [(", shared: '222222222222'", "peering"), ("", "transit-gateway"), ("", "peering")]
    {
        let tenants = &[
            ("vpc", ""),
            ("vpc", ""),
            ("subnet", ""),
            ("subnet", ""),
            ("pool", ""),
            ("subnet", ", dedicated: true"),
        ];
        let made = Estate { hub, connect, vpcs: 3, tenants, ..Estate::default() }.made(None);
        assert!(accounts(&made.plan).into_iter().collect::<BTreeSet<_>>().len() > 1);
        let proofs = made.prove().unwrap_or_else(|_| panic!("it can be read"));
        assert_eq!(proofs.len(), 2);
        let complaints = made.complaints(&proofs);
        assert!(complaints.is_empty(), "{hub} {connect} {complaints:#?}");
    }
}

/// What is once in an account and region is there wherever something is placed, and nowhere else.
#[test]
fn an_account_has_a_foundation_where_something_stands() {
    let made = Estate::default().made(None);
    let of = |shape: &str| -> Vec<(&str, &str)> {
        let all = made.estate.stacks.iter().filter(|stack| stack.shape == shape);
        all.map(|stack| (stack.key.as_str(), stack.account.as_str())).collect()
    };
    assert_eq!(
        of("foundation"),
        [
            ("foundation-444444444444-eu-west-1", "444444444444"),
            ("foundation-eu-west-1", "333333333333"),
            ("foundation-hub-eu-west-1", "222222222222"),
            ("foundation-hub-us-east-1", "222222222222"),
        ]
    );
    assert_eq!(of("monitoring").len(), 2);
    assert_eq!(of("protection").len(), 4);
}
