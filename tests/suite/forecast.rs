//! The forecast is true: as many tenants as it foretells fit, and with one more exactly what it names
//! breaks, where it says. The tenants are written into a tenant file and go the whole way, so nothing
//! that the forecast looks at is what it is held against.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;
use tenantry::check::quota::{Counter, Use};
use tenantry::diag::Sink;
use tenantry::forecast::ask::Target;
use tenantry::forecast::{Growth, Limit, What, forecast};
use tenantry::plan::Lock;
use tenantry::source::{Source, Sources};
use tenantry::spec::Spec;
use tenantry::view::quotas;
use tenantry::{blueprint, component, model, plan, spec, split, weigh};

use crate::request::wish;
use crate::small::small;
use crate::support::{cases, root};
use crate::workload_homes::{ALL, Estate, TENANTS};

/// A blueprint that tenants are added to.
pub struct Base {
    pub name: String,
    pub text: String,
    pub lock: Option<String>,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What is over, and where.
    pub over: BTreeSet<(String, String)>,
    /// What is refused: the message of each error.
    pub refused: Vec<String>,
}

impl Base {
    pub fn golden(name: &str, quotas: &[(&str, u64)]) -> Self {
        let folder = root().join("blueprints");
        let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
        let stem = name.rsplit_once('.').expect("an ending").0;
        let lock = std::fs::read_to_string(folder.join(format!("{stem}.lock.json"))).ok();
        Base { name: name.to_owned(), text: with_quotas(&text, quotas), lock }
    }

    pub fn of(text: String) -> Self {
        Base { name: "a.yaml".to_owned(), text, lock: None }
    }

    /// The same with a lock that knows where its tenants are.
    pub fn placed(mut self) -> Self {
        let (spec, lock) = self.read(&[]);
        let (lock, _) = whole(&spec, &lock, &mut Counter::default()).expect("it fits");
        self.lock = Some(lock.render());
        self
    }

    /// The blueprint with more tenants of a tier, and its lock.
    pub fn read(&self, more: &[(&str, &str, u64)]) -> (Spec, Lock) {
        let text = if more.is_empty() {
            self.text.clone()
        } else if self.text.starts_with('{') {
            self.text.replacen("\"tenant_files\": [", "\"tenant_files\": [\"more.csv\", ", 1)
        } else {
            format!("tenant_files: [more.csv]\n{}", self.text)
        };
        let (mut sources, mut sink) = (Sources::default(), Sink::default());
        let load = &mut |name: &str| match name {
            "more.csv" => Ok(self.table(more).into_bytes()),
            _ => std::fs::read(root().join("blueprints").join(name)).map_err(|e| e.to_string()),
        };
        let written = blueprint::read(&self.name, text.as_bytes(), load, &mut sources, &mut sink);
        let spec = spec::spec(&written.expect("it reads"), &mut sink);
        assert_eq!(sink.errors(), 0, "{}: {:?}", self.name, sink.as_slice());
        let lock = self.lock.as_ref().map_or(Lock::default(), |text| {
            let file = sources.add(Source::new("lock.json", text.clone()));
            plan::lock::read(&sources, file, &mut sink).expect("a lock")
        });
        let mut spec = spec.expect("it makes sense");
        plan::settle(&mut spec, &lock);
        (spec, lock)
    }

    /// What is over or refused with more tenants.
    pub fn found(&self, more: &[(&str, &str, u64)], counter: &mut Counter) -> Found {
        self.found_if(more, |_| (), counter)
    }

    /// The same, where something is otherwise.
    pub fn found_if(
        &self,
        more: &[(&str, &str, u64)],
        change: impl FnOnce(&mut Spec),
        counter: &mut Counter,
    ) -> Found {
        let (mut spec, lock) = self.read(more);
        change(&mut spec);
        match whole(&spec, &lock, counter) {
            Ok((_, uses)) => Found { over: over(&uses), refused: Vec::new() },
            Err(refused) => Found { over: BTreeSet::new(), refused },
        }
    }

