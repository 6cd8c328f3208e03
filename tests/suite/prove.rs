//! What a proof reads, and what it says: over rendered folders only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::rc::Rc;

use serde_json::Value;
use tenantry::diag::{exit_code, human};
use tenantry::name::snake;
use tenantry::prove::read::{DEFAULT_GROUP, Deployed, Engine, Thing};
use tenantry::prove::{proof, prove};
use tenantry::synth::Outcome;
use tenantry::view::proof as view;

use crate::prove_mutants::{Files, swap};
use crate::support::{
    blueprints, faults, options, root, snapshot, synth_blueprint, synth_text, tenantry, told,
};

/// The rendered folder of a blueprint of the repository, for both engines.
pub fn rendered(name: &str) -> BTreeMap<String, String> {
    folder(&synth_blueprint(name, options()))
}

/// The rendered folder of what was made, for both engines.
fn folder(outcome: &Outcome) -> BTreeMap<String, String> {
    let rendered = outcome.made.as_ref().expect("it is sound").render();
    let mut out = BTreeMap::new();
    for artifact in rendered.shared() {
        out.insert(artifact.path, artifact.text);
    }
    for stack in rendered.stacks() {
        out.extend(rendered.stack(stack).into_iter().map(|file| (file.path, file.text)));
    }
    out
}

/// Hands over every thing of a rendered folder, whatever its type.
pub fn things(files: &BTreeMap<String, String>, engine: Engine, take: &mut dyn FnMut(&Thing<'_>)) {
    let deployed = Deployed::read(files, engine, &|_| true).expect("it can be read");
    assert_eq!(deployed.troubles, [], "everything is read");
    deployed.each(take);
}

/// Every blueprint, rendered, with each engine.
fn all() -> impl Iterator<Item = (String, Rc<BTreeMap<String, String>>, Engine)> {
    blueprints().into_iter().flat_map(|name| {
        let files = Rc::new(rendered(&name));
        let both = [Engine::CloudFormation, Engine::Terraform];
        both.map(|engine| (name.clone(), Rc::clone(&files), engine))
    })
}

/// All that surrounds tenants, for blueprints that say nothing of it.
const SWITCHED_ON: &str = "components:
  analytics: { warehouse: {}, spark: {}, notebooks: { users: [ada-lovelace] } }
  audit: { cold_after: 60, lock_days: 90, data_events: true }
  backup: { weekly: 84, lock: {}, restore_test: {} }
  catalogue: { readers: ['444444444444'] }
  chargeback: { meters: { requests: {} } }
  delivery: { approve: first, parameters: { LOG_LEVEL: info } }
  identity: { callbacks: ['https://{{tenant}}.app.example.com/signed-in'] }
  monitoring: { notify: { critical: [oncall@acme.example] }, quota_percent: 70, dashboards: tenants }
  protection: { firewall: { tenant_rate: 50000 }, dns: { block: [exfil.example] }, hsm: { subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1] } }
  tagging: {}
tiers:
";

/// Whatever a blueprint may switch on is read and proved beside whatever else it has: each model with
/// all components, not only with those that are shown with it.
#[test]
fn what_can_be_switched_on_is_proved() {
    for name in [
        "account-transit-gateway.yaml",
        "application-sql.yaml",
        "application-tables.yaml",
        "container-ec2.yaml",
        "hostile-text.yaml",
        "quickstart.yaml",
        "subnet-none.yaml",
        "vpc-peering.yaml",
    ] {
        let text = fs::read_to_string(root().join("blueprints").join(name)).expect("a blueprint");
        let all = text.replacen("\ntiers:\n", &format!("\n{SWITCHED_ON}"), 1);
        assert_ne!(all, text, "{name}");
        let files = folder(&synth_text(name, all.as_bytes(), None, &root(), options()));
        for engine in [Engine::CloudFormation, Engine::Terraform] {
            let proof = proof::prove(&files, engine);
            let proof = proof.unwrap_or_else(|all| panic!("{name} for {}: {all:?}", engine.id()));
            assert!(proof.holds(), "{name} for {}: {:?}", engine.id(), proof.reachable.first());
        }
    }
}

