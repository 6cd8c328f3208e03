//! A proof for a page: a pull request, a report to an auditor.

use std::fmt::Write as _;

use crate::prove::proof::{Group, Proof};
use crate::prove::verdict::{Finding, Hop, Verdict};
use crate::view::{grouped, proof};

/// The proof of each engine; once, where they say the same.
pub fn render(proofs: &[Proof]) -> String {
    let head = |engines: &[&str], proof: &Proof| {
        let (engines, verdict) = (engines.join(" and "), proof::verdict(proof));
        format!("## Isolation of {} ({engines})\n\n{verdict}.\n\n", proof.estate)
    };
    proof::each(proofs, &head, &one)
}

fn one(proof: &Proof) -> String {
    let mut out = String::new();
    if !proof.groups.is_empty() {
        out.push_str("| tenants | | pairs | verdict | by |\n|---|---|--:|---|---|\n");
        for group in &proof.groups {
            let _ = writeln!(
                out,
                "| {} ↔ {} | {} | {} | {} | {} |",
                cell(&group.one),
                cell(&group.other),
                group.near.id(),
                grouped(group.pairs),
                group.verdict.id(),
                reasons(group),
            );
        }
    }
    for finding in &proof.reachable {
        let _ = writeln!(
            out,
            "\n### {} → {}\n",
            cell(&finding.from.to_string()),
            cell(&finding.to.to_string())
        );
        let _ = writeln!(out, "{}: {}\n", finding.by, cell(&finding.what));
        out.push_str(&steps(finding));
    }
    if !proof.statements.is_empty() {
        out.push_str("\n| statement | |\n|---|---|\n");
        for held in &proof.statements {
            let word = if held.holds { "holds" } else { "**broken**" };
            let _ = writeln!(out, "| {} | {word} |", cell(&held.text));
        }
    }
    if !proof.outside.is_empty() {
        out.push_str("\nOutside of the model, or taken for granted:\n\n");
        proof.outside.iter().for_each(|line| {
            let _ = writeln!(out, "- {}", cell(line));
        });
    }
    out
}

fn reasons(group: &Group) -> String {
    let reached = (group.verdict == Verdict::Reachable)
        .then(|| format!("{} reachable", grouped(group.reachable)));
    let others =
        group.reasons.iter().map(|reason| format!("{}: {}", reason.by, cell(&reason.what)));
    reached.into_iter().chain(others).collect::<Vec<_>>().join("<br>")
}

fn steps(finding: &Finding) -> String {
    let one = |(i, hop): (usize, &Hop)| {
        let (what, why) = (cell(&hop.what), cell(&hop.why));
        format!("{}. {what}: {why} (`{}` in `{}`)\n", i + 1, hop.thing, hop.file)
    };
    finding.witness.iter().enumerate().map(one).collect()
}

/// Text that cannot end a cell of a table or begin a tag.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
