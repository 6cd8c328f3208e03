//! Whatever is one of several is called by what it is, or keeps its number: one that comes touches no other,
//! and nothing is made anew under a name that the one before it still has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tenantry::change::pair::Action;
use tenantry::change::{self, folder};
use tenantry::engine::Engine;
use tenantry::synth::Made;
use tenantry::view::diff::text;

use crate::support::{options, root, synth_blueprint, synth_text};

/// An estate with accounts of tenants, in regions, with components and tiers.
fn made(regions: &str, components: &str, tiers: &str, lock: Option<&str>) -> Made {
    let text = format!(
        "version: 1\nname: n\nenvironment: t\nregions: [{regions}]\n\
         accounts: {{ management: '111111111111', workload: '333333333333' }}\n\
         organization: {{ id: o-exampleorgid, root: r-examplerootid }}\n\
         network: {{ pools: [{{ cidr: 10.0.0.0/8 }}], zones: 2, egress: {{ nat: none }} }}\n\
         components: {{ {components} }}\n\
         tiers:\n{tiers}\
         tenants: [{{ id: one, tier: mid, email: one@n.example }}, {{ id: two, tier: silo }}]\n"
    );
    let outcome = synth_text("n.yaml", text.as_bytes(), lock, &root(), options());
    outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
}

/// A tier whose tenants have accounts.
fn accounts(id: &str, notify: &str, threshold: u8) -> String {
    format!(
        "\x20 {id}: {{ isolation: account, network: {{ prefix: 22 }}, egress: {{ nat: single }}, \
         account: {{ budget: {{ monthly: 100, threshold: {threshold}, notify: [{notify}] }} }} }}\n"
    )
}

/// The tiers of most steps: `others` come besides.
fn tiers(others: &str, dns: &str) -> String {
    let mid = accounts("mid", "f@n.example", 80);
    format!(
        "{others}{mid}\x20 silo: {{ isolation: vpc, network: {{ prefix: 22 }}, components: {{ {dns} }} }}\n"
    )
}

/// The resources of each template of an engine: by template, type and name.
fn resources(made: &Made, engine: Engine) -> BTreeMap<(String, String, String), Value> {
    let mut out = BTreeMap::new();
    let rendered = made.render();
    for shape in made.estate.templates.keys() {
        let text = rendered.template_text(engine, shape).expect("it is there");
        let whole: Value = serde_json::from_str(text).expect("JSON");
        let mut put = |kind: &str, id: &str, body: &Value| {
            out.insert((shape.clone(), kind.to_owned(), id.to_owned()), body.clone());
        };
        for (id, body) in whole["Resources"].as_object().into_iter().flatten() {
            put(body["Type"].as_str().expect("a type"), id, &body["Properties"]);
        }
        for (kind, all) in whole["resource"].as_object().into_iter().flatten() {
            all.as_object().expect("by name").iter().for_each(|(id, body)| put(kind, id, body));
        }
    }
    out
}

/// What cannot be changed of a resource, by the schemas of either engine.
fn fixed(kind: &str) -> BTreeSet<String> {
    let read = |name: &str| -> Value {
        let text = std::fs::read_to_string(root().join("schemas").join(name)).expect("a schema");
        serde_json::from_str(&text).expect("JSON")
    };
    let types = read("cloudformation.json");
    let own = types["types"][kind]["createOnlyProperties"].as_array().into_iter().flatten();
    let own = own.filter_map(|path| path.as_str()?.split('/').nth(2));
    let replaced = read("replacement.json");
    let other = replaced["terraform"][kind]["replace"].as_array().into_iter().flatten();
    let other = other.filter_map(|path| path.as_str()?.split('.').next());
    own.chain(other).map(str::to_owned).collect()
}

/// Which resources of some types are made anew in a step, or go: nobody asked for either.
fn touched(before: &Made, after: &Made, engine: Engine, kinds: &[&str]) -> Vec<String> {
    let (was, is) = (resources(before, engine), resources(after, engine));
    let mut out = Vec::new();
    for (key, base) in was.iter().filter(|((_, kind, _), _)| kinds.contains(&kind.as_str())) {
        let fixed = fixed(&key.1);
        assert!(!fixed.is_empty(), "{} has nothing that is fixed", key.1);
        let anew = |head: &Value| fixed.iter().any(|name| base[name] != head[name]);
        if is.get(key).is_none_or(anew) {
            out.push(format!("{key:?}"));
        }
    }
    assert!(was.keys().any(|(_, kind, _)| kinds.contains(&kind.as_str())), "{kinds:?} are there");
    out
}

