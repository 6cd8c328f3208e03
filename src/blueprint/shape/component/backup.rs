//! What is copied, and how long copies are kept.

use schemars::JsonSchema;
use serde::Deserialize;

/// Copies by AWS Backup of everything that holds data.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// How many days the copy of each day is kept.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 36_500), extend("default" = 35))]
    pub daily: Option<u32>,
    /// How many days the copy of each week is kept; there is none, if no number is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 7, max = 36_500))]
    pub weekly: Option<u32>,
    /// How many days the copy of each month is kept; there is none, if no number is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 28, max = 36_500))]
    pub monthly: Option<u32>,
    /// After how many days weekly and monthly copies move to cold storage, where they stay for at
    /// least 90 more.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 36_500))]
    pub cold_after: Option<u32>,
}
