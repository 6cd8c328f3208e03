//! The blueprint as types. The doc comments are the descriptions that editors show; the JSON
//! Schema in `schemas/blueprint.schema.json` is generated from this file.

pub mod tier; // offers, and what each isolation model can be told
pub mod service; // what runs: containers, instances, their scale
pub mod several; // one text or a list
pub mod data; // where the application model keeps its data, and how much of it one may use
pub mod tenant; // tenants and what they override
pub mod statement; // who must reach whom, and who must not
pub mod component; // what surrounds the tenants

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::aws::Partition;
use crate::aws::quota::{self, Quota};

pub use component::{Components, TierComponents};
pub use data::{Data, DataEngine, DataPartition, PoolSettings, Throttle};
pub use service::{App, Capacity, Ingress, Instances, Scale, ScaleBy, Service, ServiceOverride};
pub use several::Several;
pub use statement::Statement;
pub use tenant::{Attribute, Override, Tenant, Words};
pub use tier::{
    AccountSettings, Budget, Isolation, Overridable, Ports, SecurityGroups, Tier, TierNetwork,
    TierVpn,
};

/// Everything that tenantry needs to know about one estate: its tiers, tenants and network.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Tenantry blueprint")]
pub struct Blueprint {
    /// The version of this format; always 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The prefix of every physical name: lower-case letters, digits and hyphens, at most 32. It
    /// may not begin with `aws` or `ssm`, which Systems Manager keeps for itself.
    #[schemars(extend("pattern" = "^(?!aws|ssm)[a-z]([a-z0-9-]{0,30}[a-z0-9])?$",
        "x-says" = "lower-case letters, digits and hyphens, a letter first, at most 32, and not beginning with `aws` or `ssm`"))]
    pub name: String,
    /// Which environment this is, for example `prod`: lower-case letters, digits and hyphens.
    #[schemars(extend("pattern" = "^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$",
        "x-says" = "lower-case letters, digits and hyphens, a letter first, at most 16"))]
    pub environment: String,
    /// The AWS partition.
    #[serde(default)]
    pub partition: Partition,
    /// The regions. The first is the home region, where tenants live that name none; it stays so once
    /// there is a lock, whatever the order.
    #[schemars(length(min = 1, max = 40))]
    pub regions: Vec<String>,
    /// The existing accounts by role; one account may fill several roles.
    pub accounts: Accounts,
    /// The organization that the accounts of tenants belong to. Needed by isolation `account`.
    #[serde(default)]
    #[schemars(with = "Organization")]
    pub organization: Option<Organization>,
    /// From where and to where the generated scripts and roots deploy.
    #[serde(default)]
    pub deploy: Deploy,
    /// Address space, zones and connections.
    pub network: Network,
    /// The Handlebars template of stack names. It may use `name`, `environment` and `tenant`; for
    /// stacks of no tenant, `tenant` is the key of the stack.
    #[serde(default)]
    #[schemars(extend("default" = "{{name}}-{{environment}}-{{tenant}}"))]
    pub naming: Option<String>,
    /// Tags on everything that can carry them.
    #[serde(default)]
    pub tags: Tags,
    /// What surrounds the tenants: each block switches something on.
    #[serde(default)]
    pub components: Components,
    /// The offers, by id; each has one isolation model.
    pub tiers: BTreeMap<String, Tier>,
    /// The tenants.
    #[serde(default)]
    pub tenants: Vec<Tenant>,
    /// Files with more tenants, beside this one: `.csv` with a header, or `.yaml` with a list.
    #[serde(default)]
    pub tenant_files: Vec<String>,
    /// What AWS has granted these accounts beyond the defaults, by quota id.
    #[serde(default)]
    pub quotas: Quotas,
    /// Who must reach whom. It is proved on what was rendered, and stops when it does not hold.
    #[serde(default)]
    pub must_reach: Vec<Statement>,
    /// Who must not reach whom, beside tenants each other, which is always proved.
    #[serde(default)]
    pub must_not_reach: Vec<Statement>,
    /// What is so in one account, `"111111111111"`, or in one account and region,
    /// `"111111111111/eu-west-1"`.
    #[serde(default)]
    pub places: BTreeMap<String, Place>,
}

/// What is so in one account, or in one account and region.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What AWS has granted there, in place of what it has granted everywhere; as AWS lists it, be it none,
    /// or more than is published as the most.
    #[serde(default)]
    pub quotas: Numbers,
    /// How many are used there by what tenantry did not make, by quota id.
    #[serde(default)]
    pub used: Numbers,
}

