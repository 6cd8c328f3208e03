//! Who takes a role that is not theirs: because its trust lets them in, or because a workload of theirs
//! runs with it. What a role leads to is followed, role by role.

use std::collections::{BTreeMap, BTreeSet};

use super::super::read::unknown;
use super::super::verdict::{Finding, Hop, Party, Verdict};
use super::condition::{Fact, Facts};
use super::glob::Glob;
use super::grant::{Ground, Holder, is_own};
use super::model::{EACH, Role};
use super::policy::{Condition, Statement};
use super::session::{facts, loose, session_keys};
use super::strange::strange;
use super::who::Entry;
use super::witness::finding;
use super::{hop, kinds, party};

/// The roles that each role may take because their trust names it.
pub type Takers<'m> = BTreeMap<String, Vec<(&'m str, &'m Statement)>>;

/// For each role, those that it may take because their trust names it.
pub fn takers<'m>(ground: &Ground<'m>) -> Takers<'m> {
    let mut takers: Takers<'m> = BTreeMap::new();
    for (token, role) in &ground.model.roles {
        for statement in role.trust.statements.iter().filter(|s| enters(s)) {
            for entry in ground.model.entries(statement, &role.place) {
                if let Entry::Role(taker) = entry {
                    takers.entry(taker).or_default().push((token, statement));
                }
            }
        }
    }
    takers
}

fn enters(statement: &Statement) -> bool {
    let actions = ["sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];
    statement.allow && actions.iter().any(|action| statement.names(action))
}

/// Who takes a role that is not theirs.
pub fn taken(ground: &Ground<'_>, token: &str, role: &Role, takers: &Takers<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for statement in role.trust.statements.iter().filter(|statement| enters(statement)) {
        for entry in ground.model.entries(statement, &role.place) {
            let path = vec![trust_hop(role, statement, &entry)];
            match &entry {
                Entry::World => found.extend(by_stranger(ground, role, Party::Internet, path)),
                Entry::Account(account) => {
                    found.extend(by_account(ground, role, account, statement));
                }
                Entry::Outsider(name) => found.extend(by_outsider(ground, role, name, path)),
                Entry::For(tenant) => found.extend(by_tenant(ground, token, tenant, path, takers)),
                Entry::Pool(pool) => {
                    let known = ground.model.pools.get(pool.as_str());
                    if let Some(tenant) = known.and_then(|(place, _)| place.owner.as_ref()) {
                        found.extend(by_tenant(ground, token, tenant, path, takers));
                    } else {
                        let from = Party::Shared(format!("users of {pool}"));
                        found.extend(by_stranger(ground, role, from, path));
                    }
                }
                Entry::Role(taker) => {
                    let owner = ground.model.roles[taker].place.owner.clone();
                    let apart = ground.model.roles[taker].place.account != role.place.account;
                    if let Some(tenant) = owner.filter(|_| !apart || may_ask(ground, taker)) {
                        found.extend(by_tenant(ground, token, &tenant, path, takers));
                    }
                }
            }
        }
    }
    found
}

/// Whether a role may ask for roles of other accounts at all.
fn may_ask(ground: &Ground<'_>, taker: &str) -> bool {
    let statements = ground.model.roles[taker].policies.iter().flat_map(|p| &p.statements);
    statements.into_iter().any(|s| s.allow && s.names("sts:assumerole"))
}

fn trust_hop(role: &Role, statement: &Statement, entry: &Entry) -> Hop {
    let whom = match entry {
        Entry::Role(role) | Entry::Outsider(role) => role.clone(),
        Entry::Account(account) => format!("everybody in account {account}"),
        Entry::Pool(pool) => format!("users of {pool}"),
        Entry::World => "everybody".to_owned(),
        Entry::For(tenant) => format!("tenant {tenant}"),
    };
    let what = format!("role {}", role.place.origin.thing);
    hop(what, &role.trust.origin, format!("its trust ({}) lets in {whom}", statement.sid))
}

/// A tenant takes a role, and with it all roles that it leads to.
fn by_tenant(
    ground: &Ground<'_>,
    token: &str,
    tenant: &str,
    path: Vec<Hop>,
    takers: &Takers<'_>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = vec![(token.to_owned(), path)];
    while let Some((token, path)) = next.pop() {
        let Some(role) = ground.model.roles.get(&token) else { continue };
        if !seen.insert(token.clone()) || role.place.owner.as_deref() == Some(tenant) {
            continue;
        }
        let from = Party::Tenant(tenant.to_owned());
        if role.place.owner.is_some() {
            found.push(whole(from, role, path));
            continue;
        }
        let free =
            |facts: Facts, key: &String| facts.with(&format!("aws:principaltag/{key}"), Fact::Free);
        let facts = session_keys(role).iter().fold(facts(ground.model, role), free);
        let holder = Holder { tenant: Some(tenant.to_owned()), role, facts };
        let hits = ground.hits(&holder);
        found.extend(hits.iter().map(|hit| finding(ground, &from, role, hit, &path)));
        found.extend(strange(ground, &holder));
        for (role, statement) in takers.get(&token).into_iter().flatten() {
            let other = &ground.model.roles[*role];
            let mut path = path.clone();
            path.push(trust_hop(other, statement, &Entry::Role(token.clone())));
            next.push(((*role).to_owned(), path));
        }
    }
    found
}

