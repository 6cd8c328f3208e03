//! What a role may do: each of its statements is followed to the data that it can mean, and what it
//! says of whose part of it. Explicit denials win; a permission boundary bounds; what another account
//! holds must be opened there, too.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::BTreeMap;

use super::condition::{Fact, Facts, Truth};
use super::glob::Glob;
use super::index::{self, Form, Index};
use super::kinds::{self, Kind};
use super::model::{Model, Role, Target};
use super::policy::{Policy, Quantifier, Statement};

/// The tag of a thing that says whose it is.
const TENANT_OF_A_THING: &str = "aws:resourcetag/tenant";

/// Stands for the tenant of a session, whoever it is.
pub const SESSION: &str = "\u{e002}";

/// Who holds a role.
#[derive(Debug, Clone)]
pub struct Holder<'m> {
    /// The tenant, if it is one; `SESSION` for each tenant of a pool; none for strangers.
    pub tenant: Option<String>,
    /// What is held.
    pub role: &'m Role,
    /// What is known of its requests.
    pub facts: Facts,
}

/// That a holder gets at something.
#[derive(Debug, Clone)]
pub struct Hit<'m> {
    /// What it gets at.
    pub target: &'m Target,
    /// By which action.
    pub action: &'static str,
    /// The policy that lets it.
    pub policy: &'m Policy,
    /// The statement.
    pub statement: &'m Statement,
    /// What the statement says of whose part is meant; none if it says nothing.
    pub part: Option<String>,
}

/// Everything that questions are asked of.
#[derive(Debug)]
pub struct Ground<'m> {
    /// What was taken in.
    pub model: &'m Model,
    /// Data by name.
    pub index: Index,
    /// Data by what others call it.
    pub tokens: BTreeMap<&'m str, usize>,
    /// Policies of things.
    pub about: BTreeMap<usize, Vec<&'m Policy>>,
}

/// What a resource of a policy means.
enum Meant {
    /// A thing of the output, and what follows its name.
    Thing(usize, Glob),
    /// Whatever has such a name.
    Named(Glob, String),
    /// Nothing that is data.
    Nothing,
}

