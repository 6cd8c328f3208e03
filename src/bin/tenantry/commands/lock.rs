//! `tenantry lock verify|release`

use std::path::PathBuf;

use tenantry::diag::{Sink, exit_code};
use tenantry::plan::{Lock, lock};
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

/// What to do with the lock.
#[derive(clap::Subcommand)]
enum Action {
    /// Show whether the lock is whole and nothing in it contradicts itself
    #[command(after_help = "Example: tenantry lock verify blueprint.yaml --format github")]
    Verify {
        /// The blueprint
        blueprint: PathBuf,
        /// How to print what is wrong: for people on standard error, otherwise on standard output
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
    /// Give the blocks of tenants that are gone back to the pools, and their places to the cells
    #[command(after_help = "Examples:
  tenantry lock release blueprint.yaml globex 10.1.36.0/22
  tenantry lock release blueprint.yaml --all")]
    Release {
        /// The blueprint
        blueprint: PathBuf,
        /// Tenants or blocks to release
        #[arg(required_unless_present = "all")]
        which: Vec<String>,
        /// Release everything that is quarantined
        #[arg(long, conflicts_with = "which")]
        all: bool,
        /// How to print what is wrong: for people on standard error, otherwise on standard output
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
}

/// Looks after the lock.
pub fn run(args: &Args) -> Result<u8, Failure> {
    match &args.action {
        Action::Verify { blueprint, format } => verify(&Input::read(blueprint)?, *format),
        Action::Release { blueprint, which, all, format } => {
            release(&Input::read(blueprint)?, which, *all, *format)
        }
    }
}

fn verify(input: &Input, format: Format) -> Result<u8, Failure> {
    let lock = match read(input, format)? {
        Ok(lock) => lock,
        Err(code) => return Ok(code),
    };
    format.tell(&format!(
        "{}: {} tenants, {} cells, {} hubs, {} quarantined; nothing overlaps\n",
        input.lock_name(),
        lock.tenants.len(),
        lock.cells.len(),
        lock.hubs.len(),
        lock.quarantine.len() + lock.retired.len()
    ));
    Ok(0)
}

fn release(input: &Input, which: &[String], all: bool, format: Format) -> Result<u8, Failure> {
    let mut lock = match read(input, format)? {
        Ok(lock) => lock,
        Err(code) => return Ok(code),
    };
    let named = |word: &String| {
        lock.quarantine.iter().any(|(b, q)| b.to_string() == *word || q.tenant == *word)
            || lock.retired.keys().any(|key| lock::tenant_of(key) == word)
    };
    if let Some(unknown) = which.iter().find(|word| !named(word)) {
        return Err(format!("{unknown:?} is not quarantined in {}", input.lock_name()));
    }
    let count = lock.release(|block, tenant| {
        let named = block.is_some_and(|block| which.contains(&block.to_string()));
        all || named || which.iter().any(|word| word == tenant)
    });
    disk::replace(&lock_path(&input.path), &lock.render())?;
    format.tell(&format!("{}: {count} released\n", input.lock_name()));
    Ok(0)
}

/// The lock, or the exit code for what is wrong with it.
fn read(input: &Input, format: Format) -> Result<Result<Lock, u8>, Failure> {
    let name = input.lock_name();
    let Some(bytes) = &input.lock else { return Err(format!("{name}: there is no lock yet")) };
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let file = sources.add(Source::new(name, String::from_utf8_lossy(bytes)));
    let lock = lock::read(&sources, file, &mut sink);
    format.print_beside(sink.as_slice(), &sources);
    Ok(lock.ok_or_else(|| exit_code(sink.as_slice())))
}
