//! The only place that prints. Data goes to standard output, everything else to standard error.

use std::io::{self, ErrorKind, IsTerminal, Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use tenantry::diag::{Diagnostic, human};
use tenantry::source::Sources;

/// What went wrong on the machine, with the path that it went wrong at.
pub type Failure = String;

/// Whether data was lost on its way out.
static LOST: AtomicBool = AtomicBool::new(false);

/// Prints data. A reader that went away is no failure; whatever else stops it is told, once, and
/// [`is_lost`] from then on.
pub fn data(text: &str) {
    let mut out = stdout().lock();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Looks at what came of writing to standard output.
pub fn written(outcome: io::Result<()>) {
    if let Err(why) = outcome
        && why.kind() != ErrorKind::BrokenPipe
        && !LOST.swap(true, Ordering::Relaxed)
    {
        error(&format!("cannot write to standard output: {why}"));
    }
}

/// Whether something that was to be printed is not there.
pub fn is_lost() -> bool {
    LOST.load(Ordering::Relaxed)
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
