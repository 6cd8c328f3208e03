//! Small estates at random, with tenants that left, and with limits of their own, everywhere and in single
//! accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use tenantry::aws::quota;
use tenantry::check::quota::{Counter, Use};
use tenantry::forecast::Growth;
use tenantry::plan::Lock;
use tenantry::spec::quota::Scope;

use crate::forecast::{Base, over, whole, with_quotas};

/// A small estate at random, with limits of its own.
#[derive(Clone, Debug)]
pub struct Small {
    zones: u8,
    connect: usize,
    apart: bool,
    several: bool,
    nat: usize,
    pool: u8,
    tenants: Vec<(usize, usize, bool)>,
    gone: usize,
    first: usize,
    ceiling: u32,
    prefixes: [u8; 2],
    quotas: Vec<(usize, u64)>,
    /// The same in one account, by its place in the list.
    local: Vec<(usize, usize, u64)>,
    /// Whether there is an archive of what is done, a pipeline that deploys, and a key for each tier, where there
    /// are several accounts.
    components: [bool; 3],
    /// Limits that are but a little above what is used.
    tight: Vec<(usize, u64)>,
}

/// An estate in which nobody is yet, whose tenants have accounts of their own and are peered with the hub.
pub const NOBODY: &str = "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
    accounts: { workload: '333333333333', management: '111111111111' }\n\
    organization: { id: o-smallsmall, root: r-small }\n\
    network: { zones: 1, pools: [{ cidr: 10.0.0.0/17 }], hub: { connect: peering } }\n\
    tiers:\n  account: { isolation: account, network: { prefix: 22 }, \
    account: { budget: { monthly: 9, notify: [a@s.example] } } }\ntenants: []\n";

const MODELS: [&str; 5] = ["account", "vpc", "subnet", "container", "application"];
const ACCOUNTS: [&str; 3] = ["333333333333", "444444444444", "555555555555"];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// Quotas of which tenants, cells, hubs or accounts take some, of each scope.
const SCARCE: [&str; 35] = [
    "vpc.vpcs-per-region",
    "vpc.internet-gateways-per-region",
    "vpc.gateway-endpoints-per-region",
    "vpc.subnets-per-vpc",
    "vpc.route-tables-per-vpc",
    "vpc.network-acls-per-vpc",
    "vpc.routes-per-route-table",
    "vpc.active-peerings-per-vpc",
    "vpc.security-groups-per-region",
    "ec2.elastic-ips-per-region",
    "tgw.attachments-per-transit-gateway",
    "iam.roles-per-account",
    "ssm.standard-parameters",
    "logs.log-groups-per-region",
    "resource-groups.groups-per-account",
    "organizations.accounts",
    "budgets.budgets-per-management-account",
    "elb.rules-per-alb",
    "elb.target-groups-per-alb",
    "elb.target-groups-per-region",
    "elb.albs-per-region",
    "ecs.services-per-cluster",
    "application-autoscaling.ecs-scalable-targets",
    "apigateway.usage-plans-per-region",
    "dynamodb.tables-per-region",
    "autoscaling.groups-per-region",
    "cloudformation.stacks-per-account",
    "cloudformation.stack-instances-per-stack-set",
    "vpc.network-interfaces-per-region",
    "vpc.network-address-usage",
    "vpc.peered-network-address-usage",
    "tgw.routes-per-transit-gateway",
    "elb.targets-per-alb",
    "ecs.services-per-namespace",
    "cloudwatch.alarms",
];

/// Quotas that would always be the first to break.
const AMPLE: [&str; 6] = [
    "vpc.vpcs-per-region",
    "vpc.internet-gateways-per-region",
    "vpc.gateway-endpoints-per-region",
    "ec2.elastic-ips-per-region",
    "organizations.accounts",
    "resource-groups.groups-per-account",
];

/// Quotas of things that all accounts share, each with the most that there is of it beyond what is used.
const TIGHT: [(&str, u64); 6] = [
    ("s3.bucket-policy-size", 2500),
    ("iam.role-inline-policy-total-length", 200),
    ("cloudformation.resources-per-template", 9),
    ("cloudformation.parameters-per-template", 5),
    ("cloudformation.outputs-per-template", 5),
    ("cloudformation.description-bytes", 40),
];

