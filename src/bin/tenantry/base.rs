//! What a blueprint is compared with: the folder that an earlier run wrote, on disk or committed, or a
//! commit of git, whose files are read with `git show` and synthesised in memory. Nothing is checked out, fetched or written.

mod git; // what git keeps

use std::borrow::Cow;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use tenantry::change::gate::Gate;
use tenantry::change::opened::opened;
use tenantry::change::side::Side;
use tenantry::change::{self, Report, cause, folder};
use tenantry::diag::exit_code;
use tenantry::engine::{Engine, Options};
use tenantry::prove::proof::Proof;
use tenantry::prove::prove;
use tenantry::prove::read::{Folder, Trouble};
use tenantry::synth::{Made, Outcome};
use tenantry::trace::Trace;
use tenantry::view::proof;

use git::{Commit, Committed};

use crate::choice::EngineChoice;
use crate::folder::Disk;
use crate::input::Input;
use crate::report::Format;
use crate::term::{self, Failure};

/// What commands that compare take.
#[derive(clap::Args)]
pub struct Sides {
    /// The blueprint, as it is now
    pub blueprint: PathBuf,
    /// What to compare with: a branch, tag or commit of git, a folder that `synth` wrote, or one that was
    /// committed (`main:out/acme-prod`); of a picture that was committed (`main:snapshots/acme-prod`), the
    /// blueprint that it shows
    #[arg(long, value_name = "GIT-REF|DIR|REF:DIR")]
    pub base: String,
    /// For which engine
    #[arg(long, value_enum, default_value = "both")]
    pub engine: EngineChoice,
}

/// What came of a comparison.
pub struct Compared {
    /// What differs.
    pub report: Report,
    /// The blueprint as it is now.
    pub head: Outcome,
}

/// Compares, with what some gates want to know; the exit code if the blueprint is wrong as it is now,
/// which was told in that form.
pub fn compare(
    args: &Sides,
    gates: &[Gate],
    form: Format,
) -> Result<Result<Compared, u8>, Failure> {
    let (counted, proved) = (gates.contains(&Gate::Quota), gates.contains(&Gate::Isolation));
    let engines = args.engine.engines();
    let input = Input::read(&args.blueprint)?;
    // Git is asked first: whoever may add a folder must not be able to stand in for a commit.
    let found = Commit::find(&args.base, &args.blueprint);
    let folder = written(Path::new(&args.base)) || args.base.contains(':');
    let picture = if found.is_err() { Committed::picture(&args.base) } else { None };
    let commit = match (found, &picture) {
        (_, Some((commit, _))) => Commit::find(commit, &args.blueprint)?,
        (Ok(_), _) if folder => return Err(ambiguous(&args.base)),
        (Err(_), _) if folder => return against_folder(args, &input, (&engines, proved), form),
        (found, _) => found?,
    };
    let before = commit.input(&args.blueprint)?;
    let side =
        |outcome: &Outcome| outcome.made.as_ref().map(|made| Side::made(made, &engines, counted));
    let head = || {
        let outcome = input.synth(false, options(&engines), &[]);
        let side = side(&outcome);
        (outcome, side)
    };
    let base = || {
        let outcome = before.as_ref()?.synth(&engines);
        let side = side(&outcome);
        Some((outcome, side))
    };
    let (head, base) = rayon::join(head, base);
    let (head, Some(now)) = head else { return Ok(Err(told(&head.0, form))) };
    let Some(made) = &head.made else { return Ok(Err(told(&head, form))) };
    term::diagnostics(head.sink.as_slice(), &head.sources);
    let Some((outcome, then)) = base else {
        if let Some((commit, _)) = &picture {
            return Err(format!("{commit} has no {}", args.blueprint.display()));
        }
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
        told(&outcome, Format::Human);
        return Err(format!("{} is not sound as it is in {}", args.blueprint.display(), args.base));
    };
    if let Some((commit, _)) = picture.filter(|(_, picture)| !picture.shows(old)) {
        return Err(format!(
            "--base {}: that is not the picture of {} as it is in {commit}",
            args.base,
            args.blueprint.display()
        ));
    }
    let mut report = change::compare(&args.base, &then, &now);
    let traces = (Trace::new(&head.sources, made), Trace::new(&outcome.sources, old));
    cause::explain(&mut report, &traces.0, Some(&traces.1));
    if proved {
        let (then, now) = rayon::join(|| proofs(old), || proofs(made));
        report.isolation = Some(opened(&then?, &now?));
    }
    Ok(Ok(Compared { report, head }))
}

fn against_folder(
    args: &Sides,
    input: &Input,
    (engines, proved): (&[Engine], bool),
    form: Format,
) -> Result<Result<Compared, u8>, Failure> {
    let head = input.synth(false, options(engines), &[]);
    let Some(made) = &head.made else { return Ok(Err(told(&head, form))) };
    term::diagnostics(head.sink.as_slice(), &head.sources);
    let base = folder_of(&args.base, &made.spec.estate())?;
    let load = |path: &str| {
        let text = base.text(path);
        text.map(Cow::into_owned).ok_or_else(|| format!("{path} is not there"))
    };
    let then = folder::read(&load, engines).map_err(|why| format!("{}: {why}", args.base))?;
    let now = Side::made(made, &then.engines, false);
    let mut report = change::compare(&args.base, &then, &now);
    cause::explain(&mut report, &Trace::new(&head.sources, made), None);
    if proved {
        let then = prove(&*base).map_err(|all| unproved(&args.base, &all))?;
        report.isolation = Some(opened(&then, &proofs(made)?));
    }
    Ok(Ok(Compared { report, head }))
}

fn ambiguous(base: &str) -> Failure {
    format!("--base {base}: a folder is called as what git knows; write ./{base} for the folder")
}

/// The folder of an estate, on disk or in a commit; or the one that it lies in.
fn folder_of(base: &str, estate: &str) -> Result<Box<dyn Folder>, Failure> {
    let path = Path::new(base);
    let committed = Committed::find(base, estate);
    if written(path) && committed.is_some() {
        return Err(ambiguous(base));
    }
    if written(path) {
        let own =
            if path.join("manifest.json").exists() { path.to_owned() } else { path.join(estate) };
        return Ok(Box::new(Disk(own)));
    }
    match committed {
        Some(committed) => Ok(Box::new(committed)),
        None => Err(format!("--base {base}: no folder that `synth` wrote is committed there")),
    }
}

/// An estate proved on what would be written.
fn proofs(made: &Made) -> Result<Vec<Proof>, Failure> {
    made.prove().map_err(|all| unproved(&made.spec.estate(), &all))
}

fn unproved(what: &dyn Display, troubles: &[Trouble]) -> Failure {
    format!("{what} cannot be proved\n{}", proof::troubles(troubles))
}

/// Says what is wrong; the exit code that it leads to.
fn told(outcome: &Outcome, form: Format) -> u8 {
    form.print_beside(outcome.sink.as_slice(), &outcome.sources);
    exit_code(outcome.sink.as_slice())
}

fn options(engines: &[Engine]) -> Options {
    Options { engines: engines.to_vec(), inline: false, partial: false }
}

/// Whether `synth` wrote a folder: that of an estate, or the one that it lies in.
fn written(base: &Path) -> bool {
    let inside = |entry: fs::DirEntry| entry.path().join("manifest.json").exists();
    let holds = || fs::read_dir(base).is_ok_and(|all| all.flatten().any(inside));
    base.join("manifest.json").exists() || holds()
}