/// Somebody who is no tenant takes a role.
fn by_stranger(ground: &Ground<'_>, role: &Role, from: Party, path: Vec<Hop>) -> Vec<Finding> {
    if role.place.owner.is_some() || role.everywhere {
        return vec![whole(from, role, path)];
    }
    let holder = Holder { tenant: None, role, facts: loose(ground.model, role) };
    let hits = ground.hits(&holder);
    hits.iter().take(1).map(|hit| finding(ground, &from, role, hit, &path)).collect()
}

/// Somebody whom a trust names and of whom the output tells nothing: one of the operator's, if he takes
/// what is shared; for a role that is a tenant's, he could be anybody's.
fn by_outsider(ground: &Ground<'_>, role: &Role, name: &str, path: Vec<Hop>) -> Vec<Finding> {
    let living = account_of(name).and_then(|account| ground.model.accounts.get(account));
    if role.place.owner.is_some() && living.is_some_and(|all| all.iter().eq(&role.place.owner)) {
        return Vec::new();
    }
    let from = Party::Shared(name.to_owned());
    let common = account_of(name).is_some_and(|account| ground.model.common.contains(account));
    let design = role.place.owner.is_none() && (common || living.is_none());
    let mut found = by_stranger(ground, role, from, path);
    for finding in found.iter_mut().filter(|_| design) {
        finding.verdict = Verdict::Shared;
    }
    found
}

/// The account of an ARN.
pub fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

/// Everybody in an account may take a role: harmless in an account that is the owner's alone; from
/// elsewhere, only with something that says who of them, and for whom.
fn by_account(
    ground: &Ground<'_>,
    role: &Role,
    account: &str,
    statement: &Statement,
) -> Vec<Finding> {
    let none = BTreeSet::new();
    let living = ground.model.accounts.get(account).unwrap_or(&none);
    let owner = role.place.owner.as_deref();
    let alone = owner.is_some_and(|owner| living.len() == 1 && living.contains(owner));
    if alone || narrowed(role, statement) {
        return Vec::new();
    }
    let path = vec![trust_hop(role, statement, &Entry::Account(account.to_owned()))];
    let from = match living.iter().find(|id| Some(id.as_str()) != owner) {
        Some(tenant) => Party::Tenant(tenant.clone()),
        None if ground.model.common.contains(account) => {
            Party::Shared(format!("account {account}"))
        }
        None if account == EACH => return Vec::new(),
        None => Party::Internet,
    };
    if !role.everywhere {
        return by_stranger(ground, role, from, path);
    }
    // A role of every tenant's account: what only looks harms nobody.
    let acts = role.policies.iter().flat_map(|policy| &policy.statements);
    let acts = acts.filter(|s| s.allow);
    let data =
        |s: &Statement| kinds::KINDS.iter().any(|kind| kind.actions.iter().any(|a| s.names(a)));
    if acts.into_iter().any(data) { vec![whole(from, role, path)] } else { Vec::new() }
}

/// Whether a trust of a whole account says who of it: by an external id that is the owner's own, by a
/// second factor, by a tag or a name.
fn narrowed(role: &Role, statement: &Statement) -> bool {
    let own = |value: &String| {
        let place = &role.place;
        let id = if role.everywhere { EACH } else { place.account.as_str() };
        value.contains(id)
            || place.owner.as_ref().is_some_and(|owner| is_own(&Glob::literal(value), owner))
    };
    // What cannot be told may let in anybody.
    let told = |condition: &&Condition| !condition.values.iter().any(|value| unknown(value));
    statement.conditions.iter().filter(told).any(|condition| match condition.key.as_str() {
        "sts:externalid" => {
            condition.operator == "StringEquals" && condition.values.iter().all(own)
        }
        "aws:multifactorauthpresent" => {
            condition.operator == "Bool" && condition.values.iter().all(|v| v == "true")
        }
        "aws:principalarn" | "aws:userid" | "aws:sourceidentity" => {
            !condition.operator.contains("Not") && condition.values.iter().all(|v| v != "*")
        }
        key => key.starts_with("aws:principaltag/") && !condition.operator.contains("Not"),
    })
}

/// A role is somebody's as a whole.
fn whole(from: Party, role: &Role, witness: Vec<Hop>) -> Finding {
    let to = if role.everywhere {
        Party::Shared("every account of a tenant".to_owned())
    } else {
        party(&role.place, "role")
    };
    let what = format!("sts:AssumeRole of {}", role.place.origin.thing);
    Finding { from, to, verdict: Verdict::Reachable, by: "identity/trust", what, witness }
}

/// Workloads that hold a role, or are given something, which is another's.
pub fn used(ground: &Ground<'_>, takers: &Takers<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for one in &ground.model.uses {
        let Some(tenant) = &one.by.owner else { continue };
        let path = vec![hop(one.by.origin.thing.clone(), &one.by.origin, one.how.to_owned())];
        for name in &ground.model.led(&one.of) {
            let roles = if one.acts { ground.model.holders(name, &one.by) } else { Vec::new() };
            for role in &roles {
                found.extend(by_tenant(ground, role, tenant, path.clone(), takers));
            }
            if !roles.is_empty() {
                continue;
            }
            let owner = ground.owner_of(name, tenant).filter(|owner| owner != tenant);
            found.extend(owner.map(|owner| Finding {
                from: Party::Tenant(tenant.clone()),
                what: format!("{name} of {owner}"),
                to: Party::Tenant(owner),
                verdict: Verdict::Reachable,
                by: "identity/workload",
                witness: path.clone(),
            }));
        }
    }
    found
}
