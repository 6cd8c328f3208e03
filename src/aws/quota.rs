//! AWS's quotas, as the table `schemas/quotas.json` has them: rows, not code. A blueprint may say
//! what AWS has granted beyond the defaults. And the errors that AWS gives where one is passed, as
//! `schemas/errors.json` has them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::lookup::Lookup;

/// A quota.
#[derive(Clone, Debug, Deserialize)]
pub struct Quota<'a> {
    /// Its id in a blueprint: service and name.
    pub id: &'a str,
    /// Its code in Service Quotas, where AWS publishes one.
    pub code: Option<&'a str>,
    /// What it counts.
    pub name: &'a str,
    /// How many AWS allows unless it was asked for more; `None` where AWS publishes no number.
    pub default: Option<u32>,
    /// What is counted: things, characters, bytes.
    pub unit: &'a str,
    /// What has so many: `per-region`, `per-vpc` and the like.
    pub scope: &'a str,
    /// Whether AWS raises it when asked.
    pub adjustable: bool,
    /// The most that AWS grants; `None` where no most is published.
    pub max: Option<u32>,
    /// The types of CloudFormation that count.
    #[serde(borrow)]
    pub counts: Vec<&'a str>,
    /// How AWS counts, where it is not one by one.
    pub rule: Option<&'a str>,
    /// Where AWS says so.
    pub source: &'a str,
    /// When it said so: a year, or a day of it. That of the table, if the row has none of its own.
    #[serde(default)]
    pub as_of: &'a str,
    /// Whether the source says that number today. Others warn, and stop nothing.
    pub verified: bool,
    /// Whether AWS raises the default by itself as an account uses it, so that it is only what a new
    /// account begins with. Such a default warns, too, and stops nothing.
    #[serde(default)]
    pub grows: bool,
    /// The quota that AWS raises it with, by the same amount, where it is not asked for by itself.
    #[serde(default)]
    pub tied_to: Option<&'a str>,
    /// Other defaults, by region.
    #[serde(borrow, default)]
    pub regions: BTreeMap<&'a str, u32>,
}

impl Quota<'_> {
    /// Whether an organization has one place only where it is counted: itself, or the account that pays.
    pub fn is_of_organization(&self) -> bool {
        // Source: <https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html>.
        let by_payer = ["AWS::Budgets::Budget", "AWS::CE::CostCategory"];
        self.scope == "per-organization" || self.counts.iter().any(|kind| by_payer.contains(kind))
    }

    /// Whether AWS grants it to an account, or its organization, for all regions at once. Those of Amazon VPC are
    /// granted by region, whatever they are counted by. Source:
    /// <https://docs.aws.amazon.com/general/latest/gr/vpc-service.html#vpc-quotas>.
    pub fn is_wide(&self) -> bool {
        let account = ["per-account", "per-organization", "per-role", "per-user"];
        account.contains(&self.scope) && !self.id.starts_with("vpc.")
            || self.id.starts_with("iam.")
            || self.id.starts_with("organizations.")
    }

    /// The default in a region.
    pub fn default_in(&self, region: &str) -> Option<u32> {
        self.regions.get(region).copied().or(self.default)
    }

    /// The quota that AWS is asked for, so that it raises this one.
    pub fn asked(&self) -> &Quota<'_> {
        self.tied_to.and_then(get).unwrap_or(self)
    }

    /// The most that AWS ever grants, as far as a source says so: of what it does not raise, the default.
    pub fn most(&self) -> Option<u32> {
        let fixed = || self.default.filter(|_| !self.adjustable);
        self.max.or_else(fixed).filter(|_| self.verified)
    }

    /// Whether the default stops what would pass it.
    pub fn stops(&self) -> bool {
        self.verified && !self.grows
    }
}

/// An error that AWS gives where a quota is passed.
#[derive(Clone, Debug, Deserialize)]
pub struct Failure<'a> {
    /// The service, by the name that its command line has.
    pub service: &'a str,
    /// The code of the error. Several services have some of them.
    pub code: &'a str,
    /// What the message says, where that is known: messages often come without the code.
    pub text: Option<&'a str>,
    /// The ids of the quotas that it can speak of; one that ends in a dot is all of that service.
    #[serde(borrow)]
    pub quotas: Vec<&'a str>,
    /// Where it is documented, or seen.
    pub source: &'a str,
}

impl Failure<'_> {
    /// The quotas that it can speak of.
    pub fn quotas(&self) -> impl Iterator<Item = &'static Quota<'static>> {
        let is = |id: &str| {
            self.quotas.iter().any(|one| *one == id || (one.ends_with('.') && id.starts_with(one)))
        };
        all().iter().filter(move |quota| is(quota.id))
    }
}

