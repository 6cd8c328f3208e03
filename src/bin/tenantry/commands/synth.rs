//! `tenantry synth BLUEPRINT`

use std::fs;
use std::path::{Path, PathBuf};

use tenantry::diag::exit_code;
use tenantry::engine::Options;
use tenantry::plan::rule::LOCK_LOST;
use tenantry::prove::proof::Proof;
use tenantry::prove::prove;
use tenantry::prove::read::Trouble;
use tenantry::source::Site;
use tenantry::synth::{Made, Outcome};
use tenantry::view::{proof, summary};

use crate::choice::EngineChoice;
use crate::disk::{self, Folder};
use crate::folder::Disk;
use crate::input::{Input, lock_path};
use crate::picture::Picture;
use crate::report::Format;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  tenantry synth blueprint.yaml
  tenantry synth blueprint.yaml --locked --check
  tenantry synth blueprint.yaml --tenant globex --out part")]
pub struct Args {
    /// The blueprint
    blueprint: PathBuf,
    /// For which engine
    #[arg(long, value_enum, default_value = "both")]
    engine: EngineChoice,
    /// The folder to write to; the estate gets a folder of its own in it
    #[arg(long, default_value = "out")]
    out: PathBuf,
    /// Refuse a change of the lock (for CI); exit code 3 if it would change
    #[arg(long)]
    locked: bool,
    /// Write nothing; exit code 2 if the files on disk differ
    #[arg(long)]
    check: bool,
    /// Write self-contained templates and roots instead of shared ones with parameters
    #[arg(long)]
    inline: bool,
    /// Write only this tenant and what it depends on, into a folder of its own (repeatable)
    #[arg(long, value_name = "ID")]
    tenant: Vec<String>,
    /// Write a small picture of the estate, too, to be committed and reviewed; `--check` compares
    /// one that is there
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = PICTURES, conflicts_with = "tenant")]
    snapshot: Option<PathBuf>,
    /// How to print what is found: for people on standard error, otherwise on standard output
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Where pictures are, if nothing else is said.
const PICTURES: &str = "snapshots";

/// Synthesises and writes.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let input = Input::read(&args.blueprint)?;
    let lock_name = input.lock_name();
    let options = Options { engines: args.engine.engines(), inline: args.inline, partial: false };
    let mut outcome = input.synth(args.locked, options, &args.tenant);
    let manifest = outcome.made.as_ref().and_then(|made| existing_manifest(&args.out, made));
    let lost = input.lock.is_none() && manifest.is_some();
    if lost {
        let message = format!("{lock_name} is gone, but {} was written before", args.out.display());
        outcome.sink.push(LOCK_LOST.at(Site::File(0), message));
    }
    args.format.print_beside(outcome.sink.as_slice(), &outcome.sources);
    let Outcome { sink, made, .. } = outcome;
    let Some(made) = made.filter(|_| !lost) else { return Ok(exit_code(sink.as_slice())) };
    refuse_partial_over_whole(&args.out, &made, manifest.as_deref())?;
    if args.check { compare(args, &made, &lock_name) } else { write(args, &input, &made) }
}

fn write(args: &Args, input: &Input, made: &Made) -> Result<u8, Failure> {
    let estate = made.spec.estate();
    let folder = Folder::hold(&args.out, &estate)?;
    if made.lock_changed {
        write_lock(input, &made.lock)?;
    }
    let report = folder.write(&made.render())?;
    let proofs = proved(&args.out.join(&estate))?;
    let holds = proofs.iter().all(Proof::holds);
    let files = summary::Files {
        folder: args.out.join(&estate).display().to_string(),
        written: report.written,
        unchanged: report.unchanged,
        removed: report.removed,
        lock: lock_path(&args.blueprint).display().to_string(),
        proofs,
    };
    term::note(&summary::render(made, &files));
    if let Some(base) = &args.snapshot {
        let changed = Picture::new(base, made).write()?;
        let what = if changed == 0 { "unchanged".to_owned() } else { format!("{changed} changed") };
        term::note(&format!("\n{}: {what}; commit it\n", base.join(&estate).display()));
    }
    Ok(if holds { 0 } else { 3 })
}

/// What was written is read back from disk and proved.
fn proved(folder: &Path) -> Result<Vec<Proof>, Failure> {
    let troubles = |troubles: Vec<Trouble>| {
        format!("{} cannot be proved\n{}", folder.display(), proof::troubles(&troubles))
    };
    prove(&Disk(folder.to_owned())).map_err(troubles)
}

/// The lock is written first: whatever is deployed later stands in it.
fn write_lock(input: &Input, text: &str) -> Result<(), Failure> {
    let path = lock_path(&input.path);
    if fs::read(&path).ok() != input.lock {
        return Err(format!(
            "{} was changed by somebody else meanwhile: run again",
            path.display()
        ));
    }
    disk::replace(&path, text)
}

fn compare(args: &Args, made: &Made, lock_name: &str) -> Result<u8, Failure> {
    let mut found = disk::differences(&args.out, &made.spec.estate(), &made.render())?;
    if made.lock_changed {
        found.insert(0, format!("~ {lock_name}"));
    }
    let base = args.snapshot.as_deref().unwrap_or(Path::new(PICTURES));
    let whole = !made.options.partial;
    if whole && (args.snapshot.is_some() || Picture::exists(base, made)) {
        found.extend(Picture::new(base, made).differences()?);
    }
    for line in &found {
        args.format.tell(&format!("{line}\n"));
    }
    Ok(if found.is_empty() { 0 } else { 2 })
}

fn existing_manifest(out: &Path, made: &Made) -> Option<String> {
    fs::read_to_string(out.join(made.spec.estate()).join("manifest.json")).ok()
}

/// A part of an estate must not replace the whole: everybody else's files would be removed.
fn refuse_partial_over_whole(
    out: &Path,
    made: &Made,
    manifest: Option<&str>,
) -> Result<(), Failure> {
    let whole = manifest.is_some_and(|text| text.contains("\"partial\": false"));
    if made.options.partial && whole {
        let folder = out.join(made.spec.estate());
        return Err(format!(
            "{} holds the whole estate; give --tenant another --out",
            folder.display()
        ));
    }
    Ok(())
}
