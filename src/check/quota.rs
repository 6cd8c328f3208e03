//! What the stacks of an estate would hold, counted as AWS counts it, against its quotas. A template
//! is counted once; a stack adds what its template holds to the places that its values name, so ten
//! thousand stacks cost ten thousand additions.
//!
//! What was cut into parts is counted as it is together: parts of one thing may stand in several.
//!
//! Counted is what tenantry makes, also through stack sets; what the blueprint says that others made
//! (`places`), as a service-linked role; and the default VPCs of accounts that tenantry has AWS make.
//! `quotas` says how much AWS has granted.

pub mod count; // ways of counting
pub mod rows; // how each quota is counted
pub mod holding; // what one template holds
pub mod content; // the same of all templates of an estate, and of what was cut
pub mod measure; // measures of one thing
pub mod address; // what stands in a VPC
pub mod network; // routes, interfaces, and what is learned
pub mod balance; // what stands behind load balancers
pub mod capacity; // what is counted in units of its own
pub mod instances; // the processors of instances
pub mod placed; // what belongs to more than a property names
pub mod published; // what stacks tell each other
pub mod ties; // what no stack holds by itself
mod tally; // what was added up so far
pub mod sets; // what stack sets make in other accounts
pub mod fresh; // what AWS itself makes in a new account
pub mod more; // what stacks add to what is counted without them
pub mod whose; // which tier takes most of what is passed
pub mod instead; // what helps where AWS grants no more
pub mod judge; // what is counted, as complaints

use std::collections::BTreeMap;

use crate::aws::PENDING;
use crate::aws::quota::{self, Quota};
use crate::spec::Spec;
use crate::template::{Estate, Stack};
use content::Content;
use fresh::Fresh;
use holding::Owner;
use published::Published;
use tally::Tally;
use ties::Found;

/// How much of a quota is used in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The id of the quota.
    pub quota: &'static str,
    /// Where: an account, an account and region, or something in a stack.
    pub place: String,
    /// The account that the place is in.
    pub account: String,
    /// The region that the place is in, or of the first stack that adds to it.
    pub region: String,
    /// How much is used.
    pub used: u64,
    /// How much of it by what tenantry did not make.
    pub others: u64,
    /// How much AWS allows; `None` where AWS publishes no number.
    pub limit: Option<u64>,
    /// Whether the blueprint says so, rather than the table.
    pub given: bool,
}

impl Use {
    /// The quota.
    pub fn row(&self) -> &'static Quota<'static> {
        quota::get(self.quota).expect("what is counted is in the table")
    }

    /// Whether what AWS allows, as far as it is known, stops what would pass it: a number that no source
    /// confirms does not, nor one that AWS raises by itself.
    pub fn stops(&self) -> bool {
        self.given || self.row().stops()
    }

    /// Whether more is used than AWS allows.
    pub fn is_over(&self) -> bool {
        self.stops() && self.is_above()
    }

    /// The most that AWS ever grants there: what a source says, or more where a listing of AWS says so.
    pub fn most(&self) -> Option<u64> {
        let granted = self.limit.filter(|_| self.given).unwrap_or(0);
        Some(u64::from(self.row().most()?).max(granted))
    }

    /// Whether more is used than AWS ever grants, so that no request helps.
    pub fn is_beyond(&self) -> bool {
        self.most().is_some_and(|most| self.used > most)
    }

    /// Whether more is used than the number says, be it one that stops anything or not.
    pub fn is_above(&self) -> bool {
        self.limit.is_some_and(|limit| self.used > limit)
    }

    /// How much of it is in stacks.
    pub fn made(&self, spec: &Spec) -> u64 {
        self.made_of(&rows::ROWS[ties::row(self.quota)], spec)
    }

    /// The same, if its row is known.
    fn made_of(&self, row: &count::Row, spec: &Spec) -> u64 {
        self.used.saturating_sub(self.others + row.there(spec))
    }

    /// Whether what several stacks hold of it is added up, as each takes some of one thing.
    pub fn is_sum(&self) -> bool {
        ties::is_sum(ties::row(self.quota))
    }

    /// The same in another account.
    #[must_use]
    pub fn there(&self, spec: &Spec, account: &str) -> Use {
        let (limit, given) = limit(spec, self.quota, account, &self.region);
        Use { account: account.to_owned(), limit, given, ..self.clone() }
    }
}

/// What a stack adds to a quota of an account, a region or a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The stack, by its place in the estate.
    pub stack: usize,
    /// The id of the quota.
    pub quota: &'static str,
    /// Where it is counted.
    pub place: String,
    /// How much is added.
    pub amount: u64,
    /// How much is used there that is in no stack.
    pub there: u64,
    /// How much there can be; `None` where that stops nothing.
    pub limit: Option<u64>,
}

/// Everything that is counted, by quota and place; what is not used is not there. Of things that
/// nobody else adds to, only the fullest is there: each tenant has its own, and they are alike.
pub fn count(spec: &Spec, estate: &Estate) -> Vec<Use> {
    Counter::default().count(spec, estate)
}

