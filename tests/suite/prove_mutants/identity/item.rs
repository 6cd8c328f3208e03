//! Which items of a shared table a session gets at.

use serde_json::json;

use super::{CELL, LARGE, POOL, USAGE, allow, of, say, set, take};
use crate::prove_mutants::Mutant;

/// Statement of the data role of a pool.
const CONDITION: &str = "/PolicyDocument/Statement/0/Condition";
const EXPECT: &str = "globex -> initech: identity/role dynamodb:";

/// All of them.
pub const ITEMS: &[Mutant] = &[
    of(
        POOL,
        "leading keys without the guard of Null",
        |files| take(files, CELL, "DataRolePolicy", CONDITION, "Null"),
        EXPECT,
    ),
    of(
        POOL,
        "no condition on leading keys",
        |files| take(files, CELL, "DataRolePolicy", "/PolicyDocument/Statement/0", "Condition"),
        EXPECT,
    ),
    of(
        POOL,
        "leading keys by another tag",
        |files| {
            let keys = json!({ "dynamodb:LeadingKeys": ["${aws:PrincipalTag/Tier}"] });
            set(
                files,
                CELL,
                "DataRolePolicy",
                &format!("{CONDITION}/ForAllValues:StringEquals"),
                &keys,
            )
        },
        EXPECT,
    ),
    of(
        POOL,
        "leading keys that begin so",
        |files| {
            let keys = json!({ "ForAllValues:StringLike":
                    { "dynamodb:LeadingKeys": ["${aws:PrincipalTag/TenantId}*"] },
                    "Null": { "dynamodb:LeadingKeys": "false" } });
            set(files, CELL, "DataRolePolicy", CONDITION, &keys)
        },
        EXPECT,
    ),
    of(
        POOL,
        "leading keys of any kind",
        |files| {
            let keys = json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["*"] },
                    "Null": { "dynamodb:LeadingKeys": "false" } });
            set(files, CELL, "DataRolePolicy", CONDITION, &keys)
        },
        EXPECT,
    ),
    of(
        POOL,
        "one leading key of several",
        |files| {
            let keys = json!({ "ForAnyValue:StringEquals":
                    { "dynamodb:LeadingKeys": ["${aws:PrincipalTag/TenantId}"] },
                    "Null": { "dynamodb:LeadingKeys": "false" } });
            set(files, CELL, "DataRolePolicy", CONDITION, &keys)
        },
        EXPECT,
    ),
    of(
        POOL,
        "leading keys where there are some",
        |files| {
            let keys = json!({ "ForAllValues:StringEqualsIfExists":
                    { "dynamodb:LeadingKeys": ["${aws:PrincipalTag/TenantId}"] },
                    "Null": { "dynamodb:LeadingKeys": "false" } });
            set(files, CELL, "DataRolePolicy", CONDITION, &keys)
        },
        EXPECT,
    ),
    of(
        POOL,
        "a scan is allowed",
        |files| {
            let table = json!({ "Fn::GetAtt": ["OrdersTable", "Arn"] });
            let scan = allow(&json!("dynamodb:Scan"), &table);
            say(files, CELL, "DataRolePolicy", "PolicyDocument", &scan)
        },
        "Broken allows dynamodb:scan",
    ),
    of(
        POOL,
        "dynamodb:*",
        |files| {
            let all = allow(&json!("dynamodb:*"), &json!("*"));
            say(files, CELL, "DataRolePolicy", "PolicyDocument", &all)
        },
        "Broken allows dynamodb:getitem",
    ),
    of(
        "application-tables.yaml",
        "tables of all",
        |files| {
            let all = json!({ "Fn::Join": ["", [
                    "arn:aws:dynamodb:eu-west-1:333333333333:table/", { "Ref": "Name" }, ".*" ]] });
            let at = "/PolicyDocument/Statement/0/Resource";
            set(files, "cloudformation/templates/cell-basic.json", "DataRolePolicy", at, &all)
        },
        "initech -> globex: identity/role dynamodb:getitem on table @tenant-globex/",
    ),
    of(
        USAGE,
        "the use of all is read",
        |files| {
            take(
                files,
                LARGE,
                "TaskRoleChargebackPolicy",
                "/PolicyDocument/Statement/1",
                "Condition",
            )
        },
        "dynamodb:getitem on table @chargeback",
    ),
    of(
        USAGE,
        "use is reported for another",
        |files| {
            let any = json!({ "StringLike": { "events:source": "usage.starter.*" } });
            set(
                files,
                LARGE,
                "TaskRoleChargebackPolicy",
                "/PolicyDocument/Statement/0/Condition",
                &any,
            )
        },
        "events:putevents on event bus @chargeback",
    ),
];
