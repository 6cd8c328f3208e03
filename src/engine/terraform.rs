//! Terraform JSON: a module for each shape and a thin root for each stack. Everything that a user
//! wrote is escaped here, once, so that no `${` or `%{` of theirs is ever a template.

pub mod dialect; // where Terraform's names and forms differ
pub mod root; // the thin root of a stack
pub mod archive; // code of functions as Terraform takes it

use crate::engine::cloudformation;
use crate::engine::terraform::dialect::Dialect;
use crate::json::{Json, Piece, Skeleton, escape};
use crate::name::snake;
use crate::spec::Spec;
use crate::template::{Entry, ParamKind, Stack, Template};
use crate::value::{Pseudo, Value};

/// Where the module of a shape is.
pub fn module_path(shape: &str) -> String {
    format!("terraform/modules/{shape}/main.tf.json")
}

/// Where the root of a stack is.
pub fn root_path(key: &str) -> String {
    format!("terraform/stacks/{key}/main.tf.json")
}

/// The files that the resources of a template name, beside the module or the root.
pub fn files(template: &Template) -> Vec<(String, String)> {
    template.entries.iter().filter_map(dialect::workload::file).collect()
}

/// A template, laid out.
pub struct Layout {
    /// The module that all stacks of the shape share.
    pub shared: String,
    /// Inline, what the root of a stack is a filling of: its part behind the provider.
    inline: Option<Skeleton>,
}

impl Layout {
    /// Lays out a template; `inline`, each root holds its resources itself.
    pub fn new(template: &Template, inline: bool) -> Self {
        if inline {
            return Layout { shared: String::new(), inline: Some(root::inline(template)) };
        }
        Layout { shared: module(template).to_pretty_string(), inline: None }
    }

    /// The root of a stack.
    pub fn stack(&self, stack: &Stack, template: &Template, spec: &Spec) -> String {
        match &self.inline {
            Some(skeleton) => root::filled(stack, template, spec, skeleton),
            None => root::call(stack, template, spec).to_pretty_string(),
        }
    }
}

/// Where the values of parameters come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// From variables of the module.
    Module,
    /// They are holes; imported ones are data sources.
    Inline,
}

fn module(template: &Template) -> Json {
    let mut out = Json::object([(
        "terraform",
        Json::object([
            ("required_version", Json::text(root::required_terraform(template))),
            ("required_providers", root::required_providers()),
        ]),
    )]);
    let variable = |param: &crate::template::Param| {
        let fields =
            [("type", Json::text("string")), ("description", Json::text(&param.description))];
        (snake(&param.name), Json::object(fields))
    };
    out.put("variable", Json::Object(template.params.iter().map(variable).collect()));
    body(template, Mode::Module, &mut out);
    out
}

/// Adds data sources, resources and outputs.
pub fn body(template: &Template, mode: Mode, out: &mut Json) {
    let mut data: Vec<(String, Json)> = pseudo_sources(template);
    if mode == Mode::Inline {
        data.extend(root::imports(template, |i| Json::Text(vec![Piece::Hole(i)])));
    }
    if !data.is_empty() {
        out.put("data", Json::Object(data));
    }
    let mut types: Vec<(String, Vec<(String, Json)>)> = Vec::new();
    for entry in &template.entries {
        let block = resource(entry, template, mode);
        let named = (snake(&entry.id), block);
        match types.iter_mut().find(|(kind, _)| kind == entry.tf) {
            Some((_, blocks)) => blocks.push(named),
            None => types.push((entry.tf.to_owned(), vec![named])),
        }
    }
    out.put(
        "resource",
        Json::object(types.into_iter().map(|(kind, blocks)| (kind, Json::Object(blocks)))),
    );
    let moved: Vec<Json> = template.entries.iter().filter_map(moved).collect();
    if !moved.is_empty() {
        out.put("moved", Json::List(moved));
    }
    if let Some(ephemeral) = dialect::workload::ephemeral(template) {
        out.put("ephemeral", ephemeral);
    }
    let outputs = template.outputs.iter().map(|o| {
        let fields = [
            ("description", Json::text(o.description)),
            ("value", expression(&o.value, template, mode)),
        ];
        (snake(o.name), Json::object(fields))
    });
    let outputs: Vec<_> = outputs.collect();
    if !outputs.is_empty() {
        out.put("output", Json::Object(outputs));
    }
}

