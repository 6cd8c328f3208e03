//! Accounts that fill in turn, foreseen and asked for: what comes second comes when what is first is
//! lifted, each account has its own limits, and what is asked of the last account is enough and no more.
//! The tenants are made, not foreseen.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tenantry::aws::quota;
use tenantry::check::quota::Counter;
use tenantry::forecast::ask::Target;
use tenantry::forecast::want::Short;
use tenantry::forecast::{Growth, Limit, What};
use tenantry::spec::quota::{Place, Scope};
use tenantry::spec::{Pool, Spec};
use tenantry::view::request;

use crate::forecast::{Base, Found, broken, whole};
use crate::request::{Asked, asked, grant, wish};
use crate::small::{NOBODY, small};
use crate::support::{cases, root, tenantry, told};

/// Gives all that is thinkable of what a limit is a limit of, where that is.
fn lift(spec: &mut Spec, limit: &Limit) {
    if limit.what == What::Addresses {
        let cidr = "240.0.0.0/4".parse().expect("a block");
        spec.network.pools.push(Pool { cidr, region: None });
        return;
    }
    let row = quota::get(limit.what.id()).expect("it is in the table");
    let all = Scope::of(row) == Scope::Account || row.is_wide();
    let own = |region: &&String| all || **region == limit.region;
    for region in spec.regions.clone().iter().filter(own) {
        let place = Place { account: limit.account.clone(), region: Some(region.clone()) };
        spec.quotas.grant(place, limit.what.id(), u32::MAX);
    }
}

/// Holds the first few limits of a forecast, each with those before lifted; how many.
fn hold(base: &Base, growth: &Growth, most: u64, counter: &mut Counter) -> usize {
    let mut held = 0;
    while let Some(limit) = growth.limits.get(held).filter(|_| held < 4) {
        let more = limit.fits - growth.tenants;
        let (before, rest) = growth.limits.split_at(held);
        let mut come = |more: u64| {
            let lifted = |spec: &mut Spec| before.iter().for_each(|one| lift(spec, one));
            base.found_if(&[(&growth.tier, &growth.region, more)], lifted, counter)
        };
        let name = format!("{} {} {}: {limit:?}", base.name, growth.tier, growth.region);
        assert_eq!(come(more.min(most)), Found::default(), "{name}: all fit\n{}", base.text);
        if more >= most {
            break;
        }
        let same: Vec<&Limit> = rest.iter().filter(|one| one.fits == limit.fits).collect();
        broken(&come(more + 1), &same, &name);
        held += same.len();
        if same.iter().any(|one| matches!(one.what, What::Cell(_)) || one.place.contains(' ')) {
            break;
        }
    }
    held
}

/// In every account the limits of its own, one after the other.
#[test]
fn what_comes_second_comes_when_the_first_is_lifted() {
    let (base, mut counter) = (Base::golden("workload-list.yaml", &[]), Counter::default());
    let (growths, _) = base.forecast(&mut counter);
    let held: Vec<usize> =
        growths.iter().map(|growth| hold(&base, growth, 210, &mut counter)).collect();
    assert!(held.iter().all(|held| *held > 0) && held.iter().sum::<usize>() > 6, "{held:?}");
}

/// A quota that is lifted in one account ends in the next.
#[test]
fn what_is_lifted_in_one_account_ends_in_another() {
    let (base, mut counter) = (Base::golden("hybrid.yaml", &[]), Counter::default());
    let (growths, _) = base.forecast(&mut counter);
    let growth = growths.iter().find(|one| one.tier == "enterprise").expect("it is there");
    let stacks: Vec<(&str, u64)> = growth
        .limits
        .iter()
        .filter(|one| one.what == What::Quota("cloudformation.stacks-per-account"))
        .map(|one| (one.place.as_str(), one.fits))
        .collect();
    let [("222222222222/eu-west-1", first), ("111111111111/eu-west-1", second)] = stacks[..] else {
        panic!("{stacks:?}");
    };
    let mut lifted = Base::golden("hybrid.yaml", &[]);
    let more = "places:\n  222222222222/eu-west-1: \
                { quotas: { cloudformation.stacks-per-account: 100000 } }\n";
    lifted.text = format!("{more}{}", lifted.text);
    let (growths, _) = lifted.forecast(&mut counter);
    let growth = growths.iter().find(|one| one.tier == "enterprise").expect("it is there");
    let after = growth.limits.iter().find(|one| one.fits >= first).expect("it ends");
    assert_eq!((after.place.as_str(), after.fits), ("111111111111/eu-west-1", second));
}

