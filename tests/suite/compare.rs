//! The five models side by side: what is counted is what is written, what stops a model stops it, and
//! a price is what the file says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::LazyLock;

use serde_json::Value;
use tenantry::aws::driver::DRIVERS;
use tenantry::blueprint::shape::Isolation;
use tenantry::blueprint::{self, Written, prices};
use tenantry::check::quota;
use tenantry::compare::{self, Column, recast, tally::ROWS};
use tenantry::diag::{Sink, human};
use tenantry::engine::Engine;
use tenantry::plan::{Lock, plan, rule};
use tenantry::source::Sources;
use tenantry::spec::spec;
use tenantry::view;
use tenantry::view::tags::facts::{BILL, Bill};
use tenantry::{component, model};

use crate::estates;
use crate::support::{options, root, snapshot, synth_text, tenantry, told};

fn written(text: &str) -> Written {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let folder = root().join("blueprints");
    let mut load =
        |file: &str| fs::read(folder.join(file)).map_err(|error| format!("{file}: {error}"));
    let written = blueprint::read("b.yaml", text.as_bytes(), &mut load, &mut sources, &mut sink);
    let said = human::render(sink.as_slice(), &sources, false);
    assert!(spec(written.as_ref().expect(&said), &mut sink).is_some(), "{said}");
    written.expect("it was read")
}

fn text_of(name: &str) -> String {
    fs::read_to_string(root().join("blueprints").join(name)).expect("a blueprint")
}

/// The example with all models, and a small one, compared once for all tests.
static HYBRID: LazyLock<Vec<Column>> =
    LazyLock::new(|| compare::compare(&written(&text_of("hybrid.yaml"))));
static QUICKSTART: LazyLock<Vec<Column>> =
    LazyLock::new(|| compare::compare(&written(&text_of("quickstart.yaml"))));

fn column(columns: &[Column], model: Isolation) -> &Column {
    columns.iter().find(|column| column.model == model).expect("every model is there")
}

fn counts(column: &Column) -> BTreeMap<&'static str, u64> {
    ROWS.iter().zip(&column.tally.counts).map(|(row, count)| (row.id, *count)).collect()
}

/// Terraform's types of what is counted by CloudFormation's.
const TYPES: [(&str, &str); 14] = [
    ("vpcs", "aws_vpc"),
    ("subnets", "aws_subnet"),
    ("nat_gateways", "aws_nat_gateway"),
    ("elastic_addresses", "aws_eip"),
    ("route_tables", "aws_route_table"),
    ("security_groups", "aws_security_group"),
    ("network_acl_rules", "aws_network_acl_rule"),
    ("peerings", "aws_vpc_peering_connection"),
    ("attachments", "aws_ec2_transit_gateway_vpc_attachment"),
    ("load_balancers", "aws_lb"),
    ("services", "aws_ecs_service"),
    ("databases", "aws_rds_cluster"),
    ("tables", "aws_dynamodb_table"),
    ("roles", "aws_iam_role"),
];

