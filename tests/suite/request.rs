//! What is asked of AWS is enough and no more: written as commands, granted as AWS lists it, so many
//! tenants fit; with one less of anything they do not. Both the forecast and the whole way through are
//! asked, and neither reads what the other does.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use tenantry::aws::quota;
use tenantry::check::quota::{Counter, Use};
use tenantry::diag::Sink;
use tenantry::forecast::ask::{Refusal, Target, Want};
use tenantry::forecast::reach::foreseen;
use tenantry::forecast::{Growth, What, forecast, forecast_of};
use tenantry::source::{Source, Sources};
use tenantry::spec::Spec;
use tenantry::spec::quota::granted;
use tenantry::synth::Made;
use tenantry::view::request::{self, Request};

use crate::forecast::{Base, over, whole};
use crate::small::small;
use crate::support::{cases, options, root, synth_text, tenantry, told};

/// What a command asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub account: String,
    region: String,
    service: String,
    code: String,
    pub value: u64,
}

/// What a script asks, read from its commands.
pub fn asked(script: &str) -> Vec<Asked> {
    let (mut out, mut account) = (Vec::new(), "");
    for line in script.lines() {
        if let Some(named) = line.strip_prefix("# with credentials of account ") {
            account = named;
        }
        let words: Vec<&str> = line.split(' ').collect();
        let ["aws", "service-quotas", "request-service-quota-increase", rest @ ..] = &words[..]
        else {
            continue;
        };
        let of: BTreeMap<&str, &str> = rest.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        let word = |key: &str| of[key].to_owned();
        let value = of["--desired-value"].parse().expect("a number");
        let (region, service) = (word("--region"), word("--service-code"));
        let account = account.to_owned();
        out.push(Asked { account, region, service, code: word("--quota-code"), value });
    }
    out
}

/// The same, read from resources of Terraform.
fn resources(text: &str) -> Vec<Asked> {
    let json: Value = serde_json::from_str(text).expect("JSON");
    let providers = json["provider"]["aws"].as_array().cloned().unwrap_or_default();
    let all = json["resource"]["aws_servicequotas_service_quota"].as_object().cloned();
    let word = |it: &Value| it.as_str().expect("text").to_owned();
    let of = |it: Value| {
        let named = |one: &&Value| format!("aws.{}", word(&one["alias"])) == it["provider"];
        let provider = providers.iter().find(named).expect("it is declared");
        Asked {
            account: word(&provider["allowed_account_ids"][0]),
            region: word(&provider["region"]),
            service: word(&it["service_code"]),
            code: word(&it["quota_code"]),
            value: it["value"].as_u64().expect("a number"),
        }
    };
    all.unwrap_or_default().into_iter().map(|(_, it)| of(it)).collect()
}

/// Grants what is asked, as AWS lists what it granted: global quotas have no region there, and what is
/// raised with another quota is there, too, by the same amount.
pub fn grant(spec: &mut Spec, asked: &[Asked]) {
    let entry = |one: &Asked, code: &str, value: u64| {
        let global = ["iam", "organizations", "s3"].contains(&one.service.as_str());
        let region = if global { "" } else { &one.region };
        let arn = ["arn:aws:servicequotas", region, &one.account, &one.service].join(":");
        json!({ "QuotaCode": code, "QuotaArn": format!("{arn}/{code}"), "Value": value })
    };
    let mut entries = Vec::new();
    for one in asked {
        entries.push(entry(one, &one.code, one.value));
        let row = quota::all().iter().find(|row| row.code == Some(&one.code)).expect("a row");
        let before = |id: &str| u64::from(spec.quotas.of_in(id, &one.account, &one.region));
        for tied in quota::all().iter().filter(|tied| tied.tied_to == Some(row.id)) {
            let value = (before(tied.id) + one.value).saturating_sub(before(row.id));
            entries.push(entry(one, tied.code.expect("it has a code"), value));
        }
    }
    let listing = json!({ "Quotas": entries });
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let file = sources.add(Source::new("granted.json", listing.to_string()));
    let read = granted::read(&sources, &[(None, file)], &mut sink);
    let read = read.unwrap_or_else(|| panic!("{:?}", sink.as_slice()));
    assert_eq!(read.len(), entries.len(), "each once");
    granted::apply(read, spec, &mut sink);
    assert_eq!(sink.errors(), 0, "{:?}", sink.as_slice());
}