/// An account id in quotes.
pub type AccountText = String;

/// The existing accounts by role.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// The management account of the organization.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = ACCOUNT, "x-says" = ACCOUNT_SAYS))]
    pub management: Option<AccountText>,
    /// The account of the hubs. The workload account, if none is given.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = ACCOUNT, "x-says" = ACCOUNT_SAYS))]
    pub shared: Option<AccountText>,
    /// The account of every tenant that has none of its own, or several: cells and tenants go to the
    /// first of the list that has room, and stay there. Another account is added to the end.
    #[schemars(extend("items" = account(), "pattern" = ACCOUNT, "x-says" = ACCOUNT_SAYS))]
    pub workload: Several,
    /// The account that keeps logs.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = ACCOUNT, "x-says" = ACCOUNT_SAYS))]
    pub log_archive: Option<AccountText>,
}

const ACCOUNT: &str = "^[0-9]{12}$";
const ACCOUNT_SAYS: &str = "twelve digits in quotes";

/// The schema of an account in a list.
fn account() -> serde_json::Value {
    serde_json::json!({ "type": "string", "pattern": ACCOUNT, "x-says": ACCOUNT_SAYS })
}

/// The organization that the accounts of tenants belong to. It exists already, with all features.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Its id, as `aws organizations describe-organization` shows it.
    #[schemars(extend("pattern" = "^o-[a-z0-9]{10,32}$", "x-says" = "the id of an organization: `o-` and 10 to 32 lower-case letters and digits"))]
    pub id: String,
    /// The id of its root, as `aws organizations list-roots` shows it.
    #[schemars(extend("pattern" = "^r-[0-9a-z]{4,32}$", "x-says" = "the id of a root: `r-` and 4 to 32 lower-case letters and digits"))]
    pub root: String,
}

/// From where and to where the generated scripts and roots deploy.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deploy {
    /// The account whose credentials run the deployment; a stack in another one is deployed
    /// through a role there. The workload account, if none is given.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = ACCOUNT, "x-says" = ACCOUNT_SAYS))]
    pub account: Option<AccountText>,
    /// The name of that role.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = "OrganizationAccountAccessRole", "pattern" = "^[A-Za-z0-9_+=,.@-]{1,64}$",
        "x-says" = "a role name: letters, digits and _+=,.@-, at most 64"))]
    pub role: Option<String>,
    /// Where Terraform keeps its state. A file beside the root, if none is given.
    #[serde(default)]
    #[schemars(with = "Backend")]
    pub backend: Option<Backend>,
}

/// Where Terraform keeps its state.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// A bucket; each root has a key of its own in it.
    pub s3: S3Backend,
}

/// A bucket for Terraform's state.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3Backend {
    /// The bucket, which must exist.
    #[schemars(length(min = 3, max = 63))]
    pub bucket: String,
    /// The region of the bucket.
    pub region: String,
    /// What every key begins with. The name of the estate, if none is given.
    #[serde(default)]
    #[schemars(with = "String")]
    pub prefix: Option<String>,
}

/// Address space, zones and connections.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The address space that tenantry allocates from.
    #[schemars(length(min = 1))]
    pub pools: Vec<Pool>,
    /// Parts of the pools that are never allocated: on premises, older systems.
    #[serde(default)]
    pub reserved: Vec<String>,
    /// How many zones are used today.
    #[serde(default)]
    #[schemars(range(min = 1, max = 6), with = "u8", extend("default" = 3))]
    pub zones: Option<u8>,
    /// How many zones each block keeps room for: 1, 2, 4 or 8. A fourth zone then renumbers
    /// nothing.
    #[serde(default)]
    #[schemars(with = "u8", extend("default" = 4, "enum" = [1, 2, 4, 8]))]
    pub zone_slots: Option<u8>,
    /// The zones of a region by name, for accounts that do not see the usual ones.
    #[serde(default)]
    pub zone_names: BTreeMap<String, Vec<String>>,
    /// The hub of each region and how tenants reach it.
    #[serde(default)]
    pub hub: Hub,
    /// The network on premises.
    #[serde(default)]
    #[schemars(with = "OnPremises")]
    pub on_premises: Option<OnPremises>,
    /// How private subnets reach the internet.
    #[serde(default)]
    pub egress: Egress,
    /// Private ways to AWS services.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// Records of the traffic of every VPC.
    #[serde(default)]
    pub flow_logs: FlowLogs,
}