/// That a resource had another name before. Where it had none, Terraform passes over it. Source:
/// <https://developer.hashicorp.com/terraform/language/block/moved>.
fn moved(entry: &Entry) -> Option<Json> {
    let address = |id: &str| Json::text(format!("{}.{}", entry.tf, snake(id)));
    let was = entry.was.as_ref()?;
    Some(Json::object([("from", address(was)), ("to", address(&entry.id))]))
}

/// The attributes of a resource as Terraform takes them.
pub fn resource(entry: &Entry, template: &Template, mode: Mode) -> Json {
    let dialect = Dialect::of(entry.tf);
    let mut out = Json::Object(Vec::new());
    for (name, value) in &entry.body.properties {
        dialect.property(name, value, entry, template, mode, &mut out);
    }
    dialect.finish(entry, template, mode, &mut out);
    if let (Some(tags), "aws_autoscaling_group") = (&entry.tags, entry.tf) {
        // Its tags say one by one whether instances get them, too.
        let one = |(key, value): &(String, Value)| {
            Json::object([
                ("key", Json::text(escape_template(key))),
                ("value", expression(value, template, mode)),
                ("propagate_at_launch", Json::Bool(true)),
            ])
        };
        out.put("tag", Json::List(tags.iter().map(one).collect()));
    } else if let Some(tags) = &entry.tags {
        let pairs = tags
            .iter()
            .map(|(key, value)| (escape_template(key), expression(value, template, mode)));
        out.put("tags", Json::Object(pairs.collect()));
    }
    if !entry.after.is_empty() {
        let address = |id: &String| Json::text(format!("{}.{}", template.entry(id).tf, snake(id)));
        out.put("depends_on", Json::List(entry.after.iter().map(address).collect()));
    }
    out
}

/// The data sources of what only the deployment knows, as far as the template asks for it.
fn pseudo_sources(template: &Template) -> Vec<(String, Json)> {
    let mut asked = Vec::new();
    for entry in &template.entries {
        entry.body.properties.iter().for_each(|(_, value)| collect(value, &mut asked));
    }
    template.outputs.iter().for_each(|output| collect(&output.value, &mut asked));
    let source = |(pseudos, kind): (&[Pseudo], &str)| {
        let current = Json::object([("current", Json::Object(Vec::new()))]);
        asked.iter().any(|p| pseudos.contains(p)).then(|| (kind.to_owned(), current))
    };
    let sources: [(&[Pseudo], &str); 3] = [
        (&[Pseudo::Account], "aws_caller_identity"),
        (&[Pseudo::Partition, Pseudo::UrlSuffix], "aws_partition"),
        (&[Pseudo::Region], "aws_region"),
    ];
    sources.into_iter().filter_map(source).collect()
}

fn collect(value: &Value, out: &mut Vec<Pseudo>) {
    match value {
        Value::Pseudo(pseudo) => out.push(*pseudo),
        Value::List(items) | Value::Join(items) | Value::Separated(_, items) => {
            for item in items {
                collect(item, out);
            }
        }
        Value::Map(pairs) => {
            for (_, item) in pairs {
                collect(item, out);
            }
        }
        Value::Block(pairs) => pairs.iter().for_each(|(_, item)| collect(item, out)),
        Value::Tags(pairs) => pairs.iter().for_each(|(_, item)| collect(item, out)),
        Value::Document(inner) | Value::Base64(inner) => collect(inner, out),
        _ => {}
    }
}

/// A value as Terraform takes it.
pub fn expression(value: &Value, template: &Template, mode: Mode) -> Json {
    match value {
        Value::Int(n) => Json::Int(*n),
        Value::Halves(n) => Json::Halves(*n),
        Value::Bool(b) => Json::Bool(*b),
        Value::List(items) => {
            Json::List(items.iter().map(|item| expression(item, template, mode)).collect())
        }
        Value::Map(pairs) | Value::Tags(pairs) => Json::Object(
            pairs
                .iter()
                .map(|(k, v)| (escape_template(k), expression(v, template, mode)))
                .collect(),
        ),
        Value::Block(_) => unreachable!("a dialect writes blocks"),
        text => Json::Text(pieces(text, template, mode)),
    }
}

