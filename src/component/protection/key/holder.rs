//! What takes a key, and how. A type that is not here keeps the key that AWS holds for its service:
//! with another, somebody who must read it could not.

use std::collections::BTreeSet;

use crate::resource::Resource as _;
use crate::resource::autoscaling::LaunchTemplate;
use crate::resource::database::Cluster;
use crate::resource::dynamodb::Table;
use crate::resource::flow::LogGroup;
use crate::resource::queue::{Queue, QueuePolicy};
use crate::resource::secret::Secret;
use crate::resource::sns::{Topic, TopicPolicy};
use crate::template::{Entry, Template};
use crate::value::Value;

/// What takes a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A log group: `CloudWatch` Logs uses the key itself.
    Log,
    /// A table.
    Table,
    /// A queue.
    Queue,
    /// A topic: who publishes must be able to use the key.
    Topic,
    /// A secret.
    Secret,
    /// A cluster of Aurora.
    Cluster,
    /// The volumes of instances that come and go.
    Volume,
}

/// The services that publish on topics and can be let use a key.
pub const PUBLISHERS: [&str; 1] = ["cloudwatch.amazonaws.com"];

impl Kind {
    fn of(entry: &Entry) -> Option<Kind> {
        match entry.tf {
            tf if tf == LogGroup::TF => Some(Kind::Log),
            tf if tf == Table::TF => Some(Kind::Table),
            tf if tf == Queue::TF => Some(Kind::Queue),
            tf if tf == Topic::TF => Some(Kind::Topic),
            tf if tf == Secret::TF => Some(Kind::Secret),
            tf if tf == Cluster::TF => Some(Kind::Cluster),
            tf if tf == LaunchTemplate::TF => Some(Kind::Volume),
            _ => None,
        }
    }
}

/// What of a template takes a key. Queues that a service sends to, and topics on which others publish
/// than alarms, are left as they are: these services could not use the key.
fn takes(entry: &Entry, t: &Template, databases: bool) -> Option<Kind> {
    let kind = Kind::of(entry)?;
    let right = match kind {
        Kind::Queue => {
            entry.body.get("KmsMasterKeyId").is_none() && services(t, QueuePolicy::TF).is_empty()
        }
        Kind::Topic => {
            let known = |service: &String| PUBLISHERS.contains(&service.as_str());
            entry.body.get("KmsMasterKeyId").is_none()
                && services(t, TopicPolicy::TF).iter().all(known)
        }
        Kind::Cluster => databases && entry.body.get("KmsKeyId").is_none(),
        Kind::Log | Kind::Secret => entry.body.get("KmsKeyId").is_none(),
        Kind::Table | Kind::Volume => true,
    };
    right.then_some(kind)
}

/// The kinds that take a key in a template.
pub fn kinds(t: &Template, databases: bool) -> BTreeSet<Kind> {
    t.entries.iter().filter_map(|entry| takes(entry, t, databases)).collect()
}

/// Sets a key, by its ARN, on all that takes one.
pub fn set(t: &mut Template, databases: bool, arn: &Value) {
    let taking: Vec<Option<Kind>> =
        t.entries.iter().map(|entry| takes(entry, t, databases)).collect();
    for (entry, kind) in t.entries.iter_mut().zip(taking) {
        let properties = &mut entry.body.properties;
        match kind {
            None => {}
            Some(Kind::Log | Kind::Secret | Kind::Cluster) => {
                properties.push(("KmsKeyId", arn.clone()));
            }
            Some(Kind::Topic) => properties.push(("KmsMasterKeyId", arn.clone())),
            Some(Kind::Queue) => {
                // A queue has one or the other.
                properties.retain(|(name, _)| *name != "SqsManagedSseEnabled");
                properties.push(("KmsMasterKeyId", arn.clone()));
            }
            Some(Kind::Table) => {
                let fields = block(properties, "SSESpecification");
                fields.extend([("SSEType", "KMS".into()), ("KMSMasterKeyId", arn.clone())]);
            }
            Some(Kind::Volume) => volumes(block(properties, "LaunchTemplateData"), arn),
        }
    }
}

/// The fields of a property that is a block.
fn block<'a>(
    properties: &'a mut [(&'static str, Value)],
    name: &str,
) -> &'a mut Vec<(&'static str, Value)> {
    let found = properties.iter_mut().find(|(property, _)| *property == name);
    let Some((_, Value::Block(fields))) = found else { unreachable!("{name} is a block") };
    fields
}

/// Sets a key on the volumes of a launch template.
fn volumes(data: &mut [(&'static str, Value)], arn: &Value) {
    let found = data.iter_mut().find(|(property, _)| *property == "BlockDeviceMappings");
    let Some((_, Value::List(devices))) = found else { unreachable!("it has a root volume") };
    for device in devices {
        let Value::Block(fields) = device else { unreachable!("a device is a block") };
        block(fields, "Ebs").push(("KmsKeyId", arn.clone()));
    }
}

/// The services that policies of a type let do something in a template.
fn services(t: &Template, tf: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for entry in t.entries.iter().filter(|entry| entry.tf == tf) {
        entry.body.properties.iter().for_each(|(_, value)| named(value, &mut out));
    }
    out
}

fn named(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Document(inner) => named(inner, out),
        Value::List(items) => items.iter().for_each(|item| named(item, out)),
        Value::Map(pairs) => {
            for (key, value) in pairs {
                match value {
                    Value::Text(service) if key == "Service" => out.extend([service.clone()]),
                    other => named(other, out),
                }
            }
        }
        _ => {}
    }
}
