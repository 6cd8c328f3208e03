//! What the network layer of the proof says of the blueprints: nobody reaches anybody, by which
//! boundary, and who is reached as the blueprint wants it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tenantry::name::snake;
use tenantry::prove::Layer as _;
use tenantry::prove::network::judge::Layered;
use tenantry::prove::read::{Deployed, Engine};
use tenantry::prove::verdict::{Answer, End, Finding, Hop, Party, Protocol, Question, Verdict};

use crate::prove::rendered;
use crate::prove_mutants::network::{Expect, mutants};
use crate::support::blueprints;

/// The files of a rendered folder.
pub type Files = BTreeMap<String, String>;

/// The network of a rendered folder, judged.
pub fn judged(files: &Files, engine: Engine) -> (Layered, Vec<Finding>) {
    let mut layer = Layered::default();
    // Types that only other layers want are known, too.
    let deployed = Deployed::read(files, engine, &|_| true).expect("it can be read");
    assert_eq!(deployed.troubles, [], "everything is read");
    deployed.each(&mut |thing| {
        if layer.wants(thing.kind) {
            layer.take(thing);
        }
    });
    assert_eq!(layer.troubles(), [], "everything is understood");
    let findings = layer.judge();
    (layer, findings)
}

#[test]
fn no_blueprint_lets_a_tenant_reach_another() {
    for name in blueprints() {
        let files = rendered(&name);
        for engine in [Engine::CloudFormation, Engine::Terraform] {
            let (layer, findings) = judged(&files, engine);
            assert_eq!(findings, [], "{name} {}", engine.id());
            assert_eq!(layer.outside(), Vec::<String>::new(), "{name} {}", engine.id());
        }
    }
}

/// Everything that is broken is found, by the right way and over the right thing.
#[test]
fn every_mutant_is_caught() {
    let mut rendered_once: BTreeMap<&str, Files> = BTreeMap::new();
    let (mut table, mut wrong) = (String::new(), 0);
    for mutant in mutants() {
        let files =
            rendered_once.entry(mutant.blueprint).or_insert_with(|| rendered(mutant.blueprint));
        for engine in mutant.engines {
            let mut files = files.clone();
            assert!((mutant.apply)(&mut files, *engine), "{} changes nothing", mutant.name);
            let (_, findings) = judged(&files, *engine);
            let caught = findings.iter().find(|finding| expected(finding, &mutant.expect));
            let found = if let Some(finding) = caught {
                finding.what.clone()
            } else {
                wrong += 1;
                format!("MISSED: {:#?}", findings.first())
            };
            let _ = writeln!(
                table,
                "{:15} {} | {} | {found}",
                engine.id(),
                mutant.name,
                mutant.blueprint
            );
        }
    }
    println!("{table}");
    assert_eq!(wrong, 0, "{table}");
}

fn expected(finding: &Finding, expect: &Expect) -> bool {
    let party = |party: &Party, id: &str| party.tenant() == Some(id);
    let over = |hop: &Hop| {
        let id = hop.thing.rsplit('/').next().unwrap_or_default();
        snake(id).contains(expect.over) || id.contains(expect.over)
    };
    finding.verdict == Verdict::Reachable
        && party(&finding.from, expect.pair.0)
        && party(&finding.to, expect.pair.1)
        && finding.by.contains(expect.by)
        && finding.witness.iter().any(over)
        && finding.witness.iter().all(|hop| !hop.file.is_empty() && !hop.thing.is_empty())
}

