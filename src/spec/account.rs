//! The organization as meant, and the accounts of tenants of isolation `account`.

use std::collections::BTreeMap;

use crate::blueprint::Written;
use crate::blueprint::shape::{Accounts, Isolation};
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::{Managed, Tenant, Tier, rule};

/// The organization and its management account. Both are needed where a tier has accounts.
pub fn organization(written: &Written, sink: &mut Sink) -> Option<Managed> {
    let blueprint = &written.blueprint;
    let wanting = blueprint.tiers.iter().find(|(_, t)| t.isolation == Isolation::Account);
    let accounts = &blueprint.accounts;
    if let Some((id, _)) = wanting {
        let site = Site::at(["tiers", id, "isolation"]);
        if blueprint.organization.is_none() && !written.is_cut(&["organization"]) {
            let message =
                format!("tier `{id}` has isolation `account`, but no `organization` is given");
            let help = "add `organization: { id: o-…, root: r-… }`";
            sink.push(rule::ORGANIZATION.at(site.clone(), message).help(help));
        }
        if accounts.management.is_none() && !written.is_cut(&["accounts", "management"]) {
            let message =
                format!("tier `{id}` has isolation `account`, but no management account is given");
            let help = "add `management` to `accounts`";
            sink.push(rule::ORGANIZATION.at(site, message).help(help));
        }
        in_management(accounts, sink);
    }
    Some(Managed {
        account: accounts.management.clone()?,
        organization: blueprint.organization.clone()?,
    })
}

/// Service control policies do not hold in the management account, so no tenant lives there.
/// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>.
fn in_management(accounts: &Accounts, sink: &mut Sink) {
    let managed = accounts.management.as_ref();
    if managed.is_some_and(|account| accounts.workload.contains(account)) {
        let message = "the management account is the workload account, too";
        let help = "give tenants an account of their own: `accounts.workload`";
        sink.push(rule::ORGANIZATION.at(Site::at(["accounts", "workload"]), message).help(help));
    }
}

/// E-mail addresses: what AWS takes for a new account, and each once.
pub fn emails(tenants: &BTreeMap<String, Tenant>, tiers: &BTreeMap<String, Tier>, sink: &mut Sink) {
    let mut owners: BTreeMap<String, &Tenant> = BTreeMap::new();
    for tenant in tenants.values().filter(|t| tiers[&t.tier].isolation == Isolation::Account) {
        let Some(email) = &tenant.email else {
            let message =
                format!("tenant {:?} of tier `{}` has no `email`", tenant.id, tenant.tier);
            let help = "add an address that no AWS account has, for example aws+<id>@your.domain";
            sink.push(rule::EMAIL.at(tenant.site.child("id"), message).help(help));
            continue;
        };
        let site = tenant.site.child("email");
        if let Some(fault) = email_fault(email) {
            sink.push(rule::EMAIL.at(site, format!("{email:?} {fault}")));
            continue;
        }
        if let Some(other) = owners.insert(email.to_lowercase(), tenant) {
            let message =
                format!("tenants {:?} and {:?} have one e-mail address", other.id, tenant.id);
            let note = other.site.child("email");
            sink.push(rule::EMAIL.at(site, message).note(note, "the other one"));
        }
    }
}

/// What AWS does not take: 6 to 64 ASCII characters, one `@`, no spaces, a domain with a dot.
/// Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html>.
fn email_fault(email: &str) -> Option<&'static str> {
    let forbidden = |c: char| !c.is_ascii_graphic() || "\"'()<>[]:;,\\|%&".contains(c);
    let Some((local, domain)) = email.split_once('@') else { return Some("has no @") };
    if !(6..=64).contains(&email.len()) {
        return Some("is not of 6 to 64 characters");
    }
    if email.chars().any(forbidden) || domain.contains('@') {
        return Some("holds a character that AWS does not take");
    }
    let label = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
    let sound = !local.is_empty() && !local.starts_with('.') && !local.ends_with('.');
    let sound = sound && domain.contains('.') && domain.split('.').all(label);
    (!sound).then_some("is not an e-mail address with a domain")
}
