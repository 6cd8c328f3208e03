//! The processors of instances: the table of types, what of a group counts to which quota, and that what is
//! granted gates, fills accounts and is foreseen, while what AWS raises by itself only warns.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tenantry::aws::{instance, quota};
use tenantry::check::quota::holding::{self, Whole};
use tenantry::check::quota::rows::ROWS;
use tenantry::synth::{Made, Outcome};
use tenantry::template::Template;

use crate::forecast::{Base, hold};
use crate::support::{options, root, synth_text};

const ON_DEMAND: &str = "ec2.on-demand-standard-vcpus";
const SPOT: &str = "ec2.spot-standard-vcpus";

/// The table, read without the code that reads it.
fn table() -> Value {
    let text =
        std::fs::read_to_string(root().join("schemas/instance-types.json")).expect("a table");
    serde_json::from_str(&text).expect("JSON")
}

/// Every type of the table is found, with a class whose quotas are counted, and all that are counted are
/// those of a class.
#[test]
fn every_type_has_a_class_whose_quotas_are_counted() {
    let table = table();
    let counted: BTreeSet<&str> = ROWS.iter().map(|row| row.id).collect();
    let ours = |id: &&str| id.starts_with("ec2.") && id.ends_with("-vcpus");
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut types = 0;
    for (family, sizes) in table["families"].as_object().expect("families") {
        for (size, count) in sizes.as_object().expect("sizes") {
            let kind = format!("{family}.{size}");
            assert_eq!(instance::processors(&kind).map(u64::from), count.as_u64(), "{kind}");
            let class = instance::class(&kind).unwrap_or_else(|| panic!("{kind} has no class"));
            named.extend([class.on_demand].into_iter().chain(class.spot));
            types += 1;
        }
    }
    assert!(types > 1_000, "{types} types");
    assert_eq!(named, counted.into_iter().filter(ours).collect(), "what is counted");
    for id in named {
        let row = quota::get(id).expect("a row");
        assert!(row.verified && row.adjustable && row.code.is_some(), "{id}");
        assert_eq!(row.grows, row.default != Some(0), "{id}: none grows by itself, only some");
    }
    for alone in table["alone"].as_array().expect("a list") {
        assert!(table["families"].get(alone.as_str().expect("a family")).is_some(), "{alone}");
    }
}

/// As AWS publishes them: <https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html> and the pages
/// beside it. Sizes do not tell all of it.
#[test]
fn types_have_what_aws_publishes() {
    let published = [
        ("t4g.small", 2, "standard"),
        ("t2.micro", 1, "standard"),
        ("m7g.medium", 1, "standard"),
        ("m7i-flex.large", 2, "standard"),
        ("c4.8xlarge", 36, "standard"),
        ("c5.metal", 96, "standard"),
        ("m7i.metal-24xl", 96, "standard"),
        ("im4gn.large", 2, "standard"),
        ("is4gen.medium", 1, "standard"),
        ("inf1.xlarge", 4, "inf"),
        ("g4dn.metal", 96, "g-and-vt"),
        ("gr6.4xlarge", 16, "g-and-vt"),
        ("vt1.3xlarge", 12, "g-and-vt"),
        ("p4d.24xlarge", 96, "p"),
        ("trn1.32xlarge", 128, "trn"),
        ("dl1.24xlarge", 96, "dl"),
        ("x2gd.medium", 1, "x"),
        ("u7i-12tb.224xlarge", 896, "high-memory"),
        ("hpc7g.16xlarge", 64, "hpc"),
        ("f2.6xlarge", 24, "f"),
    ];
    for (kind, processors, class) in published {
        assert_eq!(instance::processors(kind), Some(processors), "{kind}");
        let on_demand = instance::class(kind).expect("a class").on_demand;
        assert_eq!(on_demand, format!("ec2.on-demand-{class}-vcpus"), "{kind}");
    }
    // Of a Mac only a whole host is to be had, which has a quota of its own.
    for kind in ["mac2.metal", "m7g.enormous", "m7g", "quantum9.large", ""] {
        assert_eq!(instance::processors(kind), None, "{kind}");
    }
}

