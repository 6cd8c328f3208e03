//! The second consumer: every measurement as a line of an object of its month, a table over them, and
//! the reports as questions that are kept.

use super::report;
use crate::blueprint::shape::component::Chargeback;
use crate::component::{bucket, role};
use crate::resource::flow::LogGroup;
use crate::resource::kinesis::{Delivery, Stream};
use crate::resource::lambda::{Function, Size};
use crate::resource::query::{Database, NamedQuery, Table, WorkGroup};
use crate::resource::s3::{Bucket, Keeping};
use crate::spec::Spec;
use crate::template::{NAME, Template};
use crate::value::{Id, join, param};

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
    role::allow(t, "DeliverRolePolicy", &role, statements);
    let delivery = Delivery {
        stream: stream.clone(),
        function,
        bucket: bucket.clone(),
        prefix: LINES,
        failed: "failed/",
        role: role.att("Arn"),
    };
    t.add_after("Delivery", delivery, &[&"DeliverRolePolicy".to_owned()]);
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
    let table = Table {
        database: database.clone(),
        name: report::TABLE,
        columns: COLUMNS,
        bucket: bucket.clone(),
        prefix: LINES,
        since: SINCE,
    };
    let table = t.add("Lines", table);
    let description = "Reports of what tenants use";
    let group =
        WorkGroup { name: param(NAME), description, bucket: bucket.clone(), prefix: ANSWERS };
    let group = t.add("Reports", group);
    let after = table.logical().expect("it is here").clone();
    for report in report::all(chargeback, spec) {
        let query = NamedQuery {
            name: report.name,
            description: report.about,
            database: database.clone(),
            group: group.clone(),
            sql: report.sql,
        };
        t.add_after(format!("{}Report", crate::name::pascal(report.name)), query, &[&after]);
    }
}
