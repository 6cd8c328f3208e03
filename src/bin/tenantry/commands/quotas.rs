//! `tenantry quotas BLUEPRINT`

use std::path::PathBuf;

use tenantry::check::quota::Use;
use tenantry::diag::exit_code;
use tenantry::engine::{Engine, Options};
use tenantry::view::quotas;

use crate::input::Input;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(
    after_help = "Example: tenantry quotas blueprint.yaml --format markdown\n\nFor each tier it \
    says how many tenants fit before the first, second and third limit, and what lifts it. It ends \
    with 3 where more is used than AWS allows."
)]
pub struct Args {
    /// The blueprint
    blueprint: PathBuf,
    /// Show every account, region and shared thing, not only the fullest one of each quota
    #[arg(long)]
    all: bool,
    /// How to print the report
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Print requests for what is not enough, in place of the report
    #[arg(long, value_enum, value_name = "FORM")]
    request: Option<Request>,
}

/// How to print.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For a page
    Markdown,
    /// For machines
    Json,
}

/// How to ask AWS for more.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Request {
    /// Commands of the AWS command line
    Commands,
    /// Resources of Terraform
    Terraform,
}

/// Says how much of each quota is used. 3 if one of them is not enough.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let input = Input::read(&args.blueprint)?;
    let options = Options { engines: vec![Engine::CloudFormation], inline: false, partial: false };
    let outcome = input.synth(false, options, &[]);
    let found = outcome.sink.as_slice();
    term::diagnostics(found, &outcome.sources);
    let Some(made) = &outcome.made else { return Ok(exit_code(found)) };
    let report = quotas::report(made);
    term::data(&match (args.request, args.format) {
        (Some(Request::Commands), _) => quotas::commands(&report),
        (Some(Request::Terraform), _) => quotas::terraform(&report),
        (None, Format::Text) => quotas::text(&report, args.all),
        (None, Format::Markdown) => quotas::markdown(&report, args.all),
        (None, Format::Json) => quotas::json(&report),
    });
    Ok(if report.uses.iter().any(Use::is_over) { 3 } else { exit_code(found) })
}
