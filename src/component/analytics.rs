//! A lake of all tenants' records, each tenant's below a prefix of its own: what gathers them, what
//! they mean, and who may ask them for one tenant at a time. It names no tenant: one that comes writes
//! below a prefix that was not there before, and touches nobody.

pub mod ingest; // from the stream into the lake
pub mod access; // who may ask, and only for the tenant of the session
pub mod spark; // jobs, which ask for one tenant at a time, too
pub mod notebooks; // notebooks, which ask for one tenant at a time, too
pub mod warehouse; // questions across tenants

use crate::blueprint::shape::component::{Analytics, ColumnType};
use crate::component::bucket;
use crate::model::{foundation, identity};
use crate::name::fit;
use crate::plan::{Plan, Zone};
use crate::resource::Resource;
use crate::resource::flow::{FlowLog, LogGroup};
use crate::resource::lake::{Column, Database, NamedQuery, Table, WorkGroup};
use crate::resource::s3::{Bucket, Keeping};
use crate::resource::ssm::Parameter;
use crate::resource::vpc::Vpc;
use crate::spec::Spec;
use crate::spec::component::analytics::COLD;
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Id, Value, join};

/// The shape of its template, and the beginning of the key of its stack.
const SHAPE: &str = "analytics";

/// The shape in other accounts than that of home.
const APART: &str = "analytics.apart";

/// The table, and the folder of its files below the prefix of a tenant.
const TABLE: &str = "events";

/// What the prefix of a tenant begins with, in every bucket.
const TENANT: &str = "tenant=";

/// How many days results are kept where nothing else is said.
const RESULTS: u32 = 30;

/// How many GiB a query may read where nothing else is said.
const LIMIT: u32 = 100;

/// The most characters of a name of Firehose, EMR Serverless and Redshift Serverless. Sources:
/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html>,
/// <https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_CreateApplication.html>,
/// <https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateNamespace.html>.
const LONGEST: usize = 64;

/// A name of the estate: there is one lake in an account.
fn name(spec: &Spec, tail: &str) -> String {
    fit(&format!("{}-{SHAPE}-{tail}", spec.estate()), LONGEST)
}

/// The most characters of the name of a bucket.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
const BUCKET_NAME: usize = 63;

/// The name of a bucket: known, as who asks from another account has no other way to learn it. It
/// holds the account and the region, so nobody else has it.
fn bucket_name(spec: &Spec, account: &str, word: &str) -> String {
    let place = format!("{account}-{}", spec.regions[0]);
    fit(&format!("{}-{word}-{place}", spec.estate()), BUCKET_NAME)
}

/// Everything that asks needs to know.
pub struct Lake {
    /// The bucket of the records.
    pub records: Id<Bucket>,
    /// The bucket of what was found out.
    pub results: Id<Bucket>,
    /// The name of the database.
    pub database: String,
    /// The name of the work group.
    pub group: String,
}

/// The buckets of a lake, and the parameters with their names where it is not in the account of home: there,
/// the names are in the template.
const BUCKETS: [(&str, &str); 2] = [("lake", "LakeName"), ("results", "ResultsName")];

/// One stack in the home region of each workload account that something stands in: records stay in the
/// account that their tenant lives in.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let Some(analytics) = &spec.components.analytics else { return };
    let region = spec.regions[0].as_str();
    for account in foundation::homes(spec, plan) {
        let home = account == spec.home_account;
        let key = if home {
            format!("{SHAPE}-{region}")
        } else {
            identity::account_key(spec, SHAPE, account)
        };
        let mut stack = identity::shared_stack(spec, Wave::Common, key, (account, region), None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        if !home {
            for (word, name) in BUCKETS {
                values.set(name, bucket_name(spec, account, word));
            }
        }
        let shape = if home { SHAPE } else { APART };
        let t = template(shape, (spec, &plan.own_zones), analytics, &mut values);
        stack.values = values.order(&t);
        shape.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
        estate.templates.insert(shape.to_owned(), t);
    }
}

