//! How each quota is counted a second time: the types, the property that says whose they are, or a
//! measure of what was read. Nothing here is shared with the counter.

pub mod table; // every row
pub mod networks; // those of networks
pub mod network; // routes, interfaces, and what is learned
pub mod odd; // what takes more than one step to find
pub mod instances; // processors of instances
pub mod services; // those in units of their own, and of services around the tenants

use std::collections::BTreeMap;

use serde_json::Value;

use crate::rows::{Everything, Resource};

/// A second way of counting.
pub enum Way {
    /// Each resource of a type that fits, in what the quota's scope says.
    Each(&'static [&'static str], fn(&Value) -> bool),
    /// Each resource of a type that fits, by what a property names.
    By(&'static [(&'static str, &'static str)], fn(&Value) -> bool),
    /// The most of something.
    Most(fn(&Everything) -> u64),
}

/// The id, how many AWS has there itself, how the rest is counted, and what is to be said of it.
pub type Row = (&'static str, u64, Way, &'static str);

fn any(_: &Value) -> bool {
    true
}

const fn each(id: &'static str, kinds: &'static [&'static str]) -> Row {
    (id, 0, Way::Each(kinds, any), "")
}

const fn by(id: &'static str, pairs: &'static [(&'static str, &'static str)]) -> Row {
    (id, 0, Way::By(pairs, any), "")
}

const fn most(id: &'static str, measure: fn(&Everything) -> u64, how: &'static str) -> Row {
    (id, 0, Way::Most(measure), how)
}

/// The longest text of a property, without white space.
fn longest(all: &Everything, kind: &str, of: fn(&Value) -> &Value) -> u64 {
    let long = all.resources.iter().filter(|it| it.kind == kind).map(|it| of(&it.long));
    long.filter(|value| !value.is_null()).map(characters).max().unwrap_or(0)
}

fn characters(value: &Value) -> u64 {
    value.to_string().chars().count() as u64
}

/// The longest list of a property.
fn list(all: &Everything, kind: &str, of: fn(&Value) -> &Value) -> u64 {
    let lists = all.resources.iter().filter(|it| it.kind == kind).map(|it| of(&it.properties));
    lists.filter_map(Value::as_array).map(|it| it.len() as u64).max().unwrap_or(0)
}

/// The most resources of two types of one owner, by what two of their properties say.
fn grouped(all: &Everything, key: fn(&Resource) -> Vec<String>) -> u64 {
    let mut places: BTreeMap<String, u64> = BTreeMap::new();
    for place in all.resources.iter().flat_map(key) {
        *places.entry(place).or_default() += 1;
    }
    places.into_values().max().unwrap_or(0)
}

/// The group and the direction of each rule, wherever it stands.
fn rule(it: &Resource) -> Vec<String> {
    let group = |way: &str| format!("{} {way}", it.properties["GroupId"].as_str().unwrap_or("?"));
    let inside = |way: &str, key: &str| {
        let rules = it.properties[key].as_array().map_or(0, Vec::len);
        vec![format!("{} {way}", it.handle); rules]
    };
    match it.kind.as_str() {
        "AWS::EC2::SecurityGroupIngress" => vec![group("in")],
        "AWS::EC2::SecurityGroupEgress" => vec![group("out")],
        "AWS::EC2::SecurityGroup" => {
            [inside("in", "SecurityGroupIngress"), inside("out", "SecurityGroupEgress")].concat()
        }
        _ => Vec::new(),
    }
}

/// The VPC and the zone of each subnet, by its handle.
fn subnets(all: &Everything) -> BTreeMap<&str, (&str, &str)> {
    let subnets = all.resources.iter().filter(|it| it.kind == "AWS::EC2::Subnet");
    let text = |it: &'_ Value| it.as_str().map(str::len).is_some();
    subnets
        .filter(|it| text(&it.properties["VpcId"]) && text(&it.properties["AvailabilityZone"]))
        .map(|it| {
            let vpc = it.properties["VpcId"].as_str().expect("a VPC");
            let zone = it.properties["AvailabilityZone"].as_str().expect("a zone");
            (it.handle.as_str(), (vpc, zone))
        })
        .collect()
}

/// NAT gateways in one zone of one account.
fn nat_gateways(all: &Everything) -> u64 {
    let subnets = subnets(all);
    let mut places: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for it in all.resources.iter().filter(|it| it.kind == "AWS::EC2::NatGateway") {
        let subnet = it.properties["SubnetId"].as_str().expect("a subnet");
        *places.entry((&it.account, subnets[subnet].1)).or_default() += 1;
    }
    places.into_values().max().unwrap_or(0)
}

/// What stands in the fullest VPC, in units.
fn address_usage(all: &Everything) -> u64 {
    units(all).into_values().max().unwrap_or(0)
}

/// What stands in each VPC, in units.
fn units(all: &Everything) -> BTreeMap<String, u64> {
    let subnets = subnets(all);
    let of =
        |value: &Value| value.as_str().and_then(|it| subnets.get(it)).map(|it| it.0.to_owned());
    let count = |value: &Value| value.as_array().map_or(0, |it| it.len() as u64);
    let number =
        |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0);
    let find = |handle: &Value| all.resources.iter().find(|it| *handle == it.handle.as_str());
    let mut places: BTreeMap<String, u64> = BTreeMap::new();
    for it in &all.resources {
        let p = &it.properties;
        let (vpc, units) = match it.kind.as_str() {
            "AWS::EC2::NatGateway" => (of(&p["SubnetId"]), 6),
            "AWS::EC2::TransitGatewayAttachment" => (p["VpcId"].as_str().map(str::to_owned), 6),
            "AWS::EC2::VPCEndpoint" => {
                (p["VpcId"].as_str().map(str::to_owned), 6 * count(&p["SubnetIds"]))
            }
            "AWS::Lambda::Function" => (of(&p["VpcConfig"]["SubnetIds"][0]), 6),
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
                let each = if p["Type"] == "network" { 6 } else { 1 };
                (of(&p["Subnets"][0]), each * count(&p["Subnets"]))
            }
            "AWS::ECS::Service" => {
                let targets =
                    all.resources.iter().filter(|it| it.kind.ends_with("::ScalableTarget"));
                let own = |target: &&Resource| {
                    let name = target.properties["ResourceId"].as_str().unwrap_or_default();
                    name.ends_with(&it.handle)
                };
                let most = targets.into_iter().find(own).map(|it| &it.properties["MaxCapacity"]);
                let subnets = &p["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"];
                // The new tasks start before the old ones stop.
                (of(&subnets[0]), 2 * number(most.unwrap_or(&p["DesiredCount"])))
            }
            "AWS::AutoScaling::AutoScalingGroup" => {
                (of(&p["VPCZoneIdentifier"][0]), number(&p["MaxSize"]))
            }
            "AWS::RDS::DBInstance" => {
                let cluster = find(&p["DBClusterIdentifier"]).map(|it| &it.properties);
                let group = cluster.and_then(|it| find(&it["DBSubnetGroupName"]));
                (group.and_then(|it| of(&it.properties["SubnetIds"][0])), 1)
            }
            "AWS::RedshiftServerless::Workgroup" => {
                let each = services::warehouse(it);
                (of(&p["SubnetIds"][0]), each * count(&p["SubnetIds"]))
            }
            "AWS::SageMaker::Domain" => {
                // The file system of a subnet counts six.
                let each = services::notebooks(it, all) + 5;
                (p["VpcId"].as_str().map(str::to_owned), each * count(&p["SubnetIds"]))
            }
            _ => continue,
        };
        *places.entry(vpc.unwrap_or_default()).or_default() += units;
    }
    // A function without a VPC stands in none.
    places.remove("");
    places
}

