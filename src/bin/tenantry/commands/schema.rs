//! `tenantry schema`

use tenantry::blueprint;

use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  tenantry schema > blueprint.schema.json
  tenantry schema --of diff > diff.schema.json

Every form has a version in it, which changes when a field changes its meaning or goes.")]
pub struct Args {
    /// Of what
    #[arg(long, value_enum, default_value = "blueprint")]
    of: Of,
    /// Print the resource types that are written instead, as in schemas/types.txt
    #[arg(long, conflicts_with = "of")]
    types: bool,
}

/// What has a schema.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Of {
    /// A blueprint, for editors
    Blueprint,
    /// A file of prices, for `compare --prices`
    Prices,
    /// manifest.json, which `synth` writes
    Manifest,
    /// An event of usage, as the component chargeback takes it
    UsageEvent,
    /// What `--format json` of `check`, `synth`, `lock` and `accounts` prints
    Diagnostics,
    /// That of `diff`
    Diff,
    /// That of `affected`
    Affected,
    /// That of `prove`
    Prove,
    /// That of `explain`
    Explain,
    /// That of `quotas`
    Quotas,
    /// That of `quotas --consolidate`
    Consolidate,
    /// That of `compare`
    Compare,
    /// That of `tags`
    Tags,
}

/// Prints a schema.
#[expect(clippy::unnecessary_wraps, reason = "every command has this form")]
pub fn run(args: &Args) -> Result<u8, Failure> {
    if args.types {
        term::data(&tenantry::resource::list());
        return Ok(0);
    }
    term::data(match args.of {
        Of::Blueprint => return Ok(generated(&blueprint::schema::text())),
        Of::Prices => return Ok(generated(&blueprint::prices::schema_text())),
        Of::Manifest => include_str!("../../../../schemas/manifest.schema.json"),
        Of::UsageEvent => include_str!("../../../../schemas/usage-event.schema.json"),
        Of::Diagnostics => include_str!("../../../../schemas/diagnostics.schema.json"),
        Of::Diff => include_str!("../../../../schemas/diff.schema.json"),
        Of::Affected => include_str!("../../../../schemas/affected.schema.json"),
        Of::Prove => include_str!("../../../../schemas/prove.schema.json"),
        Of::Explain => include_str!("../../../../schemas/explain.schema.json"),
        Of::Quotas => include_str!("../../../../schemas/quotas.schema.json"),
        Of::Consolidate => include_str!("../../../../schemas/consolidate.schema.json"),
        Of::Compare => include_str!("../../../../schemas/compare.schema.json"),
        Of::Tags => include_str!("../../../../schemas/tags.schema.json"),
    });
    Ok(0)
}

/// Prints one that is made from the types.
fn generated(text: &str) -> u8 {
    term::data(text);
    0
}
