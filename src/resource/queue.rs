//! Amazon SQS: work that waits. Names are left to AWS.

use crate::resource::{Body, resource};
use crate::value::{Id, Value, map};

/// A queue, encrypted with a key of the service.
#[derive(Debug)]
pub struct Queue {
    /// Where messages go that nobody could process.
    pub dead: Option<Id<Queue>>,
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
        .set_some("RedrivePolicy", self.dead.map(redrive))
});

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
