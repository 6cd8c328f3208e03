//! Why cells open and where that is kept; what stands in a VPC; and what no template does: grow with
//! tenants or cells.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tenantry::aws::quota;
use tenantry::check::quota::{Counter, Use, count};
use tenantry::engine::Engine;
use tenantry::forecast::probe::{InCell, Probe};
use tenantry::forecast::regions;
use tenantry::plan::{Lock, cells};
use tenantry::spec::quota::Place;
use tenantry::spec::{Quotas, Spec};
use tenantry::synth::{Made, Outcome};
use tenantry::view::{growth, quotas};
use tenantry::weigh::newcomer::newcomer;

use crate::forecast::{Base, over, whole};
use crate::support::{blueprints, options, root, synth_text};

/// A blueprint of the repository, with its lock and with more tenants in a file.
fn golden(name: &str, more: Option<&str>) -> Option<Made> {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let stem = name.rsplit_once('.').expect("an ending").0;
    let lock = std::fs::read_to_string(folder.join(format!("{stem}.lock.json"))).ok();
    let text = match more {
        Some(file) if text.starts_with('{') => {
            text.replacen("\"tenant_files\": [", &format!("\"tenant_files\": [\"{file}\", "), 1)
        }
        Some(file) => format!("tenant_files: [\"{file}\"]\n{text}"),
        None => text,
    };
    synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options()).made
}

/// A tenant more of each tier that has any, and one more that opens a cell.
fn more(made: &Made, text: &str) -> String {
    let words = text.split("{{tenant.").skip(1);
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut asked: Vec<String> = words.map(word).collect();
    asked.sort();
    asked.dedup();
    asked.retain(|word| !["id", "name", "tier", "region", "email"].contains(&word.as_str()));
    let names: String = asked.iter().map(|word| format!(",{word}")).collect();
    let mut out = format!("id,tier,region,email,dedicated{names}\n");
    for (id, tier) in &made.spec.tiers {
        let plain =
            |t: &&tenantry::spec::Tenant| t.tier == *id && t.variant.is_none() && t.vpn.is_none();
        let Some(known) = made.spec.tenants.values().find(plain) else { continue };
        let alone = tier.isolation.has_cells().then_some("true");
        for dedicated in [Some(""), alone].into_iter().flatten() {
            let (region, values) = (&known.region, ",x".repeat(asked.len()));
            let new = format!("zz-{id}-{}", dedicated.len());
            let _ = writeln!(out, "{new},{id},{region},more+{new}@a.example,{dedicated}{values}");
        }
    }
    out
}

/// Tenants and cells come; every template that was there stays as it was, to the byte, with both
/// engines, components and all. So no stack that is shared grows with them, and nothing moves from
/// one stack to another.
#[test]
fn no_template_grows_with_tenants_or_cells() {
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("more.csv");
    let mut opened = 0;
    // The whole of `full.yaml` is in the blueprints of its components.
    for name in blueprints().into_iter().filter(|name| name != "full.yaml") {
        let before = golden(&name, None).expect("it is sound");
        let text =
            std::fs::read_to_string(root().join("blueprints").join(&name)).expect("a blueprint");
        std::fs::write(&file, more(&before, &text)).expect("written");
        let after = golden(&name, file.to_str()).unwrap_or_else(|| panic!("{name} takes more"));
        opened += after.plan.cells.len() - before.plan.cells.len();
        assert!(after.spec.tenants.len() > before.spec.tenants.len(), "{name}");
        let (old, new) = (before.render(), after.render());
        for shape in before.estate.templates.keys() {
            for engine in [Engine::CloudFormation, Engine::Terraform] {
                let same = old.template_text(engine, shape) == new.template_text(engine, shape);
                assert!(same, "{name}: {shape} grew");
            }
        }
    }
    assert!(opened > 8, "{opened} cells were opened");
}

