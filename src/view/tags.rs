//! Whose cost is what: for each type of what was rendered, whether it is tagged, whether what it makes
//! is, and whether the bill shows it; and by what the rest is shared out.

pub mod facts; // what each type does with its tags

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use self::facts::{BILL, Bill, MAKES, UNTAGGED};
use crate::check;
use crate::engine::Engine;
use crate::synth::Made;

/// What was found of a type.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// How many resources there are of it, in all stacks.
    pub resources: usize,
    /// Whether AWS puts tags on it.
    pub taggable: bool,
    /// How many of them carry every tag that they must.
    pub tagged: usize,
    /// The keys of the tags that each of them carries.
    pub keys: BTreeSet<String>,
    /// What it makes, and whether that is tagged, too.
    pub makes: Option<(&'static str, bool)>,
    /// Whether the bill shows it.
    pub bill: Option<Bill>,
}

/// What was found, by CloudFormation's type.
pub type Report = BTreeMap<String, Line>;

/// Reads what was rendered. The tags that must be there are those of the estate, and those that the
/// blueprint requires of tenants' resources.
pub fn report(made: &Made) -> Report {
    let rendered = made.render();
    let mut stacks: BTreeMap<&str, usize> = BTreeMap::new();
    for stack in &made.estate.stacks {
        *stacks.entry(&stack.shape).or_default() += 1;
    }
    let mut report = Report::new();
    for (shape, count) in stacks {
        let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is rendered");
        let template: Value = serde_json::from_str(text).expect("the engine writes JSON");
        for resource in template["Resources"].as_object().into_iter().flatten().map(|(_, r)| r) {
            add(&mut report, resource, count);
        }
    }
    report
}

/// The keys that everything carries.
const OWN: [&str; 2] = ["Estate", "Environment"];

fn add(report: &mut Report, resource: &Value, count: usize) {
    let kind = resource["Type"].as_str().expect("every resource has a type");
    let properties = &resource["Properties"];
    let keys = keys(properties);
    let first = !report.contains_key(kind);
    let line = report.entry(kind.to_owned()).or_default();
    line.resources += count;
    let left = UNTAGGED.iter().any(|(known, _)| *known == kind);
    line.taggable = check::cloudformation::taggable(kind) && !left;
    line.bill = BILL.iter().find(|(known, _)| *known == kind).map(|(_, bill)| *bill);
    if OWN.iter().all(|key| keys.contains(*key)) {
        line.tagged += count;
    }
    line.keys = if first { keys } else { line.keys.intersection(&keys).cloned().collect() };
    if let Some((_, what, property)) = MAKES.iter().find(|(known, ..)| *known == kind) {
        let there = properties.to_string().contains(&format!("\"{property}\":"));
        let before = line.makes.is_none_or(|(_, there)| there);
        line.makes = Some((what, there && before));
    }
}

/// The keys of the tags of a resource, in whichever form its type takes them.
fn keys(properties: &Value) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (name, value) in properties.as_object().into_iter().flatten() {
        let specified = name == "TagSpecifications";
        if !name.ends_with("Tags") && !specified {
            continue;
        }
        let lists = if specified { &value[0]["Tags"] } else { value };
        match lists {
            Value::Array(tags) => {
                out.extend(tags.iter().filter_map(|tag| tag["Key"].as_str().map(str::to_owned)));
            }
            Value::Object(tags) => out.extend(tags.keys().cloned()),
            _ => {}
        }
    }
    out
}

/// What is wrong: what could be tagged and is not, and what is made without tags.
fn missing(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    for (kind, line) in report {
        if line.taggable && line.tagged < line.resources {
            out.push(format!(
                "{kind}: {} of {} without tags",
                line.resources - line.tagged,
                line.resources
            ));
        }
        if let Some((what, false)) = line.makes {
            out.push(format!("{kind}: its {what} get no tags"));
        }
    }
    out
}

/// One line that says it all.
fn verdict(report: &Report) -> String {
    let resources: usize = report.values().map(|line| line.resources).sum();
    let shared = report.values().filter(|line| matches!(line.bill, Some(Bill::Share(_)))).count();
    let missing = missing(report).len();
    let word = if missing == 0 { "complete".to_owned() } else { format!("{missing} gaps") };
    format!(
        "{} types, {resources} resources: tags are {word}; {shared} types cost what no tag shows",
        report.len()
    )
}

fn bill(line: &Line) -> String {
    match line.bill {
        Some(Bill::Tags) => "by its tags".to_owned(),
        Some(Bill::Share(key)) => format!("shared out by {key}"),
        Some(Bill::Free) => "costs nothing".to_owned(),
        None => "not known".to_owned(),
    }
}

fn tagged(line: &Line) -> String {
    match (line.taggable, line.tagged == line.resources) {
        (false, _) => "takes none".to_owned(),
        (true, true) => "all".to_owned(),
        (true, false) => format!("{} of {}", line.tagged, line.resources),
    }
}

fn makes(line: &Line) -> String {
    match line.makes {
        None => String::new(),
        Some((what, true)) => format!("{what}: yes"),
        Some((what, false)) => format!("{what}: no"),
    }
}

/// For people: a table, the gaps, and the verdict.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<48} {:>6}  {:<10} {:<27} in the bill",
        "type", "number", "tagged", "and what it makes"
    );
    for (kind, line) in report {
        let row = format!(
            "{:<48} {:>6}  {:<10} {:<27} {}",
            kind.trim_start_matches("AWS::"),
            line.resources,
            tagged(line),
            makes(line),
            bill(line)
        );
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out.push('\n');
    for gap in missing(report) {
        let _ = writeln!(out, "gap: {gap}");
    }
    let _ = writeln!(out, "{}", verdict(report));
    out
}

/// For a page: the same as a table of Markdown.
pub fn markdown(report: &Report) -> String {
    let mut out = format!("**{}**\n\n", verdict(report));
    for gap in missing(report) {
        let _ = writeln!(out, "- {gap}");
    }
    out.push_str(
        "| type | number | tagged | what it makes | in the bill |\n|---|--:|---|---|---|\n",
    );
    for (kind, line) in report {
        let _ = writeln!(
            out,
            "| `{kind}` | {} | {} | {} | {} |",
            line.resources,
            tagged(line),
            makes(line),
            bill(line)
        );
    }
    out
}

/// For machines.
pub fn json(report: &Report) -> String {
    let of = |(kind, line): (&String, &Line)| {
        let (shown, key) = match line.bill {
            Some(Bill::Tags) => ("tags", None),
            Some(Bill::Share(key)) => ("share", Some(key)),
            Some(Bill::Free) => ("free", None),
            None => ("unknown", None),
        };
        json!({
            "type": kind, "resources": line.resources, "taggable": line.taggable,
            "tagged": line.tagged, "keys": line.keys, "bill": shown, "share": key,
            "makes": line.makes.map(|(what, tagged)| json!({"what": what, "tagged": tagged})),
        })
    };
    let types: Vec<Value> = report.iter().map(of).collect();
    let all = json!({"version": 1, "complete": missing(report).is_empty(), "types": types});
    serde_json::to_string_pretty(&all).expect("plain JSON") + "\n"
}
