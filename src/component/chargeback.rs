//! What each tenant uses: events of what was launched, stopped and terminated and measurements of the
//! applications go through a bus into a stream; one consumer counts them as they come and marks who is
//! over a limit, another keeps them by month for reports. A role of a tenant can say its own name only.

pub mod count; // the first consumer: counters, metrics, marks
pub mod grant; // what roles of tenants may say and see
pub mod lake; // the second consumer: objects, a table, questions
pub mod report; // the SQL of the reports
pub mod source; // the bus, the stream, and what is put in

use crate::blueprint::shape::component::Chargeback;
use crate::component::role;
use crate::model::{foundation, identity};
use crate::name::fit;
use crate::plan::Plan;
use crate::resource::queue::{Queue, QueuePolicy, encrypted_only};
use crate::resource::stream::Stream;
use crate::spec::Spec;
use crate::template::{Estate, Extra, NAME, Template, Values, Wave};
use crate::value::{Id, Value};

/// The shape of its template, and the beginning of the keys of its stacks.
const SHAPE: &str = "chargeback";

/// What an event is, for those who write and read them.
pub const SCHEMA: &str = include_str!("../../schemas/usage-event.schema.json");

/// How many hours events can be read again, where nothing else is said: what costs nothing more.
/// Source: <https://aws.amazon.com/kinesis/data-streams/pricing/>.
const HOURS: u32 = 24;

/// One stack in each region of a workload account that has tenants, and a right for each of their
/// roles.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let Some(chargeback) = &spec.components.chargeback else { return };
    let places = foundation::places(spec, plan);
    let own: Vec<(&str, &str)> =
        places.into_iter().filter(|(account, _)| spec.is_workload(account)).collect();
    if own.is_empty() {
        return;
    }
    grant::roles(spec, estate);
    let template = template(spec, chargeback);
    let home = (spec.home_account.as_str(), spec.regions[0].as_str());
    let first = own.iter().position(|place| *place == home).unwrap_or(0);
    for (n, place) in own.into_iter().enumerate() {
        let key = identity::place_key(spec, SHAPE, place);
        let mut stack = identity::shared_stack(spec, Wave::Common, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        stack.values = values.order(&template);
        SHAPE.clone_into(&mut stack.shape);
        // They are the same for every region, so they are written once.
        if n == first {
            stack.extras = files(chargeback, spec);
        }
        estate.stacks.push(stack);
    }
    estate.templates.insert(SHAPE.to_owned(), template);
}

/// The files that people need: what an event is, and the reports.
fn files(chargeback: &Chargeback, spec: &Spec) -> Vec<Extra> {
    let mut out = vec![Extra::Text(format!("{SHAPE}/usage-event.schema.json"), SCHEMA.to_owned())];
    for report in report::all(chargeback, spec) {
        out.push(Extra::Text(format!("{SHAPE}/{}.sql", report.name), report.sql));
    }
    out
}

/// The name of the bus in each region: known, so that roles of tenants need not ask for it.
fn bus_name(spec: &Spec) -> String {
    format!("{}-{SHAPE}", spec.estate())
}

/// The most characters of the name of a delivery stream. Source:
/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html>.
const DELIVERY_NAME: usize = 64;

/// The name of the stream and of what carries it into the lake, in each region.
fn stream_name(spec: &Spec) -> String {
    fit(&format!("{}-{SHAPE}", spec.estate()), DELIVERY_NAME)
}

/// The name of the table of counters in each region.
fn table_name(spec: &Spec) -> String {
    format!("{}-usage", spec.estate())
}

fn template(spec: &Spec, chargeback: &Chargeback) -> Template {
    let mut t = Template::new(SHAPE, "What each tenant uses, as it happens and by month.");
    identity::tag_shared(&mut t, spec, None);
    let refused = t.add_kept("Refused", Queue { dead: None, hidden: None });
    let document = encrypted_only(&refused);
    t.add("RefusedPolicy", QueuePolicy { queue: refused.clone(), document });
    let hours = chargeback.retention_hours.unwrap_or(HOURS);
    let stream = source::add(&mut t, spec, hours, &refused);
    count::add(&mut t, spec, chargeback, &stream, &refused);
    lake::add(&mut t, spec, chargeback, &stream);
    t
}

/// What reads a stream. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html>.
fn read(stream: &Id<Stream>) -> Value {
    let actions = [
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ];
    role::statement(&actions, vec![stream.att("Arn")])
}
