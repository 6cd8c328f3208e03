//! Complaints as tests that fail, in the XML that `JUnit` began and every CI reads: a suite a file, a
//! test a complaint. A warning is a test that passes and says something.
//! Source: <https://docs.gitlab.com/ci/testing/unit_test_reports/>, which says what is read of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diag::place::{ordered, place};
use crate::diag::{Diagnostic, Level};
use crate::source::{FileId, Sources};

/// All complaints, in the order of the files. Without any, one test that passes.
pub fn render(found: &[Diagnostic], sources: &Sources) -> String {
    let mut suites: BTreeMap<FileId, Vec<&Diagnostic>> = BTreeMap::new();
    suites.entry(0).or_default();
    for d in ordered(found, sources) {
        suites.entry(d.site.file()).or_default().push(d);
    }
    let all: Vec<&Diagnostic> = found.iter().collect();
    let tests = suites.values().map(|suite| suite.len().max(1)).sum::<usize>();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let failures = failures(&all);
    let _ = writeln!(
        out,
        "<testsuites name=\"tenantry\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    );
    for (file, suite) in &suites {
        self::suite(&sources.get(*file).name, suite, sources, &mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

fn failures(found: &[&Diagnostic]) -> usize {
    found.iter().filter(|d| d.rule.level == Level::Error).count()
}

fn suite(file: &str, found: &[&Diagnostic], sources: &Sources, out: &mut String) {
    let (name, tests) = (escape(file), found.len().max(1));
    let failures = failures(found);
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    );
    if found.is_empty() {
        let _ = writeln!(out, "    <testcase classname=\"{name}\" name=\"no complaints\"/>");
    }
    for d in found {
        test(d, sources, out);
    }
    out.push_str("  </testsuite>\n");
}

fn test(d: &Diagnostic, sources: &Sources, out: &mut String) {
    let at = place(&d.site, sources);
    let (file, rule) = (escape(at.file), escape(d.rule.id));
    let (message, advice) = (escape(&d.message), escape(d.advice()));
    let where_ = format!("{file}:{}:{}", at.line, at.column);
    let _ = writeln!(
        out,
        "    <testcase classname=\"{file}\" name=\"{rule} at {}:{}\" file=\"{file}\" line=\"{}\">",
        at.line, at.column, at.line
    );
    let text = format!("{where_}: {message}\nhelp: {advice}");
    let _ = match d.rule.level {
        Level::Error => {
            writeln!(out, "      <failure type=\"{rule}\" message=\"{message}\">{text}</failure>")
        }
        Level::Warning => writeln!(out, "      <system-out>warning: {text}</system-out>"),
    };
    out.push_str("    </testcase>\n");
}

/// A text as XML 1.0 holds it, in elements and attributes. What XML cannot hold at all is shown as
/// an unknown character. Source: <https://www.w3.org/TR/xml/#charsets>.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_the_xml() {
        assert_eq!(escape("a<b>&\"c\"\n\u{1b}"), "a&lt;b&gt;&amp;&quot;c&quot;&#10;\u{fffd}");
    }
}
