//! How a change of the repository becomes a change of the stacks.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// A pipeline from a repository to the stacks, ring by ring.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Where the blueprint is kept. A repository of AWS `CodeCommit` is made, if nothing is given.
    #[serde(default)]
    #[schemars(with = "Connection")]
    pub connection: Option<Connection>,
    /// The branch that is deployed.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = "main", "pattern" = "^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$", "x-says" = "the name of a branch"))]
    pub branch: Option<String>,
    /// The path of the blueprint in the repository.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = "blueprint.yaml", "pattern" = "^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$", "x-says" = "a path below the repository: letters, digits, dots, hyphens, underscores and slashes"))]
    pub blueprint: Option<String>,
    /// What deploys.
    #[serde(default)]
    pub engine: DeliveryEngine,
    /// The image in which the commands run: of `CodeBuild` itself, or a registry's.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = "aws/codebuild/amazonlinux-aarch64-standard:3.0", "pattern" = "^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$", "x-says" = "the name of an image"))]
    pub image: Option<String>,
    /// The commands that install tenantry, and Terraform if that deploys.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub install: Vec<String>,
    /// Tiers that are deployed together, one ring after the other; what tenants share comes before.
    /// Each tier is a ring of its own, if nothing is given.
    #[serde(default)]
    pub rings: Vec<Vec<String>>,
    /// When a person is asked.
    #[serde(default)]
    pub approve: Approve,
    /// More environment variables of the commands.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

/// A connection to a repository elsewhere.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// The connection, which must be there and accepted.
    #[schemars(extend("pattern" = "^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]{36}$", "x-says" = "the ARN of a connection"))]
    pub arn: String,
    /// The repository, as `owner/name`.
    #[schemars(extend("pattern" = "^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+$", "x-says" = "a repository as owner/name"))]
    pub repository: String,
}

/// What deploys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryEngine {
    /// AWS `CloudFormation`.
    #[default]
    Cloudformation,
    /// Terraform. Its state must be in S3.
    Terraform,
}

impl DeliveryEngine {
    /// As it stands in paths.
    pub fn id(self) -> &'static str {
        match self {
            DeliveryEngine::Cloudformation => "cloudformation",
            DeliveryEngine::Terraform => "terraform",
        }
    }
}

/// When a person is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Approve {
    /// Before each ring.
    #[default]
    Each,
    /// Before the first ring only.
    First,
    /// Never.
    Never,
}
