//! What containers may do, and what those may do who start them: each its own and no more.

use std::collections::BTreeSet;

use crate::resource::iam::{Role, RolePolicy, document};
use crate::spec::{Spec, Tier};
use crate::template::Template;
use crate::value::{Id, Pseudo, Value, arn, join, map, param};

/// The path below which a tenant has its own secrets and parameters. It ends with a slash, so that
/// tenant `a` is not the beginning of tenant `ab`, and nothing else of the estate lies below it.
pub fn path(spec: &Spec, tail: &str) -> Value {
    join([spec.parameter("tenant/").into(), param("Tenant"), format!("/app/{tail}").into()])
}

/// A statement that allows something.
pub fn allow(actions: &[&str], resources: Vec<Value>) -> Vec<(String, Value)> {
    let Value::Map(pairs) = map([
        ("Effect", Value::from("Allow")),
        ("Action", Value::List(actions.iter().map(|action| Value::from(*action)).collect())),
        ("Resource", Value::List(resources)),
    ]) else {
        unreachable!("map makes a map")
    };
    pairs
}

/// Tasks of this account only. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>.
fn trust() -> Value {
    let condition = map([
        ("StringEquals", map([("aws:SourceAccount", Value::from(Pseudo::Account))])),
        ("ArnLike", map([("aws:SourceArn", arn("ecs", "*"))])),
    ]);
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "ecs-tasks.amazonaws.com")])),
        ("Action", "sts:AssumeRole".into()),
        ("Condition", condition),
    ])])
}

/// Adds the role that starts the tasks of a cell; its ARN. It is Amazon ECS that takes it, never
/// what runs in a container.
pub fn execution(t: &mut Template, spec: &Spec, tier: &Tier) -> Value {
    let description =
        "Starts tasks: pulls images, opens logs, reads the secrets of a tenant for it";
    let role = t.add("ExecutionRole", Role { description, trust: trust(), managed: Vec::new() });
    let mut statements = Vec::new();
    let images = repositories(tier);
    if !images.is_empty() {
        statements.extend(pull_from(images));
    }
    let logs = arn("logs", format!("log-group:{}*", log_prefix(spec)));
    let write = ["logs:CreateLogStream", "logs:PutLogEvents"];
    statements.push(Value::Map(allow(&write, vec![logs])));
    if tier.services.values().any(|service| !service.secrets.is_empty()) {
        let secrets = format!("secret:{}*", spec.parameter("tenant/"));
        let secrets = vec![arn("secretsmanager", secrets)];
        let mut read = allow(&["secretsmanager:GetSecretValue"], secrets);
        let tags = map([
            ("aws:ResourceTag/Estate", Value::from(&spec.name)),
            ("aws:ResourceTag/Environment", Value::from(&spec.environment)),
            ("aws:ResourceTag/Tier", Value::from(&tier.id)),
        ]);
        read.push(("Condition".to_owned(), map([("StringEquals", tags)])));
        statements.push(Value::Map(read));
    }
    let document = document(statements);
    t.add(
        "ExecutionRolePolicy",
        RolePolicy { role: role.clone(), name: "start-tasks".to_owned(), document },
    );
    role.att("Arn")
}

/// What the names of the estate's log groups begin with: both engines begin them with the name of
/// the stack.
pub fn log_prefix(spec: &Spec) -> String {
    const TENANT: char = '\u{1}';
    let name = spec.naming.render(&spec.name, &spec.environment, &TENANT.to_string());
    name.split(TENANT).next().unwrap_or_default().to_owned()
}

/// The ARNs of the repositories that images come from, of those that are in Amazon ECR. Others are
/// public, and need no permission.
fn repositories(tier: &Tier) -> Vec<Value> {
    let images = tier.services.values().map(|service| service.image.as_str());
    let found: BTreeSet<String> = images.filter_map(repository).collect();
    found.into_iter().map(repository_arn).collect()
}

/// The repository of an image that is in Amazon ECR, as the end of its ARN.
fn repository(image: &str) -> Option<String> {
    let (host, image) = image.split_once('/')?;
    let (account, rest) = host.split_once(".dkr.ecr.")?;
    let region = rest.split('.').next()?;
    let name = image.split(['@', ':']).next()?;
    Some(format!("{region}:{account}:repository/{name}"))
}

fn repository_arn(rest: impl AsRef<str>) -> Value {
    let rest = format!(":ecr:{}", rest.as_ref());
    join(["arn:".into(), Pseudo::Partition.into(), rest.into()])
}

/// What lets a role pull an image, if the image is in Amazon ECR.
pub fn pull(image: &str) -> Vec<Value> {
    let Some(repository) = repository(image) else { return Vec::new() };
    pull_from(vec![repository_arn(repository)])
}

fn pull_from(repositories: Vec<Value>) -> Vec<Value> {
    let token = allow(&["ecr:GetAuthorizationToken"], vec!["*".into()]);
    let pull =
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    vec![Value::Map(token), Value::Map(allow(&pull, repositories))]
}

/// Adds the role of what a tenant's containers do: reads what is the tenant's own.
pub fn task(t: &mut Template, spec: &Spec) -> Id<Role> {
    let description = "What the containers of one tenant may do";
    let role = t.add("TaskRole", Role { description, trust: trust(), managed: Vec::new() });
    let secrets = vec![arn("secretsmanager", join(["secret:".into(), path(spec, "*")]))];
    let parameters = vec![arn("ssm", join(["parameter".into(), path(spec, "*")]))];
    let read = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"];
    let statements = vec![
        Value::Map(allow(&["secretsmanager:GetSecretValue"], secrets)),
        Value::Map(allow(&read, parameters)),
    ];
    let document = document(statements);
    t.add(
        "TaskRolePolicy",
        RolePolicy { role: role.clone(), name: "read-own".to_owned(), document },
    );
    role
}
