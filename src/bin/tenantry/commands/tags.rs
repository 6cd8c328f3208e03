//! `tenantry tags BLUEPRINT`

use std::path::PathBuf;

use tenantry::diag::exit_code;
use tenantry::engine::{Engine, Options};
use tenantry::view::tags;

use crate::choice::Page;
use crate::input::Input;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "Example: tenantry tags blueprint.yaml --format markdown")]
pub struct Args {
    /// The blueprint
    blueprint: PathBuf,
    /// How to print the report
    #[arg(long, value_enum, default_value = "text")]
    format: Page,
}

/// Says what is tagged, and what the bill shows of it.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let input = Input::read(&args.blueprint)?;
    let options = Options { engines: vec![Engine::CloudFormation], inline: false, partial: false };
    let outcome = input.synth(false, options, &[]);
    let found = outcome.sink.as_slice();
    term::diagnostics(found, &outcome.sources);
    if let Some(made) = &outcome.made {
        let report = tags::report(made);
        term::data(&match args.format {
            Page::Text => tags::text(&report),
            Page::Markdown => tags::markdown(&report),
            Page::Json => tags::json(&report),
        });
    }
    Ok(exit_code(found))
}
