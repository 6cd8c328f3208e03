//! Credentials of AWS for the data of a tenant: a token becomes a session with the tag by which the
//! policies of the pool tell tenants apart. The role takes one value of the tag only, that of its
//! tenant, so that even a token that lied would lead nowhere.

use crate::component::role;
use crate::model::application;
use crate::resource::cognito::{CLAIM, Client, IdentityPool, PoolRole, PrincipalTag};
use crate::resource::iam::{Role, document};
use crate::spec::Tier;
use crate::template::{NAME, Template};
use crate::value::{Id, Value, map, param};

/// Who tells AWS of users. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html>.
const ISSUER: &str = "cognito-identity.amazonaws.com";

/// Adds what gives credentials, and the role that they are of.
pub fn add(t: &mut Template, tier: &Tier, client: &Id<Client>, users: Value) -> Id<IdentityPool> {
    let pool = IdentityPool { name: param(NAME), client: client.clone(), provider: users.clone() };
    let pool = t.add("IdentityPool", pool);
    let tag = (application::TAG, CLAIM);
    t.add("PrincipalTag", PrincipalTag { pool: pool.clone(), provider: users, tag });
    let description = "The users of one tenant, for its data";
    let role = t.add("UserRole", Role { description, trust: trust(&pool), managed: Vec::new() });
    let data = application::data_of_tenant(tier, &param("Pool"));
    role::allow(t, "UserRolePolicy", &role, vec![data]);
    // Nobody takes it before it may do what it is for, and nothing else.
    t.add_after(
        "PoolRole",
        PoolRole { pool: pool.clone(), role },
        &[&"UserRolePolicy".to_owned(), &"PrincipalTag".to_owned()],
    );
    pool
}

/// Only users of this identity pool who have signed in, and only as their tenant. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/using-attributes-for-access-control-policy-example.html>.
fn trust(pool: &Id<IdentityPool>) -> Value {
    let equal = Value::Map(vec![
        (format!("{ISSUER}:aud"), Value::from(pool)),
        (format!("aws:RequestTag/{}", application::TAG), param("Tenant")),
    ]);
    let signed_in = Value::Map(vec![(format!("{ISSUER}:amr"), "authenticated".into())]);
    let condition = map([
        ("StringEquals", equal),
        ("ForAnyValue:StringLike", signed_in),
        ("ForAllValues:StringEquals", map([("aws:TagKeys", vec![application::TAG])])),
    ]);
    document(vec![map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Federated", ISSUER)])),
        ("Action", vec!["sts:AssumeRoleWithWebIdentity", "sts:TagSession"].into()),
        ("Condition", condition),
    ])])
}
