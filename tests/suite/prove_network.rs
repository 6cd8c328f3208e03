//! What the network layer of the proof says of the blueprints: nobody reaches anybody, by which
//! boundary, and who is reached as the blueprint wants it.

use std::collections::BTreeMap;

use tenantry::prove::Layer as _;
use tenantry::prove::network::judge::Layered;
use tenantry::prove::read::{Deployed, Engine};
use tenantry::prove::verdict::Finding;

use crate::prove::rendered;
use crate::support::blueprints;

/// The files of a rendered folder.
pub type Files = BTreeMap<String, String>;

/// The network of a rendered folder, judged.
pub fn judged(files: &Files, engine: Engine) -> (Layered, Vec<Finding>) {
    let mut layer = Layered::default();
    let wanted = |kind: &str| layer.wants(kind);
    let deployed = Deployed::read(files, engine, &wanted).expect("it can be read");
    assert_eq!(deployed.troubles, [], "everything is read");
    let mut things = Layered::default();
    deployed.each(&mut |thing| things.take(thing));
    drop(deployed);
    layer = things;
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
