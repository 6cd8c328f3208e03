//! One packet at a time. Nothing of the proof is used here: routes are chosen, rules are put in order
//! and members are looked up by other hands.

use super::world::{Line, Side, Way, World, inside};

/// What AWS decides and the proof leaves open.
#[derive(Clone, Copy, Default)]
pub struct Open {
    /// The interface of a transit gateway in any zone, not only in that of the sender.
    pub zones: bool,
    /// Members of a group are known behind a transit gateway, too.
    pub members: bool,
    /// Of two routes that were learned for one block, either.
    pub equals: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub from: u32,
    pub to: u32,
    pub protocol: u8,
    pub source: u16,
    pub port: u16,
}

/// How a packet came to the subnet of its receiver.
#[derive(Clone, Debug)]
pub struct Came {
    pub subnet: usize,
    pub from: u32,
    pub nats: Vec<(usize, u32)>,
    pub transit: bool,
}

pub struct Sim<'a>(pub &'a World, pub Open);

impl Sim<'_> {
    pub fn acl(&self, subnet: usize, out: bool, p: Packet) -> bool {
        let Some(acl) = self.0.subnets[subnet].3 else { return true };
        let other = if out { p.to } else { p.from };
        let mut lines: Vec<&Line> = self.0.acls[acl][usize::from(out)].iter().collect();
        lines.sort_by_key(|line| line.number);
        for line in lines {
            if inside(line.block, other) && line.what.hits(p.protocol, p.port) {
                return line.allow;
            }
        }
        false
    }

    /// The way of a packet from a subnet.
    pub fn choose(&self, subnet: usize, to: u32) -> Option<Way> {
        let (vpc, _, table, ..) = self.0.subnets[subnet];
        let (block, main) = self.0.vpcs[vpc];
        let mut best: Option<(u32, u32, Way)> = None;
        let mut offer = |length: u32, rank: u32, way: Way| {
            if best.is_none_or(|b| length > b.0 || length == b.0 && rank < b.1) {
                best = Some((length, rank, way));
            }
        };
        if inside(block, to) {
            offer(block.1, 0, Way::Inside);
        }
        if let Some(table) = table.or(main) {
            for (dest, way, learned) in &self.0.tables[table].1 {
                if inside(*dest, to) {
                    offer(dest.1, 1 + u32::from(*learned), *way);
                }
            }
        }
        best.map(|b| b.2)
    }

    /// Something in a subnet sends a packet.
    pub fn send(&self, subnet: usize, p: Packet, came: &Came, out: &mut Vec<Came>) {
        if inside(self.0.subnets[subnet].1, p.to) {
            out.push(Came { subnet, ..came.clone() });
        } else if self.acl(subnet, true, p) {
            self.route(subnet, false, p, came, out, 0);
        }
    }

    pub fn route(
        &self,
        at: usize,
        edge: bool,
        p: Packet,
        came: &Came,
        out: &mut Vec<Came>,
        depth: u8,
    ) {
        if depth > 12 {
            return;
        }
        let vpc = self.0.subnets[at].0;
        match self.choose(at, p.to) {
            None | Some(Way::Gone | Way::Internet) => {}
            Some(Way::Inside) => self.inside_of(vpc, Some((at, edge)), p, came, out),
            Some(Way::Peering(peering)) => {
                let (one, other) = self.0.peerings[peering];
                let far = if one == vpc { other } else { one };
                if !edge && inside(self.0.vpcs[far].0, p.to) {
                    self.inside_of(far, None, p, came, out);
                }
            }
            Some(Way::Nat(nat)) => {
                let (subnet, address) = self.0.nats[nat];
                if came.nats.iter().any(|n| n.0 == nat) {
                    return;
                }
                if (edge || subnet != at) && !self.acl(subnet, false, p) {
                    return;
                }
                let mut came = came.clone();
                came.nats.push((nat, came.from));
                came.from = address;
                let p = Packet { from: address, ..p };
                // The ports of a NAT gateway are its own.
                if inside(self.0.subnets[subnet].1, p.to) {
                    out.push(Came { subnet, ..came });
                } else if self.acl(subnet, true, p) {
                    self.route(subnet, false, p, &came, out, depth + 1);
                }
            }
            Some(Way::Transit) => self.transit(at, edge, p, came, out, depth),
        }
    }

    pub fn transit(
        &self,
        at: usize,
        edge: bool,
        p: Packet,
        came: &Came,
        out: &mut Vec<Came>,
        depth: u8,
    ) {
        let (vpc, zone) = (self.0.subnets[at].0, self.0.subnets[at].4);
        for (v, edges, table) in &self.0.attachments {
            let (true, Some(table)) = (*v == vpc, *table) else { continue };
            let near = edges.iter().filter(|e| self.1.zones || self.0.subnets[**e].4 == zone);
            for e in near {
                if !edge && *e != at && !self.acl(*e, false, p) {
                    continue;
                }
                for attachment in self.cross(table, p.to) {
                    let (_, edges, _) = &self.0.attachments[attachment];
                    let same: Vec<usize> =
                        edges.iter().copied().filter(|e| self.0.subnets[*e].4 == zone).collect();
                    let arrive = if self.1.zones || same.is_empty() { edges.clone() } else { same };
                    for e in arrive {
                        let came = Came { transit: true, ..came.clone() };
                        self.route(e, true, p, &came, out, depth + 1);
                    }
                }
            }
        }
    }

    /// The attachments by which a packet leaves a transit gateway.
    pub fn cross(&self, table: usize, to: u32) -> Vec<usize> {
        let mut best: Vec<(u32, bool, Option<usize>)> = Vec::new();
        for (block, attachment, learned) in &self.0.transits[table] {
            if !inside(*block, to) {
                continue;
            }
            let better =
                best.first().is_none_or(|b| block.1 > b.0 || block.1 == b.0 && b.1 && !learned);
            if better {
                best = vec![(block.1, *learned, *attachment)];
            } else if best.first().is_some_and(|b| (b.0, b.1) == (block.1, *learned)) {
                best.push((block.1, *learned, *attachment));
            }
        }
        let count = if self.1.equals { best.len() } else { 1 };
        best.into_iter().take(count).filter_map(|b| b.2).collect()
    }

    /// A packet is inside of a VPC, and its receiver in some subnet of it.
    pub fn inside_of(
        &self,
        vpc: usize,
        by: Option<(usize, bool)>,
        p: Packet,
        came: &Came,
        out: &mut Vec<Came>,
    ) {
        for (subnet, s) in self.0.subnets.iter().enumerate() {
            if s.0 != vpc || !inside(s.1, p.to) {
                continue;
            }
            let passes = match by {
                Some((from, false)) if from == subnet => true,
                Some((edge, true)) if edge != subnet => {
                    self.acl(edge, true, p) && self.acl(subnet, false, p)
                }
                _ => self.acl(subnet, false, p),
            };
            if passes {
                out.push(Came { subnet, ..came.clone() });
            }
        }
    }

    pub fn group(
        &self,
        groups: &[usize],
        inward: bool,
        other: u32,
        others: &[usize],
        p: Packet,
    ) -> bool {
        groups.iter().any(|g| {
            let (_, ingress, egress) = &self.0.groups[*g];
            let rules = if inward { ingress } else { egress };
            rules.iter().any(|(side, what)| {
                what.hits(p.protocol, p.port)
                    && match side {
                        Side::Block(block) => inside(*block, other),
                        Side::Group(group) => others.contains(group),
                    }
            })
        })
    }

    /// Every way by which a first packet gets from one host to another.
    pub fn forward(&self, from: usize, to: usize, p: Packet) -> Vec<Came> {
        let (sender, receiver) = (&self.0.hosts[from], &self.0.hosts[to]);
        if !self.group(&sender.1, false, p.to, &receiver.1, p) {
            return Vec::new();
        }
        let mut came = Vec::new();
        let start = Came { subnet: sender.0, from: p.from, nats: Vec::new(), transit: false };
        self.send(sender.0, p, &start, &mut came);
        came.retain(|c| {
            let known = c.nats.is_empty() && (!c.transit || self.1.members);
            let members: &[usize] = if known { &sender.1 } else { &[] };
            c.subnet == receiver.0 && self.group(&receiver.1, true, c.from, members, p)
        });
        came
    }

    /// Whether the answer to a packet finds back to who sent it.
    pub fn back(&self, from: usize, p: Packet, came: &Came) -> bool {
        let (mut at, mut to) = (came.subnet, came.from);
        let mut nats = came.nats.clone();
        loop {
            let last = nats.is_empty();
            // Behind a NAT gateway, the port is one of the gateway's: any will do.
            let ports = if last { vec![p.source] } else { self.0.ports.clone() };
            let home = nats.last().map_or(self.0.hosts[from].0, |nat| self.0.nats[nat.0].0);
            let arrives = ports.iter().any(|port| {
                let answer =
                    Packet { from: p.to, to, protocol: p.protocol, source: p.port, port: *port };
                let start = Came { subnet: at, from: p.to, nats: Vec::new(), transit: false };
                let mut out = Vec::new();
                self.send(at, answer, &start, &mut out);
                out.iter().any(|c| c.subnet == home && c.nats.is_empty())
            });
            if !arrives || last {
                return arrives;
            }
            let (nat, before) = nats.pop().expect("it is not the last");
            (at, to) = (self.0.nats[nat].0, before);
        }
    }
}
