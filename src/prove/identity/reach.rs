//! Who gets at whom. Three questions for each thing, none for each pair: what does a role get at, who
//! may take a role, and whom does the policy of a thing let in.

use std::collections::BTreeSet;

use super::super::verdict::{Finding, Party, Verdict};
use super::condition::{Fact, Facts};
use super::grant::{Ground, Hit, Holder, SESSION};
use super::model::{Model, Role};
use super::session::{facts, session_keys};
use super::strange::strange;
use super::witness::finding;
use super::{hop, opened, party, taken};

/// All findings.
pub fn judge(ground: &Ground<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let takers = taken::takers(ground);
    for (token, role) in &ground.model.roles {
        if found.len() > super::LIMIT {
            break;
        }
        match &role.place.owner {
            Some(tenant) => found.extend(held(ground, role, tenant)),
            None if !role.everywhere => found.extend(sessions(ground, role)),
            None => {}
        }
        found.extend(taken::taken(ground, token, role, &takers));
    }
    found.extend(taken::used(ground, &takers));
    found.extend(opened::opened(ground));
    found
}

/// What a tenant gets at with a role that it holds.
fn held(ground: &Ground<'_>, role: &Role, tenant: &str) -> Vec<Finding> {
    let facts = facts(ground.model, role);
    let holder = Holder { tenant: Some(tenant.to_owned()), role, facts };
    let from = Party::Tenant(tenant.to_owned());
    let hits = ground.hits(&holder);
    let hits = hits.iter().map(|hit| finding(ground, &from, role, hit, &[]));
    hits.chain(strange(ground, &holder)).collect()
}

/// What one session of a role gets at that is another's: each tenant has sessions of its own, told
/// apart by tags.
fn sessions(ground: &Ground<'_>, role: &Role) -> Vec<Finding> {
    let keys = session_keys(role);
    if keys.is_empty() {
        return Vec::new();
    }
    let tag = |facts: Facts, key: &String| {
        facts.with(&format!("aws:principaltag/{key}"), Fact::Is(SESSION.to_owned()))
    };
    let facts = keys.iter().fold(facts(ground.model, role), tag);
    let holder = Holder { tenant: Some(SESSION.to_owned()), role, facts };
    let (from, to) = neighbours(ground.model, role);
    let made = |hit: &Hit<'_>| {
        let mut made = finding(ground, &from, role, hit, &[]);
        match &to {
            Some(other) if made.to.tenant().is_none() => made.to = other.clone(),
            Some(other) if made.to == made.from => made.from = other.clone(),
            _ => {}
        }
        made
    };
    ground.hits(&holder).iter().map(made).chain(strange(ground, &holder)).collect()
}

/// Two tenants of the pool that a role is of, for a witness; the sessions themselves, if none is known.
fn neighbours(model: &Model, role: &Role) -> (Party, Option<Party>) {
    let cell = role.tags.get("Cell").and_then(|cell| model.cells.get(cell));
    let mut tenants = cell.into_iter().flatten().cloned().map(Party::Tenant);
    let first = tenants.next().unwrap_or_else(|| party(&role.place, "sessions of"));
    (first, tenants.next())
}

/// What keeps two tenants apart.
pub fn why(model: &Model, from: &str, to: &str) -> Finding {
    let here = lives(model, from);
    let apart = here.is_disjoint(&lives(model, to));
    let owned = |role: &&Role| role.place.owner.as_deref() == Some(from);
    let own: Vec<&Role> = model.roles.values().filter(owned).collect();
    let pool: Vec<&Role> = model
        .roles
        .values()
        .filter(|role| role.place.owner.is_none() && !session_keys(role).is_empty())
        .filter(|role| here.contains(role.place.account.as_str()))
        .collect();
    let pooled = model.cells.values().any(|all| all.contains(from) && all.contains(to));
    let (by, what, roles) = if apart {
        ("identity/account", "they live in different accounts, and no policy opens one", own)
    } else if !own.is_empty() {
        ("identity/role", "its roles name only what is its own", own)
    } else if !pool.is_empty() {
        ("identity/session", "a session is tagged with its tenant, and gets at nothing else", pool)
    } else {
        ("identity/no-role", "nothing that was rendered gives it an identity", own)
    };
    let said = |role: &&Role| {
        let origin = &role.place.origin;
        hop(format!("role {}", origin.thing), origin, "gets at nothing of another's".to_owned())
    };
    Finding {
        from: Party::Tenant(from.to_owned()),
        to: Party::Tenant(to.to_owned()),
        verdict: if pooled && by == "identity/session" {
            Verdict::Shared
        } else {
            Verdict::Isolated
        },
        by,
        what: what.to_owned(),
        witness: roles.iter().take(5).map(said).collect(),
    }
}

/// The accounts that a tenant lives in.
fn lives<'m>(model: &'m Model, tenant: &str) -> BTreeSet<&'m str> {
    let all = model.accounts.iter().filter(|(_, living)| living.contains(tenant));
    all.map(|(account, _)| account.as_str()).collect()
}
