//! What isolation `container` promises, counted on what was rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tenantry::aws::quota;
use tenantry::blueprint::shape::Isolation;
use tenantry::engine::{Engine, Options};
use tenantry::plan::cells;
use tenantry::synth::{Made, Outcome};

use crate::support::{blueprints, options, root, synth_blueprint, synth_text};

const CERTIFICATE: &str = "arn:aws:acm:eu-west-1:333333333333:certificate/a-1";

/// A blueprint with one tier of containers.
#[derive(Clone)]
struct Case {
    /// Lines of the whole.
    head: String,
    /// Lines of the tier.
    tier: String,
    cell_prefix: u8,
    tenants: Vec<String>,
}

impl Default for Case {
    fn default() -> Self {
        Case {
            head: String::new(),
            tier: service("service", "port: 80, scale: {min: 1, max: 2}"),
            cell_prefix: 18,
            tenants: ids(3),
        }
    }
}

fn ids(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("t{n:03}")).collect()
}

fn service(key: &str, more: &str) -> String {
    format!("    {key}: {{image: 'a/b:1', cpu: 256, memory: 512, {more}}}\n")
}

fn services(list: &[(&str, &str)]) -> String {
    let mut out = "    services:\n".to_owned();
    for (name, more) in list {
        let _ = write!(out, "  {}", service(name, more));
    }
    out
}

impl Case {
    fn outcome(&self, lock: Option<&str>) -> Outcome {
        let tenants: String =
            self.tenants.iter().map(|id| format!("  - {{id: {id}, tier: x}}\n")).collect();
        let text = format!(
            "version: 1\nname: a\nenvironment: b\nregions: [eu-west-1]\n\
             accounts: {{workload: '333333333333'}}\n\
             network: {{zones: 2, zone_slots: 2, egress: {{nat: none}}, pools: [{{cidr: 10.0.0.0/8}}]}}\n{}\
             tiers:\n  x:\n    isolation: container\n    network: {{cell_prefix: {}}}\n    \
             ingress: {{domain: x.example, certificates: {{eu-west-1: '{CERTIFICATE}'}}}}\n{}\
             tenants:\n{tenants}",
            self.head, self.cell_prefix, self.tier
        );
        synth_text("a.yaml", text.as_bytes(), lock, ".".as_ref(), options())
    }

    fn made(&self, lock: Option<&str>) -> Made {
        let outcome = self.outcome(lock);
        outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
    }

    fn cells(&self) -> usize {
        self.made(None).plan.cells.len()
    }
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let mut all = json!({ "Resources": {} });
    // One that is too large is what its parts are together.
    let own = |other: &&String| {
        other.strip_prefix(shape).is_some_and(|rest| rest.is_empty() || rest.starts_with(".part-"))
    };
    for part in made.estate.templates.keys().filter(own) {
        let text = rendered.template_text(Engine::CloudFormation, part).expect("it was rendered");
        let json: Value = serde_json::from_str(text).expect("JSON");
        for (id, resource) in json["Resources"].as_object().expect("resources") {
            all["Resources"][id] = resource.clone();
        }
    }
    all
}

fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<&'a Value> {
    let all = template["Resources"].as_object().expect("resources").values();
    all.filter(|resource| resource["Type"] == kind).map(|r| &r["Properties"]).collect()
}

/// The shapes of tenants of containers in every blueprint that has them.
fn tenant_templates() -> Vec<(String, Made, Vec<String>)> {
    let mut out = Vec::new();
    for name in blueprints() {
        let made = synth_blueprint(&name, options()).made.expect("it is sound");
        let ours = |tier: &str| made.spec.tiers[tier].isolation == Isolation::Container;
        let stacks = made.estate.stacks.iter();
        let mut shapes: Vec<String> = stacks
            .filter(|s| s.key.starts_with("tenant-") && s.tier.as_deref().is_some_and(ours))
            .filter(|s| s.key == s.whole())
            .map(|s| s.shape.clone())
            .collect();
        shapes.sort();
        shapes.dedup();
        if !shapes.is_empty() {
            out.push((name, made, shapes));
        }
    }
    assert!(out.len() >= 2, "the blueprints have the model");
    out
}

