//! A bucket with all its parts: both engines come to the same.

use crate::resource::iam::document;
use crate::resource::s3::{
    Bucket, BucketPolicy, Closed, Encryption, Keeping, Lifecycle, Locked, Ownership, Versions,
};
use crate::template::Template;
use crate::value::{Id, Value, join, map};

/// Adds a bucket that outlives its stack; `more` are statements of its policy, which denies
/// everything that comes without TLS in any case.
pub fn add(
    t: &mut Template,
    id: &str,
    keeping: Keeping,
    more: impl FnOnce(&Id<Bucket>) -> Vec<Value>,
) -> Id<Bucket> {
    named(t, id, None, keeping, more)
}

/// The same with a name that others know.
pub fn named(
    t: &mut Template,
    id: &str,
    name: Option<Value>,
    keeping: Keeping,
    more: impl FnOnce(&Id<Bucket>) -> Vec<Value>,
) -> Id<Bucket> {
    let bucket = t.add_kept(id, Bucket { name, keeping });
    let of = || bucket.clone();
    t.add(format!("{id}Ownership"), Ownership { bucket: of(), keeping });
    t.add(format!("{id}Closed"), Closed { bucket: of(), keeping });
    let versions = format!("{id}Versions");
    t.add(versions.clone(), Versions { bucket: of(), keeping });
    t.add(format!("{id}Encryption"), Encryption { bucket: of(), keeping });
    // Rules for older versions want versions.
    t.add_after(format!("{id}Lifecycle"), Lifecycle { bucket: of(), keeping }, &[&versions]);
    if keeping.locked_for > 0 {
        t.add_after(format!("{id}Locked"), Locked { bucket: of(), keeping }, &[&versions]);
    }
    let mut statements = vec![encrypted_only(&bucket)];
    statements.extend(more(&bucket));
    let policy = BucketPolicy { bucket: of(), document: document(statements) };
    t.add(format!("{id}Policy"), policy);
    bucket
}

/// The ARN of all objects of a bucket below a prefix, which ends in a slash or is empty.
pub fn objects(bucket: &Id<Bucket>, prefix: Value) -> Value {
    join([bucket.att("Arn"), "/".into(), prefix, "*".into()])
}

/// Nothing without TLS.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html>.
fn encrypted_only(bucket: &Id<Bucket>) -> Value {
    let all = vec![bucket.att("Arn"), objects(bucket, "".into())];
    map([
        ("Sid", Value::from("EncryptedOnly")),
        ("Effect", "Deny".into()),
        ("Principal", "*".into()),
        ("Action", "s3:*".into()),
        ("Resource", Value::List(all)),
        ("Condition", map([("Bool", map([("aws:SecureTransport", "false")]))])),
    ])
}
