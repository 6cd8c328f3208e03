//! `tenantry prove DIR`

use std::path::{Path, PathBuf};

use tenantry::prove::engines;
use tenantry::prove::proof::{self, Proof};
use tenantry::prove::read::{Engine, Trouble};
use tenantry::view::proof as view;

use crate::folder::Disk;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "\
Exit code 3: somebody is reached, or a statement of the blueprint does not hold.

Example:
  tenantry prove out/acme-prod
  tenantry prove out/acme-prod --pair globex,initech")]
pub struct Args {
    /// The folder of an estate that `synth` wrote: the one with manifest.json
    folder: PathBuf,
    /// Only for this engine, if the folder has both
    #[arg(long, value_enum)]
    engine: Option<Only>,
    /// How to print the proof
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Say of two tenants, step by step, what keeps the second from the first
    #[arg(long, value_name = "A,B", value_delimiter = ',', num_args = 1)]
    pair: Vec<String>,
}

/// Which engine.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Only {
    /// AWS CloudFormation
    Cloudformation,
    /// Terraform and OpenTofu
    Terraform,
}

/// How to print.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: versioned
    Json,
    /// For a page
    Markdown,
    /// For code scanners: what does not hold, with its path
    Sarif,
}

/// Proves a rendered folder.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let folder = Disk(args.folder.clone());
    let there = engines(&folder).map_err(|trouble| failure(&args.folder, &[trouble]))?;
    let wanted = |engine: &Engine| match args.engine {
        Some(Only::Cloudformation) => *engine == Engine::CloudFormation,
        Some(Only::Terraform) => *engine == Engine::Terraform,
        None => true,
    };
    let asked: Vec<Engine> = there.into_iter().filter(wanted).collect();
    if asked.is_empty() {
        return Err(format!("{} is not there for that engine", args.folder.display()));
    }
    match args.pair.as_slice() {
        [] => all(args, &folder, &asked),
        [from, to] => pair(args, &folder, &asked, (from, to)),
        _ => Err("--pair wants two tenants: --pair globex,initech".to_owned()),
    }
}

fn all(args: &Args, folder: &Disk, asked: &[Engine]) -> Result<u8, Failure> {
    let proofs = asked.iter().map(|engine| proof::prove(folder, *engine));
    let proofs: Vec<Proof> = proofs
        .collect::<Result<_, _>>()
        .map_err(|troubles: Vec<Trouble>| failure(&args.folder, &troubles))?;
    term::data(&match args.format {
        Format::Text => view::text(&proofs, folder),
        Format::Json => view::json::render(&proofs),
        Format::Markdown => view::markdown::render(&proofs),
        Format::Sarif => view::sarif::render(&proofs, folder),
    });
    Ok(if proofs.iter().all(Proof::holds) { 0 } else { 3 })
}

fn pair(
    args: &Args,
    folder: &Disk,
    asked: &[Engine],
    (from, to): (&str, &str),
) -> Result<u8, Failure> {
    let mut found = Vec::new();
    for engine in asked {
        let one = proof::explain(folder, *engine, from, to);
        found.push((*engine, one.map_err(|troubles| failure(&args.folder, &troubles))?));
    }
    term::data(&view::explained(from, to, &found, folder));
    let reached = found.iter().flat_map(|(_, all)| all).any(proof::is_reachable);
    Ok(if reached { 3 } else { 0 })
}

fn failure(folder: &Path, troubles: &[Trouble]) -> Failure {
    format!("{} cannot be proved\n{}", folder.display(), view::troubles(troubles))
}
