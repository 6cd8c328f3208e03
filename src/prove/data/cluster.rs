//! A database cluster, as the migrations of a pool leave it: roles, who is a member of whom, who owns
//! what, who may do what, and which rows are hidden. Statements are taken in order; one that is not
//! understood is kept in `odd`, as it could do anything.

use std::collections::{BTreeMap, BTreeSet};

use super::guess::{harmless, holds_variable, may_be_left_out};
use super::role::Role;
use super::sql::{Statement, Word};
use super::words::Words;

/// Everybody, in the rights of `PostgreSQL`.
pub const PUBLIC: &str = "public";

/// Where a statement stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The tenant whose file it is; none for that of the pool.
    pub tenant: Option<String>,
}

/// A thing in a database that somebody has rights to.
#[derive(Debug, Default)]
pub struct Object {
    /// `database`, `schema`, `table`, `view` or `function`.
    pub kind: &'static str,
    /// Where it was made.
    pub spot: Spot,
    /// Its owner.
    pub owner: (String, Spot),
    /// Rights: to whom, which, and where they were granted.
    pub rights: BTreeMap<(String, String), Spot>,
    /// Whether rows are hidden by policies.
    pub hidden: bool,
    /// Whether they are hidden from its owner, too.
    pub forced: bool,
    /// The policies.
    pub policies: BTreeMap<String, Rule>,
    /// Words of the statement that made it, for views and functions.
    pub made: Vec<Word>,
}

/// A policy of a table.
#[derive(Debug, Default)]
pub struct Rule {
    /// Where it was made.
    pub spot: Spot,
    /// Whether it narrows, instead of adding.
    pub restrictive: bool,
    /// Which rows are seen.
    pub using: Vec<Word>,
    /// Which rows may be written; as seen, where nothing is said.
    pub check: Vec<Word>,
    /// Whether it is for all commands and all roles.
    pub whole: bool,
}

/// The cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// Roles by name.
    pub roles: BTreeMap<String, Role>,
    /// Things by database and name; databases by their name alone.
    pub objects: BTreeMap<String, Object>,
    /// Who acts for which tenant: role, tenant, where it is said.
    pub acts: Vec<(String, String, Spot)>,
    /// Rights that things to come will have: to whom, and where.
    pub defaults: Vec<(String, Spot)>,
    /// What was not understood.
    pub odd: Vec<(String, Spot)>,
    database: String,
    acting: String,
    /// Whether a transaction was begun.
    open: bool,
}

/// Who runs migrations.
const ADMINISTRATOR: &str = "the administrator";

impl Cluster {
    /// Takes a file in.
    pub fn run(&mut self, file: &str, tenant: Option<&str>, statements: &[Statement]) {
        "postgres".clone_into(&mut self.database);
        ADMINISTRATOR.clone_into(&mut self.acting);
        for statement in statements {
            let spot = Spot {
                file: file.to_owned(),
                line: statement.line,
                tenant: tenant.map(str::to_owned),
            };
            let words = Words::new(&statement.words);
            let guessed = statement.maybe && !may_be_left_out(words);
            if guessed || holds_variable(&statement.words) || self.take(words, &spot).is_none() {
                self.odd.push((statement.text(), spot));
            }
        }
        if std::mem::take(&mut self.open) {
            let spot = Spot { file: file.to_owned(), line: 0, tenant: tenant.map(str::to_owned) };
            self.odd.push(("a transaction without COMMIT".to_owned(), spot));
        }
    }

    /// Takes a statement in; none if it is not understood.
    fn take(&mut self, mut words: Words<'_>, spot: &Spot) -> Option<()> {
        let Some(Word::Name(verb)) = words.pass() else { return None };
        match verb.as_str() {
            "connect" => {
                let Some(Word::Name(database)) = words.pass() else { return None };
                let known = self.objects.contains_key(&format!("database {database}"));
                if !known && database != "postgres" {
                    return None;
                }
                self.database.clone_from(database);
                ADMINISTRATOR.clone_into(&mut self.acting);
                Some(())
            }
            "set" => self.set(words),
            "commit" => {
                ADMINISTRATOR.clone_into(&mut self.acting);
                self.open = false;
                words.done().then_some(())
            }
            "reset" => {
                ADMINISTRATOR.clone_into(&mut self.acting);
                words.eat("role").then_some(())
            }
            "begin" => {
                self.open = true;
                words.done().then_some(())
            }
            "comment" | "analyze" => Some(()),
            "create" => self.create(words, spot),
            "alter" => self.alter(words, spot),
            "drop" => self.drop(words),
            "grant" => self.grant(words, spot),
            "revoke" => self.revoke(words, spot),
            "insert" => self.insert(words, spot),
            "do" => harmless(words),
            _ => None,
        }
    }

