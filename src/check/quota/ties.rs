//! What no stack holds by itself: what two VPCs have together that are peered, and what AWS must grant of
//! two quotas at once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use super::holding::{Holding, Owner, Whole};
use super::placed::thing;
use super::rows::ROWS;
use super::sets::{self, Set};
use crate::lookup::Lookup;
use crate::template::Stack;

/// What a template ties together.
#[derive(Clone, Debug, Default)]
pub struct Ties {
    /// The most groups of an interface, and the most rules of a group.
    pub needs: Needs,
    /// Each peering connection in a region: who asks and who is asked.
    pub peerings: Vec<[Owner; 2]>,
    /// The unit that each account is made in.
    pub units: Vec<Owner>,
    /// Each stack set.
    pub sets: Vec<Set>,
}

/// What must be granted of two quotas whose product AWS bounds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// Groups of an interface.
    pub groups: u64,
    /// Rules of a group.
    pub rules: u64,
}

impl Needs {
    /// Enough for both.
    pub fn meet(&mut self, other: Needs) {
        self.groups = self.groups.max(other.groups);
        self.rules = self.rules.max(other.rules);
    }
}

/// The place of a row in the list.
pub fn row(id: &str) -> usize {
    static BY_ID: OnceLock<Lookup<&str, usize>> = OnceLock::new();
    let by_id = || ROWS.iter().map(|row| row.id).zip(0..).collect();
    BY_ID.get_or_init(by_id).get(id).expect("it is a row")
}

/// The rank of a row among all, in the order of their ids.
pub fn rank(row: usize) -> usize {
    static RANKS: OnceLock<Vec<usize>> = OnceLock::new();
    let ranks = || {
        let mut out = vec![0; ROWS.len()];
        ranked().iter().enumerate().for_each(|(rank, row)| out[*row] = rank);
        out
    };
    RANKS.get_or_init(ranks)[row]
}

/// The row of a rank.
pub fn of_rank(rank: usize) -> usize {
    ranked()[rank]
}

fn ranked() -> &'static [usize] {
    static RANKED: OnceLock<Vec<usize>> = OnceLock::new();
    RANKED.get_or_init(|| {
        let mut out: Vec<usize> = (0..ROWS.len()).collect();
        out.sort_by_key(|row| ROWS[*row].id);
        out
    })
}

/// What follows from the most groups of an interface and the most rules of a group, whoever has them.
pub const PRODUCT: &str = "vpc.sg-rules-times-sgs-per-eni";

/// Whether what several stacks hold of a row is added up.
pub fn is_sum(row: usize) -> bool {
    ROWS[row].id != PRODUCT && !ROWS[row].is_own()
}

/// The rows that this file fills, and the one that it reads, by their place in the list.
pub struct Known {
    /// Rules times groups.
    pub product: usize,
    /// Units of addresses in a VPC.
    pub units: usize,
    /// The same with all its peers.
    pub peered: usize,
    /// Stacks of a stack set.
    pub instances: usize,
}

impl Default for Known {
    fn default() -> Self {
        Known {
            product: row(PRODUCT),
            units: row("vpc.network-address-usage"),
            peered: row("vpc.peered-network-address-usage"),
            instances: row("cloudformation.stack-instances-per-stack-set"),
        }
    }
}

/// What a template ties, of which it is known what it holds.
pub fn of(whole: &Whole<'_>, holdings: &[Holding]) -> Ties {
    let most = |id: &str| {
        let row = row(id);
        let all = holdings.iter().filter(|one| one.row == row).map(|one| one.amount.base);
        all.max().unwrap_or(0)
    };
    let needs = Needs {
        groups: most("vpc.security-groups-per-eni"),
        rules: most("vpc.rules-per-security-group"),
    };
    let peerings = whole.of(&["AWS::EC2::VPCPeeringConnection"]).into_iter();
    let near = peerings.filter(|it| it.2["PeerRegion"].is_null());
    let end = |it: &Value, key: &str| whole.handle(&it[key]).map(Owner::Of);
    let peerings = near.filter_map(|it| Some([end(it.2, "VpcId")?, end(it.2, "PeerVpcId")?]));
    let accounts = whole.of(&["AWS::Organizations::Account"]).into_iter();
    let units = accounts.filter_map(|it| thing(&it.2["ParentIds"][0], whole));
    Ties { needs, peerings: peerings.collect(), units: units.collect(), sets: sets::of(whole) }
}

/// All that stacks tie together.
#[derive(Default)]
pub struct Knots<'a> {
    peerings: Vec<Peering<'a>>,
}

/// Two VPCs, and what the first holds, if nobody else adds to it.
struct Peering<'a> {
    ends: [String; 2],
    alone: Option<u64>,
    stack: &'a Stack,
}

/// A row, a place, how much is used of it, and by which stack first.
pub type Found<'a> = (usize, String, u64, &'a Stack);

impl<'a> Knots<'a> {
    /// Adds what a stack ties. `name` tells the place of an owner; `alone` is what the stack's own VPC
    /// holds, if no other stack adds to it.
    pub fn add(
        &mut self,
        stack: &'a Stack,
        ties: &Ties,
        name: impl Fn(&Owner) -> String,
        alone: impl Fn(&Owner) -> Option<u64>,
    ) {
        for ends in &ties.peerings {
            let alone = alone(&ends[0]);
            self.peerings.push(Peering { ends: ends.each_ref().map(&name), alone, stack });
        }
    }

    /// What each VPC has together with those that it is peered with. `units` is what a place holds that
    /// several stacks add to.
    pub fn peered(&self, row: usize, units: impl Fn(&str) -> u64) -> Vec<Found<'a>> {
        let mut sums: BTreeMap<&str, (u64, &'a Stack)> = BTreeMap::new();
        for one in &self.peerings {
            let held = [one.alone.unwrap_or_else(|| units(&one.ends[0])), units(&one.ends[1])];
            for (end, other) in [(0, 1), (1, 0)] {
                let sum = sums.entry(&one.ends[end]).or_insert((held[end], one.stack));
                sum.0 += held[other];
            }
        }
        sums.into_iter().map(|(place, (sum, by))| (row, place.to_owned(), sum, by)).collect()
    }
}
