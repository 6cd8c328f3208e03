//! A second opinion on the network layer of the proof: small networks of dice, in which every packet
//! is sent one by one by a simulator that shares nothing with the proof but the names of things. What
//! the simulator delivers, the proof must know: no missed path, ever. What only the proof knows is a
//! false alarm, and each must be one of those that have a name.

use std::fmt::Write as _;

use tenantry::prove::network::address::Range;
use tenantry::prove::network::compiled::Compiled;
use tenantry::prove::network::model as m;
use tenantry::prove::network::pass::{Cube, Pass};
use tenantry::prove::network::traffic::Traffic;
use tenantry::prove::network::walk::{End, paths};

/// Networks of one run. Those of a longer run: `TENANTRY_ORACLE=100000 cargo test --release oracle`.
const NETWORKS: u64 = 4_000;

// — dice —

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from((self.next() >> 33) % n as u64).expect("it is below n")
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

// — a small world —

/// A block: its first address and how many bits are fixed.
type Block = (u32, u32);

fn inside(block: Block, address: u32) -> bool {
    block.1 == 0 || (address >> (32 - block.1)) == (block.0 >> (32 - block.1))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Nat(usize),
    Peering(usize),
    Transit,
    Gone,
    Internet,
}

#[derive(Clone, Debug)]
struct Match {
    protocol: Option<u8>,
    ports: (u16, u16),
}

impl Match {
    fn hits(&self, protocol: u8, port: u16) -> bool {
        self.protocol.is_none_or(|p| p == protocol && (self.ports.0..=self.ports.1).contains(&port))
    }
}

#[derive(Clone, Debug)]
enum Side {
    Block(Block),
    Group(usize),
}

#[derive(Clone, Debug)]
struct Line {
    number: u32,
    allow: bool,
    block: Block,
    what: Match,
}

#[derive(Debug, Default)]
struct World {
    vpcs: Vec<(Block, Option<usize>)>,
    /// VPC, block, table, ACL, zone.
    subnets: Vec<(usize, Block, Option<usize>, Option<usize>, usize)>,
    /// VPC, and routes: destination, way, learned.
    tables: Vec<(usize, Vec<(Block, Way, bool)>)>,
    /// Lines in, lines out.
    acls: Vec<[Vec<Line>; 2]>,
    /// VPC, ingress, egress.
    groups: Vec<(usize, Vec<(Side, Match)>, Vec<(Side, Match)>)>,
    /// Subnet, address.
    nats: Vec<(usize, u32)>,
    peerings: Vec<(usize, usize)>,
    /// VPC, subnets, table.
    attachments: Vec<(usize, Vec<usize>, Option<usize>)>,
    /// Destination, attachment or black hole, learned.
    transits: Vec<Vec<(Block, Option<usize>, bool)>>,
    /// Subnet, groups.
    hosts: Vec<(usize, Vec<usize>)>,
    ports: Vec<u16>,
}

/// Port ranges of a run: all of a world of four ports, or ranges as they are in life with the points
/// on both sides of each edge.
fn port_ranges(dice: &mut Dice) -> (Vec<(u16, u16)>, Vec<u16>) {
    if dice.chance(40) {
        return (vec![(0, 1), (1, 2), (2, 2), (0, 3), (3, u16::MAX)], vec![0, 1, 2, 3]);
    }
    let all = [(22, 22), (443, 443), (1024, u16::MAX), (8080, 8081), (0, 1023)];
    let (one, two) = (dice.of(&all), dice.of(&all));
    let mut points = vec![one.0, one.1, two.0, two.1.saturating_add(1), one.0.saturating_sub(1)];
    points.sort_unstable();
    points.dedup();
    (vec![one, two], points)
}

impl World {
    fn roll(dice: &mut Dice) -> World {
        let (ranges, ports) = port_ranges(dice);
        let mut w = World { ports, ..World::default() };
        for v in 0..2 + dice.below(2) {
            let third = if v > 0 && dice.chance(15) { v - 1 } else { v };
            w.vpcs.push(((0x0A00_0000 + (u32::try_from(third).expect("few") << 8), 28), None));
        }
        w.roll_subnets(dice);
        w.roll_ways(dice);
        w.roll_tables(dice);
        w.roll_filters(dice, &ranges);
        w
    }

    fn roll_subnets(&mut self, dice: &mut Dice) {
        for v in 0..self.vpcs.len() {
            for s in 0..1 + dice.below(2) {
                let first = self.vpcs[v].0.0 + 4 * u32::try_from(s).expect("few");
                self.subnets.push((v, (first, 31 - u32::from(dice.chance(10))), None, None, s));
            }
        }
    }

