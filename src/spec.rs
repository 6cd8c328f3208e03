//! As meant: a blueprint whose every value was parsed once and checked against every other. After
//! this stage nothing in it can be wrong; what can still fail is that it does not fit.

pub mod rule; // what can be wrong with the meaning
pub mod network; // pools, zones, connections
pub mod tier; // offers and their block sizes
pub mod tenant; // tenants, their ids, tags and names
pub mod text; // Handlebars templates of names and tags

use std::collections::BTreeMap;

use crate::aws::Partition;
use crate::blueprint::Written;
use crate::blueprint::shape::S3Backend;
use crate::diag::Sink;
use crate::source::Site;

pub use network::{Network, OnPremises, Pool, Vpn};
pub use tenant::Tenant;
pub use tier::{Tag, TagValue, Tier};

/// A blueprint that makes sense.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The prefix of names.
    pub name: String,
    /// The environment.
    pub environment: String,
    /// The partition.
    pub partition: Partition,
    /// The regions, the home region first.
    pub regions: Vec<String>,
    /// The account of the hubs.
    pub hub_account: String,
    /// The account of tenants and cells.
    pub workload_account: String,
    /// From where and to where it is deployed.
    pub deploy: Deploy,
    /// Address space, zones and connections.
    pub network: Network,
    /// The offers, by id.
    pub tiers: BTreeMap<String, Tier>,
    /// The tenants, by id.
    pub tenants: BTreeMap<String, Tenant>,
    /// Tags whose value is the same for the whole estate.
    pub tags: Vec<(String, String)>,
    /// The template of stack names.
    pub naming: text::Naming,
    /// What bounds a cell.
    pub quotas: Quotas,
}

/// From where and to where it is deployed.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// The account whose credentials run the deployment.
    pub account: String,
    /// The role to take in other accounts.
    pub role: String,
    /// Where Terraform keeps its state; `None` is a file beside the root.
    pub backend: Option<S3Backend>,
}

/// The quotas that bound how many tenants a VPC holds.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// Subnets of a VPC.
    pub subnets: u32,
    /// Route tables of a VPC.
    pub route_tables: u32,
    /// Network ACLs of a VPC.
    pub network_acls: u32,
}

/// AWS's defaults: 200 subnets, route tables and network ACLs of a VPC.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>.
const DEFAULT_PER_VPC: u32 = 200;

impl Spec {
    /// `<name>-<environment>`, which names the output folder.
    pub fn estate(&self) -> String {
        format!("{}-{}", self.name, self.environment)
    }

    /// The name of a parameter in Systems Manager: `/<name>/<environment>/<path>`.
    pub fn parameter(&self, path: &str) -> String {
        format!("/{}/{}/{path}", self.name, self.environment)
    }
}

/// The meaning of a blueprint, or `None` if it has errors; all of them are in the sink.
pub fn spec(written: &Written, sink: &mut Sink) -> Option<Spec> {
    let before = sink.errors();
    let blueprint = &written.blueprint;
    let regions = network::regions(blueprint, sink);
    let network = network::network(blueprint, sink);
    let naming = text::Naming::new(blueprint.naming.as_deref(), sink);
    let tags = text::estate_tags(blueprint, sink);
    let tiers = tier::tiers(blueprint, &network, sink);
    let tenants = tenant::tenants(written, &regions, &tiers, sink);
    accounts(written, &network, sink);
    if sink.errors() > before {
        return None;
    }
    let accounts = &blueprint.accounts;
    let quota = |granted: Option<u32>| granted.unwrap_or(DEFAULT_PER_VPC);
    Some(Spec {
        name: blueprint.name.clone(),
        environment: blueprint.environment.clone(),
        partition: blueprint.partition,
        regions,
        hub_account: accounts.shared.clone().unwrap_or_else(|| accounts.workload.clone()),
        workload_account: accounts.workload.clone(),
        deploy: Deploy {
            account: blueprint.deploy.account.clone().unwrap_or_else(|| accounts.workload.clone()),
            role: blueprint.deploy.role.clone().unwrap_or_else(|| DEFAULT_ROLE.to_owned()),
            backend: blueprint.deploy.backend.as_ref().map(|b| b.s3.clone()),
        },
        network,
        tiers,
        tenants,
        tags,
        naming: naming?,
        quotas: Quotas {
            subnets: quota(blueprint.quotas.subnets_per_vpc),
            route_tables: quota(blueprint.quotas.route_tables_per_vpc),
            network_acls: quota(blueprint.quotas.network_acls_per_vpc),
        },
    })
}

/// The role that AWS Organizations makes in a new account. Source:
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html>.
const DEFAULT_ROLE: &str = "OrganizationAccountAccessRole";

fn accounts(written: &Written, network: &Network, sink: &mut Sink) {
    let accounts = &written.blueprint.accounts;
    let apart = accounts.shared.as_ref().is_some_and(|shared| *shared != accounts.workload);
    if apart && network.has_hub() {
        let message = "the hub and the tenants live in different accounts";
        sink.push(rule::HUB_ACCOUNT.at(Site::at(["accounts", "shared"]), message));
    }
}
