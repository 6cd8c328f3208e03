//! Policies of endpoints. An endpoint grants nothing by itself; its policy keeps what goes through
//! it inside the account.

use crate::resource::iam::document;
use crate::value::{Pseudo, Value, join, map};

/// Only principals of this account. A gateway endpoint wants `*` as principal, so a condition says
/// who. Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>.
fn own_account() -> Value {
    map([
        ("Sid", Value::from("OwnAccount")),
        ("Effect", "Allow".into()),
        ("Principal", "*".into()),
        ("Action", "*".into()),
        ("Resource", "*".into()),
        (
            "Condition",
            map([("StringEquals", map([("aws:PrincipalAccount", Value::from(Pseudo::Account))]))]),
        ),
    ])
}

/// Image layers of Amazon ECR lie in a bucket of AWS's own, and are read without the account's
/// credentials. Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>.
fn image_layers() -> Value {
    let bucket = join([
        "arn:".into(),
        Pseudo::Partition.into(),
        ":s3:::prod-".into(),
        Pseudo::Region.into(),
        "-starport-layer-bucket/*".into(),
    ]);
    map([
        ("Sid", Value::from("ImageLayers")),
        ("Effect", "Allow".into()),
        ("Principal", "*".into()),
        ("Action", "s3:GetObject".into()),
        ("Resource", bucket),
    ])
}

/// Packages of Amazon Linux and the agent of `CodeDeploy`, which instances fetch without credentials from
/// buckets of AWS's own: without these, nothing could be installed or patched. Sources:
/// <https://github.com/aws-samples/data-perimeter-policy-examples/blob/main/service_owned_resources.md>,
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/resource-kit.html>.
fn packages() -> Value {
    let bucket = |before: &str, after: &str| {
        join([
            "arn:".into(),
            Pseudo::Partition.into(),
            format!(":s3:::{before}-").into(),
            Pseudo::Region.into(),
            format!("{after}/*").into(),
        ])
    };
    let buckets = vec![bucket("al2023-repos", "-de612dc2"), bucket("aws-codedeploy", "")];
    map([
        ("Sid", Value::from("Packages")),
        ("Effect", "Allow".into()),
        ("Principal", "*".into()),
        ("Action", "s3:GetObject".into()),
        ("Resource", Value::List(buckets)),
    ])
}

/// The policy of an endpoint of this service.
pub fn endpoint(service: &str) -> Value {
    let mut statements = vec![own_account()];
    if service == "s3" {
        statements.extend([image_layers(), packages()]);
    }
    document(statements)
}
