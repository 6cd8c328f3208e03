//! Copies: CloudFormation puts a plan and a selection into an object of their own.

use super::{Dialect, PLAIN, Scene};
use crate::json::Json;
use crate::value::Value;

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_backup_vault",
        renamed: &[("BackupVaultName", "name"), ("BackupVaultArn", "arn")],
        // It is a resource of its own.
        without: &["LockConfiguration"],
        lasting: true,
        ..PLAIN
    },
    Dialect {
        tf: "aws_backup_plan",
        renamed: &[
            ("BackupPlanName", "name"),
            ("BackupPlanRule", "rule"),
            ("TargetBackupVault", "target_vault_name"),
            ("ScheduleExpression", "schedule"),
            ("StartWindowMinutes", "start_window"),
            ("MoveToColdStorageAfterDays", "cold_storage_after"),
            ("DeleteAfterDays", "delete_after"),
            ("CopyActions", "copy_action"),
            ("DestinationBackupVaultArn", "destination_vault_arn"),
        ],
        form: unfold,
        ..PLAIN
    },
    Dialect {
        tf: "aws_backup_selection",
        renamed: &[
            ("BackupPlanId", "plan_id"),
            ("SelectionName", "name"),
            ("Conditions", "condition"),
            ("ConditionKey", "key"),
            ("ConditionValue", "value"),
        ],
        form: unfold,
        ..PLAIN
    },
    Dialect {
        tf: "aws_backup_restore_testing_plan",
        renamed: &[("RestoreTestingPlanName", "name")],
        id: "name",
        ..PLAIN
    },
    Dialect {
        tf: "aws_backup_restore_testing_selection",
        renamed: &[("RestoreTestingSelectionName", "name")],
        ..PLAIN
    },
];

/// What stands in the inner object stands in the resource itself.
fn unfold(scene: &Scene<'_>, name: &str, value: &Value, out: &mut Json) -> bool {
    let ("BackupPlan" | "BackupSelection", Value::Block(fields)) = (name, value) else {
        return false;
    };
    for (name, value) in fields {
        out.put(scene.attribute(name), scene.value(value));
    }
    true
}
