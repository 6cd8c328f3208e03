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
    /// Other vaults that every copy is copied to, in another region or account.
    #[serde(default)]
    pub copy_to: Vec<CopyTo>,
    /// Copies are brought back on trial each week; they are not, if nothing is said.
    #[serde(default)]
    #[schemars(with = "RestoreTest")]
    pub restore_test: Option<RestoreTest>,
    /// Copies cannot be deleted before their time; they can, if nothing is said. Only of the estate,
    /// whose tiers have one vault.
    #[serde(default)]
    #[schemars(with = "VaultLock")]
    pub lock: Option<VaultLock>,
}

/// Another vault that every copy is copied to. It is there already, and lets this account copy into it.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyTo {
    /// The ARN of the vault.
    #[schemars(extend("pattern" = "^arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:[A-Za-z0-9_-]{2,50}$", "x-says" = "the ARN of a vault: `arn:aws:backup:<region>:<account>:backup-vault:<name>`"))]
    pub vault: String,
    /// How many days copies are kept there; as long as here, if nothing is said.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 36_500))]
    pub keep: Option<u32>,
    /// After how many days they move to cold storage there, where they stay for at least 90 more.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 36_500))]
    pub cold_after: Option<u32>,
}

/// How copies are brought back on trial.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreTest {
    /// The subnet group that clusters come back into, in each region; those of the default VPC, if
    /// nothing is said.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = "^[a-z0-9._ -]{1,255}$", "x-says" = "the name of a subnet group: lower-case letters, digits, periods, underscores, spaces and hyphens"))]
    pub subnet_group: Option<String>,
}

/// How a vault is locked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VaultLock {
    /// The fewest days that the vault takes copies for.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 36_500), extend("default" = 1))]
    pub min_days: Option<u32>,
    /// The most days; there is no such bound, if no number is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 36_500))]
    pub max_days: Option<u32>,
    /// After how many days nobody can undo the lock, neither AWS nor the root user. Who is permitted
    /// can undo it at any time, if no number is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 3, max = 36_500))]
    pub changeable_for_days: Option<u32>,
}
