//! The offers as meant: one isolation model each, with the sizes of its blocks.

use std::collections::BTreeMap;

use serde_json::json;

use crate::aws::{self, quota};
use crate::blueprint::shape::{
    self, AccountSettings, App, Capacity, Data, GatewayService, Ingress, Instances, Isolation, Nat,
    Overridable, Override, SecurityGroups, Service, Throttle, TierComponents, TierVpn,
};
use crate::blueprint::{Blueprint, Written};
use crate::diag::Sink;
use crate::name::digest;
use crate::source::Site;
use crate::spec::network::{Network, sorted_endpoints};
use crate::spec::{Spec, rule, text, workload};

/// An offer with one isolation model.
#[derive(Clone, Debug)]
pub struct Tier {
    /// Its id.
    pub id: String,
    /// What its shapes are called: its id, and a mark where a tenant overrides something.
    pub shape: String,
    /// What keeps its tenants apart.
    pub isolation: Isolation,
    /// The prefix length of a new tenant's block, where tenants have one.
    pub prefix: Option<u8>,
    /// The prefix length of a new cell's VPC, where tenants share one.
    pub cell_prefix: Option<u8>,
    /// Whether its tenants may or must have a VPN connection.
    pub vpn: TierVpn,
    /// Whether all tenants of a cell share one set of security groups.
    pub consolidated: bool,
    /// Where clients connect.
    pub public_port: u16,
    /// Where the application listens.
    pub app_port: u16,
    /// Where the data store listens.
    pub data_port: u16,
    /// Where NAT gateways stand.
    pub nat: Nat,
    /// Gateway endpoints, sorted.
    pub gateway_endpoints: Vec<GatewayService>,
    /// Interface endpoints by service, sorted.
    pub interface_endpoints: Vec<String>,
    /// The organizational unit and budget of accounts; of isolation `account` only.
    pub account: Option<AccountSettings>,
    /// How the world reaches tenants; of isolation `container` only.
    pub ingress: Option<Ingress>,
    /// What runs in containers, by name.
    pub services: BTreeMap<String, Service>,
    /// The instances that containers run on; `None` is Fargate.
    pub hosts: Option<Instances>,
    /// The instances that a pool shares; of isolation `application` only.
    pub app: Option<App>,
    /// Where data is kept; of isolation `application` only.
    pub data: Option<Data>,
    /// How much a tenant may ask for; of isolation `application` only.
    pub throttle: Option<Throttle>,
    /// The most tenants of a cell, beside what AWS allows.
    pub ceiling: Option<u32>,
    /// What surrounds its tenants: its own, or else that of the estate.
    pub components: TierComponents,
    /// What a tenant may override, sorted.
    pub allow: Vec<Overridable>,
    /// The user's tags, sorted by key.
    pub tags: Vec<Tag>,
}

impl Tier {
    /// The tier as a tenant overrides it. Tenants that override the same share a shape, which [`names`]
    /// gives a shorter name once all are known.
    #[must_use]
    pub fn with(&self, over: &Override) -> Tier {
        let mut tier = self.clone();
        if let Some(egress) = &over.egress {
            tier.nat = egress.nat;
        }
        if let Some(endpoints) = &over.endpoints {
            let sorted = sorted_endpoints(endpoints);
            tier.gateway_endpoints = sorted.gateway;
            tier.interface_endpoints = sorted.interface;
        }
        if let Some(ports) = &over.ports {
            tier.public_port = ports.public.unwrap_or(self.public_port);
            tier.app_port = ports.app.unwrap_or(self.app_port);
            tier.data_port = ports.data.unwrap_or(self.data_port);
        }
        if let Some(change) = &over.service {
            for service in tier.services.values_mut() {
                service.cpu = change.cpu.unwrap_or(service.cpu);
                service.memory = change.memory.unwrap_or(service.memory);
                service.scale = change.scale.clone().unwrap_or_else(|| service.scale.clone());
            }
        }
        if let Some(throttle) = &over.throttle {
            tier.throttle = Some(throttle.clone());
        }
        // A mark of what it comes to, not of how it is written.
        let parts = (
            format!("{:?}", tier.nat),
            format!("{:?}{:?}", tier.gateway_endpoints, tier.interface_endpoints),
            format!("{}/{}/{}", tier.public_port, tier.app_port, tier.data_port),
            format!("{:?}{:?}", tier.services, tier.throttle),
        );
        tier.shape = format!("{}.{}", self.id, digest(format!("{parts:?}").as_bytes()));
        tier
    }
}

