//! Second counts of what takes more than one step to find.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::network::{fullest, of, text, texts};
use crate::rows::{Everything, Resource};

const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";
const SERVICE: &str = "AWS::ECS::Service";
const SCALED: &str = "AWS::ApplicationAutoScaling::ScalableTarget";

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

/// The most tasks of a service: what scales it, or what it begins with.
pub fn most_tasks(service: &Resource, all: &Everything) -> u64 {
    let scales = |it: &&Resource| text(&it.properties["ResourceId"]).ends_with(&service.handle);
    let most = of(all, SCALED).find(scales).map(|it| &it.properties["MaxCapacity"]);
    number(most.unwrap_or(&service.properties["DesiredCount"]))
}

pub fn tasks(all: &Everything) -> u64 {
    of(all, SERVICE).map(|it| most_tasks(it, all)).max().unwrap_or(0)
}

/// The load balancers of a type, by handle.
fn balancers<'a>(all: &'a Everything, kind: &str) -> BTreeSet<&'a str> {
    let ours = of(all, "AWS::ElasticLoadBalancingV2::LoadBalancer");
    ours.filter(|it| it.properties["Type"] == kind).map(|it| it.handle.as_str()).collect()
}

fn listeners(all: &Everything, kind: &str) -> u64 {
    let balancers = balancers(all, kind);
    let owners = of(all, LISTENER).map(|it| text(&it.properties["LoadBalancerArn"]));
    fullest(owners.filter(|owner| balancers.contains(owner.as_str())).map(|owner| (owner, 1)))
}

pub fn application_listeners(all: &Everything) -> u64 {
    listeners(all, "application")
}

pub fn network_listeners(all: &Everything) -> u64 {
    listeners(all, "network")
}

/// The target groups of each application load balancer.
fn groups(all: &Everything) -> BTreeSet<(String, String)> {
    let requests = balancers(all, "application");
    let owners: BTreeMap<&str, String> = of(all, LISTENER)
        .map(|it| (it.handle.as_str(), text(&it.properties["LoadBalancerArn"])))
        .collect();
    let mut out = BTreeSet::new();
    for it in all.resources.iter().filter(|it| [LISTENER, RULE].contains(&it.kind.as_str())) {
        let (owner, actions) = match it.properties["ListenerArn"].as_str() {
            Some(listener) => (&owners[listener], &it.properties["Actions"]),
            None => (&owners[it.handle.as_str()], &it.properties["DefaultActions"]),
        };
        let targets = actions.as_array().into_iter().flatten();
        let targets = targets.filter_map(|action| action["TargetGroupArn"].as_str());
        let ours = targets.filter(|_| requests.contains(owner.as_str()));
        out.extend(ours.map(|target| (owner.clone(), target.to_owned())));
    }
    out
}

pub fn target_groups(all: &Everything) -> u64 {
    fullest(groups(all).into_iter().map(|(owner, _)| (owner, 1)))
}

/// The targets of each group, at their most.
fn behind(all: &Everything) -> BTreeMap<String, u64> {
    let mut out: BTreeMap<String, u64> = BTreeMap::new();
    for it in of(all, SERVICE) {
        let balancers = it.properties["LoadBalancers"].as_array().into_iter().flatten();
        for one in balancers {
            *out.entry(text(&one["TargetGroupArn"])).or_default() += 2 * most_tasks(it, all);
        }
    }
    for it in of(all, "AWS::AutoScaling::AutoScalingGroup") {
        for group in texts(&it.properties["TargetGroupARNs"]) {
            *out.entry(group).or_default() += number(&it.properties["MaxSize"]);
        }
    }
    out
}

pub fn targets(all: &Everything) -> u64 {
    let behind = behind(all);
    fullest(groups(all).into_iter().map(|(owner, group)| (owner, behind[&group])))
}

pub fn targets_of_groups(all: &Everything) -> u64 {
    behind(all).into_values().max().unwrap_or(0)
}

pub fn wildcards(all: &Everything) -> u64 {
    let of = |it: &Resource| {
        let conditions = it.properties["Conditions"].as_array().into_iter().flatten();
        let configs = conditions.flat_map(|it| it.as_object().into_iter().flatten());
        let values = configs.flat_map(|(_, config)| texts(&config["Values"]));
        values.map(|it| it.chars().filter(|c| matches!(c, '*' | '?')).count() as u64).sum()
    };
    all.resources.iter().filter(|it| it.kind == RULE).map(of).max().unwrap_or(0)
}

/// Services that can be called by name.
pub fn namespaces(all: &Everything) -> u64 {
    let connects = of(all, SERVICE).map(|it| &it.properties["ServiceConnectConfiguration"]);
    let called = connects.filter(|it| it["Services"].as_array().is_some_and(|all| !all.is_empty()));
    fullest(called.map(|it| (text(&it["Namespace"]), 1)))
}

