//! Which zone stands in which slot. A slot once given to a zone is never given to another.

use crate::diag::Sink;
use crate::plan::Lock;
use crate::source::Site;
use crate::spec::component::analytics;
use crate::spec::{Spec, rule};

/// A zone in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its slot in every block of the region.
    pub slot: u8,
    /// Its name, for example `eu-west-1a`.
    pub name: String,
}

impl Zone {
    /// Its number in names, from 1.
    pub fn number(&self) -> u8 {
        self.slot + 1
    }
}

/// So many zones of a region, by slot: first those that have one, in the order in which they came, so that
/// a name that is added takes the place of none; then others, which are added to the lock.
fn first(count: usize, region: &str, spec: &Spec, lock: &mut Lock) -> Vec<Zone> {
    let names = &spec.network.zone_names[region];
    let slots = lock.zones.entry(region.to_owned()).or_default();
    let known = slots.iter().filter(|zone| names.contains(zone)).count();
    let new = names.iter().filter(|name| !slots.contains(name)).take(count.saturating_sub(known));
    let new: Vec<String> = new.cloned().collect();
    slots.extend(new);
    let all = (0..).zip(slots.iter()).filter(|(_, zone)| names.contains(zone));
    all.take(count).map(|(slot, name)| Zone { slot, name: name.clone() }).collect()
}

/// The zones that what the home region has once, in a network of its own, can stand in: as many as are
/// needed there, which may be more than the region uses.
pub fn own(spec: &Spec, lock: &mut Lock, sink: &mut Sink) -> Vec<Zone> {
    let (count, region) =
        (spec.components.analytics.as_ref().map_or(0, analytics::zones), &spec.regions[0]);
    let zones = first(count, region, spec, lock);
    if let Some(beyond) = zones.iter().find(|zone| zone.slot >= analytics::SLOTS) {
        let slots = &lock.zones[region][..usize::from(analytics::SLOTS)];
        let message = format!(
            "{} has slot {} in the lock, and networks of analytics have blocks for {}: those of {}",
            beyond.name,
            beyond.number(),
            analytics::SLOTS,
            slots.join(", "),
        );
        let help = format!("name {count} of these zones, or do without what stands there");
        sink.push(rule::ZONES.at(Site::at(["network", "zone_names", region]), message).help(help));
    }
    zones
}

/// The zones that a region uses, by slot; new ones are added to the lock.
pub fn assign(region: &str, spec: &Spec, lock: &mut Lock, sink: &mut Sink) -> Vec<Zone> {
    let zones = first(usize::from(spec.network.zones), region, spec, lock);
    let slots = &lock.zones[region];
    if let Some(beyond) = zones.iter().find(|zone| zone.slot >= spec.network.zone_slots) {
        let message = format!(
            "{} would take slot {} of {}: the slots before it belong to {}",
            beyond.name,
            beyond.number(),
            spec.network.zone_slots,
            slots[..usize::from(beyond.slot)].join(", "),
        );
        let help = "use the zones that the lock knows, or more `zone_slots` for new blocks";
        sink.push(rule::ZONES.at(Site::at(["network", "zone_names", region]), message).help(help));
    }
    zones
}
