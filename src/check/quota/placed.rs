//! What is counted at something that more than a property names: a target of a policy, a bus, a
//! namespace.

use serde_json::Value;

use super::count::Held;
use super::holding::{Handle, Owner, Whole};
use super::measure::many;

const POLICY: &str = "AWS::Organizations::Policy";

/// The service control policies that are attached to each root, unit or account.
pub fn control_policies(whole: &Whole<'_>) -> Held {
    attached(whole, "SERVICE_CONTROL_POLICY")
}

/// The tag policies that are attached to each root, unit or account.
pub fn tag_policies(whole: &Whole<'_>) -> Held {
    attached(whole, "TAG_POLICY")
}

fn attached(whole: &Whole<'_>, kind: &str) -> Held {
    let policies = whole.of(&[POLICY]).into_iter().filter(|it| it.2["Type"] == kind);
    let targets = policies.flat_map(|it| it.2["TargetIds"].as_array().into_iter().flatten());
    targets.filter_map(|target| Some((thing(target, whole)?, 1.into()))).collect()
}

/// What a value names: a resource, or something by its id.
pub(super) fn thing(value: &Value, whole: &Whole<'_>) -> Option<Owner> {
    match value.as_str() {
        Some(id) => Some(Owner::Named(id.to_owned())),
        None => whole.handle(value).map(Owner::Of),
    }
}

/// The rules of each bus; a rule without one is of the default bus of its account and region.
pub fn bus_rules(whole: &Whole<'_>) -> Held {
    let rules = whole.of(&["AWS::Events::Rule"]).into_iter();
    rules
        .filter_map(|it| {
            let bus = &it.2["EventBusName"];
            let owner = if bus.is_null() { Owner::Region } else { thing(bus, whole)? };
            Some((owner, 1.into()))
        })
        .collect()
}

/// The services that can be called by name in a namespace.
pub fn named_services(whole: &Whole<'_>) -> Held {
    let services = whole.of(&["AWS::ECS::Service"]).into_iter();
    let connected = services.map(|it| &it.2["ServiceConnectConfiguration"]);
    let called = connected.filter(|connect| many(&connect["Services"]) > 0);
    called.filter_map(|it| Some((thing(&it["Namespace"], whole)?, 1.into()))).collect()
}

/// The policies that scale each service.
pub fn scaling_policies(whole: &Whole<'_>) -> Held {
    let all = whole.of(&["AWS::ApplicationAutoScaling::ScalingPolicy"]).into_iter();
    let scaled = all.filter_map(|it| it.2["ResourceId"]["Fn::Join"][1].as_array()?.last());
    scaled.filter_map(|service| Some((thing(service, whole)?, 1.into()))).collect()
}

/// What functions keep for themselves of what may run at once.
pub fn reserved_executions(whole: &Whole<'_>) -> Held {
    let functions = whole.of(&["AWS::Lambda::Function"]).into_iter();
    let reserved = functions.filter_map(|it| it.2["ReservedConcurrentExecutions"].as_u64());
    reserved.map(|count| (Owner::Region, count.into())).collect()
}

/// Secrets, and what RDS keeps as one: the password of each cluster that it manages. Source:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html>.
pub fn secrets(whole: &Whole<'_>) -> Held {
    let all = whole.of(&["AWS::SecretsManager::Secret", "AWS::RDS::DBCluster"]).into_iter();
    let kept = all.filter(|(_, kind, it)| !kind.ends_with("Cluster") || has_secret(it));
    kept.map(|_| (Owner::Region, 1.into())).collect()
}

/// Whether RDS keeps the password of a cluster as a secret.
pub fn has_secret(cluster: &Value) -> bool {
    cluster["ManageMasterUserPassword"] == true
}

/// Whom all shares of an account are for.
pub fn principals(whole: &Whole<'_>) -> Held {
    let shares = whole.of(&["AWS::RAM::ResourceShare"]).into_iter();
    let with = shares.map(|it| many(&it.2["Principals"])).filter(|count| *count > 0);
    with.map(|count| (Owner::Region, count.into())).collect()
}

/// The tags of what has most of them.
pub fn tags(whole: &Whole<'_>) -> Held {
    most_tags(whole, |_| true)
}

/// The same of what belongs to the organization.
pub fn organization_tags(whole: &Whole<'_>) -> Held {
    most_tags(whole, |kind| kind.starts_with("AWS::Organizations::"))
}

fn most_tags(whole: &Whole<'_>, fits: fn(&str) -> bool) -> Held {
    let resources = whole.json["Resources"].as_object().into_iter().flatten();
    let ours = resources.filter(|(_, it)| it["Type"].as_str().is_some_and(fits));
    let tagged = ours.map(|(id, it)| {
        let tags = &it["Properties"]["Tags"];
        (id, many(tags) + tags.as_object().map_or(0, |tags| tags.len() as u64))
    });
    let most = tagged.max_by_key(|(_, tags)| *tags).filter(|(_, tags)| *tags > 0);
    let owner = |(id, tags): (&String, u64)| (Owner::Of(Handle::Local(id.clone())), tags.into());
    most.map(owner).into_iter().collect()
}
