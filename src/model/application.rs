//! Whitepaper model 5: a cell is a pool, an application that many tenants share. What keeps them
//! apart is who they are: API Gateway says whose key a request bears, and the application touches a
//! tenant's data only in a session that is tagged with the tenant, whose rights end at the next one.

mod ground; // the network of a pool
pub mod pool; // the application, the queue and the catalogue of a pool
mod service; // the application as tasks in place of instances
pub mod edge; // the interface of a pool and its firewall
mod data; // the databases of a pool
pub mod roles; // what the application may do, and what it may do for a tenant
mod catalogue; // what the catalogue says of a tenant

pub use roles::TAG;

use crate::blueprint::shape::{DataEngine, DataPartition, Isolation, Throttle};
use crate::model::{cell, hub, identity, vpc};
use crate::plan::{Cell, Plan};
use crate::resource::api::{ApiKey, Limits, UsagePlan, UsagePlanKey};
use crate::resource::dynamodb::{Table, TableItem};
use crate::resource::metric::Alarm;
use crate::resource::ssm::Parameter;
use crate::spec::{Spec, Tenant, Tier};
use crate::template::{Estate, Extra, NAME, Stack, Template, Wave};
use crate::value::{Value, arn, join, param};

/// One stack for each pool and for each tenant of the model.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let own = |cell: &&Cell| spec.tiers[&cell.tier].isolation == Isolation::Application;
    for cell in plan.cells.values().filter(own) {
        let (tier, zones) = (&spec.tiers[&cell.tier], &plan.zones[&cell.region]);
        let shape = format!("network-{}{}", tier.id, hub::suffix(spec, &cell.account, zones));
        let side = hub::Side::of(spec, &cell.account);
        let template = estate.templates.entry(shape).or_insert_with_key(|shape| {
            ground::template(shape, spec, &plan.ranges, side, tier, zones)
        });
        estate.stacks.push(ground::stack(spec, plan, cell, tier, template));
        let shape = format!("cell-{}{}", tier.id, hub::zone_suffix(zones));
        let template = estate
            .templates
            .entry(shape)
            .or_insert_with_key(|shape| pool::template(shape, spec, tier, zones));
        estate.stacks.push(pool_stack(spec, plan, cell, tier, template));
        if ground::has_data_layer(tier) {
            let shape = format!("data-{}{}", tier.id, hub::zone_suffix(zones));
            let template = estate
                .templates
                .entry(shape)
                .or_insert_with_key(|shape| data::template(shape, spec, tier, zones));
            estate.stacks.push(data::stack(spec, plan, cell, tier, template));
        }
    }
    for tenant in spec.tenants.values() {
        let tier = spec.tier_of(tenant);
        if tier.isolation != Isolation::Application {
            continue;
        }
        let shape = format!("tenant-{}", tier.shape);
        let template = estate
            .templates
            .entry(shape)
            .or_insert_with_key(|shape| tenant_template(shape, spec, tier));
        estate.stacks.push(tenant_stack(spec, plan, tenant, tier, template));
    }
}

/// What a tier of this model has; the spec has seen to it.
fn throttle(tier: &Tier) -> &Throttle {
    tier.throttle.as_ref().expect("isolation application has a throttle")
}

/// Where its data is, and how it is parted.
fn parted(tier: &Tier) -> (DataEngine, DataPartition) {
    let data = tier.data.as_ref().expect("isolation application has data");
    (data.engine, data.partition)
}

/// What a session may do that is tagged with a tenant of this tier, whose data is in `DynamoDB`:
/// everything of that tenant and nothing of another. `pool` is the name of the stack of the pool.
pub fn data_of_tenant(tier: &Tier, pool: &Value) -> Value {
    let table = |name: &String| {
        arn("dynamodb", join(["table/".into(), pool.clone(), format!("-{name}").into()]))
    };
    let shared = tables(tier).map(table).collect();
    roles::of_tenant(parted(tier).1, shared, pool.clone())
}

/// The names of its tables.
fn tables(tier: &Tier) -> impl Iterator<Item = &String> {
    tier.data.iter().flat_map(|data| data.tables.keys())
}

fn pool_stack(spec: &Spec, plan: &Plan, cell: &Cell, tier: &Tier, template: &Template) -> Stack {
    let (mut stack, mut values) = cell::part(spec, cell, tier, Wave::Cell, "cell");
    ground::values(spec, cell, &plan.zones[&cell.region], &mut values);
    stack.depends_on.push(identity::network_key(spec, cell));
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}

