//! Amazon Cognito: pools of users, how they sign in, and what they may reach with AWS credentials.

use crate::blueprint::shape::component::Mfa;
use crate::resource::iam::Role;
use crate::resource::lambda::Function;
use crate::resource::{Body, resource};
use crate::value::{Id, Pseudo, Value, block, map};

/// The claim that says whose user it is. Only the function of a pool writes it: attributes of users
/// are claims with another name.
pub const CLAIM: &str = "tenant";

/// The attribute that says whose user it is, as users and tokens have it.
pub const ATTRIBUTE: &str = "custom:tenant";

/// A pool of users. People are told their first password by whoever adds them; nobody adds himself.
#[derive(Debug)]
pub struct UserPool {
    /// Its name: at most 128 characters.
    pub name: Value,
    /// Whether each user says the tenant in an attribute that never changes.
    pub tells_tenant: bool,
    /// What writes the tenant into tokens.
    pub tokens: Option<Id<Function>>,
    /// Whether users must have a second factor.
    pub mfa: Mfa,
    /// The least characters of a password.
    pub password: u16,
    /// Whether sign-ins that look stolen are stopped, which costs for each user.
    pub threat_protection: bool,
    /// Whether users are those of somebody else, whose addresses are not for us to verify.
    pub federated: bool,
}

/// What a pool knows of its users. Names and constraints of an attribute never change, and what a
/// provider fills must be mutable. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>.
fn schema(tells_tenant: bool) -> Value {
    let text = |name: &str, mutable: bool, most: &str| {
        let range =
            [("MinLength", if mutable { "0" } else { "1" }.into()), ("MaxLength", most.into())];
        block([
            ("Name", name.into()),
            ("AttributeDataType", "String".into()),
            ("Mutable", mutable.into()),
            ("Required", mutable.into()),
            ("DeveloperOnlyAttribute", false.into()),
            ("StringAttributeConstraints", block(range)),
        ])
    };
    let mut all = vec![text("email", true, "2048")];
    // An id of a tenant has at most 63 characters.
    all.extend(tells_tenant.then(|| text("tenant", false, "63")));
    Value::List(all)
}

/// Days in which the first password must be used.
const FIRST_PASSWORD: u16 = 3;

resource!(UserPool, Some("AWS::Cognito::UserPool"), "aws_cognito_user_pool", taggable: true, |self| {
    let email = || Value::from(vec!["email"]);
    let password = block([
        ("MinimumLength", self.password.into()),
        ("RequireLowercase", true.into()),
        ("RequireNumbers", true.into()),
        ("RequireSymbols", true.into()),
        ("RequireUppercase", true.into()),
        ("TemporaryPasswordValidityDays", FIRST_PASSWORD.into()),
    ]);
    let recovery = block([("Name", "verified_email".into()), ("Priority", 1_u16.into())]);
    let tokens = self.tokens.map(|function| {
        // The second version reaches access tokens, too.
        let config = [("LambdaArn", function.att("Arn")), ("LambdaVersion", "V2_0".into())];
        block([("PreTokenGenerationConfig", block(config))])
    });
    // An address counts only when its owner has shown that it is his.
    let own = !self.federated;
    let verified = block([("AttributesRequireVerificationBeforeUpdate", email())]);
    let stopped = block([("AdvancedSecurityMode", "ENFORCED".into())]);
    Body::new()
        .set("UserPoolName", self.name)
        .set("UserPoolTier", if self.threat_protection { "PLUS" } else { "ESSENTIALS" })
        .set_some("UserPoolAddOns", self.threat_protection.then_some(stopped))
        .set("UsernameAttributes", email())
        .set("UsernameConfiguration", block([("CaseSensitive", false.into())]))
        .set("Schema", schema(self.tells_tenant))
        .set_some("AutoVerifiedAttributes", own.then(email))
        .set_some("UserAttributeUpdateSettings", own.then_some(verified))
        .set("AdminCreateUserConfig", block([("AllowAdminCreateUserOnly", true.into())]))
        .set("MfaConfiguration", if self.mfa == Mfa::Optional { "OPTIONAL" } else { "ON" })
        .set("EnabledMfas", vec!["SOFTWARE_TOKEN_MFA"])
        .set("Policies", block([("PasswordPolicy", password)]))
        .set("AccountRecoverySetting", block([("RecoveryMechanisms", Value::List(vec![recovery]))]))
        .set_some("LambdaConfig", tokens)
        .set("DeletionProtection", "ACTIVE")
});

/// Lets a pool of users call a function. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html>.
#[derive(Debug)]
pub struct PoolPermission {
    /// The function.
    pub function: Id<Function>,
    /// The pool.
    pub pool: Id<UserPool>,
}