    /// Tenants as a file that the blueprint names, with all that its templates ask of them.
    fn table(&self, more: &[(&str, &str, u64)]) -> String {
        let word = |text: &str| -> String {
            text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        let mut asked: BTreeSet<String> = self.text.split("{{tenant.").skip(1).map(word).collect();
        asked.retain(|word| !["id", "name", "tier", "region", "email"].contains(&word.as_str()));
        let columns: String = asked.iter().map(|word| format!(",{word}")).collect();
        let values = ",CC-1".repeat(asked.len());
        let mut out = format!("id,tier,region,email{columns}\n");
        for (at, (tier, region, count)) in more.iter().enumerate() {
            for n in 0..*count {
                let id = format!("zz-{tier}-{at}-{n:05}");
                let _ = writeln!(out, "{id},{tier},{region},more+{id}@acme.example{values}");
            }
        }
        out
    }

    pub fn forecast(&self, counter: &mut Counter) -> (Vec<Growth>, BTreeSet<(String, String)>) {
        let (spec, lock) = self.read(&[]);
        let (lock, uses) = whole(&spec, &lock, counter).expect("it fits");
        (forecast(&spec, &lock, &uses, counter), over(&uses))
    }
}

/// The stages up to the counting; the messages of what is refused.
pub fn whole(
    spec: &Spec,
    lock: &Lock,
    counter: &mut Counter,
) -> Result<(Lock, Vec<Use>), Vec<String>> {
    let mut sink = Sink::default();
    let uses = weigh::plan(spec, lock, counter, &mut sink).and_then(|(plan, mut after)| {
        let estate = model::estate(spec, &plan, &mut sink)?;
        let mut estate = component::furnish(spec, &plan, estate, &mut sink)?;
        split::cut(spec, lock, &mut estate).put(&mut after);
        Some((after, counter.count(spec, &estate)))
    });
    uses.ok_or_else(|| {
        sink.as_slice().iter().map(|d| format!("{}: {}", d.rule.id, d.message)).collect()
    })
}

pub fn over(uses: &[Use]) -> BTreeSet<(String, String)> {
    let over = uses.iter().filter(|one| one.is_over());
    over.map(|one| (one.quota.to_owned(), one.place.clone())).collect()
}

pub fn with_quotas(text: &str, quotas: &[(&str, u64)]) -> String {
    if quotas.is_empty() {
        return text.to_owned();
    }
    let all: Vec<String> = quotas.iter().map(|(id, most)| format!("\"{id}\": {most}")).collect();
    let all = all.join(", ");
    match text.strip_prefix('{') {
        Some(rest) => format!("{{\"quotas\": {{{all}}},{rest}"),
        None => format!("quotas: {{ {all} }}\n{text}"),
    }
}

/// Holds the forecast of each tier against what happens; what broke first, by tier and region.
pub fn hold(base: &Base) -> BTreeMap<String, Limit> {
    let mut counter = Counter::default();
    let (growths, before) = base.forecast(&mut counter);
    assert_eq!(before, BTreeSet::new(), "{}: nothing is over now", base.name);
    let mut held = BTreeMap::new();
    for growth in &growths {
        hold_one(base, growth, 400, &mut counter);
        held.insert(format!("{} {}", growth.tier, growth.region), growth.limits[0].clone());
    }
    held
}

/// Holds a forecast, with at most so many newcomers.
fn hold_one(base: &Base, growth: &Growth, most: u64, counter: &mut Counter) {
    let first = &growth.limits[0];
    let mut try_with = |more: u64| base.found(&[(&growth.tier, &growth.region, more)], counter);
    let name = format!("{} {} {}: {first:?}", base.name, growth.tier, growth.region);
    let more = first.fits - growth.tenants;
    assert_eq!(try_with(more.min(most)), Found::default(), "{name}: all fit");
    if more >= most {
        return;
    }
    let found = try_with(more + 1);
    let firsts: Vec<&Limit> = growth.limits.iter().filter(|l| l.fits == first.fits).collect();
    broken(&found, &firsts, &name);
    // What comes later comes where it was said, too, unless nobody can be placed any more.
    for later in growth.limits.iter().filter(|l| l.fits > first.fits).take(2) {
        let more = later.fits - growth.tenants;
        if more >= most {
            break;
        }
        let (fit, one_more) = (try_with(more), try_with(more + 1));
        if !one_more.refused.is_empty() {
            break;
        }
        let name = format!("{name}, later {later:?}");
        // The same quota may have ended before, in another place.
        let mut before = growth.limits.iter().filter(|it| it.fits < later.fits);
        let ended = before.any(|it| it.what == later.what);
        let too_early = |(quota, place): &(String, String)| {
            quota == later.what.id() && (!ended || *place == later.place)
        };
        assert!(!fit.over.iter().any(too_early), "{name}: {fit:?}");
        assert!(one_more.over.iter().any(|(quota, _)| quota == later.what.id()), "{name}");
    }
}

/// What is found is what was foretold: the same quotas, each where it was said.
pub fn broken(found: &Found, foretold: &[&Limit], name: &str) {
    for message in &found.refused {
        let says = |limit: &&Limit| match limit.what {
            What::Addresses => message.starts_with("plan/pool-full"),
            What::Cell(what) => message.starts_with("plan/cell-short") && message.contains(what),
            What::Quota(id) => {
                let (account, region) = limit.place.split_once('/').unwrap_or_default();
                let there = message.contains(account) && message.contains(region);
                // Of several quotas of an account that end with the same tenant, the same is told.
                let last = format!("{} has {} of `{id}`", limit.place, limit.limit);
                let told = message.rsplit(", ").next().is_some_and(|it| it.starts_with(&last));
                message.starts_with("plan/accounts-full") && told
                    || message.starts_with("plan/region-full") && there && message.contains(id)
            }
        };
        assert!(foretold.iter().any(says), "{name}: {message}");
    }
    if !found.refused.is_empty() {
        return;
    }
    let quotas: BTreeSet<&str> = found.over.iter().map(|(quota, _)| quota.as_str()).collect();
    let ids: BTreeSet<&str> = foretold.iter().map(|limit| limit.what.id()).collect();
    assert_eq!(quotas, ids, "{name}");
    for limit in foretold.iter().filter(|limit| limit.place != "what a tenant has") {
        let place = (limit.what.id().to_owned(), limit.place.clone());
        assert!(found.over.contains(&place), "{name}: {place:?} is not in {:?}", found.over);
    }
}

/// The defaults of AWS, all five models: real numbers.
#[test]
fn with_the_defaults_of_aws() {
    let held = hold(&Base::golden("hybrid.yaml", &[]));
    assert_eq!(held.len(), 5);
    let first = |tier: &str| (held[tier].what.id(), held[tier].fits);
    assert_eq!(first("enterprise eu-west-1"), ("organizations.accounts", 7));
    assert_eq!(first("team eu-west-1"), ("vpc.gateway-endpoints-per-region", 6));
}

/// What machines read: every tier, what it meets in order, and what lifts it.
#[test]
fn what_machines_read_tells_what_lifts_it() {
    let made = crate::support::synth_blueprint("hybrid.yaml", crate::support::options()).made;
    let report = quotas::report(&made.expect("it is sound"));
    let all: Value = serde_json::from_str(&quotas::json(&report)).expect("JSON");
    let growth = all["growth"].as_array().expect("a list");
    assert_eq!(growth.len(), 5);
    for tier in growth {
        let limits = tier["limits"].as_array().expect("a list");
        let fits: Vec<u64> = limits.iter().filter_map(|limit| limit["fits"].as_u64()).collect();
        assert!(fits.len() == limits.len() && fits.is_sorted() && fits[0] > 0, "{tier}");
        assert!(limits.len() > 3 && limits.iter().all(|limit| limit["lift"] != ""), "{tier}");
    }
    let of = |name: &str| growth.iter().find(|tier| tier["tier"] == name).expect("a tier");
    let lift = |name: &str, limit: &str| {
        let limits = of(name)["limits"].as_array().expect("a list");
        let found = limits.iter().find(|one| one["limit"] == limit).expect("it is there");
        found["lift"].as_str().expect("text").to_owned()
    };
    assert_eq!(of("team")["filled_by"], "vpc.subnets-per-vpc");
    assert!(
        lift("enterprise", "organizations.accounts")
            .starts_with("ask AWS for L-29A0C5DF, up to 50,000, enough for ")
    );
    assert!(lift("team", "vpc.vpcs-per-region").ends_with("vpc.subnets-per-vpc fills it"));
    assert!(lift("free", "vpc.vpcs-per-region").ends_with("(`pool.tenants`)"));
    let page = quotas::markdown(&report, false);
    assert!(
        page.contains("| enterprise | eu-west-1 | 1 | 7 | `organizations.accounts` |"),
        "{page}"
    );
}

/// First, second and third are three numbers of tenants, each told once, with all that ends there: with
/// but one of them lifted, nobody more fits.
#[test]
fn people_read_three_numbers_and_all_that_ends_there() {
    let made = crate::support::synth_blueprint("hybrid.yaml", crate::support::options()).made;
    let report = quotas::report(&made.expect("it is sound"));
    let (text, page) = (quotas::text(&report, false), quotas::markdown(&report, false));
    let mut ties = 0;
    for growth in &report.growth {
        let title = format!("\n{} ({}) in ", growth.tier, growth.isolation.id());
        let (_, part) = text.split_once(&title).expect("it is there");
        let (part, _) = part.split_once("\n\n").expect("it ends");
        let lines = || part.lines().skip(1).filter(|line| !line.trim_start().starts_with("cells "));
        let numbers: BTreeSet<u64> = growth.limits.iter().map(|limit| limit.fits).collect();
        let numbers: Vec<u64> = numbers.into_iter().take(3).collect();
        let told: Vec<&Limit> =
            growth.limits.iter().filter(|limit| numbers.contains(&limit.fits)).collect();
        assert_eq!(lines().count(), told.len(), "{part}");
        let mut last = None;
        for (line, limit) in lines().zip(told) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number =
                line.split_once(" fit: ").map(|(number, _)| number.trim().replace(',', ""));
            let new = (last != Some(limit.fits)).then(|| limit.fits.to_string());
            assert_eq!(number, new, "{part}");
            assert!(words.contains(&limit.what.id()), "{line}");
            let row = format!("| `{}` | {} |", limit.what.id(), limit.place);
            assert!(page.contains(&row), "{row}");
            ties += usize::from(number.is_none());
            last = Some(limit.fits);
        }
    }
    assert!(ties > 3, "elastic addresses, gateways and VPCs end together");
}

