//! The network as meant: pools, reserved ranges, zones, hub, premises.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::aws;
use crate::blueprint::shape::{self, Connect, Egress, Endpoints, GatewayService, Nat};
use crate::blueprint::{Blueprint, Written};
use crate::diag::Sink;
use crate::name::nearest;
use crate::source::Site;
use crate::spec::rule;

/// Address space, zones and connections.
#[derive(Clone, Debug)]
pub struct Network {
    /// The address space to allocate from, sorted.
    pub pools: Vec<Pool>,
    /// Ranges that are never allocated, sorted: what is reserved, and what is on premises.
    pub reserved: Vec<Ipv4Net>,
    /// How many zones are used.
    pub zones: u8,
    /// How many zones each new block keeps room for; a power of two, at least `zones`.
    pub zone_slots: u8,
    /// The zones of each region that can be used, sorted.
    pub zone_names: BTreeMap<String, Vec<String>>,
    /// How tenants reach the hub.
    pub connect: Connect,
    /// The prefix length of a hub's block.
    pub hub_prefix: u8,
    /// The network on premises.
    pub on_premises: Option<OnPremises>,
    /// Where NAT gateways stand.
    pub nat: Nat,
    /// Gateway endpoints, sorted.
    pub gateway_endpoints: Vec<GatewayService>,
    /// Interface endpoints by service, sorted.
    pub interface_endpoints: Vec<String>,
    /// How many days flow logs are kept.
    pub flow_log_days: u32,
}

/// Address space to allocate from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pool {
    /// The block.
    pub cidr: Ipv4Net,
    /// The only region that it serves, if there is one.
    pub region: Option<String>,
}

/// The network on premises.
#[derive(Clone, Debug)]
pub struct OnPremises {
    /// Its blocks, sorted.
    pub cidrs: Vec<Ipv4Net>,
    /// The far end of the connection.
    pub vpn: Option<Vpn>,
}

/// The far end of a VPN connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpn {
    /// Its public address.
    pub gateway_ip: Ipv4Addr,
    /// Its BGP autonomous system number.
    pub asn: u32,
}

impl Network {
    /// Whether there is a hub in each region.
    pub fn has_hub(&self) -> bool {
        self.connect != Connect::None
    }

    /// The blocks on premises.
    pub fn premises(&self) -> &[Ipv4Net] {
        self.on_premises.as_ref().map_or(&[], |p| &p.cidrs)
    }
}

/// The regions of the estate, the home region first, then the others in the order written.
pub fn regions(written: &Written, sink: &mut Sink) -> Vec<String> {
    let blueprint = &written.blueprint;
    let partition = blueprint.partition;
    for (i, region) in blueprint.regions.iter().enumerate() {
        let site = Site::at(["regions"]).child(i);
        if partition.zones(region).is_none() {
            let message = format!("{region:?} is not a region of partition {}", partition.id());
            let help = match (aws::Partition::of(region), nearest(region, partition.regions())) {
                (Some(other), _) if i == 0 => format!("set `partition: {}`", other.id()),
                (Some(other), _) => format!("it belongs to partition {}: remove it", other.id()),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => "regions look like eu-west-1".to_owned(),
            };
            sink.push(rule::REGION.at(site, message).help(help).against(["partition"]));
        } else if blueprint.regions[..i].contains(region) {
            sink.push(
                rule::REGION.at(site, format!("{region} is listed twice")).help("list it once"),
            );
        }
    }
    if let Some(backend) = &blueprint.deploy.backend
        && partition.zones(&backend.s3.region).is_none()
    {
        let message =
            format!("{:?} is not a region of partition {}", backend.s3.region, partition.id());
        let site = Site::at(["deploy", "backend", "s3", "region"]);
        sink.push(rule::REGION.at(site, message).against(["partition"]));
    }
    let mut regions = blueprint.regions.clone();
    regions.sort_by_key(|region| Some(region) != written.home_region());
    regions
}

/// The network of the blueprint.
pub fn network(blueprint: &Blueprint, sink: &mut Sink) -> Network {
    let written = &blueprint.network;
    let zones = written.zones.unwrap_or(3);
    let zone_slots = written.zone_slots.unwrap_or(4);
    if zones > zone_slots {
        let message = format!("{zones} zones are used, but there are {zone_slots} slots for them");
        let help = "set `network.zone_slots` to a larger power of two";
        sink.push(rule::ZONES.at(Site::at(["network", "zones"]), message).help(help));
    }
    if zones == 1 {
        sink.push(rule::SINGLE_ZONE.at(Site::at(["network", "zones"]), "only one zone is used"));
    }
    let pools = pools(blueprint, sink);
    let on_premises = on_premises(written.on_premises.as_ref(), sink);
    let mut reserved = reserved(&written.reserved, &pools, sink);
    reserved.extend(on_premises.iter().flat_map(|p| p.cidrs.iter().copied()));
    reserved.sort_unstable();
    reserved.dedup();
    hub_size(written, zone_slots, sink);
    unused_vpn(blueprint, sink);
    let Endpoints { gateway, interface } = sorted_endpoints(&written.endpoints);
    let Egress { nat } = written.egress;
    Network {
        pools,
        reserved,
        zones,
        zone_slots,
        zone_names: zone_names(blueprint, zones, sink),
        connect: written.hub.connect,
        hub_prefix: written.hub.prefix.unwrap_or(20),
        on_premises,
        nat,
        gateway_endpoints: gateway,
        interface_endpoints: interface,
        flow_log_days: written.flow_logs.retention_days.unwrap_or(90),
    }
}

