//! What each tenant has: an application to sign in to, and a group or a pool of users.

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::Identity;
use crate::component::identity::pool::{self, Tenant as Known, Users};
use crate::component::identity::{claim, key, reach, reaches};
use crate::model::{cell, identity};
use crate::plan::Plan;
use crate::resource::cognito::{Client, Group, OidcProvider, SamlProvider, UserPool, provider};
use crate::resource::ssm::Parameter;
use crate::spec::component::identity::{TENANT, owns};
use crate::spec::{Spec, Tenant, Tier};
use crate::template::{NAME, Stack, Template, Values};
use crate::value::{Id, LogicalId, Pseudo, Value, join, param};

/// What the provider of a tenant is called in its pool of users.
const PROVIDER: &str = "sso";

/// The attribute with the e-mail address, where SAML providers usually have it. Source:
/// <https://docs.oasis-open.org/imi/identity/v1.0/os/identity-1.0-spec-os.html>.
const SAML_EMAIL: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";

/// Minutes and hours, where nothing else is said.
const MINUTES: u32 = 15;
const HOURS: u32 = 12;

/// What a tenant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A group among the users of a pool.
    Among,
    /// Users of its own, who sign in here.
    Own,
    /// Users of its own, who sign in by SAML.
    Saml,
    /// Users of its own, who sign in by `OpenID` Connect.
    Oidc,
}

impl Kind {
    /// What a tenant has.
    pub fn of(tenant: &Tenant, tier: &Tier) -> Self {
        match &tenant.federation {
            Some(federation) if federation.saml.is_some() => Kind::Saml,
            Some(_) => Kind::Oidc,
            None if owns(tenant, tier) => Kind::Own,
            None => Kind::Among,
        }
    }

    /// The name of the template. A dot cannot stand in the id of a tier.
    pub fn shape(self, tier: &Tier) -> String {
        let mark = match self {
            Kind::Among => "",
            Kind::Own => ".own",
            Kind::Saml => ".saml",
            Kind::Oidc => ".oidc",
        };
        format!("identity-{}{mark}", tier.id)
    }

    /// Whether a secret is read when it is deployed.
    pub fn reads_secret(self) -> bool {
        self == Kind::Oidc
    }

    fn is_federated(self) -> bool {
        matches!(self, Kind::Saml | Kind::Oidc)
    }
}

/// The template of the tenants of a tier that have this.
pub fn template(shape: &str, spec: &Spec, tier: &Tier, block: &Identity, kind: Kind) -> Template {
    let what = if kind == Kind::Among { "users among others" } else { "users of its own" };
    let mut t = Template::new(shape, format!("A tenant of tier {}: {what}.", tier.id));
    identity::tag_tenant(&mut t, spec, tier);
    let pooled = tier.isolation == Isolation::Application;
    if kind == Kind::Among {
        t.param("Cell", "The id of the pool");
    }
    let users = users(&mut t, spec, block, kind, pooled);
    let after = federate(&mut t, &users, kind);
    let client = client(&mut t, block, kind, &users, after.as_ref());
    if kind == Kind::Among {
        let path = join([claim::clients(spec), Value::from(&client)]);
        let description = "Whose application it is";
        t.add("ClientParameter", Parameter { path, description, value: param("Tenant") });
    }
    publish(&mut t, spec, "client-id", "The application to sign in to", Value::from(&client));
    t.output("ClientId", "The application to sign in to", &client);
    if kind != Kind::Among {
        tell_pool(&mut t, spec, block, kind, &users);
    }
    if reaches(tier, block) {
        t.param("Pool", "The name of the stack of the pool");
        let identities = reach::add(&mut t, tier, &client, provider(&users));
        let about = "What gives its users credentials of AWS";
        publish(&mut t, spec, "identity-pool-id", about, Value::from(&identities));
    }
    t
}

/// The pool of users: that of the pool with a group in it, or its own.
fn users(
    t: &mut Template,
    spec: &Spec,
    block: &Identity,
    kind: Kind,
    pooled: bool,
) -> Id<UserPool> {
    if kind != Kind::Among {
        // Only an application that works for many must be told for whom.
        let tenant = if pooled { Known::Fixed } else { Known::Alone };
        return pool::add(t, spec, block, Users { tenant, federated: kind.is_federated() });
    }
    t.imported("UserPoolId", "String", "The users of the tenants of the pool");
    let pool = Id::param("UserPoolId");
    // Users are listed by group: an attribute of one's own cannot be searched for. Source:
    // https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html.
    let description = "The users of one tenant";
    t.add("Group", Group { name: param("Tenant"), description, pool: pool.clone() });
    pool
}

/// Adds the tenant's provider, if it has one; what the application waits for.
fn federate(t: &mut Template, users: &Id<UserPool>, kind: Kind) -> Option<LogicalId> {
    if !kind.is_federated() {
        return None;
    }
    // With Terraform, it names a stack, whose name may not be much longer than that of this one.
    let id = "Idp";
    let (pool, name) = (users.clone(), PROVIDER);
    let email = t.param("EmailClaim", "What the provider calls the e-mail address of a user");
    if kind == Kind::Saml {
        let metadata = t.param("MetadataUrl", "Where the metadata of the provider is");
        t.add(id, SamlProvider { pool, name, metadata, email });
    } else {
        let issuer = t.param("Issuer", "Who the provider is");
        let client = t.param("ProviderClientId", "What the provider calls us");
        let secret = t.param("SecretName", "The secret with what the provider knows us by");
        t.add(id, OidcProvider { pool, name, issuer, client, secret, email });
    }
    Some(id.to_owned())
}

