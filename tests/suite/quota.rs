//! What is counted of AWS's quotas: with limits that a blueprint says, at the limit and one below it, and
//! the same counts from the other engine's files. `rows.rs` tries each row.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tenantry::aws::quota;
use tenantry::check::quota::count::Count;
use tenantry::check::quota::rows::ROWS;
use tenantry::check::quota::{Counter, Use, count};
use tenantry::diag::{Level, Sink};
use tenantry::engine::Engine;
use tenantry::plan::{Lock, plan};
use tenantry::spec::Spec;
use tenantry::synth::Made;
use tenantry::template::{Stack, Template};
use tenantry::view::quotas;
use tenantry::{component, model, resource, split};

use crate::support::{options, root, snapshot, synth_text};

/// Blueprints that use most of what there is.
const BLUEPRINTS: [&str; 8] = [
    "full.yaml",
    "hybrid.yaml",
    "application-sql.yaml",
    "application-tables.yaml",
    "container-ec2.yaml",
    "vpc-peering.yaml",
    "two-regions.json",
    "account-peering.yaml",
];

/// A blueprint with limits of its own.
fn made(name: &str, limits: &BTreeMap<&str, u64>) -> Made {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let own = |line: &&str| !line.starts_with("quotas:");
    let text: Vec<&str> = text.lines().filter(own).collect();
    let text = text.join("\n");
    let limits: Vec<String> = limits.iter().map(|(id, most)| format!("\"{id}\": {most}")).collect();
    let quotas = format!("\"quotas\": {{{}}},", limits.join(", "));
    let text = if text.starts_with('{') {
        text.replacen('{', &format!("{{{quotas}"), 1)
    } else {
        format!("{}\n{text}", quotas.trim_end_matches(',').replace("\"quotas\"", "quotas"))
    };
    let stem = name.rsplit_once('.').expect("an ending").0;
    let lock = std::fs::read_to_string(folder.join(format!("{stem}.lock.json"))).ok();
    let outcome = synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options());
    let said = outcome.sink.as_slice().iter();
    let told: Vec<&str> = said
        .filter(|one| one.rule.level == Level::Error)
        .map(|one| {
            assert_eq!(one.rule.id, "quota/passed", "{name}: {}", one.message);
            one.message.split('`').nth(1).expect("the id of a quota")
        })
        .collect();
    let made = outcome.made.as_ref().or(outcome.stopped.as_ref()).expect("it is sound");
    let passed = uses(made).into_iter().filter(|one| one.given && one.is_over());
    let passed: BTreeSet<&str> = passed.map(|one| one.quota).collect();
    assert_eq!(told.len(), passed.len(), "each quota is told once: {told:?}");
    assert_eq!(BTreeSet::from_iter(told), passed, "what is passed is told, and stops");
    assert_eq!(outcome.made.is_some(), passed.is_empty());
    outcome.made.or(outcome.stopped).expect("it is sound")
}

fn uses(made: &Made) -> Vec<Use> {
    count(&made.spec, &made.estate)
}

/// The most of each quota in any place.
fn fullest(uses: &[Use]) -> BTreeMap<&'static str, u64> {
    let mut out = BTreeMap::new();
    for one in uses {
        let most = out.entry(one.quota).or_insert(0);
        *most = one.used.max(*most);
    }
    out
}

/// What placement reads: other limits there would open other cells. Those have tests of their own
/// (`container::a_cell_opens_when_a_row_would_break` and `models`).
const PLACED: [&str; 17] = [
    quota::SUBNETS,
    quota::ROUTE_TABLES,
    quota::NETWORK_ACLS,
    quota::GATEWAY_ENDPOINTS,
    quota::ADDRESS_UNITS,
    quota::RULES,
    quota::TARGET_GROUPS,
    quota::TARGETS,
    quota::SERVICES,
    quota::NAMESPACE,
    quota::USAGE_PLANS,
    quota::API_KEYS,
    quota::VPC_LINKS,
    quota::TABLES,
    quota::USER_POOLS,
    quota::APP_CLIENTS,
    quota::GROUPS,
];

#[test]
fn the_table_is_sound() {
    let mut seen = Vec::new();
    for row in quota::all() {
        assert!(!seen.contains(&row.id), "{} is there twice", row.id);
        assert!(row.source.starts_with("https://"), "{} has no source", row.id);
        assert!(row.as_of.starts_with("20"), "{} is of no time", row.id);
        seen.push(row.id);
    }
    assert!(seen.len() > 300);
    let mut counted: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
    assert!(counted.iter().all(|id| seen.contains(id)), "what is counted is in the table");
    counted.sort_unstable();
    let all = counted.len();
    counted.dedup();
    assert_eq!(counted.len(), all, "nothing is counted twice");
    assert!(all >= 60, "{all} rows are counted");
}

