//! Amazon VPC: the network itself, its subnets, gateways and routes.

use crate::resource::transit::{PeeringConnection, TransitGateway};
use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// A virtual private cloud.
#[derive(Debug)]
pub struct Vpc {
    /// Its primary block, /16 to /28.
    pub cidr: Value,
}

resource!(Vpc, Some("AWS::EC2::VPC"), "aws_vpc", taggable: true, |self| {
    Body::new().set("CidrBlock", self.cidr).set("EnableDnsSupport", true).set("EnableDnsHostnames", true)
});

/// A slice of a VPC in one zone. No subnet gives out public addresses by itself.
#[derive(Debug)]
pub struct Subnet {
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// Its block, inside that of the VPC.
    pub cidr: Value,
    /// The name of its zone.
    pub zone: Value,
}

resource!(Subnet, Some("AWS::EC2::Subnet"), "aws_subnet", taggable: true, |self| {
    Body::new()
        .set("VpcId", &self.vpc)
        .set("CidrBlock", self.cidr)
        .set("AvailabilityZone", self.zone)
        .set("MapPublicIpOnLaunch", false)
});

/// A way to the internet.
#[derive(Debug)]
pub struct InternetGateway;

resource!(InternetGateway, Some("AWS::EC2::InternetGateway"), "aws_internet_gateway", taggable: true,
    |self| Body::new());

/// Puts an internet gateway at a VPC. What uses it must wait for this.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html>.
#[derive(Debug)]
pub struct InternetGatewayAttachment {
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// The gateway.
    pub gateway: Id<InternetGateway>,
}

resource!(InternetGatewayAttachment, Some("AWS::EC2::VPCGatewayAttachment"), "aws_internet_gateway_attachment",
    taggable: false, |self| {
    Body::new().set("VpcId", &self.vpc).set("InternetGatewayId", &self.gateway)
});

/// Where traffic of its subnets goes.
#[derive(Debug)]
pub struct RouteTable {
    /// Its VPC.
    pub vpc: Id<Vpc>,
}

resource!(RouteTable, Some("AWS::EC2::RouteTable"), "aws_route_table", taggable: true, |self| {
    Body::new().set("VpcId", &self.vpc)
});

/// Where a route leads.
#[derive(Debug)]
pub enum Target {
    /// To the internet.
    Internet(Id<InternetGateway>),
    /// To the internet, one way.
    Nat(Id<NatGateway>),
    /// To a transit gateway.
    Transit(Id<TransitGateway>),
    /// To a peered VPC.
    Peering(Id<PeeringConnection>),
}

/// One route of a table.
#[derive(Debug)]
pub struct Route {
    /// The table.
    pub table: Id<RouteTable>,
    /// The destination block.
    pub to: Value,
    /// Where it leads.
    pub via: Target,
}

resource!(Route, Some("AWS::EC2::Route"), "aws_route", taggable: false, |self| {
    let body = Body::new().set("RouteTableId", &self.table).set("DestinationCidrBlock", self.to);
    match &self.via {
        Target::Internet(id) => body.set("GatewayId", id),
        Target::Nat(id) => body.set("NatGatewayId", id),
        Target::Transit(id) => body.set("TransitGatewayId", id),
        Target::Peering(id) => body.set("VpcPeeringConnectionId", id),
    }
});

/// Gives a subnet its route table.
#[derive(Debug)]
pub struct RouteTableAssociation {
    /// The subnet.
    pub subnet: Id<Subnet>,
    /// The table.
    pub table: Id<RouteTable>,
}

resource!(RouteTableAssociation, Some("AWS::EC2::SubnetRouteTableAssociation"), "aws_route_table_association",
    taggable: false, |self| {
    Body::new().set("SubnetId", &self.subnet).set("RouteTableId", &self.table)
});

/// A public address that stays.
#[derive(Debug)]
pub struct ElasticIp;

resource!(ElasticIp, Some("AWS::EC2::EIP"), "aws_eip", taggable: true, |self| Body::new().set("Domain", "vpc"));

/// A one-way door to the internet for private subnets of one zone.
#[derive(Debug)]
pub struct NatGateway {
    /// The public subnet that it stands in.
    pub subnet: Id<Subnet>,
    /// Its public address.
    pub address: Id<ElasticIp>,
}

resource!(NatGateway, Some("AWS::EC2::NatGateway"), "aws_nat_gateway", taggable: true, |self| {
    Body::new().set("SubnetId", &self.subnet).set("AllocationId", self.address.att("AllocationId"))
});

/// What instances of a VPC are told about names.
#[derive(Debug)]
pub struct DhcpOptions {
    /// The domain that they append to short names.
    pub domain: Value,
}

resource!(DhcpOptions, Some("AWS::EC2::DHCPOptions"), "aws_vpc_dhcp_options", taggable: true, |self| {
    Body::new().set("DomainName", self.domain).set("DomainNameServers", vec!["AmazonProvidedDNS"])
});

/// Gives a VPC its DHCP options.
#[derive(Debug)]
pub struct DhcpOptionsAssociation {
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// The options.
    pub options: Id<DhcpOptions>,
}

resource!(DhcpOptionsAssociation, Some("AWS::EC2::VPCDHCPOptionsAssociation"), "aws_vpc_dhcp_options_association",
    taggable: false, |self| {
    Body::new().set("VpcId", &self.vpc).set("DhcpOptionsId", &self.options)
});
