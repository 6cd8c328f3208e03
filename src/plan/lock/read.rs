//! The text of a lock → [`Lock`]. Every contradiction is found before anything is decided: a bad
//! merge must never become a deployment.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;

use crate::diag::Sink;
use crate::plan::lock::judge::{self, Text};
use crate::plan::lock::{
    ALL_PARTS, CellEntry, END, Home, HubEntry, Lock, Quarantined, TenantEntry, VERSION,
};
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
        Ok(header) if header.tenantry_lock != VERSION => {
            let message = format!(
                "the lock has version {}, this tenantry knows {VERSION}",
                header.tenantry_lock
            );
            let text = Text { source, file };
            sink.push(rule::LOCK_VERSION.at(text.place("", "tenantry_lock", 0), message));
            return None;
        }
        Ok(_) => match serde_json::from_str(&source.text) {
            Ok(raw) => raw,
            Err(error) => return syntax(&error, source, file, sink),
        },
        Err(error) => return syntax(&error, source, file, sink),
    };
    let text = Text { source, file };
    let all_parts = raw.parts.end == ALL_PARTS;
    let lock = Lock {
        estate: raw.estate,
        home: raw.home.as_deref().map(Home::parse),
        zones: unique(raw.zones, "zones", &text, sink),
        hubs: unique(raw.hubs, "hubs", &text, sink),
        cells: unique(raw.cells, "cells", &text, sink),
        tenants: unique(raw.tenants, "tenants", &text, sink),
        quarantine: quarantine(raw.quarantine, &text, sink),
        retired: unique(raw.retired, "retired", &text, sink),
        services: unique(raw.services, "services", &text, sink),
        ranges: unique(raw.ranges, "ranges", &text, sink),
        subscriptions: unique(raw.subscriptions, "subscriptions", &text, sink),
        parts: unique(raw.parts, "parts", &text, sink),
        away: unique(raw.away, "away", &text, sink),
        all_parts,
    };
    judge::entries(&lock, &text, sink);
    if sink.len() == before {
        judge::owners(&lock, &text, sink);
    }
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
    #[serde(default)]
    home: Option<String>,
    zones: Pairs<Vec<String>>,
    hubs: Pairs<HubEntry>,
    cells: Pairs<CellEntry>,
    tenants: Pairs<TenantEntry>,
    quarantine: Pairs<Quarantined>,
    #[serde(default)]
    retired: Pairs<TenantEntry>,
    #[serde(default)]
    services: Pairs<Vec<String>>,
    #[serde(default)]
    ranges: Pairs<Vec<Ipv4Net>>,
    #[serde(default)]
    subscriptions: Pairs<Vec<String>>,
    #[serde(default)]
    parts: Pairs<BTreeMap<u32, Vec<String>>>,
    #[serde(default)]
    away: Pairs<BTreeMap<u32, Vec<String>>>,
}

/// The entries of a section, keys that are there twice included.
struct Pairs<T> {
    all: Vec<(String, T)>,
    /// What its last line says.
    end: String,
}

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Pairs { all: Vec::new(), end: String::new() }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for PairsVisitor<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a section of entries")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Pairs::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == END {
                        let end = map.next_value::<serde_json::Value>()?;
                        end.as_str().unwrap_or_default().clone_into(&mut pairs.end);
                    } else {
                        pairs.all.push((key, map.next_value()?));
                    }
                }
                Ok(pairs)
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
    let at = source.byte_of(error);
    let message = match error.classify() {
        Category::Eof => "the lock ends in the middle".to_owned(),
        Category::Data => {
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or_default();
            // Names of our own types tell a user nothing.
            let what = if what.contains("struct") { "another kind of document" } else { what };
            format!("this is not what tenantry writes: {what}")
        }
        _ => "this is not JSON".to_owned(),
    };
    sink.push(rule::LOCK_SYNTAX.at(Site::Bytes(file, at, at), message));
    None
}

fn conflict_markers(source: &Source, file: FileId, sink: &mut Sink) {
    for line in source.lines() {
        let (at, text) = (line.start, &source.text[line]);
        if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| text.starts_with(mark)) {
            let message = "a merge was not finished here";
            sink.push(rule::LOCK_CONFLICT.at(Site::Bytes(file, at, at + 7), message));
        }
    }
}

fn unique<T>(
    pairs: Pairs<T>,
    section: &str,
    text: &Text<'_>,
    sink: &mut Sink,
) -> BTreeMap<String, T> {
    let mut out = BTreeMap::new();
    for (key, value) in pairs.all {
        if out.insert(key.clone(), value).is_some() {
            let place = text.place(section, &key, 1);
            let message = format!("{key:?} stands twice in `{section}`");
            let help = "keep the line of the one that is deployed, and run `tenantry lock verify`";
            sink.push(rule::LOCK_ENTRY.at(place, message).help(help));
        }
    }
    out
}

fn quarantine(
    pairs: Pairs<Quarantined>,
    text: &Text<'_>,
    sink: &mut Sink,
) -> BTreeMap<Ipv4Net, Quarantined> {
    let entries = unique(pairs, "quarantine", text, sink);
    let mut out = BTreeMap::new();
    for (key, value) in entries {
        if let Ok(block) = key.parse() {
            out.insert(block, value);
        } else {
            let message = format!("{key:?} is not a block");
            sink.push(rule::LOCK_ENTRY.at(text.place("quarantine", &key, 0), message));
        }
    }
    out
}