/// A thousand tenants of isolation `subnet` with AWS's own limits: why each cell opened is in the
/// lock, in the report, and in the next lock, whoever made it.
#[test]
fn why_a_cell_opened_is_kept() {
    let mut text = String::from(
        "version: 1\nname: k\nenvironment: t\nregions: [eu-west-1]\naccounts: { workload: '333333333333' }\n\
         network: { zones: 2, zone_slots: 2, pools: [{ cidr: 10.0.0.0/8 }], egress: { nat: none }, endpoints: { gateway: [s3] } }\n\
         tiers:\n  team: { isolation: subnet, network: { prefix: 27, cell_prefix: 18 } }\ntenants:\n",
    );
    for n in 0..1000 {
        let _ = writeln!(text, "  - {{ id: t{n:04}, tier: team }}");
    }
    let mut engines = options();
    engines.engines = vec![Engine::CloudFormation];
    let synth = |text: &str, lock: Option<&str>| {
        synth_text("k.yaml", text.as_bytes(), lock, ".".as_ref(), engines.clone())
            .made
            .expect("sound")
    };
    let made = synth(&text, None);
    // 200 subnets: four are shared, each tenant has two. 200 route tables would hold more.
    let why: Vec<&str> = made.plan.cells.values().filter_map(|cell| cell.why.as_deref()).collect();
    let firsts = why.iter().filter(|why| **why == cells::FIRST).count();
    let short = why.iter().filter(|why| **why == quota::SUBNETS).count();
    assert_eq!((firsts, short, why.len()), (1, 1000_usize.div_ceil(98) - 1, 11));
    assert_eq!(growth::cells(&made.spec, &made.plan)[0].why.len(), 2);
    let report = quotas::text(&quotas::report(&made), false);
    let line = "cells 11: 10 because the one before had too little left of vpc.subnets-per-vpc, 1 because there was none";
    assert!(report.contains(line), "{report}");
    // A lock that does not tell is read, and stays as it is.
    let silent =
        made.lock.replace(",\"why\":\"first\"", "").replace(",\"why\":\"vpc.subnets-per-vpc\"", "");
    assert!(silent.len() < made.lock.len());
    assert_eq!(synth(&text, Some(&silent)).lock, silent);
    // One more cell tells why, and no other line changes.
    let alone = format!("{text}  - {{ id: zed, tier: team, dedicated: true }}\n");
    let after = synth(&alone, Some(&silent)).lock;
    let new: Vec<&str> = after.lines().filter(|line| !silent.contains(line)).collect();
    assert_eq!(new.len(), 2, "{new:?}");
    assert!(new[0].contains("\"why\":\"dedicated\""), "{new:?}");
}

/// Units of Network Address Usage, added up by hand, and NAT gateways by zone.
#[test]
fn what_stands_in_a_vpc_is_counted() {
    let used = |name: &str| -> BTreeMap<(&'static str, String), u64> {
        let made = golden(name, None).expect("it is sound");
        let uses = count(&made.spec, &made.estate);
        uses.into_iter().map(|one| ((one.quota, one.place), one.used)).collect()
    };
    let hybrid = used("hybrid.yaml");
    let units = |all: &BTreeMap<_, u64>, place: &str| {
        all.get(&("vpc.network-address-usage", place.to_owned())).copied()
    };
    // A NAT gateway and an attachment.
    assert_eq!(units(&hybrid, "cell-team-eu-west-1-1/Vpc"), Some(6 + 6));
    // And a load balancer in two zones, and ten tasks that stand twice while they are replaced.
    assert_eq!(units(&hybrid, "cell-starter-eu-west-1-1/Vpc"), Some(12 + 2 + 2 * 10));
    // And a network load balancer in two zones, and eight instances.
    assert_eq!(units(&hybrid, "network-free-eu-west-1-1/Vpc"), Some(12 + 2 * 6 + 8));
    // No way out: a network load balancer, two instances and that of the cluster.
    assert_eq!(
        units(&used("application-sql.yaml"), "network-free-eu-west-1-1/Vpc"),
        Some(12 + 2 + 1)
    );
    // One NAT gateway for the tenant with a VPC, and one for each of three cells, all in zone a.
    let zone = ("vpc.nat-gateways-per-az", "333333333333/eu-west-1a".to_owned());
    assert_eq!(hybrid.get(&zone), Some(&4));
    assert!(!hybrid.contains_key(&(zone.0, "333333333333/eu-west-1b".to_owned())));
}

