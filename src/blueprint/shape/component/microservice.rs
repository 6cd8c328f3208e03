//! Small services beside the application of a pool.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Small services of a pool: each a route, a queue and a function.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Microservice {
    /// The services by name, which is their path; one called `jobs`, if none is given.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 20))]
    pub services: BTreeMap<String, SmallService>,
}

/// A small service.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmallService {
    /// The memory of its function, in MiB.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 128, max = 10_240), extend("default" = 128))]
    pub memory: Option<u32>,
    /// How many seconds a message may take.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 900), extend("default" = 30))]
    pub timeout: Option<u32>,
    /// How many may run at once; as many as the account has, if no number is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 2, max = 1_000))]
    pub concurrency: Option<u32>,
}
