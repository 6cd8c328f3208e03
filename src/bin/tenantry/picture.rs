//! The picture of an estate on disk: written on request, and compared by `synth --check`. Files that
//! were not written as a picture are neither replaced nor removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tenantry::synth::Made;
use tenantry::view::snapshot::{HEAD, files};

use crate::disk::{fault, make_dir, replace};
use crate::term::Failure;

/// The folder of an estate's picture, and what should be in it.
pub struct Picture {
    folder: PathBuf,
    files: BTreeMap<String, String>,
}

impl Picture {
    /// Of an estate, below a folder of pictures.
    pub fn new(base: &Path, made: &Made) -> Self {
        Picture { folder: base.join(made.spec.estate()), files: files(made) }
    }

    /// Whether there is a picture already.
    pub fn exists(base: &Path, made: &Made) -> bool {
        base.join(made.spec.estate()).join("estate.txt").exists()
    }

    /// What differs from what would be written: `+` new, `~` changed, `-` gone.
    pub fn differences(&self) -> Result<Vec<String>, Failure> {
        let mut out = Vec::new();
        for (path, text) in &self.files {
            let at = self.folder.join(path);
            match fs::read_to_string(&at) {
                Ok(there) if there == *text => {}
                Ok(_) => out.push(format!("~ {}", at.display())),
                Err(_) => out.push(format!("+ {}", at.display())),
            }
        }
        let gone = self.gone()?;
        out.extend(gone.into_iter().map(|path| format!("- {}", path.display())));
        Ok(out)
    }

    /// Brings the picture up to date; how many files changed.
    pub fn write(&self) -> Result<usize, Failure> {
        make_dir(&self.folder.join("templates"))?;
        let mut changed = 0;
        for (path, text) in &self.files {
            let at = self.folder.join(path);
            let there = fs::read_to_string(&at).ok();
            if there.as_ref() == Some(text) {
                continue;
            }
            if there.is_some_and(|there| !there.starts_with(HEAD)) {
                return Err(format!("{}: was not written by tenantry; move it away", at.display()));
            }
            replace(&at, text)?;
            changed += 1;
        }
        for path in self.gone()? {
            fs::remove_file(&path).map_err(|e| fault(&path, &e))?;
            changed += 1;
        }
        Ok(changed)
    }

    /// Files of an earlier picture that are no longer part of it.
    fn gone(&self) -> Result<Vec<PathBuf>, Failure> {
        let templates = self.folder.join("templates");
        let Ok(entries) = fs::read_dir(&templates) else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| fault(&templates, &e))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let known = self.files.contains_key(&format!("templates/{name}"));
            let ours = || fs::read_to_string(&path).is_ok_and(|text| text.starts_with(HEAD));
            if !known && ours() {
                out.push(path);
            }
        }
        out.sort();
        Ok(out)
    }
}
