//! The interface of a pool: API Gateway, which knows tenants by their keys, behind a firewall and
//! before a load balancer that nothing else reaches.

use crate::model::cell;
use crate::resource::Resource as _;
use crate::resource::api::{
    Deployment, Integration, Limits, Method, MethodSettings, Proxy, ProxyResource, RestApi, Stage,
    VpcLink, deployment_id,
};
use crate::resource::balance::NetworkLoadBalancer;
use crate::resource::firewall::{By, Rate, WebAcl, WebAclAssociation};
use crate::resource::flow::LogGroup;
use crate::resource::metric::MetricFilter;
use crate::spec::{Spec, Tier};
use crate::template::{NAME, Template};
use crate::value::{Id, LogicalId, Pseudo, Value, join, param};

/// The name of the stage.
pub const STAGE: &str = "live";

/// Where the load balancer listens.
pub const PORT: u16 = 80;

/// The header that holds the API key.
const KEY: &str = "x-api-key";

/// The metric of requests beyond a plan.
pub const THROTTLED: &str = "Throttled";

/// The metric of requests that the application failed.
pub const FAILED: &str = "Failed";

/// What the metrics are apart by.
pub const DIMENSION: &str = "ApiKeyId";

/// The namespace of the metrics of a pool.
pub fn namespace(spec: &Spec) -> Value {
    join([format!("{}/", spec.estate()).into(), param("Cell")])
}

/// A line of the access log. The status is a number, so that it can be compared.
const LINE: &str = concat!(
    r#"{"time":"$context.requestTime","request":"$context.requestId","key":"$context.identity.apiKeyId","#,
    r#""address":"$context.identity.sourceIp","method":"$context.httpMethod","path":"$context.path","#,
    r#""status":$context.status,"milliseconds":$context.responseLatency}"#
);

/// What an account has of API Gateway in a region, requests a second and at once.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>.
const ACCOUNT: Limits = Limits { rate: 10_000, burst: 5_000 };

/// How many seconds the firewall counts over.
const WINDOW: u32 = 300;

/// The most that any tenant of a tier may ask, whatever it overrides.
fn most(spec: &Spec, tier: &Tier) -> Limits {
    let tenants = spec.tenants.values().filter(|tenant| tenant.tier == tier.id);
    let variants = tenants.filter_map(|t| spec.tier_of(t).throttle.as_ref());
    let all = tier.throttle.iter().chain(variants);
    all.fold(Limits { rate: 1, burst: 1 }, |most, t| Limits {
        rate: most.rate.max(t.rate),
        burst: most.burst.max(t.burst),
    })
}

/// What a whole pool may ask: what its tenants may together, and no more than the account has.
fn together(each: Limits, tier: &Tier) -> Limits {
    let tenants = tier.ceiling.unwrap_or(1);
    Limits {
        rate: each.rate.saturating_mul(tenants).min(ACCOUNT.rate),
        burst: each.burst.saturating_mul(tenants).min(ACCOUNT.burst),
    }
}

