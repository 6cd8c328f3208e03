//! The quotas that bound how many tenants a cell holds, or all cells of a region, with AWS's defaults. A blueprint may say
//! what AWS has granted beyond them.

/// A quota.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// Its id in a blueprint: service and name.
    pub id: &'static str,
    /// What it counts.
    pub name: &'static str,
    /// How many AWS allows unless it was asked for more.
    pub default: u32,
    /// The most that AWS grants; `None` where no most is published.
    pub max: Option<u32>,
    /// Where AWS says so.
    pub source: &'static str,
}

const VPC: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html";
const ALB: &str =
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html";
const ECS: &str = "https://docs.aws.amazon.com/general/latest/gr/ecs-service.html";

const REST: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html";
const COGNITO: &str = "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html";
const DYNAMODB: &str = "https://docs.aws.amazon.com/general/latest/gr/ddb.html";

const fn row(id: &'static str, name: &'static str, default: u32, source: &'static str) -> Quota {
    Quota { id, name, default, max: None, source }
}

/// A quota that AWS does not raise.
const fn fixed(quota: Quota) -> Quota {
    Quota { max: Some(quota.default), ..quota }
}

/// Subnets of a VPC.
pub const SUBNETS: Quota = row("vpc.subnets-per-vpc", "Subnets of a VPC", 200, VPC);
/// Route tables of a VPC.
pub const ROUTE_TABLES: Quota = row("vpc.route-tables-per-vpc", "Route tables of a VPC", 200, VPC);
/// Network ACLs of a VPC.
pub const NETWORK_ACLS: Quota = row("vpc.network-acls-per-vpc", "Network ACLs of a VPC", 200, VPC);
/// Network interfaces of an account in a region.
pub const INTERFACES: Quota = row(
    "vpc.network-interfaces-per-region",
    "Network interfaces of an account in a region",
    5000,
    VPC,
);
/// Rules of a load balancer, the default rules not counted.
pub const RULES: Quota =
    row("elb.rules-per-alb", "Rules of an Application Load Balancer", 100, ALB);
/// Target groups of a load balancer. AWS does not raise it.
pub const TARGET_GROUPS: Quota = fixed(row(
    "elb.target-groups-per-alb",
    "Target groups of an Application Load Balancer",
    100,
    ALB,
));
/// Targets of a load balancer.
pub const TARGETS: Quota =
    row("elb.targets-per-alb", "Targets of an Application Load Balancer", 1000, ALB);
/// Services of a cluster. AWS does not raise it.
pub const SERVICES: Quota =
    fixed(row("ecs.services-per-cluster", "Services of a cluster", 5000, ECS));
/// Services in a namespace. AWS does not raise it.
pub const NAMESPACE: Quota =
    fixed(row("ecs.services-per-namespace", "Services in a Service Connect namespace", 300, ECS));

/// Usage plans of an account in a region.
pub const USAGE_PLANS: Quota =
    row("apigateway.usage-plans-per-region", "Usage plans of an account in a region", 300, REST);
/// API keys of an account in a region. AWS does not raise it.
pub const API_KEYS: Quota = fixed(row(
    "apigateway.api-keys-per-region",
    "API keys of an account in a region",
    10_000,
    REST,
));
/// VPC links of REST APIs of an account in a region.
pub const VPC_LINKS: Quota =
    row("apigateway.vpc-links-per-region", "VPC links of an account in a region", 20, REST);
/// Pools of users of an account in a region.
pub const USER_POOLS: Quota = Quota {
    max: Some(10_000),
    ..row(
        "cognito.user-pools-per-region",
        "Pools of users of an account in a region",
        1000,
        COGNITO,
    )
};
/// Applications of a pool of users.
pub const APP_CLIENTS: Quota = Quota {
    max: Some(10_000),
    ..row("cognito.app-clients-per-user-pool", "Applications of a pool of users", 1000, COGNITO)
};
/// Groups of a pool of users. AWS does not raise it.
pub const GROUPS: Quota =
    fixed(row("cognito.groups-per-user-pool", "Groups of a pool of users", 10_000, COGNITO));
/// `DynamoDB` tables of an account in a region.
pub const TABLES: Quota = Quota {
    max: Some(10_000),
    ..row("dynamodb.tables-per-region", "DynamoDB tables of an account in a region", 2500, DYNAMODB)
};

/// Every quota that a blueprint may name.
pub static QUOTAS: &[Quota] = &[
    SUBNETS,
    ROUTE_TABLES,
    NETWORK_ACLS,
    INTERFACES,
    RULES,
    TARGET_GROUPS,
    TARGETS,
    SERVICES,
    NAMESPACE,
    USAGE_PLANS,
    API_KEYS,
    VPC_LINKS,
    USER_POOLS,
    APP_CLIENTS,
    GROUPS,
    TABLES,
];
