//! The case `replacement`: which attributes Terraform replaces a resource for. The provider's schema does
//! not say, so `schemas/replacement.json` has a row for each attribute that is written, and here
//! `terraform plan` judges each.
//!
//! Every type that a blueprint leads to is put into one root, once for each set of attributes that it is
//! written with. Its state says something else of every attribute, so the plan must say of each whether
//! that is a change in place or forces a replacement (`replace_paths`). Beside each stands one whose state
//! has none of its blocks: then they come, which is judged as well. Nothing is applied, so that also what
//! no emulator can make is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tenantry::change::force;

use crate::api::Keys;
use crate::process::{command, run};
use crate::report::Report;
use crate::terraform::Terraform;

/// The name of the case.
pub const NAME: &str = "replacement";

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/replacement.json");
const FACTS: &str = include_str!("../../schemas/terraform.json");
const LIMIT: Duration = Duration::from_secs(300);

/// Arguments that belong to Terraform.
const META: [&str; 4] = ["depends_on", "lifecycle", "provider", "for_each"];

/// What is not known before it is applied, of whatever type is wanted.
const UNKNOWN: &str = "${jsondecode(terraform_data.seed.id)}";

/// Attributes of which the provider reads what the state says, so that it must be sound.
const SOUND: [(&str, &str); 2] = [
    ("iam_role_arn", "arn:aws:iam::123456789012:role/other"),
    ("prevent_user_existence_errors", "LEGACY"),
];

/// A resource as it is written, and the attributes that it is the first to be written with.
struct Sample {
    kind: String,
    body: Value,
    rows: BTreeSet<String>,
}

/// Judges the table with what stands in the modules below `folders`.
/// If it is `whole`, a row of no attribute that is written is an error.
pub fn judge(report: &Report, terraform: &Terraform, modules: &[Value], place: &Path, whole: bool) {
    report.judge("replacement", || {
        let samples = samples(modules);
        let planned = plan(terraform, &samples, place)?;
        let verdicts = verdicts(&samples, &planned)?;
        if std::env::var_os("TENANTRY_WRITE").is_some() {
            return write(report, &verdicts);
        }
        compare(report, &verdicts, &table(), whole)
    });
}

/// What the plan says of a resource.
#[derive(Default)]
struct Planned {
    /// The paths that force a replacement.
    forced: BTreeSet<String>,
    /// The attributes and outermost blocks that the plan changes. Of any other nothing was judged.
    changed: BTreeSet<String>,
}

/// What was judged of an attribute: whether it is replaced; `None` if no plan changes it.
type Verdicts = BTreeMap<(String, String), Option<bool>>;

/// The rows as they are: whether it is replaced.
type Table = BTreeMap<(String, String), bool>;

fn table() -> Table {
    let row =
        |(kind, path, replaced): (&str, &str, bool)| ((kind.to_owned(), path.to_owned()), replaced);
    force::rows().map(row).collect()
}

/// A plan that leaves a resource out, one that says nothing of an attribute, and a row of nothing that is
/// written must be seen. How many of them were.
pub fn bites() -> Result<usize, String> {
    let row = |path: &str| ("aws_vpc".to_owned(), path.to_owned());
    let sample = Sample {
        kind: "aws_vpc".to_owned(),
        body: json!({"cidr_block": "10.0.0.0/16", "instance_tenancy": "default", "tags": {}}),
        rows: ["cidr_block", "instance_tenancy", "tags"].map(str::to_owned).into(),
    };
    let planned = |name: &str| {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let changed = words(&["cidr_block", "tags"]);
        (name.to_owned(), Planned { forced: words(&["cidr_block"]), changed })
    };
    let whole = BTreeMap::from([planned("whole_0"), planned("bare_0")]);
    let half = BTreeMap::from([planned("whole_0")]);
    let sample = [sample];
    if verdicts(&sample, &half).is_ok() {
        return Err("a plan without a resource passes".to_owned());
    }
    let said = verdicts(&sample, &whole)?;
    let of = |path: &str| said[&row(path)];
    if (of("cidr_block"), of("instance_tenancy"), of("tags")) != (Some(true), None, Some(false)) {
        return Err("what no plan changes counts as judged".to_owned());
    }
    let stale = Table::from([(row("cidr_block"), true), (row("gone"), false)]);
    if stale_rows(&said, &stale) != ["aws_vpc.gone"] {
        return Err("a row of nothing that is written passes".to_owned());
    }
    Ok(3)
}

