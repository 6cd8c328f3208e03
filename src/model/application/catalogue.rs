//! What the catalogue of a pool says of a tenant: all that the application needs to serve it.

use crate::blueprint::shape::{DataEngine, DataPartition};
use crate::model::application::parted;
use crate::name::sql;
use crate::spec::{Tenant, Tier};
use crate::template::catalogue_item;

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
    } else {
        let role = sql::role(&tenant.id);
        let shared = || sql::identifier("p", cell);
        let app = || "app".to_owned();
        let (partition, database, schema) = match partition {
            DataPartition::Database => ("database", role.clone(), app()),
            DataPartition::Schema => ("schema", shared(), role.clone()),
            DataPartition::Table | DataPartition::Item => ("table", shared(), app()),
        };
        item.push(("engine", "aurora-postgresql".to_owned()));
        item.push(("partition", partition.to_owned()));
        item.push(("database", database));
        item.push(("schema", schema));
        item.push(("database_user", role));
    }
    item
}

/// The item on one line, as `DynamoDB` takes it.
pub fn text(item: &[(&'static str, String)]) -> String {
    catalogue_item(item).compact().fill(&[])
}
