//! How costs are put together by tenant and tier.

use schemars::JsonSchema;
use serde::Deserialize;

/// Resource groups of tiers, and costs by tenant and by tier.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tagging {
    /// How costs of no tier are put to the tiers.
    #[serde(default)]
    pub shared_costs: SharedCosts,
}

/// How costs of no tier are put to the tiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SharedCosts {
    /// By what each costs by itself.
    #[default]
    Proportional,
    /// The same to each.
    Even,
    /// Not at all.
    Apart,
}
