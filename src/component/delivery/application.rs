//! How new versions come to what runs in pools. Instances take them by AWS `CodeDeploy`, some after
//! the others, from a bucket of the place; services of Amazon ECS replace their tasks themselves.
//! Either goes back when the interface of the pool fails those who use it.

use std::collections::BTreeSet;

use serde_json::json;

use crate::blueprint::shape::component::{Applications, Pace};
use crate::component::{bucket, role, wire};
use crate::model::application::edge;
use crate::model::{cell, identity};
use crate::name::fit;
use crate::plan::{Cell, Plan};
use crate::resource::Resource as _;
use crate::resource::autoscaling::{AutoScalingGroup, LaunchTemplate};
use crate::resource::balance::TcpTargetGroup;
use crate::resource::codedeploy::{Application, DeploymentGroup, ReleaseAlarm};
use crate::resource::ecs::Service;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::s3::Keeping;
use crate::resource::ssm::Parameter;
use crate::spec::text::Own;
use crate::spec::{Spec, Tier};
use crate::template::{Entry, Estate, NAME, ParamKind, Stack, Template, Values, Wave};
use crate::value::{Id, Pseudo, Value, arn, block, join};

/// The shape of the template with the bucket, and the beginning of the keys of its stacks.
const SHAPE: &str = "versions";

/// The parameter with the name of the bucket.
const BUCKET: &str = "VersionsBucketName";

/// What the pool publishes: the names of its instances' group, and of their target group.
const GROUP: &str = "app-group-name";
const TARGETS: &str = "app-target-group-name";

/// The most characters of the name of an application. Source:
/// <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateApplication.html>.
const APPLICATION_NAME: usize = 100;

/// How many errors a minute are too many, where nothing else is said.
const ERRORS: u32 = 5;

/// What installs the agent. Source:
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent-operations-install-linux.html>.
static AGENT: Own = Own::new(include_str!("agent.sh.hbs"));

/// Adds to each pool of tasks what stops a new version, and to each of instances a stack that brings
/// it, with a bucket for versions in each place.
pub fn synthesise(spec: &Spec, plan: &Plan, applications: &Applications, estate: &mut Estate) {
    let mut places = BTreeSet::new();
    for tier in spec.tiers.values() {
        for shape in pools(estate, tier) {
            let template = estate.templates.get_mut(&shape).expect("the shape is there");
            if tier.app.is_none() {
                guard(template, applications);
                continue;
            }
            publish(template, spec);
            let about = (BUCKET, ParamKind::Imported("String"), "Where new versions lie");
            let bucket = wire::feed(estate, &shape, about, |stack| {
                let place = (stack.account.as_str(), stack.region.as_str());
                (path(spec), Some(identity::place_key(spec, SHAPE, place)))
            });
            let template = estate.templates.get_mut(&shape).expect("the shape is there");
            fetch(template, tier, bucket);
        }
        for cell in plan.cells.values().filter(|cell| cell.tier == tier.id && tier.app.is_some()) {
            release(spec, applications, (tier, cell), estate);
            places.insert((cell.account.clone(), cell.region.clone()));
        }
    }
    versions(spec, &places, estate);
}

/// The shapes of the pools of a tier in which something runs.
fn pools(estate: &Estate, tier: &Tier) -> Vec<String> {
    let runs = |template: &Template| {
        let kinds = [AutoScalingGroup::TF, Service::TF];
        template
            .entries
            .iter()
            .any(|entry| entry.id.starts_with("App") && kinds.contains(&entry.tf))
    };
    let prefix = format!("cell-{}", tier.id);
    let own = estate.stacks.iter().filter(|stack| stack.tier.as_ref() == Some(&tier.id));
    let mut shapes: Vec<String> = own.map(|stack| stack.shape.clone()).collect();
    shapes.retain(|shape| shape.starts_with(&prefix) && runs(&estate.templates[shape]));
    shapes.sort_unstable();
    shapes.dedup();
    shapes
}

/// Whether a stack holds the bucket: it stands where pools of instances are.
pub fn is_bucket(stack: &Stack) -> bool {
    stack.shape == SHAPE
}

/// The path of the name of the bucket.
fn path(spec: &Spec) -> String {
    spec.parameter("delivery/versions-bucket")
}

/// Adds the alarm that stops a new version, on the interface of that name.
fn alarm(t: &mut Template, applications: &Applications, api: Value) -> Id<ReleaseAlarm> {
    let errors = applications.errors.unwrap_or(ERRORS);
    t.add("ReleaseAlarm", ReleaseAlarm { api, stage: edge::STAGE, errors })
}

