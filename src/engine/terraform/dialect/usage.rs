//! Streams, what is written from them, and what is asked of it.

use super::{Dialect, PLAIN, Scene};
use crate::json::Json;
use crate::value::Value;

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_kinesis_stream",
        renamed: &[("RetentionPeriodHours", "retention_period")],
        id: "name",
        form: |scene, name, value, out| match (name, value) {
            ("StreamEncryption", Value::Block(fields)) => {
                out.put("encryption_type", scene.value(&fields[0].1));
                out.put("kms_key_id", scene.value(&fields[1].1));
                true
            }
            _ => false,
        },
        besides: named,
        ..PLAIN
    },
    Dialect { tf: "aws_cloudwatch_event_bus", id: "name", ..PLAIN },
    Dialect {
        tf: "aws_cloudwatch_event_target",
        renamed: &[("KinesisParameters", "kinesis_target")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_lambda_event_source_mapping",
        renamed: &[("Destination", "destination_arn")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_kinesis_firehose_delivery_stream",
        renamed: &[
            ("KinesisStreamSourceConfiguration", "kinesis_source_configuration"),
            ("KinesisStreamARN", "kinesis_stream_arn"),
            ("RoleARN", "role_arn"),
        ],
        without: &["DeliveryStreamType"],
        id: "name",
        form: destination,
        besides: named,
        ..PLAIN
    },
    Dialect { tf: "aws_glue_catalog_database", id: "name", form: input, ..PLAIN },
    Dialect {
        tf: "aws_glue_catalog_table",
        renamed: &[("SerdeInfo", "ser_de_info")],
        id: "name",
        form: input,
        ..PLAIN
    },
    Dialect {
        tf: "aws_athena_workgroup",
        renamed: &[
            ("WorkGroupConfiguration", "configuration"),
            ("EnforceWorkGroupConfiguration", "enforce_workgroup_configuration"),
            ("PublishCloudWatchMetricsEnabled", "publish_cloudwatch_metrics_enabled"),
        ],
        id: "name",
        ..PLAIN
    },
    Dialect {
        tf: "aws_athena_named_query",
        renamed: &[("QueryString", "query"), ("WorkGroup", "workgroup")],
        ..PLAIN
    },
];

/// CloudFormation makes these names itself.
fn named(scene: &Scene<'_>, out: &mut Json) {
    out.put("name", scene.name());
}

/// What the catalogue is told of a database or a table is said of the resource itself.
fn input(scene: &Scene<'_>, name: &str, value: &Value, out: &mut Json) -> bool {
    let ("DatabaseInput" | "TableInput", Value::Block(fields)) = (name, value) else {
        return false;
    };
    for (name, value) in fields {
        out.put(scene.attribute(name), scene.value(value));
    }
    true
}

/// What is nested once more with CloudFormation is said beside the rest.
fn destination(scene: &Scene<'_>, name: &str, value: &Value, out: &mut Json) -> bool {
    let ("ExtendedS3DestinationConfiguration", Value::Block(fields)) = (name, value) else {
        return false;
    };
    let mut to = Json::Object(Vec::new());
    for (name, value) in fields {
        match (*name, value) {
            ("BucketARN", arn) => to.put("bucket_arn", scene.value(arn)),
            ("BufferingHints", Value::Block(hints)) => {
                to.put("buffering_interval", scene.value(&hints[0].1));
                to.put("buffering_size", scene.value(&hints[1].1));
            }
            ("DynamicPartitioningConfiguration", Value::Block(parts)) => {
                let mut how = Json::object([("enabled", scene.value(&parts[0].1))]);
                if let Value::Block(retry) = &parts[1].1 {
                    how.put("retry_duration", scene.value(&retry[0].1));
                }
                to.put("dynamic_partitioning_configuration", Json::List(vec![how]));
            }
            (name, value) => to.put(scene.attribute(name), scene.value(value)),
        }
    }
    out.put("destination", Json::text("extended_s3"));
    out.put("extended_s3_configuration", Json::List(vec![to]));
    true
}
