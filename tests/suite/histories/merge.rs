//! What git makes of two branches of a lock.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tenantry::plan::Lock;

/// The lines of each section of a lock.
fn sections(lock: &Lock) -> BTreeMap<String, Vec<String>> {
    let (mut out, mut section) = (BTreeMap::new(), String::new());
    for line in lock.render().lines() {
        if let Some(name) = line.strip_suffix(": {") {
            name.clone_into(&mut section);
        } else if line.ends_with("},") && line.len() > 2 || line.ends_with("],") {
            out.entry(section.clone()).or_insert_with(Vec::new).push(line.to_owned());
        }
    }
    out
}

/// What git makes of it: a line stays unless a side removed it, and comes if a side added it. Where
/// both changed a line, both stay, as somebody who keeps the lines of both sides leaves them.
pub fn merge(base: &Lock, ours: &Lock, theirs: &Lock) -> String {
    let (base, ours, theirs) = (sections(base), sections(ours), sections(theirs));
    let mut out = "{\n\"tenantry_lock\": 1,\n\"estate\": \"a-b\",\n".to_owned();
    let names = ["zones", "hubs", "cells", "tenants", "quarantine", "retired", "services"];
    for name in names {
        let key = format!("\"{name}\"");
        let of = |side: &BTreeMap<String, Vec<String>>| -> BTreeSet<String> {
            side.get(&key).into_iter().flatten().cloned().collect()
        };
        let (base, ours, theirs) = (of(&base), of(&ours), of(&theirs));
        let stays = |line: &&String| {
            !base.contains(*line) || (ours.contains(*line) && theirs.contains(*line))
        };
        let lines: BTreeSet<&String> = ours.union(&theirs).filter(stays).collect();
        let _ = writeln!(out, "{key}: {{");
        for line in lines {
            let _ = writeln!(out, "{line}");
        }
        let comma = if name == "services" { "" } else { "," };
        let _ = writeln!(out, "\"~\": \"end of {name}\"\n}}{comma}");
    }
    out + "}\n"
}
