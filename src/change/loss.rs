//! Which change loses data, or takes away what would bring it back. Each row says why it is there.

use serde_json::Value;

use crate::change::force::plain;

/// What becomes of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What happens, in a few words: `logs are deleted`.
    pub what: String,
    /// What becomes of the data all the same, if something keeps it.
    pub kept: Option<String>,
}

/// A type that holds data: both engines' names, and what is in it.
const STATEFUL: &[(&str, &str, &str)] = &[
    ("AWS::Backup::BackupVault", "aws_backup_vault", "recovery points"),
    ("AWS::CodeCommit::Repository", "aws_codecommit_repository", "source code"),
    ("AWS::Cognito::IdentityPool", "aws_cognito_identity_pool", "identities"),
    ("AWS::Cognito::UserPool", "aws_cognito_user_pool", "users"),
    ("AWS::DynamoDB::Table", "aws_dynamodb_table", "items"),
    ("AWS::KMS::Key", "aws_kms_key", "the key, and with it all that it encrypts"),
    ("AWS::Kinesis::Stream", "aws_kinesis_stream", "records that nobody has read yet"),
    ("AWS::Logs::LogGroup", "aws_cloudwatch_log_group", "logs"),
    (
        "AWS::Organizations::Account",
        "aws_organizations_account",
        "the account, and all that is in it",
    ),
    ("AWS::RDS::DBCluster", "aws_rds_cluster", "the database"),
    ("AWS::RedshiftServerless::Namespace", "aws_redshiftserverless_namespace", "the warehouse"),
    ("AWS::S3::Bucket", "aws_s3_bucket", "objects"),
    ("AWS::SQS::Queue", "aws_sqs_queue", "messages that nobody has read yet"),
    ("AWS::SecretsManager::Secret", "aws_secretsmanager_secret", "the secret"),
];

/// What is in a resource of a type, if it holds data.
pub fn holds(kind: &str) -> Option<&'static str> {
    STATEFUL.iter().find(|(cfn, tf, _)| [*cfn, *tf].contains(&kind)).map(|(.., what)| *what)
}

/// What is watched of a property.
enum Watch {
    /// A number of days, hours or seconds; none at all is for ever.
    Lowered(&'static str),
    /// The same of something that is made again and again: if its maker is new, nothing was kept longer.
    LoweredOf(&'static str, [&'static str; 2]),
    /// The name of something that brings data back: what is lost when it goes, before and after the name. With nothing
    /// before it, it is not named: items that nothing tells apart are known by their places.
    Gone(&'static str, &'static str),
    /// A protection that is on with one of these values.
    Off(&'static str, [&'static str; 2]),
}

/// A property that keeps data: both engines' names of the type, those of the property, and what is
/// watched. A property is any with that name at the end of its path.
type Row = (&'static [&'static str], &'static [&'static str], Watch);

const ON: [&str; 2] = ["true", "ACTIVE"];