fn acl_entry(it: &Resource) -> Vec<String> {
    let place = || format!("{} {}", it.properties["NetworkAclId"], it.properties["Egress"]);
    if it.kind == "AWS::EC2::NetworkAclEntry" { vec![place()] } else { Vec::new() }
}

/// The rules of a load balancer are those of its listeners.
fn balancer_rules(all: &Everything) -> u64 {
    let listener = |it: &&Resource| it.kind == "AWS::ElasticLoadBalancingV2::Listener";
    let owners: BTreeMap<&str, &Value> = all
        .resources
        .iter()
        .filter(listener)
        .map(|it| (it.handle.as_str(), &it.properties["LoadBalancerArn"]))
        .collect();
    let mut places: BTreeMap<String, u64> = BTreeMap::new();
    for it in all.resources.iter().filter(|it| it.kind.ends_with("::ListenerRule")) {
        let listener = it.properties["ListenerArn"].as_str().expect("a listener");
        *places.entry(owners[listener].to_string()).or_default() += 1;
    }
    places.into_values().max().unwrap_or(0)
}

fn condition_values(all: &Everything) -> u64 {
    let of = |it: &Resource| {
        let conditions = it.properties["Conditions"].as_array().into_iter().flatten();
        let values = conditions.flat_map(|it| it.as_object().into_iter().flatten());
        values.filter_map(|(_, config)| config["Values"].as_array()).map(|it| it.len() as u64).sum()
    };
    let rules = all.resources.iter().filter(|it| it.kind.ends_with("::ListenerRule"));
    rules.map(of).max().unwrap_or(0)
}

