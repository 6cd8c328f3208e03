//! `tenantry schema`

use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
pub struct Args {
    /// Print the resource types that are written instead, as in schemas/types.txt
    #[arg(long)]
    types: bool,
}

/// Prints the schema.
#[expect(clippy::unnecessary_wraps, reason = "every command has this form")]
pub fn run(args: &Args) -> Result<u8, Failure> {
    if args.types {
        term::data(&tenantry::resource::list());
    } else {
        term::data(&tenantry::blueprint::schema::text());
    }
    Ok(0)
}
