//! A bus of events of one's own, what puts them into a stream, and what reads it.

use crate::resource::lambda::Function;
use crate::resource::queue::Queue;
use crate::resource::stream::Stream;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A bus for events of one's own, in the account and region.
#[derive(Debug)]
pub struct EventBus {
    /// Its name: known, so that roles can name it before it is there.
    pub name: Value,
    /// What it is for.
    pub description: &'static str,
}

resource!(EventBus, Some("AWS::Events::EventBus"), "aws_cloudwatch_event_bus", taggable: true, |self| {
    Body::new().set("Name", self.name).set("Description", self.description)
});

/// Puts the events of a bus into a stream; those of one source stay in their order. Source:
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html>.
#[derive(Debug)]
pub struct StreamRule {
    /// What it is for.
    pub description: &'static str,
    /// The bus.
    pub bus: Id<EventBus>,
    /// Which events.
    pub pattern: Value,
    /// The stream.
    pub stream: Id<Stream>,
    /// The ARN of the role that puts.
    pub role: Value,
}

/// The only target of a rule.
const TARGET: &str = "stream";

fn ordered() -> Value {
    block([("PartitionKeyPath", "$.source".into())])
}

resource!(StreamRule, Some("AWS::Events::Rule"), "aws_cloudwatch_event_rule", taggable: true, |self| {
    let target = block([
        ("Id", TARGET.into()),
        ("Arn", self.stream.att("Arn")),
        ("RoleArn", self.role),
        ("KinesisParameters", ordered()),
    ]);
    Body::new()
        .set("Description", self.description)
        .set("EventBusName", &self.bus)
        .set("EventPattern", Value::Document(Box::new(self.pattern)))
        .set("Targets", Value::List(vec![target]))
});

/// The target of such a rule, which is a part of the rule with CloudFormation.
#[derive(Debug)]
pub struct StreamTarget {
    /// The rule.
    pub rule: Id<StreamRule>,
    /// The bus.
    pub bus: Id<EventBus>,
    /// The stream.
    pub stream: Id<Stream>,
    /// The ARN of the role that puts.
    pub role: Value,
}

resource!(StreamTarget, None, "aws_cloudwatch_event_target", taggable: false, |self| {
    Body::new()
        .set("Rule", self.rule.att("Name"))
        .set("EventBusName", &self.bus)
        .set("TargetId", TARGET)
        .set("Arn", self.stream.att("Arn"))
        .set("RoleArn", self.role)
        .set("KinesisParameters", ordered())
});

/// Hands the records of a stream to a function, from the oldest on. What fails is tried again from the
/// first record that failed, in halves; what cannot be read in the end goes to a queue. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html>.
#[derive(Debug)]
pub struct StreamSource {
    /// The stream.
    pub stream: Id<Stream>,
    /// The function.
    pub function: Id<Function>,
    /// Where to say which records could not be read.
    pub dead: Id<Queue>,
}

/// How many records a function gets at most.
const BATCH: u16 = 100;

/// How many seconds are waited for so many.
const WINDOW: u16 = 5;

/// How often a batch is tried again.
const TRIES: u16 = 20;

resource!(StreamSource, Some("AWS::Lambda::EventSourceMapping"), "aws_lambda_event_source_mapping", taggable: true, |self| {
    let dead = block([("Destination", self.dead.att("Arn"))]);
    Body::new()
        .set("FunctionName", &self.function)
        .set("EventSourceArn", self.stream.att("Arn"))
        .set("StartingPosition", "TRIM_HORIZON")
        .set("BatchSize", BATCH)
        .set("MaximumBatchingWindowInSeconds", WINDOW)
        .set("BisectBatchOnFunctionError", true)
        .set("MaximumRetryAttempts", TRIES)
        .set("FunctionResponseTypes", vec!["ReportBatchItemFailures"])
        .set("DestinationConfig", block([("OnFailure", dead)]))
});
