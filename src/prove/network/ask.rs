//! Statements of a blueprint, asked: whether one end opens a connection to another. What must be
//! reached is as much part of the proof as what must not.

use std::collections::BTreeSet;

use crate::prove::network::address::{self, ALL, FOUR, Range};
use crate::prove::network::model::At;
use crate::prove::network::pass::THROUGH;
use crate::prove::network::reach::Reached;
use crate::prove::network::traffic::{TCP, Traffic, UDP};
use crate::prove::network::walk::{self, End as Ends, Path};
use crate::prove::network::witness::Teller;
use crate::prove::verdict::{Answer, End, Hop, Protocol, Question};

/// Addresses that nobody on the internet has. Source: <https://www.rfc-editor.org/rfc/rfc6890>.
const PRIVATE: [&str; 8] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
];

/// The addresses of the internet: IPv4 without what is private, and all of IPv6.
fn internet() -> Vec<Range> {
    let private: Vec<Range> = PRIVATE.iter().filter_map(|text| Range::parse(text)).collect();
    let mut all = address::cut(&[FOUR], &private);
    all.push(address::SIX);
    all
}

/// What is asked for.
fn traffic(question: &Question) -> Traffic {
    let number = match question.protocol {
        Protocol::Tcp => TCP,
        Protocol::Udp => UDP,
        Protocol::Icmp => 1,
    };
    match question.port {
        Some(port) if question.protocol != Protocol::Icmp => Traffic::ports(number, port, port),
        _ => Traffic::protocol(number),
    }
}

/// The answer to a question.
pub fn answer(teller: &Teller<'_>, question: &Question) -> Answer {
    let wanted = traffic(question);
    if question.from == End::Internet {
        return from_internet(teller, question, &wanted);
    }
    let senders = holders(teller, &question.from);
    if senders.is_empty() {
        return Answer::Nowhere(format!("nothing stands in {}", name(&question.from)));
    }
    match &question.to {
        End::Internet => out(teller, &senders, &internet(), &wanted),
        End::Block(block) => {
            let range = Range::parse(&block.to_string()).unwrap_or(ALL);
            let inside = holders(teller, &question.to);
            if inside.is_empty() {
                out(teller, &senders, &[range], &wanted)
            } else {
                between(teller, &senders, &inside, &[range], &wanted)
            }
        }
        to => {
            let receivers = holders(teller, to);
            if receivers.is_empty() {
                return Answer::Nowhere(format!("nothing stands in {}", name(to)));
            }
            between(teller, &senders, &receivers, &[ALL], &wanted)
        }
    }
}

fn name(end: &End) -> String {
    match end {
        End::Tenant(id) => format!("tenant {id}"),
        End::Hub => "the hub".to_owned(),
        End::Block(block) => block.to_string(),
        End::Internet => "the internet".to_owned(),
    }
}

/// Whoever may be at an end.
fn holders(teller: &Teller<'_>, end: &End) -> Vec<At> {
    let (raw, net) = (teller.raw, &teller.reach.of.net);
    match end {
        End::Tenant(id) => {
            let owner = raw.names.known(id).and_then(|name| raw.owner_of.get(&name));
            owner.and_then(|o| teller.reach.owned.get(o)).cloned().unwrap_or_default()
        }
        End::Hub => {
            let hubs: BTreeSet<At> = raw
                .hubs
                .iter()
                .filter_map(|(mark, hub)| hub.then_some(*mark))
                .filter_map(|mark| net.vpcs.iter().position(|vpc| vpc.mark == mark))
                .collect();
            let here = |at: &At| hubs.contains(&net.subnets[net.holders[*at].subnet].vpc);
            (0..net.holders.len()).filter(here).collect()
        }
        End::Block(block) => {
            let range = Range::parse(&block.to_string()).unwrap_or(ALL);
            let here = |at: &At| {
                let blocks = &net.subnets[net.holders[*at].subnet].blocks;
                blocks.iter().any(|own| own.meet(range).is_some())
            };
            (0..net.holders.len()).filter(here).collect()
        }
        End::Internet => Vec::new(),
    }
}

/// From holders to holders.
fn between(
    teller: &Teller<'_>,
    from: &[At],
    to: &[At],
    within: &[Range],
    wanted: &Traffic,
) -> Answer {
    let (reach, mut refused) = (teller.reach, (0, Vec::new()));
    let wanted_to: BTreeSet<At> = to.iter().copied().collect();
    for sender in from {
        for mut path in reach.paths_anywhere(*sender) {
            path.to = address::meet(&path.to, within);
            for receiver in reach.there(&path).into_iter().filter(|at| wanted_to.contains(at)) {
                if receiver == *sender {
                    continue;
                }
                let mut pass = reach.pass(*sender, &path, receiver);
                pass.wanted = wanted.clone();
                if let Some(cube) = pass.cubes(true).pop() {
                    let (from, to) = (*sender, receiver);
                    let reached = Reached { from, to, path: path.clone(), cube };
                    return Answer::Reaches(teller.tell(&reached).1);
                }
                let stage = pass.stage().min(THROUGH);
                if refused.1.is_empty() || stage > refused.0 {
                    refused =
                        (stage, super::judge::refused(teller, stage, *sender, &path, receiver));
                }
            }
        }
    }
    if refused.1.is_empty() {
        refused.1 = super::judge::no_route(teller, from[0], "the other end");
    }
    Answer::Refused(refused.1)
}