/// A blueprint in its own model is the blueprint: what is counted of it is what `synth` writes, counted
/// in the modules of the other engine.
#[test]
fn what_is_counted_is_what_is_written() {
    let all = [
        ("account", Isolation::Account),
        ("vpc-peering.yaml", Isolation::Vpc),
        ("subnet-transit-gateway.yaml", Isolation::Subnet),
        ("container-ec2.yaml", Isolation::Container),
        ("application-sql.yaml", Isolation::Application),
    ];
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, own) in all {
        let of_accounts = || estates::estate(&[("account", 3)]);
        let text = if name == "account" { of_accounts() } else { text_of(name) };
        let columns = compare::compare(&written(&text));
        let column = column(&columns, own);
        assert!(column.assumed.is_empty(), "{name}: nothing is assumed: {:?}", column.assumed);
        let folder = root().join("blueprints");
        let made = synth_text(name, text.as_bytes(), None, &folder, options()).made;
        let made = made.expect("it is sound");
        let rendered = made.render();
        let mut found: BTreeMap<&str, u64> = BTreeMap::new();
        for stack in &made.estate.stacks {
            let module = rendered.template_text(Engine::Terraform, &stack.shape).expect("a module");
            let module: Value = serde_json::from_str(module).expect("JSON");
            let of =
                |kind: &str| module["resource"][kind].as_object().map_or(0, serde_json::Map::len);
            for (id, kind) in TYPES {
                *found.entry(id).or_default() += of(kind) as u64;
            }
            // Without a rule of its own, AWS would let everything out of a group.
            let kinds =
                ["ingress", "egress"].map(|way| format!("aws_vpc_security_group_{way}_rule"));
            let rules = kinds.iter().map(|kind| of(kind)).sum::<usize>() + of("aws_security_group");
            *found.entry("security_group_rules").or_default() += rules as u64;
            *found.entry("stacks").or_default() += 1;
        }
        let counted = counts(column);
        for (id, count) in found {
            assert_eq!(counted[id], count, "{name}: {id}");
            *seen.entry(id).or_default() += count;
        }
        assert_eq!(column.tenants, made.spec.tenants.len());
        let used: u64 = made.plan.usage.iter().map(|usage| usage.used).sum();
        assert_eq!(column.addresses.0, used, "{name}: addresses");
    }
    let unseen: Vec<_> = seen.iter().filter(|(_, count)| **count == 0).collect();
    assert!(unseen.is_empty(), "nothing shows that these are counted: {unseen:?}");
}

/// Examples with all components can be put into every model, or are told why not, and all tenants are
/// accounted for.
#[test]
fn every_model_can_be_had() {
    for name in ["full.yaml", "component-tagging.yaml"] {
        let written = written(&text_of(name));
        let columns = compare::compare(&written);
        assert_eq!(columns.len(), 5);
        for column in &columns {
            let stop = column.stop.as_ref();
            assert!(stop.is_none_or(|stop| stop.tenant > 0), "{name}: {stop:?}");
            let all = written.tenants.len();
            let made = stop.map_or(all, |stop| stop.tenant - 1);
            assert_eq!(column.tenants, made, "{name} in {:?}", column.model);
            assert!(column.first().is_some(), "{name} in {:?} ends somewhere", column.model);
        }
    }
}

/// A blueprint with so many tenants of one model.
fn small(tier: &str, quotas: &str, tenants: usize) -> String {
    let mut out = format!(
        "version: 1\nname: acme\nenvironment: test\nregions: [eu-west-1]\n\
         accounts: {{ workload: '333333333333' }}\n\
         network: {{ pools: [{{ cidr: 10.9.0.0/22 }}], zones: 2, zone_slots: 2, egress: {{ nat: none }} }}\n\
         quotas: {{ {quotas} }}\ntiers: {{ one: {{ {tier} }} }}\ntenants:\n"
    );
    for n in 1..=tenants {
        let _ = writeln!(out, "  - {{ id: t{n:03}, tier: one }}");
    }
    out
}

/// Where a model stops, it stops: with one tenant less the blueprint is synthesised, and with that
/// tenant it is refused by the rule that was told.
#[test]
fn a_model_stops_where_it_stops() {
    let pool = "isolation: application, network: { cell_prefix: 24 }, pool: { tenants: 100 }, \
                app: { instances: { types: [t4g.small], min: 1, max: 2 } }, \
                data: { engine: dynamodb, partition: item, tables: { a: {} } }, \
                throttle: { rate: 1, burst: 1 }";
    let cases = [
        ("isolation: vpc, network: { prefix: 24 }", "", Isolation::Vpc, 5, rule::POOL_FULL.id),
        (
            pool,
            "apigateway.usage-plans-per-region: 7",
            Isolation::Application,
            8,
            rule::REGION_FULL.id,
        ),
    ];
    for (tier, quotas, own, number, rule) in cases {
        let columns = compare::compare(&written(&small(tier, quotas, 12)));
        let stop = column(&columns, own).stop.as_ref().expect("it stops");
        assert_eq!((stop.tenant, column(&columns, own).tenants), (number, number - 1), "{tier}");
        assert_eq!(stop.rule, rule);
        let synth = |tenants| {
            let text = small(tier, quotas, tenants);
            synth_text("b.yaml", text.as_bytes(), None, &root(), options())
        };
        assert!(synth(number - 1).made.is_some(), "one less is made");
        let refused = synth(number);
        let ids: Vec<&str> = refused.sink.as_slice().iter().map(|found| found.rule.id).collect();
        assert!(refused.made.is_none() && ids.contains(&rule), "{ids:?}");
    }
}

