//! The shell: the only part that reads files, prints and ends the process. `main` parses, calls a
//! command, and turns its outcome into an exit code.

#![expect(clippy::disallowed_methods, reason = "the shell is the part that touches the world")]

mod choice; // what several commands are asked
mod term; // the only place that prints
mod report; // the forms of complaints
mod input; // blueprints, tenant files and locks from disk
mod disk; // artifacts to disk: atomic, idempotent, confined
mod folder; // a folder that was written, as a proof reads it
mod picture; // a small picture of an estate, to be reviewed
mod starter; // files that a repository starts with
mod base; // what a blueprint is compared with
mod commands; // one file each

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use mimalloc::MiMalloc;

/// Estates are many small things, made and dropped on several threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// One blueprint of tiers and tenants becomes isolated AWS infrastructure.
#[derive(Parser)]
#[command(name = "tenantry", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let code = run();
    // What was to be printed and is not there is no success, whatever it says.
    ExitCode::from(if term::is_lost() { 1 } else { code })
}

fn run() -> u8 {
    match Cli::try_parse() {
        Ok(cli) => cli.command.run().unwrap_or_else(|error| {
            term::error(&error);
            1
        }),
        Err(error) => {
            term::written(error.print());
            // Clap would exit with 2, which here means "there are differences".
            let fine = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            u8::from(!fine)
        }
    }
}
