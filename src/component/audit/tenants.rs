//! What each account of a tenant has: the recorder, the rules and the analyzer of any other place. AWS
//! itself deploys them to each account of the units, also to one that is made later, so nothing here
//! lists tenants.

use super::{Archive, SHAPE, place};
use crate::blueprint::shape::component::Audit;
use crate::model::{identity, organization};
use crate::resource::stackset::StackSet;
use crate::spec::{Managed, Spec};
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Value, join, param};

/// The template for the home region, where what is global is recorded, and its logical id.
const HOME: (&str, &str) = ("recorder", "Recorders");

/// The template for the other regions, and its logical id.
const ABROAD: (&str, &str) = ("abroad", "RecordersAbroad");

/// The organization whose accounts of tenants are recorded.
pub fn covered<'a>(spec: &'a Spec, audit: &Audit) -> Option<&'a Managed> {
    let wanted = audit.tenant_accounts.unwrap_or(true) && spec.has_accounts();
    spec.organization.as_ref().filter(|_| wanted)
}

/// One stack in the management account. It comes after the archive, as a recorder is made only where
/// its records can be written.
pub fn synthesise(spec: &Spec, estate: &mut Estate, audit: &Audit, archive: &Archive) {
    let Some(managed) = covered(spec, audit) else { return };
    let key = format!("{SHAPE}-tenants");
    let at = (managed.account.as_str(), spec.regions[0].as_str());
    let mut stack = identity::shared_stack(spec, Wave::Common, key.clone(), at, None);
    let mut values = Values::default();
    values.set(NAME, &stack.name);
    let t = template(&key, spec, audit, archive, &mut values);
    stack.values = values.order(&t);
    stack.shape.clone_from(&key);
    stack.depends_on.extend([organization::SHAPE.to_owned(), archive.key.clone()]);
    estate.stacks.push(stack);
    estate.templates.insert(key, t);
}

fn template(
    shape: &str,
    spec: &Spec,
    audit: &Audit,
    archive: &Archive,
    values: &mut Values,
) -> Template {
    let about = "What records and looks at each account of a tenant.";
    let mut t = Template::new(shape, about);
    identity::tag_shared(&mut t, spec, None);
    let units = organization::imported_units(&mut t, spec, values);
    let (home, abroad) = spec.regions.split_at(1);
    for (of, regions) in [(HOME, home), (ABROAD, abroad)] {
        if !regions.is_empty() {
            let inner = place::template(of.0, spec, audit, archive, of == HOME);
            t.inner.insert(of.0, inner);
            set(&mut t, spec, of, &units, regions);
        }
    }
    t
}

/// A stack set in some regions.
fn set(
    t: &mut Template,
    spec: &Spec,
    (template, id): (&'static str, &str),
    units: &[(String, Value)],
    regions: &[String],
) {
    let set = StackSet {
        name: join([param(NAME), format!("-{template}").into()]),
        description: "The recorder, the rules and the analyzer of each account of a tenant",
        template,
        // What the recorder and its rules are called there, as in any other account.
        parameters: vec![(NAME, format!("{}-{SHAPE}", spec.estate()).into())],
        units: units.iter().map(|(_, unit)| unit.clone()).collect(),
        regions: regions.to_vec(),
    };
    organization::spread(t, id, set, units, |n| format!("{id}Instances{n}"));
}
