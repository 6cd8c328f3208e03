//! `tenantry affected BLUEPRINT --base GIT-REF|DIR`

use tenantry::view::diff::affected;

use crate::base;
use crate::report;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  tenantry affected blueprint.yaml --base origin/main
  tenantry affected blueprint.yaml --base \"$BASE_SHA\" --format matrix >> \"$GITHUB_OUTPUT\"

In the matrix, a job has `wave` and `stacks`, keys with spaces between them: one stack a job, or as many as
it takes for 256 jobs at most. What is deleted, and what has no account yet, is not in it.")]
pub struct Args {
    #[command(flatten)]
    sides: base::Sides,
    /// How to print the stacks
    #[arg(long, value_enum, default_value = "list")]
    format: Format,
}

/// How to print.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Keys, one a line, in deploy order; what is deleted comes last
    List,
    /// For machines: with what happens to each
    Json,
    /// `matrix=…`, as a step of GitHub Actions puts it out
    Matrix,
}

/// Lists the stacks that change, in deploy order.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let report = match base::compare(&args.sides, &[], report::Format::Human)? {
        Ok(compared) => compared.report,
        Err(code) => return Ok(code),
    };
    term::data(&match args.format {
        Format::List => affected::list(&report),
        Format::Json => affected::json(&report),
        Format::Matrix => format!("matrix={}", affected::matrix(&report)),
    });
    Ok(0)
}
