//! Which names a VPC can resolve. Groups and network ACLs do not see what a VPC asks its resolver, so
//! whoever runs something in it could carry data out in questions; these rules are what stops that.

use std::collections::BTreeMap;

use crate::aws::Partition;
use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::Dns;
use crate::component::protection::{SHAPE, is_apart, settings, shapes, template};
use crate::component::wire;
use crate::model::identity;
use crate::name::{fit, pascal};
use crate::resource::Resource as _;
use crate::resource::flow::LogGroup;
use crate::resource::resolver::{
    DomainList, PLACE, QueryLog, QueryLogAssociation, Rule, RuleGroup, RuleGroupAssociation,
    TIER_PLACE, Verdict,
};
use crate::resource::ssm::Parameter;
use crate::resource::vpc::Vpc;
use crate::spec::{Spec, Tier};
use crate::template::{Estate, ParamKind, Template};
use crate::value::{Id, Value};

/// The most characters of a name of a list, of rules or of a record. Source:
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_CreateFirewallRuleGroup.html>.
const NAME_MAX: usize = 64;

/// What must be resolved in any case: endpoints of AWS services, and the private names of instances.
/// Nobody else answers for these domains, so no question in them reaches anybody else. Sources:
/// <https://docs.aws.amazon.com/general/latest/gr/rande.html>,
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>.
const AWS: [&str; 4] = ["*.amazonaws.com", "*.api.aws", "*.compute.internal", "*.ec2.internal"];

/// What is besides in China.
const AWS_CN: &str = "*.amazonaws.com.cn";

/// What the tiers say that do not say what the estate says, by the word of their rules; that of the
/// estate is first. Accounts of tenants have rules of their own.
fn kinds(spec: &Spec) -> BTreeMap<String, &Dns> {
    let estate = spec.components.protection.as_ref().map(|p| (ESTATE.to_owned(), &p.dns));
    let tiers = spec.tiers.values().filter_map(|tier| {
        let dns = &tier.components.protection.as_ref()?.dns;
        let own = tier.isolation != Isolation::Account;
        own.then(|| (word(spec, Some(tier), dns), dns))
    });
    estate.into_iter().chain(tiers).collect()
}

/// The word of the rules of a tier: those of the estate, if it says the same.
fn word(spec: &Spec, tier: Option<&Tier>, dns: &Dns) -> String {
    let same = spec.components.protection.as_ref().is_some_and(|p| p.dns == *dns);
    match tier {
        Some(tier) if !same => format!("tier-{}", tier.id),
        _ => ESTATE.to_owned(),
    }
}

/// The word of the rules of the estate.
const ESTATE: &str = "estate";

/// The key of the stack of a place, which has the rules.
pub fn key(spec: &Spec, place: (&str, &str)) -> String {
    identity::place_key(spec, SHAPE, place)
}

/// Adds what the VPCs of a place share: the rules, and a record of what is asked.
pub fn shared(t: &mut Template, spec: &Spec) {
    let kinds = kinds(spec);
    for (word, dns) in kinds.iter().filter(|(_, dns)| dns.refuses()) {
        let group = rules(t, spec, word, dns);
        let path = Value::from(rules_path(spec, word));
        let description = "Rules about the names that VPCs can resolve";
        let value = Value::from(&group);
        t.add(format!("{}DnsParameter", pascal(word)), Parameter { path, description, value });
    }
    if kinds.values().any(|dns| dns.logs()) {
        let log = record(t, spec);
        let path = Value::from(log_path(spec));
        let description = "The record of what VPCs ask their resolver";
        t.add("QueryLogParameter", Parameter { path, description, value: Value::from(&log) });
    }
}

fn rules_path(spec: &Spec, word: &str) -> String {
    spec.parameter(&format!("protection/dns/{word}"))
}

fn log_path(spec: &Spec) -> String {
    spec.parameter("protection/query-log-id")
}

