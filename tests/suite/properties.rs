//! Long random histories of the allocator and the lock: tenants come, go, come back and are
//! sorted differently, zones are added, pools grow, branches are merged. After every step nothing
//! overlaps, nobody has moved, and what was freed is in quarantine.

use ipnet::Ipv4Net;
use proptest::prelude::*;
use tenantry::diag::Sink;
use tenantry::plan::lock::{SpaceEntry, TenantEntry};
use tenantry::plan::{Block, Lock, layout, lock, plan};
use tenantry::source::{Source, Sources};
use tenantry::spec::Spec;
use tenantry::{blueprint, spec};

/// One change of the blueprint.
#[derive(Clone, Debug)]
enum Op {
    Add { tier: usize, region: usize },
    Remove(usize),
    Return(usize),
    Reorder,
    Zones(u8),
    Grow,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..3usize, 0..2usize).prop_map(|(tier, region)| Op::Add { tier, region }),
        3 => any::<usize>().prop_map(Op::Remove),
        2 => any::<usize>().prop_map(Op::Return),
        1 => Just(Op::Reorder),
        1 => (2..=3u8).prop_map(Op::Zones),
        1 => Just(Op::Grow),
    ]
}

/// What the blueprint says, as the history goes on.
#[derive(Clone, Debug)]
struct Estate {
    tenants: Vec<(String, usize, usize)>,
    gone: Vec<(String, usize, usize)>,
    zones: u8,
    pools: usize,
    next: usize,
    reversed: bool,
}

const TIERS: [&str; 3] = ["large", "small", "cell"];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

impl Estate {
    fn new() -> Self {
        Estate {
            tenants: Vec::new(),
            gone: Vec::new(),
            zones: 2,
            pools: 1,
            next: 0,
            reversed: false,
        }
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::Add { tier, region } => {
                // Ids that do not come in the order of their adding.
                let id = format!("t{:02x}-{}", self.next.wrapping_mul(167) % 256, self.next);
                self.next += 1;
                self.tenants.push((id, *tier, *region));
            }
            Op::Remove(n) if !self.tenants.is_empty() => {
                let at = n % self.tenants.len();
                self.gone.push(self.tenants.remove(at));
            }
            Op::Return(n) if !self.gone.is_empty() => {
                let at = n % self.gone.len();
                self.tenants.push(self.gone.remove(at));
            }
            Op::Reorder => self.reversed = !self.reversed,
            // A zone that is there stays: what is deployed in it cannot go.
            Op::Zones(n) => self.zones = self.zones.max(*n),
            Op::Grow => self.pools = (self.pools + 1).min(4),
            Op::Remove(_) | Op::Return(_) => {}
        }
    }

    fn text(&self) -> String {
        let pools: Vec<String> =
            (0..self.pools).map(|i| format!("{{cidr: 10.{}.0.0/16}}", i * 3)).collect();
        let line = |(id, tier, region): &(String, usize, usize)| {
            format!("  - {{id: {id}, tier: {}, region: {}}}\n", TIERS[*tier], REGIONS[*region])
        };
        let mut tenants: Vec<String> = self.tenants.iter().map(line).collect();
        if self.reversed {
            tenants.reverse();
        }
        let list = if tenants.is_empty() {
            "tenants: []\n".to_owned()
        } else {
            format!("tenants:\n{}", tenants.concat())
        };
        format!(
            "version: 1\nname: a\nenvironment: b\nregions: [{}]\naccounts: {{workload: '333333333333'}}\n\
             network:\n  pools: [{}]\n  reserved: [10.0.8.0/21]\n  zones: {}\n  hub: {{connect: peering, prefix: 24}}\n\
             tiers:\n  large: {{isolation: vpc, network: {{prefix: 21}}}}\n  small: {{isolation: vpc, network: {{prefix: 24}}}}\n\
             \x20 cell: {{isolation: subnet, network: {{prefix: 26, cell_prefix: 21}}}}\n{list}",
            REGIONS.join(", "),
            pools.join(", "),
            self.zones,
        )
    }

    fn spec(&self) -> Spec {
        let (mut sources, mut sink) = (Sources::default(), Sink::default());
        let load = &mut |_: &str| Err("no files".to_owned());
        let written =
            blueprint::read("a.yaml", self.text().as_bytes(), load, &mut sources, &mut sink);
        spec::spec(&written.expect("it is well-formed"), &mut sink)
            .unwrap_or_else(|| panic!("it makes sense: {:?}", sink.as_slice()))
    }
}

