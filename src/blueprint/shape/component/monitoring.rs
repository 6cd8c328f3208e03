//! What is watched, and who is told.

use schemars::JsonSchema;
use serde::Deserialize;

/// Alarms on all that is there, errors in logs, and quotas.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Monitoring {
    /// Who is told what. For the estate; a tier is told of by the same topics.
    #[serde(default)]
    pub notify: Notify,
    /// How many errors in five minutes of an application's log are too many.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 1_000_000), extend("default" = 5))]
    pub error_threshold: Option<u32>,
    /// Which lines of a log are errors, as a filter pattern of `CloudWatch` Logs.
    #[serde(default)]
    #[schemars(with = "String", length(min = 1, max = 1024), extend("default" = "?ERROR ?Error ?\"level\\\":\\\"error\""))]
    pub error_pattern: Option<String>,
    /// From which share of a quota on somebody is told, in percent. For the estate.
    #[serde(default)]
    #[schemars(with = "u16", range(min = 1, max = 100), extend("default" = 80))]
    pub quota_percent: Option<u16>,
}

/// Who is told what: addresses of e-mail, or `https` addresses.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// What needs somebody now.
    #[serde(default)]
    #[schemars(length(max = 10), inner(regex(pattern = "^([^@\\s]+@[^@\\s]+|https://[^\\s]+)$")), extend("x-says-each" = "an e-mail address, or an address that begins with https://"))]
    pub critical: Vec<String>,
    /// What needs somebody today.
    #[serde(default)]
    #[schemars(length(max = 10), inner(regex(pattern = "^([^@\\s]+@[^@\\s]+|https://[^\\s]+)$")), extend("x-says-each" = "an e-mail address, or an address that begins with https://"))]
    pub warning: Vec<String>,
}
