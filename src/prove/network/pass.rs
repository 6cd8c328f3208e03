//! What gets through on a way: for which senders, receivers, protocols and ports every filter on it
//! says yes, and, for TCP, every filter and route on the way back.

use crate::prove::network::address::{self, FOUR, Range};
use crate::prove::network::compiled::{Compiled, Set};
use crate::prove::network::filter::Filter;
use crate::prove::network::model::At;
use crate::prove::network::traffic::{TCP, Traffic};
use crate::prove::network::walk::{self, End, Gate, Last, Leg, Path};

/// The stage of what gets through.
pub const THROUGH: u8 = 4;

/// Everything that gets from some addresses to others: any of the ports, from any of the ports.
#[derive(Clone, Debug)]
pub struct Cube {
    /// The senders.
    pub from: Range,
    /// The receivers.
    pub to: Range,
    /// Protocols and ports of the receiver.
    pub ports: Traffic,
    /// Ports of the sender to which answers come back; only TCP needs them.
    pub answers: Traffic,
}

/// A way on which answers come back along a leg.
#[derive(Clone, Debug)]
pub struct Back {
    /// To which addresses.
    pub to: Vec<Range>,
    /// The ACLs on it.
    pub gates: Vec<Gate>,
    /// The way.
    pub path: Path,
}

/// A question: what gets from a sender to a receiver on a way?
pub struct Pass<'a> {
    /// The network.
    pub of: &'a Compiled,
    /// The groups of the sender.
    pub sender: &'a Set,
    /// The way.
    pub path: &'a Path,
    /// The groups of the receiver.
    pub receiver: &'a Set,
    /// Where the receiver is.
    pub subnet: At,
    /// What is asked for.
    pub wanted: Traffic,
}

/// The ACLs that a packet passes where it arrives.
pub fn arrival(last: Last, subnet: At) -> Vec<Gate> {
    let inward = Gate { subnet, inward: true };
    match last {
        Last::Subnet(from) if from == subnet => Vec::new(),
        Last::Edge(edge) if edge != subnet => vec![Gate { subnet: edge, inward: false }, inward],
        _ => vec![inward],
    }
}

impl<'a> Pass<'a> {
    /// All of it; only a first part, if that is enough.
    pub fn cubes(&self, only_first: bool) -> Vec<Cube> {
        let End::Vpc(_, last) = self.path.end else { return Vec::new() };
        let legs = self.legs(last);
        let to = address::meet(&self.path.to, &self.of.net.subnets[self.subnet].blocks);
        if !self.forward(&legs, &to, true) {
            return Vec::new();
        }
        let backs: Vec<Vec<Back>> = (0..legs.len()).map(|leg| self.backs(leg)).collect();
        let mut out = Vec::new();
        for range in to {
            for atom in address::atoms(range, self.edges(&legs, &backs, range)) {
                self.at(&legs, &backs, atom, &mut out);
                if only_first && !out.is_empty() {
                    return out;
                }
            }
        }
        out
    }

    /// How far anything gets: 0 is not out of the sender's groups, 1 not past ACLs, 2 not into the
    /// receiver's groups, 3 not back; or [`THROUGH`].
    pub fn stage(&self) -> u8 {
        if !self.cubes(true).is_empty() {
            return THROUGH;
        }
        let End::Vpc(_, last) = self.path.end else { return 0 };
        let legs = self.legs(last);
        let to = address::meet(&self.path.to, &self.of.net.subnets[self.subnet].blocks);
        let sends = |range: &Range| {
            let named = self.named().0;
            let atoms = address::atoms(*range, self.sender.egress.edges(*range));
            let out =
                |atom: &Range| self.sender.egress.at(atom.low).join(&named).meet(&self.wanted);
            atoms.iter().any(|atom| !out(atom).is_empty())
        };
        match () {
            () if self.forward(&legs, &to, true) => 3,
            () if self.forward(&legs, &to, false) => 2,
            () if to.iter().any(sends) => 1,
            () => 0,
        }
    }

    /// The legs, the last one with what is passed on arrival.
    fn legs(&self, last: Last) -> Vec<Leg> {
        let mut legs = self.path.legs.clone();
        let arrival = arrival(last, self.subnet);
        legs.last_mut().expect("there is a first leg").gates.extend(arrival);
        legs
    }

