//! Every kind of wrong input: a file in `tests/reject/`, and in `snapshots/reject/` what the user
//! sees. A `.csv` is a tenant file of `_base.yaml`, a `.lock.json` its lock; if the case is called
//! `five-…`, of `_five.yaml`. A blueprint can have a lock of its own, `_<case>.lock.json`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tenantry::diag::{Level, exit_code, human};
use tenantry::rules;
use tenantry::synth::Outcome;

use crate::support::{options, root, snapshot, synth_text};

fn folder() -> PathBuf {
    root().join("tests/reject")
}

fn cases() -> Vec<String> {
    let names = fs::read_dir(folder())
        .expect("the folder is there")
        .map(|e| e.expect("a file").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.into_string().expect("UTF-8"))
        .filter(|name| !name.starts_with('_'))
        .collect();
    names.sort();
    names
}

fn outcome(case: &str) -> Outcome {
    let bytes = fs::read(folder().join(case)).expect("a case");
    let of = if case.starts_with("five-") { "_five.yaml" } else { "_base.yaml" };
    let base = fs::read_to_string(folder().join(of)).expect("it is there");
    let run = |name: &str, text: &[u8], lock| synth_text(name, text, lock, &folder(), options());
    match Path::new(case).extension().and_then(|e| e.to_str()) {
        Some("csv") => run(of, format!("{base}tenant_files: [{case}]\n").as_bytes(), None),
        _ if case.ends_with(".lock.json") => {
            run(of, base.as_bytes(), Some(&String::from_utf8_lossy(&bytes)))
        }
        _ => {
            let stem = case.rsplit_once('.').map_or(case, |(stem, _)| stem);
            let lock = fs::read_to_string(folder().join(format!("_{stem}.lock.json"))).ok();
            run(case, &bytes, lock.as_deref())
        }
    }
}

/// What came of a case.
struct Seen {
    case: String,
    rules: BTreeSet<&'static str>,
    text: String,
}

/// Every case, run once for all tests.
static SEEN: LazyLock<Vec<Seen>> = LazyLock::new(|| {
    let seen = |case: String| {
        let outcome = outcome(&case);
        let found = outcome.sink.as_slice();
        let wrong = found.iter().any(|d| d.rule.level == Level::Error);
        let made = outcome.made.is_some();
        assert!(made != wrong, "{case}: something was made in spite of an error");
        let shown = human::render(found, &outcome.sources, false);
        let text = format!("{shown}exit code {}", exit_code(found));
        Seen { case, rules: found.iter().map(|d| d.rule.id).collect(), text }
    };
    cases().into_iter().map(seen).collect()
});

#[test]
fn what_the_user_sees() {
    assert!(SEEN.len() >= 300, "there are {} cases", SEEN.len());
    let mut accepted = Vec::new();
    for Seen { case, rules, text } in SEEN.iter() {
        if rules.is_empty() {
            accepted.push(case);
        } else {
            snapshot("reject", case, text);
        }
    }
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
}

/// Rules that no blueprint or lock can break by itself: they need another file, a flag, or a bug of
/// ours.
const ELSEWHERE: [&str; 21] = [
    // Of a folder that was broken: `prove.rs`.
    "prove/reachable",
    "prove/statement",
    "prove/unread",
    // Of a listing of accounts: `accounts.rs`.
    "account/listing",
    "account/swapped",
    // Of listings of quotas and of what is there: `listing.rs`.
    "quota/listing",
    // Of a price file: `compare.rs`.
    "price/region",
    "price/missing",
    // Of a comparison: `change.rs`, `diff_cli.rs`.
    "change/data-loss",
    "change/isolation",
    "change/others",
    "change/quota",
    "change/replace",
    "lock/changes",
    "lock/lost",
    "tenant/unknown",
    "schema/cloudformation",
    "schema/terraform",
    "schema/unknown-type",
    // Of templates that are too large: `split.rs`.
    "limit/template",
    "limit/upload",
];

#[test]
fn every_rule_has_a_case() {
    let broken: BTreeSet<&str> = SEEN.iter().flat_map(|seen| seen.rules.iter().copied()).collect();
    let missing: Vec<_> = rules::RULES
        .iter()
        .map(|r| r.id)
        .filter(|id| !broken.contains(id) && !ELSEWHERE.contains(id))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "rules without a case");
}

/// The bases are sound, or every case would prove nothing.
#[test]
fn the_bases_are_accepted() {
    for base in ["_base.yaml", "_five.yaml"] {
        let text = fs::read(folder().join(base)).expect("it is there");
        let outcome = synth_text(base, &text, None, &folder(), options());
        let said = human::render(outcome.sink.as_slice(), &outcome.sources, false);
        assert!(outcome.made.is_some() && outcome.sink.is_empty(), "{base}: {said}");
    }
}

/// What looks wrong but is right is taken as it is written.
#[test]
fn what_is_odd_but_right_is_accepted() {
    let folder = root().join("tests/accept");
    let mut seen = 0;
    for entry in fs::read_dir(&folder).expect("the folder is there") {
        let name = entry.expect("a file").file_name().into_string().expect("UTF-8");
        let text = fs::read(folder.join(&name)).expect("a case");
        let outcome = synth_text(&name, &text, None, &folder, options());
        let said = human::render(outcome.sink.as_slice(), &outcome.sources, false);
        assert!(outcome.made.is_some() && outcome.sink.is_empty(), "{name}: {said}");
        seen += 1;
    }
    assert!(seen >= 3, "the cases are there");
}

/// Labels are a set, however they are written: who needs the same shares a cell.
#[test]
fn needs_are_a_set() {
    let text = fs::read(root().join("tests/accept/needs-and-hosts.yaml")).expect("a case");
    let outcome = synth_text("a.yaml", &text, None, &folder(), options());
    let plan = outcome.made.expect("it is sound").plan;
    let cell = |id: &str| plan.tenants[id].cell.clone().expect("it has one");
    assert!(cell("a1") == cell("a2") && cell("a2") == cell("a3"));
    assert!(cell("a4") != cell("a1"));
    assert_eq!(plan.cells[&cell("a1")].needs, ["gpu", "hipaa"]);
    assert_eq!(plan.cells[&cell("a5")].dedicated.as_deref(), Some("a5"));
}

/// An attribute is the text that was written, not a number that looks like it.
#[test]
fn attributes_are_text() {
    let text =
        fs::read(root().join("tests/accept/number-with-leading-zeros.yaml")).expect("a case");
    let outcome = synth_text("a.yaml", &text, None, &folder(), options());
    let made = outcome.made.expect("it is sound");
    let values: Vec<&String> = made.spec.tenants.values().flat_map(|t| t.tags.values()).collect();
    assert!(values.iter().any(|v| v.as_str() == "007"), "{values:?}");
}
