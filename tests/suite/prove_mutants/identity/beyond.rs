//! Acts that are on no list, conditions that hold where nobody thinks so, and what feeds a tenant.

use serde_json::{Value, json};

use super::{CONTAINER, TENANT, allow, edit, make, of, say};
use crate::prove_mutants::{Files, Mutant};

/// All of them.
pub fn beyond() -> Vec<Mutant> {
    [ACTS, CONDITIONS, FEEDS].concat()
}

/// Lets tasks do something more.
fn may(files: &mut Files, statement: &Value) -> bool {
    say(files, TENANT, "TaskRolePolicy", "PolicyDocument", statement)
}

fn act(files: &mut Files, action: &str) -> bool {
    may(files, &allow(&json!(action), &json!("*")))
}

const SECRET: &str = "hooli -> hooli-labs: identity/role secretsmanager:getsecretvalue on secret @tenant-hooli-labs/";

const ACTS: &[Mutant] = &[
    of(
        CONTAINER,
        "containers are entered",
        |f| act(f, "ecs:ExecuteCommand"),
        "identity/action ecs:executecommand",
    ),
    of(
        CONTAINER,
        "tasks of others are run",
        |f| act(f, "ecs:RunTask"),
        "identity/action ecs:runtask",
    ),
    of(
        CONTAINER,
        "routes are made",
        |f| act(f, "ec2:CreateRoute"),
        "identity/action ec2:createroute",
    ),
    of(
        CONTAINER,
        "groups are opened",
        |f| act(f, "ec2:Authorize*"),
        "identity/action ec2:authorize*",
    ),
    of(
        CONTAINER,
        "policies get new versions",
        |f| act(f, "iam:CreatePolicyVersion"),
        "identity/action iam:createpolicyversion",
    ),
    of(
        CONTAINER,
        "stacks are changed",
        |f| act(f, "cloudformation:UpdateStack"),
        "identity/action cloudformation:updatestack",
    ),
    of(
        CONTAINER,
        "commands are sent",
        |f| act(f, "ssm:SendCommand"),
        "identity/action ssm:sendcommand",
    ),
    of(
        CONTAINER,
        "secrets are copied elsewhere",
        |f| act(f, "secretsmanager:ReplicateSecretToRegions"),
        "identity/action secretsmanager:replicatesecrettoregions",
    ),
    of(
        CONTAINER,
        "roles are tagged as another's",
        |f| act(f, "iam:TagRole"),
        "iam:tagrole on role",
    ),
];

/// All secrets are allowed, and a denial that does not deny.
fn denied(files: &mut Files, resource: &str, condition: &Value) -> bool {
    let mut denial = json!({ "Effect": "Deny", "Action": "*", "Resource": resource });
    if condition.is_object() {
        denial["Condition"] = condition.clone();
    }
    act(files, "secretsmanager:GetSecretValue") && may(files, &denial)
}

fn on(files: &mut Files, condition: &Value) -> bool {
    let mut statement = allow(&json!("secretsmanager:GetSecretValue"), &json!("*"));
    statement["Condition"] = condition.clone();
    may(files, &statement)
}

const CONDITIONS: &[Mutant] = &[
    of(
        CONTAINER,
        "a variable without a value has a default",
        |files| {
            let path = "${aws:PrincipalTag/Team, 'hooli-labs'}";
            let arn = format!(
                "arn:aws:secretsmanager:us-east-2:333333333333:secret:/dock/test/tenant/{path}/app/*"
            );
            may(files, &allow(&json!("secretsmanager:GetSecretValue"), &json!(arn)))
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "a denial is for what a variable can be",
        |files| {
            denied(
                files,
                "arn:aws:secretsmanager:us-east-2:333333333333:secret:${aws:userid}",
                &Value::Null,
            )
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "a denial asks for another value of a tag that is not there",
        |files| {
            denied(
                files,
                "*",
                &json!({ "ForAnyValue:StringNotEquals": { "aws:PrincipalTag/Team": "x" } }),
            )
        },
        SECRET,
    ),
    of(
        CONTAINER,
        "a condition by an operator that nobody knows",
        |files| on(files, &json!({ "stringnotequals": { "aws:PrincipalTag/Team": "x" } })),
        SECRET,
    ),
    of(
        CONTAINER,
        "a tag is there or not",
        |files| on(files, &json!({ "Null": { "aws:PrincipalTag/Tenant": ["true", "false"] } })),
        SECRET,
    ),
    of(
        CONTAINER,
        "a tag of a thing is asked for, if it has one",
        |files| {
            on(
                files,
                &json!({ "StringEqualsIfExists": { "aws:ResourceTag/Tenant": "${aws:PrincipalTag/Tenant}" } }),
            )
        },
        SECRET,
    ),
];

const FEEDS: &[Mutant] = &[
    of(
        CONTAINER,
        "a topic of somebody's is subscribed to",
        |files| {
            let made = json!({ "TopicArn": "arn:aws:sns:us-east-2:333333333333:alarms", "Protocol": "https", "Endpoint": "https://x.example" });
            make(
                files,
                TENANT,
                "Broken",
                &json!({ "Type": "AWS::SNS::Subscription", "Properties": made }),
            )
        },
        "identity/feed what arn:aws:sns:us-east-2:333333333333:alarms has",
    ),
    of(
        CONTAINER,
        "events of all are handed on",
        |files| {
            let made = json!({ "EventPattern": {}, "Targets": [] });
            make(
                files,
                TENANT,
                "Broken",
                &json!({ "Type": "AWS::Events::Rule", "Properties": made }),
            )
        },
        "identity/feed what default has",
    ),
    of(
        CONTAINER,
        "a subnet is handed to another account",
        |files| {
            let made = json!({ "Name": "x", "Principals": ["999999999999"], "ResourceArns": ["arn:aws:ec2:us-east-2:333333333333:subnet/subnet-1"] });
            make(
                files,
                TENANT,
                "Broken",
                &json!({ "Type": "AWS::RAM::ResourceShare", "Properties": made }),
            )
        },
        "is handed to account 999999999999",
    ),
    of(
        CONTAINER,
        "a role is tagged as another's",
        |files| {
            edit(files, TENANT, |template| {
                let all = template["Resources"].as_object_mut()?.values_mut();
                for role in all.filter(|one| one["Type"] == "AWS::IAM::Role") {
                    let tags = role["Properties"]["Tags"].as_array_mut()?.iter_mut();
                    for tag in tags.filter(|tag| tag["Key"] == "Tenant") {
                        tag["Value"] = "hooli".into();
                    }
                }
                Some(())
            })
        },
        "stack/tag",
    ),
];
