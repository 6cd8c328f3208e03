//! The attributes of Terraform's types in `CloudFormation`'s shape: names with capitals, blocks that
//! stand once as mappings, JSON in strings as what it says. What breaks these rules is a row here.

use serde_json::{Map, Value, json};

/// What says nothing of the thing that is made.
const META: &[&str] =
    &["depends_on", "lifecycle", "provider", "timeouts", "tags", "name_prefix", "tag"];

/// Blocks that can stand several times.
const MANY: &[&str] = &[
    "action",
    "attribute",
    "block_device_mappings",
    "capacity_provider_strategy",
    "condition",
    "default_action",
    "egress",
    "ingress",
    "global_secondary_index",
    "load_balancer",
    "network_interfaces",
    "override",
    "subnet_mapping",
    "cognito_identity_providers",
    "tag_specifications",
    "role_mapping",
    "api_stages",
    "client_alias",
    "service",
];

/// Attributes that hold JSON in a string.
const DOCUMENTS: &[&str] = &[
    "policy",
    "assume_role_policy",
    "content",
    "event_pattern",
    "redrive_policy",
    "resource_policy",
];

/// Attributes whose name is not `CloudFormation`'s in capitals.
const RENAMED: &[(&str, &str, &str)] = &[
    ("aws_iam_role", "assume_role_policy", "AssumeRolePolicyDocument"),
    ("aws_iam_role", "name", "RoleName"),
    ("aws_iam_role_policy", "name", "PolicyName"),
    ("aws_iam_role_policy", "role", "RoleName"),
    ("aws_iam_policy", "name", "ManagedPolicyName"),
    ("aws_kms_key", "policy", "KeyPolicy"),
    ("aws_kms_key", "deletion_window_in_days", "PendingWindowInDays"),
    ("aws_dynamodb_resource_policy", "policy", "ResourcePolicy"),
    ("aws_secretsmanager_secret_policy", "policy", "ResourcePolicy"),
    ("aws_secretsmanager_secret_policy", "secret_arn", "SecretId"),
    ("aws_organizations_account", "name", "AccountName"),
    ("aws_cloudformation_stack_set", "name", "StackSetName"),
    ("aws_sqs_queue", "name", "QueueName"),
    ("aws_sqs_queue", "message_retention_seconds", "MessageRetentionPeriod"),
    ("aws_sqs_queue", "visibility_timeout_seconds", "VisibilityTimeout"),
    ("aws_sqs_queue", "receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds"),
    ("aws_sqs_queue", "kms_master_key_id", "KmsMasterKeyId"),
    ("aws_sqs_queue_policy", "queue_url", "Queues"),
    ("aws_sns_topic", "name", "TopicName"),
    ("aws_sns_topic_policy", "arn", "Topics"),
    ("aws_dynamodb_table", "name", "TableName"),
    ("aws_s3_bucket", "bucket", "BucketName"),
    ("aws_vpn_gateway_attachment", "vpn_gateway_id", "VpnGatewayId"),
    ("aws_vpn_gateway_route_propagation", "vpn_gateway_id", "VpnGatewayId"),
    ("aws_vpc_security_group_ingress_rule", "security_group_id", "GroupId"),
    ("aws_vpc_security_group_ingress_rule", "cidr_ipv4", "CidrIp"),
    ("aws_vpc_security_group_ingress_rule", "cidr_ipv6", "CidrIpv6"),
    ("aws_vpc_security_group_ingress_rule", "prefix_list_id", "SourcePrefixListId"),
    (
        "aws_vpc_security_group_ingress_rule",
        "referenced_security_group_id",
        "SourceSecurityGroupId",
    ),
    ("aws_vpc_security_group_egress_rule", "security_group_id", "GroupId"),
    ("aws_vpc_security_group_egress_rule", "cidr_ipv4", "CidrIp"),
    ("aws_vpc_security_group_egress_rule", "cidr_ipv6", "CidrIpv6"),
    ("aws_vpc_security_group_egress_rule", "prefix_list_id", "DestinationPrefixListId"),
    (
        "aws_vpc_security_group_egress_rule",
        "referenced_security_group_id",
        "DestinationSecurityGroupId",
    ),
    ("aws_security_group", "description", "GroupDescription"),
    ("aws_security_group", "name", "GroupName"),
    ("aws_security_group", "ingress", "SecurityGroupIngress"),
    ("aws_security_group", "egress", "SecurityGroupEgress"),
    ("aws_default_security_group", "ingress", "SecurityGroupIngress"),
    ("aws_default_security_group", "egress", "SecurityGroupEgress"),
    ("aws_lb", "load_balancer_type", "Type"),
    ("aws_lb_listener", "default_action", "DefaultActions"),
    ("aws_lb_listener_rule", "action", "Actions"),
    ("aws_lb_listener_rule", "condition", "Conditions"),
    ("aws_ecs_service", "load_balancer", "LoadBalancers"),
    ("aws_ecs_service", "enable_ecs_managed_tags", "EnableECSManagedTags"),
    ("aws_autoscaling_group", "vpc_zone_identifier", "VPCZoneIdentifier"),
    ("aws_autoscaling_group", "target_group_arns", "TargetGroupARNs"),
    ("aws_autoscaling_group", "load_balancers", "LoadBalancerNames"),
    ("aws_autoscaling_group", "protect_from_scale_in", "NewInstancesProtectedFromScaleIn"),
    ("aws_launch_template", "vpc_security_group_ids", "SecurityGroupIds"),
    ("aws_lambda_event_source_mapping", "destination_arn", "Destination"),
    ("aws_rds_cluster", "db_subnet_group_name", "DBSubnetGroupName"),
    ("aws_rds_cluster", "db_cluster_parameter_group_name", "DBClusterParameterGroupName"),
    ("aws_rds_cluster", "iam_database_authentication_enabled", "EnableIAMDatabaseAuthentication"),
    ("aws_rds_cluster_instance", "cluster_identifier", "DBClusterIdentifier"),
    ("aws_rds_cluster_instance", "instance_class", "DBInstanceClass"),
    ("aws_cognito_identity_pool", "allow_classic_flow", "AllowClassicFlow"),
    ("aws_cognito_user_pool", "name", "UserPoolName"),
    ("aws_cognito_user_pool_client", "name", "ClientName"),
    ("aws_cognito_user_group", "name", "GroupName"),
    ("aws_cloudwatch_event_bus_policy", "policy", "Statement"),
    ("aws_athena_workgroup", "configuration", "WorkGroupConfiguration"),
    ("aws_ecs_cluster", "name", "ClusterName"),
    ("aws_backup_vault", "name", "BackupVaultName"),
    ("aws_flow_log", "iam_role_arn", "DeliverLogsPermissionArn"),
    ("aws_glue_crawler", "role", "Role"),
    ("aws_glue_job", "role_arn", "Role"),
    ("aws_codebuild_project", "build_timeout", "TimeoutInMinutes"),
    ("aws_iam_instance_profile", "role", "Roles"),
    ("aws_cloudwatch_log_group", "name", "LogGroupName"),
    ("aws_autoscaling_group", "override", "Overrides"),
    ("aws_ecs_service", "name", "ServiceName"),
    ("aws_ecs_service", "service", "Services"),
    ("aws_ecs_service", "client_alias", "ClientAliases"),
    ("aws_lb_listener", "fixed_response", "FixedResponseConfig"),
    ("aws_lb_listener", "redirect", "RedirectConfig"),
    ("aws_lb_listener", "forward", "ForwardConfig"),
    ("aws_lb_listener_rule", "fixed_response", "FixedResponseConfig"),
    ("aws_lb_listener_rule", "redirect", "RedirectConfig"),
    ("aws_lb_listener_rule", "forward", "ForwardConfig"),
    ("aws_lb_listener_rule", "host_header", "HostHeaderConfig"),
    ("aws_lb_listener_rule", "path_pattern", "PathPatternConfig"),
    ("aws_lb_listener_rule", "source_ip", "SourceIpConfig"),
    ("aws_lb_listener_rule", "http_header", "HttpHeaderConfig"),
    ("aws_cloudwatch_event_rule", "name", "Name"),
    ("aws_kms_alias", "name", "AliasName"),
    ("aws_api_gateway_method", "authorization", "AuthorizationType"),
    ("aws_api_gateway_rest_api", "api_key_source", "ApiKeySourceType"),
    ("aws_api_gateway_usage_plan", "name", "UsagePlanName"),
    ("aws_api_gateway_usage_plan", "quota_settings", "Quota"),
    ("aws_api_gateway_usage_plan", "throttle_settings", "Throttle"),
    ("aws_db_subnet_group", "description", "DBSubnetGroupDescription"),
];

