//! AWS Lambda: small functions, their code in the template, and who may call them.

use crate::resource::flow::LogGroup;
use crate::resource::iam::Role;
use crate::resource::{Body, resource};
use crate::value::{Id, Pseudo, Value, block, map};

/// A function in Python. Its code is the file `index.py`.
#[derive(Debug)]
pub struct Function {
    /// What it does.
    pub description: &'static str,
    /// What it may do.
    pub role: Id<Role>,
    /// Its code, at most 4 MiB; its entry is `handler`.
    pub code: &'static str,
    /// Its environment variables.
    pub variables: Vec<(String, Value)>,
    /// Where it logs.
    pub logs: Id<LogGroup>,
    /// How large it is, if not as small as can be.
    pub size: Option<Size>,
}

/// How large a function is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// Memory in MiB: 128 to 10,240.
    pub memory: Option<u32>,
    /// Seconds it may take: 1 to 900; 30, if none is given.
    pub seconds: Option<u32>,
    /// How many may run at once.
    pub at_once: Option<u32>,
}

resource!(Function, Some("AWS::Lambda::Function"), "aws_lambda_function", taggable: true, |self| {
    let size = self.size.unwrap_or_default();
    Body::new()
        .set("Description", self.description)
        .set("Runtime", "python3.13")
        .set("Architectures", vec!["arm64"])
        .set("Handler", "index.handler")
        .set("Role", self.role.att("Arn"))
        .set("Timeout", size.seconds.unwrap_or(30))
        .set_some("MemorySize", size.memory)
        .set_some("ReservedConcurrentExecutions", size.at_once)
        .set("Code", block([("ZipFile", self.code.into())]))
        .set("Environment", block([("Variables", Value::Map(self.variables))]))
        .set("LoggingConfig", block([("LogFormat", "Text".into()), ("LogGroup", Value::from(&self.logs))]))
});

/// Lets an alarm of this account call a function. Source:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html>.
#[derive(Debug)]
pub struct AlarmPermission {
    /// The function.
    pub function: Id<Function>,
    /// The ARN of the alarm.
    pub alarm: Value,
}

resource!(AlarmPermission, Some("AWS::Lambda::Permission"), "aws_lambda_permission", taggable: false, |self| {
    Body::new()
        .set("FunctionName", &self.function)
        .set("Action", "lambda:InvokeFunction")
        .set("Principal", "lambda.alarms.cloudwatch.amazonaws.com")
        .set("SourceAccount", Pseudo::Account)
        .set("SourceArn", self.alarm)
});

/// Whether an alarm rings above or below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rings {
    /// Above the threshold.
    Above,
    /// Below the threshold.
    Below,
}

/// Calls a function when the CPU of a service is too high or too low for some minutes.
#[derive(Debug)]
pub struct CpuAlarm {
    /// Its name, unique in the account and region.
    pub name: Value,
    /// What it means.
    pub description: &'static str,
    /// The name of the cluster.
    pub cluster: Value,
    /// The name of the service.
    pub service: Value,
    /// Above or below.
    pub rings: Rings,
    /// Percent.
    pub threshold: u8,
    /// How many minutes.
    pub minutes: u16,
    /// The function that is called.
    pub calls: Id<Function>,
}

resource!(CpuAlarm, Some("AWS::CloudWatch::Alarm"), "aws_cloudwatch_metric_alarm", taggable: true, |self| {
    let dimensions = [("ClusterName", self.cluster), ("ServiceName", self.service)]
        .map(|(name, value)| block([("Name", name.into()), ("Value", value)]));
    let compared = match self.rings {
        Rings::Above => "GreaterThanThreshold",
        Rings::Below => "LessThanThreshold",
    };
    Body::new()
        .set("AlarmName", self.name)
        .set("AlarmDescription", self.description)
        .set("Namespace", "AWS/ECS")
        .set("MetricName", "CPUUtilization")
        .set("Dimensions", Value::List(dimensions.into()))
        .set("Statistic", "Average")
        .set("Period", 60_u16)
        .set("EvaluationPeriods", self.minutes)
        .set("Threshold", u16::from(self.threshold))
        .set("ComparisonOperator", compared)
        .set("TreatMissingData", "missing")
        .set("AlarmActions", vec![self.calls.att("Arn")])
});

/// Only AWS Lambda, which takes roles of its own account only.
pub fn trust() -> Value {
    crate::resource::iam::document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "lambda.amazonaws.com")])),
        ("Action", "sts:AssumeRole".into()),
    ])])
}
