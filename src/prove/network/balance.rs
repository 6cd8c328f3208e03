//! Load balancers: whose requests are handed to whom. A balancer that tenants share is shared by
//! design; what belongs to one of them is what a rule of its own, or its target group, takes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::prove::network::ingest::{bare, words};
use crate::prove::read::{Thing, Trouble, token};
use crate::prove::verdict::{Finding, Hop, Party, Verdict};

/// Types that say where requests go.
const KINDS: &[&str] = &[
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::ECS::Service",
    "AWS::AutoScaling::AutoScalingGroup",
];

/// Whether a type says where requests go.
pub fn wants(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// A thing, and whose it is.
#[derive(Clone, Debug)]
struct Part {
    thing: String,
    tenant: Option<String>,
    file: String,
    place: String,
}

/// A rule of a listener, or its default action.
#[derive(Clone, Debug)]
struct Rule {
    part: Part,
    listener: String,
    /// The default action comes last.
    priority: u64,
    hosts: Vec<String>,
    paths: Vec<String>,
    targets: Vec<String>,
}

/// Everything that says where requests go.
#[derive(Debug, Default)]
pub struct Balanced {
    rules: Vec<Rule>,
    groups: BTreeMap<String, Part>,
    members: BTreeMap<String, Vec<Part>>,
    /// What could not be read.
    pub troubles: BTreeSet<Trouble>,
}

impl Balanced {
    /// Takes a thing in.
    pub fn take(&mut self, thing: &Thing<'_>) {
        if !wants(thing.kind) {
            return;
        }
        let part = Part {
            thing: thing.token(),
            tenant: thing.tenant.map(str::to_owned),
            file: thing.file.to_owned(),
            place: thing.place.to_owned(),
        };
        let properties = &thing.properties;
        for key in ["Actions", "DefaultActions", "LoadBalancers", "TargetGroupARNs"] {
            self.refer(thing, key, &properties[key]);
        }
        match thing.kind {
            "AWS::ElasticLoadBalancingV2::TargetGroup" => {
                drop(self.groups.insert(part.thing.clone(), part));
            }
            "AWS::ElasticLoadBalancingV2::Listener" => self.rules.push(Rule {
                listener: part.thing.clone(),
                part,
                priority: u64::MAX,
                hosts: Vec::new(),
                paths: Vec::new(),
                targets: tokens(&properties["DefaultActions"]),
            }),
            "AWS::ElasticLoadBalancingV2::ListenerRule" => self.rules.push(Rule {
                part,
                listener: bare(properties["ListenerArn"].as_str().unwrap_or_default()).to_owned(),
                priority: words(&properties["Priority"]).and_then(|p| p.parse().ok()).unwrap_or(0),
                hosts: values(&properties["Conditions"], "host"),
                paths: values(&properties["Conditions"], "path"),
                targets: tokens(&properties["Actions"]),
            }),
            _ => {
                let mut groups = tokens(&properties["LoadBalancers"]);
                groups.extend(tokens(&properties["TargetGroupARNs"]));
                for group in groups {
                    self.members.entry(group).or_default().push(part.clone());
                }
            }
        }
    }

    /// Complains of target groups that are none of the files: they may be anybody's.
    fn refer(&mut self, thing: &Thing<'_>, key: &str, value: &Value) {
        let named = |key: &str| {
            key.starts_with("TargetGroupA") || key == "ListenerArn" || key == "LoadBalancers"
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(key, inner)| self.refer(thing, key, inner)),
            Value::Array(items) => items.iter().for_each(|item| self.refer(thing, key, item)),
            Value::String(text) if text.contains("?{") || (named(key) && token(text).is_none()) => {
                let message = format!("{}: {key} cannot be told", thing.id);
                self.troubles.insert(Trouble { file: thing.file.to_owned(), message });
            }
            _ => {}
        }
    }

    /// Whose requests get to somebody else.
    pub fn judge(&self) -> Vec<Finding> {
        let mut out = Vec::new();
        for rule in &self.rules {
            for target in &rule.targets {
                self.handed_on(rule, target, &mut out);
            }
        }
        for (group, members) in &self.members {
            let Some(group) = self.groups.get(group) else { continue };
            out.extend(members.iter().filter_map(|member| belongs(group, member)));
        }
        self.taken(&mut out);
        out.sort();
        out.dedup_by(|one, other| {
            (&one.from, &one.to, one.by) == (&other.from, &other.to, other.by)
        });
        out
    }

    /// A listener that hands requests to both of two tenants, each by rules of its own.
    pub fn common(&self, one: &str, other: &str) -> Option<&str> {
        let of = |tenant: &str| -> BTreeSet<&str> {
            let own = |rule: &&Rule| rule.part.tenant.as_deref() == Some(tenant);
            self.rules.iter().filter(own).map(|rule| rule.listener.as_str()).collect()
        };
        of(one).intersection(&of(other)).next().copied()
    }

    /// A rule that hands requests to a target group of a tenant whose rule it is not.
    fn handed_on(&self, rule: &Rule, target: &str, out: &mut Vec<Finding>) {
        let Some(group) = self.groups.get(target) else { return };
        let Some(to) = &group.tenant else { return };
        if rule.part.tenant.as_ref() == Some(to) {
            return;
        }
        let mut witness = vec![
            hop(&rule.part, "a listener rule", "hands requests on"),
            hop(group, "the target group", "takes them"),
        ];
        witness.extend(
            self.members.get(target).into_iter().flatten().map(|m| hop(m, "a target", "answers")),
        );
        let what = format!("requests that {} takes are handed to {target}", rule.part.thing);
        out.push(finding(
            party(rule.part.tenant.as_ref()),
            Party::Tenant(to.clone()),
            what,
            witness,
        ));
    }

    /// Rules of different tenants that match the same requests: the first takes what is the second's.
    fn taken(&self, out: &mut Vec<Finding>) {
        let mut listeners: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for rule in self.rules.iter().filter(|rule| rule.part.tenant.is_some()) {
            listeners.entry(&rule.listener).or_default().push(rule);
        }
        for rules in listeners.values_mut() {
            rules.sort_by_key(|rule| rule.priority);
            let mut exact: BTreeMap<String, Vec<&Rule>> = BTreeMap::new();
            let mut wild: Vec<&Rule> = Vec::new();
            for rule in rules.iter().copied() {
                let named = rule.hosts.iter().filter_map(|host| exact.get(&host.to_lowercase()));
                // One with a pattern may meet any; there are few of those, or many that are wrong.
                let before: Vec<&Rule> = if patterned(rule) {
                    exact.values().flatten().chain(&wild).copied().collect()
                } else {
                    named.flatten().chain(&wild).copied().collect()
                };
                out.extend(before.into_iter().filter_map(|first| takes(first, rule)));
                if patterned(rule) {
                    wild.push(rule);
                } else {
                    for host in &rule.hosts {
                        exact.entry(host.to_lowercase()).or_default().push(rule);
                    }
                }
            }
        }
    }
}

