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

/// The policy of an endpoint of this service.
pub fn endpoint(service: &str) -> Value {
    let mut statements = vec![own_account()];
    if service == "s3" {
        statements.push(image_layers());
    }
    document(statements)
}
