//! What tenants' records are, how long they are kept, and who may ask them for one tenant at a time.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// A lake of all tenants' records, each tenant's below a prefix of its own, and what asks it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Analytics {
    /// Roles that may act for a tenant, by ARN: they must say for which. Nobody, if none is given.
    #[serde(default)]
    #[schemars(length(max = 20), inner(regex(pattern = "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$")), extend("x-says-each" = "the ARN of a role, as in arn:aws:iam::333333333333:role/analyst"))]
    pub analysts: Vec<String>,
    /// What records hold besides `tenant`, by name; `time`, `event`, `actor`, `value` and
    /// `attributes`, if nothing is given.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 200))]
    pub columns: BTreeMap<String, ColumnType>,
    /// After how many days records move to storage that is cheaper.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 36_500), extend("default" = 90))]
    pub cold_after: Option<u32>,
    /// After how many days records are deleted; never, if no number is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 2, max = 36_500))]
    pub expire_after: Option<u32>,
    /// After how many days the results of queries are deleted.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 36_500), extend("default" = 30))]
    pub results_days: Option<u32>,
    /// For how many hours a record can be read from the stream.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 24, max = 8_760), extend("default" = 24))]
    pub stream_hours: Option<u32>,
    /// After how many seconds records are written into the lake, at the latest.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 60, max = 900), extend("default" = 300))]
    pub gather_seconds: Option<u32>,
    /// How many GiB a query may read before it is cut off.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 1_000_000), extend("default" = 100))]
    pub query_limit: Option<u32>,
    /// A warehouse of Amazon Redshift Serverless, for questions across tenants.
    #[serde(default)]
    #[schemars(with = "Warehouse")]
    pub warehouse: Option<Warehouse>,
    /// Jobs of Spark on Amazon EMR Serverless.
    #[serde(default)]
    #[schemars(with = "Spark")]
    pub spark: Option<Spark>,
    /// Notebooks of Amazon `SageMaker` Studio, which act for one tenant at a time.
    #[serde(default)]
    #[schemars(with = "Notebooks")]
    pub notebooks: Option<Notebooks>,
    /// Amazon `QuickSight`, which cannot be had: it says no tenant when it reads for a person.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = false))]
    pub quicksight: Option<bool>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Text, and times as they are written.
    String,
    /// Whole numbers.
    Bigint,
    /// Other numbers.
    Double,
    /// True or false.
    Boolean,
    /// Texts by name.
    Map,
}

impl ColumnType {
    /// As Hive calls it.
    pub fn hive(self) -> &'static str {
        match self {
            ColumnType::String => "string",
            ColumnType::Bigint => "bigint",
            ColumnType::Double => "double",
            ColumnType::Boolean => "boolean",
            ColumnType::Map => "map<string,string>",
        }
    }
}

/// A warehouse of Amazon Redshift Serverless.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warehouse {
    /// With how many units (RPU) a query begins: a multiple of 8.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 8, max = 512), extend("default" = 8))]
    pub base: Option<u32>,
    /// How many units there are at most: a multiple of 8.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 8, max = 512), extend("default" = 32))]
    pub most: Option<u32>,
}

/// Jobs of Spark on Amazon EMR Serverless.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spark {
    /// The release of Amazon EMR.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = "^emr-[0-9]+\\.[0-9]+\\.[0-9]+$"), extend("default" = "emr-7.5.0"))]
    pub release: Option<String>,
    /// How many processors (vCPU) all jobs have together at most.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 4, max = 10_000), extend("default" = 32))]
    pub processors: Option<u32>,
    /// After how many minutes without a job it stops.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 10_080), extend("default" = 15))]
    pub idle_minutes: Option<u32>,
}

/// Notebooks of Amazon `SageMaker` Studio.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notebooks {
    /// The people who have notebooks, by names of yours; whoever may create profiles adds others.
    #[serde(default)]
    #[schemars(length(max = 50), inner(regex(pattern = "^[a-z0-9](-?[a-z0-9]){0,62}$")), extend("x-says-each" = "lower-case letters, digits and single hyphens between them, at most 63, as in ada-lovelace"))]
    pub users: Vec<String>,
}
