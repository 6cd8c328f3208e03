//! AWS KMS: keys that turn every year, and the names that people know them by.

use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// A symmetric key.
#[derive(Debug)]
pub struct Key {
    /// What it encrypts.
    pub description: Value,
    /// Who may use and manage it. The account must be able to, or nobody ever can again. Source:
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
    pub policy: Value,
}

/// How many days a deleted key can be brought back: the most that AWS offers.
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html>.
const WINDOW: u16 = 30;

resource!(Key, Some("AWS::KMS::Key"), "aws_kms_key", taggable: true, |self| {
    Body::new()
        .set("Description", self.description)
        .set("EnableKeyRotation", true)
        .set("PendingWindowInDays", WINDOW)
        .set("KeyPolicy", Value::Document(Box::new(self.policy)))
});

/// The name of a key.
#[derive(Debug)]
pub struct Alias {
    /// `alias/…`, unique in the account and region.
    pub name: Value,
    /// The key.
    pub key: Id<Key>,
}

resource!(Alias, Some("AWS::KMS::Alias"), "aws_kms_alias", taggable: false, |self| {
    Body::new().set("AliasName", self.name).set("TargetKeyId", &self.key)
});
