//! What nobody in an account of a tenant may do, its root user included: service control policies
//! on the units. They grant nothing, and they do not hold in the management account. Source:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>.

use crate::resource::iam::document;
use crate::spec::Spec;
use crate::value::{Value, map};

/// A service control policy.
pub struct Guard {
    /// Its name in the names of resources.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it denies.
    pub content: Value,
}

/// Every guard of the accounts of tenants. Source of their form:
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html>.
pub fn all(spec: &Spec) -> Vec<Guard> {
    vec![
        Guard {
            name: "stay",
            description: "An account of a tenant cannot leave the organization",
            content: document(vec![deny(&["organizations:LeaveOrganization"], "*".into(), None)]),
        },
        Guard {
            name: "protect",
            description: "The audit trail, the configuration record and the roles of the deployment stay as they are",
            content: document(vec![protect_audit(spec), protect_roles(spec)]),
        },
        Guard {
            name: "regions",
            description: "Nothing is used outside the regions of the estate, global services apart",
            content: document(vec![fence(spec)]),
        },
        Guard {
            name: "root",
            description: "The root user does nothing",
            content: document(vec![deny(
                &["*"],
                "*".into(),
                Some(principal("StringLike", "root")),
            )]),
        },
    ]
}

fn deny(actions: &[&str], resource: Value, condition: Option<Value>) -> Value {
    let actions = actions.iter().map(|action| Value::from(*action)).collect();
    let mut statement = vec![
        ("Effect".to_owned(), Value::from("Deny")),
        ("Action".to_owned(), Value::List(actions)),
        ("Resource".to_owned(), resource),
    ];
    statement.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
    Value::Map(statement)
}

/// A condition on who asks, in any partition and account.
fn principal(operator: &str, who: &str) -> Value {
    map([(operator, map([("aws:PrincipalArn", format!("arn:*:iam::*:{who}"))]))])
}

/// What records what happened. Only the roles that set it up may change it.
fn protect_audit(spec: &Spec) -> Value {
    let actions = [
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
        "config:DeleteConfigRule",
        "config:DeleteConfigurationRecorder",
        "config:DeleteDeliveryChannel",
        "config:PutConfigurationRecorder",
        "config:PutDeliveryChannel",
        "config:StopConfigurationRecorder",
    ];
    deny(&actions, "*".into(), Some(unless_ours(spec)))
}

/// Whose roles are let past these policies: those that stack sets of AWS make for themselves. AWS makes them
/// by a role of its own, which no policy of an organization binds; anybody else who made one of that name
/// would be let past as well.
/// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>.
const STACK_SETS: &str = "stacksets-exec-*";

/// The roles of the baseline, the one that a new account comes with, and all that are let past.
fn protect_roles(spec: &Spec) -> Value {
    let actions = [
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
    ];
    let ours = ["deployer", "operator", "auditor"].map(|role| spec.role_name(role));
    let names = ours.into_iter().chain([spec.deploy.role.clone(), STACK_SETS.to_owned()]);
    let roles = names.map(|name| Value::from(format!("arn:*:iam::*:role/{name}"))).collect();
    deny(&actions, Value::List(roles), Some(unless_ours(spec)))
}

/// The stack sets of AWS, and the role that the management account takes.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-enable-trusted-access.html>.
fn unless_ours(spec: &Spec) -> Value {
    let ours = [
        format!("arn:*:iam::*:role/{STACK_SETS}"),
        format!("arn:*:iam::*:role/{}", spec.deploy.role),
    ];
    let ours = Value::List(ours.map(Value::from).into());
    map([("ArnNotLike", map([("aws:PrincipalArn", ours)]))])
}

/// Services whose endpoints are in one region whatever region they are used for, so that a fence
/// would lock them out. Source: as above, "Deny access to AWS based on the requested AWS Region".
const GLOBAL: [&str; 31] = [
    "a4b:*",
    "account:*",
    "acm:*",
    "aws-marketplace-management:*",
    "aws-marketplace:*",
    "aws-portal:*",
    "budgets:*",
    "ce:*",
    "chime:*",
    "cloudfront:*",
    "config:*",
    "cur:*",
    "directconnect:*",
    "ec2:DescribeRegions",
    "ec2:DescribeTransitGateways",
    "ec2:DescribeVpnGateways",
    "fms:*",
    "globalaccelerator:*",
    "health:*",
    "iam:*",
    "importexport:*",
    "kms:*",
    "networkmanager:*",
    "organizations:*",
    "pricing:*",
    "route53:*",
    "s3:ListAllMyBuckets",
    "shield:*",
    "sts:*",
    "support:*",
    "trustedadvisor:*",
];

fn fence(spec: &Spec) -> Value {
    let mut regions = spec.regions.clone();
    regions.sort_unstable();
    let regions = Value::List(regions.into_iter().map(Value::from).collect());
    map([
        ("Effect", Value::from("Deny")),
        ("NotAction", Value::List(GLOBAL.map(Value::from).into())),
        ("Resource", "*".into()),
        ("Condition", map([("StringNotEquals", map([("aws:RequestedRegion", regions)]))])),
    ])
}
