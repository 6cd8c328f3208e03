//! What AWS says of the accounts that it made → the lock. An account is known by its e-mail address,
//! which nobody else has and which cannot be changed; whatever does not agree is refused.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::aws::PENDING;
use crate::diag::Sink;
use crate::plan::{Lock, rule};
use crate::source::{FileId, Site, Sources};
use crate::spec::Spec;

/// What came of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Tenants whose account is known now, with it.
    pub new: Vec<(String, String)>,
    /// Tenants whose account was known already.
    pub known: usize,
    /// Tenants whose account is not in the listing.
    pub waiting: Vec<String>,
}

/// The answer of `aws organizations list-accounts`.
/// Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    accounts: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    id: String,
    email: String,
    status: Option<String>,
}

/// Writes the accounts of a listing into the lock; `None` if anything in it is wrong, with the
/// reasons in the sink, and the lock is as it was.
pub fn import(
    spec: &Spec,
    lock: &mut Lock,
    sources: &Sources,
    file: FileId,
    sink: &mut Sink,
) -> Option<Imported> {
    let text = &sources.get(file).text;
    let before = sink.errors();
    let place = |word: &str| match text.find(&format!("\"{word}\"")) {
        Some(at) => Site::Bytes(file, at, at + word.len() + 2),
        None => Site::File(file),
    };
    let listing: Listing = match serde_json::from_str(text) {
        Ok(listing) => listing,
        Err(error) => {
            let at = sources.get(file).byte_of(&error);
            let message = "this is not what `aws organizations list-accounts --output json` prints";
            sink.push(rule::LISTING.at(Site::Bytes(file, at, at), message));
            return None;
        }
    };
    if listing.next_token.is_some() {
        sink.push(
            rule::LISTING.at(place("NextToken"), "the listing is only a part of all accounts"),
        );
    }
    let by_email = judge(&listing, spec, &place, sink);
    let mut out = Imported::default();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (tenant, entry) in &lock.tenants {
        let Some(email) = &entry.email else { continue };
        if entry.account != PENDING {
            owners.insert(entry.account.clone(), tenant.clone());
        }
        match by_email.get(&email.to_lowercase()) {
            None => {
                if entry.account == PENDING {
                    out.waiting.push(tenant.clone());
                } else {
                    swapped(&listing, tenant, &entry.account, email, &place, sink);
                }
            }
            Some(listed) if entry.account == PENDING => {
                out.new.push((tenant.clone(), listed.id.clone()));
            }
            Some(listed) if entry.account == listed.id => out.known += 1,
            Some(listed) => {
                let message = format!(
                    "{email} has account {}, but the lock has {} for tenant {tenant:?}",
                    listed.id, entry.account
                );
                sink.push(rule::LISTING_SWAPPED.at(place(&listed.id), message));
            }
        }
    }
    for (tenant, account) in &out.new {
        if let Some(other) = owners.get(account) {
            let message = format!(
                "account {account} of tenant {tenant:?} is that of tenant {other:?} in the lock"
            );
            sink.push(rule::LISTING_SWAPPED.at(place(account), message));
        }
    }
    if sink.errors() > before {
        return None;
    }
    for (tenant, account) in &out.new {
        lock.tenants.get_mut(tenant).expect("it is there").account.clone_from(account);
    }
    Some(out)
}

/// An account that the lock knows is in the listing under another address, or not at all.
fn swapped(
    listing: &Listing,
    tenant: &str,
    account: &str,
    email: &str,
    place: &dyn Fn(&str) -> Site,
    sink: &mut Sink,
) {
    let message = match listing.accounts.iter().find(|a| a.id == account) {
        Some(other) => {
            format!(
                "account {account} of tenant {tenant:?} has the address {}, not {email}",
                other.email
            )
        }
        None => format!("account {account} of tenant {tenant:?} is not in the listing"),
    };
    sink.push(rule::LISTING_SWAPPED.at(place(account), message));
}

/// The accounts by e-mail address in lower case; complains of those that cannot be.
fn judge<'a>(
    listing: &'a Listing,
    spec: &Spec,
    place: &dyn Fn(&str) -> Site,
    sink: &mut Sink,
) -> BTreeMap<String, &'a Listed> {
    let mut out: BTreeMap<String, &Listed> = BTreeMap::new();
    let mut ids: BTreeMap<&str, &Listed> = BTreeMap::new();
    let emails = spec.tenants.values().filter_map(|t| t.email.as_ref());
    let emails: std::collections::BTreeSet<String> = emails.map(|e| e.to_lowercase()).collect();
    let managed = spec.organization.as_ref().map(|o| &o.account);
    let others = [Some(&spec.hub_account), managed];
    let ours = |id: &String| spec.is_workload(id) || others.contains(&Some(id));
    for listed in &listing.accounts {
        let Listed { id, email, status } = listed;
        if id.len() != 12 || !id.chars().all(|c| c.is_ascii_digit()) || id == PENDING {
            sink.push(rule::LISTING.at(place(id), format!("{id:?} is not an account")));
        } else if ids.insert(id, listed).is_some() {
            sink.push(rule::LISTING.at(place(id), format!("account {id} is there twice")));
        }
        let lower = email.to_lowercase();
        let wanted = emails.contains(&lower);
        if wanted && ours(id) {
            let message = format!("{email} has account {id}, which the blueprint uses otherwise");
            sink.push(rule::ACCOUNT_SHARED.at(place(id), message));
        }
        if let Some(status) = status.as_ref().filter(|s| wanted && *s != "ACTIVE") {
            let message = format!("account {id} of {email} is {status}");
            sink.push(rule::LISTING.at(place(id), message).help("wait for it, or open it again"));
        }
        if out.insert(lower, listed).is_some() {
            let message = format!("two accounts have the address {email}");
            sink.push(rule::LISTING.at(place(email), message));
        }
    }
    out
}
