//! The text of a lock → [`Lock`]. Every contradiction is found before anything is decided: a bad
//! merge must never become a deployment.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};

use crate::diag::Sink;
use crate::plan::lock::{CellEntry, END, HubEntry, Lock, Quarantined, TenantEntry, VERSION};
use crate::plan::rule;
use crate::source::{FileId, Site, Source, Sources};

/// Reads a lock; `None` if it cannot be trusted, with the reasons in the sink.
pub fn read(sources: &Sources, file: FileId, sink: &mut Sink) -> Option<Lock> {
    let source = sources.get(file);
    let before = sink.len();
    conflict_markers(source, file, sink);
    if sink.len() > before {
        return None;
    }
    let raw: Raw = match serde_json::from_str::<Header>(&source.text) {
        Ok(header) if header.tenantry_lock > VERSION => {
            let message = format!(
                "the lock has version {}, this tenantry knows {VERSION}",
                header.tenantry_lock
            );
            sink.push(rule::LOCK_VERSION.at(line_of(source, file, "\"tenantry_lock\""), message));
            return None;
        }
        Ok(_) => match serde_json::from_str(&source.text) {
            Ok(raw) => raw,
            Err(error) => return syntax(&error, source, file, sink),
        },
        Err(error) => return syntax(&error, source, file, sink),
    };
    let lock = Lock {
        estate: raw.estate,
        zones: unique(raw.zones, "zones", source, file, sink),
        hubs: unique(raw.hubs, "hubs", source, file, sink),
        cells: unique(raw.cells, "cells", source, file, sink),
        tenants: unique(raw.tenants, "tenants", source, file, sink),
        quarantine: quarantine(raw.quarantine, source, file, sink),
    };
    owners(&lock, source, file, sink);
    (sink.len() == before).then_some(lock)
}

#[derive(Deserialize)]
struct Header {
    tenantry_lock: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[expect(dead_code, reason = "read by `Header`; here so that the key is known")]
    tenantry_lock: u64,
    estate: String,
    zones: Pairs<Vec<String>>,
    hubs: Pairs<HubEntry>,
    cells: Pairs<CellEntry>,
    tenants: Pairs<TenantEntry>,
    quarantine: Pairs<Quarantined>,
}

/// The entries of a section, keys that are there twice included.
struct Pairs<T>(Vec<(String, T)>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for PairsVisitor<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a section of entries")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key == END {
                        map.next_value::<serde::de::IgnoredAny>()?;
                    } else {
                        pairs.push((key, map.next_value()?));
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

fn syntax(
    error: &serde_json::Error,
    source: &Source,
    file: FileId,
    sink: &mut Sink,
) -> Option<Lock> {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or("not JSON");
    let at = source.byte_at(error.line(), error.column().max(1));
    let message = if error.is_eof() { "the lock ends in the middle" } else { message };
    sink.push(rule::LOCK_SYNTAX.at(Site::Bytes(file, at, at), message));
    None
}

fn conflict_markers(source: &Source, file: FileId, sink: &mut Sink) {
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        if ["<<<<<<<", "|||||||", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
            let message = "a merge was not finished here";
            sink.push(rule::LOCK_CONFLICT.at(Site::Bytes(file, at, at + 7), message));
        }
        at += line.len();
    }
}

/// The line of the first, or with `skip` a later, place where a key stands.
fn place(source: &Source, file: FileId, key: &str, skip: usize) -> Site {
    let needle = format!("\n{}:", serde_json::to_string(key).expect("a string serialises"));
    let found = source.text.match_indices(&needle).nth(skip);
    found.map_or(Site::File(file), |(at, text)| Site::Bytes(file, at + 1, at + text.len() - 1))
}

fn line_of(source: &Source, file: FileId, needle: &str) -> Site {
    let at = source.text.find(needle).unwrap_or(0);
    Site::Bytes(file, at, at + needle.len())
}

fn unique<T>(
    pairs: Pairs<T>,
    section: &str,
    source: &Source,
    file: FileId,
    sink: &mut Sink,
) -> BTreeMap<String, T> {
    let mut out = BTreeMap::new();
    for (key, value) in pairs.0 {
        if out.contains_key(&key) {
            let message = format!("{key:?} stands twice in `{section}`");
            let help = "keep the line of the one that is deployed, and run `tenantry lock verify`";
            sink.push(rule::LOCK_ENTRY.at(place(source, file, &key, 1), message).help(help));
        } else {
            out.insert(key, value);
        }
    }
    out
}

fn quarantine(
    pairs: Pairs<Quarantined>,
    source: &Source,
    file: FileId,
    sink: &mut Sink,
) -> BTreeMap<Ipv4Net, Quarantined> {
    let entries = unique(pairs, "quarantine", source, file, sink);
    let mut out = BTreeMap::new();
    for (key, value) in entries {
        if let Ok(block) = key.parse() { drop(out.insert(block, value)) } else {
            let message = format!("{key:?} is not a block");
            sink.push(rule::LOCK_ENTRY.at(place(source, file, &key, 0), message));
        }
    }
    out
}

/// Who owns a block, and where that stands.
struct Owner {
    block: Ipv4Net,
    name: String,
    key: String,
}

fn owners(lock: &Lock, source: &Source, file: FileId, sink: &mut Sink) {
    let own = |block: Ipv4Net, what: &str, key: &str| Owner {
        block,
        name: format!("{what} {key:?}"),
        key: key.to_owned(),
    };
    let mut top: Vec<Owner> = Vec::new();
    let mut inside: BTreeMap<&str, Vec<Owner>> = BTreeMap::new();
    top.extend(lock.hubs.iter().map(|(region, hub)| own(hub.block, "hub", region)));
    top.extend(lock.cells.iter().map(|(id, cell)| own(cell.block, "cell", id)));
    let tenants = lock.tenants.iter().map(|(id, t)| (own(t.block, "tenant", id), &t.cell));
    let gone = lock.quarantine.iter().map(|(block, q)| {
        let name = format!("quarantined {:?}", q.tenant);
        (Owner { block: *block, name, key: block.to_string() }, &q.cell)
    });
    for (owner, cell) in tenants.chain(gone) {
        match cell {
            None => top.push(owner),
            Some(cell) => match lock.cells.get(cell) {
                Some(entry) if entry.block.contains(&owner.block) => {
                    inside.entry(cell).or_default().push(owner);
                }
                found => {
                    let why = if found.is_some() {
                        "its block lies outside it"
                    } else {
                        "there is no such cell"
                    };
                    let message = format!("{} lives in cell {cell:?}, but {why}", owner.name);
                    sink.push(rule::LOCK_ENTRY.at(place(source, file, &owner.key, 0), message));
                }
            },
        }
    }
    clash(top, source, file, sink);
    inside.into_values().for_each(|owners| clash(owners, source, file, sink));
}

/// Complains of blocks that overlap. Sorted by address, an overlap is always with a block that
/// reaches furthest so far.
fn clash(mut owners: Vec<Owner>, source: &Source, file: FileId, sink: &mut Sink) {
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
                    .at(place(source, file, &owner.key, 0), message)
                    .note(place(source, file, &before.key, 0), "the other owner"),
            );
        }
        if reach.is_none_or(|before| owner.block.broadcast() > before.block.broadcast()) {
            reach = Some(owner);
        }
    }
}
