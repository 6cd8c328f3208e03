//! `tenantry explain [WHAT]…`

use std::fs;
use std::path::{Path, PathBuf};

use tenantry::diag::exit_code;
use tenantry::engine::{Engine, Options};
use tenantry::name::nearest;
use tenantry::prove::engines;
use tenantry::prove::proof::{explain as explain_pair, is_reachable};
use tenantry::prove::read::Trouble;
use tenantry::rules;
use tenantry::synth::{Made, Outcome};
use tenantry::trace::find::find;
use tenantry::trace::{Trace, line};
use tenantry::view::limit::{self, Meant};
use tenantry::view::{explain, proof};

use crate::input::Input;
use crate::term::{self, Failure};

/// What it takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  tenantry explain address/host-bits                   what a rule means
  tenantry explain vpc.vpcs-per-region                 a quota of AWS
  tenantry explain VpcLimitExceeded                    … by the error where it is passed
  tenantry explain initech                             a tenant
  tenantry explain globex initech                      what keeps one tenant from another, step by step
  tenantry explain 10.1.36.7                           whose address it is
  tenantry explain blueprints/prod.yaml:42             what a line makes
  tenantry explain \"$(pbpaste)\"                        an error of AWS or Terraform, pasted
  aws cloudformation describe-stack-events … | tenantry explain -")]
pub struct Args {
    /// A rule, quota, tenant, stack, logical id, Terraform address, name, ARN or address, `FILE:LINE` of a
    /// blueprint, or the text of an error; `-` is standard input. Without it, all rules are listed
    what: Vec<String>,
    /// The blueprint to look in; the ones in this folder or in `blueprints`, if none is given
    #[arg(long, short, value_name = "FILE")]
    blueprint: Option<PathBuf>,
    /// How to print what is found
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// How to print.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people: the surest in full
    Text,
    /// For machines: everything that was found
    Json,
}

/// Explains something.
pub fn run(args: &Args) -> Result<u8, Failure> {
    let what = asked(args)?;
    if what.is_empty() {
        for rule in rules::RULES {
            term::data(&format!("{:28} {}\n", rule.id, rule.summary));
        }
        return Ok(0);
    }
    if let Some(rule) = rules::find(&what) {
        term::data(&rules::page(rule));
        return Ok(0);
    }
    if let Some(near) = misspelt(&what) {
        return Err(format!("there is no rule {what:?}; did you mean {near}?"));
    }
    let meant = limit::meant(&what);
    let place = place(&what);
    let paths = match (&args.blueprint, &place) {
        (Some(path), _) => vec![path.clone()],
        (None, Some((file, _))) if looks_like_one(Path::new(file)) => vec![PathBuf::from(file)],
        _ => blueprints(),
    };
    let by_id = meant.quotas.contains(&what.as_str());
    if paths.is_empty() || (by_id && paths.len() > 1) {
        let none = || "there is no blueprint here to look in: give --blueprint FILE".to_owned();
        return of_table(&meant, None, args.format)
            .ok_or_else(|| near_quota(&what).unwrap_or_else(none));
    }
    let outcomes = paths.iter().map(|path| synthesised(path)).collect::<Result<Vec<_>, _>>()?;
    if let [only] = outcomes.as_slice()
        && only.made.is_none()
    {
        term::diagnostics(only.sink.as_slice(), &only.sources);
        return Ok(exit_code(only.sink.as_slice()));
    }
    if let Some((made, one, other)) = two(&outcomes, &args.what) {
        return apart(made, one, other);
    }
    let told = match &place {
        Some((file, number)) => outcomes.iter().find_map(|o| line_of(o, file, *number)),
        None => best(&outcomes, &what, args.format, &meant),
    };
    let Some(text) = told else {
        let made = outcomes.iter().find_map(|outcome| outcome.made.as_ref());
        if let Some(code) = of_table(&meant, made.filter(|_| outcomes.len() == 1), args.format) {
            return Ok(code);
        }
        if let Some(near) = near_quota(&what) {
            return Err(near);
        }
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let names = names.join(", ");
        return Err(match &place {
            Some((file, line)) => format!("{file} is not read with {names}, or has no line {line}"),
            None => nothing(&outcomes, &what, &names),
        });
    };
    term::data(&text);
    Ok(0)
}

