//! The shell parts of CI against a scratch repository with two branches, as a job runs them: only the
//! forge that keeps comments is a stand-in, on loopback.

mod forge; // the few calls of a forge

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{root, tenantry, told};
use forge::{Forge, ME, TOKEN};

/// What `comment.sh` needs besides bash. Where it is missing, comments are left out, but not where
/// judges are required.
fn can_comment() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has = |name: &str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let there = has("curl") && has("jq");
    assert!(there || std::env::var("TENANTRY_JUDGES").as_deref() != Ok("required"));
    if !there {
        println!("SKIPPED comments: curl and jq are not both there");
    }
    there
}

struct Job {
    folder: tempfile::TempDir,
    forge: Forge,
}

impl Job {
    /// A repository whose `main` has an estate, as `init --ci` starts it.
    fn new(ci: &str) -> Self {
        let job = Job { folder: tempfile::tempdir().expect("a folder"), forge: Forge::new() };
        let words = ["init", "blueprint.yaml", "--ci", ci];
        let (code, _, notes) = told(&tenantry(job.path(), &words));
        assert_eq!(code, 0, "{notes}");
        let programs = job.path().join(".git-bin");
        fs::create_dir(&programs).expect("made");
        symlink(env!("CARGO_BIN_EXE_tenantry"), programs.join("tenantry")).expect("a link");
        job.git(&["init", "--quiet", "--initial-branch=main"]);
        assert_eq!(told(&tenantry(job.path(), &["synth", "blueprint.yaml", "--snapshot"])).0, 0);
        job.commit("An estate");
        job
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", self.path().join(".git-bin").display()))
            .env("HOME", self.path().join(".git"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "a")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@b.example")));
        command
    }

    fn git(&self, words: &[&str]) {
        let done = self.command("git").args(words).output().expect("git is there");
        assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all", ":!.git-bin"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    fn script(&self, name: &str) -> PathBuf {
        self.path().join(".github/actions/tenantry/ci").join(name)
    }

    /// Runs the job; its exit code, what it said, and its outputs.
    fn run(&self, more: &[(&str, &str)]) -> (i32, String, String) {
        let outputs = self.path().join(".git/outputs");
        let _ = fs::remove_file(&outputs);
        let mut job = self.command(self.script("pull-request.sh"));
        job.env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", self.path().join(".git/summary.md"))
            .env("BASE", "main")
            .env("REPORTS", self.path().join(".git/reports"))
            .envs(more.iter().copied());
        let (code, said, notes) = told(&job.output().expect("bash is there"));
        (code, said + &notes, fs::read_to_string(outputs).unwrap_or_default())
    }

    /// Writes the comment with a token of GitHub.
    fn comment_as(&self, token: &str) -> (i32, String) {
        let mut comment = self.command(self.script("comment.sh"));
        comment
            .arg(self.path().join(".git/reports/comment.md"))
            .env("GITHUB_API_URL", &self.forge.url)
            .env("GITHUB_GRAPHQL_URL", format!("{}/graphql", self.forge.url))
            .env("GH_TOKEN", token)
            .env("GITHUB_REPOSITORY", "o/r")
            .env("PULL_REQUEST", "7");
        let (code, said, notes) = told(&comment.output().expect("bash is there"));
        (code, said + &notes)
    }

    fn comment(&self) -> (i32, String) {
        self.comment_as(TOKEN)
    }

    /// The only comment.
    fn only(&self) -> String {
        let all = self.forge.comments();
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].body.clone()
    }

    fn edit(&self, from: &str, to: &str) {
        let path = self.path().join("blueprint.yaml");
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).expect("written");
    }

    fn synth(&self) {
        let done = tenantry(self.path(), &["synth", "blueprint.yaml", "--snapshot"]);
        assert_eq!(told(&done).0, 0);
    }
}

