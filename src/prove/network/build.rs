//! The parts that were read, put together: names become places in tables.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::prove::network::address::{ALL, FOUR, Range, SIX};
use crate::prove::network::ingest::default_group;
use crate::prove::network::model::{
    Acl, At, Attached, Attachment, Group, Holder, Mark, Nat, Network, Peer, Peering, Route, Rule,
    Subnet, Table, Transit, TransitRoute, Via, Vpc,
};
use crate::prove::network::names::Name;
use crate::prove::network::raw::{Raw, RawHolder, Side, Target};
use crate::prove::network::traffic::Traffic;
use crate::prove::read::{token, unknown};

/// The places of parts by their names.
#[derive(Default)]
struct Places {
    vpcs: BTreeMap<Name, At>,
    subnets: BTreeMap<Name, At>,
    tables: BTreeMap<Name, At>,
    acls: BTreeMap<Name, At>,
    groups: BTreeMap<Name, At>,
    nats: BTreeMap<Name, At>,
    peerings: BTreeMap<Name, At>,
    attachments: BTreeMap<Name, At>,
    transits: BTreeMap<Name, At>,
}

struct Builder<'r> {
    raw: &'r mut Raw,
    net: Network,
    at: Places,
    /// Owner and VPC of each group.
    groups: Vec<(u32, Option<At>)>,
    /// The owner of each subnet.
    owners: Vec<u32>,
    /// The default group of each VPC.
    defaults: Vec<At>,
    /// A group that lets everything through.
    open: At,
    /// Internet gateways.
    internet: BTreeSet<Name>,
    /// Peering connections with an end that could not be read.
    unread: BTreeSet<Name>,
}

/// The network that was read.
pub fn network(raw: &mut Raw) -> Network {
    let internet = raw.internet.iter().map(|(_, gateway)| *gateway).collect();
    let mut b = Builder {
        raw,
        net: Network::default(),
        at: Places::default(),
        groups: Vec::new(),
        owners: Vec::new(),
        defaults: Vec::new(),
        open: 0,
        internet,
        unread: BTreeSet::new(),
    };
    b.spaces();
    b.acls();
    b.groups();
    b.ways();
    b.routes();
    b.crossings();
    b.holders();
    b.net
}

fn places(parts: impl Iterator<Item = Name>) -> BTreeMap<Name, At> {
    parts.enumerate().map(|(at, name)| (name, at)).collect()
}

