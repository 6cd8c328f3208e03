//! What an account and region need once: the roles that deliver flow logs and access logs.

use std::collections::BTreeSet;

use crate::blueprint::shape::Isolation;
use crate::model::identity;
use crate::plan::Plan;
use crate::resource::api::Account;
use crate::resource::iam::{Role, RolePolicy, document};
use crate::resource::ssm::Parameter;
use crate::spec::Spec;
use crate::template::{Estate, NAME, Template, Values, Wave};
use crate::value::{Pseudo, Value, arn, map};

/// The shape of its template.
const SHAPE: &str = "foundation";

/// The path of the role's ARN, below that of the estate.
const FLOW_LOG_ROLE: &str = "foundation/flow-log-role-arn";

/// The parameter that imports the role's ARN.
pub const FLOW_LOG_ROLE_PARAM: &str = "FlowLogRoleArn";

/// Declares the role of the foundation in a template that needs it.
pub fn import(template: &mut Template) -> Value {
    template.imported(FLOW_LOG_ROLE_PARAM, "String", "The ARN of the role that delivers flow logs")
}

/// Gives that parameter its value; the key of the stack that makes it.
pub fn connect(spec: &Spec, values: &mut Values, account: &str, region: &str) -> String {
    values.set(FLOW_LOG_ROLE_PARAM, spec.parameter(FLOW_LOG_ROLE));
    key(spec, account, region)
}

fn key(spec: &Spec, account: &str, region: &str) -> String {
    identity::place_key(spec, SHAPE, (account, region))
}

/// The accounts and regions that hubs, cells and tenants share.
pub fn places<'a>(spec: &'a Spec, plan: &'a Plan) -> BTreeSet<(&'a str, &'a str)> {
    let mut places: BTreeSet<(&str, &str)> =
        plan.hubs.keys().map(|region| (spec.hub_account.as_str(), region.as_str())).collect();
    let tenants = plan.tenants.values().filter(|t| spec.is_workload(&t.account));
    places.extend(tenants.map(|t| (t.account.as_str(), t.region.as_str())));
    places.extend(plan.cells.values().map(|c| (c.account.as_str(), c.region.as_str())));
    places
}

/// The workload accounts that have what an account has once: the one that the estate began in, and those
/// in which something is placed.
pub fn homes<'a>(spec: &'a Spec, plan: &'a Plan) -> Vec<&'a str> {
    let home = spec.home_account.as_str();
    let placed = places(spec, plan).into_iter().map(|(account, _)| account);
    let others: BTreeSet<&str> =
        placed.filter(|account| *account != home && spec.is_workload(account)).collect();
    [home].into_iter().chain(others).collect()
}

/// One stack for each region of a workload account that something is placed in, and of the account of
/// the hubs. Accounts of tenants have theirs in the tenant's own stack.
pub fn synthesise(spec: &Spec, plan: &Plan, estate: &mut Estate) {
    let places = places(spec, plan);
    if places.is_empty() {
        return;
    }
    let template = template(spec);
    for place in places {
        let key = key(spec, place.0, place.1);
        let mut stack = identity::shared_stack(spec, Wave::Foundation, key, place, None);
        let mut values = Values::default();
        values.set(NAME, &stack.name);
        stack.values = values.order(&template);
        SHAPE.clone_into(&mut stack.shape);
        estate.stacks.push(stack);
    }
    estate.templates.insert(SHAPE.to_owned(), template);
}

fn template(spec: &Spec) -> Template {
    let mut t = Template::new(
        SHAPE,
        "What the account and region need once: the role that delivers flow logs.",
    );
    identity::tag_shared(&mut t, spec, None);
    let arn = flow_log_role(&mut t);
    let path = Value::from(spec.parameter(FLOW_LOG_ROLE));
    let description = "The role that delivers flow logs";
    t.add("FlowLogRoleParameter", Parameter { path, description, value: arn });
    if spec.tiers.values().any(|tier| tier.isolation == Isolation::Application) {
        gateway_log_role(&mut t);
    }
    t
}

/// The role by which API Gateway writes access logs. An account has one in each region, whatever
/// the number of its interfaces. API Gateway does not say for which account it takes a role, so a condition
/// on that would lock it out. Sources:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>,
/// <https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479>.
fn gateway_log_role(t: &mut Template) {
    let description = "Writes the logs of API Gateway to CloudWatch Logs";
    let trust = document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "apigateway.amazonaws.com")])),
        ("Action", "sts:AssumeRole".into()),
    ])]);
    let role = t.add("GatewayLogRole", Role { description, trust, managed: Vec::new() });
    let policy =
        RolePolicy { role: role.clone(), name: "write-logs".to_owned(), document: write_logs() };
    t.add("GatewayLogRolePolicy", policy);
    let wait = "GatewayLogRolePolicy".to_owned();
    t.add_after("GatewayAccount", Account { role }, &[&wait]);
}

/// What API Gateway asks of that role before it takes it.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>.
fn write_logs() -> Value {
    let actions = [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
    ];
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Action", Value::List(actions.map(Value::from).into())),
        ("Resource", "*".into()),
    ])])
}

/// Adds the role that delivers flow logs; its ARN.
pub fn flow_log_role(t: &mut Template) -> Value {
    let description = "Delivers VPC flow logs to CloudWatch Logs";
    let role = t.add("FlowLogRole", Role { description, trust: trust(), managed: Vec::new() });
    let policy = RolePolicy {
        role: role.clone(),
        name: "deliver-flow-logs".to_owned(),
        document: deliver(),
    };
    t.add("FlowLogRolePolicy", policy);
    role.att("Arn")
}

/// Only the flow log service, and only for flow logs of this account.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html>.
fn trust() -> Value {
    let arn = arn("ec2", "vpc-flow-log/*");
    let condition = map([
        ("StringEquals", map([("aws:SourceAccount", Value::from(Pseudo::Account))])),
        ("ArnLike", map([("aws:SourceArn", arn)])),
    ]);
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", "vpc-flow-logs.amazonaws.com")])),
        ("Action", "sts:AssumeRole".into()),
        ("Condition", condition),
    ])])
}

fn deliver() -> Value {
    let groups = arn("logs", "log-group:*");
    let actions = [
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    ];
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Action", Value::List(actions.map(Value::from).into())),
        ("Resource", groups),
    ])])
}
