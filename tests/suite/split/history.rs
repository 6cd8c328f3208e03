//! Everything that a blueprint asks for comes and goes, at random.

use proptest::prelude::*;

use super::asked::{Asked, TENANTS, Watched};
use super::{Places, make, step};
use crate::support::cases;

#[derive(Clone, Debug)]
enum Op {
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

fn op() -> impl Strategy<Value = Op> {
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
            Op::Tier => match asked.away.is_superset(&["a", "b"].into()) {
                true => asked.away.retain(|tenant| !["a", "b"].contains(tenant)),
                false => asked.away.extend(["a", "b"]),
            },
            // The tier's own come to those of the tenant.
            Op::Endpoints(n) if n % 3 == 0 => asked.endpoints.0 = asked.endpoints.0.max(*n / 3),
            Op::Endpoints(n) => asked.endpoints.1 = asked.endpoints.1.max(*n),
        }
    }
}

proptest! {
    #![proptest_config(cases(4))]

    /// Services, tables, small services, endpoints and tenants come, go and come back, one by one and many
    /// at once, by themselves and with what watches them, from the first day on or later: each resource is
    /// in one stack, which it never leaves, also if its tenant leaves and comes back, no stack passes what
    /// goes up directly, and all are deployed one after the other.
    #[test]
    fn nothing_that_is_there_moves(
        start in 1..9_usize,
        watched in Watched::any(),
        shared in any::<bool>(),
        alarms in any::<bool>(),
        ops in prop::collection::vec(op(), 6),
    ) {
        let mut asked = Asked { watched, shared, alarms, ..Asked::default() };
        asked.services.extend((0..start).map(|n| (n * 7, 0)));
        asked.tables.extend(0..8 * start);
        let (mut before, mut lock, _) = step(&asked.text(), (&Places::new(), None));
        let (mut gone, mut next) = (Vec::new(), 100);
        for op in ops {
            op.apply(&mut asked, &mut gone, &mut next);
            let (now, after, _) = step(&asked.text(), (&before, Some(&lock)));
            (before, lock) = (now, after);
        }
        // The same again decides nothing new.
        let (_, _, again) = make(&asked, Some(&lock));
        prop_assert_eq!(&again, &lock);
    }
}