impl Builder<'_> {
    fn outside(&mut self, what: &str, name: Name) {
        let text = self.raw.names.text(name).to_owned();
        self.raw.outside.insert(format!("{what} {text}, which is not in the files"));
    }

    /// VPCs and subnets.
    fn spaces(&mut self) {
        self.at.vpcs = places(self.raw.vpcs.iter().map(|(part, _)| part.name));
        for (part, blocks) in &self.raw.vpcs {
            self.net.vpcs.push(Vpc { blocks: blocks.clone(), mark: part.mark, ..Vpc::default() });
        }
        for (vpc, _) in &self.raw.internet {
            if let Some(at) = self.at.vpcs.get(vpc) {
                self.net.vpcs[*at].internet = true;
            }
        }
        for (part, vpc, blocks) in std::mem::take(&mut self.raw.subnets) {
            let Some(vpc) = self.at.vpcs.get(&vpc).copied() else {
                self.outside("what stands in", vpc);
                continue;
            };
            self.at.subnets.insert(part.name, self.net.subnets.len());
            self.owners.push(part.owner);
            self.net.subnets.push(Subnet { vpc, blocks, table: None, acl: None, mark: part.mark });
        }
        for (of, block) in &self.raw.blocks {
            if let Some(at) = self.at.vpcs.get(of) {
                self.net.vpcs[*at].blocks.push(*block);
            } else if let Some(at) = self.at.subnets.get(of) {
                self.net.subnets[*at].blocks.push(*block);
            }
        }
    }

    fn acls(&mut self) {
        self.at.acls = places(self.raw.acls.iter().map(|part| part.name));
        let acls = self.raw.acls.iter().map(|part| Acl { mark: part.mark, ..Acl::default() });
        self.net.acls = acls.collect();
        for (acl, egress, entry) in self.raw.entries.drain(..) {
            if let Some(at) = self.at.acls.get(&acl) {
                let acl = &mut self.net.acls[*at];
                if egress { acl.outward.push(entry) } else { acl.inward.push(entry) }
            }
        }
        // A subnet whose ACL is not there has the default one, which lets everything through.
        for (subnet, acl) in &self.raw.acl_of {
            if let Some(at) = self.at.subnets.get(subnet) {
                self.net.subnets[*at].acl = self.at.acls.get(acl).copied();
            }
        }
    }

    fn groups(&mut self) {
        for (part, vpc) in &self.raw.groups {
            self.at.groups.insert(part.name, self.net.groups.len());
            self.groups.push((part.owner, self.at.vpcs.get(vpc).copied()));
            self.net.groups.push(Group { mark: part.mark, ..Group::default() });
        }
        self.open = self.net.groups.len();
        self.groups.push((0, None));
        let rules = |mark| [FOUR, SIX].map(|block| all(Peer::Block(block), mark)).to_vec();
        self.net.groups.push(Group { ingress: rules(0), egress: rules(0), mark: 0 });
        for at in 0..self.net.vpcs.len() {
            self.default_group(at, rules(self.net.vpcs[at].mark));
        }
        for rule in std::mem::take(&mut self.raw.rules) {
            let Some(group) = self.at.groups.get(&rule.group).copied() else { continue };
            for peer in self.peers(&rule.side) {
                let one = Rule { peer, traffic: rule.traffic.clone(), mark: rule.mark };
                let group = &mut self.net.groups[group];
                if rule.egress { group.egress.push(one) } else { group.ingress.push(one) }
            }
        }
    }

    /// The group that AWS makes in each VPC: its members reach each other and everybody, unless its
    /// rules were taken away. Source:
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>.
    fn default_group(&mut self, vpc: At, egress: Vec<Rule>) {
        let (part, _) = &self.raw.vpcs[vpc];
        let (part, at) = (*part, self.net.groups.len());
        let name = default_group(self.raw.names.text(part.name));
        let name = self.raw.names.of(&name);
        let mut group = Group { mark: part.mark, ..Group::default() };
        if !self.raw.stripped.contains(&part.name) {
            group.ingress.push(all(Peer::Group(at), part.mark));
            group.egress = egress;
        }
        self.net.groups.push(group);
        self.groups.push((part.owner, Some(vpc)));
        self.at.groups.insert(name, at);
        self.defaults.push(at);
    }

    fn peers(&mut self, side: &Side) -> Vec<Peer> {
        match side {
            Side::Group(name) => match self.at.groups.get(name) {
                Some(group) => vec![Peer::Group(*group)],
                // Anybody may be a member of what is not there.
                None => blocks(&[ALL]),
            },
            other => blocks(&self.ranges(other)),
        }
    }

    /// The addresses of a side. Lists that AWS keeps name its own services, which stand outside.
    fn ranges(&mut self, side: &Side) -> Vec<Range> {
        match side {
            Side::Block(range) => vec![*range],
            Side::List(name) => match self.raw.lists.get(name) {
                Some(Some(ranges)) => ranges.clone(),
                _ => vec![FOUR, SIX],
            },
            Side::Unknown | Side::Group(_) => vec![FOUR, SIX],
        }
    }

    /// What joins and leads out.
    fn ways(&mut self) {
        for (part, subnet, address) in &self.raw.nats {
            let Some(subnet) = self.at.subnets.get(subnet).copied() else { continue };
            for block in &self.net.subnets[subnet].blocks {
                self.at.nats.insert(part.name, self.net.nats.len());
                let address = address.unwrap_or(*block);
                self.net.nats.push(Nat { subnet, address, mark: part.mark });
            }
        }
        for (part, one, other) in &self.raw.peerings {
            let ends = [*one, *other].map(|end| self.ends(end));
            let read = ends.iter().all(|end| end.len() == 1);
            for (one, other) in ends[0].iter().flat_map(|a| ends[1].iter().map(move |b| (*a, *b))) {
                // A route to one that could not be read may lead to any of those.
                if read {
                    self.at.peerings.insert(part.name, self.net.peerings.len());
                } else {
                    self.unread.insert(part.name);
                }
                self.net.peerings.push(Peering { one, other, mark: part.mark });
            }
        }
        for (part, gateway, vpc, subnets) in &self.raw.attachments {
            let Some(vpc) = self.at.vpcs.get(vpc).copied() else { continue };
            let subnets = subnets.iter().filter_map(|name| self.at.subnets.get(name).copied());
            let to = Attached::Vpc(vpc, subnets.collect());
            self.at.attachments.insert(part.name, self.net.attachments.len());
            let attachment = Attachment { gateway: *gateway, to, table: None, mark: part.mark };
            self.net.attachments.push(attachment);
        }
        for (part, gateway) in &self.raw.vpns {
            self.at.attachments.insert(part.name, self.net.attachments.len());
            let (to, mark) = (Attached::Premises, part.mark);
            self.net.attachments.push(Attachment { gateway: *gateway, to, table: None, mark });
        }
    }

    /// The VPC that a name is of; any, if it could not be read.
    fn ends(&self, name: Name) -> Vec<At> {
        match self.at.vpcs.get(&name) {
            Some(at) => vec![*at],
            None if unknown(self.raw.names.text(name)) => (0..self.net.vpcs.len()).collect(),
            None => Vec::new(),
        }
    }

    fn routes(&mut self) {
        for (part, vpc) in &self.raw.tables {
            if let Some(vpc) = self.at.vpcs.get(vpc).copied() {
                self.at.tables.insert(part.name, self.net.tables.len());
                let (routes, mark) = (Vec::new(), part.mark);
                self.net.tables.push(Table { vpc, routes, mark });
            }
        }
        for (subnet, table) in &self.raw.table_of {
            let Some(at) = self.at.subnets.get(subnet).copied() else { continue };
            let table = self.at.tables.get(table).copied();
            self.net.subnets[at].table = Some(table.unwrap_or_else(|| unread(&mut self.net, at)));
        }
        for (table, to, target, mark) in std::mem::take(&mut self.raw.routes) {
            let Some(table) = self.at.tables.get(&table).copied() else { continue };
            let rank = u8::from(matches!(to, Side::List(_)));
            let via = self.via(target);
            // A list that AWS keeps stands for its own services.
            let own = |name: &Name| self.raw.lists.contains_key(name);
            if matches!(&to, Side::List(name) if !own(name)) && via == Via::Nowhere {
                continue;
            }
            for to in self.ranges(&to) {
                self.net.tables[table].routes.push(Route { to, via, rank, mark });
            }
        }
        // What a VPN tells is not in the files: it may be anything that has no longer route.
        for (table, mark) in &self.raw.learned {
            if let Some(table) = self.at.tables.get(table) {
                for to in [FOUR, SIX] {
                    let route = Route { to, via: Via::Premises, rank: 2, mark: *mark };
                    self.net.tables[*table].routes.push(route);
                }
            }
        }
    }

    fn via(&self, target: Target) -> Via {
        let text = |name: Name| self.raw.names.text(name);
        let find =
            |places: &BTreeMap<Name, At>, name: Name, via: fn(At) -> Via| match places.get(&name) {
                Some(at) => via(*at),
                None if unknown(text(name)) || self.unread.contains(&name) => Via::Unknown,
                None => Via::Nowhere,
            };
        match target {
            Target::Gateway(name) if text(name) == "local" => Via::Local,
            Target::Gateway(name) if self.internet.contains(&name) => Via::Internet,
            Target::Gateway(name) if unknown(text(name)) => Via::Unknown,
            Target::Gateway(_) => Via::Premises,
            Target::EgressOnly => Via::Internet,
            Target::Nat(name) => find(&self.at.nats, name, Via::Nat),
            Target::Peering(name) => find(&self.at.peerings, name, Via::Peering),
            Target::Transit(name) if unknown(text(name)) => Via::Unknown,
            Target::Transit(name) => Via::Transit(name),
            Target::Forwarder(name) => self.forwarder(name),
            Target::Unknown => Via::Unknown,
        }
    }

    /// The subnet that something forwards in, if it stands in one.
    fn forwarder(&self, name: Name) -> Via {
        let holder = self.raw.holders.iter().find(|holder| holder.part.name == name);
        let subnet = holder.and_then(|holder| self.at.subnets.get(holder.subnets.first()?));
        subnet.map_or(Via::Unknown, |subnet| Via::Appliance(*subnet))
    }

    /// What transit gateways do.
    fn crossings(&mut self) {
        self.at.transits = places(self.raw.transits.iter().map(|part| part.name));
        let tables = self.raw.transits.iter();
        let tables = tables.map(|part| Transit { mark: part.mark, ..Transit::default() });
        self.net.transits = tables.collect();
        for (attachment, table) in &self.raw.associations {
            if let Some(at) = self.at.attachments.get(attachment) {
                self.net.attachments[*at].table = self.at.transits.get(table).copied();
            }
        }
        self.defaults_of_gateways();
        for (attachment, table, mark) in std::mem::take(&mut self.raw.propagations) {
            let (at, table) = (self.at.attachments.get(&attachment), self.at.transits.get(&table));
            if let (Some(at), Some(table)) = (at, table) {
                let routes = learned(&self.net, *at, mark);
                self.net.transits[*table].routes.extend(routes);
            }
        }
        for (table, to, attachment, mark) in std::mem::take(&mut self.raw.crossings) {
            let Some(table) = self.at.transits.get(&table).copied() else { continue };
            let via = match attachment {
                None => vec![None],
                Some(name) => match self.at.attachments.get(&name) {
                    Some(at) => vec![Some(*at)],
                    None if unknown(self.raw.names.text(name)) => {
                        (0..self.net.attachments.len()).map(Some).collect()
                    }
                    None => vec![None],
                },
            };
            for to in self.ranges(&to) {
                let route = |via| TransitRoute { to, via, learned: false, mark };
                self.net.transits[table].routes.extend(via.iter().copied().map(route));
            }
        }
    }

    /// A transit gateway may give its attachments a table that knows all of them.
    fn defaults_of_gateways(&mut self) {
        for (part, give, learn) in &self.raw.gateways {
            if !give && !learn {
                continue;
            }
            let table = self.net.transits.len();
            let mut routes = Vec::new();
            for at in 0..self.net.attachments.len() {
                let attachment = &mut self.net.attachments[at];
                if attachment.gateway != part.name {
                    continue;
                }
                if *give && attachment.table.is_none() {
                    attachment.table = Some(table);
                }
                if *learn {
                    routes.extend(learned(&self.net, at, part.mark));
                }
            }
            self.net.transits.push(Transit { routes, mark: part.mark });
        }
    }

    /// Interfaces that are there, and those that may be.
    fn holders(&mut self) {
        let mut all = self.unknown_workloads();
        for holder in std::mem::take(&mut self.raw.holders) {
            let groups = self.expand(&holder.groups);
            for subnet in self.expand(&holder.subnets) {
                if let Some(at) = self.at.subnets.get(&subnet).copied() {
                    self.hold(&holder, &groups, at, &mut all);
                } else {
                    self.outside("what stands in", subnet);
                }
            }
        }
        self.net.holders = all;
    }

    /// Names, with what stands for several as those.
    fn expand(&self, names: &[Name]) -> BTreeSet<Name> {
        let one = |name: &Name| match self.raw.several.get(name) {
            Some(several) => several.clone(),
            None => vec![*name],
        };
        names.iter().flat_map(one).collect()
    }

    fn hold(&self, holder: &RawHolder, names: &BTreeSet<Name>, subnet: At, all: &mut Vec<Holder>) {
        let vpc = self.net.subnets[subnet].vpc;
        let place = |name: &Name| match self.at.groups.get(name) {
            None if strange(self.raw.names.text(*name)) => Some(self.open),
            other => other.copied(),
        };
        let mut groups: Vec<At> = names.iter().filter_map(place).collect();
        if groups.is_empty() {
            groups.push(if holder.open { self.open } else { self.defaults[vpc] });
        }
        groups.sort_unstable();
        groups.dedup();
        // Whoever has the subnet may start the same there, with the same groups.
        let may = &all[subnet];
        let (own, mark) = (may.owner == holder.part.owner, holder.part.mark);
        if own && !holder.public && groups.iter().all(|g| may.groups.binary_search(g).is_ok()) {
            return;
        }
        let (owner, public) = (holder.part.owner, holder.public);
        all.push(Holder { subnet, groups: groups.into(), owner, public, mark });
    }

    /// What may be started in each subnet: anything, by whoever has it. A tenant may give it every
    /// group of the VPC, as nothing in AWS ties a group to a subnet; what all share has no groups of
    /// tenants. The holder of a subnet stands where the subnet stands.
    fn unknown_workloads(&self) -> Vec<Holder> {
        let mut every: Vec<Vec<At>> = vec![Vec::new(); self.net.vpcs.len()];
        let mut shared = every.clone();
        for (at, (owner, vpc)) in self.groups.iter().enumerate() {
            let Some(vpc) = vpc else { continue };
            every[*vpc].push(at);
            if *owner == 0 {
                shared[*vpc].push(at);
            }
        }
        let every: Vec<Arc<[At]>> = every.into_iter().map(Into::into).collect();
        let shared: Vec<Arc<[At]>> = shared.into_iter().map(Into::into).collect();
        let subnets = self.net.subnets.iter().zip(&self.owners).enumerate();
        let holders = subnets.map(|(at, (subnet, owner))| {
            let groups = Arc::clone(
                if *owner == 0 { &shared } else { &every }.get(subnet.vpc).expect("it is a VPC"),
            );
            Holder { subnet: at, groups, owner: *owner, public: true, mark: subnet.mark }
        });
        holders.collect()
    }
}