/// A deployment of tasks that rings the alarm goes back, as one does whose tasks do not start.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html>.
fn guard(t: &mut Template, applications: &Applications) {
    let api = t.entry("Api").body.get("Name").expect("an interface has a name").clone();
    let alarm = alarm(t, applications, api);
    let alarms = block([
        ("AlarmNames", Value::List(vec![Value::from(&alarm)])),
        ("Enable", true.into()),
        ("Rollback", true.into()),
    ]);
    let service = t.entries.iter_mut().find(|entry| entry.tf == Service::TF);
    let body = &mut service.expect("it runs tasks").body;
    let how = body.properties.iter_mut().find(|(name, _)| *name == "DeploymentConfiguration");
    let Some((_, Value::Block(how))) = how else { unreachable!("a service says how") };
    how.push(("Alarms", alarms));
    // It refers to the alarm, so it comes behind it, and with it what refers to the service.
    let scaled = |entry: &Entry| entry.tf.starts_with("aws_appautoscaling_");
    let (late, early): (Vec<Entry>, Vec<Entry>) =
        t.entries.drain(..).partition(|entry| entry.tf == Service::TF || scaled(entry));
    t.entries.extend(early.into_iter().chain(late));
}

/// What the stack beside a pool of instances reads of it; instances start with the agent.
fn publish(t: &mut Template, spec: &Spec) {
    let group = Value::from(&Id::<AutoScalingGroup>::resource("AppGroup"));
    cell::publish(t, spec, GROUP, "The instances of the application", group);
    let targets = Id::<TcpTargetGroup>::resource("TargetGroup").att("TargetGroupName");
    cell::publish(t, spec, TARGETS, "Where the application is reached", targets);
    let launch = t.entries.iter_mut().find(|entry| entry.tf == LaunchTemplate::TF);
    start_with_agent(launch.expect("instances have a launch template"));
}

/// The stack that brings new versions to the instances of a pool. It is one of its own, as that of
/// the pool is large.
fn release(
    spec: &Spec,
    applications: &Applications,
    (tier, cell): (&Tier, &Cell),
    estate: &mut Estate,
) {
    let shape = format!("release-{}", tier.id);
    let template = estate
        .templates
        .entry(shape)
        .or_insert_with_key(|shape| bringer(shape, spec, applications, tier));
    let (mut stack, mut values) = cell::part(spec, cell, tier, Wave::Data, "release");
    let pool = spec.naming.render(&spec.name, &spec.environment, &cell::key(&cell.id));
    values.set("ApplicationName", fit(&pool, APPLICATION_NAME));
    values.set("Pool", pool);
    values.set("GroupName", cell::path(spec, &cell.id, GROUP));
    values.set("TargetGroupName", cell::path(spec, &cell.id, TARGETS));
    stack.depends_on.push(cell::key(&cell.id));
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    estate.stacks.push(stack);
}

fn bringer(shape: &str, spec: &Spec, applications: &Applications, tier: &Tier) -> Template {
    let about = format!("What brings new versions to a pool of tier {}.", tier.id);
    let mut t = Template::new(shape, about);
    let cell = t.param("Cell", "The id of the pool");
    t.tags.push(("Cell".to_owned(), cell));
    identity::tag_shared(&mut t, spec, Some(tier));
    let pool = t.param("Pool", "The name of the stack of the pool");
    let name = t.param("ApplicationName", "The name of the application");
    let instances = t.imported("GroupName", "String", "The instances of the application");
    let targets = t.imported("TargetGroupName", "String", "Where the application is reached");
    let about = "Brings new versions to the instances of the pool";
    let role = role::of_service(&mut t, "ReleaseRole", about, "codedeploy", &[]);
    role::allow(&mut t, "ReleaseRolePolicy", &role, rights(&instances, &targets));
    let alarm = alarm(&mut t, applications, join([pool, "-api".into()]));
    let application = t.add("Application", Application { name: name.clone() });
    let pace = match applications.pace {
        Pace::One => "CodeDeployDefault.OneAtATime",
        Pace::Half => "CodeDeployDefault.HalfAtATime",
    };
    let group = DeploymentGroup { application, role, pace, instances, targets, alarm };
    let waits = "ReleaseRolePolicy".to_owned();
    t.add_after("ApplicationGroup", group, &[&waits]);
    t.output("Application", "The application of CodeDeploy", name);
    t
}

