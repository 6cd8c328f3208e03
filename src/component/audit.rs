//! Who did what, what is there, and who from outside may reach it: a locked archive, trails into it,
//! and in each place a recorder with rules and an analyzer. Recorders write to a bucket beside the archive,
//! as AWS Config delivers to none that is locked.

pub mod archive; // the buckets that keep everything
pub mod place; // what each account and region has
pub mod tenants; // the same in each account of a tenant

use std::collections::BTreeSet;

use crate::blueprint::shape::component::Audit;
use crate::model::{foundation, identity};
use crate::name::fit;
use crate::plan::Plan;
use crate::resource::audit::Trail;
use crate::spec::Spec;
use crate::template::{Estate, NAME, Stack, Template, Values, Wave};
use crate::value::{Value, param};

/// The beginning of the keys of its stacks and of its shapes.
const SHAPE: &str = "audit";

/// Who records what, and where to.
pub struct Archive {
    /// The account that keeps records.
    pub account: String,
    /// The name of the bucket of the trail: known, so that no stack has to ask for it.
    pub bucket: String,
    /// The name of the bucket of recorders, known as well.
    pub records: String,
    /// The trails.
    pub trails: Vec<Recording>,
    /// The key of the stack.
    pub key: String,
}

/// A trail: its account, and its name there.
pub struct Recording {
    /// The account.
    pub account: String,
    /// The name.
    pub name: String,
    /// The key of its stack.
    key: String,
}

/// The archive, the trails, and one stack in each place.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let Some(audit) = &spec.components.audit else { return };
    let archive = plan_archive(spec, plan);
    let home = spec.regions[0].as_str();
    let template = archive::template(spec, audit, &archive, &places(spec, plan));
    push(spec, estate, (&archive.key, Wave::Foundation), (&archive.account, home), template, None);
    let template = trail(spec, audit, &archive);
    for trail in &archive.trails {
        let place = (trail.account.as_str(), home);
        let template = template.clone();
        push(spec, estate, (&trail.key, Wave::Common), place, template, Some(&archive));
    }
    place::synthesise(spec, plan, estate, audit, &archive);
    tenants::synthesise(spec, estate, audit, &archive);
}

/// The accounts and regions that are recorded.
fn places(spec: &Spec, plan: &Plan) -> Vec<(String, String)> {
    let all = foundation::places(spec, plan).into_iter();
    all.map(|(account, region)| (account.to_owned(), region.to_owned())).collect()
}

/// The most characters of the name of a bucket.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
const BUCKET_NAME: usize = 63;

fn plan_archive(spec: &Spec, plan: &Plan) -> Archive {
    let trails = trails(spec, plan);
    let account = spec.log_archive_account.clone().unwrap_or_else(|| trails[0].account.clone());
    let bucket = |of: &str| {
        fit(&format!("{}-{of}-{account}-{}", spec.estate(), spec.regions[0]), BUCKET_NAME)
    };
    Archive {
        bucket: bucket("audit"),
        records: bucket("config"),
        trails,
        account,
        key: format!("{SHAPE}-archive"),
    }
}

/// The trail of the organization, or else one of each account that something stands in, that of home
/// first.
fn trails(spec: &Spec, plan: &Plan) -> Vec<Recording> {
    let word = format!("{SHAPE}-trail");
    let one = |account: &str, key: String| Recording {
        account: account.to_owned(),
        name: spec.naming.render(&spec.name, &spec.environment, &key),
        key,
    };
    if let Some(managed) = &spec.organization {
        return vec![one(&managed.account, word)];
    }
    let home = spec.home_account.as_str();
    let others: BTreeSet<&str> =
        foundation::places(spec, plan).into_iter().map(|(account, _)| account).collect();
    let all = [home].into_iter().chain(others.into_iter().filter(|account| *account != home));
    all.map(|account| one(account, identity::account_key(spec, &word, account))).collect()
}

fn trail(spec: &Spec, audit: &Audit, archive: &Archive) -> Template {
    let mut t = Template::new(format!("{SHAPE}-trail"), "Who did what, in every region.");
    identity::tag_shared(&mut t, spec, None);
    let organization = spec.organization.is_some();
    let bucket = Value::from(&archive.bucket);
    let objects = audit.data_events.unwrap_or(false);
    t.add("Trail", Trail { name: param(NAME), bucket, organization, objects });
    t
}

/// Adds a template and its only stack.
fn push(
    spec: &Spec,
    estate: &mut Estate,
    (key, wave): (&str, Wave),
    place: (&str, &str),
    template: Template,
    after: Option<&Archive>,
) {
    let mut stack: Stack = identity::shared_stack(spec, wave, key.to_owned(), place, None);
    let mut values = Values::default();
    values.set(NAME, &stack.name);
    stack.values = values.order(&template);
    stack.shape.clone_from(&template.shape);
    stack.depends_on.extend(after.map(|archive| archive.key.clone()));
    estate.stacks.push(stack);
    estate.templates.insert(template.shape.clone(), template);
}

/// How long records are kept, where nothing else is said.
fn days(audit: &Audit) -> crate::resource::s3::Keeping {
    crate::resource::s3::Keeping {
        cold_after: Some(audit.cold_after.unwrap_or(90)),
        expire_after: Some(
            audit.retention_days.unwrap_or(crate::spec::component::audit::RETENTION),
        ),
        locked_for: audit.lock_days.unwrap_or(365),
    }
}