/// Whether a group is none of the files: it may let everything through.
fn strange(text: &str) -> bool {
    unknown(text) || token(text).is_none()
}

fn all(peer: Peer, mark: Mark) -> Rule {
    Rule { peer, traffic: Traffic::all(), mark }
}

fn blocks(ranges: &[Range]) -> Vec<Peer> {
    ranges.iter().map(|range| Peer::Block(*range)).collect()
}

/// What a table learns from an attachment.
fn learned(net: &Network, at: At, mark: Mark) -> Vec<TransitRoute> {
    let route = |to: &Range| TransitRoute { to: *to, via: Some(at), learned: true, mark };
    match &net.attachments[at].to {
        Attached::Vpc(vpc, _) => net.vpcs[*vpc].blocks.iter().map(route).collect(),
        Attached::Premises => [FOUR, SIX].iter().map(route).collect(),
    }
}

/// A table of which nothing is known: it may lead anywhere.
fn unread(net: &mut Network, subnet: At) -> At {
    let (vpc, mark) = (net.subnets[subnet].vpc, net.subnets[subnet].mark);
    let routes = [FOUR, SIX].map(|to| Route { to, via: Via::Unknown, rank: 0, mark });
    net.tables.push(Table { vpc, routes: routes.to_vec(), mark });
    net.tables.len() - 1
}
