//! Amazon API Gateway: a REST API in front of a private load balancer, and the keys and usage plans
//! by which it knows who asks and how often one may.

use crate::resource::balance::NetworkLoadBalancer;
use crate::resource::iam::Role;
use crate::resource::{Body, resource};
use crate::value::{Id, LogicalId, Value, block, map};

/// The role by which API Gateway writes logs: one for an account and region.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>.
#[derive(Debug)]
pub struct Account {
    /// The role.
    pub role: Id<Role>,
}

resource!(Account, Some("AWS::ApiGateway::Account"), "aws_api_gateway_account", taggable: false, |self| {
    Body::new().set("CloudWatchRoleArn", self.role.att("Arn"))
});

/// A regional REST API, whose keys come in the header `x-api-key`.
#[derive(Debug)]
pub struct RestApi {
    /// Its name.
    pub name: Value,
    /// What it is for.
    pub description: String,
    /// Who may call it, where calls are signed.
    pub policy: Option<Value>,
}

resource!(RestApi, Some("AWS::ApiGateway::RestApi"), "aws_api_gateway_rest_api", taggable: true, |self| {
    Body::new()
        .set("Name", self.name)
        .set("Description", self.description)
        .set("ApiKeySourceType", "HEADER")
        .set("EndpointConfiguration", block([("Types", vec!["REGIONAL"].into())]))
        .set_some("Policy", self.policy.map(|policy| Value::Document(Box::new(policy))))
});

/// A private way from API Gateway to a load balancer.
#[derive(Debug)]
pub struct VpcLink {
    /// Its name.
    pub name: Value,
    /// The load balancer.
    pub balancer: Id<NetworkLoadBalancer>,
}

resource!(VpcLink, Some("AWS::ApiGateway::VpcLink"), "aws_api_gateway_vpc_link", taggable: true, |self| {
    Body::new().set("Name", self.name).set_list("TargetArns", &[self.balancer])
});

/// Every path below the root.
#[derive(Debug)]
pub struct ProxyResource {
    /// The API.
    pub api: Id<RestApi>,
}

resource!(ProxyResource, Some("AWS::ApiGateway::Resource"), "aws_api_gateway_resource", taggable: false, |self| {
    Body::new()
        .set("RestApiId", &self.api)
        .set("ParentId", self.api.att("RootResourceId"))
        .set("PathPart", "{proxy+}")
});

/// Where a request goes on to: the load balancer behind a VPC link.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// The way to it.
    pub link: Id<VpcLink>,
    /// The address, whose `{proxy}` is the path.
    pub uri: Value,
    /// Whether it serves every path, or the root only.
    pub paths: bool,
}

/// The header in which the application finds the id of the key that API Gateway has accepted. What
/// a client sends under that name is replaced. Source:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>.
pub const KEY_HEADER: &str = "x-api-key-id";

impl Proxy {
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let key = (
            format!("integration.request.header.{KEY_HEADER}"),
            "context.identity.apiKeyId".into(),
        );
        let mut parameters: Vec<(String, Value)> = vec![key];
        if self.paths {
            let path =
                ("integration.request.path.proxy".to_owned(), "method.request.path.proxy".into());
            parameters.push(path);
        }
        vec![
            ("Type", "HTTP_PROXY".into()),
            ("IntegrationHttpMethod", "ANY".into()),
            ("ConnectionType", "VPC_LINK".into()),
            ("ConnectionId", Value::from(&self.link)),
            ("Uri", self.uri.clone()),
            ("RequestParameters", Value::Map(parameters)),
            ("PassthroughBehavior", "WHEN_NO_MATCH".into()),
        ]
    }
}

/// Any method of a resource, for whoever has a key.
#[derive(Debug)]
pub struct Method {
    /// The API.
    pub api: Id<RestApi>,
    /// The resource.
    pub resource: Value,
    /// Where it leads.
    pub proxy: Proxy,
}

resource!(Method, Some("AWS::ApiGateway::Method"), "aws_api_gateway_method", taggable: false, |self| {
    let path = self.proxy.paths.then(|| map([("method.request.path.proxy", true)]));
    Body::new()
        .set("RestApiId", &self.api)
        .set("ResourceId", self.resource)
        .set("HttpMethod", "ANY")
        .set("AuthorizationType", "NONE")
        .set("ApiKeyRequired", true)
        .set_some("RequestParameters", path)
        .set("Integration", Value::Block(self.proxy.fields()))
});

/// Where a method leads, which Terraform has as a resource of its own.
#[derive(Debug)]
pub struct Integration {
    /// The API.
    pub api: Id<RestApi>,
    /// The resource.
    pub resource: Value,
    /// The method.
    pub method: Id<Method>,
    /// Where it leads.
    pub proxy: Proxy,
}

resource!(Integration, None, "aws_api_gateway_integration", taggable: false, |self| {
    let mut body = Body::new()
        .set("RestApiId", &self.api)
        .set("ResourceId", self.resource)
        .set("HttpMethod", self.method.att("HttpMethod"));
    body.properties.extend(self.proxy.fields());
    body
});

