//! Blueprints to measure with: one model each, and all five together.

use std::fmt::Write as _;

/// A tier of each model, as it stands in a blueprint.
const TIERS: [(&str, &str); 5] = [
    (
        "account",
        "isolation: account, network: { prefix: 24 }, account: { budget: { monthly: 100, notify: [a@bench.example] } }",
    ),
    ("vpc", "isolation: vpc, network: { prefix: 24 }"),
    ("subnet", "isolation: subnet, network: { prefix: 27, cell_prefix: 18 }"),
    (
        "container",
        "isolation: container, network: { cell_prefix: 19 }, \
         ingress: { domain: bench.example, certificates: { eu-west-1: \"arn:aws:acm:eu-west-1:333333333333:certificate/b\" } }, \
         service: { image: app, port: 8080, cpu: 256, memory: 512, scale: { min: 1, max: 4 } }",
    ),
    (
        "application",
        "isolation: application, network: { cell_prefix: 22 }, pool: { tenants: 500 }, \
         app: { instances: { types: [t4g.small], min: 2, max: 4 } }, \
         data: { engine: dynamodb, partition: item, tables: { orders: {} } }, \
         throttle: { rate: 10, burst: 20 }",
    ),
];

/// The names of the models.
#[allow(dead_code, reason = "not every target measures it")]
pub fn models() -> impl Iterator<Item = &'static str> {
    TIERS.iter().map(|(name, _)| *name)
}

/// Ten thousand tenants of all models, as a large estate has them.
#[allow(dead_code, reason = "not every target measures it")]
pub const HYBRID: [(&str, usize); 5] = [
    ("account", 20),
    ("vpc", 200),
    ("subnet", 1_000),
    ("container", 2_000),
    ("application", 6_780),
];

/// Their blueprint.
#[allow(dead_code, reason = "not every target measures it")]
pub fn hybrid() -> String {
    estate(&HYBRID)
}

/// A blueprint with so many tenants of each model.
pub fn estate(counts: &[(&str, usize)]) -> String {
    let mut out = String::from(
        "version: 1\nname: bench\nenvironment: test\nregions: [eu-west-1]\n\
         accounts: { workload: '333333333333', management: '111111111111' }\n\
         organization: { id: o-benchbench, root: r-bench }\n\
         network: { zones: 2, zone_slots: 2, pools: [{ cidr: 10.0.0.0/8 }], egress: { nat: none }, endpoints: { gateway: [s3] } }\n\
         quotas: { apigateway.usage-plans-per-region: 20000, apigateway.vpc-links-per-region: 100, elb.rules-per-alb: 200 }\n\
         tiers:\n",
    );
    for (name, tier) in TIERS.iter().filter(|(name, _)| counts.iter().any(|(n, _)| n == name)) {
        let _ = writeln!(out, "  {name}: {{ {tier} }}");
    }
    out.push_str("tenants:\n");
    for (name, count) in counts {
        for i in 0..*count {
            let email = if *name == "account" {
                format!(", email: aws+{i}@bench.example")
            } else {
                String::new()
            };
            let _ = writeln!(out, "  - {{ id: {name}-{i:05}, tier: {name}{email} }}");
        }
    }
    out
}
