//! What tags are for: a resource group for each tier in each place, costs by tenant and by tier in the
//! accounts that pay, tags that count in their bills, and a policy that says how their keys are written.

pub mod policy; // how keys of tags are written in accounts of tenants

use crate::blueprint::shape::component::{SharedCosts, Tagging};
use crate::model::{foundation, identity};
use crate::name::{fit, pascal};
use crate::plan::Plan;
use crate::resource::cost::{CostCategory, Split};
use crate::resource::group::Group;
use crate::spec::Spec;
use crate::template::{Estate, NAME, Step, Template, Values, Wave};
use crate::value::{Value, join, param};

/// The shape of the groups, and the beginning of the keys of its stacks.
const SHAPE: &str = "tagging";

/// The shape of the costs, and the beginning of the keys of its stacks.
const COSTS: &str = "tagging-costs";

/// What costs without a tag are called.
const REST: &str = "shared";

/// The most characters of the name of a cost category. Source:
/// <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CreateCostCategoryDefinition.html>.
const CATEGORY_NAME: usize = 50;

/// One stack in each place, and one where a bill is paid.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let Some(tagging) = &spec.components.tagging else { return };
    groups(spec, plan, estate);
    costs(spec, plan, tagging, estate);
    policy::add(spec, tagging, estate);
}

fn groups(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    // A template must have a resource.
    if spec.tiers.is_empty() {
        return;
    }
    let mut t = Template::new(SHAPE, "A resource group for each tier.");
    identity::tag_shared(&mut t, spec, None);
    for tier in spec.tiers.values() {
        let group = Group {
            name: join([param(NAME), format!("-{}", tier.id).into()]),
            description: "Everything of a tier",
            key: "Tier",
            value: Value::from(&tier.id),
        };
        t.add(format!("{}Group", pascal(&tier.id)), group);
    }
    for place in foundation::places(spec, plan) {
        let key = identity::place_key(spec, SHAPE, place);
        let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        stack.values = values.order(&t);
        SHAPE.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
    }
    estate.templates.insert(SHAPE.to_owned(), t);
}

/// Costs by tenant are not split further: a rule names every target, and a new tenant would touch it.
fn costs(spec: &Spec, plan: &Plan, tagging: &Tagging, estate: &mut Estate) {
    let mut t = Template::new(COSTS, "Costs by tenant and by tier.");
    identity::tag_shared(&mut t, spec, None);
    let name = |tail: &str| fit(&format!("{}-{tail}", spec.estate()), CATEGORY_NAME);
    let by_tenant = CostCategory { name: name("tenant"), tag: "Tenant", rest: REST, split: None };
    t.add("TenantCosts", by_tenant);
    let method = match tagging.shared_costs {
        SharedCosts::Proportional => Some("PROPORTIONAL"),
        SharedCosts::Even => Some("EVEN"),
        SharedCosts::Apart => None,
    };
    let targets: Vec<String> = spec.tiers.keys().cloned().collect();
    let split = method.filter(|_| !targets.is_empty());
    let split = split.map(|method| Split { source: REST, targets, method });
    t.add("TierCosts", CostCategory { name: name("tier"), tag: "Tier", rest: REST, split });
    // The organization's stack does it where there is one.
    if !spec.has_accounts() {
        t.then.push(Step::ActivateCostTags);
    }
    for payer in payers(spec, plan) {
        let key = match &spec.organization {
            Some(_) => COSTS.to_owned(),
            None => identity::account_key(spec, COSTS, payer),
        };
        let place = (payer, spec.regions[0].as_str());
        let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        stack.values = values.order(&t);
        COSTS.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
    }
    estate.templates.insert(COSTS.to_owned(), t);
}

/// The accounts that have a bill: of an organization its management account, outside of one each account.
/// Source: <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/create-cost-categories.html>.
fn payers<'a>(spec: &'a Spec, plan: &'a Plan) -> Vec<&'a str> {
    match &spec.organization {
        Some(managed) => vec![&managed.account],
        None => foundation::homes(spec, plan),
    }
}
