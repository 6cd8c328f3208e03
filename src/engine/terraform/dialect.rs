//! Where Terraform's names and forms differ from CloudFormation's. The rule is `snake_case`; what
//! breaks it is a row or a case here.

pub mod budget; // budgets, whose form differs throughout
mod application; // what an application stands on
pub mod workload; // load balancers, services of containers, secrets
mod storage; // buckets
mod notice; // keys, topics, events
mod backup; // copies that outlive what was copied
mod delivery; // pipelines
mod cost; // cost categories
mod identity; // pools of users
mod audit; // trails, recorders, rules
mod protection; // rules of DNS
mod stream; // streams and lakes
mod bus; // events of one's own, and what reads a stream

use crate::engine::terraform::{Mode, document, expression};
use crate::json::{Json, Piece};
use crate::name::snake;
use crate::resource::stackset;
use crate::template::{Entry, NAME, ParamKind, Template};
use crate::value::{Value, join, param};

/// How one of Terraform's types differs.
pub struct Dialect {
    /// Terraform's type.
    tf: &'static str,
    /// Properties and attributes with other names.
    renamed: &'static [(&'static str, &'static str)],
    /// Properties that Terraform does not have.
    without: &'static [&'static str],
    /// Attributes that Terraform wants besides.
    with: &'static [(&'static str, bool)],
    /// Whether its name begins with that of the stack, for want of a name that AWS makes.
    named: bool,
    /// What a reference to it gives, for which CloudFormation has `Ref`.
    id: &'static str,
    /// Whether it holds data or bills that nothing brings back. Terraform has no way to leave a
    /// thing behind when its root is destroyed, so it refuses to destroy what is kept.
    lasting: bool,
    /// Adds a property that is not only called otherwise; whether it did.
    form: fn(&Scene<'_>, &str, &Value, &mut Json) -> bool,
    /// Adds what no property says.
    besides: fn(&Scene<'_>, &mut Json),
}

/// Nothing differs but the way in which names are written.
const PLAIN: Dialect = Dialect {
    tf: "",
    renamed: &[],
    without: &[],
    with: &[],
    named: false,
    id: "id",
    lasting: false,
    form: |_, _, _, _| false,
    besides: |_, _| {},
};

/// Where a property is written: what the functions of a dialect know.
pub struct Scene<'a> {
    /// The resource.
    pub entry: &'a Entry,
    /// Its template.
    pub template: &'a Template,
    /// Where values of parameters come from.
    pub mode: Mode,
    dialect: &'static Dialect,
}

impl Scene<'_> {
    /// What Terraform calls a property of it.
    pub fn attribute(&self, name: &str) -> String {
        self.dialect.attribute(name)
    }

    /// A value as Terraform takes it, blocks included.
    pub fn value(&self, value: &Value) -> Json {
        self.dialect.value(value, self.template, self.mode)
    }

    /// A value as the JSON text that AWS itself reads.
    pub fn document(&self, value: &Value) -> Json {
        Json::Text(document(value, self.template, self.mode))
    }

    /// `<name of the stack>-<name of the resource>`, for what must have a name.
    pub fn name(&self) -> Json {
        let tail = format!("-{}", snake(&self.entry.id).replace('_', "-"));
        self.value(&join([param(NAME), tail.into()]))
    }
}

/// Sources of both sides of a rule have one name.
const RULE: &[(&str, &str)] = &[
    ("GroupId", "security_group_id"),
    ("CidrIp", "cidr_ipv4"),
    ("SourceSecurityGroupId", "referenced_security_group_id"),
    ("DestinationSecurityGroupId", "referenced_security_group_id"),
];

