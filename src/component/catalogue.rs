//! The registry of tenants: a table with an item for each, and an API that answers whoever may ask.
//! The item is written with the tenant's own stack where that is in the same account and region,
//! and with a small stack of its own otherwise, so a new tenant touches nobody else. As one template has
//! the item and the other has not, tenants of a tier that live elsewhere have a template for themselves,
//! whoever else there is.

pub mod interface; // the API and the function behind it
pub mod item; // what the registry says of a tenant

use std::collections::BTreeSet;

use crate::component::wire;
use crate::model::identity;
use crate::plan::Plan;
use crate::resource::dynamodb::{Table, TableItem};
use crate::resource::ssm::Parameter;
use crate::spec::{Spec, Tenant};
use crate::template::{Estate, Extra, NAME, ParamKind, Stack, Template, Values, Wave};
use crate::value::{Value, join, param};

/// The shape of its template, and the beginning of the key of its stack.
const SHAPE: &str = "catalogue";

/// The shape of the stacks of items whose tenants live elsewhere.
const ENTRY: &str = "catalogue-entry";

/// What the shapes of tenants end with that live elsewhere and share theirs with some at home.
const ELSEWHERE: &str = ".elsewhere";

/// The attribute that names the tenant.
const KEY: &str = "tenant";

/// The parameter and the resource with the item of a tenant.
const ITEM: &str = "RegistryItem";

/// One stack in the home region of the workload account, and an item for each tenant.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let Some(catalogue) = &spec.components.catalogue else { return };
    let home = (spec.home_account.as_str(), spec.regions[0].as_str());
    let key = format!("{SHAPE}-{}", home.1);
    let mut stack = identity::shared_stack(spec, Wave::Common, key.clone(), home, None);
    let mut t = Template::new(SHAPE, "The registry of all tenants, and an API to read it.");
    identity::tag_shared(&mut t, spec, None);
    let registry = Registry { key, table: format!("{}-tenants", stack.name) };
    let name = join([param(NAME), "-tenants".into()]);
    let table = t.add_kept("Tenants", Table { name, key: (KEY, None) });
    interface::add(&mut t, spec, catalogue, &table);
    let mut values = Values::default();
    values.set(NAME, &stack.name);
    stack.values = values.order(&t);
    SHAPE.clone_into(&mut stack.shape);
    estate.stacks.push(stack);
    estate.templates.insert(SHAPE.to_owned(), t);
    items(spec, plan, estate, &registry, home);
}

/// Where items go.
struct Registry {
    /// The key of the stack.
    key: String,
    /// The name of the table.
    table: String,
}

/// The main stack of a tenant, by which the tenant is known.
fn is_main(stack: &Stack) -> bool {
    stack.tenant.as_ref().is_some_and(|tenant| stack.key == format!("tenant-{tenant}"))
}

fn items(spec: &Spec, plan: &Plan, estate: &mut Estate, registry: &Registry, home: (&str, &str)) {
    let at_home = |stack: &Stack| (stack.account.as_str(), stack.region.as_str()) == home;
    set_apart(spec, estate, &at_home);
    let mains = || estate.stacks.iter().filter(|stack| is_main(stack));
    let own: BTreeSet<String> =
        mains().filter(|stack| at_home(stack)).map(|stack| stack.shape.clone()).collect();
    let mut apart = Vec::new();
    for stack in mains().filter(|stack| !at_home(stack)) {
        let tenant = &spec.tenants[stack.tenant.as_ref().expect("a main stack is a tenant's")];
        apart.push((tenant, item::of(spec, plan, tenant, stack)));
    }
    for shape in &own {
        with_tenants(spec, plan, estate, registry, shape);
    }
    if !apart.is_empty() {
        let template = entry_template(spec, registry);
        for (tenant, item) in apart {
            estate.stacks.push(entry(spec, tenant, registry, &template, home, item));
        }
        estate.templates.insert(ENTRY.to_owned(), template);
    }
}

