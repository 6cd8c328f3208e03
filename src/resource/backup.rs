//! AWS Backup: vaults, plans, what they copy, and whether it can be brought back.

use crate::resource::iam::Role;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// Where recovery points are kept. It is kept when its stack is deleted.
#[derive(Debug)]
pub struct Vault {
    /// Its name, unique in the account and region: 2 to 50 letters, digits, hyphens, underscores.
    pub name: Value,
    /// What nobody deletes before its time.
    pub lock: Option<Lock>,
}

resource!(Vault, Some("AWS::Backup::BackupVault"), "aws_backup_vault", taggable: true, |self| {
    let lock = self.lock.map(|lock| Value::Block(lock.fields()));
    Body::new().set("BackupVaultName", self.name).set_some("LockConfiguration", lock)
});

/// How a vault is locked. Source:
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html>.
#[derive(Clone, Copy, Debug)]
pub struct Lock {
    /// The fewest days that a copy is kept: at least 1.
    pub min_days: u32,
    /// The most.
    pub max_days: Option<u32>,
    /// After how many days nobody can undo the lock: at least 3; never, if nothing is said.
    pub changeable_for_days: Option<u32>,
}

impl Lock {
    fn fields(self) -> Vec<(&'static str, Value)> {
        let mut out: Vec<(&'static str, Value)> = vec![("MinRetentionDays", self.min_days.into())];
        out.extend(self.max_days.map(|days| ("MaxRetentionDays", days.into())));
        out.extend(self.changeable_for_days.map(|days| ("ChangeableForDays", days.into())));
        out
    }
}

/// The lock of a vault, which Terraform has as a resource of its own.
#[derive(Debug)]
pub struct VaultLock {
    /// The vault.
    pub vault: Id<Vault>,
    /// How it is locked.
    pub lock: Lock,
}

resource!(VaultLock, None, "aws_backup_vault_lock_configuration", taggable: false, |self| {
    let body = Body::new().set("BackupVaultName", &self.vault);
    self.lock.fields().into_iter().fold(body, |body, (name, value)| body.set(name, value))
});

/// One row of a plan.
#[derive(Debug)]
pub struct PlanRule {
    /// Its name.
    pub name: &'static str,
    /// When: `cron(…)` in UTC.
    pub schedule: &'static str,
    /// After how many days a recovery point moves to cold storage.
    pub cold_after: Option<u32>,
    /// After how many days it is deleted.
    pub delete_after: u32,
    /// Where else each recovery point is copied to.
    pub copies: Vec<Copy>,
}

/// Another vault that recovery points are copied to.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The ARN of the vault.
    pub vault: Value,
    /// After how many days the copy moves to cold storage.
    pub cold_after: Option<u32>,
    /// After how many days it is deleted; as what it is a copy of, if nothing is said.
    pub delete_after: Option<u32>,
}

impl Copy {
    fn block(self) -> Value {
        let mut out = vec![("DestinationBackupVaultArn", self.vault)];
        out.extend(self.delete_after.map(|days| ("Lifecycle", lifecycle(self.cold_after, days))));
        Value::Block(out)
    }
}