/// What is over already is told as passed, first, of the tiers that have it and of no others: what a tenant
/// has for itself, something in a cell, and what all share. What is over is counted over what is made.
#[test]
fn what_is_over_already_is_passed() {
    let cases: [(&str, u64, &str, &[&str]); 3] = [
        ("vpc.rules-per-network-acl", 8, "tenant-hooli/TenantNetworkAcl", &["team"]),
        ("iam.role-trust-policy-length", 400, "cell-free-eu-west-1-1/DataRole", &["free"]),
        (
            "vpc.vpcs-per-region",
            3,
            "333333333333/eu-west-1",
            &["business", "free", "starter", "team"],
        ),
    ];
    for (quota, most, place, tiers) in cases {
        let base = Base::golden("hybrid.yaml", &[(quota, most)]);
        let (growths, before) = base.forecast(&mut Counter::default());
        assert_eq!(before, BTreeSet::from([(quota.to_owned(), place.to_owned())]));
        let passed = |growth: &&Growth| growth.limits.iter().any(|limit| limit.passed);
        let told: Vec<&str> = growths.iter().filter(passed).map(|it| it.tier.as_str()).collect();
        assert_eq!(told, tiers, "{quota}");
        for growth in growths.iter().filter(passed) {
            let first = &growth.limits[0];
            assert!(first.passed && !growth.limits[1].passed, "{quota}: {growth:?}");
            assert_eq!((first.what.id(), first.limit), (quota, most));
            assert!(first.fits == 0 || first.place == "333333333333/eu-west-1", "{first:?}");
            assert!([place, "what a tenant has"].contains(&first.place.as_str()), "{first:?}");
        }
    }
}

