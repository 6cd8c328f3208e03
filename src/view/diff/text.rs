//! A change at a terminal: what is at risk first, then group by group, with what only follows folded
//! into a line.

use std::fmt::Write as _;

use crate::change::Report;
use crate::change::group::{Change, Group, Kind};
use crate::change::pair::Action;
use crate::view::diff::{
    both, engines, from, led, many, mark, outline, remarks, split, verb, verdict,
};

/// How many properties of a resource are shown, how many resources of a group, and how many names in a
/// list; the rest is counted. `--format json` holds all.
const PROPERTIES: usize = 4;
const CHANGES: usize = 12;
const NAMES: usize = 8;

/// How wide a value may be.
const WIDTH: usize = 48;

/// The report; `all`, with nothing folded.
pub fn render(report: &Report, color: bool, all: bool) -> String {
    let mut out = String::new();
    let paint = Paint { color };
    let _ = writeln!(out, "{}", paint.bold(&verdict(report)));
    let tenants: Vec<&str> = report.tenants().into_iter().collect();
    if !tenants.is_empty() {
        let _ = writeln!(out, "  tenants   {}", list(&tenants, all));
    }
    for over in report.quotas.iter().flatten() {
        let _ = writeln!(out, "  quota     {}", paint.red(&format!("passed: {over}")));
    }
    for open in report.isolation.iter().flatten() {
        let _ = writeln!(out, "  isolation {}", paint.red(open));
    }
    risks(report, &paint, &mut out);
    for group in &report.groups {
        one(report, group, &paint, all, &mut out);
    }
    out
}

fn risks(report: &Report, paint: &Paint, out: &mut String) {
    let mut first = true;
    for (group, change, loss) in report.losses() {
        if first {
            let _ = writeln!(out, "\n{}", paint.red("data at risk"));
            first = false;
        }
        let kept = loss.kept.as_ref().map_or(String::new(), |kept| format!("; {kept}"));
        let _ = writeln!(out, "  {}: {}: {}{kept}", group.who(), change.label, loss.what);
    }
}

fn one(report: &Report, group: &Group, paint: &Paint, all: bool, out: &mut String) {
    let _ = writeln!(out, "\n{}: {}", paint.bold(&group.who()), outline(group));
    if let Some(cause) = &group.cause {
        let _ = writeln!(out, "  from {}", from(cause));
    }
    let keys: Vec<&str> = group.stacks.iter().map(|stack| stack.key.as_str()).collect();
    let _ = writeln!(out, "  stacks: {}", list(&keys, all));
    if group.kind != Kind::Update {
        let holds = group.holds.iter().map(|(kind, count)| format!("{count} {kind}"));
        let holds: Vec<String> = holds.collect();
        let holds: Vec<&str> = holds.iter().map(String::as_str).collect();
        let _ = writeln!(out, "  {}", list(&holds, all));
        return;
    }
    let (own, follows) = split(group);
    let shown = if all { own.len() } else { CHANGES };
    for change in own.iter().take(shown) {
        resource(report, change, paint, all, out);
    }
    if own.len() > shown {
        let _ = writeln!(
            out,
            "  … and {} (--all shows them)",
            many(own.len() - shown, "more resource")
        );
    }
    if all {
        for change in follows {
            resource(report, change, paint, all, out);
        }
    } else if !follows.is_empty() {
        let names: Vec<&str> = follows.iter().map(|change| change.label.as_str()).collect();
        let gravest = follows.iter().map(|change| change.action).max().unwrap_or(Action::Update);
        let _ = writeln!(
            out,
            "  {} {} that follow, as they name what is replaced: {}",
            paint.action(gravest, mark(gravest)),
            names.len(),
            list(&names, false)
        );
    }
}

fn resource(report: &Report, change: &Change, paint: &Paint, all: bool, out: &mut String) {
    let engines = engines(report, change).map_or(String::new(), |text| format!(" [{text}]"));
    let named = format!("{} {} {}", mark(change.action), verb(change.action), change.label);
    let kind = if change.label.starts_with(&change.kind) {
        String::new()
    } else {
        format!("  {}", change.kind)
    };
    let _ = writeln!(out, "  {}{kind}{engines}", paint.action(change.action, &named));
    if let Some(name) = &change.renamed {
        let _ = writeln!(out, "      it was called {name}: the same thing under another name");
    }
    if let Some(stack) = &change.moved {
        let _ = writeln!(out, "      it moves: the other end is stack {stack}");
    }
    let shown = if all { change.properties.len() } else { PROPERTIES };
    for property in change.properties.iter().take(shown) {
        let (was, is) = both(property, WIDTH);
        let what = led(property).unwrap_or_else(|| format!("{was} → {is}"));
        let _ = writeln!(out, "      {}  {what}{}", property.path, remarks(property));
    }
    if change.properties.len() > shown {
        let _ = writeln!(out, "      … and {} more", change.properties.len() - shown);
    }
    if let Some(cause) = &change.cause {
        let _ = writeln!(out, "      from {}", from(cause));
    }
}

/// Names with commas; what is too much is counted.
fn list(names: &[&str], all: bool) -> String {
    if all || names.len() <= NAMES + 1 {
        return names.join(", ");
    }
    format!("{} and {} more", names[..NAMES].join(", "), names.len() - NAMES)
}

struct Paint {
    color: bool,
}

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn red(&self, text: &str) -> String {
        self.with("1;31", text)
    }

    fn action(&self, action: Action, text: &str) -> String {
        match action {
            Action::Create => self.with("32", text),
            Action::Update | Action::Revise => self.with("33", text),
            Action::MayReplace | Action::Replace | Action::Delete => self.with("31", text),
        }
    }
}