/// The tenant that is told to be the first too many is: as many as fit pass, and one more breaks the
/// limit that was told, in each model.
#[test]
fn the_first_tenant_too_many_is_one_too_many() {
    let text = text_of("quickstart.yaml");
    let base = written(&text);
    for column in QUICKSTART.iter() {
        let first = column.first().expect("it ends");
        let broken = |more: u64| -> bool {
            let (mut recast, _) = recast::recast(&base, column.model);
            let like = recast.tenants.iter().find(|one| one.tenant.tier == first.growth.tier);
            let like = like.expect("the tier has one").clone();
            for n in 0..more {
                let mut one = like.clone();
                one.tenant.id = format!("zz-{n:05}");
                one.tenant.email = one.tenant.email.map(|_| format!("zz-{n:05}@tenantry.example"));
                recast.tenants.push(one);
            }
            let mut sink = Sink::default();
            let spec = spec(&recast, &mut sink).expect("it is sound");
            let Some((plan, _)) = plan(&spec, &Lock::default(), &mut sink) else { return true };
            let estate = model::estate(&spec, &plan, &mut sink).expect("it is made");
            let estate = component::furnish(&spec, &plan, estate, &mut sink).expect("it is made");
            let id = first.limit.what.id();
            quota::count(&spec, &estate).iter().any(|one| one.quota == id && one.is_over())
        };
        let more = first.tenant - column.tenants as u64;
        assert!(!broken(more - 1), "{:?}: all but the last fit", column.model);
        assert!(broken(more), "{:?}: {} is passed", column.model, first.limit.what.id());
    }
}

/// A quota that is passed before placement stops is what ends a model: with one tenant less nothing is
/// over, with that one it is. Where none is needed for that, there is no number.
#[test]
fn what_is_passed_ends_a_model_before_it_stops() {
    let tier = "isolation: vpc, network: { prefix: 25 }";
    let columns = compare::compare(&written(&small(tier, "vpc.vpcs-per-region: 3", 20)));
    let vpc = column(&columns, Isolation::Vpc);
    let passed = vpc.passed.as_ref().expect("VPCs are passed");
    assert_eq!((passed.tenant, passed.who[0].as_str()), (4, "t004"));
    assert_eq!(passed.at.quota, "vpc.vpcs-per-region");
    let stop = vpc.stop.as_ref().expect("the pool is full");
    assert_eq!((stop.tenant, stop.id.as_str()), (9, "t009"));
    let over = |tenants| {
        let text = small(tier, "vpc.vpcs-per-region: 3", tenants);
        let outcome = synth_text("b.yaml", text.as_bytes(), None, &root(), options());
        let made = outcome.made.or(outcome.stopped).expect("it is made");
        quota::count(&made.spec, &made.estate).iter().any(quota::Use::is_over)
    };
    assert!(!over(3) && over(4));
    let report = view::compare::Report::new("acme".to_owned(), 20, columns, None);
    let json: Value = serde_json::from_str(&view::compare::json(&report)).expect("JSON");
    assert_eq!(json["models"][1]["first"]["tenant"], 4);
    assert!(view::compare::text(&report).contains("tenant 4, t004, does not fit: vpc.vpcs"));
}

const PRICES: &str = "version: 1\nas_of: 2026-03-31\ncurrency: USD\nhours_per_month: 700\nprices:\n\
    \x20 nat-gateway: { source: 'https://aws.amazon.com/vpc/pricing/', regions: { eu-west-1: 0.048 } }\n\
    \x20 kms-key: { source: 'https://aws.amazon.com/kms/pricing/', regions: { eu-west-1: 1.5 } }\n";

