//! The only place that prints. Data goes to standard output, everything else to standard error.

use std::io::{IsTerminal, Write, stderr, stdout};

use tenantry::diag::{Diagnostic, human};
use tenantry::source::Sources;

/// What went wrong on the machine, with the path that it went wrong at.
pub type Failure = String;

/// Prints data. A reader that went away is no failure.
pub fn data(text: &str) {
    let _ = stdout().lock().write_all(text.as_bytes());
}

/// Prints something for people.
pub fn note(text: &str) {
    let _ = stderr().lock().write_all(text.as_bytes());
}

/// Prints a failure of the machine.
pub fn error(message: &str) {
    note(&format!("tenantry: {message}\n"));
}

/// Prints complaints for people.
pub fn diagnostics(found: &[Diagnostic], sources: &Sources) {
    note(&human::render(found, sources, color(stderr().is_terminal())));
}

/// Whether to colour: a person is watching and did not ask for plain text (`NO_COLOR`).
pub fn color(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
