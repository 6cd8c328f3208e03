//! Amazon ECS: clusters, and the services that run in them. Names are left to AWS where it makes
//! them, so that a service can be replaced.

use crate::resource::autoscaling::AutoScalingGroup;
use crate::resource::balancer::TargetGroup;
use crate::resource::iam::Role;
use crate::resource::security::SecurityGroup;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A namespace in which services find each other by Service Connect.
#[derive(Debug)]
pub struct Namespace {
    /// Its name, unique in the account and region.
    pub name: Value,
    /// What it is.
    pub description: &'static str,
}

resource!(Namespace, Some("AWS::ServiceDiscovery::HttpNamespace"), "aws_service_discovery_http_namespace",
    taggable: true, |self| {
    Body::new().set("Name", self.name).set("Description", self.description)
});

/// Where services run.
#[derive(Debug)]
pub struct Cluster {
    /// Where its services find each other.
    pub namespace: Id<Namespace>,
}

resource!(Cluster, Some("AWS::ECS::Cluster"), "aws_ecs_cluster", taggable: true, |self| {
    let insights = block([("Name", "containerInsights".into()), ("Value", "enabled".into())]);
    Body::new()
        .set("ClusterSettings", Value::List(vec![insights]))
        .set("ServiceConnectDefaults", block([("Namespace", self.namespace.att("Arn"))]))
});

/// What a task runs on.
#[derive(Clone, Debug)]
pub enum Launch {
    /// AWS Fargate.
    Fargate,
    /// Instances of a capacity provider, by its name.
    Provider(Value),
}

/// What a task is: one container.
#[derive(Debug)]
pub struct TaskDefinition {
    /// What it runs on.
    pub launch: Launch,
    /// CPU units.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// The role of what runs in it.
    pub task_role: Id<Role>,
    /// The ARN of the role that starts it.
    pub execution_role: Value,
    /// Its container, a block with ECS's names.
    pub container: Value,
}

resource!(TaskDefinition, Some("AWS::ECS::TaskDefinition"), "aws_ecs_task_definition", taggable: true, |self| {
    let compatible = match self.launch {
        Launch::Fargate => "FARGATE",
        Launch::Provider(_) => "EC2",
    };
    Body::new()
        .set("RequiresCompatibilities", vec![compatible])
        .set("NetworkMode", "awsvpc")
        .set("Cpu", self.cpu.to_string())
        .set("Memory", self.memory.to_string())
        .set("TaskRoleArn", self.task_role.att("Arn"))
        .set("ExecutionRoleArn", self.execution_role)
        .set("ContainerDefinitions", Value::List(vec![self.container]))
});

/// How requests reach a service.
#[derive(Debug)]
pub struct Reached {
    /// From the load balancer.
    pub by: Id<TargetGroup>,
    /// The name of its container.
    pub container: String,
    /// Where it listens.
    pub port: u16,
    /// Its name in the namespace, unique there.
    pub discovery: Value,
    /// The host name by which others in the namespace reach it.
    pub alias: Value,
}

/// Tasks that are kept running.
#[derive(Debug)]
pub struct Service {
    /// The name of its cluster.
    pub cluster: Value,
    /// What it runs.
    pub task: Id<TaskDefinition>,
    /// What it runs on.
    pub launch: Launch,
    /// Where its tasks stand.
    pub subnets: Vec<Value>,
    /// Their group.
    pub group: Id<SecurityGroup>,
    /// The ARN of the namespace.
    pub namespace: Value,
    /// How it is reached, if it is.
    pub reached: Option<Reached>,
}

/// How long a new task may take before its health counts, in seconds.
const GRACE: u16 = 60;

// A deployment starts as many new tasks as there are before it stops the old, and goes back by
// itself when they do not become healthy. How many run is not said here: Application Auto Scaling
// decides it. Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html.
resource!(Service, Some("AWS::ECS::Service"), "aws_ecs_service", taggable: true, |self| {
    let breaker = block([("Enable", true.into()), ("Rollback", true.into())]);
    let network = block([
        ("Subnets", Value::List(self.subnets)),
        ("SecurityGroups", Value::List(vec![self.group.group_id()])),
        ("AssignPublicIp", "DISABLED".into()),
    ]);
    let body = Body::new().set("Cluster", self.cluster).set("TaskDefinition", &self.task);
    let body = match self.launch {
        Launch::Fargate => body.set("LaunchType", "FARGATE"),
        Launch::Provider(name) => {
            let all = block([("CapacityProvider", name), ("Weight", 1_u16.into())]);
            body.set("CapacityProviderStrategy", Value::List(vec![all]))
        }
    };
    let body = body
        .set("NetworkConfiguration", block([("AwsvpcConfiguration", network)]))
        .set("DeploymentConfiguration", block([
            ("MinimumHealthyPercent", 100_u16.into()),
            ("MaximumPercent", 200_u16.into()),
            ("DeploymentCircuitBreaker", breaker),
        ]))
        .set("AvailabilityZoneRebalancing", "ENABLED")
        .set("EnableECSManagedTags", true)
        .set("PropagateTags", "SERVICE");
    let mut connect = vec![("Enabled", true.into()), ("Namespace", self.namespace)];
    let Some(reached) = self.reached else {
        return body.set("ServiceConnectConfiguration", Value::Block(connect));
    };
    let alias = block([("Port", reached.port.into()), ("DnsName", reached.alias)]);
    connect.push(("Services", Value::List(vec![block([
        ("PortName", reached.container.clone().into()),
        ("DiscoveryName", reached.discovery),
        ("ClientAliases", Value::List(vec![alias])),
    ])])));
    let target = block([
        ("TargetGroupArn", Value::from(&reached.by)),
        ("ContainerName", reached.container.into()),
        ("ContainerPort", reached.port.into()),
    ]);
    body.set("HealthCheckGracePeriodSeconds", GRACE)
        .set("LoadBalancers", Value::List(vec![target]))
        .set("ServiceConnectConfiguration", Value::Block(connect))
});

/// Instances that Amazon ECS starts when tasks have no room, and stops when they are empty.
#[derive(Debug)]
pub struct CapacityProvider {
    /// The instances, protected from scale-in: Amazon ECS says which one goes.
    pub hosts: Id<AutoScalingGroup>,
}

resource!(CapacityProvider, Some("AWS::ECS::CapacityProvider"), "aws_ecs_capacity_provider", taggable: true, |self| {
    let scaling = block([("Status", "ENABLED".into()), ("TargetCapacity", 100_u16.into())]);
    Body::new().set("AutoScalingGroupProvider", block([
        ("AutoScalingGroupArn", Value::from(&self.hosts)),
        ("ManagedScaling", scaling),
        ("ManagedTerminationProtection", "ENABLED".into()),
        ("ManagedDraining", "ENABLED".into()),
    ]))
});

/// What the services of a cluster may run on.
#[derive(Debug)]
pub struct CapacityAssociations {
    /// The cluster.
    pub cluster: Id<Cluster>,
    /// The instances, for services that ask for nothing, too.
    pub provider: Id<CapacityProvider>,
}

resource!(CapacityAssociations, Some("AWS::ECS::ClusterCapacityProviderAssociations"),
    "aws_ecs_cluster_capacity_providers", taggable: false, |self| {
    let all = block([("CapacityProvider", Value::from(&self.provider)), ("Weight", 1_u16.into())]);
    Body::new()
        .set("Cluster", &self.cluster)
        .set_list("CapacityProviders", &[self.provider])
        .set("DefaultCapacityProviderStrategy", Value::List(vec![all]))
});
