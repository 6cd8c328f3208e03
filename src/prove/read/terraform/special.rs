//! Types whose shape differs by more than names, and what only adds to other things.

use serde_json::{Map, Value, json};

use crate::prove::read::items;

/// Whether an attribute is set to false.
fn is(value: &Value, wanted: bool) -> bool {
    value.as_bool() == Some(wanted) || value.as_str() == Some(if wanted { "true" } else { "false" })
}

/// Brings the properties of a type into `CloudFormation`'s shape where names do not do it.
pub fn finish(tf: &str, block: &Map<String, Value>, out: &mut Map<String, Value>) {
    match tf {
        "aws_network_acl_rule" => {
            ports(out);
            number(out, "Protocol");
        }
        "aws_security_group" => {
            rules(out, "SecurityGroupIngress", "SourceSecurityGroupId");
            rules(out, "SecurityGroupEgress", "DestinationSecurityGroupId");
            // Terraform takes AWS's own rule away, which lets everything out.
            let nothing = json!([{"CidrIp": "127.0.0.1/32", "IpProtocol": "-1"}]);
            let egress = out.entry("SecurityGroupEgress").or_insert(nothing.clone());
            if egress.as_array().is_some_and(Vec::is_empty) || egress.is_null() {
                *egress = nothing;
            }
        }
        "aws_default_security_group" => {
            rules(out, "SecurityGroupIngress", "SourceSecurityGroupId");
            rules(out, "SecurityGroupEgress", "DestinationSecurityGroupId");
        }
        "aws_lb" => {
            let internal = out.remove("Internal").is_some_and(|value| is(&value, true));
            let scheme = if internal { "internal" } else { "internet-facing" };
            out.insert("Scheme".to_owned(), scheme.into());
        }
        "aws_dynamodb_table" => keys(out),
        "aws_lb_listener" => {
            if let Some(arn) = out.remove("CertificateArn") {
                out.insert("Certificates".to_owned(), json!([{"CertificateArn": arn}]));
            }
        }
        "aws_lb_listener_rule" => fields(out),
        "aws_ecs_service" => {
            if let Some(mut inner) = out.remove("NetworkConfiguration") {
                if let Some(public) = inner.get_mut("AssignPublicIp") {
                    *public = if is(public, true) { "ENABLED" } else { "DISABLED" }.into();
                }
                out.insert(
                    "NetworkConfiguration".to_owned(),
                    json!({"AwsvpcConfiguration": inner}),
                );
            }
        }
        "aws_launch_template" => {
            // Tags of what is launched are a mapping here and a list there.
            for spec in
                out.get_mut("TagSpecifications").and_then(Value::as_array_mut).into_iter().flatten()
            {
                if let Some(Value::Object(tags)) = spec.get("Tags") {
                    let pair =
                        |(key, value): (&String, &Value)| json!({"Key": key, "Value": value});
                    spec["Tags"] = tags.iter().map(pair).collect();
                }
            }
            let data = std::mem::take(out);
            out.insert("LaunchTemplateData".to_owned(), Value::Object(data));
        }
        "aws_cloudwatch_event_bus_policy" => {
            // Both stand where the statement of one bus stands.
            if let Some(Value::Object(mut policy)) = out.remove("Statement") {
                out.insert("Statement".to_owned(), policy.remove("Statement").unwrap_or_default());
            }
        }
        "aws_vpc_peering_connection" => {
            out.remove("AutoAccept");
        }
        "aws_ec2_transit_gateway_vpc_attachment" => {
            out.retain(|name, _| !name.starts_with("TransitGatewayDefault"));
        }
        "aws_cloudformation_stack_set" => {
            let given = block.get("parameters").and_then(Value::as_object);
            let pairs = given.into_iter().flatten();
            let pairs: Vec<Value> = pairs
                .map(|(key, value)| json!({"ParameterKey": key, "ParameterValue": value}))
                .collect();
            out.insert("Parameters".to_owned(), Value::Array(pairs));
        }
        _ => {}
    }
}

/// The keys of a table, and what it is encrypted with.
fn keys(out: &mut Map<String, Value>) {
    let mut schema = Vec::new();
    for (name, kind) in [("HashKey", "HASH"), ("RangeKey", "RANGE")] {
        if let Some(key) = out.remove(name) {
            schema.push(json!({"AttributeName": key, "KeyType": kind}));
        }
    }
    out.insert("KeySchema".to_owned(), Value::Array(schema));
    if let Some(encryption) = out.remove("ServerSideEncryption") {
        let mut own = json!({"SSEEnabled": encryption["Enabled"]});
        if let Some(key) = encryption.get("KmsKeyArn") {
            own["SSEType"] = "KMS".into();
            own["KMSMasterKeyId"] = key.clone();
        }
        out.insert("SSESpecification".to_owned(), own);
    }
}