/// How many digits of its mark a shape is called by: so few that people can read it, or more where
/// others of the tier have the same. The last is the whole mark.
const MARKS: [usize; 3] = [6, 16, 64];

/// What shapes are called, by what [`Tier::with`] called them: by as few digits as tell it from every
/// other. It depends on what tenants override, never on their order.
pub fn names(variants: &BTreeMap<String, Tier>) -> BTreeMap<String, String> {
    let short =
        |shape: &str, tier: &Tier, digits: usize| shape[..=tier.id.len() + digits].to_owned();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (shape, tier) in variants {
        for digits in MARKS {
            *count.entry(short(shape, tier, digits)).or_default() += 1;
        }
    }
    let name = |(shape, tier): (&String, &Tier)| {
        let names = MARKS.map(|digits| short(shape, tier, digits));
        let own = names.into_iter().find(|name| count[name] == 1);
        (shape.clone(), own.expect("whole marks differ"))
    };
    variants.iter().map(name).collect()
}

/// A tag that the user asked for.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: TagValue,
}

/// The value of a user's tag.
#[derive(Clone, Debug)]
pub enum TagValue {
    /// The same for every tenant of the tier.
    Fixed(String),
    /// A template that depends on the tenant, and where it stands.
    PerTenant(String, Site),
}

/// The parts of a cell's block that are shared: enough for a public and a private subnet in each
/// zone. One thirty-second of the cell, but no subnet longer than a load balancer can stand in.
pub fn shared_prefix(cell_prefix: u8, slots: u8) -> u8 {
    const SHARE: u8 = 5;
    (cell_prefix + SHARE).min(aws::LOAD_BALANCER_PREFIX - slot_bits(slots) - 1)
}

/// How many bits it takes to number the slots; their number is a power of two.
pub fn slot_bits(slots: u8) -> u8 {
    u8::try_from(slots.trailing_zeros()).expect("at most 7")
}

/// The offers of the blueprint.
pub fn tiers(written: &Written, network: &Network, sink: &mut Sink) -> BTreeMap<String, Tier> {
    let (all, blueprint) = (written, &written.blueprint);
    let mut out = BTreeMap::new();
    for (id, written) in &blueprint.tiers {
        let site = Site::at(["tiers", id]);
        if !is_tier_id(id) {
            let message = format!("{id:?} cannot be the id of a tier");
            let help = "use lower-case letters, digits and hyphens, a letter first, at most 32";
            sink.push(rule::TIER_SETTING.at(site.key(), message).help(help));
        }
        // What was cut out because it is wrong is not missed a second time.
        let cut = |keys: &[&str]| all.is_cut(&[&["tiers", id.as_str()], keys].concat());
        let whole = settings(written, &site, &cut, sink);
        sizes(id, written, network, sink);
        let tier = tier(id, written, blueprint, network, sink);
        out.extend(whole.then(|| (id.clone(), tier)));
    }
    out
}

fn is_tier_id(id: &str) -> bool {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    id.len() <= 32
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(sound)
        && !id.ends_with('-')
}

