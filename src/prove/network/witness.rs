//! A connection that can be made, told step by step: one packet, and each thing that lets it through,
//! there and back.

use crate::prove::network::address;
use crate::prove::network::compiled::Compiled;
use crate::prove::network::model::{At, Entry, Mark, Peer, Rule, Via};
use crate::prove::network::pass::{Back, Cube, Pass, arrival};
use crate::prove::network::raw::Raw;
use crate::prove::network::reach::{Reach, Reached};
use crate::prove::network::traffic::{TCP, Traffic, UDP};
use crate::prove::network::walk::{self, End, Gate, Path, Step};
use crate::prove::verdict::Hop;

/// The first of the ports that are given out for the other end of a connection. Source:
/// <https://datatracker.ietf.org/doc/html/rfc6335#section-6>.
const EPHEMERAL: u16 = 49_152;

/// One packet, and who sends and receives it.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    /// The address of the sender.
    pub from: u128,
    /// Its port.
    pub source: u16,
    /// The address of the receiver.
    pub to: u128,
    /// The protocol.
    pub protocol: u8,
    /// The port of the receiver.
    pub port: u16,
}

impl Packet {
    /// One of those that get through: to the lowest port, from a port that people expect if it can be.
    pub fn of(cube: &Cube) -> Self {
        let (protocol, port) = cube.ports.first().expect("a cube holds something");
        let answers = if protocol == TCP { cube.answers.clone() } else { Traffic::all() };
        let lowest = answers.first().map_or(0, |(_, port)| port);
        let source = if answers.has(protocol, EPHEMERAL) { EPHEMERAL } else { lowest };
        let (from, mut to) = (host(cube.from), host(cube.to));
        if from == to {
            to = if to < cube.to.high { to + 1 } else { cube.to.low };
        }
        Packet { from, source, to, protocol, port }
    }

    /// As people write it.
    pub fn text(&self) -> String {
        let (from, to) = (address::show(self.from), address::show(self.to));
        let ended = |at: String, port: u16| {
            if at.contains(':') { format!("[{at}]:{port}") } else { format!("{at}:{port}") }
        };
        match self.protocol {
            TCP => format!("tcp {} → {}", ended(from, self.source), ended(to, self.port)),
            UDP => format!("udp {} → {}", ended(from, self.source), ended(to, self.port)),
            1 => format!("icmp {from} → {to}"),
            other => format!("protocol {other} {from} → {to}"),
        }
    }

    /// The answer to it.
    fn answer(&self) -> Self {
        Packet { from: self.to, source: self.port, to: self.from, port: self.source, ..*self }
    }
}

/// An address that a host can have: AWS keeps the first four of a subnet, and the last. Source:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>.
fn host(range: address::Range) -> u128 {
    match range.high - range.low {
        0..=5 => range.low,
        6..=15 => range.low + 4,
        _ => range.low + 10,
    }
}

/// What a network ACL says of a packet.
enum Said<'a> {
    /// There is none but the default one, which lets everything through.
    Default,
    /// This rule decides.
    By(&'a Entry),
    /// No rule is for it, so that it is denied.
    Nothing(Mark),
}

/// Tells connections of a network.
pub struct Teller<'a> {
    /// What was read.
    pub raw: &'a Raw,
    /// The network.
    pub reach: &'a Reach,
}

