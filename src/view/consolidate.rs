//! Rules that could be fewer, and blocks that would admit somebody else.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::check::consolidate::{Proposal, proposals};
use crate::plan::aggregate::whose;
use crate::synth::Made;
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
    /// In how many stacks.
    pub stacks: usize,
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
    let all = proposals(&made.estate, &made.render(), &made.plan);
    let line = |(proposal, stacks): (Proposal, usize)| {
        let owners = proposal.refused.iter().map(|(.., address)| owner(address)).collect();
        Line { proposal, stacks, owners }
    };
    all.into_iter().map(line).collect()
}

/// What comes of it.
pub fn totals(report: &[Line]) -> Totals {
    let mut out = Totals::default();
    for Line { proposal, stacks, .. } in report {
        let stacks = *stacks as u64;
        out.rules += proposal.blocks.len() as u64 * stacks;
        out.saved += proposal.saved() as u64 * stacks;
        out.refused += proposal.refused.len() as u64 * stacks;
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

/// For people.
pub fn text(report: &[Line]) -> String {
    let mut out = String::new();
    let (shown, others): (Vec<&Line>, Vec<&Line>) = report.iter().partition(|line| matters(line));
    for line in shown {
        one(line, &mut out);
    }
    if !others.is_empty() {
        let count = grouped(others.len() as u64);
        let _ =
            writeln!(out, "{count} lists more only by blocks far wider: --format json has them");
    }
    let _ = writeln!(out, "{}", sentence(&totals(report)));
    out
}

fn one(line: &Line, out: &mut String) {
    let it = &line.proposal;
    let stacks = if line.stacks == 1 {
        "1 stack".to_owned()
    } else {
        format!("{} stacks", grouped(line.stacks as u64))
    };
    let _ = writeln!(
        out,
        "{} of {} in {} ({stacks}): {}",
        it.what,
        it.owner,
        it.shape,
        list(&it.blocks)
    );
    let exact = it.blocks.len() - it.merged.len();
    if exact > 0 {
        let _ = writeln!(out, "  write {}: the same addresses, {exact} fewer", list(&it.merged));
    }
    if it.own.len() < it.merged.len() {
        let (own, saved) = (list(&it.own), it.saved());
        let _ = writeln!(out, "  write {own}: besides only the tenant's own, {saved} fewer");
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

/// For machines.
pub fn json(report: &[Line]) -> String {
    let refused = |line: &Line| -> Vec<Value> {
        let all = line.proposal.refused.iter().zip(&line.owners);
        all.map(|((block, replaces, address), owner)| {
            json!({"block": block, "replaces": replaces, "address": address, "is": owner})
        })
        .collect()
    };
    let of = |line: &Line| {
        let one = &line.proposal;
        json!({
            "shape": one.shape, "owner": one.owner, "what": one.what, "stacks": line.stacks,
            "blocks": one.blocks, "merged": one.merged, "own": one.own, "saved": one.saved(),
            "refused": refused(line),
        })
    };
    let all: Vec<Value> = report.iter().map(of).collect();
    serde_json::to_string_pretty(&json!({"version": 2, "proposals": all})).expect("plain JSON")
        + "\n"
}