/// Placement counts what a tenant takes of its cell before there is a template: both must agree.
#[test]
fn placement_counts_what_the_model_makes() {
    for (name, made, shapes) in tenant_templates() {
        for shape in shapes {
            let there = template(&made, &shape);
            let stack = made.estate.stacks.iter().find(|s| s.shape == shape).expect("a stack");
            let tenant = &made.spec.tenants[stack.tenant.as_ref().expect("a tenant")];
            let tier = made.spec.tier_of(tenant);
            let cell = made.plan.cells.values().find(|c| c.tier == tier.id).expect("a cell");
            let rows = cells::rows(&made.spec, tier, cell.block);
            let counted = |what: &str| rows.iter().find(|r| r.what == what).expect("a row").each;
            let count = |kind: &str| of_type(&there, kind).len() as u64;
            let services = of_type(&there, "AWS::ECS::Service");
            let named = services
                .iter()
                .filter(|s| s["ServiceConnectConfiguration"].get("Services").is_some());
            let most = |s: &&Value| s["MaxCapacity"].as_u64().expect("a number");
            let targets = of_type(&there, "AWS::ApplicationAutoScaling::ScalableTarget");
            let tasks: u64 = targets.iter().map(most).sum();
            let place = format!("{name} {shape}");
            let rules = count("AWS::ElasticLoadBalancingV2::ListenerRule");
            assert_eq!(rules, counted(quota::RULES), "{place}");
            let groups = count("AWS::ElasticLoadBalancingV2::TargetGroup");
            assert_eq!(groups, counted(quota::TARGET_GROUPS), "{place}");
            assert_eq!(services.len() as u64, counted(quota::SERVICES), "{place}");
            assert_eq!(named.count() as u64, counted(quota::NAMESPACE), "{place}");
            // A deployment starts as many new tasks as there are old ones.
            assert_eq!(2 * tasks, counted(quota::ADDRESS_UNITS), "{place}");
            assert_eq!(2 * tasks, counted(cells::ADDRESSES), "{place}");
            let all = there["Resources"].as_object().expect("resources");
            let reached = all.iter().filter(|(id, _)| {
                let word = id.strip_suffix("ScalableTarget");
                word.is_some_and(|word| all.contains_key(&format!("{word}TargetGroup")))
            });
            let reached: u64 = reached.map(|(_, it)| most(&&it["Properties"])).sum();
            assert_eq!(2 * reached, counted(quota::TARGETS), "{place}: what is reached");
            for service in services {
                assert_eq!(service["DeploymentConfiguration"]["MaximumPercent"], 200, "{place}");
            }
        }
    }
}

/// Every row holds as many tenants as it says, and one more opens a cell.
#[test]
fn a_cell_opens_when_a_row_would_break() {
    let quota = |quota: &str, limit: u32| Case {
        head: format!("quotas: {{{quota}: {limit}}}\n"),
        ..Case::default()
    };
    // A tenant is one service of at most two tasks, so four while it is deployed. Of the units of
    // Network Address Usage the cell has two itself: a load balancer in two zones.
    let pool = Case {
        tier: format!("{}    pool: {{tenants: 2}}\n", Case::default().tier),
        ..Case::default()
    };
    // Two private /26: 59 addresses each, one of each for an attachment. A tenant takes 58 of them
    // while it is deployed.
    let small = Case {
        cell_prefix: 24,
        tier: service("service", "port: 80, scale: {min: 1, max: 29}"),
        ..Case::default()
    };
    let cases = [
        (quota::RULES, quota(quota::RULES, 2), 2),
        (quota::TARGET_GROUPS, quota(quota::TARGET_GROUPS, 2), 2),
        (quota::TARGETS, quota(quota::TARGETS, 11), 2),
        (quota::SERVICES, quota(quota::SERVICES, 2), 2),
        (quota::NAMESPACE, quota(quota::NAMESPACE, 2), 2),
        (quota::ADDRESS_UNITS, quota(quota::ADDRESS_UNITS, 2 + 11), 2),
        (cells::CEILING, pool, 2),
        (cells::ADDRESSES, small, 2),
    ];
    let made = cases[6].1.made(None);
    let cell = made.plan.cells.values().next().expect("a cell");
    let rows = cells::rows(&made.spec, &made.spec.tiers["x"], cell.block);
    let rows: BTreeSet<&str> = rows.iter().map(|row| row.what).collect();
    assert_eq!(rows, cases.iter().map(|case| case.0).collect(), "every row has a case");
    for (what, case, fit) in cases {
        let with = |count| Case { tenants: ids(count), ..case.clone() };
        assert_eq!((with(fit).cells(), with(fit + 1).cells()), (1, 2), "{what}");
    }
}

/// AWS grants no more than a hundred target groups of a load balancer.
#[test]
fn a_cell_opens_at_a_hundred_target_groups() {
    let case = |count| Case {
        head: "quotas: {elb.rules-per-alb: 200, elb.targets-per-alb: 5000}\n".to_owned(),
        tenants: ids(count),
        ..Case::default()
    };
    assert_eq!((case(100).cells(), case(101).cells()), (1, 2));
}