/// Gives tenants that live elsewhere a template for themselves. What one is called must not depend on
/// who else there is: the first tenant at home would touch those elsewhere, and the other way round. One in
/// an account of its own shares its template with nobody at home.
fn set_apart(spec: &Spec, estate: &mut Estate, at_home: &dyn Fn(&Stack) -> bool) {
    let mut before = BTreeSet::new();
    for stack in &mut estate.stacks {
        if is_main(stack) && spec.is_workload(&stack.account) && !at_home(stack) {
            before.insert(stack.shape.clone());
            stack.shape.push_str(ELSEWHERE);
        }
    }
    for shape in before {
        let mut template = estate.templates[&shape].clone();
        template.shape.push_str(ELSEWHERE);
        if estate.stacks.iter().all(|stack| stack.shape != shape) {
            estate.templates.remove(&shape);
        }
        estate.templates.insert(template.shape.clone(), template);
    }
}

/// Adds the item to the stacks of a shape.
fn with_tenants(spec: &Spec, plan: &Plan, estate: &mut Estate, registry: &Registry, shape: &str) {
    let about = "What the registry says of the tenant";
    wire::feed(estate, shape, (ITEM, ParamKind::Text, about), |stack| {
        let tenant = &spec.tenants[stack.tenant.as_ref().expect("it is a tenant's")];
        let item = item::of(spec, plan, tenant, stack);
        (item::text(&item), Some(registry.key.clone()))
    });
    for stack in estate.stacks.iter_mut().filter(|stack| stack.shape == shape) {
        let tenant = &spec.tenants[stack.tenant.as_ref().expect("it is a tenant's")];
        let item = item::of(spec, plan, tenant, stack);
        stack.extras.push(Extra::CatalogueItem(registry.table.clone(), item));
    }
    let template = estate.templates.get_mut(shape).expect("the shape is there");
    put(template, registry);
}

/// Adds the item itself, and tells it: CloudFormation has no resource for it.
fn put(t: &mut Template, registry: &Registry) {
    let item = TableItem { table: Value::from(&registry.table), key: KEY, item: param(ITEM) };
    t.add(ITEM, item);
    t.output("RegistryItem", "What the registry says of the tenant", param(ITEM));
}

/// The stack of an item whose tenant lives elsewhere. It has a parameter of Systems Manager, as a
/// stack of CloudFormation must have a resource.
fn entry_template(spec: &Spec, registry: &Registry) -> Template {
    let mut t =
        Template::nameless(ENTRY, "What the registry says of a tenant that lives elsewhere.");
    t.param(NAME, "What the names of the resources begin with");
    identity::tag_shared(&mut t, spec, None);
    t.param("Tenant", "The id of the tenant");
    t.tags.push(("Tenant".to_owned(), param("Tenant")));
    t.param(ITEM, "What the registry says of the tenant");
    let path = join([spec.parameter("catalogue/tenant/").into(), param("Tenant")]);
    let description = "What the registry says of the tenant";
    t.add("Entry", Parameter { path, description, value: param(ITEM) });
    put(&mut t, registry);
    t
}

fn entry(
    spec: &Spec,
    tenant: &Tenant,
    registry: &Registry,
    template: &Template,
    home: (&str, &str),
    item: Vec<(&'static str, String)>,
) -> Stack {
    let key = format!("entry-{}", tenant.id);
    let mut stack = identity::shared_stack(spec, Wave::Watch, key, home, None);
    stack.tenant = Some(tenant.id.clone());
    stack.tier = Some(tenant.tier.clone());
    stack.depends_on.push(registry.key.clone());
    let mut values = Values::default();
    values.set(NAME, &stack.name);
    values.set("Tenant", &tenant.id);
    values.set(ITEM, item::text(&item));
    stack.extras.push(Extra::CatalogueItem(registry.table.clone(), item));
    stack.values = values.order(template);
    ENTRY.clone_into(&mut stack.shape);
    stack
}
