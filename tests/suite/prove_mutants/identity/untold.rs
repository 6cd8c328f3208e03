//! What cannot be told, what is no list, and who acts with a role in other ways than tasks do.

use serde_json::{Value, json};
use tenantry::prove::read::Engine::Terraform;

use super::{CELL, CONTAINER, POOL, TENANT, allow, make, of, set};
use crate::prove_mutants::{Files, Mutant, edit};

const SECRET: &str = "hooli -> hooli-labs: identity/role secretsmanager:getsecretvalue on secret @tenant-hooli-labs/";
const TAKEN: &str =
    "hooli -> hooli-labs: identity/trust sts:AssumeRole of @tenant-hooli-labs/TaskRole";
const TAKEN_BY_TERRAFORM: &str = "hooli -> hooli-labs: identity/trust sts:AssumeRole of @tenant-hooli-labs/aws_iam_role.task_role";
const SESSION: &str =
    "globex -> initech: identity/role dynamodb:getitem on table @cell-free-eu-west-1-1/";

const MODULE: &str = "terraform/modules/tenant-steady/main.tf.json";
const MODULE_OF_POOL: &str = "terraform/modules/cell-free/main.tf.json";

/// All of them.
pub fn untold() -> Vec<Mutant> {
    [LISTS, DENIALS, ACTS, OTHERS, MODULES].concat()
}

fn untellable() -> Value {
    json!({ "Fn::Select": [0, ["untold"]] })
}

fn secrets() -> Value {
    allow(&json!("secretsmanager:GetSecretValue"), &json!("*"))
}

/// Adds a policy to the role of tasks.
fn policy(files: &mut Files, statements: &Value) -> bool {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    let made = json!({ "Type": "AWS::IAM::RolePolicy", "Properties": {
        "RoleName": { "Ref": "TaskRole" }, "PolicyName": "broken", "PolicyDocument": document } });
    make(files, TENANT, "Broken", &made)
}

/// Adds a resource of the first tenant in the stacks of both.
fn acting(files: &mut Files, kind: &str, mut properties: Value) -> bool {
    properties["Tags"] = json!([{ "Key": "Tenant", "Value": "hooli" }]);
    make(files, TENANT, "Broken", &json!({ "Type": kind, "Properties": properties }))
}

fn role() -> Value {
    json!({ "Fn::GetAtt": ["TaskRole", "Arn"] })
}

fn user(files: &mut Files, groups: &Value) -> bool {
    let made = json!({ "Type": "AWS::IAM::User", "Properties": { "Groups": groups } });
    make(files, TENANT, "BrokenUser", &made)
}