/// A hub is cut like the VPC of a tenant: halves and quarters of each zone slot.
fn hub_size(written: &shape::Network, zone_slots: u8, sink: &mut Sink) {
    let prefix = written.hub.prefix.unwrap_or(20);
    let smallest = prefix + u8::try_from(zone_slots.trailing_zeros()).expect("at most 3") + 2;
    if written.hub.connect != Connect::None && smallest > aws::LONGEST_PREFIX {
        let message =
            format!("a hub of /{prefix} in {zone_slots} zone slots leaves /{smallest} subnets");
        let help = "give `network.hub` a shorter prefix";
        sink.push(
            rule::SUBNET_TOO_SMALL.at(Site::at(["network", "hub", "prefix"]), message).help(help),
        );
    }
}

/// A connection to premises ends at the hub, or without one at the cells.
fn unused_vpn(blueprint: &Blueprint, sink: &mut Sink) {
    let written = &blueprint.network;
    let cells = blueprint.tiers.values().any(|tier| tier.isolation.has_cells());
    let vpn = written.on_premises.as_ref().is_some_and(|p| p.vpn.is_some());
    if vpn && written.hub.connect == Connect::None && !cells {
        let site = Site::at(["network", "on_premises", "vpn"]).key();
        let complaint = rule::VPN_UNUSED.at(site, "nothing is connected to the premises");
        sink.push(complaint.against(["network", "hub"]).against(["tiers"]));
    }
}

/// Endpoints in an order that does not depend on how they were written.
pub fn sorted_endpoints(written: &Endpoints) -> Endpoints {
    let gateway: BTreeSet<_> = written.gateway.iter().copied().collect();
    let interface: BTreeSet<_> = written.interface.iter().cloned().collect();
    Endpoints { gateway: gateway.into_iter().collect(), interface: interface.into_iter().collect() }
}

/// An IPv4 block in canonical form.
pub fn cidr(text: &str, site: &Site, sink: &mut Sink) -> Option<Ipv4Net> {
    let Ok(net) = text.parse::<Ipv4Net>() else {
        let ipv6 = text.contains(':');
        let what = if ipv6 { "an IPv6 block; pools are IPv4" } else { "not an IPv4 CIDR block" };
        sink.push(rule::NOT_A_CIDR.at(site.clone(), format!("{text:?} is {what}")));
        return None;
    };
    if net != net.trunc() {
        let message = format!("{text} has host bits: the block that holds it is {}", net.trunc());
        sink.push(rule::HOST_BITS.at(site.clone(), message).help(format!("write {}", net.trunc())));
        return None;
    }
    Some(net)
}

/// Whether two blocks share an address.
pub fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

fn net(text: &str) -> Ipv4Net {
    text.parse().expect("a constant block")
}

fn pools(blueprint: &Blueprint, sink: &mut Sink) -> Vec<Pool> {
    let mut pools: Vec<(Pool, Site)> = Vec::new();
    for (i, written) in blueprint.network.pools.iter().enumerate() {
        let site = Site::at(["network", "pools"]).child(i);
        if let Some(region) = &written.region
            && !blueprint.regions.contains(region)
            && blueprint.regions.iter().all(|r| blueprint.partition.zones(r).is_some())
        {
            let message = format!("{region:?} is not one of the estate's regions");
            let complaint = rule::REGION.at(site.child("region"), message);
            sink.push(complaint.help("list it in `regions`").against(["regions"]));
        }
        let site = site.child("cidr");
        let Some(cidr) = cidr(&written.cidr, &site, sink) else { continue };
        if let Some(blocked) = aws::BLOCKED_RANGES.iter().find(|r| overlap(cidr, net(r))) {
            sink.push(rule::BLOCKED.at(site.clone(), format!("{cidr} touches {blocked}")));
            continue;
        }
        usual(cidr, &site, blueprint, sink);
        if let Some((other, place)) = pools.iter().find(|(p, _)| overlap(p.cidr, cidr)) {
            let message = format!("{cidr} overlaps {}", other.cidr);
            sink.push(rule::POOL_OVERLAP.at(site, message).note(place.clone(), "the other pool"));
            continue;
        }
        pools.push((Pool { cidr, region: written.region.clone() }, site));
    }
    let mut pools: Vec<Pool> = pools.into_iter().map(|(pool, _)| pool).collect();
    pools.sort();
    pools
}

