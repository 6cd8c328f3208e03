//! Policies that are broken.

use serde_json::{Value, json};
use tenantry::prove::read::Engine::CloudFormation;

use super::{Files, Mutant, edit};

mod trust; // whom a role trusts
mod role; // what a role may do
mod item; // which items of a shared table a session gets at
mod part; // which part of a lake
mod thing; // whom a bucket, key, queue or another thing lets in
mod bound; // what bounds whole accounts
mod untold; // what cannot be told, and other ways to act with a role
mod beyond; // acts on no list, conditions, feeds
mod terraform; // the same in what Terraform is given

const CONTAINER: &str = "container-ec2.yaml";
const POOL: &str = "application.yaml";
const LAKE: &str = "component-analytics.yaml";
const ACCOUNTS: &str = "account-transit-gateway.yaml";
const KEYS: &str = "component-protection.yaml";
const USERS: &str = "component-identity.yaml";
const USAGE: &str = "full.yaml";

const TENANT: &str = "cloudformation/templates/tenant-steady.json";
const CELL: &str = "cloudformation/templates/cell-free.json";
const ORGANIZATION: &str = "cloudformation/templates/organization.json";
const ANALYTICS: &str = "cloudformation/templates/analytics.json";
const KEY: &str = "cloudformation/templates/tenant-starter.json";
const USER: &str = "cloudformation/templates/identity-basic.json";
const LARGE: &str = "cloudformation/templates/tenant-starter.json";

const fn of(
    blueprint: &'static str,
    name: &'static str,
    apply: fn(&mut Files) -> bool,
    expect: &'static str,
) -> Mutant {
    Mutant { name, blueprint, engine: CloudFormation, apply, expect }
}

/// All of them.
pub fn mutants() -> Vec<Mutant> {
    let parts = [
        trust::TRUSTS,
        role::ROLES,
        item::ITEMS,
        part::PARTS,
        thing::THINGS,
        bound::BOUNDS,
        terraform::TERRAFORM,
    ];
    let mut all = parts.concat();
    all.extend(untold::untold());
    all.extend(beyond::beyond());
    all
}

/// Sets a property of a resource.
fn set(files: &mut Files, path: &str, id: &str, pointer: &str, value: &Value) -> bool {
    edit(files, path, |template| {
        let whole = format!("/Resources/{id}/Properties{pointer}");
        *template.pointer_mut(&whole)? = value.clone();
        Some(())
    })
}

/// Takes a property of a resource away.
fn take(files: &mut Files, path: &str, id: &str, pointer: &str, key: &str) -> bool {
    edit(files, path, |template| {
        let whole = format!("/Resources/{id}/Properties{pointer}");
        template.pointer_mut(&whole)?.as_object_mut()?.remove(key).map(|_| ())
    })
}

/// Adds a statement to a document of a resource.
fn say(files: &mut Files, path: &str, id: &str, document: &str, statement: &Value) -> bool {
    edit(files, path, |template| {
        let whole = format!("/Resources/{id}/Properties/{document}/Statement");
        template.pointer_mut(&whole)?.as_array_mut()?.push(statement.clone());
        Some(())
    })
}

/// Adds a resource.
fn make(files: &mut Files, path: &str, id: &str, resource: &Value) -> bool {
    edit(files, path, |template| {
        template["Resources"].as_object_mut()?.insert(id.to_owned(), resource.clone());
        Some(())
    })
}

/// Changes the template of a stack set.
fn baseline(files: &mut Files, change: fn(&mut Value) -> Option<()>) -> bool {
    edit(files, ORGANIZATION, |template| {
        let body = template.pointer_mut("/Resources/Baseline/Properties/TemplateBody")?;
        let mut inner: Value = serde_json::from_str(body.as_str()?).ok()?;
        change(&mut inner)?;
        *body = Value::String(inner.to_string());
        Some(())
    })
}

fn trust(principal: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" } ] })
}

const DOCUMENT: &str = "/AssumeRolePolicyDocument";

fn allow(action: &Value, resource: &Value) -> Value {
    json!({ "Sid": "Broken", "Effect": "Allow", "Action": action, "Resource": resource })
}

fn anybody(action: &str) -> Value {
    json!({ "Sid": "Broken", "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*" })
}
