//! Amazon SNS: topics, and who is told.

use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// A topic. Its name is left to AWS.
#[derive(Debug)]
pub struct Topic {
    /// The key that encrypts its messages, by ARN, id or alias; none leaves them as they are, as
    /// AWS services cannot publish with the key that AWS manages for SNS. Source:
    /// <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>.
    pub key: Option<Value>,
}

resource!(Topic, Some("AWS::SNS::Topic"), "aws_sns_topic", taggable: true, |self| {
    Body::new().set_some("KmsMasterKeyId", self.key)
});

/// Who may publish on a topic.
#[derive(Debug)]
pub struct TopicPolicy {
    /// The topic.
    pub topic: Id<Topic>,
    /// What is allowed and denied.
    pub document: Value,
}

resource!(TopicPolicy, Some("AWS::SNS::TopicPolicy"), "aws_sns_topic_policy", taggable: false, |self| {
    Body::new()
        .set("Topics", vec![Value::from(&self.topic)])
        .set("PolicyDocument", Value::Document(Box::new(self.document)))
});

/// Somebody who is told.
#[derive(Debug)]
pub struct Subscription {
    /// The topic.
    pub topic: Id<Topic>,
    /// How: `email`, `https`, `sqs`, `lambda`.
    pub protocol: Value,
    /// Where: an address, a URL, an ARN.
    pub endpoint: Value,
}

resource!(Subscription, Some("AWS::SNS::Subscription"), "aws_sns_topic_subscription", taggable: false, |self| {
    Body::new()
        .set("TopicArn", &self.topic)
        .set("Protocol", self.protocol)
        .set("Endpoint", self.endpoint)
});
