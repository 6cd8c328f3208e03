//! Who may be reached in a VPC, found without asking everybody: by where they are, or by whom their
//! groups let in, whichever leaves fewer.

use std::collections::{BTreeMap, BTreeSet};

use crate::prove::network::address::{Range, SIX};
use crate::prove::network::compiled::{Compiled, Set};
use crate::prove::network::model::{At, Peer};

/// As many are asked one by one without looking for fewer.
const FEW: usize = 8;

/// The holders of every VPC.
#[derive(Debug)]
pub struct Index(Vec<Inside>);

/// The holders of one VPC.
#[derive(Debug, Default)]
struct Inside {
    /// Every holder by the blocks of its subnet, sorted.
    places: Vec<(Range, At)>,
    /// The holders of each set of groups.
    of_set: BTreeMap<At, Vec<At>>,
    /// The sets that a group belongs to.
    with: BTreeMap<At, Vec<At>>,
    /// The groups that let members of a group in.
    by_member: BTreeMap<At, Vec<At>>,
    /// The groups that let a block in.
    by_block: BTreeMap<Range, Vec<At>>,
    /// The sizes of those blocks, less one.
    sizes: BTreeSet<u128>,
}

impl Index {
    /// Of a network.
    pub fn new(of: &Compiled) -> Self {
        let mut all: Vec<Inside> = of.net.vpcs.iter().map(|_| Inside::default()).collect();
        for (at, holder) in of.net.holders.iter().enumerate() {
            let subnet = &of.net.subnets[holder.subnet];
            let inside = &mut all[subnet.vpc];
            inside.places.extend(subnet.blocks.iter().map(|block| (*block, at)));
            inside.of_set.entry(of.set_of[at]).or_default().push(at);
        }
        for inside in &mut all {
            inside.places.sort_unstable();
            inside.admissions(of);
        }
        Index(all)
    }

    /// Holders in a VPC that have an address in one of these ranges, and a rule that may let in who
    /// sends from these addresses with these groups. Some of them may let nothing in after all.
    pub fn find(
        &self,
        of: &Compiled,
        vpc: At,
        to: &[Range],
        from: &[Range],
        groups: &Set,
    ) -> Vec<At> {
        let inside = &self.0[vpc];
        let near: usize = to.iter().map(|range| inside.slice(*range).len()).sum();
        let mut found: Vec<At> = if near <= FEW {
            to.iter().flat_map(|range| inside.slice(*range)).map(|(_, at)| *at).collect()
        } else {
            let here = |at: &&At| {
                let blocks = &of.net.subnets[of.net.holders[**at].subnet].blocks;
                to.iter().any(|range| blocks.iter().any(|block| block.meet(*range).is_some()))
            };
            let sets = inside.admitting(from, groups);
            sets.iter().flat_map(|set| &inside.of_set[set]).filter(here).copied().collect()
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    /// All holders in a VPC that have an address in one of these ranges.
    pub fn within(&self, vpc: At, to: &[Range]) -> Vec<At> {
        to.iter().flat_map(|range| self.0[vpc].slice(*range)).map(|(_, at)| *at).collect()
    }
}

impl Inside {
    /// Those whose subnets meet a range: subnets of a VPC do not overlap.
    fn slice(&self, range: Range) -> &[(Range, At)] {
        let from = self.places.partition_point(|(block, _)| block.high < range.low);
        let to = self.places.partition_point(|(block, _)| block.low <= range.high);
        &self.places[from..to.max(from)]
    }

    fn admissions(&mut self, of: &Compiled) {
        let sets: Vec<At> = self.of_set.keys().copied().collect();
        for set in sets {
            for group in &of.sets[set].groups {
                self.with.entry(*group).or_default().push(set);
            }
        }
        for group in self.with.keys() {
            for rule in &of.net.groups[*group].ingress {
                let of = match rule.peer {
                    Peer::Group(member) => self.by_member.entry(member).or_default(),
                    Peer::Block(block) => {
                        self.sizes.insert(block.high - block.low);
                        self.by_block.entry(block).or_default()
                    }
                };
                of.push(*group);
            }
        }
    }

    /// The sets with a rule for senders with these addresses or groups.
    fn admitting(&self, from: &[Range], sender: &Set) -> BTreeSet<At> {
        let mut groups = BTreeSet::new();
        let members = self.by_member.iter().filter(|(member, _)| sender.has(**member));
        groups.extend(members.flat_map(|(_, groups)| groups));
        for range in from {
            let wider = self.sizes.iter().map(|size| around(range.low, *size));
            let narrower =
                Range { low: range.low, high: 0 }..=Range { low: range.high, high: u128::MAX };
            groups.extend(wider.filter_map(|block| self.by_block.get(&block)).flatten());
            groups.extend(self.by_block.range(narrower).flat_map(|(_, groups)| groups));
        }
        groups.iter().flat_map(|group| &self.with[group]).copied().collect()
    }
}

/// The block of a size, less one, that an address is in.
fn around(address: u128, size: u128) -> Range {
    if size.count_ones() == size.trailing_ones() {
        return Range { low: address & !size, high: address | size };
    }
    // Of all blocks, only that of the whole of IPv6 is clipped.
    SIX
}