fn tier(
    id: &str,
    written: &shape::Tier,
    blueprint: &Blueprint,
    network: &Network,
    sink: &mut Sink,
) -> Tier {
    let endpoints = written.endpoints.as_ref().map(sorted_endpoints);
    let (gateway, interface) = match endpoints {
        Some(own) => (own.gateway, own.interface),
        None => (network.gateway_endpoints.clone(), network.interface_endpoints.clone()),
    };
    Tier {
        id: id.to_owned(),
        shape: id.to_owned(),
        isolation: written.isolation,
        prefix: written.network.prefix,
        cell_prefix: written.network.cell_prefix,
        vpn: written.vpn,
        consolidated: written.security_groups == SecurityGroups::Consolidated,
        public_port: written.ports.public.unwrap_or(443),
        app_port: written.ports.app.unwrap_or(8080),
        data_port: written.ports.data.unwrap_or(5432),
        nat: written.egress.as_ref().map_or(network.nat, |e| e.nat),
        gateway_endpoints: gateway,
        interface_endpoints: interface,
        account: written.account.clone(),
        ingress: written.ingress.clone(),
        services: workload::services(written),
        hosts: match &written.capacity {
            Some(Capacity::Ec2(instances)) => Some(instances.clone()),
            _ => None,
        },
        app: written.app.clone(),
        data: written.data.clone(),
        throttle: written.throttle.clone(),
        ceiling: written.pool.as_ref().map(|pool| pool.tenants),
        components: written.components.over(&blueprint.components),
        allow: {
            let mut allow = written.allow.clone();
            allow.sort_unstable();
            allow.dedup();
            allow
        },
        tags: tags(id, written, blueprint, sink),
    }
}

/// Whether a key of a tier was wrong already, by its route below the tier.
type Cut<'a> = dyn Fn(&[&str]) -> bool + 'a;

/// Settings that only some models know, and those that they cannot do without; whether the latter
/// are all there.
fn settings(written: &shape::Tier, site: &Site, cut: &Cut<'_>, sink: &mut Sink) -> bool {
    use Isolation::{Account, Application, Container, Subnet, Vpc};
    let rows: [(&[&str], bool, &[Isolation]); 13] = [
        (&["network", "prefix"], written.network.prefix.is_some(), &[Account, Vpc, Subnet]),
        (
            &["network", "cell_prefix"],
            written.network.cell_prefix.is_some(),
            &[Subnet, Container, Application],
        ),
        (&["vpn"], written.vpn != TierVpn::None, &[Account, Vpc]),
        (&["security_groups"], written.security_groups == SecurityGroups::Consolidated, &[Subnet]),
        (&["account"], written.account.is_some(), &[Account]),
        (&["ingress"], written.ingress.is_some(), &[Container]),
        (&["service"], written.service.is_some(), &[Container, Application]),
        (&["services"], !written.services.is_empty(), &[Container]),
        (&["capacity"], written.capacity.is_some(), &[Container]),
        (&["app"], written.app.is_some(), &[Application]),
        (&["data"], written.data.is_some(), &[Application]),
        (&["throttle"], written.throttle.is_some(), &[Application]),
        (&["pool"], written.pool.is_some(), &[Container, Application]),
    ];
    let place = |keys: &[&str]| keys.iter().fold(site.clone(), |site, key| site.child(*key));
    for (keys, there, models) in rows {
        if there && !models.contains(&written.isolation) {
            let key = keys.join(".");
            let known: Vec<String> = models.iter().map(|m| format!("`{}`", m.id())).collect();
            let message = format!("`{key}` is a setting of isolation {}", known.join(", "));
            let complaint = rule::TIER_SETTING.at(place(keys).key(), message);
            sink.push(complaint.help(format!("remove `{key}`")));
        }
    }
    let mut whole = true;
    let mut want = |keys: &[&str], there: bool, models: &[Isolation]| {
        if there || !models.contains(&written.isolation) {
            return;
        }
        whole = false;
        if !keys.iter().any(|key| cut(&key.split('.').collect::<Vec<_>>())) {
            let (key, model) = (keys.join("` or `"), written.isolation.id());
            let message = format!("isolation `{model}` needs `{key}`");
            sink.push(
                rule::TIER_SETTING.at(site.key(), message).help(format!("add `{}`", keys[0])),
            );
        }
    };
    let runs = written.service.is_some() || !written.services.is_empty();
    want(&["network.prefix"], written.network.prefix.is_some(), &[Account, Vpc, Subnet]);
    let cell = written.network.cell_prefix.is_some();
    want(&["network.cell_prefix"], cell, &[Subnet, Container, Application]);
    want(&["account"], written.account.is_some(), &[Account]);
    want(&["ingress"], written.ingress.is_some(), &[Container]);
    want(&["service", "services"], runs, &[Container]);
    want(&["app", "service"], written.app.is_some() || runs, &[Application]);
    want(&["data"], written.data.is_some(), &[Application]);
    want(&["throttle"], written.throttle.is_some(), &[Application]);
    want(&["pool"], written.pool.is_some(), &[Application]);
    let (service, services) = (written.service.is_some(), !written.services.is_empty());
    for (first, second, both, model) in [
        ("service", "services", service && services, Container),
        ("app", "service", written.app.is_some() && service, Application),
    ] {
        if both && written.isolation == model {
            let message = format!("`{first}` and `{second}` exclude each other");
            let site = site.child(second).key();
            sink.push(rule::TIER_SETTING.at(site, message).help("keep one of them"));
        }
    }
    allowed(written, site, sink);
    whole
}

