//! Trails, recorders and rules.

use super::{Dialect, PLAIN};

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_cloudtrail",
        renamed: &[
            ("TrailName", "name"),
            ("S3BucketName", "s3_bucket_name"),
            ("IsLogging", "enable_logging"),
            ("AdvancedEventSelectors", "advanced_event_selector"),
            ("FieldSelectors", "field_selector"),
        ],
        ..PLAIN
    },
    Dialect {
        tf: "aws_config_configuration_recorder",
        renamed: &[("RoleARN", "role_arn")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_config_delivery_channel",
        renamed: &[("S3BucketName", "s3_bucket_name")],
        ..PLAIN
    },
    Dialect { tf: "aws_config_config_rule", renamed: &[("ConfigRuleName", "name")], ..PLAIN },
];
