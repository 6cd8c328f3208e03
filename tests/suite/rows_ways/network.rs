//! Second counts of what is odd in a network. Handles are followed from resource to resource.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{services, subnets, units};
use crate::rows::{Everything, Resource};

/// The largest of some sums.
pub fn fullest<K: Ord>(all: impl Iterator<Item = (K, u64)>) -> u64 {
    let mut places: BTreeMap<K, u64> = BTreeMap::new();
    for (place, count) in all {
        *places.entry(place).or_default() += count;
    }
    places.into_values().max().unwrap_or(0)
}

pub fn of<'a>(all: &'a Everything, kind: &str) -> impl Iterator<Item = &'a Resource> {
    all.resources.iter().filter(move |it| it.kind == kind)
}

pub fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.map(|it| it.as_str().expect("a text").to_owned()).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Routes, and the gateway endpoints that lead from a table; the lists of both services weigh one.
pub fn routes(all: &Everything) -> u64 {
    let routes = of(all, "AWS::EC2::Route").map(|it| text(&it.properties["RouteTableId"]));
    let endpoints = of(all, "AWS::EC2::VPCEndpoint").map(|it| &it.properties);
    let gateways = endpoints.filter(|it| it["VpcEndpointType"] == "Gateway");
    let lists = gateways.flat_map(|it| {
        let name = text(&it["ServiceName"]);
        let service = name.rsplit('.').next().expect("a service");
        assert!(["s3", "dynamodb"].contains(&service), "{name}");
        texts(&it["RouteTableIds"])
    });
    fullest(routes.chain(lists).map(|table| (table, 1)))
}

/// From the address of the premises a table learns their blocks, from another at least one.
pub fn propagated(all: &Everything) -> u64 {
    let tells = |gateway: &Value| {
        let connection = of(all, "AWS::EC2::VPNConnection")
            .find(|it| it.properties["VpnGatewayId"] == *gateway)
            .expect("a connection");
        let end = of(all, "AWS::EC2::CustomerGateway")
            .find(|it| it.handle == text(&connection.properties["CustomerGatewayId"]))
            .expect("a far end");
        match &all.premises {
            Some((address, blocks)) if end.properties["IpAddress"] == **address => *blocks,
            _ => 1,
        }
    };
    fullest(of(all, "AWS::EC2::VPNGatewayRoutePropagation").flat_map(|it| {
        let blocks = tells(&it.properties["VpnGatewayId"]);
        texts(&it.properties["RouteTableIds"]).into_iter().map(move |table| (table, blocks))
    }))
}

/// One for each VPC that a table learns of, and the blocks on premises for each table that learns those.
pub fn transit_routes(all: &Everything) -> u64 {
    let gateways: BTreeMap<&str, String> = of(all, "AWS::EC2::TransitGatewayRouteTable")
        .map(|it| (it.handle.as_str(), text(&it.properties["TransitGatewayId"])))
        .collect();
    let vpcs = of(all, "AWS::EC2::TransitGatewayRouteTablePropagation").map(|it| {
        let table = text(&it.properties["TransitGatewayRouteTableId"]);
        (gateways[table.as_str()].clone(), 1)
    });
    let blocks = all.premises.as_ref().map_or(0, |(_, blocks)| *blocks);
    let premises = all.learned.iter().map(|stack| (format!("@{stack}/TransitGateway"), blocks));
    fullest(vpcs.chain(premises))
}

/// Requests to other accounts, by the stack that makes them.
pub fn pending(all: &Everything) -> u64 {
    let asked = of(all, "AWS::EC2::VPCPeeringConnection");
    let foreign = asked.filter(|it| it.properties.get("PeerOwnerId").is_some());
    fullest(foreign.map(|it| (it.handle.split('/').next(), 1)))
}

/// A VPC and all that it is peered with.
pub fn peered(all: &Everything) -> u64 {
    let units = units(all);
    let held = |vpc: &str| units.get(vpc).copied().unwrap_or(0);
    let mut peers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for it in of(all, "AWS::EC2::VPCPeeringConnection") {
        let (one, other) = (text(&it.properties["VpcId"]), text(&it.properties["PeerVpcId"]));
        peers.entry(one.clone()).or_default().push(other.clone());
        peers.entry(other).or_default().push(one);
    }
    let sum = |(vpc, peers): (&String, &Vec<String>)| {
        held(vpc) + peers.iter().map(|peer| held(peer)).sum::<u64>()
    };
    peers.iter().map(sum).max().unwrap_or(0)
}

