//! The Handlebars templates of names and tags. Rendering is strict: a variable that is not there
//! is an error, never an empty string.

use std::sync::OnceLock;

use handlebars::Handlebars;
use serde_json::{Value, json};

use crate::blueprint::Blueprint;
use crate::diag::Sink;
use crate::name;
use crate::source::Site;
use crate::spec::rule;

/// The default template of stack names.
pub const DEFAULT_NAMING: &str = "{{name}}-{{environment}}-{{tenant}}";

/// A registry that renders strictly and escapes nothing: what is rendered is data for JSON, which
/// is escaped there.
pub fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(handlebars::no_escape);
    registry
}

/// A template that is a file of ours, read once for all that is ever made.
pub struct Own(OnceLock<Handlebars<'static>>, &'static str);

impl Own {
    /// The template of that text.
    pub const fn new(text: &'static str) -> Self {
        Own(OnceLock::new(), text)
    }

    /// Fills it in. Only a mistake of ours can make that fail.
    pub fn render(&self, context: &Value) -> String {
        let read = || {
            let mut registry = registry();
            registry.register_template_string("own", self.1).expect("the template is ours");
            registry
        };
        self.0.get_or_init(read).render("own", context).expect("the template is ours")
    }
}

/// The template of stack names.
#[derive(Clone, Debug)]
pub struct Naming {
    registry: Handlebars<'static>,
    /// The same, where it only puts variables between texts: there are many stacks.
    plain: Option<Vec<Word>>,
}

/// A part of a template that is as it stands, or a variable.
#[derive(Clone, Debug)]
enum Word {
    Text(String),
    Name,
    Environment,
    Tenant,
}

/// The parts of a template; nothing where it is more than variables between texts.
fn words(template: &str) -> Option<Vec<Word>> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (variable, behind) = behind.split_once("}}")?;
        out.push(Word::Text(before.to_owned()));
        out.push(match variable {
            "name" => Word::Name,
            "environment" => Word::Environment,
            "tenant" => Word::Tenant,
            _ => return None,
        });
        rest = behind;
    }
    out.push(Word::Text(rest.to_owned()));
    let special = |word: &Word| matches!(word, Word::Text(text) if text.contains(['{', '}', '\\']));
    (!out.iter().any(special)).then_some(out)
}

impl Naming {
    /// Compiles the template; complains and gives `None` if it is not valid.
    pub fn new(template: Option<&str>, sink: &mut Sink) -> Option<Self> {
        let mut registry = registry();
        let compiled = registry.register_template_string("n", template.unwrap_or(DEFAULT_NAMING));
        let probe = json!({"name": "n", "environment": "e", "tenant": "t"});
        let fault = match compiled {
            Err(error) => Some(template_fault(&error)),
            Ok(()) => registry.render("n", &probe).err().map(|error| fault(&error)),
        };
        if let Some(fault) = fault {
            let help = "`name`, `environment` and `tenant` are known here";
            sink.push(rule::TEMPLATE.at(Site::at(["naming"]), fault).help(help));
            return None;
        }
        let plain = words(template.unwrap_or(DEFAULT_NAMING));
        Some(Naming { registry, plain })
    }

    /// The name of the stack with this key; of a tenant's stack, the key is the tenant's id.
    pub fn render(&self, name: &str, environment: &str, key: &str) -> String {
        if let Some(words) = &self.plain {
            let words = words.iter().map(|word| match word {
                Word::Text(text) => text.as_str(),
                Word::Name => name,
                Word::Environment => environment,
                Word::Tenant => key,
            });
            return words.collect();
        }
        let context = json!({"name": name, "environment": environment, "tenant": key});
        self.registry.render("n", &context).expect("the template was rendered when it was read")
    }
}

/// Whether a template's text depends on the tenant.
pub fn varies(template: &str) -> bool {
    mentions(template, "tenant")
}

/// Whether a template names a variable.
pub fn mentions(template: &str, variable: &str) -> bool {
    let inside =
        template.split("{{").skip(1).map(|part| part.split("}}").next().unwrap_or_default());
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    inside.into_iter().any(|code| code.split(|c| !word(c)).any(|name| name == variable))
}

