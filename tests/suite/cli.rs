//! Commands and exit codes, as a user meets them.

use std::fs;

use crate::support::{files, root, tenantry, told};

fn quickstart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(root().join("blueprints/quickstart.yaml"), folder.path().join("b.yaml"))
        .expect("a copy");
    folder
}

fn edit(folder: &tempfile::TempDir, from: &str, to: &str) {
    let path = folder.path().join("b.yaml");
    let text = fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).expect("it can be written");
}

const INITECH: &str = "  - { id: initech, tier: business, name: Initech, cost_center: CC-9 }\n";

/// A tenant that comes adds one line to the lock, one line to the manifest and its own files; no
/// other file changes a byte.
#[test]
fn a_new_tenant_touches_nobody_else() {
    let folder = quickstart();
    assert_eq!(told(&tenantry(folder.path(), &["synth", "b.yaml"])).0, 0);
    let before = files(folder.path());
    edit(
        &folder,
        INITECH,
        &format!("{INITECH}  - {{ id: aardvark, tier: business, cost_center: CC-1 }}\n"),
    );
    assert_eq!(told(&tenantry(folder.path(), &["synth", "b.yaml"])).0, 0);
    let after = files(folder.path());
    let mut changed = Vec::new();
    for (path, text) in &after {
        match before.iter().find(|(p, _)| p == path) {
            None => changed.push(format!("+ {path}")),
            Some((_, old)) if old != text => {
                let gained: Vec<_> =
                    text.lines().filter(|line| !old.lines().any(|l| l == *line)).collect();
                let lost = old.lines().filter(|line| !text.lines().any(|l| l == *line)).count();
                changed.push(format!("~ {path} +{} -{lost}", gained.len()));
            }
            Some(_) => {}
        }
    }
    assert_eq!(
        changed,
        [
            "~ b.lock.json +1 -0",
            "~ b.yaml +1 -0",
            "+ out/acme-prod/cloudformation/stacks/tenant-aardvark.json",
            "~ out/acme-prod/manifest.json +1 -0",
            "+ out/acme-prod/terraform/stacks/tenant-aardvark/main.tf.json",
        ]
    );
}

/// A tenant that goes and others that are sorted differently move nobody.
#[test]
fn a_tenant_that_goes_moves_nobody() {
    let folder = quickstart();
    assert_eq!(told(&tenantry(folder.path(), &["synth", "b.yaml"])).0, 0);
    let before = files(&folder.path().join("out/acme-prod"));
    let text = fs::read_to_string(folder.path().join("b.yaml")).expect("it is there");
    let (head, tail) = text.split_once("tenants:\n").expect("tenants");
    let mut lines: Vec<&str> = tail.lines().filter(|line| !line.contains("initech")).collect();
    lines.reverse();
    fs::write(folder.path().join("b.yaml"), format!("{head}tenants:\n{}\n", lines.join("\n")))
        .expect("written");
    let (code, _, notes) = told(&tenantry(folder.path(), &["synth", "b.yaml"]));
    assert_eq!(code, 0, "{notes}");
    assert!(notes.contains("gone      initech"), "{notes}");
    let after = files(&folder.path().join("out/acme-prod"));
    for (path, text) in before.iter().filter(|(path, _)| path != "manifest.json") {
        match after.iter().find(|(p, _)| p == path) {
            Some((_, now)) => assert_eq!(now, text, "{path} changed"),
            None => assert!(path.contains("tenant-initech"), "{path} is gone"),
        }
    }
    let lock = fs::read_to_string(folder.path().join("b.lock.json")).expect("it is there");
    assert!(lock.contains("\"10.1.24.0/21\": {\"tenant\":\"initech\""), "{lock}");
}

#[test]
fn exit_codes() {
    let folder = quickstart();
    let run = |arguments: &[&str]| told(&tenantry(folder.path(), arguments));
    let code = |arguments: &[&str]| run(arguments).0;
    assert_eq!(code(&["--help"]), 0);
    assert_eq!(code(&["--version"]), 0);
    assert_eq!(code(&["synth"]), 1, "usage is 1, not clap's 2");
    assert_eq!(code(&["nonsense"]), 1);
    assert_eq!(code(&["synth", "nowhere.yaml"]), 1);
    assert_eq!(code(&["check", "b.yaml"]), 0);
    assert_eq!(code(&["check", "b.yaml", "--locked"]), 3, "the lock is not there yet");
    assert_eq!(code(&["synth", "b.yaml", "--check"]), 2, "nothing is there yet");
    assert!(!folder.path().join("out").exists() && !folder.path().join("b.lock.json").exists());
    assert_eq!(code(&["synth", "b.yaml"]), 0);
    assert_eq!(code(&["synth", "b.yaml", "--locked"]), 0);
    let (code_of_check, data, _) = run(&["synth", "b.yaml", "--check"]);
    assert_eq!((code_of_check, data.as_str()), (0, ""));
    assert_eq!(code(&["lock", "verify", "b.yaml"]), 0);
    edit(&folder, INITECH, "");
    let (code_of_check, data, _) = run(&["synth", "b.yaml", "--check"]);
    assert_eq!(code_of_check, 2);
    assert!(data.contains("- cloudformation/stacks/tenant-initech.json\n"), "{data}");
    let (code_of_locked, _, notes) = run(&["synth", "b.yaml", "--locked"]);
    assert_eq!(code_of_locked, 3, "{notes}");
    assert!(notes.contains("lock/changes") && notes.contains("removes initech"), "{notes}");
    edit(&folder, "prefix: 21", "prefix: 99");
    assert_eq!(code(&["synth", "b.yaml"]), 1);
    assert_eq!(code(&["explain", "address/host-bits"]), 0);
    let (code_of_explain, _, notes) = run(&["explain", "address/host-bit"]);
    assert_eq!(code_of_explain, 1);
    assert!(notes.contains("did you mean address/host-bits?"), "{notes}");
}

