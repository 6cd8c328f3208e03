//! Roles that AWS services take, for work in this account only.

use crate::resource::iam::{ManagedPolicy, Role, RolePolicy, document};
use crate::resource::lambda;
use crate::template::Template;
use crate::value::{Id, Pseudo, Value, join, map};

/// Adds a role that one AWS service takes. `service` is the beginning of its principal, as in
/// `backup.amazonaws.com`; `policies` are AWS's own, by their names behind `policy/`.
pub fn of_service(
    t: &mut Template,
    id: &str,
    description: &'static str,
    service: &str,
    policies: &[&str],
) -> Id<Role> {
    let managed: Vec<Value> = policies.iter().map(|name| aws_policy(name)).collect();
    let role = Role { description, trust: trust(service), managed: managed.clone() };
    let role = t.add(id, role);
    for (n, policy) in (1..).zip(managed) {
        t.add(format!("{id}Managed{n}"), ManagedPolicy { role: role.clone(), policy });
    }
    role
}

/// Adds a policy of its own to a role.
pub fn allow(t: &mut Template, id: &str, role: &Id<Role>, statements: Vec<Value>) {
    let policy = RolePolicy {
        role: role.clone(),
        name: "component".to_owned(),
        document: document(statements),
    };
    t.add(id, policy);
}

/// A statement that allows actions on resources.
pub fn statement(actions: &[&str], resources: Vec<Value>) -> Value {
    let actions = actions.iter().map(|action| Value::from(*action)).collect();
    map([
        ("Effect", Value::from("Allow")),
        ("Action", Value::List(actions)),
        ("Resource", Value::List(resources)),
    ])
}

/// The ARN of one of AWS's own policies.
fn aws_policy(name: &str) -> Value {
    join(["arn:".into(), Pseudo::Partition.into(), format!(":iam::aws:policy/{name}").into()])
}

/// Only the service, and only for this account. AWS Lambda says no account, and takes roles of that
/// of its function only; Firehose says it as the external id. Sources:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>,
/// <https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html>.
pub fn trust(service: &str) -> Value {
    if service == "lambda" {
        return lambda::trust();
    }
    let said = if service == "firehose" { "sts:ExternalId" } else { "aws:SourceAccount" };
    let own = map([(said, Value::from(Pseudo::Account))]);
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", format!("{service}.amazonaws.com"))])),
        ("Action", "sts:AssumeRole".into()),
        ("Condition", map([("StringEquals", own)])),
    ])])
}