static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_vpc",
        renamed: &[("DefaultSecurityGroup", "default_security_group_id")],
        ..PLAIN
    },
    Dialect { tf: "aws_eip", renamed: &[("AllocationId", "id")], ..PLAIN },
    Dialect {
        tf: "aws_security_group",
        renamed: &[("GroupDescription", "description"), ("GroupId", "id")],
        named: true,
        ..PLAIN
    },
    Dialect { tf: "aws_vpc_security_group_ingress_rule", renamed: RULE, ..PLAIN },
    Dialect { tf: "aws_vpc_security_group_egress_rule", renamed: RULE, ..PLAIN },
    Dialect { tf: "aws_vpc_endpoint", renamed: &[("PolicyDocument", "policy")], ..PLAIN },
    Dialect {
        tf: "aws_ec2_transit_gateway_vpc_attachment",
        with: &[
            ("transit_gateway_default_route_table_association", false),
            ("transit_gateway_default_route_table_propagation", false),
        ],
        ..PLAIN
    },
    Dialect {
        tf: "aws_vpc_peering_connection",
        without: &["PeerRoleArn"],
        with: &[("auto_accept", true)],
        ..PLAIN
    },
    Dialect {
        tf: "aws_organizations_account",
        renamed: &[("AccountName", "name"), ("AccountId", "id")],
        lasting: true,
        ..PLAIN
    },
    Dialect { tf: "aws_organizations_policy", without: &["TargetIds"], ..PLAIN },
    Dialect {
        tf: "aws_cloudformation_stack_set",
        renamed: &[("StackSetName", "name")],
        without: &["StackInstancesGroup"],
        ..PLAIN
    },
    Dialect { tf: "aws_ram_resource_share", without: &["ResourceArns", "Principals"], ..PLAIN },
    Dialect { tf: "aws_vpn_gateway", without: &["Type"], ..PLAIN },
    Dialect {
        tf: "aws_flow_log",
        renamed: &[("ResourceId", "vpc_id"), ("DeliverLogsPermissionArn", "iam_role_arn")],
        without: &["ResourceType"],
        ..PLAIN
    },
    Dialect { tf: "aws_cloudwatch_log_group", named: true, ..PLAIN },
    Dialect {
        tf: "aws_iam_role",
        renamed: &[("AssumeRolePolicyDocument", "assume_role_policy")],
        // Each is a resource of its own.
        without: &["ManagedPolicyArns"],
        named: true,
        ..PLAIN
    },
    Dialect {
        tf: "aws_iam_role_policy",
        renamed: &[("PolicyName", "name"), ("RoleName", "role"), ("PolicyDocument", "policy")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_autoscaling_policy",
        renamed: &[("AutoScalingGroupName", "autoscaling_group_name")],
        ..PLAIN
    },
    Dialect {
        tf: "aws_launch_template",
        renamed: &[
            ("LatestVersionNumber", "latest_version"),
            ("SecurityGroupIds", "vpc_security_group_ids"),
        ],
        named: true,
        ..PLAIN
    },
    Dialect {
        tf: "aws_autoscaling_group",
        renamed: &[
            ("NewInstancesProtectedFromScaleIn", "protect_from_scale_in"),
            ("Overrides", "override"),
            ("TargetGroupARNs", "target_group_arns"),
            ("VPCZoneIdentifier", "vpc_zone_identifier"),
        ],
        named: true,
        ..PLAIN
    },
];

/// Every dialect, service by service.
static ALL: &[&[Dialect]] = &[
    DIALECTS,
    application::DIALECTS,
    workload::DIALECTS,
    storage::DIALECTS,
    notice::DIALECTS,
    backup::DIALECTS,
    delivery::DIALECTS,
    cost::DIALECTS,
    audit::DIALECTS,
    identity::DIALECTS,
    protection::DIALECTS,
    stream::DIALECTS,
    bus::DIALECTS,
];

