//! Rules that could be fewer, and blocks that would admit somebody else.

use std::fmt::Write as _;

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::check::consolidate::{Proposal, proposals};
use crate::plan::aggregate::whose;
use crate::synth::Made;
use crate::view::grouped;

/// What is proposed, with whom each refused block would admit.
pub fn report(made: &Made) -> Vec<(Proposal, Option<String>)> {
    let owner = |one: &Proposal| {
        one.refused.map(|(_, address)| whose(address, &made.spec, &made.plan, &made.decisions))
    };
    let all = proposals(&made.estate, &made.render());
    all.into_iter().map(|one| (owner(&one), one)).map(|(owner, one)| (one, owner)).collect()
}

fn list(blocks: &[Ipv4Net]) -> String {
    blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// For people.
pub fn text(report: &[(Proposal, Option<String>)]) -> String {
    let mut out = String::new();
    for (one, owner) in report {
        let stacks = if one.stacks == 1 {
            "1 stack".to_owned()
        } else {
            format!("{} stacks", grouped(one.stacks as u64))
        };
        let _ = writeln!(
            out,
            "{} of {} in {} ({stacks}): {}",
            one.what,
            one.owner,
            one.shape,
            list(&one.blocks)
        );
        if one.saved() > 0 {
            let _ = writeln!(
                out,
                "  write {}: the same addresses, {} fewer",
                list(&one.merged),
                one.saved()
            );
        }
        if let (Some((block, address)), Some(owner)) = (one.refused, owner) {
            let _ = writeln!(out, "  not {block}: it would admit {address}, which is {owner}");
        }
    }
    let saved = report.iter().map(|(one, _)| (one.saved() * one.stacks) as u64).sum();
    let refused = report.iter().filter(|(one, _)| one.refused.is_some()).count();
    let _ = writeln!(
        out,
        "{} rules could be saved, {refused} wider blocks are refused",
        grouped(saved)
    );
    out
}

/// For machines.
pub fn json(report: &[(Proposal, Option<String>)]) -> String {
    let of = |(one, owner): &(Proposal, Option<String>)| {
        json!({
            "shape": one.shape, "owner": one.owner, "what": one.what, "stacks": one.stacks,
            "blocks": one.blocks, "merged": one.merged, "saved": one.saved(),
            "refused": one.refused.map(|(block, address)| {
                json!({"block": block, "address": address, "is": owner})
            }),
        })
    };
    let all: Vec<Value> = report.iter().map(of).collect();
    serde_json::to_string_pretty(&json!({"version": 1, "proposals": all})).expect("plain JSON")
        + "\n"
}
