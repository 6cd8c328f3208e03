//! The entries of a lock, each by itself and against the others.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::aws::{LONGEST_PREFIX, PENDING, SHORTEST_PREFIX};
use crate::diag::Sink;
use crate::plan::lock::{Lock, TenantEntry, tenant_of};
use crate::plan::{Block, cells, layout, ranges, rule};
use crate::source::{FileId, Site, Source};
use crate::spec::tier::{shared_prefix, slot_bits};

/// The text of a lock, to find where an entry stands.
pub struct Text<'a> {
    /// The text.
    pub source: &'a Source,
    /// Its number.
    pub file: FileId,
}

impl Text<'_> {
    /// The key of the first, or with `skip` a later, entry of that key in a section.
    pub fn place(&self, section: &str, key: &str, skip: usize) -> Site {
        let text = &self.source.text;
        let start = text.find(&format!("\n\"{section}\": {{")).map_or(0, |at| at + 1);
        let end = text[start..].find("\n\"~\"").map_or(text.len(), |at| start + at);
        let range = if section.is_empty() { text.as_str() } else { &text[start..end] };
        let start = if section.is_empty() { 0 } else { start };
        let needle = format!("\n{}:", serde_json::to_string(key).expect("a string serialises"));
        match range.match_indices(&needle).nth(skip) {
            Some((at, found)) => {
                Site::Bytes(self.file, start + at + 1, start + at + found.len() - 1)
            }
            None => Site::File(self.file),
        }
    }
}

/// The highest number of a part; beyond it, a number was not counted up to but slipped in.
const MOST_PARTS: u32 = 999;

/// Complains of entries that tenantry cannot have written.
pub fn entries(lock: &Lock, text: &Text<'_>, sink: &mut Sink) {
    let mut complain = |section: &str, key: &str, fault: Option<String>| {
        if let Some(fault) = fault {
            sink.push(
                rule::LOCK_ENTRY.at(text.place(section, key, 0), format!("{key:?}: {fault}")),
            );
        }
    };
    for (region, zones) in &lock.zones {
        complain("zones", region, zone_fault(region, zones));
    }
    for (region, hub) in &lock.hubs {
        complain("hubs", region, block_fault(hub.block, hub.slots, 2));
    }
    for (id, cell) in &lock.cells {
        let fault =
            block_fault(cell.block, cell.slots, 0).or_else(|| cell_fault(cell.block, cell.slots));
        let legal = id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let fault = fault.or_else(|| (!legal).then(|| "not the id of a cell".to_owned()));
        let why = cell.why.as_ref().filter(|why| !cells::is_reason(why));
        let fault = fault.or_else(|| Some(format!("{:?} is no reason to open a cell", why?)));
        complain("cells", id, fault.or_else(|| account_fault(&cell.account)));
    }
    if let Some(home) = &lock.home {
        let region = home.region.as_ref().filter(|region| !is_region(region));
        let fault = region.map(|region| format!("{region:?} is not a region"));
        complain("", "home", account_fault(&home.account).or(fault));
    }
    for (id, t) in &lock.tenants {
        complain("tenants", id, tenant_fault(lock, id, t));
    }
    for (key, t) in &lock.retired {
        let named = key.rsplit_once('/').filter(|(cell, _)| t.cell.as_deref() == Some(*cell));
        let fault = match named {
            Some((_, tenant)) if !tenant.is_empty() => tenant_fault(lock, tenant, t),
            _ => Some("it is not named by its cell and tenant".to_owned()),
        };
        let fault = fault.or_else(|| {
            let own = t.space.is_some() || t.email.is_some();
            own.then(|| "a tenant with addresses is quarantined, not retired".to_owned())
        });
        complain("retired", key, fault);
    }
    for (block, q) in &lock.quarantine {
        let fault = block_fault(*block, q.slots, if q.cell.is_some() { 0 } else { 2 });
        let place = (q.tier.as_str(), q.region.as_str(), q.account.as_str());
        let home = || home_fault(lock, q.cell.as_ref(), Some(*block), place);
        let fault = fault.or_else(|| account_fault(&q.account)).or_else(home);
        complain("quarantine", &block.to_string(), fault);
    }
    for (tier, services) in &lock.services {
        let twice = services.iter().enumerate().find(|(i, name)| services[..*i].contains(name));
        complain("services", tier, twice.map(|(_, name)| format!("{name} has two numbers")));
    }
    for (key, all) in &lock.ranges {
        complain("ranges", key, ranges_fault(key, all));
    }
    let mut seen = BTreeSet::new();
    let parts = lock.parts.iter().map(|(key, parts)| ("parts", key, parts));
    let away = lock.away.iter().map(|(key, parts)| ("away", key, parts));
    for (section, key, parts) in parts.chain(away) {
        let templates = key.split('/').next().unwrap_or_default();
        for (part, id) in parts.iter().flat_map(|(part, ids)| ids.iter().map(move |id| (part, id)))
        {
            let twice = !seen.insert((templates, id));
            let twice = twice.then(|| format!("{id} stands in two places"));
            let no = !(1..=MOST_PARTS).contains(part);
            let number = || no.then(|| format!("parts are numbered from 1 to {MOST_PARTS}"));
            complain(section, key, twice.or_else(number));
        }
    }
}

