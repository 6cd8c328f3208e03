//! Policies that are broken.

use serde_json::{Value, json};
use tenantry::prove::read::Engine::{CloudFormation, Terraform};

use super::{Files, Mutant, edit, swap};

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

fn of(
    blueprint: &'static str,
    name: &'static str,
    apply: fn(&mut Files) -> bool,
    expect: &'static str,
) -> Mutant {
    Mutant { name, blueprint, engine: CloudFormation, apply, expect }
}

/// All of them.
pub fn mutants() -> Vec<Mutant> {
    let mut all = trusts();
    all.extend(roles());
    all.extend(keys_of_items());
    all.extend(parts());
    all.extend(things());
    all.extend(bounds());
    all.extend(terraform());
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

fn trusts() -> Vec<Mutant> {
    vec![
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
    ]
}

fn allow(action: &Value, resource: &Value) -> Value {
    json!({ "Sid": "Broken", "Effect": "Allow", "Action": action, "Resource": resource })
}

fn roles() -> Vec<Mutant> {
    const OF: &str = "PolicyDocument";
    vec![
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
                let write =
                    allow(&json!("iam:Update*"), &json!("arn:aws:iam::333333333333:role/*"));
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
    ]
}

/// Statement of the data role of a pool.
const ITEMS: &str = "/PolicyDocument/Statement/0/Condition";

fn keys_of_items() -> Vec<Mutant> {
    let expect = "globex -> initech: identity/role dynamodb:";
    vec![
        of(
            POOL,
            "leading keys without the guard of Null",
            |files| take(files, CELL, "DataRolePolicy", ITEMS, "Null"),
            expect,
        ),
        of(
            POOL,
            "no condition on leading keys",
            |files| take(files, CELL, "DataRolePolicy", "/PolicyDocument/Statement/0", "Condition"),
            expect,
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
                    &format!("{ITEMS}/ForAllValues:StringEquals"),
                    &keys,
                )
            },
            expect,
        ),
        of(
            POOL,
            "leading keys that begin so",
            |files| {
                let keys = json!({ "ForAllValues:StringLike":
                    { "dynamodb:LeadingKeys": ["${aws:PrincipalTag/TenantId}*"] },
                    "Null": { "dynamodb:LeadingKeys": "false" } });
                set(files, CELL, "DataRolePolicy", ITEMS, &keys)
            },
            expect,
        ),
        of(
            POOL,
            "leading keys of any kind",
            |files| {
                let keys = json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["*"] },
                    "Null": { "dynamodb:LeadingKeys": "false" } });
                set(files, CELL, "DataRolePolicy", ITEMS, &keys)
            },
            expect,
        ),
        of(
            POOL,
            "one leading key of several",
            |files| {
                let keys = json!({ "ForAnyValue:StringEquals":
                    { "dynamodb:LeadingKeys": ["${aws:PrincipalTag/TenantId}"] },
                    "Null": { "dynamodb:LeadingKeys": "false" } });
                set(files, CELL, "DataRolePolicy", ITEMS, &keys)
            },
            expect,
        ),
        of(
            POOL,
            "leading keys where there are some",
            |files| {
                let keys = json!({ "ForAllValues:StringEqualsIfExists":
                    { "dynamodb:LeadingKeys": ["${aws:PrincipalTag/TenantId}"] },
                    "Null": { "dynamodb:LeadingKeys": "false" } });
                set(files, CELL, "DataRolePolicy", ITEMS, &keys)
            },
            expect,
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
    ]
}

fn parts() -> Vec<Mutant> {
    const LIST: &str = "/PolicyDocument/Statement/2/Condition";
    vec![
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
                set(
                    files,
                    ANALYTICS,
                    "TenantRolePolicy",
                    "/PolicyDocument/Statement/0/Resource",
                    &all,
                )
            },
            "ReadRecords allows s3:getobject",
        ),
        of(
            LAKE,
            "a prefix without its end",
            |files| {
                let all = json!({ "Fn::Join": ["", [
                    { "Fn::GetAtt": ["Lake", "Arn"] }, "/tenant=${aws:PrincipalTag/TenantId}*" ]] });
                set(
                    files,
                    ANALYTICS,
                    "TenantRolePolicy",
                    "/PolicyDocument/Statement/0/Resource",
                    &all,
                )
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
    ]
}

fn anybody(action: &str) -> Value {
    json!({ "Sid": "Broken", "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*" })
}

fn things() -> Vec<Mutant> {
    vec![
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
                one["Condition"] =
                    json!({ "StringEquals": { "kms:CallerAccount": "333333333333" } });
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
    ]
}

