//! How far each tier can grow: the first, second and third tenant that does not fit, all that ends it
//! there, and what lifts it; and why the cells that are there were opened.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::aws::quota::{self, Quota};
use crate::blueprint::shape::Isolation;
use crate::check::quota::instead::instead;
use crate::forecast::{By, Growth, Limit, What};
use crate::plan::{Plan, cells};
use crate::spec::Spec;
use crate::view::grouped;

/// How many tenant numbers at which a tier ends are shown to people, each with all that ends it there:
/// whoever lifts but one of those is no further.
const SHOWN: usize = 3;

/// The cells of a tier in a region, by why they were opened; of several workload accounts, in each.
pub struct Cells {
    /// The tier.
    pub tier: String,
    /// The region.
    pub region: String,
    /// The account, where there are several.
    pub account: Option<String>,
    /// How many cells were opened for each reason; that of older locks is `None`.
    pub why: BTreeMap<Option<String>, usize>,
}

/// The cells of an estate.
pub fn cells(spec: &Spec, plan: &Plan) -> Vec<Cells> {
    let all = plan.cells.values();
    by_why(spec, all.map(|cell| ([&cell.tier, &cell.region, &cell.account], &cell.why)))
}

/// Tenants with a VPC of their own in several workload accounts, by why they are in theirs.
pub fn moved_on(spec: &Spec, plan: &Plan) -> Vec<Cells> {
    let there = |id: &String| spec.tiers[&spec.tenants[id].tier].isolation == Isolation::Vpc;
    let all = plan.tenants.iter().filter(|(id, _)| spec.has_several_workloads() && there(id));
    let tier = |id: &String| &spec.tenants[id].tier;
    by_why(spec, all.map(|(id, at)| ([tier(id), &at.region, &at.account], &at.why)))
}

fn by_why<'a>(
    spec: &Spec,
    all: impl Iterator<Item = ([&'a String; 3], &'a Option<String>)>,
) -> Vec<Cells> {
    // By the place of the account in the list, so that they stand in the order in which they fill.
    let mut sums: BTreeMap<_, BTreeMap<Option<String>, usize>> = BTreeMap::new();
    for ([tier, region, account], why) in all {
        let home = spec.workload_accounts.iter().position(|one| one == account);
        let home = home.filter(|_| spec.has_several_workloads());
        let whys = sums.entry((tier, region, home)).or_default();
        *whys.entry(why.clone()).or_default() += 1;
    }
    let mut out = Vec::new();
    for ((tier, region, home), why) in sums {
        let account = home.map(|home| spec.workload_accounts[home].clone());
        out.push(Cells { tier: tier.clone(), region: region.clone(), account, why });
    }
    out
}

/// Why cells were opened, for people: the most frequent reason first.
fn reasons(of: &Cells) -> String {
    let mut all: Vec<(&Option<String>, &usize)> = of.why.iter().collect();
    all.sort_by_key(|(why, count)| (usize::MAX - *count, *why));
    let one = |(why, count): (&Option<String>, &usize)| match why.as_deref() {
        Some(cells::FIRST) => format!("{count} because there was none"),
        Some(cells::DEDICATED) => format!("{count} for a tenant that is alone in it"),
        Some(cells::NEEDS) => format!("{count} because none had the `needs` of a tenant"),
        Some(short) => format!("{count} because the one before had too little left of {short}"),
        None => format!("{count} from before reasons were kept"),
    };
    let all = all.into_iter().map(one).collect::<Vec<_>>().join(", ");
    of.account.as_ref().map_or(all.clone(), |account| format!("{all} (account {account})"))
}

/// Why tenants with a VPC of their own are in an account, for people.
fn whence(of: &Cells) -> String {
    let one = |(why, count): (&Option<String>, &usize)| match why {
        Some(short) => format!("{count} because the account before had too little left of {short}"),
        None => format!("{count} because it is the first account that had room"),
    };
    let all = of.why.iter().map(one).collect::<Vec<_>>().join(", ");
    format!("{all} (account {})", of.account.as_deref().unwrap_or_default())
}