/// A value that is a string, as parts of a Terraform template.
fn pieces(value: &Value, template: &Template, mode: Mode) -> Vec<Piece> {
    let literal = |text: String| vec![Piece::Literal(text)];
    match value {
        Value::Text(text) => literal(escape_template(text)),
        Value::Param(name) => {
            let index =
                template.param_index(name).expect("a parameter is declared before it is used");
            match (mode, template.params[index].kind) {
                (Mode::Inline, ParamKind::Text) => vec![Piece::Hole(index)],
                (Mode::Inline, ParamKind::Imported(_) | ParamKind::Foreign) => {
                    literal(root::imported_value(name))
                }
                (Mode::Module, _) => literal(format!("${{var.{}}}", snake(name))),
            }
        }
        Value::Ref(id) => {
            let kind = template.entry(id).tf;
            literal(format!("${{{kind}.{}.{}}}", snake(id), Dialect::of(kind).identity()))
        }
        Value::Att(id, attribute) => {
            let kind = template.entry(id).tf;
            literal(format!("${{{kind}.{}.{}}}", snake(id), Dialect::of(kind).attribute(attribute)))
        }
        Value::Join(parts) => parts.iter().flat_map(|part| pieces(part, template, mode)).collect(),
        Value::Separated(separator, parts) => {
            let mut out = Vec::new();
            for (i, part) in parts.iter().enumerate() {
                out.extend((i > 0).then(|| Piece::Literal(escape_template(separator))));
                out.extend(pieces(part, template, mode));
            }
            out
        }
        Value::Pseudo(pseudo) => literal(
            match pseudo {
                Pseudo::Account => "${data.aws_caller_identity.current.account_id}",
                Pseudo::Region => "${data.aws_region.current.name}",
                Pseudo::Partition => "${data.aws_partition.current.partition}",
                Pseudo::UrlSuffix => "${data.aws_partition.current.dns_suffix}",
            }
            .to_owned(),
        ),
        Value::Document(inner) => document(inner, template, mode),
        Value::Base64(inner) => base64(inner, template, mode),
        Value::Template(name) => {
            literal(escape_template(&cloudformation::text(&template.inner[name])))
        }
        other => unreachable!("{other:?} is not a string"),
    }
}

/// The Base64 form of a string: a quoted template inside an expression.
fn base64(value: &Value, template: &Template, mode: Mode) -> Vec<Piece> {
    let mut out = vec![Piece::Literal("${base64encode(\"".to_owned())];
    out.extend(match value {
        Value::Text(text) => vec![Piece::Literal(escape(&escape_template(text)))],
        Value::Join(parts) => {
            let part = |part: &Value| match part {
                Value::Text(text) => vec![Piece::Literal(escape(&escape_template(text)))],
                other => pieces(other, template, mode),
            };
            parts.iter().flat_map(part).collect()
        }
        other => pieces(other, template, mode),
    });
    out.push(Piece::Literal("\")}".to_owned()));
    out
}

/// A document as JSON inside a string. The value of a parameter that stands in one must need no
/// escaping for the inner JSON; only the ids of tenants stand there.
pub fn document(value: &Value, template: &Template, mode: Mode) -> Vec<Piece> {
    let mut out = Vec::new();
    write_document(value, template, mode, &mut out);
    out
}

fn write_document(value: &Value, template: &Template, mode: Mode, out: &mut Vec<Piece>) {
    let literal = |out: &mut Vec<Piece>, text: &str| out.push(Piece::Literal(text.to_owned()));
    match value {
        Value::Int(n) => literal(out, &n.to_string()),
        Value::Bool(b) => literal(out, &b.to_string()),
        Value::List(items) => {
            for (i, item) in items.iter().enumerate() {
                literal(out, if i == 0 { "[" } else { "," });
                write_document(item, template, mode, out);
            }
            literal(out, if items.is_empty() { "[]" } else { "]" });
        }
        Value::Map(pairs) => {
            for (i, (key, item)) in pairs.iter().enumerate() {
                literal(out, if i == 0 { "{\"" } else { ",\"" });
                literal(out, &escape(&escape_template(key)));
                literal(out, "\":");
                write_document(item, template, mode, out);
            }
            literal(out, if pairs.is_empty() { "{}" } else { "}" });
        }
        Value::Block(_) => unreachable!("a document has keys of its own"),
        Value::Text(text) => literal(out, &format!("\"{}\"", escape(&escape_template(text)))),
        string => {
            literal(out, "\"");
            out.extend(pieces(string, template, mode));
            literal(out, "\"");
        }
    }
}

/// A text as it stands in a Terraform template: `${` and `%{` lose their meaning.
/// Source: <https://developer.hashicorp.com/terraform/language/expressions/strings>.
pub fn escape_template(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if (c == '$' || c == '%') && chars.peek() == Some(&'{') {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_users_are_text() {
        for (text, escaped) in [
            ("${x}", "$${x}"),
            ("%{if}", "%%{if}"),
            ("$${x}", "$$${x}"),
            ("100% {", "100% {"),
            ("$x", "$x"),
        ] {
            assert_eq!(escape_template(text), escaped);
        }
    }
}