/// Prints the quotas that are meant, with what an estate uses of them; nothing if none is.
fn of_table(meant: &Meant, made: Option<&Made>, format: Format) -> Option<u8> {
    let cards = limit::cards(meant, made);
    if cards.is_empty() {
        return None;
    }
    term::data(&match format {
        Format::Text => limit::text(meant, &cards),
        Format::Json => explain::json(&explain::only_quotas(cards)),
    });
    Some(0)
}

/// What was meant where the id of a quota was misspelt.
fn near_quota(what: &str) -> Option<Failure> {
    let near = limit::misspelt(what);
    let told = match near.as_slice() {
        [] => return None,
        [one] => (*one).to_owned(),
        several => format!("one of {}", several.join(", ")),
    };
    Some(format!("there is no quota {what:?}; did you mean {told}?"))
}

/// Two tenants of an estate, if that is what was asked.
fn two<'a>(outcomes: &'a [Outcome], what: &'a [String]) -> Option<(&'a Made, &'a str, &'a str)> {
    let [one, other] = what else { return None };
    let mut made = outcomes.iter().filter_map(|outcome| outcome.made.as_ref());
    let has = |made: &&Made, id: &str| made.spec.tenants.contains_key(id);
    made.find(|made| has(made, one) && has(made, other)).map(|made| (made, &**one, &**other))
}

/// What keeps two tenants from each other, in both directions, on what would be written.
fn apart(made: &Made, one: &str, other: &str) -> Result<u8, Failure> {
    let troubles = |all: Vec<Trouble>| format!("it cannot be proved\n{}", proof::troubles(&all));
    let files = made.files();
    let there = engines(&files).map_err(|trouble| troubles(vec![trouble]))?;
    let mut reached = false;
    for (from, to) in [(one, other), (other, one)] {
        let mut found = Vec::new();
        for engine in &there {
            found.push((*engine, explain_pair(&files, *engine, from, to).map_err(troubles)?));
        }
        reached |= found.iter().flat_map(|(_, all)| all).any(is_reachable);
        term::data(&proof::explained(from, to, &found, &files));
    }
    Ok(if reached { 3 } else { 0 })
}

/// The words of the command line, or what stands on standard input.
fn asked(args: &Args) -> Result<String, Failure> {
    let what = args.what.join(" ");
    if what == "-" {
        return std::io::read_to_string(std::io::stdin())
            .map(|text| text.trim().to_owned())
            .map_err(|error| format!("standard input: {error}"));
    }
    Ok(what.trim().to_owned())
}

/// What was meant where a rule was misspelt: their ids have a slash inside and nothing else of paths.
fn misspelt(what: &str) -> Option<&'static str> {
    let (group, _) = what.split_once('/')?;
    let plain = !group.is_empty() && !what.contains(|c: char| " .:\n".contains(c));
    nearest(what, rules::RULES.iter().map(|rule| rule.id)).filter(|_| plain)
}

/// `FILE:LINE`, with or without a column.
fn place(what: &str) -> Option<(String, usize)> {
    let mut parts = what.split(':');
    let (file, line) = (parts.next()?, parts.next()?.parse().ok()?);
    let ending = Path::new(file).extension()?.to_str()?;
    ["yaml", "yml", "json", "csv"].contains(&ending).then(|| (file.to_owned(), line))
}

/// The blueprints of this folder, or else of `blueprints`.
fn blueprints() -> Vec<PathBuf> {
    let in_folder = |folder: &str| {
        let entries = fs::read_dir(if folder.is_empty() { "." } else { folder });
        let paths =
            entries.into_iter().flatten().flatten().map(|e| Path::new(folder).join(e.file_name()));
        let mut found: Vec<PathBuf> = paths.filter(|path| looks_like_one(path)).collect();
        found.sort();
        found
    };
    let here = in_folder("");
    if here.is_empty() { in_folder("blueprints") } else { here }
}

