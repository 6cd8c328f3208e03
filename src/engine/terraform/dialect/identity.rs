//! Pools of users, and who vouches for them.

use super::{Dialect, PLAIN, Scene};
use crate::json::Json;
use crate::value::{Value, map};

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_cognito_user_pool",
        renamed: &[("UserPoolName", "name"), ("RecoveryMechanisms", "recovery_mechanism")],
        lasting: true,
        form: pool,
        ..PLAIN
    },
    Dialect {
        tf: "aws_cognito_user_pool_client",
        renamed: &[
            ("ClientName", "name"),
            ("AllowedOAuthFlows", "allowed_oauth_flows"),
            ("AllowedOAuthFlowsUserPoolClient", "allowed_oauth_flows_user_pool_client"),
            ("AllowedOAuthScopes", "allowed_oauth_scopes"),
            ("CallbackURLs", "callback_urls"),
            ("LogoutURLs", "logout_urls"),
        ],
        ..PLAIN
    },
    Dialect { tf: "aws_cognito_user_group", renamed: &[("GroupName", "name")], ..PLAIN },
    Dialect {
        tf: "aws_cognito_user_pool_domain",
        form: |scene, name, value, out| match (name, value) {
            ("CustomDomainConfig", Value::Block(own)) => {
                out.put("certificate_arn", scene.value(&own[0].1));
                true
            }
            _ => false,
        },
        ..PLAIN
    },
    Dialect { tf: "aws_cognito_identity_provider", besides: told_by_aws, ..PLAIN },
    // The whole of it is one template.
    Dialect { tf: "aws_cloudformation_stack", form: |_, _, _, _| true, besides: carried, ..PLAIN },
];

/// What CloudFormation nests or lists, and Terraform has otherwise.
fn pool(scene: &Scene<'_>, name: &str, value: &Value, out: &mut Json) -> bool {
    match (name, value) {
        ("Policies", Value::Block(policies)) => {
            out.put("password_policy", scene.value(&policies[0].1));
        }
        ("EnabledMfas", _) => {
            let on = Json::object([("enabled", Json::Bool(true))]);
            out.put("software_token_mfa_configuration", Json::List(vec![on]));
        }
        _ => return false,
    }
    true
}

/// What AWS reads from the metadata stands among what was written, and is not to be removed.
fn told_by_aws(_: &Scene<'_>, out: &mut Json) {
    let keys = ["ActiveEncryptionCertificate", "SLORedirectBindingURI", "SSORedirectBindingURI"];
    let ignored = keys.map(|key| Json::text(format!("provider_details[\"{key}\"]")));
    let ignored = Json::object([("ignore_changes", Json::List(ignored.into()))]);
    out.put("lifecycle", Json::List(vec![ignored]));
}

/// A stack of CloudFormation with this one resource, for the sake of a secret that only
/// CloudFormation reads without keeping it.
fn carried(scene: &Scene<'_>, out: &mut Json) {
    let properties = scene.entry.body.properties.iter();
    let properties = properties.map(|(name, value)| ((*name).to_owned(), value.clone()));
    let kind = scene.entry.cfn.expect("CloudFormation makes it");
    let resource =
        map([("Type", Value::from(kind)), ("Properties", Value::Map(properties.collect()))]);
    let template = map([("Resources", map([("Provider", resource)]))]);
    out.put("name", scene.name());
    out.put("template_body", scene.document(&template));
}
