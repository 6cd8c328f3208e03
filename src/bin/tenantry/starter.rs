//! What a repository with a blueprint starts with: files that are written once and belong to whoever
//! keeps the repository from then on. What is there already is never written over.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::disk::{fault, make_dir, make_executable};
use crate::term::{self, Failure};

/// A file to start from.
pub struct File {
    path: PathBuf,
    text: String,
    executable: bool,
    /// What somebody does who has such a file already.
    instead: Option<&'static str>,
}

impl File {
    /// A file that is read.
    pub fn text(path: PathBuf, text: String) -> Self {
        File { path, text, executable: false, instead: None }
    }
}

/// The shell parts, which are the same everywhere, by name.
const SCRIPTS: [(&str, &str); 3] = [
    ("install.sh", include_str!("../../../ci/install.sh")),
    ("pull-request.sh", include_str!("../../../ci/pull-request.sh")),
    ("comment.sh", include_str!("../../../ci/comment.sh")),
];

/// A workflow of GitHub Actions, and the action that it uses.
pub fn github(blueprint: &Path) -> Result<Vec<File>, Failure> {
    let workflow = with(include_str!("../../../ci/github-workflow.yml"), blueprint)?;
    let action = include_str!("../../../action.yml").to_owned();
    let mut out = vec![
        File::text(".github/workflows/tenantry.yml".into(), workflow),
        File::text(".github/actions/tenantry/action.yml".into(), action),
    ];
    out.extend(scripts(Path::new(".github/actions/tenantry")));
    Ok(out)
}

/// A job of GitLab CI/CD, and the file that includes it.
pub fn gitlab(blueprint: &Path) -> Result<Vec<File>, Failure> {
    let job = with(include_str!("../../../ci/gitlab.yml"), blueprint)?;
    let include = "include:\n  - local: .gitlab/tenantry.yml\n".to_owned();
    let mut out = vec![
        File::text(".gitlab/tenantry.yml".into(), job),
        File {
            instead: Some("add `include: [{ local: .gitlab/tenantry.yml }]` to it"),
            ..File::text(".gitlab-ci.yml".into(), include)
        },
    ];
    out.extend(scripts(Path::new(".gitlab/tenantry")));
    Ok(out)
}

/// Hooks for pre-commit.
pub fn hooks(blueprint: &Path) -> Result<Vec<File>, Failure> {
    let text = with(include_str!("../../../ci/pre-commit-config.yaml"), blueprint)?;
    Ok(vec![File {
        instead: Some("add a local hook to it that runs `tenantry check --locked`"),
        ..File::text(".pre-commit-config.yaml".into(), text)
    }])
}

fn scripts(folder: &Path) -> impl Iterator<Item = File> {
    SCRIPTS.iter().map(move |(name, text)| File {
        executable: true,
        ..File::text(folder.join("ci").join(name), (*text).to_owned())
    })
}

/// A file with the name of the blueprint in it, which stands in quotes there.
fn with(text: &str, blueprint: &Path) -> Result<String, Failure> {
    let name = blueprint.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./ ".contains(c);
    if !name.chars().all(plain) {
        return Err(format!("{name}: for CI, name it with letters, digits and `-_./` only"));
    }
    Ok(text.replace("@BLUEPRINT@", &name))
}

/// Writes a file, unless one is there.
pub fn put(file: &File) -> Result<(), Failure> {
    let path = &file.path;
    if path.exists() {
        let instead = file.instead.map_or(String::new(), |what| format!(": {what}"));
        term::note(&format!("kept {}, which is there already{instead}\n", path.display()));
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_dir(folder)?;
    }
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    opened
        .and_then(|mut it| it.write_all(file.text.as_bytes()))
        .map_err(|error| fault(path, &error))?;
    if file.executable {
        make_executable(path)?;
    }
    term::note(&format!("wrote {}\n", path.display()));
    Ok(())
}