/// Targets of another tenant in a tenant's group.
fn belongs(group: &Part, member: &Part) -> Option<Finding> {
    let (from, to) = (group.tenant.as_ref()?, member.tenant.as_ref()?);
    let witness =
        vec![hop(group, "the target group", "takes requests"), hop(member, "a target", "answers")];
    let what = format!("requests to {} are answered by {}", group.thing, member.thing);
    (from != to).then(|| finding(party(Some(from)), Party::Tenant(to.clone()), what, witness))
}

fn takes(first: &Rule, second: &Rule) -> Option<Finding> {
    let (taker, owner) = (first.part.tenant.as_ref()?, second.part.tenant.as_ref()?);
    let both = meet(&first.hosts, &second.hosts) && meet(&first.paths, &second.paths);
    if taker == owner || !both {
        return None;
    }
    let witness = vec![
        hop(&second.part, "a listener rule", "is asked after"),
        hop(&first.part, "a listener rule", "takes requests that are meant for the other"),
    ];
    let what = format!(
        "requests that are meant for {} are taken by {}",
        second.part.thing, first.part.thing
    );
    Some(finding(Party::Tenant(owner.clone()), Party::Tenant(taker.clone()), what, witness))
}

fn finding(from: Party, to: Party, what: String, witness: Vec<Hop>) -> Finding {
    Finding { from, to, verdict: Verdict::Reachable, by: "network/load-balancer", what, witness }
}