/// What the conditions of a rule of a load balancer look at.
fn fields(out: &mut Map<String, Value>) {
    let known = [
        ("HostHeaderConfig", "host-header"),
        ("PathPatternConfig", "path-pattern"),
        ("SourceIpConfig", "source-ip"),
        ("HttpHeaderConfig", "http-header"),
    ];
    for condition in out.get_mut("Conditions").and_then(Value::as_array_mut).into_iter().flatten() {
        for (config, field) in known {
            if condition.get(config).is_some() {
                condition["Field"] = field.into();
            }
        }
    }
}

/// Both ends of a range of ports in a mapping of their own.
fn ports(out: &mut Map<String, Value>) {
    if let (Some(from), Some(to)) = (out.remove("FromPort"), out.remove("ToPort")) {
        out.insert("PortRange".to_owned(), json!({"From": from, "To": to}));
    }
}

/// A number that stands as text.
fn number(out: &mut Map<String, Value>, name: &str) {
    if let Some(value) = out.get_mut(name)
        && let Some(number) = value.as_str().and_then(|text| text.parse::<i64>().ok())
    {
        *value = number.into();
    }
}

/// A list or a rule that is an expression.
const OPEN: &str = "?{an expression}";

/// Rules inside of a group: one of Terraform's has lists of sources, one of `CloudFormation`'s has one.
fn rules(out: &mut Map<String, Value>, name: &str, group: &str) {
    let Some(value) = out.remove(name) else { return };
    let Some(list) = items(&value) else {
        // Nobody can tell which rules there are.
        out.insert(name.to_owned(), OPEN.into());
        return;
    };
    let mut single = Vec::new();
    for rule in list {
        if !rule.is_object() {
            single.push(OPEN.into());
        }
        let mut one = |key: &str, source: Value| {
            single.push(json!({
                "IpProtocol": rule["Protocol"], "FromPort": rule["FromPort"],
                "ToPort": rule["ToPort"], key: source,
            }));
        };
        let many = |key: &str| items(&rule[key]).map_or_else(|| vec![OPEN.into()], <[_]>::to_vec);
        let sources = [
            ("CidrBlocks", "CidrIp"),
            ("Ipv6CidrBlocks", "CidrIpv6"),
            ("SecurityGroups", group),
            ("PrefixListIds", "PrefixListId"),
        ];
        for (list, key) in sources {
            for source in many(list) {
                one(key, source);
            }
        }
        if !rule["Self"].is_null() && !is(&rule["Self"], false) {
            one(group, "?{the group itself}".into());
        }
    }
    out.insert(name.to_owned(), Value::Array(single));
}

/// Adds what a resource says of another thing to that thing: the attribute that names it, and what
/// it gets. Nothing, if the type only says yes to something.
pub fn addition(tf: &str, block: &Map<String, Value>) -> Option<(&'static str, Addition)> {
    let get = |name: &str| block.get(name).cloned().unwrap_or_default();
    Some(match tf {
        "aws_iam_role_policy_attachment" => {
            ("role", Addition::Item("ManagedPolicyArns", get("policy_arn")))
        }
        "aws_organizations_policy_attachment" => {
            ("policy_id", Addition::Item("TargetIds", get("target_id")))
        }
        "aws_ram_principal_association" => {
            ("resource_share_arn", Addition::Item("Principals", get("principal")))
        }
        "aws_ram_resource_association" => {
            ("resource_share_arn", Addition::Item("ResourceArns", get("resource_arn")))
        }
        "aws_s3_bucket_public_access_block" => {
            let mut rest = block.clone();
            rest.remove("bucket");
            let value = super::shape::properties(tf, &rest);
            ("bucket", Addition::Field("PublicAccessBlockConfiguration", value))
        }
        "aws_api_gateway_integration" => {
            let mut rest = block.clone();
            rest.retain(|name, _| {
                !["rest_api_id", "resource_id", "http_method"].contains(&name.as_str())
            });
            let value = super::shape::properties(tf, &rest);
            ("http_method", Addition::Field("Integration", value))
        }
        _ => return None,
    })
}

/// What a thing gets from another resource.
pub enum Addition {
    /// One more in a list.
    Item(&'static str, Value),
    /// A property.
    Field(&'static str, Value),
}

/// The address that a reference names: `${aws_s3_bucket.x.id}` → `aws_s3_bucket.x`.
pub fn target(reference: &Value) -> Option<String> {
    let inner = reference.as_str()?.strip_prefix("${")?.strip_suffix('}')?;
    let (address, _) = inner.rsplit_once('.')?;
    Some(address.to_owned())
}
