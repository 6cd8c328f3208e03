//! Security groups and network ACLs. Rules are resources of their own, never lists inside a group,
//! so that two rules never race and a rule that goes takes nothing with it.

use crate::resource::vpc::{Subnet, Vpc};
use crate::resource::{Body, resource};
use crate::value::{Id, Value, map};

/// A stateful filter round network interfaces. It begins with no rule in either direction.
#[derive(Debug)]
pub struct SecurityGroup {
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// What it is for. It cannot be changed later.
    pub description: &'static str,
}

resource!(SecurityGroup, Some("AWS::EC2::SecurityGroup"), "aws_security_group", taggable: true, |self| {
    Body::new().set("GroupDescription", self.description).set("VpcId", &self.vpc)
});

impl Id<SecurityGroup> {
    /// Its id: an attribute of a group of this template, and what a parameter says of another.
    pub fn group_id(&self) -> Value {
        if self.logical().is_some() { self.att("GroupId") } else { Value::from(self) }
    }
}

/// The other side of a rule.
#[derive(Debug)]
pub enum Peer {
    /// A block of addresses.
    Cidr(Value),
    /// The interfaces of a group.
    Group(Id<SecurityGroup>),
    /// The interfaces of a group of another stack, by its id.
    GroupId(Value),
}

/// What a rule lets through.
#[derive(Clone, Copy, Debug)]
pub enum Traffic {
    /// One TCP port.
    Tcp(u16),
    /// Everything.
    All,
}

impl Traffic {
    fn set(self, body: Body) -> Body {
        match self {
            Traffic::Tcp(port) => {
                body.set("IpProtocol", "tcp").set("FromPort", port).set("ToPort", port)
            }
            Traffic::All => body.set("IpProtocol", "-1"),
        }
    }
}

/// Lets traffic into a group.
#[derive(Debug)]
pub struct Ingress {
    /// The group.
    pub group: Id<SecurityGroup>,
    /// From where.
    pub from: Peer,
    /// What.
    pub traffic: Traffic,
    /// Why, at most 255 characters. Written where the other side is a block: a group says itself
    /// what it is.
    pub description: &'static str,
}

resource!(Ingress, Some("AWS::EC2::SecurityGroupIngress"), "aws_vpc_security_group_ingress_rule",
    taggable: false, |self| {
    let body = Body::new().set("GroupId", self.group.group_id());
    let body = match self.from {
        Peer::Cidr(cidr) => body.set("Description", self.description).set("CidrIp", cidr),
        Peer::Group(id) => body.set("SourceSecurityGroupId", id.group_id()),
        Peer::GroupId(id) => body.set("SourceSecurityGroupId", id),
    };
    self.traffic.set(body)
});

/// Lets traffic out of a group.
#[derive(Debug)]
pub struct Egress {
    /// The group.
    pub group: Id<SecurityGroup>,
    /// To where.
    pub to: Peer,
    /// What.
    pub traffic: Traffic,
    /// Why, at most 255 characters. Written where the other side is a block: a group says itself
    /// what it is.
    pub description: &'static str,
}

resource!(Egress, Some("AWS::EC2::SecurityGroupEgress"), "aws_vpc_security_group_egress_rule",
    taggable: false, |self| {
    let body = Body::new().set("GroupId", self.group.group_id());
    let body = match self.to {
        Peer::Cidr(cidr) => body.set("Description", self.description).set("CidrIp", cidr),
        Peer::Group(id) => body.set("DestinationSecurityGroupId", id.group_id()),
        Peer::GroupId(id) => body.set("DestinationSecurityGroupId", id),
    };
    self.traffic.set(body)
});

/// The group that AWS makes in every VPC, without its rules: it lets its members talk to each other
/// otherwise, and whatever names no group gets it. CloudFormation has no resource for it.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>.
#[derive(Debug)]
pub struct DefaultSecurityGroup {
    /// Its VPC.
    pub vpc: Id<Vpc>,
}

resource!(DefaultSecurityGroup, None, "aws_default_security_group", taggable: false, |self| {
    Body::new().set("VpcId", &self.vpc).set("Ingress", Vec::<Value>::new()).set("Egress", Vec::<Value>::new())
});

/// A stateless filter round subnets. It denies everything until it has rules.
#[derive(Debug)]
pub struct NetworkAcl {
    /// Its VPC.
    pub vpc: Id<Vpc>,
}

resource!(NetworkAcl, Some("AWS::EC2::NetworkAcl"), "aws_network_acl", taggable: true, |self| {
    Body::new().set("VpcId", &self.vpc)
});

/// Which way a rule of a network ACL looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Into the subnet.
    In,
    /// Out of the subnet.
    Out,
}

/// What a rule of a network ACL is about.
#[derive(Clone, Copy, Debug)]
pub enum Ports {
    /// All protocols.
    All,
    /// One TCP port.
    Tcp(u16),
    /// The TCP ports of return traffic: 1024 to 65535 covers Linux, Windows, load balancers and NAT.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html>.
    Ephemeral,
}

/// One rule of a network ACL; the lowest number that matches decides.
#[derive(Debug)]
pub struct NetworkAclEntry {
    /// The ACL.
    pub acl: Id<NetworkAcl>,
    /// 1 to 32766, unique for its direction.
    pub number: u16,
    /// Which way it looks.
    pub direction: Direction,
    /// Whether it lets through.
    pub allow: bool,
    /// What it is about.
    pub ports: Ports,
    /// The other side.
    pub cidr: Value,
}

/// The number of TCP among IP's protocols.
const TCP: i64 = 6;

resource!(NetworkAclEntry, Some("AWS::EC2::NetworkAclEntry"), "aws_network_acl_rule", taggable: false, |self| {
    let range = |from: u16, to: u16| map([("From", from), ("To", to)]);
    let (protocol, ports) = match self.ports {
        Ports::All => (-1, None),
        Ports::Tcp(port) => (TCP, Some(range(port, port))),
        Ports::Ephemeral => (TCP, Some(range(1024, 65535))),
    };
    Body::new()
        .set("NetworkAclId", &self.acl)
        .set("RuleNumber", self.number)
        .set("Egress", self.direction == Direction::Out)
        .set("RuleAction", if self.allow { "allow" } else { "deny" })
        .set("Protocol", protocol)
        .set("CidrBlock", self.cidr)
        .set_some("PortRange", ports)
});

/// Gives a subnet its network ACL.
#[derive(Debug)]
pub struct NetworkAclAssociation {
    /// The subnet.
    pub subnet: Id<Subnet>,
    /// The ACL.
    pub acl: Id<NetworkAcl>,
}

resource!(NetworkAclAssociation, Some("AWS::EC2::SubnetNetworkAclAssociation"), "aws_network_acl_association",
    taggable: false, |self| {
    Body::new().set("SubnetId", &self.subnet).set("NetworkAclId", &self.acl)
});
