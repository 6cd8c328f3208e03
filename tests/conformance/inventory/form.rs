//! One function a kind: from the answer of the API to a form in which two engines that made the
//! same thing give the same value. Ids stay in; `name` replaces them.

use serde_json::{Value, json};

use super::iam::alike;
use super::take::items;

pub fn vpc(it: &Value) -> Value {
    json!({
        "cidrs": sorted(&it["cidrBlockAssociationSet"], |block| block["cidrBlock"].clone()),
        "cidr": it["cidrBlock"],
        "tenancy": it["instanceTenancy"],
        "dns support": it["enableDnsSupport"],
        "dns hostnames": it["enableDnsHostnames"],
        "dhcp options": it["dhcpOptionsId"],
        "tags": tags(it),
    })
}

pub fn subnet(it: &Value) -> Value {
    json!({
        "vpc": it["vpcId"],
        "cidr": it["cidrBlock"],
        "zone": it["availabilityZone"],
        "public addresses": it["mapPublicIpOnLaunch"],
        "tags": tags(it),
    })
}

pub fn route_table(it: &Value) -> Value {
    let subnets = |to: &Value| match &to["subnetId"] {
        Value::Null => to["gatewayId"].clone(),
        subnet => subnet.clone(),
    };
    json!({
        "vpc": it["vpcId"],
        "routes": sorted(&it["routeSet"], route),
        "associations": sorted(&it["associationSet"], subnets),
        "tags": tags(it),
    })
}

fn route(it: &Value) -> Value {
    let first = |names: &[&str]| {
        let given = names.iter().find_map(|name| it[*name].as_str());
        given.unwrap_or("nothing").to_owned()
    };
    let to = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"];
    let by = [
        "gatewayId",
        "natGatewayId",
        "transitGatewayId",
        "vpcPeeringConnectionId",
        "egressOnlyInternetGatewayId",
        "networkInterfaceId",
        "instanceId",
    ];
    json!(format!("{} by {}", first(&to), first(&by)))
}

pub fn network_acl(it: &Value) -> Value {
    json!({
        "vpc": it["vpcId"],
        "default": it["default"],
        "entries": sorted(&it["entrySet"], acl_entry),
        "subnets": sorted(&it["associationSet"], |to| to["subnetId"].clone()),
        "tags": tags(it),
    })
}

fn acl_entry(it: &Value) -> Value {
    let way = if it["egress"] == "true" { "out" } else { "in" };
    let cidr = it["cidrBlock"].as_str().or_else(|| it["ipv6CidrBlock"].as_str());
    let number = it["ruleNumber"].as_str().unwrap_or_default();
    let range = &it["portRange"];
    let what = traffic(&it["protocol"], &range["from"], &range["to"]);
    let action = it["ruleAction"].as_str().unwrap_or_default();
    json!(format!("{way} {number:0>5} {action} {what} {}", cidr.unwrap_or_default()))
}

pub fn security_group(it: &Value) -> Value {
    json!({
        "vpc": it["vpcId"],
        "description": it["groupDescription"],
        "ingress": rules(&it["ipPermissions"]),
        "egress": rules(&it["ipPermissionsEgress"]).into_iter()
            // CloudFormation's stand-in for "nothing": it keeps AWS from adding "everything".
            .filter(|rule| !rule.ends_with(" 127.0.0.1/32")).collect::<Vec<_>>(),
        "tags": tags(it),
    })
}

