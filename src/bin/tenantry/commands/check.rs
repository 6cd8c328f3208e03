//! `tenantry check BLUEPRINT`

use std::path::PathBuf;

use tenantry::diag::exit_code;
use tenantry::engine::{Engine, Options};

use crate::input::Input;
use crate::report::Format;
use crate::term::Failure;

/// What it takes.
#[derive(clap::Args)]
pub struct Args {
    /// The blueprint
    blueprint: PathBuf,
    /// How to print what is found
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Refuse a change of the lock
    #[arg(long)]
    locked: bool,
}

/// Judges a blueprint.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let input = Input::read(&args.blueprint)?;
    let options = Options {
        engines: vec![Engine::CloudFormation, Engine::Terraform],
        inline: false,
        partial: false,
    };
    let outcome = input.synth(args.locked, options, &[]);
    args.format.print(&outcome);
    Ok(exit_code(outcome.sink.as_slice()))
}