/// For each type, as many resources as it takes to have every attribute.
fn samples(modules: &[Value]) -> Vec<Sample> {
    let facts: Value = serde_json::from_str(FACTS).expect("it is JSON");
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut out = Vec::new();
    for module in modules {
        for (kind, all) in module["resource"].as_object().into_iter().flatten() {
            for body in all.as_object().into_iter().flatten().map(|(_, body)| body) {
                let mut rows = BTreeSet::new();
                walk(body, &facts["resources"][kind], "", &mut rows);
                let known = seen.entry(kind.clone()).or_default();
                if !rows.is_subset(known) {
                    known.extend(rows.iter().cloned());
                    out.push(Sample { kind: kind.clone(), body: body.clone(), rows });
                }
            }
        }
    }
    out
}

/// The attributes and blocks of a body, as paths.
fn walk(body: &Value, schema: &Value, prefix: &str, out: &mut BTreeSet<String>) {
    for (name, value) in body.as_object().into_iter().flatten() {
        if prefix.is_empty() && META.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        let inner = &schema["blocks"][name]["block"];
        if inner.is_object() {
            for item in items(value) {
                walk(item, inner, &format!("{path}."), out);
            }
        }
        out.insert(path);
    }
}

fn items(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |all| all.iter().collect())
}

/// Lets Terraform plan all of them; of each, what changes and what forces a replacement.
fn plan(
    terraform: &Terraform,
    samples: &[Sample],
    place: &Path,
) -> Result<BTreeMap<String, Planned>, String> {
    let facts: Value = serde_json::from_str(FACTS).expect("it is JSON");
    fs::create_dir_all(place).map_err(|why| why.to_string())?;
    let write = |name: &str, value: &Value| {
        fs::write(place.join(name), value.to_string()).map_err(|why| why.to_string())
    };
    write("main.tf.json", &head())?;
    let call = |words: &[&str]| {
        let mut call = command("terraform");
        call.arg(format!("-chdir={}", place.display())).args(words);
        terraform.equip(&mut call, &Keys::first(), words[0] == "init");
        let done = run(&mut call, LIMIT);
        done.check(&format!("terraform {}", words[0])).map(|()| done.stdout)
    };
    call(&["init", "-input=false", "-no-color"])?;
    let schemas = json_of(&call(&["providers", "schema", "-json"])?)?;
    let provider = "registry.terraform.io/hashicorp/aws";
    let versions = &schemas["provider_schemas"][provider]["resource_schemas"];

    let (mut main, mut state) = (head(), Vec::new());
    for (at, sample) in samples.iter().enumerate() {
        let schema = &facts["resources"][&sample.kind];
        for (name, whole) in [(format!("whole_{at}"), true), (format!("bare_{at}"), false)] {
            main["resource"][&sample.kind][&name] = as_written(&sample.body, schema, true);
            let mut before = otherwise(&sample.body, schema, whole);
            before["id"] = json!("other");
            state.push(json!({
                "mode": "managed", "type": sample.kind, "name": name,
                "provider": format!("provider[\"{provider}\"]"),
                "instances": [{
                    "schema_version": versions[&sample.kind]["version"], "attributes": before,
                }],
            }));
        }
    }
    write("main.tf.json", &main)?;
    let version = json_of(&call(&["version", "-json"])?)?["terraform_version"].clone();
    write(
        "terraform.tfstate",
        &json!({"version": 4, "terraform_version": version, "serial": 1, "lineage": "judge",
            "outputs": {}, "resources": state}),
    )?;
    call(&["plan", "-refresh=false", "-input=false", "-no-color", "-out=plan"])?;
    let shown = json_of(&call(&["show", "-json", "plan"])?)?;
    let changes = shown["resource_changes"].as_array().into_iter().flatten();
    let of = |change: &Value| {
        let name = change["name"].as_str().unwrap_or_default().to_owned();
        let paths = change["change"]["replace_paths"].as_array().into_iter().flatten();
        let forced = paths.map(joined).collect();
        (name, Planned { forced, changed: changed(&change["change"]) })
    };
    Ok(changes.map(of).collect())
}

/// The attributes and outermost blocks that are another after a change, or are not known before it.
fn changed(change: &Value) -> BTreeSet<String> {
    let names = ["before", "after", "after_unknown"].map(|side| change[side].as_object());
    let names: BTreeSet<&String> = names.into_iter().flatten().flat_map(Map::keys).collect();
    let differs = |name: &&&String| {
        let name = name.as_str();
        change["before"][name] != change["after"][name]
            || is_unknown(&change["after_unknown"][name])
    };
    names.iter().filter(differs).map(|name| (*name).clone()).collect()
}

