//! What is wished, what is wanted of AWS for it, and why something is not asked.

use crate::aws::{PENDING, Partition};
use crate::check::quota::Use;

/// How many tenants of a tier there shall be room for in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The tier.
    pub tier: String,
    /// The region.
    pub region: String,
    /// How many, those that are there included.
    pub tenants: u64,
}

/// More of a quota than is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The place that takes most of it, with what is granted there now.
    pub at: Use,
    /// How much it takes.
    pub need: u64,
}

/// Why something is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// AWS never raises it.
    Fixed,
    /// AWS never raises it above this.
    Most(u32),
    /// Service Quotas does not know it; AWS Support does.
    NoCode,
    /// The account is not made yet.
    Pending,
}

impl Want {
    /// Why it is not asked; `None` if it is.
    pub fn refusal(&self) -> Option<Refusal> {
        let row = self.at.row();
        match (row.adjustable, row.code, row.max) {
            (false, ..) => Some(Refusal::Fixed),
            (.., Some(most)) if self.need > u64::from(most) => Some(Refusal::Most(most)),
            (_, None, _) => Some(Refusal::NoCode),
            _ if self.at.account == PENDING => Some(Refusal::Pending),
            _ => None,
        }
    }

    /// Whether AWS is asked for it.
    pub fn is_asked(&self) -> bool {
        self.refusal().is_none() && self.at.row().tied_to.is_none()
    }

    /// Where it is asked for: global quotas in the region that Service Quotas keeps them in.
    pub fn region(&self) -> &str {
        match Partition::of(&self.at.region) {
            Some(partition) if self.at.row().is_wide() => partition.global_region(),
            _ => &self.at.region,
        }
    }
}