fn priced(text: &str) -> Option<prices::Prices> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    prices::read("prices.yaml", text.as_bytes(), &mut sources, &mut sink)
}

/// What costs by the hour is counted 700 times, by hand: five NAT gateways of 0.048 are 168.00; what
/// has no price is told, and not in the sum.
#[test]
fn a_month_costs_what_the_file_says() {
    let vpc = column(&QUICKSTART, Isolation::Vpc);
    assert_eq!(counts(vpc)["nat_gateways"], 5, "four tenants and the hub");
    let cost = compare::cost(&vpc.tally, &priced(PRICES).expect("they are sound"));
    assert_eq!(cost.monthly, 168_000_000, "5 × 0.048 × 700");
    let missing: Vec<&str> = cost.missing.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(missing, ["public-address", "transit-gateway-attachment"]);
    // By the month, and a fraction of a unit: two keys, and a quarter of a virtual CPU.
    let mut tally = vpc.tally.clone();
    tally.drivers = [("kms-key", 2000), ("nat-gateway", 250)]
        .map(|(id, amount)| ((id.to_owned(), "eu-west-1".to_owned()), amount))
        .into();
    let cost = compare::cost(&tally, &priced(PRICES).expect("they are sound"));
    assert_eq!(cost.monthly, 2 * 1_500_000 + 8_400_000, "and a quarter of 33.60");
}

/// The least that runs is what costs: tasks by their size, instances by the first type, a database by
/// each of its instances, an endpoint by its zones, and addresses of load balancers.
#[test]
fn what_scales_costs_at_its_least() {
    let amount = |columns: &[Column], model: Isolation, id: &str| -> u64 {
        let drivers = &column(columns, model).tally.drivers;
        drivers.iter().filter(|((driver, _), _)| driver == id).map(|(_, amount)| amount).sum()
    };
    let of = |name: &str| compare::compare(&written(&text_of(name)));
    // In hybrid: one tenant with two tasks of 512 units, and four with two of 256.
    assert_eq!(amount(&HYBRID, Isolation::Container, "fargate-vcpu"), 2 * 500 + 4 * 2 * 250);
    assert_eq!(amount(&HYBRID, Isolation::Container, "fargate-memory"), 2000 + 4 * 1000);
    // Five load balancers in two zones, and the NAT gateways of five cells and the hub.
    assert_eq!(amount(&HYBRID, Isolation::Container, "public-address"), 10_000 + 6000);
    assert_eq!(amount(&of("container-ec2.yaml"), Isolation::Container, "instance.m7g.large"), 2000);
    let sql = "application-sql.yaml";
    let capacity = amount(&of(sql), Isolation::Application, "aurora-capacity-unit");
    let [instances, clusters] = {
        let folder = root().join("blueprints");
        let text = text_of(sql);
        let made = synth_text(sql, text.as_bytes(), None, &folder, options()).made;
        let made = made.expect("it is sound");
        let entries = made.estate.templates.values().flat_map(|template| &template.entries);
        let many = |kind: &str| {
            let of = entries.clone().filter(|entry| entry.cfn == Some(kind));
            of.count() as u64
        };
        ["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"].map(many)
    };
    // `capacity: [1, 8]` is from half a unit to four.
    assert_eq!(capacity, 500 * instances);
    // Nothing else of it keeps a secret than RDS, of each of its clusters.
    let secrets = amount(&of(sql), Isolation::Application, "secret");
    assert!(clusters > 0 && secrets == 1000 * clusters, "{secrets}");
}

/// Types of which AWS bills what is done with them, and not that they are there.
const BY_USE: [&str; 28] = [
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::Athena::WorkGroup",
    "AWS::Backup::BackupVault",
    "AWS::Backup::RestoreTestingPlan",
    "AWS::CloudTrail::Trail",
    "AWS::CodeBuild::Project",
    "AWS::CodeCommit::Repository",
    "AWS::CodePipeline::Pipeline",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EMRServerless::Application",
    "AWS::Events::EventBus",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::Organizations::Account",
    "AWS::RDS::DBInstance",
    "AWS::RedshiftServerless::Namespace",
    "AWS::RedshiftServerless::Workgroup",
    // What its users run.
    "AWS::SageMaker::Domain",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::ECS::TaskDefinition",
    "AWS::AutoScaling::AutoScalingGroup",
];

