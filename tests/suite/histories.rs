//! Long random histories of estates with all five models: tenants come, go, come back, move to
//! another region and grow; services, zones and ceilings change; AWS makes accounts, places are
//! released, branches are merged. What a cell may hold is counted here anew, not by the allocator.

mod merge; // what git makes of two branches

use std::collections::BTreeSet;
use std::fmt::Write as _;

use merge::merge;
use proptest::prelude::*;
use tenantry::aws::PENDING;
use tenantry::diag::Sink;
use tenantry::plan::lock::{Quarantined, SpaceEntry, TenantEntry, tenant_of};
use tenantry::plan::{Lock, lock, plan};
use tenantry::source::{Source, Sources};
use tenantry::spec::Spec;
use tenantry::{blueprint, spec};

/// One change of the blueprint, or of what is known of AWS.
#[derive(Clone, Debug)]
enum Op {
    Add(Tenant),
    Remove(usize),
    Return(usize),
    Move(usize),
    Grow(usize, u64),
    Reorder,
    Zones,
    Ceiling(u64),
    Service(usize),
    Import(usize),
    Release(usize),
}

const TIERS: [&str; 5] = ["gold", "large", "team", "pro", "basic"];
const GOLD: usize = 0;
const TEAM: usize = 2;
const PRO: usize = 3;
const BASIC: usize = 4;
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const NEEDS: [&str; 3] = ["", "gpu", "gpu hipaa"];
const SERVICES: [&str; 3] = ["web", "api", "job"];
/// What the quotas of the blueprint allow.
const RULES: u64 = 4;
const TARGETS: u64 = 40;
const SUBNETS: u64 = 16;
/// What a tenant of tier `pro` runs of each service, if it overrides nothing.
const MOST: u64 = 4;

#[derive(Clone, Debug)]
struct Tenant {
    id: String,
    tier: usize,
    region: usize,
    needs: usize,
    dedicated: bool,
    most: Option<u64>,
}

fn tenant() -> impl Strategy<Value = Tenant> {
    // Most meet in the same cells, or nothing of them would ever be scarce.
    let tier = prop_oneof![1 => Just(GOLD), 1 => Just(1), 2 => Just(TEAM), 6 => Just(PRO), 2 => Just(BASIC)];
    let rarely = |most: usize| prop_oneof![5 => Just(0), 1 => 0..most];
    let parts = (tier, rarely(2), rarely(3), 0..9u8, prop::option::weighted(0.3, 2..9u64));
    parts.prop_map(|(tier, region, needs, dedicated, most)| Tenant {
        id: String::new(),
        tier,
        region,
        needs: if tier >= PRO { needs } else { 0 },
        dedicated: tier >= TEAM && dedicated == 0,
        most: most.filter(|_| tier == PRO),
    })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        10 => tenant().prop_map(Op::Add),
        4 => any::<usize>().prop_map(Op::Remove),
        3 => any::<usize>().prop_map(Op::Return),
        1 => any::<usize>().prop_map(Op::Move),
        1 => (any::<usize>(), 2..9u64).prop_map(|(n, most)| Op::Grow(n, most)),
        1 => Just(Op::Reorder),
        1 => Just(Op::Zones),
        1 => (1..5u64).prop_map(Op::Ceiling),
        1 => (0..3usize).prop_map(Op::Service),
        2 => any::<usize>().prop_map(Op::Import),
        1 => any::<usize>().prop_map(Op::Release),
    ]
}

/// What the blueprint says, as the history goes on.
#[derive(Clone, Debug)]
struct Estate {
    tenants: Vec<Tenant>,
    gone: Vec<Tenant>,
    zones: u64,
    ceiling: u64,
    /// Which services tier `pro` has.
    services: BTreeSet<usize>,
    next: usize,
    accounts: u64,
    reversed: bool,
}

impl Estate {
    fn new() -> Self {
        Estate {
            tenants: Vec::new(),
            gone: Vec::new(),
            zones: 2,
            ceiling: 3,
            services: BTreeSet::from([0]),
            next: 0,
            accounts: 555_555_555_000,
            reversed: false,
        }
    }