/// Each connection to a hub, several regions, tiers without tenants, components.
#[test]
fn with_what_blueprints_hold() {
    let names = [
        "two-regions.json",
        "hostile-text.yaml",
        "account-audit.yaml",
        "account-peering.yaml",
        "application.yaml",
        "component-chargeback.yaml",
        "component-tagging.yaml",
        "component-monitoring.yaml",
        "workload-list.yaml",
        "large.yaml",
    ];
    for name in names {
        hold(&Base::golden(name, &[]));
    }
}

/// Gateway endpoints of a VPC fill cells, and more VPCs are granted than there are.
#[test]
fn with_cells_that_gateway_endpoints_fill() {
    let text = "version: 1\nname: g\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: { workload: '333333333333' }\n\
         network: { zones: 2, egress: { nat: none }, pools: [{ cidr: 10.0.0.0/8 }], \
         endpoints: { gateway: [s3, dynamodb] } }\n\
         tiers:\n  team: { isolation: subnet, network: { prefix: 26, cell_prefix: 18 } }\n\
         tenants: [{ id: t0, tier: team }]\n";
    let quotas = [
        ("vpc.gateway-endpoints-per-vpc", 9),
        ("vpc.gateway-endpoints-per-region", 100),
        ("vpc.vpcs-per-region", 3),
    ];
    let held = hold(&Base::of(with_quotas(text, &quotas)).placed());
    // Two of nine are the cell's own, so each of three cells holds three tenants.
    let first = &held["team eu-west-1"];
    assert_eq!((first.what.id(), first.fits), ("vpc.vpcs-per-region", 9));
}