/// What ends with the same tenant in two accounts is told of both: each is granted its own.
#[test]
fn what_ends_together_in_two_accounts_is_told_of_both() {
    let text = format!(
        "quotas: {{ cloudformation.parameters-per-template: 4 }}\n\
         places: {{ 333333333333/eu-west-1: {{ \
         quotas: {{ cloudformation.parameters-per-template: 200 }} }} }}\n{NOBODY}"
    );
    let (base, mut counter) = (Base::of(text), Counter::default());
    let (growths, _) = base.forecast(&mut counter);
    let firsts = growths[0].limits.iter().filter(|one| one.fits == 0);
    let firsts: Vec<_> =
        firsts.map(|one| (one.what.id(), one.place.as_str(), one.account.as_str())).collect();
    let id = "cloudformation.parameters-per-template";
    let pending = (id, "tenant-account", "000000000000");
    assert_eq!(firsts, [(id, "account-account", "111111111111"), pending]);
    assert!(hold(&base, &growths[0], 12, &mut counter) > 2);
}

/// What the accounts of newcomers have in common has the limits of the account that they come to, although
/// one that is like it was looked at: the first two have room for nobody.
#[test]
fn what_ends_in_an_account_like_another_is_told_of_it() {
    let text = "quotas: { cloudformation.resources-per-template: 7 }\n\
        places:\n  333333333333: { quotas: { iam.roles-per-account: 2 } }\n  \
        444444444444: { quotas: { iam.roles-per-account: 2 } }\n\
        version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
        accounts: { workload: ['333333333333', '444444444444', '555555555555'] }\n\
        network: { zones: 1, pools: [{ cidr: 10.0.0.0/13 }], hub: { connect: none }, \
        egress: { nat: none } }\n\
        tiers:\n  application: { isolation: application, network: { cell_prefix: 20 }, \
        pool: { tenants: 1 }, allow: [throttle], \
        app: { instances: { types: [t4g.small], min: 1, max: 2 } }, \
        data: { engine: dynamodb, partition: item, tables: { orders: {} } }, \
        throttle: { rate: 1, burst: 2 } }\ntenants: []\n";
    let (base, mut counter) = (Base::of(text.to_owned()), Counter::default());
    let (growths, _) = base.forecast(&mut counter);
    let ends = growths[0].limits.iter().map(|one| (one.what.id(), one.account.as_str()));
    let ends: Vec<_> = ends.filter(|(id, _)| id.ends_with("-per-template")).collect();
    assert_eq!(ends, [("cloudformation.resources-per-template", "555555555555")]);
    assert!(hold(&base, &growths[0], 12, &mut counter) > 0);
}

/// What AWS raises with another quota is no limit behind that, but for who was told of it by itself.
#[test]
fn what_is_raised_with_another_does_not_come_behind_it() {
    let limits = |quotas: &str| {
        let text = format!(
            "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
             accounts: {{ workload: '333333333333' }}\n{quotas}\
             places: {{ 333333333333/eu-west-1: {{ used: {{ vpc.vpcs-per-region: 2 }} }} }}\n\
             network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/10 }}], egress: {{ nat: none }} }}\n\
             tiers: {{ v: {{ isolation: vpc, network: {{ prefix: 22 }} }} }}\n\
             tenants: [{{ id: n, tier: v }}]\n"
        );
        let (base, mut counter) = (Base::of(text), Counter::default());
        let (growths, _) = base.forecast(&mut counter);
        assert!(hold(&base, &growths[0], 12, &mut counter) > 0);
        let all = growths[0].limits.iter().map(|one| (one.what.id(), one.fits));
        all.filter(|(id, _)| id.starts_with("vpc.") && id.ends_with("-per-region"))
            .collect::<Vec<_>>()
    };
    let (vpcs, gateways) = ("vpc.vpcs-per-region", "vpc.internet-gateways-per-region");
    let told = limits("");
    assert!(told.contains(&(vpcs, 3)) && !told.iter().any(|(id, _)| *id == gateways), "{told:?}");
    let told = limits("quotas: { vpc.internet-gateways-per-region: 5 }\n");
    assert!(told.contains(&(vpcs, 3)) && told.contains(&(gateways, 5)), "{told:?}");
}

