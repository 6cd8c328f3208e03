//! The roles that every account of a tenant has, by the same names: AWS deploys them to each new
//! account of the units as a stack set.

use crate::resource::iam::{NamedRole, document};
use crate::spec::Spec;
use crate::template::Template;
use crate::value::{Pseudo, Value, join, map};

/// The template that the stack set carries.
pub fn template(spec: &Spec) -> Template {
    let mut t = Template::new("baseline", "The roles that every account of a tenant has.");
    for (key, value) in [("Estate", &spec.name), ("Environment", &spec.environment)] {
        t.tags.push((key.to_owned(), value.into()));
    }
    t.add(
        "Deployer",
        NamedRole {
            name: spec.role_name("deployer").into(),
            description: "Deploys the network of the tenant",
            trust: trust(&spec.deploy.account, Some(external_id(spec))),
            managed: Vec::new(),
            policy: Some(("deploy", deploy(spec))),
        },
    );
    t.add(
        "Operator",
        NamedRole {
            name: spec.role_name("operator").into(),
            description: "People who look after the tenant, with a second factor",
            trust: trust(&spec.hub_account, Some(second_factor())),
            managed: vec![aws_policy("job-function/ViewOnlyAccess")],
            policy: Some(("operate", operate())),
        },
    );
    t.add(
        "Auditor",
        NamedRole {
            name: spec.role_name("auditor").into(),
            description: "People who look at everything and change nothing",
            trust: trust(&spec.hub_account, None),
            managed: vec![aws_policy("SecurityAudit"), aws_policy("job-function/ViewOnlyAccess")],
            policy: None,
        },
    );
    t
}

fn arn(service: &str, rest: impl Into<Value>) -> Value {
    join(["arn:".into(), Pseudo::Partition.into(), format!(":{service}:").into(), rest.into()])
}

/// A policy of AWS's own, for people by their work.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html>.
fn aws_policy(name: &str) -> Value {
    arn("iam", format!(":aws:policy/{name}"))
}

/// Who may take a role: principals of one account, under a condition.
fn trust(account: &str, condition: Option<Value>) -> Value {
    let principal = map([("AWS", arn("iam", format!(":{account}:root")))]);
    let mut statement = vec![
        ("Effect".to_owned(), Value::from("Allow")),
        ("Principal".to_owned(), principal),
        ("Action".to_owned(), "sts:AssumeRole".into()),
    ];
    statement.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
    document(vec![Value::Map(statement)])
}

/// The id that only a deployment of this estate to this account says, so that nobody else's
/// deployment is confused into entering it. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>.
fn external_id(spec: &Spec) -> Value {
    let id = join([format!("{}-", spec.estate()).into(), Pseudo::Account.into()]);
    map([("StringEquals", map([("sts:ExternalId", id)]))])
}

/// Signed in with a second factor less than an hour ago. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html>.
fn second_factor() -> Value {
    map([
        ("Bool", map([("aws:MultiFactorAuthPresent", "true")])),
        ("NumericLessThan", map([("aws:MultiFactorAuthAge", "3600")])),
    ])
}

fn allow(actions: &[&str], resource: Value) -> Value {
    let actions = actions.iter().map(|action| Value::from(*action)).collect();
    map([
        ("Effect", Value::from("Allow")),
        ("Action", Value::List(actions)),
        ("Resource", resource),
    ])
}

/// What makes and removes a network, and reads what of it is there.
const NETWORK: [&str; 16] = [
    "cloudformation:*",
    "ec2:*",
    "logs:CreateLogGroup",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DeleteLogGroup",
    "logs:DescribeIndexPolicies",
    "logs:DescribeLogGroups",
    "logs:GetDataProtectionPolicy",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
    "resource-groups:*",
    "ssm:DescribeParameters",
    "tag:*",
];

/// What makes and removes the roles of flow logs.
const ROLES: [&str; 13] = [
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
];

/// What tells the stacks of the account of each other.
const PARAMETERS: [&str; 7] = [
    "ssm:AddTagsToResource",
    "ssm:DeleteParameter",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:ListTagsForResource",
    "ssm:PutParameter",
    "ssm:RemoveTagsFromResource",
];

/// What the stack of a tenant needs: its network, its logs, its parameters, and the role that
/// delivers flow logs, which is the only one that it may make or pass on.
fn deploy(spec: &Spec) -> Value {
    let own = |service: &str, region: &str, rest: String| {
        arn(service, join([format!("{region}:").into(), Pseudo::Account.into(), rest.into()]))
    };
    let role = |name: &str| own("iam", "", format!(":role/{name}"));
    // By CloudFormation's own names, and by Terraform's.
    let roles = || Value::List(vec![role("*-FlowLogRole-*"), role("flow-log-role-*")]);
    let path = format!(":parameter/{}/{}/*", spec.name, spec.environment);
    let to = map([("iam:PassedToService", "vpc-flow-logs.amazonaws.com")]);
    let pass = map([
        ("Effect", Value::from("Allow")),
        ("Action", "iam:PassRole".into()),
        ("Resource", roles()),
        ("Condition", map([("StringEquals", to)])),
    ]);
    // CloudFormation takes the role of the hub's account that accepts a peering connection.
    let accept = arn("iam", format!(":{}:role/*", spec.hub_account));
    document(vec![
        allow(&NETWORK, "*".into()),
        allow(&ROLES, roles()),
        pass,
        first(role("aws-service-role/*")),
        allow(&PARAMETERS, own("ssm", "*", path)),
        allow(&["sts:AssumeRole"], accept),
    ])
}

/// A new account has none of the roles that services make for themselves when they are first used: whoever
/// attaches the first VPC to a transit gateway, or first records queries of DNS, must be allowed to have them
/// made. Sources: <https://docs.aws.amazon.com/vpc/latest/tgw/service-linked-roles.html>,
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/using-service-linked-roles.html>.
fn first(roles: Value) -> Value {
    let services = ["route53resolver.amazonaws.com", "transitgateway.amazonaws.com"];
    let services = Value::List(services.map(Value::from).to_vec());
    let of = map([("StringEquals", map([("iam:AWSServiceName", services)]))]);
    map([
        ("Effect", Value::from("Allow")),
        ("Action", "iam:CreateServiceLinkedRole".into()),
        ("Resource", roles),
        ("Condition", of),
    ])
}

/// What people do to keep things running.
fn operate() -> Value {
    let actions = [
        "cloudwatch:GetMetricData",
        "ec2:GetConsoleOutput",
        "ec2:RebootInstances",
        "ec2:StartInstances",
        "ec2:StopInstances",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:GetQueryResults",
        "logs:StartQuery",
        "logs:StopQuery",
        "ssm:StartSession",
        "ssm:TerminateSession",
    ];
    document(vec![allow(&actions, "*".into())])
}