    /// What a change makes of the estate and of its lock.
    fn apply(&mut self, op: &Op, lock: &mut Lock) {
        let count = self.tenants.len();
        match op {
            Op::Add(tenant) => {
                // Ids that do not come in the order of their adding.
                let id = format!("t{:02x}-{}", self.next.wrapping_mul(167) % 256, self.next);
                self.next += 1;
                self.tenants.push(Tenant { id, ..tenant.clone() });
            }
            Op::Remove(n) if count > 0 => self.gone.push(self.tenants.remove(n % count)),
            Op::Return(n) if !self.gone.is_empty() => {
                let at = n % self.gone.len();
                self.tenants.push(self.gone.remove(at));
            }
            Op::Move(n) if count > 0 => self.tenants[n % count].region ^= 1,
            Op::Grow(n, most) if count > 0 && self.tenants[n % count].tier == PRO => {
                self.tenants[n % count].most = Some(*most);
            }
            Op::Reorder => self.reversed = !self.reversed,
            Op::Zones => self.zones = 3,
            Op::Ceiling(most) => self.ceiling = *most,
            Op::Service(n) => self.toggle(*n),
            Op::Import(n) => {
                let own = lock.tenants.values_mut().filter(|t| t.email.is_some());
                let mut pending: Vec<_> = own.filter(|t| t.account == PENDING).collect();
                let count = pending.len();
                if count > 0 {
                    self.accounts += 1;
                    pending[n % count].account = self.accounts.to_string();
                }
            }
            Op::Release(n) if !self.gone.is_empty() => {
                let id = self.gone[n % self.gone.len()].id.clone();
                lock.release(|_, tenant| tenant == id);
            }
            _ => {}
        }
    }

    /// A service comes or goes, but for the last one.
    fn toggle(&mut self, service: usize) {
        if !self.services.remove(&service) || self.services.is_empty() {
            self.services.insert(service);
        }
    }

    fn text(&self) -> String {
        let line = |t: &Tenant| {
            let mut line = format!(
                "  - {{id: {}, tier: {}, region: {}",
                t.id, TIERS[t.tier], REGIONS[t.region]
            );
            if t.tier == GOLD {
                let _ = write!(line, ", email: a+{}@a.example", t.id);
            }
            if t.needs > 0 {
                let _ = write!(line, ", needs: {}", NEEDS[t.needs]);
            }
            if t.dedicated {
                line.push_str(", dedicated: true");
            }
            if let Some(most) = t.most {
                let _ = write!(line, ", override: {{service: {{scale: {{max: {most}}}}}}}");
            }
            line + "}\n"
        };
        let mut tenants: Vec<String> = self.tenants.iter().map(line).collect();
        if self.reversed {
            tenants.reverse();
        }
        let service = |n: &usize| {
            let port = if SERVICES[*n] == "job" { "" } else { "port: 80, " };
            let name = SERVICES[*n];
            format!("{name}: {{image: i, {port}path: /{name}, cpu: 256, memory: 512}}")
        };
        let services: Vec<String> = self.services.iter().map(service).collect();
        let certificate = |r: &&str| format!("{r}: 'arn:aws:acm:{r}:333333333333:certificate/a'");
        let certificates: Vec<String> = REGIONS.iter().map(certificate).collect();
        let list =
            if tenants.is_empty() { " []\n".to_owned() } else { format!("\n{}", tenants.concat()) };
        format!(
            "version: 1\nname: a\nenvironment: b\nregions: [{}]\n\
             accounts: {{management: '111111111111', shared: '222222222222', workload: '333333333333'}}\n\
             organization: {{id: o-exampleorgid, root: r-ab12}}\n\
             network: {{pools: [{{cidr: 10.0.0.0/8}}], zones: {}, hub: {{connect: peering}}}}\n\
             quotas: {{elb.rules-per-alb: {RULES}, elb.targets-per-alb: {TARGETS}, vpc.subnets-per-vpc: {SUBNETS}}}\n\
             tiers:\n\
             \x20 gold: {{isolation: account, network: {{prefix: 22}}, account: {{budget: {{monthly: 1, notify: [a@a.example]}}}}}}\n\
             \x20 large: {{isolation: vpc, network: {{prefix: 21}}}}\n\
             \x20 team: {{isolation: subnet, network: {{prefix: 26, cell_prefix: 22}}}}\n\
             \x20 pro: {{isolation: container, network: {{cell_prefix: 23}}, services: {{{}}}, allow: [service],\n\
             \x20   ingress: {{domain: a.example, certificates: {{{}}}}}}}\n\
             \x20 basic: {{isolation: application, network: {{cell_prefix: 22}}, throttle: {{rate: 1, burst: 1}}, pool: {{tenants: {}}},\n\
             \x20   app: {{instances: {{types: [t4g.small], min: 1, max: 1}}}}, data: {{engine: dynamodb, partition: item, tables: {{a: {{}}}}}}}}\n\
             tenants:{list}",
            REGIONS.join(", "),
            self.zones,
            services.join(", "),
            certificates.join(", "),
            self.ceiling,
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

    /// The lock after a step, or the rules that forbid it.
    fn step(&self, before: &Lock) -> Result<Lock, BTreeSet<&'static str>> {
        decide(&self.spec(), before)
    }

    fn tenant(&self, id: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|t| t.id == id)
    }