fn target(tier: &str, tenants: u64) -> Target {
    Target { tier: tier.to_owned(), region: "eu-west-1".to_owned(), tenants }
}

/// How far a tier can grow with what was granted.
fn growth(base: &Base, asked: &[Asked], target: &Target, counter: &mut Counter) -> Growth {
    let (mut spec, lock) = base.read(&[]);
    grant(&mut spec, asked);
    let (lock, uses) = whole(&spec, &lock, counter).expect("it fits");
    let tiers = [(&target.tier, target.region.clone())];
    forecast_of(&spec, &lock, &uses, counter, &tiers).remove(0)
}

/// What is over when the targets are met, with what was granted.
fn found(
    base: &Base,
    asked: &[Asked],
    targets: &[Target],
    counter: &mut Counter,
) -> Result<BTreeSet<(String, String)>, Vec<String>> {
    let there = base.read(&[]).0.tenants;
    let more: Vec<(&str, &str, u64)> = targets
        .iter()
        .map(|to| {
            let own = there.values().filter(|it| it.tier == to.tier && it.region == to.region);
            (to.tier.as_str(), to.region.as_str(), to.tenants - own.count() as u64)
        })
        .collect();
    let (mut spec, lock) = base.read(&more);
    grant(&mut spec, asked);
    whole(&spec, &lock, counter).map(|(_, uses)| over(&uses))
}

/// What is asked for some targets.
pub fn wish(base: &Base, targets: &[Target], counter: &mut Counter) -> Request {
    let (spec, lock) = base.read(&[]);
    let (lock, uses) = whole(&spec, &lock, counter).expect("it fits");
    let outlook = foreseen(&spec, &lock, &uses, counter, targets);
    Request { outlook, growth: Vec::new(), over: false }
}

/// Whether a forecast says that so many fit.
fn fits(growth: &Growth, tenants: u64) -> bool {
    growth.limits.iter().all(|limit| !limit.passed && limit.fits >= tenants)
}

/// Round: what is asked is granted; the forecast says that all fit, and with one less of each that
/// they do not. Where something cannot be asked, what is said to fit then is what does, and no more is
/// asked than it takes for those.
fn round(base: &Base, target: &Target, counter: &mut Counter) -> usize {
    let request = wish(base, std::slice::from_ref(target), counter);
    let asked = asked(&request::commands(&request));
    let mut other = resources(&request::terraform(&request));
    let key = |one: &Asked| (one.account.clone(), one.region.clone(), one.code.clone());
    other.sort_by_key(key);
    let mut sorted = asked.clone();
    sorted.sort_by_key(key);
    assert_eq!(sorted, other, "both forms ask the same");
    let name = format!("{} {target:?}: {asked:?}", base.name);
    let then = growth(base, &asked, target, counter);
    let refused = request.outlook.wants.iter().filter(|it| it.refusal().is_some()).count();
    if refused + request.outlook.short.len() > 0 {
        assert!(!fits(&then, target.tenants), "{name}: what cannot be asked is needed");
        let said = &request.outlook.then[0].1.limits[0];
        assert_eq!((said, said.fits), (&then.limits[0], then.limits[0].fits), "{name}");
        // What AWS Support, or a later import, can grant is not looked for a way round.
        let later = |it: &Want| matches!(it.refusal(), Some(Refusal::NoCode | Refusal::Pending));
        if said.passed || said.fits <= then.tenants || request.outlook.wants.iter().any(later) {
            return 0;
        }
        return no_more_than_needed(
            base,
            &Target { tenants: said.fits, ..target.clone() },
            &asked,
            counter,
        );
    }
    assert!(fits(&then, target.tenants), "{name}: {:?}", then.limits.first());
    no_more_than_needed(base, target, &asked, counter)
}