    fn roll_ways(&mut self, dice: &mut Dice) {
        let vpcs = self.vpcs.len();
        for one in 0..vpcs {
            for other in 0..one {
                if dice.chance(40) {
                    self.peerings.push((one, other));
                }
            }
        }
        for s in 0..self.subnets.len() {
            if dice.chance(30) {
                self.nats.push((s, self.subnets[s].1.0 + 1));
            }
        }
        let tables = 1 + dice.below(2);
        self.transits = vec![Vec::new(); tables];
        for v in 0..vpcs {
            if dice.chance(80) {
                let mut edges: Vec<usize> =
                    (0..self.subnets.len()).filter(|s| self.subnets[*s].0 == v).collect();
                if edges.len() > 1 && dice.chance(50) {
                    edges.remove(dice.below(2));
                }
                let table = dice.chance(90).then(|| dice.below(tables));
                self.attachments.push((v, edges, table));
            }
        }
        for t in 0..tables {
            for at in 0..self.attachments.len() {
                if dice.chance(75) {
                    let block = self.vpcs[self.attachments[at].0].0;
                    self.transits[t].push((block, Some(at), true));
                }
                if dice.chance(25) {
                    let to = dice.chance(70).then_some(at);
                    let block = self.block(dice);
                    if !self.transits[t].iter().any(|r| r.0 == block && !r.2) {
                        self.transits[t].push((block, to, false));
                    }
                }
            }
        }
    }

    /// A block that may matter.
    fn block(&self, dice: &mut Dice) -> Block {
        let vpc = dice.of(&self.vpcs).0;
        match dice.below(6) {
            0 => (0, 0),
            1 => (0x0A00_0000, 16),
            2 | 3 => vpc,
            4 => dice.of(&self.subnets).1,
            _ => (vpc.0 + u32::try_from(dice.below(8)).expect("few"), 32),
        }
    }

    fn roll_tables(&mut self, dice: &mut Dice) {
        for v in 0..self.vpcs.len() {
            for _ in 0..1 + dice.below(2) {
                let mut routes: Vec<(Block, Way, bool)> = Vec::new();
                for _ in 0..dice.below(6) {
                    let (to, learned) = (self.block(dice), dice.chance(15));
                    if to != self.vpcs[v].0 && !routes.iter().any(|r| r.0 == to && r.2 == learned) {
                        routes.push((to, self.way(dice, v), learned));
                    }
                }
                let table = self.tables.len();
                self.tables.push((v, routes));
                if dice.chance(30) {
                    self.vpcs[v].1 = Some(table);
                }
                for s in 0..self.subnets.len() {
                    if self.subnets[s].0 == v && dice.chance(60) {
                        self.subnets[s].2 = Some(table);
                    }
                }
            }
        }
    }

    fn way(&self, dice: &mut Dice, vpc: usize) -> Way {
        let mut ways = vec![Way::Transit; 6];
        ways.push(if dice.chance(50) { Way::Gone } else { Way::Internet });
        for (at, p) in self.peerings.iter().enumerate() {
            if p.0 == vpc || p.1 == vpc {
                ways.extend([Way::Peering(at); 3]);
            }
        }
        for (at, nat) in self.nats.iter().enumerate() {
            if self.subnets[nat.0].0 == vpc {
                ways.extend([Way::Nat(at); 3]);
            }
        }
        dice.of(&ways)
    }

    fn roll_filters(&mut self, dice: &mut Dice, ranges: &[(u16, u16)]) {
        let what = |dice: &mut Dice| match dice.below(5) {
            0 | 1 => Match { protocol: None, ports: (0, u16::MAX) },
            2 => Match { protocol: Some(17), ports: dice.of(ranges) },
            _ => Match { protocol: Some(6), ports: dice.of(ranges) },
        };
        for s in 0..self.subnets.len() {
            if dice.chance(45) {
                let mut both = [Vec::new(), Vec::new()];
                for lines in &mut both {
                    let mut numbers: Vec<u32> = (1..9).collect();
                    for _ in 0..1 + dice.below(4) {
                        let number = numbers.remove(dice.below(numbers.len()));
                        let block = self.block(dice);
                        lines.push(Line {
                            number,
                            allow: dice.chance(75),
                            block,
                            what: what(dice),
                        });
                    }
                    if dice.chance(55) {
                        let what = Match { protocol: None, ports: (0, u16::MAX) };
                        lines.push(Line { number: 20, allow: true, block: (0, 0), what });
                    }
                }
                self.subnets[s].3 = Some(self.acls.len());
                self.acls.push(both);
            }
        }
        let count = self.vpcs.len() + 1;
        for g in 0..count {
            let vpc = g % self.vpcs.len();
            let mut sides = [Vec::new(), Vec::new()];
            for rules in &mut sides {
                for _ in 0..1 + dice.below(2) {
                    let side = if dice.chance(40) {
                        Side::Group(dice.below(count))
                    } else {
                        Side::Block(self.block(dice))
                    };
                    rules.push((side, what(dice)));
                }
            }
            let [ingress, egress] = sides;
            self.groups.push((vpc, ingress, egress));
        }
        for s in 0..self.subnets.len() {
            let own: Vec<usize> =
                (0..count).filter(|g| self.groups[*g].0 == self.subnets[s].0).collect();
            let groups: Vec<usize> = own.into_iter().filter(|_| dice.chance(75)).collect();
            self.hosts.push((s, groups));
        }
    }
}

