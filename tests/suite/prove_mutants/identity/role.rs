//! What a role may do.

use serde_json::json;

use super::{CONTAINER, TENANT, allow, of, say, set};
use crate::prove_mutants::{Mutant, edit};

const OF: &str = "PolicyDocument";

/// All of them.
pub const ROLES: &[Mutant] = &[
    of(
        CONTAINER,
        "Resource: *",
        |files| {
            set(
                files,
                TENANT,
                "TaskRolePolicy",
                "/PolicyDocument/Statement/0/Resource",
                &json!("*"),
            )
        },
        "secretsmanager:getsecretvalue on secret @tenant-hooli-labs/",
    ),
    of(
        CONTAINER,
        "Action: *",
        |files| {
            let all = allow(&json!("*"), &json!("*"));
            say(files, TENANT, "TaskRolePolicy", OF, &all)
        },
        "Broken allows secretsmanager:getsecretvalue",
    ),
    of(
        CONTAINER,
        "all actions but some",
        |files| {
            let all = json!({ "Sid": "Broken", "Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*" });
            say(files, TENANT, "TaskRolePolicy", OF, &all)
        },
        "Broken allows",
    ),
    of(
        CONTAINER,
        "all resources but some",
        |files| {
            let all = json!({ "Sid": "Broken", "Effect": "Allow", "Action": "secretsmanager:*",
                    "NotResource": "arn:aws:secretsmanager:us-east-2:333333333333:secret:/root/*" });
            say(files, TENANT, "TaskRolePolicy", OF, &all)
        },
        "Broken allows secretsmanager:",
    ),
    of(
        CONTAINER,
        "a policy names the path of another",
        |files| {
            let path = json!(
                "arn:aws:secretsmanager:us-east-2:333333333333:secret:/dock/test/tenant/hooli-labs/app/*"
            );
            set(files, TENANT, "TaskRolePolicy", "/PolicyDocument/Statement/0/Resource", &path)
        },
        "hooli -> hooli-labs: identity/role secretsmanager:getsecretvalue",
    ),
    of(
        CONTAINER,
        "the path of parameters is that of all tenants",
        |files| {
            let path = json!("arn:aws:ssm:us-east-2:333333333333:parameter/dock/test/tenant/*");
            set(files, TENANT, "TaskRolePolicy", "/PolicyDocument/Statement/1/Resource", &path)
        },
        "ssm:getparameter on parameter",
    ),
    of(
        CONTAINER,
        "the path of one begins that of another",
        |files| {
            let path = json!({ "Fn::Join": ["", [
                    "arn:aws:ssm:us-east-2:333333333333:parameter/dock/test/tenant/",
                    { "Ref": "Tenant" }, "*" ]] });
            set(files, TENANT, "TaskRolePolicy", "/PolicyDocument/Statement/1/Resource", &path)
        },
        "hooli -> hooli-labs: identity/role ssm:getparameter",
    ),
    of(
        CONTAINER,
        "logs of all",
        |files| {
            let logs = json!("arn:aws:logs:us-east-2:333333333333:log-group:*");
            let read = allow(&json!("logs:GetLogEvents"), &logs);
            say(files, TENANT, "TaskRolePolicy", OF, &read)
        },
        "logs:getlogevents on log group @tenant-hooli",
    ),
    of(
        CONTAINER,
        "PassRole on everything",
        |files| {
            let pass = allow(&json!("iam:PassRole"), &json!("*"));
            say(files, TENANT, "TaskRolePolicy", OF, &pass)
        },
        "iam:passrole on role @tenant-hooli",
    ),
    of(
        CONTAINER,
        "trust of roles is rewritten",
        |files| {
            let write = allow(&json!("iam:Update*"), &json!("arn:aws:iam::333333333333:role/*"));
            say(files, TENANT, "TaskRolePolicy", OF, &write)
        },
        "iam:updateassumerolepolicy on role @tenant-hooli",
    ),
    of(
        CONTAINER,
        "services of all are changed",
        |files| {
            set(
                files,
                TENANT,
                "StepRolePolicy",
                "/PolicyDocument/Statement/0/Resource",
                &json!("*"),
            )
        },
        "ecs:updateservice on service @tenant-hooli",
    ),
    of(
        CONTAINER,
        "a role is an administrator",
        |files| {
            edit(files, TENANT, |template| {
                template["Resources"]["TaskRole"]["Properties"]["ManagedPolicyArns"] =
                    json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
                Some(())
            })
        },
        "AdministratorAccess allows",
    ),
    of(
        CONTAINER,
        "a container is given the secret of another",
        |files| {
            let secret = json!(
                "arn:aws:secretsmanager:us-east-2:333333333333:secret:/dock/test/tenant/hooli-labs/app/app/DB_PASSWORD"
            );
            let at = "/ContainerDefinitions/0/Secrets/0/ValueFrom";
            set(files, TENANT, "AppTaskDefinition", at, &secret)
        },
        "hooli -> hooli-labs: identity/workload",
    ),
];
