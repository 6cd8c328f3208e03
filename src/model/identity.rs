//! Names and tags: who a stack belongs to, said the same way everywhere.

use std::collections::BTreeMap;

use crate::blueprint::shape::Isolation;
use crate::diag::Sink;
use crate::name::{self, NameRule};
use crate::plan::Cell;
use crate::source::Site;
use crate::spec::tier::TagValue;
use crate::spec::{Spec, Tenant, Tier, rule};
use crate::template::{Estate, NAME, Stack, Template, Values, Wave, tag_param};
use crate::value::{Value, param};

/// Gives a template of no tenant its tags.
pub fn tag_shared(template: &mut Template, spec: &Spec, tier: Option<&Tier>) {
    template.tags.extend(estate_tags(spec));
    if let Some(tier) = tier {
        template.tags.push(("Tier".to_owned(), Value::from(&tier.id)));
    }
    let fixed: Vec<(String, String)> = match tier {
        None => spec.tags.clone(),
        Some(tier) => fixed_tags(tier),
    };
    template.tags.extend(fixed.into_iter().map(|(key, value)| (key, Value::from(value))));
}

/// Gives a template of a tier's tenants its tags; what differs from tenant to tenant is a parameter.
pub fn tag_tenant(template: &mut Template, spec: &Spec, tier: &Tier) {
    template.tags.extend(estate_tags(spec));
    let tenant = template.param("Tenant", "The id of the tenant");
    template.tags.push(("Tenant".to_owned(), tenant));
    template.tags.push(("Tier".to_owned(), Value::from(&tier.id)));
    for tag in &tier.tags {
        let value = match &tag.value {
            TagValue::Fixed(value) => Value::from(value),
            TagValue::PerTenant(..) => {
                template.param(&tag_param(&tag.key), format!("The tag {}", tag.key))
            }
        };
        template.tags.push((tag.key.clone(), value));
    }
}

fn estate_tags(spec: &Spec) -> [(String, Value); 2] {
    [
        ("Estate".to_owned(), Value::from(&spec.name)),
        ("Environment".to_owned(), Value::from(&spec.environment)),
    ]
}

fn fixed_tags(tier: &Tier) -> Vec<(String, String)> {
    let of = |tag: &crate::spec::Tag| match &tag.value {
        TagValue::Fixed(value) => Some((tag.key.clone(), value.clone())),
        TagValue::PerTenant(..) => None,
    };
    tier.tags.iter().filter_map(of).collect()
}

/// The key of a stack that each account and region has one of: at home it says the region only, in the
/// account of the hubs that it is the hub's, elsewhere the account.
pub fn place_key(spec: &Spec, word: &str, (account, region): (&str, &str)) -> String {
    if account == spec.home_account {
        format!("{word}-{region}")
    } else if account == spec.hub_account {
        format!("{word}-hub-{region}")
    } else {
        format!("{word}-{account}-{region}")
    }
}

/// The key of a stack that an account has once, in the home region: the word at home, with the account
/// elsewhere.
pub fn account_key(spec: &Spec, word: &str, account: &str) -> String {
    if account == spec.home_account {
        word.to_owned()
    } else if account == spec.hub_account {
        format!("{word}-hub")
    } else {
        format!("{word}-{account}")
    }
}

/// Whether an account has such a stack in each region: the key says so.
pub fn is_of_region(stack: &Stack) -> bool {
    let before = stack.whole().strip_suffix(stack.region.as_str());
    before.is_some_and(|before| before.ends_with('-'))
}

/// A stack of no tenant.
pub fn shared_stack(
    spec: &Spec,
    wave: Wave,
    key: String,
    place: (&str, &str),
    tier: Option<&Tier>,
) -> Stack {
    let name = spec.naming.render(&spec.name, &spec.environment, &key);
    let mut tags = vec![
        ("Estate".to_owned(), spec.name.clone()),
        ("Environment".to_owned(), spec.environment.clone()),
    ];
    tags.extend(tier.map(|tier| ("Tier".to_owned(), tier.id.clone())));
    tags.extend(tier.map_or_else(|| spec.tags.clone(), fixed_tags));
    Stack {
        key,
        name,
        wave,
        account: place.0.to_owned(),
        access: spec.access(place.0),
        region: place.1.to_owned(),
        makes: None,
        foreign: None,
        shape: String::new(),
        tenant: None,
        tier: tier.map(|tier| tier.id.clone()),
        values: Vec::new(),
        depends_on: Vec::new(),
        tags,
        extras: Vec::new(),
        component: None,
    }
}

