//! The instances that containers of a cell run on, where it is not Fargate: an Auto Scaling group
//! that Amazon ECS fills and empties.

use serde_json::json;

use crate::blueprint::shape::Instances;
use crate::model::cell;
use crate::model::container::cluster::CAPACITY;
use crate::model::container::role::allow;
use crate::model::network::{ANYWHERE, HTTPS, numbered};
use crate::plan::Zone;
use crate::resource::autoscaling::{AutoScalingGroup, Health, LaunchTemplate};
use crate::resource::ecs::{CapacityAssociations, CapacityProvider, Cluster};
use crate::resource::iam::{InstanceProfile, Role, RolePolicy, document};
use crate::resource::security::{Egress, Peer, SecurityGroup, Traffic};
use crate::spec::Spec;
use crate::spec::text::Own;
use crate::template::{NAME, Template};
use crate::value::{Id, LogicalId, Value, arn, join, map, param};

/// The image that instances have unless the tier names one. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html>.
pub const IMAGE: &str =
    "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id";

/// The size of that image's root volume, which images and layers of containers share, in GiB. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/al2-storage-config.html>.
const VOLUME: u16 = 30;

/// What runs when an instance starts. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html>.
static USER_DATA: Own = Own::new(include_str!("user_data.sh.hbs"));

/// Adds the instances of a cell and makes them the capacity of its cluster.
pub fn add(
    t: &mut Template,
    spec: &Spec,
    what: &Instances,
    network: &cell::Network,
    zones: &[Zone],
    cluster: &Id<Cluster>,
) {
    let group = group(t, network);
    let role = role(t, cluster);
    let profile = t.add("InstanceProfile", InstanceProfile { role });
    let mut tags = vec![("Name".to_owned(), join([param(NAME), "-host".into()]))];
    tags.extend(t.tags.iter().cloned());
    let launch = LaunchTemplate {
        // Of an image of somebody's own, nobody here knows the size.
        volume: what.image_parameter.is_none().then_some(VOLUME),
        image_parameter: what.image_parameter.clone().unwrap_or_else(|| IMAGE.to_owned()),
        profile,
        groups: vec![group],
        user_data: Some(user_data(cluster)),
        tags,
    };
    let launch = t.add("LaunchTemplate", launch);
    let hosts = AutoScalingGroup {
        template: launch,
        types: what.types.clone(),
        subnets: network.private.subnets.clone(),
        bounds: (what.min, what.max),
        on_demand_base: what.on_demand_base.unwrap_or(what.min),
        spot_percent: what.spot_percent.unwrap_or(0),
        target_groups: Vec::new(),
        health: Health::Ec2,
        protected: true,
    };
    // An instance that cannot reach Amazon ECS when it starts never joins.
    let mut after: Vec<LogicalId> = vec!["InstanceRolePolicy".to_owned()];
    if !network.gateways.is_empty() {
        after.extend(zones.iter().map(|zone| numbered("PrivateDefaultRoute", zone)));
    }
    let after: Vec<&LogicalId> = after.iter().collect();
    let hosts = t.add_after("HostGroup", hosts, &after);
    // Amazon ECS puts this tag on the group; who does not say so takes it off again. Source:
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html.
    t.tag_last("AmazonECSManaged", "true".into());
    let provider = t.add("CapacityProvider", CapacityProvider { hosts });
    let associations =
        CapacityAssociations { cluster: cluster.clone(), provider: provider.clone() };
    t.add("CapacityAssociations", associations);
    let what = "The instances of the cell, as services ask for them";
    cell::publish(t, spec, CAPACITY, what, Value::from(&provider));
}

/// Nobody reaches an instance: tasks have interfaces and groups of their own.
fn group(t: &mut Template, network: &cell::Network) -> Id<SecurityGroup> {
    let vpc = network.core.vpc.clone();
    let description = "The instances that containers run on";
    let group = t.add("HostSecurityGroup", SecurityGroup { vpc, description });
    let rule = Egress {
        group: group.clone(),
        to: Peer::Cidr(ANYWHERE.into()),
        traffic: Traffic::Tcp(HTTPS),
        description: "Amazon ECS and registries",
    };
    t.add("HostEgress", rule);
    group
}

/// What the agent of Amazon ECS needs, for this cluster only. Images and logs are the business of
/// the role that starts tasks. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html>.
fn role(t: &mut Template, cluster: &Id<Cluster>) -> Id<Role> {
    let trust = document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "ec2.amazonaws.com")])),
        ("Action", "sts:AssumeRole".into()),
    ])]);
    let description = "Joins the cluster of a cell";
    let role = t.add("InstanceRole", Role { description, trust, managed: Vec::new() });
    let of_cluster = [
        "ecs:DeregisterContainerInstance",
        "ecs:RegisterContainerInstance",
        "ecs:SubmitAttachmentStateChanges",
        "ecs:SubmitContainerStateChange",
        "ecs:SubmitTaskStateChange",
    ];
    let of_instance =
        ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"];
    let instances =
        arn("ecs", join(["container-instance/".into(), Value::from(cluster), "/*".into()]));
    let document = document(vec![
        Value::Map(allow(&["ecs:DiscoverPollEndpoint"], vec!["*".into()])),
        Value::Map(allow(&of_cluster, vec![cluster.att("Arn")])),
        Value::Map(allow(&of_instance, vec![instances])),
    ]);
    let policy = RolePolicy { role: role.clone(), name: "join-cluster".to_owned(), document };
    t.add("InstanceRolePolicy", policy);
    role
}

/// The script with the name of the cluster, which only the deployment knows.
fn user_data(cluster: &Id<Cluster>) -> Value {
    const MARK: &str = "\u{1}";
    let text = USER_DATA.render(&json!({"cluster": MARK}));
    let (before, after) = text.split_once(MARK).expect("it names the cluster once");
    join([before.into(), Value::from(cluster), after.into()])
}
