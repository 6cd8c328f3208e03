//! AWS `CodeDeploy`: how a new version of an application comes to the instances that run it, and the
//! alarm that stops it.

use crate::resource::iam::Role;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// What versions are of.
#[derive(Debug)]
pub struct Application {
    /// Its name: at most 100 characters.
    pub name: Value,
}

resource!(Application, Some("AWS::CodeDeploy::Application"), "aws_codedeploy_app", taggable: true, |self| {
    Body::new().set("ApplicationName", self.name).set("ComputePlatform", "Server")
});

/// The instances of an Auto Scaling group, some after the others: each leaves the load balancer,
/// takes the new version, and comes back when it is healthy. What fails or rings the alarm is
/// rolled back. Source:
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html>.
#[derive(Debug)]
pub struct DeploymentGroup {
    /// The application.
    pub application: Id<Application>,
    /// What `CodeDeploy` may do.
    pub role: Id<Role>,
    /// How many at once: the name of a configuration.
    pub pace: &'static str,
    /// The name of the Auto Scaling group of the instances.
    pub instances: Value,
    /// The name of the target group by which they are reached.
    pub targets: Value,
    /// What stops it.
    pub alarm: Id<ReleaseAlarm>,
}

/// The name of the only group of an application.
pub const GROUP: &str = "instances";

resource!(DeploymentGroup, Some("AWS::CodeDeploy::DeploymentGroup"), "aws_codedeploy_deployment_group",
    taggable: true, |self| {
    let target = block([("Name", self.targets)]);
    let alarm = block([("Name", Value::from(&self.alarm))]);
    let events = vec!["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"];
    Body::new()
        .set("ApplicationName", &self.application)
        .set("DeploymentGroupName", GROUP)
        .set("ServiceRoleArn", self.role.att("Arn"))
        .set("DeploymentConfigName", self.pace)
        .set("AutoScalingGroups", Value::List(vec![self.instances]))
        .set("DeploymentStyle", block([
            ("DeploymentType", "IN_PLACE".into()),
            ("DeploymentOption", "WITH_TRAFFIC_CONTROL".into()),
        ]))
        .set("LoadBalancerInfo", block([("TargetGroupInfoList", Value::List(vec![target]))]))
        .set("AlarmConfiguration", block([
            ("Enabled", true.into()),
            ("Alarms", Value::List(vec![alarm])),
        ]))
        .set("AutoRollbackConfiguration", block([("Enabled", true.into()), ("Events", events.into())]))
        // Who was launched while a version was on its way gets it, too.
        .set("OutdatedInstancesStrategy", "UPDATE")
});

/// Says that a new version fails those who use it: errors of the interface, in two minutes.
#[derive(Debug)]
pub struct ReleaseAlarm {
    /// The name of the interface.
    pub api: Value,
    /// Its stage.
    pub stage: &'static str,
    /// How many errors a minute are too many.
    pub errors: u32,
}

resource!(ReleaseAlarm, Some("AWS::CloudWatch::Alarm"), "aws_cloudwatch_metric_alarm", taggable: true, |self| {
    let dimension = |name: &str, value: Value| block([("Name", name.into()), ("Value", value)]);
    Body::new()
        .set("AlarmDescription", "A new version of the application fails those who use it")
        .set("Namespace", "AWS/ApiGateway")
        .set("MetricName", "5XXError")
        .set("Dimensions", Value::List(vec![
            dimension("ApiName", self.api),
            dimension("Stage", self.stage.into()),
        ]))
        .set("Statistic", "Sum")
        .set("Period", 60_u16)
        .set("EvaluationPeriods", 2_u16)
        .set("Threshold", self.errors)
        .set("ComparisonOperator", "GreaterThanOrEqualToThreshold")
        // Who asks nothing is failed by nothing.
        .set("TreatMissingData", "notBreaching")
});
