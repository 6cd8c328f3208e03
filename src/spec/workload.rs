//! What runs in the cells of a tier, and where its data is: sizes, paths, certificates, partitions.

use std::collections::BTreeMap;

use crate::blueprint::Blueprint;
use crate::blueprint::shape::{
    self, App, DataEngine, DataPartition, Instances, Isolation, Scale, Service,
};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::{Spec, Tenant, Tier, rule, text};
use crate::value::{Value, param};

/// The name of the only service of a tier that has one.
const ONLY: &str = "app";

/// The services of a tier, by name.
pub fn services(written: &shape::Tier) -> BTreeMap<String, Service> {
    let mut out = written.services.clone();
    out.extend(written.service.iter().map(|one| (ONLY.to_owned(), one.clone())));
    out
}

/// Judges what the tiers say of services, instances and data.
pub fn check(blueprint: &Blueprint, regions: &[String], sink: &mut Sink) {
    for (id, tier) in &blueprint.tiers {
        let site = Site::at(["tiers", id]);
        let place = |name: &str| {
            if tier.services.contains_key(name) {
                site.child("services").child(name)
            } else {
                site.child("service")
            }
        };
        let services = services(tier);
        for (name, service) in &services {
            let at = place(name);
            service_name(name, &at, sink);
            scale(&service.scale, &at.child("scale"), sink);
            let fargate = matches!(tier.capacity, None | Some(shape::Capacity::Fargate {}));
            if fargate {
                task_size(service, &at.child("memory"), sink);
            }
        }
        paths(&services, &place, sink);
        certificates(tier, blueprint, regions, &site, sink);
        data(tier, &site, sink);
        start(tier, blueprint, &site, sink);
        let ec2 = match &tier.capacity {
            Some(shape::Capacity::Ec2(instances)) => {
                Some((instances, site.child("capacity").child("ec2")))
            }
            _ => None,
        };
        let app = tier.app.as_ref().map(|a| (&a.instances, site.child("app").child("instances")));
        for (instances, at) in ec2.into_iter().chain(app) {
            group(instances, &at, sink);
        }
    }
}

/// Judges the services of a tier as a tenant overrides it.
pub fn sizes(tier: &Tier, site: &Site, sink: &mut Sink) {
    for service in tier.services.values() {
        scale(&service.scale, &site.child("scale"), sink);
        if tier.hosts.is_none() && tier.isolation == Isolation::Container {
            task_size(service, site, sink);
        }
    }
}

/// A name stands in names of target groups, so it is short.
fn service_name(name: &str, at: &Site, sink: &mut Sink) {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let legal = name.len() <= 16
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(sound)
        && !name.ends_with('-');
    if !legal {
        let message = format!("{name:?} cannot be the name of a service");
        let help = "use lower-case letters, digits and hyphens, a letter first, at most 16";
        sink.push(rule::TIER_SETTING.at(at.key(), message).help(help));
    }
}

/// How many run at least and at most.
pub fn bounds(scale: &Scale) -> (u32, u32) {
    let least = scale.min.unwrap_or(2);
    (least, scale.max.unwrap_or_else(|| least.max(4)))
}

fn scale(scale: &Scale, at: &Site, sink: &mut Sink) {
    let (least, most) = bounds(scale);
    if least > most {
        let message = format!("at least {least} and at most {most}");
        sink.push(rule::SCALE.at(at.child("max"), message));
    }
}

fn group(instances: &Instances, at: &Site, sink: &mut Sink) {
    if instances.min > instances.max {
        let message = format!("at least {} and at most {}", instances.min, instances.max);
        sink.push(rule::SCALE.at(at.child("max"), message));
    }
}

/// The least and the most memory of a task, and the step between, in MiB, by CPU units. Of 256 units
/// there are 512, 1024 and 2048 only. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>.
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

