//! Complaints as Markdown, for a comment of a pull request: worst first, each with its place and what
//! to do, and never more than a comment takes.

use std::fmt::Write as _;

use crate::diag::place::{ordered, place, tally};
use crate::diag::{Diagnostic, Level};
use crate::source::{Site, Sources};

/// How long a comment may be, in characters; bytes are counted, which are never fewer.
/// Source: <https://github.com/orgs/community/discussions/27190>.
pub const LIMIT: usize = 65_536;

/// What is kept free for the line that counts the rest, and for what is written round it.
const SPARE: usize = 8_192;

/// All complaints as a list, as far as there is room.
pub fn render(found: &[Diagnostic], sources: &Sources) -> String {
    if found.is_empty() {
        return "### no complaints\n".to_owned();
    }
    let mut out = format!("### {}\n\n", tally(found));
    let mut left = 0;
    let all = ordered(found, sources);
    for level in [Level::Error, Level::Warning] {
        for d in all.iter().filter(|d| d.rule.level == level) {
            let item = item(d, sources);
            if left > 0 || out.len() + item.len() > LIMIT - SPARE {
                left += 1;
            } else {
                out.push_str(&item);
            }
        }
    }
    if left > 0 {
        let _ = writeln!(out, "\n… and {left} more, for which a comment has no room");
    }
    out
}

fn item(d: &Diagnostic, sources: &Sources) -> String {
    let at = place(&d.site, sources);
    let file = at.file.trim_start_matches("./");
    let at = match d.site {
        Site::File(_) => file.to_owned(),
        _ => format!("{file}:{}:{}", at.line, at.column),
    };
    let (level, rule) = (d.rule.level.word(), code(d.rule.id));
    let (message, advice) = (escape(&d.message), escape(d.advice()));
    format!("- **{level}** {rule}, {}: {message}<br>{advice}\n", code(&at))
}

/// A text as code, in tables, too. Source: <https://github.github.com/gfm/#code-spans>.
pub fn code(text: &str) -> String {
    let text = text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A text of which no character means anything to Markdown or HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
