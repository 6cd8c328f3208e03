//! Amazon `CloudWatch`: alarms that tell topics, on a metric or on the share of a quota, the
//! errors that logs hold, where their lines go, and dashboards.

use crate::resource::flow::LogGroup;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// Whether an alarm rings at and above its threshold, or at and below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At and above.
    AtLeast,
    /// Above, where the least that counts is a small fraction.
    MoreThan,
    /// At and below.
    AtMost,
}

/// Tells topics when a metric is out of bounds, and when it is back.
#[derive(Debug)]
pub struct Watch {
    /// What it means, and what to look at.
    pub description: String,
    /// The namespace of the metric.
    pub namespace: Value,
    /// Its name.
    pub metric: Value,
    /// Its dimensions.
    pub dimensions: Vec<(&'static str, Value)>,
    /// `Sum`, `Average`, `Maximum` or `Minimum`.
    pub statistic: &'static str,
    /// Seconds that are looked at together: a multiple of 60.
    pub period: u16,
    /// How many of them in a row.
    pub periods: u16,
    /// Above or below.
    pub when: When,
    /// The bound.
    pub threshold: u32,
    /// Whom to tell.
    pub topic: Value,
}

resource!(Watch, Some("AWS::CloudWatch::Alarm"), "aws_cloudwatch_metric_alarm", taggable: true, |self| {
    let dimension =
        |(name, value): (&'static str, Value)| block([("Name", name.into()), ("Value", value)]);
    let (comparison, missing) = match self.when {
        When::AtLeast => ("GreaterThanOrEqualToThreshold", "notBreaching"),
        When::MoreThan => ("GreaterThanThreshold", "notBreaching"),
        // Where something must be there, silence is no good sign.
        When::AtMost => ("LessThanOrEqualToThreshold", "breaching"),
    };
    Body::new()
        .set("AlarmDescription", self.description)
        .set("Namespace", self.namespace)
        .set("MetricName", self.metric)
        .set("Dimensions", Value::List(self.dimensions.into_iter().map(dimension).collect()))
        .set("Statistic", self.statistic)
        .set("Period", self.period)
        .set("EvaluationPeriods", self.periods)
        .set("Threshold", self.threshold)
        .set("ComparisonOperator", comparison)
        .set("TreatMissingData", missing)
        .set("AlarmActions", vec![self.topic.clone()])
        .set("OKActions", vec![self.topic])
});

/// Tells a topic when so much of a quota is used.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Quotas-Visualize-Alarms.html>.
#[derive(Debug)]
pub struct QuotaWatch {
    /// What it means.
    pub description: String,
    /// The dimensions of the usage metric: service, type, resource, class.
    pub dimensions: [(&'static str, &'static str); 4],
    /// From which share on, in percent.
    pub percent: u16,
    /// Whom to tell.
    pub topic: Value,
}

resource!(QuotaWatch, Some("AWS::CloudWatch::Alarm"), "aws_cloudwatch_metric_alarm", taggable: true, |self| {
    let dimension = |(name, value): (&'static str, &'static str)| {
        block([("Name", name.into()), ("Value", value.into())])
    };
    let metric = block([
        ("Namespace", "AWS/Usage".into()),
        ("MetricName", "ResourceCount".into()),
        ("Dimensions", Value::List(self.dimensions.into_iter().map(dimension).collect())),
    ]);
    let usage = block([
        ("Id", "usage".into()),
        ("ReturnData", false.into()),
        ("MetricStat", block([
            ("Metric", metric),
            ("Period", 300_u16.into()),
            ("Stat", "Maximum".into()),
        ])),
    ]);
    let share = block([
        ("Id", "share".into()),
        ("ReturnData", true.into()),
        ("Expression", "(usage/SERVICE_QUOTA(usage))*100".into()),
        ("Label", "Share of the quota in percent".into()),
    ]);
    Body::new()
        .set("AlarmDescription", self.description)
        .set("Metrics", Value::List(vec![usage, share]))
        .set("EvaluationPeriods", 1_u16)
        .set("Threshold", self.percent)
        .set("ComparisonOperator", "GreaterThanOrEqualToThreshold")
        .set("TreatMissingData", "notBreaching")
        .set("AlarmActions", vec![self.topic.clone()])
        .set("OKActions", vec![self.topic])
});

/// Counts the lines of a log that fit.
#[derive(Debug)]
pub struct ErrorFilter {
    /// The log.
    pub log: Id<LogGroup>,
    /// Which lines.
    pub pattern: String,
    /// The namespace of the metric.
    pub namespace: Value,
    /// Its name.
    pub metric: Value,
}

resource!(ErrorFilter, Some("AWS::Logs::MetricFilter"), "aws_cloudwatch_log_metric_filter", taggable: false, |self| {
    let metric = block([
        ("MetricNamespace", self.namespace),
        ("MetricName", self.metric),
        ("MetricValue", "1".into()),
        ("DefaultValue", 0_u16.into()),
        ("Unit", "Count".into()),
    ]);
    Body::new()
        .set("LogGroupName", &self.log)
        .set("FilterPattern", self.pattern)
        .set("MetricTransformations", Value::List(vec![metric]))
});

/// Sends the lines of a log to a stream, as they come.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-subscriptionfilter.html>.
#[derive(Debug)]
pub struct LogStream {
    /// The log.
    pub log: Id<LogGroup>,
    /// The ARN of where to: a destination of `CloudWatch` Logs, or a stream of this account.
    pub to: Value,
    /// The ARN of the role that writes to a stream of this account.
    pub role: Option<Value>,
}

resource!(LogStream, Some("AWS::Logs::SubscriptionFilter"), "aws_cloudwatch_log_subscription_filter", taggable: false, |self| {
    Body::new()
        .set("LogGroupName", &self.log)
        // Every line.
        .set("FilterPattern", "")
        .set("DestinationArn", self.to)
        .set_some("RoleArn", self.role)
});

/// Graphs on one page. It belongs to the account, not to a region, so its name says the region.
/// Tags are CloudFormation's only: the provider of Terraform has none.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html>.
#[derive(Debug)]
pub struct Dashboard {
    /// Its name: letters, digits, `-` and `_`, at most 255 characters.
    pub name: Value,
    /// What it shows, as JSON text.
    pub body: Value,
}

resource!(Dashboard, Some("AWS::CloudWatch::Dashboard"), "aws_cloudwatch_dashboard", taggable: false, |self| {
    Body::new().set("DashboardName", self.name).set("DashboardBody", self.body)
});
