//! Which part of a lake a session gets at.

use serde_json::json;

use super::{ANALYTICS, LAKE, allow, of, say, set, take};
use crate::prove_mutants::Mutant;

const LIST: &str = "/PolicyDocument/Statement/2/Condition";

/// All of them.
pub const PARTS: &[Mutant] = &[
    of(
        LAKE,
        "the condition on a prefix is dropped",
        |files| take(files, ANALYTICS, "TenantRolePolicy", LIST, "StringLike"),
        "List allows s3:listbucket",
    ),
    of(
        LAKE,
        "objects of all",
        |files| {
            let all = json!({ "Fn::Join": ["", [{ "Fn::GetAtt": ["Lake", "Arn"] }, "/*"]] });
            set(files, ANALYTICS, "TenantRolePolicy", "/PolicyDocument/Statement/0/Resource", &all)
        },
        "ReadRecords allows s3:getobject",
    ),
    of(
        LAKE,
        "a prefix without its end",
        |files| {
            let all = json!({ "Fn::Join": ["", [
                    { "Fn::GetAtt": ["Lake", "Arn"] }, "/tenant=${aws:PrincipalTag/TenantId}*" ]] });
            set(files, ANALYTICS, "TenantRolePolicy", "/PolicyDocument/Statement/0/Resource", &all)
        },
        "ReadRecords allows s3:getobject",
    ),
    of(
        LAKE,
        "s3:*",
        |files| {
            let all = allow(&json!("s3:*"), &json!("*"));
            say(files, ANALYTICS, "TenantRolePolicy", "PolicyDocument", &all)
        },
        "Broken allows s3:",
    ),
];
