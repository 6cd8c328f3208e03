//! The commands: each in a file of its own, which says what it takes and does. To add one, write
//! its file and its lines here.

mod init; // a blueprint to start from
mod synth; // write everything
mod check; // judge everything, write nothing
mod prove; // who reaches whom, read from what was written
mod tags; // what is tagged, and what the bill shows of it
mod quotas; // how much of each quota is used
mod schema; // the schema of blueprints, for editors
mod explain; // what a rule means
mod lock; // verify and release
mod accounts; // accounts that AWS has made
mod completions; // for shells

use clap::Subcommand;

use crate::term::Failure;

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Write a commented blueprint and a .gitignore to start from
    Init(init::Args),
    /// Write templates, modules, parameters and scripts for the whole estate
    Synth(synth::Args),
    /// Hold a blueprint against every rule; write nothing
    Check(check::Args),
    /// Prove on what was written that no tenant reaches another, or show the way
    Prove(prove::Args),
    /// Say what is tagged, and what the bill shows of it
    Tags(tags::Args),
    /// Say how much of each AWS quota the estate uses, and which is full first
    Quotas(quotas::Args),
    /// Print the JSON Schema of blueprints, for editors
    Schema(schema::Args),
    /// Explain a rule
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
            Command::Prove(args) => prove::run(&args),
            Command::Tags(args) => tags::run(&args),
            Command::Quotas(args) => quotas::run(&args),
            Command::Schema(args) => schema::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Lock(args) => lock::run(&args),
            Command::Accounts(args) => accounts::run(&args),
            Command::Completions(args) => completions::run(&args),
        }
    }
}