fn tenant_template(shape: &str, spec: &Spec, tier: &Tier) -> Template {
    let about = format!("A tenant of tier {}: its key and its limits in a pool.", tier.id);
    let mut t = Template::new(shape, about);
    identity::tag_tenant(&mut t, spec, tier);
    t.param("Cell", "The id of the pool");
    t.param("Pool", "The name of the stack of the pool");
    let item = t.param("CatalogueItem", "What the catalogue of the pool says of the tenant");
    t.imported("ApiId", "String", "The interface of the pool");
    let key = usage(&mut t, spec, throttle(tier));
    alarms(&mut t, spec, &key);
    if parted(tier) == (DataEngine::Dynamodb, DataPartition::Table) {
        for table in tables(tier) {
            t.unit = Some(table.clone());
            let name =
                join([param("Pool"), ".".into(), param("Tenant"), format!(".{table}").into()]);
            t.add_kept(
                format!("{}Table", crate::name::pascal(table)),
                Table { name, key: ("id", None) },
            );
        }
        t.unit = None;
    }
    let table = join([param("Pool"), pool::CATALOGUE.into()]);
    t.add(
        "CatalogueItem",
        TableItem { table: table.clone(), key: catalogue::KEY, item: item.clone() },
    );
    vpc::resource_group(&mut t);
    t.output("CatalogueTable", "Where that stands", table);
    t.output("CatalogueItem", "What the catalogue of the pool says of the tenant", item);
    t.output("ApiKeyId", "The id of the tenant's key; its value is read with GetApiKey", &key);
    t
}

/// The tenant's key and how much may be asked with it. The value of the key is made by API Gateway;
/// its id, which API Gateway hands to the application, leads to the tenant by a parameter.
fn usage(t: &mut Template, spec: &Spec, throttle: &Throttle) -> crate::value::Id<ApiKey> {
    let plan = UsagePlan {
        name: param(NAME),
        api: param("ApiId"),
        stage: edge::STAGE,
        limits: Limits { rate: throttle.rate, burst: throttle.burst },
        month: throttle.quota_per_month,
    };
    let plan = t.add("UsagePlan", plan);
    let description = join(["The key of tenant ".into(), param("Tenant")]);
    let key = t.add("ApiKey", ApiKey { name: param(NAME), description });
    t.add("UsagePlanKey", UsagePlanKey { plan, key: key.clone() });
    let path =
        join([spec.parameter("cell/").into(), param("Cell"), "/key/".into(), Value::from(&key)]);
    let description = "Whose key it is";
    t.add("KeyParameter", Parameter { path, description, value: param("Tenant") });
    key
}

/// What is counted apart for each key, in the access log of the pool.
fn alarms(t: &mut Template, spec: &Spec, key: &crate::value::Id<ApiKey>) {
    let rows = [
        ("ThrottledAlarm", edge::THROTTLED, 100, "The tenant asks more than its plan allows"),
        ("FailedAlarm", edge::FAILED, 10, "The application fails the tenant"),
    ];
    for (id, metric, threshold, description) in rows {
        let alarm = Alarm {
            description,
            namespace: edge::namespace(spec),
            metric,
            dimensions: vec![(edge::DIMENSION, Value::from(key))],
            threshold,
        };
        t.add(id, alarm);
    }
}

fn tenant_stack(
    spec: &Spec,
    plan: &Plan,
    tenant: &Tenant,
    tier: &Tier,
    template: &Template,
) -> Stack {
    let placed = &plan.tenants[&tenant.id];
    let id = placed.cell.as_ref().expect("a tenant of isolation application has a pool");
    let (mut stack, mut values) = identity::tenant_stack(spec, tenant, tier, &placed.account);
    let pool = spec.naming.render(&spec.name, &spec.environment, &cell::key(id));
    let item = catalogue::item(tenant, tier, id, &pool);
    values.set("Cell", id);
    values.set("ApiId", cell::path(spec, id, "api-id"));
    values.set("CatalogueItem", catalogue::text(&item));
    stack.extras.push(Extra::CatalogueItem(format!("{pool}{}", pool::CATALOGUE), item));
    values.set("Pool", pool);
    stack.depends_on.push(cell::key(id));
    if ground::has_data_layer(tier) {
        stack.depends_on.push(data::key(id));
        stack.extras.push(Extra::TenantSql(id.clone(), tenant.id.clone()));
    }
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}
