//! Amazon `CloudWatch`: what is counted in logs, and who is told.

use crate::resource::flow::LogGroup;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// Counts the lines of a log that fit, apart by a field of them.
#[derive(Debug)]
pub struct MetricFilter {
    /// The log.
    pub log: Id<LogGroup>,
    /// Which lines.
    pub pattern: &'static str,
    /// The namespace of the metric.
    pub namespace: Value,
    /// Its name.
    pub metric: &'static str,
    /// The name of its dimension, and the field of the line.
    pub dimension: (&'static str, &'static str),
}

resource!(MetricFilter, Some("AWS::Logs::MetricFilter"), "aws_cloudwatch_log_metric_filter", taggable: false, |self| {
    let dimension = block([("Key", self.dimension.0.into()), ("Value", self.dimension.1.into())]);
    let metric = block([
        ("MetricNamespace", self.namespace),
        ("MetricName", self.metric.into()),
        ("MetricValue", "1".into()),
        ("Unit", "Count".into()),
        ("Dimensions", Value::List(vec![dimension])),
    ]);
    Body::new()
        .set("LogGroupName", &self.log)
        .set("FilterPattern", self.pattern)
        .set("MetricTransformations", Value::List(vec![metric]))
});

/// Says when there is too much of something.
#[derive(Debug)]
pub struct Alarm {
    /// What it means.
    pub description: &'static str,
    /// The namespace of the metric.
    pub namespace: Value,
    /// Its name.
    pub metric: &'static str,
    /// Its dimensions.
    pub dimensions: Vec<(&'static str, Value)>,
    /// How many in five minutes are too many.
    pub threshold: u32,
}

/// The number of seconds that are counted together.
const PERIOD: u16 = 300;

resource!(Alarm, Some("AWS::CloudWatch::Alarm"), "aws_cloudwatch_metric_alarm", taggable: true, |self| {
    let dimension = |(name, value): (&'static str, Value)| block([("Name", name.into()), ("Value", value)]);
    Body::new()
        .set("AlarmDescription", self.description)
        .set("Namespace", self.namespace)
        .set("MetricName", self.metric)
        .set("Dimensions", Value::List(self.dimensions.into_iter().map(dimension).collect()))
        .set("Statistic", "Sum")
        .set("Period", PERIOD)
        .set("EvaluationPeriods", 3_u16)
        .set("Threshold", self.threshold)
        .set("ComparisonOperator", "GreaterThanOrEqualToThreshold")
        // Who asks nothing is refused nothing.
        .set("TreatMissingData", "notBreaching")
});
