//! Where packets get to: from a subnet, over route tables, peerings, transit gateways and NAT, with
//! the network ACLs that they pass. What is let through is asked later; here is only the way.

use crate::prove::network::address::{self, Range};
use crate::prove::network::compiled::Compiled;
use crate::prove::network::model::{At, Attached, Mark, Via};

/// A network ACL that is passed. In is judged by the source of a packet, out by its destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The subnet whose ACL it is.
    pub subnet: At,
    /// Whether it is passed into the subnet.
    pub inward: bool,
}

/// A part of a way on which the source of packets is the same.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The addresses that packets come from.
    pub source: Vec<Range>,
    /// The subnet that they come from, to which answers must find back.
    pub subnet: At,
    /// The ACLs on it.
    pub gates: Vec<Gate>,
}

/// Where a way ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In a VPC, in the subnet that holds the destination.
    Vpc(At, Last),
    /// On the internet.
    Internet,
    /// On premises.
    Premises,
}

/// What a packet came through last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// It was sent by something in this subnet.
    Subnet(At),
    /// It came from a transit gateway, by an interface in this subnet.
    Edge(At),
    /// It came from a peered VPC.
    Door,
}

/// What a way leads over, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A route of a table; without one, the way inside of a VPC.
    Route(Option<At>, Option<At>, At),
    /// A peering connection.
    Peering(At),
    /// An attachment, towards the gateway.
    Attachment(At),
    /// A route of a transit gateway's table.
    Transit(At, At),
    /// A NAT gateway.
    Nat(At),
    /// Something that forwards, in a subnet.
    Appliance(At),
}

/// A way, for all the destinations that it is the way to.
#[derive(Clone, Debug)]
pub struct Path {
    /// The destinations.
    pub to: Vec<Range>,
    /// Where it ends.
    pub end: End,
    /// Its legs, the first from the sender.
    pub legs: Vec<Leg>,
    /// What it leads over.
    pub steps: Vec<Step>,
}

/// How often a way may change its source, and how many steps it may have. Ways that are longer are
/// loops, as what is sent on by the same thing twice is dropped before.
const LEGS: usize = 4;
const STEPS: usize = 64;

/// All ways from a subnet to some destinations, for packets with these sources.
pub fn paths(of: &Compiled, subnet: At, source: &[Range], to: &[Range]) -> Vec<Path> {
    let mut walker = Walker { of, out: Vec::new() };
    let leg = Leg { source: source.to_vec(), subnet, gates: Vec::new() };
    let way = Way { to: to.to_vec(), legs: vec![leg], steps: Vec::new(), seen: Vec::new() };
    walker.emit(subnet, way);
    walker.out
}

struct Walker<'a> {
    of: &'a Compiled,
    out: Vec<Path>,
}

#[derive(Clone)]
struct Way {
    to: Vec<Range>,
    legs: Vec<Leg>,
    steps: Vec<Step>,
    seen: Vec<(u8, At)>,
}

impl Way {
    fn gate(&mut self, subnet: At, inward: bool) {
        self.legs.last_mut().expect("there is a first leg").gates.push(Gate { subnet, inward });
    }

    fn with(&self, to: Vec<Range>, step: Step) -> Way {
        let mut way = Way { to, ..self.clone() };
        way.steps.push(step);
        way
    }

    /// Whether it comes here for the first time with this source.
    fn first(&mut self, what: u8, at: At) -> bool {
        let new = !self.seen.contains(&(what, at));
        self.seen.push((what, at));
        new
    }
}