/// Counts estates that have most of their templates in common, each template once.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    /// What each template holds.
    known: BTreeMap<String, Content>,
    /// What others held that had its name, the last of them at the end.
    before: BTreeMap<String, Vec<Content>>,
}

impl Counter {
    /// As [`count`] does.
    pub fn count(&mut self, spec: &Spec, estate: &Estate) -> Vec<Use> {
        self.read(spec, estate);
        self.of_read(spec, estate, false)
    }

    /// The same, with everything that nobody else adds to.
    pub fn count_each(&mut self, spec: &Spec, estate: &Estate) -> Vec<Use> {
        self.read(spec, estate);
        self.count_each_read(spec, estate)
    }

    /// The same of stacks whose templates have all been read, as they are.
    ///
    /// # Panics
    ///
    /// If a template has not been read.
    pub fn count_each_read(&self, spec: &Spec, estate: &Estate) -> Vec<Use> {
        self.of_read(spec, estate, true)
    }

    /// What each stack adds to what AWS counts by account, region or zone.
    pub fn parts(&mut self, spec: &Spec, estate: &Estate) -> Vec<Part> {
        self.read(spec, estate);
        let together = self.together(estate);
        let all = self.counted(estate, &together);
        let (published, fresh) = (Published::of(&all), Fresh::of(estate));
        let mut out = Vec::new();
        for (at, (stack, content)) in all.into_iter().enumerate() {
            for holding in content.holdings.iter().filter(|one| !one.is_own()) {
                let counted = matches!(
                    holding.owner,
                    Owner::Account | Owner::Region | Owner::Zone(_) | Owner::ZoneOf(_)
                );
                if !counted {
                    continue;
                }
                let place = published.name(&holding.owner, (stack, content));
                let amount = holding.amount.of(&stack.values);
                // Nothing is used yet: what is there already, and how much there can be.
                let one = finish(spec, &fresh, (holding.row, place, 0, stack));
                let limit = one.limit.filter(|_| one.stops());
                let Use { quota, place, used: there, .. } = one;
                out.push(Part { stack: at, quota, place, amount, there, limit });
            }
        }
        out
    }

    fn of_read(&self, spec: &Spec, estate: &Estate, each: bool) -> Vec<Use> {
        let together = self.together(estate);
        let all = self.counted(estate, &together);
        let (published, fresh) = (Published::of(&all), Fresh::of(estate));
        let made = sets::made(&all, &published);
        let mut tally = Tally::new(spec, &published, &fresh, each);
        let others = made.stacks.iter().map(|stack| (stack, &self.known[&stack.shape]));
        for (stack, content) in all.into_iter().chain(others) {
            tally.add(stack, content);
        }
        tally.instances(&made);
        let others = tally.others();
        let done = |found| finish(spec, &fresh, found);
        let mut out: Vec<Use> = tally.all().into_iter().map(done).collect();
        // Each account has limits of its own, so one that is less full can be over.
        out.extend(others.into_iter().map(done).filter(Use::is_over));
        out.sort_by(|a, b| (a.quota, &a.place).cmp(&(b.quota, &b.place)));
        out
    }
}

/// The place of an account; those that AWS has not made are told apart by their tenants.
fn name_of(account: &str, tenant: Option<&str>) -> String {
    match (account, tenant) {
        (PENDING, Some(id)) => format!("of {id}"),
        (account, _) => account.to_owned(),
    }
}

/// The account that a stack stands in.
fn account(stack: &Stack) -> String {
    name_of(&stack.account, stack.tenant.as_deref())
}

fn finish(spec: &Spec, fresh: &Fresh, (row, place, used, stack): Found<'_>) -> Use {
    let row = &rows::ROWS[row];
    let (account, region) = (stack.account.as_str(), stack.region.as_str());
    let (limit, given) = limit(spec, row.id, account, region);
    let others = fresh.others(spec, row.id, stack);
    let used = used + row.there(spec) + others;
    Use {
        quota: row.id,
        place,
        account: account.to_owned(),
        region: region.to_owned(),
        used,
        others,
        limit,
        given,
    }
}

/// How much AWS allows of a quota in an account and region, and whether somebody said so.
pub fn limit(spec: &Spec, id: &str, account: &str, region: &str) -> (Option<u64>, bool) {
    let quota = quota::get(id).expect("what is counted is in the table");
    let given = spec.quotas.given_in(id, account, region);
    let default = || {
        let default = u64::from(quota.default_in(region)?);
        Some(left(spec, id, account, region).map_or(default, |left| left.min(default)))
    };
    (given.map(u64::from).or_else(default), given.is_some())
}

/// What is left of a default where AWS has granted more of a quota that it multiplies with: of rules in
/// a group and groups on an interface it grants a thousand together. Source:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>.
fn left(spec: &Spec, id: &str, account: &str, region: &str) -> Option<u64> {
    const PAIR: [&str; 2] = ["vpc.rules-per-security-group", "vpc.security-groups-per-eni"];
    let other = PAIR[1 - PAIR.iter().position(|one| *one == id)?];
    let together = quota::get("vpc.sg-rules-times-sgs-per-eni")?.default?;
    let granted = spec.quotas.given_in(other, account, region)?;
    Some(u64::from(together / granted.max(1)))
}