/// What is wrong with a template, in one line.
pub fn template_fault(error: &handlebars::TemplateError) -> String {
    let text = error.reason().to_string();
    let line = text.lines().map(str::trim).find(|line| line.starts_with('='));
    let line =
        line.map_or("it is not valid Handlebars", |line| line.trim_start_matches(['=', ' ']));
    format!("the template cannot be read: {line}")
}

/// Why a template cannot be rendered, in one line.
pub fn fault(error: &handlebars::RenderError) -> String {
    use handlebars::RenderErrorReason;
    match error.reason() {
        RenderErrorReason::MissingVariable(Some(name)) => format!("`{name}` is not known here"),
        RenderErrorReason::MissingVariable(None) => {
            "something that is not known here is used".to_owned()
        }
        RenderErrorReason::TemplateError(error) => template_fault(error),
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

/// Renders a template of a tag; complains at `site` if it cannot be.
pub fn render(
    registry: &Handlebars<'_>,
    template: &str,
    context: &Value,
    site: &Site,
    sink: &mut Sink,
) -> Option<String> {
    match registry.render_template(template, context) {
        Ok(text) => Some(text),
        Err(error) => {
            sink.push(rule::TEMPLATE.at(site.clone(), fault(&error)));
            None
        }
    }
}

/// Keys that tenantry sets itself.
pub const OWN_TAGS: [&str; 6] = ["Name", "Estate", "Environment", "Tenant", "TenantName", "Tier"];

/// Complains of a tag key that is not the user's to set, or that AWS refuses.
pub fn check_key(key: &str, site: &Site, sink: &mut Sink) {
    if let Some(own) = OWN_TAGS.iter().find(|own| own.eq_ignore_ascii_case(key)) {
        sink.push(rule::TAG_RESERVED.at(site.key(), format!("`{own}` is set by tenantry")));
    } else if let Some(why) = illegal(key, name::TAG_KEY_MAX) {
        sink.push(rule::TAG.at(site.key(), format!("the tag key {key:?} {why}")));
    }
}

/// Complains of a tag value that some AWS service refuses.
pub fn check_value(key: &str, value: &str, site: &Site, sink: &mut Sink) -> bool {
    if let Some(why) = illegal(value, name::TAG_VALUE_MAX) {
        sink.push(rule::TAG.at(site.clone(), format!("the tag {key} = {value:?} {why}")));
        return false;
    }
    true
}

fn illegal(text: &str, max: usize) -> Option<String> {
    let count = text.chars().count();
    if count == 0 {
        return Some("is empty".to_owned());
    }
    if count > max {
        return Some(format!("has {count} characters, at most {max} are allowed"));
    }
    if text.to_ascii_lowercase().starts_with("aws:") {
        return Some("begins with `aws:`, which AWS keeps for itself".to_owned());
    }
    text.chars()
        .find(|c| !name::is_portable_tag_char(*c))
        .map(|c| format!("holds {c:?}, which not every AWS service takes in a tag"))
}

/// The tags that are the same for the whole estate, rendered.
pub fn estate_tags(blueprint: &Blueprint, sink: &mut Sink) -> Vec<(String, String)> {
    let registry = registry();
    let context = json!({"name": blueprint.name, "environment": blueprint.environment});
    let mut out = Vec::new();
    for (key, template) in &blueprint.tags.common {
        let site = Site::at(["tags", "common", key]);
        check_key(key, &site, sink);
        if varies(template) || mentions(template, "tier") {
            continue;
        }
        if let Some(value) = render(&registry, template, &context, &site, sink)
            && check_value(key, &value, &site, sink)
        {
            out.push((key.clone(), value));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_variables_between_texts_is_named_as_handlebars_names_it() {
        let plain = [DEFAULT_NAMING, "{{tenant}}", "a{{name}}b{{tenant}}{{environment}}c", "x"];
        let more =
            ["{{{tenant}}}", "{{ tenant }}", "\\{{tenant}}", "{{#if name}}x{{/if}}{{tenant}}"];
        for (template, is_plain) in
            plain.map(|it| (it, true)).into_iter().chain(more.map(|it| (it, false)))
        {
            let naming = Naming::new(Some(template), &mut Sink::default()).expect("it is valid");
            assert_eq!(naming.plain.is_some(), is_plain, "{template}");
            let by_handlebars = Naming { plain: None, ..naming.clone() };
            let of = |naming: &Naming| naming.render("shop", "prod", "t-1");
            assert_eq!(of(&naming), of(&by_handlebars), "{template}");
        }
    }
}
