//! What tenants use, what it costs them, and how much of it their tier has.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Counts what each tenant uses, as it happens and by month and quarter.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chargeback {
    /// For how many hours events can be read again from the stream. Those of more than a day cost
    /// more.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 24, max = 8_760), extend("default" = 24))]
    pub retention_hours: Option<u32>,
    /// Prices and limits by meter. What has neither is measured all the same.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 50))]
    pub meters: BTreeMap<String, Meter>,
}

/// What a unit of something costs, and how much of it a tenant has.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Meter {
    /// The price of a unit, in quotes, in the currency that you charge in.
    #[serde(default)]
    #[schemars(with = "String")]
    pub price: Option<String>,
    /// The prices of tiers that have another.
    #[serde(default)]
    pub prices: BTreeMap<String, String>,
    /// How many units a tenant of a tier has in a month. Who has used them up is marked as throttled.
    #[serde(default)]
    pub limits: BTreeMap<String, u64>,
}
