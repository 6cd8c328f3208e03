//! `diff` and `affected` against branches of a scratch repository, as a pull request meets them: the
//! comment of each, and the exit codes. Settings of the user's git play no part.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{root, snapshot, told};

/// A repository with a blueprint on `main` and three branches that change it.
struct Repository {
    folder: tempfile::TempDir,
}

fn quiet(command: &mut Command) -> &mut Command {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "a")
        .env("GIT_AUTHOR_EMAIL", "a@example.com")
        .env("GIT_COMMITTER_NAME", "a")
        .env("GIT_COMMITTER_EMAIL", "a@example.com")
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = Repository { folder };
        fs::create_dir(repository.path().join("estate")).expect("a folder");
        let quickstart =
            fs::read_to_string(root().join("blueprints/quickstart.yaml")).expect("it is there");
        let text = quickstart.replace(
            "  endpoints: { gateway: [s3, dynamodb] }\n",
            "  endpoints: { gateway: [s3, dynamodb] }\n  flow_logs: { retention_days: 90 }\n",
        );
        repository.write("estate/b.yaml", &text);
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write(".gitignore", "/out/\n");
        repository.commit("An estate");
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("it can be written");
    }

    fn git(&self, words: &[&str]) {
        let mut call = Command::new("git");
        let done = quiet(call.current_dir(self.path()).args(words)).output().expect("git is there");
        assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Synthesises, and commits the blueprint and its lock.
    fn commit(&self, message: &str) {
        assert_eq!(self.run(&["synth", "estate/b.yaml", "--engine", "cloudformation"]).0, 0);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// A branch on which a text stands in place of another.
    fn branch(&self, name: &str, from: &str, to: &str) {
        self.git(&["checkout", "--quiet", "-b", name, "main"]);
        let path = self.path().join("estate/b.yaml");
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).expect("it can be written");
    }

    fn run(&self, words: &[&str]) -> (i32, String, String) {
        let mut call = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        told(
            &quiet(call.current_dir(self.path()).args(words)).output().expect("the program starts"),
        )
    }

    fn diff(&self, more: &[&str]) -> (i32, String, String) {
        self.run(&[&["diff", "estate/b.yaml", "--base", "main"], more].concat())
    }

    fn lock(&self) -> PathBuf {
        self.path().join("estate/b.lock.json")
    }
}

const INITECH: &str = "  - { id: initech, tier: business, name: Initech, cost_center: CC-9 }\n";

/// Three pull requests: the comment of each, and what each gate says.
#[test]
fn three_pull_requests() {
    let repository = Repository::new();
    let code = |more: &[&str]| repository.diff(more).0;

    assert_eq!(code(&["--detailed-exitcode"]), 0, "nothing differs from itself");

    let aardvark = format!("{INITECH}  - {{ id: aardvark, tier: business, cost_center: CC-1 }}\n");
    repository.branch("a-tenant", INITECH, &aardvark);
    repository.commit("A tenant");
    snapshot("diff", "a-tenant", &repository.diff(&["--format", "markdown"]).1);
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--detailed-exitcode"]), 2);
    assert_eq!(code(&["--fail-on", "replace,data-loss,quota"]), 0);
    assert_eq!(code(&["--only-tenants", "aardvark"]), 0);
    let (others, _, why) = repository.diff(&["--only-tenants", "globex,initech"]);
    assert_eq!(others, 3);
    assert!(why.contains("change/others") && why.contains("estate/b.yaml:"), "{why}");
    assert_eq!(
        repository.run(&["affected", "estate/b.yaml", "--base", "main"]).1,
        "tenant-aardvark\n"
    );

    // A block never moves, so to widen one is to decide it anew: its entry leaves the lock.
    repository.branch("wider", "{ prefix: 21 }", "{ prefix: 20 }");
    fs::remove_file(repository.lock()).expect("it is there");
    fs::remove_dir_all(repository.path().join("out")).expect("it is there");
    repository.commit("Wider subnets");
    snapshot("diff", "wider", &repository.diff(&["--format", "markdown"]).1);
    snapshot("diff", "wider-text", &repository.diff(&[]).1);
    assert_eq!(code(&["--detailed-exitcode"]), 2);
    let (replaced, _, why) = repository.diff(&["--fail-on", "replace"]);
    assert_eq!(replaced, 3);
    assert!(why.contains("change/replace") && why.contains("prefix: 20"), "{why}");
    assert_eq!(
        code(&["--fail-on", "replace", "--detailed-exitcode"]),
        3,
        "a gate goes before a difference"
    );
    assert_eq!(code(&["--only-tenants", "globex,initech"]), 0);

    repository.branch("shorter", "retention_days: 90", "retention_days: 14");
    fs::remove_dir_all(repository.path().join("out")).expect("it is there");
    repository.commit("Shorter retention");
    snapshot("diff", "shorter", &repository.diff(&["--format", "markdown"]).1);
    let (lost, _, why) = repository.diff(&["--fail-on", "data-loss"]);
    assert_eq!(lost, 3);
    assert!(why.contains("change/data-loss") && why.contains("retention_days: 14"), "{why}");
    assert_eq!(code(&["--fail-on", "replace"]), 0);
}