fn lifecycle(cold_after: Option<u32>, delete_after: u32) -> Value {
    let mut kept: Vec<(&'static str, Value)> = Vec::new();
    kept.extend(cold_after.map(|days| ("MoveToColdStorageAfterDays", days.into())));
    kept.push(("DeleteAfterDays", delete_after.into()));
    Value::Block(kept)
}

/// When copies are made, and how long they are kept.
#[derive(Debug)]
pub struct Plan {
    /// Its name.
    pub name: Value,
    /// Where to.
    pub vault: Id<Vault>,
    /// When, and how long.
    pub rules: Vec<PlanRule>,
}

/// How many minutes a copy may wait to begin.
/// Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html>.
const START_WINDOW: u16 = 480;

resource!(Plan, Some("AWS::Backup::BackupPlan"), "aws_backup_plan", taggable: true, |self| {
    let vault = Value::from(&self.vault);
    let rule = |rule: PlanRule| {
        let mut out = vec![
            ("RuleName", rule.name.into()),
            ("TargetBackupVault", vault.clone()),
            ("ScheduleExpression", rule.schedule.into()),
            ("StartWindowMinutes", START_WINDOW.into()),
            ("Lifecycle", lifecycle(rule.cold_after, rule.delete_after)),
        ];
        if !rule.copies.is_empty() {
            let copies = rule.copies.into_iter().map(Copy::block).collect();
            out.push(("CopyActions", Value::List(copies)));
        }
        Value::Block(out)
    };
    Body::new().set("BackupPlan", block([
        ("BackupPlanName", self.name),
        ("BackupPlanRule", Value::List(self.rules.into_iter().map(rule).collect())),
    ]))
});

/// What a plan copies: everything that carries all of some tags.
#[derive(Debug)]
pub struct Selection {
    /// Its name.
    pub name: &'static str,
    /// The plan.
    pub plan: Id<Plan>,
    /// The role that copies and brings back.
    pub role: Id<Role>,
    /// The tags, all of which a resource must carry.
    pub tags: Vec<(&'static str, Value)>,
}

resource!(Selection, Some("AWS::Backup::BackupSelection"), "aws_backup_selection", taggable: false, |self| {
    let tag = |(key, value): (&'static str, Value)| {
        let key = format!("aws:ResourceTag/{key}");
        block([("ConditionKey", key.into()), ("ConditionValue", value)])
    };
    let tags = self.tags.into_iter().map(tag).collect();
    Body::new().set("BackupPlanId", &self.plan).set("BackupSelection", block([
        ("SelectionName", self.name.into()),
        ("IamRoleArn", self.role.att("Arn")),
        ("Resources", Value::List(vec!["*".into()])),
        ("Conditions", block([("StringEquals", Value::List(tags))])),
    ]))
});

/// Copies are brought back on trial, and what came back is deleted again. Source:
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html>.
#[derive(Debug)]
pub struct RestoreTestingPlan {
    /// Its name, which cannot be changed: at most 50 letters, digits and underscores.
    pub name: String,
    /// When: `cron(…)` in UTC.
    pub schedule: &'static str,
    /// The vault whose copies are brought back.
    pub vault: Id<Vault>,
    /// How many days back the latest copy is looked for: 1 to 365.
    pub window: u16,
}

resource!(RestoreTestingPlan, Some("AWS::Backup::RestoreTestingPlan"),
    "aws_backup_restore_testing_plan", taggable: true, |self| {
    // What AWS Backup copies without a break is no part of the plans here.
    let kinds: Vec<Value> = vec!["SNAPSHOT".into()];
    Body::new()
        .set("RestoreTestingPlanName", self.name)
        .set("ScheduleExpression", self.schedule)
        .set("RecoveryPointSelection", block([
            ("Algorithm", "LATEST_WITHIN_WINDOW".into()),
            ("IncludeVaults", Value::List(vec![self.vault.att("BackupVaultArn")])),
            ("RecoveryPointTypes", Value::List(kinds)),
            ("SelectionWindowDays", self.window.into()),
        ]))
});

/// What is brought back on trial: everything of a type that carries all of some tags. It is selected by
/// tags or by ARNs, and not by both. Source:
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html>.
#[derive(Debug)]
pub struct RestoreTestingSelection {
    /// Its name: at most 50 letters, digits and underscores.
    pub name: &'static str,
    /// The plan.
    pub plan: Id<RestoreTestingPlan>,
    /// The role that brings back.
    pub role: Id<Role>,
    /// The type, as AWS Backup calls it.
    pub kind: &'static str,
    /// The tags, all of which the copied resource must carry.
    pub tags: Vec<(&'static str, Value)>,
    /// What AWS Backup would guess otherwise.
    pub overrides: Vec<(&'static str, Value)>,
}

resource!(RestoreTestingSelection, Some("AWS::Backup::RestoreTestingSelection"),
    "aws_backup_restore_testing_selection", taggable: false, |self| {
    let tag = |(key, value): (&'static str, Value)| {
        block([("Key", format!("aws:ResourceTag/{key}").into()), ("Value", value)])
    };
    let tags = self.tags.into_iter().map(tag).collect();
    let overrides = self.overrides.into_iter().map(|(key, value)| (key.to_owned(), value));
    let overrides: Vec<(String, Value)> = overrides.collect();
    Body::new()
        .set("RestoreTestingSelectionName", self.name)
        .set("RestoreTestingPlanName", &self.plan)
        .set("IamRoleArn", self.role.att("Arn"))
        .set("ProtectedResourceType", self.kind)
        .set("ProtectedResourceConditions", block([("StringEquals", Value::List(tags))]))
        .set_some("RestoreMetadataOverrides", (!overrides.is_empty()).then_some(Value::Map(overrides)))
});