/// Which wall keeps two tenants apart is told, and where it stands.
#[test]
fn every_wall_has_a_name() {
    let cases = [
        ("vpc-transit-gateway.yaml", "globex", "initech", "network/no-route"),
        ("account-peering.yaml", "globex", "hooli", "network/no-route"),
        ("subnet-transit-gateway.yaml", "hooli", "umbrella", "network/acl"),
        ("subnet-peering.yaml", "hooli", "umbrella", "network/acl"),
        ("container.yaml", "globex", "initech", "network/security-group"),
        ("container.yaml", "globex", "hooli", "network/no-route"),
        ("application.yaml", "globex", "initech", "network/no-interface"),
    ];
    for (name, from, to, by) in cases {
        let files = rendered(name);
        for engine in [Engine::CloudFormation, Engine::Terraform] {
            let (layer, _) = judged(&files, engine);
            for (from, to) in [(from, to), (to, from)] {
                let why = layer.why(from, to).expect("they are apart");
                let shared = by == "network/security-group";
                let verdict = if shared { Verdict::Shared } else { Verdict::Isolated };
                assert_eq!((why.by, why.verdict), (by, verdict), "{name} {from} {to}");
                assert!(by == "network/no-interface" || !why.witness.is_empty(), "{name}");
            }
        }
    }
}

/// What tenants need is reached, and only that.
#[test]
fn what_is_needed_is_reached() {
    let tenant = |id: &str| End::Tenant(id.to_owned());
    let hub = || End::Hub;
    let block = |text: &str| End::Block(text.parse().expect("a block"));
    let cases = [
        ("vpc-transit-gateway.yaml", tenant("globex"), hub(), Some(443), true),
        ("vpc-transit-gateway.yaml", tenant("globex"), hub(), Some(22), false),
        ("vpc-transit-gateway.yaml", hub(), tenant("globex"), Some(443), true),
        ("vpc-transit-gateway.yaml", tenant("globex"), tenant("initech"), None, false),
        ("vpc-transit-gateway.yaml", End::Internet, tenant("globex"), Some(443), true),
        ("vpc-transit-gateway.yaml", End::Internet, tenant("globex"), Some(5432), false),
        ("vpc-transit-gateway.yaml", tenant("globex"), End::Internet, Some(443), true),
        ("vpc-transit-gateway.yaml", tenant("globex"), block("172.20.0.0/16"), Some(443), true),
        ("vpc-peering.yaml", tenant("initech"), hub(), Some(443), true),
        ("vpc-none.yaml", tenant("initech"), End::Internet, Some(22), false),
        ("subnet-transit-gateway.yaml", tenant("hooli"), hub(), Some(443), true),
        ("subnet-transit-gateway.yaml", End::Internet, tenant("hooli"), Some(8080), false),
    ];
    for (name, from, to, port, reaches) in cases {
        let files = rendered(name);
        for engine in [Engine::CloudFormation, Engine::Terraform] {
            let (layer, _) = judged(&files, engine);
            let (from, to) = (from.clone(), to.clone());
            let question = Question { from, to, protocol: Protocol::Tcp, port };
            match layer.ask(&question).expect("it is the network's to say") {
                Answer::Reaches(hops) => {
                    assert!(reaches && !hops.is_empty(), "{name} {question:?} {hops:#?}");
                }
                Answer::Refused(hops) => assert!(!reaches, "{name} {question:?} {hops:#?}"),
                Answer::Nowhere(what) => panic!("{name} {question:?}: {what}"),
            }
        }
    }
}

/// Ways to others are asked of the ways that there are, so ten times the tenants are ten times the
/// work, in cells, too. Counted in questions that are asked, as no clock is the same twice.
#[test]
fn the_work_grows_with_the_tenants() {
    for model in ["subnet", "container", "vpc"] {
        let asked = |count: usize| {
            let text = crate::estates::estate(&[(model, count)]);
            let options = crate::support::options();
            let root = crate::support::root();
            let made =
                crate::support::synth_text("b.yaml", text.as_bytes(), None, &root, options).made;
            let made = made.expect("it is sound");
            let rendered = made.render();
            let stacks = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
            let all = rendered.shared().into_iter().chain(stacks);
            let files: Files = all.map(|file| (file.path, file.text)).collect();
            let (layer, findings) = judged(&files, Engine::CloudFormation);
            assert_eq!(findings, [], "{model}");
            layer.asked()
        };
        let (few, many) = (asked(10), asked(40));
        assert!(many <= 4 * few + 40, "{model}: {few} questions for 10 tenants, {many} for 40");
    }
}
