//! What surrounds the tenants: security, monitoring, backup and the like, each switched on by its
//! block. An empty block has sensible defaults.

pub mod backup; // copies that outlive what was copied
pub mod delivery; // how a change is deployed
pub mod catalogue; // who the tenants are
pub mod chargeback; // what tenants use
pub mod tagging; // how costs are put together
pub mod audit; // what is recorded
pub mod monitoring; // what is watched, and who is told
pub mod identity; // who the users are
pub mod microservice; // small services of a pool
pub mod protection; // keys, firewalls, and who looks for intruders
pub mod analytics; // what is asked of tenants' records

use schemars::JsonSchema;
use serde::Deserialize;

pub use analytics::{Analytics, ColumnType, Notebooks, Spark, Warehouse};
pub use audit::Audit;
pub use backup::{Backup, CopyTo, RestoreTest, VaultLock};
pub use catalogue::Catalogue;
pub use chargeback::{Chargeback, Meter};
pub use delivery::{
    Applications, Approve, Connection, Delivery, DeliveryEngine, ImageNetwork, Images, Pace,
};
pub use identity::{Federation, Identity, Mfa, Oidc, Saml, SignInDomain, Users};
pub use microservice::{Microservice, SmallService};
pub use monitoring::{Dashboards, Monitoring, Notify};
pub use protection::{Dns, Firewall, Hsm, Keys, Protection};
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
    /// Users of tenants, their sign-in, and what they reach with it.
    #[serde(default)]
    #[schemars(with = "Identity")]
    pub identity: Option<Identity>,
    /// Keys, firewalls, and what looks for intruders.
    #[serde(default)]
    #[schemars(with = "Protection")]
    pub protection: Option<Protection>,
    /// A lake of all tenants' records, and what asks it for one tenant at a time.
    #[serde(default)]
    #[schemars(with = "Analytics")]
    pub analytics: Option<Analytics>,
    /// What each tenant uses, as it happens and by month and quarter.
    #[serde(default)]
    #[schemars(with = "Chargeback")]
    pub chargeback: Option<Chargeback>,
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
    /// Users of its tenants, their sign-in, and what they reach with it.
    #[serde(default)]
    #[schemars(with = "Identity")]
    pub identity: Option<Identity>,
    /// Small services beside the application of a pool. Only for isolation `application`.
    #[serde(default)]
    #[schemars(with = "Microservice")]
    pub microservice: Option<Microservice>,
    /// Keys, and firewalls of load balancers and of DNS.
    #[serde(default)]
    #[schemars(with = "Protection")]
    pub protection: Option<Protection>,
}

/// A component that a tier can have for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TierComponent {
    /// Copies by AWS Backup.
    Backup,
    /// Alarms, and errors in logs.
    Monitoring,
    /// Users of tenants.
    Identity,
    /// Keys and firewalls.
    Protection,
}

impl TierComponent {
    /// As it stands in a blueprint.
    pub fn id(self) -> &'static str {
        match self {
            TierComponent::Backup => "backup",
            TierComponent::Monitoring => "monitoring",
            TierComponent::Identity => "identity",
            TierComponent::Protection => "protection",
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
            identity: pick(
                self.identity.as_ref(),
                estate.identity.as_ref(),
                with(TierComponent::Identity),
            ),
            microservice: self.microservice.clone(),
            protection: pick(
                self.protection.as_ref(),
                estate.protection.as_ref(),
                with(TierComponent::Protection),
            ),
            backup: pick(self.backup.as_ref(), estate.backup.as_ref(), with(TierComponent::Backup)),
        }
    }
}

fn pick<T: Clone>(own: Option<&T>, estate: Option<&T>, with: bool) -> Option<T> {
    own.or(estate.filter(|_| with)).cloned()
}
