//! Whatever a command prints for machines fits the schema that is published for it, for sound blueprints
//! and for wrong ones, and the schemas leave nothing open.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{faults, root, tenantry, told};

/// Commands in a folder with a sound blueprint that was written and then changed, their schemas, and the
/// exit codes.
const SOUND: &[(&str, &str, i32)] = &[
    ("check b.yaml --format json", "diagnostics", 0),
    ("check untrue.yaml --format json", "diagnostics", 3),
    ("synth b.yaml --check --format json", "diagnostics", 2),
    ("lock verify b.yaml --format json", "diagnostics", 0),
    ("lock release b.yaml --all --format json", "diagnostics", 0),
    ("accounts import accounts.json b.yaml --format json", "diagnostics", 0),
    ("diff b.yaml --base out/acme-prod --format json", "diff", 0),
    ("affected b.yaml --base out/acme-prod --format json", "affected", 0),
    ("prove out/acme-prod --format json", "prove", 0),
    ("prove untrue/acme-prod --format json", "prove", 3),
    ("quotas b.yaml --format json", "quotas", 0),
    ("quotas full.yaml --format json", "quotas", 3),
    ("quotas b.yaml --consolidate --format json", "consolidate", 0),
    ("quotas fewer.yaml --consolidate --format json", "consolidate", 0),
    ("compare b.yaml --format json", "compare", 0),
    ("compare b.yaml --prices prices.yaml --format json", "compare", 0),
    ("tags b.yaml --format json", "tags", 0),
    ("explain initech --blueprint b.yaml --format json", "explain", 0),
    (
        "explain 10.0.0.9 vpc-0a1b2c3d acme-prod-x-Vpc-1MQ2X7B9V0ABC --blueprint b.yaml --format json",
        "explain",
        0,
    ),
    ("explain vpc.vpcs-per-region --format json", "explain", 0),
    ("explain VpcLimitExceeded --blueprint b.yaml --format json", "explain", 0),
    ("explain aws_eip.nat_address_1.id --blueprint b.yaml --format json", "explain", 0),
];

/// The same in a folder in which everything is wrong: complaints only, and nothing else on standard
/// output.
const WRONG: &[(&str, i32)] = &[
    ("check b.yaml --format json", 1),
    ("synth b.yaml --format json", 1),
    ("lock verify b.yaml --format json", 1),
    ("lock release b.yaml --all --format json", 1),
    ("accounts import accounts.json b.yaml --format json", 1),
    ("accounts import list.json sound.yaml --format json", 1),
];

fn put(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("written");
}

fn quickstart() -> String {
    fs::read_to_string(root().join("blueprints/quickstart.yaml")).expect("it is there")
}

/// A blueprint with rules that could be fewer, and with some that could not.
fn neighbours() -> String {
    let text = fs::read_to_string(root().join("blueprints/subnet-none.yaml")).expect("it is there");
    let three = "[192.168.0.0/24, 192.168.1.0/24, 192.168.3.0/24]";
    let text = text.replacen("[192.168.0.0/16]", three, 1);
    assert!(text.contains(three));
    text
}

fn run(folder: &Path, line: &str) -> (i32, String, String) {
    told(&tenantry(folder, &line.split(' ').collect::<Vec<_>>()))
}

#[test]
fn what_machines_read_fits_what_is_published() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let instead = |to: &str| quickstart().replace("tenants:\n", &format!("{to}tenants:\n"));
    put(folder, "b.yaml", &quickstart());
    assert_eq!(run(folder, "synth b.yaml").0, 0);
    put(folder, "untrue.yaml", &instead("must_not_reach: [{ from: tenants, to: hub }]\n"));
    assert_eq!(run(folder, "synth untrue.yaml --out untrue").0, 3);
    put(folder, "b.yaml", &quickstart().replace("[s3, dynamodb]", "[s3]"));
    put(folder, "full.yaml", &instead("quotas: { vpc.vpcs-per-region: 2 }\n"));
    put(folder, "fewer.yaml", &neighbours());
    put(folder, "accounts.json", "{\"Accounts\": []}\n");
    fs::copy(root().join("docs/prices.yaml"), folder.join("prices.yaml")).expect("a copy");
    for (line, schema, code) in SOUND {
        let (got, data, notes) = run(folder, line);
        assert_eq!(got, *code, "{line}: {notes}");
        assert_eq!(faults(schema, &data), [""; 0], "{line}: {data}");
    }
    let (_, data, _) = run(folder, "quotas fewer.yaml --consolidate --format json");
    let told = |part: &str| data.contains(part);
    assert!(told("\"saved\": 1") && told("\"replaces\": 2"), "both kinds are held: {data}");
}