/// The groups of everything that has interfaces, with its place.
fn interfaces_groups(all: &Everything) -> Vec<(String, u64)> {
    const WHERE: [(&str, &str); 8] = [
        ("AWS::ECS::Service", "/NetworkConfiguration/AwsvpcConfiguration/SecurityGroups"),
        ("AWS::EC2::LaunchTemplate", "/LaunchTemplateData/SecurityGroupIds"),
        ("AWS::EC2::VPCEndpoint", "/SecurityGroupIds"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "/SecurityGroups"),
        ("AWS::RDS::DBCluster", "/VpcSecurityGroupIds"),
        ("AWS::SageMaker::Domain", "/DefaultUserSettings/SecurityGroups"),
        ("AWS::RedshiftServerless::Workgroup", "/SecurityGroupIds"),
        ("AWS::Lambda::Function", "/VpcConfig/SecurityGroupIds"),
    ];
    let each = WHERE.iter().flat_map(|(kind, path)| {
        of(all, kind).filter_map(|it| {
            let groups = it.properties.pointer(path)?.as_array()?.len() as u64;
            Some((format!("{}/{}", it.account, it.region), groups))
        })
    });
    each.collect()
}

pub fn groups(all: &Everything) -> u64 {
    interfaces_groups(all).into_iter().map(|(_, groups)| groups).max().unwrap_or(0)
}

/// In each account and region, the most groups of an interface times the most rules of a group.
pub fn product(all: &Everything) -> u64 {
    let mut groups: BTreeMap<String, u64> = BTreeMap::new();
    for (place, count) in interfaces_groups(all) {
        let most = groups.entry(place).or_default();
        *most = count.max(*most);
    }
    let product = |(place, groups): (&String, &u64)| {
        let here =
            all.resources.iter().filter(|it| format!("{}/{}", it.account, it.region) == *place);
        groups * fullest(here.flat_map(super::rule).map(|rule| (rule, 1)))
    };
    groups.iter().map(product).max().unwrap_or(0)
}

/// Interfaces in each zone of an account.
pub fn interfaces(all: &Everything) -> u64 {
    let subnets = subnets(all);
    let number =
        |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0);
    let mut zones: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for it in &all.resources {
        let p = &it.properties;
        // The subnets, and how many interfaces there are in all of them; one in each, if nothing.
        let (places, many) = match it.kind.as_str() {
            "AWS::EC2::NatGateway" => (vec![text(&p["SubnetId"])], None),
            "AWS::EC2::TransitGatewayAttachment" | "AWS::EC2::VPCEndpoint" => {
                (texts(&p["SubnetIds"]), None)
            }
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => (texts(&p["Subnets"]), None),
            "AWS::ECS::Service" => {
                let places = texts(&p["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"]);
                (places, Some(2 * super::odd::most_tasks(it, all)))
            }
            "AWS::AutoScaling::AutoScalingGroup" => {
                (texts(&p["VPCZoneIdentifier"]), Some(number(&p["MaxSize"])))
            }
            "AWS::RDS::DBSubnetGroup" => {
                let clusters = of(all, "AWS::RDS::DBCluster");
                let ours = clusters.filter(|c| c.properties["DBSubnetGroupName"] == *it.handle);
                let ours: Vec<&str> = ours.map(|cluster| cluster.handle.as_str()).collect();
                let instances = of(all, "AWS::RDS::DBInstance").filter(|instance| {
                    ours.contains(&text(&instance.properties["DBClusterIdentifier"]).as_str())
                });
                (texts(&p["SubnetIds"]), Some(instances.count() as u64))
            }
            "AWS::RedshiftServerless::Workgroup" => {
                let places = texts(&p["SubnetIds"]);
                let all = services::warehouse(it) * places.len() as u64;
                (places, Some(all))
            }
            "AWS::SageMaker::Domain" => {
                let places = texts(&p["SubnetIds"]);
                let all = services::notebooks(it, all) * places.len() as u64;
                (places, Some(all))
            }
            _ => continue,
        };
        let each = many.map_or(1, |many| many.div_ceil(places.len() as u64));
        for subnet in &places {
            *zones.entry((&it.account, subnets[subnet.as_str()].1)).or_default() += each;
        }
    }
    zones.into_values().max().unwrap_or(0)
}
