//! The network made ready for questions: rules as filters, route tables as pieces of addresses.

use std::collections::BTreeMap;

use crate::prove::network::address::{self, Range};
use crate::prove::network::filter::Filter;
use crate::prove::network::model::{At, Entry, Network, Peer, Rule, Via};
use crate::prove::network::traffic::Traffic;

/// A network with its filters and pieces.
#[derive(Debug)]
pub struct Compiled {
    /// As it was given.
    pub net: Network,
    /// Both directions of each ACL: in, out.
    pub acls: Vec<[Filter; 2]>,
    /// Each different set of groups once.
    pub sets: Vec<Set>,
    /// The set of each holder.
    pub set_of: Vec<At>,
    /// The pieces of each route table, with the place of its route; the way inside is none.
    pub tables: Vec<Pieces<Option<At>>>,
    /// The way inside each VPC, for subnets whose table holds nothing else.
    pub inside: Vec<Pieces<Option<At>>>,
    /// The pieces of each transit route table, with the places of its routes.
    pub transits: Vec<Pieces<Vec<At>>>,
    /// The attachments of each VPC.
    pub attached: Vec<Vec<At>>,
}

/// What an interface with some security groups lets in and out.
#[derive(Debug, Default)]
pub struct Set {
    /// The groups, sorted.
    pub groups: Vec<At>,
    /// In from addresses.
    pub ingress: Filter,
    /// In from members of groups.
    pub ingress_from: BTreeMap<At, Traffic>,
    /// Out to addresses.
    pub egress: Filter,
    /// Out to members of groups.
    pub egress_to: BTreeMap<At, Traffic>,
}

impl Set {
    /// Whether a group belongs to it.
    pub fn has(&self, group: At) -> bool {
        self.groups.binary_search(&group).is_ok()
    }

    /// What rules that name groups let through for an interface with these groups.
    pub fn named(rules: &BTreeMap<At, Traffic>, other: &Set) -> Traffic {
        let named = rules.iter().filter(|(group, _)| other.has(**group));
        named.fold(Traffic::NONE, |all, (_, traffic)| all.join(traffic))
    }
}

/// Sorted pieces of addresses, each with where it leads.
#[derive(Debug)]
pub struct Pieces<T>(Vec<(Range, T)>);

impl<T: Clone + Ord> Pieces<T> {
    /// Of what matches an address, the longest wins, then the lowest rank; `same` says what two
    /// that are equal in both come to.
    fn of(mut rules: Vec<(Range, u8, T)>, same: impl Fn(&mut T, T)) -> Self {
        // Wider first, so that what is narrower lies on top of the stack.
        rules.sort_by(|a, b| {
            (a.0.low, std::cmp::Reverse(a.0.high), a.1).cmp(&(
                b.0.low,
                std::cmp::Reverse(b.0.high),
                b.1,
            ))
        });
        let mut merged: Vec<(Range, u8, T)> = Vec::with_capacity(rules.len());
        for rule in rules {
            match merged.last_mut() {
                Some(last) if last.0 == rule.0 && last.1 == rule.1 => same(&mut last.2, rule.2),
                Some(last) if last.0 == rule.0 => {}
                _ => merged.push(rule),
            }
        }
        let edges = merged.iter().map(|rule| rule.0);
        let (mut out, mut open, mut next) = (Vec::new(), Vec::<&(Range, u8, T)>::new(), 0);
        for atom in address::atoms(address::ALL, edges) {
            while open.last().is_some_and(|rule| rule.0.high < atom.low) {
                open.pop();
            }
            while let Some(rule) = merged.get(next).filter(|rule| rule.0.low <= atom.low) {
                open.push(rule);
                next += 1;
            }
            if let Some(rule) = open.last() {
                out.push((atom, rule.2.clone()));
            }
        }
        Pieces(out)
    }

    /// Parts addresses by where they lead.
    pub fn part(&self, to: &[Range]) -> BTreeMap<T, Vec<Range>> {
        let mut out: BTreeMap<T, Vec<Range>> = BTreeMap::new();
        for range in to {
            let from = self.0.partition_point(|(piece, _)| piece.high < range.low);
            for (piece, value) in self.0[from..].iter().take_while(|(p, _)| p.low <= range.high) {
                let both = piece.meet(*range).expect("the piece was found by it");
                match out.get_mut(value) {
                    Some(ranges) => ranges.push(both),
                    None => drop(out.insert(value.clone(), vec![both])),
                }
            }
        }
        out
    }
}

