//! Fewer blocks in place of many, held against sets of addresses that are counted one by one: exactly the
//! same addresses, in the fewest blocks that can hold them, and every wider block with an address of
//! somebody else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use proptest::prelude::*;
use tenantry::check::consolidate::proposals;
use tenantry::plan::aggregate::{self, Owners};
use tenantry::synth::Made;

use crate::support::{options, root, synth_text};

/// A small space: its first address, and how many bits vary.
const START: u32 = 0x0a00_0000;
const BITS: u8 = 8;

/// The addresses of blocks, one by one.
fn addresses(blocks: &[Ipv4Net]) -> BTreeSet<u32> {
    let all = blocks.iter().flat_map(|net| u32::from(net.network())..=u32::from(net.broadcast()));
    all.collect()
}

/// The fewest blocks that hold all that must be held and nothing that may not be: of an aligned range,
/// one if nothing forbids it, or else those of its halves. Blocks lie in each other or apart, so no
/// other choice is left.
fn fewest(must: &BTreeSet<u32>, may: &BTreeSet<u32>, start: u32, bits: u8) -> usize {
    let range = || start..=start + u32::MAX.checked_shr(32 - u32::from(bits)).unwrap_or(0);
    if must.range(range()).next().is_none() {
        return 0;
    }
    // A range that is not all there ends at its first hole.
    if range().all(|it| must.contains(&it) || may.contains(&it)) {
        return 1;
    }
    let half = 1 << (bits - 1);
    fewest(must, may, start, bits - 1) + fewest(must, may, start + half, bits - 1)
}

fn net() -> impl Strategy<Value = Ipv4Net> {
    // In a small space, so that blocks touch and hold each other.
    (0_u32..1 << BITS, 32 - BITS..=32).prop_map(|(low, prefix)| {
        Ipv4Net::new(Ipv4Addr::from(START + low), prefix).expect("a prefix").trunc()
    })
}

proptest! {
    #![proptest_config(crate::support::cases(400))]

    /// What is merged holds exactly the same addresses, and no fewer blocks could.
    #[test]
    fn what_is_merged_is_the_same_and_the_fewest(
        blocks in proptest::collection::vec(net(), 1..14)
    ) {
        let (merged, must) = (aggregate::merged(&blocks), addresses(&blocks));
        prop_assert_eq!(addresses(&merged), must.clone());
        let fewest = fewest(&must, &BTreeSet::new(), START, BITS);
        prop_assert_eq!(merged.len(), fewest);
    }

    /// Every block that could replace two or more, and is as narrow as one that replaces these can be,
    /// is told, with exactly the addresses that it would let in.
    #[test]
    fn every_wider_block_is_told(blocks in proptest::collection::vec(net(), 1..10)) {
        let merged = aggregate::merged(&blocks);
        let must = addresses(&blocks);
        // All aligned blocks of the space, by the blocks that they hold whole.
        let mut expected: BTreeMap<Vec<Ipv4Net>, Ipv4Net> = BTreeMap::new();
        for prefix in 32 - BITS..=32 {
            for n in 0..1_u32 << (prefix - (32 - BITS)) {
                let start = START + n * (1 << (32 - prefix));
                let block = Ipv4Net::new(Ipv4Addr::from(start), prefix).expect("a prefix");
                let inside: Vec<Ipv4Net> =
                    merged.iter().copied().filter(|it| block.contains(it)).collect();
                if inside.len() > 1 {
                    // A narrower one comes later and takes the place of a wider.
                    expected.insert(inside, block);
                }
            }
        }
        let told = aggregate::wider(&blocks);
        let found: BTreeSet<(Ipv4Net, usize)> =
            told.iter().map(|it| (it.block, it.replaces)).collect();
        let expected = expected.into_iter().map(|(inside, block)| (block, inside.len())).collect();
        prop_assert_eq!(found, expected);
        for one in told {
            let strangers: BTreeSet<u32> =
                addresses(&[one.block]).difference(&must).copied().collect();
            let gaps: BTreeSet<u32> =
                one.gaps.iter().flat_map(|(first, last)| *first..=*last).collect();
            prop_assert_eq!(gaps, strangers);
        }
    }
}

