//! Where Terraform differs for what an application stands on: load balancers, interfaces, firewalls,
//! queues, tables, metrics.

use super::{Dialect, PLAIN, Scene};
use crate::engine::terraform::{Mode, expression};
use crate::json::Json;
use crate::template::{Entry, NAME, Template};
use crate::value::{Value, join, param};

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_api_gateway_account",
        renamed: &[("CloudWatchRoleArn", "cloudwatch_role_arn")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_api_gateway_rest_api",
        renamed: &[("ApiKeySourceType", "api_key_source")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_api_gateway_method",
        renamed: &[("AuthorizationType", "authorization")],
        without: &["Integration"],
        ..PLAIN
    },
    Dialect {
        tf: "aws_api_gateway_stage",
        renamed: &[("AccessLogSetting", "access_log_settings")],
        without: &["MethodSettings"],
        ..PLAIN
    },
    Dialect {
        tf: "aws_api_gateway_usage_plan",
        renamed: &[
            ("UsagePlanName", "name"),
            ("Throttle", "throttle_settings"),
            ("Quota", "quota_settings"),
        ],
        ..PLAIN
    },
    Dialect {
        tf: "aws_wafv2_web_acl",
        renamed: &[
            ("CloudWatchMetricsEnabled", "cloudwatch_metrics_enabled"),
            ("CustomKeys", "custom_key"),
            ("Rules", "rule"),
            ("TextTransformations", "text_transformation"),
        ],
        named: true,
        ..PLAIN
    },
    Dialect {
        tf: "aws_wafv2_web_acl_association",
        renamed: &[("WebACLArn", "web_acl_arn")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_sqs_queue",
        renamed: &[
            ("SqsManagedSseEnabled", "sqs_managed_sse_enabled"),
            ("MessageRetentionPeriod", "message_retention_seconds"),
            ("QueueName", "name"),
            ("VisibilityTimeout", "visibility_timeout_seconds"),
        ],
        named: true,
        ..PLAIN
    },
    Dialect { tf: "aws_sqs_queue_policy", renamed: &[("PolicyDocument", "policy")], ..PLAIN },
    Dialect {
        tf: "aws_dynamodb_table",
        renamed: &[
            ("TableName", "name"),
            ("AttributeDefinitions", "attribute"),
            ("AttributeName", "name"),
            ("AttributeType", "type"),
            ("PointInTimeRecoverySpecification", "point_in_time_recovery"),
            ("PointInTimeRecoveryEnabled", "enabled"),
            ("SSESpecification", "server_side_encryption"),
            ("SSEEnabled", "enabled"),
            ("KMSMasterKeyId", "kms_key_arn"),
        ],
        without: &["SSEType"],
        lasting: true,
        form: expiry,
        ..PLAIN
    },
    Dialect {
        tf: "aws_db_subnet_group",
        renamed: &[("DBSubnetGroupDescription", "description")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_rds_cluster",
        renamed: &[
            ("DBClusterParameterGroupName", "db_cluster_parameter_group_name"),
            ("DBClusterResourceId", "cluster_resource_id"),
            ("DBSubnetGroupName", "db_subnet_group_name"),
            ("EnableCloudwatchLogsExports", "enabled_cloudwatch_logs_exports"),
            ("EnableIAMDatabaseAuthentication", "iam_database_authentication_enabled"),
            ("Endpoint.Address", "endpoint"),
            ("ServerlessV2ScalingConfiguration", "serverlessv2_scaling_configuration"),
        ],
        lasting: true,
        ..PLAIN
    },
    Dialect {
        tf: "aws_rds_cluster_instance",
        renamed: &[
            ("DBClusterIdentifier", "cluster_identifier"),
            ("DBInstanceClass", "instance_class"),
        ],
        ..PLAIN
    },
    Dialect {
        tf: "aws_cloudwatch_log_metric_filter",
        renamed: &[
            ("FilterPattern", "pattern"),
            ("MetricTransformations", "metric_transformation"),
            ("MetricNamespace", "namespace"),
            ("MetricName", "name"),
            ("MetricValue", "value"),
        ],
        ..PLAIN
    },
];

/// What makes items of a table go: its attribute is called as nothing else of a table is.
fn expiry(scene: &Scene<'_>, name: &str, value: &Value, out: &mut Json) -> bool {
    let ("TimeToLiveSpecification", Value::Block(fields)) = (name, value) else { return false };
    let own = ["attribute_name", "enabled"].into_iter().zip(fields);
    let block = Json::object(own.map(|(name, (_, value))| (name, scene.value(value))));
    out.put("ttl", Json::List(vec![block]));
    true
}

/// Attributes of a load balancer or target group, which Terraform has as arguments.
const ATTRIBUTES: [(&str, &str); 5] = [
    ("deletion_protection.enabled", "enable_deletion_protection"),
    ("routing.http.drop_invalid_header_fields.enabled", "drop_invalid_header_fields"),
    ("load_balancing.cross_zone.enabled", "enable_cross_zone_load_balancing"),
    ("deregistration_delay.timeout_seconds", "deregistration_delay"),
    ("preserve_client_ip.enabled", "preserve_client_ip"),
];

/// Adds a property that is not only called otherwise; whether it is one.
pub(super) fn property(
    dialect: &Dialect,
    (name, value): (&str, &Value),
    entry: &Entry,
    template: &Template,
    mode: Mode,
    out: &mut Json,
) -> bool {
    let plain = |v: &Value| expression(v, template, mode);
    match (entry.tf, name, value) {
        ("aws_lb", "Scheme", Value::Text(scheme)) => {
            out.put("internal", Json::Bool(scheme == "internal"));
        }
        (
            "aws_lb" | "aws_lb_target_group",
            "LoadBalancerAttributes" | "TargetGroupAttributes",
            Value::List(all),
        ) => {
            for pair in all {
                let Value::Block(pair) = pair else { unreachable!("a key and a value") };
                let Value::Text(key) = &pair[0].1 else { unreachable!("a key") };
                let known = ATTRIBUTES.iter().find(|(known, _)| known == key);
                let (_, attribute) = known.expect("attributes that are used are listed");
                out.put(*attribute, plain(&pair[1].1));
            }
        }
        ("aws_sqs_queue_policy", "Queues", Value::List(queues)) => {
            let [queue] = queues.as_slice() else { unreachable!("one queue a policy") };
            out.put("queue_url", plain(queue));
        }
        ("aws_dynamodb_table", "KeySchema", Value::List(parts)) => {
            for (part, attribute) in parts.iter().zip(["hash_key", "range_key"]) {
                let Value::Block(part) = part else { unreachable!("a part of the key") };
                out.put(attribute, plain(&part[0].1));
            }
        }
        ("aws_rds_cluster_parameter_group", "Parameters", Value::Map(pairs)) => {
            let one = |(name, v): &(String, Value)| {
                Json::object([("name", Json::text(name)), ("value", plain(v))])
            };
            out.put("parameter", Json::List(pairs.iter().map(one).collect()));
        }
        ("aws_cloudwatch_log_metric_filter", "MetricTransformations", Value::List(all)) => {
            let [Value::Block(fields)] = all.as_slice() else { unreachable!("one metric") };
            let mut metric = Json::Object(Vec::new());
            for (name, v) in fields {
                match v {
                    Value::List(pairs) => metric.put("dimensions", dimensions(pairs, &plain)),
                    other => metric.put(dialect.attribute(name), plain(other)),
                }
            }
            out.put("metric_transformation", Json::List(vec![metric]));
        }
        ("aws_cloudwatch_metric_alarm", "Metrics", Value::List(queries)) => {
            let queries = queries.iter().map(|one| query(one, &plain)).collect();
            out.put("metric_query", Json::List(queries));
        }
        ("aws_cloudwatch_metric_alarm", "Dimensions", Value::List(pairs)) => {
            out.put("dimensions", dimensions(pairs, &plain));
        }
        _ => return false,
    }
    true
}

/// A metric or an expression of metrics: what CloudFormation nests twice is one block.
fn query(query: &Value, plain: &dyn Fn(&Value) -> Json) -> Json {
    let Value::Block(fields) = query else { unreachable!("a query is a block") };
    let mut out = Json::Object(Vec::new());
    for (name, value) in fields {
        match value {
            Value::Block(stat) => {
                let mut metric = Json::Object(Vec::new());
                for (name, value) in stat {
                    match value {
                        Value::Block(of) => {
                            for (name, value) in of {
                                match value {
                                    Value::List(pairs) => {
                                        metric.put("dimensions", dimensions(pairs, plain));
                                    }
                                    other => metric.put(crate::name::snake(name), plain(other)),
                                }
                            }
                        }
                        other => metric.put(crate::name::snake(name), plain(other)),
                    }
                }
                out.put("metric", Json::List(vec![metric]));
            }
            other => out.put(crate::name::snake(name), plain(other)),
        }
    }
    out
}

/// Names and values as a map.
fn dimensions(pairs: &[Value], plain: &dyn Fn(&Value) -> Json) -> Json {
    let pair = |pair: &Value| {
        let Value::Block(pair) = pair else { unreachable!("a name and a value") };
        let Value::Text(name) = &pair[0].1 else { unreachable!("a name") };
        (name.clone(), plain(&pair[1].1))
    };
    Json::object(pairs.iter().map(pair))
}

/// Adds what no property says.
pub(super) fn finish(entry: &Entry, template: &Template, mode: Mode, out: &mut Json) {
    let named = |tail: &str| expression(&join([param(NAME), tail.into()]), template, mode);
    let tail = format!("-{}", crate::name::snake(&entry.id).replace('_', "-"));
    match entry.tf {
        "aws_cloudwatch_metric_alarm" => out.put("alarm_name", named(&tail)),
        "aws_cloudwatch_log_metric_filter" => out.put("name", named(&tail)),
        // As CloudFormation does, which takes one whenever it deletes a cluster.
        "aws_rds_cluster" => out.put("final_snapshot_identifier", named("-final")),
        // The stage moves to the new one before the old one goes.
        "aws_api_gateway_deployment" => {
            let first = Json::object([("create_before_destroy", Json::Bool(true))]);
            out.put("lifecycle", first);
        }
        _ => {}
    }
}
