//! Many tiers are asked at once how they grow, in estates that they share: each is told what it is told
//! alone, wherever its newcomers come to.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tenantry::check::quota::Counter;
use tenantry::forecast::probe::{Asked, Grown, Probe};

use crate::estates;
use crate::forecast::{Base, whole};
use crate::small::small;
use crate::support::{blueprints, cases};

/// Every tier in every region and every workload account; how many grow.
fn hold(base: &Base, counter: &mut Counter) -> usize {
    let (spec, lock) = base.read(&[]);
    let (lock, _) = whole(&spec, &lock, counter).expect("it fits");
    let accounts: BTreeSet<String> = spec.workload_accounts.iter().cloned().collect();
    let asked: Vec<Asked<'_>> = spec
        .tiers
        .keys()
        .flat_map(|tier| spec.regions.iter().map(|region| (tier.as_str(), region.as_str())))
        .map(|(tier, region)| (tier, region, accounts.clone()))
        .collect();
    let together = Probe::new(&spec, &lock, counter).grown(&asked);
    let mut alone = Probe::new(&spec, &lock, counter);
    let mut grow = 0;
    for ((tier, region, _), together) in asked.iter().zip(together) {
        let one = |id: &String| {
            let like = alone.like(id);
            Some((id.clone(), alone.added(tier, region, &like)?))
        };
        let alone: Grown = accounts.iter().filter_map(one).collect();
        grow += alone.len();
        assert_eq!(together, alone, "{} {tier} {region}", base.name);
    }
    grow
}

/// With what blueprints have, and with many tiers in many regions.
#[test]
fn each_is_told_what_it_is_told_alone() {
    let mut counter = Counter::default();
    // The whole of `full.yaml` is in the blueprints of its components.
    for name in blueprints().into_iter().filter(|name| name != "full.yaml") {
        assert!(hold(&Base::golden(&name, &[]), &mut counter) > 0, "{name}");
    }
    assert_eq!(hold(&Base::of(estates::wide(5)), &mut counter), 30);
}

proptest! {
    #![proptest_config(cases(4))]

    /// Whatever the estate and the holes in its lock.
    #[test]
    fn with_estates_at_random(small in small()) {
        let Some(base) = small.base() else { return Err(TestCaseError::reject("over already")) };
        hold(&base, &mut Counter::default());
    }
}
