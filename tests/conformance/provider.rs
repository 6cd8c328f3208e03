//! Providers that go on running: Terraform starts its AWS provider anew with each command. One that
//! runs already is lent to one root at a time, which saves the start; its schema is read each time all
//! the same. A root with several provider blocks starts its own: a lent process keeps one
//! configuration only. So does a root whose module names files: they are looked for where the
//! provider was started.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::process::CommandExt as _;

use crate::process::{command, kill};

/// The processes that wait for a root.
pub struct Providers {
    binary: PathBuf,
    url: String,
    idle: Mutex<Vec<Provider>>,
}

/// One process, and what Terraform must know to find it.
struct Provider {
    child: Child,
    attach: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

impl Providers {
    /// Providers from a mirror, for an emulator.
    pub fn new(binary: &Path, url: &str) -> Self {
        Self { binary: binary.to_owned(), url: url.to_owned(), idle: Mutex::default() }
    }

    /// Lends a provider; `None` if none starts, and Terraform then starts its own.
    pub fn lend<T>(&self, work: impl FnOnce(Option<&str>) -> T) -> T {
        let waiting = self.idle.lock().expect("no borrower panics with the lock").pop();
        let provider = waiting.or_else(|| self.start());
        let done = work(provider.as_ref().map(|it| it.attach.as_str()));
        self.idle.lock().expect("no borrower panics with the lock").extend(provider);
        done
    }

    fn start(&self) -> Option<Provider> {
        let said = tempfile::NamedTempFile::new().expect("the temporary folder can be written");
        let out = File::options().append(true).open(said.path()).ok()?;
        let mut call = command(&self.binary);
        call.arg("-debug").env("AWS_ENDPOINT_URL", &self.url).env_remove("AWS_CA_BUNDLE");
        call.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).process_group(0);
        let mut provider = Provider { child: call.spawn().ok()?, attach: String::new() };
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(20) {
            let text = fs::read_to_string(said.path()).unwrap_or_default();
            let quoted = text.split_once("TF_REATTACH_PROVIDERS='").map(|(_, rest)| rest);
            if let Some((attach, _)) = quoted.and_then(|rest| rest.split_once('\'')) {
                attach.clone_into(&mut provider.attach);
                return Some(provider);
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

/// The AWS provider in a mirror: the newest that this machine can run.
pub fn find(mirror: &Path) -> Option<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![mirror.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
            } else if name.starts_with("terraform-provider-aws_") && !name.ends_with(".zip") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.pop()
}
