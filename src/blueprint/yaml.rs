//! YAML, and so JSON, text → tree with positions. The only place that names the YAML crate.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::granit_parser::ErrorKind;
use serde_yaml::{
    DuplicateKeyPolicy, ExternalMessageSource, Location, MergeKeyPolicy, Options, Spanned, Tagged,
};

use crate::blueprint::rule;
use crate::diag::{Diagnostic, Sink};
use crate::source::{FileId, Key, Kind, Node, Site, Source, Sources, Span};

/// What is said where aliases are too many.
const REPEATED: &str = "aliases repeat more than a blueprint needs";

/// How deep a document may nest; the deepest blueprint that makes sense needs six levels.
const MAX_DEPTH: usize = 32;

/// Gives a source its tree. On failure the reason is in the sink and the source has none; of an empty
/// file, with how such a file begins.
pub fn parse(sources: &mut Sources, file: FileId, begin: &str, sink: &mut Sink) {
    let source = sources.get(file);
    match tree(source) {
        Ok(Some(node)) => {
            duplicates(&node, file, sink);
            sources.get_mut(file).root = Some(node);
        }
        Ok(None) => {
            sink.push(rule::EMPTY.at(Site::File(file), "the file is empty").help(begin));
        }
        Err(error) => sink.push(complaint(&error, source, file)),
    }
}

fn tree(source: &Source) -> Result<Option<Node>, serde_yaml::Error> {
    let mut options = Options::default();
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    options.with_snippet = false;
    // YAML 1.2: `y`, `no` and `on` are text, as a tier or tenant may well be called.
    options.strict_booleans = true;
    options.reject_unsupported_tags = true;
    // Nothing is decoded: `untagged` refuses this tag, which the parser takes for one that it supports.
    options.ignore_binary_tag_for_string = true;
    options.merge_keys = MergeKeyPolicy::Error;
    if let Some(budget) = &mut options.budget {
        budget.max_depth = MAX_DEPTH;
        // A tenant takes about ten events, and ten thousand inline tenants are normal.
        budget.max_events = 4_000_000;
        budget.max_nodes = 2_000_000;
        budget.max_recorded_anchor_events = 100_000;
    }
    let raw: Marked<Raw> = serde_yaml::from_str_with_options(&source.text, options)?;
    let node = node(raw, source)?;
    Ok((node.kind != Kind::Null).then_some(node))
}

/// Something with its place and its tag.
type Marked<T> = Spanned<Tagged<T>>;

/// A value as the parser gives it.
enum Raw {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Marked<Raw>>),
    Map(Vec<(Marked<String>, Marked<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Int(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "too large for any key of a blueprint")]
    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(i64::try_from(value).map_or(Raw::Float(value as f64), Raw::Int))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Raw, E> {
        if value.is_finite() { Ok(Raw::Float(value)) } else { Err(E::custom("not a number")) }
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry::<Marked<String>, Marked<Raw>>()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

fn node(raw: Marked<Raw>, source: &Source) -> Result<Node, serde_yaml::Error> {
    let span = span(&raw.referenced, source);
    let kind = match untagged(raw.value, raw.referenced)? {
        Raw::Null => Kind::Null,
        Raw::Bool(value) => Kind::Bool(value),
        Raw::Int(value) => Kind::Int(value),
        // Wherever a whole number is wanted, `3.0` is one.
        #[expect(clippy::cast_possible_truncation, reason = "it was compared")]
        Raw::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => Kind::Int(value as i64),
        Raw::Float(value) => Kind::Float(value),
        Raw::Text(text) => Kind::Text(text),
        Raw::List(items) => {
            Kind::List(items.into_iter().map(|item| node(item, source)).collect::<Result<_, _>>()?)
        }
        Raw::Map(entries) => {
            let entry = |(key, value): (Marked<String>, _)| {
                let place = self::span(&key.referenced, source);
                let text = untagged(key.value, key.referenced)?;
                Ok((Key { span: place, text }, node(value, source)?))
            };
            let entries = entries.into_iter().map(entry);
            Kind::Map(entries.collect::<Result<_, serde_yaml::Error>>()?)
        }
    };
    Ok(Node { span, kind })
}

/// What is tagged, unless the tag says that it is binary: nothing of a blueprint is, and what it comes to
/// stands nowhere in the text.
fn untagged<T>(Tagged(value, tag): Tagged<T>, location: Location) -> Result<T, serde_yaml::Error> {
    let name = tag.as_deref().unwrap_or_default();
    let name = name.strip_prefix("tag:yaml.org,2002:").unwrap_or(name).trim_start_matches('!');
    if name == "binary" {
        return Err(serde_yaml::Error::UnsupportedTag { tag: "!!binary".to_owned(), location });
    }
    Ok(value)
}

/// The parser's place as bytes; where it gives none, by line and column.
fn span(location: &Location, source: &Source) -> Span {
    let whole = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(source.text.len());
    let place = location.span();
    if let (Some(start), Some(len)) = (place.byte_offset(), place.byte_len()) {
        return whole(start)..whole(start + len);
    }
    let start = source.byte_at(whole(location.line()), whole(location.column()));
    start..start
}

fn duplicates(node: &Node, file: FileId, sink: &mut Sink) {
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| duplicates(item, file, sink)),
        Kind::Map(entries) => {
            let mut first = std::collections::BTreeMap::new();
            for (key, value) in entries {
                if let Some(before) = first.get(key.text.as_str()) {
                    sink.push(twice(key, before, file));
                } else {
                    first.insert(key.text.as_str(), key.span.clone());
                }
                duplicates(value, file, sink);
            }
        }
        _ => {}
    }
}

