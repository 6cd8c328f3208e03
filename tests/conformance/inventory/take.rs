//! What exists: all that the emulator can list of the kinds that are compared, as it lists it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{iam, organization};
use crate::api::{Accounts, Api};

/// All that was found, by account and region.
pub type Raw = Vec<Place>;

/// What one account holds in one region. Keys of `sets` are the names of `kind::KINDS`.
pub struct Place {
    pub account: String,
    pub region: String,
    pub sets: BTreeMap<&'static str, Vec<Value>>,
}

impl Place {
    pub fn set(&self, name: &str) -> &[Value] {
        self.sets.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The thing of a set that has this id.
    pub fn find(&mut self, set: &'static str, id: &str, value: &str) -> Option<&mut Value> {
        self.sets.entry(set).or_default().iter_mut().find(|item| item[id] == *value)
    }
}

/// Set, EC2 action, and the element of its answer that holds the list.
const LISTS: [(&str, &str, &str); 19] = [
    ("VPC", "DescribeVpcs", "vpcSet"),
    ("subnet", "DescribeSubnets", "subnetSet"),
    ("route table", "DescribeRouteTables", "routeTableSet"),
    ("network ACL", "DescribeNetworkAcls", "networkAclSet"),
    ("security group", "DescribeSecurityGroups", "securityGroupInfo"),
    ("internet gateway", "DescribeInternetGateways", "internetGatewaySet"),
    ("egress-only gateway", "DescribeEgressOnlyInternetGateways", "egressOnlyInternetGatewaySet"),
    ("NAT gateway", "DescribeNatGateways", "natGatewaySet"),
    ("address", "DescribeAddresses", "addressesSet"),
    ("endpoint", "DescribeVpcEndpoints", "vpcEndpointSet"),
    ("peering", "DescribeVpcPeeringConnections", "vpcPeeringConnectionSet"),
    ("transit gateway", "DescribeTransitGateways", "transitGatewaySet"),
    ("attachment", "DescribeTransitGatewayVpcAttachments", "transitGatewayVpcAttachments"),
    ("DHCP options", "DescribeDhcpOptions", "dhcpOptionsSet"),
    ("flow log", "DescribeFlowLogs", "flowLogSet"),
    ("VPN gateway", "DescribeVpnGateways", "vpnGatewaySet"),
    ("customer gateway", "DescribeCustomerGateways", "customerGatewaySet"),
    ("VPN connection", "DescribeVpnConnections", "vpnConnectionSet"),
    ("prefix list", "DescribeManagedPrefixLists", "prefixListSet"),
];

/// Looks at every account and region of an estate.
pub fn take(accounts: &Accounts) -> Result<Raw, String> {
    let mut raw = Vec::new();
    for (account, region, api) in accounts.places() {
        let mut sets = BTreeMap::new();
        for (set, action, list) in LISTS {
            let answer = api.ec2(action, &[])?;
            sets.insert(set, items(&answer[list]).to_vec());
        }
        sets.insert("transit route table", transit_route_tables(api)?);
        sets.insert("log group", log_groups(api)?);
        let clusters = clusters(api)?;
        sets.insert("service", services(api, &clusters)?);
        sets.insert("cluster", clusters);
        sets.insert("parameter", parameters(api)?);
        // IAM is global: it is read once an account, where the account is met first.
        if raw.iter().all(|place: &Place| place.account != account) {
            sets.insert("role", iam::roles(api)?);
            sets.insert("policy", iam::policies(api)?);
            organization::add(api, account, &mut sets)?;
        }
        if let Some(attachments) = sets.get_mut("attachment") {
            attachments.retain(|it| !it["vpcId"].is_null());
        }
        drop_what_aws_owns(&mut sets);
        for vpc in sets.get_mut("VPC").into_iter().flatten() {
            let id = text(vpc, "vpcId");
            for attribute in ["enableDnsSupport", "enableDnsHostnames"] {
                let asked = [("VpcId", id.as_str()), ("Attribute", attribute)];
                let answer = api.ec2("DescribeVpcAttribute", &asked)?;
                vpc[attribute] = answer[attribute]["value"].clone();
            }
        }
        raw.push(Place { account: account.to_owned(), region: region.to_owned(), sets });
    }
    Ok(raw)
}

/// A list of an answer; AWS leaves the element empty or out where there is nothing.
pub fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// The default VPC with all that lies in it, what is on its way out, and AWS's own prefix lists.
fn drop_what_aws_owns(sets: &mut BTreeMap<&'static str, Vec<Value>>) {
    let vpcs = sets.get("VPC").map(Vec::as_slice).unwrap_or_default();
    let defaults: Vec<Value> = vpcs
        .iter()
        .filter(|vpc| vpc["isDefault"] == "true")
        .map(|vpc| vpc["vpcId"].clone())
        .collect();
    let gone = |item: &Value| {
        let state = item["state"].as_str().or_else(|| item["status"]["code"].as_str());
        let ended = matches!(state, Some("deleted" | "deleting" | "rejected" | "failed"));
        let attached =
            items(&item["attachmentSet"]).iter().any(|to| defaults.contains(&to["vpcId"]));
        ended || attached || defaults.contains(&item["vpcId"]) || item["ownerId"] == "AWS"
    };
    for set in sets.values_mut() {
        set.retain(|item| !gone(item));
    }
}

/// A transit gateway's route tables, each with what else belongs to it.
fn transit_route_tables(api: &Api) -> Result<Vec<Value>, String> {
    let answer = api.ec2("DescribeTransitGatewayRouteTables", &[])?;
    let mut tables = items(&answer["transitGatewayRouteTables"]).to_vec();
    for table in &mut tables {
        let id = text(table, "transitGatewayRouteTableId");
        let asked = [("TransitGatewayRouteTableId", id.as_str())];
        let told = api.ec2("GetTransitGatewayRouteTableAssociations", &asked)?;
        table["associations"] = told["associations"].clone();
        let told = api.ec2("GetTransitGatewayRouteTablePropagations", &asked)?;
        table["propagations"] = told["transitGatewayRouteTablePropagations"].clone();
        let kept = [asked[0], ("Filter.1.Name", "type"), ("Filter.1.Value.1", "static")];
        let told = api.ec2("SearchTransitGatewayRoutes", &kept)?;
        table["routes"] = told["routeSet"].clone();
    }
    Ok(tables)
}

fn log_groups(api: &Api) -> Result<Vec<Value>, String> {
    let target = "Logs_20140328.DescribeLogGroups";
    let mut groups = api.pages("logs", target, "logGroups", "nextToken", &json!({}))?;
    for group in &mut groups {
        let asked = json!({"logGroupName": group["logGroupName"]});
        let told = api.json("logs", "Logs_20140328.ListTagsLogGroup", &asked)?;
        group["tagSet"] = tag_set(&told["tags"]);
    }
    Ok(groups)
}

fn parameters(api: &Api) -> Result<Vec<Value>, String> {
    let asked = json!({"MaxResults": 50});
    let target = "AmazonSSM.DescribeParameters";
    let listed = api.pages("ssm", target, "Parameters", "NextToken", &asked)?;
    let mut found = Vec::new();
    for some in listed.chunks(10) {
        let names: Vec<&Value> = some.iter().map(|parameter| &parameter["Name"]).collect();
        let asked = json!({"Names": names, "WithDecryption": true});
        let told = api.json("ssm", "AmazonSSM.GetParameters", &asked)?;
        found.extend_from_slice(items(&told["Parameters"]));
    }
    for parameter in &mut found {
        let asked = json!({"ResourceType": "Parameter", "ResourceId": parameter["Name"]});
        let told = api.json("ssm", "AmazonSSM.ListTagsForResource", &asked)?;
        let pair = |tag: &Value| (text(tag, "Key"), tag["Value"].clone());
        parameter["tagSet"] = tag_set(&items(&told["TagList"]).iter().map(pair).collect());
    }
    Ok(found)
}

const ECS: &str = "AmazonEC2ContainerServiceV20141113";

fn clusters(api: &Api) -> Result<Vec<Value>, String> {
    let list = format!("{ECS}.ListClusters");
    let arns = api.pages("ecs", &list, "clusterArns", "nextToken", &json!({}))?;
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let asked = json!({"clusters": arns, "include": ["TAGS", "SETTINGS"]});
    let told = api.json("ecs", &format!("{ECS}.DescribeClusters"), &asked)?;
    Ok(tagged(&told["clusters"]))
}

fn services(api: &Api, clusters: &[Value]) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for cluster in clusters {
        let name = &cluster["clusterName"];
        let list = format!("{ECS}.ListServices");
        let asked = json!({"cluster": name});
        let arns = api.pages("ecs", &list, "serviceArns", "nextToken", &asked)?;
        // So many and no more are described at once.
        for some in arns.chunks(10) {
            let asked = json!({"cluster": name, "services": some, "include": ["TAGS"]});
            let told = api.json("ecs", &format!("{ECS}.DescribeServices"), &asked)?;
            found.extend(tagged(&told["services"]));
        }
    }
    Ok(found)
}

/// Amazon ECS has tags as EC2 has them, but calls the list otherwise; and it goes on to list for a
/// while what was deleted.
fn tagged(list: &Value) -> Vec<Value> {
    let there = |it: &&Value| it["status"] != "INACTIVE";
    let mut all: Vec<Value> = items(list).iter().filter(there).cloned().collect();
    for it in &mut all {
        it["tagSet"] = it["tags"].clone();
    }
    all
}

/// A map of tags in the form that EC2 gives them.
pub fn tag_set(tags: &Value) -> Value {
    let tags = tags.as_object().into_iter().flatten();
    tags.map(|(key, value)| json!({"key": key, "value": value})).collect()
}
