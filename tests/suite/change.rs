//! What a comparison of two estates promises: nothing differs from itself, in whatever form it is read;
//! what differs is called what it is; what follows from a replacement is found; one change of a tier is
//! one group.

use std::collections::{BTreeMap, BTreeSet};

use tenantry::change::gate::{self, Gate};
use tenantry::change::group::{Change, Kind};
use tenantry::change::pair::Action;
use tenantry::change::shape::Shape;
use tenantry::change::side::Side;
use tenantry::change::{self, Report, folder, force, guard, loss};
use tenantry::diag::markdown::LIMIT;
use tenantry::engine::{Engine, Options};
use tenantry::resource;
use tenantry::synth::Made;
use tenantry::view::diff::{affected, json, markdown, text};

use crate::estates;
use crate::support::{blueprints, faults, options, root, synth_blueprint, synth_text};

const ENGINES: [Engine; 2] = [Engine::CloudFormation, Engine::Terraform];

fn side(made: &Made) -> Side {
    Side::made(made, &ENGINES, false)
}

/// The files of an estate, as they would lie in its folder.
fn written(made: &Made) -> BTreeMap<String, String> {
    let rendered = made.render();
    let own = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
    let all = rendered.shared().into_iter().chain(own);
    all.map(|file| (file.path, file.text)).collect()
}

fn read_back(files: &BTreeMap<String, String>) -> Side {
    let load = |path: &str| files.get(path).cloned().ok_or_else(|| format!("{path}: not there"));
    folder::read(&load, &ENGINES).expect("it was just written")
}

fn made(text: &str) -> Made {
    made_with(text, None)
}

fn made_with(text: &str, lock: Option<&str>) -> Made {
    let outcome = synth_text("b.yaml", text.as_bytes(), lock, &root(), options());
    outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
}

fn blueprint(name: &str) -> String {
    std::fs::read_to_string(root().join("blueprints").join(name)).expect("a blueprint")
}

/// Compares a blueprint with what it was before an edit; the lock of before is there.
fn edited(name: &str, edits: &[(&str, &str)]) -> Report {
    let before = blueprint(name);
    let mut after = before.clone();
    for (from, to) in edits {
        assert!(after.contains(from), "{name} has no {from}");
        after = after.replacen(from, to, 1);
    }
    let before = made(&before);
    let after = made_with(&after, Some(&before.lock));
    published(change::compare("base", &side(&before), &side(&after)))
}

/// What is told of it to machines fits what is published.
fn published(report: Report) -> Report {
    assert_eq!(faults("diff", &json::render(&report)), [""; 0]);
    assert_eq!(faults("affected", &affected::json(&report)), [""; 0]);
    report
}

fn one<'a>(report: &'a Report, label: &str) -> &'a Change {
    let changes = report.groups.iter().flat_map(|group| &group.changes);
    let found = changes.into_iter().find(|change| change.label == label);
    found
        .unwrap_or_else(|| panic!("{label} does not change: {}", text::render(report, false, true)))
}

/// An estate is the same as itself, whether it is synthesised or read back, shared or inline.
#[test]
fn nothing_differs_from_itself() {
    let names =
        ["account-peering", "application-sql", "component-delivery", "hostile-text", "hybrid"];
    for name in names.map(|name| format!("{name}.yaml")) {
        let shared = synth_blueprint(&name, options()).made.expect("it is sound");
        let inline = Options { inline: true, ..options() };
        let inline = synth_blueprint(&name, inline).made.expect("it is sound");
        let now = side(&shared);
        for before in [&side(&shared), &read_back(&written(&shared)), &read_back(&written(&inline))]
        {
            let report = change::compare("itself", before, &now);
            assert!(report.is_empty(), "{name}: {}", text::render(&report, false, true));
            assert_eq!(report.unchanged, now.units.len(), "{name}");
        }
    }
}

