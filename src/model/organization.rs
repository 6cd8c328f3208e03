//! Whitepaper model 1: an account for each tenant. Here is what the management account has: a unit
//! for each tier, the policies and roles of everything below it, and the accounts. The network in
//! the tenant's own account is that of model `vpc`.

pub mod guard; // what nobody in an account of a tenant may do
pub mod baseline; // the roles that every account of a tenant has

use crate::blueprint::shape::{AccountSettings, Isolation};
use crate::model::identity;
use crate::name::fit;
use crate::plan::Plan;
use crate::resource::budget::Budget;
use crate::resource::organizations::{
    Account, OrganizationalUnit, Policy, PolicyAttachment, PolicyKind,
};
use crate::resource::ssm::Parameter;
use crate::resource::stackset::{StackSet, StackSetInstance};
use crate::spec::{Managed, Spec, Tenant, Tier};
use crate::template::{Estate, NAME, Step, Template, Values, Wave};
use crate::value::{Id, Value, join, param};

/// The shape of the template of the organization, and the key of its stack.
pub const SHAPE: &str = "organization";

/// The name of the template that the stack set carries.
const BASELINE: &str = "baseline";

/// The most characters of an account's name.
/// Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html>.
const ACCOUNT_NAME_MAX: usize = 50;

/// One stack for the organization, and one for each account.
///
/// Accounts have stacks of their own so that a tenant that comes or goes touches no other, and so
/// that no template grows. AWS makes no two accounts at once; the wave is deployed one by one.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let Some(managed) = spec.organization.as_ref().filter(|_| spec.has_accounts()) else { return };
    let place = (managed.account.as_str(), spec.regions[0].as_str());
    let wave = Wave::Organization;
    let mut stack = identity::shared_stack(spec, wave, SHAPE.to_owned(), place, None);
    let template = template(spec, managed);
    let mut values = Values::default();
    values.set(NAME, &stack.name);
    stack.values = values.order(&template);
    SHAPE.clone_into(&mut stack.shape);
    estate.stacks.push(stack);
    estate.templates.insert(SHAPE.to_owned(), template);
    let own = |t: &&Tenant| spec.tiers[&t.tier].isolation == Isolation::Account;
    for tenant in spec.tenants.values().filter(own) {
        account(spec, plan, managed, tenant, estate);
    }
}

/// The key of the stack that makes the account of a tenant.
pub fn key(tenant: &str) -> String {
    format!("account-{tenant}")
}

/// The tiers whose tenants have accounts.
fn tiers(spec: &Spec) -> impl Iterator<Item = (&Tier, &AccountSettings)> {
    spec.tiers.values().filter_map(|tier| Some((tier, tier.account.as_ref()?)))
}

/// The units of the tiers, as the template of the organization has them.
pub fn units(spec: &Spec) -> Vec<Id<OrganizationalUnit>> {
    tiers(spec).map(|(tier, _)| Id::resource(unit_id(tier))).collect()
}

fn unit_id(tier: &Tier) -> String {
    format!("{}Unit", crate::name::pascal(&tier.id))
}

/// Adds a policy, and attaches it to its units. An attachment is called by its unit: by a number, a unit that
/// comes would take that of another, which would be without the policy for a while.
pub fn attach(t: &mut Template, id: &str, policy: Policy) {
    let targets = policy.targets.clone();
    let policy = t.add(id, policy);
    for (n, target) in (1..).zip(targets) {
        let unit = target.logical().expect("units stand in this template").clone();
        let attachment = PolicyAttachment { policy: policy.clone(), target };
        t.add(format!("{id}{unit}Attachment"), attachment);
        t.rename_last(format!("{id}Attachment{n}"));
    }
}

/// Adds a stack set, and for Terraform an instance of it for each unit and region, called by both: Terraform
/// makes an instance anew when its units change, and would take down what stands in the others' accounts.
/// `units` are called by the first, and `was` is what the instance of all units in a region was called; what
/// it holds goes before others take it over.
pub fn spread(
    t: &mut Template,
    id: &str,
    set: StackSet,
    units: &[(String, Value)],
    was: impl Fn(usize) -> String,
) {
    let regions = set.regions.clone();
    let set = t.add(id, set);
    for (n, region) in (1..).zip(regions) {
        let mut first: Option<String> = None;
        for (name, unit) in units {
            let (set, unit, region) = (set.clone(), unit.clone(), region.clone());
            let name = format!("{id}{name}{}", crate::name::pascal(&region));
            let after: Vec<&String> = first.iter().collect();
            t.add_after(&name, StackSetInstance { set, unit, region }, &after);
            if first.is_none() {
                t.rename_last(was(n));
                first = Some(name);
            }
        }
    }
}

