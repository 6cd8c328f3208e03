//! Blueprints, tenant files and locks from disk.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tenantry::blueprint::{self, Written};
use tenantry::diag::Sink;
use tenantry::engine::Options;
use tenantry::permute::Permuted;
use tenantry::source::Sources;
use tenantry::spec::{self, Spec};
use tenantry::synth::{Besides, Outcome, Request, synth, synth_besides};

use crate::term::Failure;

/// A blueprint on disk, with its lock if there is one.
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The bytes of its lock.
    pub lock: Option<Vec<u8>>,
}

impl Input {
    /// Reads a blueprint and its lock.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let lock = match fs::read(lock_path(path)) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{}: {error}", lock_path(path).display())),
        };
        Ok(Input { path: path.to_owned(), bytes, lock })
    }

    /// The name that diagnostics show.
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The name of the lock that diagnostics show.
    pub fn lock_name(&self) -> String {
        lock_path(&self.path).display().to_string()
    }

    /// Synthesises what was read.
    pub fn synth(&self, locked: bool, options: Options, tenants: &[String]) -> Outcome {
        self.synth_besides(locked, options, tenants, &mut |_, _, _| {})
    }

    /// The same, with what is known besides the blueprint.
    pub fn synth_besides(
        &self,
        locked: bool,
        options: Options,
        tenants: &[String],
        besides: &mut Besides<'_>,
    ) -> Outcome {
        let (name, lock_name) = (self.name(), self.lock_name());
        let request = Request {
            name: &name,
            blueprint: &self.bytes,
            lock: self.lock.as_deref().map(|lock| (lock_name.as_str(), lock)),
            locked,
            options,
            tenants,
        };
        synth_besides(&request, &mut |named| self.load(named), besides)
    }

    /// What is written and what is meant, without any decision; `None` if something is wrong, and the
    /// sink says what.
    pub fn meant(&self, sources: &mut Sources, sink: &mut Sink) -> Option<(Written, Spec)> {
        let mut load = |named: &str| self.load(named);
        let written = blueprint::read(&self.name(), &self.bytes, &mut load, sources, sink)?;
        let spec = spec::spec(&written, sink)?;
        spec::judge(&spec, sink);
        (sink.errors() == 0).then_some((written, spec))
    }

    /// Synthesises the same in another order, with the same lock.
    pub fn permuted(&self, other: &Permuted, options: Options) -> Outcome {
        let (name, lock_name) = (self.name(), self.lock_name());
        let request = Request {
            name: &name,
            blueprint: other.blueprint.as_bytes(),
            lock: self.lock.as_deref().map(|lock| (lock_name.as_str(), lock)),
            locked: false,
            options,
            tenants: &[],
        };
        synth(&request, &mut |named| {
            let file = other.files.get(named).ok_or("it is not among the files")?;
            Ok(file.clone().into_bytes())
        })
    }

    /// Reads a file that the blueprint names, relative to it.
    fn load(&self, named: &str) -> Result<Vec<u8>, String> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        fs::read(folder.join(named)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        })
    }
}

/// `<blueprint>.lock.json`, beside the blueprint.
pub fn lock_path(blueprint: &Path) -> PathBuf {
    let mut name = blueprint.file_stem().map_or_else(OsString::new, OsString::from);
    name.push(".lock.json");
    blueprint.with_file_name(name)
}
