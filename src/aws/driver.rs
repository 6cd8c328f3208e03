//! What costs by the hour or by the month because it is there, whether it is used or not. What AWS
//! bills by use (traffic, requests, storage) is not here. The sources say how it is billed; how much it
//! costs is in no table of ours: prices differ by region and change.

/// Something that costs as long as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Driver {
    /// Its id in a price file.
    pub id: &'static str,
    /// What it is, for people; more than one of it.
    pub what: &'static str,
    /// How it is billed.
    pub per: Per,
    /// Where AWS says so.
    pub source: &'static str,
}

/// How something is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// For each hour.
    Hour,
    /// For each month.
    Month,
}

/// What the ids of instance types in a price file begin with.
pub const INSTANCE: &str = "instance.";

const VPC: &str = "https://aws.amazon.com/vpc/pricing/";
const BALANCER: &str = "https://aws.amazon.com/elasticloadbalancing/pricing/";
const FARGATE: &str = "https://aws.amazon.com/fargate/pricing/";
const WAF: &str = "https://aws.amazon.com/waf/pricing/";
const WATCH: &str = "https://aws.amazon.com/cloudwatch/pricing/";

const fn hourly(id: &'static str, what: &'static str, source: &'static str) -> Driver {
    Driver { id, what, per: Per::Hour, source }
}

const fn monthly(id: &'static str, what: &'static str, source: &'static str) -> Driver {
    Driver { id, what, per: Per::Month, source }
}

/// Everything that costs as long as it is there, the network first. Instances come besides, each
/// type with an id of its own: `instance.<type>`.
pub static DRIVERS: [Driver; 17] = [
    hourly("nat-gateway", "NAT gateways", VPC),
    // Elastic ones, and one for each zone of a load balancer that faces the internet.
    hourly("public-address", "public IPv4 addresses", VPC),
    hourly(
        "interface-endpoint",
        "interface endpoints, in each zone",
        "https://aws.amazon.com/privatelink/pricing/",
    ),
    hourly(
        "transit-gateway-attachment",
        "transit gateway attachments",
        "https://aws.amazon.com/transit-gateway/pricing/",
    ),
    hourly("vpn-connection", "VPN connections", "https://aws.amazon.com/vpn/pricing/"),
    hourly("application-load-balancer", "application load balancers", BALANCER),
    hourly("network-load-balancer", "network load balancers", BALANCER),
    hourly("fargate-vcpu", "Fargate vCPUs, at the least", FARGATE),
    hourly("fargate-memory", "Fargate GB of memory, at the least", FARGATE),
    hourly(
        "aurora-capacity-unit",
        "Aurora capacity units, at the least",
        "https://aws.amazon.com/rds/aurora/pricing/",
    ),
    hourly(
        "kinesis-stream",
        "Kinesis streams on demand",
        "https://aws.amazon.com/kinesis/data-streams/pricing/",
    ),
    monthly("kms-key", "KMS keys", "https://aws.amazon.com/kms/pricing/"),
    monthly("secret", "secrets", "https://aws.amazon.com/secrets-manager/pricing/"),
    monthly("web-acl", "web ACLs", WAF),
    monthly("web-acl-rule", "rules of web ACLs", WAF),
    monthly("alarm", "alarms", WATCH),
    monthly("dashboard", "dashboards", WATCH),
];

/// The driver of an id, which of an instance is its type.
pub fn get(id: &str) -> Option<Driver> {
    let instance = hourly(
        "instance",
        "instances, at the least",
        "https://aws.amazon.com/ec2/pricing/on-demand/",
    );
    let found = DRIVERS.iter().find(|driver| driver.id == id).copied();
    found.or_else(|| id.starts_with(INSTANCE).then_some(instance))
}
