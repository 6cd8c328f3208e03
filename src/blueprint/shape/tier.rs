//! Offers, and what each isolation model can be told.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    App, Capacity, Data, Egress, Endpoints, Ingress, PoolSettings, Service, Throttle,
    TierComponents,
};

/// An offer with one isolation model and its settings.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// What keeps its tenants apart.
    pub isolation: Isolation,
    /// The size of its blocks.
    pub network: TierNetwork,
    /// Whether its tenants have a VPN connection of their own. Only for isolation `vpc`.
    #[serde(default)]
    pub vpn: TierVpn,
    /// One group for each tenant, or one for all tenants of a cell, which saves groups where they
    /// are scarce; network ACLs then keep the tenants apart. Only for isolation `subnet`.
    #[serde(default)]
    pub security_groups: SecurityGroups,
    /// The ports of its layers.
    #[serde(default)]
    pub ports: Ports,
    /// How its private subnets reach the internet, if not as the network says.
    #[serde(default)]
    #[schemars(with = "Egress")]
    pub egress: Option<Egress>,
    /// Private ways to AWS services, if not as the network says.
    #[serde(default)]
    #[schemars(with = "Endpoints")]
    pub endpoints: Option<Endpoints>,
    /// The organizational unit and the budget of its tenants' accounts. Only for isolation
    /// `account`, and needed there.
    #[serde(default)]
    #[schemars(with = "AccountSettings")]
    pub account: Option<AccountSettings>,
    /// How the world reaches its tenants. Only for isolation `container`, and needed there.
    #[serde(default)]
    #[schemars(with = "Ingress")]
    pub ingress: Option<Ingress>,
    /// The only service of a tenant, called `app`; instead of `services`. For isolation `container`,
    /// and for `application` instead of `app`.
    #[serde(default)]
    #[schemars(with = "Service")]
    pub service: Option<Service>,
    /// The services of a tenant, by name. Only for isolation `container`.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
    /// What containers run on. Only for isolation `container`.
    #[serde(default)]
    #[schemars(with = "Capacity")]
    pub capacity: Option<Capacity>,
    /// The instances that all tenants of a pool share. Only for isolation `application`.
    #[serde(default)]
    #[schemars(with = "App")]
    pub app: Option<App>,
    /// Where data is kept and how it is parted. Only for isolation `application`, and needed there.
    #[serde(default)]
    #[schemars(with = "Data")]
    pub data: Option<Data>,
    /// How much a tenant may ask of the interface. Only for isolation `application`.
    #[serde(default)]
    #[schemars(with = "Throttle")]
    pub throttle: Option<Throttle>,
    /// How many tenants share a cell. Only for isolation `container` and `application`.
    #[serde(default)]
    #[schemars(with = "PoolSettings")]
    pub pool: Option<PoolSettings>,
    /// What surrounds its tenants, if not as the estate says.
    #[serde(default)]
    pub components: TierComponents,
    /// What a tenant of this tier may override.
    #[serde(default)]
    pub allow: Vec<Overridable>,
    /// More tags, as in `tags.common`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// What keeps the tenants of a tier apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// An account for each tenant (whitepaper model 1).
    Account,
    /// A VPC for each tenant (whitepaper model 2).
    Vpc,
    /// Subnets for each tenant in a VPC that a cell of tenants shares (whitepaper model 3).
    Subnet,
    /// Containers for each tenant in a cluster that a cell of tenants shares (whitepaper model 4).
    Container,
    /// One application for all tenants of a pool, which keeps them apart itself (whitepaper model 5).
    Application,
}

impl Isolation {
    /// As it stands in a blueprint.
    pub fn id(self) -> &'static str {
        match self {
            Isolation::Account => "account",
            Isolation::Vpc => "vpc",
            Isolation::Subnet => "subnet",
            Isolation::Container => "container",
            Isolation::Application => "application",
        }
    }

    /// Whether each tenant has a VPC of its own.
    pub fn has_vpc(self) -> bool {
        matches!(self, Isolation::Account | Isolation::Vpc)
    }

    /// Whether tenants share a VPC, which is that of a cell.
    pub fn has_cells(self) -> bool {
        !self.has_vpc()
    }

    /// Whether each tenant has an address block of its own.
    pub fn has_blocks(self) -> bool {
        self.has_vpc() || self == Isolation::Subnet
    }
}