/// Address space to allocate from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// An IPv4 block, for example `10.0.0.0/8`.
    pub cidr: String,
    /// The region that it serves; every region, if none is given.
    #[serde(default)]
    #[schemars(with = "String")]
    pub region: Option<String>,
}

/// The hub of each region: a VPC with shared services.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// How tenants reach the hub.
    #[serde(default)]
    pub connect: Connect,
    /// The size of the hub's block.
    #[serde(default)]
    #[schemars(with = "u8", range(min = 16, max = 24), extend("default" = 20))]
    pub prefix: Option<u8>,
}

/// How tenants reach the hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Connect {
    /// Through a transit gateway with a route table of its own for tenants: they reach the hub
    /// and never each other.
    TransitGateway,
    /// Through a peering connection for each VPC. Peering is not transitive.
    Peering,
    /// There is no hub.
    #[default]
    None,
}

/// The network on premises.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnPremises {
    /// Its address blocks.
    #[schemars(length(min = 1, max = 4))]
    pub cidrs: Vec<String>,
    /// A VPN connection to it.
    #[serde(default)]
    #[schemars(with = "Vpn")]
    pub vpn: Option<Vpn>,
}

/// The far end of a VPN connection.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vpn {
    /// The public address of the customer's gateway.
    pub gateway_ip: String,
    /// The BGP autonomous system number of the customer's gateway.
    #[schemars(range(min = 1, max = 4_294_967_294_u32))]
    pub asn: u32,
}

/// How private subnets reach the internet.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Where NAT gateways stand.
    #[serde(default)]
    pub nat: Nat,
}

/// Where NAT gateways stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Nat {
    /// One in each zone: the loss of a zone stops no other.
    #[default]
    PerZone,
    /// One for the VPC: cheaper, but it shares the fate of its zone.
    Single,
    /// None: private subnets reach AWS services through endpoints only.
    None,
}

/// Private ways to AWS services.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// Gateway endpoints, which cost nothing.
    #[serde(default)]
    pub gateway: Vec<GatewayService>,
    /// Interface endpoints by service, for example `ecr.api`, `logs` or `secretsmanager`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^(?!com\.)[a-z0-9][a-z0-9.-]{0,62}$")),
        extend("x-says-each" = "the short name of a service, for example ecr.api"))]
    pub interface: Vec<String>,
}

/// The services that have gateway endpoints.
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GatewayService {
    /// Amazon S3.
    S3,
    /// Amazon `DynamoDB`.
    DynamoDb,
}

/// Records of the traffic of every VPC.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowLogs {
    /// How many days they are kept; one of the numbers that `CloudWatch` Logs knows.
    #[serde(default)]
    #[schemars(with = "u32", extend("default" = 90, "enum" = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]))]
    pub retention_days: Option<u32>,
}

/// Tags on everything that can carry them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// Key and value; a value is a Handlebars template that may use `name`, `environment`, `tier`
    /// and `tenant` with any of the tenant's attributes, for example `{{tenant.cost_center}}`.
    #[serde(default)]
    pub common: BTreeMap<String, String>,
    /// Keys that every tenant's resources must have.
    #[serde(default)]
    pub required: Vec<String>,
}

/// What AWS has granted beyond the defaults, by quota id. A quota that is not listed has its default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Quotas(pub BTreeMap<String, u32>);

impl JsonSchema for Quotas {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quotas".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let row = |quota: &Quota<'_>| {
            let default = quota.default.map_or("no default is published".to_owned(), |count| {
                format!("{count} by default")
            });
            let about = format!("{}; {default}.", quota.name);
            serde_json::json!({
                "description": about, "type": "integer", "minimum": 1,
                "maximum": quota.max.or(quota.most()).unwrap_or(u32::MAX)
            })
        };
        by_quota(
            "What AWS has granted beyond the defaults. A quota that is not listed has its default.",
            row,
        )
    }
}

/// Whatever AWS says of quotas, by their id.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Numbers(pub BTreeMap<String, u32>);

impl JsonSchema for Numbers {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Numbers".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let row = |_: &Quota<'_>| serde_json::json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
        by_quota("Whatever AWS says of quotas, by their id.", row)
    }
}

/// A mapping whose keys are the quotas of the table.
fn by_quota(about: &str, row: impl Fn(&Quota<'_>) -> serde_json::Value) -> schemars::Schema {
    let rows: serde_json::Map<String, serde_json::Value> =
        quota::all().iter().map(|quota| (quota.id.to_owned(), row(quota))).collect();
    schemars::json_schema!({
        "description": about,
        "type": "object",
        "additionalProperties": false,
        "properties": rows
    })
}
