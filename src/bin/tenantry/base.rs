//! What a blueprint is compared with: the folder that an earlier run wrote, or a commit of git, whose
//! files are read with `git show` and synthesised in memory. Nothing is checked out, fetched or written.

use std::fmt::Display;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use tenantry::change::gate::Gate;
use tenantry::change::opened::opened;
use tenantry::change::side::Side;
use tenantry::change::{self, Report, cause, folder};
use tenantry::diag::exit_code;
use tenantry::engine::{Engine, Options};
use tenantry::prove::proof::Proof;
use tenantry::prove::prove;
use tenantry::prove::read::Trouble;
use tenantry::synth::{Made, Outcome, Request, synth};
use tenantry::trace::Trace;
use tenantry::view::proof;

use crate::folder::Disk;
use crate::input::{Input, lock_path};
use crate::term::{self, Failure};

/// What commands that compare take.
#[derive(clap::Args)]
pub struct Sides {
    /// The blueprint, as it is now
    pub blueprint: PathBuf,
    /// What to compare with: a branch, tag or commit of git, or a folder that `synth` wrote
    #[arg(long, value_name = "GIT-REF|DIR")]
    pub base: String,
    /// For which engine
    #[arg(long, value_enum, default_value = "both")]
    pub engine: EngineChoice,
}

/// Which engine.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum EngineChoice {
    /// AWS CloudFormation
    Cloudformation,
    /// Terraform and OpenTofu
    Terraform,
    /// Both
    Both,
}

impl EngineChoice {
    fn engines(self) -> Vec<Engine> {
        match self {
            EngineChoice::Cloudformation => vec![Engine::CloudFormation],
            EngineChoice::Terraform => vec![Engine::Terraform],
            EngineChoice::Both => vec![Engine::CloudFormation, Engine::Terraform],
        }
    }
}

/// What came of a comparison.
pub struct Compared {
    /// What differs.
    pub report: Report,
    /// The blueprint as it is now.
    pub head: Outcome,
}

/// Compares, with what some gates want to know; the exit code if one of the sides is wrong, which was
/// told.
pub fn compare(args: &Sides, gates: &[Gate]) -> Result<Result<Compared, u8>, Failure> {
    let (counted, proved) = (gates.contains(&Gate::Quota), gates.contains(&Gate::Isolation));
    let engines = args.engine.engines();
    let input = Input::read(&args.blueprint)?;
    if let Some(folder) = written(Path::new(&args.base)) {
        return against_folder(args, &input, &folder, &engines, proved);
    }
    let commit = Commit::find(&args.base, &args.blueprint)?;
    let before = commit.input(&args.blueprint)?;
    let (head, base) = thread::scope(|scope| {
        let base = scope.spawn(|| {
            let outcome = before.as_ref().map(|before| before.synth(&engines))?;
            let side = outcome.made.as_ref().map(|made| Side::made(made, &engines, counted));
            Some((outcome, side))
        });
        let head = input.synth(false, options(&engines), &[]);
        let side = head.made.as_ref().map(|made| Side::made(made, &engines, counted));
        ((head, side), base.join().expect("no panic"))
    });
    let (head, Some(now)) = head else { return Ok(Err(told(&head.0))) };
    let Some(made) = &head.made else { return Ok(Err(told(&head))) };
    term::diagnostics(head.sink.as_slice(), &head.sources);
    let Some((outcome, then)) = base else {
        term::note(&format!("{} has no {}\n", args.base, args.blueprint.display()));
        let then = Side::empty(&now.estate, &engines);
        let mut report = change::compare(&args.base, &then, &now);
        cause::explain(&mut report, &Trace::new(&head.sources, made), None);
        if proved {
            report.isolation = Some(opened(&[], &proofs(made)?));
        }
        return Ok(Ok(Compared { report, head }));
    };
    let (Some(then), Some(old)) = (then, &outcome.made) else {
        told(&outcome);
        return Err(format!("{} is not sound as it is in {}", args.blueprint.display(), args.base));
    };
    let mut report = change::compare(&args.base, &then, &now);
    let traces = (Trace::new(&head.sources, made), Trace::new(&outcome.sources, old));
    cause::explain(&mut report, &traces.0, Some(&traces.1));
    if proved {
        report.isolation = Some(opened(&proofs(old)?, &proofs(made)?));
    }
    Ok(Ok(Compared { report, head }))
}

