//! `tenantry init [FILE]`

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::disk::{fault, make_dir};
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
pub struct Args {
    /// The blueprint to write
    #[arg(default_value = "blueprint.yaml")]
    blueprint: PathBuf,
}

/// The blueprint that is written: the quickstart, which is also a golden test.
const BLUEPRINT: &str = include_str!("../../../../blueprints/quickstart.yaml");

const GITIGNORE: &str = "# What tenantry writes; the blueprint and its lock are committed.\n/out/\n.terraform/\n*.tfstate*\n";

/// Writes a blueprint, its schema and a .gitignore, each only where none is.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let folder = args.blueprint.parent().unwrap_or(Path::new(""));
    if !folder.as_os_str().is_empty() {
        make_dir(folder)?;
    }
    let schema = folder.join("blueprint.schema.json");
    let blueprint = BLUEPRINT
        .replace("$schema=../schemas/blueprint.schema.json", "$schema=./blueprint.schema.json");
    create(&args.blueprint, &blueprint)?;
    for (path, text) in [
        (schema, tenantry::blueprint::schema::text()),
        (folder.join(".gitignore"), GITIGNORE.to_owned()),
    ] {
        if path.exists() {
            term::note(&format!("kept {}, which is there already\n", path.display()));
        } else {
            create(&path, &text)?;
        }
    }
    term::note(&format!("\nnext:\n  edit {0}\n  tenantry synth {0}\n", args.blueprint.display()));
    Ok(0)
}

/// Writes a file that must not be there yet.
fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).map_err(|e| fault(path, &e))?;
    file.write_all(text.as_bytes()).map_err(|e| fault(path, &e))?;
    term::note(&format!("wrote {}\n", path.display()));
    Ok(())
}
