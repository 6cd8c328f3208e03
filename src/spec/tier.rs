//! The offers as meant: one isolation model each, with the sizes of its blocks.

use std::collections::BTreeMap;

use serde_json::json;

use crate::aws;
use crate::blueprint::Blueprint;
use crate::blueprint::shape::{self, GatewayService, Isolation, Nat, SecurityGroups, TierVpn};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::network::{Network, sorted_endpoints};
use crate::spec::{rule, text};

/// An offer with one isolation model.
#[derive(Clone, Debug)]
pub struct Tier {
    /// Its id, which names its template.
    pub id: String,
    /// What keeps its tenants apart.
    pub isolation: Isolation,
    /// The prefix length of a new tenant's block.
    pub prefix: u8,
    /// The prefix length of a new cell's VPC; of isolation `subnet` only.
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
    /// The user's tags, sorted by key.
    pub tags: Vec<Tag>,
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
pub fn tiers(blueprint: &Blueprint, network: &Network, sink: &mut Sink) -> BTreeMap<String, Tier> {
    let mut out = BTreeMap::new();
    for (id, written) in &blueprint.tiers {
        let site = Site::at(["tiers", id]);
        if !is_tier_id(id) {
            let message = format!("{id:?} cannot be the id of a tier");
            let help = "use lower-case letters, digits and hyphens, a letter first, at most 32";
            sink.push(rule::TIER_SETTING.at(site.key(), message).help(help));
        }
        settings(written, &site, sink);
        sizes(id, written, network, &site, sink);
        out.insert(id.clone(), tier(id, written, blueprint, network, sink));
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
        tags: tags(id, written, blueprint, sink),
    }
}

fn settings(written: &shape::Tier, site: &Site, sink: &mut Sink) {
    let mut refuse = |keys: &[&str], model: &str| {
        let place = keys.iter().fold(site.clone(), |site, key| site.child(*key));
        let key = keys.join(".");
        let message = format!("`{key}` is a setting of isolation `{model}`");
        sink.push(rule::TIER_SETTING.at(place.key(), message).help(format!("remove `{key}`")));
    };
    match written.isolation {
        Isolation::Vpc => {
            if written.network.cell_prefix.is_some() {
                refuse(&["network", "cell_prefix"], "subnet");
            }
            if written.security_groups == SecurityGroups::Consolidated {
                refuse(&["security_groups"], "subnet");
            }
        }
        Isolation::Subnet => {
            if written.vpn != TierVpn::None {
                refuse(&["vpn"], "vpc");
            }
        }
    }
}

fn sizes(id: &str, written: &shape::Tier, network: &Network, site: &Site, sink: &mut Sink) {
    let (prefix, bits) = (written.network.prefix, slot_bits(network.zone_slots));
    let at = site.child("network").child("prefix");
    // A slot of a VPC is halved for the private layer and halved again for the two others.
    let layers = if written.isolation == Isolation::Vpc { 2 } else { 0 };
    let smallest = prefix + bits + layers;
    if smallest > aws::LONGEST_PREFIX {
        let slots = network.zone_slots;
        let message = format!("a /{prefix} in {slots} zone slots leaves /{smallest} subnets");
        let fits = aws::LONGEST_PREFIX - bits - layers;
        let help =
            format!("give tier `{id}` a prefix of {fits} or shorter, or use fewer `zone_slots`");
        sink.push(rule::SUBNET_TOO_SMALL.at(at, message).help(help));
        return;
    }
    if written.isolation == Isolation::Vpc {
        return;
    }
    let at = site.child("network").child("cell_prefix");
    let Some(cell) = written.network.cell_prefix else {
        let message = format!("tier `{id}` has isolation `subnet`, but no `cell_prefix`");
        let help = "add `cell_prefix`, the prefix length of the VPC that its tenants share";
        sink.push(rule::CELL_SIZE.at(site.child("network"), message).help(help));
        return;
    };
    acl_rules(id, network, site, sink);
    if prefix <= cell || shared_prefix(cell, network.zone_slots) <= cell {
        let message =
            format!("a cell of /{cell} does not hold its shared subnets and a tenant of /{prefix}");
        sink.push(rule::CELL_SIZE.at(at, message));
    }
}

/// The most rules of a network ACL in one direction.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>.
const ACL_RULES: usize = 20;

/// Every tenant's ACL in a cell has four rules for its own and the shared subnets, two for each
/// friend (the hub, each block on premises), one for each pool and one for the internet.
fn acl_rules(id: &str, network: &Network, site: &Site, sink: &mut Sink) {
    let connected = network.on_premises.as_ref().is_some_and(|p| p.vpn.is_some());
    let friends =
        usize::from(network.has_hub()) + if connected { network.premises().len() } else { 0 };
    let rules = 4 + 2 * friends + network.pools.len() + 1;
    if rules > ACL_RULES {
        let message = format!("the network ACL of tenants of tier `{id}` would have {rules} rules");
        sink.push(rule::ACL_RULES.at(site.key(), message));
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
