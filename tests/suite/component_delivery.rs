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
    let text = format!(
        "quotas: {{ ec2.elastic-ips-per-region: 50, vpc.vpcs-per-region: 50, vpc.internet-gateways-per-region: 50, vpc.nat-gateways-per-az: 50 }}\n{BASE}{more}"
    );
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
        [("--shared".to_owned(), true), ("--tier gold --tier silo".to_owned(), false)]
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

/// What is downloaded runs only when its digest is the one that is known, whatever the image is.
#[test]
fn nothing_runs_that_nobody_looked_at() {
    let template = template(&made("components: { delivery: {} }\n"));
    for project in ["CheckProject", "DeployProject"] {
        let text = &template["Resources"][project]["Properties"]["Source"]["BuildSpec"];
        let text = text.as_str().expect("commands");
        let lines: Vec<String> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- "))
            .map(|line| serde_json::from_str(line).expect("JSON in YAML"))
            .collect();
        let at = |word: &str| lines.iter().position(|l| l.contains(word)).expect(word);
        let (got, seen) = (at("curl "), at("sha256sum --check"));
        assert!(got < seen && seen < at("chmod +x") && seen < at("cargo install"), "{lines:?}");
        assert!(lines.iter().all(|l| !l.contains("| sh ") && !l.contains("| bash")), "{lines:?}");
        // The look is told what was downloaded, and refuses it where the digest is another.
        let file = tempfile::NamedTempFile::new().expect("a file");
        let path = file.path().display().to_string();
        let look = lines[seen].replace("/tmp/rustup-init", &path);
        let run = |digest: &str| {
            let mut bash = std::process::Command::new("bash");
            bash.args(["-c", &look]).env("digest", digest).output().expect("bash").status.success()
        };
        // That of nothing.
        assert!(run("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        assert!(!run("e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c"));
        assert!(!run("none") && !run(""));
    }
}

/// Whether a name fits a pattern with one star at its end, or one at either end.
fn fits(pattern: &str, name: &str) -> bool {
    let inner = pattern.trim_matches('*');
    if pattern.starts_with('*') { name.contains(inner) } else { name.starts_with(inner) }
}

/// The deployment makes, tags, changes and passes what the stacks of its account hold, by the names that
/// the engine gives it, and no role of anybody else.
#[test]
fn only_roles_of_the_estate_are_made_and_passed() {
    let folder = root().join("blueprints");
    let full = std::fs::read_to_string(folder.join("full.yaml")).expect("a blueprint");
    let lock = std::fs::read_to_string(folder.join("full.lock.json")).ok();
    for (engine, naming) in [
        ("cloudformation", "{{name}}-{{environment}}-{{tenant}}"),
        ("cloudformation", "{{tenant}}-{{name}}-{{environment}}"),
        ("terraform", "{{name}}-{{environment}}-{{tenant}}"),
    ] {
        let head = format!("\nnaming: \"{naming}\"\ntiers:\n");
        let block = format!("delivery: {{ engine: {engine}, ");
        // Cells, pools and what surrounds them stand in the account that deploys.
        let here = full.replacen(
            "deploy: { account: \"222222222222\"",
            "deploy: { backend: { s3: { bucket: states, region: eu-west-1 } }, account: \"333333333333\"",
            1,
        );
        assert_ne!(here, full);
        let text = here.replacen("delivery: { ", &block, 1).replacen("\ntiers:\n", &head, 1);
        let outcome = synth_text("f.yaml", text.as_bytes(), lock.as_deref(), &folder, options());
        let made = outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
        let rights = Rights::of(&template(&made));
        let rendered = made.render();
        let mut seen = 0;
        let own = &made.spec.deploy.account;
        for stack in made.estate.stacks.iter().filter(|stack| stack.account == *own) {
            let entries = &made.estate.templates[&stack.shape].entries;
            for entry in entries.iter().filter(|entry| entry.tf.starts_with("aws_iam_")) {
                let (id, kind) = match entry.tf {
                    "aws_iam_role" => (entry.id.clone(), "role"),
                    "aws_iam_instance_profile" => (entry.id.clone(), "instance-profile"),
                    _ => continue,
                };
                let name = if engine == "terraform" {
                    let text = rendered.template_text(Engine::Terraform, &stack.shape);
                    let module: Value = serde_json::from_str(text.expect("text")).expect("JSON");
                    let at = &module["resource"][entry.tf][tenantry::name::snake(&id)];
                    // Where nothing is said, the provider says its own name.
                    let prefix = at["name_prefix"].as_str().unwrap_or("terraform-");
                    format!("{prefix}20260101000000000000000001")
                } else {
                    let name: String = stack.name.chars().take(24).collect();
                    format!("{name}-{id}-ABCDEFGHIJKL")
                };
                for (what, patterns) in rights.on(kind) {
                    assert!(patterns.iter().any(|p| fits(p, &name)), "{engine}: {what} {name}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 30, "{engine}: {seen}");
        for name in ["Admin", "OrganizationAccountAccessRole", "other-prod-role", "AWSReserved"] {
            for (what, patterns) in rights.on("role") {
                assert!(!patterns.iter().any(|p| fits(p, name)), "{engine}: {what} {name}");
            }
        }
        // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
        assert!(rights.length < 10_240, "{engine}: {} characters", rights.length);
    }
}

/// What the role of the deployment may do with roles and profiles, and how long its policies are.
struct Rights {
    statements: Vec<Value>,
    length: usize,
}

impl Rights {
    fn of(template: &Value) -> Self {
        let all = template["Resources"].as_object().expect("resources").values();
        let own = all.filter(|it| it["Properties"]["RoleName"]["Ref"] == "DeployRole");
        let documents: Vec<Value> =
            own.map(|it| it["Properties"]["PolicyDocument"].clone()).collect();
        let length = documents.iter().map(|document| flat(document).to_string().len()).sum();
        let statements = documents
            .iter()
            .flat_map(|document| document["Statement"].as_array().expect("statements").clone());
        Rights { statements: statements.collect(), length }
    }

    /// The patterns of names of a kind, for each statement that changes something of it.
    fn on(&self, kind: &str) -> Vec<(String, Vec<String>)> {
        let marker = format!(":{kind}/");
        let mut out = Vec::new();
        for statement in &self.statements {
            let actions = statement["Action"].to_string();
            let reads = actions.contains("iam:Get*") || actions.contains("ServiceLinked");
            if reads || !actions.contains("iam:") {
                continue;
            }
            let resources = flat(&statement["Resource"]);
            let names: Vec<String> = resources
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|arn| Some(arn.as_str()?.split_once(&marker)?.1.to_owned()))
                .collect();
            if !names.is_empty() {
                out.push((actions, names));
            }
        }
        assert!(!out.is_empty(), "{kind}");
        out
    }
}

/// A value as AWS sees it: what is joined is one text, of the length that it has there.
fn flat(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(flat).collect(),
        Value::Object(pairs) => match pairs.get("Fn::Join") {
            Some(parts) => {
                let text = |part: &Value| match part {
                    Value::String(text) => text.clone(),
                    other if other["Ref"] == "AWS::Partition" => "aws".to_owned(),
                    _ => "333333333333".to_owned(),
                };
                parts[1].as_array().expect("parts").iter().map(text).collect::<String>().into()
            }
            None => pairs.iter().map(|(key, value)| (key.clone(), flat(value))).collect(),
        },
        other => other.clone(),
    }
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
