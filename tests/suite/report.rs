//! Reports for machines: every form says of every complaint what, where and how bad, and none of
//! them can be broken by what somebody wrote into a blueprint.

use std::fmt::Write as _;

use serde_json::Value;
use tenantry::diag::markdown::LIMIT;
use tenantry::diag::report::{Form, render};
use tenantry::diag::{Level, github};
use tenantry::synth::Outcome;

use crate::support::{options, root, snapshot, synth_text};

/// A blueprint in a folder, with mistakes of every level, more than are shown of one, places with a
/// second place, a mistake in a tenant file, and text that would be code if it were not escaped.
pub fn broken() -> Outcome {
    broken_with("\n")
}

/// The same, with other ends of lines.
fn broken_with(end: &str) -> Outcome {
    let mut text = std::fs::read_to_string(root().join("blueprints/quickstart.yaml"))
        .expect("it is there")
        .replace("zones: 3", "zones: 1")
        .replace("name: Initech", "name: \"a\\n::error::b, %0A <c> & \\\"d\\\" é \\u0007\"")
        .replace("10.0.0.0/16]", "10.0.0.5/16]");
    for n in 0..12 {
        let _ = writeln!(text, "  - {{ id: t{n}, tier: \"é<&%0A\\nx\", cost_center: CC }}");
    }
    text.push_str("  - { id: t0, tier: team, cost_center: CC }\ntenant_files: [more.csv]\n");
    let text = text.replace('\n', end);
    let csv = "id,tier,cost_center\nzed,team,CC\nyod,taem,CC\n".replace('\n', end).into_bytes();
    let request = tenantry::synth::Request {
        name: "estates/a b/b.yaml",
        blueprint: text.as_bytes(),
        lock: None,
        locked: false,
        options: options(),
        tenants: &[],
    };
    tenantry::synth::synth(&request, &mut |_| Ok(csv.clone()))
}

fn shown(form: Form, outcome: &Outcome) -> String {
    render(form, outcome.sink.as_slice(), &outcome.sources, false)
}

/// What is said of each complaint, whatever the form: rule, level, file, line, column.
type Said = (String, String, String, u64, u64);

fn from_json(text: &str) -> Vec<Said> {
    let report: Value = serde_json::from_str(text).expect("JSON");
    let said = |d: &Value| {
        let text = |key: &str| d[key].as_str().expect("text").to_owned();
        let number = |key: &str| d[key].as_u64().expect("a number");
        (text("rule"), text("level"), text("file"), number("line"), number("column"))
    };
    report["diagnostics"].as_array().expect("a list").iter().map(said).collect()
}

fn from_sarif(text: &str) -> Vec<Said> {
    let log: Value = serde_json::from_str(text).expect("JSON");
    let run = &log["runs"][0];
    let said = |result: &Value| {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        let region = |key: &str| place["region"][key].as_u64().unwrap_or(1);
        let file = text(&place["artifactLocation"]["uri"]).replace("%20", " ");
        let (line, column) = (region("startLine"), region("startColumn"));
        (text(&result["ruleId"]), text(&result["level"]), file, line, column)
    };
    run["results"].as_array().expect("a list").iter().map(said).collect()
}

fn from_lines(text: &str) -> Vec<Said> {
    let said = |line: &str| {
        let mut parts = line.splitn(4, ':');
        let mut part = || parts.next().expect("four parts").to_owned();
        let (file, row, column, rest) = (part(), part(), part(), part());
        let (level, rest) = rest.trim().split_once('[').expect("a rule").to_owned();
        let rule = rest.split(']').next().expect("it closes");
        let number = |text: String| text.parse().expect("a number");
        (rule.to_owned(), level.to_owned(), file, number(row), number(column))
    };
    text.lines().map(said).collect()
}

#[test]
fn every_form_says_the_same() {
    let outcome = broken();
    let mut expect = from_json(&shown(Form::Json, &outcome));
    assert_eq!(expect.len(), outcome.sink.len());
    assert!(expect.len() > 15, "there is something to say: {}", expect.len());
    assert!(
        expect.iter().any(|said| said.2 == "estates/a b/more.csv" && said.3 == 3),
        "{expect:?}"
    );
    expect.sort();
    for (form, read) in
        [(Form::Sarif, from_sarif as fn(&str) -> Vec<Said>), (Form::Line, from_lines)]
    {
        let mut said = read(&shown(form, &outcome));
        said.sort();
        assert_eq!(said, expect, "{form:?}");
    }
    let junit = shown(Form::Junit, &outcome);
    assert_eq!(junit.matches("<testcase ").count(), expect.len());
    let errors = expect.iter().filter(|said| said.1 == "error").count();
    assert_eq!(junit.matches("<failure ").count(), errors);
    for (rule, _, file, line, column) in &expect {
        let test = format!("classname=\"{file}\" name=\"{rule} at {line}:{column}\"");
        assert!(junit.contains(&test), "{test}");
    }
}