resource!(PoolPermission, Some("AWS::Lambda::Permission"), "aws_lambda_permission", taggable: false, |self| {
    Body::new()
        .set("FunctionName", &self.function)
        .set("Action", "lambda:InvokeFunction")
        .set("Principal", "cognito-idp.amazonaws.com")
        .set("SourceAccount", Pseudo::Account)
        .set("SourceArn", self.pool.att("Arn"))
});

/// Where users of a pool sign in: the beginning of a name below Cognito's own domain, or a whole
/// name of somebody's own.
#[derive(Debug)]
pub struct Domain {
    /// The pool.
    pub pool: Id<UserPool>,
    /// The name.
    pub domain: Value,
    /// The certificate of a name of one's own.
    pub certificate: Option<Value>,
}

resource!(Domain, Some("AWS::Cognito::UserPoolDomain"), "aws_cognito_user_pool_domain", taggable: false, |self| {
    let own = |arn: Value| block([("CertificateArn", arn)]);
    Body::new()
        .set("UserPoolId", &self.pool)
        .set("Domain", self.domain)
        .set_some("CustomDomainConfig", self.certificate.map(own))
});

/// An application in which users sign in. It has no secret, as what runs in a browser could not
/// keep one.
#[derive(Debug)]
pub struct Client {
    /// Its name.
    pub name: Value,
    /// The pool.
    pub pool: Id<UserPool>,
    /// Who vouches for users: the pool itself, or the provider of that name.
    pub provider: Option<&'static str>,
    /// Where users come back to with a code; with none, they sign in without leaving the application.
    pub callbacks: Vec<Value>,
    /// Where they come back to when they have signed out.
    pub logouts: Vec<Value>,
    /// Minutes that tokens of access and identity are good for: 5 to 1,440.
    pub minutes: u32,
    /// Hours after which one signs in again: 1 to 87,600.
    pub hours: u32,
    /// Whether users say the tenant in an attribute.
    pub tells_tenant: bool,
}