/// Tenants that start a thousand tasks each while they are deployed, in three zones.
fn tasks(accounts: &[&str], tenants: usize) -> Made {
    let arn = |id: &&str| format!("'arn:aws:acm:us-east-1:{id}:certificate/k'");
    let certificates: Vec<String> = accounts.iter().map(arn).collect();
    let accounts: Vec<String> = accounts.iter().map(|id| format!("'{id}'")).collect();
    let mut text = format!(
        "version: 1\nname: k\nenvironment: t\nregions: [us-east-1]\naccounts: {{ workload: [{}] }}\n\
         network: {{ zones: 3, zone_slots: 4, pools: [{{ cidr: 10.0.0.0/12 }}], egress: {{ nat: none }} }}\n\
         tiers:\n  a:\n    isolation: container\n    network: {{ cell_prefix: 16 }}\n    \
         ingress: {{ domain: a.example, certificates: {{ us-east-1: [{}] }} }}\n    services:\n\
         \x20     w: {{ image: x, cpu: 256, memory: 512, scale: {{ min: 1, max: 500 }} }}\n\
         \x20     v: {{ image: x, cpu: 256, memory: 512, port: 80, scale: {{ min: 1, max: 1 }} }}\n\
         tenants:\n",
        accounts.join(", "),
        certificates.join(", ")
    );
    for n in 0..tenants {
        let _ = writeln!(text, "  - {{ id: t{n:02}, tier: a }}");
    }
    synth_text("k.yaml", text.as_bytes(), None, &root(), options()).made.expect("it is sound")
}

/// The interfaces of each zone, and whether that is too much.
fn interfaces(made: &Made) -> Vec<(String, u64, bool)> {
    let uses = count(&made.spec, &made.estate).into_iter();
    let ours = uses.filter(|one| one.quota == "vpc.network-interfaces-per-region");
    ours.map(|one: Use| (one.place.clone(), one.used, one.is_over())).collect()
}

/// Interfaces are an account's in a zone: another cell there frees none, so it does not open for them.
/// What the forecast says of them is what is counted; only another account has more.
#[test]
fn no_cell_opens_for_what_is_not_a_cells() {
    let one = ["333333333333"];
    // 334 of a thousand tasks in a zone, one of two, and one of the load balancer.
    let full = tasks(&one, 14);
    assert_eq!(full.plan.cells.len(), 1);
    let zones = interfaces(&full);
    assert_eq!(zones.len(), 3);
    assert!(
        zones.iter().all(|(_, used, over)| (*used, *over) == (14 * 335 + 1, false)),
        "{zones:?}"
    );
    let first = &quotas::report(&full).growth[0].limits[0];
    assert_eq!((first.what.id(), first.fits), ("vpc.network-interfaces-per-region", 14));
    let over = tasks(&one, 15);
    assert_eq!(over.plan.cells.len(), 1);
    assert!(interfaces(&over).iter().all(|(_, _, over)| *over));
    // Of two accounts the second takes the fifteenth.
    let two = tasks(&["333333333333", "444444444444"], 15);
    let cells: Vec<_> = two.plan.cells.values().map(|it| (it.tenants, it.why.as_deref())).collect();
    assert_eq!(cells, [(14, Some(cells::FIRST)), (1, Some("vpc.network-interfaces-per-region"))]);
    let zones = interfaces(&two);
    assert!(zones.len() == 6 && zones.iter().all(|(_, _, over)| !over), "{zones:?}");
    // A lock that says a cell opened for them is read as it is.
    let lock = full.lock.replace("\"first\"", "\"vpc.network-interfaces-per-region\"");
    assert_ne!(lock, full.lock);
    let sources = &mut tenantry::source::Sources::default();
    let file = sources.add(tenantry::source::Source::new("k.lock.json", lock.clone()));
    let sink = &mut tenantry::diag::Sink::default();
    let read = tenantry::plan::lock::read(sources, file, sink).expect("a lock");
    assert!(sink.is_empty() && read.render() == lock);
}

/// A VPC with its peers: those of a cell are the hub, which has at least as much with all its cells, so
/// where it ends a cell it has ended the hub, and another cell frees nothing.
const OF_THE_HUB: &str = "vpc.peered-network-address-usage";