const ROWS: &[Row] = &[
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    (
        &["AWS::Logs::LogGroup", "aws_cloudwatch_log_group"],
        &["RetentionInDays", "retention_in_days"],
        Watch::Lowered("older logs are deleted"),
    ),
    // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
    (
        &["AWS::RDS::DBCluster", "aws_rds_cluster"],
        &["BackupRetentionPeriod", "backup_retention_period"],
        Watch::Lowered("older automatic backups are deleted"),
    ),
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html
    (
        &["AWS::Backup::BackupPlan", "aws_backup_plan"],
        &["DeleteAfterDays", "delete_after"],
        Watch::LoweredOf("recovery points are deleted earlier", [".Lifecycle.", ".lifecycle."]),
    ),
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html
    (
        &["AWS::Backup::BackupPlan", "aws_backup_plan"],
        &["RuleName", "rule_name"],
        Watch::Gone("rule", "makes no recovery points any more"),
    ),
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/recov-point-create-a-copy.html
    (
        &["AWS::Backup::BackupPlan", "aws_backup_plan"],
        &["DestinationBackupVaultArn", "destination_vault_arn"],
        Watch::Gone("", "copies go to fewer vaults"),
    ),
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
    (
        &["AWS::Backup::BackupVault", "aws_backup_vault_lock_configuration"],
        &["MinRetentionDays", "min_retention_days"],
        Watch::Off("recovery points can be deleted earlier", ["", ""]),
    ),
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
    (
        &["AWS::S3::Bucket", "aws_s3_bucket_lifecycle_configuration"],
        &["ExpirationInDays", "expiration.days", "NoncurrentDays", "noncurrent_days"],
        Watch::Lowered("older objects or versions are deleted"),
    ),
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
    (
        &["AWS::S3::Bucket", "aws_s3_bucket_versioning"],
        &["VersioningConfiguration.Status", "versioning_configuration.status"],
        Watch::Off("what is overwritten or deleted cannot be brought back", ["Enabled", ""]),
    ),
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    (
        &["AWS::S3::Bucket", "aws_s3_bucket_object_lock_configuration"],
        &["DefaultRetention.Days", "default_retention.days"],
        Watch::Off("objects can be deleted earlier", ["", ""]),
    ),
    // https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html
    (
        &["AWS::Kinesis::Stream", "aws_kinesis_stream"],
        &["RetentionPeriodHours", "retention_period"],
        Watch::Lowered("older records are deleted"),
    ),
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    (
        &["AWS::SQS::Queue", "aws_sqs_queue"],
        &["MessageRetentionPeriod", "message_retention_seconds"],
        Watch::Lowered("older messages are deleted"),
    ),
    // https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    (
        &["AWS::KMS::Key", "aws_kms_key"],
        &["PendingWindowInDays", "deletion_window_in_days"],
        Watch::Lowered("there is less time to cancel the deletion of the key"),
    ),
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
    (
        &["AWS::DynamoDB::Table", "aws_dynamodb_table"],
        &["PointInTimeRecoveryEnabled", "point_in_time_recovery.enabled"],
        Watch::Off("continuous backups are deleted", ON),
    ),
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html,
    // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html,
    // https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
    (
        &[
            "AWS::DynamoDB::Table",
            "aws_dynamodb_table",
            "AWS::RDS::DBCluster",
            "aws_rds_cluster",
            "AWS::Cognito::UserPool",
            "aws_cognito_user_pool",
        ],
        &[
            "DeletionProtectionEnabled",
            "deletion_protection_enabled",
            "DeletionProtection",
            "deletion_protection",
        ],
        Watch::Off("nothing stops its deletion any more", ON),
    ),
];

/// What keeps a thing when its stack lets go of it: both engines' words, on any type.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>,
/// <https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle>.
const KEEPERS: [(&str, &[&str]); 4] = [
    ("DeletionPolicy", &["Retain", "RetainExceptOnCreate", "Snapshot"]),
    ("UpdateReplacePolicy", &["Retain", "Snapshot"]),
    ("lifecycle.prevent_destroy", &["true"]),
    ("skip_destroy", &["true"]),
];

/// What a property of a guard loses that is new as a whole, while what it guards is not.
pub fn of_new(kind: &str, path: &str, is: &Value) -> Option<Loss> {
    let lowered = matches!(watched(kind, &plain(path))?, Watch::Lowered(_));
    lowered.then(|| of_property(kind, path, None, Some(is), None))?
}

/// What a property of a guard loses that goes as a whole, while what it guards stays.
pub fn of_gone(kind: &str, path: &str, was: &Value) -> Option<Loss> {
    let off = matches!(watched(kind, &plain(path))?, Watch::Off(..));
    off.then(|| of_property(kind, path, Some(was), None, None))?
}

/// What is watched of a property.
fn watched(kind: &str, path: &str) -> Option<&'static Watch> {
    let fits = |(kinds, names, _): &&Row| {
        let ends = |name: &str| path == name || path.ends_with(&format!(".{name}"));
        kinds.contains(&kind) && names.iter().any(|name| ends(name))
    };
    ROWS.iter().find(fits).map(|(.., watch)| watch)
}

