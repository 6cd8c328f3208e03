//! What each command ends with, cause by cause: 0 fine, 1 an error, 2 differences where they were
//! asked for, 3 a gate. A command without a row, and one that is never seen to fail, is found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{root, tenantry, told};

/// The folder that a row is run in: each has what its name says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Place {
    /// Nothing.
    Empty,
    /// A sound blueprint `b.yaml`, a lock that is current, and what was written.
    Sound,
    /// The same, with a tenant added and another prefix in the blueprint.
    Changed,
    /// A blueprint that is wrong.
    Wrong,
    /// A blueprint that passes a quota, with its lock.
    Full,
    /// A blueprint of which an account and region cannot hold more; nothing can be placed elsewhere.
    Over,
    /// A blueprint of which an empty cell has too little of a quota for one tenant.
    Short,
    /// A blueprint whose pools are used up.
    Spent,
    /// A sound blueprint and a lock that nobody can read.
    Torn,
    /// A blueprint that says of its tenants what is not so.
    Untrue,
}

use Place::{Changed, Empty, Full, Over, Short, Sound, Spent, Torn, Untrue, Wrong};

/// Command, where, and what it ends with.
const ROWS: &[(&str, Place, u8)] = &[
    ("--help", Empty, 0),
    ("--version", Empty, 0),
    ("nonsense", Empty, 1),
    ("init", Empty, 0),
    ("init b.yaml", Sound, 1),
    ("init b.yaml --ci github --hooks", Sound, 0),
    ("init --ci nowhere", Empty, 1),
    ("synth b.yaml", Sound, 0),
    ("synth b.yaml", Wrong, 1),
    ("synth b.yaml", Torn, 1),
    ("synth", Sound, 1),
    ("synth nowhere.yaml", Sound, 1),
    ("synth b.yaml --check", Sound, 0),
    ("synth b.yaml --check", Changed, 2),
    ("synth b.yaml --check --snapshot", Sound, 2),
    ("synth b.yaml --locked", Sound, 0),
    ("synth b.yaml --locked", Changed, 3),
    ("synth b.yaml --tenant nobody --out part", Sound, 1),
    ("synth b.yaml --format sarif", Wrong, 1),
    ("check b.yaml", Sound, 0),
    ("check b.yaml --locked", Changed, 3),
    ("check b.yaml", Wrong, 1),
    ("check b.yaml --format sarif", Wrong, 1),
    ("check b.yaml --format github", Wrong, 1),
    ("check b.yaml --format nonsense", Sound, 1),
    ("check b.yaml --permute", Sound, 0),
    ("diff b.yaml --base out/acme-prod", Sound, 0),
    ("diff b.yaml --base out/acme-prod", Changed, 0),
    ("diff b.yaml --base out/acme-prod --detailed-exitcode", Changed, 2),
    ("diff b.yaml --base out/acme-prod --only-tenants hooli", Changed, 3),
    ("diff b.yaml --base out/acme-prod --fail-on isolation", Changed, 0),
    ("diff b.yaml --base nowhere", Sound, 1),
    ("diff b.yaml --base out/acme-prod", Wrong, 1),
    ("diff b.yaml --base out/acme-prod --format sarif", Wrong, 1),
    ("affected b.yaml --base out/acme-prod", Changed, 0),
    ("affected b.yaml --base nowhere", Sound, 1),
    ("synth b.yaml", Untrue, 3),
    ("check b.yaml", Untrue, 3),
    ("prove out/acme-prod", Sound, 0),
    ("prove out/acme-prod", Untrue, 3),
    ("prove out/acme-prod --pair hooli,nobody", Sound, 1),
    ("prove nowhere", Empty, 1),
    ("compare b.yaml", Sound, 0),
    ("compare b.yaml --prices nowhere.yaml", Sound, 1),
    ("compare b.yaml", Wrong, 1),
    ("tags b.yaml", Sound, 0),
    ("tags b.yaml", Wrong, 1),
    ("quotas b.yaml", Sound, 0),
    ("quotas b.yaml", Full, 3),
    ("quotas b.yaml", Wrong, 1),
    ("quotas b.yaml --request commands", Sound, 0),
    ("quotas b.yaml --request commands", Full, 3),
    ("quotas b.yaml --request commands --format json", Sound, 1),
    ("quotas b.yaml --request terraform", Over, 3),
    ("quotas b.yaml --request commands --tenants team=500", Sound, 0),
    ("quotas b.yaml --request commands --tenants team=500", Full, 3),
    ("quotas b.yaml --request commands --tenants nobody=5", Sound, 1),
    ("quotas b.yaml --tenants team=500", Sound, 1),
    ("quotas b.yaml --consolidate", Sound, 0),
    // Where nothing more fits is a gate, whichever command meets it, and whatever is used up.
    ("quotas b.yaml", Over, 3),
    ("quotas b.yaml", Short, 3),
    ("quotas b.yaml", Spent, 3),
    ("quotas b.yaml --keep", Over, 3),
    ("synth b.yaml", Full, 3),
    ("synth b.yaml", Over, 3),
    ("synth b.yaml", Short, 3),
    ("synth b.yaml", Spent, 3),
    ("check b.yaml", Over, 3),
    ("check b.yaml", Short, 3),
    ("check b.yaml", Spent, 3),
    ("check b.yaml --format sarif", Over, 3),
    ("diff b.yaml --base out/acme-prod", Over, 3),
    ("affected b.yaml --base out/acme-prod", Over, 3),
    ("tags b.yaml", Over, 3),
    ("explain globex", Over, 3),
    ("compare b.yaml", Over, 0),
    ("schema", Empty, 0),
    ("schema --of prove", Empty, 0),
    ("schema --of nonsense", Empty, 1),
    ("schema --nonsense", Empty, 1),
    ("explain", Empty, 0),
    ("explain address/host-bits", Empty, 0),
    ("explain address/host-bit", Empty, 1),
    ("explain initech", Sound, 0),
    ("explain initech hooli", Sound, 0),
    ("explain initech", Wrong, 1),
    ("explain initech", Empty, 1),
    ("explain nobody-knows", Sound, 1),
    ("lock verify b.yaml", Sound, 0),
    ("lock verify b.yaml", Torn, 1),
    ("lock verify b.yaml", Wrong, 1),
    ("lock verify b.yaml --format sarif", Sound, 0),
    ("lock verify b.yaml --format sarif", Torn, 1),
    ("lock verify b.yaml --format nonsense", Sound, 1),
    ("lock release b.yaml --all --format json", Torn, 1),
    ("lock release b.yaml nobody", Sound, 1),
    ("lock release b.yaml --all", Sound, 0),
    ("accounts import accounts.json b.yaml", Sound, 0),
    ("accounts import nowhere.json b.yaml", Sound, 1),
    ("accounts import accounts.json b.yaml --format github", Sound, 0),
    ("accounts import accounts.json b.yaml --format github", Wrong, 1),
    ("accounts import accounts.json b.yaml --format json", Torn, 1),
    ("completions bash", Empty, 0),
    ("completions nonsense", Empty, 1),
];

