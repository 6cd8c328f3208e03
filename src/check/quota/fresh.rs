//! Accounts that the estate has AWS make, and what AWS itself makes in each of them: a default VPC in
//! every region. What the blueprint says of such an account (`places`), or a listing shows, goes before
//! it: who has deleted the default VPC says so. Of accounts that were there before, nobody knows.

use std::collections::BTreeSet;

use super::{name_of, ties};
use crate::spec::Spec;
use crate::template::{Estate, Stack};

/// What of a default VPC is counted in its region, one each: itself, its gateway and its group. Its
/// subnets, its table and its ACL are counted in it, and there is room for them; the set of DHCP options is
/// not made for it. Source: <https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html>.
const DEFAULT_VPC: [&str; 3] =
    ["vpc.vpcs-per-region", "vpc.internet-gateways-per-region", "vpc.security-groups-per-region"];

/// The accounts that are made.
pub struct Fresh(BTreeSet<String>);

impl Fresh {
    /// Those of an estate, by the names of their places.
    pub fn of(estate: &Estate) -> Self {
        let name = |stack: &Stack| Some(name_of(stack.makes.as_ref()?, stack.tenant.as_deref()));
        Fresh(estate.stacks.iter().filter_map(name).collect())
    }

    /// Whether a stack stands in one of them.
    fn holds(&self, stack: &Stack) -> bool {
        self.0.contains(&name_of(&stack.account, stack.tenant.as_deref()))
    }

    /// How much of a quota is used where a stack stands by what tenantry did not make: what somebody said,
    /// or else what AWS has made.
    pub fn others(&self, spec: &Spec, id: &str, stack: &Stack) -> u64 {
        let told = spec.quotas.told_in(id, &stack.account, &stack.region).map(u64::from);
        told.unwrap_or_else(|| u64::from(DEFAULT_VPC.contains(&id) && self.holds(stack)))
    }

    /// The rows of which something is there before anything else in the account and region of a stack.
    pub fn rows(&self, spec: &Spec, stack: &Stack) -> Vec<usize> {
        if !self.holds(stack) {
            return Vec::new();
        }
        let there = DEFAULT_VPC.into_iter().filter(|id| self.others(spec, id, stack) > 0);
        there.map(ties::row).collect()
    }
}
