//! The lock: the committed record of every decision. One line an entry, sorted, so that it merges
//! in git; the last line of each section is a constant, so that an entry that is added or removed
//! touches exactly one line.

pub mod read; // text → Lock
pub mod judge; // every contradiction in it

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::plan::Ranges;

pub use read::read;

/// The version of the format. It changes when an older tenantry would lose a decision.
pub const VERSION: u64 = 1;

/// The key of the constant last line of each section. It sorts behind every id.
pub const END: &str = "~";

/// What the last line of the parts says if they are all: whatever is deployed and not among them had
/// nothing that could be put elsewhere. Older versions wrote down only what was nearly full.
pub const ALL_PARTS: &str = "end of all parts";

/// Every decision so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The estate that it belongs to; empty in a new lock.
    pub estate: String,
    /// Where the estate began; `None` in a new lock, and in those of older versions.
    pub home: Option<Home>,
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
    /// Places in cells of tenants that are gone and had no block, by `<cell>/<tenant>`: never given
    /// away until they are released.
    pub retired: BTreeMap<String, TenantEntry>,
    /// The services of each tier in the order in which they were first seen, which numbers them.
    pub services: BTreeMap<String, Vec<String>>,
    /// What is routed to over hubs, in the order in which it was first seen, which numbers it.
    pub ranges: Ranges,
    /// Which part of its template each resource is in, where templates are cut or may be some day.
    /// What nobody has any more, because all of its template is gone, keeps its part.
    pub parts: Parts,
    /// Which part each resource was in that its template has no more: there it goes if it comes back.
    pub away: Parts,
    /// Whether the parts are all: what is deployed and not among them had no units.
    pub all_parts: bool,
}

/// Where an estate began: what it has once stands there, and stays, whatever is listed first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The workload account.
    pub account: String,
    /// The region; locks of older versions do not tell.
    pub region: Option<String>,
}

impl Home {
    /// As it is written: `<account>/<region>`.
    pub fn parse(text: &str) -> Home {
        match text.split_once('/') {
            Some((account, region)) => {
                Home { account: account.to_owned(), region: Some(region.to_owned()) }
            }
            None => Home { account: text.to_owned(), region: None },
        }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.account)?;
        self.region.iter().try_for_each(|region| write!(f, "/{region}"))
    }
}

/// The resources of each part, by number, of what a key names: `<templates>` for what everything else
/// stands on, `<templates>/<unit>` for a unit.
pub type Parts = BTreeMap<String, BTreeMap<u32, Vec<String>>>;

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
    /// What all its tenants need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The only tenant that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedicated: Option<String>,
    /// Why it was opened: what another one was short of, or a word of
    /// [`cells::WORDS`](crate::plan::cells::WORDS). Locks of older versions do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TenantLine", into = "TenantLine")]
pub struct TenantEntry {
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Its account; twelve zeros while AWS has not made it.
    pub account: String,
    /// The e-mail address of that account, if it is the tenant's own.
    pub email: Option<String>,
    /// Its cell, where tenants share one.
    pub cell: Option<String>,
    /// Its number in its cell, from 1, of isolation `container`.
    pub ordinal: Option<u32>,
    /// Its addresses, where tenants have addresses of their own.
    pub space: Option<SpaceEntry>,
    /// What the account before in the list was short of, where it has a VPC of its own in a shared
    /// account and did not find room in the first.
    pub why: Option<String>,
}

/// A tenant as a line of the lock.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantLine {
    tier: String,
    region: String,
    account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ordinal: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    block: Option<Ipv4Net>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slots: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl TryFrom<TenantLine> for TenantEntry {
    type Error = &'static str;

    fn try_from(line: TenantLine) -> Result<Self, Self::Error> {
        let TenantLine { tier, region, account, email, cell, ordinal, block, slots, why } = line;
        let space = match (block, slots) {
            (Some(block), Some(slots)) => Some(SpaceEntry { block, slots }),
            (None, None) if cell.is_some() => None,
            (None, _) => return Err("missing field `block`"),
            (_, None) => return Err("missing field `slots`"),
        };
        Ok(TenantEntry { tier, region, account, email, cell, ordinal, space, why })
    }
}

impl From<TenantEntry> for TenantLine {
    fn from(entry: TenantEntry) -> Self {
        let TenantEntry { tier, region, account, email, cell, ordinal, space, why } = entry;
        let (block, slots) = (space.map(|s| s.block), space.map(|s| s.slots));
        TenantLine { tier, region, account, email, cell, ordinal, block, slots, why }
    }
}