/// Whatever the bill shows by its tags is a driver, or billed by use: nothing that costs by the hour is
/// forgotten in silence.
#[test]
fn what_is_in_the_bill_is_a_driver_or_billed_by_use() {
    let source = fs::read_to_string(root().join("src/compare/driver.rs")).expect("it is there");
    for (kind, bill) in BILL {
        let driver = source.contains(&format!("\"{kind}\""));
        if *bill == Bill::Tags {
            assert!(driver || BY_USE.contains(kind), "{kind}: does it cost because it is there?");
        }
        let both = ["AWS::AutoScaling::AutoScalingGroup", "AWS::RDS::DBInstance"];
        assert!(!driver || !BY_USE.contains(kind) || both.contains(kind), "{kind} is both");
    }
}

/// The example in docs/, and what its head says is not in it: driver and region.
fn example() -> (prices::Prices, BTreeSet<(String, String)>) {
    let text = fs::read_to_string(root().join("docs/prices.yaml")).expect("it is there");
    let (head, _) = text.split_once("\nversion: 1\n").expect("it has a head");
    let (_, listed) =
        head.split_once("write it down with the day:\n").expect("it names what lacks");
    let (mut named, mut region) = (BTreeSet::new(), String::new());
    for line in listed.lines() {
        let line = line.trim_start_matches(['#', ' ']);
        let (new, drivers) = line.split_once(": ").unwrap_or((region.as_str(), line));
        region = new.to_owned();
        let drivers = drivers.split([',', ' ']).filter(|word| !word.is_empty());
        named.extend(drivers.map(|driver| (driver.to_owned(), region.clone())));
    }
    (priced(&text).expect("it is sound"), named)
}

/// The example in docs/ is sound and has sources. What it lacks is named at its head: no more, and all
/// that an estate of its regions asks for.
#[test]
fn the_example_of_prices_is_sound() {
    let (prices, named) = example();
    let pages = prices.prices.0.values().map(|price| price.source.as_str());
    assert!(pages.into_iter().all(|page| page.starts_with("https://aws.amazon.com/")));
    let regions = ["eu-west-1", "us-east-1", "us-east-2"];
    let drivers = DRIVERS.iter().map(|driver| driver.id);
    let all = drivers.flat_map(|id| regions.map(|region| (id.to_owned(), region.to_owned())));
    let lacks = all.filter(|(id, region)| prices.of(id, region).is_none()).collect();
    assert_eq!(named, lacks);
    for column in HYBRID.iter() {
        let cost = compare::cost(&column.tally, &prices);
        assert!(cost.missing.iter().all(|it| named.contains(it)), "{:?}", cost.missing);
        assert!(cost.monthly > 0);
    }
}

