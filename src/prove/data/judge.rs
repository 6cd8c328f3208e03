//! Whether a role that a tenant logs in as gets at rows of another: by what it is, by what it is a
//! member of, by what it owns, and by what it is granted. What is shared must hide rows, from its owner
//! too, by who logged in.

use std::collections::BTreeMap;

use super::super::verdict::{Finding, Hop, Party, Verdict};
use super::cluster::{Cluster, Object, PUBLIC, Rule, Spot};
use super::sql::Word;
use super::words::Words;

/// All findings of a pool.
pub fn judge(pool: &str, cluster: &Cluster) -> Vec<Finding> {
    let tenants = tenants(cluster);
    let members = members(cluster, &tenants);
    let court = Court { pool, cluster, tenants, members };
    let mut found = Vec::new();
    for (role, tenant) in &court.tenants {
        found.extend(court.login(role, tenant));
    }
    for (key, object) in &cluster.objects {
        found.extend(court.object(key, object));
    }
    found.extend(court.rest());
    found
}

/// The roles of tenants.
fn tenants(cluster: &Cluster) -> BTreeMap<&str, &str> {
    let mut made = BTreeMap::new();
    for (name, role) in &cluster.roles {
        if let Some(tenant) = role.spot.tenant.as_deref() {
            made.insert(name.as_str(), tenant);
        }
    }
    made
}

/// For each role, somebody who acts as it by being a member.
fn members<'c>(
    cluster: &'c Cluster,
    tenants: &BTreeMap<&'c str, &'c str>,
) -> BTreeMap<String, (&'c str, &'c str)> {
    let mut made = BTreeMap::new();
    for (role, tenant) in tenants {
        for (name, _) in cluster.holds(role) {
            made.entry(name).or_insert((*role, *tenant));
        }
    }
    made.remove(PUBLIC);
    made
}

struct Court<'c> {
    pool: &'c str,
    cluster: &'c Cluster,
    /// Roles of tenants, each with its tenant.
    tenants: BTreeMap<&'c str, &'c str>,
    /// For each role, a role of a tenant that acts as it, and the tenant.
    members: BTreeMap<String, (&'c str, &'c str)>,
}

/// Rights that row-level security does not see, or by which one looks behind it.
/// <https://www.postgresql.org/docs/current/ddl-rowsecurity.html>
const BEYOND_ROWS: [&str; 5] = ["truncate", "references", "trigger", "all", "maintain"];

impl<'c> Court<'c> {
    /// What a role that a tenant logs in as is.
    fn login(&self, role: &'c str, tenant: &'c str) -> Vec<Finding> {
        let mut found = Vec::new();
        let held = self.cluster.holds(role);
        for (name, since) in &held {
            let known = self.cluster.roles.get(name);
            let lifted = known.into_iter().flat_map(|role| &role.lifted);
            for (lift, spot) in lifted.filter(|(lift, _)| lift.as_str() != super::cluster::CLOSED) {
                let what = format!("role {name} has {}", lift.to_uppercase());
                found.push(self.finding(tenant, None, "data/role", what, &[spot]));
            }
            let Some(since) = since else { continue };
            let what = format!("role {role} is a member of {name}");
            match self.tenants.get(name.as_str()) {
                Some(other) if *other != tenant => {
                    found.push(self.finding(
                        tenant,
                        Some(other),
                        "data/membership",
                        what,
                        &[since],
                    ));
                }
                None if name != "rds_iam" && known.is_none_or(|role| role.spot.file.is_empty()) => {
                    let what = format!("{what}, which the migrations do not make");
                    found.push(self.finding(tenant, None, "data/membership", what, &[since]));
                }
                // Its own, that of all of the pool, or that by which IAM lets in.
                _ => {}
            }
        }
        found
    }

    /// Who owns a thing, and who has rights to it.
    fn object(&self, key: &str, object: &'c Object) -> Vec<Finding> {
        let mut found = Vec::new();
        let owner = object.spot.tenant.as_deref();
        if let Some((role, tenant)) = self.acting(&object.owner.0) {
            let what = format!("role {role} owns {key}");
            let to = owner.filter(|owner| *owner != tenant);
            found.push(self.finding(tenant, to, "data/owner", what, &[&object.owner.1]));
        }
        for ((role, right), spot) in &object.rights {
            if role == PUBLIC && !(object.kind == "function" && invoker(object)) {
                found.push(self.to_public(key, object, right, spot));
            }
        }
        let reached = self.reaching(object);
        if let Some((tenant, right, spot)) =
            reached.iter().find(|(t, ..)| owner.is_some_and(|o| o != *t))
        {
            let what =
                format!("{} on {key} is granted to a role of {tenant}", right.to_uppercase());
            found.push(self.finding(tenant, owner, "data/grant", what, &[spot, &object.spot]));
        }
        if let Some((tenant, ..)) = reached.first() {
            found.extend(self.fence(key, object, tenant, &reached));
        }
        found
    }

