//! What applications read of their environment: parameters of Systems Manager in each place, which
//! the roles of applications may read. An environment is a blueprint of its own, so the same names
//! hold other values there.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::role;
use crate::model::{foundation, identity};
use crate::name::{pascal, short_hash};
use crate::plan::Plan;
use crate::resource::Resource as _;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::ssm::Parameter;
use crate::spec::Spec;
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Id, Value, arn};

/// The shape of the template, and the beginning of the keys of its stacks.
const SHAPE: &str = "settings";

/// The roles of what runs in pools, and of what runs for a tenant.
const READERS: [&str; 2] = ["AppRole", "TaskRole"];

/// One stack of parameters in each place of the tenants, and the right to read them.
pub fn synthesise(
    spec: &Spec,
    plan: &Plan,
    parameters: &BTreeMap<String, String>,
    estate: &mut Estate,
) {
    let mut readers = BTreeSet::new();
    for (shape, template) in &mut estate.templates {
        let found = template
            .entries
            .iter()
            .find(|entry| entry.tf == Role::TF && READERS.contains(&entry.id.as_str()));
        let Some(role) = found.map(|entry| entry.id.clone()) else { continue };
        let below = spec.parameter("settings");
        let policy = RolePolicy {
            role: Id::<Role>::resource(role),
            name: "read-settings".to_owned(),
            document: document(vec![read(&below)]),
        };
        template.add("SettingsPolicy", policy);
        readers.insert(shape.clone());
    }
    let t = template(spec, parameters);
    for place in foundation::places(spec, plan) {
        if !spec.is_workload(place.0) {
            continue;
        }
        let key = identity::place_key(spec, SHAPE, place);
        let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        stack.values = values.order(&t);
        SHAPE.clone_into(&mut stack.shape);
        for other in &mut estate.stacks {
            let here = (other.account.as_str(), other.region.as_str()) == place;
            if here && readers.contains(&other.shape) {
                other.depends_on.push(stack.key.clone());
            }
        }
        estate.stacks.push(stack);
    }
    estate.templates.insert(SHAPE.to_owned(), t);
}

/// Reads all of them, and nothing else.
fn read(below: &str) -> Value {
    let all = |tail: &str| arn("ssm", format!("parameter{below}{tail}"));
    let actions = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"];
    role::statement(&actions, vec![all(""), all("/*")])
}

fn template(spec: &Spec, parameters: &BTreeMap<String, String>) -> Template {
    let mut t = Template::new(SHAPE, "What applications read of this environment.");
    identity::tag_shared(&mut t, spec, None);
    for (name, value) in parameters {
        let plain: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        // `a.b` and `a_b` are two parameters.
        let id = format!("Setting{}{}", pascal(&plain), pascal(&short_hash(name, 4)));
        let parameter = Parameter {
            path: spec.parameter(&format!("settings/{name}")).into(),
            description: "What applications read of this environment",
            value: value.into(),
        };
        t.add(id, parameter);
    }
    t
}