const TENANT: &str = "  - { id: aaa, tier: business, cost_center: CC-1 }\n";

fn quickstart() -> String {
    fs::read_to_string(root().join("blueprints/quickstart.yaml")).expect("it is there")
}

/// Fills a folder; it is the same for every row of its place.
fn fill(folder: &Path, place: Place) {
    let put = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    let synth = || assert_eq!(told(&tenantry(folder, &["synth", "b.yaml"])).0, 0);
    if place == Empty {
        return;
    }
    put("accounts.json", "{\"Accounts\": []}\n");
    if place == Over {
        // What was written before there was too much of it.
        put("b.yaml", &quickstart());
        synth();
        fs::remove_file(folder.join("b.lock.json")).expect("it was there");
    }
    if place == Wrong {
        return put("b.yaml", &quickstart().replace("prefix: 21", "prefix: 99"));
    }
    let other = match place {
        Over => Some("region-full.yaml"),
        Short => Some("quota-holds-no-tenant.yaml"),
        Spent => Some("pool-full-of-cells.yaml"),
        _ => None,
    };
    if let Some(name) = other {
        let text = fs::read_to_string(root().join("tests/reject").join(name));
        return put("b.yaml", &text.expect("it is there"));
    }
    put("b.yaml", &quickstart());
    synth();
    let instead = |from: &str, to: &str| put("b.yaml", &quickstart().replace(from, to));
    match place {
        Changed => instead("tenants:\n", &format!("tenants:\n{TENANT}")),
        Full => instead("tenants:\n", "quotas: { vpc.vpcs-per-region: 2 }\ntenants:\n"),
        Untrue => {
            instead("tenants:\n", "must_not_reach: [{ from: tenants, to: hub }]\ntenants:\n");
            assert_eq!(told(&tenantry(folder, &["synth", "b.yaml"])).0, 3);
        }
        Torn => {
            let path = folder.join("b.lock.json");
            let text = fs::read_to_string(&path).expect("it is there");
            fs::write(path, &text[..text.len() / 2]).expect("written");
        }
        _ => {}
    }
}

