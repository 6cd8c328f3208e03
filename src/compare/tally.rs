//! What the stacks of an estate hold, counted on the templates that CloudFormation would be given: a
//! template once, and as often as it has stacks. Nothing here knows what a model meant to make.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::aws::PENDING;
use crate::compare::driver;
use crate::engine::{Engine, Rendered};
use crate::template::Estate;

/// What is counted.
pub struct Row {
    /// Its id for machines.
    pub id: &'static str,
    /// What it is, for people; more than one of it.
    pub what: &'static str,
    of: Of,
}

/// How it is counted.
enum Of {
    /// Accounts with a stack.
    Accounts,
    /// Stacks.
    Stacks,
    /// Resources of all stacks.
    Resources,
    /// Resources of a type that fit.
    Type(&'static str, fn(&Value) -> bool),
    /// Rules of security groups: beside the groups, and in them.
    Rules,
}

fn any(_: &Value) -> bool {
    true
}

const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const VPN: &str = "AWS::EC2::VPNConnection";

const fn row(id: &'static str, what: &'static str, of: Of) -> Row {
    Row { id, what, of }
}

const fn each(id: &'static str, what: &'static str, kind: &'static str) -> Row {
    Row { id, what, of: Of::Type(kind, any) }
}

/// Every row, from the outside in.
pub static ROWS: [Row; 23] = [
    row("accounts", "accounts", Of::Accounts),
    each("vpcs", "VPCs", "AWS::EC2::VPC"),
    each("subnets", "subnets", "AWS::EC2::Subnet"),
    each("nat_gateways", "NAT gateways", "AWS::EC2::NatGateway"),
    each("elastic_addresses", "elastic addresses", "AWS::EC2::EIP"),
    row(
        "gateway_endpoints",
        "gateway endpoints",
        Of::Type(ENDPOINT, |it| it["VpcEndpointType"] == "Gateway"),
    ),
    row(
        "interface_endpoints",
        "interface endpoints",
        Of::Type(ENDPOINT, |it| it["VpcEndpointType"] == "Interface"),
    ),
    each("route_tables", "route tables", "AWS::EC2::RouteTable"),
    each("security_groups", "security groups", "AWS::EC2::SecurityGroup"),
    row("security_group_rules", "rules of groups", Of::Rules),
    each("network_acl_rules", "rules of network ACLs", "AWS::EC2::NetworkAclEntry"),
    each("peerings", "peerings", "AWS::EC2::VPCPeeringConnection"),
    each("attachments", "attachments", "AWS::EC2::TransitGatewayAttachment"),
    row("vpn_connections", "VPN connections", Of::Type(VPN, any)),
    each("load_balancers", "load balancers", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
    each("services", "container services", "AWS::ECS::Service"),
    each("instance_groups", "groups of instances", "AWS::AutoScaling::AutoScalingGroup"),
    each("databases", "database clusters", "AWS::RDS::DBCluster"),
    each("tables", "DynamoDB tables", "AWS::DynamoDB::Table"),
    each("functions", "functions", "AWS::Lambda::Function"),
    each("roles", "roles", "AWS::IAM::Role"),
    row("stacks", "stacks", Of::Stacks),
    row("resources", "resources", Of::Resources),
];

/// What an estate holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many of each row, in the order of [`ROWS`].
    pub counts: Vec<u64>,
    /// What costs because it is there, in thousandths, by its id and its region.
    pub drivers: BTreeMap<(String, String), u64>,
}

/// Counts an estate.
pub fn tally(estate: &Estate, rendered: &Rendered<'_>) -> Tally {
    let mut out = Tally { counts: vec![0; ROWS.len()], drivers: BTreeMap::new() };
    let mut stacks: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for stack in &estate.stacks {
        *stacks.entry(&stack.shape).or_default().entry(&stack.region).or_default() += 1;
    }
    for (shape, regions) in stacks {
        let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is rendered");
        let template: Value = serde_json::from_str(text).expect("the engine writes JSON");
        let all: u64 = regions.values().sum();
        for (count, row) in out.counts.iter_mut().zip(&ROWS) {
            *count += all * in_template(row, &template);
        }
        for (id, amount) in driver::of_template(&template) {
            for (region, times) in &regions {
                let key = (id.clone(), (*region).to_owned());
                *out.drivers.entry(key).or_default() += amount * times;
            }
        }
    }
    for (count, row) in out.counts.iter_mut().zip(&ROWS) {
        match row.of {
            Of::Accounts => *count = accounts(estate),
            Of::Stacks => *count = estate.stacks.len() as u64,
            _ => {}
        }
    }
    out
}

/// Accounts that AWS has not made are told apart by their tenants.
fn accounts(estate: &Estate) -> u64 {
    let name = |account: &String, tenant: &Option<String>| match account.as_str() {
        PENDING => (account.clone(), tenant.clone()),
        _ => (account.clone(), None),
    };
    let all: BTreeSet<_> = estate.stacks.iter().map(|it| name(&it.account, &it.tenant)).collect();
    all.len() as u64
}

fn in_template(row: &Row, template: &Value) -> u64 {
    let resources = template["Resources"].as_object().into_iter().flatten();
    let count = |list: &Value| list.as_array().map_or(0, |items| items.len() as u64);
    match row.of {
        Of::Accounts | Of::Stacks => 0,
        Of::Resources => resources.count() as u64,
        Of::Type(kind, fits) => {
            resources.filter(|(_, it)| it["Type"] == kind && fits(&it["Properties"])).count() as u64
        }
        Of::Rules => resources
            .map(|(_, it)| match it["Type"].as_str() {
                Some("AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress") => 1,
                Some("AWS::EC2::SecurityGroup") => {
                    let inside = &it["Properties"];
                    count(&inside["SecurityGroupIngress"]) + count(&inside["SecurityGroupEgress"])
                }
                _ => 0,
            })
            .sum(),
    }
}
