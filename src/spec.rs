//! As meant: a blueprint whose every value was parsed once and checked against every other. After
//! this stage nothing in it can be wrong; what can still fail is that it does not fit.

pub mod rule; // what can be wrong with the meaning
pub mod network; // pools, zones, connections
pub mod tier; // offers and their block sizes
pub mod workload; // what runs in the cells of a tier, and where its data is
pub mod start; // what runs when an instance starts
pub mod account; // the organization, and the accounts of its tenants
pub mod tenant; // tenants, their ids, tags and names
pub mod component; // what surrounds them
pub mod quota; // how many AWS allows, and how many are used already
pub mod unordered; // lists whose order means nothing
pub mod statement; // who must reach whom, and who must not
pub mod text; // Handlebars templates of names and tags

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::Partition;
use crate::blueprint::shape::{Components, Organization, S3Backend, TierComponents};
use crate::blueprint::{Blueprint, Written};
use crate::diag::Sink;
use crate::source::Site;

pub use network::{Network, OnPremises, Pool, Vpn};
pub use quota::Quotas;
pub use statement::Statement;
pub use tenant::Tenant;
pub use tier::{Tag, TagValue, Tier};

use crate::blueprint::shape::Isolation;

/// A blueprint that makes sense.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The prefix of names.
    pub name: String,
    /// The environment.
    pub environment: String,
    /// The partition.
    pub partition: Partition,
    /// The regions, the home region first: that which the estate began in.
    pub regions: Vec<String>,
    /// Where each region stands in the blueprint.
    pub region_sites: BTreeMap<String, Site>,
    /// The account of the hubs, and of the people who operate and audit; [`Spec::settle`] says which,
    /// where the blueprint does not.
    pub hub_account: String,
    /// The management account and the organization, where tiers of isolation `account` need them.
    pub organization: Option<Managed>,
    /// The management account, where the blueprint names one.
    pub management_account: Option<String>,
    /// The account that keeps records.
    pub log_archive_account: Option<String>,
    /// The accounts of cells, and of tenants that have none of their own, in the order in which they
    /// fill.
    pub workload_accounts: Vec<String>,
    /// The workload account that the estate began in: what it has once stands there, and stays.
    pub home_account: String,
    /// Which accounts the blueprint does not name, so that they are at home.
    pub unnamed: Unnamed,
    /// From where and to where it is deployed.
    pub deploy: Deploy,
    /// Address space, zones and connections.
    pub network: Network,
    /// What surrounds the tenants; what a tier has of it is in the tier.
    pub components: Components,
    /// The offers, by id.
    pub tiers: BTreeMap<String, Tier>,
    /// The offers as some tenants override them, by the name of their shape.
    pub variants: BTreeMap<String, Tier>,
    /// The tenants, by id.
    pub tenants: BTreeMap<String, Tenant>,
    /// Tags whose value is the same for the whole estate.
    pub tags: Vec<(String, String)>,
    /// Keys of tags that every tenant's resources have.
    pub required_tags: Vec<String>,
    /// The template of stack names.
    pub naming: text::Naming,
    /// What bounds a cell.
    pub quotas: Quotas,
    /// Who must reach whom, and who must not.
    pub statements: Vec<Statement>,
}

/// Which accounts are at home because the blueprint does not name them.
#[derive(Clone, Copy, Debug)]
pub struct Unnamed {
    /// That of the hubs.
    pub hub: bool,
    /// That whose credentials run the deployment.
    pub deploy: bool,
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

/// An organization and the account that manages it.
#[derive(Clone, Debug)]
pub struct Managed {
    /// The management account.
    pub account: String,
    /// The organization.
    pub organization: Organization,
}

/// How a deployment enters an account that is not its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The name of the role to take.
    pub role: String,
    /// The external id that the role wants.
    pub external_id: Option<String>,
}

impl Spec {
    /// `<name>-<environment>`, which names the output folder.
    pub fn estate(&self) -> String {
        format!("{}-{}", self.name, self.environment)
    }

    /// The name of a parameter in Systems Manager: `/<name>/<environment>/<path>`.
    pub fn parameter(&self, path: &str) -> String {
        format!("/{}/{}/{path}", self.name, self.environment)
    }

    /// The tier of a tenant, with what the tenant overrides.
    pub fn tier_of(&self, tenant: &Tenant) -> &Tier {
        match &tenant.variant {
            Some(shape) => &self.variants[shape],
            None => &self.tiers[&tenant.tier],
        }
    }

    /// Whether anything surrounds any tenant.
    pub fn has_components(&self) -> bool {
        self.components != Components::default()
            || self.tiers.values().any(|tier| tier.components != TierComponents::default())
    }

    /// Whether any tier gives its tenants accounts of their own.
    pub fn has_accounts(&self) -> bool {
        self.tiers.values().any(|tier| tier.isolation == Isolation::Account)
    }

    /// The accounts that the blueprint names, each once: with an organization all of them are its members,
    /// as a hub shares with nobody else.
    pub fn named_accounts(&self) -> BTreeSet<&str> {
        let managed = self.organization.iter().map(|managed| &managed.account);
        let kept = self.log_archive_account.iter().chain(&self.workload_accounts);
        let others = [&self.hub_account, &self.deploy.account];
        managed.chain(kept).chain(others).map(String::as_str).collect()
    }

