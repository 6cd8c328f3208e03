//! Amazon SQS: work that waits. Names are left to AWS.

use crate::resource::iam::document;
use crate::resource::lambda::Function;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, map};

/// A queue, encrypted with a key of the service.
#[derive(Debug)]
pub struct Queue {
    /// Where messages go that nobody could process.
    pub dead: Option<Id<Queue>>,
    /// How many seconds a message is hidden from others while one works on it; 30, if none is given.
    pub hidden: Option<u32>,
}

/// How long a message is kept, in seconds: the most that there is.
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>.
const KEPT: u32 = 1_209_600;

/// How often a message is tried.
const TRIES: u16 = 5;

resource!(Queue, Some("AWS::SQS::Queue"), "aws_sqs_queue", taggable: true, |self| {
    let redrive = |dead: Id<Queue>| {
        let policy = map([
            ("deadLetterTargetArn", dead.att("Arn")),
            ("maxReceiveCount", TRIES.into()),
        ]);
        Value::Document(Box::new(policy))
    };
    Body::new()
        .set("SqsManagedSseEnabled", true)
        .set("MessageRetentionPeriod", KEPT)
        .set_some("VisibilityTimeout", self.hidden)
        .set_some("RedrivePolicy", self.dead.map(redrive))
});

/// Hands the messages of a queue to a function, which says of each whether it failed. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
#[derive(Debug)]
pub struct QueueSource {
    /// The queue.
    pub queue: Id<Queue>,
    /// The function.
    pub function: Id<Function>,
}

resource!(QueueSource, Some("AWS::Lambda::EventSourceMapping"), "aws_lambda_event_source_mapping", taggable: true, |self| {
    Body::new()
        .set("FunctionName", &self.function)
        .set("EventSourceArn", self.queue.att("Arn"))
        .set("BatchSize", 10_u16)
        .set("FunctionResponseTypes", vec!["ReportBatchItemFailures"])
});

/// Nothing without TLS. Source:
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html>.
pub fn encrypted_only(queue: &Id<Queue>) -> Value {
    document(vec![map([
        ("Sid", Value::from("EncryptedOnly")),
        ("Effect", "Deny".into()),
        ("Principal", "*".into()),
        ("Action", "sqs:*".into()),
        ("Resource", queue.att("Arn")),
        ("Condition", map([("Bool", map([("aws:SecureTransport", "false")]))])),
    ])])
}

/// Who may use a queue.
#[derive(Debug)]
pub struct QueuePolicy {
    /// The queue.
    pub queue: Id<Queue>,
    /// What it allows.
    pub document: Value,
}

resource!(QueuePolicy, Some("AWS::SQS::QueuePolicy"), "aws_sqs_queue_policy", taggable: false, |self| {
    Body::new()
        .set_list("Queues", &[self.queue])
        .set("PolicyDocument", Value::Document(Box::new(self.document)))
});