fn against_folder(
    args: &Sides,
    input: &Input,
    base: &Path,
    engines: &[Engine],
    proved: bool,
) -> Result<Result<Compared, u8>, Failure> {
    let head = input.synth(false, options(engines), &[]);
    term::diagnostics(head.sink.as_slice(), &head.sources);
    let Some(made) = &head.made else { return Ok(Err(exit_code(head.sink.as_slice()))) };
    let of_estate = base.join(made.spec.estate());
    let base = if base.join("manifest.json").exists() { base.to_owned() } else { of_estate };
    let load = |path: &str| {
        let file = base.join(path);
        fs::read_to_string(&file).map_err(|why| format!("{}: {why}", file.display()))
    };
    let then = folder::read(&load, engines).map_err(|why| format!("{}: {why}", base.display()))?;
    let now = Side::made(made, &then.engines, false);
    let mut report = change::compare(&args.base, &then, &now);
    cause::explain(&mut report, &Trace::new(&head.sources, made), None);
    if proved {
        let then = prove(&Disk(base.clone())).map_err(|all| unproved(&base.display(), &all))?;
        report.isolation = Some(opened(&then, &proofs(made)?));
    }
    Ok(Ok(Compared { report, head }))
}

/// An estate proved on what would be written.
fn proofs(made: &Made) -> Result<Vec<Proof>, Failure> {
    made.prove().map_err(|all| unproved(&made.spec.estate(), &all))
}

fn unproved(what: &dyn Display, troubles: &[Trouble]) -> Failure {
    format!("{what} cannot be proved\n{}", proof::troubles(troubles))
}

/// Says what is wrong; the exit code that it leads to.
fn told(outcome: &Outcome) -> u8 {
    term::diagnostics(outcome.sink.as_slice(), &outcome.sources);
    exit_code(outcome.sink.as_slice())
}

fn options(engines: &[Engine]) -> Options {
    Options { engines: engines.to_vec(), inline: false, partial: false }
}

/// A folder that `synth` wrote: that of an estate, or the one that it lies in.
fn written(base: &Path) -> Option<PathBuf> {
    let inside = |entry: fs::DirEntry| entry.path().join("manifest.json").exists();
    let holds = || fs::read_dir(base).is_ok_and(|all| all.flatten().any(inside));
    (base.join("manifest.json").exists() || holds()).then(|| base.to_owned())
}

/// A commit of the repository that a blueprint lies in.
struct Commit {
    name: String,
    folder: PathBuf,
}

/// A blueprint as it is in a commit.
struct Before<'a> {
    commit: &'a Commit,
    name: String,
    bytes: Vec<u8>,
    lock: Option<(String, Vec<u8>)>,
}

impl Commit {
    fn find(name: &str, blueprint: &Path) -> Result<Self, Failure> {
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
    fn input(&self, blueprint: &Path) -> Result<Option<Before<'_>>, Failure> {
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
        let mut call = Command::new("git");
        call.arg("-C").arg(&self.folder).args(words).arg(last).stdin(Stdio::null());
        // Its words are read; nothing is fetched, and nobody is asked for a password.
        call.env("LC_ALL", "C").env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
        let done = call.output().map_err(|why| match why.kind() {
            ErrorKind::NotFound => "git is not on the search path".to_owned(),
            _ => format!("git: {why}"),
        })?;
        let said = || String::from_utf8_lossy(&done.stderr).into_owned();
        Ok(if done.status.success() { Ok(done.stdout) } else { Err(said()) })
    }
}

impl Before<'_> {
    fn synth(&self, engines: &[Engine]) -> Outcome {
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