/// Addresses with zone slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpaceEntry {
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
    /// Its account; twelve zeros while AWS has not made it.
    pub account: String,
    /// The e-mail address of that account, if it is the tenant's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Its cell, where tenants share one.
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
        if let Some(home) = &self.home {
            let _ = writeln!(out, "\"home\": \"{home}\",");
        }
        section(&mut out, "zones", &self.zones, false);
        section(&mut out, "hubs", &self.hubs, false);
        section(&mut out, "cells", &self.cells, false);
        section(&mut out, "tenants", &self.tenants, false);
        // Sections that most estates do not need are not there when they are empty.
        let (retired, services) = (!self.retired.is_empty(), !self.services.is_empty());
        // Only one that says that the parts are all can be told from one of an older version.
        let parts = self.all_parts || !self.parts.is_empty();
        let (ranges, away) = (!self.ranges.is_empty(), !self.away.is_empty());
        let last = !ranges && !parts && !away;
        section(&mut out, "quarantine", &self.quarantine, !retired && !services && last);
        if retired {
            section(&mut out, "retired", &self.retired, !services && last);
        }
        if services {
            section(&mut out, "services", &self.services, last);
        }
        if ranges {
            section(&mut out, "ranges", &self.ranges, !parts && !away);
        }
        if parts {
            let end = if self.all_parts { ALL_PARTS } else { "end of parts" };
            closed(&mut out, "parts", &self.parts, (end, !away));
        }
        if away {
            section(&mut out, "away", &self.away, true);
        }
        out.push_str("}\n");
        out
    }

    /// The workload account that the estate began in: where the lock does not say so, there was but one, in
    /// which everything lives, and lived, that has no account of its own.
    pub fn home_account(&self) -> Option<&String> {
        let cells = self.cells.values().map(|cell| &cell.account);
        let tenants = self.tenants.values().filter(|t| t.email.is_none()).map(|t| &t.account);
        let gone = self.quarantine.values().filter(|q| q.email.is_none()).map(|q| &q.account);
        let said = self.home.iter().map(|home| &home.account);
        said.chain(cells).chain(tenants).chain(gone).next()
    }

    /// The region that the estate began in: where the lock does not say so, the first of these that it
    /// knows; or, if they are all new, the only one that it does.
    pub fn home_region<'a>(&'a self, regions: &'a [String]) -> Option<&'a String> {
        let said = self.home.as_ref().and_then(|home| home.region.as_ref());
        let known = || regions.iter().find(|region| self.zones.contains_key(*region));
        let only = || self.zones.keys().next().filter(|_| self.zones.len() == 1);
        said.or_else(known).or_else(only)
    }

    /// Every tenant that is here, or was and can come back to what it had: its id, tier and region.
    pub fn everybody(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let here = self.tenants.iter().map(|(id, t)| (id.as_str(), &t.tier, &t.region));
        let retired = self.retired.iter().map(|(key, t)| (tenant_of(key), &t.tier, &t.region));
        let gone = self.quarantine.values().map(|q| (q.tenant.as_str(), &q.tier, &q.region));
        let all = here.chain(retired).chain(gone);
        all.map(|(id, tier, region)| (id, tier.as_str(), region.as_str()))
    }

    /// Moves a tenant's block into quarantine, or its place in a cell among the retired.
    pub fn retire(&mut self, tenant: &str) {
        let Some(entry) = self.tenants.remove(tenant) else { return };
        if let Some(SpaceEntry { block, slots }) = entry.space {
            let TenantEntry { tier, region, account, email, cell, .. } = entry;
            let tenant = tenant.to_owned();
            let gone = Quarantined { tenant, tier, region, account, email, cell, slots };
            self.quarantine.insert(block, gone);
        } else if let Some(cell) = &entry.cell {
            self.retired.insert(format!("{cell}/{tenant}"), entry);
        }
    }

    /// Gives quarantined blocks back to their pools or cells, and places back to their cells. A
    /// place is asked for by its tenant and `None`; how many were given back.
    pub fn release(&mut self, matches: impl Fn(Option<&Ipv4Net>, &str) -> bool) -> usize {
        // What goes may be all that tells.
        if let Some(account) = self.home_account().filter(|_| self.home.is_none()).cloned() {
            self.home = Some(Home { account, region: None });
        }
        let before = self.quarantine.len() + self.retired.len();
        self.quarantine.retain(|block, entry| !matches(Some(block), &entry.tenant));
        self.retired.retain(|key, _| !matches(None, tenant_of(key)));
        before - self.quarantine.len() - self.retired.len()
    }
}

/// The tenant of a retired place.
pub fn tenant_of(key: &str) -> &str {
    key.rsplit_once('/').map_or(key, |(_, tenant)| tenant)
}

fn section<K: ToString, V: Serialize>(
    out: &mut String,
    name: &str,
    map: &BTreeMap<K, V>,
    last: bool,
) {
    closed(out, name, map, (&format!("end of {name}"), last));
}

fn closed<K: ToString, V: Serialize>(
    out: &mut String,
    name: &str,
    map: &BTreeMap<K, V>,
    (end, last): (&str, bool),
) {
    let _ = writeln!(out, "\"{name}\": {{");
    for (key, value) in map {
        let key = serde_json::to_string(&key.to_string()).expect("a string serialises");
        let value = serde_json::to_string(value).expect("strings and numbers serialise");
        let _ = writeln!(out, "{key}: {value},");
    }
    let _ = writeln!(out, "\"{END}\": \"{end}\"\n}}{}", if last { "" } else { "," });
}
