//! What the pipeline may do, and what its commands may do: the check reads and writes artifacts and
//! nothing else; the deployment takes the roles that the scripts take, and makes in its own account
//! what the stacks there hold.

use std::collections::BTreeSet;

use super::named;
use crate::blueprint::shape::component::Delivery;
use crate::component::{bucket, role};
use crate::model::container::role::pull;
use crate::resource::flow::LogGroup;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::s3::Bucket;
use crate::spec::Spec;
use crate::template::{Estate, Template};
use crate::value::{Id, Pseudo, Value, join, map, param};

/// Adds the role of the pipeline. Source of what it needs:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html>.
pub fn pipeline(
    t: &mut Template,
    delivery: &Delivery,
    artifacts: &Id<Bucket>,
    builds: [Value; 2],
) -> Id<Role> {
    let about = "Takes a change through the stages of the pipeline";
    let role = role::of_service(t, "PipelineRole", about, "codepipeline", &[]);
    let mut statements = vec![
        objects(artifacts),
        role::statement(&["s3:GetBucketVersioning"], vec![artifacts.att("Arn")]),
        role::statement(&["codebuild:BatchGetBuilds", "codebuild:StartBuild"], builds.into()),
    ];
    if let Some(connection) = &delivery.connection {
        let service = connection.arn.split(':').nth(2).expect("an ARN names its service");
        let action = format!("{service}:UseConnection");
        statements.push(role::statement(&[&action], vec![param(super::CONNECTION)]));
    }
    if delivery.connection.is_none() {
        let actions = [
            "codecommit:CancelUploadArchive",
            "codecommit:GetBranch",
            "codecommit:GetCommit",
            "codecommit:GetRepository",
            "codecommit:GetUploadArchiveStatus",
            "codecommit:UploadArchive",
        ];
        statements.push(role::statement(&actions, vec![named("codecommit", "", "")]));
    }
    role::allow(t, "PipelineRolePolicy", &role, statements);
    role
}

/// Adds a role of commands, which may read and write artifacts and pull their image.
pub fn build(
    t: &mut Template,
    id: &str,
    about: &'static str,
    artifacts: &Id<Bucket>,
    image: &str,
) -> Id<Role> {
    let role = role::of_service(t, id, about, "codebuild", &[]);
    let mut statements = vec![objects(artifacts)];
    statements.extend(pull(image));
    role::allow(t, &format!("{id}Policy"), &role, statements);
    role
}

/// Lets commands write their log.
pub fn log(t: &mut Template, word: &str, role: &Id<Role>, logs: &Id<LogGroup>) {
    let streams = join([logs.att("Arn"), ":*".into()]);
    let write = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let document = document(vec![role::statement(&write, vec![logs.att("Arn"), streams])]);
    let policy = RolePolicy { role: role.clone(), name: "log".to_owned(), document };
    t.add(format!("{word}LogPolicy"), policy);
}

fn objects(artifacts: &Id<Bucket>) -> Value {
    let actions = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"];
    role::statement(&actions, vec![bucket::objects(artifacts, "".into())])
}

/// Lets the commands deploy: they take the roles that the scripts take in other accounts, and in
/// their own they make what stacks are made of. Whoever can change the branch and agree can
/// therefore do what a deployment can; that is what the approval is for.
pub fn deploy(
    t: &mut Template,
    (spec, delivery): (&Spec, &Delivery),
    estate: &Estate,
    role: &Id<Role>,
) {
    let arn = |account: &str, name: String| {
        join([
            "arn:".into(),
            Pseudo::Partition.into(),
            format!(":iam::{account}:role/{name}").into(),
        ])
    };
    // The roles of tenants' accounts have one name, so this does not grow with them.
    let mut roles: Vec<Value> = vec![arn("*", spec.role_name("deployer"))];
    // Where stacks stand that the scripts enter by that role: those of tenants have another.
    let entered = estate.stacks.iter().flat_map(|stack| {
        let own = stack.access.as_ref().map(|access| (stack.account.as_str(), access));
        let foreign = stack.foreign.iter().filter_map(|(account, access)| {
            access.as_ref().map(|access| (account.as_str(), access))
        });
        own.into_iter().chain(foreign)
    });
    let accounts: BTreeSet<&str> = entered
        .filter(|(_, access)| access.external_id.is_none())
        .map(|(account, _)| account)
        .collect();
    roles.extend(accounts.into_iter().map(|account| arn(account, spec.deploy.role.clone())));
    let mut statements = vec![role::statement(&["sts:AssumeRole"], roles)];
    statements.extend(own_roles(spec, delivery, estate));
    let document = document(statements);
    t.add("DeployPolicy", RolePolicy { role: role.clone(), name: "deploy".to_owned(), document });
    let power =
        ["arn:".into(), Pseudo::Partition.into(), ":iam::aws:policy/PowerUserAccess".into()];
    let entry = t.entries.iter_mut().find(|entry| Some(&entry.id) == role.logical());
    let body = &mut entry.expect("it was just added").body;
    let power = join(power);
    body.properties.push(("ManagedPolicyArns", Value::List(vec![power.clone()])));
    let policy = crate::resource::iam::ManagedPolicy { role: role.clone(), policy: power };
    t.add("DeployRoleManaged1", policy);
}