/// The size of a tier's blocks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierNetwork {
    /// The prefix length of each tenant's block. Needed where tenants have blocks of their own:
    /// isolation `account`, `vpc` and `subnet`.
    #[serde(default)]
    #[schemars(with = "u8", range(min = 16, max = 28))]
    pub prefix: Option<u8>,
    /// The prefix length of the VPC of a cell. Needed where tenants share a VPC: isolation
    /// `subnet`, `container` and `application`.
    #[serde(default)]
    #[schemars(with = "u8", range(min = 16, max = 24))]
    pub cell_prefix: Option<u8>,
}

/// Whether tenants of a tier have a VPN connection of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TierVpn {
    /// No tenant has one.
    #[default]
    None,
    /// A tenant with `vpn` has one.
    Optional,
    /// Every tenant must have `vpn`.
    Required,
}

/// How many security groups a cell has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecurityGroups {
    /// Groups of its own for each tenant.
    #[default]
    PerTenant,
    /// One set of groups for all tenants of a cell.
    Consolidated,
}

/// The ports of the layers.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ports {
    /// Where clients connect.
    #[serde(default)]
    #[schemars(with = "u16", range(min = 1, max = 65535), extend("default" = 443))]
    pub public: Option<u16>,
    /// Where the application listens.
    #[serde(default)]
    #[schemars(with = "u16", range(min = 1, max = 65535), extend("default" = 8080))]
    pub app: Option<u16>,
    /// Where the data store listens.
    #[serde(default)]
    #[schemars(with = "u16", range(min = 1, max = 65535), extend("default" = 5432))]
    pub data: Option<u16>,
}

/// What a tenant may override of its tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Overridable {
    /// How its private subnets reach the internet: isolation `account` and `vpc`.
    Egress,
    /// Private ways to AWS services: isolation `account` and `vpc`.
    Endpoints,
    /// The ports of its layers: isolation `account`, `vpc` and `subnet`.
    Ports,
    /// Size and scale of its services: isolation `container`.
    Service,
    /// How much it may ask of the interface: isolation `application`.
    Throttle,
}

impl Overridable {
    /// The models that have it.
    pub fn models(self) -> &'static [Isolation] {
        use Isolation::{Account, Application, Container, Subnet, Vpc};
        match self {
            Overridable::Egress | Overridable::Endpoints => &[Account, Vpc],
            Overridable::Ports => &[Account, Vpc, Subnet],
            Overridable::Service => &[Container],
            Overridable::Throttle => &[Application],
        }
    }

    /// As it stands in a blueprint.
    pub fn id(self) -> &'static str {
        match self {
            Overridable::Egress => "egress",
            Overridable::Endpoints => "endpoints",
            Overridable::Ports => "ports",
            Overridable::Service => "service",
            Overridable::Throttle => "throttle",
        }
    }
}

/// What tenants of isolation `account` get besides their network.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// The name of the organizational unit below the root; the id of the tier, if none is given.
    #[serde(default)]
    #[schemars(with = "String", length(min = 1, max = 128))]
    pub organizational_unit: Option<String>,
    /// What each account may cost before somebody is told.
    pub budget: Budget,
}

/// What an account may cost before somebody is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// US dollars a month.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub monthly: u32,
    /// The share of it, in percent, from which actual and forecast cost are told.
    #[serde(default)]
    #[schemars(with = "u8", range(min = 1, max = 100), extend("default" = 80))]
    pub threshold: Option<u8>,
    /// The e-mail addresses to tell: AWS takes ten.
    #[schemars(length(min = 1, max = 10), inner(regex(pattern = "^[^@\\s]+@[^@\\s]+$")), extend("x-says-each" = "an e-mail address"))]
    pub notify: Vec<String>,
}
