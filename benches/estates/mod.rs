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

/// The regions of a wide estate.
const REGIONS: [&str; 6] =
    ["eu-west-1", "us-east-1", "us-west-2", "eu-central-1", "ap-southeast-1", "ca-central-1"];

/// A blueprint with many tiers in many regions, and one tenant of each in each.
#[allow(dead_code, reason = "not every target measures it")]
pub fn wide(tiers: usize) -> String {
    wide_in(tiers, &["333333333333"])
}

/// The same in some workload accounts.
#[allow(dead_code, reason = "not every target measures it")]
pub fn wide_in(tiers: usize, accounts: &[&str]) -> String {
    wide_of(&["vpc", "subnet", "container", "application"], tiers, accounts)
}

/// The same of some models, one after the other.
#[allow(dead_code, reason = "not every target measures it")]
pub fn wide_of(models: &[&str], tiers: usize, accounts: &[&str]) -> String {
    let is_made = models.contains(&"account");
    let (management, organization) = if is_made {
        (", management: '111111111111'", "organization: { id: o-benchbench, root: r-bench }\n")
    } else {
        ("", "")
    };
    let certificate =
        |region: &str, account: &str| format!("\"arn:aws:acm:{region}:{account}:certificate/b\"");
    let one = format!("eu-west-1: {}", certificate("eu-west-1", "333333333333"));
    let each = REGIONS.map(|region| {
        let all = accounts.iter().map(|account| certificate(region, account));
        format!("{region}: [{}]", all.collect::<Vec<_>>().join(", "))
    });
    let pools: Vec<String> = (0..)
        .zip(REGIONS)
        .map(|(n, region)| format!("{{ cidr: 10.{}.0.0/11, region: {region} }}", 32 * n))
        .collect();
    let mut out = format!(
        "version: 1\nname: wide\nenvironment: test\nregions: [{}]\n\
         accounts: {{ workload: ['{}'], shared: '222222222222'{management} }}\n{organization}\
         network: {{ zones: 2, zone_slots: 2, pools: [{}], hub: {{ connect: transit-gateway }}, egress: {{ nat: none }}, endpoints: {{ gateway: [s3] }} }}\n\
         quotas: {{ vpc.vpcs-per-region: 1000, vpc.internet-gateways-per-region: 1000 }}\n\
         tiers:\n",
        REGIONS.join(", "),
        accounts.join("', '"),
        pools.join(", "),
    );
    let all = TIERS.iter().filter(|(name, _)| models.contains(name));
    for (n, (_, tier)) in all.cycle().take(tiers).enumerate() {
        let tier =
            tier.replace(&one, &each.join(", ")).replace("bench.example", &format!("t{n}.example"));
        let _ = writeln!(out, "  t{n}: {{ {tier} }}");
    }
    out.push_str("tenants:\n");
    for n in 0..tiers {
        for (r, region) in REGIONS.iter().enumerate() {
            let email =
                if is_made { format!(", email: t{n}r{r}@bench.example") } else { String::new() };
            let _ = writeln!(out, "  - {{ id: t{n}r{r}, tier: t{n}, region: {region}{email} }}");
        }
    }
    out
}
