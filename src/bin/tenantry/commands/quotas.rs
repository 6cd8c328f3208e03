//! `tenantry quotas BLUEPRINT`

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use tenantry::check::quota::Use;
use tenantry::check::rule;
use tenantry::diag::{Diagnostic, Sink, exit_code};
use tenantry::engine::{Engine, Options};
use tenantry::forecast::ask::Target;
use tenantry::forecast::regions;
use tenantry::name::nearest;
use tenantry::source::{FileId, Source, Sources};
use tenantry::spec::Spec;
use tenantry::spec::quota::learn::{self, Listings};
use tenantry::spec::quota::{Place, listing};
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
    with 3 where more is used than AWS allows (not with --keep and --consolidate, which judge nothing), and where \
    tenants find no place: then it says so, and counts the others."
)]
pub struct Args {
    /// The blueprint
    blueprint: PathBuf,
    /// Show every account, region and shared thing, not only the fullest of each quota; of text, also what is
    /// used by less than a tenth
    #[arg(long, conflicts_with_all = ["request", "keep", "consolidate"])]
    all: bool,
    /// How to print the report, or what --consolidate prints
    #[arg(long, value_enum, default_value = "text", conflicts_with_all = ["request", "keep"])]
    format: Page,
    /// Print requests for what is not enough, in place of the report
    #[arg(long, value_enum, value_name = "FORM")]
    request: Option<Request>,
    /// Ask for what so many tenants of a tier need, those that are there included; a region of its own
    /// where the tier has several; as often as there are tiers, which are then met together. Of several
    /// workload accounts, those before the last are filled as they are, and the rest is asked of the last
    #[arg(long, value_name = "TIER[/REGION]=N", requires = "request", value_parser = wish)]
    tenants: Vec<Wish>,
    /// What AWS has granted: the output of `aws service-quotas list-service-quotas --output json`, or of
    /// `get-service-quota`, of the account and region in its ARNs or before the `=`; as often as there are
    /// listings
    #[arg(long, value_name = "[ACCOUNT/REGION=]FILE", value_parser = listing)]
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

/// What is wished, of a blueprint; all that is wrong with it, a line each.
fn targets(wishes: &[Wish], spec: &Spec) -> Result<Vec<Target>, Failure> {
    let (mut out, mut wrong): (Vec<Target>, Vec<String>) = (Vec::new(), Vec::new());
    for wish in wishes {
        let region = match region_of(wish, spec) {
            Ok(region) => region,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        let target = Target { tier: wish.tier.clone(), region, tenants: wish.tenants };
        if out.iter().any(|known| (&known.tier, &known.region) == (&target.tier, &target.region)) {
            wrong.push(format!("--tenants names {} in {} twice", target.tier, target.region));
        }
        out.push(target);
    }
    if wrong.is_empty() { Ok(out) } else { Err(wrong.join("\ntenantry: ")) }
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

/// A file, with its place before it where that is given. What begins as an account is none, but no file either.
fn listing(text: &str) -> Result<Listing, String> {
    let Some((place, path)) = text.split_once('=') else {
        return Ok(Listing { place: None, path: text.into() });
    };
    if let Some(place) = Place::parse(place) {
        return Ok(Listing { place: Some(place), path: path.into() });
    }
    let account = place.split('/').next().unwrap_or_default();
    if account.chars().all(|c| c.is_ascii_digit()) {
        return Err(format!("write {PLACED}, or FILE"));
    }
    Ok(Listing { place: None, path: text.into() })
}

/// A file with its place.
fn placed(text: &str) -> Result<Listing, String> {
    let listing = listing(text).ok().filter(|listing| listing.place.is_some());
    listing.ok_or_else(|| format!("write {PLACED}"))
}

const PLACED: &str = "111111111111/eu-west-1=FILE, or 111111111111=FILE";

/// A listing as it is on disk.
type Read<'a> = (&'a Listing, Result<Vec<u8>, String>);

fn read(listings: &[Listing]) -> Vec<Read<'_>> {
    let of = |listing: &Listing| {
        fs::read(&listing.path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        })
    };
    listings.iter().map(|listing| (listing, of(listing))).collect()
}

/// Adds files to those that were read, each with its place; complains of those that are no text.
fn add(read: &[Read<'_>], sources: &mut Sources, sink: &mut Sink) -> Vec<(Option<Place>, FileId)> {
    let mut out = Vec::new();
    for (listing, bytes) in read {
        let name = listing.path.display().to_string();
        let text = bytes.as_ref().map(|bytes| listing::text(bytes));
        let known = text.as_ref().ok().cloned().flatten();
        let file = sources.add(Source::new(name, known.unwrap_or_default()));
        match text {
            Ok(Some(_)) => out.push((listing.place.clone(), file)),
            Ok(None) => sink.push(listing::no_text(file)),
            Err(why) => sink.push(listing::unread(file, why)),
        }
    }
    out
}

/// Adds what the listings say to what the blueprint says, if that means anything.
fn learn(
    (granted, existing): (&[Read<'_>], &[Read<'_>]),
    spec: Option<&mut Spec>,
    sources: &mut Sources,
    sink: &mut Sink,
) {
    let granted = add(granted, sources, sink);
    let existing = add(existing, sources, sink).into_iter();
    let existing = existing.filter_map(|(place, file)| Some((place?, file))).collect();
    learn::learn(sources, &Listings { granted, existing }, spec, sink);
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
    let (granted, existing) = (read(&args.granted), read(&args.existing));
    let (listings, mut learnt) = ((granted.as_slice(), existing.as_slice()), false);
    let mut outcome = input.synth_besides(false, options, &[], &mut |spec, sources, sink| {
        learn(listings, Some(spec), sources, sink);
        learnt = true;
    });
    if !learnt {
        learn(listings, None, &mut outcome.sources, &mut outcome.sink);
    }
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