#[test]
fn every_cause_has_its_code() {
    let mut wrong = Vec::new();
    let mut filled: BTreeMap<Place, tempfile::TempDir> = BTreeMap::new();
    for (line, place, code) in ROWS {
        let model = filled.entry(*place).or_insert_with(|| {
            let folder = tempfile::tempdir().expect("a folder");
            fill(folder.path(), *place);
            folder
        });
        let folder = tempfile::tempdir().expect("a folder");
        let mut copy = Command::new("cp");
        copy.arg("-R").arg(model.path().join(".")).arg(folder.path());
        assert!(copy.status().expect("cp is there").success());
        let words: Vec<&str> = line.split(' ').collect();
        let (got, _, notes) = told(&tenantry(folder.path(), &words));
        if got != i32::from(*code) {
            wrong.push(format!("{line} ({place:?}): {got}, not {code}\n{notes}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The commands that `--help` lists.
fn commands(words: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, text, _) = told(&tenantry(folder.path(), &[words, &["--help"]].concat()));
    let Some((_, list)) = text.split_once("Commands:\n") else { return Vec::new() };
    let list = list.split("\n\n").next().unwrap_or_default();
    let names = list.lines().filter_map(|line| {
        let name = line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?;
        name.split(' ').next().map(str::to_owned)
    });
    names.filter(|name| name != "help").collect()
}

#[test]
fn no_command_is_without_a_row() {
    let all = commands(&[]);
    assert!(all.len() > 10, "{all:?}");
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for command in all {
        let inner = commands(&[&command]);
        if inner.is_empty() {
            wanted.insert(command);
        } else {
            wanted.extend(inner.iter().map(|inner| format!("{command} {inner}")));
        }
    }
    for command in wanted {
        let of = |line: &str| *line == command || line.starts_with(&format!("{command} "));
        let codes: BTreeSet<u8> =
            ROWS.iter().filter(|(line, ..)| of(line)).map(|(.., code)| *code).collect();
        assert!(codes.contains(&0), "{command} is never seen to end well");
        assert!(codes.contains(&1), "{command} is never seen to fail");
    }
}

/// Whoever asks for help is shown an example, too.
#[test]
fn every_command_has_an_example() {
    let folder = tempfile::tempdir().expect("a folder");
    for command in commands(&[]) {
        let inner = commands(&[&command]);
        let all = if inner.is_empty() {
            vec![Vec::new()]
        } else {
            inner.iter().map(|i| vec![i.as_str()]).collect()
        };
        for more in all {
            let words = [&[command.as_str()], more.as_slice(), &["--help"]].concat();
            let (code, text, _) = told(&tenantry(folder.path(), &words));
            assert!(code == 0 && text.contains("Example"), "{words:?}: {text}");
            assert!(
                text.contains(&format!("tenantry {}", words[..words.len() - 1].join(" "))),
                "{words:?}"
            );
        }
    }
}
