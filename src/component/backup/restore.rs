//! The role that brings copies back, and copies that are brought back on trial: each week the latest of
//! everything of a tier. What came back so is deleted again by AWS Backup.

use super::tags;
use crate::blueprint::shape::component::{Backup, RestoreTest};
use crate::component::role;
use crate::name::{fit, pascal};
use crate::resource::backup::{RestoreTestingPlan, RestoreTestingSelection, Vault};
use crate::resource::iam::Role;
use crate::spec::{Spec, Tier};
use crate::template::Template;
use crate::value::{Id, Value};

/// What holds data of tenants, as AWS Backup calls it. Source:
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html>.
const KINDS: [(&str, &str); 2] = [("Aurora", "clusters"), ("DynamoDB", "tables")];

/// On Monday morning in UTC, when the copies of the night are there.
const WEEKLY: &str = "cron(0 9 ? * MON *)";

/// A week back: where no copy was made for so long, the test finds none.
const WINDOW: u16 = 7;

/// The most characters of the name of a plan. Source:
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingPlanForCreate.html>.
const PLAN_NAME: usize = 50;

/// Adds the role, and for each tier that wants trials a plan. What copies must not bring back: who
/// starts a plan could overwrite with it, so each has a role of its own. Source:
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html>.
pub fn add(t: &mut Template, spec: &Spec, tiers: &[(&Tier, &Backup)], vault: &Id<Vault>) {
    let about = "Brings copies back, and makes none";
    let policies = ["service-role/AWSBackupServiceRolePolicyForRestores"];
    let role = role::of_service(t, "RestoreRole", about, "backup", &policies);
    t.output("RestoreRoleArn", "The role that copies are brought back with", role.att("Arn"));
    for (tier, backup) in tiers {
        if let Some(test) = &backup.restore_test {
            t.unit = Some(tier.id.clone());
            plan(t, spec, tier, test, (vault, &role));
        }
    }
    t.unit = None;
}

fn plan(
    t: &mut Template,
    spec: &Spec,
    tier: &Tier,
    test: &RestoreTest,
    (vault, role): (&Id<Vault>, &Id<Role>),
) {
    let id = pascal(&tier.id);
    let name = fit(&format!("{}-{}", spec.estate(), tier.id), PLAN_NAME).replace('-', "_");
    let plan = RestoreTestingPlan { name, schedule: WEEKLY, vault: vault.clone(), window: WINDOW };
    let plan = t.add(format!("{id}RestoreTest"), plan);
    for (kind, name) in KINDS {
        let group = test.subnet_group.as_ref().filter(|_| kind == "Aurora");
        let selection = RestoreTestingSelection {
            name,
            plan: plan.clone(),
            role: role.clone(),
            kind,
            tags: tags(spec, tier),
            overrides: group
                .map(|name| ("dbSubnetGroupName", Value::from(name)))
                .into_iter()
                .collect(),
        };
        t.add(format!("{id}RestoreTest{}", pascal(name)), selection);
    }
}