/// Terraform's schema does not say what forces a replacement, so each attribute that is written has a row.
#[test]
fn every_attribute_that_is_written_has_a_row() {
    let mut without = BTreeSet::new();
    let mut seen = 0;
    for name in blueprints() {
        let made = synth_blueprint(&name, options()).made.expect("it is sound");
        let shapes = side(&made).shapes;
        for shape in shapes.values().filter(|shape| shape.engine == Engine::Terraform) {
            for resource in shape.resources.values() {
                let own = resource.leaves.keys().filter(|path| !path.starts_with("lifecycle"));
                for path in own {
                    seen += 1;
                    if !force::has_row(&resource.kind, path) {
                        without.insert(format!("{}.{path}", resource.kind));
                    }
                }
            }
        }
    }
    assert!(seen > 5_000, "attributes are read: {seen}");
    assert_eq!(
        without,
        BTreeSet::new(),
        "`TENANTRY_WRITE=1 cargo test --test conformance -- replacement`"
    );
    assert!(!force::has_row("aws_vpc", "nothing") && !force::has_row("aws_nothing", "id"));
}

/// A type that is watched for data loss, and is never written, would be a misspelt one.
#[test]
fn what_is_watched_for_loss_is_written() {
    let known: BTreeSet<&str> =
        resource::types().into_iter().flat_map(|(cfn, tf)| cfn.into_iter().chain([tf])).collect();
    for kind in loss::kinds().chain(guard::kinds()) {
        assert!(known.contains(kind), "{kind}");
    }
}

/// What a line does, and whether data is at risk.
#[test]
fn a_line_does_what_it_does() {
    let (up, down) = ("retention_days: 90", "retention_days: 7");
    let vpc = "vpc-none.yaml";
    let was = "retention_days: 30";
    let lowered = edited(vpc, &[(was, down)]);
    let group = one(&lowered, "FlowLogGroup");
    assert_eq!((group.action, group.properties.len()), (Action::Update, 1));
    assert_eq!(group.losses[0].what, "older logs are deleted");
    let raised = edited(vpc, &[(was, up)]);
    assert_eq!(raised.losses().count(), 0, "what is kept longer is not lost");

    let port = edited(vpc, &[("app: 3000", "app: 3001")]);
    let ingress = one(&port, "AppIngress");
    assert_eq!(ingress.action, Action::Replace, "CloudFormation replaces a rule");
    assert_eq!(
        ingress.engines,
        [(Engine::CloudFormation, Action::Replace), (Engine::Terraform, Action::Update)],
        "Terraform changes it in place"
    );
}

/// What names a thing that is replaced is changed as well, and replaced where it must be.
#[test]
fn a_replacement_spreads() {
    let before = blueprint("vpc-none.yaml");
    let after = before.replace("10.64.0.0/16", "10.80.0.0/16");
    let report = change::compare("base", &side(&made(&before)), &side(&made(&after)));
    assert_eq!(report.groups.len(), 1, "both tenants are one group");
    let vpc = one(&report, "Vpc");
    assert_eq!(vpc.action, Action::Replace);
    assert!(vpc.properties.iter().any(|p| p.path == "CidrBlock" && p.address && p.varies));
    let table = one(&report, "PrivateRouteTable1");
    assert_eq!(table.action, Action::Replace);
    assert!(table.properties.iter().all(|p| p.because.as_deref() == Some("Vpc")), "{table:?}");
    let holds = |change: &&Change| loss::holds(&change.kind).is_some();
    let kept = report.groups[0].changes.iter().find(holds);
    assert!(kept.is_none(), "logs do not follow their VPC: {kept:?}");
}

/// A change of a tier is one group, however many tenants have it.
#[test]
fn a_change_of_a_tier_is_one_thing_to_read() {
    let before = estates::estate(&[("vpc", 300)]);
    let after = before.replace("gateway: [s3]", "gateway: [s3, dynamodb]");
    let report = change::compare("base", &side(&made(&before)), &side(&made(&after)));
    let of_tenants: Vec<_> = report.groups.iter().filter(|g| g.tier.is_some()).collect();
    assert_eq!(of_tenants.len(), 1);
    assert_eq!(of_tenants[0].stacks.len(), 300);
    assert_eq!(report.tenants().len(), 300);
    let shown = text::render(&report, false, false);
    assert!(shown.lines().count() < 40 && shown.contains("and 292 more"), "{shown}");
}

