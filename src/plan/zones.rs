//! Which zone stands in which slot. A slot once given to a zone is never given to another.

use crate::diag::Sink;
use crate::plan::Lock;
use crate::source::Site;
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

/// The zones that a region uses, by slot; new ones are added to the lock.
pub fn assign(region: &str, spec: &Spec, lock: &mut Lock, sink: &mut Sink) -> Vec<Zone> {
    let names = &spec.network.zone_names[region];
    let wanted = names.iter().take(usize::from(spec.network.zones));
    let slots = lock.zones.entry(region.to_owned()).or_default();
    let mut zones: Vec<Zone> = wanted
        .map(|name| {
            let known = slots.iter().position(|zone| zone == name);
            let slot = known.unwrap_or_else(|| {
                slots.push(name.clone());
                slots.len() - 1
            });
            Zone { slot: u8::try_from(slot).unwrap_or(u8::MAX), name: name.clone() }
        })
        .collect();
    zones.sort_by_key(|zone| zone.slot);
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
