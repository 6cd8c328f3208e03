//! AWS Glue and Amazon Athena: what files in a bucket mean, and who may ask them at what cost.

use crate::resource::s3::Bucket;
use crate::resource::{Body, resource};
use crate::value::{Id, Pseudo, Value, block, join};

/// A database: names of tables, no data.
#[derive(Debug)]
pub struct Database {
    /// Its name, unique in the account and region: Athena takes lower-case letters, digits and
    /// underscores. Source:
    /// <https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html>.
    pub name: Value,
    /// What its tables are about.
    pub description: &'static str,
}

resource!(Database, Some("AWS::Glue::Database"), "aws_glue_catalog_database", taggable: false, |self| {
    let input = block([("Name", self.name), ("Description", self.description.into())]);
    Body::new().set("CatalogId", Pseudo::Account).set("DatabaseInput", input)
});

/// A column: its name and its type, as Hive calls it.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, in lower case.
    pub name: String,
    /// Its type: `string`, `bigint`, `double`, `map<string,string>` …
    pub kind: &'static str,
}

/// A table over files of one JSON object a line, packed or not. A line that is no JSON is passed over.
#[derive(Debug)]
pub struct Table {
    /// Its name, unique in the database.
    pub name: &'static str,
    /// What a row is.
    pub description: &'static str,
    /// The database.
    pub database: Id<Database>,
    /// What stands in the files.
    pub columns: Vec<Column>,
    /// What stands in their names.
    pub partitions: Vec<Column>,
    /// The folder: `s3://…/`.
    pub location: Value,
    /// How Athena finds partitions without a list of them, and whatever else is said of the table.
    pub parameters: Vec<(String, Value)>,
}

resource!(Table, Some("AWS::Glue::Table"), "aws_glue_catalog_table", taggable: false, |self| {
    let columns = |columns: Vec<Column>| {
        let one = |c: Column| block([("Name", c.name.into()), ("Type", c.kind.into())]);
        Value::List(columns.into_iter().map(one).collect())
    };
    let files = block([
        ("Columns", columns(self.columns)),
        ("Location", self.location),
        ("InputFormat", "org.apache.hadoop.mapred.TextInputFormat".into()),
        ("OutputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat".into()),
        ("SerdeInfo", json()),
    ]);
    let input = block([
        ("Name", self.name.into()),
        ("Description", self.description.into()),
        ("TableType", "EXTERNAL_TABLE".into()),
        ("Parameters", Value::Map(self.parameters)),
        ("PartitionKeys", columns(self.partitions)),
        ("StorageDescriptor", files),
    ]);
    Body::new()
        .set("CatalogId", Pseudo::Account)
        .set("DatabaseName", &self.database)
        .set("TableInput", input)
});

/// How a line is read. Source: <https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html>.
fn json() -> Value {
    let lenient = vec![("ignore.malformed.json".to_owned(), "true".into())];
    block([
        ("SerializationLibrary", "org.openx.data.jsonserde.JsonSerDe".into()),
        ("Parameters", Value::Map(lenient)),
    ])
}

/// Who asks together: under one limit, with results in one place, encrypted.
#[derive(Debug)]
pub struct WorkGroup {
    /// Its name, unique in the account and region: at most 128 letters, digits, dots, hyphens,
    /// underscores.
    pub name: Value,
    /// Who asks what.
    pub description: &'static str,
    /// Whether who asks cannot say where results go, or how they are encrypted.
    pub enforced: bool,
    /// The bucket that results go to.
    pub results: Id<Bucket>,
    /// The folder in it: ends in a slash, or is empty.
    pub folder: &'static str,
    /// A query that reads more bytes is cut off, if it says so: 10,000,000 at least. Source:
    /// <https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html>.
    pub most_bytes: Option<i64>,
}

resource!(WorkGroup, Some("AWS::Athena::WorkGroup"), "aws_athena_workgroup", taggable: true, |self| {
    let location =
        join(["s3://".into(), Value::from(&self.results), "/".into(), self.folder.into()]);
    let results = block([
        ("OutputLocation", location),
        ("ExpectedBucketOwner", Pseudo::Account.into()),
        ("EncryptionConfiguration", block([("EncryptionOption", "SSE_S3".into())])),
    ]);
    let version = block([("SelectedEngineVersion", "Athena engine version 3".into())]);
    let mut configuration = vec![
        ("EnforceWorkGroupConfiguration", self.enforced.into()),
        ("PublishCloudWatchMetricsEnabled", true.into()),
        ("EngineVersion", version),
        ("ResultConfiguration", results),
    ];
    configuration.extend(self.most_bytes.map(|most| ("BytesScannedCutoffPerQuery", most.into())));
    Body::new()
        .set("Name", self.name)
        .set("Description", self.description)
        .set("State", "ENABLED")
        // Its history would keep it from being deleted.
        .set("RecursiveDeleteOption", true)
        .set("WorkGroupConfiguration", Value::Block(configuration))
});

/// A query that people find by its name.
#[derive(Debug)]
pub struct NamedQuery {
    /// Its name.
    pub name: &'static str,
    /// What it answers.
    pub description: &'static str,
    /// The database.
    pub database: Id<Database>,
    /// The work group.
    pub group: Id<WorkGroup>,
    /// The query.
    pub query: Value,
}

resource!(NamedQuery, Some("AWS::Athena::NamedQuery"), "aws_athena_named_query", taggable: false, |self| {
    Body::new()
        .set("Name", self.name)
        .set("Description", self.description)
        .set("Database", &self.database)
        .set("WorkGroup", &self.group)
        .set("QueryString", self.query)
});
