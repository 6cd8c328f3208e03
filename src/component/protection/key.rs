//! What keys encrypt: whatever holds data and takes a key without harm. A tenant that has data of its
//! own has a key in its own stack; what tenants share takes that of the tier, and what belongs to no
//! tier that of the estate, each found by one parameter.

pub mod policy; // who may do what with a key
mod holder; // what takes a key, and how

use std::collections::{BTreeMap, BTreeSet};

use crate::blueprint::shape::component::{Keys, Protection};
use crate::component::protection::{SHAPE, is_apart, is_of_tenants, settings, shapes, template};
use crate::component::wire;
use crate::model::identity;
use crate::name::pascal;
use crate::resource::kms::{Alias, Key};
use crate::resource::ssm::Parameter;
use crate::spec::{Spec, Tier};
use crate::template::{Estate, NAME, ParamKind, Stack, Template, Values, Wave};
use crate::value::{Value, join, param};

use holder::Kind;

/// The name of a key in its template.
const KEY: &str = "DataKey";

/// The parameter with the ARN of a key that is elsewhere.
const ARN: &str = "DataKeyArn";

/// Whose data a key encrypts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// What belongs to no tier, or to any.
    Estate,
    /// What the tenants of a tier share, or all of theirs.
    Tier(String),
    /// A tenant's own; the key is in the tenant's stack.
    Own,
}

/// A shape whose templates hold data.
struct Holding {
    shape: String,
    scope: Scope,
    kinds: BTreeSet<Kind>,
    databases: bool,
}

/// Sets a key on all that holds data.
pub fn synthesise(spec: &Spec, estate: &mut Estate) {
    let mut uses: BTreeMap<Scope, BTreeSet<Kind>> = BTreeMap::new();
    let mut places: BTreeSet<(Scope, String, String)> = BTreeSet::new();
    for holding in holdings(spec, estate) {
        let Holding { shape, scope, kinds, databases } = holding;
        let arn = if scope == Scope::Own {
            own(spec, estate, &shape, &kinds)
        } else {
            for stack in estate.stacks.iter().filter(|stack| stack.shape == shape) {
                places.insert((scope.clone(), stack.account.clone(), stack.region.clone()));
            }
            uses.entry(scope.clone()).or_default().extend(kinds);
            imported(spec, estate, &shape, &scope)
        };
        holder::set(template(estate, &shape), databases, &arn);
    }
    shared(spec, estate, &uses, &places);
}

/// What holds data, and whose key it takes.
fn holdings(spec: &Spec, estate: &Estate) -> Vec<Holding> {
    let mut out = Vec::new();
    for shape in shapes(estate) {
        let Some((protection, tier)) = settings(spec, estate, &shape) else { continue };
        let databases = protection.databases.unwrap_or(false);
        let kinds = holder::kinds(&estate.templates[&shape], databases);
        let scope = scope(estate, &shape, protection, tier).filter(|_| !kinds.is_empty());
        out.extend(scope.map(|scope| Holding { shape, scope, kinds, databases }));
    }
    out
}

/// Keys of other accounts would have to be shared with those of tenants, so these have their own,
/// whatever is said.
fn scope(
    estate: &Estate,
    shape: &str,
    protection: &Protection,
    tier: Option<&Tier>,
) -> Option<Scope> {
    if protection.keys == Keys::Aws {
        return None;
    }
    let Some(of) = tier else { return Some(Scope::Estate) };
    let own = protection.keys == Keys::Tenant && is_of_tenants(estate, shape);
    Some(if own || is_apart(estate, shape, tier) {
        Scope::Own
    } else if protection.keys == Keys::Estate {
        Scope::Estate
    } else {
        Scope::Tier(of.id.clone())
    })
}

/// Adds a key to the template of a tenant, before all that it encrypts; its ARN.
fn own(spec: &Spec, estate: &mut Estate, shape: &str, kinds: &BTreeSet<Kind>) -> Value {
    let tier = estate.stacks.iter().find(|stack| stack.shape == shape);
    let tier = tier.and_then(|stack| stack.tier.clone()).expect("a tenant has a tier");
    let t = template(estate, shape);
    let logs = join([param(NAME), "-*".into()]);
    let conditions = policy::Users { tier: Some(&tier), tenant: Some(param("Tenant")) };
    let document = policy::of(spec, &conditions, kinds, logs);
    let at = t.entries.len();
    let description = join(["The data of tenant ".into(), param("Tenant")]);
    let arn = key(t, description, document);
    let mut added = t.entries.split_off(at);
    added.append(&mut t.entries);
    t.entries = added;
    t.output(ARN, "The key that encrypts what the tenant keeps", arn.clone());
    arn
}

