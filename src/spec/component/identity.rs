//! Where users may come back to, which tiers give credentials, and who signs in elsewhere.

use crate::aws::Partition;
use crate::blueprint::Blueprint;
use crate::blueprint::shape::component::{Federation, Identity, SignInDomain, Users};
use crate::blueprint::shape::{DataEngine, Isolation, Several, Tier as WrittenTier};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::{Tenant, Tier, rule};

/// What stands for the id of the tenant.
pub const TENANT: &str = "{{tenant}}";

/// Judges a block of the estate or of a tier.
pub fn check(block: &Identity, blueprint: &Blueprint, site: &Site, sink: &mut Sink) {
    if blueprint.partition != Partition::Aws {
        let message = "pools of users are written for partition `aws` only: elsewhere Cognito has other endpoints and principals";
        sink.push(rule::COMPONENT.at(site.key(), message).help("remove `identity`"));
    }
    for (key, all) in [("callbacks", &block.callbacks), ("logouts", &block.logouts)] {
        for (i, address) in all.iter().enumerate() {
            if let Some(fault) = fault(address) {
                let message = format!("{address:?} {fault}");
                let help = "write an address as https://app.example.com/signed-in";
                sink.push(rule::COMPONENT.at(site.child(key).child(i), message).help(help));
            }
        }
    }
    if block.callbacks.is_empty() {
        let rows = [("logouts", !block.logouts.is_empty()), ("domain", block.domain.is_some())];
        for (key, _) in rows.into_iter().filter(|(_, there)| *there) {
            let message =
                format!("without `callbacks` there is no sign-in page, so `{key}` does nothing");
            sink.push(rule::COMPONENT.at(site.child(key).key(), message).help("add `callbacks`"));
        }
    }
    if let Some(domain) = &block.domain {
        certificates(domain, &blueprint.accounts.workload, &site.child("domain"), sink);
    }
}

/// A domain of a pool of users takes a certificate of the pool's account, and any workload account can come
/// to have pools. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html>.
fn certificates(domain: &SignInDomain, accounts: &Several, site: &Site, sink: &mut Sink) {
    let at = site.child("certificate");
    let all = domain.certificate.all();
    let of = |arn: &str, account: &str| arn.split(':').nth(4) == Some(account);
    for arn in all.iter().filter(|arn| !accounts.all().iter().any(|account| of(arn, account))) {
        let message = format!("{arn:?} is a certificate of another account");
        let names = accounts.names();
        let help = format!("take one of account {names}, where the pools of users are");
        let complaint = rule::COMPONENT.at(at.clone(), message).help(help);
        sink.push(complaint.against(["accounts", "workload"]));
    }
    let missing = |account: &&String| !all.iter().any(|arn| of(arn, account));
    for account in accounts.all().iter().filter(missing).filter(|_| accounts.is_many()) {
        let message = format!("there is no certificate of account {account} for `domain`");
        let help = "write a list with a certificate of each workload account";
        let complaint = rule::COMPONENT.at(at.clone(), message).help(help);
        sink.push(complaint.against(["accounts", "workload"]));
    }
}

/// What is wrong with an address. Source:
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html>.
fn fault(address: &str) -> Option<&'static str> {
    let plain = address.replace(TENANT, "tenant");
    let local = ["http://localhost", "http://localhost/", "http://localhost:"];
    let is_local = plain == local[0] || local[1..].iter().any(|begin| plain.starts_with(begin));
    let sound = |c: char| c.is_ascii_alphanumeric() || "-._~:/?@!()*+,;=%&[]".contains(c);
    let rest = plain.strip_prefix("https://");
    if plain.contains('#') {
        Some("has a fragment, which Cognito refuses")
    } else if plain.contains('*') {
        Some("has a wildcard, which Cognito takes as it is")
    } else if let Some(bad) = plain.chars().find(|c| !sound(*c)) {
        Some(if "{}".contains(bad) {
            "holds braces that are not `{{tenant}}`"
        } else {
            "holds a character that no address has"
        })
    } else if !is_local
        && rest.is_none_or(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    {
        Some("is neither https:// nor http://localhost")
    } else {
        None
    }
}

/// Judges what only some tiers can have.
pub fn reach(block: &Identity, tier: &WrittenTier, site: &Site, sink: &mut Sink) {
    let pool = tier.isolation == Isolation::Application;
    let items = tier.data.as_ref().is_some_and(|data| data.engine == DataEngine::Dynamodb);
    if block.users == Some(Users::Pool) && !pool {
        let message = "tenants that share nothing have no pool of users to share";
        sink.push(rule::COMPONENT.at(site.child("users"), message).help("remove `users`"));
    }
    if block.credentials == Some(true) && !(pool && items) {
        let message = "only data in DynamoDB that tenants of a pool share is bound to the tenant of a session";
        let help = "remove `credentials`";
        sink.push(rule::COMPONENT.at(site.child("credentials"), message).help(help));
    }
    own_accounts(block, tier.isolation, &site.child("domain"), sink);
}

/// A certificate is in one account, and each of these tenants has another.
pub fn own_accounts(block: &Identity, isolation: Isolation, site: &Site, sink: &mut Sink) {
    if isolation == Isolation::Account && block.domain.is_some() {
        let message =
            "tenants have accounts of their own, which do not have the certificate of `domain`";
        let help = "give this tier an `identity` without `domain`";
        sink.push(rule::COMPONENT.at(site.key(), message).help(help));
    }
}

/// Whether the tenants of a pool share a pool of users.
pub fn shares(tier: &Tier) -> bool {
    let shared = |block: &Identity| block.users != Some(Users::Tenant);
    tier.isolation == Isolation::Application
        && tier.components.identity.as_ref().is_some_and(shared)
}

/// Whether a tenant has a pool of users for itself.
pub fn owns(tenant: &Tenant, tier: &Tier) -> bool {
    tier.components.identity.is_some() && (!shares(tier) || tenant.federation.is_some())
}

/// Judges where the users of a tenant sign in.
pub fn federation(federation: &Federation, tier: &Tier, site: &Site, sink: &mut Sink) {
    match (&federation.saml, &federation.oidc) {
        (None, None) => {
            let message = "nobody is named to sign in at";
            sink.push(rule::FEDERATION.at(site.key(), message).help("add `saml` or `oidc`"));
        }
        (Some(_), Some(_)) => {
            let message = "users of a tenant sign in at one provider";
            sink.push(
                rule::FEDERATION.at(site.child("oidc").key(), message).help("keep one of them"),
            );
        }
        _ => {}
    }
    let Some(identity) = &tier.components.identity else {
        let message = format!("tier `{}` has no `identity`, so nobody signs in", tier.id);
        let help = "add `identity` to `components` of the estate or of the tier";
        sink.push(rule::FEDERATION.at(site.key(), message).help(help));
        return;
    };
    if identity.callbacks.is_empty() {
        let message =
            "who signs in elsewhere must come back, and there is no address to come back to";
        let help = "add `callbacks` to `identity`";
        sink.push(rule::FEDERATION.at(site.key(), message).help(help));
    }
}