impl<'m> Ground<'m> {
    /// Prepares the ground.
    pub fn new(model: &'m Model) -> Self {
        let token = |(n, target): (usize, &'m Target)| (target.place.origin.thing.as_str(), n);
        let known = model.targets.iter().enumerate().filter(|(_, target)| !target.implied);
        let tokens: BTreeMap<&str, usize> = known.map(token).collect();
        let mut about: BTreeMap<usize, Vec<&Policy>> = BTreeMap::new();
        for (things, policy) in &model.about {
            for number in things.iter().filter_map(|text| find(&tokens, text)) {
                about.entry(number).or_default().push(policy);
            }
        }
        Self { model, index: Index::new(&model.targets), tokens, about }
    }

    /// The thing of the output that a text refers to.
    pub fn thing(&self, text: &str) -> Option<usize> {
        find(&self.tokens, text)
    }

    /// Whose a thing is that a workload is given by reference or by ARN, if it is not its own.
    pub fn owner_of(&self, text: &str, tenant: &str) -> Option<String> {
        if text.starts_with('@') {
            return self.model.owner_of_token(text);
        }
        let rest = index::rest(text);
        let mut owner = None;
        // What follows the ARN of a secret names a field of it.
        let glob = Glob::new(&format!("{rest}*"));
        for kind in index::kinds_of(rest).filter(|_| text.starts_with("arn:")) {
            self.index.search(kind, &glob, &mut |number, _| {
                let whose = self.model.targets[number].place.owner.as_deref();
                owner = whose.filter(|whose| *whose != tenant).map(str::to_owned);
                owner.is_some()
            });
        }
        owner
    }

    /// What a holder gets at that is not its own, at most one hit for each statement and type.
    pub fn hits(&self, holder: &Holder<'m>) -> Vec<Hit<'m>> {
        let mut found = Vec::new();
        for policy in &holder.role.policies {
            for statement in policy.statements.iter().filter(|statement| statement.allow) {
                self.follow(holder, policy, statement, &mut found);
            }
        }
        found
    }

    fn follow(
        &self,
        holder: &Holder<'m>,
        policy: &'m Policy,
        statement: &'m Statement,
        found: &mut Vec<Hit<'m>>,
    ) {
        let acts = |kind: &&Kind| kind.actions.iter().any(|action| statement.names(action));
        let kinds: Vec<&Kind> = kinds::KINDS.iter().filter(acts).collect();
        if kinds.is_empty() || !may_be_foreign(holder, statement) {
            return;
        }
        let everything = ["*".to_owned()];
        let resources: &[String] =
            if statement.not_resources { &everything } else { &statement.resources };
        for resource in resources {
            match self.meant(resource, &holder.facts) {
                Meant::Nothing => {}
                Meant::Thing(number, rest) => {
                    let form = if rest.prefix().is_empty() { Form::Whole } else { Form::Inside };
                    let hit = self.hit(holder, policy, statement, (number, form), Some(&rest));
                    found.extend(hit);
                }
                Meant::Named(glob, text) => {
                    let of = index::kinds_of(&text);
                    for kind in of.filter(|kind| kinds.contains(kind)) {
                        // What is a tenant's is the better witness than what is shared.
                        let (mut left, mut shared, before) = (64, None, found.len());
                        self.index.search(kind, &glob, &mut |number, form| {
                            if self.own(holder, number) {
                                return false;
                            }
                            let at = (number, form);
                            match self.hit(holder, policy, statement, at, Some(&glob)) {
                                Some(hit) if hit.target.place.owner.is_some() => found.push(hit),
                                hit => shared = shared.take().or(hit),
                            }
                            left -= 1;
                            found.len() > before || left == 0
                        });
                        if found.len() == before {
                            found.extend(shared);
                        }
                    }
                }
            }
        }
    }

    fn own(&self, holder: &Holder<'_>, number: usize) -> bool {
        let owner = &self.model.targets[number].place.owner;
        owner.is_some() && *owner == holder.tenant
    }

    /// What a resource means to who asks.
    fn meant(&self, resource: &str, facts: &Facts) -> Meant {
        if let Some(at) = resource.find('@') {
            let (token, rest) = split_token(&resource[at..]);
            return match (find(&self.tokens, token), facts.glob(rest, true)) {
                (Some(number), Some(rest)) => Meant::Thing(number, rest),
                _ => Meant::Nothing,
            };
        }
        let rest = index::rest(resource);
        match facts.glob(rest, true) {
            Some(glob) => Meant::Named(glob, rest.to_owned()),
            None => Meant::Nothing,
        }
    }

    /// Whether a statement gets a holder at a thing, by which action.
    fn hit(
        &self,
        holder: &Holder<'m>,
        policy: &'m Policy,
        statement: &'m Statement,
        (number, form): (usize, Form),
        resource: Option<&Glob>,
    ) -> Option<Hit<'m>> {
        let target = &self.model.targets[number];
        if self.own(holder, number) || (target.place.owner.is_none() && !target.kind.parted) {
            return None;
        }
        // Not every thing has tags, and not every service asks for those of its things.
        let tagged = of_resource(holder.facts.clone(), target);
        let bare = tagged.clone().with(TENANT_OF_A_THING, Fact::Absent);
        let both = [tagged, bare];
        if both.iter().all(|facts| facts.hold(&statement.conditions) == Truth::Never) {
            return None;
        }
        let action = target.kind.actions.iter().find(|action| {
            statement.names(action)
                && index::fits(target.kind, action, form)
                && both.iter().any(|facts| {
                    !self.refused(holder, facts, action, target)
                        && self.opened(holder, facts, action, number)
                })
        })?;
        let parts = self.parts(holder, statement, target, form, resource);
        let own = |glob: &Glob| holder.tenant.as_deref().is_some_and(|id| is_own(glob, id));
        if target.place.owner.is_none() && !parts.is_empty() && parts.iter().all(own) {
            return None;
        }
        let part = parts.iter().find(|part| !own(part)).map(Glob::prefix);
        Some(Hit { target, action, policy, statement, part })
    }

    /// Which parts of a thing that is shared a statement speaks of; none if it does not say.
    pub fn parts(
        &self,
        holder: &Holder<'_>,
        statement: &Statement,
        target: &Target,
        form: Form,
        resource: Option<&Glob>,
    ) -> Vec<Glob> {
        if let (Form::Inside, Some(glob), "AWS::S3::Bucket" | "AWS::RDS::DBCluster") =
            (form, resource, target.kind.name)
        {
            return vec![glob.clone()];
        }
        let bound = |condition: &&super::policy::Condition| {
            target.kind.keys.contains(&condition.key.as_str())
                && !condition.if_exists
                && match condition.quantifier {
                    // Holds of a request without the key, such as a scan, unless that is ruled out.
                    Quantifier::ForAll => guarded(statement, &condition.key),
                    Quantifier::ForAny => false,
                    Quantifier::One => condition.key != "dynamodb:leadingkeys",
                }
        };
        let wild = |operator: &str| match operator {
            "StringEquals" => Some(false),
            "StringLike" => Some(true),
            _ => None,
        };
        let mut parts = Vec::new();
        for condition in statement.conditions.iter().filter(bound) {
            let Some(wild) = wild(&condition.operator) else { continue };
            parts.extend(condition.values.iter().filter_map(|v| holder.facts.glob(v, wild)));
        }
        parts
    }

    /// Whether something that is said of a holder surely refuses an action.
    fn refused(&self, holder: &Holder<'_>, facts: &Facts, action: &str, target: &Target) -> bool {
        let whole = Glob::new(&target.arn);
        // A reference is for its own thing only, and for all of it only if nothing narrower follows.
        let here = |text: &str| {
            let (token, rest) = split_token(text);
            find(&self.tokens, token) == self.number(target) && ["", "*", "/*"].contains(&rest)
        };
        let glob = |text: &str| facts.glob(index::rest(text), true);
        let sure = |text: &str| facts.sure_glob(index::rest(text));
        let surely = |text: &String| match text.find('@') {
            Some(at) => here(&text[at..]),
            None => told(text) && sure(text).is_some_and(|glob| glob.covers(&whole)),
        };
        let maybe = |text: &String| glob(text).is_some_and(|glob| glob.overlaps(&whole));
        let covers = |statement: &Statement| {
            let mut all = statement.resources.iter();
            // Of what is spared, some may be the thing's.
            if statement.not_resources { !all.any(maybe) } else { all.any(surely) }
        };
        let denies = |statement: &Statement| {
            !statement.allow
                && statement.names(action)
                && covers(statement)
                && facts.hold(&statement.conditions) == Truth::Always
        };
        let bounded = |boundary: &Policy| {
            let lets = |statement: &Statement| statement.allow && statement.names(action);
            !boundary.statements.iter().any(lets) || boundary.statements.iter().any(denies)
        };
        self.boundary(holder.role).is_some_and(bounded)
            || holder.role.policies.iter().flat_map(|policy| &policy.statements).any(denies)
    }

    /// What bounds a role, if it is in the output.
    pub fn boundary(&self, role: &Role) -> Option<&'m Policy> {
        role.boundary.as_ref().and_then(|name| self.model.managed.get(bare(name)))
    }

