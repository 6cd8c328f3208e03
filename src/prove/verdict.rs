//! What a proof says: who, to whom, with which verdict, by what, and, where somebody is reached, the
//! path. Analysers make findings of what is not isolated; that nothing else is reached is shown by
//! their having looked at everything, and `why` names the boundary for a pair.

use ipnet::Ipv4Net;

/// Somebody who acts, or who is acted upon.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// A tenant, by its id.
    Tenant(String),
    /// What all share: hub, cells, pools, the workload account.
    Shared(String),
    /// Everybody who is not in the estate.
    Internet,
}

impl Party {
    /// The tenant, if it is one.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Party::Tenant(id) => Some(id),
            _ => None,
        }
    }
}

impl std::fmt::Display for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Party::Tenant(id) => write!(f, "{id}"),
            Party::Shared(what) => write!(f, "shared {what}"),
            Party::Internet => write!(f, "the internet"),
        }
    }
}

/// What holds between two parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing gets from one to the other.
    Isolated,
    /// Both use a thing that the blueprint declares to be shared; what is one's stays apart in it.
    Shared,
    /// Something gets from one to the other: the witness says how.
    Reachable,
}

impl Verdict {
    /// As machines read it.
    pub fn id(self) -> &'static str {
        match self {
            Verdict::Isolated => "isolated",
            Verdict::Shared => "shared-by-design",
            Verdict::Reachable => "reachable",
        }
    }
}

/// One thing that a path leads over, and why it lets through (or, at the end of a path that is
/// refused, why not).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// What it is, for people: "route 10.0.0.0/8 of the route table".
    pub what: String,
    /// The thing, `@stack/id`.
    pub thing: String,
    /// The file that it stands in.
    pub file: String,
    /// Where in the file, as a JSON pointer (RFC 6901); empty where the file is no JSON.
    pub pointer: String,
    /// Why it lets through, or refuses.
    pub why: String,
}

/// What is said of an ordered pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Who acts.
    pub from: Party,
    /// Upon whom.
    pub to: Party,
    /// What holds.
    pub verdict: Verdict,
    /// The layer and boundary that decides, as a stable word: `network/no-route`,
    /// `network/acl`, `identity/resource-policy`, `data/row-security`, …
    pub by: &'static str,
    /// One sentence: what gets through ("tcp 10.1.2.3:49152 → 10.1.66.5:8080"), what is shared, or
    /// what stops everything.
    pub what: String,
    /// The path, in order: how something gets through, or how far it comes.
    pub witness: Vec<Hop>,
}

/// A transport protocol, as network rules know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP, 6.
    Tcp,
    /// UDP, 17.
    Udp,
    /// ICMP, 1.
    Icmp,
}

/// One end of a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A tenant, by its id.
    Tenant(String),
    /// The hub: every subnet of a VPC that belongs to no tenant and no cell.
    Hub,
    /// Addresses, wherever they are in the estate or on the premises.
    Block(Ipv4Net),
    /// Everywhere outside of the estate.
    Internet,
}

/// Whether something can be reached: a statement of the blueprint, asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// Who opens the connection.
    pub from: End,
    /// To whom.
    pub to: End,
    /// With which protocol.
    pub protocol: Protocol,
    /// To which port; any will do, if there is none.
    pub port: Option<u16>,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is reached, over these.
    Reaches(Vec<Hop>),
    /// It is not: what was passed, and last what refuses.
    Refused(Vec<Hop>),
    /// One of the ends is not there.
    Nowhere(String),
}
