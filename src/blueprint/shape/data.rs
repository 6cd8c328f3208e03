//! Where the application model keeps its data, and how much a tenant may ask for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Where data is kept, and how it is parted between tenants.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The database.
    pub engine: DataEngine,
    /// What each tenant has of its own in it.
    pub partition: DataPartition,
    /// The shared tables, by name; of `aurora-postgresql` with their columns and types, one of
    /// which is `id`.
    #[serde(default)]
    pub tables: BTreeMap<String, BTreeMap<String, String>>,
    /// The least and the most capacity of Aurora, in half units (ACU): 1 is half a unit.
    #[serde(default)]
    #[schemars(with = "[u16; 2]")]
    pub capacity: Option<[u16; 2]>,
}

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DataEngine {
    /// Amazon Aurora with `PostgreSQL`.
    AuroraPostgresql,
    /// Amazon `DynamoDB`.
    Dynamodb,
}

/// What each tenant has of its own in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DataPartition {
    /// A database (`aurora-postgresql`).
    Database,
    /// A schema in a shared database (`aurora-postgresql`).
    Schema,
    /// Its rows in shared tables, behind row-level security (`aurora-postgresql`), or tables of its
    /// own (`dynamodb`).
    Table,
    /// Its items in shared tables, behind `dynamodb:LeadingKeys` (`dynamodb`).
    Item,
}

impl DataPartition {
    /// As it stands in a blueprint.
    pub fn id(self) -> &'static str {
        match self {
            DataPartition::Database => "database",
            DataPartition::Schema => "schema",
            DataPartition::Table => "table",
            DataPartition::Item => "item",
        }
    }
}

/// How much a tenant may ask of the interface. Each tenant has a usage plan of its own.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Requests a second, on average.
    #[schemars(range(min = 1, max = 100_000))]
    pub rate: u32,
    /// Requests at once.
    #[schemars(range(min = 1, max = 100_000))]
    pub burst: u32,
    /// Requests a month; no limit, if none is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1))]
    pub quota_per_month: Option<u32>,
}

/// How many tenants share a cell.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolSettings {
    /// At most so many.
    #[schemars(range(min = 1, max = 10_000))]
    pub tenants: u32,
}
