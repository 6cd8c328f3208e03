//! `tenantry diff BLUEPRINT --base GIT-REF|DIR`

use std::io::{IsTerminal, stdout};

use tenantry::change::gate::{self, Gate};
use tenantry::diag::{Diagnostic, Level, exit_code, github, sarif};
use tenantry::view::diff::{json, markdown, text};

use crate::base::{self, Compared};
use crate::report;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  tenantry diff blueprint.yaml --base origin/main
  tenantry diff blueprint.yaml --base out/acme-prod --engine terraform
  tenantry diff blueprint.yaml --base main --only-tenants globex --fail-on replace,data-loss

Exit codes: 0 no gate was hit, 1 an error, 2 differences (--detailed-exitcode), 3 a gate was hit")]
pub struct Args {
    #[command(flatten)]
    sides: base::Sides,
    /// How to print what differs
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Fold nothing: every stack, resource and property (text)
    #[arg(long)]
    all: bool,
    /// End with 3 if anybody but these tenants is touched
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only_tenants: Vec<String>,
    /// End with 3 if one of these happens
    #[arg(long, value_enum, value_delimiter = ',')]
    fail_on: Vec<FailOn>,
    /// End with 2 if anything differs
    #[arg(long)]
    detailed_exitcode: bool,
}

/// How to print.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// As a comment of a pull request
    Markdown,
    /// For machines: versioned, with its schema in schemas/diff.schema.json
    Json,
    /// What is replaced or loses data, at the lines that say so: SARIF 2.1.0
    Sarif,
    /// The same as annotations of GitHub Actions
    Github,
}

/// What is not to happen.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Something is replaced
    Replace,
    /// Data is lost, or what would bring it back
    DataLoss,
    /// A quota is passed that was not passed before
    Quota,
    /// A tenant can reach another that could not before
    Isolation,
}

/// Says what differs. 3 if a gate was hit.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let gates = gates(args);
    // What is wrong is said in the form of what would change, where a machine reads that.
    let form = match args.format {
        Format::Sarif => report::Format::Sarif,
        Format::Github => report::Format::Github,
        _ => report::Format::Human,
    };
    let compared = match base::compare(&args.sides, &gates, form)? {
        Ok(compared) => compared,
        Err(code) => return Ok(code),
    };
    if gates.contains(&Gate::Quota) && compared.report.quotas.is_none() {
        return Err(
            "--fail-on quota: a folder does not tell what its quotas were; give a git ref as \
                    --base"
                .to_owned(),
        );
    }
    let mut found = gate::hits(&compared.report, &gates);
    if !args.only_tenants.is_empty() {
        unknown(&compared, &args.only_tenants)?;
        found.extend(gate::others(&compared.report, &args.only_tenants));
    }
    print(args, &compared, &found);
    let code = exit_code(&found);
    let differs = args.detailed_exitcode && !compared.report.is_empty();
    Ok(if code == 0 && differs { 2 } else { code })
}

fn gates(args: &Args) -> Vec<Gate> {
    let gate = |fail_on: &FailOn| match fail_on {
        FailOn::Replace => Gate::Replace,
        FailOn::DataLoss => Gate::DataLoss,
        FailOn::Quota => Gate::Quota,
        FailOn::Isolation => Gate::Isolation,
    };
    args.fail_on.iter().map(gate).collect()
}

/// A tenant that is on neither side was misspelt, and the gate would be for nobody.
fn unknown(compared: &Compared, only: &[String]) -> Result<(), Failure> {
    let there = compared.head.made.as_ref().map(|made| &made.spec.tenants);
    let touched = compared.report.tenants();
    let known = |id: &String| {
        there.is_some_and(|all| all.contains_key(id.as_str())) || touched.contains(id.as_str())
    };
    match only.iter().find(|id| !known(id)) {
        Some(id) => Err(format!("--only-tenants: there is no tenant {id:?}")),
        None => Ok(()),
    }
}

fn print(args: &Args, compared: &Compared, found: &[Diagnostic]) {
    let (report, sources) = (&compared.report, &compared.head.sources);
    let stopped: Vec<Diagnostic> =
        found.iter().filter(|d| d.rule.level == Level::Error).cloned().collect();
    match args.format {
        Format::Text => {
            term::data(&text::render(report, term::color(stdout().is_terminal()), args.all));
        }
        Format::Markdown => term::data(&markdown::render(report)),
        Format::Json => term::data(&json::render(report)),
        Format::Sarif => term::data(&sarif::render(found, sources)),
        Format::Github => term::data(&github::render(found, sources)),
    }
    if !matches!(args.format, Format::Sarif | Format::Github) {
        term::diagnostics(&stopped, sources);
    }
}
