//! A bus of events of one's own, and what reads a stream.

use super::{Dialect, PLAIN};

pub(super) static DIALECTS: &[Dialect] = &[
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
];
