//! SQL for isolation inside an application's database: what is run once for a pool, once for each
//! tenant, and what each tenant must be refused. No file depends on which other tenants there are.

use std::sync::LazyLock;

use handlebars::Handlebars;
use serde_json::{Value, json};

use crate::name::sql::{IDENTIFIER_MAX, OWN, identifier};
use crate::spec::text;

pub use crate::name::sql::{is_type, role};

/// What separates the tenants of a pool in `PostgreSQL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Partition {
    /// A database for each tenant.
    Database,
    /// A schema for each tenant, in one database.
    Schema,
    /// Tables that tenants share, with row-level security.
    Table,
}

impl Partition {
    /// As it stands in a blueprint.
    pub fn id(self) -> &'static str {
        match self {
            Partition::Database => "database",
            Partition::Schema => "schema",
            Partition::Table => "table",
        }
    }

    /// Our own templates, compiled once for all tenants.
    fn templates(self) -> &'static Handlebars<'static> {
        static ALL: [LazyLock<Handlebars<'static>>; 3] = [
            LazyLock::new(|| compiled(include_str!("sql/attempts-database.hbs"))),
            LazyLock::new(|| compiled(include_str!("sql/attempts-schema.hbs"))),
            LazyLock::new(|| compiled(include_str!("sql/attempts-table.hbs"))),
        ];
        &ALL[self as usize]
    }
}

/// A table of the application.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The names and types of its columns; one of them is `id`, the key.
    pub columns: Vec<(String, String)>,
}

/// Tenants that share a cluster of database servers. The tables have passed [`fault`].
#[derive(Clone, Copy, Debug)]
pub struct Pool<'a> {
    /// The name of the estate.
    pub estate: &'a str,
    /// The id of the cell.
    pub cell: &'a str,
    /// What separates its tenants.
    pub partition: Partition,
    /// The tables of the application; at least one.
    pub tables: &'a [Table],
}

/// The database that a tenant connects to.
pub fn database(pool: &Pool, tenant: &str) -> String {
    match pool.partition {
        Partition::Database => role(tenant),
        Partition::Schema | Partition::Table => identifier("p", pool.cell),
    }
}

/// The file that is run once for a pool.
pub const POOL_FILE: &str = "pool.sql";

/// The files of a tenant: what is run for it, and what it must be refused.
pub fn tenant_files(tenant: &str) -> [String; 2] {
    [format!("tenant-{tenant}.sql"), format!("tenant-{tenant}.must-fail.sql")]
}

/// What is run once for a pool: file names and texts.
pub fn pool(pool: &Pool) -> Vec<(String, String)> {
    let mut context = context(pool);
    if pool.partition != Partition::Database {
        context["database"] = json!(identifier("p", pool.cell));
        context["space"] = json!("app");
        context["reader"] = context["group"].clone();
    }
    vec![(POOL_FILE.to_owned(), render(pool, "pool", &context))]
}

/// What is run for a tenant, and what it must be refused: file names and texts.
pub fn tenant(pool: &Pool, tenant: &str) -> Vec<(String, String)> {
    let (role, file) = (role(tenant), format!("tenant-{tenant}"));
    let shared = pool.partition == Partition::Table;
    let mut context = context(pool);
    context["database"] = json!(database(pool, tenant));
    context["space"] =
        json!(if pool.partition == Partition::Schema { role.as_str() } else { "app" });
    context["reader"] = if shared { context["group"].clone() } else { json!(role) };
    context["tenant"] =
        json!({"id": tenant, "literal": literal(tenant), "role": role, "file": file});
    let write = |name| render(pool, name, &context);
    let [run, refused] = tenant_files(tenant);
    vec![(run, write("tenant")), (refused, write("must-fail"))]
}

fn context(pool: &Pool) -> Value {
    let tables: Vec<Value> = pool.tables.iter().map(table).collect();
    json!({
        "estate": pool.estate,
        "cell": pool.cell,
        "owner": identifier("o", pool.cell),
        "group": identifier("g", pool.cell),
        "database": null,
        "shared": pool.partition == Partition::Table,
        "own_database": pool.partition == Partition::Database,
        "count": tables.len(),
        "first": tables.first(),
        "tables": tables,
    })
}