/// What a change of a property loses. `missing` is the outermost object or item on the way to it that
/// one side does not have.
pub fn of_property(
    kind: &str,
    path: &str,
    was: Option<&Value>,
    is: Option<&Value>,
    missing: Option<&str>,
) -> Option<Loss> {
    let (whole, path) = (path, plain(path));
    let loss = |what: &str| Loss { what: what.to_owned(), kept: None };
    let keeper = KEEPERS.iter().find(|(name, _)| *name == path);
    if let (Some((name, kept)), Some(_)) = (keeper, holds(kind)) {
        let keeps = |value: Option<&Value>| value.is_some_and(|v| kept.contains(&word(v).as_str()));
        return (keeps(was) && !keeps(is))
            .then(|| loss(&format!("{name} does not keep it any more")));
    }
    match watched(kind, &path)? {
        Watch::Lowered(what) => (length(is) < length(was)).then(|| loss(what)),
        Watch::LoweredOf(what, inner) => {
            let maker = inner.iter().find_map(|name| whole.rfind(name)).unwrap_or(0);
            let new = was.is_none() && missing.is_some_and(|missing| missing.len() <= maker);
            (!new && length(is) < length(was)).then(|| loss(what))
        }
        Watch::Gone(before, after) => {
            // With the rule, its copies go: it is said of the rule.
            let with = missing.is_some_and(|missing| is_within(whole, missing));
            let name = was.filter(|_| is.is_none() && !with)?;
            match *before {
                "" => Some(loss(after)),
                before => Some(loss(&format!("{before} {} {after}", word(name)))),
            }
        }
        // A number that guards data guards less when it is lower, and nothing when it is not there.
        Watch::Off(what, ["", _]) => {
            let guard = |value: Option<&Value>| value.and_then(number).unwrap_or(0);
            (guard(is) < guard(was)).then(|| loss(what))
        }
        Watch::Off(what, on) => {
            let on = |value: Option<&Value>| value.is_some_and(|v| on.contains(&word(v).as_str()));
            (on(was) && !on(is)).then(|| loss(what))
        }
    }
}

/// Whether what is missing is more than the item that a property names: the thing that the item is of.
fn is_within(path: &str, missing: &str) -> bool {
    let lists = ["CopyActions", "copy_action"];
    let list = lists.iter().find_map(|list| path.rfind(&format!(".{list}")));
    list.is_some_and(|list| missing.len() <= list)
}

/// How long something is kept. What is not said is for ever.
fn length(value: Option<&Value>) -> u64 {
    // Terraform writes "for ever" as 0.
    value.and_then(number).filter(|days| *days > 0).unwrap_or(u64::MAX)
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is lost with a resource of a type that goes, or that another takes the place of. `asked` gives
/// a property of it as it was deployed.
pub fn of_resource(
    kind: &str,
    replaced: bool,
    asked: &dyn Fn(&str) -> Option<Value>,
) -> Option<Loss> {
    let holds = holds(kind)?;
    let policy = if replaced { "UpdateReplacePolicy" } else { "DeletionPolicy" };
    let says = |path: &str| asked(path).map(|value| word(&value));
    let kept = match says(policy).as_deref() {
        Some("Retain" | "RetainExceptOnCreate") => {
            Some(format!("the old one stays in the account, outside of every stack ({policy})"))
        }
        Some("Snapshot") => Some(format!("a snapshot is taken ({policy})")),
        _ if says("skip_destroy").as_deref() == Some("true") => Some(
            "the old one stays in the account, outside of every root (skip_destroy)".to_owned(),
        ),
        _ if says("lifecycle.prevent_destroy").as_deref() == Some("true") => {
            Some("Terraform refuses it until prevent_destroy is gone".to_owned())
        }
        _ => None,
    };
    let verb = if replaced { "replaced by an empty one" } else { "deleted" };
    Some(Loss { what: format!("{verb}: {holds}"), kept })
}

/// Every type that is watched, for a test that holds them against the types that are written.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    let stateful = STATEFUL.iter().flat_map(|(cfn, tf, _)| [*cfn, *tf]);
    stateful.chain(ROWS.iter().flat_map(|(kinds, ..)| kinds.iter().copied()))
}
