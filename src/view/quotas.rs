//! How much of each quota the estate uses, and which are not enough.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::aws::quota::Quota;
use crate::check::quota::{Counter, Use};
use crate::forecast::{Growth, forecast_of, places as places_of};
use crate::plan::some;
use crate::spec::{Quotas, Tenant};
use crate::synth::Made;
use crate::view::consolidate::{Totals, sentence};
use crate::view::{grouped, growth, percent};

/// What is used, the fullest first.
pub struct Report {
    /// The name of the estate.
    pub estate: String,
    /// Every quota in every place where something of it is used.
    pub uses: Vec<Use>,
    /// The tenants that found no place, sorted by id.
    pub unplaced: Vec<Tenant>,
    /// How far each tier can grow; nothing where nobody asked.
    pub growth: Vec<Growth>,
    /// Why the cells of each tier were opened.
    pub cells: Vec<growth::Cells>,
    /// Why tenants with a VPC of their own are where they are, of several workload accounts.
    pub tenants: Vec<growth::Cells>,
    /// How many rules could be saved; nothing where nobody asked.
    pub rules: Option<Totals>,
}

/// Counts an estate, and looks ahead.
pub fn report(made: &Made) -> Report {
    report_with(made, &mut Counter::default())
}

/// The same, with a counter that counts more afterwards.
pub fn report_with(made: &Made, counter: &mut Counter) -> Report {
    let mut report = counted(made);
    let tiers = places_of(&made.spec, &made.unplaced);
    report.growth = forecast_of(&made.spec, &made.decisions, &report.uses, counter, &tiers);
    report.cells = growth::cells(&made.spec, &made.plan);
    report.tenants = growth::moved_on(&made.spec, &made.plan);
    report
}

fn counted(made: &Made) -> Report {
    let mut uses = made.uses.clone();
    // By what is left: a share of two whole numbers, compared without a fraction.
    uses.sort_by(|a, b| fuller(a, b).then_with(|| (a.quota, &a.place).cmp(&(b.quota, &b.place))));
    let (growth, cells, tenants) = (Vec::new(), Vec::new(), Vec::new());
    let (estate, unplaced) = (made.spec.estate(), made.unplaced.clone());
    Report { estate, uses, unplaced, growth, cells, tenants, rules: None }
}

/// Which of two is nearer to its limit; what has none comes last.
pub(crate) fn fuller(a: &Use, b: &Use) -> std::cmp::Ordering {
    match (a.limit, b.limit) {
        (Some(of_a), Some(of_b)) => {
            let (a, b) = (u128::from(a.used), u128::from(b.used));
            (b * u128::from(of_a.max(1))).cmp(&(a * u128::from(of_b.max(1))))
        }
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// The fullest place of each quota, or every place.
fn shown(report: &Report, all: bool) -> Vec<&Use> {
    let mut seen: Vec<&str> = Vec::new();
    let mut out = Vec::new();
    for one in &report.uses {
        if all || !seen.contains(&one.quota) {
            seen.push(one.quota);
            out.push(one);
        }
    }
    out
}

/// One line that says it all.
fn verdict(report: &Report) -> String {
    let over = shown(report, false).iter().filter(|one| one.is_over()).count();
    let counted = shown(report, false).len();
    let passed = match over {
        0 => "none is passed".to_owned(),
        1 => "1 is passed".to_owned(),
        over => format!("{over} are passed"),
    };
    let unplaced: Vec<String> = report.unplaced.iter().map(|it| it.id.clone()).collect();
    let lost = match unplaced.len() {
        0 => String::new(),
        1 => format!("; {} has no place", unplaced[0]),
        all => format!("; {} tenants have no place, {}", grouped(all as u64), some(&unplaced)),
    };
    format!("{}: {counted} quotas counted, {passed}{lost}", report.estate)
}

/// How much of it is used, in percent.
fn share(one: &Use) -> String {
    one.limit.map_or("-".to_owned(), |limit| percent(one.used, limit))
}

fn limit(one: &Use) -> String {
    one.limit.map_or("none published".to_owned(), grouped)
}

/// What somebody does about it.
fn lift(one: &Use) -> String {
    raises(one.row())
}

/// Whether AWS raises a quota, and how far.
pub(crate) fn raises(row: &Quota<'_>) -> String {
    match (row.adjustable, row.max) {
        (false, _) => "AWS does not raise it".to_owned(),
        (true, Some(most)) => format!("AWS raises it to {} at most", grouped(most.into())),
        (true, None) => "AWS raises it when asked".to_owned(),
    }
}

/// Why a number that is passed stops nothing.
fn excuse(one: &Use) -> &'static str {
    if one.row().grows {
        "AWS raises it by itself as it is used, and when asked"
    } else {
        "no source says that number today"
    }
}

/// What there is to say of a place beside its numbers.
fn mark(one: &Use) -> &'static str {
    match (one.is_over(), one.is_above()) {
        (true, _) => "  OVER",
        (false, true) => "  above",
        _ => "",
    }
}

/// The share of a limit, in percent, from which on people are shown it unasked.
const WORTH_A_LINE: u64 = 10;

/// How much there is room for, before the limit.
fn left(one: &Use) -> String {
    one.limit.map_or("-".to_owned(), |limit| grouped(limit.saturating_sub(one.used)))
}

fn is_worth_a_line(one: &Use) -> bool {
    one.limit.is_some_and(|limit| one.used * 100 >= limit * WORTH_A_LINE)
}

