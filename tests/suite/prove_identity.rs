//! Identities, as the proof reads them.

use std::collections::BTreeMap;

use tenantry::prove::Layer as _;
use tenantry::prove::identity::Identity;
use tenantry::prove::read::{Deployed, Engine};
use tenantry::prove::verdict::{Finding, Hop, Verdict};

use crate::support::{blueprints, options, synth_blueprint};

type Files = BTreeMap<String, String>;

/// A rendered folder, in memory.
pub fn files(name: &str) -> Files {
    let made = synth_blueprint(name, options()).made.expect("it is sound");
    let rendered = made.render();
    let each = made.estate.stacks.iter().flat_map(|stack| rendered.stack(stack));
    rendered.shared().into_iter().chain(each).map(|file| (file.path, file.text)).collect()
}

fn judged(files: &Files, engine: Engine) -> (Vec<Finding>, Identity) {
    let mut identity = Identity::default();
    let wanted = |kind: &str| Identity::default().wants(kind);
    let deployed = Deployed::read(files, engine, &wanted).expect("it can be read");
    deployed.each(&mut |thing| identity.take(thing));
    for (path, text) in files {
        identity.file(path, text);
    }
    (identity.judge(), identity)
}

#[test]
fn what_is_unbroken_is_clean() {
    let mut open = Vec::new();
    for name in blueprints() {
        let files = files(&name);
        for engine in [Engine::CloudFormation, Engine::Terraform] {
            let (found, _) = judged(&files, engine);
            for finding in found.into_iter().filter(|f| f.verdict == Verdict::Reachable) {
                open.push(format!("{name} {engine:?} {}", told(&finding)));
            }
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

/// A finding in a few lines.
pub fn told(finding: &Finding) -> String {
    let hop = |hop: &Hop| format!("    {}: {} [{} {}]", hop.what, hop.why, hop.file, hop.pointer);
    let hops: Vec<String> = finding.witness.iter().map(hop).collect();
    let (from, to) = (&finding.from, &finding.to);
    format!("{from} -> {to}: {} {}\n{}", finding.by, finding.what, hops.join("\n"))
}