/// Nobody else is touched by a tenant that comes or goes.
#[test]
fn a_tenant_comes_and_goes() {
    let line = "  - { id: initech, tier: silo }\n";
    let came = edited(
        "vpc-none.yaml",
        &[(line, "  - { id: initech, tier: silo }\n  - { id: new, tier: silo }\n")],
    );
    assert_eq!(came.tenants(), BTreeSet::from(["new"]));
    assert_eq!(came.groups[0].kind, Kind::Create);
    assert_eq!(gate::others(&came, &["new".to_owned()]).len(), 0);
    assert_eq!(gate::others(&came, &["hooli".to_owned()]).len(), 1);
    let went = edited("vpc-none.yaml", &[(line, "")]);
    assert_eq!(went.groups[0].kind, Kind::Delete);
    let hits = gate::hits(&went, &[Gate::DataLoss]);
    assert!(hits.iter().any(|d| d.message.contains("stays in the account")), "{hits:?}");
}

/// What changes its tier, and what gets another name in AWS, is called so.
#[test]
fn who_moves_is_called_so() {
    let (from, to) = ("{ id: globex, tier: business", "{ id: globex, tier: team");
    let moved = edited("quickstart.yaml", &[(from, to)]);
    let why = moved.groups.iter().find_map(|group| group.why.as_deref());
    assert_eq!(why, Some("tier business → team"));
    assert_eq!(moved.tenants(), BTreeSet::from(["globex"]));

    let before = blueprint("vpc-none.yaml");
    let after = before.replace("environment: test", "environment: prod");
    let named = change::compare("base", &side(&made(&before)), &side(&made(&after)));
    assert!(named.groups.iter().all(|group| group.kind == Kind::Replace), "every stack is another");
    let hits = gate::hits(&named, &[Gate::Replace, Gate::DataLoss]);
    let of = |id: &str| hits.iter().filter(|d| d.rule.id == id).count();
    assert!(of("change/replace") == named.groups.len() && of("change/data-loss") > 0, "{hits:?}");
}

/// A quota that is passed is said once: when it is passed, not ever after.
#[test]
fn a_quota_is_passed_once() {
    let with = |tenants: usize| {
        let lines: String =
            (0..tenants).map(|n| format!("  - {{ id: t{n}, tier: silo }}\n")).collect();
        let text = blueprint("vpc-none.yaml");
        let (head, _) = text.split_once("tenants:\n").expect("it has tenants");
        Side::made(&made(&format!("{head}tenants:\n{lines}")), &ENGINES, true)
    };
    // AWS grants five VPCs in a region.
    let report = |before, after| change::compare("base", &with(before), &with(after));
    let over = |report: &Report| {
        gate::hits(report, &[Gate::Quota])
            .into_iter()
            .filter(|d| d.rule.id == "change/quota")
            .count()
    };
    assert_eq!(over(&report(2, 5)), 0);
    assert!(over(&report(5, 6)) > 0, "the sixth VPC");
    assert_eq!(over(&report(6, 7)), 0, "it was passed before");
}

