//! One door to all renderers: a form, and the complaints in it.

use crate::diag::{Diagnostic, github, human, json, junit, line, markdown, sarif};
use crate::source::Sources;

/// How complaints are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people: excerpt, caret, fix.
    Human,
    /// For machines: versioned, with every place.
    Json,
    /// SARIF 2.1.0, for code scanners.
    Sarif,
    /// As tests that fail.
    Junit,
    /// As annotations of GitHub Actions.
    Github,
    /// One a line.
    Line,
    /// As a comment of a pull request.
    Markdown,
}

/// The complaints in a form. For people, nothing if there are none.
pub fn render(form: Form, found: &[Diagnostic], sources: &Sources, color: bool) -> String {
    match form {
        Form::Human => human::render(found, sources, color),
        Form::Json => json::render(found, sources),
        Form::Sarif => sarif::render(found, sources),
        Form::Junit => junit::render(found, sources),
        Form::Github => github::render(found, sources),
        Form::Line => line::render(found, sources),
        Form::Markdown => markdown::render(found, sources),
    }
}
