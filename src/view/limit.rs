//! What a quota is: how much AWS allows of what, where that is documented, how it is counted, and what an
//! estate uses of it. It is known by its id, or by an error of AWS that speaks of it.

use std::fmt::Write as _;

use serde::Serialize;

use crate::aws::quota::{self, Failure, Quota};
use crate::check::quota::rows::ROWS;
use crate::check::quota::{Counter, Use};
use crate::name::nearest;
use crate::synth::Made;
use crate::view::{grouped, quotas};

/// How many places of use, and quotas that an error may speak of, are shown to a person.
const SHOWN: usize = 8;

/// How many quotas are offered where an id was not written to its end.
const OFFERED: usize = 5;

/// What a text means of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// The ids of the quotas.
    pub quotas: Vec<&'static str>,
    /// The errors that led to them, with where each is documented.
    pub errors: Vec<(&'static str, &'static str)>,
}

/// The quotas that a text means: by an id, by the code of an error, or by what its message says. An error
/// that several services have is narrowed by the service, where the text names one of them.
pub fn meant(text: &str) -> Meant {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let words: Vec<&str> = text.split(|c| !inside(c)).map(|word| word.trim_matches('.')).collect();
    let mut out = Meant::default();
    let ids = quota::all().iter().filter(|row| words.contains(&row.id));
    out.quotas.extend(ids.map(|row| row.id));
    let says = |it: &&Failure<'_>| match it.text {
        Some(said) => text.contains(said),
        None => words.iter().any(|word| is_code(word, it.code)),
    };
    let mut failures: Vec<&'static Failure<'static>> =
        quota::failures().iter().filter(says).collect();
    let lower = text.to_lowercase();
    let named =
        |it: &&Failure<'_>| lower.contains(it.service.split('-').next().unwrap_or_default());
    if failures.iter().any(&named) {
        failures.retain(named);
    }
    for failure in failures {
        let error = (failure.text.unwrap_or(failure.code), failure.source);
        if !out.errors.contains(&error) {
            out.errors.push(error);
        }
        for row in failure.quotas() {
            if !out.quotas.contains(&row.id) {
                out.quotas.push(row.id);
            }
        }
    }
    out
}

/// Whether a word is a code, alone or behind the name of its service or side: `Client.VpcLimitExceeded`.
fn is_code(word: &str, code: &str) -> bool {
    word == code || word.rsplit('.').next() == Some(code)
}

/// What may be meant where the id of a quota was misspelt or not written to its end: it has a dot and no
/// space. Few at most, those that begin so before the one that is nearest.
pub fn misspelt(text: &str) -> Vec<&'static str> {
    let Some((service, name)) = text.split_once('.') else { return Vec::new() };
    let plain = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if !plain(service) || !(plain(name) || name.is_empty()) {
        return Vec::new();
    }
    let ids = || quota::all().iter().map(|row| row.id);
    let begun: Vec<&str> = ids().filter(|id| id.starts_with(text)).take(OFFERED).collect();
    if begun.is_empty() { nearest(text, ids()).into_iter().collect() } else { begun }
}

/// A quota, as people and machines are shown it.
#[derive(Serialize)]
pub struct Card {
    id: &'static str,
    code: Option<&'static str>,
    name: &'static str,
    default: Option<u32>,
    unit: &'static str,
    scope: &'static str,
    adjustable: bool,
    max: Option<u32>,
    /// The types that count.
    counts: Vec<&'static str>,
    rule: Option<&'static str>,
    source: &'static str,
    as_of: &'static str,
    verified: bool,
    /// Whether it is counted before anything is deployed.
    counted: bool,
    /// The errors that AWS gives where it is passed.
    errors: Vec<&'static str>,
    /// What the estate uses of it, the fullest first; nothing where no estate was given.
    uses: Option<Vec<Taken>>,
}

/// How much is used in a place.
#[derive(Serialize)]
struct Taken {
    place: String,
    used: u64,
    limit: Option<u64>,
    over: bool,
}

/// Each quota that is meant, with what an estate uses of it.
pub fn cards(meant: &Meant, made: Option<&Made>) -> Vec<Card> {
    if meant.quotas.is_empty() {
        return Vec::new();
    }
    let mut uses = made.map(|made| Counter::default().count(&made.spec, &made.estate));
    if let Some(uses) = &mut uses {
        uses.sort_by(|a, b| quotas::fuller(a, b).then_with(|| a.place.cmp(&b.place)));
    }
    let rows = meant.quotas.iter().filter_map(|id| quota::get(id));
    rows.map(|row| card(row, uses.as_deref())).collect()
}