/// For people: a table of what is fullest, or of all, and what is not enough.
pub fn text(report: &Report, all: bool) -> String {
    let counted = shown(report, all);
    let rows: Vec<&Use> =
        counted.iter().copied().filter(|one| all || is_worth_a_line(one)).collect();
    let mut out = table(&rows);
    let silent = counted.iter().filter(|one| one.limit.is_none()).count();
    if !all {
        let below = counted.len() - rows.len() - silent;
        let none = if silent == 0 { String::new() } else { format!(", {silent} without a limit") };
        let _ =
            writeln!(out, "and {below} of which less than {WORTH_A_LINE} % is used{none} (--all)");
    }
    growth::text(&report.growth, &report.cells, &report.tenants, &mut out);
    out.push('\n');
    if let Some(rules) = &report.rules {
        let _ = writeln!(out, "rules: {} (--consolidate)", sentence(rules));
    }
    for one in rows.iter().filter(|one| one.is_above()) {
        let (word, why) =
            if one.is_over() { ("over", lift(one)) } else { ("above", excuse(one).to_owned()) };
        let _ = writeln!(
            out,
            "{word}: {} in {}: {} of {}; {why}",
            one.quota,
            one.place,
            grouped(one.used),
            limit(one)
        );
    }
    let _ = writeln!(out, "{}", verdict(report));
    out
}

/// One line for each, in columns as wide as what is in them; or nothing.
fn table(rows: &[&Use]) -> String {
    const HEAD: [&str; 6] = ["quota", "where it is fullest", "used", "limit", "left", "share"];
    let cells = |one: &Use| {
        let (quota, place) = (one.quota.to_owned(), one.place.clone());
        [quota, place, grouped(one.used), limit(one), left(one), share(one)]
    };
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(|one| cells(one)));
    let wide: [usize; 6] = std::array::from_fn(|n| {
        lines.iter().map(|line| line[n].chars().count()).max().unwrap_or(0)
    });
    let mut out = String::new();
    let marks = std::iter::once("").chain(rows.iter().map(|one| mark(one)));
    for (line, mark) in lines.iter().zip(marks).filter(|_| !rows.is_empty()) {
        for (n, (cell, wide)) in line.iter().zip(wide).enumerate() {
            let _ = match n {
                0 => write!(out, "{cell:<wide$}"),
                1 => write!(out, "  {cell:<wide$}"),
                _ => write!(out, "  {cell:>wide$}"),
            };
        }
        let _ = writeln!(out, "{mark}");
    }
    out
}

/// For a page: the same as a table of Markdown.
pub fn markdown(report: &Report, all: bool) -> String {
    let mut out = format!(
        "**{}**\n\n| quota | where | used | limit | left | share | to lift it |\n|---|---|--:|--:|--:|--:|---|\n",
        verdict(report)
    );
    for one in shown(report, all) {
        let mark = if one.is_over() { "**" } else { "" };
        let _ = writeln!(
            out,
            "| [`{}`]({}) | {} | {mark}{}{mark} | {} | {} | {} | {} |",
            one.quota,
            one.row().source,
            one.place,
            grouped(one.used),
            limit(one),
            left(one),
            share(one),
            lift(one)
        );
    }
    growth::markdown(&report.growth, &report.cells, &report.tenants, &mut out);
    if let Some(rules) = &report.rules {
        let _ = writeln!(out, "\nRules: {}.", sentence(rules));
    }
    out
}

/// For machines: every quota in every place.
pub fn json(report: &Report) -> String {
    let of = |one: &Use| {
        let row = one.row();
        json!({
            "quota": one.quota, "code": row.code, "name": row.name, "place": one.place,
            "used": one.used, "others": one.others, "limit": one.limit,
            "left": one.limit.map(|limit| limit.saturating_sub(one.used)), "given": one.given, "over": one.is_over(),
            "adjustable": row.adjustable, "max": row.max, "verified": row.verified, "grows": row.grows,
            "source": row.source, "as_of": row.as_of,
        })
    };
    let uses: Vec<Value> = report.uses.iter().map(of).collect();
    let over = report.uses.iter().any(Use::is_over);
    let lost = |it: &Tenant| json!({ "id": it.id, "tier": it.tier, "region": it.region });
    let unplaced: Vec<Value> = report.unplaced.iter().map(lost).collect();
    let mut all = json!({
        "version": 1, "estate": report.estate, "over": over, "unplaced": unplaced, "uses": uses,
        "growth": growth::json(&report.growth), "cells": growth::json_cells(&report.cells, "cells"),
        "rules": report.rules.map(|it| {
            json!({ "rules": it.rules, "saved": it.saved, "refused": it.refused })
        }),
    });
    if !report.tenants.is_empty() {
        all["tenants"] = growth::json_cells(&report.tenants, "tenants").into();
    }
    serde_json::to_string_pretty(&all).expect("plain JSON") + "\n"
}

/// What is said of single places, as it stands in a blueprint: all of it, also what AWS grants by default, and
/// that none is used. Nobody said that before, and a number that somebody said is counted another way than one
/// that nobody did.
pub fn places(quotas: &Quotas) -> String {
    let mut out = String::new();
    for (place, local) in quotas.places() {
        let blocks = [("quotas", &local.granted), ("used", &local.used)];
        if blocks.iter().all(|(_, rows)| rows.is_empty()) {
            continue;
        }
        let _ = writeln!(out, "  \"{place}\":");
        for (key, rows) in blocks.iter().filter(|(_, rows)| !rows.is_empty()) {
            let _ = writeln!(out, "    {key}:");
            for (id, count) in *rows {
                let _ = writeln!(out, "      {id}: {count}");
            }
        }
    }
    if out.is_empty() { "places: {}\n".to_owned() } else { format!("places:\n{out}") }
}