resource!(Client, Some("AWS::Cognito::UserPoolClient"), "aws_cognito_user_pool_client", taggable: false, |self| {
    let code = !self.callbacks.is_empty();
    // Who comes from elsewhere has no password here.
    let flows: &[&str] = match self.provider {
        Some(_) => &["ALLOW_REFRESH_TOKEN_AUTH"],
        None => &["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
    };
    let list = |items: &[&str]| Value::List(items.iter().map(|item| Value::from(*item)).collect());
    let own = ["email", "family_name", "given_name", "name"];
    let mut read: Vec<&str> = own.into_iter().chain(["email_verified"]).collect();
    read.extend(self.tells_tenant.then_some(ATTRIBUTE));
    read.sort_unstable();
    let units = [("AccessToken", "minutes"), ("IdToken", "minutes"), ("RefreshToken", "hours")];
    Body::new()
        .set("ClientName", self.name)
        .set("UserPoolId", &self.pool)
        .set("GenerateSecret", false)
        .set("ExplicitAuthFlows", list(flows))
        .set("SupportedIdentityProviders", vec![self.provider.unwrap_or("COGNITO")])
        .set("AllowedOAuthFlowsUserPoolClient", code)
        .set_some("AllowedOAuthFlows", code.then(|| list(&["code"])))
        .set_some("AllowedOAuthScopes", code.then(|| list(&["email", "openid", "profile"])))
        .set_some("CallbackURLs", code.then_some(Value::List(self.callbacks)))
        .set_some("LogoutURLs", (!self.logouts.is_empty()).then_some(Value::List(self.logouts)))
        .set("ReadAttributes", list(&read))
        .set("WriteAttributes", list(&own))
        .set("PreventUserExistenceErrors", "ENABLED")
        .set("EnableTokenRevocation", true)
        .set("AccessTokenValidity", self.minutes)
        .set("IdTokenValidity", self.minutes)
        .set("RefreshTokenValidity", self.hours)
        .set("TokenValidityUnits", block(units.map(|(token, unit)| (token, unit.into()))))
});

/// Some users of a pool.
#[derive(Debug)]
pub struct Group {
    /// Its name.
    pub name: Value,
    /// What it is.
    pub description: &'static str,
    /// The pool.
    pub pool: Id<UserPool>,
}

resource!(Group, Some("AWS::Cognito::UserPoolGroup"), "aws_cognito_user_group", taggable: false, |self| {
    Body::new()
        .set("GroupName", self.name)
        .set("Description", self.description)
        .set("UserPoolId", &self.pool)
});

/// Somebody else who vouches for users, by SAML.
#[derive(Debug)]
pub struct SamlProvider {
    /// The pool.
    pub pool: Id<UserPool>,
    /// Its name in the pool.
    pub name: &'static str,
    /// Where it says what it is.
    pub metadata: Value,
    /// The attribute with the e-mail address.
    pub email: Value,
}

resource!(SamlProvider, Some("AWS::Cognito::UserPoolIdentityProvider"), "aws_cognito_identity_provider", taggable: false, |self| {
    Body::new()
        .set("UserPoolId", &self.pool)
        .set("ProviderName", self.name)
        .set("ProviderType", "SAML")
        .set("ProviderDetails", map([("MetadataURL", self.metadata)]))
        .set("AttributeMapping", map([("email", self.email)]))
});

/// Somebody else who vouches for users, by `OpenID` Connect. It wants a secret, which Terraform would
/// keep in its state, so Terraform has CloudFormation make it: there, a reference to the secret is
/// resolved by AWS, and its value is in no file. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html>.
#[derive(Debug)]
pub struct OidcProvider {
    /// The pool.
    pub pool: Id<UserPool>,
    /// Its name in the pool.
    pub name: &'static str,
    /// Who it is.
    pub issuer: Value,
    /// What it calls us.
    pub client: Value,
    /// The secret of Secrets Manager, whose text is the secret of the client.
    pub secret: Value,
    /// The claim with the e-mail address.
    pub email: Value,
}

resource!(OidcProvider, Some("AWS::Cognito::UserPoolIdentityProvider"), "aws_cloudformation_stack", taggable: false, |self| {
    let secret = Value::Join(vec!["{{resolve:secretsmanager:".into(), self.secret, "}}".into()]);
    let details = map([
        ("attributes_request_method", "GET".into()),
        ("authorize_scopes", "openid email profile".into()),
        ("client_id", self.client),
        ("client_secret", secret),
        ("oidc_issuer", self.issuer),
    ]);
    Body::new()
        .set("UserPoolId", &self.pool)
        .set("ProviderName", self.name)
        .set("ProviderType", "OIDC")
        .set("ProviderDetails", details)
        .set("AttributeMapping", map([("email", self.email), ("username", "sub".into())]))
});

/// What gives users credentials of AWS for a token. Nobody gets any without one.
#[derive(Debug)]
pub struct IdentityPool {
    /// Its name: at most 128 characters.
    pub name: Value,
    /// The application whose tokens it takes.
    pub client: Id<Client>,
    /// The pool of the users, as [`provider`] calls it.
    pub provider: Value,
}

resource!(IdentityPool, Some("AWS::Cognito::IdentityPool"), "aws_cognito_identity_pool", taggable: true, |self| {
    let users = block([
        ("ClientId", Value::from(&self.client)),
        ("ProviderName", self.provider),
        // Who signed out everywhere, or was disabled, gets nothing more.
        ("ServerSideTokenCheck", true.into()),
    ]);
    Body::new()
        .set("IdentityPoolName", self.name)
        .set("AllowUnauthenticatedIdentities", false)
        .set("AllowClassicFlow", false)
        .set("CognitoIdentityProviders", Value::List(vec![users]))
});

/// The role that users get.
#[derive(Debug)]
pub struct PoolRole {
    /// The pool.
    pub pool: Id<IdentityPool>,
    /// The role.
    pub role: Id<Role>,
}

resource!(PoolRole, Some("AWS::Cognito::IdentityPoolRoleAttachment"), "aws_cognito_identity_pool_roles_attachment", taggable: false, |self| {
    Body::new()
        .set("IdentityPoolId", &self.pool)
        .set("Roles", map([("authenticated", self.role.att("Arn"))]))
});

/// What of a token becomes a tag of the session. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html>.
#[derive(Debug)]
pub struct PrincipalTag {
    /// The pool.
    pub pool: Id<IdentityPool>,
    /// The pool of the users, as [`provider`] calls it.
    pub provider: Value,
    /// The tag, and the claim that is its value.
    pub tag: (&'static str, &'static str),
}

resource!(PrincipalTag, Some("AWS::Cognito::IdentityPoolPrincipalTag"), "aws_cognito_identity_pool_provider_principal_tag", taggable: false, |self| {
    let (tag, claim) = self.tag;
    Body::new()
        .set("IdentityPoolId", &self.pool)
        .set("IdentityProviderName", self.provider)
        .set("PrincipalTags", map([(tag, claim)]))
        .set("UseDefaults", false)
});

/// What AWS calls a pool of users where it vouches for them.
pub fn provider(pool: &Id<UserPool>) -> Value {
    let parts =
        ["cognito-idp.".into(), Pseudo::Region.into(), ".".into(), Pseudo::UrlSuffix.into()];
    Value::Join(parts.into_iter().chain(["/".into(), Value::from(pool)]).collect())
}