/// Whether a file is a blueprint, by its ending and the keys that each must have.
fn looks_like_one(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let ending = [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending));
    let keys = ["version", "tiers", "accounts", "network"];
    ending
        && !name.ends_with(".lock.json")
        && !name.ends_with(".schema.json")
        && fs::read_to_string(path).is_ok_and(|text| {
            keys.iter().all(|key| {
                text.split(['\r', '\n']).any(|line| {
                    line.trim_start()
                        .trim_start_matches('"')
                        .strip_prefix(key)
                        .is_some_and(|rest| rest.trim_start_matches('"').starts_with(':'))
                })
            })
        })
}

fn synthesised(path: &Path) -> Result<Outcome, Failure> {
    let options = Options {
        engines: vec![Engine::CloudFormation, Engine::Terraform],
        inline: false,
        partial: false,
    };
    Ok(Input::read(path)?.synth(false, options, &[]))
}

/// What a line of one of the texts that an estate was made from makes.
fn line_of(outcome: &Outcome, file: &str, number: usize) -> Option<String> {
    let made = outcome.made.as_ref()?;
    let plain = |name: &str| name.trim_start_matches("./").to_owned();
    let files = 0..=outcome.sources.last()?;
    let id = files.into_iter().find(|id| plain(&outcome.sources.get(*id).name) == plain(file))?;
    if number == 0 || number > outcome.sources.get(id).lines().count() {
        return None;
    }
    let trace = Trace::new(&outcome.sources, made);
    let makes = line::makes(&trace, id, number);
    let place = format!("{file}:{number}");
    (!makes.sites.is_empty()).then(|| explain::made_by(&trace, &makes, &place))
}

/// That nothing is meant, and of each word that has the form of a name, what was looked for in vain.
fn nothing(outcomes: &[Outcome], what: &str, names: &str) -> String {
    let mut unknown: Vec<(String, String)> = Vec::new();
    for outcome in outcomes {
        let made = outcome.made.as_ref();
        let found = made.map(|made| find(&Trace::new(&outcome.sources, made), what));
        for stranger in found.into_iter().flat_map(|found| found.strangers) {
            if !unknown.contains(&stranger) {
                unknown.push(stranger);
            }
        }
    }
    let told = explain::unknown(&unknown);
    let head = format!("nothing of {names} is meant by it\n{told}");
    head.trim_end().to_owned()
}

/// What is found in the blueprint that knows most of what was asked, with the quotas that are meant.
fn best(outcomes: &[Outcome], what: &str, format: Format, meant: &Meant) -> Option<String> {
    let made = outcomes.iter().filter_map(|outcome| Some((outcome, outcome.made.as_ref()?)));
    let mut all = Vec::new();
    for (outcome, made) in made {
        let trace = Trace::new(&outcome.sources, made);
        let found = find(&trace, what);
        if !found.is_empty() {
            let sure = found.hits.first().map(|hit| (hit.sure, usize::MAX - hit.words.len()));
            let name = outcome.sources.get(0).name.clone();
            all.push(((sure.is_none(), sure), name, explain::report(&trace, &found), made));
        }
    }
    all.sort_by_key(|(sure, ..)| *sure);
    let (first, ..) = all.first()?;
    let same = all.iter().skip(1).filter(|(other, ..)| other == first);
    let others: Vec<&str> = same.map(|(_, name, ..)| name.as_str()).collect();
    if !others.is_empty() {
        term::note(&format!("also in {}: choose one with --blueprint\n\n", others.join(", ")));
    }
    let (_, _, report, made) = all.into_iter().next()?;
    let cards = limit::cards(meant, Some(made));
    Some(match format {
        Format::Text if cards.is_empty() => explain::text(&report),
        Format::Text => format!("{}\n{}", explain::text(&report), limit::text(meant, &cards)),
        Format::Json => explain::json(&report.with_quotas(cards)),
    })
}