/// A pull request in which a tenant comes, and then less is kept: what the job ends with, puts out
/// and comments, once.
#[test]
fn a_pull_request_is_reviewed() {
    let job = Job::new("github");
    let (code, said, outputs) = job.run(&[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        outputs.lines().take(3).collect::<Vec<_>>(),
        ["has_changes=false", "max_severity=none", "matrix={\"include\":[]}"],
        "{said}"
    );
    job.git(&["checkout", "--quiet", "-b", "change"]);
    job.edit("tenants:\n", "tenants:\n  - { id: aaa, tier: business, cost_center: CC-1 }\n");
    job.synth();
    let (code, said, outputs) = job.run(&[("FAIL_ON", "replace,data-loss")]);
    assert_eq!(code, 0, "{said}");
    assert!(outputs.starts_with("has_changes=true\nmax_severity=create\n"), "{outputs}");
    assert!(outputs.contains("\nmatrix={\"include\":[{\"stacks\":\"tenant-aaa\""), "{outputs}");
    if can_comment() {
        assert_eq!(job.comment(), (0, "comment is written\n".to_owned()));
    }

    // Data at risk is the gravest, whatever else there is, and stops the job.
    let endpoints = "  endpoints: { gateway: [s3, dynamodb] }\n";
    let kept = format!("{endpoints}  flow_logs: {{ retention_days: 7 }}\n");
    job.edit(endpoints, &kept);
    job.synth();
    let (code, said, outputs) = job.run(&[("FAIL_ON", "data-loss")]);
    assert_eq!(code, 3, "{said}");
    assert!(outputs.starts_with("has_changes=true\nmax_severity=data-loss\n"), "{outputs}");
    if can_comment() {
        assert_eq!(job.comment(), (0, "comment 1 is up to date\n".to_owned()));
        let body = job.only();
        assert!(body.starts_with("<!-- tenantry: blueprint.yaml -->\n"), "{body}");
        assert!(body.contains("Data at risk") && body.contains("This stops the job"), "{body}");
    }
}

/// Whatever is wrong stands in the comment, so that none says what is no longer so: a head that is
/// not sound, files that are stale, a base that is not there, a lock
/// that was not committed.
#[test]
fn the_comment_says_what_is_wrong() {
    let job = Job::new("github");
    job.git(&["checkout", "--quiet", "-b", "change"]);
    let body = |more: &[(&str, &str)], code: i32| {
        let (ended, said, outputs) = job.run(more);
        assert_eq!(ended, code, "{said}");
        assert!(outputs.contains("comment="), "{outputs}");
        if can_comment() {
            assert_eq!(job.comment().0, 0);
            return job.only();
        }
        fs::read_to_string(job.path().join(".git/reports/comment.md")).expect("it is written")
    };
    job.edit("prefix: 21", "prefix: 99");
    let unsound = body(&[], 1);
    assert!(unsound.starts_with("<!-- tenantry: blueprint.yaml -->\n"), "{unsound}");
    assert!(unsound.contains("is not sound, so nothing is compared"), "{unsound}");
    assert!(unsound.contains("**error** `blueprint/wrong-value`, `blueprint.yaml:"), "{unsound}");
    job.edit("prefix: 99", "prefix: 21");
    let estate = job.path().join("snapshots/acme-prod/estate.txt");
    let text = fs::read_to_string(&estate).expect("it is there");
    fs::write(&estate, text.clone() + "more\n").expect("written");
    let stale = body(&[("BASE", "nowhere")], 2);
    assert!(stale.contains("    ~ snapshots/acme-prod/estate.txt"), "{stale}");
    assert!(stale.contains("cannot be compared with nowhere"), "{stale}");
    assert!(!stale.contains("is not sound"), "{stale}");
    fs::write(&estate, text).expect("written");
    job.edit("tenants:\n", "tenants:\n  - { id: aaa, tier: business, cost_center: CC-1 }\n");
    let unlocked = body(&[], 3);
    assert!(unlocked.contains("lock/changes") && !unlocked.contains("estate.txt"), "{unlocked}");
    let (wrong, changes) = unlocked.split_once("<!-- tenantry diff: acme-prod -->").expect("both");
    assert!(wrong.contains("does not pass") && changes.contains("tenant-aaa"), "{unlocked}");
    let summary = fs::read_to_string(job.path().join(".git/summary.md")).expect("it is written");
    assert!(summary.ends_with(&unlocked), "the page of the job shows the same");
}

/// A comment is ours if we wrote it and it begins with the marker: on a later page, among those of
/// others with the same marker, and ours of something else.
#[test]
fn nobody_else_is_written_over() {
    if !can_comment() {
        return;
    }
    let job = Job::new("github");
    assert_eq!(job.run(&[]).0, 0);
    let marker = "<!-- tenantry: blueprint.yaml -->";
    job.forge.says("mallory", &format!("{marker}\nAll is well."));
    job.forge.says(ME, &format!("<!-- tenantry: other.yaml -->\n{marker}"));
    for n in 0..120 {
        job.forge.says("somebody", &format!("Comment {n}"));
    }
    let before = job.forge.comments();
    assert_eq!(job.comment(), (0, "comment is written\n".to_owned()));
    assert_eq!(job.comment(), (0, "comment 123 is up to date\n".to_owned()));
    assert_eq!(job.forge.comments()[..122], before);
    let list = "GET /repos/o/r/issues/7/comments";
    let calls = job.forge.calls();
    assert_eq!(
        calls[4..],
        ["POST /graphql", list, list, "PATCH /repos/o/r/issues/comments/123"],
        "{calls:?}"
    );
    // Who cannot be told, and comments that cannot be read, are no reason to write one more.
    let (code, said) = job.comment_as("wrong");
    assert!(code != 0 && said.contains("401"), "{said}");
    job.forge.breaks();
    let (code, said) = job.comment();
    assert!(code != 0 && said.contains("502"), "{said}");
    assert_eq!(job.forge.comments().len(), 123);
}

/// The job of GitLab, line by line as its file has it.
#[test]
fn a_merge_request_is_reviewed() {
    if !can_comment() {
        return;
    }
    let job = Job::new("gitlab");
    let text = fs::read_to_string(job.path().join(".gitlab/tenantry.yml")).expect("it is there");
    let file: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
    let file = &file["tenantry"];
    let variables: BTreeMap<String, String> =
        serde_json::from_value(file["variables"].clone()).expect("texts");
    let run = |part: &str| {
        let lines: Vec<String> = serde_json::from_value(file[part].clone()).expect("lines");
        let mut shell = job.command("bash");
        shell.args(["-euo", "pipefail", "-c", &lines.join("\n")]).envs(&variables);
        shell.env("BASE", variables["BASE"].replace("$CI_MERGE_REQUEST_DIFF_BASE_SHA", "main"));
        let ours = [("GITLAB_CI", "true"), ("TENANTRY_TOKEN", TOKEN), ("CI_PROJECT_ID", "3")];
        shell.envs(ours).env("CI_MERGE_REQUEST_IID", "7");
        shell.env("CI_API_V4_URL", format!("{}/api/v4", job.forge.url));
        let (code, said, notes) = told(&shell.output().expect("bash is there"));
        (code, said + &notes)
    };
    job.git(&["checkout", "--quiet", "-b", "change"]);
    job.edit("tenants:\n", "tenants:\n  - { id: aaa, tier: business, cost_center: CC-1 }\n");
    job.synth();
    job.forge.says("somebody", "<!-- tenantry: blueprint.yaml -->\nmine");
    let (code, said) = run("script");
    assert_eq!(code, 0, "{said}");
    assert_eq!(run("after_script"), (0, "note is written\n".to_owned()));
    let junit = job.path().join(file["artifacts"]["reports"]["junit"].as_str().expect("a path"));
    assert!(fs::read_to_string(junit).expect("it is written").contains("no complaints"));
    job.edit("prefix: 21", "prefix: 99");
    assert_eq!(run("script").0, 1);
    assert_eq!(run("after_script"), (0, "note 2 is up to date\n".to_owned()));
    let notes = job.forge.comments();
    assert_eq!((notes.len(), notes[0].author.as_str()), (2, "somebody"), "{notes:?}");
    assert!(notes[1].body.contains("is not sound"), "{notes:?}");
    assert_eq!(
        job.forge.calls().last().expect("calls"),
        "PUT /api/v4/projects/3/merge_requests/7/notes/2"
    );
}

/// What stops a job before anything is compared: a picture that is stale, a lock that is not
/// committed, a blueprint that is wrong.
#[test]
fn what_is_not_current_stops_the_job() {
    let job = Job::new("github");
    let estate = job.path().join("snapshots/acme-prod/estate.txt");
    let text = fs::read_to_string(&estate).expect("it is there");
    fs::write(&estate, text + "more\n").expect("written");
    let alone = [("BASE", "")];
    let (code, said, _) = job.run(&alone);
    assert!(code == 2 && said.contains("~ snapshots/acme-prod/estate.txt"), "{code} {said}");
    job.edit("tenants:\n", "tenants:\n  - { id: aaa, tier: business, cost_center: CC-1 }\n");
    let (code, said, _) = job.run(&alone);
    assert!(code == 3 && said.contains("lock/changes"), "{code} {said}");
    job.edit("prefix: 21", "prefix: 99");
    let (code, said, outputs) = job.run(&[("GITHUB_ACTIONS", "true")]);
    assert!(code == 1 && outputs.starts_with("comment=") && outputs.lines().count() == 1, "{said}");
    assert!(said.contains("::error file=blueprint.yaml,line="), "{said}");
    let sarif = fs::read_to_string(job.path().join(".git/reports/check.sarif")).expect("written");
    assert!(sarif.contains("\"ruleId\": \"blueprint/wrong-value\""), "{sarif}");
}

/// A comment that has no marker would be written again and again.
#[test]
fn a_comment_without_a_marker_is_refused() {
    let job = Job::new("github");
    let reports = job.path().join(".git/reports");
    fs::create_dir(&reports).expect("made");
    fs::write(reports.join("comment.md"), "hello\n").expect("written");
    let (code, said) = job.comment();
    assert!(code == 1 && said.contains("marker"), "{said}");
    assert_eq!(job.forge.calls(), [""; 0]);
}

/// Nothing of a user's is written over, and whoever has such files is told what to do.
#[test]
fn init_keeps_what_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str]| told(&tenantry(folder.path(), words));
    for file in [".gitlab-ci.yml", ".pre-commit-config.yaml", "blueprint.yaml"] {
        fs::write(folder.path().join(file), "mine\n").expect("written");
    }
    for ci in ["github", "gitlab"] {
        let (code, _, notes) = run(&["init", "--ci", ci, "--hooks"]);
        assert_eq!(code, 0, "{notes}");
        assert!(notes.contains("kept blueprint.yaml"), "{notes}");
    }
    let (code, _, notes) = run(&["init", "--ci", "gitlab", "--hooks"]);
    assert!(
        code == 0 && notes.contains("kept .gitlab-ci.yml") && notes.contains("include:"),
        "{notes}"
    );
    assert!(notes.contains("kept .gitlab/tenantry/ci/comment.sh"), "{notes}");
    for file in [".gitlab-ci.yml", ".pre-commit-config.yaml", "blueprint.yaml"] {
        assert_eq!(fs::read_to_string(folder.path().join(file)).expect("it is there"), "mine\n");
    }
    let fresh = tempfile::tempdir().expect("a folder");
    assert_eq!(told(&tenantry(fresh.path(), &["init", "a$b.yaml", "--ci", "github"])).0, 1);
    let workflow = root().join("ci/github-workflow.yml");
    assert!(fs::read_to_string(workflow).expect("it is there").contains("@BLUEPRINT@"));
}