/// Targets, as many tenants each as there are and more.
fn targets(growths: &[&Growth], more: u64) -> Vec<Target> {
    let of = |one: &&Growth| {
        let (tier, region) = (one.tier.clone(), one.region.clone());
        Target { tier, region, tenants: one.tenants + more }
    };
    let mut out: Vec<Target> = growths.iter().map(of).collect();
    out.dedup();
    out
}

/// What is asked is granted, and all are made; with one less of anything, they are not. How much is asked,
/// if all of it can be.
fn round(base: &Base, targets: &[Target], counter: &mut Counter) -> Option<Vec<Asked>> {
    let request = wish(base, targets, counter);
    if request.outlook.wants.iter().any(|want| want.refusal().is_some())
        || !request.outlook.short.is_empty()
    {
        return None;
    }
    let all = asked(&request::commands(&request));
    let there = base.read(&[]).0.tenants;
    let more = |to: &Target| {
        let own = there.values().filter(|it| it.tier == to.tier && it.region == to.region).count();
        to.tenants.saturating_sub(own as u64)
    };
    let more: Vec<(&str, &str, u64)> =
        targets.iter().map(|to| (to.tier.as_str(), to.region.as_str(), more(to))).collect();
    let mut made = |all: &[Asked]| base.found_if(&more, |spec| grant(spec, all), counter);
    let name = format!("{targets:?}: {all:?}\n{}", base.text);
    assert_eq!(made(&all), Found::default(), "{name}");
    for n in 0..all.len() {
        let mut less = all.clone();
        less[n].value -= 1;
        assert_ne!(made(&less), Found::default(), "one less of {:?}: {name}", all[n]);
    }
    Some(all)
}

/// What fits as it is takes nothing; the rest is asked of the last account, for one tier and for all.
#[test]
fn it_is_asked_of_the_last() {
    let (base, mut counter) = (Base::golden("workload-list.yaml", &[]), Counter::default());
    let (growths, _) = base.forecast(&mut counter);
    let growths: Vec<&Growth> = growths.iter().collect();
    for one in &growths {
        let fit = one.limits[0].fits - one.tenants;
        assert_eq!(round(&base, &targets(&[one], fit), &mut counter), Some(Vec::new()));
        let all = round(&base, &targets(&[one], fit + 20), &mut counter).expect("it can be asked");
        assert!(!all.is_empty() && all.iter().all(|it| it.account == "555555555555"), "{all:?}");
    }
    let all = round(&base, &targets(&growths, 40), &mut counter).expect("it can be asked");
    assert!(all.len() > 1, "{all:?}");
}

/// The command asks, says who comes where, and is no error.
#[test]
fn the_command_says_who_comes_where() {
    let blueprint = root().join("blueprints/workload-list.yaml");
    let blueprint = blueprint.to_str().expect("UTF-8");
    let line = ["quotas", blueprint, "--request", "commands", "--tenants", "team=60"];
    let (code, script, said) = told(&tenantry(&root(), &line));
    assert_eq!(code, 0, "{said}");
    assert!(asked(&script).iter().all(|one| one.account == "555555555555"), "{script}");
    for line in [
        "# 57 more tenants of team in eu-west-1: 1 in 444444444444, 56 in 555555555555",
        "# then 60 tenants of team fit in eu-west-1",
    ] {
        assert!(script.lines().any(|one| one == line), "{line}\n{script}");
    }
}

/// What is over in an account is asked there, and nothing else of it.
#[test]
fn what_is_over_is_asked_where_it_is() {
    let mut base = Base::golden("workload-list.yaml", &[]);
    let less = "places:\n  333333333333/eu-west-1: { quotas: { vpc.vpcs-per-region: 1 } }\n";
    base.text = base.text.replacen("places:\n", less, 1);
    let mut counter = Counter::default();
    let to = Target { tier: "business".to_owned(), region: "eu-west-1".to_owned(), tenants: 30 };
    let all = round(&base, &[to], &mut counter).expect("it can be asked");
    let of = |account: &str| all.iter().filter(|one| one.account == account).count();
    assert_eq!((of("333333333333"), of("444444444444")), (1, 0), "{all:?}");
    assert_eq!(all.iter().find(|one| one.account == "333333333333").map(|one| one.value), Some(2));
    assert!(of("555555555555") > 0, "{all:?}");
}