/// A stack of a tenant, with the values that every tenant's template wants.
pub fn tenant_stack(spec: &Spec, tenant: &Tenant, tier: &Tier, account: &str) -> (Stack, Values) {
    let name = spec.naming.render(&spec.name, &spec.environment, &tenant.id);
    let mut values = Values::default();
    values.set(NAME, &name);
    values.set("Tenant", &tenant.id);
    let mut tags = vec![
        ("Estate".to_owned(), spec.name.clone()),
        ("Environment".to_owned(), spec.environment.clone()),
        ("Tenant".to_owned(), tenant.id.clone()),
        ("Tier".to_owned(), tier.id.clone()),
    ];
    for tag in &tier.tags {
        let value = match &tag.value {
            TagValue::Fixed(value) => value,
            TagValue::PerTenant(..) => {
                let value = &tenant.tags[&tag.key];
                values.set(tag_param(&tag.key), value);
                value
            }
        };
        tags.push((tag.key.clone(), value.clone()));
    }
    let stack = Stack {
        key: format!("tenant-{}", tenant.id),
        name,
        wave: Wave::Tenant,
        account: account.to_owned(),
        access: if tier.isolation == Isolation::Account {
            Some(spec.tenant_access(account))
        } else {
            spec.access(account)
        },
        region: tenant.region.clone(),
        makes: None,
        foreign: None,
        shape: String::new(),
        tenant: Some(tenant.id.clone()),
        tier: Some(tier.id.clone()),
        values: Vec::new(),
        depends_on: Vec::new(),
        tags,
        extras: Vec::new(),
        component: None,
    };
    (stack, values)
}

/// The name of the tenant as people write it, on what stands for the tenant: EC2 takes any text
/// in a tag, other services do not.
pub fn display_name(template: &mut Template) {
    template.param("TenantName", "The name of the tenant, as people write it");
    template.tag_last("TenantName", param("TenantName"));
}

/// Complains of names that AWS refuses and of stacks that share one.
pub fn check(spec: &Spec, estate: &Estate, sink: &mut Sink) -> bool {
    let before = sink.len();
    let mut owners: BTreeMap<(&str, &str, String), &Stack> = BTreeMap::new();
    for stack in &estate.stacks {
        let site = || site_of(spec, stack);
        let grouped = stack.tenant.is_some().then_some(&name::RESOURCE_GROUP);
        let broken = [Some(&name::STACK), grouped]
            .into_iter()
            .flatten()
            .find_map(|r| illegal(&stack.name, r));
        if let Some(message) = broken {
            sink.push(rule::NAME.at(site(), message));
            continue;
        }
        let place = (stack.account.as_str(), stack.region.as_str(), stack.name.to_lowercase());
        if let Some(other) = owners.insert(place, stack) {
            let message = format!(
                "the stacks {} and {} are both called {:?}",
                other.key, stack.key, stack.name
            );
            let complaint = rule::NAME_COLLISION.at(site(), message);
            sink.push(match &other.tenant {
                Some(_) => complaint.note(site_of(spec, other), "the other one"),
                None => complaint,
            });
        }
    }
    sink.len() == before
}

fn site_of(spec: &Spec, stack: &Stack) -> Site {
    match &stack.tenant {
        Some(id) => spec.tenants[id].site.child("id"),
        None => Site::at(["naming"]),
    }
}

fn illegal(text: &str, rule: &NameRule) -> Option<String> {
    let count = text.chars().count();
    if count > rule.max {
        return Some(format!(
            "the {} {text:?} has {count} characters, AWS allows {}",
            rule.what, rule.max
        ));
    }
    if let Some(bad) = text.chars().find(|c| !(rule.allows)(*c)) {
        return Some(format!(
            "the {} {text:?} holds {bad:?}; AWS allows {}",
            rule.what, rule.charset
        ));
    }
    let letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
    (!letter).then(|| format!("the {} {text:?} does not begin with a letter", rule.what))
}

/// The key of the stack with the network of a cell: that of a pool stands apart from the application.
pub fn network_key(spec: &Spec, cell: &Cell) -> String {
    match spec.tiers[&cell.tier].isolation {
        Isolation::Application => format!("network-{}", cell.id),
        _ => format!("cell-{}", cell.id),
    }
}
