//! What a blueprint states of who reaches whom: proved on what was rendered.

use schemars::JsonSchema;
use serde::Deserialize;

/// Who must reach whom, or must not.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Who opens the connection: `tenants`, `tier/<id>`, `tenant/<id>`, `hub`, `on-premises`,
    /// `internet`, or a block of addresses.
    pub from: String,
    /// To whom, in the same words.
    pub to: String,
    /// With which protocol.
    #[serde(default)]
    pub protocol: Transport,
    /// To which port; any will do, if none is given.
    #[serde(default)]
    #[schemars(with = "u16", range(min = 1))]
    pub port: Option<u16>,
}

/// A protocol with ports, or the one that tells of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// ICMP, which has no ports.
    Icmp,
}

impl Transport {
    /// As it stands in blueprints and in the manifest.
    pub fn id(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Icmp => "icmp",
        }
    }
}
