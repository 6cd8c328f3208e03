//! `tenantry check BLUEPRINT`

use std::path::PathBuf;

use tenantry::diag::exit_code;
use tenantry::engine::{Engine, Options};
use tenantry::permute::{Order, permute};
use tenantry::prove::read::Trouble;
use tenantry::synth::{Made, Outcome};
use tenantry::view::proof;

use crate::input::Input;
use crate::report::Format;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  tenantry check blueprint.yaml --locked
  tenantry check blueprint.yaml --format sarif > tenantry.sarif")]
pub struct Args {
    /// The blueprint
    blueprint: PathBuf,
    /// How to print what is found
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Refuse a change of the lock
    #[arg(long)]
    locked: bool,
    /// Put keys, tenants, rows and lists without an order into other orders, too, and show that the output is the same
    #[arg(long)]
    permute: bool,
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
    args.format.print(&outcome);
    if let Some(made) = outcome.made.as_ref().filter(|_| args.permute) {
        for order in [Order::Reversed, Order::Cut] {
            let other = input.permuted(&permute(&outcome.sources, order), made.options.clone());
            same(made, &other, order)?;
        }
        term::note("the output is the same in every order that was tried\n");
    }
    Ok(exit_code(outcome.sink.as_slice()))
}

/// Fails if anything that is written differs: that is a fault of ours, whatever the blueprint says.
fn same(made: &Made, other: &Outcome, order: Order) -> Result<(), Failure> {
    let fault = |what: &str| Err(format!("in another order ({order:?}), {what}: please report it"));
    let Some(other) = &other.made else { return fault("the blueprint is refused") };
    if made.lock != other.lock {
        return fault("the lock differs");
    }
    let (here, there) = (made.render(), other.render());
    if here.shared() != there.shared() || here.stacks().len() != there.stacks().len() {
        return fault("templates or the manifest differ");
    }
    let pairs = here.stacks().iter().zip(there.stacks());
    let mut differ = pairs.filter(|(a, b)| here.stack(a) != there.stack(b));
    differ.next().map_or(Ok(()), |(stack, _)| fault(&format!("{} differs", stack.key)))
}