/// With room for two tenants of a tier and not for a third, the third opens another cell for exactly
/// that, and nothing of it is over.
fn closes(spec: &Spec, tier: &str, region: &str, at: &InCell, counter: &mut Counter) {
    let quotas = Quotas::lifted();
    let mut small = Spec { tenants: BTreeMap::new(), quotas, ..spec.clone() };
    let guests = (1..=3).map(|n| newcomer(spec, tier, region, n));
    small.tenants.extend(guests.map(|guest| (guest.id.clone(), guest)));
    small.tiers.get_mut(tier).expect("it is there").ceiling = None;
    let limit = u32::try_from(at.own + 2 * at.tenant).expect("it is small");
    for account in &spec.workload_accounts {
        let place = Place { account: account.clone(), region: Some(region.to_owned()) };
        small.quotas.grant(place, at.at.quota, limit);
    }
    let name = format!("{} {tier}: {} of {limit}", spec.name, at.at.quota);
    let (lock, uses) = whole(&small, &Lock::default(), counter).expect(&name);
    let why: Vec<&str> = lock.cells.values().filter_map(|cell| cell.why.as_deref()).collect();
    assert_eq!(why, [cells::FIRST, at.at.quota], "{name}");
    let over = over(&uses).into_iter().filter(|(quota, _)| quota == at.at.quota);
    let mine = |place: &String| lock.cells.keys().any(|cell| place.contains(cell));
    assert_eq!(over.filter(|(_, place)| mine(place)).count(), 0, "{name}");
}

/// What tenants of each tier fill of something that their cell has for itself; each closes the cell.
fn all_close(base: &Base) -> BTreeSet<&'static str> {
    let (mut closed, mut counter) = (BTreeSet::new(), Counter::default());
    let (spec, lock) = base.read(&[]);
    for (id, _) in spec.tiers.iter().filter(|(_, tier)| tier.isolation.has_cells()) {
        let region = regions(&spec, id).swap_remove(0);
        let growing = Probe::new(&spec, &lock, &mut counter)
            .added(id, &region, &spec.workload_accounts[0])
            .expect("it grows");
        let filled = growing.in_cell.iter().filter(|at| at.tenant > 0);
        for at in filled.filter(|at| at.at.quota != OF_THE_HUB) {
            closes(&spec, id, &region, at, &mut counter);
            closed.insert(at.at.quota);
        }
    }
    closed
}

/// Every counted row that grows with the tenants of a cell, in a thing of the cell, closes the cell, and
/// what placement says of it agrees with the counting to the unit.
#[test]
fn what_tenants_fill_of_a_cell_closes_it() {
    let mut closed = BTreeSet::new();
    // The whole of `full.yaml` is in the blueprints of its components.
    for name in blueprints().into_iter().filter(|name| name != "full.yaml") {
        closed.extend(all_close(&Base::golden(&name, &[])));
    }
    // Whatever else stands in the VPC of a cell.
    let cells = [
        (1, "none", "none", "[]", ""),
        (2, "peering", "single", "[logs]", ""),
        (3, "transit-gateway", "per-zone", "[ecr.api, ecr.dkr]", ""),
        (
            2,
            "none",
            "single",
            "[logs]",
            ", capacity: { ec2: { types: [m7g.large], min: 1, max: 7 } }",
        ),
    ];
    for (zones, connect, nat, endpoints, more) in cells {
        let text = format!(
            "version: 1\nname: k{zones}\nenvironment: t\nregions: [eu-west-1]\naccounts: {{ workload: '333333333333' }}\n\
             network: {{ zones: {zones}, zone_slots: 4, pools: [{{ cidr: 10.0.0.0/12 }}], hub: {{ connect: {connect} }}, \
             egress: {{ nat: {nat} }}, endpoints: {{ interface: {endpoints} }} }}\n\
             tiers: {{ a: {{ isolation: container, network: {{ cell_prefix: 20 }}, \
             ingress: {{ domain: a.example, certificates: {{ eu-west-1: 'arn:aws:acm:eu-west-1:333333333333:certificate/k' }} }}, \
             services: {{ v: {{ image: x, cpu: 256, memory: 512, port: 80, scale: {{ min: 1, max: 1 }} }}, \
             w: {{ image: x, cpu: 256, memory: 512, scale: {{ min: 1, max: 5 }} }} }}{more} }} }}\n\
             tenants: []\n"
        );
        let base = Base::of(text);
        assert!(all_close(&base).contains(quota::ADDRESS_UNITS));
    }
    let all = [
        quota::APP_CLIENTS,
        quota::GROUPS,
        quota::SERVICES,
        quota::NAMESPACE,
        quota::RULES,
        quota::TARGET_GROUPS,
        quota::TARGETS,
        quota::ADDRESS_UNITS,
        quota::GATEWAY_ENDPOINTS,
        quota::NETWORK_ACLS,
        quota::ROUTE_TABLES,
        quota::SUBNETS,
        quota::GATEWAY_ENDPOINTS,
    ];
    assert_eq!(closed, all.into(), "what cells are full of");
}

