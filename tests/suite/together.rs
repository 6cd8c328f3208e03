//! Many tiers are asked at once how they grow, in estates that they share and of which only a part is
//! counted: each is told what the whole estate tells, made for it by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use tenantry::check::quota::{Counter, Use};
use tenantry::diag::Sink;
use tenantry::forecast::path::Asked;
use tenantry::forecast::probe::{Growing, Key, Probe};
use tenantry::forecast::regions;
use tenantry::forecast::shared::in_turn;
use tenantry::plan::{Lock, Plan, plan};
use tenantry::spec::{Spec, Tenant};
use tenantry::weigh::newcomer::newcomer;
use tenantry::weigh::{one_of_each_there, roomy};
use tenantry::{component, model, split};

use crate::estates;
use crate::forecast::{Base, whole};
use crate::small::{NOBODY, small};
use crate::support::{blueprints, cases, options, root, synth_text};

type Counts = BTreeMap<Key, Use>;

/// What is told of a place: what it is, its account and its limit, and the numbers. Of a place that is
/// there before, what is used now says whose it is.
type Told = BTreeMap<Key, Line>;

/// The same of one place.
type Line = (&'static str, Option<(String, Option<u64>)>, Vec<u64>);

fn line(kind: &'static str, at: &Use, numbers: Vec<u64>) -> (Key, Line) {
    let whose = Some((at.account.clone(), at.limit));
    ((at.quota, at.place.clone()), (kind, whose, numbers))
}

/// An estate of which a tenant of each kind is made, with newcomers.
struct Whole<'a> {
    spec: &'a Spec,
    lock: Lock,
    kept: Vec<Tenant>,
}

impl<'a> Whole<'a> {
    fn new(spec: &'a Spec, lock: &Lock) -> Self {
        let kept: Vec<Tenant> = one_of_each_there(spec, lock).into_iter().cloned().collect();
        let mut lock = lock.clone();
        lock.tenants.retain(|id, _| kept.iter().any(|tenant| tenant.id == *id));
        Whole { spec, lock, kept }
    }

    /// All that is counted with some newcomers, whatever is new in one account.
    fn counted(
        &self,
        guests: &[Tenant],
        account: &str,
        counter: &mut Counter,
    ) -> Option<(Counts, Plan)> {
        let tenants = self.kept.iter().chain(guests).map(|one| (one.id.clone(), one.clone()));
        let spec = Spec { tenants: tenants.collect(), ..self.spec.clone() };
        let mut roomy = roomy(&spec);
        roomy.workload_accounts.sort_by_key(|id| id != account);
        let mut sink = Sink::default();
        let (plan, _) = plan(&roomy, &self.lock, &mut sink)?;
        let estate = model::estate(&spec, &plan, &mut sink)?;
        let mut estate = component::furnish(&spec, &plan, estate, &mut sink)?;
        split::cut(&spec, &self.lock, &mut estate);
        let uses = counter.count_each(&spec, &estate).into_iter();
        Some((uses.map(|one| ((one.quota, one.place.clone()), one)).collect(), plan))
    }