fn ranges_fault(key: &str, all: &[Ipv4Net]) -> Option<String> {
    let twice = all.iter().enumerate().find(|(i, range)| all[..*i].contains(range));
    let twice = twice.map(|(_, range)| format!("{range} has two numbers"));
    let bits = all.iter().find(|range| range.trunc() != **range);
    let bits = bits.map(|range| format!("{range} has bits set behind its prefix"));
    let unknown = ![ranges::HUB, ranges::PREMISES].contains(&key);
    twice.or(bits).or_else(|| unknown.then(|| "nothing is numbered under this name".to_owned()))
}

fn tenant_fault(lock: &Lock, id: &str, t: &TenantEntry) -> Option<String> {
    let cuts = if t.cell.is_some() { 0 } else { 2 };
    let block = t.space.and_then(|space| block_fault(space.block, space.slots, cuts));
    let zero = || (t.ordinal == Some(0)).then(|| "numbers begin at 1".to_owned());
    let place = (t.tier.as_str(), t.region.as_str(), t.account.as_str());
    let home = || home_fault(lock, t.cell.as_ref(), t.space.map(|s| s.block), place);
    let stranger = || {
        let cell = lock.cells.get(t.cell.as_ref()?)?;
        let owner = cell.dedicated.as_ref().filter(|owner| *owner != id)?;
        Some(format!("its cell is for {owner:?} alone"))
    };
    let why = || {
        let why = t.why.as_ref().filter(|why| !cells::is_reason(why))?;
        Some(format!("{why:?} is no reason to take another account"))
    };
    let fault = block.or_else(zero).or_else(|| account_fault(&t.account));
    fault.or_else(home).or_else(stranger).or_else(why)
}

fn zone_fault(region: &str, zones: &[String]) -> Option<String> {
    let sound = |zone: &String| {
        let letter = zone.strip_prefix(region);
        letter.is_some_and(|l| l.len() == 1 && l.chars().all(|c| c.is_ascii_lowercase()))
    };
    if let Some(bad) = zones.iter().find(|zone| !sound(zone)) {
        return Some(format!("{bad:?} is not a zone of {region}"));
    }
    let twice = zones.iter().enumerate().find(|(i, zone)| zones[..*i].contains(zone));
    twice.map(|(_, zone)| format!("{zone} has two slots"))
}

/// A block in canonical form, of a size that AWS allows, and large enough for its slots, each of
/// which is cut `layers` times in two.
fn block_fault(block: Ipv4Net, slots: u8, layers: u8) -> Option<String> {
    let prefix = block.prefix_len();
    if block != block.trunc() {
        return Some(format!("{block} has host bits"));
    }
    if !(SHORTEST_PREFIX..=LONGEST_PREFIX).contains(&prefix) {
        return Some(format!("{block} is no block of a VPC, which is /16 to /28"));
    }
    if !matches!(slots, 1 | 2 | 4 | 8) {
        return Some(format!("{slots} zone slots; there are 1, 2, 4 or 8"));
    }
    let smallest = prefix + slot_bits(slots) + layers;
    (smallest > LONGEST_PREFIX).then(|| format!("{block} is too small for {slots} zone slots"))
}

fn cell_fault(block: Ipv4Net, slots: u8) -> Option<String> {
    let prefix = block.prefix_len();
    (shared_prefix(prefix, slots) <= prefix).then(|| format!("{block} is too small for a cell"))
}

fn is_region(region: &str) -> bool {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    region.starts_with(|c: char| c.is_ascii_lowercase()) && region.chars().all(sound)
}

fn account_fault(account: &str) -> Option<String> {
    let sound = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
    (!sound).then(|| format!("{account:?} is not an account"))
}

/// A tenant in a cell lies inside it, and agrees with it in tier, region and account.
fn home_fault(
    lock: &Lock,
    cell: Option<&String>,
    block: Option<Ipv4Net>,
    place: (&str, &str, &str),
) -> Option<String> {
    let id = cell?;
    let Some(entry) = lock.cells.get(id) else { return Some(format!("there is no cell {id:?}")) };
    if let Some(block) = block.filter(|block| !entry.block.contains(block)) {
        return Some(format!("{block} lies outside its cell {id:?}, which has {}", entry.block));
    }
    let same = place == (entry.tier.as_str(), entry.region.as_str(), entry.account.as_str());
    (!same).then(|| format!("its cell {id:?} is of another tier, region or account"))
}

/// Who owns a block, and where that stands.
struct Owner {
    block: Ipv4Net,
    name: String,
    section: &'static str,
    key: String,
}