/// The tier that can grow least before a limit breaks, with that limit.
pub fn nearest(all: &[Growth]) -> Option<(&Growth, &Limit)> {
    let first = all.iter().filter_map(|growth| Some((growth, growth.limits.first()?)));
    first.min_by_key(|(growth, limit)| limit.fits.saturating_sub(growth.tenants))
}

/// What is shown of the limits of a tier: what ends at the first few numbers.
fn shown(growth: &Growth) -> Vec<&[Limit]> {
    let number = |one: &Limit| (!one.passed).then_some(one.fits);
    growth.limits.chunk_by(|a, b| number(a) == number(b)).take(SHOWN).collect()
}

/// How many tenants fit, as it stands in a table.
fn fits(limit: &Limit) -> String {
    if limit.passed { "passed".to_owned() } else { grouped(limit.fits) }
}

/// How many tenants fit, as a line begins with it.
fn lead(limit: &Limit) -> String {
    if limit.passed { fits(limit) } else { format!("{} fit", fits(limit)) }
}

/// What somebody does about a limit.
pub fn lift(growth: &Growth, limit: &Limit) -> String {
    let by_cell = limit.by == By::Cell && growth.room.full.is_some();
    let larger = match growth.room.full.filter(|_| by_cell) {
        Some(cells::ADDRESSES) => ", or larger cells (`cell_prefix`)".to_owned(),
        Some(cells::CEILING) => ", or more tenants a cell (`pool.tenants`)".to_owned(),
        Some(full) => format!(", or more tenants a cell: {full} fills it"),
        None => String::new(),
    };
    let here = |account: &str| limit.place.contains(account);
    let next = growth.room.turns.iter().any(|turn| here(&turn.account));
    let next = if next { ", or another account in `accounts.workload`" } else { "" };
    match limit.what {
        What::Quota(id) => format!("{}{larger}{next}", ask(id, limit)),
        What::Addresses => {
            let freed = match growth.room.quarantined {
                0 => String::new(),
                1 => ", or release the quarantined block".to_owned(),
                n => format!(", or release {n} quarantined blocks"),
            };
            format!("another pool, or smaller blocks{freed}")
        }
        What::Cell(cells::ADDRESSES) => "larger cells, or smaller tenants".to_owned(),
        What::Cell(id) => format!("{}, or smaller tenants", ask(id, limit)),
    }
}

/// What AWS can be asked for, and how many tenants fit with the most that it ever grants; what to do instead,
/// where so many are granted already.
fn ask(id: &str, limit: &Limit) -> String {
    let Some(row) = quota::get(id).map(Quota::asked) else { return format!("a larger {id}") };
    // What a new cell is short of is told without its number.
    let granted = (limit.what == What::Quota(row.id)).then_some(limit.limit);
    if !row.adjustable || row.most().is_some_and(|most| granted >= Some(most.into())) {
        let further = if row.adjustable { " further" } else { "" };
        return format!("AWS does not raise it{further}: {}", instead(row));
    }
    let what = row.code.map_or("ask AWS".to_owned(), |code| format!("ask AWS for {code}"));
    let Some(most) = row.max else { return what };
    let then = limit.reach.map_or(String::new(), |fits| format!(", enough for {}", grouped(fits)));
    format!("{what}, up to {}{then}", grouped(most.into()))
}