/// A statement that is broken stops the pull request that brings it, and no later one.
#[test]
fn isolation_is_compared() {
    let repository = Repository::new();
    let gate = ["--fail-on", "isolation"];
    assert_eq!(repository.diff(&gate).0, 0, "nothing is open");
    let folder = ["diff", "estate/b.yaml", "--base", "out", "--engine", "cloudformation"];

    let closed = "must_not_reach: [{ from: tenants, to: hub }]\ntenants:\n";
    repository.branch("closed", "tenants:\n", closed);
    assert_eq!(repository.run(&[&folder[..], &gate].concat()).0, 3, "against a folder");
    repository.git(&["commit", "--quiet", "--all", "--message", "A statement that is not so"]);
    let (code, data, why) = repository.diff(&[&gate[..], &["--format", "markdown"]].concat());
    assert_eq!(code, 3);
    assert!(why.contains("change/isolation") && why.contains("does not hold"), "{why}");
    assert!(data.contains("**Isolation**"), "{data}");
    let (again, _, why) =
        repository.run(&["diff", "estate/b.yaml", "--base", "HEAD", gate[0], gate[1]]);
    assert_eq!(again, 0, "it was so before: {why}");
}

/// A folder in a pull request that is called as the base does not stand in for it.
#[test]
fn no_folder_stands_in_for_a_commit() {
    let repository = Repository::new();
    let base = |name: &str| {
        ["diff", "estate/b.yaml", "--base", name, "--engine", "cloudformation"].map(str::to_owned)
    };
    let out = repository.path().join("out/acme-prod");
    for name in ["main", "nested/main"] {
        let there = repository.path().join(name).join("acme-prod");
        fs::create_dir_all(&there).expect("a folder");
        fs::copy(out.join("manifest.json"), there.join("manifest.json")).expect("a copy");
    }
    let run = |name: &str| {
        let words = base(name);
        repository.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (code, data, why) = run("main");
    assert!(code == 1 && data.is_empty() && why.contains("write ./main for the folder"), "{why}");
    let (code, _, why) = run("nested/main");
    assert!(code == 1 && why.contains("is not there"), "a folder, which is not whole: {why}");
}

/// What is neither a commit nor a folder, what is not there in the commit, and what is wrong in it.
#[test]
fn a_base_can_be_wrong() {
    let repository = Repository::new();
    let run = |words: &[&str]| repository.run(words);
    let (code, data, why) = run(&["diff", "estate/b.yaml", "--base", "nowhere"]);
    assert_eq!((code, data.as_str()), (1, ""));
    assert!(why.contains("neither a commit"), "{why}");
    let (code, _, why) = run(&["diff", "estate/b.yaml", "--base", "--output=x"]);
    assert_eq!(code, 1, "{why}");
    assert_eq!(run(&["diff", "estate/b.yaml"]).0, 1, "a base is needed");
    let (code, _, why) =
        run(&["diff", "estate/b.yaml", "--base", "main", "--only-tenants", "nobody"]);
    assert!(code == 1 && why.contains("no tenant"), "{why}");

    fs::copy(repository.path().join("estate/b.yaml"), repository.path().join("estate/c.yaml"))
        .expect("a copy");
    let (code, data, why) = run(&["diff", "estate/c.yaml", "--base", "main", "--format", "json"]);
    assert_eq!(code, 0, "{why}");
    assert!(why.contains("main has no estate/c.yaml"), "{why}");
    let data: serde_json::Value = serde_json::from_str(&data).expect("JSON");
    assert_eq!(data["stacks"]["create"], 7, "everything is new");

    repository.branch("bad", "prefix: 21", "prefix: 99");
    repository.git(&["commit", "--quiet", "--all", "--message", "Wrong"]);
    assert_eq!(run(&["diff", "estate/b.yaml", "--base", "main"]).0, 1, "the blueprint is wrong");
    repository.git(&["checkout", "--quiet", "main"]);
    let (code, _, why) = run(&["diff", "estate/b.yaml", "--base", "bad"]);
    assert_eq!(code, 1, "the base is wrong");
    assert!(why.contains("bad:estate/b.yaml:") && why.contains("not sound"), "{why}");
}

/// A picture that was committed stands for the blueprint that it shows: by its folder, or the one that it
/// lies in, in a branch or as it is committed here; and not where it shows something else.
#[test]
fn a_picture_is_a_base() {
    let repository = Repository::new();
    let synth = || assert_eq!(repository.run(&["synth", "estate/b.yaml", "--snapshot"]).0, 0);
    synth();
    repository.commit("A picture");
    let aardvark = format!("{INITECH}  - {{ id: aardvark, tier: business, cost_center: CC-1 }}\n");
    repository.branch("a-tenant", INITECH, &aardvark);
    let affected = |base: &str| repository.run(&["affected", "estate/b.yaml", "--base", base]);
    for base in ["snapshots", "snapshots/acme-prod", "main:snapshots/acme-prod/", "main:snapshots"]
    {
        let (code, data, why) = affected(base);
        assert_eq!((code, data.as_str()), (0, "tenant-aardvark\n"), "{base}: {why}");
    }
    synth();
    repository.commit("A tenant, and the picture of it");
    assert_eq!(affected("HEAD:snapshots").1, "");
    assert_eq!(affected("main:snapshots").1, "tenant-aardvark\n");
    let estate = repository.path().join("snapshots/acme-prod/estate.txt");
    let text = fs::read_to_string(&estate).expect("it is there");
    fs::write(&estate, text.replace("tenants    5", "tenants    6")).expect("written");
    repository.git(&["commit", "--quiet", "--all", "--message", "Not so"]);
    let (code, data, why) = affected("snapshots");
    assert!(code == 1 && data.is_empty() && why.contains("is not the picture of"), "{why}");
}

/// A folder that was written is a base as well, and a change has its place in every form.
#[test]
fn every_base_and_form() {
    let repository = Repository::new();
    let run = |words: &[&str]| repository.run(words);
    for base in ["out", "out/acme-prod", "main", "HEAD"] {
        let (code, data, why) = run(&[
            "diff",
            "estate/b.yaml",
            "--base",
            base,
            "--engine",
            "cloudformation",
            "--detailed-exitcode",
        ]);
        assert_eq!(code, 0, "{base}: {data}{why}");
    }
    repository.git(&["add", "--force", "out"]);
    repository.git(&["commit", "--quiet", "--message", "What was written"]);
    for (base, gate) in [("HEAD:out", "isolation"), ("HEAD:out/acme-prod/", "replace")] {
        let words = ["diff", "estate/b.yaml", "--base", base, "--engine", "cloudformation"];
        let more = ["--fail-on", gate, "--detailed-exitcode"];
        let (code, data, why) = run(&[&words[..], &more].concat());
        assert_eq!(code, 0, "{base}: {data}{why}");
    }
    let (code, _, why) = run(&["diff", "estate/b.yaml", "--base", "HEAD:estate"]);
    assert!(code == 1 && why.contains("no folder that `synth` wrote"), "{why}");
    repository.git(&["reset", "--quiet", "HEAD~1"]);
    let (code, _, why) = run(&["diff", "estate/b.yaml", "--base", "out", "--engine", "terraform"]);
    assert!(code == 1 && why.contains("not written for that engine"), "{why}");
    let (code, _, why) = run(&["diff", "estate/b.yaml", "--base", "out", "--fail-on", "quota"]);
    assert!(code == 1 && why.contains("git ref"), "{why}");

    repository.branch("shorter", "retention_days: 90", "retention_days: 14");
    let (code, sarif, _) = repository.diff(&["--format", "sarif"]);
    assert_eq!(code, 0, "what nobody asked to stop is a warning");
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(
        (result["ruleId"].as_str(), result["level"].as_str()),
        (Some("change/data-loss"), Some("warning"))
    );
    let line = &result["locations"][0]["physicalLocation"]["region"]["startLine"];
    let text = fs::read_to_string(repository.path().join("estate/b.yaml")).expect("it is there");
    let line = usize::try_from(line.as_u64().expect("a line")).expect("small");
    assert!(text.lines().nth(line - 1).expect("it is there").contains("retention_days: 14"));
    let (code, github, _) = repository.diff(&["--format", "github", "--fail-on", "data-loss"]);
    assert_eq!(code, 3);
    assert!(github.starts_with("::error file=estate/b.yaml,line="), "{github}");
    let (_, list, _) = run(&["affected", "estate/b.yaml", "--base", "main", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let keys: Vec<&str> = list["stacks"]
        .as_array()
        .expect("stacks")
        .iter()
        .filter_map(|s| s["stack"].as_str())
        .collect();
    let manifest = fs::read_to_string(repository.path().join("out/acme-prod/manifest.json"))
        .expect("it is there");
    let place = |key: &&str| manifest.find(&format!("\"key\":\"{key}\"")).expect("it is a stack");
    assert!(keys.len() >= 3 && keys.iter().map(place).is_sorted(), "{keys:?}");
}
