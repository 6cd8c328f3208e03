//! What `quotas --keep` prints, in a blueprint, says what the listings said: the same report, and the same
//! complaints. And what of the command line means nothing is refused, and what is lost on its way out told.

use std::fs;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::{Value, json};
use tenantry::aws::quota;
use tenantry::engine::{Engine, Options};
use tenantry::source::{FileId, Source, Sources};
use tenantry::spec::quota::Place;
use tenantry::spec::quota::learn::{Listings, learn};
use tenantry::synth::{Made, Outcome, Request, synth_besides};
use tenantry::view::quotas;

use crate::listing::{ACCOUNT, VPCS, granted, quickstart, quotas as listing, run};
use crate::support::{cases, root};

/// The blueprints whose listings are kept, and accounts of theirs.
const ESTATES: [(&str, &[&str]); 4] = [
    ("hybrid.yaml", &["333333333333", "222222222222", "111111111111", "555555555551"]),
    ("workload-list.yaml", &["333333333333", "555555555555"]),
    ("account-peering.yaml", &["333333333333", "111111111111"]),
    ("component-delivery.yaml", &["333333333333"]),
];

/// A blueprint of the repository's, with its lock.
struct Base {
    name: &'static str,
    text: String,
    lock: Option<String>,
}

/// A listing, and the place that is named of it.
type Listed = (Option<Place>, String);

impl Base {
    fn of(name: &'static str) -> Self {
        let folder = root().join("blueprints");
        let text = fs::read_to_string(folder.join(name)).expect("a blueprint");
        let stem = name.rsplit_once('.').expect("an ending").0;
        let lock = fs::read_to_string(folder.join(format!("{stem}.lock.json"))).ok();
        Base { name, text, lock }
    }

    /// The same with `places` in place of its own.
    fn with(&self, places: &str) -> Self {
        let mut inside = false;
        let others = self.text.lines().filter(|line| {
            inside = line.starts_with("places:") || (inside && line.starts_with([' ', '#']));
            !inside
        });
        let text = others.map(|line| format!("{line}\n")).collect::<String>() + places;
        Base { name: self.name, text, lock: self.lock.clone() }
    }

    /// What comes of it with listings of what is granted and of what is there.
    fn made(&self, granted: &[Listed], existing: &[Listed]) -> Outcome {
        let options =
            Options { engines: vec![Engine::CloudFormation], inline: false, partial: false };
        let lock = self.lock.as_ref().map(|text| ("lock.json", text.as_bytes()));
        let request = Request {
            name: self.name,
            blueprint: self.text.as_bytes(),
            lock,
            locked: false,
            options,
            tenants: &[],
        };
        let mut load = |file: &str| {
            fs::read(root().join("blueprints").join(file)).map_err(|error| error.to_string())
        };
        synth_besides(&request, &mut load, &mut |spec, sources, sink| {
            let granted = files(granted, sources);
            let existing = files(existing, sources).into_iter();
            let existing = existing.filter_map(|(place, file)| Some((place?, file))).collect();
            learn(sources, &Listings { granted, existing }, Some(spec), sink);
        })
    }
}

fn files(listed: &[Listed], sources: &mut Sources) -> Vec<(Option<Place>, FileId)> {
    let add = |(place, text): &Listed| {
        (place.clone(), sources.add(Source::new("listing.json", text.as_str())))
    };
    listed.iter().map(add).collect()
}

fn estate(outcome: &Outcome) -> Option<&Made> {
    outcome.made.as_ref().or(outcome.stopped.as_ref())
}

/// The report for machines, and all complaints without their places.
fn told(outcome: &Outcome) -> (String, Vec<String>) {
    let found = outcome.sink.as_slice().iter();
    let mut found: Vec<String> =
        found.map(|one| format!("{}: {}", one.rule.id, one.message)).collect();
    found.sort();
    let report = estate(outcome).map(|made| quotas::json(&quotas::report(made)));
    (report.unwrap_or_default(), found)
}

/// Keeps what listings say, and holds the blueprint with it against the listings. What was kept.
fn kept(base: &Base, granted: &[Listed], existing: &[Listed]) -> Option<String> {
    let listed = base.made(granted, existing);
    let places = quotas::places(&estate(&listed)?.spec.quotas);
    let again = base.with(&places).made(&[], &[]);
    assert_eq!(told(&again), told(&listed), "{}: {places}", base.name);
    let twice = quotas::places(&estate(&again).expect("it was told").spec.quotas);
    assert_eq!(twice, places, "kept again, it is the same");
    Some(places)
}

fn place(text: &str) -> Place {
    Place::parse(text).expect("a place")
}

