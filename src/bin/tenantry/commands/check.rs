//! `tenantry check BLUEPRINT`

use std::io::{IsTerminal, stdout};
use std::path::PathBuf;

use tenantry::diag::{exit_code, human, json};
use tenantry::engine::{Engine, Options};
use tenantry::prove::read::Trouble;
use tenantry::view::proof;

use crate::input::Input;
use crate::term::{self, Failure};

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

/// How to print.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people: excerpt, caret, fix
    Human,
    /// For machines: versioned, with every place
    Json,
}

/// Judges a blueprint.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let input = Input::read(&args.blueprint)?;
    let options = Options {
        engines: vec![Engine::CloudFormation, Engine::Terraform],
        inline: false,
        partial: false,
    };
    let mut outcome = input.synth(args.locked, options, &[]);
    if let Some(made) = &outcome.made {
        let troubles =
            |all: Vec<Trouble>| format!("it cannot be proved\n{}", proof::troubles(&all));
        let proofs = made.prove().map_err(troubles)?;
        for complaint in made.complaints(&proofs) {
            outcome.sink.push(complaint);
        }
    }
    let found = outcome.sink.as_slice();
    match args.format {
        Format::Human => {
            let text = human::render(found, &outcome.sources, term::color(stdout().is_terminal()));
            term::data(if text.is_empty() { "no complaints\n" } else { &text });
        }
        Format::Json => term::data(&json::render(found, &outcome.sources)),
    }
    Ok(exit_code(found))
}
