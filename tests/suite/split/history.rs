//! Everything that a blueprint asks for comes and goes, at random.

use proptest::prelude::*;

use super::asked::{Asked, TENANTS, Watched};

/// What happens to a blueprint.
#[derive(Clone, Debug)]
pub enum Op {
    /// So many services more, at once.
    Services(usize),
    Secret(usize),
    /// So many tables more, at once.
    Tables(usize),
    /// So many small services, of which a tier has at most twenty.
    Small(usize),
    /// So many pools of addresses more.
    Pools(usize),
    Remove(usize),
    Return,
    Watch(Watched),
    Larger,
    /// A tenant is gone, or back.
    Tenant(usize),
    /// All tenants of the pro tier are gone, or back.
    Tier,
    /// Endpoints of a tenant that overrides them.
    Endpoints(usize),
}

pub fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::Services(1)),
        2 => (5..30_usize).prop_map(Op::Services),
        2 => any::<usize>().prop_map(Op::Secret),
        3 => (1..90_usize).prop_map(Op::Tables),
        2 => (1..=20_usize).prop_map(Op::Small),
        1 => (1..80_usize).prop_map(Op::Pools),
        3 => any::<usize>().prop_map(Op::Remove),
        2 => Just(Op::Return),
        2 => Watched::any().prop_map(Op::Watch),
        1 => Just(Op::Larger),
        3 => any::<usize>().prop_map(Op::Tenant),
        2 => Just(Op::Tier),
        2 => (1..48_usize).prop_map(Op::Endpoints),
    ]
}

impl Op {
    /// Changes what is asked for.
    pub fn apply(&self, asked: &mut Asked, gone: &mut Vec<usize>, next: &mut usize) {
        let first = *next + 1;
        *next += 100;
        match self {
            Op::Services(n) => asked.services.extend((first..first + n).map(|id| (id, 0))),
            // The role of a pool names each of its tables, and cannot be cut.
            Op::Tables(n) if !asked.shared => asked.tables.extend(first..first + n),
            Op::Tables(_) => {}
            Op::Small(n) => asked.small.extend(1..=*n),
            Op::Pools(n) => asked.pools = (asked.pools + n).min(170),
            Op::Larger => asked.larger ^= true,
            Op::Secret(which) => {
                let n = asked.services.len().max(1);
                if let Some(secrets) = asked.services.values_mut().nth(which % n) {
                    *secrets += 1;
                }
            }
            Op::Remove(which) => {
                let n = asked.services.len().max(1);
                if let Some(service) = asked.services.keys().nth(which % n).copied() {
                    asked.services.remove(&service);
                    gone.push(service);
                }
            }
            Op::Return => {
                if let Some(service) = gone.pop() {
                    asked.services.insert(service, 0);
                }
            }
            Op::Watch(what) => asked.watched = *what,
            Op::Tenant(which) => {
                let tenant = TENANTS[which % TENANTS.len()];
                if !asked.away.remove(tenant) {
                    asked.away.insert(tenant);
                }
            }
            Op::Tier if asked.away.is_superset(&["a", "b"].into()) => {
                asked.away.retain(|tenant| !["a", "b"].contains(tenant));
            }
            Op::Tier => asked.away.extend(["a", "b"]),
            // The tier's own come to those of the tenant.
            Op::Endpoints(n) if n % 3 == 0 => asked.endpoints.0 = asked.endpoints.0.max(*n / 3),
            Op::Endpoints(n) => asked.endpoints.1 = asked.endpoints.1.max(*n),
        }
    }
}
