//! How much of what costs because it is there a template holds, in thousandths: a quarter of a virtual
//! CPU is 250. What scales is counted at its least.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::aws::driver::INSTANCE;
use crate::check::quota::holding::scaled;
use crate::check::quota::placed::has_secret;

/// A whole one.
const ONE: u64 = 1000;

/// How much a template holds, by the id of the driver.
pub fn of_template(template: &Value) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    let Some(resources) = template["Resources"].as_object() else { return out };
    for (id, resource) in resources {
        let kind = resource["Type"].as_str().unwrap_or_default();
        for (driver, amount) in of_resource(id, kind, &resource["Properties"], resources) {
            *out.entry(driver).or_default() += amount;
        }
    }
    out.retain(|_, amount| *amount > 0);
    out
}

type Amounts = Vec<(String, u64)>;

fn of_resource(id: &str, kind: &str, it: &Value, all: &Map<String, Value>) -> Amounts {
    let one = |driver: &str| vec![(driver.to_owned(), ONE)];
    match kind {
        "AWS::EC2::NatGateway" => one("nat-gateway"),
        "AWS::EC2::EIP" => one("public-address"),
        "AWS::EC2::VPCEndpoint" if it["VpcEndpointType"] == "Interface" => {
            vec![("interface-endpoint".to_owned(), ONE * many(&it["SubnetIds"]))]
        }
        "AWS::EC2::TransitGatewayAttachment" => one("transit-gateway-attachment"),
        "AWS::EC2::VPNConnection" => {
            let mut out = one("vpn-connection");
            if !it["TransitGatewayId"].is_null() {
                out.extend(one("transit-gateway-attachment"));
            }
            out
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => balancer(it),
        "AWS::ECS::Service" if it["LaunchType"] == "FARGATE" => fargate(id, it, all),
        "AWS::AutoScaling::AutoScalingGroup" => instances(it),
        "AWS::RDS::DBCluster" => aurora(id, it, all),
        "AWS::Kinesis::Stream" if it["StreamModeDetails"]["StreamMode"] == "ON_DEMAND" => {
            one("kinesis-stream")
        }
        "AWS::KMS::Key" => one("kms-key"),
        "AWS::SecretsManager::Secret" => one("secret"),
        "AWS::WAFv2::WebACL" => {
            let rules = ONE * many(&it["Rules"]);
            vec![("web-acl".to_owned(), ONE), ("web-acl-rule".to_owned(), rules)]
        }
        "AWS::CloudWatch::Alarm" => vec![("alarm".to_owned(), ONE * alarm_metrics(it))],
        "AWS::CloudWatch::Dashboard" => one("dashboard"),
        _ => Vec::new(),
    }
}

fn many(list: &Value) -> u64 {
    list.as_array().map_or(0, |items| items.len() as u64)
}

/// An alarm is billed by the metrics that it reads; an expression over them is none. Source:
/// <https://aws.amazon.com/cloudwatch/pricing/> (the price is "per alarm metric").
fn alarm_metrics(it: &Value) -> u64 {
    let read = |one: &&Value| !one["MetricStat"].is_null();
    let metrics = it["Metrics"].as_array().map_or(0, |all| all.iter().filter(read).count());
    metrics.max(1) as u64
}

/// A number that is written as one, or as text.
fn thousandths(value: &Value) -> u64 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let rest: String = rest.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().unwrap_or(0) * ONE + rest.parse::<u64>().unwrap_or(0)
}

/// One that faces the internet has an address in each of its zones. Source:
/// <https://aws.amazon.com/vpc/pricing/>.
fn balancer(it: &Value) -> Amounts {
    let network = it["Type"] == "network";
    let id = if network { "network-load-balancer" } else { "application-load-balancer" };
    let mut out = vec![(id.to_owned(), ONE)];
    if it["Scheme"] == "internet-facing" {
        let zones = many(&it["Subnets"]).max(many(&it["SubnetMappings"]));
        out.push(("public-address".to_owned(), ONE * zones));
    }
    out
}

/// The least number of tasks, each of the size of its definition.
fn fargate(id: &str, it: &Value, all: &Map<String, Value>) -> Amounts {
    // Amazon ECS starts one task of a service that nothing scales.
    let least = scaled(id, all.values()).map(|target| &target["MinCapacity"]);
    let tasks = least.map_or(ONE, thousandths) / ONE;
    let definition = it["TaskDefinition"]["Ref"].as_str().and_then(|id| all.get(id));
    let Some(definition) = definition.map(|it| &it["Properties"]) else { return Vec::new() };
    let of = |key: &str| tasks * thousandths(&definition[key]) / 1024;
    vec![("fargate-vcpu".to_owned(), of("Cpu")), ("fargate-memory".to_owned(), of("Memory"))]
}

/// The least number of instances, as if all were of the preferred type.
fn instances(it: &Value) -> Amounts {
    let first = &it["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"][0]["InstanceType"];
    let kind = first.as_str().unwrap_or("other");
    vec![(format!("{INSTANCE}{kind}"), thousandths(&it["MinSize"]))]
}

/// Each instance of a cluster has the least capacity of the cluster. A password that RDS manages is a secret,
/// which costs as one. Source:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html>.
fn aurora(id: &str, it: &Value, all: &Map<String, Value>) -> Amounts {
    let least = thousandths(&it["ServerlessV2ScalingConfiguration"]["MinCapacity"]);
    let of_cluster = |other: &&Value| {
        other["Type"] == "AWS::RDS::DBInstance"
            && other["Properties"]["DBClusterIdentifier"]["Ref"] == id
    };
    let instances = all.values().filter(of_cluster).count() as u64;
    let secrets = if has_secret(it) { ONE } else { 0 };
    vec![("aurora-capacity-unit".to_owned(), least * instances), ("secret".to_owned(), secrets)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alarm_counts_the_metrics_that_it_reads() {
        let metric = |id: &str| json!({"Id": id, "MetricStat": {"Stat": "Sum"}});
        let alarm = |it: Value| json!({"Type": "AWS::CloudWatch::Alarm", "Properties": it});
        let template = json!({"Resources": {
            "Plain": alarm(json!({"MetricName": "Errors"})),
            "Math": alarm(json!({"Metrics": [metric("a"), metric("b"), {"Expression": "a/b"}]})),
        }});
        assert_eq!(of_template(&template), BTreeMap::from([("alarm".to_owned(), 3 * ONE)]));
    }
}