/// The lock after a step; `None` if something does not fit, which decides nothing.
fn step(estate: &Estate, before: &Lock) -> Option<Lock> {
    decide(&estate.spec(), before)
}

fn decide(spec: &Spec, before: &Lock) -> Option<Lock> {
    plan(spec, before, &mut Sink::default()).map(|(_, lock)| lock)
}

fn read(text: &str) -> Result<Lock, Vec<String>> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let file = sources.add(Source::new("lock", text));
    lock::read(&sources, file, &mut sink).ok_or_else(|| {
        sink.as_slice().iter().map(|d| format!("{}: {}", d.rule.id, d.message)).collect()
    })
}

fn disjoint(blocks: &[Ipv4Net]) -> bool {
    blocks
        .iter()
        .enumerate()
        .all(|(i, a)| blocks[..i].iter().all(|b| !a.contains(b) && !b.contains(a)))
}

/// The addresses of a tenant that has its own.
fn space(tenant: &TenantEntry) -> SpaceEntry {
    tenant.space.expect("tenants of these tiers have addresses")
}

/// Everything that must hold of a lock by itself.
fn assert_sound(lock: &Lock, estate: &Estate) {
    let mut top: Vec<Ipv4Net> = lock.hubs.values().map(|h| h.block).collect();
    top.extend(lock.cells.values().map(|c| c.block));
    top.extend(lock.tenants.values().filter(|t| t.cell.is_none()).map(|t| space(t).block));
    top.extend(lock.quarantine.iter().filter(|(_, q)| q.cell.is_none()).map(|(b, _)| *b));
    assert!(disjoint(&top), "{top:?}");
    let reserved: Ipv4Net = "10.0.8.0/21".parse().expect("a block");
    for block in &top {
        assert_eq!(*block, block.trunc(), "aligned");
        let pool = |i: usize| format!("10.{}.0.0/16", i * 3).parse::<Ipv4Net>().expect("a block");
        assert!((0..estate.pools).any(|i| pool(i).contains(block)), "{block} lies in a pool");
        assert!(!reserved.contains(block) && !block.contains(&reserved), "{block} is not reserved");
    }
    for (id, cell) in &lock.cells {
        let mut inside = vec![layout::shared(Block { cidr: cell.block, slots: cell.slots }).cidr];
        inside.extend(
            lock.tenants.values().filter(|t| t.cell.as_ref() == Some(id)).map(|t| space(t).block),
        );
        inside.extend(
            lock.quarantine.iter().filter(|(_, q)| q.cell.as_ref() == Some(id)).map(|(b, _)| *b),
        );
        assert!(disjoint(&inside), "{id}: {inside:?}");
        assert!(inside.iter().all(|b| cell.block.contains(b)), "{id}");
    }
    for tenant in lock.tenants.values() {
        let block = Block { cidr: space(tenant).block, slots: space(tenant).slots };
        let subnets: Vec<Ipv4Net> = (0..block.slots)
            .flat_map(|n| {
                if tenant.cell.is_some() {
                    vec![layout::slot(block, n)]
                } else {
                    let l = layout::layers(block, n);
                    vec![l.private, l.public, l.data]
                }
            })
            .collect();
        assert!(
            disjoint(&subnets)
                && subnets.iter().all(|s| block.cidr.contains(s) && s.prefix_len() <= 28)
        );
    }
}

/// Everything that must hold between a lock and the next.
fn assert_sticky(before: &Lock, after: &Lock) {
    for (id, was) in &before.tenants {
        match after.tenants.get(id) {
            Some(is) => assert_eq!(
                (is.space, &is.cell, is.ordinal),
                (was.space, &was.cell, was.ordinal),
                "{id} moved"
            ),
            None => assert_eq!(
                after.quarantine[&space(was).block].tenant,
                *id,
                "the block of {id} is kept for it"
            ),
        }
    }
    for (block, was) in &before.quarantine {
        let back = after.tenants.get(&was.tenant).is_some_and(|t| space(t).block == *block);
        assert!(back || after.quarantine.contains_key(block), "{block} was given away");
    }
    assert!(
        before.hubs.iter().all(|(region, hub)| after.hubs.get(region) == Some(hub)),
        "a hub moved"
    );
    assert!(
        before.cells.iter().all(|(id, cell)| after.cells.get(id) == Some(cell)),
        "a cell moved"
    );
    for (region, zones) in &before.zones {
        assert!(after.zones[region].starts_with(zones), "a zone changed its slot");
    }
}