    fn set(&mut self, mut words: Words<'_>) -> Option<()> {
        let _ = words.eat("local") || words.eat("session");
        if words.eat("role") {
            self.acting = words.name()?;
            return words.done().then_some(());
        }
        // Others decide what names and texts mean.
        let plain = ["client_min_messages", "lock_timeout", "statement_timeout"];
        plain.contains(&words.name()?.as_str()).then_some(())
    }

    fn create(&mut self, mut words: Words<'_>, spot: &Spot) -> Option<()> {
        let _ = words.eat("or replace");
        if words.eat("role") || words.eat("user") {
            return self.role(words, spot);
        }
        if words.eat("policy") {
            return self.policy(words, spot);
        }
        if words.eat("unique index") || words.eat("index") {
            return Some(());
        }
        let kinds = ["database", "schema", "table", "view", "function"];
        let kind = kinds.into_iter().find(|kind| words.eat(kind))?;
        let _ = words.eat("if not exists");
        let name = words.name()?;
        let key = self.key(kind, &name);
        let mut owner = self.acting.clone();
        if (kind == "database" && (words.eat("owner =") || words.eat("owner")))
            || (kind == "schema" && words.eat("authorization"))
        {
            owner = words.name()?;
        }
        let object = Object {
            kind,
            spot: spot.clone(),
            owner: (owner, spot.clone()),
            made: words.rest().to_vec(),
            ..Object::default()
        };
        if kind == "table" {
            // A table can be made of what another holds, or be a part of it.
            words.group()?;
            if !words.done() {
                return None;
            }
        }
        let before = self.objects.entry(key).or_insert(object);
        // Two of one name are two: what is said of the one would be taken for the other.
        if before.kind != kind || (kind == "function" && before.made != words.rest()) {
            return None;
        }
        before.made = words.rest().to_vec();
        // What the server gives to everybody by itself, until it is taken.
        // <https://www.postgresql.org/docs/current/ddl-priv.html>
        let given = match kind {
            "database" => Some("connect"),
            "function" if !self.closed_functions() => Some("execute"),
            _ => None,
        };
        let key = self.key(kind, &name);
        if let (Some(right), Some(object)) = (given, self.objects.get_mut(&key)) {
            let everybody = (PUBLIC.to_owned(), right.to_owned());
            object.rights.entry(everybody).or_insert_with(|| spot.clone());
        }
        Some(())
    }

    /// Whether default privileges withhold functions from everybody, for who acts now.
    fn closed_functions(&self) -> bool {
        self.roles.get(&self.acting).is_some_and(|role| role.lifted.contains_key(CLOSED))
    }

    fn role(&mut self, mut words: Words<'_>, spot: &Spot) -> Option<()> {
        let name = words.name()?;
        if words.eat("in database") {
            words.name()?;
            return (words.eat("set") || words.eat("reset")).then_some(());
        }
        if words.eat("set") || words.eat("reset") {
            return Some(());
        }
        let role = self.roles.entry(name).or_default();
        if role.spot.file.is_empty() {
            role.spot = spot.clone();
        }
        role.options(words, spot)
    }

