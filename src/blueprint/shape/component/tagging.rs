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
    /// Whether a tag policy says how the keys of tags are written in accounts of tenants. Policies of
    /// that type must be enabled in the root of the organization before.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub policy: Option<bool>,
    /// Types for which AWS refuses tags that break the policy, as in `ec2:instance`; for others it
    /// tells of them.
    #[serde(default)]
    pub enforce: Vec<String>,
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
