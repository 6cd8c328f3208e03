//! `tenantry init [FILE]`

use std::path::{Path, PathBuf};

use crate::disk::make_dir;
use crate::starter::{self, File, put};
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  tenantry init
  tenantry init estates/prod.yaml --ci github --hooks

What is there already is kept.")]
pub struct Args {
    /// The blueprint to write
    #[arg(default_value = "blueprint.yaml")]
    blueprint: PathBuf,
    /// Write what reviews pull requests, too
    #[arg(long, value_enum)]
    ci: Option<Ci>,
    /// Write hooks for pre-commit, too
    #[arg(long)]
    hooks: bool,
}

/// Where pull requests are.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Ci {
    /// A workflow of GitHub Actions and the action that it uses
    Github,
    /// A job of GitLab CI/CD
    Gitlab,
}

/// The blueprint that is written: the quickstart, which is also a golden test.
const BLUEPRINT: &str = include_str!("../../../../blueprints/quickstart.yaml");

const GITIGNORE: &str = "# What tenantry writes; the blueprint and its lock are committed.\n/out/\n.terraform/\n*.tfstate*\n";

/// Writes a blueprint, its schema and a .gitignore, and what was asked for besides, each only where
/// none is.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let folder = args.blueprint.parent().unwrap_or(Path::new(""));
    if !folder.as_os_str().is_empty() {
        make_dir(folder)?;
    }
    let blueprint = BLUEPRINT
        .replace("$schema=../schemas/blueprint.schema.json", "$schema=./blueprint.schema.json");
    let more = args.ci.is_some() || args.hooks;
    if args.blueprint.exists() && !more {
        return Err(format!("{}: it is there already", args.blueprint.display()));
    }
    put(&File::text(args.blueprint.clone(), blueprint))?;
    put(&File::text(folder.join("blueprint.schema.json"), tenantry::blueprint::schema::text()))?;
    put(&File::text(folder.join(".gitignore"), GITIGNORE.to_owned()))?;
    let wanted = match args.ci {
        Some(Ci::Github) => starter::github(&args.blueprint)?,
        Some(Ci::Gitlab) => starter::gitlab(&args.blueprint)?,
        None => Vec::new(),
    };
    let hooks = if args.hooks { starter::hooks(&args.blueprint)? } else { Vec::new() };
    for file in wanted.iter().chain(&hooks) {
        put(file)?;
    }
    term::note(&format!("\nnext:\n  edit {0}\n  tenantry synth {0}\n", args.blueprint.display()));
    Ok(0)
}