fn usual(cidr: Ipv4Net, site: &Site, blueprint: &Blueprint, sink: &mut Sink) {
    if !aws::PRIVATE_RANGES.iter().any(|r| net(r).contains(&cidr)) {
        let message = format!("{cidr} is not private address space");
        sink.push(rule::UNUSUAL.at(site.clone(), message));
    }
    let service = net(aws::SERVICE_RANGE);
    let kept_free = blueprint
        .network
        .reserved
        .iter()
        .any(|r| r.parse::<Ipv4Net>().is_ok_and(|r| r.contains(&service)));
    if overlap(cidr, service) && !kept_free {
        let message = format!("{cidr} holds {service}, which some AWS services use inside");
        let help = format!("add {service} to `network.reserved`");
        sink.push(rule::UNUSUAL.at(site.clone(), message).help(help));
    }
}

fn reserved(written: &[String], pools: &[Pool], sink: &mut Sink) -> Vec<Ipv4Net> {
    let mut out = Vec::new();
    for (i, text) in written.iter().enumerate() {
        let site = Site::at(["network", "reserved"]).child(i);
        let Some(range) = cidr(text, &site, sink) else { continue };
        if pools.iter().any(|p| overlap(p.cidr, range)) {
            out.push(range);
        } else {
            sink.push(
                rule::RESERVED_OUTSIDE.at(site, format!("{range} lies in none of the pools")),
            );
        }
    }
    out
}

fn on_premises(written: Option<&shape::OnPremises>, sink: &mut Sink) -> Option<OnPremises> {
    let written = written?;
    let site = Site::at(["network", "on_premises"]);
    let mut cidrs = Vec::new();
    for (i, text) in written.cidrs.iter().enumerate() {
        let place = site.child("cidrs").child(i);
        let Some(cidr) = cidr(text, &place, sink) else { continue };
        match aws::BLOCKED_RANGES.iter().find(|r| overlap(cidr, net(r))) {
            Some(blocked) => {
                sink.push(rule::BLOCKED.at(place, format!("{cidr} touches {blocked}")));
            }
            None => cidrs.push(cidr),
        }
    }
    cidrs.sort_unstable();
    cidrs.dedup();
    let vpn = written.vpn.as_ref().and_then(|v| vpn(v, &site.child("vpn"), sink));
    Some(OnPremises { cidrs, vpn })
}

/// The far end of a VPN connection.
pub fn vpn(written: &shape::Vpn, site: &Site, sink: &mut Sink) -> Option<Vpn> {
    // Addresses that are routed nowhere on the internet. Ranges for documentation pass: examples
    // use them. Source: https://www.iana.org/assignments/iana-ipv4-special-registry.
    let nowhere: [&str; 3] = ["0.0.0.0/8", "100.64.0.0/10", "224.0.0.0/3"];
    let public = |ip: &Ipv4Addr| {
        !ip.is_private()
            && !ip.is_loopback()
            && !ip.is_link_local()
            && nowhere.iter().all(|range| !net(range).contains(ip))
    };
    if let Some(gateway_ip) = written.gateway_ip.parse::<Ipv4Addr>().ok().filter(public) {
        Some(Vpn { gateway_ip, asn: written.asn })
    } else {
        let message = format!("{:?} is not a public IPv4 address", written.gateway_ip);
        sink.push(rule::GATEWAY_IP.at(site.child("gateway_ip"), message));
        None
    }
}

fn zone_names(blueprint: &Blueprint, zones: u8, sink: &mut Sink) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    let given = &blueprint.network.zone_names;
    for (region, names) in given {
        let site = Site::at(["network", "zone_names", region]);
        if !blueprint.regions.contains(region) {
            let message = format!("{region:?} is not one of the estate's regions");
            let complaint = rule::REGION.at(site.key(), message).against(["regions"]);
            sink.push(complaint.help("list it in `regions`, or remove it here"));
        }
        for (i, name) in names.iter().enumerate() {
            let letter = name.strip_prefix(region.as_str());
            let sound =
                letter.is_some_and(|l| l.len() == 1 && l.chars().all(|c| c.is_ascii_lowercase()));
            if !sound || names[..i].contains(name) {
                let message = format!("{name:?} is not a zone of {region}, or stands there twice");
                let help = format!("zones of {region} look like {region}a");
                sink.push(rule::ZONES.at(site.child(i), message).help(help));
            }
        }
    }
    for (i, region) in blueprint.regions.iter().enumerate() {
        let known = blueprint.partition.zones(region).unwrap_or_default();
        let mut names = given.get(region).cloned().unwrap_or_else(|| known.to_vec());
        names.sort_unstable();
        if !known.is_empty() && names.len() < usize::from(zones) {
            let message = format!("{region} has {} zones, {zones} are used", names.len());
            let complaint = rule::ZONES.at(Site::at(["regions"]).child(i), message);
            sink.push(complaint.against(["network", "zones"]).against([
                "network",
                "zone_names",
                region,
            ]));
        }
        out.insert(region.clone(), names);
    }
    out
}