/// Where the pools lack blocks, no account helps: it is said, and how many fit then is so.
#[test]
fn blocks_that_are_missing_are_said() {
    let mut base = Base::golden("workload-list.yaml", &[]);
    base.text = base.text.replacen("10.96.0.0/14", "10.96.0.0/18", 1);
    base.lock = None;
    let mut counter = Counter::default();
    let (growths, _) = base.forecast(&mut counter);
    let business = growths.iter().find(|one| one.tier == "business").expect("it is there");
    let request = wish(&base, &targets(&[business], 30), &mut counter);
    let [Short::Blocks { missing, .. }] = request.outlook.short[..] else {
        panic!("{:?}", request.outlook.short);
    };
    let then = &request.outlook.then[0].1.limits[0];
    assert_eq!((then.what, then.fits + missing), (What::Addresses, business.tenants + 30));
    let all = asked(&request::commands(&request));
    let more = then.fits - business.tenants;
    let mut made = |more: u64| {
        base.found_if(&[("business", "eu-west-1", more)], |spec| grant(spec, &all), &mut counter)
    };
    assert_eq!(made(more), Found::default());
    let refused = made(more + 1).refused;
    assert!(refused.len() == 1 && refused[0].starts_with("plan/pool-full"), "{refused:?}");
}

/// Stacks are counted, too, and a tenant that is cut has several: no account gets more than it takes.
#[test]
fn stacks_close_an_account() {
    let service = |n: usize| {
        let long = "x".repeat(2000);
        format!("s{n}: {{ image: app, cpu: 256, memory: 512, environment: {{ LONG: '{long}' }} }}")
    };
    let services: Vec<String> = (0..24).map(service).collect();
    let certificates = ["333333333333", "444444444444"]
        .map(|id| format!("'arn:aws:acm:eu-west-1:{id}:certificate/s'"));
    let tenants: Vec<String> = (0..5).map(|n| format!("{{ id: t{n}, tier: cut }}")).collect();
    let text = format!(
        "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: {{ workload: ['333333333333', '444444444444'] }}\n\
         network: {{ zones: 2, zone_slots: 2, pools: [{{ cidr: 10.0.0.0/12 }}], egress: {{ nat: none }} }}\n\
         quotas: {{ cloudformation.stacks-per-account: 14 }}\n\
         tiers:\n  cut: {{ isolation: container, network: {{ cell_prefix: 20 }}, \
         ingress: {{ domain: s.example, certificates: {{ eu-west-1: [{}] }} }}, services: {{ {} }} }}\n\
         tenants: [{}]\n",
        certificates.join(", "),
        services.join(", "),
        tenants.join(", "),
    );
    let (base, mut counter) = (Base::of(text), Counter::default());
    let (spec, lock) = base.read(&[]);
    let (lock, uses) = whole(&spec, &lock, &mut counter).expect("it fits");
    let stacks = uses.iter().filter(|one| one.quota == "cloudformation.stacks-per-account");
    let stacks: Vec<(&str, u64)> = stacks.map(|one| (one.account.as_str(), one.used)).collect();
    let [("333333333333", first), ("444444444444", second)] = stacks[..] else {
        panic!("both accounts take some: {stacks:?}");
    };
    // A tenant has more than one stack, and there is no room for one more of them.
    assert!(lock.parts.len() > 1 && first <= 14 && second <= 14, "{stacks:?}");
    let (growths, over) = base.forecast(&mut counter);
    assert_eq!(over, BTreeSet::new());
    assert!(hold(&base, &growths[0], 40, &mut counter) > 0, "{:?}", growths[0].limits);
    assert_eq!(growths[0].limits[0].what, What::Quota("cloudformation.stacks-per-account"));
}

/// Tiers of two accounts, of which some have keys; so many tenants of `a`, and of `b`.
fn with_keys(keys: &str, without: &str, quotas: &str, [a, b]: [usize; 2]) -> Base {
    let tier = |rest: &str| format!("{{ isolation: vpc, network: {{ prefix: 22 }}{rest} }}");
    let mut lacks = format!(", components: {{ without: [{without}] }}");
    if without.is_empty() {
        lacks.clear();
    }
    let tenants = (0..a).map(|n| format!("{{ id: a{n}, tier: a }}"));
    let tenants: Vec<String> =
        tenants.chain((0..b).map(|n| format!("{{ id: b{n}, tier: b }}"))).collect();
    Base::of(format!(
        "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: {{ workload: ['333333333333', '444444444444'] }}\n\
         network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/9 }}], egress: {{ nat: none }} }}\n\
         quotas: {{ {quotas} }}\ncomponents: {{ protection: {{ {keys} }} }}\n\
         tiers: {{ a: {}, b: {}, c: {} }}\ntenants: [{}]\n",
        tier(""),
        tier(""),
        tier(&lacks),
        tenants.join(", "),
    ))
}

