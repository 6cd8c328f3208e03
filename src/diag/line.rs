//! Complaints one a line, as editors and `grep` take them: `file:line:column: level[rule]: message`.

use std::fmt::Write as _;

use crate::diag::Diagnostic;
use crate::diag::place::{ordered, place};
use crate::source::Sources;

/// All complaints, in the order of the files.
pub fn render(found: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for d in ordered(found, sources) {
        let at = place(&d.site, sources);
        let message = d.message.replace(['\n', '\r'], " ");
        let (level, rule) = (d.rule.level.word(), d.rule.id);
        let _ = writeln!(out, "{}:{}:{}: {level}[{rule}]: {message}", at.file, at.line, at.column);
    }
    out
}
