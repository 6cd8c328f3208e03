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
    /// What has a dashboard. A tier that does not say it has what the estate says.
    #[serde(default)]
    #[schemars(with = "Dashboards", extend("default" = "tiers"))]
    pub dashboards: Option<Dashboards>,
    /// The ARN of where the logs of applications are sent as they come: a destination of
    /// `CloudWatch` Logs, a Kinesis stream or a delivery stream of Firehose. For the estate.
    #[serde(default)]
    #[schemars(with = "String", length(min = 1, max = 600))]
    pub stream_to: Option<String>,
}

/// What has a dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dashboards {
    /// Nothing.
    None,
    /// Each tier, in each region.
    #[default]
    Tiers,
    /// Each tier in each region, and each tenant that has resources of its own.
    Tenants,
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
