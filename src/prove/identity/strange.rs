//! Acts of which nobody knows what they get at. What is done to data is known by a list (`kinds.rs`),
//! and so is what harms nobody; every other act counts, unless all that it is for is surely the own.
//! To change a route, to enter a container, to start a task or to make a new version of a policy gets
//! at others as surely as to read their tables.
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/>.

use super::super::verdict::{Finding, Party, Verdict};
use super::condition::Truth;
use super::glob::Glob;
use super::grant::{Ground, Holder, is_own, may_be_foreign};
use super::policy::{Policy, Statement};
use super::{hop, index, kinds};

/// Acts that tell what is there or that only add to it: names and states, metrics, traces, a new stream
/// of a log; queries that run with the rights of who asks; what ends an upload that was begun. What
/// lists objects of a bucket stands in `kinds.rs`, and is asked first.
const HARMLESS: &[&str] = &[
    "*:describe*",
    "*:list*",
    "athena:getquery*",
    "athena:getworkgroup",
    "athena:startqueryexecution",
    "athena:stopqueryexecution",
    "cloudwatch:getmetric*",
    "cloudwatch:putmetricdata",
    "cloudwatch:setalarmstate",
    "ecr:batchchecklayeravailability",
    "ecr:getauthorizationtoken",
    "glue:getdatabase*",
    "glue:getpartition*",
    "glue:gettable*",
    "kms:getpublickey",
    "logs:createloggroup",
    "logs:createlogstream",
    "s3:abortmultipartupload",
    "s3:getbucketlocation",
    "sqs:getqueueattributes",
    "sqs:getqueueurl",
    "ssmmessages:*",
    "sts:getcalleridentity",
    "sts:tagsession",
    "tag:getresources",
    "xray:put*",
];

/// What a holder may do of which nobody knows what it gets at, at most once.
pub fn strange<'m>(ground: &Ground<'m>, holder: &Holder<'m>) -> Option<Finding> {
    let role = holder.role;
    if alone(ground, holder) {
        return None;
    }
    for policy in &role.policies {
        for statement in policy.statements.iter().filter(|statement| statement.allow) {
            if !may_be_foreign(holder, statement) || own(ground, holder, statement) {
                continue;
            }
            let everything = [Glob::anything()];
            let acts = if statement.not_actions { &everything[..] } else { &statement.actions };
            let unknown = |act: &&Glob| !is_known(act) && !refused(ground, holder, act);
            if let Some(act) = acts.iter().find(unknown) {
                return Some(finding(holder, policy, statement, act));
            }
        }
    }
    None
}

/// Whether nobody else lives where a holder acts.
fn alone(ground: &Ground<'_>, holder: &Holder<'_>) -> bool {
    let account = &holder.role.place.account;
    let living = ground.model.accounts.get(account);
    let only = living.is_some_and(|all| all.iter().eq(holder.tenant.iter()));
    only && !ground.model.common.contains(account)
}

/// Whether it is known what an act gets at.
fn is_known(act: &Glob) -> bool {
    let listed = || kinds::KINDS.iter().flat_map(|kind| kind.actions);
    act.is_literal() && listed().any(|known| act.matches(known))
        || HARMLESS.iter().any(|pattern| Glob::new(pattern).covers(act))
}

/// Whether all that a statement is for is surely the holder's own.
fn own(ground: &Ground<'_>, holder: &Holder<'_>, statement: &Statement) -> bool {
    let Some(tenant) = holder.tenant.as_deref() else { return false };
    let named = |text: &String| {
        if let Some(at) = text.find('@') {
            let owner = ground.model.owner_of_token(&text[at..]);
            if owner.is_some() {
                return owner.as_deref() == Some(tenant);
            }
        }
        let rest = text.find('@').map_or_else(|| index::rest(text), |at| &text[at..]);
        holder.facts.glob(rest, true).is_none_or(|glob| is_own(&glob, tenant))
    };
    !statement.not_resources && statement.resources.iter().all(named)
}

/// Whether an act is surely refused, whatever it is for.
fn refused(ground: &Ground<'_>, holder: &Holder<'_>, act: &Glob) -> bool {
    let everything = |statement: &Statement| {
        !statement.not_resources && statement.resources.iter().any(|text| text == "*")
    };
    let denies = |statement: &Statement| {
        let names = statement.actions.iter().any(|denied| denied.covers(act));
        !statement.allow
            && names
            && !statement.not_actions
            && everything(statement)
            && holder.facts.hold(&statement.conditions) == Truth::Always
    };
    let lets = |statement: &Statement| {
        let names = statement.actions.iter().any(|allowed| allowed.overlaps(act));
        statement.allow && (names || statement.not_actions)
    };
    let boundary = ground.boundary(holder.role);
    boundary.is_some_and(|policy| {
        !policy.statements.iter().any(lets) || policy.statements.iter().any(denies)
    }) || holder.role.policies.iter().flat_map(|policy| &policy.statements).any(denies)
}

fn finding(holder: &Holder<'_>, policy: &Policy, statement: &Statement, act: &Glob) -> Finding {
    let from = match holder.tenant.as_deref() {
        Some(id) if id != super::grant::SESSION => Party::Tenant(id.to_owned()),
        _ => Party::Shared(format!("sessions of {}", holder.role.place.origin.thing)),
    };
    let name = if act.is_literal() { act.prefix() } else { format!("{}*", act.prefix()) };
    let place = &holder.role.place;
    let held =
        hop(format!("role {}", place.origin.thing), &place.origin, format!("is held by {from}"));
    let why = format!("{} allows {name}, of which nobody knows what it gets at", statement.sid);
    let witness = vec![held, hop(format!("policy {}", policy.name), &policy.origin, why)];
    Finding {
        from,
        to: Party::Shared(format!("account {}", place.account)),
        verdict: Verdict::Reachable,
        by: "identity/action",
        what: format!("{name} on what is not surely its own"),
        witness,
    }
}
