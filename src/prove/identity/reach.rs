//! Who gets at whom. Three questions for each thing, none for each pair: what does a role get at, who
//! may take a role, and whom does the policy of a thing let in.

use std::collections::{BTreeMap, BTreeSet};

use super::super::verdict::{Finding, Hop, Party, Verdict};
use super::condition::{Fact, Facts};
use super::glob::Glob;
use super::grant::{Ground, Hit, Holder, SESSION, is_own};
use super::model::{EACH, Model, Place, Role, Target};
use super::policy::{Policy, Statement};
use super::who::Entry;
use super::{hop, index, kinds, party};

/// All findings.
pub fn judge(ground: &Ground<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let takers = takers(ground);
    for (token, role) in &ground.model.roles {
        if found.len() > super::LIMIT {
            break;
        }
        match &role.place.owner {
            Some(tenant) => found.extend(held(ground, role, tenant)),
            None if !role.everywhere => found.extend(sessions(ground, role)),
            None => {}
        }
        found.extend(taken(ground, token, role, &takers));
    }
    found.extend(used(ground, &takers));
    found.extend(opened(ground));
    found
}

/// What a tenant gets at with a role that it holds.
fn held(ground: &Ground<'_>, role: &Role, tenant: &str) -> Vec<Finding> {
    let facts = facts(ground.model, role);
    let holder = Holder { tenant: Some(tenant.to_owned()), role, facts };
    let from = Party::Tenant(tenant.to_owned());
    let hits = ground.hits(&holder);
    hits.iter().map(|hit| finding(ground, &from, role, hit, &[])).collect()
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
    ground.hits(&holder).iter().map(made).collect()
}

/// Two tenants of the pool that a role is of, for a witness; the sessions themselves, if none is known.
fn neighbours(model: &Model, role: &Role) -> (Party, Option<Party>) {
    let cell = role.tags.get("Cell").and_then(|cell| model.cells.get(cell));
    let mut tenants = cell.into_iter().flatten().cloned().map(Party::Tenant);
    let first = tenants.next().unwrap_or_else(|| party(&role.place, "sessions of"));
    (first, tenants.next())
}