/// Whatever ends a line, each complaint is in the same one.
#[test]
fn ends_of_lines_change_no_place() {
    let usual = broken();
    for end in ["\r", "\r\n"] {
        let outcome = broken_with(end);
        for form in [Form::Human, Form::Json, Form::Sarif, Form::Junit, Form::Github, Form::Line] {
            assert_eq!(shown(form, &outcome), shown(form, &usual), "{form:?} with {end:?}");
        }
    }
}

/// A comment has one item for each complaint, the worst first, and never more than it takes.
#[test]
fn a_comment_keeps_to_its_room() {
    let outcome = broken();
    let found = outcome.sink.as_slice();
    let text = render(Form::Markdown, found, &outcome.sources, false);
    let items: Vec<&str> = text.lines().filter(|line| line.starts_with("- **")).collect();
    assert_eq!(items.len(), found.len(), "{text}");
    let errors = found.iter().filter(|d| d.rule.level == Level::Error).count();
    assert!(errors < items.len() && items[..errors].iter().all(|i| i.starts_with("- **error** `")));
    for said in from_json(&shown(Form::Json, &outcome)) {
        let place = format!("{}:{}:{}", said.2, said.3, said.4);
        assert!(items.iter().any(|i| i.contains(&said.0) && i.contains(&place)), "{said:?}");
    }
    // What somebody wrote is no mark-up and begins no line.
    assert!(text.contains("é&lt;&amp;") && !text.contains("é<"), "{text}");
    assert_eq!(text.lines().count(), items.len() + 2, "{text}");
    let many: Vec<_> = found.iter().cycle().take(found.len() * 100).cloned().collect();
    let text = render(Form::Markdown, &many, &outcome.sources, false);
    assert!(text.len() <= LIMIT && text.contains(" more, for which"), "{}", text.len());
}

/// A step of GitHub shows ten errors and ten warnings: no more are written, the rest is counted.
#[test]
fn annotations_keep_to_the_caps() {
    let outcome = broken();
    let text = shown(Form::Github, &outcome);
    let count = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
    let errors = outcome.sink.as_slice().iter().filter(|d| d.rule.level == Level::Error).count();
    assert!(errors > github::CAP, "there are more errors than are shown: {errors}");
    assert_eq!((count("::error "), count("::notice ")), (github::CAP, 1), "{text}");
    assert!(count("::warning ") >= 1, "a warning is not crowded out by errors: {text}");
    assert_eq!(text.lines().count(), count("::"), "nothing written is a line of its own: {text}");
    let left = errors - github::CAP;
    assert!(text.contains(&format!("{left} not shown")), "{text}");
    assert!(text.contains("file=estates/a b/b.yaml,line="), "{text}");
}

/// Nothing to say is said, too: a log without results, a test that passes, no annotation.
#[test]
fn no_complaint_is_a_report() {
    let text = std::fs::read(root().join("tests/reject/_base.yaml")).expect("it is there");
    let outcome = synth_text("b.yaml", &text, None, &root(), options());
    assert!(outcome.sink.is_empty());
    assert_eq!(from_sarif(&shown(Form::Sarif, &outcome)), []);
    let junit = shown(Form::Junit, &outcome);
    assert!(junit.contains("tests=\"1\" failures=\"0\"") && junit.contains("no complaints"));
    assert_eq!(shown(Form::Github, &outcome) + &shown(Form::Line, &outcome), "");
}

/// What people and machines see, whole.
#[test]
fn reports() {
    let outcome = broken();
    for (form, name) in [
        (Form::Sarif, "sarif"),
        (Form::Junit, "junit"),
        (Form::Github, "github"),
        (Form::Line, "line"),
        (Form::Markdown, "markdown"),
    ] {
        snapshot("report", name, &shown(form, &outcome));
    }
}
