//! The network as the proof sees it: tables of numbers. What stands in one table names what stands in
//! another by its place there. It knows nothing of where it came from but a mark on each part, so that
//! it can be made of rendered files, and of dice in a test.

use std::sync::Arc;

use crate::prove::network::address::Range;
use crate::prove::network::traffic::Traffic;

/// A place in a table.
pub type At = usize;

/// Where a part came from; whoever fills the network knows what it stands for.
pub type Mark = u32;

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Virtual private clouds.
    pub vpcs: Vec<Vpc>,
    /// Their subnets.
    pub subnets: Vec<Subnet>,
    /// Route tables of VPCs.
    pub tables: Vec<Table>,
    /// Network ACLs.
    pub acls: Vec<Acl>,
    /// Security groups.
    pub groups: Vec<Group>,
    /// NAT gateways.
    pub nats: Vec<Nat>,
    /// Peering connections.
    pub peerings: Vec<Peering>,
    /// Attachments of VPCs and VPNs to transit gateways.
    pub attachments: Vec<Attachment>,
    /// Route tables of transit gateways.
    pub transits: Vec<Transit>,
    /// Network interfaces, and places where there may be some.
    pub holders: Vec<Holder>,
}

/// A virtual private cloud.
#[derive(Clone, Debug, Default)]
pub struct Vpc {
    /// Its blocks.
    pub blocks: Vec<Range>,
    /// The table of subnets that have no other; without one it is only the way inside.
    pub main: Option<At>,
    /// Whether an internet gateway is attached.
    pub internet: bool,
    /// Where it came from.
    pub mark: Mark,
}

/// A slice of a VPC.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// The VPC.
    pub vpc: At,
    /// Its blocks, one for each family.
    pub blocks: Vec<Range>,
    /// Its route table, unless it is the main one.
    pub table: Option<At>,
    /// Its network ACL, unless it is the default one, which lets everything through.
    pub acl: Option<At>,
    /// Where it came from.
    pub mark: Mark,
}

/// A route table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its VPC: the way inside it is always there.
    pub vpc: At,
    /// All other routes.
    pub routes: Vec<Route>,
    /// Where it came from.
    pub mark: Mark,
}

/// A route. Of those that match, the longest decides; of those of one length, the lowest rank.
#[derive(Clone, Debug)]
pub struct Route {
    /// Where to.
    pub to: Range,
    /// By which way.
    pub via: Via,
    /// 0 for a static one, 1 for one by a prefix list, 2 for one that was learned. The way inside is
    /// before all. Source: <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>.
    pub rank: u8,
    /// Where it came from.
    pub mark: Mark,
}

/// By which way a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// Inside the VPC.
    Local,
    /// The internet gateway, or the one that only lets out.
    Internet,
    /// A NAT gateway, by its place.
    Nat(At),
    /// A peering connection, by its place.
    Peering(At),
    /// A transit gateway, by a number.
    Transit(u32),
    /// A virtual private gateway: to the premises.
    Premises,
    /// What forwards as it likes, in this subnet: an instance, an interface, a balancer of gateways.
    Appliance(At),
    /// Nowhere: what a route leads to is gone.
    Nowhere,
    /// It could not be read: anything that the VPC has.
    Unknown,
}

/// A network ACL.
#[derive(Clone, Debug, Default)]
pub struct Acl {
    /// Rules into the subnet.
    pub inward: Vec<Entry>,
    /// Rules out of it.
    pub outward: Vec<Entry>,
    /// Where it came from.
    pub mark: Mark,
}

/// A rule of a network ACL. The lowest number that matches decides.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub number: u32,
    /// Whether it lets through.
    pub allow: bool,
    /// The other side.
    pub block: Range,
    /// What it is about.
    pub traffic: Traffic,
    /// Where it came from.
    pub mark: Mark,
}

/// A security group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// What is let in.
    pub ingress: Vec<Rule>,
    /// What is let out.
    pub egress: Vec<Rule>,
    /// Where it came from.
    pub mark: Mark,
}

/// A rule of a security group. It only allows, and what it allows may be answered.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The other side.
    pub peer: Peer,
    /// What it is about.
    pub traffic: Traffic,
    /// Where it came from.
    pub mark: Mark,
}

/// The other side of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Addresses.
    Block(Range),
    /// The interfaces of a group.
    Group(At),
}

/// A NAT gateway.
#[derive(Clone, Debug)]
pub struct Nat {
    /// Where it stands.
    pub subnet: At,
    /// Its private address, somewhere in here.
    pub address: Range,
    /// Where it came from.
    pub mark: Mark,
}

/// A peering connection between two VPCs. Nothing but traffic between the two goes over it.
#[derive(Clone, Debug)]
pub struct Peering {
    /// The one end.
    pub one: At,
    /// The other.
    pub other: At,
    /// Where it came from.
    pub mark: Mark,
}

/// What is attached to a transit gateway.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The gateway.
    pub gateway: u32,
    /// What it is.
    pub to: Attached,
    /// The table that what comes from it follows.
    pub table: Option<At>,
    /// Where it came from.
    pub mark: Mark,
}

/// What can be attached.
#[derive(Clone, Debug)]
pub enum Attached {
    /// A VPC, with the subnets in which the gateway has interfaces.
    Vpc(At, Vec<At>),
    /// A VPN connection: the premises.
    Premises,
}

/// A route table of a transit gateway.
#[derive(Clone, Debug, Default)]
pub struct Transit {
    /// Its routes.
    pub routes: Vec<TransitRoute>,
    /// Where it came from.
    pub mark: Mark,
}

/// A route of a transit gateway. Of those that match, the longest decides; then the static one.
#[derive(Clone, Debug)]
pub struct TransitRoute {
    /// Where to.
    pub to: Range,
    /// The attachment; none is a black hole.
    pub via: Option<At>,
    /// Whether it was learned.
    pub learned: bool,
    /// Where it came from.
    pub mark: Mark,
}

/// A network interface, or a place where there may be one: any address of a subnet.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Where.
    pub subnet: At,
    /// Its security groups, sorted.
    pub groups: Arc<[At]>,
    /// Whose it is: a number that whoever fills the network knows.
    pub owner: u32,
    /// Whether it can have a public address.
    pub public: bool,
    /// Where it came from.
    pub mark: Mark,
}
