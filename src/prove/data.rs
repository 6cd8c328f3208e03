//! Whether data that lies together is kept apart: migrations of SQL, statement by statement, and the
//! items by which an application finds a tenant's data. Both are read from files of the output; what is
//! not understood is said, and counts as open.

pub mod sql; // text → statements
pub mod words; // walking along a statement
pub mod guess; // statements of which it is not sure what is run
pub mod role; // roles and their options
pub mod cluster; // statements → roles, things, rights
pub mod judge; // who gets at whose rows
pub mod catalogue; // where an application is led

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Thing, json};
use super::verdict::{Finding, Hop, Party, Verdict};
use super::{LIMIT, Layer};
use catalogue::Item;
use cluster::{Cluster, Object};

/// The type of values that applications look up.
const LEAD: &str = "AWS::SSM::Parameter";

/// The layer.
#[derive(Debug, Default)]
pub struct Data {
    /// Migrations of each pool: that of the pool, then those of its tenants.
    files: BTreeMap<String, BTreeMap<Order, (String, String)>>,
    items: Vec<Item>,
    /// What stacks of tenants tell applications: of whom, what, and where it is said.
    leads: Vec<catalogue::Lead>,
    tenants: BTreeSet<String>,
    clusters: BTreeMap<String, Cluster>,
    unread: Vec<Finding>,
    broken: bool,
}

/// In which order migrations run: first the pool's (none), then those of tenants.
type Order = Option<String>;

impl Layer for Data {
    fn wants(&self, kind: &str) -> bool {
        ["AWS::DynamoDB::TableItem", LEAD].contains(&kind)
    }

    fn take(&mut self, thing: &Thing<'_>) {
        if thing.kind == LEAD {
            return self.lead(thing);
        }
        if !self.wants(thing.kind) {
            return;
        }
        let said = |key: &str| thing.properties.get(key).and_then(serde_json::Value::as_str);
        let item = said("Item").and_then(|text| json::parse(text).ok());
        let holder = thing.tenant.unwrap_or_default();
        let table = said("TableName").unwrap_or_default();
        let item = item.as_ref();
        let place = thing.place.to_owned();
        let item = item.and_then(|item| catalogue::item_of(holder, table, item, thing.file, place));
        match item {
            Some(item) => self.items.push(item),
            None => self.unread.push(unread(thing.file, "an item that cannot be read")),
        }
    }

    fn file(&mut self, path: &str, text: &str) {
        if let Some((pool, name)) = path.strip_prefix("sql/").and_then(|rest| rest.split_once('/'))
        {
            let Some(name) = name.strip_suffix(".sql") else { return };
            match (name, name.strip_prefix("tenant-")) {
                // Attempts that must fail: a tenant runs them, and they change nothing.
                _ if name.ends_with(".must-fail") => {}
                ("pool", _) => self.keep(pool, None, path, text),
                (_, Some(tenant)) => self.keep(pool, Some(tenant.to_owned()), path, text),
                _ => self.unread.push(unread(path, "a migration of nobody")),
            }
        }
        if let Some(name) = path.strip_prefix("data/").and_then(|name| name.strip_suffix(".json")) {
            let holder = ["tenant-", "entry-"].iter().find_map(|kind| name.strip_prefix(kind));
            match catalogue::items(path, holder.unwrap_or(name), text) {
                Some(items) => self.items.extend(items),
                None => self.unread.push(unread(path, "items that cannot be read")),
            }
        }
    }

    fn judge(&mut self) -> Vec<Finding> {
        self.run();
        let mut found = std::mem::take(&mut self.unread);
        for (pool, cluster) in &self.clusters {
            found.extend(judge::judge(pool, cluster));
        }
        found.extend(catalogue::judge(&self.items, &self.owners()));
        found.extend(self.leads.iter().filter_map(|lead| catalogue::led(lead, &self.tenants)));
        found.sort();
        found.dedup();
        found.truncate(LIMIT);
        self.broken = !found.is_empty();
        found
    }