    fn alter(&mut self, mut words: Words<'_>, spot: &Spot) -> Option<()> {
        if words.eat("role") || words.eat("user") {
            return self.role(words, spot);
        }
        if words.eat("default privileges") {
            return self.default(words, spot);
        }
        let kinds = ["database", "schema", "table", "view", "function"];
        let kind = kinds.into_iter().find(|kind| words.eat(kind))?;
        let _ = words.eat("if exists") || words.eat("only");
        let name = words.name()?;
        let _ = words.group();
        let key = self.key(kind, &name);
        let object = self.objects.get_mut(&key)?;
        if words.eat("owner to") {
            object.owner = (words.name()?, spot.clone());
        } else if words.eat("enable row level security") {
            object.hidden = true;
        } else if words.eat("disable row level security") {
            object.hidden = false;
        } else if words.eat("force row level security") {
            object.forced = true;
        } else if words.eat("no force row level security") {
            object.forced = false;
        } else if words.eat("add column") || words.eat("add constraint") {
            return (!words.has_outside(",")).then_some(());
        } else {
            return None;
        }
        words.done().then_some(())
    }

    /// Rights of things to come: taking them is remembered of functions, giving them is kept.
    fn default(&mut self, mut words: Words<'_>, spot: &Spot) -> Option<()> {
        let role = if words.eat("for role") { words.name()? } else { self.acting.clone() };
        if words.eat("in schema") {
            words.names();
        }
        if words.eat("grant") {
            while !words.eat("to") {
                words.pass()?;
            }
            let to = words.names();
            self.defaults.extend(to.into_iter().map(|name| (name, spot.clone())));
            return Some(());
        }
        if words.eat("revoke execute on functions from public")
            || words.eat("revoke all on functions from public")
        {
            let lifted = &mut self.roles.entry(role).or_default().lifted;
            lifted.insert(CLOSED.to_owned(), spot.clone());
            return Some(());
        }
        words.eat("revoke").then_some(())
    }

    fn policy(&mut self, mut words: Words<'_>, spot: &Spot) -> Option<()> {
        let name = words.name()?;
        if !words.eat("on") {
            return None;
        }
        let table = words.name()?;
        let mut rule = Rule { spot: spot.clone(), whole: true, ..Rule::default() };
        if words.eat("as") {
            rule.restrictive = words.eat("restrictive");
            let _ = words.eat("permissive");
        }
        if words.eat("for") {
            rule.whole = words.eat("all");
            if !rule.whole {
                words.pass()?;
            }
        }
        if words.eat("to") {
            rule.whole &= words.names() == [PUBLIC];
        }
        if words.eat("using") {
            rule.using = words.group()?.to_vec();
        }
        rule.check.clone_from(&rule.using);
        if words.eat("with check") {
            rule.check = words.group()?.to_vec();
        }
        let key = self.key("table", &table);
        self.objects.get_mut(&key)?.policies.insert(name, rule);
        words.done().then_some(())
    }

    fn drop(&mut self, mut words: Words<'_>) -> Option<()> {
        if !words.eat("policy") {
            return None;
        }
        let _ = words.eat("if exists");
        let name = words.name()?;
        let table = words.eat("on").then(|| words.name())??;
        let key = self.key("table", &table);
        self.objects.get_mut(&key)?.policies.remove(&name);
        Some(())
    }

    fn grant(&mut self, words: Words<'_>, spot: &Spot) -> Option<()> {
        let (rights, objects, roles) = self.rights(words, "to")?;
        let Some(objects) = objects else {
            for role in &roles {
                let held = &mut self.roles.entry(role.clone()).or_default().of;
                held.extend(rights.iter().map(|right| (right.clone(), spot.clone())));
            }
            return Some(());
        };
        for key in objects {
            // Nobody knows what is granted of what the migrations do not make.
            let object = self.objects.get_mut(&key)?;
            for right in &rights {
                for role in &roles {
                    object.rights.insert((role.clone(), right.clone()), spot.clone());
                }
            }
        }
        Some(())
    }

    fn revoke(&mut self, words: Words<'_>, spot: &Spot) -> Option<()> {
        let (rights, objects, roles) = self.rights(words, "from")?;
        let Some(objects) = objects else {
            for role in &roles {
                let held = &mut self.roles.entry(role.clone()).or_default().of;
                held.retain(|name, _| !rights.contains(name));
            }
            return Some(());
        };
        let all = rights.iter().any(|right| right == "all");
        for key in objects {
            let object = self
                .objects
                .entry(key)
                .or_insert_with(|| Object { spot: spot.clone(), ..Object::default() });
            object.rights.retain(|(role, right), _| {
                !roles.contains(role) || !(all || rights.contains(right))
            });
        }
        Some(())
    }

