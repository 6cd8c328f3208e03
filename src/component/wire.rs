//! What components need to add to what is there: parameters of templates with their values, and
//! rights of those who deploy; and where that is waited for.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::role;
use crate::model::foundation;
use crate::plan::Plan;
use crate::spec::Spec;
use crate::template::{Estate, ParamKind, Stack};
use crate::value::{Value, param};

/// Lets the role that deploys to accounts of tenants do something more, on whatever resource: the
/// account is the tenant's, and the role is bound by its trust.
pub fn allow_deployer(estate: &mut Estate, actions: &[&str]) {
    let inner = estate.templates.get_mut("organization").map(|t| &mut t.inner);
    let Some(baseline) = inner.and_then(|inner| inner.get_mut("baseline")) else { return };
    let deployer = baseline.entries.iter_mut().find(|entry| entry.id == "Deployer");
    let body = &mut deployer.expect("every baseline has a deployer").body;
    let policies = body.properties.iter_mut().find(|(name, _)| *name == "Policies");
    let (_, Value::List(policies)) = policies.expect("it may do something") else {
        unreachable!("policies are a list")
    };
    let Some(Value::Block(policy)) = policies.first_mut() else { unreachable!("it has one") };
    let Value::Document(document) = &mut policy[1].1 else { unreachable!("a policy document") };
    let Value::Map(parts) = document.as_mut() else { unreachable!("an object") };
    let Value::List(statements) = &mut parts[1].1 else { unreachable!("statements are a list") };
    statements.push(role::statement(actions, vec!["*".into()]));
}

/// Adds a parameter to the template of a shape, and its value to each of its stacks; `value` also
/// gives the key of the stack that must be deployed before.
pub fn feed(
    estate: &mut Estate,
    shape: &str,
    (name, kind, about): (&str, ParamKind, &str),
    value: impl Fn(&Stack) -> (String, Option<String>),
) -> Value {
    let template = estate.templates.get_mut(shape).expect("the shape is there");
    match kind {
        ParamKind::Text => template.param(name, about),
        ParamKind::Imported(kind) => template.imported(name, kind, about),
        ParamKind::Foreign => template.foreign(name, about),
    };
    for stack in estate.stacks.iter_mut().filter(|stack| stack.shape == shape) {
        let (value, before) = value(stack);
        stack.values.push(value);
        stack.depends_on.extend(before.filter(|key| !stack.depends_on.contains(key)));
    }
    param(name)
}

/// The accounts and regions that have what a component has once in each: the
/// [usual ones](foundation::places), and those in which a stack waits for it; `key` says what it is called
/// there. What an estate or an account has once stands in the home region, whether anybody lives there or not.
pub fn places(
    spec: &Spec,
    plan: &Plan,
    estate: &Estate,
    key: impl Fn((&str, &str)) -> String,
) -> BTreeSet<(String, String)> {
    let mut out = foundation::places(spec, plan);
    let mut keys = BTreeMap::new();
    for stack in &estate.stacks {
        let place = (stack.account.as_str(), stack.region.as_str());
        let key = keys.entry(place).or_insert_with(|| key(place));
        out.extend(stack.depends_on.contains(key).then_some(place));
    }
    out.into_iter().map(|(account, region)| (account.to_owned(), region.to_owned())).collect()
}