/// Every row that a blueprint uses more than one of: exactly at the limit it passes, and with one
/// less it does not.
#[test]
fn at_the_limit_it_passes_and_one_less_does_not() {
    let mut tried: BTreeSet<&str> = BTreeSet::new();
    for name in ["full.yaml", "container-ec2.yaml"] {
        let free = uses(&made(name, &BTreeMap::new()));
        let most: BTreeMap<&str, u64> = fullest(&free)
            .into_iter()
            .filter(|(id, used)| *used > 1 && !PLACED.contains(id))
            .collect();
        let fits = |id: &str, limit: u64| {
            quota::get(id).expect("a row").max.is_none_or(|most| limit <= u64::from(most))
        };
        let at: BTreeMap<&str, u64> = most
            .iter()
            .filter(|(id, used)| fits(id, **used))
            .map(|(id, used)| (*id, *used))
            .collect();
        let over = |uses: &[Use]| {
            let mut over: Vec<&str> =
                uses.iter().filter(|one| one.is_over()).map(|one| one.quota).collect();
            over.dedup();
            over
        };
        let passed = uses(&made(name, &at));
        let none: Vec<&str> = over(&passed).into_iter().filter(|id| at.contains_key(id)).collect();
        assert_eq!(none, Vec::<&str>::new(), "{name}: nothing that is at its limit is over it");
        let less = at.iter().map(|(id, used)| (*id, used - 1)).collect();
        let short = uses(&made(name, &less));
        let found = over(&short);
        for id in at.keys() {
            assert!(found.contains(id), "{name}: {id} is over its limit, and nobody says so");
            tried.insert(id);
        }
    }
    assert!(tried.len() >= 40, "{} rows are tried", tried.len());
}

/// What is counted one by one: the modules of Terraform, counted without the counter, have as many.
#[test]
fn the_other_engine_has_as_many() {
    let kinds: BTreeMap<&str, &str> =
        resource::types().into_iter().filter_map(|(cfn, tf)| Some((cfn?, tf))).collect();
    let mut compared = 0;
    for name in BLUEPRINTS {
        let made = made(name, &BTreeMap::new());
        let (rendered, uses) = (made.render(), uses(&made));
        let modules: BTreeMap<&String, Value> = made
            .estate
            .templates
            .keys()
            .map(|shape| {
                let text = rendered.template_text(Engine::Terraform, shape).expect("a module");
                (shape, serde_json::from_str(text).expect("JSON"))
            })
            .collect();
        for row in ROWS.iter().filter(|row| matches!(row.count, Count::Each)) {
            let quota = quota::get(row.id).expect("a row");
            let types: Vec<&str> =
                quota.counts.iter().filter_map(|cfn| kinds.get(cfn).copied()).collect();
            let mut all = 0;
            for stack in &made.estate.stacks {
                let module = &modules[&stack.shape];
                for kind in &types {
                    all += module["resource"][*kind].as_object().map_or(0, serde_json::Map::len);
                }
            }
            let ours = uses.iter().filter(|one| one.quota == row.id);
            let counted: u64 = ours.map(|one| one.used - row.there - one.others).sum();
            let all = all as u64 + in_sets(&made, &modules, &quota.counts);
            assert_eq!(all, counted, "{name}: {}", row.id);
            compared += usize::from(all > 0);
        }
    }
    assert!(compared > 100, "{compared} counts are compared");
}

/// How many resources of some types the stack sets of modules make: all accounts are in the units of all
/// sets, and each region of a set is a resource.
fn in_sets(made: &Made, modules: &BTreeMap<&String, Value>, types: &[&str]) -> u64 {
    let of = |stack: &Stack, kind: &str| -> Vec<(String, Value)> {
        let all = modules[&stack.shape]["resource"][kind].as_object().cloned();
        all.into_iter().flatten().collect()
    };
    let accounts = made.estate.stacks.iter().map(|it| of(it, "aws_organizations_account").len());
    let accounts: usize = accounts.sum();
    let mut out = 0;
    for stack in &made.estate.stacks {
        let instances = of(stack, "aws_cloudformation_stack_set_instance");
        for (id, set) in of(stack, "aws_cloudformation_stack_set") {
            let body = set["template_body"].as_str().expect("a text").replace("$${", "${");
            let body: Value = serde_json::from_str(&body).expect("JSON");
            let all = body["Resources"].as_object().expect("resources").values();
            let each = all.filter(|it| types.iter().any(|kind| it["Type"] == *kind)).count();
            let own = format!("aws_cloudformation_stack_set.{id}.");
            let goes = |it: &&(String, Value)| it.1["stack_set_name"].to_string().contains(&own);
            out += accounts * each * instances.iter().filter(goes).count();
        }
    }
    out as u64
}