/// From holders to where no holder is: the internet, or the premises.
fn out(teller: &Teller<'_>, from: &[At], to: &[Range], wanted: &Traffic) -> Answer {
    let mut refused = Vec::new();
    for sender in from {
        for path in teller.reach.paths_anywhere(*sender) {
            let to = address::meet(&path.to, to);
            if matches!(path.end, Ends::Vpc(..)) || to.is_empty() {
                continue;
            }
            let hops = told(teller, *sender, &path, to[0]);
            if leaves(teller, *sender, &path, &to, wanted) {
                return Answer::Reaches(hops);
            }
            refused = hops;
        }
    }
    if refused.is_empty() {
        refused = super::judge::no_route(teller, from[0], "the other end");
    }
    Answer::Refused(refused)
}

/// Whether anything that is asked for leaves on a way. What comes back is not asked of strangers.
fn leaves(teller: &Teller<'_>, sender: At, path: &Path, to: &[Range], wanted: &Traffic) -> bool {
    let of = &teller.reach.of;
    let set = &of.sets[of.set_of[sender]];
    let gates: Vec<_> = path
        .legs
        .iter()
        .flat_map(|leg| leg.gates.iter().map(move |gate| (gate, &leg.source)))
        .collect();
    to.iter().any(|range| {
        let outward = gates.iter().filter(|(gate, _)| !gate.inward);
        let filters = outward.filter_map(|(g, _)| Some(&of.acls[of.net.subnets[g.subnet].acl?][1]));
        let filters: Vec<_> = filters.chain([&set.egress]).collect();
        let edges = filters.iter().flat_map(|filter| filter.edges(*range)).collect::<Vec<_>>();
        address::atoms(*range, edges).iter().any(|atom| {
            let open = filters.iter().fold(wanted.clone(), |o, filter| o.meet(filter.at(atom.low)));
            let mut inward = gates.iter().filter(|(gate, _)| gate.inward);
            !open.is_empty()
                && inward.all(|(gate, source)| {
                    of.net.subnets[gate.subnet].acl.is_none_or(|acl| {
                        source.iter().any(|from| {
                            let filter = &of.acls[acl][0];
                            let atoms = address::atoms(*from, filter.edges(*from));
                            atoms.iter().any(|a| !filter.at(a.low).meet(&open).is_empty())
                        })
                    })
                })
        })
    })
}

fn told(teller: &Teller<'_>, sender: At, path: &Path, to: Range) -> Vec<Hop> {
    let source = path.legs[0].source.first().map_or(0, |range| range.low);
    let mut hops = vec![teller.holder(sender, source, "sends from")];
    let packet = crate::prove::network::witness::Packet {
        from: source,
        source: 49_152,
        to: to.low,
        protocol: TCP,
        port: 443,
    };
    hops.extend(teller.way(path, packet));
    hops
}

/// From the internet to whoever can have a public address behind an internet gateway.
fn from_internet(teller: &Teller<'_>, question: &Question, wanted: &Traffic) -> Answer {
    let of = &teller.reach.of;
    let receivers = holders(teller, &question.to);
    if receivers.is_empty() {
        return Answer::Nowhere(format!("nothing stands in {}", name(&question.to)));
    }
    let mut refused = Vec::new();
    for receiver in receivers {
        let holder = &of.net.holders[receiver];
        let subnet = &of.net.subnets[holder.subnet];
        if !holder.public || !of.net.vpcs[subnet.vpc].internet {
            continue;
        }
        let back = walk::paths(of, holder.subnet, &subnet.blocks, &internet());
        let Some(back) = back.into_iter().find(|p| p.end == Ends::Internet && p.legs.len() == 1)
        else {
            continue;
        };
        let set = &of.sets[of.set_of[receiver]];
        let hops = told(teller, receiver, &back, back.to[0]);
        for range in &back.to {
            let acl = subnet.acl.map(|acl| &of.acls[acl]);
            let mut edges: Vec<Range> = set.ingress.edges(*range).collect();
            edges.extend(acl.iter().flat_map(|both| both.iter().flat_map(|f| f.edges(*range))));
            for atom in address::atoms(*range, edges) {
                let mut open = set.ingress.at(atom.low).meet(wanted);
                let mut answers = true;
                if let Some([inward, outward]) = acl {
                    open = open.meet(inward.at(atom.low));
                    let tcp = outward.at(atom.low).meet(&Traffic::protocol(TCP));
                    answers = !tcp.is_empty() || open.meet(&Traffic::protocol(TCP)).is_empty();
                }
                if !open.is_empty() && answers {
                    return Answer::Reaches(hops);
                }
            }
        }
        refused = hops;
    }
    Answer::Refused(refused)
}
