//! `deploy.sh` for each engine. The scripts are the same for every estate but for a few constants;
//! everything about stacks they read from the manifest, so they do not change with the tenants.

use std::sync::LazyLock;

use handlebars::Handlebars;
use serde_json::json;

use crate::engine::Engine;
use crate::spec::{Spec, text};

/// Our own templates, by what renders them.
const TEMPLATES: [(&str, &str); 4] = [
    ("cloudformation", include_str!("script/cloudformation.sh.hbs")),
    ("terraform", include_str!("script/terraform.sh.hbs")),
    ("common", include_str!("script/common.sh.hbs")),
    ("enter", include_str!("script/enter.sh.hbs")),
];

static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = text::registry();
    for (name, source) in TEMPLATES {
        registry.register_template_string(name, source).expect("our own template");
    }
    registry
});

/// The script of an engine.
pub fn render(engine: Engine, spec: &Spec) -> String {
    let context = json!({
        "estate": spec.estate(),
        "partition": spec.partition.id(),
        "account": spec.deploy.account,
        "cost_tags": cost_tags(spec),
        "tiers": spec.tiers.keys().collect::<Vec<_>>(),
    });
    REGISTRY.render(engine.id(), &context).expect("our own template")
}

/// The keys of all tags that say whose a cost is.
fn cost_tags(spec: &Spec) -> Vec<&str> {
    let own = ["Estate", "Environment", "Tenant", "Tier"];
    let users = spec.tiers.values().flat_map(|tier| tier.tags.iter().map(|tag| tag.key.as_str()));
    let all: std::collections::BTreeSet<&str> = own.into_iter().chain(users).collect();
    all.into_iter().collect()
}
