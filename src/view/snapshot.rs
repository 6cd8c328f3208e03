//! A small picture of an estate, committed and reviewed: counts, the address plan, the stacks by
//! template, and each template once. Ten thousand tenants are one picture of the same size, so that
//! a change of a tier is a diff that a person reads; who each tenant is stands in the lock.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::space::size;
use crate::synth::Made;
use crate::template::Wave;
use crate::view::{grouped, outline};

/// What every file of a picture begins with: a file without it is somebody else's.
pub const HEAD: &str = "# Written by `tenantry synth --snapshot`: to be reviewed, not edited.\n\n";

/// How many tenants and stacks of a kind are named.
const NAMED: usize = 12;

/// The files, by path below the folder of the estate.
pub fn files(made: &Made) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    out.insert("estate.txt".to_owned(), format!("{HEAD}{}", estate(made)));
    let addresses = outline::address_plan(made, NAMED);
    out.insert("addresses.txt".to_owned(), format!("{HEAD}{addresses}"));
    for (shape, template) in &made.estate.templates {
        let mut text = format!("{HEAD}{shape}: {}", outline::template(template));
        if let Some(first) = made.estate.stacks.iter().find(|stack| stack.shape == *shape) {
            let _ = writeln!(text, "\nas in {}", first.key);
            for (param, value) in template.params.iter().zip(&first.values) {
                let _ = writeln!(text, "  {}  {}", param.name, value.replace('\n', " "));
            }
        }
        out.insert(format!("templates/{shape}.txt"), text);
    }
    out
}

fn estate(made: &Made) -> String {
    let resources: usize =
        made.estate.stacks.iter().map(|s| made.estate.templates[&s.shape].entries.len()).sum();
    let mut out = format!(
        "estate {}\n  tenants    {}\n  stacks     {}\n  templates  {}\n  resources  {}\n\ntiers\n",
        made.spec.estate(),
        grouped(made.spec.tenants.len() as u64),
        grouped(made.estate.stacks.len() as u64),
        made.estate.templates.len(),
        grouped(resources as u64),
    );
    for (id, tier) in &made.spec.tiers {
        let tenants = made.spec.tenants.values().filter(|tenant| tenant.tier == *id).count();
        let cells = made.plan.cells.values().filter(|cell| cell.tier == *id).count();
        let cells =
            if cells > 0 { format!(", cells {}", grouped(cells as u64)) } else { String::new() };
        let _ = writeln!(
            out,
            "  {id}  {}, tenants {}{cells}",
            tier.isolation.id(),
            grouped(tenants as u64)
        );
    }
    out.push_str("\npools\n");
    for pool in &made.plan.usage {
        let open = size(pool.pool.prefix_len()) - pool.reserved;
        let _ = writeln!(out, "  {}  {} of {}", pool.pool, grouped(pool.used), grouped(open));
    }
    out.push_str("\nblocks\n");
    blocks(made, &mut out);
    out.push_str("\nstacks by template\n");
    stacks(made, &mut out);
    out
}

/// Hubs, cells and tenants with their blocks, the tenants by tier.
fn blocks(made: &Made, out: &mut String) {
    for (region, hub) in &made.plan.hubs {
        let _ = writeln!(out, "  hub {region}  {}", hub.cidr);
    }
    let cells = made.plan.cells.values();
    let cells = cells.map(|cell| (cell.tier.as_str(), format!("{} {}", cell.id, cell.block.cidr)));
    by_tier("cells", cells, out);
    let tenants = made.plan.tenants.iter().filter_map(|(id, placed)| {
        let tier = made.spec.tenants[id].tier.as_str();
        Some((tier, format!("{id} {}", placed.block?.cidr)))
    });
    by_tier("tenants", tenants, out);
}

fn by_tier<'a>(what: &str, items: impl Iterator<Item = (&'a str, String)>, out: &mut String) {
    let mut tiers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (tier, item) in items {
        tiers.entry(tier).or_default().push(item);
    }
    for (tier, items) in tiers {
        let _ = writeln!(out, "  {what} of {tier}");
        list(&items, out);
    }
}

fn stacks(made: &Made, out: &mut String) {
    let mut shapes: BTreeMap<(Wave, &str), Vec<String>> = BTreeMap::new();
    for stack in &made.estate.stacks {
        let place = format!("{}  {}/{}", stack.key, stack.account, stack.region);
        shapes.entry((stack.wave, &stack.shape)).or_default().push(place);
    }
    for ((wave, shape), stacks) in shapes {
        let count = grouped(stacks.len() as u64);
        let _ = writeln!(out, "  wave {}, {shape}: {count}", wave.number());
        list(&stacks, out);
    }
}

/// The first of a list, one a line, and how many more there are.
fn list(items: &[String], out: &mut String) {
    for item in items.iter().take(NAMED) {
        let _ = writeln!(out, "    {item}");
    }
    if let Some(more) = items.len().checked_sub(NAMED + 1) {
        let _ = writeln!(out, "    … and {} more", grouped(more as u64 + 1));
    }
}