const LISTS: &[Mutant] = &[
    of(
        CONTAINER,
        "policies that are one",
        |files| {
            let one = json!({ "PolicyName": "x", "PolicyDocument": { "Statement": secrets() } });
            edit(files, TENANT, |template| {
                template["Resources"]["TaskRole"]["Properties"]["Policies"] = one;
                Some(())
            })
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "policies that cannot be told",
        |files| {
            edit(files, TENANT, |template| {
                template["Resources"]["TaskRole"]["Properties"]["Policies"] = untellable();
                Some(())
            })
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "a statement that cannot be told",
        |files| policy(files, &json!([untellable()])),
        SECRET,
    ),
    of(
        CONTAINER,
        "what is spared cannot be told",
        |files| {
            let all = json!({ "Effect": "Allow", "NotAction": untellable(), "Resource": "*" });
            policy(files, &json!([all]))
        },
        SECRET,
    ),
];

const DENIALS: &[Mutant] = &[
    of(
        CONTAINER,
        "a denial of actions that cannot be told",
        |files| {
            let not = json!({ "Effect": "Deny", "Action": untellable(), "Resource": "*" });
            policy(files, &json!([secrets(), not]))
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "a denial on things that cannot be told",
        |files| {
            let not = json!({ "Effect": "Deny", "Action": "*", "Resource": untellable() });
            policy(files, &json!([secrets(), not]))
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "a denial that spares a part of what it is for",
        |files| {
            let not = json!({ "Effect": "Deny", "Action": "*",
                "NotResource": "arn:aws:secretsmanager:*:*:secret:*DB_PASSWORD*" });
            policy(files, &json!([secrets(), not]))
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "a denial on another thing by reference",
        |files| {
            let not = json!({ "Effect": "Deny", "Action": "*",
                "Resource": { "Fn::GetAtt": ["TaskRole", "Arn"] } });
            policy(files, &json!([secrets(), not]))
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "a denial on a condition that cannot be told",
        |files| {
            let not = json!({ "Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": { "StringEquals": untellable() } });
            policy(files, &json!([secrets(), not]))
        },
        SECRET,
    ),
];

const ACTS: &[Mutant] = &[
    of(
        CONTAINER,
        "an instance has the role of another",
        |files| {
            let profile = json!({ "Type": "AWS::IAM::InstanceProfile",
                "Properties": { "Roles": [{ "Ref": "TaskRole" }] } });
            make(files, TENANT, "BrokenProfile", &profile)
                && acting(
                    files,
                    "AWS::EC2::Instance",
                    json!({ "IamInstanceProfile": { "Ref": "BrokenProfile" } }),
                )
        },
        TAKEN,
    ),
    of(
        CONTAINER,
        "a build has the role of another",
        |files| acting(files, "AWS::CodeBuild::Project", json!({ "ServiceRole": role() })),
        TAKEN,
    ),
    of(
        CONTAINER,
        "a state machine has the role of another",
        |files| acting(files, "AWS::StepFunctions::StateMachine", json!({ "RoleArn": role() })),
        TAKEN,
    ),
    of(
        CONTAINER,
        "a service runs the tasks of another",
        |files| {
            let task = json!({ "TaskDefinition": { "Ref": "AppTaskDefinition" } });
            acting(files, "AWS::ECS::Service", task)
        },
        TAKEN,
    ),
];

const OTHERS: &[Mutant] = &[
    of(
        POOL,
        "sessions of a pool are administrators",
        |files| {
            edit(files, CELL, |template| {
                template["Resources"]["DataRole"]["Properties"]["ManagedPolicyArns"] =
                    json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
                Some(())
            })
        },
        SESSION,
    ),
    of(
        CONTAINER,
        "a policy of its own is for a user",
        |files| {
            let made = json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": {
                "Users": [{ "Ref": "BrokenUser" }], "PolicyDocument": { "Statement": secrets() } } });
            user(files, &json!([])) && make(files, TENANT, "Broken", &made)
        },
        SECRET,
    ),
    of(CONTAINER, "a user is in a group", |files| user(files, &json!(["operators"])), SECRET),
    of(
        CONTAINER,
        "a trust of the account by a name that cannot be told",
        |files| {
            let document = json!({ "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": { "AWS": "arn:aws:iam::333333333333:root" },
                "Condition": { "StringLike": { "aws:PrincipalTag/Team": untellable() } } } });
            set(files, TENANT, "TaskRole", super::DOCUMENT, &document)
        },
        TAKEN,
    ),
];

const fn module(
    blueprint: &'static str,
    name: &'static str,
    apply: fn(&mut Files) -> bool,
    expect: &'static str,
) -> Mutant {
    Mutant { engine: Terraform, ..of(blueprint, name, apply, expect) }
}

/// Adds a block to a module.
fn block(files: &mut Files, path: &str, kind: &str, body: Value) -> bool {
    edit(files, path, |module| {
        module["resource"][kind]["broken"] = body;
        Some(())
    })
}

/// Adds a policy to the role of tasks.
fn policy_of_role(files: &mut Files, statements: &Value) -> bool {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let body = json!({ "name": "broken", "role": "${aws_iam_role.task_role.id}", "policy": text });
    block(files, MODULE, "aws_iam_role_policy", body)
}

const MODULES: &[Mutant] = &[
    module(
        CONTAINER,
        "a statement that cannot be told",
        |files| policy_of_role(files, &json!(["${file(\"untold\")}"])),
        SECRET,
    ),
    module(
        CONTAINER,
        "what is spared cannot be told",
        |files| {
            let spared =
                json!({ "Effect": "Allow", "NotAction": "${file(var.a)}", "Resource": "*" });
            policy_of_role(files, &json!([spared]))
        },
        SECRET,
    ),
    module(
        CONTAINER,
        "a denial of actions that cannot be told",
        |files| {
            let not = json!({ "Effect": "Deny", "Action": "${file(var.a)}", "Resource": "*" });
            policy_of_role(files, &json!([secrets(), not]))
        },
        SECRET,
    ),
    module(
        CONTAINER,
        "an instance has the role of another",
        |files| {
            let profile = json!({ "role": "${aws_iam_role.task_role.name}" });
            let instance = json!({ "tags": { "Tenant": "hooli" },
                "iam_instance_profile": "${aws_iam_instance_profile.broken.name}" });
            block(files, MODULE, "aws_iam_instance_profile", profile)
                && block(files, MODULE, "aws_instance", instance)
        },
        TAKEN_BY_TERRAFORM,
    ),
    module(
        CONTAINER,
        "a build has the role of another",
        |files| {
            let body = json!({ "service_role": "${aws_iam_role.task_role.arn}",
                "tags": { "Tenant": "hooli" } });
            block(files, MODULE, "aws_codebuild_project", body)
        },
        TAKEN_BY_TERRAFORM,
    ),
    module(
        POOL,
        "sessions of a pool are administrators",
        |files| {
            let body = json!({ "role": "${aws_iam_role.data_role.name}",
                "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess" });
            block(files, MODULE_OF_POOL, "aws_iam_role_policy_attachment", body)
        },
        SESSION,
    ),
];
