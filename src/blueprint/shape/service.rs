//! What runs: containers, instances, their size and scale.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::blueprint::shape::Several;

/// How the world reaches the tenants of a tier.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ingress {
    /// The domain below which each tenant has a host name, `<id>.<domain>`.
    #[schemars(extend("pattern" = "^(?=.{1,64}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$", "x-says" = "a domain in lower case, at most 64 characters"))]
    pub domain: String,
    /// The certificate of the load balancers in each region, from AWS Certificate Manager; a list with
    /// one of each workload account, where there are several.
    #[schemars(extend("minProperties" = 1))]
    pub certificates: BTreeMap<String, Several>,
}

/// A container that runs for a tenant.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The image, with its tag or digest.
    #[schemars(length(min = 1, max = 255), extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9._:@/-]*$", "x-says" = "an image: registry/repository:tag"))]
    pub image: String,
    /// Where it listens. A service without a port is reached by nobody.
    #[serde(default)]
    #[schemars(with = "u16", range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// The paths that it serves, for example `/api/*`. One service of a tenant may serve the rest.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = "^/[A-Za-z0-9_.$/~\"'@:+*?&-]{0,127}$", "x-says" = "a path that begins with a slash; * and ? stand for others"))]
    pub path: Option<String>,
    /// The path that a healthy container answers with 200.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = "/", "pattern" = "^/[!-~]{0,1023}$", "x-says" = "a path that begins with a slash"))]
    pub health_check: Option<String>,
    /// CPU units: 1,024 are one virtual CPU.
    #[schemars(extend("enum" = [256, 512, 1024, 2048, 4096, 8192, 16384]))]
    pub cpu: u32,
    /// Memory in MiB.
    #[schemars(range(min = 512, max = 122_880))]
    pub memory: u32,
    /// Environment variables. What is secret belongs into `secrets`.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Environment variables whose values are secrets of the tenant; each is made with a random value.
    #[serde(default)]
    #[schemars(inner(regex(pattern = "^[A-Z][A-Z0-9_]{0,63}$")), extend("x-says-each" = "a name of upper-case letters, digits and underscores, a letter first, at most 64"))]
    pub secrets: Vec<String>,
    /// How many run.
    #[serde(default)]
    pub scale: Scale,
}

/// How many of something run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Never less.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 1000), extend("default" = 2))]
    pub min: Option<u32>,
    /// Never more.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 1000), extend("default" = 4))]
    pub max: Option<u32>,
    /// Average CPU to keep, in percent.
    #[serde(default)]
    #[schemars(with = "u8", range(min = 1, max = 100), extend("default" = 60))]
    pub target_cpu: Option<u8>,
    /// Average memory to keep, in percent.
    #[serde(default)]
    #[schemars(with = "u8", range(min = 1, max = 100))]
    pub target_memory: Option<u8>,
    /// Requests a minute to keep for each container.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1))]
    pub target_requests: Option<u32>,
    /// What adds and removes containers.
    #[serde(default)]
    pub by: ScaleBy,
}

/// What adds and removes containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScaleBy {
    /// Application Auto Scaling keeps the targets.
    #[default]
    Target,
    /// The whitepaper's figure 12: an alarm on CPU invokes a function that adds one more.
    Alarm,
}

/// What a tenant may change of its services.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceOverride {
    /// CPU units of each service.
    #[serde(default)]
    #[schemars(with = "u32", extend("enum" = [256, 512, 1024, 2048, 4096, 8192, 16384]))]
    pub cpu: Option<u32>,
    /// Memory of each service in MiB.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 512, max = 122_880))]
    pub memory: Option<u32>,
    /// How many of each run.
    #[serde(default)]
    #[schemars(with = "Scale")]
    pub scale: Option<Scale>,
}

/// What containers run on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Capacity {
    /// AWS Fargate: each task in an environment of its own.
    Fargate {},
    /// Instances that the tenants of a cell share.
    Ec2(Instances),
}

/// Not a choice of schemas: what is wrong inside of one would be said of the whole.
impl JsonSchema for Capacity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Capacity".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "What containers run on.",
            "type": "object",
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {
                "fargate": {
                    "description": "AWS Fargate: each task in an environment of its own.",
                    "type": "object",
                    "additionalProperties": false
                },
                "ec2": generator.subschema_for::<Instances>()
            }
        })
    }
}

/// Instances in an Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instances {
    /// The types to take from, the first is preferred.
    #[schemars(
        length(min = 1, max = 10),
        inner(regex(pattern = "^[a-z][a-z0-9-]*\\.[a-z0-9-]+$")), extend("x-says-each" = "an instance type, for example m7g.large")
    )]
    pub types: Vec<String>,
    /// Never less.
    #[schemars(range(min = 1, max = 1000))]
    pub min: u32,
    /// Never more.
    #[schemars(range(min = 1, max = 1000))]
    pub max: u32,
    /// How many are on demand before any is spot; all, if none is given.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 0, max = 1000))]
    pub on_demand_base: Option<u32>,
    /// The share of the others that is spot, in percent.
    #[serde(default)]
    #[schemars(with = "u8", range(min = 0, max = 100), extend("default" = 0))]
    pub spot_percent: Option<u8>,
    /// The Systems Manager parameter with the image; Amazon Linux 2023 for 64-bit Arm, if none is given.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = "^/[A-Za-z0-9_./-]{1,1000}$", "x-says" = "the path of a Systems Manager parameter"))]
    pub image_parameter: Option<String>,
}

/// The instances that all tenants of a pool share.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// The instances.
    pub instances: Instances,
    /// Average CPU to keep, in percent.
    #[serde(default)]
    #[schemars(with = "u8", range(min = 1, max = 100), extend("default" = 60))]
    pub target_cpu: Option<u8>,
    /// The path that a healthy instance answers with 200.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = "/health", "pattern" = "^/[!-~]{0,1023}$", "x-says" = "a path that begins with a slash"))]
    pub health_check: Option<String>,
    /// Shell commands that run when an instance starts: a Handlebars template that may use `name`,
    /// `environment`, `tier`, `cell` and `port`.
    #[serde(default)]
    #[schemars(with = "String", length(max = 8192))]
    pub user_data: Option<String>,
}
