//! The same world for the proof.

use tenantry::prove::network::address::Range;
use tenantry::prove::network::model as m;
use tenantry::prove::network::traffic::Traffic;

use super::world::{Block, Line, Match, Road, Rule, Side, Way, World};

/// A block as an interval.
pub fn range(block: Block) -> Range {
    let host = u32::MAX.checked_shr(block.1).unwrap_or(0);
    Range { low: u128::from(block.0 & !host), high: u128::from(block.0 | host) }
}

fn traffic(what: &Match) -> Traffic {
    what.protocol.map_or_else(Traffic::all, |p| Traffic::ports(p, what.ports.0, what.ports.1))
}

fn entry(line: &Line) -> m::Entry {
    let (number, allow, block) = (line.number, line.allow, range(line.block));
    m::Entry { number, allow, block, traffic: traffic(&line.what), mark: 0 }
}

fn rule((side, what): &Rule) -> m::Rule {
    let peer = match side {
        Side::Block(block) => m::Peer::Block(range(*block)),
        Side::Group(group) => m::Peer::Group(*group),
    };
    m::Rule { peer, traffic: traffic(what), mark: 0 }
}

fn route((to, way, learned): &Road) -> m::Route {
    let via = match *way {
        Way::Nat(at) => m::Via::Nat(at),
        Way::Peering(at) => m::Via::Peering(at),
        Way::Transit => m::Via::Transit(0),
        Way::Gone => m::Via::Nowhere,
        Way::Internet => m::Via::Internet,
        Way::Inside => m::Via::Local,
    };
    m::Route { to: range(*to), via, rank: if *learned { 2 } else { 0 }, mark: 0 }
}

/// A world as the proof sees it.
pub fn network(w: &World) -> m::Network {
    let mut net = m::Network::default();
    spaces(w, &mut net);
    filters(w, &mut net);
    ways(w, &mut net);
    net
}

fn spaces(w: &World, net: &mut m::Network) {
    for (block, main) in &w.vpcs {
        let blocks = vec![range(*block)];
        net.vpcs.push(m::Vpc { blocks, main: *main, internet: true, mark: 0 });
    }
    for (vpc, block, table, acl, _) in &w.subnets {
        let blocks = vec![range(*block)];
        net.subnets.push(m::Subnet { vpc: *vpc, blocks, table: *table, acl: *acl, mark: 0 });
    }
    for (vpc, routes) in &w.tables {
        let routes = routes.iter().map(route).collect();
        net.tables.push(m::Table { vpc: *vpc, routes, mark: 0 });
    }
}

fn filters(w: &World, net: &mut m::Network) {
    for [inward, outward] in &w.acls {
        let (inward, outward) = (inward.iter().map(entry), outward.iter().map(entry));
        net.acls.push(m::Acl { inward: inward.collect(), outward: outward.collect(), mark: 0 });
    }
    for (_, ingress, egress) in &w.groups {
        let (ingress, egress) = (ingress.iter().map(rule), egress.iter().map(rule));
        net.groups.push(m::Group { ingress: ingress.collect(), egress: egress.collect(), mark: 0 });
    }
    for (owner, (subnet, groups)) in (0..).zip(&w.hosts) {
        let groups = groups.clone().into();
        net.holders.push(m::Holder { subnet: *subnet, groups, owner, public: false, mark: 0 });
    }
}

fn ways(w: &World, net: &mut m::Network) {
    for (subnet, address) in &w.nats {
        let address = range((*address, 32));
        net.nats.push(m::Nat { subnet: *subnet, address, mark: 0 });
    }
    for (one, other) in &w.peerings {
        net.peerings.push(m::Peering { one: *one, other: *other, mark: 0 });
    }
    for (vpc, subnets, table) in &w.attachments {
        let to = m::Attached::Vpc(*vpc, subnets.clone());
        net.attachments.push(m::Attachment { gateway: 0, to, table: *table, mark: 0 });
    }
    for routes in &w.transits {
        let route = |(to, via, learned): &(Block, Option<usize>, bool)| m::TransitRoute {
            to: range(*to),
            via: *via,
            learned: *learned,
            mark: 0,
        };
        net.transits.push(m::Transit { routes: routes.iter().map(route).collect(), mark: 0 });
    }
}
