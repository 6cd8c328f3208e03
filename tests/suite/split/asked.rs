//! A blueprint of which anything can be asked that a template has many of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;

/// What a blueprint asks for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Services of a tenant, and how many secrets each has.
    pub services: BTreeMap<usize, usize>,
    /// Tables of a tenant.
    pub tables: BTreeSet<usize>,
    /// Small services of a pool.
    pub small: BTreeSet<usize>,
    /// Pools of addresses.
    pub pools: usize,
    pub watched: Watched,
    /// Whether the tables of a pool are shared by its tenants, and stand in its cell.
    pub shared: bool,
    /// Whether alarms scale the services.
    pub alarms: bool,
    /// Whether a tenant has services of its own size.
    pub larger: bool,
    /// Interface endpoints of tenants with a VPC of their own: of the tier, and of the one that overrides
    /// them. There is such a tier if there are any.
    pub endpoints: (usize, usize),
    /// The tenants that are gone.
    pub away: BTreeSet<&'static str>,
}

/// The tenants: two of a tier of containers, one of a pool, two with a VPC of their own.
pub const TENANTS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// What interface endpoints can be of, of no more than an interface endpoint each.
pub const SERVICES: [&str; 53] = [
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codecommit",
    "codepipeline",
    "comprehend",
    "config",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "elasticache",
    "elasticfilesystem",
    "elasticloadbalancing",
    "email-smtp",
    "events",
    "execute-api",
    "glue",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "polly",
    "rds",
    "rds-data",
    "redshift",
    "rekognition",
    "sagemaker.api",
    "sagemaker.runtime",
    "secretsmanager",
    "servicecatalog",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "storagegateway",
    "sts",
    "textract",
    "transcribe",
    "transfer",
    "translate",
    "workspaces",
    "xray",
];

/// What watches it all.
#[derive(Clone, Copy, Debug, Default)]
pub enum Watched {
    #[default]
    Nothing,
    Alarms,
    Dashboards,
    /// With dashboards, and logs sent on.
    Streams,
}

impl Watched {
    pub fn text(self) -> &'static str {
        match self {
            Watched::Nothing => "{}",
            Watched::Alarms => "{ monitoring: { dashboards: none } }",
            Watched::Dashboards => "{ monitoring: { dashboards: tenants } }",
            Watched::Streams => {
                "{ monitoring: { dashboards: tenants, \
                 stream_to: 'arn:aws:kinesis:eu-west-1:333333333333:stream/logs' } }"
            }
        }
    }

    pub fn any() -> impl Strategy<Value = Watched> {
        use Watched::{Alarms, Dashboards, Nothing, Streams};
        prop_oneof![Just(Nothing), Just(Alarms), Just(Dashboards), Just(Streams)]
    }
}

impl Asked {
    pub fn text(&self) -> String {
        let scale = if self.alarms { ", by: alarm" } else { "" };
        let mut services = String::new();
        for (n, secrets) in &self.services {
            let secrets: Vec<String> = (0..*secrets).map(|s| format!("S{s}")).collect();
            let _ = writeln!(
                services,
                "      s{n:03}: {{ image: app, cpu: 256, memory: 512, secrets: [{}], \
                 environment: {{ LONG: '{}' }}, scale: {{ min: 1, max: 2{scale} }} }}",
                secrets.join(", "),
                "x".repeat(2000),
            );
        }
        let list = |all: &BTreeSet<usize>, of: &str| -> String {
            let all: Vec<String> = all.iter().map(|n| format!("{of}{n:03}: {{}}")).collect();
            all.join(", ")
        };
        // A tier has a table at least.
        let tables: BTreeSet<usize> = self.tables.iter().copied().chain([999]).collect();
        let small = if self.small.is_empty() {
            String::new()
        } else {
            format!("microservice: {{ services: {{ {} }} }}", list(&self.small, "m"))
        };
        let pools: Vec<String> =
            (0..=self.pools).map(|n| format!("{{ cidr: 10.{n}.0.0/16 }}")).collect();
        let hub = if self.pools > 0 { "hub: { connect: transit-gateway }, " } else { "" };
        let watched = self.watched.text();
        let partition = if self.shared { "item" } else { "table" };
        let (own, tenants) = (self.own(), self.tenants());
        format!(
            "version: 1\nname: cut\nenvironment: test\nregions: [eu-west-1]\n\
             accounts: {{ workload: '333333333333' }}\n\
             network: {{ {hub}zones: 2, pools: [{}], egress: {{ nat: none }}, endpoints: {{ gateway: [s3, dynamodb] }} }}\n\
             components: {watched}\ntiers:\n  pro:\n    isolation: container\n    network: {{ cell_prefix: 20 }}\n    \
             ingress: {{ domain: g.example, certificates: {{ eu-west-1: 'arn:aws:acm:eu-west-1:333333333333:certificate/g' }} }}\n    \
             allow: [service]\n    \
             services:\n      web: {{ image: app, port: 8080, cpu: 256, memory: 512, scale: {{ min: 1, max: 1 }} }}\n{services}  \
             free:\n    isolation: application\n    network: {{ cell_prefix: 22 }}\n    pool: {{ tenants: 5 }}\n    \
             service: {{ image: app, port: 80, cpu: 256, memory: 512, scale: {{ min: 1, max: 2 }} }}\n    \
             data: {{ engine: dynamodb, partition: {partition}, tables: {{ {} }} }}\n    throttle: {{ rate: 1, burst: 2 }}\n    \
             components: {{ {small} }}\n\
             {own}{tenants}",
            pools.join(", "),
            list(&tables, "t"),
        )
    }
    /// The tier whose tenants have a VPC of their own.
    fn own(&self) -> String {
        if self.endpoints == (0, 0) {
            return String::new();
        }
        let endpoints = interfaces(&SERVICES[..self.endpoints.0]);
        format!(
            "  own:\n    isolation: vpc\n    network: {{ prefix: 24 }}\n    allow: [endpoints]\n    \
             endpoints: {endpoints}\n"
        )
    }

    fn tenants(&self) -> String {
        let mut own = vec![("c", "tier: free".to_owned())];
        let larger =
            if self.larger { ", override: { service: { cpu: 512, memory: 1024 } }" } else { "" };
        own.push(("a", "tier: pro".to_owned()));
        own.push(("b", format!("tier: pro{larger}")));
        if self.endpoints != (0, 0) {
            // The last ones, so that those of the tier come before them by name.
            let endpoints = interfaces(&SERVICES[SERVICES.len() - self.endpoints.1..]);
            own.push(("d", "tier: own".to_owned()));
            own.push(("e", format!("tier: own, override: {{ endpoints: {endpoints} }}")));
        }
        own.retain(|(id, _)| !self.away.contains(id));
        let lines = own.iter().map(|(id, what)| format!("\n  - {{ id: {id}, {what} }}"));
        let lines: String = lines.collect();
        let none = if lines.is_empty() { " []" } else { "" };
        format!("tenants:{none}{lines}\n")
    }
}

fn interfaces(services: &[&str]) -> String {
    format!("{{ gateway: [s3], interface: [{}] }}", services.join(", "))
}
