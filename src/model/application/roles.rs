//! What the application may do by itself, and what it may do for a tenant: next to nothing, and
//! everything of that tenant and nothing of another.

use crate::blueprint::shape::DataPartition;
use crate::resource::database::Cluster;
use crate::resource::dynamodb::Table;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::queue::Queue;
use crate::spec::Spec;
use crate::template::{NAME, Template};
use crate::value::Pseudo::Account;
use crate::value::{Id, Value, arn, join, map, param};

/// The session tag that says for whom the application works.
pub const TAG: &str = "TenantId";

/// The tenant of a session.
const TENANT: &str = "${aws:PrincipalTag/TenantId}";

/// The operations on items. `Scan` is not among them: `dynamodb:LeadingKeys` does not bound it.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>.
const ITEMS: [&str; 8] = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
];

fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

fn allow(id: &str, actions: &[&str], resource: Value) -> Vec<(String, Value)> {
    [
        ("Sid", id.into()),
        ("Effect", "Allow".into()),
        ("Action", texts(actions)),
        ("Resource", resource),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

/// The role of the application. `service` is what runs it, as in the name of its principal.
pub fn app_role(t: &mut Template, service: &'static str) -> Id<Role> {
    let mut trust = vec![
        ("Effect".to_owned(), Value::from("Allow")),
        ("Principal".to_owned(), map([("Service", format!("{service}.amazonaws.com"))])),
        ("Action".to_owned(), "sts:AssumeRole".into()),
    ];
    if service != "ec2" {
        // EC2 says no source when it takes a role; ECS does. Source:
        // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html.
        let own = map([("StringEquals", map([("aws:SourceAccount", Value::from(Account))]))]);
        trust.push(("Condition".to_owned(), own));
    }
    let description = "The application of the pool, for no tenant in particular";
    t.add(
        "AppRole",
        Role { description, trust: document(vec![Value::Map(trust)]), managed: Vec::new() },
    )
}

/// What the application may do for no tenant in particular: learn who its tenants are, work off its
/// queue, and take the role by which it works for one of them. It reaches no data by itself.
pub fn app_policy(
    t: &mut Template,
    spec: &Spec,
    app: &Id<Role>,
    catalogue: &Id<Table>,
    queue: &Id<Queue>,
) {
    let parameters =
        join([format!("parameter{}", spec.parameter("cell/")).into(), param("Cell"), "/*".into()]);
    let read = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];
    let work = [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ];
    let find = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"];
    let statements = [
        allow("Catalogue", &read, catalogue.att("Arn")),
        allow("Queue", &work, queue.att("Arn")),
        allow("Parameters", &find, arn("ssm", parameters)),
    ];
    let policy = document(statements.map(Value::Map).into());
    t.add(
        "AppRolePolicy",
        RolePolicy { role: app.clone(), name: "application".to_owned(), document: policy },
    );
}

/// Lets the application take the role of its data, and say for which tenant.
pub fn enter(t: &mut Template, app: &Id<Role>, data: &Id<Role>) {
    let take = allow("ActForTenant", &["sts:AssumeRole", "sts:TagSession"], data.att("Arn"));
    let policy = document(vec![Value::Map(take)]);
    t.add(
        "EnterPolicy",
        RolePolicy { role: app.clone(), name: "act-for-tenant".to_owned(), document: policy },
    );
}

/// Only the application, and only when it says for which tenant and nothing else but `more`: tags
/// and the patterns that they must have. A tenant's id holds no wildcard, which a pattern of names
/// would take for many tenants.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>.
pub fn trust(app: Value, more: &[(&str, &[&str])]) -> Value {
    let key = |tag: &str| format!("aws:RequestTag/{tag}");
    let tags: Vec<(&str, &[&str])> =
        [(TAG, ["?*"].as_slice())].iter().chain(more).copied().collect();
    let there = tags.iter().map(|(tag, like)| (key(tag), texts(like))).collect();
    let plain = tags.iter().map(|(tag, _)| (key(tag), texts(&["*${*}*", "*${?}*"]))).collect();
    let names: Vec<&str> = tags.iter().map(|(tag, _)| *tag).collect();
    let condition = map([
        ("StringLike", Value::Map(there)),
        ("StringNotLike", Value::Map(plain)),
        ("ForAllValues:StringEquals", map([("aws:TagKeys", texts(&names))])),
    ]);
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("AWS", app)])),
        ("Action", texts(&["sts:AssumeRole", "sts:TagSession"])),
        ("Condition", condition),
    ])])
}

/// The session tag that names the tenant's user of the database.
const USER_TAG: &str = "DatabaseUser";

/// The role by which the application logs in as a tenant: no password is kept anywhere. Source:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html>.
pub fn login_role(t: &mut Template, app: Value, cluster: &Id<Cluster>) -> Id<Role> {
    let description = "The application of the pool, for the tenant of the session";
    // The users of tenants begin so, and the administrator does not.
    let trust = trust(app, &[(USER_TAG, &["t_*", "tx_*"])]);
    let role = t.add("DataRole", Role { description, trust, managed: Vec::new() });
    let user = join([
        "dbuser:".into(),
        cluster.att("DBClusterResourceId"),
        format!("/${{aws:PrincipalTag/{USER_TAG}}}").into(),
    ]);
    let login = allow("LogInAsTenant", &["rds-db:connect"], arn("rds-db", user));
    let document = document(vec![Value::Map(login)]);
    t.add("DataRolePolicy", RolePolicy { role: role.clone(), name: "tenant".to_owned(), document });
    role
}

/// The role by which the application works for a tenant on `DynamoDB`.
pub fn data_role(
    t: &mut Template,
    app: &Id<Role>,
    partition: DataPartition,
    tables: &[Id<Table>],
) -> Id<Role> {
    let description = "The application of the pool, for the tenant of the session";
    let role = t.add(
        "DataRole",
        Role { description, trust: trust(app.att("Arn"), &[]), managed: Vec::new() },
    );
    let all = tables.iter().map(|table| table.att("Arn")).collect();
    let policy = document(vec![of_tenant(partition, all, param(NAME))]);
    t.add(
        "DataRolePolicy",
        RolePolicy { role: role.clone(), name: "tenant".to_owned(), document: policy },
    );
    role
}

/// What a session may do on `DynamoDB` for the tenant that it is tagged with. `shared` are the
/// tables in which each tenant has its items, and `pool` begins the names of tables of its own.
pub fn of_tenant(partition: DataPartition, shared: Vec<Value>, pool: Value) -> Value {
    if partition == DataPartition::Table {
        // Ids hold no dot, so the names of no two tenants' tables begin alike.
        let own = join(["table/".into(), pool, format!(".{TENANT}.*").into()]);
        return Value::Map(allow("TablesOfTenant", &ITEMS, arn("dynamodb", own)));
    }
    let mut own = allow("ItemsOfTenant", &ITEMS, Value::List(shared));
    // The second line is for requests that say no key: the first is true of them, too.
    let condition = map([
        ("ForAllValues:StringEquals", map([("dynamodb:LeadingKeys", texts(&[TENANT]))])),
        ("Null", map([("dynamodb:LeadingKeys", "false")])),
    ]);
    own.push(("Condition".to_owned(), condition));
    Value::Map(own)
}