/// What one tier's key takes is taken where that tier lives, and nobody else is told of it: as many fit as
/// are foretold, all are placed, and what is asked is enough.
#[test]
fn a_key_is_of_those_who_need_it() {
    let stacks = "vpc.vpcs-per-region: 100, vpc.internet-gateways-per-region: 100, \
                  cloudformation.stacks-per-account: 8";
    let cases = [
        ("keys: tier", "protection", [0, 0], [8, 8, 10]),
        ("keys: tier", "protection", [1, 0], [8, 6, 8]),
        ("keys: tier", "protection", [1, 5], [1, 6, 1]),
        ("keys: tier", "", [1, 1], [6, 6, 4]),
        // What is asked of the resolver is recorded for all, so all need the key of the estate.
        ("keys: estate", "protection", [0, 0], [10, 10, 10]),
        ("keys: estate, dns: { log: false }", "protection", [0, 0], [10, 10, 12]),
        ("keys: estate, dns: { log: false }", "protection", [1, 2], [8, 9, 8]),
    ];
    for (keys, without, there, fits) in cases {
        let (base, mut counter) =
            (with_keys(keys, without, stacks, there).placed(), Counter::default());
        let (growths, over) = base.forecast(&mut counter);
        assert_eq!(over, BTreeSet::new(), "{keys} {there:?}");
        let told: Vec<u64> = growths.iter().map(|growth| growth.limits[0].fits).collect();
        assert_eq!(told, fits, "{keys} {there:?}");
        for growth in &growths {
            assert!(hold(&base, growth, 40, &mut counter) > 0, "{keys} {there:?}");
        }
        for one in growths.iter().filter(|one| one.tenants > 0) {
            let all = targets(&[one], one.limits[0].fits - one.tenants);
            assert_eq!(round(&base, &all, &mut counter), Some(Vec::new()), "{keys} {there:?}");
        }
    }
}

/// Accounts that fill with VPCs, one after the other.
fn in_accounts(accounts: usize, tenants: usize, component: &str, quotas: &str) -> String {
    let ids: Vec<String> = (3..3 + accounts).map(|n| format!("'3000000000{n:02}'")).collect();
    let tenants: Vec<String> = (0..tenants).map(|n| format!("{{ id: n{n}, tier: v }}")).collect();
    format!(
        "version: 1\nname: w\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: {{ workload: [{}], shared: '222222222222', log_archive: '666666666666' }}\n\
         network: {{ zones: 2, zone_slots: 2, pools: [{{ cidr: 10.0.0.0/10 }}], egress: {{ nat: none }} }}\n\
         quotas: {{ {quotas} }}\ncomponents: {{ {component} }}\n\
         tiers: {{ v: {{ isolation: vpc, network: {{ prefix: 22 }} }} }}\ntenants: [{}]\n",
        ids.join(", "),
        tenants.join(", "),
    )
}

/// The same, with a lock that was made with other quotas.
fn placed(accounts: usize, tenants: usize, component: &str, quotas: [&str; 2]) -> Base {
    let mut base = Base::of(in_accounts(accounts, tenants, component, quotas[0])).placed();
    base.text = in_accounts(accounts, tenants, component, quotas[1]);
    base
}

