//! What a role of a tenant may do: put measurements whose source is its own name, and see whether it is
//! throttled. The source of an event is bound by IAM and its detail is not, so consumers take the
//! tenant from nowhere else. Source:
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html>.

use crate::component::role;
use crate::model::application::roles::TAG;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::spec::Spec;
use crate::template::{Estate, Template};
use crate::value::{Id, Value, arn, join, map, param};

/// The roles by which a tenant's work is done: of its own containers, and of an application that says
/// for which tenant it works.
const ROLES: [&str; 2] = ["TaskRole", "DataRole"];

/// Adds the right to each role of a tenant in this account.
pub fn roles(spec: &Spec, estate: &mut Estate) {
    let own = |shape: &str| {
        estate.stacks.iter().any(|s| s.shape == shape && spec.is_workload(&s.account))
    };
    let shapes: Vec<String> = estate.templates.keys().filter(|s| own(s)).cloned().collect();
    for shape in shapes {
        let template = estate.templates.get_mut(&shape).expect("it was just there");
        let there = |id: &&str| template.entries.iter().any(|entry| entry.id == *id);
        let Some(id) = ROLES.iter().copied().find(there) else { continue };
        allow(template, spec, id);
    }
}

fn allow(t: &mut Template, spec: &Spec, id: &str) {
    let tier = t.tags.iter().find(|(key, _)| key == "Tier");
    let tier = tier.expect("a role of a tenant is in a template of a tier").1.clone();
    let tenant = if id == "TaskRole" {
        param("Tenant")
    } else {
        Value::from(format!("${{aws:PrincipalTag/{TAG}}}"))
    };
    let bus = arn("events", format!("event-bus/{}", super::bus_name(spec)));
    let source = join(["usage.".into(), tier, ".".into(), tenant.clone()]);
    let put = put(bus, ("StringEquals", source), "usage");
    let policy = RolePolicy {
        role: Id::<Role>::resource(id),
        name: "chargeback".to_owned(),
        document: document(vec![put, see(spec, tenant)]),
    };
    t.add(format!("{id}ChargebackPolicy"), policy);
}

/// Lets a role put events of one kind on the bus, from sources that fit only.
pub fn put(bus: Value, (how, source): (&str, Value), kind: &str) -> Value {
    let source = map([("events:source", source)]);
    let kind = map([("events:detail-type", kind)]);
    let condition = if how == "StringEquals" {
        let (Value::Map(mut source), Value::Map(kind)) = (source, kind) else {
            unreachable!("they are objects")
        };
        source.extend(kind);
        map([(how, Value::Map(source))])
    } else {
        map([("StringEquals", kind), (how, source)])
    };
    conditioned(role::statement(&["events:PutEvents"], vec![bus]), condition)
}

/// What is of the tenant in the table of counters. The second line is for requests that say no key.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>.
fn see(spec: &Spec, tenant: Value) -> Value {
    const KEYS: &str = "dynamodb:LeadingKeys";
    let table = arn("dynamodb", format!("table/{}", super::table_name(spec)));
    let condition = map([
        ("ForAllValues:StringEquals", map([(KEYS, Value::List(vec![tenant]))])),
        ("Null", map([(KEYS, "false")])),
    ]);
    let read = role::statement(&["dynamodb:GetItem", "dynamodb:Query"], vec![table]);
    conditioned(read, condition)
}

/// A statement that is true under a condition.
pub fn conditioned(statement: Value, condition: Value) -> Value {
    let Value::Map(mut parts) = statement else { unreachable!("a statement is an object") };
    parts.push(("Condition".to_owned(), condition));
    Value::Map(parts)
}