/// One line for each peer of each permission: AWS groups them as it likes.
pub fn rules(permissions: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for it in items(permissions) {
        let what = traffic(&it["ipProtocol"], &it["fromPort"], &it["toPort"]);
        let peers = [
            ("ipRanges", "cidrIp"),
            ("ipv6Ranges", "cidrIpv6"),
            ("groups", "groupId"),
            ("prefixListIds", "prefixListId"),
        ];
        for (list, field) in peers {
            let peers = items(&it[list]).iter().filter_map(|peer| peer[field].as_str());
            found.extend(peers.map(|peer| format!("{what} {peer}")));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Protocol and ports: AWS takes names and numbers, and no ports or all of them.
fn traffic(protocol: &Value, from: &Value, to: &Value) -> String {
    let protocol = match protocol.as_str().unwrap_or("-1") {
        "-1" | "all" => return "all".to_owned(),
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    match (from.as_str(), to.as_str()) {
        (None | Some("-1"), _) | (Some("0"), Some("65535")) => protocol.to_owned(),
        (Some(from), to) => format!("{protocol} {from}-{}", to.unwrap_or(from)),
    }
}

pub fn internet_gateway(it: &Value) -> Value {
    let vpcs = sorted(&it["attachmentSet"], |to| to["vpcId"].clone());
    json!({"vpcs": vpcs, "tags": tags(it)})
}

pub fn nat_gateway(it: &Value) -> Value {
    let addresses = sorted(&it["natGatewayAddressSet"], |to| to["allocationId"].clone());
    let kind = it["connectivityType"].as_str().unwrap_or("public");
    json!({"subnet": it["subnetId"], "connectivity": kind, "addresses": addresses,
        "tags": tags(it)})
}

pub fn address(it: &Value) -> Value {
    json!({"domain": it["domain"], "tags": tags(it)})
}

pub fn endpoint(it: &Value) -> Value {
    json!({
        "vpc": it["vpcId"],
        "service": it["serviceName"],
        "type": it["vpcEndpointType"],
        "route tables": sorted(&it["routeTableIdSet"], Value::clone),
        "subnets": sorted(&it["subnetIdSet"], Value::clone),
        "groups": sorted(&it["groupSet"], |group| group["groupId"].clone()),
        "private dns": it["privateDnsEnabled"].as_str().unwrap_or("false"),
        "policy": document(&it["policyDocument"]),
        "tags": tags(it),
    })
}

pub fn peering(it: &Value) -> Value {
    let side = |name: &str| json!([it[name]["ownerId"], it[name]["vpcId"]]);
    json!({"requester": side("requesterVpcInfo"), "accepter": side("accepterVpcInfo"),
        "tags": tags(it)})
}

pub fn transit_gateway(it: &Value) -> Value {
    let mut options = json!({"securityGroupReferencingSupport": "disable"});
    for (name, value) in it["options"].as_object().into_iter().flatten() {
        options[name] = value.clone();
    }
    if let Some(options) = options.as_object_mut() {
        options.retain(|name, _| !name.ends_with("RouteTableId"));
    }
    json!({"description": it["description"], "options": options, "tags": tags(it)})
}

pub fn attachment(it: &Value) -> Value {
    json!({
        "transit gateway": it["transitGatewayId"],
        "vpc": it["vpcId"],
        "subnets": sorted(&it["subnetIds"], Value::clone),
        "appliance mode": it["options"]["applianceModeSupport"].as_str().unwrap_or("disable"),
        "dns": it["options"]["dnsSupport"].as_str().unwrap_or("enable"),
        "tags": tags(it),
    })
}

/// Without what leads to a VPN: a template cannot name a VPN's attachment, the shipped script
/// joins it, and an emulator that only pretends to make a VPN has none to join.
pub fn transit_route_table(it: &Value) -> Value {
    let by_vpn = |to: &Value| to["resourceType"] == "vpn";
    let attachment = |to: &Value| {
        if by_vpn(to) { Value::Null } else { to["transitGatewayAttachmentId"].clone() }
    };
    let route = |to: &Value| {
        let by = items(&to["transitGatewayAttachments"]).first();
        if by.is_some_and(by_vpn) {
            return Value::Null;
        }
        let by = by.and_then(|by| by["transitGatewayAttachmentId"].as_str());
        let cidr = to["destinationCidrBlock"].as_str().unwrap_or_default();
        json!(format!("{cidr} by {}", by.unwrap_or("nothing")))
    };
    json!({
        "transit gateway": it["transitGatewayId"],
        "associations": sorted(&it["associations"], attachment),
        "propagations": sorted(&it["propagations"], attachment),
        "routes": sorted(&it["routes"], route),
        "tags": tags(it),
    })
}

/// Without tags: moto forgets them.
pub fn dhcp_options(it: &Value) -> Value {
    let option = |option: &Value| {
        json!([option["key"], sorted(&option["valueSet"], |value| value["value"].clone())])
    };
    json!({"options": sorted(&it["dhcpConfigurationSet"], option)})
}

pub fn flow_log(it: &Value) -> Value {
    let destination = it["logDestination"].as_str().unwrap_or_default();
    // A log group is named by one engine, and given as an ARN by the other.
    let group = destination.split_once(":log-group:").map(|(_, name)| name.trim_end_matches(":*"));
    let to = it["logGroupName"].as_str().or(group).unwrap_or(destination);
    let mut form = json!({"to": to, "tags": tags(it)});
    for (word, field) in [
        ("of", "resourceId"),
        ("traffic", "trafficType"),
        ("destination type", "logDestinationType"),
        ("format", "logFormat"),
        ("interval", "maxAggregationInterval"),
        ("role", "deliverLogsPermissionArn"),
    ] {
        form[word] = it[field].clone();
    }
    form
}

pub fn vpn_gateway(it: &Value) -> Value {
    let vpcs = sorted(&it["attachments"], |to| to["vpcId"].clone());
    json!({"type": it["type"], "asn": it["amazonSideAsn"], "vpcs": vpcs, "tags": tags(it)})
}

pub fn customer_gateway(it: &Value) -> Value {
    json!({"type": it["type"], "asn": it["bgpAsn"], "address": it["ipAddress"], "tags": tags(it)})
}

pub fn vpn_connection(it: &Value) -> Value {
    let routes = sorted(&it["routes"], |route| route["destinationCidrBlock"].clone());
    let fixed = it["options"]["staticRoutesOnly"].as_str().unwrap_or("false");
    json!({"customer gateway": it["customerGatewayId"], "transit gateway": it["transitGatewayId"],
        "gateway": it["vpnGatewayId"], "static": fixed, "routes": routes, "tags": tags(it)})
}

pub fn prefix_list(it: &Value) -> Value {
    json!({"name": it["prefixListName"], "family": it["addressFamily"],
        "room": it["maxEntries"], "tags": tags(it)})
}

pub fn log_group(it: &Value) -> Value {
    // Keys have no names, so that there is one is all that can be the same.
    let key = it["kmsKeyId"].as_str().map(|_| "<some key>");
    json!({"retention": it["retentionInDays"], "key": key, "tags": tags(it)})
}

pub fn role(it: &Value) -> Value {
    json!({"trust": it["trust"], "inline": it["inline"], "attached": it["attached"],
        "boundary": it["boundary"], "path": it["Path"], "tags": tags(it)})
}

pub fn policy(it: &Value) -> Value {
    json!({"name": it["PolicyName"], "document": it["document"], "path": it["Path"]})
}

pub fn unit(it: &Value) -> Value {
    json!({"above": it["above"], "tags": tags(it)})
}

pub fn account(it: &Value) -> Value {
    json!({"email": it["Email"], "unit": it["above"], "tags": tags(it)})
}

pub fn control_policy(it: &Value) -> Value {
    json!({"description": it["Description"], "content": document(&it["content"]),
        "targets": sorted(&it["targets"], Value::clone), "tags": tags(it)})
}

/// Without what moto forgets: automatic deployment, capabilities and preferences.
pub fn stack_set(it: &Value) -> Value {
    json!({"description": it["Description"], "model": it["PermissionModel"],
        "template": document(&it["template"]), "accounts": sorted(&it["accounts"], Value::clone),
        "parameters": sorted(&it["parameters"], |pair| json!([pair["ParameterKey"], pair["ParameterValue"]])),
        "tags": tags(it)})
}

pub fn budget(it: &Value) -> Value {
    json!({"limit": it["limit"], "type": it["BudgetType"], "time": it["TimeUnit"],
        "filters": it["filters"], "told": sorted(&it["told"], Value::clone), "tags": tags(it)})
}

/// Parameters whose values are names that AWS makes, of things that nobody lists here.
const NAMED_BY_AWS: &[&str] = &[
    "/catalogue/url",
    "/app-role-name",
    "/app-target-group-name",
    "/delivery/versions-bucket",
    "/database-endpoint",
    "/listener-arn",
    "/load-balancer-full-name",
    "/namespace-arn",
    "/capacity-provider",
    "/api-id",
    "queue-url",
];

pub fn cluster(it: &Value) -> Value {
    json!({"settings": sorted(&it["settings"], Value::clone), "tags": tags(it)})
}

pub fn service(it: &Value) -> Value {
    let network = &it["networkConfiguration"]["awsvpcConfiguration"];
    let deployment = &it["deploymentConfiguration"];
    json!({
        "launch type": it["launchType"],
        "tags of tasks": it["propagateTags"],
        "subnets": sorted(&network["subnets"], Value::clone),
        "groups": sorted(&network["securityGroups"], Value::clone),
        "public address": network["assignPublicIp"],
        "least": deployment["minimumHealthyPercent"],
        "most": deployment["maximumPercent"],
        "circuit breaker": deployment["deploymentCircuitBreaker"]["rollback"],
        "tags": tags(it),
    })
}

pub fn parameter(it: &Value) -> Value {
    let text = it["Value"].as_str().unwrap_or_default();
    let mut value = serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(text));
    let path = it["Name"].as_str().unwrap_or_default();
    // Of keys, rules and records there are as many as there are tiers.
    let named =
        NAMED_BY_AWS.iter().any(|tail| path.ends_with(tail)) || path.contains("/protection/");
    if named && !text.is_empty() {
        value = json!("<named by AWS>");
    }
    json!({"type": it["Type"], "value": value, "tags": tags(it)})
}

/// The tags that somebody chose, as a map.
pub fn tags(it: &Value) -> Value {
    let chosen = |tag: &&Value| !tag["key"].as_str().unwrap_or_default().starts_with("aws:");
    let pair = |tag: &Value| {
        let value = tag["value"].as_str().unwrap_or_default();
        (tag["key"].as_str().unwrap_or_default().to_owned(), json!(value))
    };
    items(&it["tagSet"]).iter().filter(chosen).map(pair).collect()
}

/// A policy is the same in any order of its keys and with any white space.
fn document(text: &Value) -> Value {
    let parsed = text.as_str().and_then(|text| serde_json::from_str(text).ok());
    alike(&parsed.unwrap_or_else(|| text.clone()))
}

fn sorted(list: &Value, part: impl Fn(&Value) -> Value) -> Vec<Value> {
    let mut found: Vec<Value> = items(list).iter().map(part).filter(|it| !it.is_null()).collect();
    found.sort_by_key(Value::to_string);
    found
}