pub fn small() -> impl Strategy<Value = Small> {
    let quotas = prop::collection::vec((0..SCARCE.len(), 4..60_u64), 2..9);
    let local = prop::collection::vec((0..3_usize, 0..SCARCE.len(), 4..60_u64), 0..6);
    let tenants = prop::collection::vec((0..MODELS.len(), 0..2_usize, any::<bool>()), 0..12);
    let shape = (1..3_u8, 0..3_usize, any::<bool>(), any::<bool>(), 0..3_usize, 13..19_u8);
    let cells = (0..4_usize, 0..8_usize, 1..6_u32, [22..25_u8, 20..23_u8]);
    let components = any::<[bool; 3]>();
    let tight = prop::collection::vec((0..TIGHT.len(), 0..1000_u64), 0..4);
    (shape, tenants, cells, quotas, local, components, tight).prop_map(
        |(shape, tenants, (gone, first, ceiling, prefixes), quotas, local, components, tight)| {
            let (zones, connect, apart, several, nat, pool) = shape;
            Small {
                zones,
                connect,
                apart,
                several,
                nat,
                pool,
                tenants,
                gone,
                first,
                ceiling,
                prefixes,
                quotas,
                local,
                components,
                tight,
            }
        },
    )
}

/// What a tenant overrides of its tier.
fn overrides(model: usize) -> &'static str {
    match MODELS[model] {
        "application" => ", override: { throttle: { rate: 2, burst: 3 } }",
        "container" => ", override: { service: { scale: { min: 1, max: 3 } } }",
        "subnet" => ", override: { ports: { app: 9000 } }",
        _ => ", override: { endpoints: { gateway: [s3, dynamodb] } }",
    }
}

impl Small {
    /// The same with one workload account.
    pub fn in_one_account(self) -> Self {
        Small { several: false, ..self }
    }

    /// The same with several.
    pub fn in_several(self) -> Self {
        Small { several: true, ..self }
    }

    /// The accounts.
    fn accounts(&self) -> &[&'static str] {
        if self.several { &ACCOUNTS } else { &ACCOUNTS[..1] }
    }

    /// What is granted in single accounts.
    fn places(&self) -> String {
        let mut places: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
        for (at, quota, most) in &self.local {
            let Some(account) = self.accounts().get(*at) else { continue };
            let row = quota::get(SCARCE[*quota]).expect("it is in the table");
            // What is the organization's is granted in the account that manages it alone.
            if row.scope == "per-organization" {
                continue;
            }
            let regions = REGIONS.map(|region| format!("{account}/{region}"));
            let own = [(*account).to_owned()];
            for place in if Scope::of(row) == Scope::Account { &own[..] } else { &regions[..] } {
                places.entry(place.clone()).or_default().insert(SCARCE[*quota], *most);
            }
        }
        let one = |(place, quotas): (String, BTreeMap<&str, u64>)| {
            let all: Vec<String> = quotas.iter().map(|(id, n)| format!("{id}: {n}")).collect();
            format!("{place}: {{ quotas: {{ {} }} }}", all.join(", "))
        };
        let all: Vec<String> = places.into_iter().map(one).collect();
        format!("places: {{ {} }}\n", all.join(", "))
    }

