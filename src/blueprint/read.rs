//! Tree → [`Blueprint`], with all complaints at once. What breaks the schema is complained of,
//! cut out of the tree, and the rest is read all the same, so that one run tells everything.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use crate::blueprint::schema::{self, Checker};
use crate::blueprint::shape::{Blueprint, Tenant};
use crate::blueprint::{rule, table, yaml};
use crate::diag::{Diagnostic, Sink};
use crate::name::nearest;
use crate::source::{FileId, Kind, Node, Site, Source, Sources, Step};

/// Gives the bytes of a file that the blueprint names, or says why not.
pub type Load<'a> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'a;

/// A blueprint as it was written, with the places of its tenants.
#[derive(Debug)]
pub struct Written {
    /// Everything but the tenants.
    pub blueprint: Blueprint,
    /// The tenants of the blueprint and of all its files.
    pub tenants: Vec<WrittenTenant>,
    /// Routes that were cut out because they broke the schema: what refers to them is not
    /// complained of a second time.
    pub broken: BTreeSet<Vec<Step>>,
}

/// A tenant as it was written.
#[derive(Debug)]
pub struct WrittenTenant {
    /// What was written.
    pub tenant: Tenant,
    /// Where.
    pub site: Site,
}

/// Reads the blueprint and its tenant files. `None` if nothing could be made of it; the reasons
/// are in the sink.
pub fn read(
    name: &str,
    bytes: &[u8],
    load: &mut Load<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Written> {
    let file = add(name, bytes, sources, sink)?;
    yaml::parse(sources, file, sink);
    let root = sources.get(file).root.clone()?;
    let (pruned, broken) = judge(root, file, &schema::BLUEPRINT, sources, sink);
    let pruned = pruned?;
    sources.get_mut(file).root = Some(pruned.clone());
    let mut whole = pruned.to_json();
    let inline = whole.get_mut("tenants").map(Value::take);
    let blueprint = Blueprint { tenants: Vec::new(), ..typed(without_null(whole), file, sink)? };
    let mut tenants = Vec::new();
    let base = Site::Value(file, vec!["tenants".into()]);
    collect(inline, &base, &mut tenants, sink);
    for (i, path) in blueprint.tenant_files.iter().enumerate() {
        let named = Site::at(["tenant_files"]).child(i);
        tenants.extend(tenant_file(path, &named, load, sources, sink));
    }
    Some(Written { blueprint, tenants, broken })
}

fn without_null(mut value: Value) -> Value {
    if let Value::Object(map) = &mut value {
        map.retain(|_, v| !v.is_null());
    }
    value
}

fn typed<T: serde::de::DeserializeOwned>(value: Value, file: FileId, sink: &mut Sink) -> Option<T> {
    match serde_json::from_value(value) {
        Ok(typed) => Some(typed),
        Err(error) => {
            // The schema and the types are one, so this is a number that only the type refuses.
            sink.push(rule::WRONG_VALUE.at(Site::File(file), error.to_string()));
            None
        }
    }
}

fn collect(list: Option<Value>, base: &Site, out: &mut Vec<WrittenTenant>, sink: &mut Sink) {
    let Some(Value::Array(items)) = list else { return };
    for (i, item) in items.into_iter().enumerate() {
        if !item.is_null()
            && let Some(tenant) = typed(item, base.file(), sink)
        {
            out.push(WrittenTenant { tenant, site: base.child(i) });
        }
    }
}

/// Adds a file, complaining if it is not UTF-8.
fn add(name: &str, bytes: &[u8], sources: &mut Sources, sink: &mut Sink) -> Option<FileId> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(sources.add(Source::new(name, text.trim_start_matches('\u{feff}')))),
        Err(error) => {
            let at = error.valid_up_to();
            let file = sources.add(Source::new(name, String::from_utf8_lossy(bytes)));
            sink.push(rule::ENCODING.at(
                Site::Bytes(file, at, at + '\u{fffd}'.len_utf8()),
                format!("byte {:#04x} is not UTF-8", bytes[at]),
            ));
            None
        }
    }
}

