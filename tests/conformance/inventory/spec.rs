//! What a template says of one thing, in the form in which the API would list it. It covers what
//! the resource itself settles, not what others add to it (routes, rules, associations).

use serde_json::{Value, json};

use super::declared::plain;
use super::iam::alike;
use super::organization;
use super::take::{items, tag_set};

/// The declared fields of a thing of this kind, null where nothing is declared.
pub fn of(word: &str, p: &Value) -> Value {
    let mut spec = match word {
        "VPC" => json!({
            "cidrBlock": p["CidrBlock"],
            "instanceTenancy": or(&p["InstanceTenancy"], "default"),
            "enableDnsSupport": or(&p["EnableDnsSupport"], "true"),
            "enableDnsHostnames": or(&p["EnableDnsHostnames"], "false")}),
        "subnet" => json!({
            "vpcId": p["VpcId"],
            "cidrBlock": p["CidrBlock"],
            "availabilityZone": p["AvailabilityZone"],
            "mapPublicIpOnLaunch": or(&p["MapPublicIpOnLaunch"], "false")}),
        "security group" => json!({
            "groupDescription": p["GroupDescription"], "vpcId": p["VpcId"]}),
        "address" => json!({"domain": or(&p["Domain"], "vpc")}),
        "NAT gateway" => json!({
            "connectivityType": or(&p["ConnectivityType"], "public"), "subnetId": p["SubnetId"]}),
        "endpoint" => endpoint(p),
        "egress-only gateway" => json!({"attachmentSet": [{"vpcId": p["VpcId"]}]}),
        "flow log" => json!({
            "trafficType": p["TrafficType"],
            "logFormat": p["LogFormat"],
            "deliverLogsPermissionArn": p["DeliverLogsPermissionArn"],
            "maxAggregationInterval": or(&p["MaxAggregationInterval"], "600")}),
        "log group" => json!({"kmsKeyId": p["KmsKeyId"]}),
        "role" => role(p),
        "budget" => organization::declared_budget(p),
        "DHCP options" => json!({"dhcpConfigurationSet": dhcp(p)}),
        "cluster" => {
            let setting = |it: &Value| json!({"name": it["Name"], "value": it["Value"]});
            let settings = items(&p["ClusterSettings"]).iter().map(setting);
            json!({"settings": settings.collect::<Vec<_>>()})
        }
        "service" => service(p),
        "prefix list" => json!({
            "prefixListName": p["PrefixListName"],
            "addressFamily": p["AddressFamily"],
            "maxEntries": or(&p["MaxEntries"], "0")}),
        "attachment" | "transit route table" | "customer gateway" | "VPN connection" => {
            transit(word, p)
        }
        _ => json!({}),
    };
    let own = if word == "budget" { "ResourceTags" } else { "Tags" };
    spec["tagSet"] = tags(&p[own]);
    spec
}

/// Lays the declared fields over what the emulator lists. True if that changed anything.
pub fn lay_over(known: &mut Value, spec: &Value) -> bool {
    let mut changed = false;
    for (name, value) in spec.as_object().into_iter().flatten() {
        if name == "tagSet" {
            changed |= add_tags(known, value);
        } else if !value.is_null() && sorted(&known[name]) != sorted(value) {
            known[name] = value.clone();
            changed = true;
        }
    }
    changed
}

/// Adds the tags that a thing lacks. True if there were any.
pub fn add_tags(known: &mut Value, tags: &Value) -> bool {
    let mut all = items(&known["tagSet"]).to_vec();
    let before = all.len();
    for tag in items(tags) {
        if !all.iter().any(|have| have["key"] == tag["key"]) {
            all.push(tag.clone());
        }
    }
    let changed = all.len() > before;
    known["tagSet"] = Value::Array(all);
    changed
}

/// Tags of a template (pairs, or a map for Systems Manager) in the form of EC2.
pub fn tags(tags: &Value) -> Value {
    if tags.is_object() {
        return tag_set(tags);
    }
    let lower = |tag: &Value| json!({"key": tag["Key"], "value": tag["Value"]});
    items(tags).iter().map(lower).collect()
}

