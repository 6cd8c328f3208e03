//! Where the logs of applications go as they come: to a destination of `CloudWatch` Logs, which
//! says itself who may send, or to a stream of the account, which a role writes to.

use crate::component::{role, wire};
use crate::resource::iam::{Role, document};
use crate::resource::ssm::Parameter;
use crate::resource::watch::LogStream;
use crate::spec::Spec;
use crate::template::{Estate, ParamKind, Template, Values};
use crate::value::{Id, Value, arn, map};

/// The parameter with the ARN of where logs go.
const TO: &str = "LogStreamTo";

/// What that is, for people.
const ABOUT: &str = "Where the logs of applications are sent";

/// Where logs go, if they go anywhere.
fn target(spec: &Spec) -> Option<&str> {
    spec.components.monitoring.as_ref()?.stream_to.as_deref()
}

/// What writes to a stream of the account needs; `None` for a destination, which needs no role.
/// Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions.html>.
fn rights(arn: &str) -> Option<&'static [&'static str]> {
    match arn.split(':').nth(2) {
        Some("kinesis") => Some(&["kinesis:PutRecord"]),
        Some("firehose") => Some(&["firehose:PutRecord", "firehose:PutRecordBatch"]),
        _ => None,
    }
}

/// The path of the ARN of the role.
fn path(spec: &Spec) -> String {
    spec.parameter("monitoring/log-stream-role-arn")
}

/// Adds the role that writes, where one is needed: once in each place, for all that is there.
pub fn add_role(t: &mut Template, spec: &Spec) {
    let Some(arn) = target(spec) else { return };
    let Some(actions) = rights(arn) else { return };
    let about = "Sends the logs of applications to a stream";
    let to = t.param(TO, ABOUT);
    let role: Id<Role> =
        t.add("LogStreamRole", Role { description: about, trust: trust(), managed: Vec::new() });
    role::allow(t, "LogStreamPolicy", &role, vec![role::statement(actions, vec![to])]);
    let parameter =
        Parameter { path: path(spec).into(), description: about, value: role.att("Arn") };
    t.add_after("LogStreamParameter", parameter, &[&"LogStreamPolicy".to_owned()]);
}

/// Gives the stack with the role the value that it wants.
pub fn fill(values: &mut Values, t: &Template, spec: &Spec) {
    if let Some(arn) = target(spec).filter(|_| t.param_index(TO).is_some()) {
        values.set(TO, arn);
    }
}

/// Only `CloudWatch` Logs, and only for log groups of this account and region. Source:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>.
fn trust() -> Value {
    let groups = arn("logs", "*");
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "logs.amazonaws.com")])),
        ("Action", "sts:AssumeRole".into()),
        ("Condition", map([("StringLike", map([("aws:SourceArn", groups)]))])),
    ])])
}

/// Sends each of these logs of a template; `place` gives the key of the stack with the role.
pub fn send(
    spec: &Spec,
    estate: &mut Estate,
    shape: &str,
    logs: &[String],
    place: impl Fn(&str, &str) -> String,
) {
    let Some(arn) = target(spec).filter(|_| !logs.is_empty()) else { return };
    let role = rights(arn).map(|_| {
        let kind = ParamKind::Imported("String");
        let about = "The role that sends logs to a stream";
        wire::feed(estate, shape, ("LogStreamRoleArn", kind, about), |stack| {
            (path(spec), Some(place(&stack.account, &stack.region)))
        })
    });
    let to = wire::feed(estate, shape, (TO, ParamKind::Text, ABOUT), |_| (arn.to_owned(), None));
    let template = estate.templates.get_mut(shape).expect("the shape is there");
    for log in logs {
        let word = log.strip_suffix("LogGroup").unwrap_or(log);
        let stream = LogStream { log: Id::resource(log), to: to.clone(), role: role.clone() };
        template.add(format!("{word}LogStream"), stream);
    }
}
