//! Streams and lakes: CloudFormation puts what a thing is into objects that Terraform does not have.

use super::{Dialect, PLAIN, Scene};
use crate::json::Json;
use crate::value::Value;

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect { tf: "aws_kinesis_stream", renamed: KINESIS, form: unfold, id: "name", ..PLAIN },
    Dialect {
        tf: "aws_cloudwatch_log_stream",
        renamed: &[("LogStreamName", "name")],
        id: "name",
        ..PLAIN
    },
    Dialect {
        tf: "aws_kinesis_firehose_delivery_stream",
        renamed: &[
            ("DeliveryStreamName", "name"),
            ("KinesisStreamSourceConfiguration", "kinesis_source_configuration"),
            ("KinesisStreamARN", "kinesis_stream_arn"),
            ("RoleARN", "role_arn"),
            ("BucketARN", "bucket_arn"),
            ("SizeInMBs", "buffering_size"),
            ("IntervalInSeconds", "buffering_interval"),
            ("CloudWatchLoggingOptions", "cloudwatch_logging_options"),
        ],
        // It follows from the source.
        without: &["DeliveryStreamType"],
        form: destination,
        id: "name",
        ..PLAIN
    },
    Dialect { tf: "aws_glue_catalog_database", form: unfold, id: "name", ..PLAIN },
    Dialect {
        tf: "aws_glue_catalog_table",
        renamed: &[("SerdeInfo", "ser_de_info")],
        form: unfold,
        id: "name",
        ..PLAIN
    },
    Dialect {
        tf: "aws_athena_workgroup",
        renamed: &[
            ("RecursiveDeleteOption", "force_destroy"),
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
    Dialect {
        tf: "aws_emrserverless_application",
        // The provider writes what it reads back without capitals.
        form: |_, name, value, out| match (name, value) {
            ("Type", Value::Text(kind)) => {
                out.put("type", Json::text(kind.to_lowercase()));
                true
            }
            _ => false,
        },
        ..PLAIN
    },
    Dialect {
        tf: "aws_redshiftserverless_namespace",
        id: "namespace_name",
        lasting: true,
        ..PLAIN
    },
    Dialect {
        tf: "aws_sagemaker_domain",
        renamed: &[("DefaultLandingUri", "default_landing_uri")],
        ..PLAIN
    },
    Dialect { tf: "aws_redshiftserverless_workgroup", id: "workgroup_name", ..PLAIN },
];

/// The names of a stream's properties.
const KINESIS: &[(&str, &str)] =
    &[("RetentionPeriodHours", "retention_period"), ("KeyId", "kms_key_id")];

/// What stands in the inner object stands in the resource itself.
fn unfold(scene: &Scene<'_>, name: &str, value: &Value, out: &mut Json) -> bool {
    let ("StreamEncryption" | "DatabaseInput" | "TableInput", Value::Block(fields)) = (name, value)
    else {
        return false;
    };
    for (name, value) in fields {
        out.put(scene.attribute(name), scene.value(value));
    }
    true
}

/// Where Firehose writes to is one of many blocks, and is named besides.
fn destination(scene: &Scene<'_>, name: &str, value: &Value, out: &mut Json) -> bool {
    let ("ExtendedS3DestinationConfiguration", Value::Block(fields)) = (name, value) else {
        return false;
    };
    let mut inner = Json::Object(Vec::new());
    for (name, value) in fields {
        match (*name, value) {
            ("BufferingHints", Value::Block(hints)) => {
                for (name, value) in hints {
                    inner.put(scene.attribute(name), scene.value(value));
                }
            }
            (name, value) => inner.put(scene.attribute(name), scene.value(value)),
        }
    }
    out.put("destination", Json::text("extended_s3"));
    out.put("extended_s3_configuration", Json::List(vec![inner]));
    true
}
