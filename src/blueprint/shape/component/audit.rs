//! What is recorded, and how long it is kept.

use schemars::JsonSchema;
use serde::Deserialize;

/// Who did what, what is there, and who from outside may reach it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// How many days records are kept.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 90, max = 36_500), extend("default" = 2555))]
    pub retention_days: Option<u32>,
    /// After how many days they move to storage that is cheaper.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 30, max = 36_500), extend("default" = 90))]
    pub cold_after: Option<u32>,
    /// For how many days nobody can delete a record; 0 is no lock.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 0, max = 36_500), extend("default" = 365))]
    pub lock_days: Option<u32>,
    /// Whether AWS Config records and judges what is there. An account has one recorder in a region:
    /// false where there is one already.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub config: Option<bool>,
    /// Whether accounts of tenants (isolation `account`) have a recorder, rules and an analyzer, too;
    /// false where something else puts them there.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub tenant_accounts: Option<bool>,
    /// Whether the trail records each read and write of an object in a bucket, too, which AWS bills
    /// by their number.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = false))]
    pub data_events: Option<bool>,
}
