//! The shell parts of CI against a scratch repository with two branches, as a job runs them: only the
//! API that a comment is written by is a stand-in, which keeps comments as a forge does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{files, root, tenantry, told};

/// Stands in for `gh api`: comments are files, and it knows the three calls that are made.
const GH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
store=$GH_STORE; mkdir -p "$store"
[ "$1" = api ]; shift
method=GET; body=
while [ $# -gt 0 ]; do
  case $1 in
    --method) method=$2; shift ;;
    --field) body=${2#body=@}; shift ;;
    --jq) shift ;;
    --paginate|--silent) ;;
    *) url=$1 ;;
  esac
  shift
done
case $method:$url in
  GET:repos/o/r/issues/7/comments)
    for comment in "$store"/*; do
      [ -e "$comment" ] || continue
      case $(cat "$comment") in "$MARKER"*) basename "$comment" ;; esac
    done ;;
  POST:repos/o/r/issues/7/comments) cp "$body" "$store/$(( $(ls "$store" | wc -l) + 1 ))" ;;
  PATCH:repos/o/r/issues/comments/*) cp "$body" "$store/${url##*/}" ;;
  *) echo "unexpected: $method $url" >&2; exit 1 ;;
esac
"#;

struct Job {
    folder: tempfile::TempDir,
}

impl Job {
    /// A repository whose `main` has an estate, as `init --ci github` starts it.
    fn new() -> Self {
        let job = Job { folder: tempfile::tempdir().expect("a folder") };
        let (code, _, notes) =
            told(&tenantry(job.path(), &["init", "blueprint.yaml", "--ci", "github"]));
        assert_eq!(code, 0, "{notes}");
        let gh = job.path().join(".git-bin/gh");
        fs::create_dir(gh.parent().expect("a folder")).expect("made");
        fs::write(&gh, GH).expect("written");
        fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).expect("it can be run");
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
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@b.example")))
            .env("GH_STORE", self.path().join(".git/comments"));
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
        job.env("TENANTRY", env!("CARGO_BIN_EXE_tenantry"))
            .env("GITHUB_OUTPUT", &outputs)
            .env("BASE", "main")
            .env("REPORTS", self.path().join(".git/reports"))
            .envs(more.iter().copied());
        let (code, said, notes) = told(&job.output().expect("bash is there"));
        (code, said + &notes, fs::read_to_string(outputs).unwrap_or_default())
    }

    fn comment(&self) -> (i32, String) {
        let file = self.path().join(".git/reports/comment.md");
        let mut comment = self.command(self.script("comment.sh"));
        comment.arg(file).env("GITHUB_REPOSITORY", "o/r").env("PULL_REQUEST", "7");
        let (code, said, notes) = told(&comment.output().expect("bash is there"));
        (code, said + &notes)
    }

    fn comments(&self) -> Vec<(String, String)> {
        let folder = self.path().join(".git/comments");
        if folder.exists() { files(&folder) } else { Vec::new() }
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
    let job = Job::new();
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
    assert_eq!(job.comment(), (0, "comment is written\n".to_owned()));

    // Data at risk is the gravest, whatever else there is, and stops the job.
    let endpoints = "  endpoints: { gateway: [s3, dynamodb] }\n";
    let kept = format!("{endpoints}  flow_logs: {{ retention_days: 7 }}\n");
    job.edit(endpoints, &kept);
    job.synth();
    let (code, said, outputs) = job.run(&[("FAIL_ON", "data-loss")]);
    assert_eq!(code, 3, "{said}");
    assert!(outputs.starts_with("has_changes=true\nmax_severity=data-loss\n"), "{outputs}");
    assert_eq!(job.comment(), (0, "comment 1 is up to date\n".to_owned()));
    let comments = job.comments();
    assert_eq!(comments.len(), 1, "one comment, written over");
    assert!(comments[0].1.contains("Data at risk"), "{}", comments[0].1);
}

/// What stops a job before anything is compared: a picture that is stale, a lock that is not
/// committed, a blueprint that is wrong.
#[test]
fn what_is_not_current_stops_the_job() {
    let job = Job::new();
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
    assert_eq!((code, outputs.as_str()), (1, ""), "{said}");
    assert!(said.contains("::error file=blueprint.yaml,line="), "{said}");
    let sarif = fs::read_to_string(job.path().join(".git/reports/check.sarif")).expect("written");
    assert!(sarif.contains("\"ruleId\": \"blueprint/wrong-value\""), "{sarif}");
}

/// A comment that has no marker would be written again and again.
#[test]
fn a_comment_without_a_marker_is_refused() {
    let job = Job::new();
    let reports = job.path().join(".git/reports");
    fs::create_dir(&reports).expect("made");
    fs::write(reports.join("comment.md"), "hello\n").expect("written");
    let (code, said) = job.comment();
    assert!(code == 1 && said.contains("marker"), "{said}");
    assert!(job.comments().is_empty());
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
