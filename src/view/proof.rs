//! What a proof says, as people and machines want it.

pub mod json; // for machines
pub mod sarif; // for code scanners
pub mod markdown; // for a page

use std::fmt::Write as _;

use crate::prove::proof::{Group, Proof};
use crate::prove::read::{Engine, Folder, Trouble, place};
use crate::prove::statement::Held;
use crate::prove::verdict::{Finding, Hop, Verdict};
use crate::view::grouped;

/// How many paths are shown in full.
const SHOWN: usize = 5;

/// The proof of each engine, for a person at a terminal; once, where they say the same.
pub fn text(proofs: &[Proof], folder: &dyn Folder) -> String {
    let head = |engines: &[&str], proof: &Proof| {
        format!("{}, {}: {}\n\n", proof.estate, engines.join(" and "), verdict(proof))
    };
    each(proofs, &head, &|proof| {
        let mut out = String::new();
        one(proof, folder, &mut out);
        out
    })
}

/// What is said of each proof, under a head that names the engines which say the same.
fn each(
    proofs: &[Proof],
    head: &dyn Fn(&[&str], &Proof) -> String,
    body: &dyn Fn(&Proof) -> String,
) -> String {
    let mut said: Vec<(Vec<&str>, &Proof, String)> = Vec::new();
    for proof in proofs {
        let text = body(proof);
        match said.iter_mut().find(|(_, other, same)| {
            *same == text && other.estate == proof.estate && verdict(other) == verdict(proof)
        }) {
            Some((engines, ..)) => engines.push(proof.engine.id()),
            None => said.push((vec![proof.engine.id()], proof, text)),
        }
    }
    let parts = said.iter().map(|(engines, proof, text)| head(engines, proof) + text);
    parts.collect::<Vec<_>>().join("\n")
}

fn one(proof: &Proof, folder: &dyn Folder, out: &mut String) {
    groups(proof, out);
    for finding in proof.reachable.iter().take(SHOWN) {
        out.push('\n');
        path(finding, folder, out);
    }
    if proof.reachable.len() > SHOWN {
        let more = proof.reachable.len() - SHOWN;
        let least = if proof.more { "at least " } else { "" };
        let _ =
            writeln!(out, "\n  and {least}{} more; --format json has them", grouped(more as u64));
    }
    statements(&proof.statements, folder, out);
    if !proof.outside.is_empty() {
        let _ = writeln!(out, "\n  outside of the model, or taken for granted:");
        for line in &proof.outside {
            let _ = writeln!(out, "    {line}");
        }
    }
}

/// One line that says it all: it stands in the summary of `synth`, too.
pub fn verdict(proof: &Proof) -> String {
    let pairs = grouped(proof.pairs());
    let mut out = match proof.reached() {
        0 if proof.pairs() == 1 => "1 pair proved, 0 reachable".to_owned(),
        0 => format!("{pairs} pairs proved, 0 reachable"),
        reached => format!("{} of {pairs} pairs reachable", grouped(reached)),
    };
    let shared = proof.with(Verdict::Shared);
    if shared > 0 {
        let _ = write!(out, ", {} share by design", grouped(shared));
    }
    let others =
        proof.reachable.iter().filter(|f| f.from.tenant().is_none() || f.to.tenant().is_none());
    let others = others.count() as u64;
    if others > 0 {
        let _ = write!(out, ", {} beside pairs reachable", grouped(others));
    }
    let broken = proof.statements.iter().filter(|held| !held.holds).count();
    match (proof.statements.len(), broken) {
        (0, _) => {}
        (all, 0) => {
            let _ = write!(out, ", {all} of {all} statements hold");
        }
        (all, broken) => {
            let _ = write!(out, ", {broken} of {all} statements broken");
        }
    }
    out
}

