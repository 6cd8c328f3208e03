//! Who may ask, and only for the tenant of the session: one role for all tenants, which nobody takes
//! without saying for which. What it may read is bound by S3, since Athena reads with the rights of
//! who asks. Source: <https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html>.

use super::{Lake, TABLE, TENANT};
use crate::model::application::roles::TAG;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::s3::Bucket;
use crate::template::Template;
use crate::value::{Id, Value, arn, join, map};

/// What no tenant's id holds: `*` and `?` would be taken for many tenants, and a slash would lead
/// from a tenant's prefix to a part of another's. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.
const FOUL: [&str; 3] = ["*${*}*", "*${?}*", "*/*"];

fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

/// The prefix of the tenant of the session, in every bucket.
fn own() -> String {
    format!("{TENANT}${{aws:PrincipalTag/{TAG}}}/*")
}

/// Adds the role. Where people come from notebooks, their sessions keep the names of the people.
pub fn add(t: &mut Template, lake: &Lake, takers: Vec<Value>, named: bool) -> Id<Role> {
    let description = "Asks the lake for the tenant of the session, and for no other";
    let role = Role { description, trust: trust(takers, named), managed: Vec::new() };
    let role = t.add("TenantRole", role);
    let mut statements = files(lake);
    statements.push(bound("Ask", &ASK, vec![group(lake)], None));
    let tables = vec![
        arn("glue", "catalog"),
        arn("glue", format!("database/{}", lake.database)),
        arn("glue", format!("table/{}/{TABLE}", lake.database)),
    ];
    let know = ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"];
    statements.push(bound("KnowTables", &know, tables, None));
    let policy = RolePolicy {
        role: role.clone(),
        name: "tenant".to_owned(),
        document: document(statements),
    };
    t.add("TenantRolePolicy", policy);
    role
}

/// What asking takes. To list what others asked is not among it.
const ASK: [&str; 6] = [
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
];

fn group(lake: &Lake) -> Value {
    arn("athena", format!("workgroup/{}", lake.group))
}

/// Records are read, results are written, both below the tenant's own prefix.
fn files(lake: &Lake) -> Vec<Value> {
    let below = |bucket: &Id<Bucket>| vec![join([bucket.att("Arn"), format!("/{}", own()).into()])];
    let write =
        ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"];
    let buckets = || vec![lake.records.att("Arn"), lake.results.att("Arn")];
    let listed = ("StringLike", map([("s3:prefix", texts(&[&own()]))]));
    vec![
        bound("ReadRecords", &["s3:GetObject"], below(&lake.records), None),
        bound("KeepResults", &write, below(&lake.results), None),
        bound("List", &["s3:ListBucket"], buckets(), Some(listed)),
        bound("Locate", &["s3:GetBucketLocation"], buckets(), None),
    ]
}

/// A statement that allows something to a session that says for which tenant, in plain letters.
fn bound(id: &str, actions: &[&str], resources: Vec<Value>, more: Option<(&str, Value)>) -> Value {
    let key = format!("aws:PrincipalTag/{TAG}");
    let mut condition = vec![
        ("Null".to_owned(), map([(&*key, "false")])),
        ("StringNotLike".to_owned(), map([(&*key, texts(&FOUL))])),
    ];
    condition.extend(more.map(|(operator, value)| (operator.to_owned(), value)));
    map([
        ("Sid", id.into()),
        ("Effect", "Allow".into()),
        ("Action", texts(actions)),
        ("Resource", Value::List(resources)),
        ("Condition", Value::Map(condition)),
    ])
}

/// Only who is named, and only when it says for which tenant and nothing else. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>. A session that has the name
/// of a person keeps it, and can be taken on only where that is allowed. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>.
fn trust(takers: Vec<Value>, named: bool) -> Value {
    let key = format!("aws:RequestTag/{TAG}");
    let condition = map([
        ("StringLike", map([(&*key, texts(&["?*"]))])),
        ("StringNotLike", map([(&*key, texts(&FOUL))])),
        ("ForAllValues:StringEquals", map([("aws:TagKeys", texts(&[TAG]))])),
    ]);
    let mut actions = vec!["sts:AssumeRole", "sts:TagSession"];
    actions.extend(named.then_some("sts:SetSourceIdentity"));
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("AWS", Value::List(takers))])),
        ("Action", texts(&actions)),
        ("Condition", condition),
    ])])
}