/// Whether something in it is not known before it is applied.
fn is_unknown(value: &Value) -> bool {
    match value {
        Value::Bool(unknown) => *unknown,
        Value::Array(all) => all.iter().any(is_unknown),
        Value::Object(all) => all.values().any(is_unknown),
        _ => false,
    }
}

fn json_of(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|why| format!("terraform does not write JSON: {why}"))
}

/// A path of the plan without the numbers of items.
fn joined(path: &Value) -> String {
    let words = path.as_array().into_iter().flatten().filter_map(Value::as_str);
    words.collect::<Vec<_>>().join(".")
}

fn head() -> Value {
    json!({
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.100"}}},
        "provider": {"aws": {"region": "eu-west-1", "skip_credentials_validation": true,
            "skip_requesting_account_id": true, "skip_metadata_api_check": true}},
        "resource": {"terraform_data": {"seed": {}}},
    })
}

/// A body as it is written, with what it reads elsewhere unknown.
fn as_written(body: &Value, schema: &Value, top: bool) -> Value {
    let mut out = Map::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        if top && META.contains(&name.as_str()) {
            continue;
        }
        let inner = &schema["blocks"][name]["block"];
        let value = if inner.is_object() {
            items(value).into_iter().map(|item| as_written(item, inner, false)).collect()
        } else {
            unknown(value)
        };
        out.insert(name.clone(), value);
    }
    Value::Object(out)
}

fn unknown(value: &Value) -> Value {
    match value {
        Value::String(text) if is_expression(text) => json!(UNKNOWN),
        Value::Array(all) => all.iter().map(unknown).collect(),
        Value::Object(all) => {
            all.iter().map(|(name, value)| (name.clone(), unknown(value))).collect()
        }
        other => other.clone(),
    }
}

fn is_expression(text: &str) -> bool {
    text.replace("$${", "").contains("${")
}

/// A state in which everything is otherwise; not `whole`, without any block.
fn otherwise(body: &Value, schema: &Value, whole: bool) -> Value {
    let mut out = Map::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let block = &schema["blocks"][name];
        let kind = &schema["attributes"][name]["type"];
        if block["block"].is_object() {
            let inner: Vec<Value> =
                items(value).into_iter().map(|i| otherwise(i, &block["block"], true)).collect();
            let several = matches!(block["nesting"].as_str(), Some("list" | "set"));
            let value = if several { Value::Array(inner) } else { inner[0].clone() };
            if whole {
                out.insert(name.clone(), value);
            }
        } else if !kind.is_null() && !name.ends_with("_wo") {
            // The value of a write-only argument is in no state.
            out.insert(name.clone(), other(name, value, kind));
        }
    }
    Value::Object(out)
}

/// Another value of the type of an attribute.
fn other(name: &str, value: &Value, kind: &Value) -> Value {
    let sound = SOUND.iter().find(|(attribute, _)| *attribute == name);
    let expression = value.as_str().is_some_and(is_expression);
    match (kind.as_str(), kind[0].as_str(), sound) {
        (Some("string"), _, Some((_, text))) => json!(text),
        (Some("string"), ..) => json!("other"),
        (Some("number"), ..) if expression => json!(7),
        (Some("number"), ..) => {
            let text = value.as_str().and_then(|text| text.parse().ok());
            json!(value.as_f64().or(text).unwrap_or_default() + 1.0)
        }
        (Some("bool"), ..) => json!(!(value == &json!(true) || value == "true")),
        (_, Some("list" | "set"), _) if kind[1].is_string() => {
            items(value).into_iter().map(|item| other(name, item, &kind[1])).collect()
        }
        (_, Some("map"), _) if kind[1] == "string" => json!({"other": "other"}),
        _ => Value::Null,
    }
}

/// What the plan says of every attribute that is written.
fn verdicts(samples: &[Sample], planned: &BTreeMap<String, Planned>) -> Result<Verdicts, String> {
    let facts: Value = serde_json::from_str(FACTS).expect("it is JSON");
    let mut out = Verdicts::new();
    for (at, sample) in samples.iter().enumerate() {
        let of = |name: String| {
            planned.get(&name).ok_or(format!("the plan has no {}.{name}", sample.kind))
        };
        let (whole, bare) = (of(format!("whole_{at}"))?, of(format!("bare_{at}"))?);
        for row in &sample.rows {
            let outer = is_outer_block(&facts["resources"][&sample.kind], row);
            let comes =
                outer && bare.forced.iter().any(|p| p == row || p.starts_with(&format!("{row}.")));
            let replaced = whole.forced.contains(row) || comes;
            let top = row.split('.').next().unwrap_or(row);
            let judged =
                replaced || whole.changed.contains(top) || outer && bare.changed.contains(row);
            let known = out.entry((sample.kind.clone(), row.clone())).or_default();
            *known = (*known).max(judged.then_some(replaced));
        }
    }
    Ok(out)
}