/// How many are of a type.
fn many(made: &Made, engine: Engine, kind: &str) -> usize {
    resources(made, engine).keys().filter(|(_, of, _)| of == kind).count()
}

const INSTANCE: &str = "aws_cloudformation_stack_set_instance";
const ATTACHMENT: &str = "aws_organizations_policy_attachment";

/// Neither a tier of accounts nor a region that comes before others takes down what stands in accounts of
/// tenants, or their policies.
#[test]
fn units_and_regions_that_come_leave_the_others() {
    let components = "audit: {}, tagging: { policy: true }";
    let first = made("eu-west-1, us-east-1", components, &tiers("", ""), None);
    let more =
        tiers(&(accounts("aaa", "f@n.example", 80) + &accounts("zzz", "f@n.example", 80)), "");
    let regions = "eu-west-1, eu-central-1, us-east-1";
    let second = made(regions, components, &more, Some(&first.lock));
    let kinds = [INSTANCE, ATTACHMENT];
    assert_eq!(touched(&first, &second, Engine::Terraform, &kinds), [""; 0]);
    // The roles of accounts in the region of the estate, and the recorder in each: for each unit.
    assert_eq!(many(&first, Engine::Terraform, INSTANCE), 1 + 2);
    assert_eq!(many(&second, Engine::Terraform, INSTANCE), 3 * (1 + 3));
    let attached = many(&first, Engine::Terraform, ATTACHMENT);
    assert_eq!(many(&second, Engine::Terraform, ATTACHMENT), 3 * attached);
    // CloudFormation changes units and regions where they are.
    let set = ["AWS::CloudFormation::StackSet"];
    assert_eq!(touched(&first, &second, Engine::CloudFormation, &set), [""; 0]);
}

/// What had another name before is told to Terraform once each, stands under the new one, and what held all
/// units goes before the others come.
#[test]
fn what_was_called_otherwise_stays() {
    let more = tiers(&accounts("zzz", "f@n.example", 80), "");
    let made = made("eu-west-1, us-east-1", "audit: {}", &more, None);
    let text = made.render();
    let mut all = Vec::new();
    for shape in ["organization", "audit-tenants", "account-mid"] {
        let text = text.template_text(Engine::Terraform, shape).expect("it is there");
        let whole: Value = serde_json::from_str(text).expect("JSON");
        let there = |address: &str| {
            let (kind, name) = address.split_once('.').expect("a type and a name");
            whole["resource"][kind].get(name).is_some()
        };
        for moved in whole["moved"].as_array().expect("they are told") {
            let (from, to) =
                (moved["from"].as_str().expect("one"), moved["to"].as_str().expect("one"));
            assert!(there(to) && !there(from), "{from} {to}");
            all.push(from.to_owned());
        }
        for (name, instance) in whole["resource"][INSTANCE].as_object().into_iter().flatten() {
            let after = instance["depends_on"].to_string();
            let first = name.contains("mid_unit");
            assert_eq!(first, after == "null", "{name} {after}");
            assert!(first || after.contains("mid_unit"), "{name} {after}");
        }
    }
    let told: BTreeSet<&String> = all.iter().collect();
    assert_eq!(told.len(), all.len());
    for name in ["baseline_instances", "recorders_instances_1", "recorders_abroad_instances_1"] {
        assert!(told.contains(&format!("{INSTANCE}.{name}")), "{name}");
    }
    assert!(told.contains(&"aws_budgets_budget.budget".to_owned()));
    assert!(told.contains(&format!("{ATTACHMENT}.stay_policy_attachment_2")));
}