/// Complains of blocks that have two owners.
pub fn owners(lock: &Lock, text: &Text<'_>, sink: &mut Sink) {
    let own = |block: Ipv4Net, what: &str, section: &'static str, key: &str| {
        let name = format!("{what} {key:?}");
        Owner { block, name, section, key: key.to_owned() }
    };
    let mut top: Vec<Owner> = Vec::new();
    let mut inside: BTreeMap<&str, Vec<Owner>> = BTreeMap::new();
    top.extend(lock.hubs.iter().map(|(region, hub)| own(hub.block, "hub", "hubs", region)));
    for (id, cell) in &lock.cells {
        top.push(own(cell.block, "cell", "cells", id));
        if !lock.tenants.values().any(|t| t.cell.as_ref() == Some(id) && t.space.is_some()) {
            continue;
        }
        let shared = layout::shared(Block { cidr: cell.block, slots: cell.slots }).cidr;
        inside.entry(id).or_default().push(own(shared, "the shared part of cell", "cells", id));
    }
    let tenants = lock
        .tenants
        .iter()
        .filter_map(|(id, t)| Some((own(t.space?.block, "tenant", "tenants", id), &t.cell)));
    let gone = lock.quarantine.iter().map(|(block, q)| {
        let name = format!("quarantined {:?}", q.tenant);
        (Owner { block: *block, name, section: "quarantine", key: block.to_string() }, &q.cell)
    });
    for (owner, cell) in tenants.chain(gone) {
        match cell {
            None => top.push(owner),
            Some(cell) => inside.entry(cell).or_default().push(owner),
        }
    }
    clash(top, text, sink);
    numbers(lock, text, sink);
    accounts(lock, text, sink);
    for owners in inside.into_values() {
        clash(owners, text, sink);
    }
}

/// Complains of numbers in a cell that two tenants have.
fn numbers(lock: &Lock, text: &Text<'_>, sink: &mut Sink) {
    let mut seen: BTreeMap<(&str, u32), (&'static str, &String)> = BTreeMap::new();
    let retired = lock.retired.iter().map(|(key, t)| ("retired", key, t));
    let all = lock.tenants.iter().map(|(id, t)| ("tenants", id, t)).chain(retired);
    for (section, key, t) in all {
        let (Some(cell), Some(ordinal)) = (&t.cell, t.ordinal) else { continue };
        if let Some((other, name)) = seen.insert((cell, ordinal), (section, key)) {
            let message =
                format!("{name:?} and {key:?} are both number {ordinal} of cell {cell:?}");
            let complaint = rule::LOCK_OWNERS.at(text.place(section, key, 0), message);
            sink.push(complaint.note(text.place(other, name, 0), "the other owner"));
        }
    }
    for (key, gone) in lock.retired.iter().filter(|(_, gone)| gone.ordinal.is_none()) {
        let id = tenant_of(key);
        if lock.tenants.get(id).is_some_and(|t| t.cell == gone.cell) {
            let message = format!("tenant {id:?} lives in the place that is kept for it");
            let complaint = rule::LOCK_OWNERS.at(text.place("retired", key, 0), message);
            sink.push(complaint.note(text.place("tenants", id, 0), "the other owner"));
        }
    }
}

/// Complains of accounts that two tenants have, or had: what is left of the one is in it.
fn accounts(lock: &Lock, text: &Text<'_>, sink: &mut Sink) {
    let here = lock.tenants.iter().map(|(id, t)| ("tenants", id.clone(), id, &t.email, &t.account));
    let gone = lock.quarantine.iter();
    let gone =
        gone.map(|(block, q)| ("quarantine", block.to_string(), &q.tenant, &q.email, &q.account));
    let mut seen: BTreeMap<&str, (&str, String, &String)> = BTreeMap::new();
    for (section, key, tenant, email, account) in here.chain(gone) {
        if email.is_none() || account == PENDING {
            continue;
        }
        let Some((other, place, owner)) = seen.get(account.as_str()) else {
            seen.insert(account, (section, key, tenant));
            continue;
        };
        if *owner != tenant {
            let message = format!("tenants {owner:?} and {tenant:?} both have account {account}");
            let complaint = rule::LOCK_OWNERS.at(text.place(section, &key, 0), message);
            sink.push(complaint.note(text.place(other, place, 0), "the other owner"));
        }
    }
}

/// Complains of blocks that overlap. Sorted by address, an overlap is always with a block that
/// reaches furthest so far.
fn clash(mut owners: Vec<Owner>, text: &Text<'_>, sink: &mut Sink) {
    owners.sort_by_key(|o| (o.block.network(), o.block.prefix_len(), o.name.clone()));
    let mut reach: Option<&Owner> = None;
    for owner in &owners {
        if let Some(before) = reach
            && before.block.broadcast() >= owner.block.network()
        {
            let message = format!(
                "{} ({}) and {} ({}) share addresses",
                before.name, before.block, owner.name, owner.block
            );
            sink.push(
                rule::LOCK_OWNERS
                    .at(text.place(owner.section, &owner.key, 0), message)
                    .note(text.place(before.section, &before.key, 0), "the other owner"),
            );
        }
        if reach.is_none_or(|before| owner.block.broadcast() > before.block.broadcast()) {
            reach = Some(owner);
        }
    }
}
