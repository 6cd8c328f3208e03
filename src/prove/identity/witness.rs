//! A hit, put so that a person can follow it: role, policy, statement, thing.

use super::super::verdict::{Finding, Hop, Party, Verdict};
use super::grant::{Ground, Hit};
use super::model::{Model, Role};
use super::{hop, party};

/// What is said of a hit, over a path that led to the role.
pub fn finding(
    ground: &Ground<'_>,
    from: &Party,
    role: &Role,
    hit: &Hit<'_>,
    path: &[Hop],
) -> Finding {
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