proptest! {
    #![proptest_config(crate::support::cases(32))]

    #[test]
    fn nothing_overlaps_and_nobody_moves(history in prop::collection::vec(op(), 1..40)) {
        let (mut estate, mut lock) = (Estate::new(), Lock::default());
        for op in &history {
            let mut next = estate.clone();
            next.apply(op);
            let spec = next.spec();
            let Some(after) = decide(&spec, &lock) else { continue };
            assert_sound(&after, &next);
            assert_sticky(&lock, &after);
            prop_assert_eq!(read(&after.render()), Ok(after.clone()), "the lock reads back");
            // The same history with the file in another order gives the same bytes.
            let mirrored = Estate { reversed: !next.reversed, ..next.clone() };
            prop_assert_eq!(step(&mirrored, &lock).map(|l| l.render()), Some(after.render()));
            // And a second run decides nothing.
            prop_assert_eq!(decide(&spec, &after), Some(after.clone()));
            (estate, lock) = (next, after);
        }
    }

    /// Two branches add tenants and are merged line by line, as git does. Either the merge is
    /// sound, or every clash is named; then one side's clashing lines go, and nobody else moves.
    #[test]
    fn a_merge_is_sound_or_its_clashes_are_named(
        base in prop::collection::vec(op(), 1..12),
        ours in prop::collection::vec((0..3usize, 0..2usize), 1..5),
        theirs in prop::collection::vec((0..3usize, 0..2usize), 1..5),
    ) {
        let (mut estate, mut lock) = (Estate::new(), Lock::default());
        for op in &base {
            let mut next = estate.clone();
            next.apply(op);
            if let Some(after) = step(&next, &lock) {
                (estate, lock) = (next, after);
            }
        }
        let branch = |name: &str, added: &[(usize, usize)]| {
            let mut branch = estate.clone();
            branch.tenants.extend(added.iter().enumerate().map(|(i, (t, r))| (format!("{name}{i}"), *t, *r)));
            branch
        };
        let (a, b) = (branch("a", &ours), branch("b", &theirs));
        let (Some(lock_a), Some(lock_b)) = (step(&a, &lock), step(&b, &lock)) else { return Ok(()) };
        let mut merged = estate.clone();
        merged.tenants.extend(a.tenants[estate.tenants.len()..].iter().cloned());
        merged.tenants.extend(b.tenants[estate.tenants.len()..].iter().cloned());
        match read(&merge(&lock_a.render(), &lock_b.render())) {
            Ok(both) => {
                if let Some(after) = step(&merged, &both) {
                    assert_sound(&after, &merged);
                    assert_sticky(&both, &after);
                }
            }
            Err(named) => {
                // A cell that both sides opened stands twice; a block that both gave has two owners.
                let known = |m: &String| m.starts_with("lock/two-owners") || m.starts_with("lock/entry");
                prop_assert!(named.iter().all(known), "{:?}", named);
                // What the message asks for: keep the lines of one side, and decide the rest anew.
                if let Some(after) = step(&merged, &lock_a) {
                    assert_sound(&after, &merged);
                    assert_sticky(&lock_a, &after);
                }
            }
        }
    }
}

/// The lines of both sides, as git merges two files in which each added lines.
fn merge(ours: &str, theirs: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut theirs = theirs.lines().peekable();
    for line in ours.lines() {
        if line.starts_with("\"~\"") {
            // The end of a section: whatever the other side has more of it.
            while let Some(other) = theirs.next_if(|other| !other.starts_with("\"~\"")) {
                if !out.contains(&other) {
                    out.push(other);
                }
            }
            theirs.next();
        }
        out.push(line);
    }
    out.join("\n") + "\n"
}