/// The API as it was at a time. It never changes: what changes gets a new one.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html>.
#[derive(Debug)]
pub struct Deployment {
    /// The API.
    pub api: Id<RestApi>,
}

resource!(Deployment, Some("AWS::ApiGateway::Deployment"), "aws_api_gateway_deployment", taggable: false, |self| {
    Body::new().set("RestApiId", &self.api)
});

/// How much a whole stage serves: requests a second, and at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a second, on average.
    pub rate: u32,
    /// Requests at once.
    pub burst: u32,
}

impl Limits {
    fn settings(self) -> Vec<(&'static str, Value)> {
        vec![
            ("MetricsEnabled", true.into()),
            ("ThrottlingRateLimit", self.rate.into()),
            ("ThrottlingBurstLimit", self.burst.into()),
        ]
    }
}

/// What clients call: a deployment with its limits and its access log.
#[derive(Debug)]
pub struct Stage {
    /// The API.
    pub api: Id<RestApi>,
    /// What is served.
    pub deployment: Id<Deployment>,
    /// Its name, which stands in the URL.
    pub name: &'static str,
    /// How much all clients may ask together.
    pub limits: Limits,
    /// The ARN of the log group of its access log, and what stands in a line of it.
    pub log: Option<(Value, &'static str)>,
}

resource!(Stage, Some("AWS::ApiGateway::Stage"), "aws_api_gateway_stage", taggable: true, |self| {
    let log = |(arn, line): (Value, &'static str)| block([("DestinationArn", arn), ("Format", line.into())]);
    let mut every = vec![("ResourcePath", "/*".into()), ("HttpMethod", "*".into())];
    every.extend(self.limits.settings());
    Body::new()
        .set("RestApiId", &self.api)
        .set("DeploymentId", &self.deployment)
        .set("StageName", self.name)
        .set_some("AccessLogSetting", self.log.map(log))
        .set("MethodSettings", Value::List(vec![Value::Block(every)]))
});

/// The limits of a stage, which Terraform has as a resource of its own.
#[derive(Debug)]
pub struct MethodSettings {
    /// The API.
    pub api: Id<RestApi>,
    /// The stage.
    pub stage: Id<Stage>,
    /// How much all clients may ask together.
    pub limits: Limits,
}

resource!(MethodSettings, None, "aws_api_gateway_method_settings", taggable: false, |self| {
    Body::new()
        .set("RestApiId", &self.api)
        .set("StageName", self.stage.att("StageName"))
        .set("MethodPath", "*/*")
        .set("Settings", Value::Block(self.limits.settings()))
});

/// How much the holder of a key may ask of a stage.
#[derive(Debug)]
pub struct UsagePlan {
    /// Its name.
    pub name: Value,
    /// The API.
    pub api: Value,
    /// The name of the stage.
    pub stage: &'static str,
    /// Requests a second, and at once.
    pub limits: Limits,
    /// Requests a month.
    pub month: Option<u32>,
}

resource!(UsagePlan, Some("AWS::ApiGateway::UsagePlan"), "aws_api_gateway_usage_plan", taggable: true, |self| {
    let stage = block([("ApiId", self.api), ("Stage", self.stage.into())]);
    let throttle = [("RateLimit", self.limits.rate.into()), ("BurstLimit", self.limits.burst.into())];
    let quota = |limit: u32| block([("Limit", limit.into()), ("Period", "MONTH".into())]);
    Body::new()
        .set("UsagePlanName", self.name)
        .set("ApiStages", Value::List(vec![stage]))
        .set("Throttle", block(throttle))
        .set_some("Quota", self.month.map(quota))
});

/// A key. API Gateway makes its value, which is secret; its id is not.
#[derive(Debug)]
pub struct ApiKey {
    /// Its name.
    pub name: Value,
    /// What it is for.
    pub description: Value,
}

resource!(ApiKey, Some("AWS::ApiGateway::ApiKey"), "aws_api_gateway_api_key", taggable: true, |self| {
    Body::new().set("Name", self.name).set("Description", self.description).set("Enabled", true)
});

/// Puts a key under a usage plan.
#[derive(Debug)]
pub struct UsagePlanKey {
    /// The plan.
    pub plan: Id<UsagePlan>,
    /// The key.
    pub key: Id<ApiKey>,
}

resource!(UsagePlanKey, Some("AWS::ApiGateway::UsagePlanKey"), "aws_api_gateway_usage_plan_key", taggable: false, |self| {
    Body::new().set("UsagePlanId", &self.plan).set("KeyId", &self.key).set("KeyType", "API_KEY")
});

/// The logical id of the deployment of an API of those methods: another API, another deployment.
pub fn deployment_id(methods: &[Body]) -> LogicalId {
    let mark = crate::name::short_hash(&format!("{methods:?}"), 8);
    format!("ApiDeployment{}", crate::name::pascal(&mark))
}