    /// How many tasks of each service a tenant runs at most; of one that is gone, the tier's.
    fn most(&self, id: &str) -> u64 {
        self.tenant(id).and_then(|t| t.most).unwrap_or(MOST)
    }
}

fn decide(spec: &Spec, before: &Lock) -> Result<Lock, BTreeSet<&'static str>> {
    let mut sink = Sink::default();
    let out = plan(spec, before, &mut sink).map(|(_, lock)| lock);
    out.ok_or_else(|| sink.as_slice().iter().map(|d| d.rule.id).collect())
}

/// Who takes up room in a cell: tenants, and those whose places are kept.
fn residents<'a>(lock: &'a Lock, cell: &str) -> Vec<&'a str> {
    let within = |of: &Option<String>| of.as_deref() == Some(cell);
    let here = lock.tenants.iter().filter(|(_, t)| within(&t.cell)).map(|(id, _)| id.as_str());
    let kept = lock.retired.iter().filter(|(_, t)| within(&t.cell)).map(|(key, _)| tenant_of(key));
    let gone = lock.quarantine.values().filter(|q| within(&q.cell)).map(|q| q.tenant.as_str());
    here.chain(kept).chain(gone).collect()
}

/// No cell holds more than AWS allows, whatever the tenants of it do.
fn assert_room(lock: &Lock, estate: &Estate) {
    for id in lock.cells.keys() {
        let within = |t: &TenantEntry| t.cell.as_ref() == Some(id);
        let here = lock.tenants.iter().filter(|(_, t)| within(t)).map(|(id, _)| id.as_str());
        assert_fits(lock, id, &here.collect::<Vec<_>>(), estate);
    }
}

fn assert_fits(lock: &Lock, id: &str, all: &[&str], estate: &Estate) {
    let count = |n: usize| u64::try_from(n).expect("a count");
    let reached = count(estate.services.iter().filter(|n| SERVICES[**n] != "job").count());
    match lock.cells[id].tier.as_str() {
        "team" => {
            let subnets = estate.zones * (2 + count(all.len()));
            assert!(subnets <= SUBNETS, "{id} has {subnets} subnets");
        }
        "pro" => {
            let tasks: u64 = all.iter().map(|id| 2 * estate.most(id)).sum();
            assert!(reached * count(all.len()) <= RULES, "{id} has too many rules: {all:?}");
            assert!(reached * tasks <= TARGETS, "{id} has too many targets: {all:?}");
            // A /23 has slots of /25, private subnets of /26 less five, one for an attachment.
            let addresses = estate.zones * (64 - 5 - 1);
            assert!(count(estate.services.len()) * tasks <= addresses, "{id}: too few addresses");
        }
        _ => {}
    }
}