impl Compiled {
    /// Makes a network ready.
    pub fn new(net: Network) -> Self {
        let acls = net.acls.iter().map(|acl| [entries(&acl.inward), entries(&acl.outward)]);
        let acls = acls.collect();
        let (sets, set_of) = sets(&net);
        let inside: Vec<_> =
            net.vpcs.iter().map(|vpc| Pieces::of(local(&vpc.blocks), |_, _| {})).collect();
        let tables = (0..net.tables.len()).map(|at| pieces(&net, at)).collect();
        let transits = net.transits.iter().map(|table| {
            let routes = table.routes.iter().enumerate();
            let rules = routes.map(|(at, r)| (r.to, u8::from(r.learned), vec![at]));
            Pieces::of(rules.collect(), Vec::extend)
        });
        let transits = transits.collect();
        let mut attached = vec![Vec::new(); net.vpcs.len()];
        for (at, attachment) in net.attachments.iter().enumerate() {
            if let super::model::Attached::Vpc(vpc, _) = attachment.to {
                attached[vpc].push(at);
            }
        }
        Compiled { net, acls, sets, set_of, tables, inside, transits, attached }
    }

    /// The pieces that a subnet's packets follow, and their table.
    pub fn table_of(&self, subnet: At) -> (Option<At>, &Pieces<Option<At>>) {
        let subnet = &self.net.subnets[subnet];
        match subnet.table.or(self.net.vpcs[subnet.vpc].main) {
            Some(table) => (Some(table), &self.tables[table]),
            None => (None, &self.inside[subnet.vpc]),
        }
    }

    /// The way of a route; without one it is the way inside.
    pub fn via(&self, table: Option<At>, route: Option<At>) -> Via {
        match (table, route) {
            (Some(table), Some(route)) => self.net.tables[table].routes[route].via,
            _ => Via::Local,
        }
    }
}

fn entries(entries: &[Entry]) -> Filter {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.number);
    let rules: Vec<_> = sorted.iter().map(|e| (e.block, e.traffic.clone(), e.allow)).collect();
    Filter::of_first(&rules)
}

fn local(blocks: &[Range]) -> Vec<(Range, u8, Option<At>)> {
    blocks.iter().map(|block| (*block, 0, None)).collect()
}

fn pieces(net: &Network, table: At) -> Pieces<Option<At>> {
    let table = &net.tables[table];
    let mut rules = local(&net.vpcs[table.vpc].blocks);
    rules.extend(table.routes.iter().enumerate().map(|(at, r)| (r.to, r.rank + 1, Some(at))));
    Pieces::of(rules, |_, _| {})
}

/// Holders with the same groups share a set.
fn sets(net: &Network) -> (Vec<Set>, Vec<At>) {
    let (mut places, mut sets) = (BTreeMap::<&[At], At>::new(), Vec::new());
    let of = net.holders.iter().map(|holder| {
        *places.entry(&holder.groups).or_insert_with(|| {
            sets.push(set(net, &holder.groups));
            sets.len() - 1
        })
    });
    let of = of.collect();
    (sets, of)
}

fn set(net: &Network, groups: &[At]) -> Set {
    let (ingress, ingress_from) = rules(groups.iter().map(|group| &net.groups[*group].ingress));
    let (egress, egress_to) = rules(groups.iter().map(|group| &net.groups[*group].egress));
    Set { groups: groups.to_vec(), ingress, ingress_from, egress, egress_to }
}

fn rules<'a>(of: impl Iterator<Item = &'a Vec<Rule>>) -> (Filter, BTreeMap<At, Traffic>) {
    let (mut blocks, mut named) = (BTreeMap::<Range, Traffic>::new(), BTreeMap::new());
    for rule in of.flatten() {
        let traffic = match rule.peer {
            Peer::Block(range) => blocks.entry(range).or_default(),
            Peer::Group(group) => named.entry(group).or_insert(Traffic::NONE),
        };
        *traffic = traffic.join(&rule.traffic);
    }
    let blocks: Vec<_> = blocks.into_iter().collect();
    (Filter::of_any(&blocks), named)
}
