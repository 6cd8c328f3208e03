//! What records hold, how long they are kept, and where a warehouse can stand.

use crate::blueprint::Blueprint;
use crate::blueprint::shape::component::{Analytics, Warehouse};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// After how many days records move to storage that is cheaper, where nothing else is said.
pub const COLD: u32 = 90;

/// How many units a warehouse begins with and has at most, where nothing else is said.
pub const UNITS: (u32, u32) = (8, 32);

/// How many zones a warehouse needs. Source:
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html>.
pub const ZONES: usize = 3;

/// Columns that every table has already: they stand in the names of objects.
const TAKEN: [&str; 2] = ["tenant", "day"];

/// Judges a block.
pub fn check(block: &Analytics, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    columns(block, site, sink);
    if let (Some(cold), Some(expire)) = (block.cold_after, block.expire_after)
        && cold >= expire
    {
        let message = format!("records are deleted after {expire} days, before they are moved");
        let help = "delete them later, or move them earlier";
        sink.push(rule::COMPONENT.at(site.child("cold_after"), message).help(help));
    }
    let partition = format!("arn:{}:", blueprint.partition.id());
    for (i, arn) in block.analysts.iter().enumerate() {
        if !arn.starts_with(&partition) {
            let message = format!("{arn} is not in the partition of the estate");
            let help = format!("name a role that begins with {partition}");
            sink.push(rule::COMPONENT.at(site.child("analysts").child(i), message).help(help));
        }
    }
    if let Some(warehouse) = &block.warehouse {
        units(warehouse, &site.child("warehouse"), sink);
        place(blueprint, &site.child("warehouse"), sink);
    }
}

/// Names that Athena takes without quotes.
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html>.
fn columns(block: &Analytics, site: &Site, sink: &mut Sink) {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    for name in block.columns.keys() {
        let at = || site.child("columns").child(name.as_str()).key();
        if TAKEN.contains(&name.as_str()) {
            let message = format!("every table has the column `{name}`, from where its files lie");
            sink.push(rule::COMPONENT.at(at(), message).help("call it otherwise"));
            continue;
        }
        let legal = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(sound)
            && name.len() <= 64;
        if !legal {
            let message = format!("{name:?} cannot be the name of a column");
            let help = "use lower-case letters, digits and underscores, a letter first, at most 64";
            sink.push(rule::COMPONENT.at(at(), message).help(help));
        }
    }
}

fn units(warehouse: &Warehouse, site: &Site, sink: &mut Sink) {
    for (key, units) in [("base", warehouse.base), ("most", warehouse.most)] {
        if units.is_some_and(|units| units % 8 != 0) {
            let message = "units come in eights";
            sink.push(rule::COMPONENT.at(site.child(key), message).help("use a multiple of 8"));
        }
    }
    let (base, most) = (warehouse.base.unwrap_or(UNITS.0), warehouse.most.unwrap_or(UNITS.1));
    if base > most {
        let message = format!("it begins with {base} units, and has {most} at most");
        sink.push(
            rule::COMPONENT.at(site.key(), message).help("let `most` be no less than `base`"),
        );
    }
}

/// Its subnets are in three zones of the first region.
fn place(blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let Some(home) = blueprint.regions.first() else { return };
    let given = blueprint.network.zone_names.get(home).map(Vec::len);
    let known = blueprint.partition.zones(home).map_or(0, <[String]>::len);
    let zones = given.unwrap_or(known);
    if zones < ZONES {
        let message = format!("a warehouse needs three zones, and {home} has {zones}");
        let help = "name three in `network.zone_names`, or do without a warehouse";
        sink.push(rule::COMPONENT.at(site.key(), message).help(help));
    }
}