    fn number(&self, target: &Target) -> Option<usize> {
        self.tokens.get(target.place.origin.thing.as_str()).copied()
    }

    /// Whether the side of the thing lets in who may ask: a role and a key always say so themselves,
    /// what stands in another account must.
    fn opened(&self, holder: &Holder<'_>, facts: &Facts, action: &str, number: usize) -> bool {
        let target = &self.model.targets[number];
        let apart = target.place.account != holder.role.place.account && !target.implied;
        match target.kind.name {
            "AWS::IAM::Role" if action == "sts:assumerole" => {
                let role = self.model.roles.get(&target.place.origin.thing);
                role.is_none_or(|role| self.lets_in(&role.trust, holder, facts, true))
            }
            "AWS::IAM::Role" => !apart,
            "AWS::KMS::Key" => {
                let policies = self.about.get(&number).into_iter().flatten();
                policies.into_iter().any(|policy| self.lets_in_by(policy, holder, facts, action))
            }
            _ if apart => {
                let policies = self.about.get(&number).into_iter().flatten();
                policies.into_iter().any(|policy| self.lets_in_by(policy, holder, facts, action))
            }
            _ => true,
        }
    }

    fn lets_in_by(&self, policy: &Policy, holder: &Holder<'_>, facts: &Facts, act: &str) -> bool {
        let only = Policy {
            statements: policy.statements.iter().filter(|s| s.names(act)).cloned().collect(),
            ..policy.clone()
        };
        self.lets_in(&only, holder, facts, false)
    }

