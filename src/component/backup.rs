//! Copies that outlive what was copied: in each place a vault, and a plan for each tier, which
//! copies everything that carries the tags of the tier.

pub mod restore; // copies that are brought back on trial

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::{Backup, CopyTo};
use crate::component::role;
use crate::model::{foundation, identity};
use crate::name::{fit, pascal};
use crate::plan::Plan;
use crate::resource::backup::{
    Copy, Lock, Plan as BackupPlan, PlanRule, Selection, Vault, VaultLock,
};
use crate::spec::component::backup::DAILY;
use crate::spec::{Spec, Tier};
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Id, Pseudo, Value, join, param};

/// The shape of its template.
const SHAPE: &str = "backup";

/// The parameter with the name of the vault.
const VAULT: &str = "VaultName";

/// The most characters of it.
/// Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html>.
const VAULT_NAME: usize = 50;

/// One stack in each place of workload accounts.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    // What is in the account of a tenant cannot be copied from here.
    let here = spec.tiers.values().filter(|tier| tier.isolation != Isolation::Account);
    let tiers: Vec<(&Tier, &Backup)> =
        here.filter_map(|tier| Some((tier, tier.components.backup.as_ref()?))).collect();
    if tiers.is_empty() {
        return;
    }
    let template = template(spec, &tiers);
    for place in foundation::places(spec, plan) {
        if !spec.is_workload(place.0) {
            continue;
        }
        let key = identity::place_key(spec, SHAPE, place);
        let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        values.set(VAULT, fit(&stack.name, VAULT_NAME));
        stack.values = values.order(&template);
        SHAPE.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
    }
    estate.templates.insert(SHAPE.to_owned(), template);
}

fn template(spec: &Spec, tiers: &[(&Tier, &Backup)]) -> Template {
    let about = "A vault, and for each tier a plan that copies what carries its tags.";
    let mut t = Template::new(SHAPE, about);
    identity::tag_shared(&mut t, spec, None);
    let vault = vault(&mut t, spec);
    // Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html.
    let policies = ["service-role/AWSBackupServiceRolePolicyForBackup"];
    let about = "Copies what is backed up, and brings nothing back";
    let role = role::of_service(&mut t, "BackupRole", about, "backup", &policies);
    for (tier, backup) in tiers {
        let id = pascal(&tier.id);
        t.unit = Some(tier.id.clone());
        let name = join([param(NAME), format!("-{}", tier.id).into()]);
        let plan = BackupPlan { name, vault: vault.clone(), rules: rules(backup) };
        let plan = t.add(format!("{id}Plan"), plan);
        let tags = tags(spec, tier);
        let selection = Selection { name: "tier", plan, role: role.clone(), tags };
        t.add(format!("{id}Selection"), selection);
    }
    t.unit = None;
    restore::add(&mut t, spec, tiers, &vault);
    t
}

/// The vault, locked if the estate says so.
fn vault(t: &mut Template, spec: &Spec) -> Id<Vault> {
    let lock = spec.components.backup.as_ref().and_then(|backup| backup.lock.as_ref());
    let lock = lock.map(|lock| Lock {
        min_days: lock.min_days.unwrap_or(1),
        max_days: lock.max_days,
        changeable_for_days: lock.changeable_for_days,
    });
    let name = t.param(VAULT, "The name of the vault");
    let vault = t.add_kept("Vault", Vault { name, lock });
    if let Some(lock) = lock {
        t.add("VaultLock", VaultLock { vault: vault.clone(), lock });
    }
    vault
}

/// The tags that whatever belongs to a tier carries.
fn tags(spec: &Spec, tier: &Tier) -> Vec<(&'static str, Value)> {
    vec![
        ("Estate", Value::from(&spec.name)),
        ("Environment", Value::from(&spec.environment)),
        ("Tier", Value::from(&tier.id)),
    ]
}

/// At night in UTC, one after the other.
fn rules(backup: &Backup) -> Vec<PlanRule> {
    let rule = |name, schedule, delete_after, cold_after| PlanRule {
        name,
        schedule,
        cold_after,
        delete_after,
        copies: backup.copy_to.iter().map(copy).collect(),
    };
    let daily = backup.daily.unwrap_or(DAILY);
    let mut out = vec![rule("daily", "cron(0 1 * * ? *)", daily, None)];
    out.extend(
        backup.weekly.map(|days| rule("weekly", "cron(0 2 ? * SUN *)", days, backup.cold_after)),
    );
    out.extend(
        backup.monthly.map(|days| rule("monthly", "cron(0 3 1 * ? *)", days, backup.cold_after)),
    );
    out
}

/// The partition is that of the deployment, which the spec has checked.
fn copy(to: &CopyTo) -> Copy {
    let place = to.vault.splitn(3, ':').nth(2).expect("an ARN has a partition");
    let vault = join(["arn:".into(), Pseudo::Partition.into(), format!(":{place}").into()]);
    Copy { vault, cold_after: to.cold_after, delete_after: to.keep }
}
