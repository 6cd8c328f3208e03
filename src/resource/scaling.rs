//! Application Auto Scaling: how many tasks of a service run, and what decides that.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html>.

use crate::resource::{Body, resource};
use crate::value::{Value, block};

/// Of what there may be more or less: the tasks of a service.
#[derive(Debug)]
pub struct ScalableTarget {
    /// `service/<cluster>/<service>`.
    pub service: Value,
    /// Never less and never more.
    pub bounds: (u32, u32),
}

/// What is changed.
const DIMENSION: &str = "ecs:service:DesiredCount";

fn tasks(service: Value) -> Body {
    Body::new()
        .set("ServiceNamespace", "ecs")
        .set("ScalableDimension", DIMENSION)
        .set("ResourceId", service)
}

resource!(ScalableTarget, Some("AWS::ApplicationAutoScaling::ScalableTarget"), "aws_appautoscaling_target",
    taggable: false, |self| {
    tasks(self.service).set("MinCapacity", self.bounds.0).set("MaxCapacity", self.bounds.1)
});

/// What is kept where it shall be.
#[derive(Debug)]
pub enum Metric {
    /// Average CPU in percent.
    Cpu,
    /// Average memory in percent.
    Memory,
    /// Requests a minute for each target: the full names of the load balancer and the target group.
    Requests(Value),
}

/// Keeps a metric of a service where it shall be. It must wait for the target.
#[derive(Debug)]
pub struct TargetTracking {
    /// Its name, unique in the service.
    pub name: &'static str,
    /// `service/<cluster>/<service>`.
    pub service: Value,
    /// What is kept.
    pub metric: Metric,
    /// Where.
    pub target: u32,
}

resource!(TargetTracking, Some("AWS::ApplicationAutoScaling::ScalingPolicy"), "aws_appautoscaling_policy",
    taggable: false, |self| {
    let metric = match self.metric {
        Metric::Cpu => block([("PredefinedMetricType", "ECSServiceAverageCPUUtilization".into())]),
        Metric::Memory => {
            block([("PredefinedMetricType", "ECSServiceAverageMemoryUtilization".into())])
        }
        Metric::Requests(label) => block([
            ("PredefinedMetricType", "ALBRequestCountPerTarget".into()),
            ("ResourceLabel", label),
        ]),
    };
    // More at once, less only after a while: a lull is often followed by the next rush.
    tasks(self.service)
        .set("PolicyName", self.name)
        .set("PolicyType", "TargetTrackingScaling")
        .set("TargetTrackingScalingPolicyConfiguration", block([
            ("TargetValue", self.target.into()),
            ("PredefinedMetricSpecification", metric),
            ("ScaleOutCooldown", 60_u16.into()),
            ("ScaleInCooldown", 300_u16.into()),
        ]))
});
