//! What of a network is counted in an odd way: routes by the weight of what they lead to, learned
//! routes, and interfaces by zone.

use serde_json::Value;

use super::address::{instances, number, tasks};
use super::capacity;
use super::count::Held;
use super::holding::{Handle, Owner, Whole};
use super::measure::{entries, many};
use crate::aws::prefix;
use crate::plan::cells::DURING_DEPLOYMENT;

const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";

/// The routes of each table that are not learned: each block of IPv4, and each prefix list by its
/// weight. A gateway endpoint is a route to the list of its service in each of its tables. Source:
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>.
pub fn routes(whole: &Whole<'_>) -> Held {
    let mut out = Held::new();
    for (_, kind, it) in whole.of(&["AWS::EC2::Route", ENDPOINT]) {
        let list = &it["DestinationPrefixListId"];
        let (tables, weight) = match kind {
            ENDPOINT if it["VpcEndpointType"] != "Gateway" => continue,
            ENDPOINT => (every(&it["RouteTableIds"]), prefix::weight(service(&it["ServiceName"]))),
            _ if list.is_null() => (vec![&it["RouteTableId"]], 1),
            _ => (vec![&it["RouteTableId"]], entries(list, whole.json)),
        };
        let named = tables.into_iter().filter_map(|table| whole.handle(table));
        out.extend(named.map(|table| (Owner::Of(table), weight.into())));
    }
    out
}

fn every(list: &Value) -> Vec<&Value> {
    list.as_array().into_iter().flatten().collect()
}

/// The end of the name of a service, which is also that of its prefix list.
fn service(name: &Value) -> &str {
    let parts = name["Fn::Join"][1].as_array();
    let end = parts.and_then(|parts| parts.last()).unwrap_or(name);
    end.as_str().unwrap_or_default()
}

/// The routes that each table learns from virtual private gateways. From the premises it learns their
/// blocks; what a tenant's own gateway tells is not known before, and is one block at least.
pub fn propagated(whole: &Whole<'_>) -> Held {
    let mut out = Held::new();
    for (_, _, it) in whole.of(&["AWS::EC2::VPNGatewayRoutePropagation"]) {
        let learned = learned(&it["VpnGatewayId"], whole);
        let tables = every(&it["RouteTableIds"]).into_iter();
        let tables = tables.filter_map(|table| whole.handle(table));
        out.extend(tables.map(|table| (Owner::Of(table), learned.into())));
    }
    out
}

/// How many blocks a gateway tells of. The address of the premises stands in the template, that of a
/// tenant is a parameter.
fn learned(gateway: &Value, whole: &Whole<'_>) -> u64 {
    let connections = whole.of(&["AWS::EC2::VPNConnection"]).into_iter();
    let ours = connections.filter(|it| it.2["VpnGatewayId"] == *gateway);
    let ends = ours.filter_map(|it| whole.handle(&it.2["CustomerGatewayId"]));
    let blocks = ends.map(|end| match end {
        Handle::Local(id) if whole.local(&id)["IpAddress"].is_string() => whole.premises.max(1),
        _ => 1,
    });
    blocks.sum::<u64>().max(1)
}

/// The routes of each transit gateway, in all its tables: a VPC that a table learns of has one block,
/// and the premises have theirs.
pub fn transit_routes(whole: &Whole<'_>) -> Held {
    let learned = whole.of(&["AWS::EC2::TransitGatewayRouteTablePropagation"]).into_iter();
    let gateway = |table: &Value| whole.above(table, "TransitGatewayId");
    let vpcs = learned.filter_map(|it| Some((gateway(&it.2["TransitGatewayRouteTableId"])?, 1)));
    // CloudFormation has no resource for what is learned from a VPN connection: a step does it.
    let steps = whole.template.entries.iter().filter(|entry| {
        entry.cfn.is_none() && entry.tf == "aws_ec2_transit_gateway_route_table_propagation"
    });
    let premises = steps.filter_map(|entry| {
        let table = super::holding::named(entry.body.get("TransitGatewayRouteTableId")?)?;
        let owner = whole.handle(&whole.local(table)["TransitGatewayId"])?;
        Some((Owner::Of(owner), whole.premises.max(1)))
    });
    vpcs.chain(premises).map(|(owner, routes)| (owner, routes.into())).collect()
}

