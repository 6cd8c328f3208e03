//! AWS Backup: vaults, plans, and what they copy.

use crate::resource::iam::Role;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// Where recovery points are kept. It is kept when its stack is deleted.
#[derive(Debug)]
pub struct Vault {
    /// Its name, unique in the account and region: 2 to 50 letters, digits, hyphens, underscores.
    pub name: Value,
}

resource!(Vault, Some("AWS::Backup::BackupVault"), "aws_backup_vault", taggable: true, |self| {
    Body::new().set("BackupVaultName", self.name)
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
        let mut kept: Vec<(&'static str, Value)> = Vec::new();
        kept.extend(rule.cold_after.map(|days| ("MoveToColdStorageAfterDays", days.into())));
        kept.push(("DeleteAfterDays", rule.delete_after.into()));
        block([
            ("RuleName", rule.name.into()),
            ("TargetBackupVault", vault.clone()),
            ("ScheduleExpression", rule.schedule.into()),
            ("StartWindowMinutes", START_WINDOW.into()),
            ("Lifecycle", Value::Block(kept)),
        ])
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
