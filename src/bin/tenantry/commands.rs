//! The commands: each in a file of its own, which says what it takes and does. To add one, write
//! its file and its lines here.

mod init; // a blueprint to start from
mod synth; // write everything
mod check; // judge everything, write nothing
mod diff; // what a change would do
mod affected; // the stacks that it touches
mod prove; // who reaches whom, read from what was written
mod tags; // what is tagged, and what the bill shows of it
mod quotas; // how much of each quota is used
mod compare; // the five models side by side
mod schema; // the schemas of what is read and printed
mod explain; // what a rule means, and where a thing comes from
mod lock; // verify and release
mod accounts; // accounts that AWS has made
mod completions; // for shells

use clap::Subcommand;

use crate::term::Failure;

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Write a commented blueprint to start from, and on request CI and hooks
    Init(init::Args),
    /// Write templates, modules, parameters and scripts for the whole estate
    Synth(synth::Args),
    /// Hold a blueprint against every rule; write nothing
    Check(check::Args),
    /// Say what a change would do, to whom, and which line says so
    Diff(diff::Args),
    /// List the stacks that a change touches, in deploy order
    Affected(affected::Args),
    /// Prove on what was written that no tenant reaches another, or show the way
    Prove(prove::Args),
    /// Say what is tagged, and what the bill shows of it
    Tags(tags::Args),
    /// Say how much of each AWS quota the estate uses, and which limit each tier meets first
    Quotas(quotas::Args),
    /// Put the same tenants under each of the five models, side by side
    Compare(compare::Args),
    /// Print the JSON Schema of blueprints, for editors, or of what a command prints for machines
    Schema(schema::Args),
    /// Explain a rule, a name, an address, a line, or an error of AWS or Terraform
    Explain(explain::Args),
    /// Look after the lock
    Lock(lock::Args),
    /// Look after the accounts of tenants
    Accounts(accounts::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

impl Command {
    /// Runs the command and gives its exit code.
    pub fn run(self) -> Result<u8, Failure> {
        match self {
            Command::Init(args) => init::run(&args),
            Command::Synth(args) => synth::run(&args),
            Command::Check(args) => check::run(&args),
            Command::Diff(args) => diff::run(&args),
            Command::Affected(args) => affected::run(&args),
            Command::Prove(args) => prove::run(&args),
            Command::Tags(args) => tags::run(&args),
            Command::Quotas(args) => quotas::run(&args),
            Command::Compare(args) => compare::run(&args),
            Command::Schema(args) => schema::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Lock(args) => lock::run(&args),
            Command::Accounts(args) => accounts::run(&args),
            Command::Completions(args) => completions::run(&args),
        }
    }
}