/// A lock that was lost is not made anew over an estate that was written.
#[test]
fn a_lost_lock_is_refused() {
    let folder = quickstart();
    assert_eq!(told(&tenantry(folder.path(), &["synth", "b.yaml"])).0, 0);
    fs::remove_file(folder.path().join("b.lock.json")).expect("it was there");
    let (code, _, notes) = told(&tenantry(folder.path(), &["synth", "b.yaml"]));
    assert_eq!(code, 1);
    assert!(notes.contains("lock/lost"), "{notes}");
    assert!(!folder.path().join("b.lock.json").exists());
}

/// A lock that cannot be trusted stops everything, and stays as it is.
#[test]
fn a_bad_lock_is_left_alone() {
    let folder = quickstart();
    assert_eq!(told(&tenantry(folder.path(), &["synth", "b.yaml"])).0, 0);
    let path = folder.path().join("b.lock.json");
    let whole = fs::read_to_string(&path).expect("it is there");
    let before = files(&folder.path().join("out/acme-prod"));
    let bad = [
        whole.replace("\"tenantry_lock\": 1", "\"tenantry_lock\": 2"),
        whole[..whole.len() / 2].to_owned(),
        whole.replace("\"tenants\": {", "<<<<<<< ours\n\"tenants\": {"),
        whole.replace("10.1.24.0/21", "10.1.16.0/21"),
    ];
    for text in bad {
        fs::write(&path, &text).expect("it can be written");
        assert_eq!(told(&tenantry(folder.path(), &["synth", "b.yaml"])).0, 1);
        assert_eq!(told(&tenantry(folder.path(), &["lock", "verify", "b.yaml"])).0, 1);
        assert_eq!(fs::read_to_string(&path).expect("it is there"), text);
        assert_eq!(files(&folder.path().join("out/acme-prod")), before);
    }
}

#[test]
fn a_released_block_can_be_given_again() {
    let folder = quickstart();
    let run = |arguments: &[&str]| told(&tenantry(folder.path(), arguments));
    assert_eq!(run(&["synth", "b.yaml"]).0, 0);
    edit(&folder, INITECH, "");
    assert_eq!(run(&["synth", "b.yaml"]).0, 0);
    assert_eq!(run(&["lock", "release", "b.yaml", "nobody"]).0, 1);
    assert_eq!(run(&["lock", "release", "b.yaml", "initech"]).0, 0);
    edit(&folder, "tenants:\n", "tenants:\n  - { id: zed, tier: business, cost_center: CC-1 }\n");
    assert_eq!(run(&["synth", "b.yaml"]).0, 0);
    let lock = fs::read_to_string(folder.path().join("b.lock.json")).expect("it is there");
    let zed = lock.lines().find(|line| line.starts_with("\"zed\"")).expect("it is there");
    assert!(zed.contains("10.1.24.0/21"), "{zed}");
}

#[test]
fn init_gives_something_that_synthesises() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(told(&tenantry(folder.path(), &["init"])).0, 0);
    let again = told(&tenantry(folder.path(), &["init"]));
    assert_eq!(again.0, 1, "nothing is overwritten: {}", again.2);
    let (code, _, notes) = told(&tenantry(folder.path(), &["synth", "blueprint.yaml"]));
    assert_eq!(code, 0, "{notes}");
    assert!(notes.contains("4 tenants, 7 stacks"), "{notes}");
}

/// One tenant with what it depends on; never over the whole estate.
#[test]
fn one_tenant_alone() {
    let folder = quickstart();
    let run = |arguments: &[&str]| told(&tenantry(folder.path(), arguments));
    assert_eq!(run(&["synth", "b.yaml"]).0, 0);
    assert_eq!(run(&["synth", "b.yaml", "--tenant", "hooli"]).0, 1, "it would remove the others");
    assert_eq!(run(&["synth", "b.yaml", "--tenant", "hooli", "--out", "part"]).0, 0);
    let stacks: Vec<String> = files(&folder.path().join("part/acme-prod/cloudformation/stacks"))
        .into_iter()
        .map(|f| f.0)
        .collect();
    assert_eq!(
        stacks,
        [
            "cell-team-eu-west-1-1.json",
            "foundation-eu-west-1.json",
            "hub-eu-west-1.json",
            "tenant-hooli.json"
        ]
    );
    let (code, _, notes) = run(&["synth", "b.yaml", "--tenant", "holli", "--out", "part"]);
    assert_eq!(code, 1);
    assert!(notes.contains("did you mean `hooli`?"), "{notes}");
}

#[test]
fn machines_get_json_and_shells_get_completions() {
    let folder = quickstart();
    edit(&folder, "10.0.0.0/8", "10.0.0.1/8");
    let (code, data, _) = told(&tenantry(folder.path(), &["check", "b.yaml", "--format", "json"]));
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&data).expect("JSON");
    let first = &report["diagnostics"][0];
    assert_eq!(
        (first["rule"].as_str(), first["line"].as_u64()),
        (Some("address/host-bits"), Some(16))
    );
    let (code, data, _) = told(&tenantry(folder.path(), &["completions", "bash"]));
    assert!(code == 0 && data.contains("tenantry"));
    let (code, data, _) = told(&tenantry(folder.path(), &["schema"]));
    assert!(code == 0 && serde_json::from_str::<serde_json::Value>(&data).is_ok());
}
