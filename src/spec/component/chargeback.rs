//! Meters have names that events can have, prices that are numbers, and tiers that there are.

use std::collections::BTreeMap;

use serde_json::json;

use crate::blueprint::Blueprint;
use crate::blueprint::shape::component::{Chargeback, Meter};
use crate::diag::Sink;
use crate::name::nearest;
use crate::source::Site;
use crate::spec::rule;

/// Digits of a price before and behind the point: a quantity of 18 digits times a price still is one
/// of the 38 digits that Athena counts with. Source:
/// <https://docs.aws.amazon.com/athena/latest/ug/data-types.html>.
const DIGITS: (usize, usize) = (8, 12);

/// The most that an event can say, and more than anybody could use in a month.
const MOST: u64 = 1_000_000_000_000_000;

/// How many bytes the limits may be: the variables of a function have 4 KB together. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
const LIMIT_BYTES: usize = 3_000;

/// Judges a block.
pub fn check(chargeback: &Chargeback, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    let site = site.child("meters");
    for (name, meter) in &chargeback.meters {
        let at = site.child(name.as_str());
        if !is_meter(name) {
            let message = format!("{name:?} cannot be the name of a meter");
            let help =
                "use lower-case letters, digits, hyphens and points, a letter first, at most 63";
            sink.push(rule::COMPONENT.at(at.key(), message).help(help));
        }
        one(meter, blueprint, &at, sink);
    }
    let bytes = limits(chargeback).len();
    if bytes > LIMIT_BYTES {
        let message = format!("the limits of all meters are {bytes} bytes, of {LIMIT_BYTES}");
        let help = "set limits on fewer meters or tiers, or shorten their names";
        sink.push(rule::COMPONENT.at(site.key(), message).help(help));
    }
}

/// How much each tier has of each meter, as JSON.
pub fn limits(chargeback: &Chargeback) -> String {
    let mut out: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for (name, meter) in &chargeback.meters {
        for (tier, most) in &meter.limits {
            out.entry(tier).or_default().insert(name, *most);
        }
    }
    json!(out).to_string()
}

fn is_meter(name: &str) -> bool {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(sound)
}

fn one(meter: &Meter, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    if let Some(price) = &meter.price {
        check_price(price, site.child("price"), sink);
    }
    for (tier, price) in &meter.prices {
        let at = site.child("prices").child(tier.as_str());
        known(tier, blueprint, &at, sink);
        check_price(price, at, sink);
    }
    for (tier, most) in &meter.limits {
        let at = site.child("limits").child(tier.as_str());
        known(tier, blueprint, &at, sink);
        if !(1..=MOST).contains(most) {
            let message = format!("{most} is not from 1 to {MOST}");
            sink.push(rule::COMPONENT.at(at, message).help("set a limit that can be reached"));
        }
    }
}

fn check_price(price: &str, site: Site, sink: &mut Sink) {
    if !is_price(price) {
        let message = format!("{price:?} is not a price");
        let (whole, part) = DIGITS;
        let help =
            format!("write a number with at most {whole} digits before and {part} behind a point");
        sink.push(rule::COMPONENT.at(site, message).help(help));
    }
}

fn is_price(price: &str) -> bool {
    let (whole, part) = price.split_once('.').unwrap_or((price, "0"));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(whole, DIGITS.0) && digits(part, DIGITS.1)
}

fn known(tier: &str, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    if blueprint.tiers.contains_key(tier) {
        return;
    }
    let complaint = rule::COMPONENT.at(site.key(), format!("there is no tier {tier:?}"));
    let complaint = complaint.against(["tiers", tier]);
    let near = nearest(tier, blueprint.tiers.keys().map(String::as_str));
    sink.push(match near {
        Some(near) => complaint.help(format!("did you mean `{near}`?")),
        None => complaint,
    });
}
