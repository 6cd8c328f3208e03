//! What is written for a stack besides its template's values: the tenant's item in the catalogue of
//! its pool, in the form that `aws dynamodb batch-write-item` takes, and migrations of databases.

use crate::engine::{Artifact, Engine, Options};
use crate::json::Json;
use crate::spec::Spec;
use crate::template::{Extra, Stack};

/// Where the catalogue item of a stack is.
fn item_path(key: &str) -> String {
    format!("data/{key}.json")
}

/// The files of a stack.
pub fn files(stack: &Stack, spec: &Spec, options: &Options) -> Vec<Artifact> {
    let of = |extra: &Extra| one(extra, stack, spec, options);
    stack.extras.iter().flat_map(of).collect()
}

/// Their paths.
pub fn paths(stack: &Stack, spec: &Spec, options: &Options) -> Vec<String> {
    files(stack, spec, options).into_iter().map(|file| file.path).collect()
}

fn one(extra: &Extra, stack: &Stack, spec: &Spec, options: &Options) -> Vec<Artifact> {
    match extra {
        // Terraform has a resource for it.
        Extra::CatalogueItem(..) if !options.has(Engine::CloudFormation) => Vec::new(),
        Extra::CatalogueItem(table, item) => {
            let text = |(name, value): &(&'static str, String)| {
                (*name, Json::object([("S", Json::text(value))]))
            };
            let put = Json::object([("Item", Json::object(item.iter().map(text)))]);
            let request = Json::List(vec![Json::object([("PutRequest", put)])]);
            let text = Json::object([(table.clone(), request)]).to_pretty_string();
            vec![Artifact::file(item_path(&stack.key), text)]
        }
        Extra::PoolSql(_) | Extra::TenantSql(..) => {
            let _ = spec;
            Vec::new()
        }
    }
}