fn card(row: &'static Quota<'static>, uses: Option<&[Use]>) -> Card {
    let place = |one: &Use| Taken {
        place: one.place.clone(),
        used: one.used,
        limit: one.limit,
        over: one.is_over(),
    };
    let of = |all: &[Use]| all.iter().filter(|one| one.quota == row.id).map(place).collect();
    let mut errors: Vec<&str> = Vec::new();
    for failure in quota::failures().iter().filter(|it| it.quotas.contains(&row.id)) {
        errors.extend(Some(failure.code).filter(|code| !errors.contains(code)));
    }
    Card {
        id: row.id,
        code: row.code,
        name: row.name,
        default: row.default,
        unit: row.unit,
        scope: row.scope,
        adjustable: row.adjustable,
        max: row.max,
        counts: row.counts.clone(),
        rule: row.rule,
        source: row.source,
        as_of: row.as_of,
        verified: row.verified,
        counted: ROWS.iter().any(|one| one.id == row.id),
        errors,
        uses: uses.map(of),
    }
}

/// For people: one quota in full, of several a line each.
pub fn text(meant: &Meant, cards: &[Card]) -> String {
    let mut out = String::new();
    // What many services have is documented by each of them.
    match meant.errors.as_slice() {
        [(error, _), _, _, ..] => {
            let _ = writeln!(out, "{error}: it can speak of several quotas");
        }
        few => {
            for (error, source) in few {
                let _ = writeln!(out, "{error}\n  {source}");
            }
        }
    }
    match cards {
        [] => {}
        [one] => page(one, &mut out),
        several => {
            let _ = writeln!(out, "one of these; `tenantry explain ID` has more of each");
            let wide = several.iter().take(SHOWN).map(|it| it.id.len()).max().unwrap_or(0);
            for one in several.iter().take(SHOWN) {
                let _ = writeln!(out, "  {:wide$}  {}", one.id, allowed(one));
            }
            if several.len() > SHOWN {
                let _ = writeln!(
                    out,
                    "  … and {} more (`--format json` has all)",
                    several.len() - SHOWN
                );
            }
        }
    }
    out
}

/// How much AWS allows: `5 per region`.
fn allowed(one: &Card) -> String {
    let unit = if one.unit == "count" { String::new() } else { format!(" {}", one.unit) };
    let scope = one.scope.replace('-', " ");
    one.default.map_or_else(
        || format!("AWS publishes no number, {scope}"),
        |default| format!("{}{unit} {scope}", grouped(default.into())),
    )
}

fn page(one: &Card, out: &mut String) {
    let row = quota::get(one.id).expect("it is of the table");
    let _ = writeln!(out, "{}: {}", one.id, one.name);
    let mut line = |head: &str, text: &str| {
        let _ = writeln!(out, "  {head:8} {text}");
    };
    line("default", &format!("{}; {}", allowed(one), quotas::raises(row)));
    line("code", one.code.unwrap_or("none in Service Quotas"));
    if !one.counts.is_empty() {
        line("counts", &one.counts.join(", "));
    }
    if let Some(rule) = one.rule {
        line("", rule);
    }
    if !one.counted {
        line("", "tenantry does not count it");
    }
    if !one.errors.is_empty() {
        line("errors", &one.errors.join(", "));
    }
    let verified = if one.verified { "" } else { "  (not verified: it stops nothing)" };
    line("source", &format!("{} (as of {}){verified}", one.source, one.as_of));
    let Some(uses) = &one.uses else { return };
    for (i, used) in uses.iter().take(SHOWN).enumerate() {
        let of = used.limit.map_or(String::new(), |limit| format!(" of {}", grouped(limit)));
        let over = if used.over { "  OVER" } else { "" };
        let text = format!("{}{of}  {}{over}", grouped(used.used), used.place);
        line(if i == 0 { "used" } else { "" }, &text);
    }
    match uses.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => line("", &format!("… and in {more} places more")),
        _ if uses.is_empty() && one.counted => line("used", "nothing of it"),
        _ => {}
    }
}