/// What each account that somebody comes to adds to what all share: not sooner, and each once.
#[test]
fn each_account_that_is_entered_adds_to_what_is_shared() {
    let policy = ("s3.bucket-policy-size", "audit: {}", "audit-archive/RecordsPolicy");
    let pass =
        ("iam.role-inline-policy-total-length", "delivery: {}", "delivery-eu-west-1/DeployRole");
    let cases = [
        (25, 1, policy, 20_480, 22),
        (3, 2, policy, 2360, 4),
        (3, 2, policy, 1473, 2),
        (3, 2, pass, 2143, 4),
    ];
    for (accounts, vpcs, (quota, component, place), most, fits) in cases {
        let vpcs = format!("vpc.internet-gateways-per-region: 60, vpc.vpcs-per-region: {vpcs}");
        let quotas = format!("{vpcs}, {quota}: {most}");
        let base = placed(accounts, 1, component, [&vpcs, &quotas]);
        let mut counter = Counter::default();
        let (growths, _) = base.forecast(&mut counter);
        let first = &growths[0].limits[0];
        let told = (first.what.id(), first.place.as_str(), first.fits);
        assert_eq!(told, (quota, place, fits), "{accounts} {most}");
        assert!(hold(&base, &growths[0], 40, &mut counter) > 0, "{accounts} {most}");
    }
}

/// An account that somebody lives in brings nothing again.
#[test]
fn an_account_that_is_lived_in_brings_nothing_again() {
    let lived = "vpc.vpcs-per-region: 2";
    let more = "vpc.vpcs-per-region: 6, s3.bucket-policy-size: 2400";
    for (component, more) in
        [("audit: {}", more), ("", "vpc.vpcs-per-region: 6, cloudformation.description-bytes: 72")]
    {
        let base = placed(2, 3, component, [lived, more]);
        let mut counter = Counter::default();
        let (growths, _) = base.forecast(&mut counter);
        let first = &growths[0].limits[0];
        assert_eq!((first.what.id(), first.fits), ("vpc.vpcs-per-region", 12), "{more}");
        assert!(hold(&base, &growths[0], 40, &mut counter) > 0, "{more}");
        assert_eq!(round(&base, &targets(&[&growths[0]], 5), &mut counter), Some(Vec::new()));
    }
}

/// Each account that cells open in adds to what is shared, and nobody grants more of that.
#[test]
fn what_cells_of_another_account_add_is_said_to_be_missing() {
    let text =
        in_accounts(2, 0, "audit: {}", "vpc.vpcs-per-region: 2, s3.bucket-policy-size: 1500")
            .replace("tiers: { v: { isolation: vpc, network: { prefix: 22 } } }", CELLS);
    let (base, mut counter) = (Base::of(text).placed(), Counter::default());
    let tier = "v".to_owned();
    let to = Target { tier, region: "eu-west-1".to_owned(), tenants: 3 };
    let request = wish(&base, &[to], &mut counter);
    let wants: Vec<&str> = request.outlook.wants.iter().map(|want| want.at.quota).collect();
    assert_eq!(wants, ["s3.bucket-policy-size"]);
    assert_eq!(request.outlook.then[0].1.limits[0].fits, 2);
    assert_eq!(base.found(&[("v", "eu-west-1", 2)], &mut counter), Found::default());
    let found = base.found(&[("v", "eu-west-1", 3)], &mut counter);
    assert!(found.over.iter().all(|(quota, _)| quota == wants[0]) && !found.over.is_empty());
}

/// A tier whose tenants have a cell each.
const CELLS: &str = "tiers: { v: { isolation: application, network: { cell_prefix: 22 }, \
    pool: { tenants: 1 }, app: { instances: { types: [t4g.small], min: 1, max: 2 } }, \
    data: { engine: dynamodb, partition: item, tables: { orders: {} } }, \
    throttle: { rate: 1, burst: 2 }, endpoints: { gateway: [dynamodb] } } }";

proptest! {
    #![proptest_config(cases(3))]

    /// Whatever the estate, and whatever each account has.
    #[test]
    fn with_forecasts_at_random(small in small()) {
        let small = small.in_several();
        let Some(base) = small.base() else { return Err(TestCaseError::reject("over already")) };
        let mut counter = Counter::default();
        let (growths, _) = base.forecast(&mut counter);
        for growth in small.chosen(&growths) {
            hold(&base, growth, 40, &mut counter);
        }
    }

    /// Whatever the estate, and whatever is over in some account; for one tier, and for several.
    #[test]
    fn with_requests_at_random(small in small(), more in 1..25_u64, both in any::<bool>()) {
        let small = small.in_several();
        let Some(base) = small.base_if(|_| true) else { return Err(TestCaseError::reject("full")) };
        let mut counter = Counter::default();
        let (growths, _) = base.forecast(&mut counter);
        let chosen: Vec<&Growth> = small.chosen(&growths).collect();
        let all = targets(if both { &chosen } else { &chosen[..1] }, more);
        round(&base, &all, &mut counter);
    }
}
