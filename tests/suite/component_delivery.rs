//! What the component delivery promises: nothing is deployed that was not checked and approved, and
//! nobody on the way may do more than his part.

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{options, root, synth_text};

const BASE: &str = "version: 1\nname: acme\nenvironment: prod\nregions: [eu-west-1]\n\
    accounts: { workload: \"333333333333\" }\nnetwork: { pools: [{ cidr: 10.0.0.0/8 }] }\n\
    tiers:\n  gold: { isolation: vpc, network: { prefix: 21 } }\n  \
    silo: { isolation: vpc, network: { prefix: 21 } }\n";

fn made(more: &str) -> Made {
    let text = format!("{BASE}{more}");
    let outcome = synth_text("b.yaml", text.as_bytes(), None, &root(), options());
    assert!(outcome.sink.is_empty(), "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

fn template(made: &Made) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, "delivery").expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

fn stages(template: &Value) -> &Vec<Value> {
    template["Resources"]["Pipeline"]["Properties"]["Stages"].as_array().expect("stages")
}

/// What each stage deploys, and whether somebody is asked before.
fn rings(template: &Value) -> Vec<(String, bool)> {
    let ring = |stage: &Value| {
        let actions = stage["Actions"].as_array().expect("actions");
        let asked = actions.iter().any(|a| a["ActionTypeId"]["Category"] == "Approval");
        let last = actions.last().expect("it deploys");
        let variables = last["Configuration"]["EnvironmentVariables"].to_string();
        let ring = variables.split("\\\"").find(|word| word.starts_with("--"));
        (ring.unwrap_or(&variables).to_owned(), asked)
    };
    stages(template)[2..].iter().map(ring).collect()
}

#[test]
fn an_empty_block_has_a_repository_and_a_ring_for_each_tier() {
    let template = template(&made("components: { delivery: {} }\n"));
    let kinds: Vec<&str> = template["Resources"]
        .as_object()
        .expect("resources")
        .values()
        .map(|resource| resource["Type"].as_str().expect("a type"))
        .collect();
    assert!(kinds.contains(&"AWS::CodeCommit::Repository") && kinds.contains(&"AWS::Events::Rule"));
    let rings = rings(&template);
    let wanted = ["--shared", "--tier gold", "--tier silo"].map(|ring| (ring.to_owned(), true));
    assert_eq!(rings, wanted);
}

#[test]
fn rings_and_approvals_are_as_asked() {
    let block = "components: { delivery: { rings: [[silo, gold]], approve: first } }\n";
    let first = rings(&template(&made(block)));
    assert_eq!(
        first,
        [("--shared".to_owned(), true), ("--tier silo --tier gold".to_owned(), false)]
    );
    let never = rings(&template(&made("components: { delivery: { approve: never } }\n")));
    assert!(never.iter().all(|(_, asked)| !asked));
}

/// Only what the check wrote is deployed, and the deployment proves that it is what the blueprint
/// says.
#[test]
fn what_is_deployed_was_checked() {
    let template = template(&made("components: { delivery: {} }\n"));
    let stages = stages(&template);
    let check = &stages[1]["Actions"][0];
    let checked = &check["OutputArtifacts"][0]["Name"];
    for stage in &stages[2..] {
        let deploy = stage["Actions"].as_array().expect("actions").last().expect("one");
        assert_eq!(&deploy["InputArtifacts"][0]["Name"], checked);
    }
    let commands = |project: &str| {
        let text = &template["Resources"][project]["Properties"]["Source"]["BuildSpec"];
        text.as_str().expect("commands").to_owned()
    };
    assert!(commands("CheckProject").contains("synth \\\"$BLUEPRINT\\\" --locked"));
    let deploy = commands("DeployProject");
    let proof = deploy.find("--locked --check").expect("it proves");
    assert!(proof < deploy.find("deploy.sh").expect("it deploys"), "the proof comes first");
}

/// The check may reach artifacts, its log and nothing else; the deployment makes no role that does
/// not carry the tags of the estate.
#[test]
fn nobody_may_do_more_than_his_part() {
    let block = "components: { delivery: {} }\ntenants: [{ id: a, tier: gold }]\n";
    let template = template(&made(block));
    let mut seen = 0;
    for (id, resource) in template["Resources"].as_object().expect("resources") {
        if resource["Type"] != "AWS::IAM::RolePolicy" {
            continue;
        }
        let role = resource["Properties"]["RoleName"]["Ref"].as_str().expect("a role");
        for statement in
            resource["Properties"]["PolicyDocument"]["Statement"].as_array().expect("some")
        {
            let actions: Vec<&str> = statement["Action"]
                .as_array()
                .expect("actions")
                .iter()
                .filter_map(Value::as_str)
                .collect();
            if role == "CheckRole" {
                assert!(
                    actions.iter().all(|a| a.starts_with("s3:") || a.starts_with("logs:")),
                    "{id}: {actions:?}"
                );
            }
            if actions.contains(&"iam:CreateRole") || actions.contains(&"iam:PutRolePolicy") {
                let condition = statement["Condition"]["StringEquals"].to_string();
                assert!(condition.contains("Tag/Estate\":\"acme\""), "{id}: {condition}");
                seen += 1;
            }
            if actions.contains(&"iam:PassRole") {
                let to = statement["Condition"]["StringEquals"]["iam:PassedToService"].to_string();
                assert!(to.contains("vpc-flow-logs") && to.contains("codebuild"), "{to}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 3, "making, changing and passing roles");
}

/// Whatever account a stack is in, the deployment may enter it, and no other.
#[test]
fn every_account_is_entered() {
    let made = crate::support::synth_blueprint("full.yaml", options()).made.expect("it is sound");
    let policy = &template(&made)["Resources"]["DeployPolicy"]["Properties"]["PolicyDocument"];
    let entered = policy["Statement"][0]["Resource"].to_string();
    let own = &made.spec.deploy.account;
    for stack in made.estate.stacks.iter().filter(|stack| stack.account != *own) {
        let by_name = entered.contains(&format!(":iam::{}:role/", stack.account));
        let of_tenant = stack.access.as_ref().is_some_and(|a| a.external_id.is_some());
        assert!(
            by_name || (of_tenant && entered.contains(":iam::*:role/full-prod-deployer")),
            "{}",
            stack.key
        );
    }
    assert!(!entered.contains(own.as_str()), "{entered}");
}

/// A new tenant changes nothing of the pipeline.
#[test]
fn a_new_tenant_does_not_touch_the_pipeline() {
    let block = "components: { delivery: {} }\n";
    let one = format!("{block}tenants: [{{ id: a, tier: gold }}]\n");
    let two = format!("{block}tenants: [{{ id: a, tier: gold }}, {{ id: b, tier: silo }}]\n");
    assert_eq!(template(&made(&one)), template(&made(&two)));
}