/// What tenants may override must be something that the model has.
fn allowed(written: &shape::Tier, site: &Site, sink: &mut Sink) {
    for (i, part) in written.allow.iter().enumerate() {
        if !part.models().contains(&written.isolation) {
            let (key, model) = (part.id(), written.isolation.id());
            let message = format!("isolation `{model}` has no `{key}` to override");
            let site = site.child("allow").child(i);
            sink.push(rule::TIER_SETTING.at(site, message).help(format!("remove `{key}`")));
        }
    }
}

/// How often a zone slot is cut in two for the layers of a VPC: the private layer is a half, the
/// others are quarters.
fn cuts(isolation: Isolation) -> u8 {
    if isolation == Isolation::Subnet { 0 } else { 2 }
}

fn sizes(id: &str, written: &shape::Tier, network: &Network, sink: &mut Sink) {
    let site = Site::at(["tiers", id, "network"]);
    let bits = slot_bits(network.zone_slots);
    if let Some(prefix) = written.network.prefix {
        let cuts = cuts(written.isolation);
        let at = site.child("prefix");
        let longest = aws::LONGEST_PREFIX - bits - cuts;
        if !fits(id, (prefix, longest, bits + cuts), network, &at, sink) {
            return;
        }
    }
    if written.isolation.has_vpc() {
        return;
    }
    let Some(cell) = written.network.cell_prefix else {
        return;
    };
    let at = site.child("cell_prefix");
    if written.isolation != Isolation::Subnet {
        // Load balancers stand in the public layer, which is a quarter of a slot.
        let cuts = cuts(written.isolation);
        let longest = aws::LOAD_BALANCER_PREFIX - bits - cuts;
        fits(id, (cell, longest, bits + cuts), network, &at, sink);
        return;
    }
    let Some(prefix) = written.network.prefix else { return };
    if prefix <= cell || shared_prefix(cell, network.zone_slots) <= cell {
        let message =
            format!("a cell of /{cell} does not hold its shared subnets and a tenant of /{prefix}");
        sink.push(rule::CELL_SIZE.at(at, message));
    }
}

/// Whether a block leaves subnets that are large enough.
fn fits(
    id: &str,
    (prefix, longest, cut): (u8, u8, u8),
    network: &Network,
    at: &Site,
    sink: &mut Sink,
) -> bool {
    if prefix > longest {
        let slots = network.zone_slots;
        let message = format!("a /{prefix} in {slots} zone slots leaves /{} subnets", prefix + cut);
        let help =
            format!("give tier `{id}` a prefix of {longest} or shorter, or use fewer `zone_slots`");
        sink.push(rule::SUBNET_TOO_SMALL.at(at.clone(), message).help(help));
    }
    prefix <= longest
}

/// Rules of a network ACL in one direction.
const ACL_RULES: &str = "vpc.rules-per-network-acl";

/// What holds of tiers only with what AWS has granted.
pub fn judge(spec: &Spec, sink: &mut Sink) {
    for (id, _) in spec.tiers.iter().filter(|(_, tier)| tier.isolation == Isolation::Subnet) {
        acl_rules(id, spec, sink);
    }
}

