//! Ways between VPCs: transit gateways and peering connections.

use crate::resource::vpc::{Subnet, Vpc};
use crate::resource::vpn::VpnConnection;
use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// A router between VPCs. Nothing is associated or propagated by default: who reaches whom is said
/// route table by route table.
/// Source: <https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-quotas.html>.
#[derive(Debug)]
pub struct TransitGateway {
    /// What it is for.
    pub description: &'static str,
    /// Whether accounts that it is shared with attach without being asked. What is attached reaches
    /// nothing until it has a route table.
    pub shared: bool,
}

resource!(TransitGateway, Some("AWS::EC2::TransitGateway"), "aws_ec2_transit_gateway", taggable: true, |self| {
    Body::new()
        .set("Description", self.description)
        .set("DefaultRouteTableAssociation", "disable")
        .set("DefaultRouteTablePropagation", "disable")
        .set("AutoAcceptSharedAttachments", if self.shared { "enable" } else { "disable" })
        .set("DnsSupport", "enable")
        .set("VpnEcmpSupport", "enable")
});

/// Puts a VPC at a transit gateway, with one subnet in each zone that is to reach it.
#[derive(Debug)]
pub struct Attachment {
    /// The gateway.
    pub gateway: Id<TransitGateway>,
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// One subnet a zone.
    pub subnets: Vec<Id<Subnet>>,
}

resource!(Attachment, Some("AWS::EC2::TransitGatewayAttachment"), "aws_ec2_transit_gateway_vpc_attachment",
    taggable: true, |self| {
    Body::new()
        .set("TransitGatewayId", &self.gateway)
        .set("VpcId", &self.vpc)
        .set_list("SubnetIds", &self.subnets)
});

/// Where traffic from its attachments goes.
#[derive(Debug)]
pub struct TransitRouteTable {
    /// The gateway.
    pub gateway: Id<TransitGateway>,
}

resource!(TransitRouteTable, Some("AWS::EC2::TransitGatewayRouteTable"), "aws_ec2_transit_gateway_route_table",
    taggable: true, |self| {
    Body::new().set("TransitGatewayId", &self.gateway)
});

/// Traffic from an attachment follows a table.
#[derive(Debug)]
pub struct Association {
    /// The attachment.
    pub attachment: Id<Attachment>,
    /// The table.
    pub table: Id<TransitRouteTable>,
}

resource!(Association, Some("AWS::EC2::TransitGatewayRouteTableAssociation"),
    "aws_ec2_transit_gateway_route_table_association", taggable: false, |self| {
    Body::new().set("TransitGatewayAttachmentId", &self.attachment).set("TransitGatewayRouteTableId", &self.table)
});

/// A table learns the way to an attachment.
#[derive(Debug)]
pub struct Propagation {
    /// The attachment.
    pub attachment: Id<Attachment>,
    /// The table.
    pub table: Id<TransitRouteTable>,
}

resource!(Propagation, Some("AWS::EC2::TransitGatewayRouteTablePropagation"),
    "aws_ec2_transit_gateway_route_table_propagation", taggable: false, |self| {
    Body::new().set("TransitGatewayAttachmentId", &self.attachment).set("TransitGatewayRouteTableId", &self.table)
});

/// Traffic from a VPN connection follows a table. CloudFormation does not tell the attachment of a
/// connection, so it has no resource for this.
#[derive(Debug)]
pub struct VpnAssociation {
    /// The connection.
    pub connection: Id<VpnConnection>,
    /// The table.
    pub table: Id<TransitRouteTable>,
}

resource!(VpnAssociation, None, "aws_ec2_transit_gateway_route_table_association", taggable: false, |self| {
    vpn_attachment(&self.connection, &self.table)
});

/// A table learns the way to a VPN connection. As above.
#[derive(Debug)]
pub struct VpnPropagation {
    /// The connection.
    pub connection: Id<VpnConnection>,
    /// The table.
    pub table: Id<TransitRouteTable>,
}

resource!(VpnPropagation, None, "aws_ec2_transit_gateway_route_table_propagation", taggable: false, |self| {
    vpn_attachment(&self.connection, &self.table)
});

fn vpn_attachment(connection: &Id<VpnConnection>, table: &Id<TransitRouteTable>) -> Body {
    Body::new()
        .set("TransitGatewayAttachmentId", connection.att("TransitGatewayAttachmentId"))
        .set("TransitGatewayRouteTableId", Value::from(table))
}

/// A way between two VPCs of one account and region, accepted at once.
#[derive(Debug)]
pub struct PeeringConnection {
    /// The VPC that asks.
    pub vpc: Id<Vpc>,
    /// The VPC that accepts.
    pub peer: Id<Vpc>,
}

resource!(PeeringConnection, Some("AWS::EC2::VPCPeeringConnection"), "aws_vpc_peering_connection",
    taggable: true, |self| {
    Body::new().set("VpcId", &self.vpc).set("PeerVpcId", &self.peer)
});

/// A way to a VPC of another account, accepted by a role there with CloudFormation.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcpeeringconnection.html>.
#[derive(Debug)]
pub struct ForeignPeering {
    /// The VPC that asks.
    pub vpc: Id<Vpc>,
    /// The VPC that accepts.
    pub peer: Id<Vpc>,
    /// Its account.
    pub owner: Value,
    /// The role there that accepts.
    pub role: Value,
}

resource!(ForeignPeering, Some("AWS::EC2::VPCPeeringConnection"), "aws_vpc_peering_connection",
    taggable: true, |self| {
    Body::new()
        .set("VpcId", &self.vpc)
        .set("PeerVpcId", &self.peer)
        .set("PeerOwnerId", self.owner)
        .set("PeerRoleArn", self.role)
});

/// The acceptance of a peering connection by its other side, which Terraform has as a resource.
#[derive(Debug)]
pub struct PeeringAccepter {
    /// The connection.
    pub peering: Id<PeeringConnection>,
}

resource!(PeeringAccepter, None, "aws_vpc_peering_connection_accepter", taggable: false, |self| {
    Body::new().set("VpcPeeringConnectionId", &self.peering).set("AutoAccept", true)
});