/// What Terraform is told was called otherwise does not change; without a word, it is made anew.
#[test]
fn what_was_called_otherwise_is_no_change() {
    const MODULE: &str = "terraform/modules/organization/main.tf.json";
    let made =
        synth_blueprint("account-transit-gateway.yaml", options()).made.expect("it is sound");
    let rendered = made.render();
    let own = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
    let all = rendered.shared().into_iter().chain(own);
    let now: BTreeMap<String, String> = all.map(|file| (file.path, file.text)).collect();
    let with = |module: &Value| {
        let load = |path: &str| match now.get(path) {
            Some(_) if path == MODULE => Ok(module.to_string()),
            text => text.cloned().ok_or_else(|| path.to_owned()),
        };
        folder::read(&load, &options().engines).expect("it was just written")
    };
    let new: Value = serde_json::from_str(&now[MODULE]).expect("JSON");
    let mut silent = new.clone();
    let moved = silent.as_object_mut().and_then(|module| module.remove("moved"));
    let mut old = silent.clone();
    let moved = moved.expect("there is what was called otherwise");
    for moved in moved.as_array().expect("a list") {
        let name = |key: &str| {
            moved[key].as_str().expect("an address").split_once('.').expect("two parts")
        };
        let ((kind, from), (_, to)) = (name("from"), name("to"));
        let all = old["resource"][kind].as_object_mut().expect("it is there");
        let body = all.remove(to).expect("it is there");
        all.insert(from.to_owned(), body);
    }
    let report = change::compare("before", &with(&old), &with(&new));
    assert!(report.is_empty(), "{}", text::render(&report, false, true));
    let report = change::compare("before", &with(&old), &with(&silent));
    let anew = report.groups.iter().flat_map(|group| &group.changes);
    let anew = anew.filter(|change| change.action == Action::Replace).count();
    let all = moved.as_array().map_or(0, Vec::len);
    assert_eq!(anew, all, "{}", text::render(&report, false, true));
}

/// A budget that tells others is made anew by CloudFormation before the old one goes, so its name is not ours;
/// in which order people are named is no change at all.
#[test]
fn a_budget_that_is_made_anew_has_no_name() {
    let with = |notify: &str, threshold| {
        let mid = accounts("mid", notify, threshold);
        let silo = "\x20 silo: { isolation: vpc, network: { prefix: 22 } }\n";
        made("eu-west-1", "", &format!("{mid}{silo}"), None)
    };
    let first = with("b@n.example, a@n.example", 80);
    let budget = |made: &Made, engine, kind: &str| {
        let all = resources(made, engine);
        let found = all.into_iter().find(|((_, of, _), _)| of == kind);
        found.expect("there is a budget").1
    };
    for after in [with("c@n.example, a@n.example, b@n.example", 80), with("a@n.example", 90)] {
        let kind = "AWS::Budgets::Budget";
        let [was, is] = [&first, &after].map(|made| budget(made, Engine::CloudFormation, kind));
        assert_ne!(was["NotificationsWithSubscribers"], is["NotificationsWithSubscribers"]);
        for body in [was, is] {
            assert_eq!(body["Budget"]["BudgetType"], "COST");
            assert!(body["Budget"].get("BudgetName").is_none(), "{body}");
        }
        let kind = ["aws_budgets_budget"];
        assert_eq!(touched(&first, &after, Engine::Terraform, &kind), [""; 0]);
        assert!(budget(&after, Engine::Terraform, kind[0])["name"].is_string());
    }
    let turned = with("a@n.example, b@n.example", 80);
    for engine in [Engine::CloudFormation, Engine::Terraform] {
        assert!(resources(&first, engine) == resources(&turned, engine));
    }
}

/// Rules of the estate and of a tier are put on a VPC at other places, so that those that come do not meet
/// those that go. A change of the place alone makes nothing anew.
#[test]
fn rules_of_a_tier_come_beside_those_of_the_estate() {
    let with = |estate: &str, tier: &str| made("eu-west-1", estate, &tiers("", tier), None);
    let estate = "protection: { dns: { block: [b.example] } }";
    let before = with(estate, "");
    let after = with(estate, "protection: { dns: { allow: [a.example] } }");
    for (engine, kind, group) in [
        (Engine::CloudFormation, "AWS::Route53Resolver::FirewallRuleGroupAssociation", "Priority"),
        (Engine::Terraform, "aws_route53_resolver_firewall_rule_group_association", "priority"),
    ] {
        let of = |made: &Made| -> BTreeMap<String, Value> {
            let all = resources(made, engine).into_iter();
            let of = all.filter(|((shape, of, _), _)| of == kind && shape.contains("silo"));
            of.map(|((_, _, id), body)| (id, body[group].clone())).collect()
        };
        let (was, is) = (of(&before), of(&after));
        assert_eq!((was.len(), is.len()), (1, 1), "{was:?} {is:?}");
        assert_ne!(was.values().next(), is.values().next());
        assert!(!fixed(kind).contains(group));
        // An account of a tenant has rules of its own, whoever says what they are.
        let own = |made: &Made| {
            let all = resources(made, engine).into_iter();
            all.filter(|((shape, of, _), _)| of == kind && shape.contains("mid")).count()
        };
        assert_eq!((own(&before), own(&after)), (1, 1));
    }
}

