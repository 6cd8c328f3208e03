//! Who gets in by a statement about a thing: whom its principals and conditions let through. Unknown
//! conditions count as met. What a service of AWS does for somebody else counts as that somebody's act,
//! unless the statement says for whom it may act (the "confused deputy").
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>

use super::super::read::unknown;
use super::condition::{Fact, Facts, Truth};
use super::model::{EACH, Model, Place};
use super::policy::{Principal, Principals, Statement};

/// Somebody who gets in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A role of the output.
    Role(String),
    /// Anybody in an account, or in it and without a role of the output.
    Account(String),
    /// Users of a pool of identities.
    Pool(String),
    /// A role or user that is named and not in the output.
    Outsider(String),
    /// Anybody at all.
    World,
    /// A service that may act for a tenant.
    For(String),
}

/// Keys that only a caller from somewhere in particular has, and which he cannot choose.
const ORIGIN: [&str; 12] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalarn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "kms:calleraccount",
    "cognito-identity.amazonaws.com:aud",
    "aws:userid",
];

/// What is known of a stranger: that he is none of those whom a policy can name.
pub fn stranger(statement: &Statement) -> Facts {
    let context = statement.conditions.iter().map(|condition| condition.key.as_str());
    let context = context.filter(|key| key.starts_with("kms:encryptioncontext:"));
    let keys = ORIGIN.into_iter().chain(context);
    keys.fold(Facts::default(), |facts, key| facts.with(key, Fact::Other))
}

impl Model {
    /// Whom a statement lets in to a thing that stands somewhere.
    pub fn entries(&self, statement: &Statement, place: &Place) -> Vec<Entry> {
        let Some(Principals { not, list }) = &statement.principals else {
            return Vec::new();
        };
        if *not {
            return self.anybody(statement, place);
        }
        list.iter().flat_map(|principal| self.entry(principal, statement, place)).collect()
    }

    fn entry(&self, principal: &Principal, statement: &Statement, place: &Place) -> Vec<Entry> {
        match principal {
            Principal::Anybody => self.anybody(statement, place),
            Principal::Aws(text) => self.named(text, statement),
            Principal::Service(_) => self.service(statement),
            Principal::Federated(text) => federated(text, statement),
        }
    }

    /// Strangers, if they can meet the conditions; else whole accounts that can.
    fn anybody(&self, statement: &Statement, place: &Place) -> Vec<Entry> {
        if stranger(statement).hold(&statement.conditions) != Truth::Never {
            return vec![Entry::World];
        }
        let mut found = Vec::new();
        for account in self.candidates(statement, place) {
            // Somebody there who has no tags: tags of who is in the output are known.
            if of_account(account).hold(&statement.conditions) != Truth::Never {
                found.push(Entry::Account(account.to_owned()));
            }
        }
        found.extend(self.tagged(statement, place));
        found.extend(self.arns(statement));
        found
    }

