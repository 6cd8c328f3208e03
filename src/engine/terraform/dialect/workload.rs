//! What Terraform calls the parts of load balancers, services of containers and secrets.

use crate::engine::terraform::dialect::{Dialect, PLAIN, camel};
use crate::engine::terraform::{Mode, archive, document, expression};
use crate::json::Json;
use crate::name::{short_hash, snake};
use crate::resource::secret;
use crate::template::{Entry, NAME, Template};
use crate::value::{Value, join, param};

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_lb",
        renamed: &[
            ("Type", "load_balancer_type"),
            ("LoadBalancerFullName", "arn_suffix"),
            ("CanonicalHostedZoneID", "zone_id"),
        ],
        ..PLAIN
    },
    Dialect {
        tf: "aws_lb_listener",
        renamed: &[
            ("DefaultActions", "default_action"),
            ("RedirectConfig", "redirect"),
            ("FixedResponseConfig", "fixed_response"),
        ],
        ..PLAIN
    },
    Dialect {
        tf: "aws_lb_target_group",
        renamed: &[("TargetGroupFullName", "arn_suffix"), ("TargetGroupName", "name")],
        without: &[
            "HealthCheckProtocol",
            "HealthCheckIntervalSeconds",
            "HealthCheckTimeoutSeconds",
            "HealthyThresholdCount",
            "UnhealthyThresholdCount",
            "Matcher",
        ],
        ..PLAIN
    },
    Dialect {
        tf: "aws_lb_listener_rule",
        renamed: &[
            ("Conditions", "condition"),
            ("Actions", "action"),
            ("HostHeaderConfig", "host_header"),
            ("PathPatternConfig", "path_pattern"),
        ],
        without: &["Field"],
        ..PLAIN
    },
    // The id is the family, which is no version of it.
    Dialect { tf: "aws_ecs_task_definition", id: "arn", ..PLAIN },
    // The ids are ARNs, which nobody else calls them by.
    Dialect {
        tf: "aws_ecs_cluster",
        renamed: &[("ClusterSettings", "setting")],
        id: "name",
        ..PLAIN
    },
    Dialect { tf: "aws_ecs_capacity_provider", id: "name", ..PLAIN },
    Dialect {
        tf: "aws_ecs_service",
        renamed: &[
            ("LoadBalancers", "load_balancer"),
            ("Services", "service"),
            ("ClientAliases", "client_alias"),
        ],
        ..PLAIN
    },
    Dialect { tf: "aws_appautoscaling_policy", renamed: &[("PolicyName", "name")], ..PLAIN },
    Dialect {
        tf: "aws_lambda_function",
        renamed: &[("ReservedConcurrentExecutions", "reserved_concurrent_executions")],
        ..PLAIN
    },
    Dialect { tf: "aws_secretsmanager_secret", without: &["GenerateSecretString"], ..PLAIN },
    Dialect { tf: "aws_cloudwatch_metric_alarm", without: &["AlarmName"], ..PLAIN },
    Dialect {
        tf: "aws_ecs_cluster_capacity_providers",
        renamed: &[("Cluster", "cluster_name")],
        ..PLAIN
    },
];

/// Adds a property that Terraform has in another form; false if it has not.
pub fn property(
    dialect: &Dialect,
    name: &str,
    value: &Value,
    entry: &Entry,
    (template, mode): (&Template, Mode),
    out: &mut Json,
) -> bool {
    let plain = |value: &Value| dialect.value(value, template, mode);
    match (entry.tf, name, value) {
        ("aws_lb_listener", "Certificates", Value::List(certificates)) => {
            let [Value::Block(pairs)] = certificates.as_slice() else {
                unreachable!("one certificate a listener")
            };
            out.put("certificate_arn", plain(&pairs[0].1));
        }
        ("aws_lb_target_group", "HealthCheckPath", _) => {
            out.put("health_check", health_check(entry, &plain));
        }
        ("aws_ecs_task_definition", "ContainerDefinitions", containers) => {
            let text = document(&camel(containers), template, mode);
            out.put("container_definitions", Json::Text(text));
        }
        ("aws_ecs_service", "NetworkConfiguration", Value::Block(pairs)) => {
            let Value::Block(pairs) = &pairs[0].1 else { unreachable!("one kind of network") };
            let part = |(name, value): &(&'static str, Value)| match (*name, value) {
                ("AssignPublicIp", value) => {
                    (snake(name), Json::Bool(*value == Value::from("ENABLED")))
                }
                (name, value) => (snake(name), plain(value)),
            };
            let network = Json::object(pairs.iter().map(part));
            out.put("network_configuration", Json::List(vec![network]));
        }
        ("aws_ecs_service", "DeploymentConfiguration", Value::Block(pairs)) => {
            for (name, value) in pairs {
                let name = match *name {
                    "Alarms" | "DeploymentCircuitBreaker" => snake(name),
                    other => format!("deployment_{}", snake(other)),
                };
                out.put(name, plain(value));
            }
        }
        ("aws_ecs_capacity_provider", "AutoScalingGroupProvider", Value::Block(pairs)) => {
            let part = |(name, value): &(&'static str, Value)| match value {
                // CloudFormation takes the name, too.
                Value::Ref(group) => (snake(name), plain(&Value::Att(group.clone(), "Arn"))),
                value => (snake(name), plain(value)),
            };
            let provider = Json::object(pairs.iter().map(part));
            out.put("auto_scaling_group_provider", Json::List(vec![provider]));
        }
        ("aws_lambda_function", "Code", _) => {
            let (name, _) = code(entry).expect("it has code");
            out.put("filename", Json::text(format!("${{path.module}}/{name}")));
        }
        _ => return false,
    }
    true
}