/// Holds what the plan says against the table. How many rows were judged.
fn compare(
    report: &Report,
    verdicts: &Verdicts,
    table: &Table,
    whole: bool,
) -> Result<usize, String> {
    let mut wrong = Vec::new();
    for ((kind, path), said) in verdicts {
        match (table.get(&(kind.clone(), path.clone())), said) {
            (None, _) => wrong.push(format!("{kind}.{path} has no row")),
            (Some(row), Some(replaced)) if row != replaced => {
                wrong.push(format!("{kind}.{path}: the plan says replaced: {replaced}"));
            }
            _ => {}
        }
    }
    let stale = stale_rows(verdicts, table);
    if whole {
        wrong.extend(stale.iter().map(|row| format!("{row} has a row, and is not written")));
    } else if !stale.is_empty() {
        report.note(&format!("rows that are not written: {}", stale.join(", ")));
    }
    let judged = verdicts.values().flatten().count();
    let replaced = verdicts.values().flatten().filter(|replaced| **replaced).count();
    report.note(&format!(
        "{judged} rows of {} types judged by terraform plan: {replaced} replaced, {} in place; {} disagreements",
        verdicts.keys().map(|(kind, _)| kind).collect::<BTreeSet<_>>().len(),
        judged - replaced,
        wrong.len()
    ));
    note_unjudged(report, verdicts);
    if wrong.is_empty() { Ok(judged) } else { Err(wrong.join("\n")) }
}

/// Names the attributes that no plan changes: "in place" is not what was judged of them.
fn note_unjudged(report: &Report, verdicts: &Verdicts) {
    let unjudged: Vec<String> =
        verdicts.iter().filter(|(_, said)| said.is_none()).map(|(key, _)| named(key)).collect();
    if !unjudged.is_empty() {
        report.note(&format!("{} rows not judged: {}", unjudged.len(), unjudged.join(", ")));
    }
}

fn named((kind, path): &(String, String)) -> String {
    format!("{kind}.{path}")
}

/// The rows of nothing that is written.
fn stale_rows(verdicts: &Verdicts, table: &Table) -> Vec<String> {
    table.keys().filter(|key| !verdicts.contains_key(*key)).map(named).collect()
}

/// Whether a row is a block that stands in no other: only of those the coming is judged.
fn is_outer_block(schema: &Value, row: &str) -> bool {
    !row.contains('.') && schema["blocks"].get(row).is_some()
}

/// Writes the part of the table that Terraform judges. What it did not judge stays as it was, and is
/// named; if it was not there, somebody has to find out.
fn write(report: &Report, verdicts: &Verdicts) -> Result<usize, String> {
    note_unjudged(report, verdicts);
    let known = table();
    let settle = |(key, said): (&(String, String), &Option<bool>)| {
        let row = said.or_else(|| known.get(key).copied());
        row.map(|replaced| (key.clone(), replaced))
            .ok_or_else(|| format!("{} is new, and no plan changes it", named(key)))
    };
    let rows: Table = verdicts.iter().map(settle).collect::<Result<_, _>>()?;
    let old = fs::read_to_string(TABLE).map_err(|why| why.to_string())?;
    let (head, _) = old.split_once("  \"terraform\": {\n").ok_or("the table has no such part")?;
    let mut by_kind: BTreeMap<&str, [Vec<&str>; 2]> = BTreeMap::new();
    for ((kind, path), replaced) in &rows {
        by_kind.entry(kind).or_default()[usize::from(*replaced)].push(path);
    }
    let line = |(kind, [in_place, replace]): (&&str, &[Vec<&str>; 2])| {
        format!("    {}: {}", json!(kind), json!({"in_place": in_place, "replace": replace}))
    };
    let lines: Vec<String> = by_kind.iter().map(line).collect();
    let text = format!("{head}  \"terraform\": {{\n{}\n  }}\n}}\n", lines.join(",\n"));
    fs::write(TABLE, text).map_err(|why| why.to_string())?;
    Ok(verdicts.values().flatten().count())
}
