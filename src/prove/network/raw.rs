//! What was read of the network, in the order in which it came: parts that name each other by text,
//! as what they name may come later.

use std::collections::{BTreeMap, BTreeSet};

use crate::prove::network::address::Range;
use crate::prove::network::model::{Entry, Mark};
use crate::prove::network::names::{Name, Names};
use crate::prove::network::traffic::Traffic;
use crate::prove::read::Trouble;

/// Where a part came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// Its token.
    pub thing: Name,
    /// Its type.
    pub kind: Name,
    /// Its file.
    pub file: Name,
    /// Where in the file.
    pub place: Name,
}

/// A part that has a name, an owner and an origin. Owner 0 is nobody: what all share.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What others call it.
    pub name: Name,
    /// Whose it is.
    pub owner: u32,
    /// Where it came from.
    pub mark: Mark,
}

/// A destination, or the other side of a rule.
#[derive(Clone, Debug)]
pub enum Side {
    /// Addresses.
    Block(Range),
    /// A prefix list.
    List(Name),
    /// The members of a security group.
    Group(Name),
    /// It could not be read: anything.
    Unknown,
}

/// What a route leads to.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// A gateway of the internet, of a VPN, or an endpoint.
    Gateway(Name),
    /// The gateway that only lets out.
    EgressOnly,
    /// A NAT gateway.
    Nat(Name),
    /// A peering connection.
    Peering(Name),
    /// A transit gateway.
    Transit(Name),
    /// An instance, an interface, or the endpoint of a balancer of gateways.
    Forwarder(Name),
    /// It could not be read.
    Unknown,
}

/// A rule of a security group.
#[derive(Clone, Debug)]
pub struct RawRule {
    /// The group.
    pub group: Name,
    /// Whether it lets out.
    pub egress: bool,
    /// The other side.
    pub side: Side,
    /// What it is about.
    pub traffic: Traffic,
    /// Where it came from.
    pub mark: Mark,
}

/// A network interface, or a kind of them.
#[derive(Clone, Debug)]
pub struct RawHolder {
    /// The thing that has it.
    pub part: Part,
    /// Its subnets, or a group of subnets.
    pub subnets: Vec<Name>,
    /// Its security groups, or a launch template that has them.
    pub groups: Vec<Name>,
    /// Whether it has a public address.
    pub public: bool,
    /// Whether it has no group unless one is named, and then lets everything through.
    pub open: bool,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Raw {
    /// All texts.
    pub names: Names,
    /// All origins, by mark.
    pub origins: Vec<Origin>,
    /// The names of owners: that of owner 1 stands first, as owner 0 is nobody.
    pub owners: Vec<Name>,
    /// The numbers of owners by their names.
    pub owner_of: BTreeMap<Name, u32>,
    /// VPCs.
    pub vpcs: Vec<(Part, Vec<Range>)>,
    /// Whether a VPC is a hub, by its mark: nobody's, and no cell.
    pub hubs: Vec<(Mark, bool)>,
    /// Further blocks of VPCs.
    pub blocks: Vec<(Name, Range)>,
    /// Subnets with their VPCs.
    pub subnets: Vec<(Part, Name, Vec<Range>)>,
    /// Route tables with their VPCs.
    pub tables: Vec<(Part, Name)>,
    /// Routes of tables.
    pub routes: Vec<(Name, Side, Target, Mark)>,
    /// Tables that learn from a VPN.
    pub learned: Vec<(Name, Mark)>,
    /// Tables of subnets.
    pub table_of: Vec<(Name, Name)>,
    /// ACLs of subnets.
    pub acl_of: Vec<(Name, Name)>,
    /// ACLs.
    pub acls: Vec<Part>,
    /// Rules of ACLs, and whether they look outward.
    pub entries: Vec<(Name, bool, Entry)>,
    /// Groups with their VPCs.
    pub groups: Vec<(Part, Name)>,
    /// Rules of groups.
    pub rules: Vec<RawRule>,
    /// VPCs whose default group was stripped.
    pub stripped: BTreeSet<Name>,
    /// Internet gateways at VPCs.
    pub internet: BTreeSet<(Name, Name)>,
    /// NAT gateways, their subnets and addresses.
    pub nats: Vec<(Part, Name, Option<Range>)>,
    /// Peering connections and their VPCs.
    pub peerings: Vec<(Part, Name, Name)>,
    /// Transit gateways; whether they give attachments their default table, and let it learn them.
    pub gateways: Vec<(Part, bool, bool)>,
    /// Attachments: gateway, VPC, subnets.
    pub attachments: Vec<(Part, Name, Name, Vec<Name>)>,
    /// VPN connections with their transit gateways.
    pub vpns: Vec<(Part, Name)>,
    /// Route tables of transit gateways.
    pub transits: Vec<Part>,
    /// Associations of attachments with tables.
    pub associations: Vec<(Name, Name)>,
    /// Propagations of attachments into tables.
    pub propagations: Vec<(Name, Name, Mark)>,
    /// Routes of transit gateways: table, destination, attachment or black hole.
    pub crossings: Vec<(Name, Side, Option<Name>, Mark)>,
    /// Prefix lists; nothing, if a part could not be read.
    pub lists: BTreeMap<Name, Option<Vec<Range>>>,
    /// Groups of subnets, and launch templates with their groups: what stands for several.
    pub several: BTreeMap<Name, Vec<Name>>,
    /// Interfaces.
    pub holders: Vec<RawHolder>,
    /// What could not be placed.
    pub outside: BTreeSet<String>,
    /// What could not be read, where nothing can stand for all that it may say.
    pub troubles: BTreeSet<Trouble>,
}
