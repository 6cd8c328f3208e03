//! The rows of networks, and how each is counted a second time.

use super::{
    Row, Way, acl_entry, address_usage, any, by, each, grouped, longest, most, nat_gateways,
    network, rule,
};

const ENDPOINT: &[&str] = &["AWS::EC2::VPCEndpoint"];

/// The rows.
pub static WAYS: &[Row] = &[
    each("vpc.vpcs-per-region", &["AWS::EC2::VPC"]),
    each("vpc.internet-gateways-per-region", &["AWS::EC2::InternetGateway"]),
    each("ec2.elastic-ips-per-region", &["AWS::EC2::EIP"]),
    each("ec2.customer-gateways-per-region", &["AWS::EC2::CustomerGateway"]),
    each("ec2.virtual-private-gateways-per-region", &["AWS::EC2::VPNGateway"]),
    each("ec2.vpn-connections-per-region", &["AWS::EC2::VPNConnection"]),
    each("tgw.transit-gateways-per-account", &["AWS::EC2::TransitGateway"]),
    (
        "vpc.gateway-endpoints-per-region",
        0,
        Way::Each(ENDPOINT, |it| it["VpcEndpointType"] == "Gateway"),
        "of type `Gateway`",
    ),
    by("vpc.subnets-per-vpc", &[("AWS::EC2::Subnet", "VpcId")]),
    (
        "vpc.route-tables-per-vpc",
        1,
        Way::By(&[("AWS::EC2::RouteTable", "VpcId")], any),
        "and the main one",
    ),
    (
        "vpc.network-acls-per-vpc",
        1,
        Way::By(&[("AWS::EC2::NetworkAcl", "VpcId")], any),
        "and the default one",
    ),
    (
        "vpc.internet-gateways-per-vpc",
        0,
        Way::By(&[("AWS::EC2::VPCGatewayAttachment", "VpcId")], |it| {
            it.get("InternetGatewayId").is_some()
        }),
        "of internet gateways",
    ),
    (
        "vpc.gateway-endpoints-per-vpc",
        0,
        Way::By(&[("AWS::EC2::VPCEndpoint", "VpcId")], |it| it["VpcEndpointType"] == "Gateway"),
        "of type `Gateway`",
    ),
    (
        "vpc.interface-endpoints-per-vpc",
        0,
        Way::By(&[("AWS::EC2::VPCEndpoint", "VpcId")], |it| it["VpcEndpointType"] == "Interface"),
        "of type `Interface`",
    ),
    (
        "vpc.routes-per-route-table",
        1,
        Way::Most(network::routes),
        "`EC2::Route` by `RouteTableId`; each gateway endpoint by the weight of its prefix list; and the \
         local route",
    ),
    most(
        "vpc.propagated-routes-per-route-table",
        network::propagated,
        "the blocks on premises, where their gateway tells of them; at least one of another",
    ),
    (
        "vpc.rules-per-network-acl",
        1,
        Way::Most(|all| grouped(all, acl_entry)),
        "`EC2::NetworkAclEntry` of one direction, and the rule that denies the rest",
    ),
    by(
        "vpc.active-peerings-per-vpc",
        &[
            ("AWS::EC2::VPCPeeringConnection", "VpcId"),
            ("AWS::EC2::VPCPeeringConnection", "PeerVpcId"),
        ],
    ),
    by(
        "tgw.attachments-per-transit-gateway",
        &[
            ("AWS::EC2::TransitGatewayAttachment", "TransitGatewayId"),
            ("AWS::EC2::VPNConnection", "TransitGatewayId"),
        ],
    ),
    by(
        "tgw.route-tables-per-transit-gateway",
        &[("AWS::EC2::TransitGatewayRouteTable", "TransitGatewayId")],
    ),
    most(
        "tgw.routes-per-transit-gateway",
        network::transit_routes,
        "in all its tables: one for each VPC that a table learns of, and the blocks on premises",
    ),
    most(
        "vpc.outstanding-peering-requests",
        network::pending,
        "requests to another account that one stack makes: they are accepted before the next that asks begins",
    ),
    by("tgw.transit-gateways-per-vpc", &[("AWS::EC2::TransitGatewayAttachment", "VpcId")]),
    by("ec2.vpn-connections-per-vgw", &[("AWS::EC2::VPNConnection", "VpnGatewayId")]),
    most("vpc.nat-gateways-per-az", nat_gateways, "`EC2::NatGateway` by the zone of its subnet"),
    most(
        "vpc.network-interfaces-per-region",
        network::interfaces,
        "by zone: one in each subnet of what stands there, and what scales at its most, spread over its \
         zones",
    ),
    most(
        "vpc.peered-network-address-usage",
        network::peered,
        "the same units of a VPC and all that it is peered with",
    ),
    each("vpc.dhcp-option-sets-per-region", &["AWS::EC2::DHCPOptions"]),
    most(
        "vpc.network-address-usage",
        address_usage,
        "one for each address, six for a NAT gateway, an attachment, a function, and in each zone an \
         endpoint or a network load balancer; what scales at its most",
    ),
    most(
        "vpc.endpoint-policy-characters",
        |all| longest(all, "AWS::EC2::VPCEndpoint", |it| &it["PolicyDocument"]),
        "the policy without white space",
    ),
    most(
        "vpc.rules-per-security-group",
        |all| grouped(all, rule),
        "rules of one direction and family, inside and beside the group; a group counts in both families, \
         a prefix list by its weight",
    ),
    most("vpc.security-groups-per-eni", network::groups, "groups of an interface, whatever has it"),
    most(
        "vpc.sg-rules-times-sgs-per-eni",
        network::product,
        "the most rules of a group there, times the most groups of an interface: AWS must grant both",
    ),
    (
        "vpc.security-groups-per-region",
        0,
        Way::Each(&["AWS::EC2::SecurityGroup", "AWS::EC2::VPC"], any),
        "each VPC has a default one",
    ),
    by("vpc.flow-log-subscriptions-per-resource", &[("AWS::EC2::FlowLog", "ResourceId")]),
];
