//! Rules that could be fewer, with the settings that they come from, and blocks that would admit somebody
//! else.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::check::consolidate::{Place, Proposal, proposals};
use crate::diag::markdown::escape;
use crate::plan::aggregate::whose;
use crate::synth::Made;
use crate::trace::{Origin, Trace};
use crate::view::grouped;

/// How many refused blocks of a list of rules are shown to people.
const SHOWN: usize = 2;

/// How many times as large as what it replaces a refused block is at most where it is all that there is
/// to say: somebody may be tempted.
const TEMPTING: u64 = 4;

/// What is proposed for a list of rules.
pub struct Line {
    /// What is proposed.
    pub proposal: Proposal,
    /// Where.
    pub place: Place,
    /// Whose the address is that forbids each refused block.
    pub owners: Vec<String>,
}

/// What comes of all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many rules there are in lists that could be fewer, or that somebody may wish to be.
    pub rules: u64,
    /// How many rules are saved.
    pub saved: u64,
    /// How many wider blocks are refused.
    pub refused: u64,
}

/// What is proposed, with whom each refused block would admit.
pub fn report(made: &Made) -> Vec<Line> {
    let owner = |address: &Ipv4Addr| whose(*address, &made.spec, &made.plan, &made.decisions);
    let all = proposals(&made.spec, &made.estate, &made.render(), &made.plan);
    let line = |(proposal, place): (Proposal, Place)| {
        let owners = proposal.refused.iter().map(|(.., address)| owner(address)).collect();
        Line { proposal, place, owners }
    };
    all.into_iter().map(line).collect()
}

/// What comes of it.
pub fn totals(report: &[Line]) -> Totals {
    let mut out = Totals::default();
    for Line { proposal, place, .. } in report {
        let lists = place.lists as u64;
        out.rules += proposal.blocks.len() as u64 * lists;
        out.saved += proposal.saved() as u64 * lists;
        out.refused += proposal.refused.len() as u64 * lists;
    }
    out
}

/// What comes of it, in one sentence.
pub fn sentence(totals: &Totals) -> String {
    let Totals { rules, saved, refused } = totals;
    let wider = match refused {
        0 => String::new(),
        n => format!("; {} wider blocks would admit somebody else", grouped(*n)),
    };
    format!(
        "{} of {} rules that differ by block could be saved{wider}",
        grouped(*saved),
        grouped(*rules)
    )
}

fn list(blocks: &[Ipv4Net]) -> String {
    blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether it is worth a person's time: something is saved, or a refused block is near.
fn matters(line: &Line) -> bool {
    let size = |net: &Ipv4Net| 1_u64 << (32 - net.prefix_len());
    let near = |(block, ..): &(Ipv4Net, usize, Ipv4Addr)| {
        let inside = line.proposal.merged.iter().filter(|it| block.contains(*it));
        size(block) <= TEMPTING * inside.map(size).sum::<u64>()
    };
    line.proposal.saved() > 0 || line.proposal.refused.iter().any(near)
}

/// Blocks that one of fewer stands for, and the settings that they come from.
struct Merger {
    into: Ipv4Net,
    of: Vec<Ipv4Net>,
    from: Vec<From>,
}

/// A setting, and the places where it is said.
struct From {
    what: String,
    at: Vec<String>,
}

/// What of a list is to be written otherwise, and where its rules come from.
fn mergers(line: &Line, trace: &Trace<'_>) -> Vec<Merger> {
    let (one, place) = (&line.proposal, &line.place);
    let inside = |into: &Ipv4Net| -> Vec<usize> {
        (0..one.blocks.len()).filter(|at| into.contains(&one.blocks[*at])).collect()
    };
    let merger = |into: &Ipv4Net| {
        let inside = inside(into);
        let rules = inside.iter().map(|at| &place.rules[*at]);
        // What was cut has them in any of its parts.
        let stacks = trace.made().estate.stacks.iter();
        let keys = stacks.filter(|it| it.whole() == place.stack).map(|it| &it.key);
        let origin =
            |id: &str, it| keys.clone().find_map(|key| trace.origin(key, Some(id), Some(it)));
        let origins = rules.filter_map(|(id, it)| origin(id, it));
        let from = sources(trace, origins);
        let of = inside.into_iter().map(|at| one.blocks[at]).collect();
        Merger { into: *into, of, from }
    };
    let all = one.own.iter().map(merger);
    all.filter(|it| it.of.len() > 1).collect()
}

/// Each setting once, with all its places.
fn sources(trace: &Trace<'_>, origins: impl Iterator<Item = Origin>) -> Vec<From> {
    let mut out: Vec<From> = Vec::new();
    for Origin { site, what, .. } in origins {
        let source = trace.sources().get(site.file());
        let position = source.position(trace.sources().locate(&site).start);
        let at = format!("{}:{position}", source.name);
        match out.iter_mut().find(|known| known.what == what) {
            Some(known) if known.at.contains(&at) => {}
            Some(known) => known.at.push(at),
            None => out.push(From { what, at: vec![at] }),
        }
    }
    out
}

/// A list of rules, by name.
fn title(line: &Line) -> String {
    let it = &line.proposal;
    format!("{} of {} in {}", it.what, it.owner, it.shape)
}

/// In how many stacks it is, and how often, where that is more.
fn places(place: &Place) -> String {
    let many = |n: usize, of: &str| match n {
        1 => format!("1 {of}"),
        n => format!("{} {of}s", grouped(n as u64)),
    };
    if place.lists == place.stacks {
        return many(place.stacks, "stack");
    }
    format!("{} in {}", many(place.lists, "list"), many(place.stacks, "stack"))
}

/// That there is more, of which nothing comes but by blocks that are far wider.
fn beyond(others: usize) -> String {
    let others = match others {
        1 => "1 list of rules".to_owned(),
        n => format!("{} lists of rules", grouped(n as u64)),
    };
    format!(
        "{others} not shown: only a block more than {TEMPTING} times as large as what it replaces \
         would save a rule (--format json)"
    )
}

/// For people.
pub fn text(report: &[Line], trace: &Trace<'_>) -> String {
    let mut out = String::new();
    let (shown, others): (Vec<&Line>, Vec<&Line>) = report.iter().partition(|line| matters(line));
    for line in shown {
        one(line, trace, &mut out);
    }
    if !others.is_empty() {
        let _ = writeln!(out, "{}", beyond(others.len()));
    }
    let _ = writeln!(out, "{}", sentence(&totals(report)));
    out
}

fn one(line: &Line, trace: &Trace<'_>, out: &mut String) {
    let it = &line.proposal;
    let _ = writeln!(out, "{} ({}): {}", title(line), places(&line.place), list(&it.blocks));
    let exact = it.blocks.len() - it.merged.len();
    if exact > 0 {
        let _ = writeln!(out, "  write {}: the same addresses, {exact} fewer", list(&it.merged));
    }
    if it.own.len() < it.merged.len() {
        let (own, saved) = (list(&it.own), it.saved());
        let _ = writeln!(out, "  write {own}: besides only the tenant's own, {saved} fewer");
    }
    for Merger { into, of, from } in mergers(line, trace) {
        let _ = writeln!(out, "    {into} for {}", list(&of));
        for From { what, at } in from {
            let _ = writeln!(out, "      from {what}  {}", at.join(", "));
        }
    }
    for ((block, replaces, address), owner) in it.refused.iter().zip(&line.owners).take(SHOWN) {
        let _ = writeln!(
            out,
            "  not {block} for {replaces} of them: it would admit {address}, which is {owner}"
        );
    }
    let more = it.refused.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(out, "  nor {more} wider");
    }
}