/// Adds lists and rules: what is blocked comes first; then, if only some names can be resolved, those,
/// and behind them nothing. Each has a number of its own, as two cannot swap theirs one after the other.
fn rules(t: &mut Template, spec: &Spec, of: &str, dns: &Dns) -> Id<RuleGroup> {
    let named = |tail: &str| fit(&format!("{}-{of}-{tail}", spec.estate()), NAME_MAX);
    let mut lists: Vec<(u16, &str, Vec<String>, bool)> = Vec::new();
    if !dns.block.is_empty() {
        lists.push((100, "blocked", dns.block.clone(), false));
    }
    if !dns.allow.is_empty() {
        lists.push((200, "aws", of_aws(spec), true));
        lists.push((300, "allowed", dns.allow.clone(), true));
        lists.push((400, "all", vec!["*".to_owned()], false));
    }
    let of = pascal(of);
    let mut verdicts = Vec::new();
    for (priority, tail, domains, allow) in lists {
        let list = DomainList { name: named(tail), domains };
        let list = t.add(format!("{of}Dns{}", pascal(tail)), list);
        let name = tail.to_owned();
        verdicts.push((tail, Verdict { name, list, priority, allow }));
    }
    let all = verdicts.iter().map(|(_, verdict)| verdict.clone()).collect();
    let group = t.add(format!("{of}DnsRules"), RuleGroup { name: named("rules"), rules: all });
    for (tail, verdict) in verdicts {
        t.add(format!("{of}Dns{}Rule", pascal(tail)), Rule { group: group.clone(), verdict });
    }
    group
}

fn of_aws(spec: &Spec) -> Vec<String> {
    let more = (spec.partition == Partition::China).then_some(AWS_CN);
    AWS.into_iter().chain(more).map(str::to_owned).collect()
}

/// Adds a record of what VPCs ask. It is kept: it is evidence.
fn record(t: &mut Template, spec: &Spec) -> Id<QueryLog> {
    let days = spec.network.flow_log_days;
    let group = t.add_kept("QueryLogGroup", LogGroup { days });
    let name = fit(&format!("{}-questions", spec.estate()), NAME_MAX);
    t.add("QueryLog", QueryLog { name, group })
}

/// Puts rules and record on each VPC.
pub fn synthesise(spec: &Spec, estate: &mut Estate) {
    for shape in shapes(estate) {
        let Some((protection, tier)) = settings(spec, estate, &shape) else { continue };
        let entries = &estate.templates[&shape].entries;
        let vpcs = entries.iter().filter(|entry| entry.tf == Vpc::TF);
        let vpcs: Vec<String> = vpcs.map(|entry| entry.id.clone()).collect();
        if vpcs.is_empty() {
            continue;
        }
        let apart = is_apart(estate, &shape, tier);
        let word = word(spec, tier, &protection.dns);
        let ways = if apart {
            own(spec, template(estate, &shape), &protection.dns)
        } else {
            imported(spec, estate, &shape, &word, &protection.dns)
        };
        // A VPC that gets other rules has both for a while: they are made before the old ones go.
        let place = if apart || word == ESTATE { PLACE } else { TIER_PLACE };
        let t = template(estate, &shape);
        for id in vpcs {
            let vpc: Id<Vpc> = Id::resource(&id);
            if let Some(group) = ways.rules.clone() {
                let association = RuleGroupAssociation { group, vpc: vpc.clone(), place };
                t.add(format!("{id}DnsRules"), association);
            }
            if let Some(log) = ways.log.clone() {
                t.add(format!("{id}QueryLog"), QueryLogAssociation { log, vpc });
            }
        }
    }
}

/// What a VPC is joined to.
struct Ways {
    rules: Option<Value>,
    log: Option<Value>,
}

/// In the account of a tenant, all is the tenant's.
fn own(spec: &Spec, t: &mut Template, dns: &Dns) -> Ways {
    let group = dns.refuses().then(|| rules(t, spec, "own", dns));
    let log = dns.logs().then(|| record(t, spec));
    Ways { rules: group.as_ref().map(Value::from), log: log.as_ref().map(Value::from) }
}

/// Elsewhere it is that of the place.
fn imported(spec: &Spec, estate: &mut Estate, shape: &str, word: &str, dns: &Dns) -> Ways {
    let kind = ParamKind::Imported("String");
    let mut read = |name: &str, about: &str, path: String| {
        wire::feed(estate, shape, (name, kind, about), |stack| {
            (path.clone(), Some(key(spec, (&stack.account, &stack.region))))
        })
    };
    let about = "The names that can be resolved";
    let rules = dns.refuses().then(|| read("DnsRuleGroupId", about, rules_path(spec, word)));
    let about = "The record of what is asked of the resolver";
    let log = dns.logs().then(|| read("QueryLogId", about, log_path(spec)));
    Ways { rules, log }
}
