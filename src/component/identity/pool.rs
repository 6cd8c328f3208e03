//! A pool of users, and the page on which they sign in.

use crate::blueprint::shape::component::{Identity, Mfa};
use crate::component::identity::claim;
use crate::model::{cell, identity};
use crate::name::{fit, short_hash};
use crate::resource::cognito::{Domain, PoolPermission, UserPool};
use crate::spec::{Spec, Tier};
use crate::template::{NAME, Template, Values};
use crate::value::{Id, Value, param};

/// The parameter with the domain of the sign-in page.
pub const DOMAIN: &str = "Domain";

/// The parameter with the certificate of a domain of one's own: each account has one of its own.
const CERTIFICATE: &str = "SignInCertificateArn";

/// The most characters of a domain. Source:
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DomainDescriptionType.html>.
const DOMAIN_MAX: usize = 63;

/// Words that no domain of Cognito's own may hold. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html>.
const RESERVED: [&str; 3] = ["amazon", "aws", "cognito"];

/// The least characters of a password, where nothing else is said.
const PASSWORD: u16 = 12;

/// The template of the users that the tenants of a pool share.
pub fn shared(shape: &str, spec: &Spec, tier: &Tier, block: &Identity) -> Template {
    let about = format!("The users of the tenants of a pool of tier {}.", tier.id);
    let mut t = Template::new(shape, about);
    let cell = t.param("Cell", "The id of the cell");
    t.tags.push(("Cell".to_owned(), cell));
    identity::tag_shared(&mut t, spec, Some(tier));
    let users = add(&mut t, spec, block, Users { tenant: Tenant::Told, federated: false });
    let what = "The users of the tenants of the pool";
    cell::publish(&mut t, spec, "user-pool-id", what, Value::from(&users));
    t.output("UserPoolId", what, &users);
    if !block.callbacks.is_empty() {
        t.output("SignInDomain", "Where they sign in", param(DOMAIN));
    }
    t
}

/// Whose users a pool has, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// Those of many: each user says whose he is.
    Told,
    /// Those of one, and tokens say so.
    Fixed,
    /// Those of one, whose application knows no other.
    Alone,
}

/// Whose users a pool has.
#[derive(Clone, Copy, Debug)]
pub struct Users {
    /// How the tenant is known.
    pub tenant: Tenant,
    /// Whether they sign in elsewhere.
    pub federated: bool,
}

/// Adds a pool of users.
pub fn add(t: &mut Template, spec: &Spec, block: &Identity, users: Users) -> Id<UserPool> {
    let tokens = claim::function(t, spec, users.tenant);
    let pool = UserPool {
        name: param(NAME),
        tells_tenant: users.tenant == Tenant::Told,
        tokens: tokens.clone(),
        mfa: block.mfa.unwrap_or(Mfa::Required),
        password: block.password_length.unwrap_or(PASSWORD),
        threat_protection: block.threat_protection.unwrap_or(false),
        federated: users.federated,
    };
    let pool = t.add_kept("UserPool", pool);
    if let Some(function) = tokens {
        t.add("TokenPermission", PoolPermission { function, pool: pool.clone() });
    }
    if !block.callbacks.is_empty() {
        let domain = t.param(DOMAIN, "The domain of the sign-in page");
        let own = block.domain.as_ref();
        let certificate =
            own.map(|_| t.param(CERTIFICATE, "The certificate of the domain of the sign-in page"));
        t.add("SignInDomain", Domain { pool: pool.clone(), domain, certificate });
    }
    pool
}

/// Gives the parameters of the sign-in page of a pool of users their values, if it has one.
pub fn page(spec: &Spec, block: &Identity, values: &mut Values, place: (&str, &str), id: &str) {
    if block.callbacks.is_empty() {
        return;
    }
    values.set(DOMAIN, domain(spec, block, place, id));
    if let Some(own) = &block.domain {
        let of = |arn: &&String| arn.split(':').nth(4) == Some(place.0);
        let certificate = own.certificate.all().iter().find(of);
        values.set(CERTIFICATE, certificate.unwrap_or_else(|| own.certificate.first()));
    }
}

/// The domain of a pool of users: a name below one's own, or the beginning of one below Cognito's,
/// which nobody else in the region may have. A mark of all that it is for keeps it apart.
fn domain(spec: &Spec, block: &Identity, place: (&str, &str), id: &str) -> String {
    const MARK: usize = 8;
    if let Some(own) = &block.domain {
        return format!("{}.{}", fit(id, DOMAIN_MAX - own.suffix.len() - 1), own.suffix);
    }
    let text = format!("{}-{id}", spec.estate());
    let mark = short_hash(&format!("{}/{}/{text}", place.0, place.1), MARK);
    // A cut could end in a hyphen or make a word, so what is too long is marked whole, too.
    let head = fit(&text, DOMAIN_MAX - MARK - 1);
    if RESERVED.iter().any(|word| head.contains(word)) {
        return format!("users-{}-{mark}", short_hash(&text, MARK));
    }
    format!("{head}-{mark}")
}