/// Adds a key with its name; its ARN.
fn key(t: &mut Template, description: Value, policy: Value) -> Value {
    let key = t.add_kept(KEY, Key { description, policy });
    let arn = key.att("Arn");
    let name = join(["alias/".into(), param(NAME)]);
    t.add(format!("{KEY}Alias"), Alias { name, key });
    arn
}

/// The word of a key that is shared.
fn word(scope: &Scope) -> String {
    match scope {
        Scope::Estate => "estate".to_owned(),
        Scope::Tier(tier) => format!("tier-{tier}"),
        Scope::Own => unreachable!("it is in the stack of the tenant"),
    }
}

/// Whether a stack holds a key that is shared: it stands where something takes it.
pub fn is_shared(stack: &Stack) -> bool {
    stack.shape.strip_prefix(SHAPE).is_some_and(|rest| rest.starts_with("-key-"))
}

fn path(spec: &Spec, scope: &Scope) -> String {
    spec.parameter(&format!("protection/data-key/{}", word(scope)))
}

/// The key of the stack of a key.
fn stack_key(spec: &Spec, scope: &Scope, place: (&str, &str)) -> String {
    identity::place_key(spec, &format!("{SHAPE}-key-{}", word(scope)), place)
}

/// The ARN of a shared key, as a parameter of the template of a shape.
fn imported(spec: &Spec, estate: &mut Estate, shape: &str, scope: &Scope) -> Value {
    let about = "The key that encrypts what is kept here";
    wire::feed(estate, shape, (ARN, ParamKind::Imported("String"), about), |stack: &Stack| {
        (path(spec, scope), Some(stack_key(spec, scope, (&stack.account, &stack.region))))
    })
}

/// One template for each shared key, and a stack wherever something takes it.
fn shared(
    spec: &Spec,
    estate: &mut Estate,
    uses: &BTreeMap<Scope, BTreeSet<Kind>>,
    places: &BTreeSet<(Scope, String, String)>,
) {
    for (scope, kinds) in uses {
        let template = shared_template(spec, scope, kinds);
        for (_, account, region) in places.iter().filter(|(of, ..)| of == scope) {
            let place = (account.as_str(), region.as_str());
            let key = stack_key(spec, scope, place);
            let tier = tier(spec, scope);
            let mut stack = identity::shared_stack(spec, Wave::Foundation, key, place, tier);
            let mut values = Values::default();
            values.set(NAME, &stack.name);
            stack.values = values.order(&template);
            stack.shape.clone_from(&template.shape);
            estate.stacks.push(stack);
        }
        estate.templates.insert(template.shape.clone(), template);
    }
}

fn tier<'a>(spec: &'a Spec, scope: &Scope) -> Option<&'a Tier> {
    match scope {
        Scope::Tier(tier) => Some(&spec.tiers[tier]),
        _ => None,
    }
}

fn shared_template(spec: &Spec, scope: &Scope, kinds: &BTreeSet<Kind>) -> Template {
    let tier = tier(spec, scope);
    let about = match tier {
        Some(tier) => format!("The key of what tenants of tier {} keep.", tier.id),
        None => "The key of what belongs to no tier.".to_owned(),
    };
    let mut t = Template::new(format!("{SHAPE}-key-{}", word(scope)), about.as_str());
    identity::tag_shared(&mut t, spec, tier);
    let users = policy::Users { tier: tier.map(|tier| tier.id.as_str()), tenant: None };
    let logs = format!("{}*", crate::model::container::role::log_prefix(spec));
    let document = policy::of(spec, &users, kinds, logs.into());
    let arn = key(&mut t, about.trim_end_matches('.').into(), document);
    let description = "The key that encrypts what is kept";
    let id = format!("{}KeyParameter", pascal(&word(scope)));
    t.add(id, Parameter { path: path(spec, scope).into(), description, value: arn });
    t
}
