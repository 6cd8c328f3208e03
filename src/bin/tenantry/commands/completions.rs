//! `tenantry completions SHELL`

use clap::CommandFactory;
use clap_complete::Shell;

use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "Example: tenantry completions bash > /etc/bash_completion.d/tenantry")]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Prints completions.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut crate::Cli::command(), "tenantry", &mut out);
    term::data(&String::from_utf8(out).map_err(|error| error.to_string())?);
    Ok(0)
}
