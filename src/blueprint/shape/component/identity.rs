//! Who the users of tenants are, and how they sign in.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::blueprint::shape::Several;

/// Users of tenants, their sign-in, and what they reach with it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Whether tenants of a pool share one pool of users, or each has its own. Tenants of other
    /// models always have their own, and so has whoever signs in elsewhere (`federation`).
    #[serde(default)]
    #[schemars(with = "Users", extend("default" = "pool"))]
    pub users: Option<Users>,
    /// Whether users must have a second factor, an application that makes codes.
    #[serde(default)]
    #[schemars(with = "Mfa", extend("default" = "required"))]
    pub mfa: Option<Mfa>,
    /// The least characters of a password.
    #[serde(default)]
    #[schemars(with = "u16", range(min = 8, max = 99), extend("default" = 12))]
    pub password_length: Option<u16>,
    /// Whether sign-ins that look stolen are stopped; the plan of Cognito that does costs for each user.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = false))]
    pub threat_protection: Option<bool>,
    /// For how many minutes a token is good.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 5, max = 1440), extend("default" = 15))]
    pub token_minutes: Option<u32>,
    /// After how many hours users sign in again.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 87_600), extend("default" = 12))]
    pub session_hours: Option<u32>,
    /// Where users come back to from the sign-in page; `{{tenant}}` is the id of the tenant. There is
    /// no such page, if none is given: the application asks for the password itself, and never sends it.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(max = 1024)), extend("x-says-each" = "an address"))]
    pub callbacks: Vec<String>,
    /// Where users come back to when they have signed out.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(max = 1024)), extend("x-says-each" = "an address"))]
    pub logouts: Vec<String>,
    /// The domain of the sign-in pages, in place of Cognito's own.
    #[serde(default)]
    #[schemars(with = "SignInDomain")]
    pub domain: Option<SignInDomain>,
    /// Whether users get credentials of AWS for the data of their tenant. Only for isolation
    /// `application` with `dynamodb`, and true there.
    #[serde(default)]
    #[schemars(with = "bool")]
    pub credentials: Option<bool>,
}

/// Whether tenants share a pool of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Users {
    /// One for the tenants of a pool.
    Pool,
    /// One for each tenant.
    Tenant,
}

/// Whether users must have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mfa {
    /// All of them.
    Required,
    /// Those who want to.
    Optional,
}

/// A domain of one's own.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInDomain {
    /// What follows the id of the pool or tenant: `auth.example.com` for `globex.auth.example.com`.
    #[schemars(extend("pattern" = "^(?=.{3,40}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$", "x-says" = "a host name in lower case, at most 40 characters"))]
    pub suffix: String,
    /// The certificate for all names below it, which must be in us-east-1 in the account of the pool; a
    /// list with one of each workload account, where there are several.
    #[schemars(extend("items" = certificate(), "pattern" = CERTIFICATE, "x-says" = CERTIFICATE_SAYS))]
    pub certificate: Several,
}

/// A certificate where Cognito takes it from. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html>.
const CERTIFICATE: &str = "^arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]{36}$";

/// What that is, for people.
const CERTIFICATE_SAYS: &str = "the ARN of a certificate in us-east-1";

fn certificate() -> serde_json::Value {
    serde_json::json!({ "type": "string", "pattern": CERTIFICATE, "x-says": CERTIFICATE_SAYS })
}

/// Where the users of a tenant sign in: at the tenant's own provider. Exactly one of them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Federation {
    /// A provider that speaks SAML 2.0.
    #[serde(default)]
    #[schemars(with = "Saml")]
    pub saml: Option<Saml>,
    /// A provider that speaks `OpenID` Connect.
    #[serde(default)]
    #[schemars(with = "Oidc")]
    pub oidc: Option<Oidc>,
    /// The attribute or claim with the e-mail address of a user. Nothing else of what a provider says is
    /// taken over.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9_.:/+=@-]{0,255}$", "x-says" = "the name of an attribute or claim"))]
    pub email: Option<String>,
}

/// A provider that speaks SAML 2.0.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Saml {
    /// Where its metadata is.
    #[schemars(length(max = 1024), extend("pattern" = "^https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~:/?@!()*+,;=%&-]*$", "x-says" = "an address that begins with https://"))]
    pub metadata_url: String,
}

/// A provider that speaks `OpenID` Connect.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Who it is.
    #[schemars(length(max = 1024), extend("pattern" = "^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$", "x-says" = "an address that begins with https://, without a query"))]
    pub issuer: String,
    /// What it calls the application.
    #[schemars(extend("pattern" = "^[A-Za-z0-9._:/@-]{1,256}$", "x-says" = "the id of a client"))]
    pub client_id: String,
    /// The name of the secret in Secrets Manager, in the account and region of the tenant, whose text is
    /// the secret of the client. Never the secret itself.
    #[schemars(extend("pattern" = "^[A-Za-z0-9/_+=.@-]{1,512}$", "x-says" = "the name of a secret in Secrets Manager"))]
    pub secret_name: String,
}