/// An estate of one tier with tenants `t00`, `t01` and so on.
fn of_one(pool: &str, quotas: &str, tier: &str, tenants: usize) -> Outcome {
    let mut text = format!(
        "version: 1\nname: k\nenvironment: t\nregions: [eu-west-1]\naccounts: {{ workload: '333333333333' }}\n\
         network: {{ zones: 2, zone_slots: 2, pools: [{{ cidr: {pool} }}], hub: {{ connect: none }}, egress: {{ nat: none }} }}\n\
         quotas: {{ {quotas} }}\ntiers: {{ a: {{ {tier} }} }}\ntenants:\n"
    );
    for n in 0..tenants {
        let _ = writeln!(text, "  - {{ id: t{n:02}, tier: a }}");
    }
    synth_text("k.yaml", text.as_bytes(), None, &root(), options())
}

/// Where nothing more can be opened it is said once, with how many fit: so many do, and one more does
/// not. Those that have a place are counted all the same.
#[test]
fn as_many_fit_as_is_told() {
    const APP: &str = "isolation: application, network: { cell_prefix: 24 }, pool: { tenants: 3 }, \
                       app: { instances: { types: [t4g.small], min: 1, max: 2 } }, throttle: { rate: 1, burst: 1 }, \
                       data: { engine: dynamodb, partition: table, tables: { a: {}, b: {} } }";
    let subnet = "isolation: subnet, network: { prefix: 26, cell_prefix: 23 }";
    let cases = [
        ("10.0.0.0/20", "", "isolation: vpc, network: { prefix: 24 }", "plan/pool-full", 16, ""),
        ("10.0.0.0/20", "", subnet, "plan/pool-full", 48, ""),
        (
            "10.0.0.0/12",
            "apigateway.usage-plans-per-region: 7",
            APP,
            "plan/region-full",
            7,
            "L-E8693075",
        ),
        (
            "10.0.0.0/12",
            "apigateway.vpc-links-per-region: 2",
            APP,
            "plan/region-full",
            6,
            "L-A4C7274F",
        ),
        // A pool has its catalogue, and each tenant two: seven for the first pool.
        ("10.0.0.0/12", "dynamodb.tables-per-region: 11", APP, "plan/region-full", 4, "L-F98FE922"),
        ("10.0.0.0/12", "vpc.subnets-per-vpc: 5", subnet, "plan/cell-short", 0, "L-407747CB"),
    ];
    for (pool, quotas, tier, rule, fit, code) in cases {
        let over = of_one(pool, quotas, tier, fit + 5);
        let [said] = over.sink.as_slice() else { panic!("{rule}: {:?}", over.sink.as_slice()) };
        assert_eq!((said.rule.id, over.made.is_some()), (rule, false));
        let (message, all) = (&said.message, fit + 5);
        assert!(message.starts_with(&format!("{fit} of {all} tenants")), "{message}");
        let place = if code.is_empty() { pool } else { "333333333333" };
        assert!(message.contains(place) && message.contains(code), "{message}");
        assert!(said.advice().contains(code) && said.advice().contains("eu-west-1"), "{said:?}");
        let counted = over.stopped.expect("it can be counted");
        let left = if rule == "plan/region-full" { all } else { fit };
        assert_eq!(counted.spec.tenants.len(), left, "{rule}");
        let report = quotas::report(&counted);
        assert_eq!(report.growth[0].tenants, left as u64, "{rule}");
        assert_eq!(report.unplaced.len(), all - left, "{rule}");
        let told = quotas::text(&report, false);
        assert!(told.trim_end().ends_with("more") == (all > left), "who has no place: {told}");
        assert!(
            of_one(pool, quotas, tier, fit.max(1)).made.is_some() == (fit > 0),
            "{rule}: all fit"
        );
        assert!(of_one(pool, quotas, tier, fit + 1).made.is_none(), "{rule}: one more does not");
    }
    let many = of_one("10.0.0.0/20", "", "isolation: vpc, network: { prefix: 24 }", 21);
    let message = &many.sink.as_slice()[0].message;
    assert!(message.contains("t16, t17, t18 and 2 more do not"), "{message}");
}
