//! `tenantry quotas BLUEPRINT`

use std::fs;
use std::path::PathBuf;

use tenantry::check::quota::Use;
use tenantry::diag::{Sink, exit_code};
use tenantry::engine::{Engine, Options};
use tenantry::source::{Source, Sources};
use tenantry::spec::Spec;
use tenantry::spec::quota::{Place, existing, granted};
use tenantry::view::{consolidate, quotas, request};

use crate::choice::Page;
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
    format: Page,
    /// Print requests for what is not enough, in place of the report
    #[arg(long, value_enum, value_name = "FORM")]
    request: Option<Request>,
    /// What AWS has granted: the output of `aws service-quotas list-service-quotas --output json`, of
    /// the account and region in its ARNs or before the `=`; as often as there are listings
    #[arg(long, value_name = "[ACCOUNT/REGION=]FILE")]
    granted: Vec<Listing>,
    /// What is there already, made by others: the output of `aws ec2 describe-vpcs --output json`,
    /// `aws iam list-roles` and the like (docs/quotas.md lists them), of that account and region
    #[arg(long, value_name = "ACCOUNT/REGION=FILE", value_parser = placed)]
    existing: Vec<Listing>,
    /// Print what is granted and used as `places` of a blueprint, in place of the report
    #[arg(long, conflicts_with = "request")]
    keep: bool,
    /// Print which rules could be fewer, in place of the report: blocks that hold exactly the same
    /// addresses, and wider ones that would admit somebody else
    #[arg(long, conflicts_with_all = ["request", "keep"])]
    consolidate: bool,
}

/// A file, and the place that it is of.
#[derive(Clone)]
struct Listing {
    place: Option<Place>,
    path: PathBuf,
}

impl From<&str> for Listing {
    /// A file, with its place before it where that is given.
    fn from(text: &str) -> Self {
        let placed =
            text.split_once('=').and_then(|(place, path)| Some((Place::parse(place)?, path)));
        match placed {
            Some((place, path)) => Listing { place: Some(place), path: path.into() },
            None => Listing { place: None, path: text.into() },
        }
    }
}

/// A file with its place.
fn placed(text: &str) -> Result<Listing, String> {
    let listing = Listing::from(text);
    let help = "write 111111111111/eu-west-1=FILE, or 111111111111=FILE";
    listing.place.is_some().then_some(listing).ok_or_else(|| help.to_owned())
}

/// A listing that was read from disk.
type Read<'a> = (&'a Listing, String, String);

fn read(listings: &[Listing]) -> Result<Vec<Read<'_>>, Failure> {
    let mut out = Vec::new();
    for listing in listings {
        let name = listing.path.display().to_string();
        let text = fs::read_to_string(&listing.path).map_err(|error| format!("{name}: {error}"))?;
        out.push((listing, name, text));
    }
    Ok(out)
}

/// Adds what the listings say to what the blueprint says.
fn learn(
    granted: &[Read<'_>],
    existing: &[Read<'_>],
    spec: &mut Spec,
    sources: &mut Sources,
    sink: &mut Sink,
) {
    for (listing, name, text) in granted {
        let file = sources.add(Source::new(name.as_str(), text.as_str()));
        granted::read(sources, file, listing.place.as_ref(), &mut spec.quotas, sink);
    }
    let mut files = Vec::new();
    for (listing, name, text) in existing {
        let file = sources.add(Source::new(name.as_str(), text.as_str()));
        files.extend(listing.place.clone().map(|place| (place, file)));
    }
    for ((place, id), count) in existing::read(sources, &files, spec, sink).into_iter().flatten() {
        spec.quotas.take(place, id, count);
    }
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
    let (granted, existing) = (read(&args.granted)?, read(&args.existing)?);
    let outcome = input.synth_besides(false, options, &[], &mut |spec, sources, sink| {
        learn(&granted, &existing, spec, sources, sink);
    });
    let found = outcome.sink.as_slice();
    term::diagnostics(found, &outcome.sources);
    let Some(made) = &outcome.made else { return Ok(exit_code(found)) };
    if args.keep {
        term::data(&quotas::places(&made.spec.quotas));
        return Ok(exit_code(found));
    }
    if args.consolidate {
        let report = consolidate::report(made);
        let shown = match args.format {
            Page::Json => consolidate::json(&report),
            Page::Text | Page::Markdown => consolidate::text(&report),
        };
        term::data(&shown);
        return Ok(exit_code(found));
    }
    let report = quotas::report(made);
    term::data(&match (args.request, args.format) {
        (Some(Request::Commands), _) => request::commands(&report.uses),
        (Some(Request::Terraform), _) => request::terraform(&report.uses),
        (None, Page::Text) => quotas::text(&report, args.all),
        (None, Page::Markdown) => quotas::markdown(&report, args.all),
        (None, Page::Json) => quotas::json(&report),
    });
    Ok(if report.uses.iter().any(Use::is_over) { 3 } else { exit_code(found) })
}
