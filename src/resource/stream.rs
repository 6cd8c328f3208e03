//! Amazon Kinesis and Amazon Data Firehose: records as they come, and what carries them into a bucket.

use crate::resource::flow::LogGroup;
use crate::resource::iam::Role;
use crate::resource::lambda::Function;
use crate::resource::s3::Bucket;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A stream that grows and shrinks by itself, encrypted with a key of the service.
#[derive(Debug)]
pub struct Stream {
    /// Its name, unique in the account and region: at most 128 letters, digits, dots, hyphens,
    /// underscores.
    pub name: Value,
    /// How many hours a record can be read: 24 to 8,760. Source:
    /// <https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html>.
    pub hours: u32,
}

resource!(Stream, Some("AWS::Kinesis::Stream"), "aws_kinesis_stream", taggable: true, |self| {
    // Whoever may use the stream may use this key through it. Source:
    // https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html.
    let encryption =
        block([("EncryptionType", "KMS".into()), ("KeyId", "alias/aws/kinesis".into())]);
    Body::new()
        .set("Name", self.name)
        .set("RetentionPeriodHours", self.hours)
        .set("StreamModeDetails", block([("StreamMode", "ON_DEMAND".into())]))
        .set("StreamEncryption", encryption)
});

/// Where one writer's lines of a log stand. Firehose makes none by itself. Source:
/// <https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html>.
#[derive(Debug)]
pub struct LogStream {
    /// The log group.
    pub group: Id<LogGroup>,
    /// Its name, unique in the group.
    pub name: &'static str,
}

resource!(LogStream, Some("AWS::Logs::LogStream"), "aws_cloudwatch_log_stream", taggable: false, |self| {
    Body::new().set("LogGroupName", &self.group).set("LogStreamName", self.name)
});

/// When Firehose writes what it has gathered.
#[derive(Clone, Copy, Debug)]
pub struct Gathering {
    /// At so many MiB: 1 to 128, and no less than 64 where records are partitioned. Source:
    /// <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-enable.html>.
    pub mebibytes: u16,
    /// After so many seconds: 0 to 900, and no less than 60 where records are partitioned.
    pub seconds: u32,
}

/// What happens to a record on its way.
#[derive(Debug)]
pub enum Sorting {
    /// It ends in a line of its own, and nothing else.
    Lines,
    /// It ends in a line of its own, below the prefix that a query of it gives for
    /// `!{partitionKeyFromQuery:…}`: one object in the language of jq 1.6, as in `{tenant:.tenant}`.
    Query(&'static str),
    /// A function makes of it what is written, and gives `!{partitionKeyFromLambda:…}`. It ends the
    /// line, too.
    Function(Id<Function>),
}

/// Carries the records of a stream into a bucket, packed with gzip.
#[derive(Debug)]
pub struct Delivery {
    /// Its name, unique in the account and region: at most 64 letters, digits, dots, hyphens,
    /// underscores.
    pub name: Value,
    /// Where records come from.
    pub stream: Id<Stream>,
    /// The role that reads the stream and writes the bucket.
    pub role: Id<Role>,
    /// The bucket.
    pub bucket: Id<Bucket>,
    /// Where records go: ends in a slash, may hold `!{…}`. Source:
    /// <https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>.
    pub prefix: Value,
    /// Where those go that could not be delivered so: may hold `!{firehose:error-output-type}`.
    pub errors: Value,
    /// What happens to a record on its way. A delivery that is there cannot learn to sort. Source:
    /// <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-enable.html>.
    pub sorting: Sorting,
    /// When it writes.
    pub gathering: Gathering,
    /// Where it says what went wrong: the group, and the name of the log stream in it.
    pub logs: (Id<LogGroup>, &'static str),
}

resource!(Delivery, Some("AWS::KinesisFirehose::DeliveryStream"), "aws_kinesis_firehose_delivery_stream", taggable: true, |self| {
    let source = block([
        ("KinesisStreamARN", self.stream.att("Arn")),
        ("RoleARN", self.role.att("Arn")),
    ]);
    Body::new()
        .set("DeliveryStreamName", &self.name)
        .set("DeliveryStreamType", "KinesisStreamAsSource")
        .set("KinesisStreamSourceConfiguration", source)
        .set("ExtendedS3DestinationConfiguration", destination(self))
});

fn destination(delivery: Delivery) -> Value {
    let Gathering { mebibytes, seconds } = delivery.gathering;
    let logging = block([
        ("Enabled", true.into()),
        ("LogGroupName", Value::from(&delivery.logs.0)),
        ("LogStreamName", delivery.logs.1.into()),
    ]);
    let mut out = vec![
        ("BucketARN", delivery.bucket.att("Arn")),
        ("RoleARN", delivery.role.att("Arn")),
        ("Prefix", delivery.prefix),
        ("ErrorOutputPrefix", delivery.errors),
        ("CompressionFormat", "GZIP".into()),
        (
            "BufferingHints",
            block([("SizeInMBs", mebibytes.into()), ("IntervalInSeconds", seconds.into())]),
        ),
        ("CloudWatchLoggingOptions", logging),
    ];
    if !matches!(delivery.sorting, Sorting::Lines) {
        out.push(("DynamicPartitioningConfiguration", block([("Enabled", true.into())])));
    }
    out.push(("ProcessingConfiguration", processing(delivery.sorting)));
    Value::Block(out)
}

fn processing(sorting: Sorting) -> Value {
    let line = || block([("Type", "AppendDelimiterToRecord".into())]);
    let processors = match sorting {
        Sorting::Lines => vec![line()],
        Sorting::Query(query) => {
            let parameters = vec![
                parameter("MetadataExtractionQuery", query.into()),
                parameter("JsonParsingEngine", "JQ-1.6".into()),
            ];
            vec![processor("MetadataExtraction", parameters), line()]
        }
        Sorting::Function(function) => {
            vec![processor("Lambda", vec![parameter("LambdaArn", function.att("Arn"))])]
        }
    };
    block([("Enabled", true.into()), ("Processors", Value::List(processors))])
}

fn processor(kind: &'static str, parameters: Vec<Value>) -> Value {
    block([("Type", kind.into()), ("Parameters", Value::List(parameters))])
}

fn parameter(name: &'static str, value: Value) -> Value {
    block([("ParameterName", name.into()), ("ParameterValue", value)])
}
