//! Amazon S3: buckets that nobody outside reads, whose objects are encrypted and have versions.
//! CloudFormation has one resource for a bucket, Terraform one for each part of it: the parts are
//! said twice, in one place.

use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// What a bucket keeps, and how long.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keeping {
    /// After how many days objects move to storage that is cheap and slow to read (Glacier Instant
    /// Retrieval); never, if none is given.
    pub cold_after: Option<u32>,
    /// After how many days objects are deleted; never, if none is given.
    pub expire_after: Option<u32>,
    /// How many days nobody can delete an object, its owner included (object lock in governance
    /// mode); 0 is no lock.
    pub locked_for: u32,
}

/// After how many days an older version of an object is deleted, so that deleting helps.
const OLD_VERSIONS: u16 = 30;

/// After how many days parts of an upload that nobody finished are deleted.
const UNFINISHED: u16 = 7;

/// A bucket. Names are shared by the whole world, so they are left to AWS but where one must be known
/// in another account.
#[derive(Debug)]
pub struct Bucket {
    /// Its name, if it must be known.
    pub name: Option<Value>,
    /// What it keeps, and how long.
    pub keeping: Keeping,
}

resource!(Bucket, Some("AWS::S3::Bucket"), "aws_s3_bucket", taggable: true, |self| {
    let keeping = self.keeping;
    let lock = (keeping.locked_for > 0).then(|| {
        block([
            ("ObjectLockEnabled", "Enabled".into()),
            ("Rule", block([("DefaultRetention", retention(keeping.locked_for))])),
        ])
    });
    Body::new()
        .set_some("BucketName", self.name)
        .set("BucketEncryption", block([("ServerSideEncryptionConfiguration", Value::List(vec![
            block([("ServerSideEncryptionByDefault", block([("SSEAlgorithm", "AES256".into())]))]),
        ]))]))
        .set("OwnershipControls", block([("Rules", Value::List(vec![ownership()]))]))
        .set("PublicAccessBlockConfiguration", Value::Block(closed().into()))
        .set("VersioningConfiguration", block([("Status", "Enabled".into())]))
        .set("LifecycleConfiguration", block([("Rules", Value::List(vec![lifecycle(keeping)]))]))
        .set_some("ObjectLockEnabled", lock.is_some().then_some(true))
        .set_some("ObjectLockConfiguration", lock)
});

fn ownership() -> Value {
    block([("ObjectOwnership", "BucketOwnerEnforced".into())])
}

fn closed() -> [(&'static str, Value); 4] {
    ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
        .map(|name| (name, true.into()))
}

fn retention(days: u32) -> Value {
    block([("Mode", "GOVERNANCE".into()), ("Days", days.into())])
}

/// By CloudFormation's names.
fn lifecycle(keeping: Keeping) -> Value {
    let mut rule: Vec<(&'static str, Value)> = vec![
        ("Id", "keeping".into()),
        ("Status", "Enabled".into()),
        ("AbortIncompleteMultipartUpload", block([("DaysAfterInitiation", UNFINISHED.into())])),
        ("NoncurrentVersionExpiration", block([("NoncurrentDays", OLD_VERSIONS.into())])),
    ];
    rule.extend(keeping.cold_after.map(|days| {
        let move_to =
            block([("StorageClass", "GLACIER_IR".into()), ("TransitionInDays", days.into())]);
        ("Transitions", Value::List(vec![move_to]))
    }));
    rule.extend(keeping.expire_after.map(|days| ("ExpirationInDays", days.into())));
    Value::Block(rule)
}

/// A part of a bucket that Terraform has a resource of its own for.
macro_rules! part {
    ($(#[$about:meta])* $name:ident, $tf:literal, |$self:ident| $body:expr) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $name {
            /// The bucket.
            pub bucket: Id<Bucket>,
            /// What it keeps, and how long.
            pub keeping: Keeping,
        }

        resource!($name, None, $tf, taggable: false, |$self| $body);
    };
}

part!(
    /// Who owns objects: the bucket's account.
    Ownership, "aws_s3_bucket_ownership_controls", |self| {
        Body::new().set("Bucket", &self.bucket).set("Rule", ownership())
    }
);

part!(
    /// Nobody outside.
    Closed, "aws_s3_bucket_public_access_block", |self| {
        closed().into_iter().fold(Body::new().set("Bucket", &self.bucket), |body, (name, on)| body.set(name, on))
    }
);

part!(
    /// Objects have versions.
    Versions, "aws_s3_bucket_versioning", |self| {
        Body::new()
            .set("Bucket", &self.bucket)
            .set("VersioningConfiguration", block([("Status", "Enabled".into())]))
    }
);

part!(
    /// Objects are encrypted.
    Encryption, "aws_s3_bucket_server_side_encryption_configuration", |self| {
        let by = block([("SseAlgorithm", "AES256".into())]);
        Body::new()
            .set("Bucket", &self.bucket)
            .set("Rule", block([("ApplyServerSideEncryptionByDefault", by)]))
    }
);

part!(
    /// How long objects are kept.
    Lifecycle, "aws_s3_bucket_lifecycle_configuration", |self| {
        let mut rule: Vec<(&'static str, Value)> = vec![
            ("Id", "keeping".into()),
            ("Status", "Enabled".into()),
            ("Filter", block([])),
            ("AbortIncompleteMultipartUpload", block([("DaysAfterInitiation", UNFINISHED.into())])),
            ("NoncurrentVersionExpiration", block([("NoncurrentDays", OLD_VERSIONS.into())])),
        ];
        rule.extend(self.keeping.cold_after.map(|days| {
            ("Transition", block([("Days", days.into()), ("StorageClass", "GLACIER_IR".into())]))
        }));
        rule.extend(self.keeping.expire_after.map(|days| ("Expiration", block([("Days", days.into())]))));
        Body::new().set("Bucket", &self.bucket).set("Rule", Value::Block(rule))
    }
);

part!(
    /// How long nobody can delete an object.
    Locked, "aws_s3_bucket_object_lock_configuration", |self| {
        Body::new()
            .set("Bucket", &self.bucket)
            .set("Rule", block([("DefaultRetention", retention(self.keeping.locked_for))]))
    }
);

/// Who may do what with a bucket.
#[derive(Debug)]
pub struct BucketPolicy {
    /// The bucket.
    pub bucket: Id<Bucket>,
    /// What is allowed and denied.
    pub document: Value,
}

resource!(BucketPolicy, Some("AWS::S3::BucketPolicy"), "aws_s3_bucket_policy", taggable: false, |self| {
    Body::new()
        .set("Bucket", &self.bucket)
        .set("PolicyDocument", Value::Document(Box::new(self.document)))
});
