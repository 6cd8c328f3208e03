//! What must be reached and what must not: who is named is there, and what is said can be asked.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::blueprint::Written;
use crate::blueprint::shape::statement::{self, Transport};
use crate::diag::{Diagnostic, Sink};
use crate::name::nearest;
use crate::source::Site;
use crate::spec::network::Network;
use crate::spec::{Tenant, Tier, rule};

/// A statement, with ends that a proof can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whether it must be reached, or must not.
    pub must: bool,
    /// Who: `tenants`, `tier/<id>`, `tenant/<id>`, `hub`, `internet`, or a block.
    pub from: String,
    /// Whom, in the same words.
    pub to: String,
    /// With which protocol.
    pub protocol: Transport,
    /// To which port.
    pub port: Option<u16>,
    /// Where it is written.
    pub site: Site,
}

/// What the words of a statement can name.
pub struct Named<'a> {
    /// The blueprint, which may name tiers and tenants that are wrong.
    pub written: &'a Written,
    /// Tiers, by id.
    pub tiers: &'a BTreeMap<String, Tier>,
    /// Tenants, by id.
    pub tenants: &'a BTreeMap<String, Tenant>,
    /// The network, which knows the premises.
    pub network: &'a Network,
}

impl Named<'_> {
    /// Whether there is one of that id, whatever is wrong with it.
    fn is_written(&self, what: &str, id: &str) -> bool {
        match what {
            "tier" => self.written.blueprint.tiers.contains_key(id),
            _ => self.written.tenants.iter().any(|one| one.tenant.id == id),
        }
    }
}

/// The statements of a blueprint. One of the premises becomes one for each of their blocks.
pub fn statements(named: &Named<'_>, sink: &mut Sink) -> Vec<Statement> {
    let blueprint = &named.written.blueprint;
    let lists = [
        ("must_reach", true, &blueprint.must_reach),
        ("must_not_reach", false, &blueprint.must_not_reach),
    ];
    let mut out = Vec::new();
    for (key, must, list) in lists {
        for (i, written) in list.iter().enumerate() {
            one(written, must, &Site::at([key]).child(i), named, sink, &mut out);
        }
    }
    out
}

fn one(
    written: &statement::Statement,
    must: bool,
    site: &Site,
    named: &Named<'_>,
    sink: &mut Sink,
    out: &mut Vec<Statement>,
) {
    let (protocol, port) = (written.protocol, written.port);
    if protocol == Transport::Icmp && port.is_some() {
        sink.push(rule::STATEMENT.at(site.child("port"), "ICMP has no ports"));
    }
    if written.from == written.to
        && !matches!(written.from.as_str(), "tenants" | "hub")
        && !written.from.starts_with("tier/")
    {
        let message = format!("{} is on both sides", written.from);
        sink.push(rule::STATEMENT.at(site.child("to"), message));
    }
    let from = ends(&written.from, &site.child("from"), named, sink);
    let to = ends(&written.to, &site.child("to"), named, sink);
    for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))) {
        let (from, to) = (from.clone(), to.clone());
        out.push(Statement { must, from, to, protocol, port, site: site.clone() });
    }
}

/// What a word names, as it stands in the manifest; nothing, if nobody is there.
fn ends(word: &str, site: &Site, named: &Named<'_>, sink: &mut Sink) -> Vec<String> {
    let own = || vec![word.to_owned()];
    let complaint = match word.split_once('/') {
        None if word == "hub" && !named.network.has_hub() => {
            rule::STATEMENT.at(site.clone(), "the network has no hub").against(["network", "hub"])
        }
        None if matches!(word, "tenants" | "hub" | "internet") => return own(),
        None if word == "on-premises" => match named.network.premises() {
            [] => rule::STATEMENT
                .at(site.clone(), "the network names no premises")
                .help("give `network.on_premises`, or name a block of addresses")
                .against(["network", "on_premises"]),
            blocks => return blocks.iter().map(ToString::to_string).collect(),
        },
        Some(("tier", id)) if named.tiers.contains_key(id) => return own(),
        Some(("tenant", id)) if named.tenants.contains_key(id) => return own(),
        // It is told where it stands what is wrong with it.
        Some((what @ ("tier" | "tenant"), id)) if named.is_written(what, id) => return Vec::new(),
        Some(("tier", id)) => missing("tier", id, named.tiers.keys(), site).against(["tiers", id]),
        Some(("tenant", id)) => missing("tenant", id, named.tenants.keys(), site),
        _ if word.parse::<Ipv4Net>().is_ok_and(|block| block.trunc() == block) => return own(),
        _ => nobody(word, named, site),
    };
    sink.push(complaint);
    Vec::new()
}

fn missing<'a>(
    what: &str,
    id: &str,
    ids: impl Iterator<Item = &'a String>,
    site: &Site,
) -> Diagnostic {
    let complaint = rule::STATEMENT.at(site.clone(), format!("there is no {what} {id:?}"));
    match nearest(id, ids.map(String::as_str)) {
        Some(near) => complaint.help(format!("did you mean `{what}/{near}`?")),
        None => complaint,
    }
}

/// A word that names nobody. An id alone could be that of a tier or of a tenant.
fn nobody(word: &str, named: &Named<'_>, site: &Site) -> Diagnostic {
    let complaint = rule::STATEMENT.at(site.clone(), format!("{word:?} names nobody"));
    if named.tenants.contains_key(word) {
        return complaint.help(format!("write `tenant/{word}`"));
    }
    if named.tiers.contains_key(word) {
        return complaint.help(format!("write `tier/{word}`"));
    }
    complaint
}