fn task_size(service: &Service, at: &Site, sink: &mut Sink) {
    let Some((cpu, least, most, step)) = SIZES.iter().find(|row| row.0 == service.cpu) else {
        return;
    };
    let memory = service.memory;
    let sound = (*least..=*most).contains(&memory)
        && memory.is_multiple_of(*step)
        && (*cpu, memory) != (256, 1536);
    if !sound {
        let message = format!("Fargate has no task of {cpu} CPU units and {memory} MiB");
        let help = format!("with {cpu} units take {least} to {most} MiB in steps of {step}");
        sink.push(rule::TASK_SIZE.at(at.clone(), message).help(help));
    }
}

fn paths(services: &BTreeMap<String, Service>, place: &dyn Fn(&str) -> Site, sink: &mut Sink) {
    let mut seen: BTreeMap<Option<&str>, &str> = BTreeMap::new();
    for (name, service) in services.iter().filter(|(_, s)| s.port.is_some()) {
        if let Some(other) = seen.insert(service.path.as_deref(), name) {
            let what = service.path.as_deref().map_or("the rest".to_owned(), |p| format!("{p:?}"));
            let message = format!("the services `{other}` and `{name}` both serve {what}");
            sink.push(rule::SERVICE.at(place(name).key(), message));
        }
    }
}

