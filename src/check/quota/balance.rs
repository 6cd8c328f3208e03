//! What stands behind load balancers: each listener, rule and target group is counted at the load
//! balancer that it belongs to, whichever stack that is in.

use serde_json::Value;

use super::address::{number, tasks};
use super::count::Held;
use super::holding::{Handle, Owner, Whole};
use super::measure::many;
use crate::plan::cells::DURING_DEPLOYMENT;

const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";

/// The listeners of application load balancers.
pub fn application_listeners(whole: &Whole<'_>) -> Held {
    listeners(whole, false)
}

/// The listeners of network load balancers.
pub fn network_listeners(whole: &Whole<'_>) -> Held {
    listeners(whole, true)
}

fn listeners(whole: &Whole<'_>, network: bool) -> Held {
    let all = whole.of(&[LISTENER]).into_iter();
    let ours = all.filter(|it| is_network(&it.2["LoadBalancerArn"], whole) == network);
    let each = ours.filter_map(|it| whole.handle(&it.2["LoadBalancerArn"]));
    each.map(|balancer| (Owner::Of(balancer), 1.into())).collect()
}

/// Whether a load balancer is one for connections; what stands elsewhere is one for requests.
fn is_network(balancer: &Value, whole: &Whole<'_>) -> bool {
    let local = whole.handle(balancer);
    matches!(local, Some(Handle::Local(id)) if whole.local(&id)["Type"] == "network")
}

/// The rules of all listeners of a load balancer.
pub fn rules(whole: &Whole<'_>) -> Held {
    let all = whole.of(&[RULE]).into_iter();
    all.filter_map(|it| Some((whole.above(&it.2["ListenerArn"], "LoadBalancerArn")?, 1.into())))
        .collect()
}

/// The target groups that application load balancers send requests to: each once, whatever the number
/// of rules that name it.
fn groups(whole: &Whole<'_>) -> Vec<(Owner, String)> {
    let mut out = Vec::new();
    for (_, kind, it) in whole.of(&[LISTENER, RULE]) {
        let (actions, owner) = match kind {
            RULE => ("Actions", whole.above(&it["ListenerArn"], "LoadBalancerArn")),
            _ if is_network(&it["LoadBalancerArn"], whole) => continue,
            _ => ("DefaultActions", whole.handle(&it["LoadBalancerArn"]).map(Owner::Of)),
        };
        let targets = it[actions].as_array().into_iter().flatten();
        let targets = targets.filter_map(|action| whole.handle(&action["TargetGroupArn"]));
        let local = targets.filter_map(|group| match group {
            Handle::Local(id) => Some(id),
            Handle::Param(_) => None,
        });
        out.extend(local.filter_map(|id| Some((owner.clone()?, id))));
    }
    out.sort();
    out.dedup();
    out
}

/// Target groups, by load balancer.
pub fn target_groups(whole: &Whole<'_>) -> Held {
    groups(whole).into_iter().map(|(owner, _)| (owner, 1.into())).collect()
}

/// Targets, by load balancer: tasks and instances at their most.
pub fn targets(whole: &Whole<'_>) -> Held {
    let all = groups(whole).into_iter().map(|(owner, id)| (owner, behind(&id, whole)));
    all.filter(|(_, targets)| *targets > 0).map(|(owner, it)| (owner, it.into())).collect()
}

/// Targets of each group.
pub fn targets_of_groups(whole: &Whole<'_>) -> Held {
    let all = whole.of(&["AWS::ElasticLoadBalancingV2::TargetGroup"]).into_iter();
    let all = all.map(|(id, ..)| (id, behind(id, whole))).filter(|(_, targets)| *targets > 0);
    all.map(|(id, it)| (Owner::Of(Handle::Local(id.to_owned())), it.into())).collect()
}

/// Targets of network load balancers at their most. Those of one that sends to all zones count together;
/// those of another count in each zone, and are spread. A group is listed by a listener of the template
/// that it stands in. Source:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html>.
pub fn targets_of_network(whole: &Whole<'_>) -> Held {
    let mut out = Held::new();
    for (_, _, it) in whole.of(&[LISTENER]) {
        if !is_network(&it["LoadBalancerArn"], whole) {
            continue;
        }
        let actions = it["DefaultActions"].as_array().into_iter().flatten();
        let groups = actions.filter_map(|action| whole.handle(&action["TargetGroupArn"]));
        let local = groups.filter_map(|group| match group {
            Handle::Local(id) => Some(id),
            Handle::Param(_) => None,
        });
        let across = is_across(&it["LoadBalancerArn"], whole);
        let most = if across { behind } else { in_a_zone };
        let targets: u64 = local.map(|id| most(&id, whole)).sum();
        let owner = whole.handle(&it["LoadBalancerArn"]).filter(|_| targets > 0);
        out.extend(owner.map(|balancer| (Owner::Of(balancer), targets.into())));
    }
    out
}

/// Whether a load balancer sends to the targets of all its zones.
fn is_across(balancer: &Value, whole: &Whole<'_>) -> bool {
    let Some(Handle::Local(id)) = whole.handle(balancer) else { return false };
    let attributes = whole.local(&id)["LoadBalancerAttributes"].as_array().into_iter().flatten();
    let mut ours = attributes.filter(|it| it["Key"] == "load_balancing.cross_zone.enabled");
    ours.any(|it| it["Value"] == "true")
}

/// The most targets of a group in one of the zones of those who stand in it.
fn in_a_zone(group: &str, whole: &Whole<'_>) -> u64 {
    let each = behind_each(group, whole).into_iter();
    each.map(|(targets, zones)| targets.div_ceil(zones.max(1))).sum()
}

/// The most targets of a group. Tasks stand twice while they are replaced.
fn behind(group: &str, whole: &Whole<'_>) -> u64 {
    behind_each(group, whole).into_iter().map(|(targets, _)| targets).sum()
}

/// How many targets each service and each group of instances puts into a group, and over how many subnets.
fn behind_each(group: &str, whole: &Whole<'_>) -> Vec<(u64, u64)> {
    let is = |value: &Value| matches!(whole.handle(value), Some(Handle::Local(id)) if id == group);
    let sends = |list: &Value, of: fn(&Value) -> &Value| {
        list.as_array().is_some_and(|items| items.iter().any(|item| is(of(item))))
    };
    let services = whole.of(&["AWS::ECS::Service"]).into_iter();
    let services = services.filter(|it| sends(&it.2["LoadBalancers"], |it| &it["TargetGroupArn"]));
    let tasks = services.map(|(id, _, it)| {
        let subnets = &it["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"];
        (tasks(id, whole.json) * DURING_DEPLOYMENT, many(subnets))
    });
    let groups = whole.of(&["AWS::AutoScaling::AutoScalingGroup"]).into_iter();
    let groups = groups.filter(|it| sends(&it.2["TargetGroupARNs"], |it| it));
    let instances = groups.map(|it| (number(&it.2["MaxSize"]), many(&it.2["VPCZoneIdentifier"])));
    tasks.chain(instances).collect()
}
