//! The same world for the proof.

use tenantry::prove::network::address::Range;
use tenantry::prove::network::model as m;
use tenantry::prove::network::traffic::Traffic;

use super::world::{Block, Line, Match, Side, Way, World};

pub fn range(block: Block) -> Range {
    let host =
        if block.1 == 0 { u32::MAX } else { (1_u64 << (32 - block.1)).wrapping_sub(1) as u32 };
    Range { low: u128::from(block.0 & !host), high: u128::from(block.0 | host) }
}

pub fn traffic(what: &Match) -> Traffic {
    what.protocol.map_or_else(Traffic::all, |p| Traffic::ports(p, what.ports.0, what.ports.1))
}

pub fn network(w: &World) -> m::Network {
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