/// Everything that must hold of places in cells.
fn assert_sound(lock: &Lock, estate: &Estate) {
    let mut numbers = BTreeSet::new();
    for (id, t) in lock.tenants.iter().map(|(id, t)| (id.as_str(), t)) {
        let known = estate.tenant(id).expect("nobody else is in the lock");
        assert_eq!(t.ordinal.is_some(), known.tier == PRO, "{id}");
        assert_eq!(t.email.is_some(), known.tier == GOLD, "{id}");
        assert_eq!(t.space.is_none(), known.tier >= PRO, "{id}");
        assert_eq!(t.cell.is_some(), known.tier >= TEAM, "{id}");
        let Some(cell) = t.cell.as_ref().map(|cell| &lock.cells[cell]) else { continue };
        let needs: Vec<&str> = NEEDS[known.needs].split_whitespace().collect();
        assert_eq!(cell.needs, needs, "{id} lives with others that need something else");
        let own = known.dedicated.then_some(id);
        assert_eq!(cell.dedicated.as_deref(), own, "{id} is dedicated, or its cell is");
        assert_eq!(
            (cell.tier.as_str(), cell.region.as_str()),
            (t.tier.as_str(), t.region.as_str())
        );
    }
    for (id, cell) in &lock.cells {
        let strangers = residents(lock, id)
            .into_iter()
            .filter(|who| cell.dedicated.is_some() && cell.dedicated.as_deref() != Some(*who))
            .count();
        assert_eq!(strangers, 0, "{id} holds a stranger");
    }
    for t in lock.tenants.values().chain(lock.retired.values()) {
        if let Some(ordinal) = t.ordinal {
            assert!(ordinal > 0 && numbers.insert((&t.cell, ordinal)), "{ordinal} is given twice");
        }
    }
}

fn as_tenant(block: ipnet::Ipv4Net, gone: &Quarantined) -> TenantEntry {
    let Quarantined { tier, region, account, email, cell, slots, .. } = gone.clone();
    let space = Some(SpaceEntry { block, slots });
    TenantEntry { tier, region, account, email, cell, ordinal: None, space, why: None }
}

/// Everything that is kept for somebody, with whose it is.
fn kept(lock: &Lock) -> Vec<(String, TenantEntry)> {
    let gone = lock.quarantine.iter().map(|(block, q)| (q.tenant.clone(), as_tenant(*block, q)));
    let retired = lock.retired.iter().map(|(key, t)| (tenant_of(key).to_owned(), t.clone()));
    gone.chain(retired).collect()
}

/// Everything that must hold between a lock and the next.
fn assert_sticky(before: &Lock, after: &Lock, estate: &Estate) {
    let (old, new) = (kept(before), kept(after));
    for (id, was) in &before.tenants {
        let there = estate.tenant(id).filter(|t| REGIONS[t.region] == was.region);
        if there.is_some() {
            assert_eq!(after.tenants.get(id), Some(was), "{id} moved");
        } else {
            assert!(new.contains(&(id.clone(), was.clone())), "the place of {id} is not kept");
        }
        // Whoever moves to another region keeps the account.
        if let Some(is) = after.tenants.get(id) {
            assert_eq!((&is.account, &is.email), (&was.account, &was.email), "{id}");
        }
    }
    for (id, entry) in &old {
        let place = |t: &TenantEntry| (t.space, t.cell.clone(), t.ordinal);
        let back = after.tenants.get(id).is_some_and(|is| place(is) == place(entry));
        assert!(back || new.contains(&(id.clone(), entry.clone())), "{entry:?} was given away");
    }
    for (id, is) in after.tenants.iter().filter(|(id, _)| !before.tenants.contains_key(*id)) {
        let mut own = old.iter().filter(|(of, e)| of == id && e.region == is.region).peekable();
        if own.peek().is_some() {
            let place = |t: &TenantEntry| (t.space, t.cell.clone(), t.ordinal);
            assert!(own.any(|(_, e)| place(e) == place(is)), "{id} came back to another place");
        } else if let Some(cell) = &is.cell {
            // Whoever comes leaves room for those whose places are kept.
            let all = residents(after, cell);
            assert_fits(after, cell, &all, estate);
            let count = if is.tier == TIERS[BASIC] { all.len() as u64 } else { 0 };
            assert!(count <= estate.ceiling, "{id} is the {count}th of {cell}");
        }
        let known =
            old.iter().find(|(of, e)| of == id && e.email.is_some() && e.account != PENDING);
        let account = known.map_or(PENDING, |(_, entry)| entry.account.as_str());
        assert!(is.email.is_none() || is.account == account, "{id} has another account");
    }
    let same = |(id, cell)| after.cells.get(id) == Some(cell);
    assert!(before.cells.iter().all(same), "a cell changed");
    for (tier, services) in &before.services {
        assert!(after.services[tier].starts_with(services), "a service changed its number");
    }
}