    /// What is told of a tier that grows, newcomer by newcomer.
    fn told(
        &self,
        (tier, region): (&str, &str),
        account: &str,
        counter: &mut Counter,
    ) -> Option<Told> {
        let needs = ["first", "others", "others"].map(|need| vec![format!("newcomer-{need}")]);
        let guests = (1..).zip(needs);
        let guest = |(n, needs)| Tenant { needs, ..newcomer(self.spec, tier, region, n) };
        let guests: Vec<Tenant> = guests.map(guest).collect();
        let celled = self.spec.tiers[tier].isolation.has_cells();
        let (none, _) = self.counted(&[], account, counter)?;
        let (alone, _) = self.counted(&guests[..1], account, counter)?;
        let (two, plan) = self.counted(&guests[..2], account, counter)?;
        let three = if celled { self.counted(&guests, account, counter)?.0 } else { two.clone() };
        let cell = |n: usize| plan.tenants[&guests[n].id].cell.as_deref();
        let mut out = Told::new();
        for (key, at) in &three {
            let used = |counts: &Counts| counts.get(key).map_or(0, |one| one.used);
            let (step, more) = (used(&two) - used(&alone), at.used - used(&two));
            let named = |part: Option<&str>| part.is_some_and(|part| key.1.contains(part));
            let (kind, numbers) = if guests.iter().any(|guest| named(Some(&guest.id))) {
                ("own", vec![at.used])
            } else if named(cell(1)) {
                ("in a cell", vec![used(&two) - more, more])
            } else if named(cell(0)) {
                continue;
            } else {
                let tenant = if celled { more } else { step };
                let once = used(&alone) - used(&none) - step;
                ("shared", vec![used(&none), once, tenant, step - tenant])
            };
            let grows = kind != "shared" || numbers[1..].iter().sum::<u64>() > 0;
            if grows {
                let (key, mut line) = line(kind, at, numbers);
                line.1 = line.1.filter(|_| !none.contains_key(&key));
                out.insert(key, line);
            }
        }
        Some(out)
    }
}

/// The same of what the forecast found.
fn told(growing: &Growing) -> Told {
    let shared = growing.shared.iter();
    let shared =
        shared.map(|it| line("shared", &it.at, vec![it.before, it.once, it.tenant, it.cell]));
    let cells = growing.in_cell.iter().map(|it| line("in a cell", &it.at, vec![it.own, it.tenant]));
    let own = growing.own.iter().map(|at| line("own", at, vec![at.used]));
    shared.chain(cells).chain(own).collect()
}

/// The same without whose a place is that is there before.
fn told_as(mut found: Told, alone: Option<&Told>) -> Told {
    for (key, line) in &mut found {
        let known = alone.and_then(|alone| alone.get(key));
        line.1 = line.1.take().filter(|_| known.is_none_or(|known| known.1.is_some()));
    }
    found
}

/// Every tier in the regions that it is in, and in every kind of workload account; how many grow.
fn hold(base: &Base, counter: &mut Counter) -> usize {
    hold_each(base, counter, 1)
}

/// The same, where all are asked, and of so many one is made by itself.
fn hold_each(base: &Base, counter: &mut Counter, of: usize) -> usize {
    let (spec, lock) = base.read(&[]);
    let (lock, _) = whole(&spec, &lock, counter).expect("it fits");
    let by_itself = Whole::new(&spec, &lock);
    let mut probe = Probe::new(&spec, &lock, counter);
    let goals = spec.tiers.keys().flat_map(|tier| {
        regions(&spec, tier).into_iter().map(move |region| (tier.as_str(), region))
    });
    let goals: Vec<(&str, String)> = goals.collect();
    let mut asked: Vec<Asked<'_>> = Vec::new();
    for (tier, region) in &goals {
        let goal = ((*tier).to_owned(), region.clone());
        let like = |account: &String| probe.like(account, &goal, &[]);
        let accounts: BTreeSet<String> = spec.workload_accounts.iter().map(like).collect();
        asked.extend(accounts.into_iter().map(|account| (*tier, region.as_str(), vec![account])));
    }
    let grown = probe.grown(&asked);
    let mut grow = 0;
    for ((tier, region, accounts), grown) in asked.iter().zip(grown).step_by(of) {
        let account = &accounts[0];
        let alone = by_itself.told((tier, region), account, counter);
        let found = grown.get(account).map(|growing| told_as(told(growing), alone.as_ref()));
        assert_eq!(found, alone, "{} {tier} {region} {account}\n{}", base.name, base.text);
        grow += usize::from(alone.is_some());
    }
    grow
}