fn certificates(
    tier: &shape::Tier,
    blueprint: &Blueprint,
    regions: &[String],
    site: &Site,
    sink: &mut Sink,
) {
    let Some(ingress) = &tier.ingress else { return };
    let site = site.child("ingress").child("certificates");
    for region in regions.iter().filter(|r| !ingress.certificates.contains_key(*r)) {
        let message = format!("there is no certificate for {region}");
        sink.push(rule::CERTIFICATE.at(site.key(), message));
    }
    for (region, arn) in &ingress.certificates {
        let at = site.child(region.as_str());
        if !regions.contains(region) {
            let message = format!("{region:?} is not one of the estate's regions");
            sink.push(rule::CERTIFICATE.at(at.key(), message).help("remove it"));
            continue;
        }
        let begin = format!("arn:{}:acm:{region}:", blueprint.partition.id());
        let rest = arn.strip_prefix(&begin).and_then(|rest| rest.split_once(":certificate/"));
        let sound = rest.is_some_and(|(account, id)| {
            account == blueprint.accounts.workload
                && !id.is_empty()
                && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
        if !sound {
            let account = &blueprint.accounts.workload;
            let message =
                format!("{arn:?} is not the ARN of a certificate of account {account} in {region}");
            let help = format!("it looks like {begin}{account}:certificate/…");
            sink.push(rule::CERTIFICATE.at(at, message).help(help));
        }
    }
}

fn data(tier: &shape::Tier, site: &Site, sink: &mut Sink) {
    let Some(data) = &tier.data else { return };
    let site = site.child("data");
    let known = match data.engine {
        DataEngine::AuroraPostgresql => data.partition != DataPartition::Item,
        DataEngine::Dynamodb => {
            matches!(data.partition, DataPartition::Table | DataPartition::Item)
        }
    };
    if !known {
        let message = "this engine cannot part its data so";
        sink.push(rule::DATA.at(site.child("partition"), message));
        return;
    }
    let shared = data.partition == DataPartition::Table || data.engine == DataEngine::Dynamodb;
    if shared && data.tables.is_empty() {
        let message = "no tables are listed";
        sink.push(rule::DATA.at(site.child("partition"), message).help("add `tables`"));
    }
    if let Some([least, most]) = data.capacity
        && (least > most || !(1..=512).contains(&least) || !(2..=512).contains(&most))
    {
        let message = format!("{least} to {most} half units are no capacity of Aurora");
        let help = "take 1 to 512 half units, the second no less than the first and than 2";
        sink.push(rule::DATA.at(site.child("capacity"), message).help(help));
    }
    for (name, columns) in &data.tables {
        table(name, columns, data.engine, &site.child("tables").child(name.as_str()), sink);
    }
}

/// An identifier that needs no quotes in SQL and is legal in the name of a `DynamoDB` table.
fn is_identifier(text: &str) -> bool {
    text.len() <= 48
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A type of SQL: words and numbers in parentheses, nothing that ends a statement.
fn is_type(text: &str) -> bool {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || " (),_[]".contains(c);
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(sound)
}

fn table(
    name: &str,
    columns: &BTreeMap<String, String>,
    engine: DataEngine,
    at: &Site,
    sink: &mut Sink,
) {
    let mut complain = |at: Site, message: String, help: &str| {
        sink.push(rule::DATA.at(at, message).help(help.to_owned()));
    };
    let letters = "use lower-case letters, digits and underscores, a letter first, at most 48";
    if !is_identifier(name) {
        complain(at.key(), format!("{name:?} cannot be the name of a table"), letters);
    }
    if engine == DataEngine::Dynamodb {
        if !columns.is_empty() {
            complain(at.clone(), "a DynamoDB table has no columns".to_owned(), "write `{}`");
        }
        return;
    }
    if !columns.contains_key("id") {
        complain(at.key(), format!("table {name:?} has no column `id`"), "add `id: bigint`");
    }
    for (column, kind) in columns {
        if !is_identifier(column) || column == "tenant_id" {
            let message = format!("{column:?} cannot be the name of a column");
            complain(at.child(column.as_str()).key(), message, letters);
        } else if !is_type(kind) {
            let message = format!("{kind:?} is not a type of PostgreSQL");
            complain(at.child(column.as_str()), message, "write for example `numeric(12,2)`");
        }
    }
}

/// Stands for the id of the cell while the text is rendered: no user writes a private character.
const CELL: &str = "\u{f8ff}";

fn rendered_user_data(
    text: &str,
    (name, environment, tier): (&str, &str, &str),
    port: u16,
) -> Result<String, handlebars::RenderError> {
    let context = serde_json::json!({
        "name": name, "environment": environment, "tier": tier, "cell": CELL, "port": port,
    });
    text::registry().render_template(text, &context)
}

/// What runs when an instance of a tier's application starts.
pub fn user_data(spec: &Spec, tier: &Tier, app: &App) -> Option<Value> {
    let text = app.user_data.as_ref()?;
    let names = (spec.name.as_str(), spec.environment.as_str(), tier.id.as_str());
    let text = rendered_user_data(text, names, tier.app_port).expect("it was rendered when read");
    let mut parts = Vec::new();
    for (i, literal) in text.split(CELL).enumerate() {
        parts.extend((i > 0).then(|| param("Cell")));
        parts.push(literal.into());
    }
    Some(Value::Join(parts))
}

/// Judges the text that instances start with.
fn start(tier: &shape::Tier, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let Some(text) = tier.app.as_ref().and_then(|app| app.user_data.as_ref()) else { return };
    if let Err(error) =
        rendered_user_data(text, (&blueprint.name, &blueprint.environment, "tier"), 1)
    {
        let help = "`name`, `environment`, `tier`, `cell` and `port` are known here";
        let at = site.child("app").child("user_data");
        sink.push(rule::TEMPLATE.at(at, text::fault(&error)).help(help));
    }
}

/// The host name of a tenant.
pub fn host(tenant: &Tenant, tier: &Tier) -> Option<String> {
    let domain = &tier.ingress.as_ref()?.domain;
    Some(tenant.host.clone().unwrap_or_else(|| format!("{}.{domain}", tenant.id)))
}

/// Host names: each once, whatever the tier.
pub fn hosts(tenants: &BTreeMap<String, Tenant>, tiers: &BTreeMap<String, Tier>, sink: &mut Sink) {
    let mut owners: BTreeMap<String, &Tenant> = BTreeMap::new();
    for tenant in tenants.values() {
        let Some(host) = host(tenant, &tiers[&tenant.tier]) else { continue };
        let site = tenant.site.child(if tenant.host.is_some() { "host" } else { "id" });
        if host.len() > 128 {
            // Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html.
            let message = format!("the host name {host:?} has over 128 characters");
            sink.push(rule::HOST.at(site, message).help("give the tenant a shorter `host`"));
        } else if let Some(other) = owners.insert(host.clone(), tenant) {
            let message = format!("tenants {:?} and {:?} are both {host}", other.id, tenant.id);
            sink.push(rule::HOST.at(site, message).note(other.site.child("id"), "the other one"));
        }
    }
}
