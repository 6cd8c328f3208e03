//! `deploy.sh` for each engine. The scripts are the same for every estate but for a few constants;
//! everything about stacks they read from the manifest, so they do not change with the tenants.

use serde_json::json;

use crate::engine::Engine;
use crate::spec::{Spec, text};

/// The script of an engine.
pub fn render(engine: Engine, spec: &Spec) -> String {
    let source = match engine {
        Engine::CloudFormation => include_str!("script/cloudformation.sh.hbs"),
        Engine::Terraform => include_str!("script/terraform.sh.hbs"),
    };
    let mut registry = text::registry();
    let common = include_str!("script/common.sh.hbs");
    registry.register_partial("common", common).expect("our own template");
    let enter = include_str!("script/enter.sh.hbs");
    registry.register_partial("enter", enter).expect("our own template");
    let context = json!({
        "estate": spec.estate(),
        "partition": spec.partition.id(),
        "account": spec.deploy.account,
        "cost_tags": cost_tags(spec),
        "tiers": spec.tiers.keys().collect::<Vec<_>>(),
    });
    registry.render_template(source, &context).expect("our own template")
}

/// The keys of all tags that say whose a cost is.
fn cost_tags(spec: &Spec) -> Vec<&str> {
    let own = ["Estate", "Environment", "Tenant", "Tier"];
    let users = spec.tiers.values().flat_map(|tier| tier.tags.iter().map(|tag| tag.key.as_str()));
    let all: std::collections::BTreeSet<&str> = own.into_iter().chain(users).collect();
    all.into_iter().collect()
}