/// Every tier in every account that is like one before it is told what all share as if it had been looked at
/// itself; how many lines there are.
fn hold_elsewhere(base: &Base, counter: &mut Counter) -> usize {
    let (spec, lock) = base.read(&[]);
    let (lock, _) = whole(&spec, &lock, counter).expect("it fits");
    // All who are there, so that each account has what it has.
    let kept = spec.tenants.values().cloned().collect();
    let by_itself = Whole { spec: &spec, lock: lock.clone(), kept };
    let mut probe = Probe::new(&spec, &lock, counter);
    let mut asked: Vec<Asked<'_>> = Vec::new();
    let places: Vec<(&String, String)> = spec
        .tiers
        .keys()
        .flat_map(|t| regions(&spec, t).into_iter().map(move |r| (t, r)))
        .collect();
    for (tier, region) in &places {
        let goal = ((*tier).clone(), region.clone());
        let others = spec.workload_accounts.iter();
        let others = others.filter(|account| probe.like(account, &goal, &[]) != **account);
        asked.extend(others.map(|account| (tier.as_str(), region.as_str(), vec![account.clone()])));
    }
    let grown = probe.grown(&asked);
    // What is used before is what is used now, where it is there.
    let added = |(key, (kind, whose, mut numbers)): (Key, Line)| {
        numbers.remove(0);
        (key, (kind, whose, numbers))
    };
    let shared = |all: Told| -> Told {
        let own = |(key, line): &(Key, Line)| line.0 == "shared" && !in_turn(&key.1, &spec);
        all.into_iter().filter(own).map(added).collect()
    };
    let mut lines = 0;
    for ((tier, region, accounts), grown) in asked.iter().zip(grown) {
        let account = &accounts[0];
        let alone = by_itself.told((tier, region), account, counter).map(shared);
        let found = grown.get(account).map(|it| told_as(shared(told(it)), alone.as_ref()));
        assert_eq!(found, alone, "{} {tier} {region} {account}\n{}", base.name, base.text);
        lines += alone.map_or(0, |alone| alone.len());
    }
    lines
}

/// Nobody is in the last two of three accounts, so the third is like the second: what it has for all is its own.
#[test]
fn what_is_like_another_is_told_of_itself() {
    let accounts = ["333333333333", "444444444444", "555555555555"];
    let text = estates::wide_in(2, &accounts);
    let base = Base::of(format!("{text}components: {{ audit: {{}}, delivery: {{}} }}\n"));
    assert!(hold_elsewhere(&base, &mut Counter::default()) > 100);
}

/// Two tiers in accounts that have room for two VPCs each; each tier has a key of its own wherever it is.
fn keyed(tenants: &[(&str, &str)]) -> Base {
    let mut text = "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
        accounts: { workload: ['333333333333', '444444444444', '555555555555', '666666666666', \
        '777777777777'] }\n\
        quotas: { vpc.vpcs-per-region: 2 }\ncomponents: { protection: { keys: tier } }\n\
        network: { zones: 1, pools: [{ cidr: 10.0.0.0/13 }], hub: { connect: none }, \
        egress: { nat: none } }\n\
        tiers: { a: &t { isolation: vpc, network: { prefix: 22 } }, b: *t }\ntenants:\n"
        .to_owned();
    for (id, tier) in tenants {
        let _ = writeln!(text, "  - {{ id: {id}, tier: {tier} }}");
    }
    Base::of(text)
}