/// The name and content of the archive with the code of a function.
pub fn file(entry: &Entry) -> Option<(String, String)> {
    let (name, code) = code(entry)?;
    Some((name, archive::python(code)))
}

/// The name of that archive, and the code. The name changes with the code, which is how Terraform
/// learns of it.
fn code(entry: &Entry) -> Option<(String, &str)> {
    let Some(Value::Block(code)) = entry.body.get("Code") else { return None };
    let [("ZipFile", Value::Text(code))] = code.as_slice() else { return None };
    let name = format!("{}-{}.zip", snake(&entry.id).replace('_', "-"), short_hash(code, 8));
    Some((name, code))
}

fn health_check(entry: &Entry, plain: &dyn Fn(&Value) -> Json) -> Json {
    let rows = [
        ("HealthCheckProtocol", "protocol"),
        ("HealthCheckPath", "path"),
        ("HealthCheckIntervalSeconds", "interval"),
        ("HealthCheckTimeoutSeconds", "timeout"),
        ("HealthyThresholdCount", "healthy_threshold"),
        ("UnhealthyThresholdCount", "unhealthy_threshold"),
    ];
    let mut out = Json::object(rows.iter().filter_map(|(name, to)| {
        let value = entry.body.get(name)?;
        Some(((*to).to_owned(), plain(value)))
    }));
    if let Some(Value::Block(pairs)) = entry.body.get("Matcher") {
        out.put("matcher", plain(&pairs[0].1));
    }
    Json::List(vec![out])
}

/// How a new launch template reaches instances. Those that a capacity provider protects from scaling in are
/// replaced as well; they would be passed over otherwise, for ever. Source:
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/autoscaling_group>.
pub fn refresh(entry: &Entry) -> Json {
    let mut out = Json::object([("strategy", Json::text("Rolling"))]);
    if is_protected(entry) {
        let preferences = [("scale_in_protected_instances", Json::text("Refresh"))];
        out.put("preferences", Json::List(vec![Json::object(preferences)]));
    }
    Json::List(vec![out])
}

fn is_protected(entry: &Entry) -> bool {
    entry.body.get("NewInstancesProtectedFromScaleIn") == Some(&Value::Bool(true))
}

/// Adds what no property says.
pub fn finish(entry: &Entry, template: &Template, mode: Mode, out: &mut Json) {
    // CloudFormation makes these names itself; Terraform wants the whole of them.
    let name = match entry.tf {
        "aws_ecs_cluster" | "aws_ecs_service" => Some("name"),
        "aws_ecs_task_definition" => Some("family"),
        "aws_lambda_function" => Some("function_name"),
        _ => None,
    };
    if let Some(name) = name {
        let tags = entry.tags.iter().flatten();
        let (_, tag) = tags.into_iter().find(|(key, _)| key == "Name").expect("it has a name");
        out.put(name, expression(tag, template, mode));
    }
    if entry.tf == "aws_ecs_capacity_provider" {
        // AWS takes no name that begins with `aws`, `ecs` or `fargate`, as an estate may. Source:
        // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html.
        let name = join(["hosts-".into(), param(NAME)]);
        out.put("name", expression(&name, template, mode));
    }
    if is_protected(entry) {
        // Or the group waits for ever for its protected instances when it is taken down.
        out.put("force_delete", Json::Bool(true));
    }
    if entry.tf == "aws_ecs_service" {
        // With one task it begins, as CloudFormation does; then how many run is not Terraform's.
        out.put("desired_count", Json::Int(1));
        let ignored = Json::List(vec![Json::text("desired_count")]);
        out.put("lifecycle", Json::List(vec![Json::object([("ignore_changes", ignored)])]));
    }
    if entry.tf == SECRET_VALUE {
        let name = snake(&entry.id);
        let value = format!("${{ephemeral.{RANDOM}.{name}.random_password}}");
        out.put("secret_string_wo", Json::text(value));
        out.put("secret_string_wo_version", Json::Int(1));
    }
}

/// The value of a secret.
const SECRET_VALUE: &str = "aws_secretsmanager_secret_version";

/// Where it comes from.
const RANDOM: &str = "aws_secretsmanager_random_password";

/// What is asked for in each run and kept nowhere.
pub fn ephemeral(template: &Template) -> Option<Json> {
    let one = |entry: &Entry| {
        let fields = [
            ("password_length", Json::Int(i64::from(secret::LENGTH))),
            ("exclude_punctuation", Json::Bool(true)),
        ];
        (snake(&entry.id), Json::object(fields))
    };
    let values = template.entries.iter().filter(|entry| entry.tf == SECRET_VALUE);
    let all: Vec<(String, Json)> = values.map(one).collect();
    (!all.is_empty()).then(|| Json::object([(RANDOM, Json::Object(all))]))
}
