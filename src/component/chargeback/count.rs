//! The first consumer: a function that counts each measurement once, in a table and in metrics, and
//! marks who is over a limit of its tier.

use super::grant::conditioned;
use crate::blueprint::shape::component::Chargeback;
use crate::component::role;
use crate::resource::bus::StreamSource;
use crate::resource::dynamodb::{ExpiringTable, Table};
use crate::resource::flow::LogGroup;
use crate::resource::lambda::{Function, Size};
use crate::resource::queue::Queue;
use crate::resource::ssm::Parameter;
use crate::resource::stream::Stream;
use crate::spec::Spec;
use crate::spec::component::chargeback::limits;
use crate::template::Template;
use crate::value::{Id, Value, join, map};

/// Reads an event, and counts it.
const CODE: &str = concat!(include_str!("event.py"), include_str!("count.py"));

/// Seconds that a batch may take: a hundred transactions, should every record be tried alone.
const SECONDS: u32 = 60;

/// Adds the table, and the function that counts.
pub fn add(
    t: &mut Template,
    spec: &Spec,
    chargeback: &Chargeback,
    stream: &Id<Stream>,
    refused: &Id<Queue>,
) {
    let table = Table { name: super::table_name(spec).into(), key: ("tenant", Some("item")) };
    let table = t.add_kept("Usage", ExpiringTable { table });
    let about = "What tenants have used, and who is throttled";
    let path = Value::from(spec.parameter("chargeback/table"));
    t.add("UsageParameter", Parameter { path, description: about, value: Value::from(&table) });
    let about = "Counts what tenants use";
    let logs = t.add_kept("CountLogGroup", LogGroup { days: spec.network.flow_log_days });
    let role = role::of_service(t, "CountRole", about, "lambda", &[]);
    let items = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
    let streams = join([logs.att("Arn"), ":*".into()]);
    let namespace = namespace(spec);
    // AWS takes no narrower resource for it. Source:
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html.
    let metrics = conditioned(
        role::statement(&["cloudwatch:PutMetricData"], vec!["*".into()]),
        map([("StringEquals", map([("cloudwatch:namespace", namespace.as_str())]))]),
    );
    let statements = vec![
        super::read(stream),
        role::statement(&items, vec![table.att("Arn")]),
        metrics,
        role::statement(&["sqs:SendMessage"], vec![refused.att("Arn")]),
        role::statement(&["logs:CreateLogStream", "logs:PutLogEvents"], vec![streams]),
    ];
    role::allow(t, "CountRolePolicy", &role, statements);
    let function = Function {
        description: about,
        role,
        code: CODE,
        variables: vec![
            ("LIMITS".to_owned(), limits(chargeback).into()),
            ("NAMESPACE".to_owned(), namespace.into()),
            ("REFUSED".to_owned(), Value::from(refused)),
            ("TABLE".to_owned(), Value::from(&table)),
        ],
        logs,
        size: Some(Size { memory: Some(256), seconds: Some(SECONDS), at_once: None }),
    };
    let function = t.add_after("CountFunction", function, &[&"CountRolePolicy".to_owned()]);
    let source = StreamSource { stream: stream.clone(), function, dead: refused.clone() };
    t.add("CountSource", source);
}

/// Where the metrics of tenants are.
fn namespace(spec: &Spec) -> String {
    format!("{}/chargeback", spec.estate())
}