fn table(table: &Table) -> Value {
    let (id, rest): (Vec<_>, Vec<_>) = table.columns.iter().partition(|(name, _)| name == "id");
    let kind = id.first().map_or("uuid", |(_, kind)| kind.as_str());
    let default = if kind == "uuid" { " DEFAULT gen_random_uuid()" } else { "" };
    let columns: Vec<Value> =
        rest.iter().map(|(name, kind)| json!({"name": quoted(name), "type": kind})).collect();
    json!({
        "name": quoted(&table.name),
        "plain": table.name,
        "literal": literal(&table.name),
        "id": format!("{kind}{default}"),
        "kind": kind,
        "columns": columns,
    })
}

fn render(pool: &Pool, name: &str, context: &Value) -> String {
    pool.partition.templates().render(name, context).expect("our own template")
}

fn compiled(attempts: &str) -> Handlebars<'static> {
    let mut registry = text::registry();
    for (name, source) in [
        ("pool", include_str!("sql/pool.hbs")),
        ("tenant", include_str!("sql/tenant.hbs")),
        ("must-fail", include_str!("sql/must-fail.hbs")),
        ("head", include_str!("sql/head.hbs")),
        ("database", include_str!("sql/database.hbs")),
        ("usage", include_str!("sql/usage.hbs")),
        ("everywhere", include_str!("sql/everywhere.hbs")),
        ("attempts", attempts),
    ] {
        registry.register_template_string(name, source).expect("our own template");
    }
    registry
}

/// A name as an identifier: a word of SQL such as `order` may be one, too.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a literal. Ids and names hold no backslash.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What is wrong with the tables of an application, if anything is.
pub fn fault(tables: &[Table]) -> Option<String> {
    if tables.is_empty() {
        return Some("there is no table".to_owned());
    }
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    names_fault("table", &names).or_else(|| tables.iter().find_map(table_fault))
}

fn table_fault(table: &Table) -> Option<String> {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
    if !names.contains(&"id") {
        return Some(format!("table {:?} has no column `id`", table.name));
    }
    let wrong = table.columns.iter().find(|(_, kind)| !is_type(kind));
    names_fault("column", &names).or_else(|| wrong.map(|(_, kind)| format!("{kind:?} is no type")))
}

fn names_fault(what: &str, names: &[&str]) -> Option<String> {
    let sound = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && name.len() <= IDENTIFIER_MAX
    };
    names.iter().enumerate().find_map(|(at, name)| {
        if !sound(name) {
            Some(format!("{name:?} is no name of a {what}: lower-case letters, digits and `_`"))
        } else if OWN.contains(name) {
            Some(format!("`{name}` is a name that tenantry itself uses"))
        } else if names[..at].contains(name) {
            Some(format!("the {what} {name:?} is there twice"))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_ids_are_one_identifier() {
        let (long, longer) = ("a".repeat(61), "a".repeat(62));
        let cut = role(&longer);
        let spelt_like_it = cut.replace('_', "-");
        let other = format!("{}b", "a".repeat(61));
        let ids = [&long, &longer, &other, &spelt_like_it, "x-a", "a--b", "a-b", "tx-a", "0"];
        let mut roles: Vec<String> = ids.iter().map(|id| role(id)).collect();
        assert!(roles.iter().all(|role| role.len() <= IDENTIFIER_MAX), "{roles:?}");
        assert_eq!(roles[0].len(), IDENTIFIER_MAX);
        assert_eq!(cut.len(), IDENTIFIER_MAX);
        roles.sort();
        roles.dedup();
        assert_eq!(roles.len(), ids.len());
    }

    #[test]
    fn a_type_is_a_type_and_nothing_else() {
        for good in ["bigint", "numeric(10,2)", "timestamp with time zone", "text[]", "uuid"] {
            assert!(is_type(good), "{good}");
        }
        for bad in ["", "text, b text", "text); drop", "text default 1", "int4 unique", "a)(", "(a"]
        {
            assert!(!is_type(bad), "{bad}");
        }
    }

    #[test]
    fn tables_that_cannot_be_written_are_told() {
        let table = |name: &str, columns: &[(&str, &str)]| Table {
            name: name.to_owned(),
            columns: columns.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect(),
        };
        let id = ("id", "uuid");
        assert_eq!(fault(&[table("order", &[id, ("user", "text")])]), None);
        for (tables, told) in [
            (vec![], "there is no table"),
            (vec![table("a", &[id]), table("a", &[id])], "twice"),
            (vec![table("a", &[])], "no column `id`"),
            (vec![table("a", &[id, ("tenant_id", "text")])], "tenantry itself uses"),
            (vec![table("a'b", &[id])], "no name of a table"),
            (vec![table("a", &[id, ("b", "text references c")])], "no type"),
        ] {
            let fault = fault(&tables).expect(told);
            assert!(fault.contains(told), "{fault}");
        }
    }
}
