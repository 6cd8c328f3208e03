//! Complaints for people: rule, place, the line itself with a caret, and what to do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use annotate_snippets::renderer::{DecorStyle, Renderer};
use annotate_snippets::{AnnotationKind, Level as Shown, Origin, Snippet};

use crate::diag::place::{ordered, tally};
use crate::diag::{Diagnostic, Level};
use crate::source::{Site, Sources};

/// How many complaints of one rule are shown in full; the rest are counted. The other formats
/// always hold all of them.
pub const SHOWN_PER_RULE: usize = 20;

/// How wide a rendered excerpt may be, in columns.
const WIDTH: usize = 140;

/// All complaints, in the order of the files, and a closing line that counts them.
pub fn render(found: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(WIDTH).decor_style(DecorStyle::Ascii);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out = String::new();
    for diagnostic in ordered(found, sources) {
        let count = seen.entry(diagnostic.rule.id).or_default();
        *count += 1;
        if *count <= SHOWN_PER_RULE {
            out.push_str(&one(diagnostic, sources, &renderer));
            out.push_str("\n\n");
        }
    }
    for (rule, count) in seen.iter().filter(|(_, count)| **count > SHOWN_PER_RULE) {
        let more = count - SHOWN_PER_RULE;
        let _ = writeln!(out, "… and {more} more of {rule} (`check --format json` lists all)\n");
    }
    let tally = tally(found);
    if !tally.is_empty() {
        let _ = writeln!(out, "{tally}");
    }
    out
}

fn one(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.rule.level {
        Level::Error => Shown::ERROR,
        Level::Warning => Shown::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.rule.id);
    let mut group = match excerpt(&diagnostic.site, sources) {
        Some(place) => title.element(place.snippet(AnnotationKind::Primary, None)),
        None => title.element(Origin::path(sources.get(diagnostic.site.file()).name.as_str())),
    };
    for (site, text) in &diagnostic.notes {
        if let Some(place) = excerpt(site, sources) {
            group = group.element(place.snippet(AnnotationKind::Context, Some(text)));
        }
    }
    let group = group.element(Shown::HELP.message(diagnostic.advice()));
    renderer.render(&[group])
}

/// One line of a file with the bytes to underline in it.
struct Excerpt<'a> {
    path: &'a str,
    line: &'a str,
    number: usize,
    start: usize,
    end: usize,
}

impl<'a> Excerpt<'a> {
    fn snippet(
        &self,
        kind: AnnotationKind,
        label: Option<&'a str>,
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let annotation = kind.span(self.start..self.end).label(label);
        Snippet::source(self.line).line_start(self.number).path(self.path).annotation(annotation)
    }
}

fn excerpt<'a>(site: &Site, sources: &'a Sources) -> Option<Excerpt<'a>> {
    if matches!(site, Site::File(_)) {
        return None;
    }
    let source = sources.get(site.file());
    let span = sources.locate(site);
    let line = source.line_around(span.start);
    let start = span.start.min(line.end) - line.start;
    let end = span.end.clamp(span.start.min(line.end), line.end) - line.start;
    Some(Excerpt {
        path: &source.name,
        line: source.text.get(line)?,
        number: source.position(span.start).line,
        start,
        end: end.max(start),
    })
}