/// The account that each is like for newcomers to the first of these tiers, and those that they bring its key to.
fn keys(spec: &Spec, lock: &Lock, counter: &mut Counter) -> (Vec<String>, Vec<String>) {
    let mut probe = Probe::new(spec, lock, counter);
    let goal = ("a".to_owned(), "eu-west-1".to_owned());
    let accounts = &spec.workload_accounts;
    let like = accounts.iter().map(|one| probe.like(one, &goal, &[])).collect();
    let asked = accounts.iter().map(|one| (goal.0.as_str(), goal.1.as_str(), vec![one.clone()]));
    let grown = probe.grown(&asked.collect::<Vec<Asked<'_>>>());
    let key = |account: &String, growing: &Growing| {
        let place = format!("protection-key-tier-a-{account}-eu-west-1/DataKey");
        growing.shared.iter().any(|it| it.at.place == place && it.at.account == *account)
    };
    let brought = accounts.iter().zip(&grown).filter(|(one, grown)| key(one, &grown[*one]));
    (like, brought.map(|(one, _)| one.clone()).collect())
}

/// An account with the newcomers' tier is like another with it, one without is not; of the tenants that are
/// alike only the first is made.
#[test]
fn what_is_a_tiers_own_is_brought_where_the_tier_is_not() {
    let [home, first, _, without, nobody] = [3, 4, 5, 6, 7].map(|n: u8| n.to_string().repeat(12));
    let firsts = [("a1", "a"), ("a2", "a"), ("a3", "a"), ("a4", "a"), ("z5", "a")];
    let base = keyed(&[&firsts[..], &[("b1", "b"), ("b2", "b"), ("b3", "b")]].concat());
    let mut counter = Counter::default();
    assert_eq!(hold_elsewhere(&base, &mut counter), 0, "a key is brought where it is");
    let (spec, lock) = base.read(&[]);
    let (lock, _) = whole(&spec, &lock, &mut counter).expect("it fits");
    let (like, brought) = keys(&spec, &lock, &mut counter);
    assert_eq!(like, [&home, &first, &first, &without, &nobody].map(String::as_str));
    assert_eq!(brought, [without, nobody]);
}

/// Whoever comes later can be the first by name: the account in which that one is made is looked at.
#[test]
fn what_is_a_tiers_own_is_looked_for_where_it_is_made() {
    let [home, _, made, without, nobody] = [3, 4, 5, 6, 7].map(|n: u8| n.to_string().repeat(12));
    let early = [("a1", "a"), ("a2", "a"), ("a3", "a"), ("0b", "b")];
    let (base, mut counter) = (keyed(&early), Counter::default());
    let (spec, lock) = base.read(&[]);
    let (lock, _) = whole(&spec, &lock, &mut counter).expect("it fits");
    let (spec, _) = keyed(&[&early[..], &[("a0", "a")]].concat()).read(&[]);
    let (lock, _) = whole(&spec, &lock, &mut counter).expect("it fits");
    assert_eq!(
        (&lock.tenants["a0"].account, lock.tenants["a3"].account.as_str()),
        (&made, "444444444444")
    );
    let (like, brought) = keys(&spec, &lock, &mut counter);
    assert_eq!(like, [&home, &made, &made, &without, &without].map(String::as_str));
    assert_eq!(brought, [without, nobody]);
}

/// With what blueprints have, and with many tiers in many regions.
#[test]
fn each_is_told_what_it_is_told_alone() {
    let mut counter = Counter::default();
    // The whole of `full.yaml` is in the blueprints of its components.
    for name in blueprints().into_iter().filter(|name| name != "full.yaml") {
        assert!(hold(&Base::golden(&name, &[]), &mut counter) > 0, "{name}");
    }
    assert_eq!(hold(&Base::of(estates::wide(2)), &mut counter), 12);
}

/// In an account that nobody lives in yet, a dashboard stands for each tier of the estate: whoever comes brings
/// all of it, though alone it would be less.
#[test]
fn a_dashboard_is_brought_by_whoever_comes_first() {
    let text = estates::estate(&[("vpc", 1), ("container", 1)]);
    let certificate = |account: &str| format!("arn:aws:acm:eu-west-1:{account}:certificate/b");
    let accounts = ["333333333333", "444444444444"];
    let both = format!("[\"{}\"]", accounts.map(certificate).join("\", \""));
    let text = text
        .replace("workload: '333333333333'", "workload: ['333333333333', '444444444444']")
        .replace(&format!("\"{}\"", certificate(accounts[0])), &both);
    let base = Base::of(format!("{text}components: {{ monitoring: {{}} }}\n"));
    assert_eq!(hold(&base, &mut Counter::default()), 4);
}

/// Whoever is the first in an account has it put into the policies of the archive and of the deployer: all change
/// them alike, in each region.
#[test]
fn what_all_change_alike_is_told_to_each() {
    let text = estates::wide_in(2, &["333333333333", "444444444444"]);
    let base = Base::of(format!("{text}components: {{ audit: {{}}, delivery: {{}} }}\n"));
    assert_eq!(hold(&base, &mut Counter::default()), 24);
}

/// Dashboards of so many tiers are cut into parts, in an account that nobody lives in yet, too: whoever comes
/// brings all parts, of which it has none where it is alone.
#[test]
fn parts_are_brought_by_whoever_comes_first() {
    let accounts = ["333333333333", "444444444444"];
    let certificate = |id: &str| format!("\"arn:aws:acm:eu-west-1:{id}:certificate/b\"");
    let certificates = accounts.map(certificate).join(", ");
    let mut text = format!(
        "version: 1\nname: many\nenvironment: test\nregions: [eu-west-1]\n\
         accounts: {{ workload: ['{}'], shared: '222222222222' }}\n\
         network: {{ pools: [{{ cidr: 10.0.0.0/8 }}], zones: 2, hub: {{ connect: transit-gateway }}, egress: {{ nat: none }} }}\n\
         quotas: {{ vpc.vpcs-per-region: 100, vpc.internet-gateways-per-region: 100 }}\n\
         components: {{ monitoring: {{}} }}\ntiers:\n",
        accounts.join("', '")
    );
    let tiers = 0..30;
    for n in tiers.clone() {
        let _ = writeln!(
            text,
            "  t{n:02}: {{ isolation: container, network: {{ cell_prefix: 22 }}, ingress: {{ domain: t{n}.example.com, certificates: {{ eu-west-1: [{certificates}] }} }}, service: {{ image: app, port: 8080, cpu: 256, memory: 512 }} }}"
        );
    }
    text.push_str("tenants:\n");
    for n in tiers {
        let _ = writeln!(text, "  - {{ id: a{n}, tier: t{n:02} }}");
    }
    let made = synth_text("a.yaml", text.as_bytes(), None, &root(), options()).made;
    assert!(made.expect("it is sound").estate.whole.contains_key("monitoring"), "nothing is cut");
    // In turn in the account of all, and in the other.
    assert_eq!(hold_each(&Base::of(text), &mut Counter::default(), 17), 4);
}

/// The hub is where it is, whoever is the first to be peered with it.
#[test]
fn who_is_the_first_to_be_peered_does_not_move_the_hub() {
    let (base, mut counter) = (Base::of(NOBODY.to_owned()), Counter::default());
    assert_eq!(hold(&base, &mut counter), 1);
    let (spec, lock) = base.read(&[]);
    let growing =
        Probe::new(&spec, &lock, &mut counter).added("account", "eu-west-1", "333333333333");
    let growing = growing.expect("one can be placed");
    let peered = growing.shared.iter().filter(|it| it.at.place == "hub-eu-west-1/Vpc");
    let peered: Vec<_> = peered.map(|it| (it.at.quota, it.at.account.as_str())).collect();
    let home = "333333333333";
    let rows = ["vpc.active-peerings-per-vpc", "vpc.peered-network-address-usage"];
    assert_eq!(peered, rows.map(|id| (id, home)));
}

proptest! {
    #![proptest_config(cases(3))]

    /// Whatever the estate and the holes in its lock.
    #[test]
    fn with_estates_at_random(small in small()) {
        let Some(base) = small.base() else { return Err(TestCaseError::reject("over already")) };
        hold(&base, &mut Counter::default());
        hold_elsewhere(&base, &mut Counter::default());
    }
}
