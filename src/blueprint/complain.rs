//! The words for what breaks the schema: where, what is wrong, and what to write instead.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use crate::blueprint::rule;
use crate::blueprint::schema::Checker;
use crate::diag::{Diagnostic, Sink};
use crate::name::nearest;
use crate::source::{FileId, Node, Site, Sources, Step};

/// A tree that is held against a schema.
pub struct Judged<'a> {
    /// Its file.
    pub file: FileId,
    /// What the tree is, in messages.
    pub name: &'a str,
    /// The schema.
    pub checker: &'a Checker,
}

/// Complains of one thing that breaks the schema.
pub fn report(
    error: &ValidationError<'_>,
    steps: &[Step],
    tree: &Node,
    judged: &Judged<'_>,
    sources: &Sources,
    sink: &mut Sink,
) {
    let (file, checker) = (judged.file, judged.checker);
    let here = place(tree, steps, false, file);
    let name = spell(steps, judged.name);
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for key in unexpected {
                let mut steps = steps.to_vec();
                steps.push(Step::Key(key.clone()));
                sink.push(unknown(key, error, place(tree, &steps, true, file), checker));
            }
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let message = format!("{name} lacks `{key}`");
            let near = error.instance().as_object().and_then(|there| {
                let unknown =
                    there.keys().map(String::as_str).filter(|k| !is_known(k, error, checker));
                nearest(key, unknown)
            });
            let help = match near {
                Some(near) => format!("rename `{near}` to `{key}`"),
                None => format!("add `{key}`"),
            };
            sink.push(rule::MISSING_KEY.at(here, message).help(help));
        }
        ValidationErrorKind::Type { kind } => {
            let says = says(error, checker);
            sink.push(wrong_type(error, kind, (&name, says), here, sources));
        }
        _ => sink.push(wrong_value(error, &name, here, checker)),
    }
}

/// The bytes of a route in a tree that is about to change.
fn place(tree: &Node, steps: &[Step], key: bool, file: FileId) -> Site {
    let span = tree.locate(steps, key);
    Site::Bytes(file, span.start, span.end)
}

/// A route as people write it: `tiers.team.network.prefix`.
fn spell(steps: &[Step], whole: &str) -> String {
    if steps.is_empty() {
        return whole.to_owned();
    }
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) if out.is_empty() => out.push_str(key),
            Step::Key(key) => out.extend([".", key]),
            Step::Index(index) => out.extend(["[", &index.to_string(), "]"]),
        }
    }
    format!("`{out}`")
}

/// Whether the schema of the place knows a key.
fn is_known(key: &str, error: &ValidationError<'_>, checker: &Checker) -> bool {
    parent_schema(error, checker).is_some_and(|schema| schema["properties"].get(key).is_some())
}

fn unknown(key: &str, error: &ValidationError<'_>, site: Site, checker: &Checker) -> Diagnostic {
    let known = parent_schema(error, checker).and_then(|schema| schema.get("properties"));
    let known: Vec<&str> =
        known.and_then(Value::as_object).into_iter().flatten().map(|(k, _)| k.as_str()).collect();
    let help = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => listed(key, &known),
    };
    rule::UNKNOWN_KEY.at(site, format!("`{key}` is not a key of this place")).help(help)
}

/// The most keys that are listed: more are no help.
const LISTED: usize = 24;

/// The keys of the place; of many, those that begin as this one does up to its first point.
fn listed(key: &str, known: &[&str]) -> String {
    let family = key.split('.').next().unwrap_or(key);
    let kin = known.iter().copied().filter(|one| one.split('.').next() == Some(family));
    let (shown, all) = match (known.len() > LISTED, kin.collect::<Vec<_>>()) {
        (true, kin) if !kin.is_empty() => (kin, known.len()),
        (..) => (known.to_vec(), known.len()),
    };
    let shown = &shown[..shown.len().min(LISTED)];
    match all - shown.len() {
        0 => format!("known here: {}", shown.join(", ")),
        more => format!("known here: {} and {more} more", shown.join(", ")),
    }
}

fn wrong_type(
    error: &ValidationError<'_>,
    kind: &TypeKind,
    (name, says): (&str, Option<&str>),
    site: Site,
    sources: &Sources,
) -> Diagnostic {
    let wanted = match kind {
        TypeKind::Single(kind) => words(&kind.to_string()).to_owned(),
        TypeKind::Multiple(kinds) => {
            kinds.iter().map(|k| words(&k.to_string()).to_owned()).collect::<Vec<_>>().join(" or ")
        }
    };
    let found = match error.instance().as_ref() {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    };
    let span = sources.locate(&site);
    let written = sources.get(site.file()).text.get(span).unwrap_or_default();
    let quoted = wanted == "text" || says.is_some_and(|says| says.ends_with("in quotes"));
    let scalar = matches!(error.instance().as_ref(), Value::Number(_) | Value::Bool(_));
    let help = if scalar && quoted && !written.is_empty() {
        format!("put it in quotes: \"{written}\"")
    } else {
        format!("write {wanted}")
    };
    rule::WRONG_TYPE.at(site, format!("{name} is {found}, but must be {wanted}")).help(help)
}