/// Adds the interface of a pool.
pub fn interface(t: &mut Template, spec: &Spec, tier: &Tier, balancer: &Id<NetworkLoadBalancer>) {
    let name = || join([param(NAME), "-api".into()]);
    let description = format!("The interface of a pool of tier {}", tier.id);
    let api = t.add("Api", RestApi { name: name(), description, policy: None });
    let link = t.add("VpcLink", VpcLink { name: name(), balancer: balancer.clone() });
    let deployment = deployment(t, &api, &link, balancer);
    let each = most(spec, tier);
    let limits = together(each, tier);
    let log = t.add_kept("AccessLogGroup", LogGroup { days: spec.network.flow_log_days });
    let stage = Stage {
        api: api.clone(),
        deployment,
        name: STAGE,
        limits,
        log: Some((log.att("Arn"), LINE)),
    };
    let stage = t.add("Stage", stage);
    t.add("StageSettings", MethodSettings { api: api.clone(), stage: stage.clone(), limits });
    for (metric, pattern) in [(THROTTLED, "{ $.status = 429 }"), (FAILED, "{ $.status >= 500 }")] {
        let filter = MetricFilter {
            log: log.clone(),
            pattern,
            namespace: namespace(spec),
            metric,
            dimension: (DIMENSION, "$.key"),
        };
        t.add(format!("{metric}Filter"), filter);
    }
    firewall(t, &api, stage.logical().expect("it is here"), each);
    let url = join([
        "https://".into(),
        Value::from(&api),
        ".execute-api.".into(),
        Pseudo::Region.into(),
        ".".into(),
        Pseudo::UrlSuffix.into(),
        format!("/{STAGE}").into(),
    ]);
    keep_room(t, 0);
    cell::publish(t, spec, "api-id", "The interface of the pool", Value::from(&api));
    t.output("Url", "Where clients call, with their key in the header x-api-key", url);
}

/// The most routes to small services that an interface has, as many as the blueprint allows.
const ROUTES: usize = 20;

/// What the path and the method of one take of a template, and what tells it of its function; measured,
/// with names of usual length.
const ROUTE_BYTES: usize = 850;

/// Keeps room in a template for the routes that may come to those that are there: a stage never moves,
/// its deployment must be there before it, and all routes before that.
pub fn keep_room(t: &mut Template, routes: usize) {
    t.room = Some(("Api".into(), ROUTES.saturating_sub(routes) * ROUTE_BYTES));
}

fn deployment(
    t: &mut Template,
    api: &Id<RestApi>,
    link: &Id<VpcLink>,
    balancer: &Id<NetworkLoadBalancer>,
) -> Id<Deployment> {
    let every = t.add("ApiProxy", ProxyResource { api: api.clone() });
    let uri = |path: &str| {
        join(["http://".into(), balancer.att("DNSName"), format!(":{PORT}/{path}").into()])
    };
    let proxy = |uri, paths| Proxy { link: link.clone(), uri, paths };
    let rows = [
        ("Root", api.att("RootResourceId"), proxy(uri(""), false)),
        ("Proxy", Value::from(&every), proxy(uri("{proxy}"), true)),
    ];
    let mut after: Vec<LogicalId> = Vec::new();
    let mut bodies = Vec::new();
    for (name, resource, proxy) in rows {
        let of = || Method { api: api.clone(), resource: resource.clone(), proxy: proxy.clone() };
        bodies.push(of().body());
        let id = format!("{name}Method");
        let method = t.add(id.clone(), of());
        let integration = Integration { api: api.clone(), resource, method, proxy };
        let other = format!("{name}Integration");
        t.add(other.clone(), integration);
        after.extend([id, other]);
    }
    let after: Vec<&LogicalId> = after.iter().collect();
    t.add_after(deployment_id(&bodies), Deployment { api: api.clone() }, &after)
}

/// Whoever asks more than a tenant may is refused before it counts for anything else: by address,
/// and by key.
fn firewall(t: &mut Template, api: &Id<RestApi>, stage: &LogicalId, each: Limits) {
    let limit = each.rate.saturating_mul(WINDOW).min(2_000_000_000);
    let rates = vec![
        Rate { name: "RateByAddress", by: By::Address, limit },
        Rate { name: "RateByKey", by: By::Header(KEY), limit },
    ];
    let acl = t.add("WebAcl", WebAcl { metric: join([param(NAME), "-waf".into()]), rates });
    let resource = join([
        "arn:".into(),
        Pseudo::Partition.into(),
        ":apigateway:".into(),
        Pseudo::Region.into(),
        "::/restapis/".into(),
        Value::from(api),
        format!("/stages/{STAGE}").into(),
    ]);
    t.add_after("WebAclAssociation", WebAclAssociation { acl, resource }, &[stage]);
}