fn endpoint(p: &Value) -> Value {
    let kind = or(&p["VpcEndpointType"], "Gateway");
    let policy = match &p["PolicyDocument"] {
        Value::Null => Value::Null,
        document => json!(plain(document)),
    };
    let groups = items(&p["SecurityGroupIds"]).iter().map(|id| json!({"groupId": id}));
    json!({
        "vpcId": p["VpcId"],
        "serviceName": p["ServiceName"],
        "vpcEndpointType": kind,
        "policyDocument": policy,
        "privateDnsEnabled": or(&p["PrivateDnsEnabled"], "false"),
        "routeTableIdSet": items(&p["RouteTableIds"]),
        "subnetIdSet": items(&p["SubnetIds"]),
        "groupSet": groups.collect::<Vec<_>>(),
    })
}

fn service(p: &Value) -> Value {
    let network = &p["NetworkConfiguration"]["AwsvpcConfiguration"];
    let deployment = &p["DeploymentConfiguration"];
    let breaker = &deployment["DeploymentCircuitBreaker"];
    let mut spec = json!({
        "launchType": p["LaunchType"],
        "propagateTags": p["PropagateTags"],
        "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": network["Subnets"],
            "securityGroups": network["SecurityGroups"],
            "assignPublicIp": network["AssignPublicIp"]}},
        "deploymentConfiguration": {
            "minimumHealthyPercent": deployment["MinimumHealthyPercent"],
            "maximumPercent": deployment["MaximumPercent"],
            "deploymentCircuitBreaker": {
                "enable": breaker["Enable"], "rollback": breaker["Rollback"]}},
    });
    // Its name is the end of its ARN; what is made by nobody has one that was invented.
    if p["ServiceName"].is_string() {
        spec["serviceName"] = p["ServiceName"].clone();
    }
    spec
}

fn role(p: &Value) -> Value {
    let policies = items(&p["Policies"]).iter();
    let inline = policies.map(|it| (plain(&it["PolicyName"]), alike(&it["PolicyDocument"])));
    json!({
        "trust": alike(&p["AssumeRolePolicyDocument"]),
        "inline": inline.collect::<Value>(),
        "attached": p["ManagedPolicyArns"],
        "boundary": p["PermissionsBoundary"],
    })
}

fn transit(word: &str, p: &Value) -> Value {
    match word {
        "attachment" => json!({
            "transitGatewayId": p["TransitGatewayId"],
            "vpcId": p["VpcId"],
            "subnetIds": p["SubnetIds"],
            "options": {
                "applianceModeSupport": or(&p["Options"]["ApplianceModeSupport"], "disable"),
                "dnsSupport": or(&p["Options"]["DnsSupport"], "enable")}}),
        "transit route table" => json!({"transitGatewayId": p["TransitGatewayId"]}),
        "customer gateway" => json!({
            "type": p["Type"], "bgpAsn": or(&p["BgpAsn"], "65000"), "ipAddress": p["IpAddress"]}),
        _ => json!({
            "customerGatewayId": p["CustomerGatewayId"],
            "transitGatewayId": p["TransitGatewayId"],
            "vpnGatewayId": p["VpnGatewayId"],
            "options": {"staticRoutesOnly": or(&p["StaticRoutesOnly"], "false")}}),
    }
}

fn dhcp(p: &Value) -> Value {
    let known = [
        ("DomainName", "domain-name"),
        ("DomainNameServers", "domain-name-servers"),
        ("NtpServers", "ntp-servers"),
        ("NetbiosNameServers", "netbios-name-servers"),
        ("NetbiosNodeType", "netbios-node-type"),
    ];
    let option = |(name, key): &(&str, &str)| {
        let values = match &p[*name] {
            Value::Array(list) => list.clone(),
            one => vec![json!(plain(one))],
        };
        let values: Vec<Value> = values.iter().map(|value| json!({"value": value})).collect();
        json!({"key": key, "valueSet": values})
    };
    known.iter().filter(|(name, _)| !p[*name].is_null()).map(option).collect()
}

/// What is declared, as text, or else AWS's default.
fn or(value: &Value, default: &str) -> Value {
    if value.is_null() { json!(default) } else { json!(plain(value)) }
}

fn sorted(value: &Value) -> Vec<String> {
    let mut parts = match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().map(Value::to_string).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    };
    parts.sort();
    parts
}