/// What a group holds, row by row: its most, how many are on demand first, how much of the others in
/// percent, and its types.
fn group(most: u32, base: u32, share: u32, types: &[&str]) -> BTreeMap<&'static str, u64> {
    let overrides: Vec<Value> = types.iter().map(|kind| json!({ "InstanceType": kind })).collect();
    let how = json!({ "OnDemandBaseCapacity": base, "OnDemandPercentageAboveBaseCapacity": share });
    let it = json!({
        "MaxSize": most.to_string(), "CapacityRebalance": share < 100,
        "MixedInstancesPolicy": { "InstancesDistribution": how, "LaunchTemplate": { "Overrides": overrides } },
    });
    let group = json!({ "Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": it });
    let json = json!({ "Resources": { "Group": group } });
    let template = Template::nameless("t", "A test.");
    let all =
        holding::of(&Whole { json: &json, template: &template, premises: 0 }, "", |_| true, &[]);
    let ours = all.iter().map(|one| (ROWS[one.row].id, one.amount.of(&[])));
    ours.filter(|(id, _)| id.ends_with("-vcpus")).collect()
}

/// On demand first, then by the share; what could be either is both, and AWS may replace a tenth at once.
#[test]
fn a_group_counts_by_how_it_is_bought() {
    let large = |most, base, share| {
        let held = group(most, base, share, &["m7g.large"]);
        [held.get(ON_DEMAND).copied(), held.get(SPOT).copied()]
    };
    assert_eq!(large(8, 2, 100), [Some(16), None], "all on demand");
    assert_eq!(large(8, 8, 0), [Some(16), None], "so are the first");
    assert_eq!(large(8, 20, 0), [Some(16), None], "of more than there can be");
    assert_eq!(large(8, 0, 0), [None, Some(18)], "eight as Spot, and one more");
    assert_eq!(large(20, 0, 0), [None, Some(44)], "two more of twenty");
    assert_eq!(large(10, 2, 50), [Some(12), Some(10)], "half of eight, and one more");
    assert_eq!(large(8, 1, 50), [Some(10), Some(10)], "of seven, one is either");
}

/// The type that has most counts, in each class; who knows one of them not, counts none.
#[test]
fn a_group_counts_by_the_type_that_has_most() {
    let of = |types: &[&str]| group(3, 0, 100, types);
    let standard = |count| BTreeMap::from([(ON_DEMAND, count)]);
    assert_eq!(of(&["m7g.large", "m7g.4xlarge", "m7g.xlarge"]), standard(48));
    let mixed = of(&["m7g.large", "g5g.xlarge", "g6.2xlarge", "x2gd.medium"]);
    let each = [(ON_DEMAND, 6), ("ec2.on-demand-g-and-vt-vcpus", 24), ("ec2.on-demand-x-vcpus", 3)];
    assert_eq!(mixed, BTreeMap::from(each));
    assert_eq!(of(&["m7g.large", "m99g.large"]), BTreeMap::new());
    // AWS has no quota for them as Spot.
    assert_eq!(group(3, 0, 0, &["hpc7g.4xlarge"]), BTreeMap::new());
}

const HEAD: &str = "version: 1\nname: iron\nenvironment: test\nregions: [eu-west-1]\n\
     network: { zones: 2, pools: [{ cidr: 10.0.0.0/14 }], egress: { nat: single } }\n";

/// Pools of two tenants each with at most four instances.
fn pools(tenants: usize, accounts: &str, kind: &str) -> String {
    let all: Vec<String> = (0..tenants).map(|n| format!("{{ id: t{n}, tier: free }}")).collect();
    format!(
        "{HEAD}accounts: {{ workload: {accounts} }}\n\
         tiers: {{ free: {{ isolation: application, network: {{ cell_prefix: 18 }}, pool: {{ tenants: 2 }}, \
         app: {{ instances: {{ types: [{kind}], min: 1, max: 4 }} }}, throttle: {{ rate: 1, burst: 2 }}, \
         data: {{ engine: dynamodb, partition: item, tables: {{ orders: {{}} }} }} }} }}\n\
         tenants: [{}]\n",
        all.join(", ")
    )
}

