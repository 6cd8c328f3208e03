//! The five models side by side: what each makes of the same tenants, what stops it first, what costs
//! because it is there, and what was assumed where the blueprint does not say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::aws::driver::{self, Per};
use crate::blueprint::prices::Prices;
use crate::check::quota::Use;
use crate::compare::tally::ROWS;
use crate::compare::{Column, Cost, First, Passed, cost};
use crate::view::{grouped, percent, quotas};

/// What is shown.
pub struct Report {
    /// The name of the estate.
    pub estate: String,
    /// How many tenants the blueprint has.
    pub tenants: usize,
    /// One for each model.
    pub columns: Vec<Column>,
    /// What they cost, with the file that says so.
    pub priced: Option<(Prices, Vec<Cost>)>,
}

impl Report {
    /// Puts together what is shown.
    pub fn new(estate: String, tenants: usize, columns: Vec<Column>, file: Option<Prices>) -> Self {
        let priced = file.map(|prices| {
            let costs = columns.iter().map(|column| cost(&column.tally, &prices)).collect();
            (prices, costs)
        });
        Report { estate, tenants, columns, priced }
    }

    /// What there is no price for, each once: driver and region.
    pub fn missing(&self) -> Vec<(String, String)> {
        let costs = self.priced.iter().flat_map(|(_, costs)| costs);
        let mut all: Vec<_> = costs.flat_map(|cost| cost.missing.clone()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// A line of the table: what, and its value for each model.
type Line = (String, Vec<String>);

/// A part of the table: its title, and its lines.
type Part = (&'static str, Vec<Line>);

/// The table: what is made, what costs, what is left.
fn parts(report: &Report) -> Vec<Part> {
    let of = |what: &str, cell: &dyn Fn(&Column) -> String| {
        let shown = |it| if is_there(it) { cell(it) } else { "-".to_owned() };
        (what.to_owned(), report.columns.iter().map(shown).collect::<Vec<_>>())
    };
    let mut made = vec![of("tenants", &|it| grouped(it.tenants as u64))];
    for (i, row) in ROWS.iter().enumerate() {
        made.push(of(row.what, &|it| grouped(it.tally.counts[i])));
    }
    // What no model has is no difference between them.
    made.retain(|(_, cells)| cells.iter().any(|cell| cell != "0" && cell != "-"));
    let limits = vec![
        of("addresses taken", &|it| grouped(it.addresses.0)),
        of("share of the pools", &|it| percent(it.addresses.0, it.addresses.1)),
        of("quotas passed", &|it| grouped(over(it).len() as u64)),
        of("first tenant too many", &too_many),
    ];
    vec![("made", made), ("limits", limits), ("what costs because it is there", costs(report))]
}

/// The number of the first tenant that does not fit: with which a quota is passed, or placement stops. What
/// is passed is so before whoever stops.
fn too_many(column: &Column) -> String {
    match (&column.passed, &column.stop, column.first()) {
        (Some(passed), ..) if passed.tenant == 0 => "passed".to_owned(),
        (Some(passed), ..) => grouped(passed.tenant as u64),
        (_, Some(stop), _) => grouped(stop.tenant as u64),
        (_, _, Some(first)) => grouped(first.tenant),
        (None, None, None) => "none".to_owned(),
    }
}

/// Whether the model can be had.
fn is_there(column: &Column) -> bool {
    column.stop.as_ref().is_none_or(|stop| stop.tenant > 0)
}

fn costs(report: &Report) -> Vec<Line> {
    let mut ids: Vec<String> = driver::DRIVERS.iter().map(|it| it.id.to_owned()).collect();
    let all = report.columns.iter().flat_map(|column| column.tally.drivers.keys());
    let mut besides: Vec<String> =
        all.map(|(id, _)| id.clone()).filter(|id| !ids.contains(id)).collect();
    besides.sort_unstable();
    besides.dedup();
    ids.extend(besides);
    let mut lines = Vec::new();
    for id in ids {
        let amounts: Vec<u64> = report.columns.iter().map(|it| amount(it, &id)).collect();
        if amounts.iter().any(|amount| *amount > 0) {
            lines.push((name(&id), there(report, amounts.into_iter().map(fraction))));
        }
    }
    if let Some((prices, costs)) = &report.priced {
        let cell = |cost: &Cost| {
            let mark = if cost.missing.is_empty() { "" } else { "+" };
            format!("{}{mark}", money(cost.monthly))
        };
        let title = format!("{} a month", prices.currency);
        lines.push((title, there(report, costs.iter().map(cell))));
    }
    lines
}

/// The cells of the models that can be had.
fn there(report: &Report, cells: impl Iterator<Item = String>) -> Vec<String> {
    let shown = |(column, cell)| if is_there(column) { cell } else { "-".to_owned() };
    report.columns.iter().zip(cells).map(shown).collect()
}

fn amount(column: &Column, id: &str) -> u64 {
    let drivers = column.tally.drivers.iter();
    drivers.filter(|((driver, _), _)| driver == id).map(|(_, amount)| amount).sum()
}

/// What a driver is, for people.
fn name(id: &str) -> String {
    let driver = driver::get(id);
    let what = match id.strip_prefix(driver::INSTANCE) {
        Some(kind) => format!("{kind}, at the least"),
        None => driver.map_or(id, |driver| driver.what).to_owned(),
    };
    let month = driver.is_some_and(|driver| driver.per == Per::Month);
    if month { format!("{what} (by month)") } else { what }
}

/// Thousandths, without zeros that say nothing.
fn fraction(amount: u64) -> String {
    let rest = format!("{:03}", amount % 1000);
    match rest.trim_end_matches('0') {
        "" => grouped(amount / 1000),
        rest => format!("{}.{rest}", grouped(amount / 1000)),
    }
}

/// Millionths, as hundredths.
fn money(millionths: u64) -> String {
    let cents = (millionths + 5_000) / 10_000;
    format!("{}.{:02}", grouped(cents / 100), cents % 100)
}

fn over(column: &Column) -> Vec<&Use> {
    let mut out: Vec<&Use> = column.uses.iter().filter(|one| one.is_over()).collect();
    out.sort_by(|a, b| quotas::fuller(a, b).then_with(|| a.quota.cmp(b.quota)));
    let mut seen = Vec::new();
    out.retain(|one| {
        !seen.contains(&one.quota) && {
            seen.push(one.quota);
            true
        }
    });
    out
}

/// What stops each model, one line or more for each.
fn stops(report: &Report) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for column in &report.columns {
        let id = column.model.id();
        match &column.stop {
            Some(stop) if stop.tenant == 0 => {
                out.push((id, format!("cannot be had: {}", stop.message)));
                continue;
            }
            Some(stop) => {
                let number = grouped(stop.tenant as u64);
                let why =
                    format!("stops at tenant {number}, {}: with it, {}", stop.id, stop.message);
                out.push((id, why));
            }
            None => {}
        }
        out.extend(column.passed.iter().map(|passed| (id, breaks(passed))));
        let passed = over(column);
        out.extend(passed.iter().take(SHOWN).map(|one| (id, format!("passed: {}", used(one)))));
        if passed.len() > SHOWN {
            out.push((id, format!("passed: {} more", passed.len() - SHOWN)));
        }
        let grows = column.passed.is_none() && column.stop.is_none();
        if let Some(first) = column.first().filter(|_| grows) {
            out.push((id, ends(&first)));
        }
    }
    out
}

/// How many quotas that are passed are listed of a model: `tenantry quotas` lists all.
const SHOWN: usize = 3;

/// What is passed first, and with whom.
fn breaks(passed: &Passed) -> String {
    let Passed { tenant, who: [id, ..], at } = passed;
    let what = format!("{} in {}", at.quota, at.place);
    match tenant {
        0 => format!("without any tenant, {what} is passed"),
        _ => format!("tenant {}, {id}, does not fit: {what}", grouped(*tenant as u64)),
    }
}

/// What ends the growth first.
fn ends(first: &First<'_>) -> String {
    let (limit, growth) = (first.limit, first.growth);
    format!(
        "tenant {} does not fit: {} in {}, as tier {} grows in {}",
        grouped(first.tenant),
        limit.what.id(),
        limit.place,
        growth.tier,
        growth.region
    )
}

fn used(one: &Use) -> String {
    let limit = one.limit.map_or_else(|| "-".to_owned(), grouped);
    format!("{} in {}: {} of {limit}", one.quota, one.place, grouped(one.used))
}

/// What was assumed, model by model.
fn assumed(report: &Report) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for column in &report.columns {
        for (what, tiers) in &column.assumed {
            let of =
                if tiers.is_empty() { String::new() } else { format!(" ({})", tiers.join(", ")) };
            out.push((column.model.id(), format!("{what}{of}")));
        }
    }
    out
}

/// What the prices are, and what they leave out.
fn priced(report: &Report) -> Vec<String> {
    let Some((prices, _)) = &report.priced else { return Vec::new() };
    let mut out = vec![format!(
        "prices of {}, {} hours a month; what is billed by use is not in it",
        prices.as_of,
        prices.hours()
    )];
    let missing = report.missing();
    if !missing.is_empty() {
        let list: Vec<String> =
            missing.iter().map(|(driver, region)| format!("{driver} in {region}")).collect();
        out.push(format!("+ is incomplete, as there is no price for {}", list.join(", ")));
    }
    out
}

/// For people.
pub fn text(report: &Report) -> String {
    let mut out =
        format!("{}: {} under each of the five models\n", report.estate, tenants(report.tenants));
    let parts = parts(report);
    let lines = || parts.iter().flat_map(|(_, lines)| lines);
    let name = lines().map(|(what, _)| what.chars().count() + 2).max().unwrap_or(0);
    let models: Vec<&str> = report.columns.iter().map(|column| column.model.id()).collect();
    let wide: Vec<usize> = (0..models.len())
        .map(|i| lines().map(|(_, cells)| cells[i].len()).max().unwrap_or(0).max(models[i].len()))
        .collect();
    for (title, lines) in &parts {
        let _ = write!(out, "\n{title:<name$}");
        for (model, wide) in models.iter().zip(&wide) {
            let _ = write!(out, "  {model:>wide$}");
        }
        out.push('\n');
        for (what, cells) in lines {
            let _ = write!(out, "  {what:<w$}", w = name - 2);
            for (cell, wide) in cells.iter().zip(&wide) {
                let _ = write!(out, "  {cell:>wide$}");
            }
            out.push('\n');
        }
    }
    for line in priced(report) {
        let _ = writeln!(out, "  {line}");
    }
    list(&mut out, "what stops first", &stops(report));
    list(&mut out, "assumed, as the blueprint does not say", &assumed(report));
    out
}

fn tenants(count: usize) -> String {
    if count == 1 { "1 tenant".to_owned() } else { format!("{} tenants", grouped(count as u64)) }
}

fn list(out: &mut String, title: &str, lines: &[(&'static str, String)]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    let mut last = "";
    for (model, what) in lines {
        let shown = if *model == last { "" } else { model };
        last = model;
        let _ = writeln!(out, "  {shown:<11}  {what}");
    }
}

/// For a page: the same as tables of Markdown.
pub fn markdown(report: &Report) -> String {
    let models: Vec<&str> = report.columns.iter().map(|column| column.model.id()).collect();
    let mut out = format!(
        "**{}: {} under each of the five models**\n",
        report.estate,
        tenants(report.tenants)
    );
    for (title, lines) in parts(report) {
        let _ = writeln!(out, "\n| {title} | {} |", models.join(" | "));
        let _ = writeln!(out, "|---|{}", "--:|".repeat(models.len()));
        for (what, cells) in lines {
            let _ = writeln!(out, "| {what} | {} |", cells.join(" | "));
        }
    }
    for line in priced(report) {
        let _ = writeln!(out, "\n{line}");
    }
    for (title, lines) in [
        ("What stops first", stops(report)),
        ("Assumed, as the blueprint does not say", assumed(report)),
    ] {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{title}:\n");
        }
        for (model, what) in lines {
            let _ = writeln!(out, "- `{model}`: {what}");
        }
    }
    out
}

/// For machines.
pub fn json(report: &Report) -> String {
    let columns: Vec<Value> = report
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let cost = report.priced.as_ref().map(|(_, costs)| &costs[i]);
            one(column, cost)
        })
        .collect();
    let prices = report.priced.as_ref().map(|(prices, _)| {
        json!({"as_of": prices.as_of, "currency": prices.currency, "hours_per_month": prices.hours()})
    });
    let all = json!({
        "version": 1, "estate": report.estate, "tenants": report.tenants,
        "models": columns, "prices": prices,
    });
    serde_json::to_string_pretty(&all).expect("plain JSON") + "\n"
}

fn one(column: &Column, cost: Option<&Cost>) -> Value {
    let counts: BTreeMap<&str, u64> =
        ROWS.iter().zip(&column.tally.counts).map(|(row, count)| (row.id, *count)).collect();
    let drivers: Vec<Value> = column
        .tally
        .drivers
        .iter()
        .map(|((id, region), amount)| {
            let per = driver::get(id).map_or(Per::Hour, |driver| driver.per);
            let per = if per == Per::Hour { "hour" } else { "month" };
            json!({"id": id, "region": region, "amount": fraction(*amount).replace(',', ""), "per": per})
        })
        .collect();
    let usage = |one: &Use| json!({"quota": one.quota, "place": one.place, "used": one.used, "limit": one.limit});
    json!({
        "model": column.model.id(), "tenants": column.tenants, "counts": counts,
        "addresses": {"taken": column.addresses.0, "all": column.addresses.1},
        "stop": column.stop.as_ref().map(|stop| {
            json!({"tenant": stop.tenant, "id": stop.id, "rule": stop.rule, "message": stop.message})
        }),
        "passed": over(column).into_iter().map(usage).collect::<Vec<_>>(),
        "first": first_of(column),
        "drivers": drivers,
        "monthly": cost.map(|cost| json!({
            "cost": money(cost.monthly).replace(',', ""),
            "missing": cost.missing.iter().map(|(id, region)| json!({"id": id, "region": region}))
                .collect::<Vec<_>>(),
        })),
        "assumed": column.assumed,
    })
}

/// For machines: the quota that ends first, with the number of the tenant; that of one that is there where
/// it is passed already, and none where no tenant is needed for that.
fn first_of(column: &Column) -> Option<Value> {
    if let Some(Passed { tenant, who: [_, tier, region], at }) = &column.passed {
        return Some(json!({
            "limit": at.quota, "place": at.place, "of": at.limit, "passed": true,
            "tenant": (*tenant > 0).then_some(*tenant), "tier": tier, "region": region,
        }));
    }
    let first = column.first()?;
    Some(json!({
        "limit": first.limit.what.id(), "place": first.limit.place,
        "of": first.limit.limit, "tenant": first.tenant, "passed": first.limit.passed,
        "tier": first.growth.tier, "region": first.growth.region,
    }))
}