/// Of what AWS's own policy allows, what a deployment in place takes, on the instances of the pool
/// only. Sources:
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRole.html>,
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/security_confused_deputy.html>.
fn rights(instances: &Value, targets: &Value) -> Vec<Value> {
    let look = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeLifecycleHooks",
        "cloudwatch:DescribeAlarms",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "tag:GetResources",
    ];
    let hold = [
        "autoscaling:CompleteLifecycleAction",
        "autoscaling:DeleteLifecycleHook",
        "autoscaling:PutLifecycleHook",
        "autoscaling:RecordLifecycleActionHeartbeat",
    ];
    let shift = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"];
    let group = join(["autoScalingGroup:*:autoScalingGroupName/".into(), instances.clone()]);
    let group = arn("autoscaling", group);
    let targets = join(["targetgroup/".into(), targets.clone(), "/*".into()]);
    let targets = arn("elasticloadbalancing", targets);
    vec![
        role::statement(&look, vec!["*".into()]),
        role::statement(&hold, vec![group]),
        role::statement(&shift, vec![targets]),
    ]
}

/// Lets instances fetch versions of their tier, and of no other.
fn fetch(t: &mut Template, tier: &Tier, bucket: Value) {
    let below = join([
        "arn:".into(),
        Pseudo::Partition.into(),
        ":s3:::".into(),
        bucket,
        format!("/{}/*", tier.id).into(),
    ]);
    let read = role::statement(&["s3:GetObject", "s3:GetObjectVersion"], vec![below]);
    let policy = RolePolicy {
        role: Id::<Role>::resource("AppRole"),
        name: "fetch-versions".to_owned(),
        document: document(vec![read]),
    };
    t.add("FetchVersionsPolicy", policy);
}

/// Instances install the agent before they do what the blueprint says. Two scripts are one message
/// of several parts. Source: <https://cloudinit.readthedocs.io/en/latest/explanation/format.html>.
fn start_with_agent(launch: &mut Entry) {
    let data = launch.body.properties.iter_mut().find(|(name, _)| *name == "LaunchTemplateData");
    let Some((_, Value::Block(data))) = data else { unreachable!("a launch template has data") };
    let own = data.iter().position(|(name, _)| *name == "UserData").map(|at| data.remove(at).1);
    let agent = agent();
    let text = match own {
        Some(Value::Base64(own)) => join([
            part("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"tenantry\"\n\n"),
            agent,
            part("\n"),
            *own,
            "\n--tenantry--\n".into(),
        ]),
        _ => agent,
    };
    data.push(("UserData", Value::Base64(Box::new(text))));
}

/// The beginning of a part; what it is, its first line says.
fn part(before: &str) -> Value {
    let head =
        "--tenantry\nContent-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: 8bit";
    format!("{before}{head}\n\n").into()
}

/// The script for a region.
pub fn agent_in(region: &str, suffix: &str) -> String {
    AGENT.render(&json!({"region": region, "suffix": suffix}))
}

/// The script, for the region that only the deployment knows.
fn agent() -> Value {
    const MARKS: [char; 2] = ['\u{1}', '\u{2}'];
    let text = agent_in("\u{1}", "\u{2}");
    let mut parts = Vec::new();
    for piece in text.split_inclusive(MARKS) {
        parts.push(Value::from(piece.trim_end_matches(MARKS)));
        parts.extend(piece.ends_with(MARKS[0]).then(|| Pseudo::Region.into()));
        parts.extend(piece.ends_with(MARKS[1]).then(|| Pseudo::UrlSuffix.into()));
    }
    Value::Join(parts)
}

/// One stack with the bucket in each place.
fn versions(spec: &Spec, places: &BTreeSet<(String, String)>, estate: &mut Estate) {
    if places.is_empty() {
        return;
    }
    let about = "Where new versions of applications lie.";
    let mut t = Template::new(SHAPE, about);
    identity::tag_shared(&mut t, spec, None);
    let bucket = bucket::add(&mut t, "Versions", Keeping::default(), |_| Vec::new());
    let parameter = Parameter {
        path: path(spec).into(),
        description: "Where new versions of applications lie, below the id of their tier",
        value: Value::from(&bucket),
    };
    t.add("VersionsParameter", parameter);
    t.output("Bucket", "Where to put new versions, below the id of their tier", &bucket);
    for (account, region) in places {
        let key = identity::place_key(spec, SHAPE, (account, region));
        let mut stack = identity::shared_stack(spec, Wave::Common, key, (account, region), None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        stack.values = values.order(&t);
        SHAPE.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
    }
    estate.templates.insert(SHAPE.to_owned(), t);
}
