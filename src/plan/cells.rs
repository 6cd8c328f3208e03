//! How many tenants a cell of isolation `subnet` holds before a quota of its VPC is passed. What
//! the model makes for each tenant is counted here; `tests/suite/models.rs` holds the two together.

use crate::blueprint::shape::Nat;
use crate::spec::{Spec, Tier};

/// What bounds the number of tenants of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// At most so many tenants.
    pub tenants: usize,
    /// The quota that says so.
    pub quota: &'static str,
}

/// The capacity of a cell of a tier.
pub fn capacity(spec: &Spec, tier: &Tier) -> Capacity {
    let zones = u32::from(spec.network.zones);
    let own = counts(tier, zones);
    let rows = [
        ("vpc.subnets-per-vpc", spec.quotas.subnets, 2 * zones, own.subnets),
        // The main route table, one for the public subnets, one for the private ones of each zone.
        ("vpc.route-tables-per-vpc", spec.quotas.route_tables, 2 + zones, own.route_tables),
        // The default network ACL.
        ("vpc.network-acls-per-vpc", spec.quotas.network_acls, 1, own.network_acls),
    ];
    let fits = |(quota, limit, shared, each): (&'static str, u32, u32, u32)| Capacity {
        tenants: (limit.saturating_sub(shared) / each) as usize,
        quota,
    };
    rows.map(fits).into_iter().min_by_key(|c| c.tenants).expect("there are rows")
}

/// What one tenant adds to the VPC of its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Subnets.
    pub subnets: u32,
    /// Route tables.
    pub route_tables: u32,
    /// Network ACLs.
    pub network_acls: u32,
}

/// What one tenant of a tier adds to the VPC of its cell.
pub fn counts(tier: &Tier, zones: u32) -> Counts {
    let route_tables = if tier.nat == Nat::PerZone { zones } else { 1 };
    Counts { subnets: zones, route_tables, network_acls: 1 }
}