    fn why(&self, from: &str, to: &str) -> Option<Finding> {
        let both = |cluster: &&Cluster| {
            [from, to].iter().all(|id| {
                cluster.roles.values().any(|role| role.spot.tenant.as_deref() == Some(*id))
            })
        };
        if self.broken {
            return None;
        }
        let (pool, cluster) = self.clusters.iter().find(|(_, cluster)| both(cluster))?;
        let (by, what, of) = fence(cluster, to);
        let hop = |(key, object): (&String, &Object)| Hop {
            what: key.clone(),
            thing: format!("@{pool}"),
            file: object.spot.file.clone(),
            pointer: String::new(),
            why: format!("line {}", object.spot.line),
        };
        let objects = cluster.objects.iter().filter(|(_, object)| of(object));
        Some(Finding {
            from: Party::Tenant(from.to_owned()),
            to: Party::Tenant(to.to_owned()),
            verdict: Verdict::Shared,
            by,
            what: what.to_owned(),
            witness: objects.take(5).map(hop).collect(),
        })
    }

    fn outside(&self) -> Vec<String> {
        let mut said = Vec::new();
        if !self.clusters.is_empty() {
            said.push(
                "data: migrations are run as they are written, and nothing else is".to_owned(),
            );
            said.push(
                "data: settings of sessions and the network of the cluster are not".to_owned(),
            );
        }
        said
    }
}

/// Which boundary it is, in words, and which things make it.
type Fence<'t> = (&'static str, &'static str, Box<dyn Fn(&Object) -> bool + 't>);

fn fence<'t>(cluster: &Cluster, to: &'t str) -> Fence<'t> {
    let is = |kind: &'static str| {
        move |object: &Object| object.kind == kind && object.spot.tenant.as_deref() == Some(to)
    };
    if cluster.objects.values().any(is("database")) {
        let what = "each has a database of its own, and no right to connect to another";
        ("data/database", what, Box::new(is("database")))
    } else if cluster.objects.values().any(is("schema")) {
        let what = "each has a schema of its own, and no right to use another";
        ("data/schema", what, Box::new(is("schema")))
    } else {
        let what = "rows are hidden from all but the tenant that logged in";
        ("data/row-security", what, Box::new(|object: &Object| object.hidden))
    }
}

impl Data {
    /// A value that an application looks up, such as whose a key is.
    fn lead(&mut self, thing: &Thing<'_>) {
        let Some(holder) = thing.tenant else { return };
        if !self.tenants.contains(holder) {
            self.tenants.insert(holder.to_owned());
        }
        let value = thing.properties.get("Value").and_then(serde_json::Value::as_str);
        // What refers to a thing names no tenant.
        if value.is_some_and(|value| value != holder && !value.contains('@')) {
            self.leads.push(catalogue::Lead {
                holder: holder.to_owned(),
                value: value.unwrap_or_default().to_owned(),
                thing: thing.token(),
                file: thing.file.to_owned(),
                pointer: thing.place.to_owned(),
            });
        }
    }

    fn keep(&mut self, pool: &str, order: Order, path: &str, text: &str) {
        let files = self.files.entry(pool.to_owned()).or_default();
        files.insert(order, (path.to_owned(), text.to_owned()));
    }

    /// Runs all migrations.
    fn run(&mut self) {
        for (pool, files) in std::mem::take(&mut self.files) {
            let cluster = self.clusters.entry(pool).or_default();
            for (tenant, (path, text)) in files {
                cluster.run(&path, tenant.as_deref(), &sql::statements(&text));
            }
        }
    }

    /// Of which tenant a database, schema or role of a pool is, where it is of one.
    fn owners(&self) -> BTreeMap<(String, String), String> {
        let mut owners = BTreeMap::new();
        for (pool, cluster) in &self.clusters {
            for (name, role) in &cluster.roles {
                if let Some(tenant) = &role.spot.tenant {
                    owners.insert((pool.clone(), format!("database_user {name}")), tenant.clone());
                }
            }
            for (key, object) in &cluster.objects {
                let Some(tenant) = &object.spot.tenant else { continue };
                let name = key.rsplit([' ', '/']).next().unwrap_or_default();
                if object.kind == "database" || (object.kind == "schema" && name != "app") {
                    let lead = format!("{} {name}", object.kind);
                    owners.insert((pool.clone(), lead), tenant.clone());
                }
            }
        }
        owners
    }
}

fn unread(file: &str, why: &str) -> Finding {
    let hop = Hop {
        what: file.to_owned(),
        thing: String::new(),
        file: file.to_owned(),
        pointer: String::new(),
        why: why.to_owned(),
    };
    Finding {
        from: Party::Shared(file.to_owned()),
        to: Party::Shared(file.to_owned()),
        verdict: Verdict::Reachable,
        by: "data/outside",
        what: why.to_owned(),
        witness: vec![hop],
    }
}
