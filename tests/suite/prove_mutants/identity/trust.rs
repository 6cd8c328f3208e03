//! Whom a role trusts.

use serde_json::json;

use super::{
    ACCOUNTS, CELL, CONTAINER, DOCUMENT, POOL, TENANT, USER, USERS, baseline, of, set, take, trust,
};
use crate::prove_mutants::{Mutant, edit};

/// All of them.
pub const TRUSTS: &[Mutant] = &[
    of(
        CONTAINER,
        "a role of a tenant trusts everybody",
        |files| set(files, TENANT, "TaskRole", DOCUMENT, &trust(&json!({ "AWS": "*" }))),
        "TaskRole: its trust (statement 1) lets in everybody [",
    ),
    of(
        CONTAINER,
        "a role of a tenant trusts the account",
        |files| {
            let root = json!({ "AWS": "arn:aws:iam::333333333333:root" });
            set(files, TENANT, "TaskRole", DOCUMENT, &trust(&root))
        },
        "lets in everybody in account 333333333333",
    ),
    of(
        CONTAINER,
        "a role of a tenant trusts that of another",
        |files| {
            let name = json!({ "Fn::Join": ["", ["task-", { "Ref": "Tenant" }]] });
            let other = json!({ "AWS": "arn:aws:iam::333333333333:role/task-hooli" });
            edit(files, TENANT, |template| {
                template["Resources"]["TaskRole"]["Properties"]["RoleName"] = name;
                Some(())
            }) && set(files, TENANT, "TaskRole", DOCUMENT, &trust(&other))
        },
        "hooli -> hooli-labs: identity/trust",
    ),
    of(
        CONTAINER,
        "a role of a tenant trusts the organization",
        |files| {
            let mut all = trust(&json!({ "AWS": "*" }));
            all["Statement"][0]["Condition"] =
                json!({ "StringEquals": { "aws:PrincipalAccount": "333333333333" } });
            set(files, TENANT, "TaskRole", DOCUMENT, &all)
        },
        "lets in everybody in account 333333333333",
    ),
    of(
        POOL,
        "sessions of a pool are anybody's",
        |files| {
            set(
                files,
                CELL,
                "DataRole",
                "/AssumeRolePolicyDocument/Statement/0/Principal",
                &json!({ "AWS": "*" }),
            )
        },
        "DataRole: its trust (statement 1) lets in everybody [",
    ),
    of(
        POOL,
        "sessions of a pool are the account's",
        |files| {
            set(
                files,
                CELL,
                "DataRole",
                "/AssumeRolePolicyDocument/Statement/0/Principal",
                &json!({ "AWS": "333333333333" }),
            )
        },
        "DataRole: its trust (statement 1) lets in everybody in account",
    ),
    of(
        ACCOUNTS,
        "the external id is dropped",
        |files| {
            baseline(files, |body| {
                let role = &mut body["Resources"]["Deployer"]["Properties"];
                let statement = &mut role["AssumeRolePolicyDocument"]["Statement"][0];
                statement.as_object_mut()?.remove("Condition").map(|_| ())
            })
        },
        "Deployer: its trust (statement 1) lets in everybody in account 222222222222",
    ),
    of(
        ACCOUNTS,
        "the external id is the same for all",
        |files| {
            baseline(files, |body| {
                let role = &mut body["Resources"]["Deployer"]["Properties"];
                let statement = &mut role["AssumeRolePolicyDocument"]["Statement"][0];
                statement["Condition"]["StringEquals"]["sts:ExternalId"] = json!("acme-prod");
                Some(())
            })
        },
        "Deployer: its trust (statement 1) lets in everybody in account 222222222222",
    ),
    of(
        ACCOUNTS,
        "operators need no second factor",
        |files| {
            baseline(files, |body| {
                let role = &mut body["Resources"]["Operator"]["Properties"];
                let statement = &mut role["AssumeRolePolicyDocument"]["Statement"][0];
                statement.as_object_mut()?.remove("Condition").map(|_| ())
            })
        },
        "Operator: its trust (statement 1) lets in everybody in account 222222222222",
    ),
    of(
        USERS,
        "users of any pool of identities",
        |files| {
            take(
                files,
                USER,
                "UserRole",
                "/AssumeRolePolicyDocument/Statement/0/Condition/StringEquals",
                "cognito-identity.amazonaws.com:aud",
            )
        },
        "UserRole: its trust (statement 1) lets in everybody [",
    ),
    of(
        USERS,
        "users who did not log in",
        |files| {
            take(
                files,
                USER,
                "UserRole",
                "/AssumeRolePolicyDocument/Statement/0/Condition",
                "ForAnyValue:StringLike",
            )
        },
        "UserRole: its trust (statement 1) lets in everybody [",
    ),
    of(
        USERS,
        "users say themselves whose they are",
        |files| {
            take(
                files,
                USER,
                "UserRole",
                "/AssumeRolePolicyDocument/Statement/0/Condition/StringEquals",
                "aws:RequestTag/TenantId",
            )
        },
        "globex -> shared table @cell-basic-eu-west-1-1/",
    ),
];
