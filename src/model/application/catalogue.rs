//! What the catalogue of a pool says of a tenant: all that the application needs to serve it.

use crate::blueprint::shape::{DataEngine, DataPartition};
use crate::json::Json;
use crate::model::application::parted;
use crate::spec::{Tenant, Tier};

/// The attribute that names the tenant.
pub const KEY: &str = "tenant";

/// The item of a tenant, all of it text. `pool` is the name of the stack of its pool.
pub fn item(tenant: &Tenant, tier: &Tier, cell: &str, pool: &str) -> Vec<(&'static str, String)> {
    let (engine, partition) = parted(tier);
    let mut item = vec![
        (KEY, tenant.id.clone()),
        ("name", tenant.name.clone()),
        ("status", "active".to_owned()),
        ("tier", tier.id.clone()),
        ("cell", cell.to_owned()),
        ("region", tenant.region.clone()),
    ];
    if engine == DataEngine::Dynamodb {
        item.push(("engine", "dynamodb".to_owned()));
        let (partition, prefix) = match partition {
            DataPartition::Table => ("table", format!("{pool}.{}.", tenant.id)),
            _ => ("item", format!("{pool}-")),
        };
        item.push(("partition", partition.to_owned()));
        // The name of a table is this and its name in the blueprint.
        item.push(("table_prefix", prefix));
    }
    item
}

/// The item as `DynamoDB` takes it.
pub fn json(item: &[(&'static str, String)]) -> Json {
    let text =
        |(name, value): &(&'static str, String)| (*name, Json::object([("S", Json::text(value))]));
    Json::object(item.iter().map(text))
}

/// The same on one line.
pub fn text(item: &[(&'static str, String)]) -> String {
    json(item).compact().fill(&[])
}
