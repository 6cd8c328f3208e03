//! Complaints as annotations of GitHub Actions, worst first. A step shows ten errors and ten
//! warnings, so no more are written, and what is left is counted in a notice.
//! Sources: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
//! for the form, <https://github.com/orgs/community/discussions/26680> for the caps.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diag::place::{ordered, place, tally};
use crate::diag::{Diagnostic, Level};
use crate::source::{Site, Sources};

/// How many annotations of a level a step shows.
pub const CAP: usize = 10;

/// Annotations for a step.
pub fn render(found: &[Diagnostic], sources: &Sources) -> String {
    let (mut out, mut left) = (String::new(), BTreeMap::<&str, usize>::new());
    let found_in_order = ordered(found, sources);
    for level in [Level::Error, Level::Warning] {
        let of_level = found_in_order.iter().filter(|d| d.rule.level == level);
        for (i, d) in of_level.enumerate() {
            if i < CAP {
                one(d, sources, &mut out);
            } else {
                *left.entry(d.rule.id).or_default() += 1;
            }
        }
    }
    if !left.is_empty() {
        let more: usize = left.values().sum();
        let rules: Vec<String> = left.iter().map(|(rule, n)| format!("{n} of {rule}")).collect();
        let text = format!("{} in all; {more} not shown: {}", tally(found), rules.join(", "));
        let _ = writeln!(out, "::notice title=tenantry::{}", data(&text));
    }
    out
}

fn one(d: &Diagnostic, sources: &Sources, out: &mut String) {
    let at = place(&d.site, sources);
    let file = at.file.trim_start_matches("./");
    let _ = write!(out, "::{} file={}", d.rule.level.word(), property(file));
    if !matches!(d.site, Site::File(_)) {
        let _ = write!(out, ",line={},endLine={}", at.line, at.end_line);
        // Columns are taken only where an annotation stands on one line.
        if at.line == at.end_line {
            let _ = write!(out, ",col={},endColumn={}", at.column, at.end_column);
        }
    }
    let text = format!("{}\nhelp: {}", d.message, d.advice());
    let _ = writeln!(out, ",title={}::{}", property(d.rule.id), data(&text));
}

/// The text behind the colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_annotation() {
        assert_eq!(data("a%\n::error::b"), "a%25%0A::error::b");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }
}
