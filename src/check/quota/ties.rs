//! What no stack holds by itself: what two VPCs have together that are peered, where the stacks of a
//! stack set go, and what AWS must grant of two quotas at once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::holding::{Handle, Holding, Owner, Whole};
use super::placed::thing;
use super::rows::ROWS;
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
    /// Each stack set, with the units and the number of regions that it goes to.
    pub sets: Vec<(String, Vec<Owner>, u64)>,
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
    ROWS.iter().position(|row| row.id == id).expect("it is a row")
}

/// What follows from the most groups of an interface and the most rules of a group, whoever has them.
pub const PRODUCT: &str = "vpc.sg-rules-times-sgs-per-eni";

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
    let sets = whole.of(&["AWS::CloudFormation::StackSet"]).into_iter();
    let sets = sets.flat_map(|(id, _, it)| {
        let groups = it["StackInstancesGroup"].as_array().into_iter().flatten();
        groups.map(move |group| {
            let units = group["DeploymentTargets"]["OrganizationalUnitIds"].as_array();
            let units = units.into_iter().flatten().filter_map(|unit| thing(unit, whole));
            let regions = group["Regions"].as_array().map_or(0, |all| all.len() as u64);
            (id.to_owned(), units.collect(), regions)
        })
    });
    Ties { needs, peerings: peerings.collect(), units: units.collect(), sets: sets.collect() }
}

/// All that stacks tie together.
#[derive(Default)]
pub struct Knots<'a> {
    peerings: Vec<Peering<'a>>,
    /// How many accounts there are in each unit.
    accounts: BTreeMap<String, u64>,
    /// Each stack set, with the units and the number of regions that it goes to.
    sets: Vec<(String, Vec<String>, u64, &'a Stack)>,
}

/// Two VPCs, and what the first holds, if nobody else adds to it.
struct Peering<'a> {
    ends: [String; 2],
    alone: Option<u64>,
    stack: &'a Stack,
}

/// A row, a place, how much is used of it, and by which stack first.
pub type Found<'a> = (usize, String, u64, &'a Stack);

impl Ties {
    /// Whether there is nothing that a stack could tie.
    pub fn is_empty(&self) -> bool {
        self.peerings.is_empty() && self.units.is_empty() && self.sets.is_empty()
    }
}

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
        for unit in &ties.units {
            *self.accounts.entry(name(unit)).or_default() += 1;
        }
        for (id, units, regions) in &ties.sets {
            let place = name(&Owner::Of(Handle::Local(id.clone())));
            self.sets.push((place, units.iter().map(&name).collect(), *regions, stack));
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

    /// The stacks of each stack set: one in each account of its units and each of its regions.
    pub fn instances(&self, row: usize) -> Vec<Found<'a>> {
        let mut sums: BTreeMap<&str, (u64, &'a Stack)> = BTreeMap::new();
        for (place, units, regions, stack) in &self.sets {
            let accounts = units.iter().filter_map(|unit| self.accounts.get(unit)).sum::<u64>();
            sums.entry(place).or_insert((0, *stack)).0 += accounts * regions;
        }
        let some = sums.into_iter().filter(|(_, (count, _))| *count > 0);
        some.map(|(place, (count, by))| (row, place.to_owned(), count, by)).collect()
    }
}
