//! How many processors (vCPU) each type of EC2 instance has, and which quotas it counts to, as
//! `schemas/instance-types.json` has them: a line a family. `schemas/refresh.py` writes it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// Families that AWS grants together.
#[derive(Clone, Debug, Deserialize)]
pub struct Class<'a> {
    /// The letters that their names begin with.
    #[serde(borrow)]
    pub letters: Vec<&'a str>,
    /// The id of the quota of those that are bought on demand.
    pub on_demand: &'a str,
    /// The id of the quota of those that are bought as Spot; `None` where AWS publishes none.
    pub spot: Option<&'a str>,
}

#[derive(Deserialize)]
struct Table<'a> {
    #[serde(borrow)]
    classes: BTreeMap<&'a str, Class<'a>>,
    #[serde(borrow)]
    families: BTreeMap<&'a str, BTreeMap<&'a str, u32>>,
}

fn table() -> &'static Table<'static> {
    static TABLE: OnceLock<Table<'static>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let text = include_str!("../../schemas/instance-types.json");
        serde_json::from_str(text).expect("the table is JSON; a test reads all of it")
    })
}

/// The processors of a type; `None` where it is not in the table.
pub fn processors(kind: &str) -> Option<u32> {
    let (family, size) = kind.split_once('.')?;
    table().families.get(family)?.get(size).copied()
}

/// The class of a type that is in the table.
pub fn class(kind: &str) -> Option<&'static Class<'static>> {
    let end = kind.find(|letter: char| !letter.is_ascii_lowercase())?;
    table().classes.values().find(|class| class.letters.contains(&&kind[..end]))
}

/// The types of a family.
pub fn of(family: &str) -> Vec<String> {
    let sizes = table().families.get(family).into_iter().flatten();
    sizes.map(|(size, _)| format!("{family}.{size}")).collect()
}

/// Every family of the table.
pub fn families() -> impl Iterator<Item = &'static str> {
    table().families.keys().copied()
}
