//! What stands in a VPC, in units of Network Address Usage: one for each address of an interface, six
//! for what AWS counts as more. What scales is counted at its largest. Source:
//! <https://docs.aws.amazon.com/vpc/latest/userguide/network-address-usage.html>.

use serde_json::Value;

use super::capacity;
use super::count::Held;
use super::holding::{Whole, in_vpc, scaled};
use super::measure::many;
use crate::plan::cells::{DURING_DEPLOYMENT, HEAVY};

/// The units of every resource of a template, each with the VPC that it stands in.
pub fn units(whole: &Whole<'_>) -> Held {
    let resources = whole.json["Resources"].as_object().into_iter().flatten();
    let all = resources.filter_map(|(id, resource)| {
        let (units, place) = of(id, resource, whole.json)?;
        Some((in_vpc(place, whole)?, units))
    });
    all.filter(|(_, units)| *units > 0).map(|(owner, units)| (owner, units.into())).collect()
}

/// The units of a resource, and what names its VPC or a subnet of it.
fn of<'a>(id: &str, resource: &'a Value, json: &Value) -> Option<(u64, &'a Value)> {
    let it = &resource["Properties"];
    Some(match resource["Type"].as_str()? {
        "AWS::EC2::NatGateway" => (HEAVY, &it["SubnetId"]),
        "AWS::EC2::TransitGatewayAttachment" => (HEAVY, &it["VpcId"]),
        "AWS::EC2::VPCEndpoint" => (HEAVY * many(&it["SubnetIds"]), &it["VpcId"]),
        "AWS::Lambda::Function" => (HEAVY, &it["VpcConfig"]["SubnetIds"][0]),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            let each = if it["Type"] == "network" { HEAVY } else { 1 };
            (each * many(&it["Subnets"]), &it["Subnets"][0])
        }
        "AWS::ECS::Service" => {
            let subnets = &it["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"];
            (tasks(id, json) * DURING_DEPLOYMENT, &subnets[0])
        }
        "AWS::AutoScaling::AutoScalingGroup" => {
            (number(&it["MaxSize"]), &it["VPCZoneIdentifier"][0])
        }
        // The instances of a cluster stand in its group of subnets.
        "AWS::RDS::DBSubnetGroup" => (instances(json), &it["SubnetIds"][0]),
        "AWS::RedshiftServerless::Workgroup" => {
            (capacity::warehouse(it) * many(&it["SubnetIds"]), &it["SubnetIds"][0])
        }
        "AWS::SageMaker::Domain" => {
            // One of the interfaces in each subnet is the file system's.
            let each = capacity::notebooks(id, it, json) - 1 + HEAVY;
            (each * many(&it["SubnetIds"]), &it["VpcId"])
        }
        _ => return None,
    })
}

/// The most tasks of a service. Amazon ECS starts one of a service that nothing scales.
pub(super) fn tasks(id: &str, json: &Value) -> u64 {
    scaled(id, all(json)).map_or(1, |target| number(&target["MaxCapacity"]))
}

pub(super) fn instances(json: &Value) -> u64 {
    all(json).filter(|resource| resource["Type"] == "AWS::RDS::DBInstance").count() as u64
}

fn all(json: &Value) -> impl Iterator<Item = &Value> {
    json["Resources"].as_object().into_iter().flat_map(serde_json::Map::values)
}

/// A number, which some properties write as text.
pub(super) fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}