/// The ids of cells stand in policies, and from the tenth they are longer.
#[test]
fn with_cells_of_two_digits() {
    let text = "version: 1\nname: c\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: { workload: '333333333333' }\n\
         network: { zones: 1, zone_slots: 1, pools: [{ cidr: 10.0.0.0/10 }], egress: { nat: none } }\n\
         tiers:\n  a: { isolation: application, network: { cell_prefix: 22 }, pool: { tenants: 2 }, \
         app: { instances: { types: [t4g.small], min: 1, max: 2 } }, \
         data: { engine: dynamodb, partition: item, tables: { orders: {} } }, \
         throttle: { rate: 1, burst: 2 }, endpoints: { gateway: [dynamodb] } }\n\
         tenants: [{ id: t0, tier: a }]\n";
    let quota = "iam.role-inline-policy-total-length";
    let base = Base::of(text.to_owned()).placed();
    let (spec, lock) = base.read(&[]);
    let (_, all) = whole(&spec, &lock, &mut Counter::default()).expect("it fits");
    let used = all.iter().find(|one| one.quota == quota).expect("it is counted").used;
    let quotas =
        [(quota, used), ("vpc.vpcs-per-region", 40), ("vpc.gateway-endpoints-per-region", 40)];
    let base = Base { text: with_quotas(&base.text, &quotas), ..base };
    let first = &hold(&base)["a eu-west-1"];
    assert_eq!((first.what.id(), first.fits), (quota, 18));
    let (tier, region) = ("a".to_owned(), "eu-west-1".to_owned());
    let request = wish(&base, &[Target { tier, region, tenants: 19 }], &mut Counter::default());
    let need = request.outlook.wants.iter().find(|want| want.at.quota == quota).map(|it| it.need);
    assert_eq!(need, Some(used + 1));
}

/// Whoever overrides something lives in a cell with the others, and is weighed with as much room: whether the
/// first of them does, or another, or nobody, as many fit.
#[test]
fn who_overrides_is_weighed_as_the_others() {
    let found = |first: &str, second: &str| {
        let text = format!(
            "version: 1\nname: o\nenvironment: t\nregions: [eu-west-1]\n\
             accounts: {{ workload: '333333333333' }}\n\
             network: {{ zones: 2, zone_slots: 2, pools: [{{ cidr: 10.0.0.0/10 }}], egress: {{ nat: none }} }}\n\
             quotas: {{ vpc.vpcs-per-region: 4 }}\n\
             tiers:\n  a: {{ isolation: application, network: {{ cell_prefix: 22 }}, pool: {{ tenants: 5 }}, \
             app: {{ instances: {{ types: [t4g.small], min: 1, max: 2 }} }}, \
             data: {{ engine: dynamodb, partition: item, tables: {{ orders: {{}} }} }}, \
             throttle: {{ rate: 10, burst: 20 }}, allow: [throttle] }}\n\
             tenants: [{{ id: a, tier: a{first} }}, {{ id: b, tier: a{second} }}]\n"
        );
        let first = hold(&Base::of(text).placed())["a eu-west-1"].clone();
        (first.what.id().to_owned(), first.fits)
    };
    let own = ", override: { throttle: { rate: 5, burst: 5 } }";
    let usual = found("", "");
    for special in [found(own, ""), found("", own), found(own, own)] {
        assert_eq!(special, usual);
    }
}

/// What the first tenant of an account brings with it, wherever it is: accounts are short of stacks and roles
/// before they are short of VPCs.
#[test]
fn with_what_an_account_has_once() {
    for scarce in ["cloudformation.stacks-per-account: 19", "iam.roles-per-account: 16"] {
        let quotas =
            &format!("vpc.vpcs-per-region: 30, vpc.internet-gateways-per-region: 30, {scarce}");
        let (components, tenants) = (ALL, &TENANTS[1..2]);
        let estate = Estate { accounts: 2, quotas, components, tenants, ..Estate::default() };
        let held = hold(&Base::of(estate.text()).placed());
        let id = scarce.split(':').next().expect("an id");
        assert!(held.values().any(|limit| limit.what.id() == id), "{scarce}: {held:?}");
    }
}

proptest! {
    #![proptest_config(cases(8))]

    /// Whatever the estate, its limits and the holes in its lock.
    #[test]
    fn with_estates_at_random(small in small()) {
        let Some(base) = small.base() else { return Err(TestCaseError::reject("over already")) };
        let mut counter = Counter::default();
        let (growths, _) = base.forecast(&mut counter);
        for growth in small.chosen(&growths) {
            hold_one(&base, growth, 40, &mut counter);
        }
    }
}
