//! What runs in the cells of a tier, and where its data is: sizes, paths, certificates, partitions.

use std::collections::BTreeMap;

use crate::aws::instance;
use crate::blueprint::Written;
use crate::blueprint::shape::{
    self, DataEngine, DataPartition, Instances, Isolation, Scale, ScaleBy, Service, ServiceOverride,
};
use crate::diag::Sink;
use crate::name::{nearest, sql};
use crate::source::{Site, Step};
use crate::spec::{Tenant, Tier, rule, start};

/// The name of the only service of a tier that has one.
const ONLY: &str = "app";

/// The services of a tier, by name.
pub fn services(written: &shape::Tier) -> BTreeMap<String, Service> {
    let mut out = written.services.clone();
    out.extend(written.service.iter().map(|one| (ONLY.to_owned(), one.clone())));
    out
}

/// Judges what the tiers say of services, instances and data.
pub fn check(written: &Written, regions: &[String], sink: &mut Sink) {
    let blueprint = &written.blueprint;
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
            variables(service, &at, sink);
            let fargate = matches!(tier.capacity, None | Some(shape::Capacity::Fargate {}));
            if fargate {
                task_size(service, &at.child("memory"), sink);
            }
        }
        if tier.service.is_none() || tier.services.is_empty() {
            paths(&services, &place, sink);
        }
        certificates((id, tier), written, regions, &site, sink);
        data(tier, &site, sink);
        start::check(tier, blueprint, &site, sink);
        pooled(tier, &site.child("service"), sink);
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

/// Judges the services of a tier as a tenant overrides them, where the tier's own are sound.
pub fn sizes(tier: &Tier, changed: &Tier, over: &ServiceOverride, site: &Site, sink: &mut Sink) {
    let fargate = tier.hosts.is_none() && tier.isolation == Isolation::Container;
    let place = site.child(if over.memory.is_some() { "memory" } else { "cpu" });
    let faults = |service: &Service| {
        let mut found = Sink::default();
        scale(&service.scale, &site.child("scale"), &mut found);
        if fargate {
            task_size(service, &place, &mut found);
        }
        found
    };
    let sound =
        changed.services.iter().filter(|(name, _)| faults(&tier.services[*name]).is_empty());
    // An override is for all services: what is wrong with it is said once.
    let first = sound.map(|(_, service)| faults(service)).find(|found| !found.is_empty());
    for fault in first.iter().flat_map(Sink::as_slice) {
        sink.push(fault.clone());
    }
}

