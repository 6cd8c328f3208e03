//! `tenantry accounts import FILE BLUEPRINT`

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, stdin};
use std::path::{Path, PathBuf};

use tenantry::diag::{Sink, exit_code};
use tenantry::engine::Options;
use tenantry::plan::{accounts, lock};
use tenantry::source::{Source, Sources};

use crate::disk;
use crate::input::{Input, lock_path};
use crate::report::Format;
use crate::term::Failure;

/// What it takes.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

/// What to do with accounts.
#[derive(clap::Subcommand)]
enum Action {
    /// Write the ids of accounts that AWS has made into the lock
    ///
    /// The file is what `aws organizations list-accounts --output json` prints. An account is matched
    /// by its e-mail address; one that does not agree with the lock is refused, and nothing changes.
    #[command(after_help = "Example:
  aws organizations list-accounts --output json | tenantry accounts import - blueprint.yaml")]
    Import {
        /// The listing; `-` is standard input
        file: PathBuf,
        /// The blueprint
        blueprint: PathBuf,
        /// How to print what is wrong: for people on standard error, otherwise on standard output
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
}

/// Looks after accounts.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let Action::Import { file, blueprint, format } = &args.action;
    let input = Input::read(blueprint)?;
    let Some(bytes) = &input.lock else {
        return Err(format!("{}: there is no lock yet: run tenantry synth", input.lock_name()));
    };
    let options = Options { engines: Vec::new(), inline: false, partial: false };
    let outcome = input.synth(false, options, &[]);
    let Some(made) = outcome.made else {
        format.print_beside(outcome.sink.as_slice(), &outcome.sources);
        return Ok(exit_code(outcome.sink.as_slice()));
    };
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let locked = sources.add(Source::new(input.lock_name(), String::from_utf8_lossy(bytes)));
    let listed = sources.add(Source::new(file.display().to_string(), read(file)?));
    let lock = lock::read(&sources, locked, &mut sink);
    let imported = lock.and_then(|mut lock| {
        let imported = accounts::import(&made.spec, &mut lock, &sources, listed, &mut sink)?;
        Some((lock, imported))
    });
    format.print_beside(sink.as_slice(), &sources);
    let Some((lock, imported)) = imported else { return Ok(exit_code(sink.as_slice())) };
    if !imported.new.is_empty() {
        disk::replace(&lock_path(&input.path), &lock.render())?;
    }
    format.tell(&tell(&input.lock_name(), &imported));
    Ok(0)
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file)
    };
    text.map_err(|error| format!("{}: {error}", file.display()))
}

fn tell(lock: &str, imported: &accounts::Imported) -> String {
    let mut out = String::new();
    for (tenant, account) in &imported.new {
        let _ = writeln!(out, "{tenant} has account {account}");
    }
    for tenant in &imported.waiting {
        let _ = writeln!(out, "{tenant} has no account in the listing yet");
    }
    let (new, known, waiting) = (imported.new.len(), imported.known, imported.waiting.len());
    let _ = writeln!(out, "{lock}: {new} new, {known} known before, {waiting} waiting");
    out
}
