//! What surrounds the tenants: security, monitoring, backup and the like, each switched on by its
//! block. An empty block has sensible defaults.

pub mod backup; // copies that outlive what was copied
pub mod delivery; // how a change is deployed
pub mod catalogue; // who the tenants are
pub mod tagging; // how costs are put together
pub mod audit; // what is recorded
pub mod monitoring; // what is watched, and who is told
pub mod microservice; // small services of a pool

use schemars::JsonSchema;
use serde::Deserialize;

pub use audit::Audit;
pub use backup::Backup;
pub use catalogue::Catalogue;
pub use delivery::{Approve, Connection, Delivery, DeliveryEngine};
pub use microservice::{Microservice, SmallService};
pub use monitoring::{Dashboards, Monitoring, Notify};
pub use tagging::{SharedCosts, Tagging};

/// What surrounds the tenants of the whole estate. What a tier can have for itself, a tier may
/// set otherwise in its own `components`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Components {
    /// Copies by AWS Backup of all that holds data.
    #[serde(default)]
    #[schemars(with = "Backup")]
    pub backup: Option<Backup>,
    /// A pipeline from a repository to the stacks, ring by ring.
    #[serde(default)]
    #[schemars(with = "Delivery")]
    pub delivery: Option<Delivery>,
    /// Alarms on all that is there, errors in logs, and quotas.
    #[serde(default)]
    #[schemars(with = "Monitoring")]
    pub monitoring: Option<Monitoring>,
    /// Who did what, what is there, and who from outside may reach it.
    #[serde(default)]
    #[schemars(with = "Audit")]
    pub audit: Option<Audit>,
    /// Resource groups of tiers, and costs by tenant and by tier.
    #[serde(default)]
    #[schemars(with = "Tagging")]
    pub tagging: Option<Tagging>,
    /// A registry of all tenants, and an API to read it.
    #[serde(default)]
    #[schemars(with = "Catalogue")]
    pub catalogue: Option<Catalogue>,
}

/// What surrounds the tenants of one tier, in place of what the estate says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierComponents {
    /// Components of the estate that this tier does without.
    #[serde(default)]
    pub without: Vec<TierComponent>,
    /// Copies by AWS Backup of all that holds data.
    #[serde(default)]
    #[schemars(with = "Backup")]
    pub backup: Option<Backup>,
    /// Alarms on all that is there, and errors in logs.
    #[serde(default)]
    #[schemars(with = "Monitoring")]
    pub monitoring: Option<Monitoring>,
    /// Small services beside the application of a pool. Only for isolation `application`.
    #[serde(default)]
    #[schemars(with = "Microservice")]
    pub microservice: Option<Microservice>,
}

/// A component that a tier can have for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TierComponent {
    /// Copies by AWS Backup.
    Backup,
    /// Alarms, and errors in logs.
    Monitoring,
}

impl TierComponent {
    /// As it stands in a blueprint.
    pub fn id(self) -> &'static str {
        match self {
            TierComponent::Backup => "backup",
            TierComponent::Monitoring => "monitoring",
        }
    }
}

impl TierComponents {
    /// What a tier has: its own, or else that of the estate unless it does without.
    #[must_use]
    pub fn over(&self, estate: &Components) -> TierComponents {
        let with = |name| !self.without.contains(&name);
        TierComponents {
            without: Vec::new(),
            monitoring: pick(
                self.monitoring.as_ref(),
                estate.monitoring.as_ref(),
                with(TierComponent::Monitoring),
            ),
            microservice: self.microservice.clone(),
            backup: pick(self.backup.as_ref(), estate.backup.as_ref(), with(TierComponent::Backup)),
        }
    }
}

fn pick<T: Clone>(own: Option<&T>, estate: Option<&T>, with: bool) -> Option<T> {
    own.or(estate.filter(|_| with)).cloned()
}
