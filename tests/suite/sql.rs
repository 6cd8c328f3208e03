//! The SQL of a pool and a tenant, whole, one snapshot a partition. Whether it does what it says is
//! judged by a server: `--test sql`.

use std::fmt::Write as _;

use tenantry::engine::sql::{self, Partition, Pool, Table};

use crate::support::snapshot;

/// The partitions, in the order in which tenants share more and more.
pub const PARTITIONS: [Partition; 3] = [Partition::Database, Partition::Schema, Partition::Table];

fn tables() -> Vec<Table> {
    let columns = [("id", "uuid"), ("item", "text"), ("price", "numeric(10,2)")];
    let columns = columns.map(|(name, kind)| (name.to_owned(), kind.to_owned()));
    vec![Table { name: "orders".to_owned(), columns: columns.to_vec() }]
}

#[test]
fn a_tenant_whole() {
    let tables = tables();
    assert_eq!(sql::fault(&tables), None);
    for partition in PARTITIONS {
        let pool =
            Pool { estate: "acme-prod", cell: "free-eu-west-1-1", partition, tables: &tables };
        let mut out = String::new();
        for (name, text) in sql::pool(&pool).into_iter().chain(sql::tenant(&pool, "initech")) {
            let _ = writeln!(out, "--- {name}\n{text}");
        }
        snapshot("sql", partition.id(), &out);
    }
}

/// No file is written that a person would have to clean up, and nothing is left unfilled.
#[test]
fn the_files_are_tidy() {
    let tables = tables();
    for partition in PARTITIONS {
        let pool =
            Pool { estate: "acme-prod", cell: "free-eu-west-1-1", partition, tables: &tables };
        for (name, text) in sql::pool(&pool).into_iter().chain(sql::tenant(&pool, "initech")) {
            assert!(!text.contains("{{") && !text.contains("\n\n\n"), "{name}\n{text}");
            assert!(text.lines().all(|line| line == line.trim_end()), "{name}\n{text}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name}\n{text}");
        }
    }
}