fn party(tenant: Option<&String>) -> Party {
    tenant.map_or(Party::Shared("load balancer".to_owned()), |id| Party::Tenant(id.clone()))
}

fn hop(part: &Part, what: &str, why: &str) -> Hop {
    Hop {
        what: what.to_owned(),
        thing: part.thing.clone(),
        file: part.file.clone(),
        pointer: part.place.clone(),
        why: why.to_owned(),
    }
}

/// Every reference in a value.
fn tokens(value: &Value) -> Vec<String> {
    let mut out = BTreeSet::new();
    strings(value, &mut |text| {
        if text.starts_with('@') {
            out.insert(bare(text).to_owned());
        }
    });
    out.into_iter().collect()
}

fn strings<'v>(value: &'v Value, take: &mut dyn FnMut(&'v str)) {
    match value {
        Value::String(text) => take(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, take)),
        Value::Object(map) => map.values().for_each(|item| strings(item, take)),
        _ => {}
    }
}

/// What conditions of a kind ask for: `HostHeaderConfig` or `HostHeader`, with `Values`.
fn values(conditions: &Value, kind: &str) -> Vec<String> {
    let mut out = Vec::new();
    for condition in conditions.as_array().into_iter().flatten() {
        for (key, inner) in condition.as_object().into_iter().flatten() {
            let old = key == "Values"
                && condition["Field"].as_str().is_some_and(|field| field.starts_with(kind));
            if key.to_lowercase().starts_with(kind) || old {
                strings(inner, &mut |text| out.push(text.to_owned()));
            }
        }
    }
    out
}

fn patterned(rule: &Rule) -> bool {
    rule.hosts.is_empty()
        || rule.hosts.iter().any(|host| host.contains(['*', '?']) || host.contains("?{"))
}

/// Whether any text matches one of each; no condition is matched by all.
fn meet(one: &[String], other: &[String]) -> bool {
    let pair = |a: &String, b: &String| {
        let letters = |text: &str| -> Vec<char> { text.to_lowercase().chars().collect() };
        common(&letters(a), &letters(b))
    };
    one.is_empty() || other.is_empty() || one.iter().any(|a| other.iter().any(|b| pair(a, b)))
}

/// Whether any text matches both patterns: `*` is any text, `?` one letter.
fn common(one: &[char], other: &[char]) -> bool {
    match (one, other) {
        ([], []) => true,
        (['*', rest @ ..], other) => {
            common(rest, other) || !other.is_empty() && common(one, &other[1..])
        }
        (one, ['*', ..]) => common(other, one),
        ([a, one @ ..], [b, other @ ..]) => {
            (a == b || *a == '?' || *b == '?') && common(one, other)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::meet;

    #[test]
    fn patterns_meet() {
        let meets = |one: &str, other: &str| meet(&[one.to_owned()], &[other.to_owned()]);
        assert!(meets("*.example.com", "a.example.com") && meets("a?c*", "*bcd"));
        assert!(meets("A.example", "a.EXAMPLE") && meet(&[], &["x".to_owned()]));
        assert!(!meets("a.example.com", "b.example.com") && !meets("*.a.com", "x.b.com"));
    }
}
