//! What a thing is called in a comparison is what its engine calls it, also what it was called before.

use tenantry::change;
use tenantry::change::side::Side;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{options, root, synth_text};

fn made(text: &str, lock: Option<&str>) -> Made {
    let outcome = synth_text("b.yaml", text.as_bytes(), lock, &root(), options());
    outcome.made.expect("it is sound")
}

#[test]
fn former_names_are_those_of_the_engine() {
    let text = std::fs::read_to_string(root().join("blueprints/full.yaml")).expect("a blueprint");
    let before = made(&text, None);
    let after = made(&text.replacen("nat: single", "nat: per-zone", 1), Some(&before.lock));
    for (engine, name) in [
        (Engine::CloudFormation, "TenantRouteTable"),
        (Engine::Terraform, "aws_route_table.tenant_route_table"),
    ] {
        let side = |made: &Made| Side::made(made, &[engine], false);
        let report = change::compare("base", &side(&before), &side(&after));
        let changes = report.groups.iter().flat_map(|group| &group.changes);
        let names: Vec<&str> = changes.filter_map(|change| change.renamed.as_deref()).collect();
        assert_eq!(names, [name], "{engine:?}");
    }
}
