//! The files that an earlier run wrote, which its manifest lists, and whether a path is safe.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tenantry::engine::Artifact;

use crate::disk::fault;
use crate::term::Failure;

/// What is in the folder of an estate.
pub struct Tree {
    target: PathBuf,
    owned: BTreeSet<String>,
}

impl Tree {
    /// Looks at a folder; `None` if there is none.
    pub fn read(target: &Path) -> Result<Option<Self>, Failure> {
        match fs::symlink_metadata(target) {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => {
                return Err(format!("{} is not a folder; choose another --out", target.display()));
            }
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(fault(target, &e)),
        }
        let path = target.join("manifest.json");
        let mut owned = match fs::read_to_string(&path) {
            Ok(text) => owned(&text).ok_or_else(|| {
                format!("{}: not a manifest of tenantry; move it away", path.display())
            })?,
            Err(e) if e.kind() == ErrorKind::NotFound => BTreeSet::new(),
            Err(e) => return Err(fault(&path, &e)),
        };
        owned.extend(archives(target, &owned));
        Ok(Some(Tree { target: target.to_owned(), owned }))
    }

    /// Whether a file is there as it should be.
    pub fn holds(&self, artifact: &Artifact) -> Result<bool, Failure> {
        let path = self.target.join(&artifact.path);
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_file() => {
                let same = meta.len() == artifact.text.len() as u64;
                Ok(same
                    && fs::read(&path).map_err(|e| fault(&path, &e))? == artifact.text.as_bytes())
            }
            Ok(_) => Err(format!("{} is not a file; move it away", path.display())),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound) => {
                self.refuse_links(&artifact.path)?;
                Ok(false)
            }
            Err(e) => Err(fault(&path, &e)),
        }
    }

    /// Whether something is there that no earlier run wrote.
    pub fn is_foreign(&self, path: &str) -> Result<bool, Failure> {
        self.refuse_links(path)?;
        Ok(!self.owned.contains(path) && self.target.join(path).exists())
    }

    /// The files of earlier runs that are still there.
    pub fn present(&self) -> impl Iterator<Item = &str> {
        self.owned.iter().map(String::as_str).filter(|path| self.target.join(path).is_file())
    }

    /// No folder on the way may be a link: it would lead out of the folder of the estate.
    fn refuse_links(&self, path: &str) -> Result<(), Failure> {
        let mut at = self.target.clone();
        for part in Path::new(path).parent().into_iter().flat_map(Path::components) {
            at.push(part);
            if fs::symlink_metadata(&at).is_ok_and(|meta| meta.is_symlink()) {
                return Err(format!(
                    "{} is a link; tenantry writes only inside {}",
                    at.display(),
                    self.target.display()
                ));
            }
        }
        Ok(())
    }
}

/// The archives that modules, or where there are none the roots, of Terraform take code from. They lie
/// beside them, and the manifest does not list them: they are named by what is in them.
fn archives(target: &Path, owned: &BTreeSet<String>) -> Vec<String> {
    const HERE: &str = "\"${path.module}/";
    let is_module = |path: &&String| path.starts_with("terraform/modules/");
    let modules = owned.iter().any(|path| is_module(&path));
    let mut out = Vec::new();
    for path in owned.iter().filter(|path| !modules || is_module(path)) {
        let Some(folder) = path.strip_suffix("main.tf.json") else { continue };
        let text = fs::read_to_string(target.join(path)).unwrap_or_default();
        let named = text.split(HERE).skip(1).filter_map(|rest| rest.split('"').next());
        let plain = |name: &&str| {
            !name.contains(['/', '\\']) && Path::new(name).extension().is_some_and(|it| it == "zip")
        };
        out.extend(named.filter(plain).map(|name| format!("{folder}{name}")));
    }
    out
}

/// The files that a manifest lists; `None` if it is not one.
fn owned(text: &str) -> Option<BTreeSet<String>> {
    let manifest: Value = serde_json::from_str(text).ok()?;
    let mut out: BTreeSet<String> = [String::from("manifest.json")].into();
    for engine in manifest["engines"].as_array()? {
        out.insert(format!("{}/deploy.sh", engine.as_str()?));
    }
    let inline = manifest["inline"].as_bool()?;
    for stack in manifest["stacks"].as_array()? {
        let text = |key: &str| stack[key].as_str().map(str::to_owned);
        out.extend(text("template"));
        out.extend(text("parameters"));
        let files = stack["files"].as_array().into_iter().flatten();
        out.extend(files.filter_map(Value::as_str).map(str::to_owned));
        if let Some(root) = text("root") {
            out.insert(format!("{root}/main.tf.json"));
            if !inline {
                out.insert(format!("terraform/modules/{}/main.tf.json", text("shape")?));
            }
        }
    }
    let confined = |path: &String| {
        Path::new(path).components().all(|c| matches!(c, std::path::Component::Normal(_)))
    };
    out.iter().all(confined).then_some(out)
}