    /// Whether a policy of a thing lets a holder in by itself or by what its own policies say.
    fn lets_in(&self, policy: &Policy, holder: &Holder<'_>, facts: &Facts, trust: bool) -> bool {
        let me = holder.role.place.origin.thing.as_str();
        let account = holder.role.place.account.as_str();
        let names = |principal: &super::policy::Principal| match principal {
            super::policy::Principal::Anybody => true,
            super::policy::Principal::Aws(text) => {
                self.model.role_named(text).as_deref() == Some(bare(me))
                    || text == account
                    || text.ends_with(&format!(":{account}:root"))
                    || text.contains("?{")
            }
            _ => false,
        };
        policy.statements.iter().any(|statement| {
            statement.allow
                && (!trust || statement.names("sts:assumerole"))
                && statement.principals.as_ref().is_some_and(|p| p.not || p.list.iter().any(names))
                && facts.hold(&statement.conditions) != Truth::Never
        })
    }
}

/// Whether a statement can speak of a thing of somebody else at all.
pub fn may_be_foreign(holder: &Holder<'_>, statement: &Statement) -> bool {
    let facts = holder.facts.clone().with("aws:resourcetag/tenant", Fact::Other);
    let shared = holder.facts.clone().with("aws:resourcetag/tenant", Fact::Absent);
    facts.hold(&statement.conditions) != Truth::Never
        || shared.hold(&statement.conditions) != Truth::Never
}

/// Whether a denial tells what it is for.
pub fn told(resource: &str) -> bool {
    resource == "*" || resource.starts_with("arn:")
}

/// Adds what is known of a thing.
fn of_resource(facts: Facts, target: &Target) -> Facts {
    let owner = target.place.owner.clone().map_or(Fact::Absent, Fact::Is);
    facts
        .with(TENANT_OF_A_THING, owner)
        .with("aws:resourceaccount", Fact::Is(target.place.account.clone()))
}

/// Whether a request without a key is ruled out.
fn guarded(statement: &Statement, key: &str) -> bool {
    let null = |c: &super::policy::Condition| c.operator == "Null" && c.key == key;
    statement.conditions.iter().any(|c| null(c) && c.values.iter().all(|value| value == "false"))
}

/// Whether all texts of a pattern name a tenant, as a word of its own before any wildcard.
pub fn is_own(glob: &Glob, id: &str) -> bool {
    let prefix = glob.prefix();
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-');
    prefix.match_indices(id).any(|(at, _)| {
        let after = &prefix[at + id.len()..];
        let ends = !after.is_empty() || glob.is_literal();
        // The users of a database are `t_<tenant>`, so an underscore ends a word.
        ends && !word(prefix[..at].chars().next_back()) && !word(after.chars().next())
    })
}

/// The name of a thing without an attribute.
fn bare(text: &str) -> &str {
    let (token, _) = split_token(text);
    match super::super::read::token(token) {
        Some((stack, id, _)) => &token[..1 + stack.len() + 1 + id.len()],
        None => token,
    }
}

/// A reference at the start of a text, and what follows it.
fn split_token(text: &str) -> (&str, &str) {
    let slash = text.find('/').map_or(text.len(), |at| at + 1);
    let end = text[slash..].find(|c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c)));
    text.split_at(end.map_or(text.len(), |at| slash + at))
}

fn find(tokens: &BTreeMap<&str, usize>, text: &str) -> Option<usize> {
    let at = text.find('@')?;
    tokens.get(bare(&text[at..])).copied()
}