/// A template of CloudFormation with these resources, as a folder of one or two stacks.
fn estate_of(stacks: &[(&str, &str)]) -> Side {
    let mut files = BTreeMap::new();
    let mut lines = Vec::new();
    for (key, resources) in stacks {
        let inputs = if resources.contains("Given") { r#"{"Given": "/e/vpc"}"# } else { "{}" };
        let parameters = if resources.contains("Given") {
            r#""Given": {"Type": "AWS::SSM::Parameter::Value<String>"}"#
        } else {
            ""
        };
        lines.push(format!(
            r#"{{"key":"{key}","stack":"{key}","wave":8,"account":"1","region":"r","shape":"{key}","tenant":"t","tier":"x","after":[],"inputs":{inputs},"depends_on":[],"tags":{{}}}}"#
        ));
        files.insert(
            format!("cloudformation/templates/{key}.json"),
            format!(r#"{{"Parameters": {{{parameters}}}, "Resources": {{{resources}}}}}"#),
        );
        files.insert(format!("cloudformation/stacks/{key}.json"), "[]".to_owned());
    }
    files.insert(
        "manifest.json".to_owned(),
        format!(
            r#"{{"schema":1,"estate":"e","engines":["cloudformation"],"inline":false,"partial":false,"stacks":[{}]}}"#,
            lines.join(",")
        ),
    );
    let load = |path: &str| files.get(path).cloned().ok_or_else(|| format!("{path}: not there"));
    folder::read(&load, &[Engine::CloudFormation]).expect("it is sound")
}

fn compared(base: &[(&str, &str)], head: &[(&str, &str)]) -> Report {
    published(change::compare("base", &estate_of(base), &estate_of(head)))
}

const TABLE: &str = r#"{"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "x", "DeletionProtectionEnabled": true}}"#;

/// A thing under another name is a renamed one, and a thing in another stack a moved one: both are made
/// anew, and what they hold is lost.
#[test]
fn what_is_renamed_or_moved_is_called_so() {
    let renamed =
        compared(&[("a", &format!(r#""Old": {TABLE}"#))], &[("a", &format!(r#""New": {TABLE}"#))]);
    let change = one(&renamed, "New");
    assert_eq!((change.action, change.renamed.as_deref()), (Action::Replace, Some("Old")));
    assert_eq!(change.losses[0].what, "replaced by an empty one: items");
    assert_eq!(renamed.groups[0].changes.len(), 1, "the old one is the same thing");

    let other = r#""Other": {"Type": "AWS::SNS::Topic"}"#;
    let moved = compared(
        &[("a", &format!(r#""Orders": {TABLE}, {other}"#)), ("b", other)],
        &[("a", other), ("b", &format!(r#""Orders": {TABLE}, {other}"#))],
    );
    let gone = moved.groups.iter().find(|g| g.stacks[0].key == "a").expect("it changes");
    assert_eq!(gone.changes[0].action, Action::Delete);
    assert_eq!(gone.changes[0].moved.as_deref(), Some("b"));
    assert_eq!(gone.changes[0].losses.len(), 1);
    assert!(moved.groups.iter().any(|g| g.changes.iter().any(|c| c.moved.as_deref() == Some("a"))));
}

/// What a stack tells others reaches them: a VPC that is replaced is another one for all who read its id.
#[test]
fn a_replacement_reaches_other_stacks() {
    let teller = |cidr: &str| {
        format!(
            r#""Vpc": {{"Type": "AWS::EC2::VPC", "Properties": {{"CidrBlock": "{cidr}"}}}},
               "Tell": {{"Type": "AWS::SSM::Parameter", "Properties": {{"Name": "/e/vpc", "Value": {{"Ref": "Vpc"}}}}}}"#
        )
    };
    let reader =
        r#""Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Given"}}}"#;
    let (before, after) = (teller("10.0.0.0/16"), teller("10.1.0.0/16"));
    let report = compared(&[("a", &before), ("b", reader)], &[("a", &after), ("b", reader)]);
    assert_eq!(one(&report, "Tell").action, Action::Update);
    let subnet = one(&report, "Subnet");
    assert_eq!(subnet.action, Action::Replace, "{subnet:?}");
    assert_eq!(affected::list(&report), "a\nb\n");
}

/// Each kind of change of a property, by AWS's schemas and by the table.
#[test]
fn each_property_does_what_aws_says() {
    let cases = [
        // Type, property, before, after, what happens, and what is lost.
        ("AWS::EC2::VPC", "CidrBlock", r#""10.0.0.0/16""#, r#""10.1.0.0/16""#, Action::Replace, 0),
        (
            "AWS::EC2::VPC",
            "InstanceTenancy",
            r#""default""#,
            r#""dedicated""#,
            Action::MayReplace,
            0,
        ),
        ("AWS::EC2::VPC", "EnableDnsSupport", "true", "false", Action::Update, 0),
        ("AWS::KMS::Key", "KeySpec", r#""RSA_2048""#, r#""RSA_4096""#, Action::Replace, 1),
        ("AWS::KMS::Key", "PendingWindowInDays", "30", "7", Action::Update, 1),
        ("AWS::Logs::LogGroup", "RetentionInDays", "30", "14", Action::Update, 1),
        ("AWS::Logs::LogGroup", "RetentionInDays", "14", "30", Action::Update, 0),
        ("AWS::RDS::DBCluster", "BackupRetentionPeriod", "35", "1", Action::Update, 1),
        ("AWS::RDS::DBCluster", "DeletionProtection", "true", "false", Action::Update, 1),
        ("AWS::RDS::DBCluster", "StorageEncrypted", "false", "true", Action::Replace, 1),
        ("AWS::DynamoDB::Table", "DeletionProtectionEnabled", "true", "false", Action::Update, 1),
        ("AWS::DynamoDB::Table", "DeletionProtectionEnabled", "false", "true", Action::Update, 0),
        (
            "AWS::S3::Bucket",
            "VersioningConfiguration",
            r#"{"Status": "Enabled"}"#,
            r#"{"Status": "Suspended"}"#,
            Action::Update,
            1,
        ),
        ("AWS::ECS::TaskDefinition", "Cpu", r#""256""#, r#""512""#, Action::Revise, 0),
    ];
    for (kind, property, was, is, action, lost) in cases {
        let of = |value: &str| {
            format!(r#""It": {{"Type": "{kind}", "Properties": {{"{property}": {value}}}}}"#)
        };
        let report = compared(&[("a", &of(was))], &[("a", &of(is))]);
        let change = one(&report, "It");
        assert_eq!(change.action, action, "{kind}.{property}");
        assert_eq!(change.losses.len(), lost, "{kind}.{property}: {:?}", change.losses);
    }
}

/// What keeps a thing can be taken away, and a retention that ends "for ever" is lowered.
#[test]
fn protections_that_go_are_losses() {
    let with = |policy: &str, retention: &str| {
        format!(
            r#""It": {{"Type": "AWS::Logs::LogGroup"{policy}, "Properties": {{"Kms": 1{retention}}}}}"#
        )
    };
    let (kept, bare) = (r#", "DeletionPolicy": "Retain""#, "");
    let report = compared(&[("a", &with(kept, ""))], &[("a", &with(bare, ""))]);
    assert_eq!(one(&report, "It").losses[0].what, "DeletionPolicy does not keep it any more");
    let report =
        compared(&[("a", &with(bare, ""))], &[("a", &with(bare, r#", "RetentionInDays": 365"#))]);
    assert_eq!(one(&report, "It").losses[0].what, "older logs are deleted");
    let report =
        compared(&[("a", &with(kept, ""))], &[("a", r#""B": {"Type": "AWS::SNS::Topic"}"#)]);
    let kept = one(&report, "It").losses[0].kept.clone().expect("it is kept");
    assert!(kept.contains("stays in the account"), "{kept}");
}

/// Blocks of Terraform that come or go are judged as the provider judges them.
#[test]
fn what_terraform_replaces() {
    let cases = [
        ("aws_subnet", "cidr_block", None, force::Force::Replace),
        ("aws_subnet", "tags.Name", None, force::Force::InPlace),
        ("aws_ecs_service", "capacity_provider_strategy.weight", None, force::Force::InPlace),
        (
            "aws_ecs_service",
            "capacity_provider_strategy.weight",
            Some("capacity_provider_strategy"),
            force::Force::Replace,
        ),
        ("aws_vpc_security_group_ingress_rule", "cidr_ipv4", None, force::Force::InPlace),
        ("aws_flow_log", "traffic_type", None, force::Force::Replace),
    ];
    for (kind, path, missing, expect) in cases {
        assert_eq!(force::force(Engine::Terraform, kind, path, missing), expect, "{kind}.{path}");
    }
}

/// A comment never grows beyond what GitHub takes, and stays whole.
#[test]
fn a_comment_has_room() {
    let stacks: Vec<(String, String, String)> = (0..400)
        .map(|at| {
            let of = |days: usize| {
                let groups = (0..12).map(|n| {
                    format!(
                        r#""Group{n}x{at}": {{"Type": "AWS::Logs::LogGroup", "Properties": {{"RetentionInDays": {days}}}}}"#
                    )
                });
                groups.collect::<Vec<_>>().join(",")
            };
            (format!("stack-{at}"), of(30), of(7))
        })
        .collect();
    let base: Vec<(&str, &str)> = stacks.iter().map(|(k, b, _)| (k.as_str(), b.as_str())).collect();
    let head: Vec<(&str, &str)> = stacks.iter().map(|(k, _, h)| (k.as_str(), h.as_str())).collect();
    let report = compared(&base, &head);
    assert_eq!(report.groups.len(), 400);
    let comment = markdown::render(&report);
    assert!(comment.chars().count() <= LIMIT, "{}", comment.len());
    assert!(comment.len() > LIMIT / 2, "the room is used");
    assert!(comment.starts_with("<!-- tenantry diff: e -->\n"));
    assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
    assert!(comment.contains("more groups not shown"), "it says what it leaves out");
}

/// Every stack is in exactly one job, waves keep their order, and there are no more jobs than GitHub makes.
#[test]
fn a_matrix_has_every_stack_once() {
    let report = change::compare(
        "base",
        &Side::empty("bench-test", &ENGINES),
        &side(&made(&estates::estate(&[("vpc", 600)]))),
    );
    let matrix = affected::matrix(&report);
    let matrix: serde_json::Value = serde_json::from_str(&matrix).expect("JSON");
    let jobs = matrix["include"].as_array().expect("jobs");
    assert!(jobs.len() <= affected::JOBS && jobs.len() > affected::JOBS / 2, "{}", jobs.len());
    let keys: Vec<&str> =
        jobs.iter().flat_map(|job| job["stacks"].as_str().expect("keys").split(' ')).collect();
    assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len());
    assert_eq!(keys.join("\n") + "\n", affected::list(&report));
    let waves: Vec<u64> = jobs.iter().filter_map(|job| job["wave"].as_u64()).collect();
    assert!(waves.is_sorted());
}

/// What a user wrote stays text in a comment, and the JSON fits its schema.
#[test]
fn hostile_text_stays_text() {
    let before = synth_blueprint("hostile-text.yaml", options()).made.expect("it is sound");
    let report = change::compare("a|b`c", &Side::empty("quoted-test", &ENGINES), &side(&before));
    let comment = markdown::render(&report);
    assert!(!comment.contains("<script") && !comment.contains("a|b`c"), "{comment}");
    published(report);
    edited(
        "vpc-none.yaml",
        &[("app: 3000", "app: 3001"), ("retention_days: 30", "retention_days: 7")],
    );
}

/// A template that is not as tenantry writes it is refused with the name of its file.
#[test]
fn a_folder_that_is_not_ours_is_refused() {
    let load = |path: &str| match path {
        "manifest.json" => Ok(r#"{"schema": 2}"#.to_owned()),
        _ => Err("no".to_owned()),
    };
    let why = folder::read(&load, &ENGINES).expect_err("it is of another version");
    assert!(why.contains("manifest.json"), "{why}");
    assert!(Shape::read(Engine::CloudFormation, "{", Vec::new()).is_err());
}