// — the simulator: one packet at a time —

/// What AWS decides and the proof leaves open.
#[derive(Clone, Copy, Default)]
struct Open {
    /// The interface of a transit gateway in any zone, not only in that of the sender.
    zones: bool,
    /// Members of a group are known behind a transit gateway, too.
    members: bool,
    /// Of two routes that were learned for one block, either.
    equals: bool,
}

#[derive(Clone, Copy, Debug)]
struct Packet {
    from: u32,
    to: u32,
    protocol: u8,
    source: u16,
    port: u16,
}

/// How a packet came to the subnet of its receiver.
#[derive(Clone, Debug)]
struct Came {
    subnet: usize,
    from: u32,
    nats: Vec<(usize, u32)>,
    transit: bool,
}

struct Sim<'a>(&'a World, Open);

impl Sim<'_> {
    fn acl(&self, subnet: usize, out: bool, p: Packet) -> bool {
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

    /// The way of a packet from a subnet: `None` is inside of the VPC.
    fn choose(&self, subnet: usize, to: u32) -> Option<Option<Way>> {
        let (vpc, _, table, ..) = self.0.subnets[subnet];
        let (block, main) = self.0.vpcs[vpc];
        let mut best: Option<(u32, u32, Option<Way>)> = None;
        let mut offer = |length: u32, rank: u32, way: Option<Way>| {
            if best.is_none_or(|b| length > b.0 || length == b.0 && rank < b.1) {
                best = Some((length, rank, way));
            }
        };
        if inside(block, to) {
            offer(block.1, 0, None);
        }
        if let Some(table) = table.or(main) {
            for (dest, way, learned) in &self.0.tables[table].1 {
                if inside(*dest, to) {
                    offer(dest.1, 1 + u32::from(*learned), Some(*way));
                }
            }
        }
        best.map(|b| b.2)
    }

    /// Something in a subnet sends a packet.
    fn send(&self, subnet: usize, p: Packet, came: &Came, out: &mut Vec<Came>) {
        if inside(self.0.subnets[subnet].1, p.to) {
            out.push(Came { subnet, ..came.clone() });
        } else if self.acl(subnet, true, p) {
            self.route(subnet, false, p, came, out, 0);
        }
    }

    fn route(&self, at: usize, edge: bool, p: Packet, came: &Came, out: &mut Vec<Came>, depth: u8) {
        if depth > 12 {
            return;
        }
        let vpc = self.0.subnets[at].0;
        match self.choose(at, p.to) {
            None | Some(Some(Way::Gone | Way::Internet)) => {}
            Some(None) => self.inside_of(vpc, Some((at, edge)), p, came, out),
            Some(Some(Way::Peering(peering))) => {
                let (one, other) = self.0.peerings[peering];
                let far = if one == vpc { other } else { one };
                if !edge && inside(self.0.vpcs[far].0, p.to) {
                    self.inside_of(far, None, p, came, out);
                }
            }
            Some(Some(Way::Nat(nat))) => {
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
            Some(Some(Way::Transit)) => self.transit(at, edge, p, came, out, depth),
        }
    }

    fn transit(
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
    fn cross(&self, table: usize, to: u32) -> Vec<usize> {
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
    fn inside_of(
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

    fn group(
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
    fn forward(&self, from: usize, to: usize, p: Packet) -> Vec<Came> {
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
    fn back(&self, from: usize, p: Packet, came: &Came) -> bool {
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

// — the same world for the proof —

fn range(block: Block) -> Range {
    let host =
        if block.1 == 0 { u32::MAX } else { (1_u64 << (32 - block.1)).wrapping_sub(1) as u32 };
    Range { low: u128::from(block.0 & !host), high: u128::from(block.0 | host) }
}

fn traffic(what: &Match) -> Traffic {
    what.protocol.map_or_else(Traffic::all, |p| Traffic::ports(p, what.ports.0, what.ports.1))
}

fn network(w: &World) -> m::Network {
    let entry = |l: &Line| m::Entry {
        number: l.number,
        allow: l.allow,
        block: range(l.block),
        traffic: traffic(&l.what),
        mark: 0,
    };
    let rule = |(side, what): &(Side, Match)| m::Rule {
        peer: match side {
            Side::Block(block) => m::Peer::Block(range(*block)),
            Side::Group(group) => m::Peer::Group(*group),
        },
        traffic: traffic(what),
        mark: 0,
    };
    let route = |(to, way, learned): &(Block, Way, bool)| m::Route {
        to: range(*to),
        via: match *way {
            Way::Nat(at) => m::Via::Nat(at),
            Way::Peering(at) => m::Via::Peering(at),
            Way::Transit => m::Via::Transit(0),
            Way::Gone => m::Via::Nowhere,
            Way::Internet => m::Via::Internet,
        },
        rank: if *learned { 2 } else { 0 },
        mark: 0,
    };
    m::Network {
        vpcs: w
            .vpcs
            .iter()
            .map(|v| m::Vpc { blocks: vec![range(v.0)], main: v.1, internet: true, mark: 0 })
            .collect(),
        subnets: w
            .subnets
            .iter()
            .map(|s| m::Subnet {
                vpc: s.0,
                blocks: vec![range(s.1)],
                table: s.2,
                acl: s.3,
                mark: 0,
            })
            .collect(),
        tables: w
            .tables
            .iter()
            .map(|t| m::Table { vpc: t.0, routes: t.1.iter().map(route).collect(), mark: 0 })
            .collect(),
        acls: w
            .acls
            .iter()
            .map(|a| m::Acl {
                inward: a[0].iter().map(entry).collect(),
                outward: a[1].iter().map(entry).collect(),
                mark: 0,
            })
            .collect(),
        groups: w
            .groups
            .iter()
            .map(|g| m::Group {
                ingress: g.1.iter().map(rule).collect(),
                egress: g.2.iter().map(rule).collect(),
                mark: 0,
            })
            .collect(),
        nats: w
            .nats
            .iter()
            .map(|n| m::Nat { subnet: n.0, address: range((n.1, 32)), mark: 0 })
            .collect(),
        peerings: w.peerings.iter().map(|p| m::Peering { one: p.0, other: p.1, mark: 0 }).collect(),
        attachments: w
            .attachments
            .iter()
            .map(|a| m::Attachment {
                gateway: 0,
                to: m::Attached::Vpc(a.0, a.1.clone()),
                table: a.2,
                mark: 0,
            })
            .collect(),
        transits: w
            .transits
            .iter()
            .map(|t| m::Transit {
                routes: t
                    .iter()
                    .map(|r| m::TransitRoute { to: range(r.0), via: r.1, learned: r.2, mark: 0 })
                    .collect(),
                mark: 0,
            })
            .collect(),
        holders: w
            .hosts
            .iter()
            .enumerate()
            .map(|(at, h)| m::Holder {
                subnet: h.0,
                groups: h.1.clone().into(),
                owner: u32::try_from(at).expect("few"),
                public: false,
                mark: 0,
            })
            .collect(),
    }
}

// — the comparison —

#[derive(Default)]
struct Score {
    networks: u64,
    packets: u64,
    delivered: u64,
    over_transit: u64,
    over_nat: u64,
    refused_answers: u64,
    missed: Vec<String>,
    named: [u64; 3],
    unnamed: Vec<String>,
}

fn knows(cubes: &[Cube], p: Packet) -> bool {
    cubes.iter().any(|c| {
        c.from.holds(p.from.into())
            && c.to.holds(p.to.into())
            && c.ports.has(p.protocol, p.port)
            && (p.protocol != 6 || c.answers.has(6, p.source))
    })
}

fn addresses(block: Block) -> std::ops::Range<u32> {
    block.0..block.0 + (1 << (32 - block.1))
}

fn compare(world: &World, seed: u64, score: &mut Score) {
    let compiled = Compiled::new(network(world));
    let hosts = world.hosts.len();
    for (from, to) in
        (0..hosts).flat_map(|a| (0..hosts).map(move |b| (a, b))).filter(|(a, b)| a != b)
    {
        let (sender, receiver) = (world.hosts[from].0, world.hosts[to].0);
        let here = world.subnets[receiver].0;
        let block = range(world.subnets[sender].1);
        let ways = paths(&compiled, sender, &[block], &[range(world.subnets[receiver].1)]);
        let mut cubes = Vec::new();
        for path in ways.iter().filter(|p| matches!(p.end, End::Vpc(v, _) if v == here)) {
            let set = |host: usize| &compiled.sets[compiled.set_of[host]];
            let pass = Pass {
                of: &compiled,
                sender: set(from),
                path,
                receiver: set(to),
                subnet: receiver,
            };
            cubes.extend(pass.cubes(false));
        }
        for a in addresses(world.subnets[sender].1) {
            for d in addresses(world.subnets[receiver].1).filter(|d| *d != a) {
                for (protocol, port) in
                    [6, 17].into_iter().flat_map(|p| world.ports.iter().map(move |q| (p, *q)))
                {
                    let p = Packet { from: a, to: d, protocol, source: 0, port };
                    one(world, seed, (from, to), p, &cubes, score);
                }
            }
        }
    }
}

fn one(
    world: &World,
    seed: u64,
    pair: (usize, usize),
    p: Packet,
    cubes: &[Cube],
    score: &mut Score,
) {
    let real = Sim(world, Open::default());
    let came = real.forward(pair.0, pair.1, p);
    let sources = if p.protocol == 6 { world.ports.as_slice() } else { &world.ports[..1] };
    for source in sources {
        let p = Packet { source: *source, ..p };
        let way = came.iter().find(|c| p.protocol != 6 || real.back(pair.0, p, c));
        let known = knows(cubes, p);
        score.packets += 1;
        score.refused_answers += u64::from(way.is_none() && !came.is_empty());
        if let Some(way) = way {
            score.delivered += 1;
            score.over_transit += u64::from(way.transit);
            score.over_nat += u64::from(!way.nats.is_empty());
            if !known {
                score.missed.push(format!("network {seed}, hosts {pair:?}: {p:?} by {way:?}"));
            }
        } else if known {
            name(world, seed, pair, p, score);
        }
    }
}

/// Which of the things that are left open makes a false alarm.
fn name(world: &World, seed: u64, pair: (usize, usize), p: Packet, score: &mut Score) {
    let passes = |open: Open| {
        let sim = Sim(world, open);
        sim.forward(pair.0, pair.1, p).iter().any(|c| p.protocol != 6 || sim.back(pair.0, p, c))
    };
    let each = [
        Open { zones: true, ..Open::default() },
        Open { members: true, ..Open::default() },
        Open { equals: true, ..Open::default() },
    ];
    let all = Open { zones: true, members: true, equals: true };
    match each.iter().position(|open| passes(*open)) {
        Some(which) => score.named[which] += 1,
        None if passes(all) => score.named[0] += 1,
        None => score.unnamed.push(format!("network {seed}, hosts {pair:?}: {p:?}")),
    }
}

#[test]
fn no_path_is_missed_and_every_false_alarm_has_a_name() {
    let networks = std::env::var("TENANTRY_ORACLE").ok().and_then(|n| n.parse().ok());
    let mut score = Score::default();
    for seed in 1..=networks.unwrap_or(NETWORKS) {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let world = World::roll(&mut dice);
        score.networks += 1;
        compare(&world, seed, &mut score);
        assert!(score.missed.is_empty(), "missed: {:#?}\n{world:#?}", &score.missed[..1]);
    }
    println!("{}", told(&score));
    let some: Vec<&String> = score.unnamed.iter().take(5).collect();
    assert!(some.is_empty(), "{} false alarms without a name: {some:#?}", score.unnamed.len());
    // Dice that roll nothing prove nothing.
    assert!(score.delivered * 100 > score.packets, "too little is delivered");
    assert!(score.over_transit > 1_000 && score.over_nat > 100, "too little is far");
    assert!(score.refused_answers > 1_000, "too few answers are refused");
}

fn told(s: &Score) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} networks, {} packets, {} delivered ({} over a transit gateway, {} over NAT), {} whose answer does not come back",
        s.networks, s.packets, s.delivered, s.over_transit, s.over_nat, s.refused_answers
    );
    let _ = writeln!(out, "missed paths: {}", s.missed.len());
    let [zones, members, equals] = s.named;
    let _ = writeln!(
        out,
        "false alarms: {} (another zone's interface {zones}, members behind a transit gateway {members}, either of two equal routes {equals}), without a name {}",
        zones + members + equals,
        s.unnamed.len()
    );
    out
}
