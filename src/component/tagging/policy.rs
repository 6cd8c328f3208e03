//! How keys of tags are written in accounts of tenants: a tag policy on the units of the tiers.

use crate::blueprint::shape::component::Tagging;
use crate::model::organization;
use crate::resource::organizations::{Policy, PolicyKind};
use crate::spec::Spec;
use crate::spec::component::tagging::keys;
use crate::template::{Estate, NAME};
use crate::value::{Value, join, map, param};

/// Adds it to the stack of the organization, where there is one.
pub fn add(spec: &Spec, tagging: &Tagging, estate: &mut Estate) {
    let Some(t) = estate.templates.get_mut(organization::SHAPE) else { return };
    if !tagging.policy.unwrap_or(true) {
        return;
    }
    let policy = Policy {
        name: join([param(NAME), "-tags".into()]),
        description: "The keys of tags are written as the estate writes them",
        kind: PolicyKind::Tag,
        content: content(spec, tagging),
        targets: organization::units(spec),
    };
    organization::attach(t, "TagPolicy", policy);
}

/// Source of its form:
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html>.
fn content(spec: &Spec, tagging: &Tagging) -> Value {
    let one = |key: &str| {
        let mut out = vec![("tag_key".to_owned(), map([("@@assign", key)]))];
        if !tagging.enforce.is_empty() {
            let kinds = Value::from(tagging.enforce.clone());
            out.push(("enforced_for".to_owned(), map([("@@assign", kinds)])));
        }
        (key.to_owned(), Value::Map(out))
    };
    let tags = keys(&spec.required_tags).into_iter().map(one).collect();
    map([("tags", Value::Map(tags))])
}
