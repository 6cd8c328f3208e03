//! A change as a comment of a pull request: a marker by which a bot finds the comment that it writes
//! over, the summary, and the details folded. It is never longer than GitHub takes.

use std::fmt::Write as _;

use crate::change::Report;
use crate::change::group::{Change, Group, Kind};
use crate::change::pair::Action;
use crate::diag::markdown::{LIMIT, code, escape};
use crate::view::diff::{
    both, engines, from, led, many, mark, outline, remarks, split, verb, verdict,
};

/// What is kept free for the lines behind the details.
const SPARE: usize = 1_024;

/// How many stacks of a group are named; the rest is counted.
const KEYS: usize = 1_000;

/// How wide a value may be.
const WIDTH: usize = 72;

/// How many rows the tables of the summary and of a group have; the rest is counted.
const ROWS: usize = 40;

/// The line by which a comment of this estate is known again.
pub fn marker(report: &Report) -> String {
    format!("<!-- tenantry diff: {} -->", report.estate)
}

/// The comment.
pub fn render(report: &Report) -> String {
    let mut out = format!("{}\n### {}\n", marker(report), escape(&verdict(report)));
    risks(report, &mut out);
    if report.is_empty() {
        return out;
    }
    summary(report, &mut out);
    let mut left = 0;
    for group in &report.groups {
        let details = details(report, group);
        if left > 0 || out.len() + details.len() > LIMIT - SPARE {
            left += 1;
        } else {
            out.push_str(&details);
        }
    }
    if left > 0 {
        let _ = writeln!(
            out,
            "\n{} not shown, as a comment has room for {LIMIT} characters: `tenantry diff --all` shows all.",
            many(left, "more group")
        );
    }
    out
}

fn risks(report: &Report, out: &mut String) {
    let losses: Vec<_> = report.losses().collect();
    let quotas: Vec<&String> = report.quotas.iter().flatten().collect();
    let opened: Vec<&String> = report.isolation.iter().flatten().collect();
    if losses.is_empty() && quotas.is_empty() && opened.is_empty() {
        return;
    }
    out.push_str("\n> [!CAUTION]\n");
    for open in opened.iter().take(ROWS) {
        let _ = writeln!(out, "> **Isolation**: {}  ", escape(open));
    }
    for (group, change, loss) in losses.iter().take(ROWS) {
        let kept = loss.kept.as_ref().map_or(String::new(), |kept| format!("; {kept}"));
        let line = escape(&format!("{}{kept}", loss.what));
        let _ = writeln!(
            out,
            "> **Data at risk**, {}: {}: {line}  ",
            escape(&group.who()),
            code(&change.label)
        );
    }
    if losses.len() > ROWS {
        let _ = writeln!(out, "> … and {} more  ", losses.len() - ROWS);
    }
    for over in quotas.iter().take(ROWS) {
        let _ = writeln!(out, "> **Quota passed**: {}  ", escape(over));
    }
}

fn summary(report: &Report, out: &mut String) {
    out.push_str("\n| who | what | from |\n|---|---|---|\n");
    for group in report.groups.iter().take(ROWS) {
        let causes =
            group.cause.iter().chain(group.changes.iter().filter_map(|c| c.cause.as_ref()));
        let mut places: Vec<String> = causes.map(|cause| code(&from(cause))).collect();
        places.dedup();
        places.sort();
        places.dedup();
        let more = places.len().saturating_sub(2);
        places.truncate(2);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let who = escape(&group.who());
        let _ =
            writeln!(out, "| {who} | {} | {}{more} |", escape(&outline(group)), places.join(", "));
    }
    if report.groups.len() > ROWS {
        let _ = writeln!(out, "| … and {} more | | |", report.groups.len() - ROWS);
    }
}

fn details(report: &Report, group: &Group) -> String {
    let title = format!("{}: {}", group.who(), outline(group));
    let mut out = format!("\n<details><summary>{}</summary>\n\n", html(&title));
    if group.kind == Kind::Update {
        let (own, follows) = split(group);
        if !own.is_empty() {
            out.push_str("| | resource | what changes | from |\n|---|---|---|---|\n");
        }
        for change in own.iter().take(ROWS) {
            row(report, change, &mut out);
        }
        if own.len() > ROWS {
            let _ = writeln!(out, "| | … and {} more | | |", own.len() - ROWS);
        }
        follow(&follows, &mut out);
    } else {
        let holds: Vec<String> =
            group.holds.iter().map(|(kind, count)| format!("{count} {}", code(kind))).collect();
        let _ = writeln!(out, "{}", holds.join(", "));
    }
    let keys: Vec<String> = group.stacks.iter().map(|stack| code(&stack.key)).collect();
    let more = keys.len().saturating_sub(KEYS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let keys = keys[..keys.len().min(KEYS)].join(", ");
    let _ = writeln!(out, "\nStacks: {keys}{more}\n\n</details>");
    out
}

/// What only follows from the replacement of others.
fn follow(follows: &[&Change], out: &mut String) {
    for action in [Action::Replace, Action::MayReplace, Action::Revise, Action::Update] {
        let of = follows.iter().filter(|change| change.action == action);
        let names: Vec<String> = of.map(|change| code(&change.label)).collect();
        if !names.is_empty() {
            let (mark, verb) = (mark(action), verb(action));
            let _ = writeln!(
                out,
                "\n{mark} {verb}, as they name what is replaced: {}",
                names.join(", ")
            );
        }
    }
}

fn row(report: &Report, change: &Change, out: &mut String) {
    let mut lines = Vec::new();
    lines.extend(change.renamed.as_ref().map(|name| format!("was called {}", code(name))));
    lines.extend(
        change.moved.as_ref().map(|key| format!("moves; the other end is stack {}", code(key))),
    );
    for property in change.properties.iter().take(8) {
        let (was, is) = both(property, WIDTH);
        let remarks = escape(&remarks(property));
        let what = match led(property) {
            Some(named) => escape(&named),
            None => format!("{} → {}", code(&was), code(&is)),
        };
        lines.push(format!("{}: {what}{remarks}", code(&property.path)));
    }
    if change.properties.len() > 8 {
        lines.push(format!("… and {} more", change.properties.len() - 8));
    }
    let engines = engines(report, change).map_or(String::new(), |text| format!(" ({text})"));
    let kind = if change.label.starts_with(&change.kind) {
        String::new()
    } else {
        format!("<br>{}", code(&change.kind))
    };
    let from = change.cause.as_ref().map_or(String::new(), |cause| code(&from(cause)));
    let _ = writeln!(
        out,
        "| {} {}{engines} | {}{kind} | {} | {from} |",
        mark(change.action),
        verb(change.action),
        code(&change.label),
        lines.join("<br>")
    );
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
