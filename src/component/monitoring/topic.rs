//! Whom to tell, by how urgent it is, and who may tell: alarms of the same account.

use std::collections::BTreeMap;

use super::table::Severity;
use crate::blueprint::shape::component::Monitoring;
use crate::plan::{Plan, subscriptions};
use crate::resource::iam::document;
use crate::resource::sns::{Subscription, Topic, TopicPolicy};
use crate::resource::ssm::Parameter;
use crate::spec::Spec;
use crate::template::Template;
use crate::value::{Id, Pseudo, Value, map};

/// The ARNs of the topics.
#[derive(Default)]
pub struct Topics(BTreeMap<Severity, Value>);

impl Topics {
    /// The topic of a severity.
    pub fn of(&self, severity: Severity) -> Value {
        self.0[&severity].clone()
    }

    /// Names the topic of a severity.
    pub fn set(&mut self, severity: Severity, arn: Value) {
        self.0.insert(severity, arn);
    }
}

/// The path of the ARN of a topic.
pub fn path(spec: &Spec, severity: Severity) -> String {
    spec.parameter(&format!("monitoring/{}-topic-arn", severity.id()))
}

/// Adds the topics with who is told, of a tier or of the estate; those of the estate are found by their
/// path.
pub fn add(
    t: &mut Template,
    spec: &Spec,
    plan: &Plan,
    monitoring: &Monitoring,
    tier: Option<&str>,
) -> Topics {
    let mut topics = Topics::default();
    let rows = [
        (Severity::Critical, subscriptions::CRITICAL, &monitoring.notify.critical),
        (Severity::Warning, subscriptions::WARNING, &monitoring.notify.warning),
    ];
    for (severity, key, all) in rows {
        let word = severity.word();
        let topic = t.add(format!("{word}Topic"), Topic { key: None });
        let policy = TopicPolicy { topic: topic.clone(), document: may_tell(&topic) };
        t.add(format!("{word}TopicPolicy"), policy);
        let key = subscriptions::key(tier, key);
        let numbered = subscriptions::numbered(&plan.subscriptions, &key, all);
        for (n, endpoint) in numbered {
            let protocol = if endpoint.starts_with("https://") { "https" } else { "email" };
            let subscription = Subscription {
                topic: topic.clone(),
                protocol: protocol.into(),
                endpoint: endpoint.into(),
            };
            t.add(format!("{word}Subscription{n}"), subscription);
        }
        if tier.is_none() {
            let description = "Who is told when something is wrong";
            let path = Value::from(path(spec, severity));
            let value = Value::from(&topic);
            t.add(format!("{word}TopicParameter"), Parameter { path, description, value });
        }
        topics.set(severity, Value::from(&topic));
    }
    topics
}

/// Alarms of this account, and nobody without TLS. Source:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>.
fn may_tell(topic: &Id<Topic>) -> Value {
    let own = map([("aws:SourceAccount", Value::from(Pseudo::Account))]);
    document(vec![
        map([
            ("Sid", Value::from("AlarmsOfThisAccount")),
            ("Effect", "Allow".into()),
            ("Principal", map([("Service", "cloudwatch.amazonaws.com")])),
            ("Action", "sns:Publish".into()),
            ("Resource", Value::from(topic)),
            ("Condition", map([("StringEquals", own)])),
        ]),
        map([
            ("Sid", Value::from("EncryptedOnly")),
            ("Effect", "Deny".into()),
            ("Principal", "*".into()),
            ("Action", "sns:Publish".into()),
            ("Resource", Value::from(topic)),
            ("Condition", map([("Bool", map([("aws:SecureTransport", "false")]))])),
        ]),
    ])
}
