//! A folder on disk, as a proof reads it.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use tenantry::prove::read::Folder;

/// A folder on disk, below its path.
pub struct Disk(pub PathBuf);

impl Folder for Disk {
    fn text(&self, path: &str) -> Option<Cow<'_, str>> {
        fs::read_to_string(self.0.join(path)).ok().map(Cow::Owned)
    }

    fn paths(&self) -> Vec<String> {
        let mut out = Vec::new();
        walk(&self.0, "", &mut out);
        out.sort();
        out
    }
}

fn walk(folder: &Path, prefix: &str, out: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{prefix}{name}/"), out);
        } else {
            out.push(format!("{prefix}{name}"));
        }
    }
}