/// The names and ids of the units in a template of the management account that is not the organization's own,
/// which reads them.
pub fn imported_units(t: &mut Template, spec: &Spec, values: &mut Values) -> Vec<(String, Value)> {
    let one = |(tier, _): (&Tier, &AccountSettings)| {
        let name = format!("{}Id", unit_id(tier));
        values.set(&name, unit_path(spec, &tier.id));
        let about = format!("The unit of the accounts of tier {}", tier.id);
        (unit_id(tier), t.imported(&name, "String", about))
    };
    tiers(spec).map(one).collect()
}

/// The path of the id of a tier's unit.
fn unit_path(spec: &Spec, tier: &str) -> String {
    spec.parameter(&format!("organization/{tier}-unit-id"))
}

fn template(spec: &Spec, managed: &Managed) -> Template {
    let mut t = Template::new(
        SHAPE,
        "Units for the accounts of tenants, what bounds them, and what each of them has.",
    );
    identity::tag_shared(&mut t, spec, None);
    let mut units: Vec<Id<OrganizationalUnit>> = Vec::new();
    for (tier, settings) in tiers(spec) {
        let name = settings.organizational_unit.as_ref().unwrap_or(&tier.id);
        let parent = Value::from(&managed.organization.root);
        let id = crate::name::pascal(&tier.id);
        let unit = OrganizationalUnit { name: name.into(), parent };
        let unit = t.add(unit_id(tier), unit);
        let path = Value::from(unit_path(spec, &tier.id));
        let description = "The unit of the accounts of a tier";
        let value = Value::from(&unit);
        t.add(format!("{id}UnitParameter"), Parameter { path, description, value });
        units.push(unit);
    }
    for guard in guard::all(spec) {
        let name = join([param(NAME), format!("-{}", guard.name).into()]);
        let policy = Policy {
            name,
            description: guard.description,
            kind: PolicyKind::ServiceControl,
            content: guard.content,
            targets: units.clone(),
        };
        attach(&mut t, &format!("{}Policy", crate::name::pascal(guard.name)), policy);
    }
    t.inner.insert(BASELINE, baseline::template(spec));
    let region = spec.regions[0].clone();
    let named = |(tier, _): (&Tier, &AccountSettings)| unit_id(tier);
    let units: Vec<_> = tiers(spec).map(named).zip(units.iter().map(Value::from)).collect();
    let set = StackSet {
        name: join([param(NAME), format!("-{BASELINE}").into()]),
        description: "The roles that every account of a tenant has",
        template: BASELINE,
        parameters: vec![(NAME, spec.estate().into())],
        units: units.iter().map(|(_, unit)| unit.clone()).collect(),
        regions: vec![region],
    };
    spread(&mut t, "Baseline", set, &units, |_| "BaselineInstances".to_owned());
    t.then.push(Step::ActivateCostTags);
    t
}

fn account(spec: &Spec, plan: &Plan, managed: &Managed, tenant: &Tenant, estate: &mut Estate) {
    let tier = spec.tier_of(tenant);
    let shape = format!("account-{}", tier.id);
    let template = estate
        .templates
        .entry(shape)
        .or_insert_with_key(|shape| account_template(shape, spec, tier));
    let (mut stack, mut values) = identity::tenant_stack(spec, tenant, tier, &managed.account);
    stack.key = key(&tenant.id);
    stack.name = spec.naming.render(&spec.name, &spec.environment, &stack.key);
    stack.wave = Wave::Account;
    stack.access = spec.access(&managed.account);
    stack.region.clone_from(&spec.regions[0]);
    values.set(NAME, &stack.name);
    // A name cannot be changed, so it is made of what does not change.
    let name = fit(&format!("{}-{}", spec.estate(), tenant.id), ACCOUNT_NAME_MAX);
    values.set("AccountName", name);
    values.set("Email", tenant.email.as_deref().unwrap_or_default());
    values.set("UnitId", unit_path(spec, &tier.id));
    stack.makes = Some(plan.tenants[&tenant.id].account.clone());
    stack.depends_on.push(SHAPE.to_owned());
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    estate.stacks.push(stack);
}

fn account_template(shape: &str, spec: &Spec, tier: &Tier) -> Template {
    let about = format!("The account of a tenant of tier {}, and its budget.", tier.id);
    let mut t = Template::new(shape, about);
    identity::tag_tenant(&mut t, spec, tier);
    let name = t.param("AccountName", "The name of the account, which cannot be changed");
    let email = t.param("Email", "The e-mail address of the account, which cannot be changed");
    let unit = t.imported("UnitId", "String", "The unit of the accounts of the tier");
    let role = Value::from(&spec.deploy.role);
    let account = t.add_kept("Account", Account { name: name.clone(), email, unit, role });
    let budget = &tier.account.as_ref().expect("the spec checked that it is there").budget;
    let budget = Budget {
        name,
        account: account.att("AccountId"),
        monthly: budget.monthly,
        threshold: budget.threshold.unwrap_or(80),
        notify: budget.notify.clone(),
    };
    t.add("AccountBudget", budget);
    // What AWS makes of a budget that has its name no more is told in two ways, so it is another one.
    t.rename_last("Budget");
    t.output("AccountId", "The account", account.att("AccountId"));
    t
}