/// With one less of anything that is asked, so many do not fit. How much is asked.
fn no_more_than_needed(
    base: &Base,
    target: &Target,
    asked: &[Asked],
    counter: &mut Counter,
) -> usize {
    let name = format!("{} {target:?}: {asked:?}", base.name);
    for n in 0..asked.len() {
        let mut less = asked.to_vec();
        less[n].value -= 1;
        let then = growth(base, &less, target, counter);
        assert!(!fits(&then, target.tenants), "{name}: one less of {:?}", asked[n]);
    }
    asked.len()
}

/// All five models, with the defaults of AWS, far beyond what fits now.
#[test]
fn what_is_asked_is_enough_and_one_less_is_not() {
    let (base, mut counter) = (Base::golden("hybrid.yaml", &[]), Counter::default());
    let mut tried = BTreeMap::new();
    for tier in ["enterprise", "business", "team", "starter", "free"] {
        let asked = round(&base, &target(tier, 1_500), &mut counter);
        tried.insert(tier, asked);
    }
    assert!(tried.values().all(|asked| *asked > 0) && tried["business"] > 4, "{tried:?}");
}

/// The same with a blueprint of two regions, peering, components, and a quota of which an empty cell
/// has too little.
#[test]
fn wherever_it_is_asked() {
    let mut counter = Counter::default();
    let names = [
        ("account-peering.yaml", &[][..]),
        ("application.yaml", &[]),
        ("component-monitoring.yaml", &[]),
        ("two-regions.json", &[]),
    ];
    for (name, quotas) in names {
        let base = Base::golden(name, quotas);
        let (spec, lock) = base.read(&[]);
        let (lock, uses) = whole(&spec, &lock, &mut counter).expect("it fits");
        for one in forecast(&spec, &lock, &uses, &mut counter) {
            let tenants = one.limits[0].fits + 3;
            let target = Target { tier: one.tier.clone(), region: one.region.clone(), tenants };
            let pool = one.limits[0].what == What::Addresses;
            assert!(round(&base, &target, &mut counter) > 0 || pool, "{name} {target:?}");
        }
    }
    let text = std::fs::read_to_string(root().join("tests/reject/quota-holds-no-tenant.yaml"));
    let text = text.expect("it is there").replace("\n  - { id: globex, tier: team }", " []");
    let asked = round(&Base::of(text), &target("team", 2), &mut counter);
    assert!(asked > 0, "subnets at least, so that a cell takes one");
}

