//! The second consumer: every measurement as a line of an object of its month, a table over them, and
//! the reports as questions that are kept.

use super::report;
use crate::blueprint::shape::component::Chargeback;
use crate::component::{bucket, role};
use crate::resource::flow::LogGroup;
use crate::resource::lake::{Column, Database, NamedQuery, Table, WorkGroup};
use crate::resource::lambda::{Function, Size};
use crate::resource::s3::{Bucket, Keeping};
use crate::resource::stream::{Delivery, Gathering, LogStream, Sorting, Stream};
use crate::spec::Spec;
use crate::template::{NAME, Template};
use crate::value::{Id, Value, join, param};

/// Makes a line of an event.
const CODE: &str = concat!(include_str!("event.py"), include_str!("sort.py"));

/// What the objects of a month begin with.
const LINES: &str = "usage/";

/// What answers begin with.
const ANSWERS: &str = "answers/";

/// The columns of a line, apart from its month.
const COLUMNS: &[(&str, &str)] = &[
    ("id", "string"),
    ("kind", "string"),
    ("meter", "string"),
    ("quantity", "bigint"),
    ("tenant", "string"),
    ("tier", "string"),
    ("time", "string"),
];

/// The first month that the table looks for: nobody had this component before.
const SINCE: &str = "2025-01";

/// The log stream of deliveries.
const LOG: &str = "delivery";

/// MiB that are gathered for an object: the least that there is with partitions. Source:
/// <https://docs.aws.amazon.com/firehose/latest/dev/create-destination.html>.
const GATHERED: u16 = 64;

/// Seconds that they are gathered for.
const GATHERED_FOR: u32 = 300;

/// Seconds that the lines of a batch may take. Source:
/// <https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html>.
const SECONDS: u32 = 60;

/// Adds the bucket, what writes into it, and what asks it.
pub fn add(t: &mut Template, spec: &Spec, chargeback: &Chargeback, stream: &Id<Stream>) {
    let bucket = bucket::add(t, "Lake", Keeping::default(), |_| Vec::new());
    let function = function(t, spec);
    let about = "Writes what tenants use into the lake";
    let role = role::of_service(t, "DeliverRole", about, "firehose", &[]);
    let call = ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"];
    let statements = vec![
        super::read(stream),
        role::statement(&call, vec![function.att("Arn")]),
        role::statement(&["s3:GetBucketLocation", "s3:ListBucket"], vec![bucket.att("Arn")]),
        role::statement(
            &["s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads", "s3:PutObject"],
            vec![bucket.att("Arn"), bucket::objects(&bucket, "".into())],
        ),
    ];
    let logs = t.add_kept("DeliverLogGroup", LogGroup { days: spec.network.flow_log_days });
    t.add("DeliverLogStream", LogStream { group: logs.clone(), name: LOG });
    let lines = join([logs.att("Arn"), ":*".into()]);
    let mut statements = statements;
    statements.push(role::statement(&["logs:PutLogEvents"], vec![lines]));
    role::allow(t, "DeliverRolePolicy", &role, statements);
    let delivery = Delivery {
        name: super::stream_name(spec).into(),
        stream: stream.clone(),
        role,
        bucket: bucket.clone(),
        prefix: format!("{LINES}month=!{{partitionKeyFromLambda:month}}/").into(),
        errors: "failed/!{firehose:error-output-type}/".into(),
        sorting: Sorting::Function(function),
        gathering: Gathering { mebibytes: GATHERED, seconds: GATHERED_FOR },
        logs: (logs, LOG),
    };
    // Firehose tries the role when it is made.
    let after = ["DeliverRolePolicy".to_owned(), "DeliverLogStream".to_owned()];
    t.add_after("Delivery", delivery, &after.each_ref());
    ask(t, spec, chargeback, &bucket);
}

fn function(t: &mut Template, spec: &Spec) -> Id<Function> {
    let about = "Makes a line of each measurement";
    let logs = t.add_kept("SortLogGroup", LogGroup { days: spec.network.flow_log_days });
    let role = role::of_service(t, "SortRole", about, "lambda", &[]);
    let streams = join([logs.att("Arn"), ":*".into()]);
    let write = ["logs:CreateLogStream", "logs:PutLogEvents"];
    role::allow(t, "SortRolePolicy", &role, vec![role::statement(&write, vec![streams])]);
    let size = Some(Size { memory: Some(256), seconds: Some(SECONDS), at_once: None });
    let function =
        Function { description: about, role, code: CODE, variables: Vec::new(), logs, size };
    t.add_after("SortFunction", function, &[&"SortRolePolicy".to_owned()])
}

fn ask(t: &mut Template, spec: &Spec, chargeback: &Chargeback, bucket: &Id<Bucket>) {
    let name = format!("{}_usage", spec.estate().replace('-', "_")).into();
    let database = t.add("Database", Database { name, description: "What tenants use" });
    let column = |(name, kind): &(&str, &'static str)| Column { name: (*name).to_owned(), kind };
    let place =
        |rest: &str| join(["s3://".into(), Value::from(bucket), format!("/{LINES}{rest}").into()]);
    // Months are counted up, not listed, so nobody has to add them. Source:
    // https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html.
    let parameters = [
        ("EXTERNAL", "TRUE".into()),
        ("classification", "json".into()),
        ("projection.enabled", "true".into()),
        ("projection.month.format", "yyyy-MM".into()),
        ("projection.month.interval", "1".into()),
        ("projection.month.interval.unit", "MONTHS".into()),
        ("projection.month.range", format!("{SINCE},NOW").into()),
        ("projection.month.type", "date".into()),
        ("storage.location.template", place("month=${month}/")),
    ];
    let table = Table {
        name: report::TABLE,
        description: "A measurement a line",
        database: database.clone(),
        columns: COLUMNS.iter().map(column).collect(),
        partitions: vec![column(&("month", "string"))],
        location: place(""),
        parameters: parameters.map(|(key, value)| (key.to_owned(), value)).into(),
    };
    let table = t.add("Lines", table);
    let description = "Reports of what tenants use";
    let group = WorkGroup {
        name: param(NAME),
        description,
        enforced: true,
        results: bucket.clone(),
        folder: ANSWERS,
        most_bytes: None,
    };
    let group = t.add("Reports", group);
    let after = table.logical().expect("it is here").clone();
    for report in report::all(chargeback, spec) {
        let query = NamedQuery {
            name: report.name,
            description: report.about,
            database: database.clone(),
            group: group.clone(),
            query: report.sql.into(),
        };
        t.add_after(format!("{}Report", crate::name::pascal(report.name)), query, &[&after]);
    }
}