#[test]
fn what_is_wrong_is_told_to_machines_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    put(folder, "sound.yaml", &quickstart());
    assert_eq!(run(folder, "synth sound.yaml").0, 0);
    put(folder, "b.yaml", &quickstart().replace("prefix: 21", "prefix: 99"));
    put(folder, "b.lock.json", "{\"tenantry_lock\": 1, \"tenants\": {\n");
    put(folder, "accounts.json", "{\"Accounts\": []}\n");
    put(folder, "list.json", "{\"Accounts\": 3}\n");
    for (line, code) in WRONG {
        let (got, data, notes) = run(folder, line);
        assert_eq!(got, *code, "{line}: {data}{notes}");
        assert_eq!(faults("diagnostics", &data), [""; 0], "{line}: {data}");
        let report: Value = serde_json::from_str(&data).expect("JSON");
        assert!(report["diagnostics"].as_array().is_some_and(|all| !all.is_empty()), "{line}");
        // The other forms of the same.
        for (form, sign) in [
            ("sarif", "\"ruleId\": "),
            ("github", "::error "),
            ("line", ": error["),
            ("junit", "<failure "),
        ] {
            let (head, _) = line.rsplit_once(' ').expect("a form");
            let (got, data, _) = run(folder, &format!("{head} {form}"));
            assert!(got == *code && data.contains(sign), "{line}, {form}: {data}");
        }
    }
}

/// The objects of a schema that take more than it says, or, where everything is always written, less.
fn open(schema: &Value, whole: bool, at: &str, out: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let names: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        let required = schema["required"].as_array().into_iter().flatten();
        let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
        if (whole && names != required) || schema["additionalProperties"] != false {
            out.push(at.to_owned());
        }
    }
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_object().filter(|_| key == "properties") {
                    // A property may be called so, too.
                    Some(all) => {
                        all.iter().for_each(|(k, v)| open(v, whole, &format!("{at}/{k}"), out));
                    }
                    None => open(value, whole, &format!("{at}/{key}"), out),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|v| open(v, whole, at, out)),
        _ => {}
    }
}

/// Every schema that is there can be printed, is the file, and leaves nothing open, nor takes a field
/// that is not there or one less.
#[test]
fn every_schema_is_printed_and_closed() {
    let folder = root().join("schemas");
    let names = fs::read_dir(&folder).expect("schemas").map(|entry| entry.expect("a file"));
    let names = names.filter_map(|file| {
        Some(file.file_name().to_str()?.strip_suffix(".schema.json")?.to_owned())
    });
    let names: BTreeSet<String> = names.collect();
    assert!(names.len() >= 13, "{names:?}");
    for name in names {
        let (code, data, notes) = run(&folder, &format!("schema --of {name}"));
        assert_eq!(code, 0, "{notes}");
        let text = fs::read_to_string(folder.join(format!("{name}.schema.json"))).expect("text");
        assert_eq!(data, text, "{name}");
        // What people write may leave things out.
        if ["blueprint", "prices", "usage-event"].contains(&name.as_str()) {
            continue;
        }
        let whole = !["manifest", "diagnostics", "quotas"].contains(&name.as_str());
        let mut found = Vec::new();
        open(&serde_json::from_str(&text).expect("JSON"), whole, &name, &mut found);
        assert!(found.is_empty(), "{found:?}");
    }
}