/// Subnets of a VPC.
pub const SUBNETS: &str = "vpc.subnets-per-vpc";
/// Route tables of a VPC.
pub const ROUTE_TABLES: &str = "vpc.route-tables-per-vpc";
/// Network ACLs of a VPC.
pub const NETWORK_ACLS: &str = "vpc.network-acls-per-vpc";
/// Gateway endpoints of a VPC.
pub const GATEWAY_ENDPOINTS: &str = "vpc.gateway-endpoints-per-vpc";
/// Peering connections of a VPC.
pub const PEERINGS: &str = "vpc.active-peerings-per-vpc";
/// Units of Network Address Usage of a VPC.
pub const ADDRESS_UNITS: &str = "vpc.network-address-usage";
/// Rules of a load balancer, the default rules not counted.
pub const RULES: &str = "elb.rules-per-alb";
/// Target groups of a load balancer.
pub const TARGET_GROUPS: &str = "elb.target-groups-per-alb";
/// Targets of a load balancer.
pub const TARGETS: &str = "elb.targets-per-alb";
/// Services of a cluster.
pub const SERVICES: &str = "ecs.services-per-cluster";
/// Services in a namespace.
pub const NAMESPACE: &str = "ecs.services-per-namespace";
/// Usage plans of an account in a region.
pub const USAGE_PLANS: &str = "apigateway.usage-plans-per-region";
/// API keys of an account in a region.
pub const API_KEYS: &str = "apigateway.api-keys-per-region";
/// VPC links of REST APIs of an account in a region.
pub const VPC_LINKS: &str = "apigateway.vpc-links-per-region";
/// Pools of users of an account in a region.
pub const USER_POOLS: &str = "cognito.user-pools-per-region";
/// Applications of a pool of users.
pub const APP_CLIENTS: &str = "cognito.app-clients-per-user-pool";
/// Groups of a pool of users.
pub const GROUPS: &str = "cognito.groups-per-user-pool";
/// `DynamoDB` tables of an account in a region.
pub const TABLES: &str = "dynamodb.tables-per-region";

#[derive(Deserialize)]
struct Table<'a> {
    as_of: &'a str,
    #[serde(borrow)]
    quotas: Vec<Quota<'a>>,
}

#[derive(Deserialize)]
struct Failures<'a> {
    #[serde(borrow)]
    errors: Vec<Failure<'a>>,
}

/// Every error of a quota, in the order of the table.
pub fn failures() -> &'static [Failure<'static>] {
    static TABLE: OnceLock<Vec<Failure<'static>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let text = include_str!("../../schemas/errors.json");
        let table: Failures<'static> =
            serde_json::from_str(text).expect("the table is JSON; a test reads all of it");
        table.errors
    })
}

/// Every quota, in the order of the table.
pub fn all() -> &'static [Quota<'static>] {
    static TABLE: OnceLock<Vec<Quota<'static>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let table: Table<'static> = serde_json::from_str(include_str!("../../schemas/quotas.json"))
            .expect("the table is JSON; a test reads all of it");
        let mut quotas = table.quotas;
        for row in quotas.iter_mut().filter(|row| row.as_of.is_empty()) {
            row.as_of = table.as_of;
        }
        quotas
    })
}

/// The place of a quota in the table; behind all that are there, what is no quota.
pub fn position(id: &str) -> usize {
    static BY_ID: OnceLock<Lookup<&str, usize>> = OnceLock::new();
    let by_id = || all().iter().map(|quota| quota.id).zip(0..).collect();
    BY_ID.get_or_init(by_id).get(id).unwrap_or(usize::MAX)
}

/// The quota of an id that is in the table.
pub fn get(id: &str) -> Option<&'static Quota<'static>> {
    all().get(position(id))
}

/// A quota as people are told of it: its id, and its code in Service Quotas where it has one.
pub fn called(id: &str) -> String {
    let code = get(id).and_then(|row| row.code);
    code.map_or_else(|| format!("`{id}`"), |code| format!("`{id}` ({code})"))
}

/// What helps where so many of a quota are needed in a place: what AWS can be asked for, or else
/// something else.
pub fn helps(id: &str, need: u64, place: &str, otherwise: &str) -> String {
    let Some(row) = get(id) else { return otherwise.to_owned() };
    match (row.adjustable, row.max) {
        (false, _) => format!("{otherwise}: AWS does not raise `{id}`"),
        (true, Some(most)) if need > most.into() => {
            format!("{otherwise}: AWS raises `{id}` to {most} at most")
        }
        (true, _) => {
            let what = row.code.unwrap_or(id);
            format!(
                "ask AWS for at least {need} of {what} in {place} and write it into `quotas` or \
                 `places`, or {otherwise}"
            )
        }
    }
}
