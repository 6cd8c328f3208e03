//! `tenantry compare BLUEPRINT`

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use tenantry::blueprint::Written;
use tenantry::blueprint::{prices, rule};
use tenantry::compare::{Column, MODELS, column};
use tenantry::diag::{Sink, exit_code};
use tenantry::source::{Site, Sources};
use tenantry::view::compare::{self as view, Report};

use crate::choice::Page;
use crate::input::Input;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(
    after_long_help = "Example: tenantry compare blueprint.yaml --prices docs/prices.yaml\n\n\
    Each tier is written anew for each model; what the blueprint does not say for a model is assumed, \
    and told. Everything is planned with an empty lock and made in memory, and what was made is counted. \
    Where a model cannot take all tenants, as many are made as it takes. Nothing is written."
)]
pub struct Args {
    /// The blueprint
    blueprint: PathBuf,
    /// A file with AWS's prices (docs/prices.yaml is one), for the fixed cost of a month
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// How to print the comparison
    #[arg(long, value_enum, default_value = "text")]
    format: Page,
}

/// Puts the models side by side.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let input = Input::read(&args.blueprint)?;
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let sound = input.meant(&mut sources, &mut sink);
    let mut prices = None;
    if let Some(path) = &args.prices {
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| format!("{name}: {error}"))?;
        prices = prices::read(&name, &bytes, &mut sources, &mut sink);
    }
    let Some((written, spec)) = sound.filter(|_| sink.errors() == 0) else {
        term::diagnostics(sink.as_slice(), &sources);
        return Ok(exit_code(sink.as_slice()));
    };
    let columns = columns(&written);
    let report = Report::new(spec.estate(), spec.tenants.len(), columns, prices);
    if let Some(path) = &args.prices {
        let file = sources.find(&path.display().to_string()).unwrap_or_default();
        for (driver, region) in report.missing() {
            let site = Site::Key(file, vec!["prices".into(), driver.as_str().into()]);
            let message = format!("there is no price for `{driver}` in {region}");
            sink.push(rule::PRICE_MISSING.at(site, message));
        }
    }
    term::diagnostics(sink.as_slice(), &sources);
    term::data(&match args.format {
        Page::Text => view::text(&report),
        Page::Markdown => view::markdown(&report),
        Page::Json => view::json(&report),
    });
    Ok(exit_code(sink.as_slice()))
}

/// The tenants under each model: no model knows of another. Two are made at once where there are cores, and no
/// more, as each holds an estate, which is large where there are ten thousand tenants.
fn columns(written: &Written) -> Vec<Column> {
    let open = Mutex::new(MODELS.iter().enumerate());
    let next = || open.lock().expect("no panic").next();
    let some = || {
        let mut out = Vec::new();
        while let Some((n, model)) = next() {
            out.push((n, column(written, *model)));
        }
        out
    };
    let (mut all, others) = rayon::join(some, some);
    all.extend(others);
    all.sort_by_key(|(n, _)| *n);
    all.into_iter().map(|(_, column)| column).collect()
}
