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
    /// New versions of what runs in pools, by AWS `CodeDeploy`: some instances after the others, and
    /// back when they fail.
    #[serde(default)]
    #[schemars(with = "Applications")]
    pub applications: Option<Applications>,
    /// Images of instances, built and tested by EC2 Image Builder.
    #[serde(default)]
    #[schemars(with = "Images")]
    pub images: Option<Images>,
    /// What applications read of this environment: parameters of Systems Manager, below
    /// `/<name>/<environment>/settings/`. What is secret belongs elsewhere.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 100))]
    pub parameters: BTreeMap<String, String>,
}

/// How new versions come to the instances of pools.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Applications {
    /// How many instances take it at once.
    #[serde(default)]
    pub pace: Pace,
    /// How many errors of the interface a minute, twice in a row, stop it and roll it back.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 1_000_000), extend("default" = 5))]
    pub errors: Option<u32>,
}

/// How many instances take a new version at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// One after the other.
    #[default]
    One,
    /// At most half of them.
    Half,
}

/// What is baked into the images of instances, and when they are built.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Images {
    /// Packages of the distribution.
    #[serde(default)]
    #[schemars(length(max = 50), inner(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$")), extend("x-says-each" = "the name of a package"))]
    pub packages: Vec<String>,
    /// Shell commands that run behind them.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub commands: Vec<String>,
    /// Shell commands that must succeed on an instance of the image before it is handed out.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub tests: Vec<String>,
    /// When images are built again, in UTC.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = "cron(0 3 ? * SUN *)", "pattern" = "^(cron|rate)\\([A-Za-z0-9 ?*,/#-]{1,100}\\)$", "x-says" = "`cron(…)` or `rate(…)`"))]
    pub schedule: Option<String>,
    /// Where they are built. The default network of the account, if nothing is given.
    #[serde(default)]
    #[schemars(with = "ImageNetwork")]
    pub network: Option<ImageNetwork>,
    /// The same by workload account, where there are several.
    #[serde(default)]
    pub networks: BTreeMap<String, ImageNetwork>,
}

/// Where images are built: a subnet of the home region from which the web is reached.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageNetwork {
    /// The subnet.
    #[schemars(extend("pattern" = "^subnet-[0-9a-f]{8,17}$", "x-says" = "the id of a subnet"))]
    pub subnet: String,
    /// The group of the instance that builds.
    #[schemars(extend("pattern" = "^sg-[0-9a-f]{8,17}$", "x-says" = "the id of a security group"))]
    pub security_group: String,
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