/// Blocks for a cell of a table, each on a line of its own.
fn stacked(blocks: &[Ipv4Net]) -> String {
    blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join("<br>")
}

/// For a page: what may be written, with where it comes from, and what may not.
pub fn markdown(report: &[Line], trace: &Trace<'_>) -> String {
    let (shown, others): (Vec<&Line>, Vec<&Line>) = report.iter().partition(|line| matters(line));
    let mut out = format!("**{}**\n", sentence(&totals(report)));
    fewer(&shown, trace, &mut out);
    refused(&shown, &mut out);
    if !others.is_empty() {
        let _ = writeln!(out, "\n{}.", beyond(others.len()));
    }
    out
}

/// What may be written in place of more, or nothing.
fn fewer(shown: &[&Line], trace: &Trace<'_>, out: &mut String) {
    let saves = || shown.iter().filter(|line| line.proposal.saved() > 0);
    if saves().next().is_none() {
        return;
    }
    out.push_str("\n| rules | where | today | write | fewer | from |\n|---|---|---|---|--:|---|\n");
    for line in saves() {
        let name = |it: &From| format!("`{}` ({})", it.what, escape(&it.at.join(", ")));
        let mut from: Vec<String> = Vec::new();
        for it in mergers(line, trace).iter().flat_map(|merger| &merger.from) {
            from.extend(Some(name(it)).filter(|it| !from.contains(it)));
        }
        let it = &line.proposal;
        let besides =
            if it.own.len() < it.merged.len() { " (the tenant's own besides)" } else { "" };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {}{besides} | {} | {} |",
            escape(&title(line)),
            places(&line.place),
            stacked(&it.blocks),
            stacked(&it.own),
            it.saved(),
            from.join("<br>")
        );
    }
}

/// What may not be written, with whom it would admit, or nothing.
fn refused(shown: &[&Line], out: &mut String) {
    if shown.iter().all(|line| line.proposal.refused.is_empty()) {
        return;
    }
    out.push_str("\n| rules | where | do not write | for | it would admit | which is |\n|---|---|---|--:|---|---|\n");
    for line in shown {
        let all = line.proposal.refused.iter().zip(&line.owners);
        for ((block, replaces, address), owner) in all.take(SHOWN) {
            let (title, places) = (escape(&title(line)), places(&line.place));
            let owner = escape(owner);
            let _ = writeln!(
                out,
                "| {title} | {places} | {block} | {replaces} | {address} | {owner} |"
            );
        }
    }
}

/// For machines.
pub fn json(report: &[Line], trace: &Trace<'_>) -> String {
    let refused = |line: &Line| -> Vec<Value> {
        let all = line.proposal.refused.iter().zip(&line.owners);
        all.map(|((block, replaces, address), owner)| {
            json!({"block": block, "replaces": replaces, "address": address, "is": owner})
        })
        .collect()
    };
    let write = |line: &Line| -> Vec<Value> {
        let of = |it: &Merger| {
            let from = it.from.iter().map(|it| json!({"setting": it.what, "at": it.at}));
            json!({"block": it.into, "for": it.of, "from": from.collect::<Vec<_>>()})
        };
        mergers(line, trace).iter().map(of).collect()
    };
    let of = |line: &Line| {
        let (one, place) = (&line.proposal, &line.place);
        json!({
            "shape": one.shape, "owner": one.owner, "what": one.what, "stacks": place.stacks,
            "lists": place.lists, "blocks": one.blocks, "merged": one.merged, "own": one.own,
            "saved": one.saved(), "write": write(line), "refused": refused(line),
        })
    };
    let all: Vec<Value> = report.iter().map(of).collect();
    serde_json::to_string_pretty(&json!({"version": 3, "proposals": all})).expect("plain JSON")
        + "\n"
}