/// The priority of every rule, by cell, tenant and service.
fn priorities(made: &Made) -> BTreeMap<(String, String, String), u32> {
    let mut out = BTreeMap::new();
    for stack in made.estate.stacks.iter().filter(|s| s.tenant.is_some()) {
        let tenant = stack.tenant.clone().expect("a tenant");
        let cell = made.plan.tenants[&tenant].cell.clone().expect("a cell");
        let params = &made.estate.templates[&stack.shape].params;
        for (param, value) in params.iter().zip(&stack.values) {
            if let Some(service) = param.name.strip_suffix("Priority") {
                let key = (cell.clone(), tenant.clone(), service.to_owned());
                out.insert(key, value.parse().expect("a number"));
            }
        }
    }
    out
}

/// No two rules of a load balancer have one priority, paths stand before the rest, and a rule that
/// is there keeps its priority whoever comes or goes.
#[test]
fn priorities_are_unique_and_stay() {
    let two = [("web", "port: 80"), ("api", "port: 8080, path: '/api/*'")];
    let three = [two[0], two[1], ("about", "port: 8080, path: '/about/*'")];
    let first = Case { tier: services(&two), tenants: ids(4), ..Case::default() };
    let made = first.made(None);
    let before = priorities(&made);
    assert_eq!(before.len(), 8);
    // One of the first goes, two come, and a service that stands before the others by name.
    let mut tenants = ids(6);
    tenants.remove(1);
    let second = Case { tier: services(&three), tenants, ..Case::default() };
    let after = priorities(&second.made(Some(&made.lock)));
    assert_eq!(after.len(), 15);
    for (key, priority) in &after {
        assert!((1..=50_000).contains(priority), "{key:?}");
        if let Some(was) = before.get(key) {
            assert_eq!(priority, was, "{key:?}");
        }
        if key.2 != "Web" {
            let rest = (key.0.clone(), key.1.clone(), "Web".to_owned());
            assert!(*priority < after[&rest], "{key:?} stands before the rest");
        }
    }
    let unique: BTreeSet<(&str, u32)> =
        after.iter().map(|((cell, ..), n)| (cell.as_str(), *n)).collect();
    assert_eq!(unique.len(), after.len());
}

/// Fifteen services with a path have a place among the rules of a tenant, and no more.
#[test]
fn a_tenant_has_sixteen_rules() {
    let case = |count: usize| {
        let names: Vec<(String, String)> =
            (0..count).map(|n| (format!("s{n:02}"), format!("port: 80, path: '/{n}'"))).collect();
        let mut list: Vec<(&str, &str)> =
            names.iter().map(|(name, more)| (name.as_str(), more.as_str())).collect();
        list.push(("z", "port: 80"));
        Case { tier: services(&list), tenants: ids(2), ..Case::default() }.outcome(None)
    };
    let fine = case(15);
    assert!(fine.made.is_some(), "{:?}", fine.sink.as_slice());
    let ids: Vec<&str> = case(16).sink.as_slice().iter().map(|d| d.rule.id).collect();
    assert_eq!(ids, ["plan/service-slots"]);
}

/// What reaches a tenant is the load balancer, and the tenant itself.
#[test]
fn only_the_load_balancer_and_the_tenant_come_in() {
    for (name, made, shapes) in tenant_templates() {
        for shape in shapes {
            let there = template(&made, &shape);
            let rules = of_type(&there, "AWS::EC2::SecurityGroupIngress");
            assert!(!rules.is_empty(), "{name} {shape}");
            for rule in rules {
                let from = &rule["SourceSecurityGroupId"];
                let balancer = from["Ref"] == "LoadBalancerGroupId";
                let own = from["Fn::GetAtt"][0] == "SecurityGroup";
                assert!(balancer || own, "{name} {shape}: {rule}");
                assert!(rule.get("CidrIp").is_none() && rule["IpProtocol"] == "tcp");
            }
            for service in of_type(&there, "AWS::ECS::Service") {
                let network = &service["NetworkConfiguration"]["AwsvpcConfiguration"];
                assert_eq!(network["AssignPublicIp"], "DISABLED", "{name} {shape}");
                let groups = network["SecurityGroups"].as_array().expect("groups");
                assert_eq!(groups.len(), 1, "{name} {shape}: its own group only");
                let own = groups[0]["Fn::GetAtt"][0] == "SecurityGroup";
                // A part knows it by what the first one tells.
                let told = groups[0]["Ref"] == "Part1SecurityGroupId";
                assert!(own || told, "{name} {shape}: {}", groups[0]);
                assert_eq!(service["PropagateTags"], "SERVICE", "{name} {shape}");
                assert!(service.get("DesiredCount").is_none(), "{name} {shape}");
            }
        }
    }
}