/// The tenants are made, not foreseen: with what is asked they pass, and with one less exactly that
/// is over. Several tiers share what their account has, and what each first brings is asked once.
#[test]
fn so_many_are_made() {
    let (base, mut counter) = (Base::golden("hybrid.yaml", &[]), Counter::default());
    let all: Vec<Target> =
        ["business", "team", "starter", "free"].map(|tier| target(tier, 110)).into();
    let sets = [vec![target("enterprise", 14)], vec![target("business", 9)], all];
    for targets in sets {
        let request = wish(&base, &targets, &mut counter);
        let asked = asked(&request::commands(&request));
        assert!(request.outlook.short.is_empty() && !asked.is_empty());
        let none = found(&base, &asked, &targets, &mut counter).expect("it is placed");
        assert_eq!(none, BTreeSet::new(), "{targets:?}");
        for n in 0..asked.len() {
            let mut less = asked.clone();
            less[n].value -= 1;
            let row = quota::all().iter().find(|row| row.code == Some(&less[n].code));
            let row = row.expect("it is in the table").id;
            match found(&base, &less, &targets, &mut counter) {
                Ok(over) => {
                    // What AWS raises with another quota is over with it.
                    let asked = |id: &String| quota::get(id).expect("a row").asked().id.to_owned();
                    let quotas: BTreeSet<String> = over.iter().map(|(id, _)| asked(id)).collect();
                    assert_eq!(quotas, [row.to_owned()].into(), "{targets:?}");
                }
                Err(refused) => assert!(refused.iter().all(|it| it.contains(row)), "{refused:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(4))]

    /// Whatever the estate, its limits and the holes in its lock. It is asked of one account.
    #[test]
    fn with_estates_at_random(small in small(), more in 1..30_u64) {
        let small = small.in_one_account();
        let Some(base) = small.base() else { return Err(TestCaseError::reject("over already")) };
        let mut counter = Counter::default();
        let (spec, lock) = base.read(&[]);
        let (lock, uses) = whole(&spec, &lock, &mut counter).expect("it fits");
        let growths = forecast(&spec, &lock, &uses, &mut counter);
        for one in small.chosen(&growths) {
            let tenants = one.tenants + more;
            let target = Target { tier: one.tier.clone(), region: one.region.clone(), tenants };
            round(&base, &target, &mut counter);
        }
    }
}

/// What AWS never grants is not asked: it is said, with what to change instead, and asked is what as many take
/// as can be had.
#[test]
fn what_aws_never_grants_is_said() {
    let (base, mut counter) = (Base::golden("hybrid.yaml", &[]), Counter::default());
    let request = wish(&base, &[target("enterprise", 60_000)], &mut counter);
    let refused: Vec<(&str, Refusal)> = request
        .outlook
        .wants
        .iter()
        .filter_map(|want| Some((want.at.quota, want.refusal()?)))
        .collect();
    assert!(refused.contains(&("organizations.accounts", Refusal::Most(50_000))), "{refused:?}");
    let script = request::commands(&request);
    // Those of the management, of the hub and of the cells are in the organization, too.
    let accounts = asked(&script).into_iter().find(|one| one.code == "L-29A0C5DF");
    assert_eq!(accounts.map(|one| one.value), Some(4_073 + 3), "{script}");
    let stacks = asked(&script).into_iter().filter(|one| one.code == "L-0485CB21");
    assert!(stacks.map(|one| one.value).max() < Some(4_100), "{script}");
    for line in [
        "# not asked: organizations.accounts in the organization: 60,003 of 10; AWS raises it to \
         50,000 at most; another organization, or another model (`tenantry compare`)",
        "# not asked: tier enterprise lacks 55,927 blocks of /20 in eu-west-1: another pool, or \
         smaller blocks",
        "# then 4,073 of 60,000 tenants of enterprise fit in eu-west-1, for want of addresses",
    ] {
        assert!(script.lines().any(|one| one == line), "{line}\n{script}");
    }
    // Of all that ends there, what AWS grants no more of is named.
    let request = wish(&base, &[target("starter", 60_000)], &mut counter);
    let script = request::commands(&request);
    let roles = asked(&script).into_iter().find(|one| one.code == "L-FE177D64");
    assert_eq!(roles.map(|one| one.value), Some(10_000), "{script}");
    assert!(script.trim_end().ends_with("for want of iam.roles-per-account"), "{script}");
}

/// Blocks of several tiers come from the same pools: what is missing is missing for all together.
#[test]
fn tiers_share_their_pools() {
    let text = "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: { workload: '333333333333' }\n\
         network: { pools: [{ cidr: 10.0.0.0/20 }], zones: 2, zone_slots: 2, egress: { nat: none } }\n\
         tiers:\n  a: { isolation: vpc, network: { prefix: 23 } }\n  \
         b: { isolation: vpc, network: { prefix: 22 } }\ntenants: [{ id: x, tier: a }]\n";
    let (base, mut counter) = (Base::of(text.to_owned()), Counter::default());
    let missing = |targets: &[Target], counter: &mut Counter| {
        let outlook = wish(&base, targets, counter).outlook;
        outlook.short.iter().map(|one| format!("{one:?}")).collect::<Vec<_>>()
    };
    // Eight blocks of /23: one is taken, three /22 are whole, and one /23 besides.
    assert!(missing(&[target("a", 8)], &mut counter).is_empty());
    assert!(missing(&[target("b", 3)], &mut counter).is_empty());
    assert!(missing(&[target("a", 4), target("b", 2)], &mut counter).is_empty());
    let [one] = &missing(&[target("a", 5), target("b", 2)], &mut counter)[..] else {
        panic!("one is missing");
    };
    assert!(one.contains("tier: \"a\"") && one.ends_with("missing: 1 }"), "{one}");
}

fn made(text: &str) -> (Option<Made>, Option<Made>) {
    let outcome = synth_text("b.yaml", text.as_bytes(), None, &root(), options());
    (outcome.made, outcome.stopped)
}

/// An estate that a limit stops is counted all the same, so that there is something to ask; granted,
/// it is made.
#[test]
fn what_is_stopped_can_be_asked_for() {
    let text = std::fs::read_to_string(root().join("tests/reject/region-full.yaml"));
    let text = text.expect("it is there");
    let (None, Some(stopped)) = made(&text) else { panic!("a gate stops it") };
    let request = request::request(&stopped, &[]);
    assert!(request.over);
    let asked = asked(&request::commands(&request));
    let codes: Vec<&str> = asked.iter().map(|one| one.code.as_str()).collect();
    assert!(codes.contains(&"L-E8693075") && codes.contains(&"L-F98FE922"), "{codes:?}");
    let place = |one: &Asked| {
        let row = quota::all().iter().find(|row| row.code == Some(&one.code)).expect("a row");
        format!("{}: {}", row.id, one.value)
    };
    let quotas: Vec<String> = asked.iter().map(place).collect();
    let granted = format!(
        "{text}places: {{ 333333333333/eu-west-1: {{ quotas: {{ {} }} }} }}\n",
        quotas.join(", ")
    );
    let (Some(made), None) = made(&granted) else { panic!("nothing stops it") };
    let uses: Vec<Use> = tenantry::check::quota::count(&made.spec, &made.estate);
    assert!(uses.iter().all(|one| !one.is_over()));
}

/// The flag: what it takes, and what it says of what it does not.
#[test]
fn the_flag_says_what_is_wrong() {
    let blueprint = root().join("blueprints/two-regions.json");
    let blueprint = blueprint.to_str().expect("UTF-8");
    let run = |rest: &[&str]| {
        let all = [&["quotas", blueprint][..], rest].concat();
        told(&tenantry(&root(), &all))
    };
    let asks = |tenants: &str| run(&["--request", "commands", "--tenants", tenants]);
    let (spec, _) = Base::golden("two-regions.json", &[]).read(&[]);
    let both: Vec<&String> = spec
        .tiers
        .keys()
        .filter(|tier| tenantry::forecast::regions(&spec, tier).len() > 1)
        .collect();
    let tier = both.first().expect("a tier lives in both regions");
    let (code, _, said) = asks(&format!("{tier}=50"));
    assert!(code == 1 && said.contains(&format!("write {tier}/REGION=N")), "{said}");
    let region = &spec.regions[1];
    let (code, script, said) = asks(&format!("{tier}/{region}=5000"));
    assert_eq!(code, 0, "{said}");
    assert!(!asked(&script).is_empty() && script.contains("of 5,000 tenants"), "{script}");
    for (wrong, word) in [
        ("nobody=5", "there is no tier"),
        (&format!("{tier}/mars=5"), "\"mars\" is not one of"),
        (&format!("{tier}=many"), "TIER=500"),
    ] {
        let (code, _, said) = asks(wrong);
        assert!(code == 1 && said.contains(word), "{wrong}: {said}");
    }
    let (code, script, said) = asks(&format!("{tier}/{region}=0"));
    assert!(code == 0 && script.contains(", more than 0"), "{said}{script}");
    let (code, _, said) = run(&["--tenants", "a=5"]);
    assert!(code == 1 && said.contains("--request"), "{said}");
}
