//! What the component catalogue promises: every tenant is in the registry once, whoever reads it is
//! known, and a new tenant touches nobody else's item.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::container::python;
use crate::support::{options, root, synth_text};

fn made(name: &str, more: &str) -> Made {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let text = text.replacen("\ntiers:\n", "\ncomponents: { catalogue: {} }\ntiers:\n", 1) + more;
    let lock = name.replace(".yaml", ".lock.json");
    let lock = std::fs::read_to_string(folder.join(lock)).ok();
    let outcome = synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

/// The items of the registry, by tenant, as the files for CloudFormation have them.
fn items(made: &Made) -> BTreeMap<String, Value> {
    let rendered = made.render();
    let files = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
    let mut out = BTreeMap::new();
    for file in files.filter(|file| file.path.starts_with("data/")) {
        let text: Value = serde_json::from_str(&file.text).expect("JSON");
        for (table, requests) in text.as_object().expect("tables") {
            if !table.ends_with("-tenants") {
                continue;
            }
            for request in requests.as_array().expect("requests") {
                let item = request["PutRequest"]["Item"].clone();
                let tenant = item["tenant"]["S"].as_str().expect("a tenant").to_owned();
                assert!(out.insert(tenant.clone(), item).is_none(), "{tenant} is there twice");
            }
        }
    }
    out
}

/// In all five models, in other accounts, and where the account is not there yet.
#[test]
fn every_tenant_is_in_the_registry_once() {
    for name in ["hybrid.yaml", "account-peering.yaml", "application.yaml"] {
        let made = made(name, "");
        let items = items(&made);
        let tenants: Vec<&String> = made.spec.tenants.keys().collect();
        assert_eq!(items.keys().collect::<Vec<_>>(), tenants, "{name}");
        for (tenant, item) in &items {
            let stack = made.estate.stacks.iter().find(|s| s.key == format!("tenant-{tenant}"));
            let stack = stack.expect("every tenant has a stack");
            let status = if stack.is_pending() { "pending" } else { "active" };
            assert_eq!(item["status"]["S"], status, "{name} {tenant}");
            assert_eq!(item["account"]["S"], stack.account, "{name} {tenant}");
        }
    }
}

/// Terraform has the same items as resources.
#[test]
fn both_engines_have_the_item() {
    let made = made("hybrid.yaml", "");
    let rendered = made.render();
    let mut seen = 0;
    for stack in rendered.stacks() {
        let module = rendered.template_text(Engine::Terraform, &stack.shape).expect("a module");
        let module: Value = serde_json::from_str(module).expect("JSON");
        if module.pointer("/resource/aws_dynamodb_table_item/registry_item").is_some() {
            assert!(rendered.stack(stack).iter().any(|file| file.path.starts_with("data/")));
            seen += 1;
        }
    }
    assert_eq!(seen, made.spec.tenants.len());
}

#[test]
fn a_new_tenant_touches_no_other_item() {
    let before = items(&made("vpc-none.yaml", ""));
    let after = items(&made("vpc-none.yaml", "  - { id: acme, tier: silo }\n"));
    assert_eq!(after.len(), before.len() + 1);
    assert!(before.iter().all(|(tenant, item)| after[tenant] == *item));
}

/// Calls are signed, and only accounts that are named may sign them; the function reads that table.
#[test]
fn who_reads_is_known() {
    let made = made("hybrid.yaml", "");
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "catalogue").expect("it is there");
    let template: Value = serde_json::from_str(text).expect("JSON");
    let mut methods = 0;
    for (id, resource) in template["Resources"].as_object().expect("resources") {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().expect("a type") {
            "AWS::ApiGateway::Method" => {
                assert_eq!(properties["AuthorizationType"], "AWS_IAM", "{id}");
                methods += 1;
            }
            "AWS::ApiGateway::RestApi" => {
                let policy = properties["Policy"].to_string();
                assert!(policy.contains("222222222222"), "the hub's account may ask");
                // Its own account is never named: each role of a tenant there could ask.
                assert!(
                    !policy.contains(&made.spec.home_account) && !policy.contains("\"AWS\":\"*\"")
                );
            }
            "AWS::IAM::RolePolicy" => {
                for statement in properties["PolicyDocument"]["Statement"].as_array().expect("some")
                {
                    assert!(!statement["Resource"].to_string().contains("\"*\""), "{id}");
                }
            }
            _ => {}
        }
    }
    assert_eq!(methods, 2);
}

#[test]
fn the_function_is_tested() {
    let test = root().join("tests/python/test_read.py");
    let Some(done) = python(&[test.to_str().expect("a path")]) else { return };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
