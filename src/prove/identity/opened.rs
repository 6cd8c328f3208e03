//! Whom policies of things let in who is not their owner: of buckets, queues, topics, keys, secrets,
//! tables, repositories, functions, buses.

use super::super::verdict::{Finding, Party, Verdict};
use super::grant::{Ground, Holder, is_own};
use super::index::Form;
use super::model::{Model, Place, Target};
use super::policy::{Policy, Principal, Statement};
use super::session::facts;
use super::taken::account_of;
use super::who::Entry;
use super::{hop, party};

/// Whom policies of things let in.
pub fn opened(ground: &Ground<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, policies) in &ground.about {
        let target = &ground.model.targets[*number];
        for policy in policies {
            for statement in policy.statements.iter().filter(|statement| statement.allow) {
                for entry in ground.model.entries(statement, &target.place) {
                    let from = opener(ground, target, statement, &entry);
                    found.extend(from.map(|from| open(ground, from, target, policy, statement)));
                }
            }
        }
    }
    found
}

/// Whose entry by a policy of a thing is none of theirs.
fn opener(
    ground: &Ground<'_>,
    target: &Target,
    statement: &Statement,
    entry: &Entry,
) -> Option<Party> {
    let place = &target.place;
    match entry {
        Entry::World => Some(Party::Internet),
        Entry::For(tenant) => {
            (Some(tenant) != place.owner.as_ref()).then(|| Party::Tenant(tenant.clone()))
        }
        Entry::Outsider(name) => {
            let living = account_of(name).and_then(|account| ground.model.accounts.get(account));
            let own = living.is_some_and(|living| living.iter().eq(place.owner.iter()));
            (!own).then(|| Party::Shared(name.clone()))
        }
        Entry::Pool(_) => None,
        Entry::Account(account) => by_whole_account(ground.model, place, account, statement),
        Entry::Role(token) => {
            let role = &ground.model.roles[token];
            let tenant =
                role.place.owner.as_ref().filter(|id| Some(*id) != place.owner.as_ref())?;
            let facts = facts(ground.model, role);
            let holder = Holder { tenant: Some(tenant.clone()), role, facts };
            let parts = ground.parts(&holder, statement, target, Form::Whole, None);
            let parted = place.owner.is_none()
                && !parts.is_empty()
                && parts.iter().all(|part| is_own(part, tenant));
            (!parted).then(|| Party::Tenant(tenant.clone()))
        }
    }
}

fn by_whole_account(
    model: &Model,
    place: &Place,
    account: &str,
    statement: &Statement,
) -> Option<Party> {
    // To let in one's own account is to leave it to policies of roles, which are looked at; only who
    // names everybody lets them in without.
    let anybody = statement
        .principals
        .as_ref()
        .is_some_and(|principals| principals.not || principals.list.contains(&Principal::Anybody));
    if place.account == account && !anybody {
        return None;
    }
    let living = model.accounts.get(account).into_iter().flatten();
    let mut others = living.filter(|id| Some(*id) != place.owner.as_ref());
    match others.next() {
        Some(tenant) => Some(Party::Tenant(tenant.clone())),
        None if model.common.contains(account) || model.accounts.contains_key(account) => None,
        None => Some(Party::Internet),
    }
}

fn open(
    ground: &Ground<'_>,
    from: Party,
    target: &Target,
    policy: &Policy,
    statement: &Statement,
) -> Finding {
    let what = format!("{} {}", target.kind.word, target.place.origin.thing);
    let why = format!("{} lets in {from}", statement.sid);
    let to = match &target.place.owner {
        None if ground.model.tenants.len() == 1 && target.kind.parted => {
            Party::Tenant(ground.model.tenants.iter().next().cloned().unwrap_or_default())
        }
        _ => party(&target.place, target.kind.word),
    };
    Finding {
        from,
        to,
        verdict: Verdict::Reachable,
        by: "identity/resource-policy",
        what,
        witness: vec![hop(policy.name.clone(), &policy.origin, why)],
    }
}
