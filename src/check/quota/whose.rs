//! Which tier takes most of what is passed, so that a complaint of it leads to the lines that make it.

use std::collections::BTreeMap;

use super::ties;
use super::{Counter, Use};
use crate::spec::quota::Scope;
use crate::template::{Estate, Stack};

impl Counter {
    /// The tier that takes most of a quota where a place is, of an estate that was counted: the one that
    /// the place belongs to, or else the one whose stacks hold most of it. `None` where no tier does.
    pub fn tier_of<'a>(&self, estate: &'a Estate, at: &Use) -> Option<&'a str> {
        let key = at.place.split('/').next();
        let own = estate.stacks.iter().find(|stack| Some(stack.key.as_str()) == key);
        own.and_then(|stack| stack.tier.as_deref()).or_else(|| self.most_of(estate, at))
    }

    fn most_of<'a>(&self, estate: &'a Estate, at: &Use) -> Option<&'a str> {
        let row = ties::row(at.quota);
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        let together = self.together(estate);
        for (own, (stack, content)) in estate.stacks.iter().zip(self.counted(estate, &together)) {
            let Some(tier) = own.tier.as_ref().filter(|_| is_near(own, at)) else { continue };
            let held = content.holdings.iter().filter(|one| one.row == row);
            *sums.entry(tier).or_default() +=
                held.map(|one| one.amount.of(&stack.values)).sum::<u64>();
        }
        // Of two that take alike, the first is named.
        let most = sums.into_iter().rev().filter(|(_, sum)| *sum > 0).max_by_key(|(_, sum)| *sum);
        most.map(|(tier, _)| tier)
    }
}

/// Whether what a stack holds can be counted in a place. What a hub has of other accounts' stacks is counted
/// with it, too.
fn is_near(stack: &Stack, at: &Use) -> bool {
    match Scope::of(at.row()) {
        Scope::Account => at.row().is_of_organization() || stack.account == at.account,
        Scope::Region => stack.account == at.account && stack.region == at.region,
        Scope::Thing => stack.region == at.region,
    }
}