/// What is wrong with a price file is told with its place, and nothing is compared.
#[test]
fn prices_that_are_wrong_are_refused() {
    let cases = [
        ("empty", "# nothing yet\n".to_owned()),
        ("not-yaml", "prices: [".to_owned()),
        ("not-a-mapping", "- 1\n".to_owned()),
        ("no-day", PRICES.replace("as_of: 2026-03-31\n", "")),
        ("not-a-day", PRICES.replace("2026-03-31", "last spring")),
        ("no-such-day", PRICES.replace("2026-03-31", "2026-02-29")),
        ("not-a-currency", PRICES.replace("USD", "dollars")),
        ("a-long-month", PRICES.replace("700", "800")),
        ("mistyped-driver", PRICES.replace("nat-gateway", "nat-gatway")),
        ("mistyped-region", PRICES.replace("eu-west-1: 0.048", "eu-west-9: 0.048")),
        ("mistyped-region-beside-others", {
            let wrong = PRICES.replace("eu-west-1: 0.048", "eu-west-9: 0.048, 5: x");
            wrong.replace("2026-03-31", "2100-02-29").replace("USD", "dollars")
        }),
        ("negative", PRICES.replace("0.048", "-0.048")),
        ("not-a-number", PRICES.replace("0.048", "cheap")),
        ("no-source", PRICES.replace("source: 'https://aws.amazon.com/kms/pricing/', ", "")),
        ("no-page", PRICES.replace("https://aws.amazon.com/kms", "a friend")),
        ("no-regions", PRICES.replace("{ eu-west-1: 1.5 }", "{}")),
        ("twice", format!("{PRICES}currency: EUR\n")),
    ];
    let mut out = String::new();
    for (what, text) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("b.yaml"), text_of("vpc-none.yaml")).expect("a copy");
        fs::write(folder.path().join("p.yaml"), &text).expect("it can be written");
        let arguments = ["compare", "b.yaml", "--prices", "p.yaml"];
        let (code, data, said) = told(&tenantry(folder.path(), &arguments));
        assert_eq!((code, data.as_str()), (1, ""), "{what}: {said}");
        let _ = writeln!(out, "== {what}\n{said}");
    }
    snapshot("whole", "prices-refused", &out);
}

/// As a person sees it; a price that is missing is a warning, and the sum says that it is incomplete.
#[test]
fn what_a_person_sees() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("b.yaml"), text_of("hybrid.yaml")).expect("a copy");
    fs::copy(root().join("docs/prices.yaml"), folder.path().join("p.yaml")).expect("a copy");
    let run = |arguments: &[&str]| {
        let all = [&["compare", "b.yaml"], arguments].concat();
        told(&tenantry(folder.path(), &all))
    };
    let (code, text, said) = run(&["--prices", "p.yaml"]);
    assert_eq!(code, 0, "what is missing is a warning");
    snapshot("whole", "compare-hybrid", &text);
    snapshot("whole", "compare-hybrid-missing", &said);
    fs::write(folder.path().join("q.yaml"), PRICES).expect("it can be written");
    let (code, text, said) = run(&["--prices", "q.yaml"]);
    assert_eq!(code, 0, "what is missing is a warning");
    assert!(said.contains("price/missing") && text.contains("+ is incomplete"), "{said}{text}");
    let (_, page, _) = run(&["--format", "markdown"]);
    assert!(page.starts_with("**acme-prod: 5 tenants under each of the five models**\n"));
    let (_, json, _) = run(&["--format", "json", "--prices", "p.yaml"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["models"].as_array().map(Vec::len), Some(5));
    assert_eq!(json["models"][1]["counts"]["vpcs"], 6);
    assert_eq!(json["prices"]["as_of"], "2026-01-19");
    // The same table says the same in every form.
    for (i, model) in compare::MODELS.iter().enumerate() {
        let shown = json["models"][i]["monthly"]["cost"].as_str().expect("a sum");
        assert_eq!(json["models"][i]["model"], model.id());
        assert!(shown.split_once('.').is_some_and(|(_, cents)| cents.len() == 2), "{shown}");
    }
    assert!(!folder.path().join("b.lock.json").exists(), "nothing is written");
}

/// Each number of the example says where it was read, and on which day or in which month, or that the
/// copy has none. Nothing is written down from memory.
#[test]
fn every_price_of_the_example_has_its_source() {
    let text = fs::read_to_string(root().join("docs/prices.yaml")).expect("it is there");
    let (_, prices) = text.split_once("\nprices:\n").expect("it has prices");
    let mut sourced = 0;
    for line in prices.lines().filter(|line| line.starts_with("      ")) {
        let (_, source) = line.split_once(" # ").unwrap_or_else(|| panic!("{line}"));
        let mut words = source.split(['/', ',']).map(str::trim);
        let dated = |word: &str| {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            [6, 8, 14].contains(&digits) && word.starts_with("2026") || word == "undated"
        };
        assert!(words.any(dated), "{line} has no day");
        sourced += 1;
    }
    assert_eq!(sourced, example().0.prices.0.values().map(|it| it.regions.len()).sum::<usize>());
}