/// A listing of what is granted in the region of the blueprints, by the codes of the rows.
fn grants(account: &str, rows: &[(&str, u32)]) -> Listed {
    let entry = |(id, count): &(&str, u32)| {
        let code = quota::get(id).expect("a row").code.expect("a code");
        let region = if id.starts_with("iam.") { "" } else { "eu-west-1" };
        granted("any", code, f64::from(*count), region, account)
    };
    (None, listing(&rows.iter().map(entry).collect::<Vec<_>>()))
}

fn is_over(base: &Base, granted: &[Listed], id: &str) -> bool {
    let outcome = base.made(granted, &[]);
    let uses = &estate(&outcome).expect("it is counted").uses;
    uses.iter().any(|one| one.quota == id && one.is_over())
}

/// What AWS grants by default, or less, or none, or more than is known as the most, is said all the same.
#[test]
fn what_is_granted_is_kept_as_it_is() {
    const FARGATE: &str = "fargate.on-demand-vcpus";
    const GATEWAYS: &str = "vpc.internet-gateways-per-region";
    let base = Base::of("hybrid.yaml");
    let default = quota::get(FARGATE).and_then(|row| row.default).expect("a default");
    let fargate = [grants(ACCOUNT, &[(FARGATE, default)])];
    let places = kept(&base, &fargate, &[]).expect("it is counted");
    assert!(places.contains(&format!("{FARGATE}: {default}")), "{places}");
    assert!(is_over(&base, &fargate, FARGATE) && is_over(&base.with(&places), &[], FARGATE));
    // The nearest counts, also where it is the default and the blueprint says more for everywhere.
    let wide =
        Base { text: format!("quotas: {{ vpc.vpcs-per-region: 50 }}\n{}", base.text), ..base };
    let usual = [grants(ACCOUNT, &[("vpc.vpcs-per-region", 5)])];
    assert!(kept(&wide, &usual, &[]).expect("it is counted").contains("vpc.vpcs-per-region: 5\n"));
    // What is raised with another quota is not, where AWS says so.
    let base = Base::of("hybrid.yaml");
    let tied = [grants(ACCOUNT, &[("vpc.vpcs-per-region", 50), (GATEWAYS, 5)])];
    assert!(kept(&base, &tied, &[]).expect("it is counted").contains(&format!("{GATEWAYS}: 5\n")));
    // Beyond the most that is known, and none.
    let odd = [grants(
        ACCOUNT,
        &[("vpc.active-peerings-per-vpc", 200), ("ec2.on-demand-standard-vcpus", 0)],
    )];
    let places = kept(&base, &odd, &[]).expect("it is counted");
    assert!(
        places.contains("peerings-per-vpc: 200\n") && places.contains("vcpus: 0\n"),
        "{places}"
    );
    // What tenants of subnets need is asked of listings, too.
    let acl = [grants(ACCOUNT, &[("vpc.rules-per-network-acl", 40)])];
    let text = fs::read_to_string(root().join("tests/reject/acl-rules.yaml")).expect("a case");
    let base = Base { text, lock: None, ..base };
    assert!(estate(&base.made(&[], &[])).is_none(), "twenty are not enough");
    kept(&base, &acl, &[]).expect("forty are");
}

/// That none is there is said, too: it goes before what AWS makes in a new account.
#[test]
fn what_is_not_there_is_kept() {
    let base = Base::of("hybrid.yaml");
    let none = json!({ "Vpcs": [] }).to_string();
    let places =
        kept(&base, &[], &[(Some(place("555555555551/eu-west-1")), none)]).expect("it is counted");
    assert_eq!(
        places,
        "places:\n  \"555555555551/eu-west-1\":\n    used:\n      vpc.vpcs-per-region: 0\n"
    );
    let others = |base: &Base| {
        let outcome = base.made(&[], &[]);
        let uses = &estate(&outcome).expect("it is counted").uses;
        let own = |one: &&tenantry::check::quota::Use| {
            one.quota == "vpc.vpcs-per-region" && one.account == "555555555551"
        };
        uses.iter().find(own).expect("its VPC").others
    };
    let written = base.with(&places);
    assert_eq!((others(&base), others(&written)), (1, 0), "the default VPC is gone");
    assert_eq!(
        kept(&written, &[], &[]).as_deref(),
        Some(&*places),
        "what the blueprint says stays"
    );
    assert_eq!(kept(&base, &[], &[]).as_deref(), Some("places: {}\n"), "nobody said anything");
}

