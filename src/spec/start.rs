//! What runs when an instance of a pool's application starts: a Handlebars template.

use crate::blueprint::Blueprint;
use crate::blueprint::shape::{self, App};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::{Spec, Tier, rule, text};
use crate::value::{Value, param};

/// Stands for the id of the cell while the text is rendered: no user writes a private character.
const CELL: &str = "\u{f8ff}";

fn rendered(
    text: &str,
    (name, environment, tier): (&str, &str, &str),
    port: u16,
) -> Result<String, handlebars::RenderError> {
    let context = serde_json::json!({
        "name": name, "environment": environment, "tier": tier, "cell": CELL, "port": port,
    });
    text::registry().render_template(text, &context)
}

/// What runs when an instance of a tier's application starts.
pub fn user_data(spec: &Spec, tier: &Tier, app: &App) -> Option<Value> {
    let text = app.user_data.as_ref()?;
    let names = (spec.name.as_str(), spec.environment.as_str(), tier.id.as_str());
    let text = rendered(text, names, tier.app_port).expect("it was rendered when read");
    let mut parts = Vec::new();
    for (i, literal) in text.split(CELL).enumerate() {
        parts.extend((i > 0).then(|| param("Cell")));
        parts.push(literal.into());
    }
    Some(Value::Join(parts))
}

/// Judges the text that instances start with.
pub fn check(tier: &shape::Tier, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let Some(text) = tier.app.as_ref().and_then(|app| app.user_data.as_ref()) else { return };
    if let Err(error) = rendered(text, (&blueprint.name, &blueprint.environment, "tier"), 1) {
        let help = "`name`, `environment`, `tier`, `cell` and `port` are known here";
        let at = site.child("app").child("user_data");
        sink.push(rule::TEMPLATE.at(at, text::fault(&error)).help(help));
    }
}
