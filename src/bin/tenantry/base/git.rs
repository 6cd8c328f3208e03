//! What git keeps: a blueprint as it is in a commit, and a folder that was committed.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tenantry::engine::Engine;
use tenantry::prove::read::Folder;
use tenantry::synth::{Made, Outcome, Request, synth};
use tenantry::view::snapshot;

use super::options;
use crate::input::lock_path;
use crate::term::Failure;

/// A commit of the repository that a blueprint lies in.
pub struct Commit {
    name: String,
    folder: PathBuf,
}

/// A blueprint as it is in a commit.
pub struct Before<'a> {
    commit: &'a Commit,
    name: String,
    bytes: Vec<u8>,
    lock: Option<(String, Vec<u8>)>,
}

impl Commit {
    /// An error says why it is none.
    pub fn find(name: &str, blueprint: &Path) -> Result<Self, Failure> {
        let folder = blueprint.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        let commit = Commit { name: name.to_owned(), folder };
        let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
        let found = commit.git(&verify, &format!("{name}^{{commit}}"))?;
        match found {
            Ok(_) => Ok(commit),
            Err(why) if why.trim().is_empty() => Err(format!(
                "--base {name}: neither a commit that git knows here nor a folder that `synth` wrote"
            )),
            Err(why) => Err(format!("--base {name}: {}", why.trim())),
        }
    }

    /// The blueprint and its lock; `None` if the commit has no such blueprint.
    pub fn input(&self, blueprint: &Path) -> Result<Option<Before<'_>>, Failure> {
        let file = blueprint.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lock_file = lock_path(Path::new(&file)).display().to_string();
        let Some(bytes) = self.show(&file)? else { return Ok(None) };
        let name = |path: &Path| format!("{}:{}", self.name, path.display());
        let lock = self.show(&lock_file)?.map(|bytes| (name(&lock_path(blueprint)), bytes));
        Ok(Some(Before { commit: self, name: name(blueprint), bytes, lock }))
    }

    /// A file beside the blueprint; `None` if the commit has no such file.
    fn show(&self, file: &str) -> Result<Option<Vec<u8>>, Failure> {
        let missing = ["does not exist in", "exists on disk, but not in"];
        match self.git(&["show", "--end-of-options"], &format!("{}:./{file}", self.name))? {
            Ok(bytes) => Ok(Some(bytes)),
            Err(why) if missing.iter().any(|words| why.contains(words)) => Ok(None),
            Err(why) => Err(format!("git show {}:{file}: {}", self.name, why.trim())),
        }
    }

    /// What git says; or its complaint.
    fn git(&self, words: &[&str], last: &str) -> Result<Result<Vec<u8>, String>, Failure> {
        let mut call = git(&self.folder);
        call.args(words).arg(last).stdin(Stdio::null());
        let done = call.output().map_err(|why| match why.kind() {
            ErrorKind::NotFound => "git is not on the search path".to_owned(),
            _ => format!("git: {why}"),
        })?;
        let said = || String::from_utf8_lossy(&done.stderr).into_owned();
        Ok(if done.status.success() { Ok(done.stdout) } else { Err(said()) })
    }
}

impl Before<'_> {
    /// Synthesises it.
    pub fn synth(&self, engines: &[Engine]) -> Outcome {
        let request = Request {
            name: &self.name,
            blueprint: &self.bytes,
            lock: self.lock.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice())),
            locked: false,
            options: options(engines),
            tenants: &[],
        };
        let load = |file: &str| match self.commit.show(file) {
            Ok(found) => found.ok_or_else(|| "there is no such file".to_owned()),
            Err(why) => Err(why),
        };
        synth(&request, &mut { load })
    }
}

/// Git in a folder. Its words are read; nothing is fetched, and nobody is asked for a password.
fn git(folder: &Path) -> Command {
    let mut call = Command::new("git");
    call.arg("-C").arg(folder);
    call.env("LC_ALL", "C").env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
    call
}