    /// Which rights, to which things (none for a membership), and whose.
    #[allow(clippy::type_complexity)]
    fn rights(
        &self,
        mut words: Words<'_>,
        to: &str,
    ) -> Option<(Vec<String>, Option<Vec<String>>, Vec<String>)> {
        let mut rights = Vec::new();
        loop {
            rights.push(words.name()?);
            let _ = words.eat("privileges");
            let _ = words.group();
            if !words.eat(",") {
                break;
            }
        }
        let objects = if words.eat("on") { Some(self.named(&mut words)?) } else { None };
        if !words.eat(to) {
            return None;
        }
        let _ = words.eat("group");
        let roles = words.names();
        let _ = words.eat("with grant option") || words.eat("cascade") || words.eat("restrict");
        (!roles.is_empty() && words.done()).then_some((rights, objects, roles))
    }

    /// The keys of things that rights are to.
    fn named(&self, words: &mut Words<'_>) -> Option<Vec<String>> {
        if words.eat("database %") {
            // The names are read from the server: those that are there before the pool.
            words.pass()?;
            return Some(Vec::new());
        }
        if words.eat("all tables in schema") {
            let schemas = words.names();
            return Some(schemas.iter().flat_map(|name| self.tables_in(name)).collect());
        }
        if words.eat("all") {
            return None;
        }
        let kinds = ["database", "schema", "function", "table"];
        let kind = kinds.into_iter().find(|kind| words.eat(kind)).unwrap_or("table");
        let mut keys = Vec::new();
        loop {
            let name = words.name()?;
            let _ = words.group();
            keys.push(self.key(kind, &name));
            if !words.eat(",") {
                return Some(keys);
            }
        }
    }

    /// The tables of a schema that are there.
    fn tables_in(&self, schema: &str) -> Vec<String> {
        let below = self.key("table", &format!("{schema}."));
        let from = self.objects.range(below.clone()..);
        from.map(|(key, _)| key.clone()).take_while(|key| key.starts_with(&below)).collect()
    }

    /// A row of the table that says who acts for whom.
    fn insert(&mut self, mut words: Words<'_>, spot: &Spot) -> Option<()> {
        if !words.eat("into tenancy . tenants") {
            return None;
        }
        let columns = words.group()?;
        let values = words.eat("values").then(|| words.group())??;
        let order = Words::new(columns).names();
        let [Word::Text(first), Word::Sign(comma), Word::Text(second)] = values else {
            return None;
        };
        let again = "on conflict ( role ) do update set tenant = excluded . tenant \
                     where tenants . tenant < > excluded . tenant";
        let _ = words.eat(again);
        if comma != "," || !words.done() {
            return None;
        }
        match order.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["role", "tenant"] => self.acts.push((first.clone(), second.clone(), spot.clone())),
            ["tenant", "role"] => self.acts.push((second.clone(), first.clone(), spot.clone())),
            _ => return None,
        }
        Some(())
    }

    /// By which a thing is known: names of schemas and tables are those of one database.
    fn key(&self, kind: &str, name: &str) -> String {
        match kind {
            "database" => format!("database {name}"),
            "schema" => format!("schema {}/{name}", self.database),
            "function" => format!("function {}/{name}", self.database),
            _ => format!("table {}/{name}", self.database),
        }
    }

    /// The role itself and all that it is a member of, with where it became one.
    pub fn holds(&self, role: &str) -> BTreeMap<String, Option<Spot>> {
        let mut held = BTreeMap::from([(role.to_owned(), None), (PUBLIC.to_owned(), None)]);
        let mut next = BTreeSet::from([role.to_owned()]);
        while let Some(name) = next.pop_first() {
            for (of, spot) in self.roles.get(&name).into_iter().flat_map(|role| &role.of) {
                if !held.contains_key(of) {
                    held.insert(of.clone(), Some(spot.clone()));
                    next.insert(of.clone());
                }
            }
        }
        held
    }
}

/// Marks a role whose functions to come are closed to everybody.
pub const CLOSED: &str = "(functions closed)";
