//! Accounts of tenants: pending until AWS has made them, known by an import, and never swapped.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{files, root, snapshot, tenantry, told};

/// A folder with the blueprint of the model, synthesised once: nothing is known yet.
fn pending() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = root().join("blueprints/account-peering.yaml");
    fs::copy(from, folder.path().join("b.yaml")).expect("a copy");
    synth(folder.path());
    folder
}

fn synth(folder: &Path) -> String {
    let (code, _, said) = told(&tenantry(folder, &["synth", "b.yaml"]));
    assert_eq!(code, 0, "{said}");
    said
}

/// The stacks of the manifest that wait, and the account of each stack by its key.
fn stacks(folder: &Path) -> Vec<(String, String, bool)> {
    let text = fs::read_to_string(folder.join("out/acme-prod/manifest.json")).expect("it is there");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let text = |stack: &Value, key: &str| stack[key].as_str().expect("a text").to_owned();
    let stacks = manifest["stacks"].as_array().expect("stacks").iter();
    stacks.map(|s| (text(s, "key"), text(s, "account"), s["pending"] == true)).collect()
}

fn import(folder: &Path, listing: &str) -> (i32, String, String) {
    fs::write(folder.join("accounts.json"), listing).expect("it can be written");
    told(&tenantry(folder, &["accounts", "import", "accounts.json", "b.yaml"]))
}

fn listing(accounts: &[(&str, &str)]) -> String {
    let line = |(id, email): &(&str, &str)| {
        format!("  {{\"Id\": \"{id}\", \"Email\": \"{email}\", \"Status\": \"ACTIVE\"}}")
    };
    let lines: Vec<String> = accounts.iter().map(line).collect();
    format!("{{\"Accounts\": [\n{}\n]}}\n", lines.join(",\n"))
}

const GLOBEX: &str = "aws+globex@acme.example";
const INITECH: &str = "aws+initech@acme.example";

#[test]
fn pending_accounts_become_known() {
    let folder = pending();
    let waiting: Vec<String> =
        stacks(folder.path()).into_iter().filter(|s| s.2).map(|s| s.0).collect();
    assert_eq!(
        waiting,
        ["tenant-globex", "tenant-initech", "spoke-tenant-globex", "spoke-tenant-initech"]
    );
    assert!(synth(folder.path()).contains("pending   2 accounts: globex, initech"));
    // Upper and lower case are the same to AWS, and other accounts are nobody's business.
    let known =
        [("111111111111", "root@acme.example"), ("444444444441", "AWS+globex@acme.example")];
    let (code, said, _) = import(folder.path(), &listing(&known));
    assert_eq!(
        (code, said.as_str()),
        (
            0,
            "globex has account 444444444441\ninitech has no account in the listing yet\n\
             b.lock.json: 1 new, 0 known before, 1 waiting\n"
        )
    );
    let before = files(folder.path());
    assert!(synth(folder.path()).contains("pending   1 account: initech"));
    let stacks = stacks(folder.path());
    let globex: Vec<_> = stacks.iter().filter(|s| s.0.contains("globex")).collect();
    assert!(globex.iter().all(|s| !s.2), "{globex:?}");
    assert!(globex.iter().any(|s| s.0 == "tenant-globex" && s.1 == "444444444441"));
    // The roots of the tenant enter the account; nobody else's files change.
    let after = files(folder.path());
    let changed: Vec<&String> = after
        .iter()
        .filter(|(path, text)| before.iter().any(|(p, old)| p == path && old != text))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(
        changed,
        [
            "out/acme-prod/manifest.json",
            "out/acme-prod/terraform/stacks/spoke-tenant-globex/main.tf.json",
            "out/acme-prod/terraform/stacks/tenant-globex/main.tf.json",
        ]
    );
    let root = after.iter().find(|(path, _)| path.ends_with("/tenant-globex/main.tf.json"));
    let root = &root.expect("it is there").1;
    assert!(root.contains("arn:aws:iam::444444444441:role/acme-prod-deployer"));
    assert!(root.contains("\"external_id\": \"acme-prod-444444444441\""));
}

/// What is wrong with a listing is told with its place, and the lock stays as it is.
#[test]
fn a_listing_that_does_not_agree_is_refused() {
    let known = listing(&[("444444444441", GLOBEX), ("444444444442", INITECH)]);
    let cases = [
        ("not-json", "accounts: none\n".to_owned()),
        ("not-a-listing", "{\"Roots\": []}\n".to_owned()),
        ("a-part", known.replace("\n]}", "\n], \"NextToken\": \"more\"}")),
        ("not-an-account", known.replace("444444444441", "44444444444")),
        ("swapped", listing(&[("444444444442", GLOBEX), ("444444444441", INITECH)])),
        ("another", listing(&[("444444444449", GLOBEX), ("444444444442", INITECH)])),
        ("gone", listing(&[("444444444442", INITECH)])),
        ("address-changed", known.replace(GLOBEX, "aws+other@acme.example")),
        ("an-address-twice", known.replace(INITECH, GLOBEX)),
        ("an-account-twice", known.replace("444444444442", "444444444441")),
        ("suspended", known.replacen("ACTIVE", "SUSPENDED", 1)),
        ("the-management-account", known.replace("444444444441", "111111111111")),
    ];
    let mut out = String::new();
    for (what, text) in cases {
        let folder = pending();
        // What the first import says stands; the second must agree with it.
        assert_eq!(import(folder.path(), &known).0, 0);
        let before = fs::read(folder.path().join("b.lock.json")).expect("a lock");
        let (code, _, said) = import(folder.path(), &text);
        assert_eq!(code, 1, "{what}: {said}");
        assert_eq!(fs::read(folder.path().join("b.lock.json")).expect("a lock"), before, "{what}");
        let _ = writeln!(out, "== {what}\n{said}");
    }
    snapshot("whole", "accounts-refused", &out);
}

/// An account that one tenant has is not given to another that waits.
#[test]
fn an_account_is_not_given_twice() {
    let folder = pending();
    assert_eq!(import(folder.path(), &listing(&[("444444444441", GLOBEX)])).0, 0);
    let (code, _, said) = import(folder.path(), &listing(&[("444444444441", INITECH)]));
    assert_eq!(code, 1);
    assert!(
        said.contains("account 444444444441 of tenant \"initech\" is that of tenant \"globex\""),
        "{said}"
    );
}
