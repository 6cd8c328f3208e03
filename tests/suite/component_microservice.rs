//! What the component microservice promises: a service has all that it needs, nobody gets in without
//! a key, and none reaches the queue of another.

use serde_json::Value;
use tenantry::engine::Engine;

use crate::container::python;
use crate::support::{options, root, synth_blueprint, synth_text};

fn pool(name: &str) -> Value {
    let made = synth_blueprint(name, options()).made.expect("it is sound");
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "cell-basic").expect("a pool");
    serde_json::from_str(text).expect("JSON")
}

fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a String, &'a Value)> {
    let all = template["Resources"].as_object().expect("resources");
    all.iter().filter(|(_, resource)| resource["Type"] == kind).collect()
}

#[test]
fn each_service_has_a_route_a_queue_and_a_function() {
    let template = pool("component-microservice.yaml");
    assert_eq!(of_type(&template, "AWS::Lambda::Function").len(), 2);
    assert_eq!(of_type(&template, "AWS::Lambda::EventSourceMapping").len(), 2);
    // The queue of the application, two services, and a dead-letter queue for each.
    assert_eq!(of_type(&template, "AWS::SQS::Queue").len(), 6);
    for (id, queue) in of_type(&template, "AWS::SQS::Queue") {
        if id.contains("DeadLetter") {
            continue;
        }
        assert!(queue["Properties"]["RedrivePolicy"].is_object(), "{id} has no dead-letter queue");
        let policy = &template["Resources"][format!("{id}Policy")];
        assert!(policy.to_string().contains("aws:SecureTransport"), "{id} takes what is in clear");
    }
}

/// A message must not come back while its function still works on it.
#[test]
fn messages_are_hidden_long_enough() {
    let template = pool("component-microservice.yaml");
    for service in ["ServiceInvoices", "ServiceMonthEnd"] {
        let of = |tail: &str, key: &str| {
            let value = &template["Resources"][format!("{service}{tail}")]["Properties"][key];
            value.as_u64().expect("a number")
        };
        assert!(of("Queue", "VisibilityTimeout") >= 6 * of("Function", "Timeout"), "{service}");
    }
}

#[test]
fn nobody_gets_in_without_a_key() {
    let template = pool("component-microservice.yaml");
    let methods = of_type(&template, "AWS::ApiGateway::Method");
    assert_eq!(methods.len(), 4);
    for (id, method) in methods {
        assert_eq!(method["Properties"]["ApiKeyRequired"], true, "{id}");
    }
}

/// No function reaches another's queue, and none reads more than whose key it is.
#[test]
fn a_service_reaches_its_own_queue_only() {
    let template = pool("component-microservice.yaml");
    for (id, policy) in of_type(&template, "AWS::IAM::RolePolicy") {
        let role = policy["Properties"]["RoleName"]["Ref"].as_str().expect("a role");
        let Some(service) = role.strip_suffix("Role").filter(|r| r.starts_with("Service")) else {
            continue;
        };
        let text = policy["Properties"]["PolicyDocument"].to_string();
        let other =
            if service == "ServiceInvoices" { "ServiceMonthEnd" } else { "ServiceInvoices" };
        assert!(text.contains(&format!("{service}Queue")) && !text.contains(other), "{id}: {text}");
        assert!(!text.contains("\"Resource\":\"*\"") && !text.contains("dynamodb"), "{id}: {text}");
    }
}

/// What is served changes with the routes, so the deployment is another one, and it waits for them.
#[test]
fn the_interface_is_deployed_anew() {
    let (with, without) = (pool("component-microservice.yaml"), pool("application-tables.yaml"));
    let deployment = |template: &Value| {
        let all = of_type(template, "AWS::ApiGateway::Deployment");
        assert_eq!(all.len(), 1);
        (all[0].0.clone(), all[0].1["DependsOn"].to_string())
    };
    let (now, waits) = deployment(&with);
    assert_ne!(now, deployment(&without).0);
    for service in ["ServiceInvoices", "ServiceMonthEnd"] {
        assert!(waits.contains(&format!("{service}Method")), "{waits}");
    }
    assert_eq!(with["Resources"]["Stage"]["Properties"]["DeploymentId"]["Ref"], now);
}

#[test]
fn an_empty_block_has_one_service() {
    let folder = root().join("blueprints");
    let name = "component-microservice.yaml";
    let text = std::fs::read_to_string(folder.join(name)).expect("it is there");
    let (head, tail) = text.split_once("      microservice:").expect("the block");
    let tail = tail.split_once("tenants:").expect("tenants").1;
    let text = format!("{head}      microservice: {{}}\ntenants:{tail}");
    let outcome = synth_text(name, text.as_bytes(), None, &folder, options());
    let made = outcome.made.expect("it is sound");
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "cell-basic").expect("a pool");
    let template: Value = serde_json::from_str(text).expect("JSON");
    let paths: Vec<&Value> = of_type(&template, "AWS::ApiGateway::Resource")
        .iter()
        .map(|(_, path)| &path["Properties"]["PathPart"])
        .collect();
    assert!(paths.iter().any(|path| **path == "jobs"), "{paths:?}");
}

#[test]
fn the_skeleton_is_tested() {
    let test = root().join("tests/python/test_skeleton.py");
    let Some(done) = python(&[test.to_str().expect("a path")]) else { return };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(include_str!("../../src/component/microservice/skeleton.py").len() < 4096);
}
