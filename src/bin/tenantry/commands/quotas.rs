//! `tenantry quotas BLUEPRINT`

use std::fs;
use std::path::PathBuf;

use tenantry::check::quota::Use;
use tenantry::check::rule;
use tenantry::diag::{Diagnostic, Sink, exit_code};
use tenantry::engine::{Engine, Options};
use tenantry::forecast::ask::Target;
use tenantry::forecast::regions;
use tenantry::name::nearest;
use tenantry::source::{Source, Sources};
use tenantry::spec::Spec;
use tenantry::spec::quota::{Place, existing, granted};
use tenantry::trace::Trace;
use tenantry::view::{consolidate, quotas, request};

use crate::choice::Page;
use crate::input::Input;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(
    after_help = "Example: tenantry quotas blueprint.yaml --format markdown\n\n         tenantry quotas \
    blueprint.yaml --request commands --tenants team=500\n\nFor each tier it \
    says how many tenants fit before the first, second and third limit, and what lifts it. It ends \
    with 3 where more is used than AWS allows, and where tenants find no place: then it says so, and counts \
    the others."
)]
pub struct Args {
    /// The blueprint
    blueprint: PathBuf,
    /// Show every account, region and shared thing, not only the fullest of each quota; of text, also what is
    /// used by less than a tenth
    #[arg(long)]
    all: bool,
    /// How to print the report
    #[arg(long, value_enum, default_value = "text", conflicts_with = "request")]
    format: Page,
    /// Print requests for what is not enough, in place of the report
    #[arg(long, value_enum, value_name = "FORM")]
    request: Option<Request>,
    /// Ask for what so many tenants of a tier need, those that are there included; a region of its own
    /// where the tier has several; as often as there are tiers, which are then met together. Of several
    /// workload accounts, those before the last are filled as they are, and the rest is asked of the last
    #[arg(long, value_name = "TIER[/REGION]=N", requires = "request", value_parser = wish)]
    tenants: Vec<Wish>,
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
    /// addresses, with the settings to write them in, and the wider ones, each with an address of somebody
    /// else that it would admit
    #[arg(long, conflicts_with_all = ["request", "keep"])]
    consolidate: bool,
}

/// How many tenants of a tier there shall be room for.
#[derive(Clone)]
struct Wish {
    tier: String,
    region: Option<String>,
    tenants: u64,
}

/// A tier with a number of tenants.
fn wish(text: &str) -> Result<Wish, String> {
    let help = || "write TIER=500, or TIER/eu-west-1=500".to_owned();
    let (whose, tenants) = text.split_once('=').ok_or_else(help)?;
    let tenants = tenants.parse::<u32>().ok().map(u64::from);
    let (tier, region) = match whose.split_once('/') {
        Some((tier, region)) => (tier, Some(region.to_owned())),
        None => (whose, None),
    };
    Ok(Wish { tier: tier.to_owned(), region, tenants: tenants.ok_or_else(help)? })
}

/// What is wished, of a blueprint.
fn targets(wishes: &[Wish], spec: &Spec) -> Result<Vec<Target>, Failure> {
    let mut out: Vec<Target> = Vec::new();
    for wish in wishes {
        let region = region_of(wish, spec)?;
        let target = Target { tier: wish.tier.clone(), region, tenants: wish.tenants };
        if out.iter().any(|known| (&known.tier, &known.region) == (&target.tier, &target.region)) {
            return Err(format!("--tenants names {} in {} twice", target.tier, target.region));
        }
        out.push(target);
    }
    Ok(out)
}

/// The region that a wish is for: the only one that its tier is in, or could begin in.
fn region_of(wish: &Wish, spec: &Spec) -> Result<String, Failure> {
    let tier = &wish.tier;
    if !spec.tiers.contains_key(tier) {
        let near = nearest(tier, spec.tiers.keys().map(String::as_str));
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        return Err(format!("--tenants: there is no tier {tier:?}{near}"));
    }
    let open = regions(spec, tier);
    match &wish.region {
        Some(region) if spec.regions.contains(region) => Ok(region.clone()),
        Some(region) => Err(format!("--tenants: {region:?} is not one of the estate's regions")),
        None => match open.as_slice() {
            [one] => Ok(one.clone()),
            all => {
                Err(format!("--tenants: {tier} is in {}; write {tier}/REGION=N", all.join(", ")))
            }
        },
    }
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
    // What is passed stands in the report.
    let is_told = |found: &&Diagnostic| found.rule.id != rule::QUOTA.id;
    let found: Vec<Diagnostic> = outcome.sink.as_slice().iter().filter(is_told).cloned().collect();
    let found = found.as_slice();
    term::diagnostics(found, &outcome.sources);
    let Some(made) = outcome.made.as_ref().or(outcome.stopped.as_ref()) else {
        return Ok(exit_code(found));
    };
    if args.keep {
        term::data(&quotas::places(&made.spec.quotas));
        return Ok(exit_code(found));
    }
    if args.consolidate {
        let (report, trace) = (consolidate::report(made), Trace::new(&outcome.sources, made));
        let shown = match args.format {
            Page::Json => consolidate::json(&report, &trace),
            Page::Markdown => consolidate::markdown(&report, &trace),
            Page::Text => consolidate::text(&report, &trace),
        };
        term::data(&shown);
        return Ok(exit_code(found));
    }
    if let Some(form) = args.request {
        let request = request::request(made, &targets(&args.tenants, &made.spec)?);
        term::data(&match form {
            Request::Commands => request::commands(&request),
            Request::Terraform => request::terraform(&request),
        });
        return Ok(if request.over { 3 } else { exit_code(found) });
    }
    let mut report = quotas::report(made);
    report.rules = Some(consolidate::totals(&consolidate::report(made)));
    term::data(&match args.format {
        Page::Text => quotas::text(&report, args.all),
        Page::Markdown => quotas::markdown(&report, args.all),
        Page::Json => quotas::json(&report),
    });
    Ok(if report.uses.iter().any(Use::is_over) { 3 } else { exit_code(found) })
}
