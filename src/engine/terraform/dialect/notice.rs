//! Keys, topics and events: who may read, who is told, and when.

use super::{Dialect, PLAIN, Scene};
use crate::json::Json;
use crate::value::Value;

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_kms_key",
        renamed: &[("KeyPolicy", "policy"), ("PendingWindowInDays", "deletion_window_in_days")],
        lasting: true,
        ..PLAIN
    },
    Dialect { tf: "aws_kms_alias", renamed: &[("AliasName", "name")], ..PLAIN },
    Dialect { tf: "aws_sns_topic", named: true, ..PLAIN },
    Dialect {
        tf: "aws_cloudwatch_log_subscription_filter",
        besides: |scene: &Scene<'_>, out: &mut Json| out.put("name", scene.name()),
        ..PLAIN
    },
    Dialect {
        tf: "aws_sns_topic_policy",
        renamed: &[("PolicyDocument", "policy")],
        form: |scene, name, value, out| match (name, value) {
            ("Topics", Value::List(topics)) => {
                let [topic] = topics.as_slice() else { unreachable!("one topic a policy") };
                out.put("arn", scene.value(topic));
                true
            }
            _ => false,
        },
        ..PLAIN
    },
    // Its target is a resource of its own.
    Dialect {
        tf: "aws_cloudwatch_event_rule",
        without: &["Targets"],
        besides: |scene: &Scene<'_>, out: &mut Json| out.put("name", scene.name()),
        ..PLAIN
    },
];