/// Every tenant's ACL in a cell has four rules for its own and the shared subnets, two for each
/// friend (the hub, each block on premises), one for each pool and one for the internet; and AWS's own,
/// which denies the rest. Where AWS has granted more in some place, it can be deployed there.
fn acl_rules(id: &str, spec: &Spec, sink: &mut Sink) {
    let network = &spec.network;
    let connected = network.on_premises.as_ref().is_some_and(|p| p.vpn.is_some());
    let friends =
        usize::from(network.has_hub()) + if connected { network.premises().len() } else { 0 };
    let rules = (4 + 2 * friends + network.pools.len() + 1 + 1) as u64;
    let granted = spec.workload_accounts.iter().flat_map(|account| {
        let of = move |region: &String| spec.quotas.granted_in(ACL_RULES, account, region);
        spec.regions.iter().filter_map(of)
    });
    let default = quota::get(ACL_RULES).and_then(|row| row.default);
    let most = u64::from(granted.chain(default).max().unwrap_or(0));
    if rules > most {
        let message = format!(
            "the network ACL of each tenant of tier `{id}` would have up to {rules} of {}, which is {most}",
            quota::called(ACL_RULES)
        );
        let otherwise = "use fewer, larger pools, or put the blocks on premises together";
        let whose = spec.workload_accounts.join(" and ");
        let help = quota::helps(ACL_RULES, rules, &whose, otherwise);
        let complaint = rule::ACL_RULES.at(Site::at(["tiers", id]).key(), message).help(help);
        sink.push(complaint.against(["places"]).against(["regions"]).against(["accounts"]));
    }
}

fn tags(id: &str, written: &shape::Tier, blueprint: &Blueprint, sink: &mut Sink) -> Vec<Tag> {
    let registry = text::registry();
    let context = json!({"name": blueprint.name, "environment": blueprint.environment, "tier": id});
    let mut all: BTreeMap<&String, (&String, Site)> = BTreeMap::new();
    for (key, template) in &blueprint.tags.common {
        all.insert(key, (template, Site::at(["tags", "common", key])));
    }
    for (key, template) in &written.tags {
        let site = Site::at(["tiers", id, "tags", key]);
        text::check_key(key, &site, sink);
        all.insert(key, (template, site));
    }
    let mut out = Vec::new();
    for (key, (template, site)) in all {
        let value = if text::varies(template) {
            if let Err(error) = handlebars::Template::compile(template) {
                sink.push(rule::TEMPLATE.at(site, text::template_fault(&error)));
                continue;
            }
            TagValue::PerTenant(template.clone(), site)
        } else {
            let common = !written.tags.contains_key(key) && !text::mentions(template, "tier");
            let mut quiet = Sink::default();
            // An estate-wide tag was judged once already; judge here what belongs to the tier.
            let sink = if common { &mut quiet } else { &mut *sink };
            let Some(value) = text::render(&registry, template, &context, &site, sink) else {
                continue;
            };
            if !text::check_value(key, &value, &site, sink) {
                continue;
            }
            TagValue::Fixed(value)
        };
        out.push(Tag { key: key.clone(), value });
    }
    required(id, &out, blueprint, sink);
    crowded(id, &out, sink);
    out
}

/// The most tags of a resource.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>.
const TAGS: usize = 50;

/// Too many tags, or keys that IAM takes for one: it compares them without case.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>.
fn crowded(id: &str, tags: &[Tag], sink: &mut Sink) {
    let all = tags.len() + text::OWN_TAGS.len();
    if all > TAGS {
        let message = format!("resources of tier `{id}` would have {all} tags, AWS allows {TAGS}");
        sink.push(rule::TAG.at(Site::at(["tags"]).key(), message).help("use fewer tags"));
    }
    for (i, tag) in tags.iter().enumerate() {
        let same = |other: &&Tag| other.key.to_lowercase() == tag.key.to_lowercase();
        if let Some(other) = tags[..i].iter().find(same) {
            let message = format!("the tag keys {} and {} differ only in case", other.key, tag.key);
            sink.push(
                rule::TAG
                    .at(Site::at(["tags", "common", &tag.key]).key(), message)
                    .help("keep one of them"),
            );
        }
    }
}

fn required(id: &str, tags: &[Tag], blueprint: &Blueprint, sink: &mut Sink) {
    for (i, key) in blueprint.tags.required.iter().enumerate() {
        let known = text::OWN_TAGS.contains(&key.as_str()) || tags.iter().any(|t| t.key == *key);
        if !known {
            let message = format!("the resources of tier `{id}` have no tag {key}");
            sink.push(rule::TAG_REQUIRED.at(Site::at(["tags", "required"]).child(i), message));
        }
    }
}