/// What is blocked comes before what is allowed, and whatever comes or goes, a rule keeps its place: two that
/// swapped theirs one after the other would have the same for a while.
#[test]
fn rules_of_a_group_keep_their_places() {
    let places = |dns: &str| -> BTreeMap<(String, String), Value> {
        let estate = format!("protection: {{ dns: {{ {dns} }} }}");
        let made = made("eu-west-1", &estate, &tiers("", ""), None);
        let all = resources(&made, Engine::Terraform).into_iter();
        let all = all.filter(|((_, kind, _), _)| kind == "aws_route53_resolver_firewall_rule");
        all.map(|((shape, _, id), body)| ((shape, id), body["priority"].clone())).collect()
    };
    let both = places("block: [b.example], allow: [a.example]");
    let [block, allow] = ["block: [b.example]", "allow: [a.example]"].map(places);
    assert_eq!(both.len(), block.len() + allow.len());
    for (rule, place) in block.iter().chain(&allow) {
        assert_eq!(both[rule], *place, "{rule:?}");
    }
    let least = |rules: &BTreeMap<_, Value>| rules.values().filter_map(Value::as_u64).min();
    assert!(least(&block) < least(&allow));
}

/// Who is told of alarms stays subscribed whoever comes or goes, in the topics of the estate and in those of
/// a tenant's account: an address that is subscribed anew must be confirmed anew.
#[test]
fn who_is_told_stays_subscribed() {
    const STEPS: [&[&str]; 4] = [
        &["m@n.example", "z@n.example"],
        &["a@n.example", "z@n.example", "https://n.example/hook", "m@n.example"],
        &["a@n.example", "z@n.example"],
        &["m@n.example", "b@n.example", "z@n.example"],
    ];
    let mut lock: Option<String> = None;
    let mut known: BTreeMap<(&str, String, String), String> = BTreeMap::new();
    for all in STEPS {
        let notify = all.join(", ");
        let components =
            format!("monitoring: {{ notify: {{ critical: [{notify}], warning: [w@n.example] }} }}");
        let made = made("eu-west-1", &components, &tiers("", ""), lock.as_deref());
        for (engine, kind, endpoint) in [
            (Engine::CloudFormation, "AWS::SNS::Subscription", "Endpoint"),
            (Engine::Terraform, "aws_sns_topic_subscription", "endpoint"),
        ] {
            let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for ((shape, of, id), body) in resources(&made, engine) {
                if of != kind || !id.to_lowercase().starts_with("critical") {
                    continue;
                }
                let to = body[endpoint].as_str().expect("an address").to_owned();
                let before = known.insert((kind, shape.clone(), id.clone()), to.clone());
                assert!(
                    before.as_ref().is_none_or(|before| *before == to),
                    "{id}: {before:?} {to}"
                );
                told.entry(shape).or_default().insert(to);
            }
            assert_eq!(told.len(), 2, "the topics of the place and those of the account: {told:?}");
            let all: BTreeSet<String> = all.iter().map(|to| (*to).to_owned()).collect();
            assert!(told.values().all(|told| *told == all), "{told:?}");
        }
        lock = Some(made.lock);
    }
}

/// A lock of before says nothing of who is told: they are numbered as they were then.
#[test]
fn locks_of_before_keep_their_subscriptions() {
    let components = "monitoring: { notify: { critical: [z@n.example, a@n.example] } }";
    let fresh = made("eu-west-1", components, &tiers("", ""), None);
    let (before, section) =
        fresh.lock.split_once("\"subscriptions\": {\n").expect("they have numbers");
    let (_, after) = section.split_once("},\n").expect("it is not the last");
    let old = format!("{before}{after}");
    let after = made("eu-west-1", components, &tiers("", ""), Some(&old));
    assert_eq!(fresh.lock, after.lock);
    let all = resources(&after, Engine::CloudFormation);
    let of = |n: u8| {
        let id = format!("CriticalSubscription{n}");
        let kind = "AWS::SNS::Subscription".to_owned();
        all[&("monitoring".to_owned(), kind, id)]["Endpoint"].clone()
    };
    assert_eq!([of(1), of(2)], ["z@n.example", "a@n.example"]);
    let twice = fresh.lock.replace("[\"z@n.example\"", "[\"a@n.example\"");
    let text = "version: 1\nname: n\nenvironment: t\n";
    let outcome = synth_text("n.yaml", text.as_bytes(), Some(&twice), &root(), options());
    let complaints = format!("{:?}", outcome.sink.as_slice());
    assert!(complaints.contains("a@n.example has two numbers"), "{complaints}");
}
