//! Keys, firewalls and what looks for intruders.

use schemars::JsonSchema;
use serde::Deserialize;

/// Keys that encrypt data, firewalls of load balancers and of DNS, and what looks for intruders.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// Whose data a key of AWS KMS encrypts.
    #[serde(default)]
    pub keys: Keys,
    /// Whether clusters of Aurora are encrypted with it, too. AWS never changes the key of a cluster:
    /// true only where no cluster is there yet.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = false))]
    pub databases: Option<bool>,
    /// What the firewall of load balancers refuses. Of isolation `container`, whose tenants share one;
    /// the interface of a pool has its own.
    #[serde(default)]
    pub firewall: Firewall,
    /// Which names can be resolved in VPCs, and whether somebody can see which were.
    #[serde(default)]
    pub dns: Dns,
    /// Whether Amazon `GuardDuty` looks for intruders. A region of an account has one detector: false
    /// where there is one already. For the estate.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub guardduty: Option<bool>,
    /// Whether AWS Security Hub holds what is there against AWS's own standard; false where it is on
    /// already. For the estate.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub security_hub: Option<bool>,
    /// Whether Amazon Inspector looks for known flaws in instances, images and functions. For the
    /// estate.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub inspector: Option<bool>,
    /// A cluster of AWS `CloudHSM` in the home region of the workload account. There is none, if nothing
    /// is said. For the estate.
    #[serde(default)]
    #[schemars(with = "Hsm")]
    pub hsm: Option<Hsm>,
}

/// A cluster of hardware that holds keys. It takes at most ten subnets. Source:
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_CreateCluster.html>.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hsm {
    /// The subnets that it stands in: of one VPC, each in another zone.
    #[schemars(length(min = 2, max = 10), inner(regex(pattern = "^subnet-([0-9a-f]{8}|[0-9a-f]{17})$")), extend("x-says-each" = "the id of a subnet", "uniqueItems" = true))]
    pub subnets: Vec<String>,
}

/// Whose data a key encrypts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    /// A key for each tenant that has data of its own; what tenants share takes that of the tier.
    #[default]
    Tenant,
    /// A key for each tier.
    Tier,
    /// One key for all.
    Estate,
    /// The keys that AWS holds for each service.
    Aws,
}

/// What the firewall of load balancers refuses.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Firewall {
    /// Whether there is one.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub enabled: Option<bool>,
    /// How many requests one address may make to one tenant in five minutes.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 10, max = 2_000_000_000), extend("default" = 2000))]
    pub rate: Option<u32>,
    /// How many requests one tenant may get in five minutes; as many as come, if no number is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 10, max = 2_000_000_000))]
    pub tenant_rate: Option<u32>,
}

/// Which names can be resolved. A list takes at most 1,000 at once, each of letters, digits and hyphens. Source:
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_UpdateFirewallDomains.html>.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// The only names, beside those of AWS itself; all, if none is given. `*.example.com` is all below
    /// `example.com`, and not that itself.
    #[serde(default)]
    #[schemars(length(max = 1000), inner(regex(pattern = "^(\\*\\.)?([A-Za-z0-9-]{1,63}\\.)*[A-Za-z0-9-]{1,63}$"), length(max = 255)), extend("x-says-each" = "a domain, perhaps with `*.` before it"))]
    pub allow: Vec<String>,
    /// Names that cannot be resolved, whatever is allowed.
    #[serde(default)]
    #[schemars(length(max = 1000), inner(regex(pattern = "^(\\*\\.)?([A-Za-z0-9-]{1,63}\\.)*[A-Za-z0-9-]{1,63}$"), length(max = 255)), extend("x-says-each" = "a domain, perhaps with `*.` before it"))]
    pub block: Vec<String>,
    /// Whether every question is recorded.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub log: Option<bool>,
}

impl Dns {
    /// Whether it refuses anything.
    pub fn refuses(&self) -> bool {
        !self.allow.is_empty() || !self.block.is_empty()
    }

    /// Whether questions are recorded.
    pub fn logs(&self) -> bool {
        self.log.unwrap_or(true)
    }
}