fn client(
    t: &mut Template,
    block: &Identity,
    kind: Kind,
    users: &Id<UserPool>,
    after: Option<&LogicalId>,
) -> Id<Client> {
    let addresses = |all: &[String]| all.iter().map(|address| of_tenant(address)).collect();
    let client = Client {
        name: param(NAME),
        pool: users.clone(),
        provider: kind.is_federated().then_some(PROVIDER),
        callbacks: addresses(&block.callbacks),
        logouts: addresses(&block.logouts),
        minutes: block.token_minutes.unwrap_or(MINUTES),
        hours: block.session_hours.unwrap_or(HOURS),
        tells_tenant: kind == Kind::Among,
    };
    t.add_after("Client", client, after.as_slice())
}

/// An address with the id of the tenant in it.
fn of_tenant(address: &str) -> Value {
    let mut parts: Vec<Value> = Vec::new();
    for (i, part) in address.split(TENANT).enumerate() {
        parts.extend((i > 0).then(|| param("Tenant")));
        parts.extend((!part.is_empty()).then(|| Value::from(part)));
    }
    if parts.len() == 1 { parts.remove(0) } else { Value::Join(parts) }
}

/// Tells of a pool of users of the tenant's own, and what its provider must be told.
fn tell_pool(t: &mut Template, spec: &Spec, block: &Identity, kind: Kind, users: &Id<UserPool>) {
    publish(t, spec, "user-pool-id", "The users of the tenant", Value::from(users));
    t.output("UserPoolId", "The users of the tenant", users);
    if block.callbacks.is_empty() {
        return;
    }
    let host = match &block.domain {
        Some(_) => param(pool::DOMAIN),
        None => join([
            param(pool::DOMAIN),
            ".auth.".into(),
            Pseudo::Region.into(),
            ".amazoncognito.com".into(),
        ]),
    };
    t.output("SignInDomain", "Where they sign in", host.clone());
    let address = |path: &str| join(["https://".into(), host.clone(), path.into()]);
    match kind {
        Kind::Saml => {
            let entity = join(["urn:amazon:cognito:sp:".into(), Value::from(users)]);
            t.output("SamlAudience", "Who we are, for the provider", entity);
            let path = address("/saml2/idpresponse");
            t.output("SamlConsumer", "Where the provider sends its assertions", path);
        }
        Kind::Oidc => {
            let path = address("/oauth2/idpresponse");
            t.output("OidcRedirect", "Where the provider sends users back to", path);
        }
        Kind::Among | Kind::Own => {}
    }
}

/// Publishes a value of a tenant, by its path below that of the tenant.
fn publish(t: &mut Template, spec: &Spec, path: &str, description: &'static str, value: Value) {
    let id = format!("{}Parameter", crate::name::pascal(&format!("tenant-{path}")));
    let path = join([spec.parameter("tenant/").into(), param("Tenant"), format!("/{path}").into()]);
    t.add(id, Parameter { path, description, value });
}

/// The stack of a tenant.
pub fn stack(
    spec: &Spec,
    plan: &Plan,
    tenant: &Tenant,
    tier: &Tier,
    block: &Identity,
    template: &Template,
) -> Stack {
    let placed = &plan.tenants[&tenant.id];
    let (mut stack, mut values) = identity::tenant_stack(spec, tenant, tier, &placed.account);
    // Its own stack comes first: what it stands on is there then.
    let main = std::mem::replace(&mut stack.key, format!("identity-{}", tenant.id));
    stack.name = spec.naming.render(&spec.name, &spec.environment, &stack.key);
    stack.depends_on.push(main);
    values.set(NAME, &stack.name);
    let kind = Kind::of(tenant, tier);
    if let (Kind::Among, Some(id)) = (kind, &placed.cell) {
        values.set("Cell", id);
        values.set("UserPoolId", cell::path(spec, id, "user-pool-id"));
        stack.depends_on.push(key(id));
    } else if tier.isolation == Isolation::Application {
        values.set(claim::NAME_PARAM, claim::name(&stack.name));
    }
    if kind != Kind::Among {
        let place = (placed.account.as_str(), tenant.region.as_str());
        pool::page(spec, block, &mut values, place, &tenant.id);
    }
    if let (true, Some(id)) = (reaches(tier, block), &placed.cell) {
        let pool = spec.naming.render(&spec.name, &spec.environment, &cell::key(id));
        values.set("Pool", pool);
    }
    provider_values(tenant, &mut values);
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}

fn provider_values(tenant: &Tenant, values: &mut Values) {
    let Some(federation) = &tenant.federation else { return };
    let usual = if federation.saml.is_some() { SAML_EMAIL } else { "email" };
    values.set("EmailClaim", federation.email.as_deref().unwrap_or(usual));
    if let Some(saml) = &federation.saml {
        values.set("MetadataUrl", &saml.metadata_url);
    } else if let Some(oidc) = &federation.oidc {
        values.set("Issuer", &oidc.issuer);
        values.set("ProviderClientId", &oidc.client_id);
        values.set("SecretName", &oidc.secret_name);
    }
}
