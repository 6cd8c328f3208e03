//! What stands in a network with interfaces of its own: services, functions, databases, balancers,
//! instances, endpoints.

use serde_json::Value;

use crate::prove::network::ingest::{self, bare};
use crate::prove::network::names::Name;
use crate::prove::network::raw::{Part, Raw, RawHolder};
use crate::prove::read::{Thing, token, unknown};

/// The types that hold interfaces, or that say where others hold them.
const HOLDERS: &[&str] = &[
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::Instance",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::LaunchTemplate",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::ECS::Service",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Lambda::Function",
    "AWS::RDS::DBSubnetGroup",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBProxy",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::EMRServerless::Application",
    "AWS::EFS::MountTarget",
    "AWS::OpenSearchService::Domain",
    "AWS::MSK::Cluster",
    "AWS::ApiGatewayV2::VpcLink",
    "AWS::CodeBuild::Project",
    "AWS::Synthetics::Canary",
];

/// Properties that name subnets, or a group of them.
const SUBNETS: &[&str] = &[
    "Subnets",
    "SubnetId",
    "SubnetIds",
    "VPCZoneIdentifier",
    "DBSubnetGroupName",
    "CacheSubnetGroupName",
    "VpcSubnetIds",
    "ClientSubnets",
];

/// Properties that name security groups, or a launch template that has them.
const GROUPS: &[&str] = &[
    "SecurityGroups",
    "SecurityGroupIds",
    "SecurityGroupId",
    "VpcSecurityGroupIds",
    "VPCSecurityGroups",
    "VPCSecurityGroupIds",
    "GroupSet",
    "Groups",
    "LaunchTemplateId",
];

/// Whether a type holds interfaces.
pub fn wants(kind: &str) -> bool {
    HOLDERS.contains(&kind)
}

/// Takes a thing in, if it holds interfaces.
pub fn take(raw: &mut Raw, thing: &Thing<'_>, part: Part) {
    if !wants(thing.kind) {
        return;
    }
    let (subnets, groups) = (named(raw, thing, SUBNETS), named(raw, thing, GROUPS));
    if thing.kind == "AWS::EC2::LaunchTemplate" {
        raw.several.insert(part.name, groups);
    } else if thing.kind.ends_with("SubnetGroup") {
        if subnets.is_empty() || subnets.iter().any(|name| strange(raw.names.text(*name))) {
            ingest::complain(raw, thing, "its subnets");
        }
        raw.several.insert(part.name, subnets);
    } else if !subnets.is_empty() {
        if subnets.iter().any(|name| strange(raw.names.text(*name))) {
            ingest::complain(raw, thing, "where it stands");
        }
        let public = says(&thing.properties, "Scheme", "internet-facing")
            || says(&thing.properties, "AssignPublicIp", "ENABLED");
        let open = thing.properties["Type"] == "network" || thing.properties["Type"] == "gateway";
        raw.holders.push(RawHolder { part, subnets, groups, public, open });
    }
}

/// Whether a text refers to nothing of the files. An id of AWS's can be that of any thing of them.
fn strange(text: &str) -> bool {
    unknown(text) || token(text).is_none()
}

/// Whether a property has a value, somewhere in a thing.
fn says(value: &Value, key: &str, wanted: &str) -> bool {
    match value {
        Value::Object(map) => {
            map.get(key).is_some_and(|own| own == wanted)
                || map.values().any(|inner| says(inner, key, wanted))
        }
        Value::Array(items) => items.iter().any(|item| says(item, key, wanted)),
        _ => false,
    }
}

/// What properties with some names hold, wherever they stand in a thing.
fn named(raw: &mut Raw, thing: &Thing<'_>, keys: &[&str]) -> Vec<Name> {
    let mut texts = Vec::new();
    collect(&thing.properties, keys, &mut texts);
    let mut names: Vec<Name> = texts.into_iter().map(|text| raw.names.of(bare(text))).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn collect<'v>(value: &'v Value, keys: &[&str], out: &mut Vec<&'v str>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if keys.contains(&key.as_str()) {
                    texts(inner, out);
                }
                collect(inner, keys, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys, out)),
        _ => {}
    }
}

fn texts<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.extend(text.split(',')),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        _ => {}
    }
}
