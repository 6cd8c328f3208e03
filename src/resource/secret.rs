//! AWS Secrets Manager: secrets whose values nobody chose and nobody has seen.

use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A secret.
#[derive(Debug)]
pub struct Secret {
    /// Its name, a path.
    pub name: Value,
    /// What it is.
    pub description: &'static str,
}

/// How many characters a value has: letters and digits, so that it fits into any URL or script.
pub const LENGTH: u16 = 32;

resource!(Secret, Some("AWS::SecretsManager::Secret"), "aws_secretsmanager_secret", taggable: true, |self| {
    Body::new().set("Name", self.name).set("Description", self.description).set(
        "GenerateSecretString",
        block([("PasswordLength", LENGTH.into()), ("ExcludePunctuation", true.into())]),
    )
});

/// The random value of a secret, which CloudFormation makes itself. Terraform asks Secrets Manager
/// for one in an ephemeral resource and hands it on in a write-only argument, so it stands neither
/// in a plan nor in the state, and it is written once: the version of the argument never changes.
/// Source: <https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral>.
#[derive(Debug)]
pub struct SecretValue {
    /// The secret.
    pub secret: Id<Secret>,
}

resource!(SecretValue, None, "aws_secretsmanager_secret_version", taggable: false, |self| {
    Body::new().set("SecretId", &self.secret)
});
