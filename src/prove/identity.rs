//! Who may act on whose data, by the policies that were rendered: of roles, of things, of keys, of
//! endpoints, of the organization. A tenant acts with the roles that its workloads hold, that its users
//! are given, and that these may take; everything that could be met counts as met.

pub mod glob; // patterns with wildcards: what two of them share
pub mod policy; // documents → statements
pub mod condition; // does it hold: never, maybe, always
pub mod kinds; // what is data, by type
pub mod acts; // with which roles a thing acts
pub mod model; // things → roles, data, policies
pub mod index; // data by name
pub mod who; // whom a statement lets in
pub mod grant; // what a role gets at
pub mod strange; // acts that are on no list
pub mod session; // what is known of who acts with a role
pub mod home; // names that are a tenant's
pub mod witness; // what is said of a hit
pub mod taken; // who takes a role
pub mod opened; // whom things let in
pub mod fed; // what a tenant is fed with, and what is handed on
pub mod reach; // who gets at whom
pub mod fence; // what bounds accounts and endpoints

use super::read::Thing;
use super::verdict::{Finding, Hop, Party, Verdict};
use super::{LIMIT, Layer};
use model::{Model, Place, Role};
use policy::Policy;

/// The layer.
#[derive(Debug, Default)]
pub struct Identity {
    model: Model,
    /// Policies that name a role which is not in the output.
    strays: Vec<String>,
    broken: bool,
}

impl Layer for Identity {
    fn wants(&self, kind: &str) -> bool {
        Model::wants(kind)
    }

    fn take(&mut self, thing: &Thing<'_>) {
        self.model.take(thing);
    }

    fn account(&mut self, account: &str) {
        self.model.own.insert(account.to_owned());
    }

    fn file(&mut self, path: &str, text: &str) {
        if path.starts_with("data/") {
            self.model.items(text);
        }
    }

    fn judge(&mut self) -> Vec<Finding> {
        self.settle();
        let ground = grant::Ground::new(&self.model);
        let mut found = reach::judge(&ground);
        found.extend(fence::judge(&self.model));
        found.extend(fed::judge(&self.model));
        let (found, shared) = found.into_iter().partition(|f| f.verdict == Verdict::Reachable);
        let mut found: Vec<Finding> = found;
        let note = |finding: Finding| {
            format!(
                "identity: {} is named, and may do what it is named for: {}",
                finding.from, finding.what
            )
        };
        self.strays.extend(shared.into_iter().map(note));
        found.sort();
        found.dedup();
        found.truncate(LIMIT);
        self.broken = !found.is_empty();
        found
    }

    fn why(&self, from: &str, to: &str) -> Option<Finding> {
        (!self.broken).then(|| reach::why(&self.model, from, to))
    }

    fn outside(&self) -> Vec<String> {
        let mut said: Vec<String> = ASSUMED.iter().map(|text| (*text).to_owned()).collect();
        said.extend(self.strays.iter().cloned());
        said.extend(fence::unfollowed(&self.model));
        said.extend(fence::managed(&self.model));
        said.sort();
        said.dedup();
        said
    }
}

/// What is taken for granted.
const ASSUMED: [&str; 6] = [
    "identity: users and roles that are not in the output are given nothing of a tenant's by hand",
    "identity: what only tells that things are there (Describe…, List…) is no act on data",
    "identity: the application of a pool names the right tenant when it takes the role of a session",
    "identity: containers do not reach the metadata of the machine that they share",
    "identity: sign-up, claims and apps of user pools are those that the application means",
    "identity: services of AWS keep to the thing that a statement lets them act for",
];

impl Identity {
    /// Gives policies that stand beside roles to them, and names of a tenant's own to the tenant.
    fn settle(&mut self) {
        for (user, place) in std::mem::take(&mut self.model.grouped) {
            let policy = Policy::unread("what its groups may do", place.origin.clone());
            self.model.attached.push((user, place, policy));
        }
        for (role, place, policy) in std::mem::take(&mut self.model.attached) {
            let tokens = self.model.holders(&role, &place);
            for token in &tokens {
                if let Some(role) = self.model.roles.get_mut(token) {
                    role.policies.push(policy.clone());
                }
            }
            if !tokens.is_empty() {
                continue;
            }
            let thing = policy.origin.thing.clone();
            self.strays
                .push(format!("identity: {thing} is for {role}, which is not in the output"));
            // It is held by whom the policy is of.
            let held = Role { place, policies: vec![policy], ..Role::default() };
            self.model.roles.insert(thing, held);
        }
        fence::bring_managed(&mut self.model);
        home::imply(&mut self.model);
    }
}

/// A hop over a policy, a role or a thing.
fn hop(what: String, origin: &policy::Origin, why: String) -> Hop {
    Hop {
        what,
        thing: origin.thing.clone(),
        file: origin.file.clone(),
        pointer: origin.pointer.clone(),
        why,
    }
}

/// Whose a thing is.
fn party(place: &Place, what: &str) -> Party {
    match &place.owner {
        Some(id) => Party::Tenant(id.clone()),
        None => Party::Shared(format!("{what} {}", place.origin.thing)),
    }
}