/// The instances of all groups of a cluster.
pub fn hosts(all: &Everything) -> u64 {
    let groups: BTreeMap<&str, u64> = of(all, "AWS::AutoScaling::AutoScalingGroup")
        .map(|it| (it.handle.as_str(), number(&it.properties["MaxSize"])))
        .collect();
    let providers: BTreeMap<&str, String> = of(all, "AWS::ECS::CapacityProvider")
        .map(|it| {
            let group = &it.properties["AutoScalingGroupProvider"]["AutoScalingGroupArn"];
            (it.handle.as_str(), text(group))
        })
        .collect();
    fullest(of(all, "AWS::ECS::ClusterCapacityProviderAssociations").flat_map(|it| {
        let ours = texts(&it.properties["CapacityProviders"]);
        let most = |provider: String| groups[providers[provider.as_str()].as_str()];
        let cluster = text(&it.properties["Cluster"]);
        ours.into_iter().map(most).map(|most| (cluster.clone(), most)).collect::<Vec<_>>()
    }))
}

fn attached(all: &Everything, kind: &str) -> u64 {
    let policies = of(all, "AWS::Organizations::Policy");
    let ours = policies.filter(|it| it.properties["Type"] == kind);
    fullest(ours.flat_map(|it| texts(&it.properties["TargetIds"])).map(|target| (target, 1)))
}

pub fn control_policies(all: &Everything) -> u64 {
    attached(all, "SERVICE_CONTROL_POLICY")
}

pub fn tag_policies(all: &Everything) -> u64 {
    attached(all, "TAG_POLICY")
}

pub fn stacks(all: &Everything) -> u64 {
    fullest(all.stacks.iter().map(|place| (place, 1)))
}

/// One for each account of the units of a set, in each of its regions.
pub fn instances(all: &Everything) -> u64 {
    let homes = of(all, "AWS::Organizations::Account").map(|it| texts(&it.properties["ParentIds"]));
    let homes: Vec<String> = homes.flatten().collect();
    let goes = |it: &Resource| -> u64 {
        let groups = it.properties["StackInstancesGroup"].as_array().into_iter().flatten();
        let each = groups.map(|group| {
            let units = texts(&group["DeploymentTargets"]["OrganizationalUnitIds"]);
            let accounts = homes.iter().filter(|home| units.contains(home)).count();
            (accounts * texts(&group["Regions"]).len()) as u64
        });
        each.sum()
    };
    of(all, "AWS::CloudFormation::StackSet").map(goes).max().unwrap_or(0)
}

pub fn place(it: &Resource) -> String {
    format!("{}/{}", it.account, it.region)
}

/// Rules by bus; those without one are of the default bus.
pub fn bus_rules(all: &Everything) -> u64 {
    fullest(of(all, "AWS::Events::Rule").map(|it| {
        let bus = it.properties["EventBusName"].as_str();
        (bus.map_or_else(|| place(it), str::to_owned), 1)
    }))
}

pub fn reserved(all: &Everything) -> u64 {
    fullest(
        of(all, "AWS::Lambda::Function")
            .map(|it| (place(it), number(&it.properties["ReservedConcurrentExecutions"]))),
    )
}

pub fn principals(all: &Everything) -> u64 {
    let with = |it: &Resource| it.properties["Principals"].as_array().map_or(0, Vec::len) as u64;
    fullest(of(all, "AWS::RAM::ResourceShare").map(|it| (place(it), with(it))))
}

pub fn selector_values(all: &Everything) -> u64 {
    let values = |it: &Resource| -> u64 {
        let selectors = it.properties["AdvancedEventSelectors"].as_array().into_iter().flatten();
        let fields = selectors.flat_map(|it| it["FieldSelectors"].as_array().expect("fields"));
        let lists = fields.flat_map(|it| it.as_object().expect("a field").values());
        lists.filter_map(Value::as_array).map(|it| it.len() as u64).sum()
    };
    of(all, "AWS::CloudTrail::Trail").map(values).max().unwrap_or(0)
}

/// The tags of a resource, as a list or as a map.
fn tagged(it: &Resource) -> u64 {
    match &it.properties["Tags"] {
        Value::Array(tags) => tags.len() as u64,
        Value::Object(tags) => tags.len() as u64,
        _ => 0,
    }
}

pub fn tags(all: &Everything) -> u64 {
    all.resources.iter().map(tagged).max().unwrap_or(0)
}

pub fn organization_tags(all: &Everything) -> u64 {
    let ours = all.resources.iter().filter(|it| it.kind.starts_with("AWS::Organizations::"));
    ours.map(tagged).max().unwrap_or(0)
}

/// The accounts of an organization: those that are made, and those that hold more than a tenant's own.
pub fn members(all: &Everything) -> u64 {
    let made = all.resources.iter().filter(|it| it.kind == "AWS::Organizations::Account").count();
    if made == 0 { 0 } else { (made + all.named.len()) as u64 }
}
