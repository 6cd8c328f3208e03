//! Artifacts to disk: atomic, idempotent, confined to the folder of the estate.
//!
//! What is new is staged beside the folder first. A folder that is not there yet appears by one
//! rename. In one that is there, a journal says what is to be moved and removed, and is itself put
//! in place by one rename: before it, everything is old; from it on, the next run (and `deploy.sh`,
//! which refuses until then) sees that the rest must be moved. Nothing is ever half deployed, what
//! is unchanged is not touched, and what tenantry did not write is never removed.

pub mod tree; // the files of an earlier run, and whether a path is safe
pub mod journal; // what is to be moved and removed

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use tenantry::engine::{Artifact, Rendered};

use crate::disk::journal::Journal;
use crate::disk::tree::Tree;
use crate::term::Failure;

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Files that were written.
    pub written: usize,
    /// Files that were right already.
    pub unchanged: usize,
    /// Files that were removed.
    pub removed: usize,
}

/// The folder of an estate, held against other runs of tenantry while this lives.
pub struct Folder {
    target: PathBuf,
    work: PathBuf,
    _held: File,
}

impl Folder {
    /// Holds the folder of an estate below `out`, and finishes what an earlier run left undone.
    pub fn hold(out: &Path, estate: &str) -> Result<Self, Failure> {
        let work = out.join(format!(".{estate}.tenantry"));
        make_dir(&work)?;
        let path = work.join("held");
        let held = File::create(&path).map_err(|e| fault(&path, &e))?;
        match held.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "{}: another tenantry is writing here",
                    out.join(estate).display()
                ));
            }
            Err(TryLockError::Error(e)) => return Err(fault(&path, &e)),
        }
        let folder = Folder { target: out.join(estate), work, _held: held };
        Journal::finish(&folder.work, &folder.target)?;
        Ok(folder)
    }

    /// Brings the folder up to date.
    pub fn write(&self, rendered: &Rendered<'_>) -> Result<Report, Failure> {
        match Tree::read(&self.target)? {
            None => self.write_all(rendered),
            Some(tree) => self.update(rendered, &tree),
        }
    }

    /// A folder that is not there yet: write a whole one and rename it.
    fn write_all(&self, rendered: &Rendered<'_>) -> Result<Report, Failure> {
        let stage = self.work.join("stage");
        let written = AtomicUsize::new(0);
        each(rendered, |artifact| {
            written.fetch_add(1, Ordering::Relaxed);
            put(&stage, &artifact)
        })?;
        fs::rename(&stage, &self.target).map_err(|e| fault(&self.target, &e))?;
        Ok(Report { written: written.into_inner(), ..Report::default() })
    }

    fn update(&self, rendered: &Rendered<'_>, tree: &Tree) -> Result<Report, Failure> {
        let stage = self.work.join("stage");
        let changes = Mutex::new(Vec::new());
        let paths = Mutex::new(BTreeSet::new());
        let foreign = Mutex::new(Vec::new());
        each(rendered, |artifact| {
            if !tree.holds(&artifact)? {
                if tree.is_foreign(&artifact.path)? {
                    foreign.lock().expect("no panic").push(artifact.path.clone());
                } else {
                    put(&stage, &artifact)?;
                    changes.lock().expect("no panic").push(artifact.path.clone());
                }
            }
            paths.lock().expect("no panic").insert(artifact.path);
            Ok(())
        })?;
        refuse_foreign(&self.target, foreign.into_inner().expect("no panic"))?;
        let paths = paths.into_inner().expect("no panic");
        let mut puts = changes.into_inner().expect("no panic");
        puts.sort_unstable();
        let removals: Vec<String> =
            tree.present().filter(|path| !paths.contains(*path)).map(str::to_owned).collect();
        let report = Report {
            written: puts.len(),
            unchanged: paths.len() - puts.len(),
            removed: removals.len(),
        };
        Journal { puts, removals }.commit(&self.work, &self.target)?;
        Ok(report)
    }
}

/// What `synth --check` finds: the files that differ from what would be written, as `+` new,
/// `~` changed, `-` gone.
pub fn differences(
    out: &Path,
    estate: &str,
    rendered: &Rendered<'_>,
) -> Result<Vec<String>, Failure> {
    let target = out.join(estate);
    let tree = Tree::read(&target)?;
    let found = Mutex::new(Vec::new());
    let paths = Mutex::new(BTreeSet::new());
    each(rendered, |artifact| {
        let change = match &tree {
            Some(tree) if tree.holds(&artifact)? => None,
            Some(_) if target.join(&artifact.path).exists() => Some('~'),
            _ => Some('+'),
        };
        if let Some(mark) = change {
            found.lock().expect("no panic").push(format!("{mark} {}", artifact.path));
        }
        paths.lock().expect("no panic").insert(artifact.path);
        Ok(())
    })?;
    let paths = paths.into_inner().expect("no panic");
    let mut found = found.into_inner().expect("no panic");
    if let Some(tree) = &tree {
        found.extend(
            tree.present().filter(|path| !paths.contains(*path)).map(|path| format!("- {path}")),
        );
    }
    found.sort_by(|a, b| a[2..].cmp(&b[2..]));
    Ok(found)
}

/// Does something with every artifact, on all cores. Each artifact is gone when it is done. Of several
/// failures, it is always the first that is told.
fn each(
    rendered: &Rendered<'_>,
    work: impl Fn(Artifact) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    rendered.shared().into_iter().try_for_each(&work)?;
    let failure = |stack| rendered.stack(stack).into_iter().try_for_each(&work).err();
    rendered.stacks().par_iter().find_map_first(failure).map_or(Ok(()), Err)
}

/// Writes a file below a folder, making the folders on the way.
fn put(base: &Path, artifact: &Artifact) -> Result<(), Failure> {
    let path = base.join(&artifact.path);
    if fs::write(&path, &artifact.text).is_err() {
        make_dir(path.parent().expect("it lies below the base"))?;
        fs::write(&path, &artifact.text).map_err(|e| fault(&path, &e))?;
    }
    if artifact.executable {
        make_executable(&path)?;
    }
    Ok(())
}

/// Lets a file be run.
#[cfg(unix)]
pub fn make_executable(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(|e| fault(path, &e))
}

/// Lets a file be run, where that has to be said.
#[cfg(not(unix))]
pub fn make_executable(_: &Path) -> Result<(), Failure> {
    Ok(())
}

fn refuse_foreign(target: &Path, mut foreign: Vec<String>) -> Result<(), Failure> {
    foreign.sort_unstable();
    match foreign.as_slice() {
        [] => Ok(()),
        [first, ..] => Err(format!(
            "{}: {first} was not written by tenantry ({} such files); move it away or choose another --out",
            target.display(),
            foreign.len()
        )),
    }
}

/// Makes a folder and all above it.
pub fn make_dir(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|e| fault(path, &e))
}

/// A failure with its path.
pub fn fault(path: &Path, error: &std::io::Error) -> Failure {
    format!("{}: {error}", path.display())
}

/// Replaces a file by one rename, on disk before it returns: what holds decisions is never lost.
pub fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    let written = File::create(&fresh).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|e| fault(&fresh, &e))?;
    fs::rename(&fresh, path).map_err(|e| fault(path, &e))
}
