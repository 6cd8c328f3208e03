//! What bounds whole accounts and networks: service control policies, and policies of endpoints. And
//! what AWS's own policies are taken for.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::verdict::{Finding, Party, Verdict};
use super::condition::{Fact, Facts, Truth};
use super::glob::Glob;
use super::grant::told;
use super::model::{EACH, Model, Place, Role};
use super::policy::{Origin, Policy, Statement};
use super::{hop, index, party, who};

/// All findings.
pub fn judge(model: &Model) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        model.made.iter().filter_map(|made| account(model, made)).collect();
    for (place, policy) in &model.endpoints {
        found.extend(endpoint(place, policy));
    }
    found
}

/// What an administrator in an account of a tenant must not be able to do: leave the organization, stop
/// its records, or rewrite the roles by which the operator comes in. Service control policies alone
/// refuse it, as nothing else bounds an administrator.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
fn account(model: &Model, (place, units): &(Place, Vec<String>)) -> Option<Finding> {
    let mut acts: Vec<(&str, String)> = vec![
        ("organizations:leaveorganization", "organizations::x:account/x".to_owned()),
        ("cloudtrail:stoplogging", "cloudtrail:x:x:trail/x".to_owned()),
        ("config:stopconfigurationrecorder", "config:x:x:x".to_owned()),
    ];
    for (baseline, to) in &model.baselines {
        if !to.iter().any(|unit| units.contains(unit)) {
            continue;
        }
        let below = format!("{}.", baseline.origin.thing);
        let roles = model.roles.range(below.clone()..);
        let roles = roles.take_while(|(token, _)| token.starts_with(&below));
        for name in roles.filter_map(|(_, role)| role.name.as_ref()) {
            let arn = format!("iam::{EACH}:role/{name}");
            for action in REWRITES {
                acts.push((action, arn.clone()));
            }
        }
    }
    let guards = model.guards.iter().filter(|(targets, _)| {
        targets.iter().any(|target| units.contains(target) || *target == place.origin.thing)
    });
    let guards: Vec<&Policy> = guards.map(|(_, policy)| policy).collect();
    let open = acts.iter().find(|(action, resource)| !refused(&guards, action, resource))?;
    let (action, resource) = open;
    let why = format!("no service control policy for it refuses {action} on {resource}");
    let mut witness = vec![hop(format!("account {}", place.origin.thing), &place.origin, why)];
    for guard in guards {
        let why = "is for the account, and does not refuse it".to_owned();
        witness.push(hop(format!("policy {}", guard.name), &guard.origin, why));
    }
    Some(Finding {
        from: party(place, "account"),
        to: Party::Shared("organization".to_owned()),
        verdict: Verdict::Reachable,
        by: "identity/service-control",
        what: format!("{action} on {resource}"),
        witness,
    })
}

const REWRITES: [&str; 4] =
    ["iam:updateassumerolepolicy", "iam:putrolepolicy", "iam:attachrolepolicy", "iam:deleterole"];

fn refused(guards: &[&Policy], action: &str, resource: &str) -> bool {
    let administrator = format!("arn:aws:iam::{EACH}:role/administrator");
    let facts = Facts::default().with("aws:principalarn", Fact::Is(administrator));
    let covers = |statement: &Statement| {
        let whole = Glob::literal(resource);
        let glob = |text: &String| Glob::new(index::rest(text));
        let surely =
            |text: &String| told(text) && !text.contains("${") && glob(text).covers(&whole);
        let mut all = statement.resources.iter();
        if statement.not_resources {
            !all.any(|text| glob(text).overlaps(&whole))
        } else {
            all.any(surely)
        }
    };
    guards.iter().flat_map(|guard| &guard.statements).any(|statement| {
        !statement.allow
            && statement.names(action)
            && covers(statement)
            && facts.hold(&statement.conditions) == Truth::Always
    })
}