/// For people.
pub fn text(all: &[Growth], cells: &[Cells], tenants: &[Cells], out: &mut String) {
    for growth in all {
        let _ = writeln!(
            out,
            "\n{} ({}) in {}: {} tenant{}",
            growth.tier,
            growth.isolation.id(),
            growth.region,
            grouped(growth.tenants),
            if growth.tenants == 1 { "" } else { "s" }
        );
        for cells in cells.iter().filter(|c| c.tier == growth.tier && c.region == growth.region) {
            let _ =
                writeln!(out, "  cells {}: {}", cells.why.values().sum::<usize>(), reasons(cells));
        }
        for tenants in tenants.iter().filter(|c| c.tier == growth.tier && c.region == growth.region)
        {
            let count = tenants.why.values().sum::<usize>();
            let _ = writeln!(out, "  tenants {count}: {}", whence(tenants));
        }
        ends(growth, out);
    }
}

/// What ends a tier, for people: each number once, before the first of what ends there.
fn ends(growth: &Growth, out: &mut String) {
    let parts = shown(growth);
    let wide =
        |of: &dyn Fn(&Limit) -> usize| parts.iter().copied().flatten().map(of).max().unwrap_or(0);
    let fit = wide(&|one| lead(one).len());
    let name = wide(&|one| one.what.id().len());
    let place = wide(&|one| one.place.len());
    for part in &parts {
        for (n, one) in part.iter().enumerate() {
            let lead = if n == 0 { lead(one) + ":" } else { String::new() };
            let (what, lift) = (one.what.id(), lift(growth, one));
            let _ = writeln!(
                out,
                "  {lead:>fit$} {what:<name$}  {:<place$}  {lift}",
                one.place,
                fit = fit + 1
            );
        }
    }
}

/// For a page.
pub fn markdown(all: &[Growth], cells: &[Cells], tenants: &[Cells], out: &mut String) {
    out.push_str(
        "\n| tier | region | tenants | fit | limit | where | to lift it |\n|---|---|--:|--:|---|---|---|\n",
    );
    for growth in all {
        for one in shown(growth).into_iter().flatten() {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | `{}` | {} | {} |",
                growth.tier,
                growth.region,
                grouped(growth.tenants),
                fits(one),
                one.what.id(),
                one.place,
                lift(growth, one)
            );
        }
    }
    if !cells.is_empty() {
        out.push_str("\n| tier | region | cells | why they opened |\n|---|---|--:|---|\n");
    }
    for one in cells {
        let count = one.why.values().sum::<usize>();
        let _ = writeln!(out, "| {} | {} | {count} | {} |", one.tier, one.region, reasons(one));
    }
    if !tenants.is_empty() {
        out.push_str("\n| tier | region | tenants | why they are there |\n|---|---|--:|---|\n");
    }
    for one in tenants {
        let count = one.why.values().sum::<usize>();
        let _ = writeln!(out, "| {} | {} | {count} | {} |", one.tier, one.region, whence(one));
    }
}

/// For machines: every limit.
pub fn json(all: &[Growth]) -> Vec<Value> {
    let limit = |growth: &Growth, one: &Limit| {
        json!({
            "limit": one.what.id(), "place": one.place, "of": one.limit, "fits": one.fits,
            "passed": one.passed, "lift": lift(growth, one),
        })
    };
    let of = |growth: &Growth| {
        let limits: Vec<Value> = growth.limits.iter().map(|one| limit(growth, one)).collect();
        json!({
            "tier": growth.tier, "isolation": growth.isolation.id(), "region": growth.region,
            "tenants": growth.tenants, "each_cell": growth.room.full.map(|_| growth.room.each),
            "filled_by": growth.room.full, "limits": limits,
        })
    };
    all.iter().map(of).collect()
}

/// For machines: why cells were opened, or tenants are where they are; `word` says which.
pub fn json_cells(all: &[Cells], word: &str) -> Vec<Value> {
    let why = |of: &Cells| -> Vec<Value> {
        of.why.iter().map(|(why, count)| json!({"why": why, word: count})).collect()
    };
    let one = |of: &Cells| {
        let mut out = json!({"tier": of.tier, "region": of.region, "opened": why(of)});
        if let Some(account) = &of.account {
            out["account"] = account.as_str().into();
        }
        out
    };
    all.iter().map(one).collect()
}