/// A tenant more is counted in the account and region that it lives in, and in the cell that it
/// lives in, not in others.
#[test]
fn a_tenant_counts_where_it_lives() {
    let used = |made: &Made| -> BTreeMap<(&'static str, String), u64> {
        uses(made).into_iter().map(|one| ((one.quota, one.place), one.used)).collect()
    };
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join("quickstart.yaml")).expect("a blueprint");
    let of = |text: &str| {
        let outcome = synth_text("q.yaml", text.as_bytes(), None, &folder, options());
        used(&outcome.made.expect("it is sound"))
    };
    let before = of(&text);
    let after = of(&format!("{text}  - {{ id: zed, tier: team, cost_center: CC-1 }}\n"));
    let subnets = |all: &BTreeMap<(&'static str, String), u64>| {
        all[&(quota::SUBNETS, "cell-team-eu-west-1-1/Vpc".to_owned())]
    };
    assert_eq!(subnets(&after) - subnets(&before), 3, "one in each zone");
    let vpcs = ("vpc.vpcs-per-region", "333333333333/eu-west-1".to_owned());
    assert_eq!(after[&vpcs], before[&vpcs], "it has no VPC of its own");
    let moved: Vec<_> = before
        .iter()
        .filter(|(key, used)| key.1.starts_with("tenant-") && after[*key] != **used)
        .collect();
    assert!(moved.is_empty(), "nothing of another tenant is counted otherwise: {moved:?}");
}

/// What is nearly full is a line, and nothing that is passed is left out; the rest is counted, and shown
/// when asked.
#[test]
fn what_a_person_sees() {
    let made = made("hybrid.yaml", &BTreeMap::new());
    let report = quotas::report(&made);
    let text = quotas::text(&report, false);
    snapshot("whole", "quotas-hybrid", &text);
    let first = |text: &str| -> Vec<String> {
        let table =
            text.lines().skip(1).take_while(|line| !line.is_empty() && !line.starts_with("and "));
        table.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    };
    let (shown, all) = (first(&text), first(&quotas::text(&report, true)));
    assert_eq!(all.len(), report.uses.len());
    let ids: BTreeSet<&String> = all.iter().collect();
    let (used, without) = text
        .lines()
        .find_map(|line| {
            line.strip_prefix("and ")?.split_once(" of which less than 10 % is used, ")
        })
        .expect("the rest is counted");
    let number = |text: &str| {
        text.split(' ').next().and_then(|n| n.parse::<usize>().ok()).expect("a number")
    };
    assert_eq!(shown.len() + number(used) + number(without), ids.len());
    // All that is passed is there, however little it is.
    let narrow = made_with_one(&report);
    let text = quotas::text(&quotas::report(&narrow), false);
    assert!(
        text.contains("OVER") && text.contains("over: iam.roles-per-account in 333333333333"),
        "{text}"
    );
}

/// The same estate where one role is all that is allowed.
fn made_with_one(report: &quotas::Report) -> Made {
    let roles =
        report.uses.iter().find(|one| one.quota == "iam.roles-per-account").expect("it has roles");
    assert!(roles.used > 1 && !roles.given);
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join("hybrid.yaml")).expect("a blueprint");
    let text = format!("quotas: {{ iam.roles-per-account: 1 }}\n{text}");
    let outcome = synth_text("hybrid.yaml", text.as_bytes(), None, &folder, options());
    outcome.made.or(outcome.stopped).expect("it is counted")
}

/// Estates of one blueprint take turns before a counter that remembers what their templates hold, where
/// those of one name are others from estate to estate: it counts what one counts that knows nothing.
#[test]
fn whoever_has_counted_others_counts_the_same() {
    let mut differ = 0;
    for name in BLUEPRINTS {
        let made = made(name, &BTreeMap::new());
        let part = |some: &dyn Fn(usize) -> bool| {
            let tenants = made.spec.tenants.clone().into_iter().enumerate();
            let tenants = tenants.filter(|(n, _)| some(*n)).map(|(_, tenant)| tenant).collect();
            let (spec, lock) = (Spec { tenants, ..made.spec.clone() }, Lock::default());
            let mut sink = Sink::default();
            let (plan, _) = plan(&spec, &lock, &mut sink).expect("there is room");
            let estate = model::estate(&spec, &plan, &mut sink).expect("it is sound");
            let estate = component::furnish(&spec, &plan, estate, &mut sink);
            let mut estate = estate.expect("its names can stand");
            split::cut(&spec, &lock, &mut estate);
            (spec, estate)
        };
        let estates = [part(&|_| true), part(&|n| n == 0), part(&|n| n % 2 == 1), part(&|_| false)];
        let mut counter = Counter::default();
        for n in [0, 1, 0, 2, 1, 3, 0, 2, 3, 1, 0] {
            let (spec, estate) = &estates[n];
            let uses = Counter::default().count_each(spec, estate);
            assert_eq!(counter.count_each(spec, estate), uses, "{name}: {n}");
        }
        for (_, one) in &estates[1..] {
            let is_other = |(shape, t): &(&String, &Template)| {
                estates[0].1.templates.get(*shape).is_some_and(|all| all != *t)
            };
            differ += one.templates.iter().filter(is_other).count();
        }
    }
    assert!(differ > 10, "{differ}");
}