    /// A tenant who acts as a role, with the role that it logs in as.
    fn acting(&self, name: &str) -> Option<(&'c str, &'c str)> {
        self.members.get(name).copied()
    }

    /// The tenants who have a right to a thing, one for each right and role.
    fn reaching(&self, object: &'c Object) -> Vec<(&'c str, &'c str, &'c Spot)> {
        let mut found = Vec::new();
        for ((role, right), spot) in &object.rights {
            let direct = self.tenants.get(role.as_str()).copied();
            let member = || self.acting(role).map(|(_, tenant)| tenant);
            if let Some(tenant) = direct.or_else(member) {
                found.push((tenant, right.as_str(), spot));
            }
        }
        found
    }

    fn to_public(&self, key: &str, object: &'c Object, right: &str, spot: &'c Spot) -> Finding {
        let first =
            self.tenants.values().find(|tenant| Some(**tenant) != object.spot.tenant.as_deref());
        let from = first.copied().unwrap_or_default();
        let what = format!("PUBLIC has {} on {key}", right.to_uppercase());
        let to = object.spot.tenant.as_deref().filter(|owner| *owner != from);
        self.finding(from, to, "data/public", what, &[spot])
    }

    /// Whether a thing that a tenant has rights to shows it no more than its own.
    fn fence(
        &self,
        key: &str,
        object: &'c Object,
        tenant: &'c str,
        reached: &[(&'c str, &'c str, &'c Spot)],
    ) -> Vec<Finding> {
        match object.kind {
            "view" if !Words::new(&object.made).eat("with ( security_invoker = true )") => {
                let what = format!("view of {key} reads with its owner's rights");
                vec![self.finding(tenant, None, "data/view", what, &[&object.spot])]
            }
            "function" if !invoker(object) && !self.is_guard(key, object) => {
                let what = format!("{key} runs with its owner's rights");
                vec![self.finding(tenant, None, "data/function", what, &[&object.spot])]
            }
            "table" if object.spot.tenant.is_none() => self.rows(key, object, tenant, reached),
            _ => Vec::new(),
        }
    }

    /// Whether a table that is shared hides rows.
    fn rows(
        &self,
        key: &str,
        object: &'c Object,
        tenant: &'c str,
        reached: &[(&'c str, &'c str, &'c Spot)],
    ) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut say = |what: String, spots: &[&Spot]| {
            found.push(self.finding(tenant, None, "data/row-security", what, spots));
        };
        if !object.hidden {
            say(format!("{key} does not enable row-level security"), &[&object.spot]);
        }
        if !object.forced {
            say(format!("{key} does not force row-level security on its owner"), &[&object.spot]);
        }
        let by_tenant =
            |rule: &&Rule| rule.whole && self.by_login(&rule.using) && self.by_login(&rule.check);
        let mut policies = object.policies.values();
        let narrow = policies.clone().any(|rule| rule.restrictive && by_tenant(&rule));
        let open = policies.find(|rule| !rule.restrictive && !by_tenant(rule));
        match open {
            Some(rule) if !narrow => {
                say(format!("a policy of {key} lets every row through"), &[&rule.spot]);
            }
            None if object.policies.is_empty() => {
                say(format!("{key} has no policy by who logged in"), &[&object.spot]);
            }
            _ => {}
        }
        for (_, right, spot) in reached.iter().filter(|(_, r, _)| BEYOND_ROWS.contains(r)) {
            say(
                format!("{} on {key}, which no policy of rows sees", right.to_uppercase()),
                &[spot],
            );
        }
        found
    }

    /// Whether an expression is that a column is the tenant who logged in, as a guard tells.
    fn by_login(&self, words: &[Word]) -> bool {
        let mut words = Words::new(words);
        // The column that the row's own tenant stands in, which nobody writes but by the same rule.
        if words.name().as_deref() != Some("tenant_id") || !words.eat("=") {
            return false;
        }
        if let Some(inner) = words.group() {
            if !words.done() {
                return false;
            }
            words = Words::new(inner);
            if !words.eat("select") {
                return false;
            }
        }
        let Some(function) = words.name() else { return false };
        let empty = words.group().is_some_and(<[Word]>::is_empty);
        let guard = |(key, object): (&String, &Object)| {
            object.kind == "function"
                && key.ends_with(&format!("/{function}"))
                && self.is_guard(key, object)
        };
        empty && words.done() && self.cluster.objects.iter().any(guard)
    }

    /// Whether a function does nothing but look up the tenant of who logged in, with names that nobody
    /// else can give a meaning, in a table that no tenant has rights to.
    fn is_guard(&self, key: &str, object: &Object) -> bool {
        let mut words = Words::new(&object.made);
        let empty = words.group().is_some_and(<[Word]>::is_empty);
        let fixed = words.has("set search_path = pg_catalog , pg_temp")
            || words.has("set search_path = pg_catalog");
        while !words.done() && !words.eat("return") {
            words.pass();
        }
        let Some(body) = words.group() else { return false };
        let mut body = Words::new(body);
        if !(empty && fixed && body.eat("select")) {
            return false;
        }
        let selected = body.name();
        if !body.eat("from") {
            return false;
        }
        let Some(table) = body.name() else { return false };
        let alias = body.eat("as").then(|| body.name()).flatten();
        let column = |name: Option<String>, wanted: &str| {
            let full = alias.as_ref().map(|alias| format!("{alias}.{wanted}"));
            name.is_some() && (name == full || name.as_deref() == Some(wanted))
        };
        let plain = column(selected, "tenant")
            && body.eat("where")
            && column(body.name(), "role")
            && body.eat("= session_user")
            && body.done();
        let database = key.split(' ').nth(1).and_then(|rest| rest.split('/').next());
        let table = format!("table {}/{table}", database.unwrap_or_default());
        let closed = self.cluster.objects.get(&table);
        plain && closed.is_some_and(|table| self.reaching(table).is_empty())
    }

    /// What is said of roles to come, of who acts for whom, and what was not understood.
    fn rest(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for (role, tenant, spot) in &self.cluster.acts {
            let known = self.tenants.get(role.as_str()).copied();
            if known != Some(tenant.as_str()) {
                let from = known.unwrap_or_default();
                let what = format!("role {role} acts for {tenant}");
                found.push(self.finding(from, Some(tenant), "data/login", what, &[spot]));
            }
        }
        for (to, spot) in &self.cluster.defaults {
            let tenant = self.tenants.get(to.as_str()).copied();
            let tenant = tenant.or_else(|| self.acting(to).map(|(_, tenant)| tenant));
            if to == PUBLIC || tenant.is_some() {
                let what = format!("what is made later is granted to {to}");
                let from = tenant.unwrap_or_default();
                found.push(self.finding(from, None, "data/default", what, &[spot]));
            }
        }
        for (text, spot) in &self.cluster.odd {
            let short: String = text.chars().take(80).collect();
            let what = format!("a statement that is not understood: {short}");
            let from = spot.tenant.as_deref().unwrap_or_default();
            found.push(self.finding(from, None, "data/outside", what, &[spot]));
        }
        found
    }

    /// A tenant gets at another; at all of the pool, if none is named.
    fn finding(
        &self,
        from: &str,
        to: Option<&str>,
        by: &'static str,
        what: String,
        spots: &[&Spot],
    ) -> Finding {
        let pool = || Party::Shared(format!("pool {}", self.pool));
        let other = self.tenants.values().find(|tenant| **tenant != from);
        let tenant = |id: &str| Party::Tenant(id.to_owned());
        let hop = |spot: &&Spot| Hop {
            what: format!("line {}", spot.line),
            thing: format!("@{}", self.pool),
            file: spot.file.clone(),
            pointer: String::new(),
            why: what.clone(),
        };
        Finding {
            from: if from.is_empty() { pool() } else { tenant(from) },
            to: to.or(other.copied()).map_or_else(pool, tenant),
            verdict: Verdict::Reachable,
            by,
            witness: spots.iter().map(hop).collect(),
            what,
        }
    }
}

/// Whether a function runs with the rights of who calls it, as it does unless something else is said.
fn invoker(object: &Object) -> bool {
    !Words::new(&object.made).has("security definer")
}
