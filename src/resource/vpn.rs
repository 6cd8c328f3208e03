//! Site-to-site VPN: connections to premises.

use crate::resource::transit::TransitGateway;
use crate::resource::vpc::{RouteTable, Vpc};
use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// The kind of tunnel, the only one that AWS has.
const IPSEC: &str = "ipsec.1";

/// The AWS end of a VPN connection at one VPC.
#[derive(Debug)]
pub struct VpnGateway;

resource!(VpnGateway, Some("AWS::EC2::VPNGateway"), "aws_vpn_gateway", taggable: true,
    |self| Body::new().set("Type", IPSEC));

/// Puts a VPN gateway at a VPC.
#[derive(Debug)]
pub struct VpnGatewayAttachment {
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// The gateway.
    pub gateway: Id<VpnGateway>,
}

resource!(VpnGatewayAttachment, Some("AWS::EC2::VPCGatewayAttachment"), "aws_vpn_gateway_attachment",
    taggable: false, |self| {
    Body::new().set("VpcId", &self.vpc).set("VpnGatewayId", &self.gateway)
});

/// A route table learns the routes of a VPN gateway. It must wait for the attachment.
#[derive(Debug)]
pub struct RoutePropagation {
    /// The table.
    pub table: Id<RouteTable>,
    /// The gateway.
    pub gateway: Id<VpnGateway>,
}

resource!(RoutePropagation, Some("AWS::EC2::VPNGatewayRoutePropagation"), "aws_vpn_gateway_route_propagation",
    taggable: false, |self| {
    Body::new().set("RouteTableIds", vec![Value::from(&self.table)]).set("VpnGatewayId", &self.gateway)
});

/// The customer's end of a VPN connection.
#[derive(Debug)]
pub struct CustomerGateway {
    /// Its public address.
    pub address: Value,
    /// Its BGP autonomous system number.
    pub asn: Value,
    /// Tells apart gateways of one address: AWS answers an identical request with the same gateway.
    /// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCustomerGateway.html>.
    pub device: Value,
}

resource!(CustomerGateway, Some("AWS::EC2::CustomerGateway"), "aws_customer_gateway", taggable: true, |self| {
    Body::new()
        .set("Type", IPSEC)
        .set("IpAddress", self.address)
        .set("BgpAsn", self.asn)
        .set("DeviceName", self.device)
});

/// Where the AWS end of a connection is.
#[derive(Debug)]
pub enum VpnEnd {
    /// At one VPC.
    Gateway(Id<VpnGateway>),
    /// At a transit gateway.
    Transit(Id<TransitGateway>),
}

/// A VPN connection with two tunnels and dynamic routing.
#[derive(Debug)]
pub struct VpnConnection {
    /// The customer's end.
    pub customer: Id<CustomerGateway>,
    /// The AWS end.
    pub end: VpnEnd,
}

resource!(VpnConnection, Some("AWS::EC2::VPNConnection"), "aws_vpn_connection", taggable: true, |self| {
    let body = Body::new().set("Type", IPSEC).set("CustomerGatewayId", &self.customer);
    let body = match &self.end {
        VpnEnd::Gateway(id) => body.set("VpnGatewayId", id),
        VpnEnd::Transit(id) => body.set("TransitGatewayId", id),
    };
    body.set("StaticRoutesOnly", false)
});