/// The requests for peering that wait for another account while one stack is deployed: they are
/// accepted before the next that asks begins, by a role of that account or by the root of the hub's side.
pub fn pending(whole: &Whole<'_>) -> Held {
    let all = whole.of(&["AWS::EC2::VPCPeeringConnection"]);
    let foreign = all.iter().filter(|it| !it.2["PeerOwnerId"].is_null()).count() as u64;
    if foreign == 0 { Held::new() } else { vec![(Owner::Account, foreign.into())] }
}

/// The groups of each kind of interface, by what has it.
pub fn groups(whole: &Whole<'_>) -> Held {
    let of = |kind: &str, it: &Value| match kind {
        "AWS::ECS::Service" => {
            many(&it["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"])
        }
        "AWS::EC2::LaunchTemplate" => many(&it["LaunchTemplateData"]["SecurityGroupIds"]),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => many(&it["SecurityGroups"]),
        "AWS::RDS::DBCluster" => many(&it["VpcSecurityGroupIds"]),
        "AWS::Lambda::Function" => many(&it["VpcConfig"]["SecurityGroupIds"]),
        "AWS::SageMaker::Domain" => many(&it["DefaultUserSettings"]["SecurityGroups"]),
        _ => many(&it["SecurityGroupIds"]),
    };
    let kinds = [
        "AWS::ECS::Service",
        "AWS::EC2::LaunchTemplate",
        "AWS::EC2::VPCEndpoint",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::RDS::DBCluster",
        "AWS::Lambda::Function",
        "AWS::SageMaker::Domain",
        "AWS::RedshiftServerless::Workgroup",
    ];
    let all = whole.of(&kinds).into_iter().map(|(id, kind, it)| (id, of(kind, it)));
    let some = all.filter(|(_, groups)| *groups > 0);
    some.map(|(id, groups)| (Owner::Of(Handle::Local(id.to_owned())), groups.into())).collect()
}

/// NAT gateways, by the zone of their subnet.
pub fn nat_gateways(whole: &Whole<'_>) -> Held {
    let all = whole.of(&["AWS::EC2::NatGateway"]).into_iter();
    all.filter_map(|it| Some((zone(&it.2["SubnetId"], whole)?, 1.into()))).collect()
}

/// Interfaces by zone: one in each subnet of what has one there, and what scales, at its most, spread
/// over its zones. Tasks stand twice while they are replaced.
pub fn interfaces(whole: &Whole<'_>) -> Held {
    let mut out = Held::new();
    let resources = whole.json["Resources"].as_object().into_iter().flatten();
    for (id, resource) in resources {
        let it = &resource["Properties"];
        let (subnets, all) = match resource["Type"].as_str().unwrap_or_default() {
            "AWS::EC2::NatGateway" => (vec![&it["SubnetId"]], None),
            "AWS::EC2::TransitGatewayAttachment" | ENDPOINT => (every(&it["SubnetIds"]), None),
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => (every(&it["Subnets"]), None),
            "AWS::ECS::Service" => {
                let subnets = &it["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"];
                (every(subnets), Some(tasks(id, whole.json) * DURING_DEPLOYMENT))
            }
            "AWS::AutoScaling::AutoScalingGroup" => {
                (every(&it["VPCZoneIdentifier"]), Some(number(&it["MaxSize"])))
            }
            "AWS::RDS::DBSubnetGroup" => (every(&it["SubnetIds"]), Some(instances(whole.json))),
            "AWS::RedshiftServerless::Workgroup" => {
                let subnets = every(&it["SubnetIds"]);
                let all = capacity::warehouse(it) * subnets.len() as u64;
                (subnets, Some(all))
            }
            "AWS::SageMaker::Domain" => {
                let subnets = every(&it["SubnetIds"]);
                let all = capacity::notebooks(id, it, whole.json) * subnets.len() as u64;
                (subnets, Some(all))
            }
            _ => continue,
        };
        let spread = |all: u64| all.div_ceil(subnets.len().max(1) as u64);
        let each = all.map_or(1, spread);
        let zones = subnets.iter().filter_map(|subnet| zone(subnet, whole));
        out.extend(zones.filter(|_| each > 0).map(|zone| (zone, each.into())));
    }
    out
}

/// The zone of a subnet.
fn zone(subnet: &Value, whole: &Whole<'_>) -> Option<Owner> {
    match whole.handle(subnet)? {
        Handle::Local(id) => {
            let zone = whole.local(&id)["AvailabilityZone"]["Ref"].as_str()?;
            Some(Owner::Zone(whole.template.param_index(zone)?))
        }
        Handle::Param(at) => Some(Owner::ZoneOf(at)),
    }
}
