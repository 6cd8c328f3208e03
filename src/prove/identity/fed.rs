//! What a tenant is fed with, and what is handed to other accounts as a whole: subscriptions, filters
//! and rules need no right of a tenant's role, as whoever deploys makes them; a share needs none either.

use super::super::read::{Thing, token};
use super::super::verdict::{Finding, Party, Verdict};
use super::glob::Glob;
use super::grant::is_own;
use super::model::{Model, Place, place};
use super::policy::texts;
use super::taken::account_of;
use super::{hop, index, party};

/// Types by which one thing gets what another has, with the property that names the other.
const FEEDS: &[(&str, &str)] = &[
    ("AWS::Events::Rule", "EventBusName"),
    ("AWS::Logs::SubscriptionFilter", "LogGroupName"),
    ("AWS::SNS::Subscription", "TopicArn"),
];

/// The type that hands things to other accounts.
pub const SHARE: &str = "AWS::RAM::ResourceShare";

/// An account that AWS has not made.
const PENDING: &str = "000000000000";

/// That a thing of a tenant's gets what another has.
#[derive(Debug)]
pub struct Feed {
    /// The thing that gets it.
    to: Place,
    /// The other, as written.
    from: String,
}

/// That things are handed to other accounts.
#[derive(Debug)]
pub struct Share {
    place: Place,
    to: Vec<String>,
    things: Vec<String>,
}

/// Whether a type matters here.
pub fn wants(kind: &str) -> bool {
    kind == SHARE || FEEDS.iter().any(|(own, _)| *own == kind)
}

/// Takes a thing in.
pub fn take(model: &mut Model, thing: &Thing<'_>) {
    let feed = FEEDS.iter().find(|(own, _)| *own == thing.kind);
    if let Some((_, key)) = feed.filter(|_| thing.tenant.is_some()) {
        // Without a name, a rule is one of the bus that all of an account share.
        let from = thing.properties.get(*key).and_then(|value| value.as_str()).unwrap_or("default");
        model.feeds.push(Feed { to: place(thing), from: from.to_owned() });
    }
    if thing.kind == SHARE {
        let named = |key: &str| texts(thing.properties.get(key));
        let (to, things) = (named("Principals"), named("ResourceArns"));
        model.shares.push(Share { place: place(thing), to, things });
    }
}

/// All findings.
pub fn judge(model: &Model) -> Vec<Finding> {
    let fed = model.feeds.iter().filter_map(|feed| fed(model, feed));
    fed.chain(model.shares.iter().filter_map(|share| shared(model, share))).collect()
}

/// What feeds a tenant must be its own, by reference or by name.
fn fed(model: &Model, feed: &Feed) -> Option<Finding> {
    let tenant = feed.to.owner.as_deref()?;
    let owner = model.owner_of_token(&feed.from);
    let own = match &owner {
        Some(owner) => owner == tenant,
        None => token(&feed.from).is_none() && is_own(&Glob::new(last(&feed.from)), tenant),
    };
    let living = model.accounts.get(&feed.to.account);
    let alone = living.is_some_and(|all| all.len() == 1) && owner.is_none();
    if own || (alone && !model.common.contains(&feed.to.account)) {
        return None;
    }
    let other = owner.map_or_else(|| Party::Shared(feed.from.clone()), Party::Tenant);
    let why = format!("it is fed by {}, which is not its own", feed.from);
    Some(Finding {
        from: Party::Tenant(tenant.to_owned()),
        to: other,
        verdict: Verdict::Reachable,
        by: "identity/feed",
        what: format!("what {} has", feed.from),
        witness: vec![hop(feed.to.origin.thing.clone(), &feed.to.origin, why)],
    })
}

fn last(text: &str) -> &str {
    if text.starts_with("arn:") { index::rest(text) } else { text }
}

/// What all share may be handed to accounts of the estate; what is a tenant's to its own only; and
/// what is named without a reference may be anybody's.
fn shared(model: &Model, share: &Share) -> Option<Finding> {
    let alone = |account: &String| {
        let living = model.accounts.get(account);
        living.is_some_and(|all| all.iter().eq(share.place.owner.iter()))
    };
    let known = |to: &String| {
        // An organization is named by the account that manages it.
        let account = if to.starts_with("arn:") { account_of(to).unwrap_or_default() } else { to };
        account == PENDING
            || model.accounts.contains_key(account)
            || model.common.contains(account)
            || model.own.contains(account)
            || model.made.iter().any(|(place, _)| account.starts_with(&place.origin.thing))
    };
    let referred = share.things.iter().all(|thing| thing.contains('@'));
    let lets = |account: &&String| match share.place.owner {
        Some(_) => !alone(account),
        None => !(known(account) && referred),
    };
    let to = share.to.iter().find(lets)?;
    let living = model.accounts.get(to).into_iter().flatten();
    let mut others = living.filter(|id| Some(*id) != share.place.owner.as_ref());
    Some(Finding {
        from: others.next().map_or(Party::Internet, |id| Party::Tenant(id.clone())),
        to: party(&share.place, "share"),
        verdict: Verdict::Reachable,
        by: "identity/share",
        what: format!("{} is handed to account {to}", share.things.join(", ")),
        witness: vec![hop(
            share.place.origin.thing.clone(),
            &share.place.origin,
            format!("hands it to {to}"),
        )],
    })
}