    /// The accounts that a condition can let in: its own, those that are named, and one for all others,
    /// as nothing else tells accounts apart.
    fn candidates<'s>(&'s self, statement: &'s Statement, place: &'s Place) -> Vec<&'s str> {
        let keys = ["aws:principalaccount", "kms:calleraccount"];
        let asked = statement.conditions.iter().filter(|c| keys.contains(&c.key.as_str()));
        let named = asked.flat_map(|condition| &condition.values).map(String::as_str);
        if named.clone().any(|value| value.contains(['*', '?', '$'])) {
            return self.accounts.keys().map(String::as_str).collect();
        }
        let own = std::iter::once(place.account.as_str());
        let named = named.filter(|id| self.accounts.contains_key(*id) && *id != place.account);
        let mut all: Vec<&str> = own.chain(named).collect();
        let other = self.accounts.keys().find(|id| !all.contains(&id.as_str()));
        all.extend(other.map(String::as_str));
        all
    }

    /// Those whom a condition names by their ARN; roles that only services of AWS take are theirs.
    fn arns(&self, statement: &Statement) -> Vec<Entry> {
        let asked = statement.conditions.iter().filter(|condition| {
            condition.key == "aws:principalarn" && !condition.operator.contains("Not")
        });
        let values = asked.flat_map(|condition| &condition.values);
        let values = values.filter(|value| !value.contains(":role/aws-service-role/"));
        values.flat_map(|value| self.named(value, statement)).collect()
    }

    /// Roles of other tenants whose tags a statement asks for by name.
    fn tagged(&self, statement: &Statement, place: &Place) -> Option<Entry> {
        let tenant = |c: &&super::policy::Condition| c.key == "aws:principaltag/tenant";
        let asked = statement.conditions.iter().find(tenant)?;
        let other = |value: &&String| {
            Some(*value) != place.owner.as_ref() && self.tenants.contains(value.as_str())
        };
        asked.values.iter().find(other).map(|id| Entry::For(id.clone()))
    }

    fn named(&self, text: &str, statement: &Statement) -> Vec<Entry> {
        if let Some(role) = self.role_named(text) {
            return vec![Entry::Role(role)];
        }
        let account = match text.split(':').nth(4) {
            Some(account) if text.starts_with("arn:") => account,
            _ => text,
        };
        if account.contains("?{") || !(account.len() == 12 || self.accounts.contains_key(account)) {
            return vec![Entry::World];
        }
        let facts = Facts::default()
            .with("aws:principalaccount", Fact::Is(account.to_owned()))
            .with("kms:calleraccount", Fact::Is(account.to_owned()));
        match facts.hold(&statement.conditions) {
            Truth::Never => Vec::new(),
            _ if text.starts_with("arn:") && !text.ends_with(":root") => {
                vec![Entry::Outsider(text.to_owned())]
            }
            _ => vec![Entry::Account(account.to_owned())],
        }
    }

    /// The role that a text names, by reference or by ARN.
    pub fn role_named(&self, text: &str) -> Option<String> {
        if let Some((stack, id, _)) = super::super::read::token(text) {
            let token = format!("@{stack}/{id}");
            return self.roles.contains_key(&token).then_some(token);
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [_, _, "iam", _, account, name] = parts[..] else {
            return None;
        };
        let name = name.strip_prefix("role/")?;
        let mut all = self.roles.iter();
        let same = |role: &super::model::Role| {
            role.name.as_deref() == Some(name) && [account, EACH].contains(&&*role.place.account)
        };
        all.find(|(_, role)| same(role)).map(|(token, _)| token.clone())
    }

    /// The roles that a policy beside them is for: one that cannot be told can be any of the account.
    pub fn holders(&self, text: &str, place: &Place) -> Vec<String> {
        if let Some(token) = self.role_named(text) {
            return vec![token];
        }
        let same = |role: &super::model::Role| {
            role.place.account == place.account
                && (unknown(text) || role.name.as_deref() == Some(text))
        };
        let all = self.roles.iter().filter(|(_, role)| same(role));
        all.map(|(token, _)| token.clone()).collect()
    }

    /// A service that acts for anybody, or for a thing that is a tenant's.
    fn service(&self, statement: &Statement) -> Vec<Entry> {
        // A role is handed to a service only by who may pass it, in the same account.
        let trust = statement.resources.is_empty() && !statement.not_resources;
        if !trust && stranger(statement).hold(&statement.conditions) != Truth::Never {
            return vec![Entry::World];
        }
        let asked = statement.conditions.iter().filter(|c| c.key == "aws:sourcearn");
        let values = asked.flat_map(|condition| &condition.values);
        values.filter_map(|value| self.owner_of_token(value)).map(Entry::For).collect()
    }

    /// Whose a thing is that a text refers to.
    pub fn owner_of_token(&self, text: &str) -> Option<String> {
        let (stack, _, _) = super::super::read::token(text)?;
        self.stacks.get(stack).cloned().flatten()
    }
}

/// What is known of somebody in an account of whom the output tells nothing.
fn of_account(account: &str) -> Facts {
    let mut facts = Facts::default().with_all_tags();
    for key in ["aws:principalaccount", "kms:calleraccount"] {
        facts = facts.with(key, Fact::Is(account.to_owned()));
    }
    // Some role there, which no policy names.
    let arn = format!("arn:aws:iam::{account}:role/\u{e003}");
    facts = facts.with("aws:principalarn", Fact::Is(arn));
    let not = ["aws:sourcearn", "aws:sourceaccount", "cognito-identity.amazonaws.com:aud"];
    not.into_iter().fold(facts, |facts, key| facts.with(key, Fact::Absent))
}

/// Users who logged in elsewhere: those of one pool of identities, or anybody.
fn federated(text: &str, statement: &Statement) -> Vec<Entry> {
    if text != "cognito-identity.amazonaws.com" {
        return match stranger(statement).hold(&statement.conditions) {
            _ if statement.conditions.is_empty() => vec![Entry::World],
            Truth::Never => Vec::new(),
            // A provider that is named vouches for whom it lets in, if it is asked at all.
            _ => vec![Entry::Pool(text.to_owned())],
        };
    }
    let key = "cognito-identity.amazonaws.com:aud";
    let asked = statement.conditions.iter().find(|condition| condition.key == key);
    match asked {
        Some(aud) if stranger(statement).hold(std::slice::from_ref(aud)) == Truth::Never => {
            let logged = statement.conditions.iter().any(|condition| {
                condition.key.ends_with(":amr")
                    && condition.values.iter().all(|value| value == "authenticated")
            });
            let open = (!logged).then_some(Entry::World);
            aud.values.iter().cloned().map(Entry::Pool).chain(open).collect()
        }
        _ => vec![Entry::World],
    }
}
