//! Providers that go on running: Terraform starts its AWS provider anew with each command, and reads
//! its 1,526 types, which takes longer than all the rest. One that runs already is lent to one root at a
//! time by `provider.py`, which hands on only the types that tenantry writes, and has as many providers as
//! the root has provider blocks. A module names files from where its root lies, and a provider looks for
//! them from where it was started: a folder beside which that of the modules is linked.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{command, kill};

/// The processes that wait for a root.
pub struct Providers {
    binary: PathBuf,
    /// The file with the types that are handed on.
    types: PathBuf,
    /// Those that wait, by emulator and number of provider blocks.
    idle: Mutex<BTreeMap<(String, usize), Vec<Provider>>>,
    /// Set when none starts.
    lacking: OnceLock<()>,
}

/// One process, and what Terraform must know to find it.
struct Provider {
    child: Child,
    attach: String,
    /// Where it was started, two folders below.
    place: TempDir,
}

impl Drop for Provider {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

impl Providers {
    /// Providers from a mirror.
    pub fn new(binary: &Path, scratch: &Path) -> Self {
        let types = scratch.join("types");
        fs::write(&types, written()).expect("the temporary folder can be written");
        Self { binary: binary.to_owned(), types, idle: Mutex::default(), lacking: OnceLock::new() }
    }

    /// Lends what the root in `dir` with some provider blocks needs for an emulator; `None` if none
    /// starts, and Terraform then starts its own.
    pub fn lend<T>(
        &self,
        url: &str,
        blocks: usize,
        dir: &Path,
        work: impl FnOnce(Option<&str>) -> T,
    ) -> T {
        let key = (url.to_owned(), blocks);
        let idle = || self.idle.lock().expect("no borrower panics with the lock");
        let waiting = idle().get_mut(&key).and_then(Vec::pop);
        let provider = waiting.or_else(|| self.start_or_tell(url, blocks));
        if let Some(provider) = &provider {
            let link = provider.place.path().join("modules");
            let _ = fs::remove_file(&link);
            symlink(dir.join("../../modules"), link).expect("the temporary folder can be written");
        }
        let done = work(provider.as_ref().map(|it| it.attach.as_str()));
        idle().entry(key).or_default().extend(provider);
        done
    }

    /// One that does not start is told of, once, and not tried again.
    fn start_or_tell(&self, url: &str, blocks: usize) -> Option<Provider> {
        if self.lacking.get().is_some() {
            return None;
        }
        let started = self.start(url, blocks);
        if started.is_none() && self.lacking.set(()).is_ok() {
            println!("NOTE Terraform starts a provider with each command: python3 lacks grpcio");
        }
        started
    }

    fn start(&self, url: &str, blocks: usize) -> Option<Provider> {
        let said = tempfile::NamedTempFile::new().expect("the temporary folder can be written");
        let out = File::options().append(true).open(said.path()).ok()?;
        let mut call = command("python3");
        call.arg(SCRIPT).args([&self.binary, &self.types]).arg(blocks.to_string());
        call.env("AWS_ENDPOINT_URL", url).env_remove("AWS_CA_BUNDLE");
        let place = tempfile::tempdir().expect("the temporary folder can be written");
        let root = place.path().join("stacks/lent");
        fs::create_dir_all(&root).expect("the temporary folder can be written");
        call.current_dir(root).stdin(Stdio::null()).stdout(out).stderr(Stdio::null());
        let child = call.process_group(0).spawn().ok()?;
        let mut provider = Provider { child, attach: String::new(), place };
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(180) {
            let text = fs::read_to_string(said.path()).unwrap_or_default();
            if let Some(line) = text.strip_suffix('\n') {
                line.clone_into(&mut provider.attach);
                return Some(provider);
            }
            if provider.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/provider.py");

/// The types that tenantry writes and reads, one a line.
fn written() -> String {
    let facts: Value = serde_json::from_str(include_str!("../../schemas/terraform.json"))
        .expect("the schemas are JSON");
    let names = ["resources", "data"].into_iter().flat_map(|kind| {
        let types = facts[kind].as_object().expect("the schemas list types");
        types.keys().map(|name| format!("{name}\n"))
    });
    names.collect()
}

/// The AWS provider in a mirror: the newest that this machine can run.
pub fn find(mirror: &Path) -> Option<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![mirror.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let named = entry.file_name().to_string_lossy().starts_with("terraform-provider-aws_");
            if path.is_dir() {
                open.push(path);
            } else if named && path.extension().is_none_or(|kind| kind != "zip") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.pop()
}
