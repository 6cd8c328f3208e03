//! The same in what Terraform is given.

use tenantry::prove::read::Engine::Terraform;

use super::{ACCOUNTS, CONTAINER, POOL, USERS, of};
use crate::prove_mutants::{Files, Mutant, edit, swap};

const MODULE: &str = "terraform/modules/tenant-steady/main.tf.json";
const MODULE_OF_POOL: &str = "terraform/modules/cell-free/main.tf.json";

const fn one(
    blueprint: &'static str,
    name: &'static str,
    apply: fn(&mut Files) -> bool,
    expect: &'static str,
) -> Mutant {
    Mutant { engine: Terraform, ..of(blueprint, name, apply, expect) }
}

/// All of them.
pub const TERRAFORM: &[Mutant] = &[
    one(
        CONTAINER,
        "a role of a tenant trusts everybody",
        |files| {
            swap(files, MODULE, r#"{\"Service\":\"lambda.amazonaws.com\"}"#, r#"{\"AWS\":\"*\"}"#)
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
                let all =
                    module["resource"]["aws_organizations_policy_attachment"].as_object_mut()?;
                all.remove("stay_policy_enterprise_unit_attachment").map(|_| ())
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
];
