//! Where complaints stand, as lines and columns, and their order.

use serde::Serialize;

use crate::diag::{Diagnostic, Level};
use crate::source::{Site, Sources};

/// The place of a complaint: lines and columns from 1, the end behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place<'a> {
    /// The file, relative to where the tool was started.
    pub file: &'a str,
    /// Its line.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// The line of its end.
    pub end_line: usize,
    /// The column of its end.
    pub end_column: usize,
}

/// The place of a site.
pub fn place<'a>(site: &Site, sources: &'a Sources) -> Place<'a> {
    let source = sources.get(site.file());
    let span = sources.locate(site);
    let (start, end) = (source.position(span.start), source.position(span.end.max(span.start)));
    Place {
        file: &source.name,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// Complaints in the order of the files.
pub fn ordered<'a>(found: &'a [Diagnostic], sources: &Sources) -> Vec<&'a Diagnostic> {
    let mut out: Vec<&Diagnostic> = found.iter().collect();
    out.sort_by_key(|d| (d.site.file(), sources.locate(&d.site).start, d.rule.id));
    out
}

/// How many errors and warnings there are, in words; empty if there are none.
pub fn tally(found: &[Diagnostic]) -> String {
    let count = |level| found.iter().filter(|d| d.rule.level == level).count();
    let words = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (count(Level::Error), count(Level::Warning)) {
        (0, 0) => String::new(),
        (0, w) => words(w, "warning"),
        (e, 0) => words(e, "error"),
        (e, w) => format!("{}, {}", words(e, "error"), words(w, "warning")),
    }
}