fn template(
    shape: &str,
    (spec, zones): (&Spec, &[Zone]),
    analytics: &Analytics,
    values: &mut Values,
) -> Template {
    let about = "A lake of all tenants' records, and what asks it for one tenant at a time.";
    let mut t = Template::new(shape, about);
    identity::tag_shared(&mut t, spec, None);
    let lake = lake(&mut t, spec, analytics);
    ingest::add(&mut t, spec, analytics, &lake.records);
    let job = analytics.spark.as_ref().map(|_| spark::role(&mut t));
    let notebook = analytics.notebooks.as_ref().map(|_| notebooks::role(&mut t));
    let mut takers = analysts(&mut t, analytics, values);
    takers.extend(job.iter().chain(&notebook).map(|role| role.att("Arn")));
    if !takers.is_empty() {
        let role = access::add(&mut t, &lake, takers, notebook.is_some());
        publish(&mut t, spec, "role-arn", "The role that acts for one tenant", role.att("Arn"));
        if let (Some(spark), Some(job)) = (&analytics.spark, &job) {
            spark::add(&mut t, name(spec, "spark"), spark, (job, &role), &lake);
        }
        if let (Some(of), Some(notebook)) = (&analytics.notebooks, &notebook) {
            notebooks::add(&mut t, (spec, of), (zones, values), (notebook, &role), &lake);
        }
    }
    if let Some(warehouse) = &analytics.warehouse {
        let name = name(spec, "warehouse");
        warehouse::add(&mut t, &name, warehouse, (zones, values), &lake.records);
    }
    record(&mut t, spec);
    t
}

/// Records the traffic of each VPC that is here, as of any other. The role is its own: where no tenant
/// is in this region, there is none to share.
fn record(t: &mut Template, spec: &Spec) {
    let vpcs = t.entries.iter().filter(|entry| entry.tf == Vpc::TF);
    let vpcs: Vec<String> = vpcs.map(|entry| entry.id.clone()).collect();
    if vpcs.is_empty() {
        return;
    }
    let role = foundation::flow_log_role(t);
    for id in vpcs {
        let days = spec.network.flow_log_days;
        let group = t.add_kept(format!("{id}FlowLogGroup"), LogGroup { days });
        let vpc = Id::resource(id.clone());
        t.add(format!("{id}FlowLog"), FlowLog { vpc, group, role: role.clone() });
    }
}

/// Roles that the blueprint names: values, as their ARNs hold a partition and an account.
fn analysts(t: &mut Template, analytics: &Analytics, values: &mut Values) -> Vec<Value> {
    let one = |(n, arn): (usize, &String)| {
        let name = format!("Analyst{n}");
        values.set(&name, arn);
        t.param(&name, "A role that may act for one tenant")
    };
    (1..).zip(&analytics.analysts).map(one).collect()
}

/// The buckets, what their files mean, and where they are asked.
fn lake(t: &mut Template, spec: &Spec, analytics: &Analytics) -> Lake {
    let cold_after = analytics.expire_after.is_none_or(|days| days > COLD).then_some(COLD);
    let keeping = Keeping {
        cold_after: analytics.cold_after.or(cold_after),
        expire_after: analytics.expire_after,
        locked_for: 0,
    };
    let [records, found] = names(t, spec);
    let records = bucket::named(t, "Lake", Some(records), keeping, |_| Vec::new());
    let expire_after = Some(analytics.results_days.unwrap_or(RESULTS));
    let keeping = Keeping { expire_after, ..Keeping::default() };
    let results = bucket::named(t, "Results", Some(found), keeping, |_| Vec::new());
    let (database, asked) =
        (format!("{}_{SHAPE}", spec.estate().replace('-', "_")), name(spec, TABLE));
    let description = "Records of all tenants";
    let tables = t.add("Database", Database { name: Value::from(&database), description });
    table(t, analytics, &tables, &records);
    let group = group(t, &asked, analytics, &results);
    named(t, &tables, &group);
    publish(t, spec, "lake-bucket", "The bucket of all tenants' records", Value::from(&records));
    publish(t, spec, "results-bucket", "The bucket of results", Value::from(&results));
    publish(t, spec, "work-group", "Where the lake is asked", asked.as_str().into());
    Lake { records, results, database, group: asked }
}

