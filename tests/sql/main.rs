//! The SQL that tenantry writes, run by a real `PostgreSQL` server: three partitions, three tenants
//! in each, every ordered pair of them. Then faults are planted, and the same tests must find them.

#![allow(
    clippy::disallowed_methods,
    reason = "this target is about files, clocks and processes: it starts a database server"
)]

mod estate; // a pool and its tenants on a server
mod mutation; // the faults that are planted
mod server; // a throw-away server

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::ExitCode;

use tenantry::engine::sql::{self, Partition, Pool};

use crate::estate::{Estate, How, Run, TENANTS};
use crate::mutation::{MUTATIONS, Mutation};
use crate::server::{ADMIN, SUPERUSER, Server};

fn main() -> ExitCode {
    let required = env::var("TENANTRY_CONFORMANCE").is_ok_and(|wish| wish == "required");
    let named = env::var("TENANTRY_POSTGRES").ok().filter(|folders| !folders.trim().is_empty());
    let bins = server::installed(named.as_deref());
    if bins.is_empty() {
        let word = if required { "FAILED" } else { "SKIPPED" };
        println!("{word} sql: there is no PostgreSQL server (TENANTRY_POSTGRES names its folder)");
        return if required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let mut failed = 0;
    for bin in &bins {
        if let Err(why) = judge(bin) {
            println!("FAILED {}\n{why}", bin.display());
            failed += 1;
        }
    }
    println!("\nsql: {} passed, {failed} failed", bins.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Everything, on servers whose programs lie here. A pool has a server of its own.
fn judge(bin: &Path) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|why| why.to_string())?;
    let tables = estate::tables();
    for partition in [Partition::Database, Partition::Schema, Partition::Table] {
        let server = Server::start(bin)?;
        if partition == Partition::Database {
            println!("\nsql: PostgreSQL {}", server.version);
        }
        prepare(&server)?;
        let estate = Estate::new(&server, partition, &tables, scratch.path())?;
        let line = judge_partition(&estate).map_err(|why| format!("{}: {why}", partition.id()))?;
        println!("  {:<9} {line}", partition.id());
    }
    Ok(())
}

/// Makes the server like one of Aurora: an administrator who is no superuser owns the databases
/// that are there from the beginning.
fn prepare(server: &Server) -> Result<(), String> {
    let statements = format!(
        "CREATE ROLE {ADMIN} LOGIN CREATEROLE CREATEDB; ALTER DATABASE postgres OWNER TO {ADMIN}; \
         ALTER DATABASE template1 OWNER TO {ADMIN}"
    );
    server.ask(SUPERUSER, "postgres", &statements).check("the server is prepared").map(drop)
}

/// Judges one partition. What it counted.
fn judge_partition(estate: &Estate) -> Result<String, String> {
    estate.migrate()?;
    // On Aurora this role is there from the beginning. The second run finds it, the first does not.
    let iam = format!(
        "SELECT 'CREATE ROLE rds_iam' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = \
         'rds_iam') \\gexec\nGRANT rds_iam TO {ADMIN} WITH ADMIN OPTION;"
    );
    estate.server.script(SUPERUSER, &iam).check("role rds_iam")?;
    estate.migrate()?;
    empty_proves_nothing(estate)?;
    estate.fill()?;
    own_rows_are_seen(estate)?;
    let honest = pairs(estate)?;
    let names: BTreeSet<&str> = honest[0].attempts.iter().map(|one| one.name.as_str()).collect();
    let mut bitten = BTreeSet::new();
    let faults = MUTATIONS.iter().filter(|it| it.of.contains(&estate.pool.partition));
    let mut planted = 0;
    for mutation in faults {
        bitten.extend(plant(estate, mutation)?);
        planted += 1;
    }
    let toothless: Vec<_> = names.iter().filter(|name| !bitten.contains(**name)).collect();
    if !toothless.is_empty() {
        return Err(format!("no fault was found by {toothless:?}"));
    }
    let tried: usize = honest.iter().map(|run| run.attempts.len()).sum();
    let how =
        |how: How| honest.iter().flat_map(|run| &run.attempts).filter(|a| a.how == how).count();
    Ok(format!(
        "{} tenants, {} pairs: {tried} attempts, {} refused ({} by an error, {} found no row, {} \
         nothing in the catalogue); {planted} faults planted and found, {} of {} attempts seen not \
         to be refused in them",
        TENANTS.len(),
        honest.len(),
        tried - how(How::Not),
        how(How::Error),
        how(How::Empty),
        how(How::Nothing),
        bitten.len(),
        names.len(),
    ))
}

/// Without rows, with a stranger or with itself, the tests must not pass.
fn empty_proves_nothing(estate: &Estate) -> Result<(), String> {
    let variables =
        |other: &str, rows: &str| [format!("other={other}"), format!("other_rows={rows}")];
    let told = "an empty answer would prove nothing";
    for (other, rows, told) in [
        (TENANTS[1], "3", told),
        (TENANTS[1], "0", told),
        (TENANTS[0], "3", "there is no other tenant"),
        ("nobody' OR 'a' = 'a", "3", "there is no other tenant"),
    ] {
        let said = estate.must_fail(TENANTS[0], &variables(other, rows));
        if said.code == Some(0) || !said.stderr.contains(told) {
            return Err(format!("{other}, {rows}: {}{}", said.stdout, said.stderr));
        }
    }
    Ok(())
}

/// Each tenant sees its own rows, all of them, and says nothing about who it is.
fn own_rows_are_seen(estate: &Estate) -> Result<(), String> {
    for tenant in TENANTS {
        let said = estate.as_tenant(
            tenant,
            "SELECT count(*), (SELECT count(*) FROM notes), (SELECT string_agg(tenant_id, ',') FROM \
             (SELECT DISTINCT tenant_id FROM tenant_usage) AS u) FROM \"order\"",
        );
        let seen = said.check("a tenant reads its own")?;
        if seen.trim() != format!("3|2|{tenant}") {
            return Err(format!("{tenant} sees {seen}"));
        }
    }
    Ok(())
}

/// Every ordered pair of tenants; every attempt of each must be refused.
fn pairs(estate: &Estate) -> Result<Vec<Run>, String> {
    let mut runs = Vec::new();
    for tenant in TENANTS {
        for other in TENANTS.into_iter().filter(|other| *other != tenant) {
            let run = estate.attempt(tenant, other)?;
            let same =
                runs.first().is_none_or(|first: &Run| first.attempts.len() == run.attempts.len());
            if run.code != Some(0) || run.bitten().count() > 0 || run.attempts.is_empty() || !same {
                return Err(format!("{tenant} against {other}: {:?}\n{}", run.code, run.text));
            }
            runs.push(run);
        }
    }
    Ok(runs)
}

/// Plants a fault, sees it found, and takes it away. The attempts that were not refused.
fn plant(estate: &Estate, mutation: &Mutation) -> Result<Vec<String>, String> {
    let [tenant, other] = [TENANTS[0], TENANTS[1]];
    let database = sql::database(&estate.pool, tenant);
    let run = |statements: &str| {
        let statements = words(&estate.pool, statements);
        estate.server.ask(SUPERUSER, &database, &statements).check(mutation.name)
    };
    run(mutation.plant)?;
    let found = estate.attempt(tenant, other)?;
    if found.code == Some(0) || !found.bitten().any(|name| name == mutation.bites) {
        return Err(format!("not found: {}\n{:?}\n{}", mutation.name, found.code, found.text));
    }
    if !mutation.undo.is_empty() {
        run(mutation.undo)?;
    }
    estate.migrate()?;
    let healed = estate.attempt(tenant, other)?;
    if healed.code != Some(0) {
        return Err(format!("not repaired: {}\n{}", mutation.name, healed.text));
    }
    Ok(found.bitten().map(str::to_owned).collect())
}

/// A fault's words in capitals, by what they stand for here.
fn words(pool: &Pool, statements: &str) -> String {
    let [tenant, other] = [sql::role(TENANTS[0]), sql::role(TENANTS[1])];
    let own = if pool.partition == Partition::Schema { tenant.as_str() } else { "app" };
    let cell = pool.cell.replace('-', "_");
    let word = |word: &str| match word {
        "A" => tenant.clone(),
        "B" => other.clone(),
        "S" => own.to_owned(),
        "O" => format!("o_{cell}"),
        "G" => format!("g_{cell}"),
        "D" => sql::database(pool, TENANTS[0]),
        word => word.to_owned(),
    };
    let pieces = statements.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let piece = |piece: &str| {
        let end = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        word(end) + &piece[end.len()..]
    };
    pieces.map(piece).collect()
}
