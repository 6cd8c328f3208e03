//! Who may read the registry of tenants.

use schemars::JsonSchema;
use serde::Deserialize;

/// A registry of all tenants, and an API to read it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Accounts whose roles may ask, beside those of the blueprint; a role must be allowed to in its
    /// own account, too.
    #[serde(default)]
    #[schemars(length(max = 20), inner(regex(pattern = "^[0-9]{12}$")), extend("x-says-each" = "an account: twelve digits in quotes"))]
    pub readers: Vec<String>,
    /// How many requests a second are answered.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 10_000), extend("default" = 20))]
    pub rate: Option<u32>,
}