/// An endpoint that lets strangers through to anything is a way out: with credentials of another
/// account, a workload carries what it has to a bucket there.
/// <https://docs.aws.amazon.com/whitepapers/latest/building-a-data-perimeter-on-aws/perimeter-implementation.html>
fn endpoint(place: &Place, policy: &Policy) -> Option<Finding> {
    let narrow = |text: &String| {
        let bucket = index::rest(text).strip_prefix("s3:::");
        let bucket = bucket.and_then(|rest| rest.split('/').next());
        bucket.is_some_and(|bucket| Glob::new(bucket).is_literal()) || text.starts_with('@')
    };
    let statement = policy.statements.iter().find(|statement| {
        let stranger = who::stranger(statement);
        statement.allow
            && stranger.hold(&statement.conditions) != Truth::Never
            && (statement.not_resources || !statement.resources.iter().all(narrow))
    })?;
    let why = format!("{} lets everybody through to anything", statement.sid);
    Some(Finding {
        from: party(place, "endpoint"),
        to: Party::Internet,
        verdict: Verdict::Reachable,
        by: "identity/endpoint-policy",
        what: format!("{} for identities of any account", policy.name),
        witness: vec![hop(format!("endpoint {}", place.origin.thing), &policy.origin, why)],
    })
}

/// AWS's own policies that tell what is there and read no data, by name.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>
const LOOKS: [&str; 4] =
    ["SecurityAudit", "ViewOnlyAccess", "AWS_ConfigRole", "AWSBackupServiceRolePolicyForBackup"];

/// Gives each role what AWS's own policies let it do: those that only look, nothing; any other,
/// everything.
pub fn bring_managed(model: &mut Model) {
    let managed = model.managed.clone();
    for role in model.roles.values_mut() {
        for name in role.managed.clone() {
            if let Some(policy) = managed.get(&name) {
                role.policies.push(policy.clone());
                continue;
            }
            if looks(&name) {
                continue;
            }
            let all = json!({ "Statement":
                { "Sid": name, "Effect": "Allow", "Action": "*", "Resource": "*" } });
            let origin = Origin { ..role.place.origin.clone() };
            role.policies.push(Policy::read(&name, origin, &all));
        }
    }
}

fn looks(name: &str) -> bool {
    name.contains(":aws:policy/") && LOOKS.contains(&name.rsplit('/').next().unwrap_or_default())
}

/// Services that roles of tenants and of sessions use, and whose acts are not followed.
pub fn unfollowed(model: &Model) -> Vec<String> {
    let held = |role: &&Role| {
        let tagging = |s: &Statement| s.allow && s.names("sts:tagsession");
        role.place.owner.is_some() || role.trust.statements.iter().any(tagging)
    };
    let roles = model.roles.values().filter(held);
    let statements = roles.flat_map(|role| &role.policies).flat_map(|policy| &policy.statements);
    let mut services = BTreeSet::new();
    for action in statements.filter(|s| s.allow).flat_map(|s| &s.actions) {
        let prefix = action.prefix();
        let Some((service, _)) = prefix.split_once(':') else { continue };
        if !FOLLOWED.contains(&service) {
            services.insert(service.to_owned());
        }
    }
    services.into_iter().map(|s| format!("identity: actions of {s} are not followed")).collect()
}

/// Services of which acts on data are known.
const FOLLOWED: [&str; 16] = [
    "dynamodb",
    "s3",
    "rds-db",
    "events",
    "sqs",
    "kinesis",
    "secretsmanager",
    "ssm",
    "logs",
    "kms",
    "lambda",
    "sns",
    "ecs",
    "ecr",
    "iam",
    "sts",
];

/// What is said of AWS's own policies.
pub fn managed(model: &Model) -> Vec<String> {
    let names: BTreeSet<&str> = model
        .roles
        .values()
        .filter(|role| role.place.owner.is_some() || role.everywhere)
        .flat_map(|role| role.managed.iter().map(String::as_str))
        .filter(|name| looks(name))
        .collect();
    let short = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    names.into_iter().map(|n| format!("identity: {} of AWS reads no data", short(n))).collect()
}