/// What a container may read lies below the path of its tenant, whose end is a slash: no tenant is
/// the beginning of another.
#[test]
fn containers_read_what_is_their_tenants() {
    for (name, made, shapes) in tenant_templates() {
        let base = made.spec.parameter("tenant/");
        for shape in shapes {
            let there = template(&made, &shape);
            let policy = &there["Resources"]["TaskRolePolicy"]["Properties"];
            assert_eq!(policy["RoleName"]["Ref"], "TaskRole");
            let statements = policy["PolicyDocument"]["Statement"].as_array().expect("some");
            assert_eq!(statements.len(), 2, "{name} {shape}");
            for statement in statements {
                for resource in statement["Resource"].as_array().expect("a list") {
                    let parts = resource["Fn::Join"][1].as_array().expect("an ARN");
                    let [.., head, tenant, tail] = parts.as_slice() else { panic!("{resource}") };
                    let kind = head.as_str().and_then(|h| h.strip_suffix(&base)).expect("a path");
                    assert!(matches!(kind, ":secret:" | ":parameter"), "{resource}");
                    assert_eq!(tenant["Ref"], "Tenant", "{name} {shape}");
                    assert_eq!(*tail, "/app/*", "{name} {shape}");
                }
            }
            for definition in of_type(&there, "AWS::ECS::TaskDefinition") {
                let role = &definition["TaskRoleArn"];
                // A part knows it by what the first one tells.
                let own = role["Fn::GetAtt"][0] == "TaskRole" || role["Ref"] == "Part1TaskRoleArn";
                assert!(own, "{name} {shape}: {role}");
                assert_eq!(definition["NetworkMode"], "awsvpc");
            }
        }
    }
}

/// No other parameter of the estate lies where containers read.
#[test]
fn nothing_of_the_estate_lies_where_containers_read() {
    for name in blueprints() {
        let made = synth_blueprint(&name, options()).made.expect("it is sound");
        for shape in made.estate.templates.keys() {
            for parameter in of_type(&template(&made, shape), "AWS::SSM::Parameter") {
                let path = parameter["Name"].to_string();
                assert!(!path.contains("/app/"), "{name} {shape}: {path}");
            }
        }
    }
}

pub fn python(arguments: &[&str]) -> Option<std::process::Output> {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|o| o.status.success());
    if !there {
        eprintln!("SKIPPED: there is no python3");
        return None;
    }
    Some(Command::new("python3").args(arguments).output().expect("python3 runs"))
}

/// The function of figure 12 has tests of its own.
#[test]
fn the_step_is_tested() {
    let test = root().join("tests/python/test_step.py");
    let Some(done) = python(&[test.to_str().expect("a path")]) else { return };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn is_archive(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending == "zip")
}

/// CloudFormation takes it whole, so it is short; Terraform takes an archive, which is a sound one
/// beside the module or, inline, beside the root.
#[test]
fn the_function_is_the_same_for_both_engines() {
    const INLINE_MOST: usize = 4096;
    let code = include_str!("../../src/model/container/step.py");
    assert!(code.len() < INLINE_MOST);
    for inline in [false, true] {
        let options = Options { inline, ..options() };
        let made = synth_blueprint("container-ec2.yaml", options).made.expect("it is sound");
        let rendered = made.render();
        let mut files = rendered.shared();
        files.extend(rendered.stacks().iter().flat_map(|stack| rendered.stack(stack)));
        let archives: Vec<_> = files.iter().filter(|f| is_archive(&f.path)).collect();
        assert_eq!(archives.len(), if inline { 2 } else { 1 });
        for archive in archives {
            let (folder, name) = archive.path.rsplit_once('/').expect("a path");
            let module = format!("{folder}/main.tf.json");
            let module = files.iter().find(|f| f.path == module).expect("it stands beside");
            assert!(module.text.contains(&format!("${{path.module}}/{name}")));
            let place = tempfile::tempdir().expect("a folder");
            let path = place.path().join(name);
            std::fs::write(&path, &archive.text).expect("it is written");
            let read = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('index.py').decode(), end='')";
            let Some(done) = python(&["-c", read, path.to_str().expect("a path")]) else { return };
            let inside = String::from_utf8(done.stdout).expect("UTF-8");
            let tail = inside.strip_prefix(code).expect("the same code");
            assert!(tail.trim_end().chars().all(|c| c == '#'), "{tail}");
        }
    }
}