/// The inline policies of each role, wherever they stand.
fn inline_policies(all: &Everything) -> u64 {
    let mut roles: BTreeMap<String, u64> = BTreeMap::new();
    for it in &all.resources {
        if it.kind == "AWS::IAM::Role" {
            let inside = it.long["Policies"].as_array().into_iter().flatten();
            let sum: u64 = inside.map(|policy| characters(&policy["PolicyDocument"])).sum();
            *roles.entry(it.handle.clone()).or_default() += sum;
        }
        if it.kind == "AWS::IAM::RolePolicy" {
            let role = it.properties["RoleName"].as_str().expect("a role").to_owned();
            *roles.entry(role).or_default() += characters(&it.long["PolicyDocument"]);
        }
    }
    roles.into_values().max().unwrap_or(0)
}

fn policies(all: &Everything, kind: &str) -> u64 {
    let of_kind =
        |it: &&Resource| it.kind == "AWS::Organizations::Policy" && it.long["Type"] == kind;
    all.resources
        .iter()
        .filter(of_kind)
        .map(|it| characters(&it.long["Content"]))
        .max()
        .unwrap_or(0)
}

/// The widgets of a dashboard, read from its text.
fn widgets(all: &Everything) -> u64 {
    let boards = all.resources.iter().filter(|it| it.kind == "AWS::CloudWatch::Dashboard");
    let of = |it: &Resource| {
        let text = it.properties["DashboardBody"].as_str().expect("a text");
        let body: Value = serde_json::from_str(text).expect("JSON");
        body["widgets"].as_array().expect("widgets").len() as u64
    };
    boards.map(of).max().unwrap_or(0)
}

fn rate_rules(all: &Everything) -> u64 {
    let of = |it: &Resource| {
        let rules = it.properties["Rules"].as_array().into_iter().flatten();
        rules.filter(|rule| rule["Statement"].get("RateBasedStatement").is_some()).count() as u64
    };
    all.resources.iter().filter(|it| it.kind == "AWS::WAFv2::WebACL").map(of).max().unwrap_or(0)
}

fn section(all: &Everything, name: &str) -> u64 {
    let of = |(json, _): &(Value, String)| json[name].as_object().map_or(0, |it| it.len() as u64);
    all.templates.iter().map(of).max().unwrap_or(0)
}
