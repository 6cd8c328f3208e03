//! What goes into the stream: whatever is put on the bus, and nothing else. Roles of tenants put
//! measurements there, each with its own name in the source; a function puts what was launched, stopped
//! and terminated, with the names that the tags of the resource say.

use crate::component::role;
use crate::resource::bus::{EventBus, StreamRule, StreamTarget};
use crate::resource::events::{Rule, RuleTarget, When};
use crate::resource::flow::LogGroup;
use crate::resource::lambda::Function;
use crate::resource::queue::{Queue, QueuePolicy, QueueSource, encrypted_only};
use crate::resource::ssm::Parameter;
use crate::resource::stream::Stream;
use crate::spec::Spec;
use crate::template::Template;
use crate::value::{Id, Value, arn, join, map};

/// The function that says whose a resource is.
const CODE: &str = include_str!("watch.py");

/// Seconds that a message is hidden: six times as long as the function may take. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
const HIDDEN: u32 = 180;

/// Adds the bus, the stream, and the function that watches.
pub fn add(t: &mut Template, spec: &Spec, hours: u32, refused: &Id<Queue>) -> Id<Stream> {
    let description = "What tenants use";
    let bus = t.add("Bus", EventBus { name: super::bus_name(spec).into(), description });
    let stream = t.add_kept("Stream", Stream { name: super::stream_name(spec).into(), hours });
    let about = "Puts what tenants use into the stream";
    let writer = role::of_service(t, "PutRole", about, "events", &[]);
    let put =
        role::statement(&["kinesis:PutRecord", "kinesis:PutRecords"], vec![stream.att("Arn")]);
    role::allow(t, "PutRolePolicy", &writer, vec![put]);
    let writer = writer.att("Arn");
    let kinds = ["usage.", "lifecycle."].map(|kind| map([("prefix", kind)]));
    let rule = StreamRule {
        description: about,
        bus: bus.clone(),
        pattern: map([("source", Value::List(kinds.into()))]),
        stream: stream.clone(),
        role: writer.clone(),
    };
    let rule = t.add_after("PutRule", rule, &[&"PutRolePolicy".to_owned()]);
    let target = StreamTarget { rule, bus: bus.clone(), stream: stream.clone(), role: writer };
    t.add("PutRuleTarget", target);
    let about = "Where measurements of what a tenant uses are put";
    let path = Value::from(spec.parameter("chargeback/bus"));
    t.add("BusParameter", Parameter { path, description: about, value: Value::from(&bus) });
    watch(t, spec, &bus, refused);
    stream
}

/// What a tenant's resources go through. Others are said by the meters of applications, or by what
/// AWS bills. Sources:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html>,
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html>.
fn patterns() -> [(&'static str, &'static str, Value); 2] {
    let pattern = |source: &str, kind: &str, key: &str, states: &[&str]| {
        let list = |texts: &[&str]| Value::List(texts.iter().map(|text| (*text).into()).collect());
        let detail = map([(key, list(states))]);
        map([("source", list(&[source])), ("detail-type", list(&[kind])), ("detail", detail)])
    };
    let instances = pattern(
        "aws.ec2",
        "EC2 Instance State-change Notification",
        "state",
        &["running", "stopped", "terminated"],
    );
    let tasks = pattern("aws.ecs", "ECS Task State Change", "lastStatus", &["RUNNING", "STOPPED"]);
    [
        ("Instances", "Instances that were launched, stopped or terminated", instances),
        ("Tasks", "Tasks that were launched or stopped", tasks),
    ]
}

fn watch(t: &mut Template, spec: &Spec, bus: &Id<EventBus>, refused: &Id<Queue>) {
    let queue = Queue { dead: Some(refused.clone()), hidden: Some(HIDDEN) };
    let queue = t.add_kept("Changes", queue);
    let mut rules = Vec::new();
    for (id, description, pattern) in patterns() {
        let when = When::Event(pattern);
        let rule = Rule { description, when, target: queue.att("Arn"), role: None };
        let rule = t.add(format!("{id}Rule"), rule);
        rules.push(rule.att("Arn"));
        let target = RuleTarget { rule, target: queue.att("Arn"), role: None };
        t.add(format!("{id}RuleTarget"), target);
    }
    let document = with(encrypted_only(&queue), only_rules(&queue, rules));
    t.add("ChangesPolicy", QueuePolicy { queue: queue.clone(), document });
    let function = function(t, spec, &queue, bus);
    t.add("ChangesSource", QueueSource { queue, function });
}

/// A policy document with one more statement.
fn with(mut document: Value, statement: Value) -> Value {
    if let Value::Map(parts) = &mut document
        && let Some((_, Value::List(statements))) = parts.last_mut()
    {
        statements.push(statement);
    }
    document
}

/// Only those rules. Source:
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html>.
fn only_rules(queue: &Id<Queue>, rules: Vec<Value>) -> Value {
    map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "events.amazonaws.com")])),
        ("Action", "sqs:SendMessage".into()),
        ("Resource", queue.att("Arn")),
        ("Condition", map([("ArnEquals", map([("aws:SourceArn", Value::List(rules))]))])),
    ])
}

fn function(t: &mut Template, spec: &Spec, queue: &Id<Queue>, bus: &Id<EventBus>) -> Id<Function> {
    let about = "Says whose a resource is that was launched, stopped or terminated";
    let logs = t.add_kept("WatchLogGroup", LogGroup { days: spec.network.flow_log_days });
    let role = role::of_service(t, "WatchRole", about, "lambda", &[]);
    let work = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    let streams = join([logs.att("Arn"), ":*".into()]);
    let statements = vec![
        role::statement(&work, vec![queue.att("Arn")]),
        // AWS takes nothing narrower for it. Source:
        // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html.
        role::statement(&["ec2:DescribeTags"], vec!["*".into()]),
        role::statement(&["ecs:ListTagsForResource"], vec![arn("ecs", "service/*")]),
        super::grant::put(bus.att("Arn"), ("StringLike", "lifecycle.*".into()), "lifecycle"),
        role::statement(&["logs:CreateLogStream", "logs:PutLogEvents"], vec![streams]),
    ];
    role::allow(t, "WatchRolePolicy", &role, statements);
    let function = Function {
        description: about,
        role,
        code: CODE,
        variables: vec![
            ("BUS".to_owned(), Value::from(bus)),
            ("ENVIRONMENT".to_owned(), Value::from(&spec.environment)),
            ("ESTATE".to_owned(), Value::from(&spec.name)),
        ],
        logs,
        size: None,
    };
    t.add_after("WatchFunction", function, &[&"WatchRolePolicy".to_owned()])
}
