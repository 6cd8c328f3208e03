//! A pool and its tenants on a server: migrations are applied, rows filled, attempts counted.

use std::fs;
use std::path::{Path, PathBuf};

use tenantry::engine::sql::{self, Partition, Pool, Table};

use crate::server::{ADMIN, SUPERUSER, Said, Server};

/// Tenants with ids that are awkward as identifiers: a keyword, one that begins with a digit, and
/// one that does not fit.
pub const TENANTS: [&str; 3] =
    ["null", "0-day", "a-very-long-id-that-fills-all-of-the-sixty-three-characters-abc"];

/// The tables: names that are keywords, keys of two types.
pub fn tables() -> Vec<Table> {
    let columns = |columns: &[(&str, &str)]| {
        columns.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
    };
    vec![
        Table {
            name: "order".to_owned(),
            columns: columns(&[("id", "bigint"), ("user", "text"), ("price", "numeric(10,2)")]),
        },
        Table { name: "notes".to_owned(), columns: columns(&[("id", "uuid"), ("body", "text")]) },
    ]
}

/// How an attempt was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    Error,
    /// No row was seen or changed.
    Empty,
    /// The catalogue knows of nothing of the kind.
    Nothing,
    /// It was not refused.
    Not,
}

/// One line of what a run of negative tests said.
pub struct Attempt {
    pub name: String,
    pub how: How,
}

impl Attempt {
    fn read(line: &str) -> Option<Self> {
        let (verdict, name) = line.rsplit_once(": ")?;
        let how = match verdict {
            "refused: there is none" => How::Nothing,
            verdict if verdict.starts_with("refused: no row of ") => How::Empty,
            verdict if verdict.starts_with("refused: ") => How::Error,
            verdict if verdict.starts_with("SUCCEEDED") || verdict.starts_with("BROKEN") => {
                How::Not
            }
            _ => return None,
        };
        Some(Attempt { name: name.to_owned(), how })
    }
}

/// What a run of negative tests said.
pub struct Run {
    pub code: Option<i32>,
    pub attempts: Vec<Attempt>,
    pub text: String,
}

impl Run {
    fn new(said: Said) -> Self {
        let attempts = said.stdout.lines().filter_map(Attempt::read).collect();
        Run { code: said.code, attempts, text: said.stdout + &said.stderr }
    }

    /// The attempts that were not refused.
    pub fn bitten(&self) -> impl Iterator<Item = &str> {
        self.attempts.iter().filter(|one| one.how == How::Not).map(|one| one.name.as_str())
    }
}

/// A pool whose files lie in a folder.
pub struct Estate<'a> {
    pub server: &'a Server,
    pub pool: Pool<'a>,
    folder: PathBuf,
}

impl<'a> Estate<'a> {
    /// Writes the files of the pool and its tenants.
    pub fn new(
        server: &'a Server,
        partition: Partition,
        tables: &'a [Table],
        place: &Path,
    ) -> Result<Self, String> {
        let cell = match partition {
            Partition::Database => "alone-eu-west-1-1",
            Partition::Schema => "basic-eu-west-1-1",
            Partition::Table => "free-eu-west-1-1",
        };
        let pool = Pool { estate: "acme-prod", cell, partition, tables };
        let folder = place.join(partition.id());
        fs::create_dir_all(&folder).map_err(|why| why.to_string())?;
        let tenants = TENANTS.iter().flat_map(|tenant| sql::tenant(&pool, tenant));
        for (name, text) in sql::pool(&pool).into_iter().chain(tenants) {
            fs::write(folder.join(name), text).map_err(|why| why.to_string())?;
        }
        Ok(Estate { server, pool, folder })
    }

    /// Runs every migration, in order. Twice is as good as once.
    pub fn migrate(&self) -> Result<(), String> {
        let tenants = TENANTS.iter().map(|tenant| format!("tenant-{tenant}.sql"));
        for file in std::iter::once("pool.sql".to_owned()).chain(tenants) {
            let said = self.server.run(ADMIN, "postgres", &self.folder.join(&file), &[]);
            said.check(&file)?;
        }
        Ok(())
    }

    /// Runs a statement as a tenant, where that tenant works.
    pub fn as_tenant(&self, tenant: &str, statements: &str) -> Said {
        self.server.ask(&sql::role(tenant), &sql::database(&self.pool, tenant), statements)
    }

    /// Each tenant writes rows as an application would: without saying who it is.
    pub fn fill(&self) -> Result<(), String> {
        for (at, tenant) in TENANTS.iter().enumerate() {
            let rows = format!(
                "INSERT INTO \"order\" (id, \"user\", price) SELECT {at} * 10 + n, 'u', 1 FROM \
                 generate_series(1, 3) AS n; INSERT INTO notes (body) VALUES ('a'), ('b');"
            );
            self.as_tenant(tenant, &rows).check("a tenant fills its tables")?;
            let database = sql::database(&self.pool, tenant);
            let said = self.server.ask(SUPERUSER, &database, "ANALYZE");
            said.check("statistics, which hold values of rows, are taken")?;
        }
        Ok(())
    }

    /// The rows of a tenant's emptiest table, counted by itself.
    pub fn rows(&self, tenant: &str) -> Result<String, String> {
        let said = self.must_fail(tenant, &["count=on".to_owned()]);
        Ok(said.check("a tenant counts its rows")?.trim().to_owned())
    }

    /// Lets one tenant try everything against another.
    pub fn attempt(&self, tenant: &str, other: &str) -> Result<Run, String> {
        let rows = self.rows(other)?;
        let variables = [format!("other={other}"), format!("other_rows={rows}")];
        Ok(Run::new(self.must_fail(tenant, &variables)))
    }

    /// Runs a tenant's negative tests as that tenant.
    pub fn must_fail(&self, tenant: &str, variables: &[String]) -> Said {
        let file = self.folder.join(format!("tenant-{tenant}.must-fail.sql"));
        let database = sql::database(&self.pool, tenant);
        self.server.run(&sql::role(tenant), &database, &file, variables)
    }
}
