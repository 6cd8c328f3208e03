//! The API of the registry: signed calls only, from accounts that the blueprint names, answered by a
//! function that may read the table and nothing else.

use std::collections::BTreeSet;

use crate::blueprint::shape::component::Catalogue;
use crate::component::role;
use crate::resource::Resource as _;
use crate::resource::api::{Deployment, Limits, MethodSettings, RestApi, deployment_id};
use crate::resource::dynamodb::Table;
use crate::resource::flow::LogGroup;
use crate::resource::iam::document;
use crate::resource::lambda::Function;
use crate::resource::route::{ApiPermission, Caller, FunctionIntegration, FunctionMethod, Path};
use crate::resource::ssm::Parameter;
use crate::spec::Spec;
use crate::template::{NAME, Template};
use crate::value::{Id, LogicalId, Pseudo, Value, arn, join, map, param};

/// The code of the function.
const CODE: &str = include_str!("read.py");

/// Requests a second where nothing else is said: a person or a program that looks things up.
const RATE: u32 = 20;

/// Adds the API and what answers.
pub fn add(t: &mut Template, spec: &Spec, catalogue: &Catalogue, table: &Id<Table>) {
    let function = function(t, spec, table);
    let api = RestApi {
        name: param(NAME),
        description: "Reads the registry of tenants".to_owned(),
        policy: policy(spec, catalogue),
    };
    let api = t.add("Api", api);
    t.add("ApiPermission", ApiPermission { function: function.clone(), api: api.clone() });
    let path = |part: &str, parent| Path { api: api.clone(), parent, part: part.to_owned() };
    let all = t.add("TenantsPath", path("tenants", api.att("RootResourceId")));
    let one = t.add("TenantPath", path("{tenant}", Value::from(&all)));
    let mut after: Vec<LogicalId> = Vec::new();
    let mut bodies = Vec::new();
    for (name, path) in [("Tenants", Value::from(&all)), ("Tenant", Value::from(&one))] {
        let of = FunctionMethod {
            api: api.clone(),
            path,
            verb: "GET",
            caller: Caller::Signed,
            function: function.clone(),
        };
        bodies.push(of.clone().body());
        let method = t.add(format!("{name}Method"), of.clone());
        t.add(format!("{name}Integration"), FunctionIntegration { method, of });
        after.extend([format!("{name}Method"), format!("{name}Integration")]);
    }
    let after: Vec<&LogicalId> = after.iter().collect();
    let deployment = t.add_after(deployment_id(&bodies), Deployment { api: api.clone() }, &after);
    let rate = catalogue.rate.unwrap_or(RATE);
    let limits = Limits { rate, burst: rate };
    let stage = crate::resource::api::Stage {
        api: api.clone(),
        deployment,
        name: "live",
        limits,
        log: None,
    };
    let stage = t.add("Stage", stage);
    t.add("StageSettings", MethodSettings { api: api.clone(), stage, limits });
    let url = join([
        "https://".into(),
        Value::from(&api),
        ".execute-api.".into(),
        Pseudo::Region.into(),
        ".".into(),
        Pseudo::UrlSuffix.into(),
        "/live/tenants".into(),
    ]);
    let description = "Where the registry of tenants is read";
    let path = Value::from(spec.parameter("catalogue/url"));
    t.add("UrlParameter", Parameter { path, description, value: url.clone() });
    t.output("Url", description, url);
}

fn function(t: &mut Template, spec: &Spec, table: &Id<Table>) -> Id<Function> {
    let about = "Reads the registry of tenants";
    let logs = t.add_kept("ReadLogGroup", LogGroup { days: spec.network.flow_log_days });
    let role = role::of_service(t, "ReadRole", about, "lambda", &[]);
    let streams = join([logs.att("Arn"), ":*".into()]);
    let read = role::statement(&["dynamodb:GetItem", "dynamodb:Scan"], vec![table.att("Arn")]);
    let log = role::statement(&["logs:CreateLogStream", "logs:PutLogEvents"], vec![streams]);
    role::allow(t, "ReadRolePolicy", &role, vec![read, log]);
    let function = Function {
        description: about,
        role,
        code: CODE,
        variables: vec![("TABLE".to_owned(), Value::from(table))],
        logs,
        size: None,
    };
    t.add_after("ReadFunction", function, &[&"ReadRolePolicy".to_owned()])
}

/// Only roles of accounts that the blueprint names, which must be allowed to in their own account,
/// too. The account of the registry is never named: that alone would let in each role of it, those of
/// tenants' containers as well, so a role of it must be allowed to by its own policy. Source:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>.
fn policy(spec: &Spec, catalogue: &Catalogue) -> Option<Value> {
    let own = [&spec.hub_account, &spec.deploy.account];
    let all = own.into_iter().chain(&spec.workload_accounts).chain(&catalogue.readers);
    let accounts: BTreeSet<&str> =
        all.map(String::as_str).filter(|id| *id != spec.home_account).collect();
    if accounts.is_empty() {
        return None;
    }
    let root = |account: &str| {
        join(["arn:".into(), Pseudo::Partition.into(), format!(":iam::{account}:root").into()])
    };
    let principals = accounts.into_iter().map(root).collect();
    // API Gateway would write the short form `execute-api:/…` out with the id of the API and give that
    // back, so Terraform's plan would never be empty. The policy is for its own API, whatever the id.
    // Source: <https://github.com/hashicorp/terraform-provider-aws/issues/15602>.
    let resource = arn("execute-api", "*/live/GET/tenants*");
    Some(document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("AWS", Value::List(principals))])),
        ("Action", "execute-api:Invoke".into()),
        ("Resource", resource),
    ])]))
}
