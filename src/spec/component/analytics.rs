//! What records hold, how long they are kept, and where a warehouse can stand.

use std::collections::BTreeSet;

use crate::blueprint::Written;
use crate::blueprint::shape::component::{Analytics, Notebooks, Warehouse};
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

/// How many zones notebooks are spread over, so that one that fails leaves the other.
pub const NOTEBOOK_ZONES: usize = 2;

/// For how many slots of zones its networks have blocks.
pub const SLOTS: u8 = 4;

/// In how many zones something of it stands in a network of its own.
pub fn zones(block: &Analytics) -> usize {
    let warehouse = block.warehouse.as_ref().map(|_| ZONES);
    let notebooks = block.notebooks.as_ref().map(|_| NOTEBOOK_ZONES);
    warehouse.or(notebooks).unwrap_or(0)
}

/// Columns that every table has already: they stand in the names of objects.
const TAKEN: [&str; 2] = ["tenant", "day"];

/// Judges a block.
pub fn check(block: &Analytics, written: &Written, site: &Site, sink: &mut Sink) {
    columns(block, site, sink);
    if let (Some(cold), Some(expire)) = (block.cold_after, block.expire_after)
        && cold >= expire
    {
        let message = format!("records are deleted after {expire} days, before they are moved");
        let help = "delete them later, or move them earlier";
        sink.push(rule::COMPONENT.at(site.child("cold_after"), message).help(help));
    }
    let partition = format!("arn:{}:", written.blueprint.partition.id());
    for (i, arn) in block.analysts.iter().enumerate() {
        if !arn.starts_with(&partition) {
            let message = format!("{arn} is not in the partition of the estate");
            let help = format!("name a role that begins with {partition}");
            sink.push(rule::COMPONENT.at(site.child("analysts").child(i), message).help(help));
        }
    }
    if let Some(warehouse) = &block.warehouse {
        units(warehouse, &site.child("warehouse"), sink);
        place(written, ("a warehouse", ZONES), &site.child("warehouse"), sink);
    }
    if let Some(notebooks) = &block.notebooks {
        place(written, ("notebooks", NOTEBOOK_ZONES), &site.child("notebooks"), sink);
        users(notebooks, &site.child("notebooks").child("users"), sink);
    }
    if block.quicksight == Some(true) {
        let message = "QuickSight reads for all of its readers as one, and says no tenant: a dashboard over the lake would show every tenant";
        let help = "subscribe by hand, and give each tenant a data set of what `analysts` wrote for it; docs/components/analytics.md says why";
        sink.push(rule::COMPONENT.at(site.child("quicksight"), message).help(help));
    }
}

/// Each person once, also in the names that resources have in templates.
fn users(notebooks: &Notebooks, site: &Site, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for (i, user) in notebooks.users.iter().enumerate() {
        if !seen.insert(user.replace('-', "")) {
            let message = format!("{user:?} is there already, hyphens apart");
            let help = "name each person once, and two people differently";
            sink.push(rule::COMPONENT.at(site.child(i), message).help(help));
        }
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

/// Subnets are in so many zones of the home region.
fn place(written: &Written, (what, least): (&str, usize), site: &Site, sink: &mut Sink) {
    let Some(home) = written.home_region() else { return };
    let blueprint = &written.blueprint;
    let given = blueprint.network.zone_names.get(home).map(Vec::len);
    let known = blueprint.partition.zones(home).map_or(0, <[String]>::len);
    let zones = given.unwrap_or(known);
    if zones < least {
        let count = if least == ZONES { "three" } else { "two" };
        let needs = if least == ZONES { "needs" } else { "need" };
        let message = format!("{what} {needs} {count} zones, and {home} has {zones}");
        let help = format!("name {count} in `network.zone_names`, or do without {what}");
        let complaint = rule::COMPONENT.at(site.key(), message).help(help);
        sink.push(
            complaint
                .against(["partition"])
                .against(["regions"])
                .against(["network", "zone_names"]),
        );
    }
}