    /// Whether cells, and tenants that have no account of their own, can live in this account.
    pub fn is_workload(&self, account: &str) -> bool {
        self.workload_accounts.iter().any(|one| one == account)
    }

    /// Whether an account is one of several for cells, and for tenants that have none of their own.
    pub fn is_one_of_several(&self, account: &str) -> bool {
        self.has_several_workloads() && self.is_workload(account)
    }

    /// Whether there are several accounts for cells, and for tenants that have none of their own.
    pub fn has_several_workloads(&self) -> bool {
        self.workload_accounts.len() > 1
    }

    /// Says in which workload account the estate began: the first of the list, until a lock knows.
    /// A list that is reordered moves nothing.
    pub fn settle(&mut self, home: &str) {
        home.clone_into(&mut self.home_account);
        if self.unnamed.hub {
            home.clone_into(&mut self.hub_account);
        }
        if self.unnamed.deploy {
            home.clone_into(&mut self.deploy.account);
        }
    }

    /// Whether what lives in this account reaches the hub across accounts.
    pub fn is_apart(&self, account: &str) -> bool {
        account != self.hub_account
    }

    /// How the deployment enters one of the accounts of the blueprint; `None` if it is there.
    pub fn access(&self, account: &str) -> Option<Access> {
        let role = || Access { role: self.deploy.role.clone(), external_id: None };
        (account != self.deploy.account).then(role)
    }

    /// How the deployment enters the account of a tenant.
    pub fn tenant_access(&self, account: &str) -> Access {
        Access {
            role: self.role_name("deployer"),
            external_id: Some(format!("{}-{account}", self.estate())),
        }
    }

    /// The name of a role that is the same in the account of every tenant.
    pub fn role_name(&self, role: &str) -> String {
        format!("{}-{role}", self.estate())
    }
}

/// The meaning of a blueprint, or `None` if it has errors; all of them are in the sink.
pub fn spec(written: &Written, sink: &mut Sink) -> Option<Spec> {
    let (before, found) = (sink.errors(), sink.len());
    let blueprint = &written.blueprint;
    let regions = network::regions(written, sink);
    let network = network::network(blueprint, sink);
    let naming = text::Naming::new(blueprint.naming.as_deref(), sink);
    let tags = text::estate_tags(blueprint, sink);
    let mut tiers = tier::tiers(written, &network, sink);
    unordered::tiers(&mut tiers);
    quota::check(blueprint, sink);
    workload::check(written, &regions, sink);
    component::check(written, sink);
    let mut variants = BTreeMap::new();
    let tenants = tenant::tenants(written, &regions, &tiers, &mut variants, sink);
    let organization = account::organization(written, sink);
    account::emails(&tenants, &tiers, sink);
    workload::hosts(&tenants, &tiers, sink);
    let named = statement::Named { written, tiers: &tiers, tenants: &tenants, network: &network };
    let mut statements = statement::statements(&named, sink);
    unordered::statements(&mut statements);
    let sound = sink.errors() == before;
    // What does not stand is not told; that something is wrong is told already.
    sink.take_back(found, |complaint| written.stands(complaint));
    if !sound {
        return None;
    }
    let accounts = &blueprint.accounts;
    let first = || accounts.workload.first().clone();
    Some(Spec {
        name: blueprint.name.clone(),
        environment: blueprint.environment.clone(),
        partition: blueprint.partition,
        regions,
        region_sites: region_sites(blueprint),
        hub_account: accounts.shared.clone().unwrap_or_else(first),
        organization,
        management_account: accounts.management.clone(),
        log_archive_account: accounts.log_archive.clone(),
        workload_accounts: accounts.workload.all().to_vec(),
        home_account: first(),
        unnamed: Unnamed {
            hub: accounts.shared.is_none(),
            deploy: blueprint.deploy.account.is_none(),
        },
        deploy: Deploy {
            account: blueprint.deploy.account.clone().unwrap_or_else(first),
            role: blueprint.deploy.role.clone().unwrap_or_else(|| DEFAULT_ROLE.to_owned()),
            backend: blueprint.deploy.backend.as_ref().map(|b| b.s3.clone()),
        },
        network,
        components: unordered::components(&blueprint.components),
        tiers,
        variants,
        tenants,
        tags,
        required_tags: blueprint.tags.required.clone(),
        naming: naming?,
        quotas: Quotas::new(blueprint),
        statements,
    })
}

fn region_sites(blueprint: &Blueprint) -> BTreeMap<String, Site> {
    let all = blueprint.regions.iter().enumerate();
    all.map(|(i, region)| (region.clone(), Site::at(["regions"]).child(i))).collect()
}

/// Judges what holds only with what AWS has granted, which a listing may say besides the blueprint.
pub fn judge(spec: &Spec, sink: &mut Sink) {
    tier::judge(spec, sink);
}

/// The role that AWS Organizations makes in a new account. Source:
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html>.
const DEFAULT_ROLE: &str = "OrganizationAccountAccessRole";
