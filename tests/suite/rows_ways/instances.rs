//! The rows of processors of instances, and how each is counted a second time: how many a type has is told
//! by its size here, not by a table, and whatever is bought is bought one by one.

use serde_json::Value;

use super::network::{fullest, of, text};
use super::odd::place;
use super::{Row, most};
use crate::rows::{Everything, Resource};

const STANDARD_FIRST: &str = "vCPUs of all groups at their most, as far as they are on demand, by the type of each \
     that has most. AWS raises the default by itself, so it only warns";
const STANDARD_SPOT: &str = "the same of what is Spot, and a tenth of a group while AWS takes some of it back. AWS raises \
     the default by itself, so it only warns";
const FIRST: &str = "the same on demand of such types";
const SPOT: &str = "the same as Spot of such types";

/// The rows.
pub static WAYS: &[Row] = &[
    most("ec2.on-demand-standard-vcpus", |all| first(all, STANDARD), STANDARD_FIRST),
    most("ec2.on-demand-dl-vcpus", |all| first(all, &["dl"]), FIRST),
    most("ec2.on-demand-f-vcpus", |all| first(all, &["f"]), FIRST),
    most("ec2.on-demand-g-and-vt-vcpus", |all| first(all, &["g", "gr", "vt"]), FIRST),
    most("ec2.on-demand-high-memory-vcpus", |all| first(all, &["u"]), FIRST),
    most("ec2.on-demand-hpc-vcpus", |all| first(all, &["hpc"]), FIRST),
    most("ec2.on-demand-inf-vcpus", |all| first(all, &["inf"]), FIRST),
    most("ec2.on-demand-p-vcpus", |all| first(all, &["p"]), FIRST),
    most("ec2.on-demand-trn-vcpus", |all| first(all, &["trn"]), FIRST),
    most("ec2.on-demand-x-vcpus", |all| first(all, &["x"]), FIRST),
    most("ec2.spot-standard-vcpus", |all| spot(all, STANDARD), STANDARD_SPOT),
    most("ec2.spot-dl-vcpus", |all| spot(all, &["dl"]), SPOT),
    most("ec2.spot-f-vcpus", |all| spot(all, &["f"]), SPOT),
    most("ec2.spot-g-and-vt-vcpus", |all| spot(all, &["g", "gr", "vt"]), SPOT),
    most("ec2.spot-inf-vcpus", |all| spot(all, &["inf"]), SPOT),
    most("ec2.spot-p-vcpus", |all| spot(all, &["p"]), SPOT),
    most("ec2.spot-trn-vcpus", |all| spot(all, &["trn"]), SPOT),
    most("ec2.spot-x-vcpus", |all| spot(all, &["x"]), SPOT),
];

const STANDARD: &[&str] = &["a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"];

/// The processors of a type, by its size; an `xlarge` has four.
fn processors(kind: &str) -> u64 {
    let (family, size) = kind.split_once('.').expect("a type");
    match size {
        "medium" if family.starts_with('t') => 2,
        "medium" => 1,
        "small" | "large" => 2,
        "xlarge" => 4,
        _ => 4 * size.strip_suffix("xlarge").expect("a size").parse::<u64>().expect("a number"),
    }
}

/// The most processors of a type of a group, of those families.
fn each(it: &Resource, letters: &[&str]) -> u64 {
    let types = &it.properties["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"];
    let types = types.as_array().expect("types").iter().map(|one| text(&one["InstanceType"]));
    let ours = types.filter(|kind| {
        let family = kind.trim_start_matches(|it: char| it.is_ascii_lowercase());
        letters.contains(&kind.strip_suffix(family).expect("its end"))
    });
    ours.map(|kind| processors(&kind)).max().unwrap_or(0)
}

fn first(all: &Everything, letters: &[&str]) -> u64 {
    let groups = of(all, "AWS::AutoScaling::AutoScalingGroup");
    fullest(groups.map(|it| (place(it), bought(it).0 * each(it, letters))))
}

fn spot(all: &Everything, letters: &[&str]) -> u64 {
    let groups = of(all, "AWS::AutoScaling::AutoScalingGroup");
    fullest(groups.map(|it| (place(it), bought(it).1 * each(it, letters))))
}

/// How many of a group are on demand and how many are Spot; what could be either is both.
fn bought(it: &Resource) -> (u64, u64) {
    let number =
        |value: &Value| value.as_u64().unwrap_or_else(|| text(value).parse().expect("one"));
    let most = number(&it.properties["MaxSize"]);
    let how = &it.properties["MixedInstancesPolicy"]["InstancesDistribution"];
    let base = number(&how["OnDemandBaseCapacity"]).min(most);
    // In hundredths of an instance.
    let share = number(&how["OnDemandPercentageAboveBaseCapacity"]) * (most - base);
    let up = (base..=most).find(|count| (count - base) * 100 >= share).expect("not more than all");
    let down =
        (base..=most).rfind(|count| (count - base) * 100 <= share).expect("not less than none");
    let rebalanced = most > down && it.properties["CapacityRebalance"] == true;
    let tenth = (1..=most).find(|tenth| tenth * 10 >= most).expect("a number");
    (up, most - down + if rebalanced { tenth } else { 0 })
}