/// Roles that are called as those of the estate are and carry its tags, and no others: without the
/// names, any role could be given the tags first. Passing a role cannot be bound by its tags, so it is
/// bound by the services that roles of the estate are for. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html>.
fn own_roles(spec: &Spec, delivery: &Delivery, estate: &Estate) -> Vec<Value> {
    let own = |path: &str| {
        join([
            "arn:".into(),
            Pseudo::Partition.into(),
            ":iam::".into(),
            Pseudo::Account.into(),
            format!(":{path}").into(),
        ])
    };
    let ours = |key: &str| {
        map([
            (&*format!("aws:{key}/Estate"), Value::from(&spec.name)),
            (&*format!("aws:{key}/Environment"), Value::from(&spec.environment)),
        ])
    };
    let [roles, held] = named::patterns(spec, delivery, estate);
    let all = |kind: &str, names: &[String]| -> Vec<Value> {
        names.iter().map(|name| own(&format!("{kind}/{name}"))).collect()
    };
    let bound = |actions: &[&str], condition: Value| {
        let Value::Map(mut statement) = role::statement(actions, all("role", &roles)) else {
            unreachable!("a statement is an object")
        };
        statement.push(("Condition".to_owned(), condition));
        Value::Map(statement)
    };
    let change = [
        "iam:AttachRolePolicy",
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
    ];
    let profiles = [
        "iam:AddRoleToInstanceProfile",
        "iam:CreateInstanceProfile",
        "iam:DeleteInstanceProfile",
        "iam:RemoveRoleFromInstanceProfile",
    ];
    let services = Value::List(services(estate).into_iter().map(Value::from).collect());
    let to = map([("StringEquals", map([("iam:PassedToService", services)]))]);
    vec![
        role::statement(&["iam:Get*", "iam:List*"], vec!["*".into()]),
        // A role that is made has no tags yet; one that has those of somebody else is not to get ours.
        bound(
            &["iam:CreateRole", "iam:TagRole"],
            map([
                ("StringEquals", ours("RequestTag")),
                ("StringEqualsIfExists", ours("ResourceTag")),
            ]),
        ),
        bound(&change, map([("StringEquals", ours("ResourceTag"))])),
        bound(&["iam:PassRole"], to),
        role::statement(&profiles, all("instance-profile", &held)),
        role::statement(&["iam:CreateServiceLinkedRole"], vec![own("role/aws-service-role/*")]),
    ]
}

/// The services that roles of the estate trust, those that vouch for users among them.
fn services(estate: &Estate) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for entry in estate.templates.values().flat_map(|t| &t.entries) {
        if let Some(trust) = entry.body.get("AssumeRolePolicyDocument") {
            principals(trust, &mut out);
        }
    }
    // Those of the pipeline itself.
    out.extend(["codebuild", "codepipeline", "events"].map(|s| format!("{s}.amazonaws.com")));
    out
}

fn principals(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Document(inner) => principals(inner, out),
        Value::List(items) => items.iter().for_each(|item| principals(item, out)),
        Value::Map(pairs) => {
            for (key, value) in pairs {
                match value {
                    Value::Text(service) if key == "Service" || key == "Federated" => {
                        out.extend([service.clone()]);
                    }
                    other => principals(other, out),
                }
            }
        }
        _ => {}
    }
}
