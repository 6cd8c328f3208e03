//! Amazon API Gateway in front of functions: paths, methods, and the right to call.

use crate::resource::api::RestApi;
use crate::resource::lambda::Function;
use crate::resource::{Body, resource};
use crate::value::{Id, Pseudo, Value, arn, join};

/// A path of an API.
#[derive(Debug)]
pub struct Path {
    /// The API.
    pub api: Id<RestApi>,
    /// What it is below: the root of the API, or another path.
    pub parent: Value,
    /// Its last part; `{name}` is any one word.
    pub part: String,
}

resource!(Path, Some("AWS::ApiGateway::Resource"), "aws_api_gateway_resource", taggable: false, |self| {
    Body::new()
        .set("RestApiId", &self.api)
        .set("ParentId", self.parent)
        .set("PathPart", self.part)
});

/// Who may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Whoever signs with a role that is allowed to.
    Signed,
    /// Whoever has a key.
    Keyed,
}

/// A method that a function answers.
#[derive(Clone, Debug)]
pub struct FunctionMethod {
    /// The API.
    pub api: Id<RestApi>,
    /// The path.
    pub path: Value,
    /// `GET`, `POST`…
    pub verb: &'static str,
    /// Who may call it.
    pub caller: Caller,
    /// What answers.
    pub function: Id<Function>,
}

impl FunctionMethod {
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>.
    fn integration(&self) -> Vec<(&'static str, Value)> {
        let uri = join([
            "arn:".into(),
            Pseudo::Partition.into(),
            ":apigateway:".into(),
            Pseudo::Region.into(),
            ":lambda:path/2015-03-31/functions/".into(),
            self.function.att("Arn"),
            "/invocations".into(),
        ]);
        vec![("Type", "AWS_PROXY".into()), ("IntegrationHttpMethod", "POST".into()), ("Uri", uri)]
    }
}

resource!(FunctionMethod, Some("AWS::ApiGateway::Method"), "aws_api_gateway_method", taggable: false, |self| {
    let integration = Value::Block(self.integration());
    let signed = self.caller == Caller::Signed;
    Body::new()
        .set("RestApiId", &self.api)
        .set("ResourceId", self.path)
        .set("HttpMethod", self.verb)
        .set("AuthorizationType", if signed { "AWS_IAM" } else { "NONE" })
        .set("ApiKeyRequired", !signed)
        .set("Integration", integration)
});

/// The function behind a method, which Terraform has as a resource of its own.
#[derive(Debug)]
pub struct FunctionIntegration {
    /// The method.
    pub method: Id<FunctionMethod>,
    /// What it is.
    pub of: FunctionMethod,
}

resource!(FunctionIntegration, None, "aws_api_gateway_integration", taggable: false, |self| {
    let mut body = Body::new()
        .set("RestApiId", &self.of.api)
        .set("ResourceId", self.of.path.clone())
        .set("HttpMethod", self.method.att("HttpMethod"));
    body.properties.extend(self.of.integration());
    body
});

/// Lets an API call a function, whatever its path and method. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html>.
#[derive(Debug)]
pub struct ApiPermission {
    /// The function.
    pub function: Id<Function>,
    /// The API.
    pub api: Id<RestApi>,
}

resource!(ApiPermission, Some("AWS::Lambda::Permission"), "aws_lambda_permission", taggable: false, |self| {
    let every = arn("execute-api", join([Value::from(&self.api), "/*".into()]));
    Body::new()
        .set("FunctionName", &self.function)
        .set("Action", "lambda:InvokeFunction")
        .set("Principal", "apigateway.amazonaws.com")
        .set("SourceAccount", Pseudo::Account)
        .set("SourceArn", every)
});
