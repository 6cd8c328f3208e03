//! The application of a pool as tasks of Amazon ECS on Fargate, in place of instances.

use crate::blueprint::shape::Service as Meant;
use crate::model::application::ground::Ground;
use crate::resource::balancer::TargetGroup;
use crate::resource::ecs::{Cluster, Launch, Namespace, Reached, Service, TaskDefinition};
use crate::resource::flow::LogGroup;
use crate::resource::iam::Role;
use crate::resource::scaling::{Metric, ScalableTarget, TargetTracking};
use crate::spec::{Spec, workload};
use crate::template::{NAME, Template};
use crate::value::{Id, LogicalId, Pseudo, Value, block, join, map, param};

/// The name of the container and of the service in its namespace.
const WORD: &str = "app";

/// Average CPU to keep where nothing else is said, in percent.
const TARGET_CPU: u8 = 60;

/// What a service is made with.
pub struct Running {
    /// The role of what runs.
    pub role: Id<Role>,
    /// The ARN of the role that starts it.
    pub execution: Value,
    /// What hands it requests, and what must be there before.
    pub targets: LogicalId,
    /// The listener, without which the targets have no load balancer.
    pub listener: LogicalId,
    /// Where it listens.
    pub port: u16,
}

/// Adds the service of a pool.
pub fn service(t: &mut Template, spec: &Spec, meant: &Meant, ground: &Ground, running: &Running) {
    let description = "The application of a pool";
    let namespace = t.add("Namespace", Namespace { name: param(NAME), description });
    let cluster = t.add("Cluster", Cluster { namespace: namespace.clone() });
    let days = spec.network.flow_log_days;
    let logs = t.add_kept("AppLogGroup", LogGroup { days });
    let task = TaskDefinition {
        launch: Launch::Fargate,
        cpu: meant.cpu,
        memory: meant.memory,
        task_role: running.role.clone(),
        execution_role: running.execution.clone(),
        container: container(meant, running.port, &logs),
    };
    let task = t.add("AppTaskDefinition", task);
    // The same kind of resource, whichever balancer it is behind.
    let by: Id<TargetGroup> = Id::resource(running.targets.clone());
    let reached = Reached {
        by,
        container: WORD.to_owned(),
        port: running.port,
        discovery: WORD.into(),
        alias: WORD.into(),
    };
    let service = Service {
        cluster: Value::from(&cluster),
        task,
        launch: Launch::Fargate,
        subnets: ground.subnets.iter().map(Value::from).collect(),
        group: ground.app.clone(),
        namespace: namespace.att("Arn"),
        reached: Some(reached),
    };
    let service = t.add_after("AppService", service, &[&running.listener]);
    let resource =
        || join(["service/".into(), Value::from(&cluster), "/".into(), service.att("Name")]);
    let target = "AppScalableTarget".to_owned();
    let bounds = workload::bounds(&meant.scale);
    t.add(target.clone(), ScalableTarget { service: resource(), bounds });
    let mut keep = |id: &str, name, metric, level: u8| {
        let policy = TargetTracking { name, service: resource(), metric, target: u32::from(level) };
        t.add_after(id, policy, &[&target]);
    };
    keep("AppCpuPolicy", "cpu", Metric::Cpu, meant.scale.target_cpu.unwrap_or(TARGET_CPU));
    if let Some(memory) = meant.scale.target_memory {
        keep("AppMemoryPolicy", "memory", Metric::Memory, memory);
    }
}

fn container(meant: &Meant, port: u16, logs: &Id<LogGroup>) -> Value {
    let pair = |name: &str, value: Value| block([("Name", name.into()), ("Value", value)]);
    let mut environment: Vec<Value> =
        meant.environment.iter().map(|(name, value)| pair(name, value.into())).collect();
    environment.push(pair("POOL", param("Cell")));
    let mapping = block([
        ("Name", WORD.into()),
        ("ContainerPort", port.into()),
        ("Protocol", "tcp".into()),
        ("AppProtocol", "http".into()),
    ]);
    let options = map([
        ("awslogs-group", Value::from(logs)),
        ("awslogs-region", Pseudo::Region.into()),
        ("awslogs-stream-prefix", WORD.into()),
    ]);
    block([
        ("Name", WORD.into()),
        ("Image", Value::from(&meant.image)),
        ("Essential", true.into()),
        ("Environment", Value::List(environment)),
        ("PortMappings", Value::List(vec![mapping])),
        ("LogConfiguration", block([("LogDriver", "awslogs".into()), ("Options", options)])),
    ])
}
