//! What is written for a stack besides its template's values: the tenant's item in the catalogue of
//! its pool, in the form that `aws dynamodb batch-write-item` takes, and migrations of databases.

use std::collections::BTreeMap;

use crate::blueprint::shape::DataPartition;
use crate::engine::{Artifact, Engine, Options, sql};
use crate::json::Json;
use crate::spec::Spec;
use crate::template::{Extra, Stack, catalogue_item};

/// Where the catalogue item of a stack is.
fn item_path(key: &str) -> String {
    format!("data/{key}.json")
}

/// The files of a stack.
pub fn files(stack: &Stack, spec: &Spec, options: &Options) -> Vec<Artifact> {
    let of = |extra: &Extra| one(extra, stack, spec);
    items(stack, options).into_iter().chain(stack.extras.iter().flat_map(of)).collect()
}

/// The items of a stack, of whatever tables, as one request. Terraform has a resource for each.
fn items(stack: &Stack, options: &Options) -> Option<Artifact> {
    let request = |extra: &Extra| match extra {
        Extra::CatalogueItem(table, item) => {
            let put = Json::object([("Item", catalogue_item(item))]);
            let put = Json::object([("PutRequest", put)]);
            Some((table.clone(), Json::List(vec![put])))
        }
        _ => None,
    };
    let all: Vec<(String, Json)> = stack.extras.iter().filter_map(request).collect();
    let some = options.has(Engine::CloudFormation) && !all.is_empty();
    let text = some.then(|| Json::object(all).to_pretty_string())?;
    Some(Artifact::file(item_path(&stack.key), text))
}

/// Their paths, which are known without the files: there may be ten thousand tenants.
pub fn paths(stack: &Stack, options: &Options) -> Vec<String> {
    let of = |extra: &Extra| match extra {
        Extra::CatalogueItem(..) if !options.has(Engine::CloudFormation) => Vec::new(),
        Extra::CatalogueItem(..) => vec![item_path(&stack.key)],
        Extra::PoolSql(cell) => vec![sql_path(cell, sql::POOL_FILE)],
        Extra::TenantSql(cell, tenant) => {
            sql::tenant_files(tenant).map(|name| sql_path(cell, &name)).into()
        }
        Extra::Text(path, _) => vec![path.clone()],
    };
    let mut out: Vec<String> = stack.extras.iter().flat_map(of).collect();
    // The items of a stack share a file.
    out.dedup();
    out
}

fn one(extra: &Extra, stack: &Stack, spec: &Spec) -> Vec<Artifact> {
    match extra {
        Extra::CatalogueItem(..) => Vec::new(),
        Extra::Text(path, text) => vec![Artifact::file(path.clone(), text.clone())],
        Extra::PoolSql(cell) => migrations(stack, spec, cell, sql::pool),
        Extra::TenantSql(cell, tenant) => {
            migrations(stack, spec, cell, |pool| sql::tenant(pool, tenant))
        }
    }
}

fn sql_path(cell: &str, file: &str) -> String {
    format!("sql/{cell}/{file}")
}

/// The files that `write` makes for the pool of a stack.
fn migrations(
    stack: &Stack,
    spec: &Spec,
    cell: &str,
    write: impl Fn(&sql::Pool) -> Vec<(String, String)>,
) -> Vec<Artifact> {
    let tier = &spec.tiers[stack.tier.as_ref().expect("pools belong to a tier")];
    let data = tier.data.as_ref().expect("what has migrations has data");
    let partition = match data.partition {
        DataPartition::Database => sql::Partition::Database,
        DataPartition::Schema => sql::Partition::Schema,
        DataPartition::Table | DataPartition::Item => sql::Partition::Table,
    };
    let table = |(name, columns): (&String, &BTreeMap<String, String>)| sql::Table {
        name: name.clone(),
        columns: columns.iter().map(|(name, kind)| (name.clone(), kind.clone())).collect(),
    };
    let tables: Vec<sql::Table> = data.tables.iter().map(table).collect();
    let estate = spec.estate();
    let pool = sql::Pool { estate: &estate, cell, partition, tables: &tables };
    let files = write(&pool).into_iter();
    files.map(|(name, text)| Artifact::file(sql_path(cell, &name), text)).collect()
}
