//! The buckets that keep everything. Only trails of this estate write to the archive, and nobody
//! deletes what is locked there. Only recorders of this estate and of its organization write to the other
//! one, each below its own account: AWS Config delivers to no bucket with an object lock, so there the
//! policy refuses to delete.

use std::collections::BTreeSet;

use super::{Archive, Recording, SHAPE, days, tenants};
use crate::blueprint::shape::component::Audit;
use crate::component::bucket;
use crate::model::identity;
use crate::resource::s3::{Bucket, Keeping};
use crate::spec::Spec;
use crate::template::Template;
use crate::value::{Id, Pseudo, Value, join, map};

/// The template of the archive; `places` are recorded.
pub fn template(
    spec: &Spec,
    audit: &Audit,
    archive: &Archive,
    places: &[(String, String)],
) -> Template {
    let mut t = Template::new(format!("{SHAPE}-archive"), "The buckets that keep all records.");
    identity::tag_shared(&mut t, spec, None);
    let name = Some(Value::from(&archive.bucket));
    bucket::named(&mut t, "Archive", name, days(audit), |own| trails(spec, archive, own));
    if audit.config.unwrap_or(true) {
        records(&mut t, spec, audit, archive, places);
    }
    t
}

/// The bucket of recorders. Source of why it has no lock:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-config-deliverychannel.html>.
fn records(
    t: &mut Template,
    spec: &Spec,
    audit: &Audit,
    archive: &Archive,
    places: &[(String, String)],
) {
    let keeping = Keeping { locked_for: 0, ..days(audit) };
    bucket::named(t, "Records", Some(Value::from(&archive.records)), keeping, |own| {
        let mut statements = vec![kept(own)];
        statements.extend(recorders(places, own));
        statements.extend(
            tenants::covered(spec, audit)
                .into_iter()
                .flat_map(|managed| recorders_of_tenants(&managed.organization.id, own)),
        );
        statements
    });
}

/// Nobody deletes a record for good; a bucket policy does not hold up what ends by its age. Source:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html>.
fn kept(own: &Id<Bucket>) -> Value {
    map([
        ("Sid", Value::from("Kept")),
        ("Effect", "Deny".into()),
        ("Principal", "*".into()),
        ("Action", "s3:DeleteObjectVersion".into()),
        ("Resource", bucket::objects(own, "".into())),
    ])
}

fn allow(service: &str, action: &str, resource: Value, condition: Value) -> Value {
    map([
        ("Effect", Value::from("Allow")),
        ("Principal", map([("Service", service)])),
        ("Action", action.into()),
        ("Resource", resource),
        ("Condition", condition),
    ])
}

/// Only those trails, each below its own account. Sources:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-set-bucket-policy-for-multiple-accounts.html>.
fn trails(spec: &Spec, archive: &Archive, own: &Id<Bucket>) -> Vec<Value> {
    archive.trails.iter().flat_map(|one| trail(spec, one, own)).collect()
}

fn trail(spec: &Spec, one: &Recording, own: &Id<Bucket>) -> [Value; 2] {
    const SERVICE: &str = "cloudtrail.amazonaws.com";
    let region = &spec.regions[0];
    let arn = || {
        let rest = format!(":cloudtrail:{region}:{}:trail/{}", one.account, one.name);
        join(["arn:".into(), Pseudo::Partition.into(), rest.into()])
    };
    let only = || ("aws:SourceArn", arn());
    let full = ("s3:x-amz-acl", Value::from("bucket-owner-full-control"));
    let of_organization = spec.organization.as_ref().map(|managed| managed.organization.id.clone());
    let below = [Some(one.account.clone()), of_organization].into_iter().flatten();
    let objects = below.map(|id| bucket::objects(own, format!("AWSLogs/{id}/").into())).collect();
    [
        allow(SERVICE, "s3:GetBucketAcl", own.att("Arn"), map([("StringEquals", map([only()]))])),
        allow(
            SERVICE,
            "s3:PutObject",
            Value::List(objects),
            map([("StringEquals", map([only(), full]))]),
        ),
    ]
}

/// Only recorders of the accounts of the estate, each below its own account. Source:
/// <https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html>.
fn recorders(places: &[(String, String)], own: &Id<Bucket>) -> Vec<Value> {
    const SERVICE: &str = "config.amazonaws.com";
    let accounts: BTreeSet<&String> = places.iter().map(|(account, _)| account).collect();
    let one = |account: &String| {
        let only = || ("aws:SourceAccount", Value::from(account));
        let full = ("s3:x-amz-acl", Value::from("bucket-owner-full-control"));
        let objects = bucket::objects(own, format!("AWSLogs/{account}/Config/").into());
        let own_only = || map([("StringEquals", map([only()]))]);
        [
            allow(SERVICE, "s3:GetBucketAcl", own.att("Arn"), own_only()),
            allow(SERVICE, "s3:ListBucket", own.att("Arn"), own_only()),
            allow(SERVICE, "s3:PutObject", objects, map([("StringEquals", map([only(), full]))])),
        ]
    };
    accounts.into_iter().flat_map(one).collect()
}

/// Recorders of the accounts of the organization, each below the account that it is of, which AWS Config
/// itself says: no account of a tenant is listed. Sources:
/// <https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceorgid>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.
fn recorders_of_tenants(organization: &str, own: &Id<Bucket>) -> Vec<Value> {
    const SERVICE: &str = "config.amazonaws.com";
    let only = || ("aws:SourceOrgID", Value::from(organization));
    let full = ("s3:x-amz-acl", Value::from("bucket-owner-full-control"));
    let objects = bucket::objects(own, "AWSLogs/${aws:SourceAccount}/Config/".into());
    let of_organization = || map([("StringEquals", map([only()]))]);
    vec![
        allow(SERVICE, "s3:GetBucketAcl", own.att("Arn"), of_organization()),
        allow(SERVICE, "s3:ListBucket", own.att("Arn"), of_organization()),
        allow(SERVICE, "s3:PutObject", objects, map([("StringEquals", map([only(), full]))])),
    ]
}