fn words(kind: &str) -> &str {
    match kind {
        "string" => "text",
        "object" => "a mapping",
        "array" => "a list",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        _ => "nothing",
    }
}

fn wrong_value(
    error: &ValidationError<'_>,
    name: &str,
    site: Site,
    checker: &Checker,
) -> Diagnostic {
    let shown = serde_json::to_string(error.instance()).unwrap_or_default();
    let parent = parent_schema(error, checker);
    let says = says(error, checker);
    let (message, help) = match error.kind() {
        ValidationErrorKind::Enum { options } => {
            (format!("{name} cannot be {shown}"), choices(options, error))
        }
        ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::AnyOf { .. } => {
            let options = parent.map(constants).unwrap_or_default();
            (format!("{name} cannot be {shown}"), choices(&Value::Array(options), error))
        }
        ValidationErrorKind::Pattern { pattern } => {
            let wanted = says.map_or_else(|| format!("what matches {pattern}"), str::to_owned);
            (format!("{name} cannot be {shown}"), format!("write {wanted}"))
        }
        ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => {
            let bound = |key: &str| {
                parent.and_then(|s| s.get(key)).map(Value::to_string).unwrap_or_default()
            };
            let (least, most) = (bound("minimum"), bound("maximum"));
            let help = match (least.as_str(), most.as_str()) {
                (least, most) if least == most => format!("write {least}"),
                (least, "") => format!("write {least} or more"),
                ("", most) => format!("write {most} or less"),
                (least, most) => format!("write a number from {least} to {most}"),
            };
            (format!("{name} cannot be {shown}"), help)
        }
        ValidationErrorKind::MinItems { limit } | ValidationErrorKind::MinProperties { limit } => {
            (format!("{name} has too few entries"), format!("write at least {limit}"))
        }
        ValidationErrorKind::MaxItems { limit } | ValidationErrorKind::MaxProperties { limit } => {
            (format!("{name} has too many entries"), format!("keep at most {limit}"))
        }
        ValidationErrorKind::UniqueItems => {
            (format!("{name} names one twice"), "keep one of them".to_owned())
        }
        ValidationErrorKind::MinLength { limit } => {
            (format!("{name} is too short"), format!("write at least {}", characters(*limit)))
        }
        ValidationErrorKind::MaxLength { limit } => {
            (format!("{name} is too long"), format!("write at most {}", characters(*limit)))
        }
        _ => (format!("{name}: {error}"), String::new()),
    };
    let complaint = rule::WRONG_VALUE.at(site, message);
    if help.is_empty() { complaint } else { complaint.help(help) }
}

/// What the schema says in words of what is allowed: of the place, or of each entry of a list.
fn says<'a>(error: &ValidationError<'_>, checker: &'a Checker) -> Option<&'a str> {
    let path = error.schema_path().to_string();
    let (place, _) = path.rsplit_once('/')?;
    let (schema, word) = match place.strip_suffix("/items") {
        Some(list) if checker.schema.pointer(place)?.get("x-says").is_none() => {
            (list, "x-says-each")
        }
        _ => (place, "x-says"),
    };
    checker.schema.pointer(schema)?.get(word)?.as_str()
}

fn characters(count: u64) -> String {
    format!("{count} character{}", if count == 1 { "" } else { "s" })
}

fn choices(options: &Value, error: &ValidationError<'_>) -> String {
    let texts: Vec<String> = options
        .as_array()
        .into_iter()
        .flatten()
        .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
        .collect();
    let near =
        error.instance().as_str().and_then(|word| nearest(word, texts.iter().map(String::as_str)));
    match near {
        Some(near) => format!("did you mean `{near}`? Allowed: {}", texts.join(", ")),
        None => format!("allowed: {}", texts.join(", ")),
    }
}

/// The constants of a `oneOf`, which is how an enum with documented variants is written.
fn constants(schema: &Value) -> Vec<Value> {
    let branches = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    let of = |branch: &Value| match branch.get("enum").and_then(Value::as_array) {
        Some(values) => values.clone(),
        None => branch.get("const").cloned().into_iter().collect(),
    };
    branches.into_iter().flatten().flat_map(of).collect()
}

/// The schema object that holds the keyword which failed.
fn parent_schema<'a>(error: &ValidationError<'_>, checker: &'a Checker) -> Option<&'a Value> {
    let path = error.schema_path().to_string();
    let (parent, _) = path.rsplit_once('/')?;
    checker.schema.pointer(parent)
}
