//! Roles and policies of an account: who may act, and what they may do.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::take::{items, text};
use crate::api::Api;

const VERSION: &str = "2010-05-08";

/// The account's own roles, each with its policies.
pub fn roles(api: &Api) -> Result<Vec<Value>, String> {
    let told = ask(api, "ListRoles", &[])?;
    let mut roles = items(&told["Roles"]).to_vec();
    // AWS makes the one by which a member of an organization is entered.
    let made = |role: &Value| role["RoleName"] == "OrganizationAccountAccessRole";
    roles.retain(|role| !text(role, "Path").starts_with("/aws-") && !made(role));
    for role in &mut roles {
        let name = text(role, "RoleName");
        let asked = [("RoleName", name.as_str())];
        let told = ask(api, "GetRole", &asked)?["Role"].clone();
        let pair = |tag: &Value| json!({"key": tag["Key"], "value": tag["Value"]});
        role["tagSet"] = items(&told["Tags"]).iter().map(pair).collect();
        role["boundary"] = told["PermissionsBoundary"]["PermissionsBoundaryArn"].clone();
        role["trust"] = document(&told["AssumeRolePolicyDocument"]);
        let attached = ask(api, "ListAttachedRolePolicies", &asked)?;
        let attached = items(&attached["AttachedPolicies"]).iter();
        role["attached"] = attached.map(|policy| policy["PolicyArn"].clone()).collect();
        let mut inline = Map::new();
        for policy in items(&ask(api, "ListRolePolicies", &asked)?["PolicyNames"]) {
            let policy = policy.as_str().unwrap_or_default();
            let told = ask(api, "GetRolePolicy", &[asked[0], ("PolicyName", policy)])?;
            inline.insert(policy.to_owned(), document(&told["PolicyDocument"]));
        }
        role["inline"] = Value::Object(inline);
    }
    Ok(roles)
}

/// The account's own managed policies, each with its document.
pub fn policies(api: &Api) -> Result<Vec<Value>, String> {
    let told = ask(api, "ListPolicies", &[("Scope", "Local")])?;
    let mut policies = items(&told["Policies"]).to_vec();
    for policy in &mut policies {
        let (arn, version) = (text(policy, "Arn"), text(policy, "DefaultVersionId"));
        let asked = [("PolicyArn", arn.as_str()), ("VersionId", version.as_str())];
        let told = ask(api, "GetPolicyVersion", &asked)?;
        policy["document"] = document(&told["PolicyVersion"]["Document"]);
    }
    Ok(policies)
}

fn ask(api: &Api, action: &str, asked: &[(&str, &str)]) -> Result<Value, String> {
    let answer = api.query("iam", VERSION, action, asked)?;
    Ok(answer[format!("{action}Result")].clone())
}

/// A policy document: JSON, percent-encoded, as IAM gives it.
fn document(encoded: &Value) -> Value {
    let text = encoded.as_str().unwrap_or_default();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte =
            pair.filter(|_| first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    let text = String::from_utf8_lossy(&bytes);
    serde_json::from_str(&text).map_or_else(|_| json!(text), |document| alike(&document))
}

/// One action or resource and a list of one are the same; AWS and the engines write either.
pub fn alike(document: &Value) -> Value {
    match document {
        Value::Array(list) if list.len() == 1 => alike(&list[0]),
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(alike).collect();
            list.sort_by_key(Value::to_string);
            Value::Array(list)
        }
        Value::Object(object) => {
            let sorted: BTreeMap<&String, &Value> = object.iter().collect();
            sorted.into_iter().map(|(key, value)| (key.clone(), alike(value))).collect()
        }
        // The ARN of a log group ends with `:*` in one engine only.
        Value::String(text) if text.contains(":log-group:") => json!(text.trim_end_matches(":*")),
        other => other.clone(),
    }
}
