//! What guards data and is a resource of its own: it comes and goes as a whole, and what is lost is lost
//! to what it guards. Where that comes or goes with it, nothing is: the guard never stood alone.

use serde_json::Value;

use crate::change::leaf::{Leaf, Part};
use crate::change::loss::{self, Loss};
use crate::change::pair::{Pair, Twin};
use crate::change::shape::{Resource, Shape};
use crate::change::side::Half;

/// A guard: its type, the property that names what it guards, and what is lost with it if the rows of
/// its properties do not say so. What guards all that is chosen by tags names nothing.
struct Guard(&'static str, &'static str, &'static str);

const NO_PLAN: &str = "nothing is backed up any more";
const NO_CHOICE: &str = "what it chooses is not backed up any more";

const GUARDS: [Guard; 8] = [
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/about-backup-plans.html
    Guard("AWS::Backup::BackupPlan", "", NO_PLAN),
    Guard("aws_backup_plan", "", NO_PLAN),
    // https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
    Guard("AWS::Backup::BackupSelection", "BackupPlanId", NO_CHOICE),
    Guard("aws_backup_selection", "plan_id", NO_CHOICE),
    // The sources are those of the rows in `loss`.
    Guard("aws_backup_vault_lock_configuration", "backup_vault_name", ""),
    Guard("aws_s3_bucket_lifecycle_configuration", "bucket", ""),
    Guard("aws_s3_bucket_object_lock_configuration", "bucket", ""),
    Guard("aws_s3_bucket_versioning", "bucket", ""),
];

fn guard(resource: &Resource) -> Option<&'static Guard> {
    GUARDS.iter().find(|guard| guard.0 == resource.kind)
}

/// Every type of a guard, for a test that holds them against the types that are written.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    GUARDS.iter().map(|guard| guard.0)
}

/// What is lost by a guard that is only on one side.
pub fn losses(pair: &Pair<'_>, twin: &Twin<'_>, was: &Half, is: &Half) -> Vec<Loss> {
    let (base, head) = match (twin.base, twin.head) {
        (Some(base), Some(head)) if base.kind == head.kind => return Vec::new(),
        sides => sides,
    };
    let mut out = Vec::new();
    if let Some(base) = base.filter(|base| !comes_or_goes(pair, base, true)) {
        out.extend(gone(base, was));
    }
    if let Some(head) = head.filter(|head| !comes_or_goes(pair, head, false)) {
        out.extend(values(head, is).filter_map(|(path, is)| loss::of_new(&head.kind, path, &is)));
    }
    once(out)
}

/// What is lost by a guard of a stack that goes as a whole.
pub fn of_stack(shape: &Shape, resource: &Resource, half: &Half) -> Vec<Loss> {
    let inside = guarded(resource).is_some_and(|id| shape.resources.contains_key(id));
    if inside { Vec::new() } else { once(gone(resource, half)) }
}

fn gone(base: &Resource, half: &Half) -> Vec<Loss> {
    let whole = guard(base).map(|guard| guard.2).filter(|what| !what.is_empty());
    match whole {
        Some(what) => vec![Loss { what: what.to_owned(), kept: None }],
        None if guard(base).is_none() => Vec::new(),
        None => {
            let of = |(path, was): (&str, Value)| loss::of_gone(&base.kind, path, &was);
            values(base, half).filter_map(of).collect()
        }
    }
}

fn values<'r>(resource: &'r Resource, half: &'r Half) -> impl Iterator<Item = (&'r str, Value)> {
    let leaves = resource.leaves.iter().filter(|_| guard(resource).is_some());
    leaves.map(|(path, leaf)| (path.as_str(), leaf.fill(&half.values)))
}

/// The same may be lost by several properties.
fn once(mut losses: Vec<Loss>) -> Vec<Loss> {
    losses.dedup();
    losses
}

/// Whether what a guard guards goes with it, or comes with it.
fn comes_or_goes(pair: &Pair<'_>, resource: &Resource, goes: bool) -> bool {
    let Some(id) = guarded(resource) else { return false };
    let is = |twin: &&Twin<'_>| {
        if goes {
            twin.base.is_some() && twin.renamed.unwrap_or(twin.id) == id
        } else {
            twin.head.is_some() && twin.id == id
        }
    };
    let both = |twin: &Twin<'_>| twin.base.is_some() && twin.head.is_some();
    pair.both.iter().find(is).is_some_and(|twin| !both(twin) || twin.renamed.is_some())
}

/// What a guard guards, if it is in the same template.
fn guarded(resource: &Resource) -> Option<&str> {
    let leaf = resource.leaves.get(guard(resource)?.1)?;
    match leaf {
        Leaf::Text(parts) => parts.iter().find_map(|part| match part {
            Part::Thing(id, _) => Some(id.as_str()),
            _ => None,
        }),
        _ => None,
    }
}