fn bounds() -> Vec<Mutant> {
    const SHAPE: &str = "cloudformation/templates/tenant-enterprise.2333d7.json";
    vec![
        of(
            ACCOUNTS,
            "an endpoint lets everybody through",
            |files| {
                let at = "/PolicyDocument/Statement/0";
                take(files, SHAPE, "InterfaceEndpointLogs", at, "Condition")
            },
            "endpoint @tenant-initech/InterfaceEndpointLogs: OwnAccount lets everybody through",
        ),
        of(
            ACCOUNTS,
            "an endpoint without a policy",
            |files| take(files, SHAPE, "InterfaceEndpointLogs", "", "PolicyDocument"),
            "endpoint @tenant-initech/InterfaceEndpointLogs",
        ),
        of(
            ACCOUNTS,
            "a service control policy is detached",
            |files| set(files, ORGANIZATION, "StayPolicy", "/TargetIds", &json!([])),
            "identity/service-control organizations:leaveorganization",
        ),
        of(
            ACCOUNTS,
            "a service control policy guards fewer roles",
            |files| {
                let at = "/Content/Statement/1/Resource";
                set(files, ORGANIZATION, "ProtectPolicy", at, &json!(["arn:*:iam::*:role/other"]))
            },
            "identity/service-control iam:updateassumerolepolicy",
        ),
        of(
            ACCOUNTS,
            "a service control policy spares everybody",
            |files| {
                let at = "/Content/Statement/0/Condition";
                let spared =
                    json!({ "ArnNotLike": { "aws:PrincipalArn": ["arn:*:iam::*:role/*"] } });
                set(files, ORGANIZATION, "ProtectPolicy", at, &spared)
            },
            "identity/service-control cloudtrail:stoplogging",
        ),
        of(
            ACCOUNTS,
            "a denial of the organization is turned",
            |files| {
                set(
                    files,
                    ORGANIZATION,
                    "StayPolicy",
                    "/Content/Statement/0/Effect",
                    &json!("Allow"),
                )
            },
            "identity/service-control organizations:leaveorganization",
        ),
    ]
}

fn terraform() -> Vec<Mutant> {
    const MODULE: &str = "terraform/modules/tenant-steady/main.tf.json";
    const MODULE_OF_POOL: &str = "terraform/modules/cell-free/main.tf.json";
    let one = |blueprint, name, apply, expect| Mutant {
        engine: Terraform,
        ..of(blueprint, name, apply, expect)
    };
    vec![
        one(
            CONTAINER,
            "a role of a tenant trusts everybody",
            |files| {
                swap(
                    files,
                    MODULE,
                    r#"{\"Service\":\"lambda.amazonaws.com\"}"#,
                    r#"{\"AWS\":\"*\"}"#,
                )
            },
            "step_role: its trust (statement 1) lets in everybody [",
        ),
        one(
            CONTAINER,
            "the path of secrets is that of all tenants",
            |files| swap(files, MODULE, "tenant/${var.tenant}/app/*", "tenant/*"),
            "secretsmanager:getsecretvalue on secret",
        ),
        one(
            POOL,
            "leading keys without the guard of Null",
            |files| {
                swap(files, MODULE_OF_POOL, r#",\"Null\":{\"dynamodb:LeadingKeys\":\"false\"}"#, "")
            },
            "globex -> initech: identity/role dynamodb:",
        ),
        one(
            POOL,
            "a queue for everybody",
            |files| {
                swap(
                    files,
                    MODULE_OF_POOL,
                    r#"\"Effect\":\"Deny\",\"Principal\":\"*\""#,
                    r#"\"Effect\":\"Allow\",\"Principal\":\"*\""#,
                )
            },
            "EncryptedOnly lets in the internet",
        ),
        one(
            ACCOUNTS,
            "an endpoint lets everybody through",
            |files| {
                swap(
                    files,
                    "terraform/modules/tenant-enterprise.2333d7/main.tf.json",
                    r#",\"Condition\":{\"StringEquals\":{\"aws:PrincipalAccount\":\"${data.aws_caller_identity.current.account_id}\"}}"#,
                    "",
                )
            },
            "OwnAccount lets everybody through",
        ),
        one(
            ACCOUNTS,
            "a service control policy is detached",
            |files| {
                edit(files, "terraform/modules/organization/main.tf.json", |module| {
                    let all = module["resource"]["aws_organizations_policy_attachment"]
                        .as_object_mut()?;
                    all.remove("stay_policy_attachment_1").map(|_| ())
                })
            },
            "identity/service-control organizations:leaveorganization",
        ),
        one(
            USERS,
            "users say themselves whose they are",
            |files| {
                swap(
                    files,
                    "terraform/modules/identity-basic/main.tf.json",
                    r#",\"aws:RequestTag/TenantId\":\"${var.tenant}\""#,
                    "",
                )
            },
            "globex -> shared table",
        ),
        one(
            CONTAINER,
            "a function is called for anybody",
            |files| {
                edit(files, MODULE, |module| {
                    let all = &mut module["resource"]["aws_lambda_permission"];
                    let one = all["app_high_alarm_permission"].as_object_mut()?;
                    one.remove("source_arn")?;
                    one.remove("source_account").map(|_| ())
                })
            },
            "lets in the internet",
        ),
    ]
}