/// At the ends of the address space, too.
#[test]
fn the_last_address_is_one_of_them() {
    let net = |text: &str| text.parse::<Ipv4Net>().expect("a block");
    let most = [net("0.0.0.0/1"), net("128.0.0.0/2"), net("192.0.0.0/3")];
    let told = aggregate::wider(&most);
    let found: Vec<_> = told.iter().map(|one| (one.block, one.replaces)).collect();
    assert_eq!(found, [(net("128.0.0.0/1"), 2), (net("0.0.0.0/0"), 3)]);
    assert!(told.iter().all(|one| one.gaps == [(0xe000_0000, u32::MAX)]), "{told:?}");
    let last = aggregate::wider(&[net("255.255.255.255/32"), net("0.0.0.0/32")]);
    assert_eq!(last[0].gaps, [(1, u32::MAX - 1)]);
    assert_eq!(aggregate::merged(&[net("0.0.0.0/1"), net("128.0.0.0/1")]), [net("0.0.0.0/0")]);
}

fn synth(text: &str, lock: Option<&str>) -> Made {
    let outcome = synth_text("b.yaml", text.as_bytes(), lock, &root(), options());
    assert!(outcome.made.is_some(), "{:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

/// An estate of some tenants in one cell, one of which is gone, and premises of many blocks.
fn made() -> Made {
    let mut text = "version: 1\nname: acme\nenvironment: test\nregions: [eu-west-1]\n\
         accounts: { workload: '333333333333' }\n\
         network: { pools: [{ cidr: 10.0.0.0/16 }], zones: 2, zone_slots: 4, egress: { nat: none }, \
         hub: { connect: transit-gateway }, on_premises: { cidrs: [10.128.0.0/24, 10.128.1.0/24, \
         10.128.3.0/24, 172.16.0.0/16], vpn: { gateway_ip: 198.51.100.7, asn: 65010 } } }\n\
         tiers: { team: { isolation: subnet, network: { prefix: 26, cell_prefix: 20 } } }\ntenants:\n"
        .to_owned();
    for n in 0..6 {
        let _ = writeln!(text, "  - {{ id: t{n}, tier: team }}");
    }
    let before = synth(&text, None);
    synth(&text.replace("  - { id: t3, tier: team }\n", ""), Some(&before.lock))
}

/// What is proposed for each list of rules holds exactly the same addresses, and each wider block is
/// refused with an address that is in it and that no rule holds: of another tenant, if one is in it.
#[test]
fn what_is_proposed_admits_nobody_else() {
    let made = made();
    let blocks: Vec<Ipv4Net> = made.plan.tenants.values().map(|it| it.own_block().cidr).collect();
    let (mut saved, mut by_tenant, mut by_nobody) = (0, 0, 0);
    for (one, place) in &proposals(&made.spec, &made.estate, &made.render(), &made.plan) {
        let holds = |address: &Ipv4Addr| one.blocks.iter().any(|it| it.contains(address));
        assert!(place.stacks > 0 && one.own == one.merged, "{one:?}");
        assert_eq!(one.saved(), one.blocks.len() - aggregate::merged(&one.blocks).len());
        saved += one.saved();
        for (block, replaces, address) in &one.refused {
            assert!(block.contains(address) && !holds(address), "{one:?}");
            assert_eq!(one.merged.iter().filter(|it| block.contains(*it)).count(), *replaces);
            if blocks.iter().any(|net| net.contains(address)) {
                by_tenant += 1;
            } else {
                by_nobody += 1;
                // No address of a tenant would be let in, but for those whose rules these are.
                let strange = |net: &&Ipv4Net| block.contains(*net) && !holds(&net.network());
                assert!(blocks.iter().filter(strange).count() <= 1, "{block}: {one:?}");
            }
        }
    }
    assert!(saved > 0 && by_tenant > 0 && by_nobody > 0, "{saved} {by_tenant} {by_nobody}");
}

/// A block that lets in only addresses of the tenant whose rules they are is proposed, and nowhere else.
#[test]
fn a_tenant_may_have_all_that_is_its_own() {
    let mut made = made();
    let before = proposals(&made.spec, &made.estate, &made.render(), &made.plan);
    let of = |it: &&tenantry::check::consolidate::Proposal| {
        it.shape == "tenant-team" && it.what == "rules inward" && it.blocks.len() > 2
    };
    let shared = before.keys().find(of).expect("rules of a tenant").blocks.clone();
    let own = made.plan.tenants["t2"].own_block().cidr;
    let parts: Vec<Ipv4Net> = own.subnets(29).expect("longer").collect();
    let stack = made.estate.stacks.iter_mut().find(|it| it.tenant.as_deref() == Some("t2"));
    for value in &mut stack.expect("it is there").values {
        let at = shared.iter().position(|net| net.to_string() == **value);
        if let Some(at) = at {
            *value = parts[at * 2].to_string();
        }
    }
    let after = proposals(&made.spec, &made.estate, &made.render(), &made.plan);
    let found: Vec<_> = after.keys().filter(|it| it.own.len() < it.merged.len()).collect();
    assert!(!found.is_empty(), "{after:?}");
    for one in found {
        let added: Vec<&Ipv4Net> = one.own.iter().filter(|it| !one.merged.contains(it)).collect();
        assert!(!added.is_empty() && added.iter().all(|it| own.contains(*it)), "{one:?}");
        assert!(
            one.merged.iter().all(|it| one.own.iter().any(|wide| wide.contains(it))),
            "{one:?}"
        );
        let (must, may) = (addresses(&one.merged), addresses(&[own]));
        assert_eq!(one.own.len(), fewest(&must, &may, 0, 32), "no fewer could, {one:?}");
    }
}

/// Pools that serve one region each are not proposed as one, which would serve both; two that serve the same are.
#[test]
fn pools_of_two_regions_stay_two() {
    let of = |other: &str| {
        let text = format!(
            "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1, us-east-1]\n\
             accounts: {{ workload: '333333333333' }}\n\
             network: {{ pools: [{{ cidr: 10.0.0.0/17, region: eu-west-1 }}, {{ cidr: 10.0.128.0/17, region: {other} }}, \
             {{ cidr: 10.8.0.0/16 }}], zones: 2, hub: {{ connect: peering }} }}\n\
             tiers: {{ v: {{ isolation: vpc, network: {{ prefix: 22 }} }} }}\n\
             tenants: [{{ id: a, tier: v }}, {{ id: b, tier: v, region: us-east-1 }}]\n"
        );
        let made = synth(&text, None);
        let all = proposals(&made.spec, &made.estate, &made.render(), &made.plan);
        let both: Ipv4Net = "10.0.0.0/16".parse().expect("a block");
        all.keys().filter(|one| one.own.contains(&both)).count()
    };
    assert_eq!(of("us-east-1"), 0);
    assert!(of("eu-west-1") > 0);
}

/// The place of a tenant that is gone is nobody's, and forbids a block as a tenant's does.
#[test]
fn who_forbids_a_block() {
    let made = made();
    let owners = Owners::new(&made.plan);
    let of = |id: &str| made.plan.tenants[id].own_block().cidr;
    let (a, b) = (of("t2"), of("t4"));
    let wider = aggregate::wider(&[a, b]).remove(0);
    // Between the two lies the place of t3, which is gone; around them, others.
    let address = owners.forbids(&wider, Some("t2")).expect("somebody");
    let gone = made.decisions.quarantine.keys().next().expect("it is kept");
    assert!(
        gone.contains(&address)
            || made.plan.tenants.values().any(|it| { it.own_block().cidr.contains(&address) }),
        "{address}"
    );
    let whose = aggregate::whose(address, &made.spec, &made.plan, &made.decisions);
    assert!(whose.contains("tenant"), "{whose}");
    // Two halves of a tenant's own block with a hole between them: its own rules may have all of it.
    let parts: Vec<Ipv4Net> = a.subnets(28).expect("longer").collect();
    let own = aggregate::wider(&[parts[0], parts[3]]).remove(0);
    assert_eq!(own.block, a);
    assert_eq!(owners.forbids(&own, Some("t2")), None);
    assert_eq!(owners.forbids(&own, Some("t4")), Some(parts[1].network()));
    assert_eq!(owners.forbids(&own, None), Some(parts[1].network()));
}