    /// What is used, and a little more.
    fn tight(&self, uses: &[Use]) -> BTreeMap<&'static str, u64> {
        let limit = |(at, share): &(usize, u64)| {
            let (id, most) = TIGHT[*at];
            let of = |shared: bool| {
                let all = uses.iter().filter(|one| one.quota == id);
                let all = all.filter(|one| shared != one.place.starts_with("tenant-"));
                all.map(|one| one.used).max().unwrap_or(0)
            };
            // What is counted of tenants in letters is as long as their ids.
            let told = !id.starts_with("iam.") || of(true) > of(false) + most;
            told.then_some((id, of(true).max(of(false)) + most * share / 1000))
        };
        self.tight.iter().filter_map(limit).collect()
    }

    /// Components.
    fn components(&self) -> String {
        let names = ["audit: {}", "delivery: {}", "protection: { keys: tier }"]
            .into_iter()
            .zip(self.components);
        let names: Vec<&str> = names.filter(|(_, there)| *there).map(|(name, _)| name).collect();
        if self.several && !names.is_empty() {
            format!("components: {{ {} }}\n", names.join(", "))
        } else {
            String::new()
        }
    }

    /// The blueprint with all tenants and without components.
    pub fn bare(&self) -> String {
        Small { components: [false; 3], ..self.clone() }.text(0, &BTreeMap::new())
    }

    /// The blueprint, without the tenants that are gone by then, and with limits besides.
    fn text(&self, gone: usize, tight: &BTreeMap<&'static str, u64>) -> String {
        let nat = ["none", "single", "per-zone"][self.nat];
        let connect = ["none", "peering", "transit-gateway"][self.connect];
        let shared = if self.apart { ", shared: '222222222222'" } else { "" };
        let accounts = self.accounts();
        let arn = |region: &str| {
            let of = |account: &&str| format!("'arn:aws:acm:{region}:{account}:certificate/s'");
            format!("{region}: [{}]", accounts.iter().map(of).collect::<Vec<_>>().join(", "))
        };
        let certificates = REGIONS.map(arn).join(", ");
        let workload: Vec<String> = accounts.iter().map(|id| format!("'{id}'")).collect();
        let workload = workload.join(", ");
        let mut quotas: BTreeMap<&str, u64> = AMPLE.map(|quota| (quota, 50)).into();
        quotas.extend(self.quotas.iter().map(|(quota, most)| (SCARCE[*quota], *most)));
        quotas.extend(tight);
        let archive = if self.several { ", log_archive: '666666666666'" } else { "" };
        let [own, cell] = self.prefixes;
        let mut out = format!(
            "version: 1\nname: s\nenvironment: t\nregions: [{}]\n\
             accounts: {{ workload: [{workload}], management: '111111111111'{shared}{archive} }}\n\
             organization: {{ id: o-smallsmall, root: r-small }}\n\
             network: {{ zones: {}, zone_slots: 2, pools: [{{ cidr: 10.0.0.0/{} }}, {{ cidr: 172.16.0.0/19, region: eu-west-1 }}], \
             hub: {{ connect: {connect} }}, egress: {{ nat: {nat} }}, endpoints: {{ gateway: [s3] }} }}\n\
             {}tiers:\n\
             \x20 account: {{ isolation: account, network: {{ prefix: {own} }}, allow: [endpoints], account: {{ budget: {{ monthly: 9, notify: [a@s.example] }} }} }}\n\
             \x20 vpc: {{ isolation: vpc, network: {{ prefix: {own} }}, allow: [endpoints] }}\n\
             \x20 subnet: {{ isolation: subnet, network: {{ prefix: 27, cell_prefix: {cell} }}, allow: [ports] }}\n\
             \x20 container: {{ isolation: container, network: {{ cell_prefix: {cell} }}, allow: [service], ingress: {{ domain: s.example, \
             certificates: {{ {certificates} }} }}, \
             service: {{ image: app, port: 8080, cpu: 256, memory: 512, scale: {{ min: 1, max: 2 }} }} }}\n\
             \x20 application: {{ isolation: application, network: {{ cell_prefix: {cell} }}, pool: {{ tenants: {} }}, allow: [throttle], \
             app: {{ instances: {{ types: [t4g.small], min: 1, max: 2 }} }}, \
             data: {{ engine: dynamodb, partition: item, tables: {{ orders: {{}} }} }}, throttle: {{ rate: 1, burst: 2 }} }}\n\
             tenants:",
            REGIONS.join(", "),
            self.zones,
            self.pool,
            self.components(),
            self.ceiling,
        );
        let there = &self.tenants[gone.min(self.tenants.len())..];
        out.push_str(if there.is_empty() { " []\n" } else { "\n" });
        for (n, (model, region, special)) in (gone..).zip(there) {
            let (tier, region) = (MODELS[*model], REGIONS[*region]);
            let email =
                if tier == "account" { format!(", email: a+{n}@s.example") } else { String::new() };
            let own = if *special { overrides(*model) } else { "" };
            let _ = writeln!(out, "  - {{ id: t{n}, tier: {tier}, region: {region}{email}{own} }}");
        }
        let quotas: Vec<(&str, u64)> = quotas.into_iter().collect();
        with_quotas(&out, &quotas)
    }

    /// Two of the forecasts.
    pub fn chosen<'a>(&self, growths: &'a [Growth]) -> impl Iterator<Item = &'a Growth> {
        growths.iter().cycle().skip(self.first).step_by(3).take(2)
    }

    /// The estate after some tenants left, with what their places are kept by; nothing where it does
    /// not fit, or is over its limits already.
    pub fn base(&self) -> Option<Base> {
        self.base_if(BTreeSet::is_empty)
    }

    /// The same where what is over is as it shall be.
    pub fn base_if(&self, sound: fn(&BTreeSet<(String, String)>) -> bool) -> Option<Base> {
        let mut base = Base::of(self.text(0, &BTreeMap::new()));
        let (spec, _) = base.read(&[]);
        let (lock, uses) = whole(&spec, &Lock::default(), &mut Counter::default()).ok()?;
        base.text = format!("{}{}", self.places(), self.text(self.gone, &self.tight(&uses)));
        base.lock = Some(lock.render());
        let (spec, lock) = base.read(&[]);
        let (_, uses) = whole(&spec, &lock, &mut Counter::default()).ok()?;
        sound(&over(&uses)).then_some(base)
    }
}