impl<'a> Teller<'a> {
    fn of(&self) -> &'a Compiled {
        &self.reach.of
    }

    /// A hop over a part.
    pub fn hop(&self, mark: Mark, what: String, why: String) -> Hop {
        let origin = self.raw.origins[mark as usize];
        let text = |name| self.raw.names.text(name).to_owned();
        Hop {
            what,
            thing: text(origin.thing),
            file: text(origin.file),
            pointer: text(origin.place),
            why,
        }
    }

    /// What a thing is, in a word or two.
    fn kind(&self, mark: Mark) -> &'a str {
        let kind = self.raw.names.text(self.raw.origins[mark as usize].kind);
        kind.rsplit("::").next().unwrap_or(kind)
    }

    /// Whoever holds an interface.
    pub fn holder(&self, at: At, address: u128, word: &str) -> Hop {
        let holder = &self.of().net.holders[at];
        let subnet = self.of().net.subnets[holder.subnet].mark;
        let what = if holder.mark == subnet {
            "whatever may stand in the subnet".to_owned()
        } else {
            format!("an interface of the {}", self.kind(holder.mark))
        };
        self.hop(holder.mark, what, format!("{word} {}", address::show(address)))
    }

    /// Everything that lets a connection through.
    pub fn tell(&self, reached: &Reached) -> (Packet, Vec<Hop>) {
        let packet = Packet::of(&reached.cube);
        let pass = self.reach.pass(reached.from, &reached.path, reached.to);
        let mut hops = vec![self.holder(reached.from, packet.from, "sends from")];
        hops.extend(self.rule(&pass, packet, false));
        self.forward(reached, packet, &mut hops);
        hops.extend(self.rule(&pass, packet, true));
        hops.push(self.holder(reached.to, packet.to, "receives at"));
        if packet.protocol == TCP {
            for leg in (0..reached.path.legs.len()).rev() {
                let first = leg == 0;
                let back =
                    pass.backs(leg).into_iter().find(|back| self.comes_back(back, packet, first));
                if let Some(back) = back {
                    self.back(&back, leg, reached, packet, &mut hops);
                }
            }
        }
        (packet, hops)
    }

    /// The ACLs and ways there.
    fn forward(&self, reached: &Reached, packet: Packet, hops: &mut Vec<Hop>) {
        let End::Vpc(_, last) = reached.path.end else { return };
        let subnet = self.of().net.holders[reached.to].subnet;
        let gates: Vec<Gate> = reached.path.legs.iter().flat_map(|leg| leg.gates.clone()).collect();
        hops.extend(gates.into_iter().map(|gate| self.gate(gate, packet)));
        hops.extend(reached.path.steps.iter().map(|step| self.step(*step)));
        hops.extend(arrival(last, subnet).into_iter().map(|gate| self.gate(gate, packet)));
    }

    fn comes_back(&self, back: &Back, packet: Packet, first: bool) -> bool {
        let answer = packet.answer();
        !first
            || back.to.iter().any(|range| range.holds(packet.from))
                && back.gates.iter().all(|gate| match self.said(*gate, answer) {
                    Said::Default => true,
                    Said::By(entry) => entry.allow,
                    Said::Nothing(_) => false,
                })
    }

    fn back(
        &self,
        back: &Back,
        leg: usize,
        reached: &Reached,
        packet: Packet,
        hops: &mut Vec<Hop>,
    ) {
        let mut answer = packet.answer();
        if leg > 0 {
            answer.to = reached.path.legs[leg].source.first().map_or(0, |range| range.low);
        }
        let gates = back.gates.iter().map(|gate| self.gate(*gate, answer));
        let steps = back.path.steps.iter().map(|step| self.step(*step));
        hops.extend(
            gates.chain(steps).map(|hop| Hop { why: format!("the answer: {}", hop.why), ..hop }),
        );
    }

    /// What an ACL says of a packet.
    fn said(&self, gate: Gate, packet: Packet) -> Said<'a> {
        let Some(acl) = self.of().net.subnets[gate.subnet].acl else { return Said::Default };
        let acl = &self.of().net.acls[acl];
        let entries = if gate.inward { &acl.inward } else { &acl.outward };
        let other = if gate.inward { packet.from } else { packet.to };
        let hits = |e: &&Entry| e.block.holds(other) && e.traffic.has(packet.protocol, packet.port);
        let first = entries.iter().filter(hits).min_by_key(|entry| entry.number);
        first.map_or(Said::Nothing(acl.mark), Said::By)
    }

    /// A network ACL that is passed.
    pub fn gate(&self, gate: Gate, packet: Packet) -> Hop {
        let way = if gate.inward { "into" } else { "out of" };
        let subnet = self.of().net.subnets[gate.subnet].mark;
        let name = self.raw.names.text(self.raw.origins[subnet as usize].thing);
        match self.said(gate, packet) {
            Said::Default => {
                let why = "it has no network ACL of its own, and the default one lets everything";
                self.hop(subnet, "the subnet".to_owned(), format!("{why} {way} it"))
            }
            Said::By(entry) => {
                let word = if entry.allow { "allows" } else { "denies" };
                let what = format!("rule {} of the network ACL", entry.number);
                let block = address::write(entry.block);
                self.hop(entry.mark, what, format!("{word} {block} {way} {name}"))
            }
            Said::Nothing(mark) => {
                let why = format!("no rule lets it {way} {name}");
                self.hop(mark, "the network ACL".to_owned(), why)
            }
        }
    }

    /// The rule of a security group that lets a packet out, or in.
    fn rule(&self, pass: &Pass<'_>, packet: Packet, inward: bool) -> Option<Hop> {
        let (own, other) =
            if inward { (pass.receiver, pass.sender) } else { (pass.sender, pass.receiver) };
        let address = if !inward {
            packet.to
        } else if pass.path.legs.len() > 1 {
            pass.path.legs.last()?.source.first()?.low
        } else {
            packet.from
        };
        let hits = |rule: &&Rule| {
            rule.traffic.has(packet.protocol, packet.port)
                && match rule.peer {
                    Peer::Block(block) => block.holds(address),
                    Peer::Group(group) => other.has(group),
                }
        };
        let rules = own.groups.iter().map(|group| &self.of().net.groups[*group]);
        let rule = rules.flat_map(|g| if inward { &g.ingress } else { &g.egress }).find(hits)?;
        let side = match rule.peer {
            Peer::Block(block) => address::write(block),
            Peer::Group(group) => format!("members of {}", self.group(group)),
        };
        let word = if inward { "lets in from" } else { "lets out to" };
        Some(self.hop(rule.mark, "rule of a security group".to_owned(), format!("{word} {side}")))
    }

    fn group(&self, group: At) -> &'a str {
        let mark = self.of().net.groups[group].mark;
        self.raw.names.text(self.raw.origins[mark as usize].thing)
    }

    /// A step of a way.
    pub fn step(&self, step: Step) -> Hop {
        let of = self.of();
        let mark = walk::mark(of, step).expect("each step is over something");
        let (what, why) = match step {
            Step::Route(table, route, _) => match (table, route) {
                (Some(table), Some(route)) => {
                    let route = &of.net.tables[table].routes[route];
                    (format!("route {}", address::write(route.to)), self.leads(route.via))
                }
                _ => (
                    "the VPC".to_owned(),
                    "every subnet of a VPC has a way to every other".to_owned(),
                ),
            },
            Step::Peering(_) => ("the peering connection".to_owned(), "joins both VPCs".to_owned()),
            Step::Attachment(_) => {
                ("the attachment".to_owned(), "leads into the transit gateway".to_owned())
            }
            Step::Transit(table, route) => {
                let route = &of.net.transits[table].routes[route];
                let learned = if route.learned { "was learned" } else { "is static" };
                (format!("transit gateway route {}", address::write(route.to)), learned.to_owned())
            }
            Step::Nat(_) => {
                ("the NAT gateway".to_owned(), "sends on with its own address".to_owned())
            }
            Step::Appliance(_) => ("what forwards".to_owned(), "sends on as it likes".to_owned()),
        };
        self.hop(mark, what, why)
    }

    fn leads(&self, via: Via) -> String {
        let net = &self.of().net;
        let thing = |mark: Mark| self.raw.names.text(self.raw.origins[mark as usize].thing);
        match via {
            Via::Local => "leads inside of the VPC".to_owned(),
            Via::Internet => "leads to the internet".to_owned(),
            Via::Nat(at) => format!("leads to {}", thing(net.nats[at].mark)),
            Via::Peering(at) => format!("leads to {}", thing(net.peerings[at].mark)),
            Via::Transit(name) => format!("leads to {}", self.raw.names.text(name)),
            Via::Premises => "leads to the premises".to_owned(),
            Via::Appliance(_) => "leads to what forwards".to_owned(),
            Via::Nowhere => "leads nowhere".to_owned(),
            Via::Unknown => "could not be read, so it may lead anywhere".to_owned(),
        }
    }

    /// The hops of a way that ends without a receiver.
    pub fn way(&self, path: &Path, packet: Packet) -> Vec<Hop> {
        let gates = path.legs.iter().flat_map(|leg| leg.gates.clone());
        let gates: Vec<Hop> = gates.map(|gate| self.gate(gate, packet)).collect();
        gates.into_iter().chain(path.steps.iter().map(|step| self.step(*step))).collect()
    }
}
