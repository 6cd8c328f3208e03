//! Tenants and what they override.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::component::Federation;
use super::service::ServiceOverride;
use super::{Egress, Endpoints, Overridable, Ports, Throttle, Vpn};

/// A tenant. Keys that are not listed here are attributes for templates of names and tags.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Tenant {
    /// Its immutable id: lower-case letters, digits and hyphens, a letter or digit at both ends.
    /// Everything that is ever allocated for the tenant hangs on it.
    pub id: String,
    /// The tier that it belongs to.
    pub tier: String,
    /// Its name as people write it; any text.
    #[serde(default)]
    #[schemars(with = "String")]
    pub name: Option<String>,
    /// The region that it lives in; the home region, if none is given.
    #[serde(default)]
    #[schemars(with = "String")]
    pub region: Option<String>,
    /// The e-mail address of its account: no AWS account has it yet. Needed by isolation `account`.
    #[serde(default)]
    #[schemars(with = "String")]
    pub email: Option<String>,
    /// What it needs of the others in its cell, as labels: tenants of one cell need the same. Only
    /// for isolation `container` and `application`.
    #[serde(default)]
    pub needs: Words,
    /// Whether it has a cell of its own, as a noisy tenant should. Only for isolation `subnet`,
    /// `container` and `application`.
    #[serde(default)]
    pub dedicated: bool,
    /// Its host name; `<id>.<domain of the tier>`, if none is given. Only for isolation `container`.
    #[serde(default)]
    #[schemars(with = "String", extend("pattern" = "^(?=.{1,128}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$", "x-says" = "a host name in lower case, at most 128 characters"))]
    pub host: Option<String>,
    /// What differs from its tier, as far as the tier allows it.
    #[serde(default, rename = "override")]
    #[schemars(with = "Override")]
    pub overrides: Option<Override>,
    /// The far end of its own VPN connection, where its tier allows one.
    #[serde(default)]
    #[schemars(with = "Vpn")]
    pub vpn: Option<Vpn>,
    /// Where its users sign in: at its own provider.
    #[serde(default)]
    #[schemars(with = "Federation")]
    pub federation: Option<Federation>,
    /// Attributes for templates.
    #[serde(flatten)]
    pub attributes: BTreeMap<String, Attribute>,
}

/// An attribute of a tenant: text, or a number or truth value that is used as text.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
}

impl std::fmt::Display for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Attribute::Text(text) => f.write_str(text),
            Attribute::Bool(value) => value.fmt(f),
            Attribute::Number(number) => number.fmt(f),
        }
    }
}

impl JsonSchema for Attribute {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Attribute".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An attribute of a tenant, used as text.",
            "type": ["string", "number", "boolean"]
        })
    }
}

/// Labels: a list, or a text with spaces between them, as a field of a table has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// None.
    #[default]
    None,
    /// With spaces between them.
    Text(String),
    /// A list.
    List(Vec<String>),
}

impl Words {
    /// The labels, sorted, each once.
    pub fn sorted(&self) -> Vec<String> {
        let mut words: Vec<String> = match self {
            Words::None => Vec::new(),
            Words::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
            Words::List(items) => items.clone(),
        };
        words.sort_unstable();
        words.dedup();
        words
    }
}

impl JsonSchema for Words {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Words".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let says = "labels of lower-case letters, digits and hyphens, as a list or with spaces between them";
        schemars::json_schema!({
            "description": "Labels: a list, or a text with spaces between them.",
            "type": ["string", "array"],
            "items": { "type": "string", "pattern": "^[a-z][a-z0-9-]{0,31}$", "x-says": says },
            "maxItems": 8,
            "pattern": "^([a-z][a-z0-9-]{0,31})( [a-z][a-z0-9-]{0,31}){0,7}$",
            "x-says": says
        })
    }
}

/// What differs from the tier. Each is allowed where the tier lists it in `allow`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// How its private subnets reach the internet.
    #[serde(default)]
    #[schemars(with = "Egress")]
    pub egress: Option<Egress>,
    /// Private ways to AWS services.
    #[serde(default)]
    #[schemars(with = "Endpoints")]
    pub endpoints: Option<Endpoints>,
    /// The ports of its layers.
    #[serde(default)]
    #[schemars(with = "Ports")]
    pub ports: Option<Ports>,
    /// Size and scale of its services.
    #[serde(default)]
    #[schemars(with = "ServiceOverride")]
    pub service: Option<ServiceOverride>,
    /// How much it may ask of the interface.
    #[serde(default)]
    #[schemars(with = "Throttle")]
    pub throttle: Option<Throttle>,
}

impl Override {
    /// What it changes.
    pub fn parts(&self) -> Vec<Overridable> {
        let parts = [
            (self.egress.is_some(), Overridable::Egress),
            (self.endpoints.is_some(), Overridable::Endpoints),
            (self.ports.is_some(), Overridable::Ports),
            (self.service.is_some(), Overridable::Service),
            (self.throttle.is_some(), Overridable::Throttle),
        ];
        parts.into_iter().filter(|(there, _)| *there).map(|(_, part)| part).collect()
    }

    /// Keeps of it what passes.
    pub fn keep(&mut self, passes: impl Fn(Overridable) -> bool) {
        self.egress = self.egress.take().filter(|_| passes(Overridable::Egress));
        self.endpoints = self.endpoints.take().filter(|_| passes(Overridable::Endpoints));
        self.ports = self.ports.take().filter(|_| passes(Overridable::Ports));
        self.service = self.service.take().filter(|_| passes(Overridable::Service));
        self.throttle = self.throttle.take().filter(|_| passes(Overridable::Throttle));
    }
}