/// A listing of what is there, with so many entries, and the place that it is of.
fn there(kind: usize, entries: usize, account: &str) -> Listed {
    let id = |n: usize| format!("others-{n}");
    let all = |of: fn(String) -> Value| (0..entries).map(|n| of(id(n))).collect::<Vec<Value>>();
    let (list, entries) = match kind {
        0 => ("Vpcs", all(|id| json!({ "VpcId": id }))),
        1 => ("Roles", all(|id| json!({ "RoleName": id }))),
        2 => ("TableNames", all(Value::from)),
        3 => ("LoadBalancers", all(|id| json!({ "LoadBalancerName": id, "Type": "network" }))),
        4 => ("Stacks", all(|id| json!({ "StackName": id }))),
        _ => ("InternetGateways", all(|id| json!({ "InternetGatewayId": id }))),
    };
    (Some(place(&format!("{account}/eu-west-1"))), json!({ list: entries }).to_string())
}

proptest! {
    #![proptest_config(cases(6))]

    /// Whatever estate, whatever is listed, in whatever account of it.
    #[test]
    fn whatever_is_listed_is_kept(
        at in 0..ESTATES.len(),
        rows in prop::collection::btree_map((0..4_usize, 0..1_000_usize), prop_oneof![0..12_u32, 12..6_000_u32], 0..9),
        others in prop::collection::btree_map((0..4_usize, 0..6_usize), 0..5_usize, 0..6),
    ) {
        let (name, accounts) = ESTATES[at];
        let known: Vec<&str> = quota::all().iter().filter(|row| row.code.is_some()).map(|row| row.id).collect();
        let mut granted = Vec::new();
        for (n, account) in accounts.iter().enumerate() {
            let mut own: Vec<(&str, u32)> = Vec::new();
            for ((whose, row), count) in &rows {
                let id = known[row % known.len()];
                if whose % accounts.len() == n && own.iter().all(|(other, _)| *other != id) {
                    own.push((id, *count));
                }
            }
            granted.push(grants(account, &own));
        }
        let mut existing: Vec<Listed> = Vec::new();
        for ((whose, kind), count) in &others {
            if *whose < accounts.len() {
                existing.push(there(*kind, *count, accounts[*whose]));
            }
        }
        kept(&Base::of(name), &granted, &existing);
    }
}

/// What means nothing together is refused, and nothing is printed.
#[test]
fn options_that_mean_nothing_together_are_refused() {
    for options in [
        "--keep --format json",
        "--keep --all",
        "--keep --consolidate",
        "--keep --request commands",
        "--request commands --all",
        "--request commands --format json",
        "--consolidate --all",
        "--consolidate --request terraform",
    ] {
        let options: Vec<&str> = options.split(' ').collect();
        let (code, out, said) = run(&quickstart(), &[], &options);
        assert!(code == 1 && out.is_empty(), "{options:?}: {code} {out}");
        assert!(said.contains("cannot be used with"), "{options:?}: {said}");
    }
    let (code, out, _) = run(&quickstart(), &[], &["--consolidate", "--format", "json"]);
    assert!(code == 0 && out.starts_with('{'), "this means something");
}

/// It is judged where it is reported, and only there: what is kept is for CI, which judges.
#[test]
fn keeping_judges_nothing() {
    let short = listing(&[granted("vpc", VPCS, 3.0, "eu-west-1", ACCOUNT)]);
    let ends = |blueprint: &str, more: &[&str]| {
        let files = [("g.json", short.clone())];
        let (code, out, _) = run(blueprint, &files, more);
        (code, out)
    };
    assert_eq!(ends(&quickstart(), &["--granted", "g.json"]).0, 3);
    let (code, places) = ends(&quickstart(), &["--granted", "g.json", "--keep"]);
    assert_eq!(code, 0);
    assert_eq!(ends(&quickstart(), &["--granted", "g.json", "--consolidate"]).0, 0);
    assert_eq!(ends(&format!("{}\n{places}", quickstart()), &[]).0, 3, "{places}");
}

/// A device that is full takes nothing, and that is told; a reader that went away is no failure.
#[test]
fn what_cannot_be_printed_is_told() {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let folder = root().join("blueprints");
    for arguments in
        [&["quotas", "quickstart.yaml", "--keep"][..], &["check", "quickstart.yaml"], &["--help"]]
    {
        let out = fs::File::options().write(true).open(full).expect("it can be opened");
        let ended = Command::new(env!("CARGO_BIN_EXE_tenantry"))
            .args(arguments)
            .current_dir(&folder)
            .stdout(Stdio::from(out))
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {said}");
        assert_eq!(said.matches("tenantry: cannot write to standard output").count(), 1, "{said}");
    }
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ended = Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(["quotas", "quickstart.yaml", "--keep"])
        .current_dir(&folder)
        .stdout(writer)
        .output()
        .expect("the program starts");
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
}