/// A folder of an estate that was committed, `REF:PATH` as git writes it. One process reads all of its
/// files.
pub struct Committed {
    root: String,
    paths: Vec<String>,
    reader: RefCell<(Child, BufReader<ChildStdout>)>,
}

impl Committed {
    /// `None` if that is no folder that `synth` wrote. An estate's folder, or the one that it lies in.
    pub fn find(base: &str, estate: &str) -> Option<Self> {
        let (_, path) = base.split_once(':')?;
        let root = base.trim_end_matches('/');
        let inside =
            if path.is_empty() { format!("{base}{estate}") } else { format!("{root}/{estate}") };
        let is = |paths: &[String]| paths.iter().any(|path| path == "manifest.json");
        [root.to_owned(), inside].into_iter().find_map(|root| Self::open(&root, &is))
    }

    /// The picture of an estate as it was committed, `REF:PATH` or a folder as it is in `HEAD`, and the
    /// commit. The folder of one, or the one that it lies in.
    pub fn picture(base: &str) -> Option<(String, Self)> {
        let is = |paths: &[String]| {
            let has = |name: &str| paths.iter().any(|p| p.rsplit('/').next() == Some(name));
            has("estate.txt") && has("addresses.txt") && !has("manifest.json")
        };
        let here = || ("HEAD", format!("HEAD:./{base}"));
        let (commit, root) =
            base.split_once(':').map_or_else(here, |(commit, _)| (commit, base.to_owned()));
        Some((commit.to_owned(), Self::open(root.trim_end_matches('/'), &is)?))
    }

    /// Whether it is the picture of an estate, to the byte.
    pub fn shows(&self, made: &Made) -> bool {
        let own = format!("{}/", made.spec.estate());
        let head = if self.paths.iter().any(|p| p == "estate.txt") { "" } else { own.as_str() };
        let files = snapshot::files(made);
        let there = self.paths.iter().filter(|path| path.starts_with(head)).count();
        there == files.len()
            && files.iter().all(|(path, text)| {
                self.read(&format!("{head}{path}")).is_some_and(|there| there == *text)
            })
    }

    fn open(root: &str, is: &dyn Fn(&[String]) -> bool) -> Option<Self> {
        let list = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options"];
        let done = git(Path::new(".")).args(list).arg(root).stdin(Stdio::null()).output().ok()?;
        let names = String::from_utf8(done.stdout).ok().filter(|_| done.status.success())?;
        let mut paths: Vec<String> = names.split_terminator('\0').map(str::to_owned).collect();
        paths.sort();
        if !is(&paths) {
            return None;
        }
        let mut call = git(Path::new("."));
        call.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = call.stderr(Stdio::null()).spawn().ok()?;
        let out = BufReader::new(child.stdout.take()?);
        Some(Self { root: root.to_owned(), paths, reader: RefCell::new((child, out)) })
    }

    fn read(&self, path: &str) -> Option<String> {
        // Whatever is listed is a file; a name with a new line would be two questions.
        if path.contains('\n') || self.paths.binary_search_by(|it| it.as_str().cmp(path)).is_err() {
            return None;
        }
        let (child, out) = &mut *self.reader.borrow_mut();
        writeln!(child.stdin.as_mut()?, "{}/{path}", self.root).ok()?;
        let mut head = String::new();
        out.read_line(&mut head).ok()?;
        // The digest, the kind and the size; or the question and why there is no answer.
        let size = head.trim_end().rsplit_once(" blob ").and_then(|(_, size)| size.parse().ok());
        let mut bytes = vec![0; size?];
        out.read_exact(&mut bytes).ok()?;
        out.read_exact(&mut [0]).ok()?;
        String::from_utf8(bytes).ok()
    }
}

impl Drop for Committed {
    fn drop(&mut self) {
        let child = &mut self.reader.get_mut().0;
        // It only reads, and may still have something to say.
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Folder for Committed {
    fn text(&self, path: &str) -> Option<Cow<'_, str>> {
        self.read(path).map(Cow::Owned)
    }

    fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }
}