fn read(text: &str) -> Result<Lock, Vec<String>> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let file = sources.add(Source::new("lock", text));
    lock::read(&sources, file, &mut sink).ok_or_else(|| {
        sink.as_slice().iter().map(|d| format!("{}: {}", d.rule.id, d.message)).collect()
    })
}

/// An estate and its lock after a history; what does not fit is left out of it.
fn lived(history: &[Op], each: impl Fn(&Lock, &Lock, &Estate)) -> (Estate, Lock) {
    let (mut estate, mut lock) = (Estate::new(), Lock::default());
    for op in history {
        let (mut next, mut before) = (estate.clone(), lock.clone());
        next.apply(op, &mut before);
        let spec = next.spec();
        match decide(&spec, &before) {
            Ok(after) => {
                each(&before, &after, &next);
                assert_eq!(decide(&spec, &after).as_ref(), Ok(&after), "a second run decides more");
                (estate, lock) = (next, after);
            }
            // Who grew too much where it is, is told so; there is room for everybody who comes.
            Err(rules) => {
                let grows = matches!(
                    op,
                    Op::Grow(..) | Op::Zones | Op::Service(_) | Op::Return(_) | Op::Move(_)
                );
                assert!(grows, "{op:?}: {rules:?}");
                assert_eq!(rules, BTreeSet::from(["plan/cell-full"]), "{op:?}");
            }
        }
    }
    (estate, lock)
}

proptest! {
    #![proptest_config(crate::support::cases(16))]

    #[test]
    fn five_models_live_together(history in prop::collection::vec(op(), 1..40)) {
        lived(&history, |before, after, next| {
            assert_sound(after, next);
            assert_room(after, next);
            assert_sticky(before, after, next);
            assert_eq!(read(&after.render()).as_ref(), Ok(after), "the lock reads back");
            let mirrored = Estate { reversed: !next.reversed, ..next.clone() };
            assert_eq!(mirrored.step(before).map(|l| l.render()), Ok(after.render()), "the order counts");
        });
    }

    /// Two branches add tenants and services and are merged line by line, as git does. Either the
    /// merge is sound, or every clash is named; then the lines of one side stay, and nobody moves.
    #[test]
    fn a_merge_of_five_models_is_sound_or_its_clashes_are_named(
        base in prop::collection::vec(op(), 1..16),
        ours in (prop::collection::vec(tenant(), 1..5), 0..3usize),
        theirs in (prop::collection::vec(tenant(), 1..5), 0..3usize),
    ) {
        let (estate, lock) = lived(&base, |_, _, _| ());
        let branch = |name: &str, (added, service): &(Vec<Tenant>, usize)| {
            let mut branch = estate.clone();
            let named = |(i, t): (usize, &Tenant)| Tenant { id: format!("{name}{i}"), ..t.clone() };
            branch.tenants.extend(added.iter().enumerate().map(named));
            branch.services.insert(*service);
            branch
        };
        let (a, b) = (branch("a", &ours), branch("b", &theirs));
        let (Ok(lock_a), Ok(lock_b)) = (a.step(&lock), b.step(&lock)) else { return Ok(()) };
        let mut merged = a.clone();
        merged.tenants.extend(b.tenants[estate.tenants.len()..].iter().cloned());
        merged.services.extend(&b.services);
        let sound = |before: &Lock| match merged.step(before) {
            Ok(after) => {
                assert_sound(&after, &merged);
                assert_room(&after, &merged);
                for (id, was) in &before.tenants {
                    assert_eq!(after.tenants.get(id), Some(was), "{id} moved");
                }
            }
            // Both filled the same cell, or a service came from the other side.
            Err(rules) => assert_eq!(rules, BTreeSet::from(["plan/cell-full"])),
        };
        match read(&merge(&lock, &lock_a, &lock_b)) {
            Ok(both) => sound(&both),
            Err(named) => {
                let known = |m: &String| m.starts_with("lock/two-owners") || m.starts_with("lock/entry");
                prop_assert!(named.iter().all(known), "{:?}", named);
                sound(&lock_a);
            }
        }
    }
}
