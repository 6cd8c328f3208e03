//! AWS Glue and Amazon Athena: what lies in a bucket as a table, and questions asked of it in SQL.

use crate::resource::s3::Bucket;
use crate::resource::{Body, resource};
use crate::value::{Id, Pseudo, Value, block, join};

/// A database of the catalogue of the account and region.
#[derive(Debug)]
pub struct Database {
    /// Its name: lower-case letters, digits and underscores.
    pub name: Value,
    /// What it holds.
    pub description: &'static str,
}

resource!(Database, Some("AWS::Glue::Database"), "aws_glue_catalog_database", taggable: false, |self| {
    Body::new().set("CatalogId", Pseudo::Account).set("DatabaseInput", block([
        ("Name", self.name),
        ("Description", self.description.into()),
    ]))
});

/// A table of JSON lines by month. Its partitions are counted up, not listed, so nobody has to add
/// them. Source: <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>.
#[derive(Debug)]
pub struct Table {
    /// Its database.
    pub database: Id<Database>,
    /// Its name.
    pub name: &'static str,
    /// Its columns and their types; `month` comes from where an object lies.
    pub columns: &'static [(&'static str, &'static str)],
    /// The bucket.
    pub bucket: Id<Bucket>,
    /// What its objects begin with, with a slash at the end.
    pub prefix: &'static str,
    /// The first month that is looked for, as in `2024-01`.
    pub since: &'static str,
}

resource!(Table, Some("AWS::Glue::Table"), "aws_glue_catalog_table", taggable: false, |self| {
    let column = |(name, kind): &(&str, &str)| {
        block([("Name", (*name).into()), ("Type", (*kind).into())])
    };
    let place = |rest: &str| {
        let rest = format!("/{}{rest}", self.prefix);
        join(["s3://".into(), Value::from(&self.bucket), rest.into()])
    };
    let parameters = [
        ("EXTERNAL", "TRUE".into()),
        ("classification", "json".into()),
        ("projection.enabled", "true".into()),
        ("projection.month.format", "yyyy-MM".into()),
        ("projection.month.interval", "1".into()),
        ("projection.month.interval.unit", "MONTHS".into()),
        ("projection.month.range", format!("{},NOW", self.since).into()),
        ("projection.month.type", "date".into()),
        ("storage.location.template", place("month=${month}/")),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value));
    let storage = block([
        ("Columns", Value::List(self.columns.iter().map(column).collect())),
        ("Location", place("")),
        ("InputFormat", "org.apache.hadoop.mapred.TextInputFormat".into()),
        ("OutputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat".into()),
        ("SerdeInfo", block([("SerializationLibrary", "org.openx.data.jsonserde.JsonSerDe".into())])),
    ]);
    Body::new()
        .set("CatalogId", Pseudo::Account)
        .set("DatabaseName", &self.database)
        .set("TableInput", block([
            ("Name", self.name.into()),
            ("TableType", "EXTERNAL_TABLE".into()),
            ("Parameters", Value::Map(parameters.into())),
            ("PartitionKeys", Value::List(vec![column(&("month", "string"))])),
            ("StorageDescriptor", storage),
        ]))
});

/// Where questions are asked: their answers lie in one place, encrypted, whatever who asks says.
#[derive(Debug)]
pub struct WorkGroup {
    /// Its name, unique in the account and region.
    pub name: Value,
    /// What it is for.
    pub description: &'static str,
    /// The bucket of the answers.
    pub bucket: Id<Bucket>,
    /// What they begin with, with a slash at the end.
    pub prefix: &'static str,
}

resource!(WorkGroup, Some("AWS::Athena::WorkGroup"), "aws_athena_workgroup", taggable: true, |self| {
    let place = join(["s3://".into(), Value::from(&self.bucket), format!("/{}", self.prefix).into()]);
    Body::new()
        .set("Name", self.name)
        .set("Description", self.description)
        .set("WorkGroupConfiguration", block([
            ("EnforceWorkGroupConfiguration", true.into()),
            ("PublishCloudWatchMetricsEnabled", true.into()),
            ("ResultConfiguration", block([
                ("OutputLocation", place),
                ("EncryptionConfiguration", block([("EncryptionOption", "SSE_S3".into())])),
            ])),
        ]))
});

/// A question that is kept.
#[derive(Debug)]
pub struct NamedQuery {
    /// Its name.
    pub name: &'static str,
    /// What it answers.
    pub description: &'static str,
    /// Its database.
    pub database: Id<Database>,
    /// Where it is asked.
    pub group: Id<WorkGroup>,
    /// The SQL.
    pub sql: String,
}

resource!(NamedQuery, Some("AWS::Athena::NamedQuery"), "aws_athena_named_query", taggable: false, |self| {
    Body::new()
        .set("Name", self.name)
        .set("Description", self.description)
        .set("Database", &self.database)
        .set("WorkGroup", &self.group)
        .set("QueryString", self.sql)
});
