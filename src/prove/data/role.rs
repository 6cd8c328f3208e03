//! A role of a cluster: what lifts it above rights, and whom it belongs to.

use std::collections::BTreeMap;

use super::cluster::Spot;
use super::sql::Word;
use super::words::Words;

/// A role.
#[derive(Debug, Default)]
pub struct Role {
    /// Where it was made.
    pub spot: Spot,
    /// What lifts it above rights: `superuser`, `bypassrls`, …, with where it was given.
    pub lifted: BTreeMap<String, Spot>,
    /// The roles that it is a member of.
    pub of: BTreeMap<String, Spot>,
}

/// Options of roles that lift nothing and join nobody.
const OPTIONS: [&str; 8] =
    ["with", "login", "nologin", "inherit", "noinherit", "connection", "limit", "encrypted"];

/// Attributes that lift a role above rights.
/// <https://www.postgresql.org/docs/current/sql-createrole.html>
const LIFTS: [&str; 5] = ["superuser", "bypassrls", "createrole", "replication", "createdb"];

impl Role {
    /// Takes the options of a statement in; none if one of them is not understood.
    pub fn options(&mut self, mut words: Words<'_>, spot: &Spot) -> Option<()> {
        while let Some(word) = words.pass() {
            match word {
                Word::Name(option) if LIFTS.contains(&option.as_str()) => {
                    self.lifted.insert(option.clone(), spot.clone());
                }
                Word::Name(option)
                    if option.strip_prefix("no").is_some_and(|option| LIFTS.contains(&option)) =>
                {
                    self.lifted.remove(&option[2..]);
                }
                Word::Name(option) if OPTIONS.contains(&option.as_str()) => {}
                Word::Sign(number) if number.chars().all(|c| c.is_ascii_digit()) => {}
                _ => return None,
            }
        }
        Some(())
    }
}
