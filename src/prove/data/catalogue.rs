//! The items of a catalogue: what the application of a pool is told of a tenant, and acts upon. An item
//! must lead to what is the tenant's own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::read::{json, unknown};
use super::super::verdict::{Finding, Hop, Party, Verdict};

/// One item.
#[derive(Debug)]
pub struct Item {
    /// The tenant whose file, or stack, it stands in.
    pub holder: String,
    /// The table that it is put into.
    pub table: String,
    /// Its values that are text.
    pub values: BTreeMap<String, String>,
    /// The file.
    pub file: String,
    /// Where in the file.
    pub pointer: String,
}

/// A value that an application looks up, and that is not the id of who holds it.
#[derive(Debug)]
pub struct Lead {
    /// The tenant whose stack it stands in.
    pub holder: String,
    /// The value.
    pub value: String,
    /// What holds it.
    pub thing: String,
    /// The file.
    pub file: String,
    /// Where in the file.
    pub pointer: String,
}

/// What a stack tells of its own tenant must not be another's id, nor something that cannot be told.
pub fn led(lead: &Lead, tenants: &BTreeSet<String>) -> Option<Finding> {
    let unknown = unknown(&lead.value);
    if !unknown && !tenants.contains(&lead.value) {
        return None;
    }
    let what = format!("what {} says leads to {}", lead.thing, lead.value);
    let hop = Hop {
        what: lead.thing.clone(),
        thing: lead.thing.clone(),
        file: lead.file.clone(),
        pointer: lead.pointer.clone(),
        why: what.clone(),
    };
    Some(Finding {
        from: Party::Tenant(lead.holder.clone()),
        to: if unknown {
            Party::Shared("anybody".to_owned())
        } else {
            Party::Tenant(lead.value.clone())
        },
        verdict: Verdict::Reachable,
        by: "data/catalogue",
        what,
        witness: vec![hop],
    })
}

/// Values that lead to data; each is one tenant's alone, unless all of a pool share it.
const LEADS: [&str; 6] = ["database_user", "schema", "database", "table_prefix", "secret", "key"];

/// The items of a file `data/<stack>.json`, as `aws dynamodb batch-write-item` takes them.
pub fn items(path: &str, holder: &str, text: &str) -> Option<Vec<Item>> {
    let tables: Value = json::parse(text).ok()?;
    let mut found = Vec::new();
    for (table, puts) in tables.as_object()? {
        for (number, put) in puts.as_array()?.iter().enumerate() {
            let pointer = format!("/{table}/{number}/PutRequest/Item");
            let item = put.pointer("/PutRequest/Item")?;
            found.push(item_of(holder, table, item, path, pointer)?);
        }
    }
    Some(found)
}

/// An item by its values.
pub fn item_of(
    holder: &str,
    table: &str,
    item: &Value,
    file: &str,
    pointer: String,
) -> Option<Item> {
    let text = |value: &Value| value.get("S").and_then(Value::as_str).map(str::to_owned);
    let pairs = item.as_object()?.iter();
    // What leads to data is text: anything else might be read as one.
    let led =
        |(key, value): (&String, &Value)| LEADS.contains(&key.as_str()) && text(value).is_none();
    if item.as_object()?.iter().any(led) {
        return None;
    }
    let values = pairs.filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect();
    Some(Item {
        holder: holder.to_owned(),
        table: table.to_owned(),
        values,
        file: file.to_owned(),
        pointer,
    })
}

/// All findings; `owners` says of which tenant a role, schema or database is, where it is of one.
pub fn judge(items: &[Item], owners: &BTreeMap<(String, String), String>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<(&str, &str, &str), &Item> = BTreeMap::new();
    for item in items {
        let tenant = item.values.get("tenant").map(String::as_str);
        if tenant != Some(&item.holder) {
            let other = tenant.unwrap_or("nobody");
            found.push(leads(item, other, format!("its item is that of {other}")));
        }
        let cell = item.values.get("cell").map_or("", String::as_str);
        // A catalogue is a pool's own; the registry of all tenants has no pool in its name.
        let pool = item.table.strip_suffix("-catalogue").and_then(|name| name.split_once("-cell-"));
        if let Some((_, pool)) = pool.filter(|(_, pool)| *pool != cell) {
            found.push(leads(item, "", format!("the pool is {pool}, its item says {cell}")));
        }
        // Whatever the application calls it, it would be led to another's.
        for (key, value) in &item.values {
            let owner = ["database_user", "schema", "database"]
                .iter()
                .find_map(|lead| owners.get(&(cell.to_owned(), format!("{lead} {value}"))));
            let own = LEADS.contains(&key.as_str());
            if let Some(owner) = owner.filter(|owner| !own && **owner != item.holder) {
                found.push(leads(item, owner, format!("{key} {value} is that of {owner}")));
            }
        }
        for (key, value) in LEADS.iter().filter_map(|key| Some((*key, item.values.get(*key)?))) {
            let owner = owners.get(&(cell.to_owned(), format!("{key} {value}")));
            if let Some(owner) = owner.filter(|owner| **owner != item.holder) {
                found.push(leads(item, owner, format!("{key} {value} is that of {owner}")));
            }
            // A database, a schema and tables that all share are each a pool's.
            let shared = match key {
                "database" | "schema" => true,
                "table_prefix" => item.values.get("partition").is_none_or(|own| own != "table"),
                _ => false,
            };
            if shared {
                continue;
            }
            let before = seen.entry((cell, key, value)).or_insert(item);
            if before.holder != item.holder {
                let what = format!("{key} {value} is that of {}", before.holder);
                found.push(leads(item, &before.holder, what));
            }
        }
    }
    found
}

fn leads(item: &Item, to: &str, what: String) -> Finding {
    let hop = Hop {
        what: format!("item of {} in {}", item.holder, item.table),
        thing: item.table.clone(),
        file: item.file.clone(),
        pointer: item.pointer.clone(),
        why: what.clone(),
    };
    Finding {
        from: Party::Tenant(item.holder.clone()),
        to: if to.is_empty() {
            Party::Shared(format!("table {}", item.table))
        } else {
            Party::Tenant(to.to_owned())
        },
        verdict: Verdict::Reachable,
        by: "data/catalogue",
        what,
        witness: vec![hop],
    }
}