/// The first thing that is wrong, in one line; nothing, if nothing is.
pub fn first(proof: &Proof) -> Option<String> {
    if let Some(finding) = proof.reachable.first() {
        return Some(format!("{} → {}: {}", finding.from, finding.to, finding.what));
    }
    let held = proof.statements.iter().find(|held| !held.holds)?;
    Some(format!("does not hold: {}", held.text))
}

fn groups(proof: &Proof, out: &mut String) {
    let name = |group: &Group| format!("{} ↔ {}", group.one, group.other);
    let width = |of: &dyn Fn(&Group) -> usize| proof.groups.iter().map(of).max().unwrap_or(0);
    let names = width(&|group| name(group).chars().count());
    let pairs = width(&|group| grouped(group.pairs).len()).max("pairs".len());
    if proof.groups.is_empty() {
        let _ = writeln!(out, "  fewer than two tenants, so there are no pairs");
        return;
    }
    for group in &proof.groups {
        let _ = writeln!(
            out,
            "  {:names$}  {:12}  {:>pairs$}  {}",
            name(group),
            group.near.id(),
            grouped(group.pairs),
            standing(group),
        );
        for reason in &group.reasons {
            let _ = writeln!(out, "  {:names$}    {}: {}", "", reason.by, reason.what);
        }
    }
}

/// The verdict of a group in words.
fn standing(group: &Group) -> String {
    match group.verdict {
        Verdict::Isolated => "isolated".to_owned(),
        Verdict::Shared => "shared by design".to_owned(),
        Verdict::Reachable => format!("{} reachable", grouped(group.reachable)),
    }
}

/// A finding with its path.
pub fn path(finding: &Finding, folder: &dyn Folder, out: &mut String) {
    let verdict = finding.verdict.id();
    let _ = writeln!(out, "  {} → {}: {verdict}, {}", finding.from, finding.to, finding.by);
    let _ = writeln!(out, "    {}", finding.what);
    hops(&finding.witness, folder, out);
}

fn hops(witness: &[Hop], folder: &dyn Folder, out: &mut String) {
    for (i, hop) in witness.iter().enumerate() {
        let _ = writeln!(out, "    {}. {}: {}", i + 1, hop.what, hop.why);
        let _ = writeln!(out, "       {} {}", located(hop, folder), hop.thing);
    }
}

/// The file of a hop, with its line where it can be told.
fn located(hop: &Hop, folder: &dyn Folder) -> String {
    match folder.text(&hop.file).and_then(|text| place::line(&text, &hop.pointer)) {
        Some(line) if !hop.pointer.is_empty() => format!("{}:{line}", hop.file),
        _ => hop.file.clone(),
    }
}

fn statements(all: &[Held], folder: &dyn Folder, out: &mut String) {
    if !all.is_empty() {
        out.push('\n');
    }
    for held in all {
        let word = if held.holds { "holds" } else { "broken" };
        let _ = writeln!(out, "  {word:6}  {} (asked {} times)", held.text, grouped(held.asked));
        if !held.holds {
            if !held.why.is_empty() {
                let _ = writeln!(out, "    {}", held.why);
            }
            hops(&held.witness, folder, out);
        }
    }
}

/// What one tenant can do to another, step by step, for each engine.
pub fn explained(
    from: &str,
    to: &str,
    found: &[(Engine, Vec<Finding>)],
    folder: &dyn Folder,
) -> String {
    let mut out = String::new();
    for (engine, findings) in found {
        let worst = findings.iter().map(|finding| finding.verdict).max();
        let word = worst.map_or("isolated", Verdict::id);
        let _ = writeln!(out, "{from} → {to}, {}: {word}\n", engine.id());
        for finding in findings {
            path(finding, folder, &mut out);
            out.push('\n');
        }
        if findings.is_empty() {
            let _ = writeln!(out, "  they share nothing that a layer has to keep apart\n");
        }
    }
    out
}

/// What could not be read.
pub fn troubles(all: &[Trouble]) -> String {
    let lines = all.iter().map(|trouble| format!("{}: {}", trouble.file, trouble.message));
    lines.collect::<Vec<_>>().join("\n")
}
