//! As judged: what was rendered is read back as text and held against AWS's resource schemas,
//! Terraform's provider schema, and the limits of templates. Nothing here knows what a model meant.

pub mod rule; // what can be wrong with what was rendered
pub mod keyword; // AWS's own additions to JSON Schema
pub mod resolve; // intrinsic functions → the values that a deployment would see
pub mod cloudformation; // every resource against AWS's schema
pub mod region; // types that a region lacks
pub mod terraform; // every resource against the provider's schema
pub mod limits; // how large a template may be
pub mod quota; // how much of each quota is used
pub mod consolidate; // rules that could be fewer

use crate::diag::Sink;
use crate::engine::{Engine, Options, Rendered};
use crate::source::Site;
use crate::template::{Estate, ParamKind, Stack};

/// Where a template comes from: its tier, or the network that all share.
fn site_of(stack: &Stack) -> Site {
    match &stack.tier {
        Some(tier) => Site::at(["tiers", tier]).key(),
        None => Site::at(["network"]).key(),
    }
}

/// Judges an estate: every template once, with the values of its first stack.
pub fn check(estate: &Estate, rendered: &Rendered<'_>, options: &Options, sink: &mut Sink) {
    if options.has(Engine::CloudFormation) {
        region::check(estate, sink);
    }
    for (shape, template) in &estate.templates {
        let Some(stack) = estate.stacks.iter().find(|stack| stack.shape == *shape) else {
            continue;
        };
        let values = template.params.iter().zip(&stack.values);
        let values = values.filter_map(|(param, value)| match (param.kind, param.of) {
            (ParamKind::Text, _) => Some((param.name.as_str(), value.clone())),
            // What another part has is of the form that AWS gives it.
            (_, Some((kind, attribute))) => {
                Some((param.name.as_str(), resolve::value_of(kind, attribute, &param.name)))
            }
            _ => None,
        });
        let values: Vec<(&str, String)> = values.collect();
        let own = rendered.stack(stack);
        let text_of = |engine: Engine, path: String| {
            let own =
                own.iter().find(|file| file.path.starts_with(engine.id())).map(|f| f.text.clone());
            if options.inline {
                own
            } else {
                rendered.template_text(engine, shape).map(str::to_owned)
            }
            .map(|text| (path, text))
        };
        if options.has(Engine::CloudFormation)
            && let Some((path, text)) =
                text_of(Engine::CloudFormation, crate::engine::cloudformation::template_path(shape))
        {
            limits::check(&path, &text, &site_of(stack), sink);
            cloudformation::check(&path, &text, &values, sink);
        }
        if options.has(Engine::Terraform)
            && let Some((path, text)) =
                text_of(Engine::Terraform, crate::engine::terraform::module_path(shape))
        {
            terraform::check(&path, &text, sink);
        }
    }
}
