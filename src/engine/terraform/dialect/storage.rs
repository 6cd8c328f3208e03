//! Buckets: CloudFormation has one resource for all that a bucket is, Terraform one for each part.

use super::{Dialect, PLAIN, Scene};
use crate::json::Json;

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_s3_bucket",
        renamed: &[("BucketName", "bucket"), ("DomainName", "bucket_domain_name")],
        // The parts have resources of their own.
        without: &[
            "BucketEncryption",
            "LifecycleConfiguration",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "VersioningConfiguration",
            "ObjectLockConfiguration",
        ],
        lasting: true,
        besides: prefix,
        ..PLAIN
    },
    Dialect { tf: "aws_s3_bucket_policy", renamed: &[("PolicyDocument", "policy")], ..PLAIN },
];

/// Names of buckets are shared by the whole world, so AWS or the provider makes the end of it; a
/// prefix has at most 37 characters.
/// Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket>.
fn prefix(scene: &Scene<'_>, out: &mut Json) {
    if scene.entry.body.get("BucketName").is_some() {
        return;
    }
    let name = crate::name::snake(&scene.entry.id).replace('_', "-");
    out.put("bucket_prefix", Json::text(format!("{}-", crate::name::fit(&name, 36))));
}