impl Walker<'_> {
    fn end(&mut self, way: Way, end: End) {
        if !way.to.is_empty() {
            let Way { to, legs, steps, .. } = way;
            self.out.push(Path { to, end, legs, steps });
        }
    }

    /// Something in a subnet sends: directly to its neighbours, and to all others by its table.
    fn emit(&mut self, subnet: At, way: Way) {
        let blocks = &self.of.net.subnets[subnet].blocks;
        let vpc = self.of.net.subnets[subnet].vpc;
        let near = address::meet(&way.to, blocks);
        let mut far = Way { to: address::cut(&way.to, blocks), ..way.clone() };
        self.end(Way { to: near, ..way }, End::Vpc(vpc, Last::Subnet(subnet)));
        far.gate(subnet, false);
        self.route(subnet, Last::Subnet(subnet), &far);
    }

    /// Follows the table of a subnet.
    fn route(&mut self, subnet: At, last: Last, way: &Way) {
        if way.steps.len() > STEPS {
            return;
        }
        let (table, pieces) = self.of.table_of(subnet);
        for (route, to) in pieces.part(&way.to) {
            let way = way.with(to, Step::Route(table, route, self.of.net.subnets[subnet].vpc));
            self.follow(self.of.via(table, route), subnet, last, way);
        }
    }

    fn follow(&mut self, via: Via, subnet: At, last: Last, way: Way) {
        let vpc = self.of.net.subnets[subnet].vpc;
        match via {
            Via::Local => self.end(way, End::Vpc(vpc, last)),
            // Neither a peering connection nor an internet gateway forwards what only passes through
            // a VPC. Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html.
            Via::Internet if matches!(last, Last::Subnet(_)) => self.end(way, End::Internet),
            Via::Peering(at) if matches!(last, Last::Subnet(_)) => self.peer(at, vpc, way),
            Via::Internet | Via::Peering(_) | Via::Nowhere => {}
            Via::Nat(at) => self.nat(at, last, way),
            Via::Transit(gateway) => self.transit(gateway, vpc, last, &way),
            Via::Premises => self.end(way, End::Premises),
            Via::Appliance(at) => self.appliance(at, last, way),
            Via::Unknown => self.anything(vpc, subnet, last, &way),
        }
    }

    fn peer(&mut self, at: At, vpc: At, mut way: Way) {
        let peering = &self.of.net.peerings[at];
        let other = if peering.one == vpc { peering.other } else { peering.one };
        way.to = address::meet(&way.to, &self.of.net.vpcs[other].blocks);
        way.steps.push(Step::Peering(at));
        self.end(way, End::Vpc(other, Last::Door));
    }

    /// A NAT gateway sends on with its own address.
    fn nat(&mut self, at: At, last: Last, mut way: Way) {
        let nat = &self.of.net.nats[at];
        if way.first(0, at) {
            way.steps.push(Step::Nat(at));
            self.renew(nat.subnet, vec![nat.address], last, way);
        }
    }

    fn renew(&mut self, subnet: At, source: Vec<Range>, last: Last, mut way: Way) {
        if last != Last::Subnet(subnet) {
            way.gate(subnet, true);
        }
        if way.legs.len() < LEGS {
            way.legs.push(Leg { source, subnet, gates: Vec::new() });
            self.emit(subnet, way);
        }
    }

    /// What forwards as it likes: with the source as it was, or with its own.
    fn appliance(&mut self, subnet: At, last: Last, mut way: Way) {
        if !way.first(1, subnet) {
            return;
        }
        way.steps.push(Step::Appliance(subnet));
        let blocks = self.of.net.subnets[subnet].blocks.clone();
        self.renew(subnet, blocks, last, way.clone());
        if last != Last::Subnet(subnet) {
            way.gate(subnet, true);
        }
        self.emit(subnet, way);
    }

    /// Into a transit gateway. Its interfaces stand behind the ACLs of their subnets. Source:
    /// <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html>.
    fn transit(&mut self, gateway: u32, vpc: At, last: Last, way: &Way) {
        for at in &self.of.attached[vpc] {
            let attachment = &self.of.net.attachments[*at];
            let Attached::Vpc(_, subnets) = &attachment.to else { continue };
            if attachment.gateway != gateway {
                continue;
            }
            for edge in self.alike(subnets, false) {
                let mut way = way.with(way.to.clone(), Step::Attachment(*at));
                if matches!(last, Last::Subnet(from) if from != edge) {
                    way.gate(edge, true);
                }
                if let Some(table) = attachment.table {
                    self.cross(table, &way);
                }
            }
        }
    }

    fn cross(&mut self, table: At, way: &Way) {
        for (routes, to) in self.of.transits[table].part(&way.to) {
            for route in routes {
                if let Some(out) = self.of.net.transits[table].routes[route].via {
                    self.arrive(out, way.with(to.clone(), Step::Transit(table, route)));
                }
            }
        }
    }

    /// Out of a transit gateway: in a VPC, packets follow the table of the subnet that they come in by.
    fn arrive(&mut self, at: At, way: Way) {
        match &self.of.net.attachments[at].to {
            Attached::Premises => self.end(way, End::Premises),
            Attached::Vpc(_, subnets) => {
                for edge in self.alike(subnets, true) {
                    let mut way = way.clone();
                    if way.first(2, edge) {
                        self.route(edge, Last::Edge(edge), &way);
                    }
                }
            }
        }
    }

    /// One of each kind of subnets: those with the same ACL, and the same table where that matters,
    /// let the same through. A subnet with an ACL stands for itself, as its own hosts pass it once.
    fn alike(&self, subnets: &[At], by_table: bool) -> Vec<At> {
        let mut out: Vec<At> = Vec::new();
        for at in subnets {
            let subnet = &self.of.net.subnets[*at];
            let same = |other: &&At| {
                let other = &self.of.net.subnets[**other];
                let table = !by_table || other.table == subnet.table;
                other.acl.is_none() && subnet.acl.is_none() && table
            };
            if !out.iter().any(|other| same(&other)) {
                out.push(*at);
            }
        }
        out
    }

    /// A route that could not be read may lead to whatever the VPC has.
    fn anything(&mut self, vpc: At, subnet: At, last: Last, way: &Way) {
        let net = &self.of.net;
        let mut ways = vec![Via::Local, Via::Internet, Via::Premises];
        let here = |at: At| net.subnets[at].vpc == vpc;
        let nats = net.nats.iter().enumerate().filter(|(_, nat)| here(nat.subnet));
        ways.extend(nats.map(|(at, _)| Via::Nat(at)));
        let peerings = net.peerings.iter().enumerate();
        let peerings = peerings.filter(|(_, p)| p.one == vpc || p.other == vpc);
        ways.extend(peerings.map(|(at, _)| Via::Peering(at)));
        ways.extend(
            self.of.attached[vpc].iter().map(|at| Via::Transit(net.attachments[*at].gateway)),
        );
        for via in ways {
            self.follow(via, subnet, last, way.clone());
        }
    }
}

/// The addresses that a mark of a step is told by.
pub fn mark(of: &Compiled, step: Step) -> Option<Mark> {
    let net = &of.net;
    Some(match step {
        Step::Route(Some(table), Some(route), _) => net.tables[table].routes[route].mark,
        Step::Route(_, _, vpc) => net.vpcs[vpc].mark,
        Step::Peering(at) => net.peerings[at].mark,
        Step::Attachment(at) => net.attachments[at].mark,
        Step::Transit(table, route) => net.transits[table].routes[route].mark,
        Step::Nat(at) => net.nats[at].mark,
        Step::Appliance(subnet) => net.subnets[subnet].mark,
    })
}
