//! What is known of who acts with a role: its account, its name, its tags, and those that a session may
//! bring. A tag that must have a certain value has it; any other that may be brought is free.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use std::collections::BTreeSet;

use super::condition::{Fact, Facts};
use super::model::{Model, Role};
use super::policy::{Quantifier, Statement};

/// The tags by which sessions of a role are told apart: those that who takes it must set.
pub fn session_keys(role: &Role) -> Vec<String> {
    let trust = role.trust.statements.iter().filter(|s| s.allow && s.names("sts:tagsession"));
    let keys = trust.flat_map(|statement| &statement.conditions).filter_map(|condition| {
        let key = condition.key.strip_prefix("aws:requesttag/")?;
        let positive = matches!(condition.operator.as_str(), "StringLike" | "StringEquals");
        (positive && !condition.if_exists).then(|| key.to_owned())
    });
    keys.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What is known of requests that are made with a role.
pub fn facts(model: &Model, role: &Role) -> Facts {
    let account = role.place.account.clone();
    let mut facts = Facts::default()
        .with("aws:principalaccount", Fact::Is(account.clone()))
        .with("kms:calleraccount", Fact::Is(account.clone()));
    if let Some(name) = &role.name {
        let arn = format!("arn:aws:iam::{account}:role/{name}");
        facts = facts.with("aws:principalarn", Fact::Is(arn));
    }
    if !model.accounts.contains_key(&account) && !model.common.contains(&account) {
        facts = facts.with("aws:principalaccount", Fact::Free);
    }
    for (key, value) in &role.tags {
        facts = facts.with(&format!("aws:principaltag/{key}"), Fact::Is(value.clone()));
    }
    facts = facts.with_all_tags();
    let tagging = |s: &&Statement| s.allow && s.names("sts:tagsession");
    for statement in role.trust.statements.iter().filter(tagging) {
        facts = tagged(facts, role, statement);
    }
    facts
}

/// Tags that a session may bring: one that must have a certain value has it, others are free.
fn tagged(mut facts: Facts, role: &Role, statement: &Statement) -> Facts {
    // Any other quantifier lets further tags in beside those that are named.
    let limit = statement.conditions.iter().find(|condition| {
        condition.key == "aws:tagkeys"
            && condition.operator == "StringEquals"
            && condition.quantifier == Quantifier::ForAll
            && !condition.if_exists
    });
    let mut keys: Vec<String> = if let Some(limit) = limit {
        limit.values.clone()
    } else {
        facts = facts.with_any_tags();
        role.tags.keys().cloned().collect()
    };
    let asked = statement.conditions.iter().filter_map(|c| c.key.strip_prefix("aws:requesttag/"));
    keys.extend(asked.map(str::to_owned));
    for key in keys {
        let name = format!("aws:requesttag/{}", key.to_ascii_lowercase());
        let pinned = statement.conditions.iter().find_map(|condition| {
            let one = condition.key == name
                && condition.operator == "StringEquals"
                && !condition.if_exists;
            match condition.values.as_slice() {
                [value] if one && !value.contains("?{") && !value.contains("${") => {
                    Some(value.clone())
                }
                _ => None,
            }
        });
        let fact = pinned.map_or(Fact::Free, Fact::Is);
        facts = facts.with(&format!("aws:principaltag/{key}"), fact);
    }
    facts
}

/// What is known of a role whose session tags anybody sets.
pub fn loose(model: &Model, role: &Role) -> Facts {
    let free =
        |facts: Facts, key: &String| facts.with(&format!("aws:principaltag/{key}"), Fact::Free);
    session_keys(role).iter().fold(facts(model, role), free)
}