fn tenant_file(
    path: &str,
    named: &Site,
    load: &mut Load<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Vec<WrittenTenant> {
    let mut out = Vec::new();
    if sources.find(path).is_some() {
        sink.push(
            rule::TENANT_FILE
                .at(named.clone(), format!("`{path}` is listed twice"))
                .help("list it once"),
        );
        return out;
    }
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if !["csv", "yaml", "yml", "json"].contains(&ending.as_str()) {
        let message = format!("`{path}` does not say what it is");
        sink.push(
            rule::TENANT_FILE.at(named.clone(), message).help("name it .csv, .yaml or .json"),
        );
        return out;
    }
    let bytes = match load(path) {
        Ok(bytes) => bytes,
        Err(why) => {
            sink.push(
                rule::TENANT_FILE.at(named.clone(), format!("`{path}` cannot be read: {why}")),
            );
            return out;
        }
    };
    let Some(file) = add(path, &bytes, sources, sink) else { return out };
    if ending == "csv" {
        table::parse(sources, file, sink);
    } else {
        yaml::parse(sources, file, sink);
    }
    let Some(root) = sources.get(file).root.clone() else { return out };
    let Kind::List(items) = root.kind else {
        let message = "a tenant file is a list of tenants";
        sink.push(
            rule::WRONG_TYPE.at(Site::File(file), message).help("begin each tenant with `- id:`"),
        );
        return out;
    };
    let mut kept = Vec::new();
    let mut list = Vec::new();
    for item in items {
        let (item, _) = judge(item, file, &schema::TENANT, sources, sink);
        let item = item.unwrap_or(Node { span: 0..0, kind: Kind::Null });
        list.push(item.to_json());
        kept.push(item);
    }
    sources.get_mut(file).root = Some(Node { span: 0..0, kind: Kind::List(kept) });
    collect(Some(Value::Array(list)), &Site::Value(file, Vec::new()), &mut out, sink);
    out
}

/// Complains of all that breaks the schema, and gives the tree without it and the routes cut.
fn judge(
    mut tree: Node,
    file: FileId,
    checker: &Checker,
    sources: &Sources,
    sink: &mut Sink,
) -> (Option<Node>, BTreeSet<Vec<Step>>) {
    let mut broken = BTreeSet::new();
    let mut first = true;
    loop {
        let value = tree.to_json();
        let errors: Vec<_> = checker.validator.iter_errors(&value).collect();
        if errors.is_empty() {
            return (Some(tree), broken);
        }
        let mut cuts = BTreeSet::new();
        for error in &errors {
            let steps = route(error);
            if first {
                report(error, &steps, &tree, file, checker, sources, sink);
            }
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => {
                    cuts.extend(unexpected.iter().map(|key| {
                        let mut steps = steps.clone();
                        steps.push(Step::Key(key.clone()));
                        steps
                    }));
                }
                _ => drop(cuts.insert(steps)),
            }
        }
        first = false;
        // From the back, so that the indices of what is still to be cut stay true.
        for steps in cuts.iter().rev() {
            if !cut(&mut tree, steps) {
                return (None, broken);
            }
        }
        broken.extend(cuts);
    }
}

fn route(error: &ValidationError<'_>) -> Vec<Step> {
    use jsonschema::paths::LocationSegment;
    let location = error.instance_path();
    location
        .into_iter()
        .map(|segment| match segment {
            LocationSegment::Property(key) => Step::Key(key.into_owned()),
            LocationSegment::Index(index) => Step::Index(index),
        })
        .collect()
}

/// Removes what is at the end of the route; `false` if that is the root.
fn cut(node: &mut Node, steps: &[Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return false };
    match (step, &mut node.kind) {
        (Step::Key(key), Kind::Map(entries)) => {
            if rest.is_empty() {
                entries.retain(|(k, _)| k.text != *key);
            } else if let Some((_, child)) = entries.iter_mut().find(|(k, _)| k.text == *key) {
                cut(child, rest);
            }
        }
        (Step::Index(index), Kind::List(items)) => {
            if rest.is_empty() {
                if *index < items.len() {
                    items.remove(*index);
                }
            } else if let Some(child) = items.get_mut(*index) {
                cut(child, rest);
            }
        }
        _ => {}
    }
    true
}

fn report(
    error: &ValidationError<'_>,
    steps: &[Step],
    tree: &Node,
    file: FileId,
    checker: &Checker,
    sources: &Sources,
    sink: &mut Sink,
) {
    let here = place(tree, steps, false, file);
    let name = spell(steps);
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
            sink.push(rule::MISSING_KEY.at(here, message).help(format!("add `{key}`")));
        }
        ValidationErrorKind::Type { kind } => {
            sink.push(wrong_type(error, kind, &name, here, sources));
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
fn spell(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "the document".to_owned();
    }
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) if out.is_empty() => out.push_str(key),
            Step::Key(key) => out.extend([".", key]),
            Step::Index(index) => out.push_str(&format!("[{index}]")),
        }
    }
    format!("`{out}`")
}

fn unknown(key: &str, error: &ValidationError<'_>, site: Site, checker: &Checker) -> Diagnostic {
    let known = parent_schema(error, checker).and_then(|schema| schema.get("properties"));
    let known: Vec<&str> =
        known.and_then(Value::as_object).into_iter().flatten().map(|(k, _)| k.as_str()).collect();
    let help = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    rule::UNKNOWN_KEY.at(site, format!("`{key}` is not a key of this place")).help(help)
}

fn wrong_type(
    error: &ValidationError<'_>,
    kind: &TypeKind,
    name: &str,
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
    let scalar = matches!(error.instance().as_ref(), Value::Number(_) | Value::Bool(_));
    let help = if scalar && wanted == "text" && !written.is_empty() {
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
    let says = parent.and_then(|s| s.get("x-says")).and_then(Value::as_str);
    let (message, help) = match error.kind() {
        ValidationErrorKind::Enum { options } => {
            (format!("{name} cannot be {shown}"), choices(options, error))
        }
        ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::AnyOf { .. } => {
            let options = parent.map(constants).unwrap_or_default();
            (format!("{name} cannot be {shown}"), choices(&Value::Array(options), error))
        }
        ValidationErrorKind::Pattern { .. } => (
            format!("{name} cannot be {shown}"),
            says.map_or(String::new(), |says| format!("write {says}")),
        ),
        ValidationErrorKind::Minimum { limit } => {
            (format!("{name} is {shown}, but must be at least {limit}"), String::new())
        }
        ValidationErrorKind::Maximum { limit } => {
            (format!("{name} is {shown}, but must be at most {limit}"), String::new())
        }
        ValidationErrorKind::MinItems { limit } => {
            (format!("{name} must have at least {limit} entries"), String::new())
        }
        ValidationErrorKind::MaxItems { limit } => {
            (format!("{name} has too many entries: at most {limit}"), String::new())
        }
        _ => (format!("{name}: {error}"), String::new()),
    };
    let complaint = rule::WRONG_VALUE.at(site, message);
    if help.is_empty() { complaint } else { complaint.help(help) }
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
