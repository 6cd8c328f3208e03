//! Whom a bucket, key, queue or another thing lets in.

use serde_json::json;

use super::{
    ANALYTICS, CELL, CONTAINER, KEY, KEYS, LAKE, POOL, TENANT, USAGE, anybody, make, of, say, set,
    take,
};
use crate::prove_mutants::{Mutant, edit};

/// All of them.
pub const THINGS: &[Mutant] = &[
    of(
        LAKE,
        "a bucket for everybody",
        |files| say(files, ANALYTICS, "LakePolicy", "PolicyDocument", &anybody("s3:GetObject")),
        "the internet -> hooli: identity/resource-policy bucket",
    ),
    of(
        LAKE,
        "a bucket for a role that is not here",
        |files| {
            let mut one = anybody("s3:GetObject");
            one["Principal"] = json!({ "AWS": "arn:aws:iam::333333333333:role/initech-app" });
            say(files, ANALYTICS, "LakePolicy", "PolicyDocument", &one)
        },
        "Broken lets in shared arn:aws:iam::333333333333:role/initech-app",
    ),
    of(
        LAKE,
        "a denial is turned",
        |files| {
            set(
                files,
                ANALYTICS,
                "LakePolicy",
                "/PolicyDocument/Statement/0/Effect",
                &json!("Allow"),
            )
        },
        "EncryptedOnly lets in the internet",
    ),
    of(
        KEYS,
        "a key for everybody",
        |files| say(files, KEY, "DataKey", "KeyPolicy", &anybody("kms:Decrypt")),
        "the internet -> globex: identity/resource-policy key",
    ),
    of(
        KEYS,
        "a key for the whole account",
        |files| {
            let mut one = anybody("kms:Decrypt");
            one["Condition"] = json!({ "StringEquals": { "kms:CallerAccount": "333333333333" } });
            say(files, KEY, "DataKey", "KeyPolicy", &one)
        },
        "hooli -> globex: identity/resource-policy key",
    ),
    of(
        KEYS,
        "a key for who is tagged as another",
        |files| {
            let mut one = anybody("kms:Decrypt");
            one["Condition"] = json!({ "StringEquals": {
                    "kms:CallerAccount": "333333333333", "aws:PrincipalTag/Tenant": "hooli" } });
            say(files, KEY, "DataKey", "KeyPolicy", &one)
        },
        "hooli -> globex: identity/resource-policy key",
    ),
    of(
        KEYS,
        "grants of a key for another",
        |files| {
            let mut one = anybody("kms:CreateGrant");
            one["Principal"] = json!({ "AWS": "arn:aws:iam::333333333333:role/hooli-app" });
            say(files, KEY, "DataKey", "KeyPolicy", &one)
        },
        "Broken lets in shared arn:aws:iam::333333333333:role/hooli-app",
    ),
    of(
        POOL,
        "a queue for everybody",
        |files| say(files, CELL, "QueuePolicy", "PolicyDocument", &anybody("sqs:*")),
        "policy of QueuePolicy: Broken lets in the internet",
    ),
    of(
        POOL,
        "a queue for a service that acts for anybody",
        |files| {
            let mut one = anybody("sqs:SendMessage");
            one["Principal"] = json!({ "Service": "sns.amazonaws.com" });
            say(files, CELL, "QueuePolicy", "PolicyDocument", &one)
        },
        "policy of QueuePolicy: Broken lets in the internet",
    ),
    of(
        POOL,
        "a table for everybody",
        |files| {
            let policy =
                json!({ "PolicyDocument": { "Statement": [anybody("dynamodb:GetItem")] } });
            edit(files, CELL, |template| {
                template["Resources"]["OrdersTable"]["Properties"]["ResourcePolicy"] = policy;
                Some(())
            })
        },
        "policy of OrdersTable: Broken lets in the internet",
    ),
    of(
        CONTAINER,
        "a secret for everybody",
        |files| {
            let policy = json!({ "Type": "AWS::SecretsManager::ResourcePolicy", "Properties": {
                    "SecretId": { "Ref": "AppSecretDbPassword" },
                    "ResourcePolicy": { "Statement": [anybody("secretsmanager:GetSecretValue")] } } });
            make(files, TENANT, "Broken", &policy)
        },
        "the internet -> hooli: identity/resource-policy secret",
    ),
    of(
        CONTAINER,
        "a repository for everybody",
        |files| {
            let made = json!({ "Type": "AWS::ECR::Repository", "Properties": {
                    "RepositoryPolicyText": { "Statement": [anybody("ecr:BatchGetImage")] } } });
            make(files, TENANT, "Broken", &made)
        },
        "the internet -> hooli: identity/resource-policy repository",
    ),
    of(
        CONTAINER,
        "a function is called for anybody",
        |files| {
            take(files, TENANT, "AppHighAlarmPermission", "", "SourceArn")
                && take(files, TENANT, "AppHighAlarmPermission", "", "SourceAccount")
        },
        "AppHighAlarmPermission lets in the internet",
    ),
    of(
        USAGE,
        "a bus for everybody",
        |files| {
            let made = json!({ "Type": "AWS::Events::EventBusPolicy", "Properties": {
                    "EventBusName": { "Ref": "Bus" }, "StatementId": "broken",
                    "Statement": anybody("events:PutEvents") } });
            make(files, "cloudformation/templates/chargeback.json", "Broken", &made)
        },
        "identity/resource-policy event bus",
    ),
    of(
        "component-monitoring.yaml",
        "a topic for everybody",
        |files| {
            let path = "cloudformation/templates/monitoring.json";
            say(files, path, "CriticalTopicPolicy", "PolicyDocument", &anybody("sns:Subscribe"))
        },
        "identity/resource-policy topic",
    ),
];
