//! What the component monitoring promises: what is there is watched, every alarm tells somebody, and
//! nobody but alarms of the account publishes.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{options, root, synth_text};

/// A blueprint of the repository with monitoring on everything.
fn made(name: &str, block: &str) -> Made {
    let folder = root().join("blueprints");
    let text = std::fs::read_to_string(folder.join(name)).expect("a blueprint");
    let text = text.replacen("\ntiers:\n", &format!("\ncomponents: {{ {block} }}\ntiers:\n"), 1);
    let lock = name.replace(".yaml", ".lock.json");
    let lock = std::fs::read_to_string(folder.join(lock)).ok();
    let outcome = synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options());
    let errors: Vec<_> = outcome.sink.as_slice().iter().collect();
    assert_eq!(outcome.sink.errors(), 0, "{errors:?}");
    outcome.made.expect("it is sound")
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

fn alarms(template: &Value) -> Vec<(&String, &Value)> {
    let all = template["Resources"].as_object().expect("resources");
    all.iter().filter(|(_, r)| r["Type"] == "AWS::CloudWatch::Alarm").collect()
}

/// Also those that the models had before, which told nobody.
#[test]
fn every_alarm_tells_somebody() {
    let mut seen = 0;
    for name in ["hybrid.yaml", "application-sql.yaml", "container-ec2.yaml"] {
        let made = made(name, "monitoring: {}");
        for shape in made.estate.templates.keys() {
            let template = template(&made, shape);
            for (id, alarm) in alarms(&template) {
                let told = alarm["Properties"]["AlarmActions"].as_array();
                assert!(told.is_some_and(|told| told.len() == 1), "{name} {shape} {id}");
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "{seen} alarms");
}

/// Whatever carries requests, work or data has an alarm on it.
#[test]
fn what_is_there_is_watched() {
    let kinds = [
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::ECS::Service",
        "AWS::RDS::DBCluster",
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::EC2::NatGateway",
        "AWS::ApiGateway::Stage",
    ];
    let mut seen = BTreeSet::new();
    for name in ["hybrid.yaml", "application-sql.yaml", "component-microservice.yaml"] {
        let made = made(name, "monitoring: {}");
        for shape in made.estate.templates.keys() {
            let template = template(&made, shape);
            let dimensions: Vec<String> = alarms(&template)
                .iter()
                .map(|(_, alarm)| alarm["Properties"]["Dimensions"].to_string())
                .collect();
            for (id, resource) in template["Resources"].as_object().expect("resources") {
                let kind = resource["Type"].as_str().expect("a type");
                if !kinds.contains(&kind) {
                    continue;
                }
                seen.insert(kind.to_owned());
                let named = |d: &String| {
                    d.contains(&format!("\"Ref\":\"{id}\""))
                        || d.contains(&format!("[\"{id}\","))
                        || (kind == "AWS::ApiGateway::Stage" && d.contains("ApiName"))
                };
                assert!(dimensions.iter().any(named), "{name} {shape}: nobody watches {id}");
            }
        }
    }
    assert_eq!(seen.len(), kinds.len(), "{seen:?}");
}

#[test]
fn a_tier_says_for_itself() {
    let folder = root().join("blueprints");
    let name = "component-monitoring.yaml";
    let text = std::fs::read(folder.join(name)).expect("it is there");
    let made = synth_text(name, &text, None, &folder, options()).made.expect("it is sound");
    let starter = template(&made, "tenant-starter");
    let errors = &starter["Resources"]["AppErrorAlarm"]["Properties"];
    assert_eq!(errors["Threshold"], 20);
    let filter = &starter["Resources"]["AppErrorFilter"]["Properties"];
    assert_eq!(filter["FilterPattern"], "{ $.level = \"error\" }");
    assert_eq!(filter["MetricTransformations"][0]["MetricName"], errors["MetricName"]);
    // One that does without has no alarm, and knows of no topic.
    let trial = template(&made, "tenant-trial");
    assert!(alarms(&trial).is_empty() && trial["Parameters"].get("WarningTopicArn").is_none());
    assert!(!alarms(&template(&made, "tenant-silo")).is_empty());
}

/// Only alarms of the account publish, and only over TLS.
#[test]
fn nobody_else_publishes() {
    let made = made("hybrid.yaml", "monitoring: { notify: { warning: [ops@acme.example] } }");
    let mut seen = 0;
    for shape in made.estate.templates.keys() {
        let template = template(&made, shape);
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            if resource["Type"] != "AWS::SNS::TopicPolicy" {
                continue;
            }
            let statements = &resource["Properties"]["PolicyDocument"]["Statement"];
            for statement in statements.as_array().expect("statements") {
                let bound = statement["Condition"].to_string();
                match statement["Effect"].as_str() {
                    Some("Allow") => assert!(bound.contains("aws:SourceAccount"), "{shape} {id}"),
                    _ => assert!(bound.contains("aws:SecureTransport"), "{shape} {id}"),
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 4, "topics of the place, and of the account of a tenant");
}

/// Who deploys to the account of a tenant may make what is watched there.
#[test]
fn the_deployer_of_a_tenants_account_may_make_alarms() {
    let with = made("hybrid.yaml", "monitoring: {}");
    let text = template(&with, "organization").to_string();
    assert!(text.contains("cloudwatch:PutMetricAlarm") && text.contains("sns:CreateTopic"));
}