impl Dialect {
    /// The dialect of one of Terraform's types.
    pub fn of(tf: &str) -> &'static Dialect {
        const NONE: &Dialect = &PLAIN;
        ALL.iter().copied().flatten().find(|dialect| dialect.tf == tf).unwrap_or(NONE)
    }

    /// What a reference to it gives, for which CloudFormation has `Ref`.
    pub fn identity(&self) -> &'static str {
        self.id
    }

    /// The name of an attribute.
    pub fn attribute(&self, name: &str) -> String {
        self.renamed
            .iter()
            .find(|(from, _)| *from == name)
            .map_or_else(|| snake(name), |(_, to)| (*to).to_owned())
    }

    /// Adds a property.
    pub fn property(
        &'static self,
        name: &str,
        value: &Value,
        entry: &Entry,
        template: &Template,
        mode: Mode,
        out: &mut Json,
    ) {
        if self.without.contains(&name)
            || (self.form)(&Scene { entry, template, mode, dialect: self }, name, value, out)
            || workload::property(self, name, value, entry, (template, mode), out)
        {
            return;
        }
        if application::property(self, (name, value), entry, template, mode, out) {
            return;
        }
        match (entry.tf, name, value) {
            ("aws_network_acl_rule", "Protocol", Value::Int(number)) => {
                out.put("protocol", Json::text(number.to_string()));
            }
            ("aws_network_acl_rule", "PortRange", Value::Map(range)) => {
                for (end, port) in range {
                    out.put(format!("{}_port", snake(end)), expression(port, template, mode));
                }
            }
            ("aws_flow_log", "LogGroupName", Value::Ref(group)) => {
                let arn = Value::Att(group.clone(), "Arn");
                out.put("log_destination", expression(&arn, template, mode));
            }
            ("aws_vpn_gateway_route_propagation", "RouteTableIds", Value::List(tables)) => {
                let [table] = tables.as_slice() else { unreachable!("one table a propagation") };
                out.put("route_table_id", expression(table, template, mode));
            }
            ("aws_organizations_account", "ParentIds", Value::List(parents)) => {
                let [parent] = parents.as_slice() else {
                    unreachable!("an account has one parent")
                };
                out.put("parent_id", expression(parent, template, mode));
            }
            ("aws_cloudformation_stack_set", "Parameters", Value::List(list)) => {
                out.put("parameters", expression(&stackset::parameters(list), template, mode));
            }
            ("aws_budgets_budget", "Budget", Value::Block(fields)) => {
                budget::limits(fields, template, mode, out);
            }
            ("aws_budgets_budget", "NotificationsWithSubscribers", Value::List(list)) => {
                out.put("notification", budget::notifications(list, template, mode));
            }
            ("aws_iam_instance_profile", "Roles", Value::List(roles)) => {
                let [role] = roles.as_slice() else { unreachable!("one role a profile") };
                out.put("role", expression(role, template, mode));
            }
            ("aws_launch_template", "LaunchTemplateData", Value::Block(fields)) => {
                for (name, v) in fields {
                    out.put(self.attribute(name), self.value(v, template, mode));
                }
            }
            ("aws_resourcegroups_group", "ResourceQuery", Value::Map(fields)) => {
                out.put("resource_query", query(fields, template, mode));
            }
            _ => out.put(self.attribute(name), self.value(value, template, mode)),
        }
    }

    /// A value whose blocks are Terraform's: lists of objects with its names.
    fn value(&self, value: &Value, template: &Template, mode: Mode) -> Json {
        let body = |pairs: &[(&'static str, Value)]| {
            let known = pairs.iter().filter(|(name, _)| !self.without.contains(name));
            Json::object(
                known.map(|(name, v)| (self.attribute(name), self.value(v, template, mode))),
            )
        };
        match value {
            Value::Block(pairs) => Json::List(vec![body(pairs)]),
            Value::List(items) => Json::List(
                items
                    .iter()
                    .map(|item| match item {
                        Value::Block(pairs) => body(pairs),
                        other => self.value(other, template, mode),
                    })
                    .collect(),
            ),
            other => expression(other, template, mode),
        }
    }

    /// Adds what no property says.
    pub fn finish(&'static self, entry: &Entry, template: &Template, mode: Mode, out: &mut Json) {
        // What belongs to another account is neither accepted nor configured from here.
        let foreign = |name: &str| match entry.body.get(name) {
            Some(Value::Param(name)) => {
                template.params.iter().any(|p| p.name == *name && p.kind == ParamKind::Foreign)
            }
            _ => false,
        };
        if !foreign("TransitGatewayId") && entry.body.get("PeerOwnerId").is_none() {
            for (name, value) in self.with {
                out.put(*name, Json::Bool(*value));
            }
        }
        if self.named
            && let Some((_, name)) = entry.tags.iter().flatten().find(|(key, _)| key == "Name")
        {
            let Json::Text(mut pieces) = expression(name, template, mode) else {
                unreachable!("names are text")
            };
            pieces.push(Piece::Literal("-".to_owned()));
            if ["aws_iam_role", "aws_sqs_queue"].contains(&entry.tf) {
                // A prefix of a role has at most 38 characters, too few for the name of a stack;
                // a queue's name has at most 80, 26 of which the provider adds.
                pieces = vec![Piece::Literal(format!("{}-", snake(&entry.id).replace('_', "-")))];
            }
            out.put("name_prefix", Json::Text(pieces));
        }
        match entry.tf {
            "aws_autoscaling_group" => {
                // As CloudFormation's update policy: a new launch template replaces instances.
                out.put("instance_refresh", workload::refresh(entry));
                // As CloudFormation, which leaves it to the load balancer when instances are ready.
                out.put("wait_for_capacity_timeout", Json::text("0"));
            }
            "aws_autoscaling_policy" => {
                let tail = format!("-{}", snake(&entry.id).replace('_', "-"));
                let name = join([param(NAME), tail.into()]);
                out.put("name", expression(&name, template, mode));
            }
            _ => application::finish(entry, template, mode, out),
        }
        workload::finish(entry, template, mode, out);
        (self.besides)(&Scene { entry, template, mode, dialect: self }, out);
        if entry.keep && entry.tf == "aws_cloudwatch_log_group" {
            out.put("skip_destroy", Json::Bool(true));
        } else if entry.keep && self.lasting {
            let mut lifecycle = Json::object([("prevent_destroy", Json::Bool(true))]);
            if entry.tf == "aws_organizations_account" {
                // AWS does not tell with which role an account was made.
                lifecycle.put("ignore_changes", Json::List(vec![Json::text("role_name")]));
            }
            out.put("lifecycle", Json::List(vec![lifecycle]));
        }
    }
}

/// A value whose blocks are objects with keys in `camelCase`, as JSON that AWS itself reads has them.
pub fn camel(value: &Value) -> Value {
    match value {
        Value::Block(pairs) => {
            let lower = |name: &str| name[..1].to_lowercase() + &name[1..];
            Value::Map(pairs.iter().map(|(name, v)| (lower(name), camel(v))).collect())
        }
        Value::List(items) => Value::List(items.iter().map(camel).collect()),
        other => other.clone(),
    }
}

/// The query of a resource group: a block whose query is JSON in a string.
fn query(fields: &[(String, Value)], template: &Template, mode: Mode) -> Json {
    let mut block = Json::Object(Vec::new());
    for (name, value) in fields {
        let text = match value {
            Value::Map(_) => Json::Text(document(value, template, mode)),
            other => expression(other, template, mode),
        };
        block.put(snake(name), text);
    }
    Json::List(vec![block])
}