/// Every value is followed to where it comes from, every type that is written is known, as one on no
/// list is refused, and every pair of every blueprint is proved.
#[test]
fn every_blueprint_is_proved() {
    let mut table = String::new();
    for (name, files, engine) in all() {
        let deployed = Deployed::read(&*files, engine, &|_| true).expect("read");
        assert_eq!(deployed.unknown(), [], "{name}");
        let mut unknown = BTreeSet::new();
        things(&files, engine, &mut |thing| {
            if thing.properties.to_string().contains("?{") {
                unknown.insert(thing.kind.to_owned());
            }
        });
        let left: Vec<&str> = unknown.iter().map(String::as_str).collect();
        assert!(left.is_empty(), "{name} for {}: {left:?}", engine.id());
        let proof = proof::prove(&*files, engine).expect("it can be read");
        assert!(proof.holds(), "{name} for {}: {:?}", engine.id(), proof.reachable.first());
        let text = view::json::render(std::slice::from_ref(&proof));
        assert_eq!(faults("prove", &text), [""; 0], "{name}");
        let n = proof.tenants;
        assert_eq!(proof.pairs(), n * n.saturating_sub(1) / 2, "{name}: every pair is in a group");
        let _ = writeln!(table, "{name}, {}: {}", engine.id(), view::verdict(&proof));
        for group in &proof.groups {
            let by: Vec<&str> = group.reasons.iter().map(|reason| reason.by).collect();
            assert!(!by.is_empty(), "{name}: a boundary is named");
            let (one, other, near) = (&group.one, &group.other, group.near.id());
            let (pairs, verdict) = (group.pairs, group.verdict.id());
            let _ =
                writeln!(table, "  {pairs} {one} ↔ {other}, {near}: {verdict}, {}", by.join(", "));
        }
    }
    snapshot("prove", "blueprints", &table);
}

/// What both engines say of a thing: its type, whose it is, where, and its properties, with names as
/// Terraform writes them.
type Said = BTreeMap<String, (String, Vec<String>, BTreeMap<String, String>)>;

fn said(files: &BTreeMap<String, String>, engine: Engine) -> Said {
    let mut out = Said::new();
    things(files, engine, &mut |thing| {
        let mut flat = BTreeMap::new();
        flatten(&thing.properties, String::new(), &mut flat);
        for (key, value) in &thing.tags {
            flat.insert(format!("/Tags/{key}"), plain(value));
        }
        let place = vec![
            thing.tenant.unwrap_or_default().to_owned(),
            thing.account.to_owned(),
            thing.region.to_owned(),
        ];
        let name = plain(&thing.token());
        let name = if thing.kind == DEFAULT_GROUP {
            format!(
                "default group of {}",
                plain(thing.properties["VpcId"].as_str().expect("a VPC"))
            )
        } else {
            name
        };
        out.insert(name, (thing.kind.to_owned(), place, flat));
    });
    out
}

fn flatten(value: &Value, at: String, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, item)| flatten(item, format!("{at}/{key}"), out));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(i, item)| flatten(item, format!("{at}/{i}"), out));
        }
        Value::String(text) => {
            out.insert(at, plain(text));
        }
        other => {
            out.insert(at, other.to_string());
        }
    }
}