fn twice(key: &Key, before: &Span, file: FileId) -> Diagnostic {
    rule::DUPLICATE_KEY
        .at(
            Site::Bytes(file, key.span.start, key.span.end),
            format!("`{}` stands here twice", key.text),
        )
        .note(Site::Bytes(file, before.start, before.end), "first here")
}

fn complaint(error: &serde_yaml::Error, source: &Source, file: FileId) -> Diagnostic {
    use serde_yaml::Error;
    use serde_yaml::budget::BudgetBreach;
    let error = error.without_snippet();
    let site = error.location().map_or(Site::File(file), |location| {
        let place = span(&location, source);
        Site::Bytes(file, place.start, place.end)
    });
    match unaliased(error) {
        Error::MultipleDocuments { .. } => {
            rule::SEVERAL_DOCUMENTS.at(site, "a second document begins here")
        }
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => too_deep(site),
        Error::ExternalMessage { source, .. } if is_too_deep(source) => too_deep(site),
        Error::Budget { breach, .. } => rule::BUDGET.at(site, budget(breach)),
        Error::AliasReplayLimitExceeded { .. } | Error::AliasExpansionLimitExceeded { .. } => {
            rule::BUDGET.at(site, REPEATED)
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => rule::BUDGET
            .at(site, "this alias stands within what it repeats, so it never ends")
            .help("write the value that is meant in place of the alias"),
        other => rule::SYNTAX.at(site, words(other)),
    }
}

/// What is wrong inside an alias, or the error itself.
fn unaliased(error: &serde_yaml::Error) -> &serde_yaml::Error {
    match error {
        serde_yaml::Error::AliasError { error, .. } => unaliased(error.without_snippet()),
        other => other,
    }
}

fn budget(breach: &serde_yaml::budget::BudgetBreach) -> &'static str {
    use serde_yaml::budget::BudgetBreach;
    match breach {
        BudgetBreach::Aliases { .. } | BudgetBreach::Anchors { .. } => REPEATED,
        _ => "the document is larger than a blueprint needs to be",
    }
}

/// Whether the parser has come to the end of its own stack, before the budget was asked: it reads ahead.
fn is_too_deep(source: &ExternalMessageSource) -> bool {
    match source {
        ExternalMessageSource::Parser(error) => {
            matches!(error.kind(), ErrorKind::RecursionLimitExceeded)
        }
        _ => false,
    }
}

fn too_deep(site: Site) -> Diagnostic {
    rule::BUDGET
        .at(site, format!("this nests deeper than {MAX_DEPTH} levels"))
        .help("close the brackets that stand open, or write it flatter")
}

/// The parser's message, without its own place and excerpt.
fn words(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(head, _)| head);
    let text = text.lines().next().unwrap_or("not YAML");
    let text = text.trim_start_matches("error: ");
    match text.split_once(": ") {
        Some((place, rest)) if place.starts_with("line ") => rest.to_owned(),
        _ => text.to_owned(),
    }
}
