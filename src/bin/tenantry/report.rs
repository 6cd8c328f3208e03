//! The forms that commands print complaints in.

use std::io::{IsTerminal, stdout};

use tenantry::diag::Diagnostic;
use tenantry::diag::report::{Form, render};
use tenantry::source::Sources;
use tenantry::synth::Outcome;

use crate::term;

/// How to print what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: excerpt, caret, fix
    Human,
    /// For machines: versioned, with every place
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
    /// `JUnit` XML, as tests that fail
    Junit,
    /// Annotations of GitHub Actions, worst first: ten errors and ten warnings, the rest counted
    Github,
    /// One a line: `file:line:column: level[rule]: message`
    Line,
    /// A comment of a pull request
    Markdown,
}

impl Format {
    /// The form of the library.
    pub fn form(self) -> Form {
        match self {
            Format::Human => Form::Human,
            Format::Json => Form::Json,
            Format::Sarif => Form::Sarif,
            Format::Junit => Form::Junit,
            Format::Github => Form::Github,
            Format::Line => Form::Line,
            Format::Markdown => Form::Markdown,
        }
    }

    /// Prints complaints as what a command is about: on standard output, also when there are none.
    pub fn print(self, outcome: &Outcome) {
        let none = self == Format::Human && outcome.sink.is_empty();
        if none {
            term::data("no complaints\n");
        } else {
            self.show(outcome.sink.as_slice(), &outcome.sources);
        }
    }

    /// Prints complaints beside what a command is about: for people on standard error, for machines
    /// on standard output, also when there are none.
    pub fn print_beside(self, found: &[Diagnostic], sources: &Sources) {
        match self {
            Format::Human => term::diagnostics(found, sources),
            _ => self.show(found, sources),
        }
    }

    /// Prints what a command is about, beside complaints: on standard output, unless a report for
    /// machines stands there.
    pub fn tell(self, text: &str) {
        match self {
            Format::Human => term::data(text),
            _ => term::note(text),
        }
    }

    fn show(self, found: &[Diagnostic], sources: &Sources) {
        let color = term::color(stdout().is_terminal());
        term::data(&render(self.form(), found, sources, color));
    }
}
