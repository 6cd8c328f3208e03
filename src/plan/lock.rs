//! The lock: the committed record of every decision. One line an entry, sorted, so that it merges
//! in git; the last line of each section is a constant, so that an entry that is added or removed
//! touches exactly one line.

pub mod read; // text → Lock
pub mod judge; // every contradiction in it

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

pub use read::read;

/// The version of the format. It changes when an older tenantry would lose a decision.
pub const VERSION: u64 = 1;

/// The key of the constant last line of each section. It sorts behind every id.
pub const END: &str = "~";

/// Every decision so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The estate that it belongs to; empty in a new lock.
    pub estate: String,
    /// The zone in each slot, by region.
    pub zones: BTreeMap<String, Vec<String>>,
    /// The block of each region's hub.
    pub hubs: BTreeMap<String, HubEntry>,
    /// The cells, by id.
    pub cells: BTreeMap<String, CellEntry>,
    /// The tenants, by id.
    pub tenants: BTreeMap<String, TenantEntry>,
    /// Blocks that belonged to tenants that are gone: never given away until they are released.
    pub quarantine: BTreeMap<Ipv4Net, Quarantined>,
}

/// A hub's block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubEntry {
    /// The addresses.
    pub block: Ipv4Net,
    /// The zone slots.
    pub slots: u8,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellEntry {
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Its account.
    pub account: String,
    /// The addresses.
    pub block: Ipv4Net,
    /// The zone slots.
    pub slots: u8,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Its account.
    pub account: String,
    /// Its cell, of isolation `subnet`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The addresses.
    pub block: Ipv4Net,
    /// The zone slots.
    pub slots: u8,
}

/// The block of a tenant that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantined {
    /// Whose it was.
    pub tenant: String,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Its account.
    pub account: String,
    /// Its cell, of isolation `subnet`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The zone slots.
    pub slots: u8,
}

impl Lock {
    /// The lock as it is written.
    pub fn render(&self) -> String {
        let mut out = String::new();
        let estate = serde_json::to_string(&self.estate).expect("a string serialises");
        let _ = writeln!(out, "{{\n\"tenantry_lock\": {VERSION},\n\"estate\": {estate},");
        section(&mut out, "zones", &self.zones, false);
        section(&mut out, "hubs", &self.hubs, false);
        section(&mut out, "cells", &self.cells, false);
        section(&mut out, "tenants", &self.tenants, false);
        section(&mut out, "quarantine", &self.quarantine, true);
        out.push_str("}\n");
        out
    }

    /// Moves a tenant's block into quarantine.
    pub fn retire(&mut self, tenant: &str) {
        if let Some(entry) = self.tenants.remove(tenant) {
            let TenantEntry { tier, region, account, cell, block, slots } = entry;
            let gone =
                Quarantined { tenant: tenant.to_owned(), tier, region, account, cell, slots };
            self.quarantine.insert(block, gone);
        }
    }

    /// Gives quarantined blocks back to their pools or cells; how many.
    pub fn release(&mut self, matches: impl Fn(&Ipv4Net, &Quarantined) -> bool) -> usize {
        let before = self.quarantine.len();
        self.quarantine.retain(|block, entry| !matches(block, entry));
        before - self.quarantine.len()
    }
}

fn section<K: ToString, V: Serialize>(
    out: &mut String,
    name: &str,
    map: &BTreeMap<K, V>,
    last: bool,
) {
    let _ = writeln!(out, "\"{name}\": {{");
    for (key, value) in map {
        let key = serde_json::to_string(&key.to_string()).expect("a string serialises");
        let value = serde_json::to_string(value).expect("strings and numbers serialise");
        let _ = writeln!(out, "{key}: {value},");
    }
    let _ = writeln!(out, "\"{END}\": \"end of {name}\"\n}}{}", if last { "" } else { "," });
}