    fn filter(&self, gate: Gate) -> Option<&'a Filter> {
        let acl = self.of.net.subnets[gate.subnet].acl?;
        Some(&self.of.acls[acl][usize::from(!gate.inward)])
    }

    /// The filters of gates that look one way.
    fn filters<'g>(
        &'g self,
        gates: &'g [Gate],
        inward: bool,
    ) -> impl Iterator<Item = &'a Filter> + 'g {
        gates.iter().filter(move |gate| gate.inward == inward).filter_map(|gate| self.filter(*gate))
    }

    /// What the sender's groups let out to a receiver, and the receiver's in from the sender. Behind
    /// a NAT gateway nobody is known as a member of a group.
    fn named(&self) -> (Traffic, Traffic) {
        let out = Set::named(&self.sender.egress_to, self.receiver);
        let known = self.path.legs.len() == 1;
        let inward = if known {
            Set::named(&self.receiver.ingress_from, self.sender)
        } else {
            Traffic::NONE
        };
        (out, inward)
    }

    /// Whether anything gets forward at all, before the way back is looked for.
    fn forward(&self, legs: &[Leg], to: &[Range], ask_receiver: bool) -> bool {
        let none: Vec<Vec<Back>> = vec![Vec::new(); legs.len()];
        to.iter().any(|range| {
            address::atoms(*range, self.edges(legs, &none, *range)).iter().any(|atom| {
                let open = self.out(legs, *atom);
                (0..legs.len())
                    .try_fold(open, |open, leg| {
                        let through = self.senders(legs, leg, &[], *atom).iter().fold(
                            Traffic::NONE,
                            |all, from| {
                                all.join(&self.let_in(legs, leg, *from, ask_receiver).meet(&open))
                            },
                        );
                        (!through.is_empty()).then_some(through)
                    })
                    .is_some()
            })
        })
    }

    /// Where what is judged by the receiver changes.
    fn edges(&self, legs: &[Leg], backs: &[Vec<Back>], range: Range) -> Vec<Range> {
        let mut edges: Vec<Range> = self.sender.egress.edges(range).collect();
        for leg in legs {
            edges.extend(self.filters(&leg.gates, false).flat_map(|f| f.edges(range)));
        }
        for back in backs.iter().flatten() {
            edges.extend(self.filters(&back.gates, true).flat_map(|f| f.edges(range)));
        }
        edges
    }

    /// What is let through by all that judges by the receiver.
    fn out(&self, legs: &[Leg], to: Range) -> Traffic {
        let groups = self.sender.egress.at(to.low).join(&self.named().0);
        let gates = legs.iter().flat_map(|leg| self.filters(&leg.gates, false));
        let wanted = groups.meet(&self.wanted);
        gates.fold(wanted, |open, filter| open.meet(filter.at(to.low)))
    }

    /// What is let through by all that judges by the sender of a leg.
    fn let_in(&self, legs: &[Leg], leg: usize, from: Range, ask_receiver: bool) -> Traffic {
        let gates = self.filters(&legs[leg].gates, true);
        let open = gates.fold(Traffic::all(), |open, filter| open.meet(filter.at(from.low)));
        if leg + 1 < legs.len() || !ask_receiver {
            return open;
        }
        open.meet(&self.receiver.ingress.at(from.low).join(&self.named().1))
    }

    /// The senders of a leg, in pieces in which nothing changes, of the family of the receiver.
    fn senders(&self, legs: &[Leg], leg: usize, backs: &[Back], to: Range) -> Vec<Range> {
        let family = |range: Range| range.meet(FOUR).is_some();
        let mut out = Vec::new();
        for range in legs[leg].source.iter().filter(|range| family(**range) == family(to)) {
            let mut edges: Vec<Range> = self.receiver.ingress.edges(*range).collect();
            edges.extend(self.filters(&legs[leg].gates, true).flat_map(|f| f.edges(*range)));
            for back in backs {
                edges.extend(&back.to);
                edges.extend(self.filters(&back.gates, false).flat_map(|f| f.edges(*range)));
            }
            out.extend(address::atoms(*range, edges));
        }
        out
    }

    /// The ways back along a leg: from the receiver, or from what gave packets their next source.
    pub fn backs(&self, leg: usize) -> Vec<Back> {
        let from = self.path.legs.get(leg + 1).map_or(self.subnet, |next| next.subnet);
        let leg = &self.path.legs[leg];
        let vpc = self.of.net.subnets[leg.subnet].vpc;
        let paths = walk::paths(self.of, from, &self.of.net.subnets[from].blocks, &leg.source);
        let backs = paths.into_iter().filter_map(|path| match path.end {
            End::Vpc(end, last) if end == vpc && path.legs.len() == 1 => {
                let mut gates = path.legs[0].gates.clone();
                gates.extend(arrival(last, leg.subnet));
                Some(Back { to: path.to.clone(), gates, path })
            }
            _ => None,
        });
        backs.collect()
    }

    /// The ports to which answers come back.
    fn answers(&self, backs: &[Back], from: Range, to: Range) -> Traffic {
        let here = backs.iter().filter(|back| back.to.iter().any(|range| range.holds(from.low)));
        here.fold(Traffic::NONE, |all, back| {
            let open =
                self.filters(&back.gates, true).fold(Traffic::all(), |o, f| o.meet(f.at(to.low)));
            let open = self.filters(&back.gates, false).fold(open, |o, f| o.meet(f.at(from.low)));
            all.join(&open)
        })
    }

    /// What of some traffic gets through a leg, sender by sender.
    fn along(
        &self,
        legs: &[Leg],
        leg: usize,
        backs: &[Back],
        to: Range,
        open: &Traffic,
    ) -> Vec<Cube> {
        let tcp = Traffic::protocol(TCP);
        let cubes = self.senders(legs, leg, backs, to).into_iter().filter_map(|from| {
            let through = self.let_in(legs, leg, from, true).meet(open);
            if through.is_empty() {
                return None;
            }
            let answers = self.answers(backs, from, to).meet(&tcp);
            let ports = if answers.is_empty() { through.less(&tcp) } else { through };
            (!ports.is_empty()).then_some(Cube { from, to, ports, answers })
        });
        cubes.collect()
    }

    /// What gets to receivers in one piece: along the later legs, and then along the first.
    fn at(&self, legs: &[Leg], backs: &[Vec<Back>], to: Range, out: &mut Vec<Cube>) {
        let mut open = self.out(legs, to);
        for (leg, backs) in backs.iter().enumerate().skip(1) {
            let cubes = self.along(legs, leg, backs, to, &open);
            open = cubes.iter().fold(Traffic::NONE, |all, cube| all.join(&cube.ports));
        }
        if !open.is_empty() {
            out.extend(self.along(legs, 0, &backs[0], to, &open));
        }
    }
}
