//! What bounds whole accounts.

use serde_json::json;

use super::{ACCOUNTS, ORGANIZATION, of, set, take};
use crate::prove_mutants::Mutant;

const SHAPE: &str = "cloudformation/templates/tenant-enterprise.2333d7.json";

/// All of them.
pub const BOUNDS: &[Mutant] = &[
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
            let spared = json!({ "ArnNotLike": { "aws:PrincipalArn": ["arn:*:iam::*:role/*"] } });
            set(files, ORGANIZATION, "ProtectPolicy", at, &spared)
        },
        "identity/service-control cloudtrail:stoplogging",
    ),
    of(
        ACCOUNTS,
        "a denial of the organization is turned",
        |files| {
            set(files, ORGANIZATION, "StayPolicy", "/Content/Statement/0/Effect", &json!("Allow"))
        },
        "identity/service-control organizations:leaveorganization",
    ),
];
