//! Why cells open and where that is kept; what stands in a VPC; and what no template does: grow with
//! tenants or cells.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tenantry::aws::quota;
use tenantry::check::quota::count;
use tenantry::engine::Engine;
use tenantry::plan::cells;
use tenantry::synth::Made;
use tenantry::view::{growth, quotas};

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