/// The tags by which sessions of a role are told apart: those that who takes it must set.
fn session_keys(role: &Role) -> Vec<String> {
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
    let limit = statement.conditions.iter().find(|condition| {
        condition.key == "aws:tagkeys" && matches!(condition.operator.as_str(), "StringEquals")
    });
    let mut keys: Vec<String> = match limit {
        Some(limit) => limit.values.clone(),
        None => role.tags.keys().cloned().chain(variables(role)).collect(),
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

/// The tags that policies of a role ask for.
fn variables(role: &Role) -> Vec<String> {
    let statements = role.policies.iter().flat_map(|policy| &policy.statements);
    let texts = statements.flat_map(|statement| {
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        statement.resources.iter().chain(values)
    });
    let keys = texts.flat_map(|text| text.split("${aws:PrincipalTag/").skip(1));
    keys.filter_map(|rest| rest.split(['}', ',']).next()).map(str::to_owned).collect()
}

/// The roles that each role may take because their trust names it.
type Takers<'m> = BTreeMap<String, Vec<(&'m str, &'m Statement)>>;

fn takers<'m>(ground: &Ground<'m>) -> Takers<'m> {
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
fn taken(ground: &Ground<'_>, token: &str, role: &Role, takers: &Takers<'_>) -> Vec<Finding> {
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

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

/// What is known of a role whose session tags anybody sets.
fn loose(model: &Model, role: &Role) -> Facts {
    let free =
        |facts: Facts, key: &String| facts.with(&format!("aws:principaltag/{key}"), Fact::Free);
    session_keys(role).iter().fold(facts(model, role), free)
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
    statement.conditions.iter().any(|condition| match condition.key.as_str() {
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
fn used(ground: &Ground<'_>, takers: &Takers<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for one in &ground.model.uses {
        let Some(tenant) = &one.by.owner else { continue };
        let path = vec![hop(one.by.origin.thing.clone(), &one.by.origin, one.how.to_owned())];
        let through = super::super::read::token(&one.of)
            .and_then(|(stack, id, _)| ground.model.profiles.get(&format!("@{stack}/{id}")));
        let own = [one.of.clone()];
        let roles = through.map_or(own.as_slice(), Vec::as_slice);
        for name in roles {
            if let Some(role) = ground.model.role_named(name).filter(|_| one.acts) {
                found.extend(by_tenant(ground, &role, tenant, path.clone(), takers));
                continue;
            }
            let owner = ground.owner_of(name, tenant).filter(|owner| owner != tenant);
            found.extend(owner.map(|owner| Finding {
                from: Party::Tenant(tenant.clone()),
                what: format!("{} of {owner}", one.of),
                to: Party::Tenant(owner),
                verdict: Verdict::Reachable,
                by: "identity/workload",
                witness: path.clone(),
            }));
        }
    }
    found
}

/// Whom policies of things let in.
fn opened(ground: &Ground<'_>) -> Vec<Finding> {
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
            let parts = ground.parts(&holder, statement, target, index::Form::Whole, None);
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
    let anybody = statement.principals.as_ref().is_some_and(|principals| {
        principals.not || principals.list.contains(&super::policy::Principal::Anybody)
    });
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

fn finding(ground: &Ground<'_>, from: &Party, role: &Role, hit: &Hit<'_>, path: &[Hop]) -> Finding {
    let target = hit.target;
    let to = whose(ground.model, hit, from);
    let mut witness = path.to_vec();
    let place = &role.place.origin;
    witness.push(hop(format!("role {}", place.thing), place, format!("is held by {from}")));
    let why = format!("{} allows {} there", hit.statement.sid, hit.action);
    witness.push(hop(format!("policy {}", hit.policy.name), &hit.policy.origin, why));
    let why = match &hit.part {
        Some(part) => format!("it is asked for {part:?}, which does not say whose"),
        None if target.place.owner.is_none() => "whose part of it is meant is not said".to_owned(),
        None => format!("it belongs to {to}"),
    };
    let what = format!("{} {}", target.kind.word, target.place.origin.thing);
    witness.push(hop(what.clone(), &target.place.origin, why));
    let verdict = Verdict::Reachable;
    let what = format!("{} on {what}", hit.action);
    Finding { from: from.clone(), to, verdict, by: "identity/role", what, witness }
}

/// Whose a thing, or the part of it that is meant, is.
fn whose(model: &Model, hit: &Hit<'_>, from: &Party) -> Party {
    let Some(part) = &hit.part else {
        return party(&hit.target.place, hit.target.kind.word);
    };
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let named = part.split(word).find(|word| model.tenants.contains(*word));
    match named.filter(|id| from.tenant() != Some(*id) && hit.target.place.owner.is_none()) {
        Some(id) => Party::Tenant(id.to_owned()),
        None => party(&hit.target.place, hit.target.kind.word),
    }
}

/// What a tenant's application keeps below a path of its own is the tenant's, though the output does not
/// make it: secrets and parameters. The paths are those that its policies and its things name.
pub fn imply(model: &mut Model) {
    let homes = homes(model);
    let mut made = Vec::new();
    for (home, place) in &homes {
        let below = format!("{home}\u{0}");
        let mut inside = homes.range(below..).take_while(|(other, _)| other.starts_with(home));
        // A tenant whose id is a word of everybody's paths has no home there.
        if inside.any(|(_, other)| other.owner != place.owner) {
            continue;
        }
        for name in ["AWS::SecretsManager::Secret", "AWS::SSM::Parameter"] {
            let Some(kind) = kinds::of(name) else { continue };
            let path = if kind.word == "secret" { home } else { home.trim_start_matches('/') };
            let rest = kind.arn.replace("{r}", &place.region).replace("{a}", &place.account);
            let arn = rest.replace("{n}", &format!("{path}*"));
            made.push(Target { kind, place: place.clone(), arn, implied: true });
        }
    }
    model.targets.extend(made);
}

/// Paths that end in a tenant's id, with whose they are.
fn homes(model: &Model) -> BTreeMap<String, Place> {
    let mut homes = BTreeMap::new();
    let mut keep = |text: &str, place: &Place| {
        let Some(owner) = place.owner.as_deref() else { return };
        let from = text.find('/').unwrap_or(text.len());
        let path = &text[from..];
        if let Some(at) = path.rfind(&format!("/{owner}/")) {
            let home = &path[..at + owner.len() + 2];
            if !homes.contains_key(home) && !home.contains(['*', '?', '@', '$']) {
                homes.insert(home.to_owned(), place.clone());
            }
        }
    };
    for role in model.roles.values().filter(|role| role.place.owner.is_some()) {
        let statements = role.policies.iter().flat_map(|policy| &policy.statements);
        for text in statements.filter(|s| s.allow).flat_map(|s| &s.resources) {
            let service = index::rest(text).split(':').next();
            if matches!(service, Some("ssm" | "secretsmanager")) {
                keep(text, &role.place);
            }
        }
    }
    for target in model.targets.iter().filter(|t| ["secret", "parameter"].contains(&t.kind.word)) {
        keep(&target.arn, &target.place);
    }
    homes
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