/// The names of the buckets.
fn names(t: &mut Template, spec: &Spec) -> [Value; 2] {
    if t.shape == SHAPE {
        return BUCKETS.map(|(word, _)| bucket_name(spec, &spec.home_account, word).into());
    }
    BUCKETS.map(|(_, name)| t.param(name, "The name of a bucket of the lake"))
}

/// What records hold where nothing else is said.
const COLUMNS: [(&str, ColumnType); 5] = [
    ("actor", ColumnType::String),
    ("attributes", ColumnType::Map),
    ("event", ColumnType::String),
    ("time", ColumnType::String),
    ("value", ColumnType::Double),
];

/// The table. Athena finds a tenant's files by the tenant that the query names: there is no list of
/// tenants, and a query that names none fails. Source:
/// <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-dynamic-id-partitioning.html>.
fn table(t: &mut Template, analytics: &Analytics, database: &Id<Database>, records: &Id<Bucket>) {
    let given = analytics.columns.iter().map(|(name, kind)| (name.as_str(), *kind));
    let mut columns: Vec<(&str, ColumnType)> = given.collect();
    if columns.is_empty() {
        columns = COLUMNS.into();
    }
    let column = |(name, kind): (&str, ColumnType)| Column { name: name.into(), kind: kind.hive() };
    let text = |name: &str| Column { name: name.to_owned(), kind: "string" };
    let place = |rest: &str| join(["s3://".into(), Value::from(records), rest.into()]);
    // Days that were deleted need not be looked for; ten years are more than anybody asks at once.
    let days = analytics.expire_after.unwrap_or(3_650);
    let parameters = [
        ("classification", "json".into()),
        ("projection.enabled", "true".into()),
        ("projection.tenant.type", "injected".into()),
        ("projection.day.type", "date".into()),
        ("projection.day.format", "yyyy-MM-dd".into()),
        ("projection.day.range", format!("NOW-{days}DAYS,NOW").into()),
        ("projection.day.interval", "1".into()),
        ("projection.day.interval.unit", "DAYS".into()),
        (
            "storage.location.template",
            place(&format!("/{TENANT}${{tenant}}/{TABLE}/day=${{day}}/")),
        ),
    ];
    let table = Table {
        name: TABLE,
        description: "What happened, tenant by tenant and day by day",
        database: database.clone(),
        columns: columns.into_iter().map(column).collect(),
        partitions: vec![text("tenant"), text("day")],
        location: place("/"),
        parameters: parameters.map(|(key, value)| (key.to_owned(), value)).into(),
    };
    t.add("Events", table);
}

/// Where the lake is asked. A location that it enforced would be one for all tenants, so it enforces
/// none: who asks says its own, the role lets it write below the prefix of its tenant only, and the
/// bucket encrypts whatever comes. Who says none is sent to where nobody may write. The limit holds in
/// any case. Source: <https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html>.
fn group(
    t: &mut Template,
    name: &str,
    analytics: &Analytics,
    results: &Id<Bucket>,
) -> Id<WorkGroup> {
    let group = WorkGroup {
        name: name.into(),
        description: "Questions for one tenant at a time",
        enforced: false,
        results: results.clone(),
        folder: "no-tenant-named/",
        most_bytes: Some(i64::from(analytics.query_limit.unwrap_or(LIMIT)) << 30),
    };
    t.add("WorkGroup", group)
}

fn named(t: &mut Template, database: &Id<Database>, group: &Id<WorkGroup>) {
    // Both values are given with each run.
    let query = format!(
        "SELECT day, count(*) AS events\nFROM {TABLE}\nWHERE tenant = ? AND day >= ?\nGROUP BY day\nORDER BY day\n"
    );
    let query = NamedQuery {
        name: "events-by-day",
        description: "How much happened on each day: for a tenant, from a day on",
        database: database.clone(),
        group: group.clone(),
        query: query.into(),
    };
    t.add("EventsByDay", query);
}

/// Tells what applications need to know.
fn publish(t: &mut Template, spec: &Spec, path: &str, description: &'static str, value: Value) {
    let id = format!("{}Parameter", crate::name::pascal(path));
    let path = spec.parameter(&format!("{SHAPE}/{path}")).into();
    t.add(id, Parameter { path, description, value });
}
