//! The kinds of things that are compared: how AWS identifies each, which CloudFormation types it
//! comes from, and the form in which it is the same whoever made it.

use serde_json::Value;

use super::form;

/// One kind of thing.
pub struct Kind {
    /// The word for it, and the name of its set.
    pub word: &'static str,
    /// The field that holds its id.
    pub id: &'static str,
    /// The CloudFormation types that make it; their physical id is the field `id`.
    pub types: &'static [&'static str],
    pub form: fn(&Value) -> Value,
}

macro_rules! kinds {
    ($($word:literal $id:literal [$($kind:literal),*] $form:ident;)*) => {
        &[$(Kind { word: $word, id: $id, types: &[$($kind),*], form: form::$form },)*]
    };
}

pub const KINDS: &[Kind] = kinds! {
    "VPC" "vpcId" ["AWS::EC2::VPC"] vpc;
    "subnet" "subnetId" ["AWS::EC2::Subnet"] subnet;
    "route table" "routeTableId" ["AWS::EC2::RouteTable"] route_table;
    "network ACL" "networkAclId" ["AWS::EC2::NetworkAcl"] network_acl;
    "security group" "groupId" ["AWS::EC2::SecurityGroup"] security_group;
    "internet gateway" "internetGatewayId" ["AWS::EC2::InternetGateway"] internet_gateway;
    "egress-only gateway" "egressOnlyInternetGatewayId" ["AWS::EC2::EgressOnlyInternetGateway"]
        internet_gateway;
    "NAT gateway" "natGatewayId" ["AWS::EC2::NatGateway"] nat_gateway;
    "address" "allocationId" ["AWS::EC2::EIP"] address;
    "endpoint" "vpcEndpointId" ["AWS::EC2::VPCEndpoint"] endpoint;
    "peering" "vpcPeeringConnectionId" ["AWS::EC2::VPCPeeringConnection"] peering;
    "transit gateway" "transitGatewayId" ["AWS::EC2::TransitGateway"] transit_gateway;
    "attachment" "transitGatewayAttachmentId"
        ["AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"] attachment;
    "transit route table" "transitGatewayRouteTableId" ["AWS::EC2::TransitGatewayRouteTable"]
        transit_route_table;
    "DHCP options" "dhcpOptionsId" ["AWS::EC2::DHCPOptions"] dhcp_options;
    "flow log" "flowLogId" ["AWS::EC2::FlowLog"] flow_log;
    "VPN gateway" "vpnGatewayId" ["AWS::EC2::VPNGateway"] vpn_gateway;
    "customer gateway" "customerGatewayId" ["AWS::EC2::CustomerGateway"] customer_gateway;
    "VPN connection" "vpnConnectionId" ["AWS::EC2::VPNConnection"] vpn_connection;
    "prefix list" "prefixListId" ["AWS::EC2::PrefixList"] prefix_list;
    "log group" "logGroupName" ["AWS::Logs::LogGroup"] log_group;
    "role" "RoleName" ["AWS::IAM::Role"] role;
    "policy" "Arn" ["AWS::IAM::ManagedPolicy"] policy;
    "cluster" "clusterName" ["AWS::ECS::Cluster"] cluster;
    "service" "serviceArn" ["AWS::ECS::Service"] service;
    "parameter" "Name" ["AWS::SSM::Parameter"] parameter;
    "unit" "Id" ["AWS::Organizations::OrganizationalUnit"] unit;
    "account" "Id" ["AWS::Organizations::Account"] account;
    "control policy" "Id" ["AWS::Organizations::Policy"] control_policy;
    "stack set" "StackSetId" ["AWS::CloudFormation::StackSet"] stack_set;
    "budget" "BudgetName" ["AWS::Budgets::Budget"] budget;
};

/// Types that are a part of another thing's form and have no listing of their own.
pub const PARTS: [&str; 15] = [
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::EC2::Route",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::VPCDHCPOptionsAssociation",
    "AWS::EC2::VPNConnectionRoute",
    "AWS::EC2::TransitGatewayRoute",
    "AWS::EC2::TransitGatewayRouteTableAssociation",
    "AWS::EC2::TransitGatewayRouteTablePropagation",
];