const ONE: &str = "'333333333333'";
const TWO: &str = "['333333333333', '444444444444']";

fn granted(limit: u64, text: &str) -> String {
    format!("quotas: {{ {ON_DEMAND}: {limit} }}\n{text}")
}

fn outcome(text: &str) -> Outcome {
    synth_text("iron.yaml", text.as_bytes(), None, &root(), options())
}

fn made(text: &str) -> Made {
    let outcome = outcome(text);
    outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
}

/// How much is used on demand in the fullest account, and whether that stops.
fn used(made: &Made) -> Option<(u64, bool, bool)> {
    let ours = made.uses.iter().filter(|one| one.quota == ON_DEMAND);
    ours.map(|one| (one.used, one.is_above(), one.is_over())).max()
}

/// What AWS begins with warns and closes no account; what it has granted does, and is where it ends.
#[test]
fn what_is_granted_gates_and_a_default_does_not() {
    let accounts = |text: &str| -> Vec<String> {
        made(text).plan.tenants.values().map(|it| it.account.clone()).collect()
    };
    let (first, second) = ("333333333333", "444444444444");
    let six = pools(6, TWO, "t4g.small");
    assert_eq!(accounts(&six), [first; 6]);
    assert_eq!(accounts(&granted(16, &six)), [first, first, first, first, second, second]);
    // Three pools of four instances with two processors.
    assert_eq!(used(&made(&pools(6, ONE, "t4g.small"))), Some((24, true, false)));
    assert_eq!(used(&made(&granted(24, &pools(6, ONE, "t4g.small")))), Some((24, false, false)));
    let stopped = outcome(&granted(23, &pools(6, ONE, "t4g.small"))).stopped.expect("it is over");
    assert_eq!(used(&stopped), Some((24, true, true)));
}

/// As many tenants as it foretells fit, and with one more there are too many processors.
#[test]
fn what_is_granted_is_foreseen() {
    let held = hold(&Base::of(granted(28, &pools(1, ONE, "t4g.small"))));
    let first = &held["free eu-west-1"];
    assert_eq!((first.what.id(), first.fits), (ON_DEMAND, 6), "three pools of two");
}

/// Of a class that nobody has without asking, the default is passed at once; who has asked is not told.
#[test]
fn of_most_classes_a_new_account_has_none() {
    const GRAPHICS: &str = "ec2.on-demand-g-and-vt-vcpus";
    let told = |text: &str| -> Vec<String> {
        let outcome = outcome(text);
        let told = outcome.sink.as_slice().iter().map(|it| it.message.clone());
        told.filter(|message| message.contains(GRAPHICS)).collect()
    };
    let text = pools(1, ONE, "g5g.xlarge");
    let message = "`ec2.on-demand-g-and-vt-vcpus` (L-DB2E81BA) in 333333333333/eu-west-1: 16 are used, and AWS grants \
         0 unless it was asked for more";
    assert_eq!(told(&text), [message]);
    assert_eq!(told(&format!("quotas: {{ {GRAPHICS}: 16 }}\n{text}")), Vec::<String>::new());
    assert_eq!(used(&made(&text)), None, "they are no standard ones");
}

/// Of a type that is in no table nothing is counted, and it is said, until somebody says how many.
#[test]
fn a_type_that_is_not_known_is_told_and_not_counted() {
    let text = pools(1, ONE, "t4g.small, m99g.large");
    let outcome = outcome(&text);
    let rules: Vec<&str> = outcome.sink.as_slice().iter().map(|it| it.rule.id).collect();
    assert!(rules.contains(&"instances/type"), "{rules:?}");
    assert_eq!(used(&outcome.made.expect("it is only a warning")), None);
    let said = format!(
        "places: {{ \"333333333333/eu-west-1\": {{ used: {{ {ON_DEMAND}: 8 }} }} }}\n{}",
        pools(1, ONE, "t4g.small")
    );
    assert_eq!(used(&made(&said)), Some((16, true, false)), "eight by others");
}
