//! Who may do what with a key. The policy of the key is the only thing that decides it: without a
//! statement there, no policy of a role counts. Source of the parts:
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html>.

use std::collections::BTreeSet;

use super::holder::{Kind, PUBLISHERS};
use crate::resource::iam::document;
use crate::spec::Spec;
use crate::value::{Pseudo, Value, arn, join, map};

/// Whose roles use a key.
pub struct Users<'a> {
    /// Only those of a tier.
    pub tier: Option<&'a str>,
    /// None of another tenant than this.
    pub tenant: Option<Value>,
}

/// What it takes to manage a key, and nothing that encrypts or decrypts. Source:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
pub const MANAGE: [&str; 15] = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:Describe*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Get*",
    "kms:List*",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
];

/// What it takes to use one.
pub const USE: [&str; 5] =
    ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];

/// The services through which a key is used, as `kms:ViaService` has them. Source:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>.
const THROUGH: [&str; 7] = ["dynamodb", "ec2", "logs", "rds", "secretsmanager", "sns", "sqs"];

/// The policy of a key that is used by `users` for `kinds`; `logs` is what the names of log groups
/// are like.
pub fn of(spec: &Spec, users: &Users<'_>, kinds: &BTreeSet<Kind>, logs: Value) -> Value {
    let mut statements = vec![managed(), delegated(), granted(), used(spec, users)];
    if kinds.contains(&Kind::Log) {
        statements.push(logged(logs));
    }
    if kinds.contains(&Kind::Topic) {
        statements.push(published());
    }
    if kinds.contains(&Kind::Volume) {
        statements.extend(attached());
    }
    document(statements)
}

fn allow(sid: &str, principal: Value, actions: &[&str], condition: Option<Value>) -> Value {
    let actions = actions.iter().map(|action| Value::from(*action)).collect();
    let Value::Map(mut statement) = map([
        ("Sid", Value::from(sid)),
        ("Effect", "Allow".into()),
        ("Principal", principal),
        ("Action", Value::List(actions)),
        // In the policy of a key, that is the key.
        ("Resource", "*".into()),
    ]) else {
        unreachable!("a statement is an object")
    };
    statement.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
    Value::Map(statement)
}

fn in_account(before: &'static str, after: &str) -> Value {
    let parts = ["arn:".into(), Pseudo::Partition.into(), before.into()];
    let Value::Join(mut parts) = join(parts) else { unreachable!("parts make a string") };
    parts.extend([Pseudo::Account.into(), after.into()]);
    Value::Join(parts)
}

/// The account: whoever its own policies let. It must be able to, or nobody ever can again.
fn account() -> Value {
    map([("AWS", in_account(":iam::", ":root"))])
}

/// Who deploys, and whom else the account lets.
fn managed() -> Value {
    allow("AccountManages", account(), &MANAGE, None)
}

fn through() -> Value {
    let one = |service: &str| {
        join([format!("{service}.").into(), Pseudo::Region.into(), ".amazonaws.com".into()])
    };
    Value::List(THROUGH.map(one).into())
}

/// Whom the account's own policies let use keys, such as the role that backs up: but only through a
/// service, never with the key in hand.
fn delegated() -> Value {
    let condition = map([("StringEquals", map([("kms:ViaService", through())]))]);
    allow("AccountUsesThroughServices", account(), &USE, Some(condition))
}

/// Services keep using the key for what is theirs, such as a table or a volume.
fn granted() -> Value {
    let condition = map([("Bool", map([("kms:GrantIsForAWSResource", "true")]))]);
    allow("AccountGrantsToServices", account(), &["kms:CreateGrant"], Some(condition))
}

/// Roles of the estate, known by their tags: what they may read and write is said where it is kept,
/// and with that they may use the key. A role, or a session, of another tenant may not, even if
/// somebody let it read there.
fn used(spec: &Spec, users: &Users<'_>) -> Value {
    let mut equal = vec![
        ("kms:CallerAccount".to_owned(), Pseudo::Account.into()),
        ("kms:ViaService".to_owned(), through()),
        ("aws:PrincipalTag/Estate".to_owned(), Value::from(&spec.name)),
        ("aws:PrincipalTag/Environment".to_owned(), Value::from(&spec.environment)),
    ];
    equal.extend(users.tier.map(|tier| ("aws:PrincipalTag/Tier".to_owned(), tier.into())));
    let mut condition = vec![("StringEquals".to_owned(), Value::Map(equal))];
    condition.extend(users.tenant.clone().map(|tenant| {
        let own = map([("aws:PrincipalTag/Tenant", tenant)]);
        ("StringEqualsIfExists".to_owned(), own)
    }));
    let anybody = map([("AWS", "*")]);
    allow("RolesUseThroughServices", anybody, &USE, Some(Value::Map(condition)))
}

/// `CloudWatch` Logs, for log groups of these names only. Source:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>.
fn logged(names: Value) -> Value {
    let service =
        join(["logs.".into(), Pseudo::Region.into(), ".".into(), Pseudo::UrlSuffix.into()]);
    let group = arn("logs", join(["log-group:".into(), names]));
    let condition = map([("ArnLike", map([("kms:EncryptionContext:aws:logs:arn", group)]))]);
    allow("LogsOfTheEstate", map([("Service", service)]), &USE, Some(condition))
}

/// Alarms, which publish on topics. Source:
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>.
fn published() -> Value {
    let services = Value::List(PUBLISHERS.map(Value::from).into());
    let own = map([("aws:SourceAccount", Value::from(Pseudo::Account))]);
    let condition = map([("StringEquals", own)]);
    let actions = ["kms:Decrypt", "kms:GenerateDataKey*"];
    allow("AlarmsOfThisAccount", map([("Service", services)]), &actions, Some(condition))
}

/// The roles by which Auto Scaling and Amazon EC2 Spot start instances with volumes. They may not be
/// there yet, and a policy that names a role that is not there is refused, so a condition names them.
/// Sources: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html>.
const STARTERS: [&str; 2] = [
    ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
    ":role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
];

fn attached() -> [Value; 2] {
    let roles = || {
        let roles = STARTERS.map(|role| in_account(":iam::", role));
        let own = ("kms:CallerAccount", Value::from(Pseudo::Account));
        ("StringEquals", map([own, ("aws:PrincipalArn", Value::List(roles.into()))]))
    };
    let anybody = || map([("AWS", "*")]);
    let for_aws = ("Bool", map([("kms:GrantIsForAWSResource", "true")]));
    [
        allow("InstancesStart", anybody(), &USE, Some(map([roles()]))),
        allow("InstancesAttach", anybody(), &["kms:CreateGrant"], Some(map([roles(), for_aws]))),
    ]
}