/// Attributes that name one thing where `CloudFormation` has a list.
const LISTED: &[(&str, &str)] = &[
    ("aws_sqs_queue_policy", "queue_url"),
    ("aws_sns_topic_policy", "arn"),
    ("aws_iam_instance_profile", "role"),
    ("aws_vpn_gateway_route_propagation", "route_table_id"),
    ("aws_organizations_account", "parent_id"),
];

/// Types that have their policy under the name that identities' have.
const POLICIES: &[&str] = &[
    "aws_iam_role_policy",
    "aws_iam_policy",
    "aws_s3_bucket_policy",
    "aws_sqs_queue_policy",
    "aws_sns_topic_policy",
    "aws_vpc_endpoint",
];

/// `snake_case` in capitals: `cidr_block` → `CidrBlock`.
pub fn capitals(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        out.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

/// The properties of a thing of a type.
pub fn properties(tf: &str, block: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    for (name, value) in block.iter().filter(|(name, _)| !META.contains(&name.as_str())) {
        out.insert(property(tf, name), attribute(tf, name, value));
    }
    super::special::finish(tf, block, &mut out);
    Value::Object(out)
}

/// The name of a property.
fn property(tf: &str, name: &str) -> String {
    if let Some((.., own)) = RENAMED.iter().find(|(kind, from, _)| *kind == tf && *from == name) {
        return (*own).to_owned();
    }
    match name {
        "policy" if POLICIES.contains(&tf) => "PolicyDocument".to_owned(),
        "route_table_id" if tf == "aws_vpn_gateway_route_propagation" => "RouteTableIds".to_owned(),
        "parent_id" if tf == "aws_organizations_account" => "ParentIds".to_owned(),
        _ => capitals(name),
    }
}

fn attribute(tf: &str, name: &str, value: &Value) -> Value {
    if LISTED.contains(&(tf, name)) {
        return json!([value]);
    }
    match (name, value) {
        (_, Value::String(text)) if DOCUMENTS.contains(&name) => document(text),
        ("container_definitions", Value::String(text)) => upper(&document(text)),
        (_, Value::Array(items)) => blocks(tf, name, items),
        // A mapping whose keys are the user's.
        ("variables" | "request_parameters" | "parameters" | "roles" | "principal_tags", value) => {
            value.clone()
        }
        (_, Value::Object(map)) => nested(tf, map),
        (_, other) => other.clone(),
    }
}

/// Blocks: one as a mapping, unless there can be more.
fn blocks(tf: &str, name: &str, items: &[Value]) -> Value {
    match items {
        [Value::Object(map)] if !MANY.contains(&name) => nested(tf, map),
        _ => Value::Array(
            items
                .iter()
                .map(|item| match item {
                    Value::Object(map) => nested(tf, map),
                    other => other.clone(),
                })
                .collect(),
        ),
    }
}

fn nested(tf: &str, map: &Map<String, Value>) -> Value {
    let pairs = map.iter().map(|(name, value)| (property(tf, name), attribute(tf, name, value)));
    Value::Object(pairs.collect())
}

/// What JSON in a string says. Its own strings still have `${…}` in them. Text that is no JSON
/// before it is put together is left as it is, and nobody can tell what it says.
fn document(text: &str) -> Value {
    match crate::prove::read::json::parse(text) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

/// `camelCase` in capitals, all the way down.
fn upper(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let pairs = map.iter().map(|(key, value)| {
                // The keys of options are those of the log driver.
                let value = if key == "options" { value.clone() } else { upper(value) };
                (key[..1].to_uppercase() + &key[1..], value)
            });
            Value::Object(pairs.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(upper).collect()),
        other => other.clone(),
    }
}