/// What a service means only where each tenant has it for itself, behind a load balancer that reads
/// requests: the service of a pool has one network load balancer and no tenant's secrets.
fn pooled(tier: &shape::Tier, site: &Site, sink: &mut Sink) {
    let (Isolation::Application, Some(service)) = (tier.isolation, &tier.service) else { return };
    let rows = [
        ("path", service.path.is_some()),
        ("secrets", !service.secrets.is_empty()),
        ("scale.target_requests", service.scale.target_requests.is_some()),
        ("scale.by", service.scale.by == ScaleBy::Alarm),
    ];
    for (key, _) in rows.into_iter().filter(|(_, there)| *there) {
        let at = key.split('.').fold(site.clone(), |site, key| site.child(key)).key();
        let message = format!("the service of a pool has no `{key}`");
        sink.push(rule::TIER_SETTING.at(at, message).help(format!("remove `{key}`")));
    }
    if service.port.is_none() {
        let message = "the service of a pool needs `port`: tenants reach it by its load balancer";
        sink.push(rule::TIER_SETTING.at(site.key(), message).help("add `port`"));
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

/// The variable that says to a container whose it is.
pub const TENANT: &str = "TENANT";

/// Each variable has one value.
fn variables(service: &Service, at: &Site, sink: &mut Sink) {
    if service.environment.contains_key(TENANT) {
        let message = format!("{TENANT} is the id of the tenant already");
        sink.push(rule::VARIABLE.at(at.child("environment").child(TENANT).key(), message));
    }
    for (i, name) in service.secrets.iter().enumerate() {
        let twice = service.secrets[..i].contains(name)
            || service.environment.contains_key(name)
            || name == TENANT;
        if twice {
            let message = format!("the variable {name} has a value already");
            sink.push(rule::VARIABLE.at(at.child("secrets").child(i), message));
        }
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
        let default = if scale.min.is_none() { ", as `min` is not given," } else { "" };
        let message = format!("at least {least}{default} and at most {most}");
        sink.push(rule::SCALE.at(at.child("max"), message));
    }
}

fn group(instances: &Instances, at: &Site, sink: &mut Sink) {
    if instances.min > instances.max {
        let message = format!("at least {} and at most {}", instances.min, instances.max);
        sink.push(rule::SCALE.at(at.child("max"), message));
    }
    let unknown = |kind: &&String| instance::processors(kind).is_none();
    for (n, kind) in instances.types.iter().enumerate().filter(|(_, kind)| unknown(kind)) {
        let message = format!("how many processors {kind} has is not known");
        let complaint = rule::INSTANCE_TYPE.at(at.child("types").child(n), message);
        let family = kind.split_once('.').map_or("", |(family, _)| family);
        sink.push(match nearest(kind, instance::of(family).iter().map(String::as_str)) {
            Some(near) => complaint.help(format!("did you mean `{near}`?")),
            None => complaint,
        });
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
        let help = match cpu {
            256 => "with 256 units take 512, 1024 or 2048 MiB".to_owned(),
            _ => format!("with {cpu} units take {least} to {most} MiB in steps of {step}"),
        };
        sink.push(rule::TASK_SIZE.at(at.clone(), message).help(help));
    }
}

fn paths(services: &BTreeMap<String, Service>, place: &dyn Fn(&str) -> Site, sink: &mut Sink) {
    let mut seen: BTreeMap<Option<&str>, &str> = BTreeMap::new();
    for (name, service) in services.iter().filter(|(_, s)| s.port.is_some()) {
        if let Some(other) = seen.insert(service.path.as_deref(), name) {
            let what = service.path.as_deref().map_or("the rest".to_owned(), |p| format!("{p:?}"));
            let message = format!("the services `{other}` and `{name}` both serve {what}");
            let complaint = rule::SERVICE.at(place(name).key(), message);
            sink.push(complaint.note(place(other).key(), "the other one"));
        }
    }
}

fn certificates(
    (tier_id, tier): (&str, &shape::Tier),
    written: &Written,
    regions: &[String],
    site: &Site,
    sink: &mut Sink,
) {
    let Some(ingress) = &tier.ingress else { return };
    let blueprint = &written.blueprint;
    // What is held against regions or an account that are wrong would be blamed in their place.
    let mistyped = |region: &String| blueprint.partition.zones(region).is_none();
    let below_regions = |route: &Vec<Step>| route.first() == Some(&Step::from("regions"));
    if written.is_cut(&["accounts", "workload"])
        || written.is_cut(&["partition"])
        || written.broken.iter().any(below_regions)
        || regions.iter().any(mistyped)
    {
        return;
    }
    let site = site.child("ingress").child("certificates");
    let cut = |region: &str| written.is_cut(&["tiers", tier_id, "ingress", "certificates", region]);
    let missing = |region: &&String| !ingress.certificates.contains_key(*region) && !cut(region);
    let mut missing: Vec<&String> = regions.iter().filter(missing).collect();
    for region in ingress.certificates.keys().filter(|region| !regions.contains(region)) {
        let message = format!("{region:?} is not one of the estate's regions");
        let complaint = rule::CERTIFICATE.at(site.child(region.as_str()).key(), message);
        let near = nearest(region, missing.iter().map(|region| region.as_str()));
        sink.push(match near.map(str::to_owned) {
            Some(near) => {
                missing.retain(|region| **region != near);
                complaint.help(format!("did you mean `{near}`?"))
            }
            None => complaint.help("remove it"),
        });
    }
    for region in missing {
        let message = format!("there is no certificate for {region}");
        sink.push(rule::CERTIFICATE.at(site.key(), message));
    }
    let accounts = &blueprint.accounts.workload;
    for (region, arns) in ingress.certificates.iter().filter(|(region, _)| regions.contains(region))
    {
        let at = site.child(region.as_str());
        let begin = format!("arn:{}:acm:{region}:", blueprint.partition.id());
        let missing = |account: &&String| !arns.all().iter().any(|arn| is_of(arn, &begin, account));
        for arn in
            arns.all().iter().filter(|arn| !accounts.all().iter().any(|a| is_of(arn, &begin, a)))
        {
            let (account, names) = (accounts.first(), accounts.names());
            let message =
                format!("{arn:?} is not the ARN of a certificate of account {names} in {region}");
            let help = format!("it looks like {begin}{account}:certificate/…");
            sink.push(rule::CERTIFICATE.at(at.clone(), message).help(help));
        }
        for account in accounts.all().iter().filter(missing).filter(|_| accounts.is_many()) {
            let message = format!("there is no certificate of account {account} in {region}");
            let help = "write a list with a certificate of each workload account";
            sink.push(rule::CERTIFICATE.at(at.clone(), message).help(help));
        }
    }
}

/// Whether it is the ARN of a certificate of an account, in the region that its beginning says.
fn is_of(arn: &str, begin: &str, account: &str) -> bool {
    let rest = arn.strip_prefix(begin).and_then(|rest| rest.split_once(":certificate/"));
    rest.is_some_and(|(owner, id)| {
        let sound = |c: char| c.is_ascii_alphanumeric() || c == '-';
        owner == account && !id.is_empty() && id.chars().all(sound)
    })
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
        let (engine, ways) = match data.engine {
            DataEngine::AuroraPostgresql => ("aurora-postgresql", "database, schema, table"),
            DataEngine::Dynamodb => ("dynamodb", "table, item"),
        };
        let message = format!("`{engine}` does not part its data by {}", data.partition.id());
        let help = format!("`{engine}` parts it by {ways}");
        sink.push(rule::DATA.at(site.child("partition"), message).help(help));
        return;
    }
    if data.tables.is_empty() {
        let message = "no tables are listed";
        sink.push(rule::DATA.at(site.child("partition"), message).help("add `tables`"));
    }
    if data.capacity.is_some() && data.engine == DataEngine::Dynamodb {
        let message = "a DynamoDB table has no capacity: it is paid by request";
        let site = site.child("capacity").key();
        sink.push(rule::DATA.at(site, message).help("remove `capacity`"));
    } else if let Some([least, most]) = data.capacity
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
    if !is_identifier(name) || sql::OWN.contains(&name) {
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
        if column == "tenant_id" {
            let message = "the column `tenant_id` is in every table already".to_owned();
            complain(at.child(column.as_str()).key(), message, "remove it");
        } else if !is_identifier(column) || sql::OWN.contains(&column.as_str()) {
            let message = format!("{column:?} cannot be the name of a column");
            complain(at.child(column.as_str()).key(), message, letters);
        } else if !sql::is_type(kind) {
            let message = format!("{kind:?} is not a type of PostgreSQL");
            complain(at.child(column.as_str()), message, "write for example `numeric(12,2)`");
        }
    }
}

/// The host name of a tenant. An id of 63 below a domain of 64 has the 128 characters that a rule of
/// a load balancer takes. Source:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>.
pub fn host(tenant: &Tenant, tier: &Tier) -> Option<String> {
    let domain = &tier.ingress.as_ref()?.domain;
    Some(tenant.host.clone().unwrap_or_else(|| format!("{}.{domain}", tenant.id)))
}

/// Host names: each once, whatever the tier.
pub fn hosts(tenants: &BTreeMap<String, Tenant>, tiers: &BTreeMap<String, Tier>, sink: &mut Sink) {
    let mut owners: BTreeMap<String, &Tenant> = BTreeMap::new();
    let place =
        |tenant: &Tenant| tenant.site.child(if tenant.host.is_some() { "host" } else { "id" });
    for tenant in tenants.values() {
        let Some(host) = host(tenant, &tiers[&tenant.tier]) else { continue };
        let site = place(tenant);
        if let Some(other) = owners.insert(host.clone(), tenant) {
            let message = format!("tenants {:?} and {:?} are both {host}", other.id, tenant.id);
            sink.push(rule::HOST.at(site, message).note(place(other), "the other one"));
        }
    }
}