/// References with names as Terraform writes them, without its types.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let Some(slash) = rest.find('/') else { continue };
        out.push_str(&rest[..=slash]);
        rest = &rest[slash + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (id, after) = rest.split_at(end);
        if id.starts_with("aws_") {
            let name = after.strip_prefix('.').expect("an address");
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (name, after) = name.split_at(end.unwrap_or(name.len()));
            out.push_str(name);
            rest = after;
        } else {
            out.push_str(&snake(id));
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Where the engines do differ, by type and the beginning of a property: nothing of it says who
/// reaches whom.
const DIFFERENT: &[(&str, &[&str])] = &[
    // Rules of default groups stand in a step of the script or in a resource, which has no tags.
    (DEFAULT_GROUP, &["/Tags/"]),
    // Terraform names what CloudFormation leaves to AWS, and packs code into a file.
    ("AWS::Lambda::Function", &["/Code/", "/Filename", "/FunctionName"]),
    ("AWS::ECS::Cluster", &["/ClusterName", "/ClusterSettings/", "/Setting/"]),
    ("AWS::ECS::Service", &["/ServiceName", "/Deployment", "/DesiredCount"]),
    ("AWS::ECS::TaskDefinition", &["/Family"]),
    // How things are rolled out, checked and kept.
    ("AWS::AutoScaling::AutoScalingGroup", &["/ForceDelete", "/InstanceRefresh/", "/WaitFor"]),
    ("AWS::EC2::LaunchTemplate", &["/LaunchTemplateData/TagSpecifications/"]),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        &["/Drop", "/Enable", "/LoadBalancerAttributes/"],
    ),
    (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        &["/Dereg", "/Health", "/Matcher", "/Preserve", "/TargetGroupAttributes/", "/Unhealthy"],
    ),
    ("AWS::RDS::DBCluster", &["/Enable", "/FinalSnapshot", "/Serverless"]),
    (
        "AWS::S3::Bucket",
        &["/BucketEncryption/", "/BucketPrefix", "/Lifecycle", "/Object", "/Owner", "/Versioning"],
    ),
    ("AWS::SecretsManager::Secret", &["/GenerateSecretString/"]),
    ("AWS::DynamoDB::Table", &["/Attribute", "/PointInTime", "/TimeToLive", "/Ttl"]),
    // The accounts of a stack set are a resource of its own in Terraform.
    ("AWS::CloudFormation::StackSet", &["/StackInstancesGroup/"]),
    ("AWS::Kinesis::Stream", &["/Encryption", "/Kms", "/Retention", "/StreamEncryption/"]),
    // Descriptions, and the role that accepts a connection from another account.
    ("AWS::EC2::SecurityGroup", &["/SecurityGroupEgress/0/Description"]),
    ("AWS::EC2::VPCPeeringConnection", &["/PeerRoleArn"]),
    ("AWS::EC2::VPNGateway", &["/Type"]),
];

/// What both engines must say the same of.
const SAME: &[&str] = &[
    "AWS::EC2::",
    "AWS::ElasticLoadBalancingV2::",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::IAM::",
    "AWS::S3::",
    "AWS::KMS::",
    "AWS::SQS::",
    "AWS::SNS::Topic",
    "AWS::DynamoDB::",
    "AWS::SecretsManager::",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBSubnetGroup",
    "AWS::Organizations::",
    "AWS::RAM::",
    "AWS::Lambda::",
    "AWS::CloudFormation::StackSet",
    "AWS::Cognito::IdentityPool",
    "AWS::Events::EventBus",
    "AWS::Kinesis::",
    "AWS::SSM::Parameter",
    "Tenantry::",
];

/// Which network, which identities and which data there are does not depend on the engine.
#[test]
fn both_engines_say_the_same() {
    let same = |kind: &str| {
        let logging = [
            "AWS::EC2::FlowLog",
            "AWS::EC2::DHCPOptions",
            "AWS::EC2::VPCDHCPOptionsAssociation",
            "AWS::RDS::DBClusterParameterGroup",
            "AWS::ECS::ClusterCapacityProviderAssociations",
            // What a rule of a bus leads to is a resource of its own in Terraform.
            "Tenantry::Events::Target",
            // An item of a catalogue is put by a step of the script, or is a resource.
            "AWS::DynamoDB::TableItem",
        ];
        !logging.contains(&kind) && SAME.iter().any(|begin| kind.starts_with(begin))
    };
    let mut found = Vec::new();
    for name in blueprints() {
        let files = rendered(&name);
        let (one, other) = (said(&files, Engine::CloudFormation), said(&files, Engine::Terraform));
        let kinds = |said: &Said| -> BTreeMap<String, String> {
            let all = said.iter().map(|(key, (kind, ..))| (key.clone(), kind.clone()));
            all.filter(|(_, kind)| same(kind)).collect()
        };
        assert_eq!(kinds(&one), kinds(&other), "{name}: the same things are there");
        for (key, (kind, place, fields)) in one.iter().filter(|(_, (kind, ..))| same(kind)) {
            let (_, there, others) = &other[key];
            assert_eq!(place, there, "{name} {key}: whose, and where");
            for difference in differences(kind, fields, others) {
                found.push(format!("{name} {key} ({kind}): {difference:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn differences<'a>(
    kind: &str,
    one: &'a BTreeMap<String, String>,
    other: &'a BTreeMap<String, String>,
) -> Vec<(&'a String, Option<&'a String>, Option<&'a String>)> {
    let admitted = DIFFERENT.iter().filter(|(own, _)| *own == kind).flat_map(|(_, begins)| *begins);
    let admitted: Vec<&&str> = admitted.collect();
    let fields: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let open = fields.into_iter().filter(|field| !admitted.iter().any(|b| field.starts_with(**b)));
    open.map(|field| (field, one.get(field), other.get(field))).filter(|(_, a, b)| a != b).collect()
}

/// A blueprint of the repository with more lines at its end.
fn with(name: &str, lines: &str) -> Outcome {
    let folder = root().join("blueprints");
    let text = fs::read_to_string(folder.join(name)).expect("a blueprint") + lines;
    let lock = fs::read_to_string(folder.join(name.replace(".yaml", ".lock.json"))).ok();
    synth_text(name, text.as_bytes(), lock.as_deref(), &folder, options())
}

const HOLDS: &str = "
must_reach:
  - { from: tenants, to: hub, port: 443 }
must_not_reach:
  - { from: internet, to: tenants, port: 5432 }
  - { from: tenants, to: 192.0.2.0/24, port: 5432 }
";

/// What tenants need is reached, with a path to show; what nobody may reach is not.
#[test]
fn statements_are_asked() {
    let made = with("vpc-transit-gateway.yaml", HOLDS).made.expect("it is sound");
    let proofs = made.prove().expect("it can be read");
    assert_eq!(proofs.len(), 2, "both engines");
    for proof in &proofs {
        assert!(proof.holds(), "{:?}", proof.statements);
        let asked: Vec<u64> = proof.statements.iter().map(|held| held.asked).collect();
        assert_eq!(asked, [2, 2, 2], "every tenant is asked for");
        assert!(!proof.statements[0].witness.is_empty(), "a path is shown");
    }
    assert!(made.complaints(&proofs).is_empty());
}

/// What does not hold is a complaint where it is written, and says where the path ends or leads.
#[test]
fn a_broken_statement_is_shown() {
    let lines = "
must_reach:
  - { from: tenants, to: hub, port: 22 }
must_not_reach:
  - { from: tenants, to: hub, port: 443 }
";
    let outcome = with("vpc-transit-gateway.yaml", lines);
    let made = outcome.made.expect("it is sound");
    let proofs = made.prove().expect("it can be read");
    let found = made.complaints(&proofs);
    assert_eq!(found.len(), 4, "two statements, two engines");
    assert!(found.iter().all(|one| one.rule.id == "prove/statement"));
    assert_eq!(exit_code(&found), 3);
    let text = human::render(&found, &outcome.sources, false);
    snapshot("prove", "statements", &text);
}

/// A way to break a folder.
type Break = fn(&mut Files);

/// A folder with something in it that is not followed is not proved.
#[test]
fn what_is_not_followed_is_refused() {
    let sound = rendered("vpc-none.yaml");
    let breaks: [(&str, Break); 6] = [
        ("no manifest", |files| drop(files.remove("manifest.json"))),
        ("a template is gone", |files| {
            files.retain(|path, _| !path.starts_with("cloudformation/templates/tenant"));
        }),
        ("a macro", |files| {
            swap(
                files,
                "templates/tenant-silo.json",
                "\"Parameters\"",
                "\"Transform\": \"x\",\n\"Parameters\"",
            );
        }),
        ("a nested stack", |files| {
            swap(
                files,
                "templates/tenant-silo.json",
                "AWS::EC2::RouteTable\"",
                "AWS::CloudFormation::Stack\"",
            );
        }),
        ("a file beside a module", |files| {
            files.insert("terraform/modules/tenant-silo/more.tf".to_owned(), String::new());
        }),
        ("a loop", |files| {
            swap(
                files,
                "modules/tenant-silo/main.tf.json",
                "\"cidr_block\"",
                "\"count\": 2, \"cidr_block\"",
            );
        }),
    ];
    assert!(prove(&sound).is_ok());
    for (name, apply) in breaks {
        let mut files = sound.clone();
        apply(&mut files);
        assert_ne!(files, sound, "{name}: something is broken");
        assert!(prove(&files).is_err(), "{name}");
    }
}

/// The command: what it prints in each form, and its exit codes.
#[test]
fn the_command() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["subnet-transit-gateway.yaml", "subnet-transit-gateway.lock.json"] {
        fs::copy(root().join("blueprints").join(name), folder.path().join(name)).expect("copied");
    }
    let (code, _, said) = told(&tenantry(folder.path(), &["synth", "subnet-transit-gateway.yaml"]));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("isolation 1 pair proved, 0 reachable"), "{said}");
    let run = |more: &[&str]| {
        let arguments: Vec<&str> =
            ["prove", "out/block-test"].iter().chain(more).copied().collect();
        told(&tenantry(folder.path(), &arguments))
    };
    let (code, text, _) = run(&[]);
    assert_eq!(code, 0, "{text}");
    snapshot("prove", "text", &text);
    let (code, text, _) = run(&["--pair", "hooli,umbrella", "--engine", "terraform"]);
    assert_eq!(code, 0, "{text}");
    snapshot("prove", "pair", &text);

    let path = folder.path().join("out/block-test/cloudformation/templates/tenant-team.json");
    let text = fs::read_to_string(&path).expect("a template");
    fs::write(&path, text.replace("\"RuleAction\": \"deny\"", "\"RuleAction\": \"allow\""))
        .expect("written");
    let (code, text, _) = run(&[]);
    assert_eq!(code, 3, "{text}");
    snapshot("prove", "text-broken", &text);
    let (code, text, _) = run(&["--format", "markdown"]);
    assert_eq!(code, 3);
    snapshot("prove", "markdown-broken", &text);
    let (code, text, _) = run(&["--format", "sarif"]);
    assert_eq!(code, 3);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["version"], "2.1.0");
    let result = &json["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "prove/reachable");
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("steps");
    assert!(
        steps.len() > 2
            && steps.iter().all(|step| {
                let at = &step["location"]["physicalLocation"];
                at["region"]["startLine"].as_u64().is_some_and(|line| line > 1)
            })
    );
    let (code, text, _) = run(&["--format", "json"]);
    assert_eq!(code, 3);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&json["version"], &json["proofs"][0]["holds"]), (&1.into(), &false.into()));
    assert_eq!(json["proofs"][1]["holds"], true, "the other engine is as it was");
    let (code, _, said) = told(&tenantry(folder.path(), &["prove", "out"]));
    assert!(code == 1 && said.contains("manifest.json"), "{said}");
}
