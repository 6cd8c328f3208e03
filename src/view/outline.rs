//! What was decided and what is made, in words that a person reads in a review: the address plan,
//! and a template resource by resource. The same for both engines; nothing of it is a time, a
//! version or a digest.

use std::fmt::Write as _;

use crate::plan::{Block, Cell, Placed, Zone, layout};
use crate::synth::Made;
use crate::template::{Entry, Template};
use crate::value::{Pseudo, Value};

/// Zones, hubs, cells and tenants with all their addresses; of cells and tenants, `most`.
pub fn address_plan(made: &Made, most: usize) -> String {
    let (mut out, plan) = (String::new(), &made.plan);
    for (region, zones) in &plan.zones {
        let zones: Vec<String> =
            zones.iter().map(|z| format!("{}={}", z.number(), z.name)).collect();
        let _ = writeln!(out, "region {region}: slots {}", zones.join(" "));
    }
    for (region, hub) in &plan.hubs {
        let _ = writeln!(out, "\nhub {region}: {}", hub.cidr);
        for zone in &plan.zones[region] {
            let l = layout::layers(*hub, zone.slot);
            let _ =
                writeln!(out, "  {}: private {}, public {}", zone.number(), l.private, l.public);
        }
    }
    for cell in plan.cells.values().take(most) {
        self::cell(made, cell, &mut out);
    }
    more(plan.cells.len(), most, "\n… and {} cells more\n", &mut out);
    for (id, placed) in plan.tenants.iter().take(most) {
        tenant(id, placed, &plan.zones[&placed.region], &mut out);
    }
    more(plan.tenants.len(), most, "\n… and {} tenants more\n", &mut out);
    out
}

fn cell(made: &Made, cell: &Cell, out: &mut String) {
    let parted = made.spec.tiers[&cell.tier].isolation.has_blocks();
    let what = if parted {
        format!("shared {}", layout::shared(cell.block).cidr)
    } else {
        format!("{} tenants", cell.tenants)
    };
    let _ = writeln!(out, "\ncell {}: {}, {what}", cell.id, cell.block.cidr);
    for zone in &made.plan.zones[&cell.region] {
        let (n, slot) = (zone.number(), zone.slot);
        let _ = if parted {
            let l = layout::shared_layers(cell.block, slot);
            writeln!(out, "  {n}: public {}, private {}", l.public, l.private)
        } else {
            writeln!(out, "  {n}: {}", layers(cell.block, slot))
        };
    }
}

fn layers(block: Block, slot: u8) -> String {
    let l = layout::layers(block, slot);
    format!("private {}, public {}, data {}", l.private, l.public, l.data)
}

fn tenant(id: &str, placed: &Placed, zones: &[Zone], out: &mut String) {
    let place = placed.cell.as_ref().map_or(String::new(), |cell| format!(" in {cell}"));
    let Some(block) = placed.block else {
        let number = placed.ordinal.map_or(String::new(), |n| format!(", number {n}"));
        let _ = writeln!(out, "\ntenant {id}:{place}{number}");
        return;
    };
    let _ = writeln!(out, "\ntenant {id}: {}{place}", block.cidr);
    for zone in zones {
        let line = if placed.cell.is_some() {
            layout::slot(block, zone.slot).to_string()
        } else {
            layers(block, zone.slot)
        };
        let _ = writeln!(out, "  {}: {line}", zone.number());
    }
}

/// The stacks in the order in which they are deployed, and what each waits for.
pub fn stacks(made: &Made) -> String {
    let mut out = String::from("stacks:\n");
    for stack in &made.estate.stacks {
        let after = if stack.depends_on.is_empty() {
            String::new()
        } else {
            format!(" after {}", stack.depends_on.join(", "))
        };
        let _ = writeln!(
            out,
            "  {} {}/{} {} ({}){after}",
            stack.wave.number(),
            stack.account,
            stack.region,
            stack.name,
            stack.shape
        );
    }
    out
}

fn more(count: usize, most: usize, words: &str, out: &mut String) {
    if let Some(left) = count.checked_sub(most).filter(|left| *left > 0) {
        out.push_str(&words.replace("{}", &left.to_string()));
    }
}

/// A template: what it takes, and each resource with its properties, one a line.
pub fn template(template: &Template) -> String {
    let mut out = format!("{}\n\nparameters\n", template.description);
    for param in &template.params {
        let _ = writeln!(out, "  {}  {}", param.name, param.description);
    }
    out.push_str("\ntags of every resource\n");
    for (key, value) in &template.tags {
        let _ = writeln!(out, "  {key}  {}", brief(value));
    }
    out.push_str("\nresources\n");
    for entry in &template.entries {
        self::entry(entry, &template.tags, &mut out);
    }
    for (name, inner) in &template.inner {
        let _ = writeln!(out, "\ntemplate {name} in it\n\n{}", self::template(inner).trim_end());
    }
    out
}

fn entry(entry: &Entry, common: &[(String, Value)], out: &mut String) {
    let kind = entry.cfn.map_or(entry.tf, |kind| kind.trim_start_matches("AWS::"));
    let keep = if entry.keep { "  kept" } else { "" };
    let after = if entry.after.is_empty() {
        String::new()
    } else {
        format!("  after {}", entry.after.join(", "))
    };
    let _ = writeln!(out, "  {}  {kind}{keep}{after}", entry.id);
    for (name, value) in &entry.body.properties {
        let text = brief(value);
        // A text of several lines, as code is, stands below its name.
        if text.contains('\n') {
            let _ = writeln!(out, "    {name}");
            for line in text.lines() {
                let _ = writeln!(out, "{}", format!("      | {line}").trim_end());
            }
        } else {
            let _ = writeln!(out, "    {name}  {text}");
        }
    }
    let own = entry.tags.iter().flatten().filter(|tag| tag.0 != "Name" && !common.contains(tag));
    for (key, value) in own {
        let _ = writeln!(out, "    tag {key}  {}", brief(value));
    }
}

/// A value on one line: what it refers to with an `@`.
fn brief(value: &Value) -> String {
    let list =
        |items: &[Value], between: &str| items.iter().map(brief).collect::<Vec<_>>().join(between);
    let pair = |key: &str, value: &Value| format!("{key}={}", brief(value));
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(n) => n.to_string(),
        Value::Halves(n) => format!("{}{}", n / 2, if n % 2 == 0 { "" } else { ".5" }),
        Value::Bool(truth) => truth.to_string(),
        Value::List(items) => format!("[{}]", list(items, ", ")),
        Value::Map(pairs) | Value::Tags(pairs) => {
            let pairs: Vec<String> = pairs.iter().map(|(k, v)| pair(k, v)).collect();
            format!("{{{}}}", pairs.join(" "))
        }
        Value::Block(pairs) => {
            let pairs: Vec<String> = pairs.iter().map(|(k, v)| pair(k, v)).collect();
            format!("{{{}}}", pairs.join(" "))
        }
        Value::Param(name) | Value::Ref(name) => format!("@{name}"),
        Value::Att(id, attribute) => format!("@{id}.{attribute}"),
        Value::Join(items) => list(items, ""),
        Value::Separated(between, items) => list(items, between),
        Value::Pseudo(Pseudo::Account) => "@account".to_owned(),
        Value::Pseudo(Pseudo::Region) => "@region".to_owned(),
        Value::Pseudo(Pseudo::Partition) => "@partition".to_owned(),
        Value::Pseudo(Pseudo::UrlSuffix) => "@url-suffix".to_owned(),
        Value::Base64(value) | Value::Document(value) => brief(value),
        Value::Template(name) => format!("template {name}"),
    }
}
