//! Complaints for machines: a versioned object with every complaint and its exact place.

use serde::Serialize;

use crate::diag::Diagnostic;
use crate::diag::place::{Place, place};
use crate::source::{Site, Sources};

/// The version of the shape below. It changes when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    diagnostics: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    rule: &'a str,
    level: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
    help: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note<'a>>,
}

#[derive(Serialize)]
struct Note<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

/// All complaints, in the order of the files.
pub fn render(found: &[Diagnostic], sources: &Sources) -> String {
    let mut items: Vec<Item<'_>> = found.iter().map(|d| item(d, sources)).collect();
    items.sort_by(|a, b| a.place.cmp(&b.place).then(a.rule.cmp(b.rule)));
    let report = Report { version: VERSION, diagnostics: items };
    let mut text = serde_json::to_string_pretty(&report).expect("strings and numbers serialise");
    text.push('\n');
    text
}

fn item<'a>(d: &'a Diagnostic, sources: &'a Sources) -> Item<'a> {
    let note = |(site, message): &'a (Site, String)| Note { place: place(site, sources), message };
    Item {
        rule: d.rule.id,
        level: d.rule.level.word(),
        place: place(&d.site, sources),
        message: &d.message,
        help: d.advice(),
        notes: d.notes.iter().map(note).collect(),
    }
}
