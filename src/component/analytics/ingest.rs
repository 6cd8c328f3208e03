//! From the stream into the lake: each record goes below the prefix of the tenant that it names.

use super::{TABLE, TENANT, name, publish};
use crate::blueprint::shape::component::Analytics;
use crate::component::role;
use crate::resource::flow::LogGroup;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::s3::Bucket;
use crate::resource::stream::{Delivery, Gathering, LogStream, Sorting, Stream};
use crate::spec::Spec;
use crate::template::Template;
use crate::value::{Id, Value, arn, join};

/// For how many hours a record can be read, where nothing else is said.
const HOURS: u32 = 24;

/// After how many seconds records are written, where nothing else is said.
const SECONDS: u32 = 300;

/// At how many MiB they are written: the least that there is for what is sorted. Source:
/// <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-enable.html>.
const MEBIBYTES: u16 = 64;

/// Where records go that name no tenant, or are no JSON. Nobody acts for a tenant there.
const ERRORS: &str = "errors/";

/// Where Firehose says what went wrong.
const LOG: &str = "delivery";

/// Adds the stream, and what carries its records.
pub fn add(t: &mut Template, spec: &Spec, analytics: &Analytics, lake: &Id<Bucket>) {
    let known = || name(spec, TABLE).into();
    let hours = analytics.stream_hours.unwrap_or(HOURS);
    let stream = t.add_kept("Stream", Stream { name: known(), hours });
    let group = t.add_kept("DeliveryLog", LogGroup { days: spec.network.flow_log_days });
    t.add("DeliveryLogStream", LogStream { group: group.clone(), name: LOG });
    let role = delivery_role(t, lake, &name(spec, TABLE), &group);
    let delivery = Delivery {
        name: known(),
        stream: stream.clone(),
        role,
        bucket: lake.clone(),
        prefix: format!(
            "{TENANT}!{{partitionKeyFromQuery:tenant}}/{TABLE}/day=!{{timestamp:yyyy-MM-dd}}/"
        )
        .into(),
        errors: format!("{ERRORS}!{{firehose:error-output-type}}/day=!{{timestamp:yyyy-MM-dd}}/")
            .into(),
        sorting: Sorting::Query("{tenant:.tenant}"),
        gathering: Gathering {
            mebibytes: MEBIBYTES,
            seconds: analytics.gather_seconds.unwrap_or(SECONDS),
        },
        logs: (group, LOG),
    };
    // Firehose tries the role when it is made.
    let after = ["DeliveryRolePolicy".to_owned(), "DeliveryLogStream".to_owned()];
    t.add_after("Delivery", delivery, &after.each_ref());
    publish(t, spec, "stream", "The stream that takes records", Value::from(&stream));
}

/// What carries records: it reads that stream, and writes below the prefixes of tenants and that of
/// errors. Source: <https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html>.
fn delivery_role(
    t: &mut Template,
    lake: &Id<Bucket>,
    stream: &str,
    group: &Id<LogGroup>,
) -> Id<Role> {
    let description = "Carries records from the stream into the lake";
    let role = t.add(
        "DeliveryRole",
        Role { description, trust: role::trust("firehose"), managed: Vec::new() },
    );
    let below = |prefix: &str| join([lake.att("Arn"), format!("/{prefix}*").into()]);
    let log = join(["log-group:".into(), group.into(), format!(":log-stream:{LOG}").into()]);
    let read = [
        "kinesis:DescribeStream",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ];
    let look = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"];
    let write = ["s3:AbortMultipartUpload", "s3:PutObject"];
    let statements = vec![
        role::statement(&read, vec![arn("kinesis", format!("stream/{stream}"))]),
        role::statement(&look, vec![lake.att("Arn")]),
        role::statement(&write, vec![below(TENANT), below(ERRORS)]),
        role::statement(&["logs:PutLogEvents"], vec![arn("logs", log)]),
    ];
    let policy = RolePolicy {
        role: role.clone(),
        name: "component".to_owned(),
        document: document(statements),
    };
    t.add("DeliveryRolePolicy", policy);
    role
}
