//! Facts about AWS that do not belong to one resource: partitions, their regions, the zones of a
//! region, and the numbers that bound an address plan. Regions and zones come from
//! `schemas/regions.json`, which `schemas/refresh.py` writes.

pub mod quota; // how many of each thing AWS allows
pub mod driver; // what costs by the hour because it is there
pub mod instance; // how many processors each type of instance has
pub mod prefix; // how much of a table or group a prefix list of AWS takes up

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The longest prefix of a VPC or subnet: a /28 has sixteen addresses.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>.
pub const LONGEST_PREFIX: u8 = 28;

/// The shortest prefix of a VPC or subnet.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
pub const SHORTEST_PREFIX: u8 = 16;

/// The shortest of the usual prefixes of a subnet that holds an Application Load Balancer: it
/// needs at least a /27 with eight free addresses. Source:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html>.
pub const LOAD_BALANCER_PREFIX: u8 = 27;

/// Stands for an account that AWS has not made yet: twelve zeros are nobody's account.
pub const PENDING: &str = "000000000000";

/// Ranges that a VPC cannot have.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
pub const BLOCKED_RANGES: [&str; 4] = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4"];

/// Private address space; a VPC outside it works, but is reachable from nowhere else by route.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
pub const PRIVATE_RANGES: [&str; 4] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/// Used inside some AWS services (AWS Cloud9, Amazon `SageMaker`), so a VPC there may not reach them.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
pub const SERVICE_RANGE: &str = "172.17.0.0/16";

/// A separate part of AWS, with its own accounts, regions and ARNs.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum Partition {
    /// The commercial regions.
    #[default]
    #[serde(rename = "aws")]
    Aws,
    /// The US government regions.
    #[serde(rename = "aws-us-gov")]
    UsGov,
    /// The regions in China.
    #[serde(rename = "aws-cn")]
    China,
}

impl Partition {
    /// As it stands in an ARN.
    pub fn id(self) -> &'static str {
        match self {
            Partition::Aws => "aws",
            Partition::UsGov => "aws-us-gov",
            Partition::China => "aws-cn",
        }
    }

    /// The domain of its endpoints. Source:
    /// <https://docs.aws.amazon.com/general/latest/gr/rande.html>.
    pub fn url_suffix(self) -> &'static str {
        match self {
            Partition::Aws | Partition::UsGov => "amazonaws.com",
            Partition::China => "amazonaws.com.cn",
        }
    }

    /// The region that Service Quotas keeps quotas of all regions in. Source:
    /// <https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html>.
    pub fn global_region(self) -> &'static str {
        match self {
            Partition::Aws => "us-east-1",
            Partition::UsGov => "us-gov-west-1",
            Partition::China => "cn-northwest-1",
        }
    }

    /// The regions of the partition, sorted.
    pub fn regions(self) -> impl Iterator<Item = &'static str> {
        FACTS.partitions[self.id()].regions.keys().map(String::as_str)
    }

    /// The zones of a region, sorted; `None` for a region that is not in the partition. Which
    /// zones an account sees can differ, so a blueprint may name its own.
    pub fn zones(self, region: &str) -> Option<&'static [String]> {
        FACTS.partitions[self.id()].regions.get(region).map(Vec::as_slice)
    }

    /// The partition that holds a region.
    pub fn of(region: &str) -> Option<Self> {
        [Self::Aws, Self::UsGov, Self::China].into_iter().find(|p| p.zones(region).is_some())
    }
}

#[derive(Deserialize)]
struct Facts {
    partitions: BTreeMap<String, PartitionFacts>,
}

#[derive(Deserialize)]
struct PartitionFacts {
    regions: BTreeMap<String, Vec<String>>,
}

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../schemas/regions.json"))
        .expect("schemas/regions.json is written by schemas/refresh.py and held by a test")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_is_in_the_table_and_regions_find_it() {
        assert_eq!(Partition::Aws.zones("eu-west-1").map(<[String]>::len), Some(3));
        assert_eq!(Partition::of("us-gov-west-1"), Some(Partition::UsGov));
        assert_eq!(Partition::of("cn-north-1"), Some(Partition::China));
        assert_eq!(Partition::of("eu-west-9"), None);
        assert!(Partition::Aws.zones("cn-north-1").is_none());
    }
}
