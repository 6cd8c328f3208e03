//! Child processes: each has a clean environment, a time limit, and is killed with its children
//! when the limit is reached. Nothing started here can reach anything but the loopback interface.

use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How a child ended, and what it said.
pub struct Done {
    pub status: Option<ExitStatus>,
    pub stdout: String,
    pub stderr: String,
    limit: Duration,
}

impl Done {
    pub fn ok(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    pub fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// Both streams, for a person.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// `Ok`, or why not with the last lines of what the child said.
    pub fn check(&self, what: &str) -> Result<(), String> {
        if self.ok() { Ok(()) } else { Err(self.complaint(what)) }
    }

    /// Why the child did not end well.
    pub fn complaint(&self, what: &str) -> String {
        let how = match self.status {
            None => format!("still busy after {} s, killed", self.limit.as_secs()),
            Some(status) => status.to_string(),
        };
        format!("{what}: {how}\n{}", tail(&self.said(), 40))
    }
}

/// The last `count` lines that hold anything.
pub fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// A command that inherits neither credentials nor settings of AWS and Terraform, and whose way
/// out of the machine is a proxy that does not answer.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("AWS_") || name.starts_with("TF_") {
            command.env_remove(name);
        }
    }
    for proxy in ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"] {
        command.env(proxy, "http://127.0.0.1:9");
    }
    command
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("no_proxy", "127.0.0.1,localhost")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_PAGER", "")
        .env("AWS_MAX_ATTEMPTS", "3")
        // An emulator has AWS's own policies only when it is asked to.
        .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        .env("PATH", search_path());
    command
}

/// Runs to the end, or to the limit. A program that cannot be started counts as failed.
pub fn run(command: &mut Command, limit: Duration) -> Done {
    let (mut out, mut err) = (scratch(), scratch());
    let started = command
        .stdin(Stdio::null())
        .stdout(out.try_clone().expect("a temporary file can be cloned"))
        .stderr(err.try_clone().expect("a temporary file can be cloned"))
        .process_group(0)
        .spawn();
    let status = match started {
        Ok(mut child) => wait(&mut child, limit),
        Err(error) => {
            let stderr = format!("{}: {error}", command.get_program().display());
            let status = Some(std::os::unix::process::ExitStatusExt::from_raw(127 << 8));
            return Done { status, stdout: String::new(), stderr, limit };
        }
    };
    Done { status, stdout: content(&mut out), stderr: content(&mut err), limit }
}

/// Waits for the end of a child; `None` means that it had to be killed.
fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if started.elapsed() < limit => thread::sleep(Duration::from_millis(15)),
            _ => {
                kill(child);
                return None;
            }
        }
    }
}

/// Ends a child and the processes of its group.
pub fn kill(child: &mut Child) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _ = child.kill();
    let _ = child.wait();
}

/// Where a program lies on the search path.
pub fn find(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_file());
    }
    env::split_paths(&search_path()).map(|dir| dir.join(program)).find(|path| path.is_file())
}

/// The search path, with the folder of the real `aws` before that of a version manager's shim:
/// a shim costs a third of a second a call, and there are hundreds of calls.
fn search_path() -> std::ffi::OsString {
    static PATH: std::sync::OnceLock<std::ffi::OsString> = std::sync::OnceLock::new();
    PATH.get_or_init(|| {
        let path = env::var_os("PATH").unwrap_or_default();
        let real = Command::new("pyenv").args(["which", "aws"]).stderr(Stdio::null()).output();
        let real = real.ok().filter(|done| done.status.success());
        let folder = real.and_then(|done| {
            let text = String::from_utf8(done.stdout).ok()?;
            Path::new(text.trim()).parent().map(Path::to_path_buf)
        });
        let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
        let shim = folders.iter().position(|dir| dir.join("aws").is_file()).unwrap_or(0);
        folders.splice(shim..shim, folder);
        env::join_paths(folders).unwrap_or(path)
    })
    .clone()
}

fn scratch() -> File {
    tempfile::tempfile().expect("the temporary folder can be written")
}

fn content(file: &mut File) -> String {
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes));
    read.expect("a temporary file can be read back");
    String::from_utf8_lossy(&bytes).into_owned()
}
