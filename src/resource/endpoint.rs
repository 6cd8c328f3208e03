//! VPC endpoints: private ways to AWS services.

use crate::resource::security::SecurityGroup;
use crate::resource::vpc::{RouteTable, Subnet, Vpc};
use crate::resource::{Body, resource};
use crate::value::{Id, Pseudo, Value, join};

/// How an endpoint is reached.
#[derive(Debug)]
pub enum Reach {
    /// By a route that AWS keeps in these tables. Only S3 and `DynamoDB`.
    Gateway(Vec<Id<RouteTable>>),
    /// By an interface in each of these subnets, one a zone, behind a group.
    Interface(Vec<Id<Subnet>>, Id<SecurityGroup>),
}

/// A private way to a service.
#[derive(Debug)]
pub struct VpcEndpoint {
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// The service: what stands behind the region in its name.
    pub service: String,
    /// How it is reached.
    pub reach: Reach,
    /// What may be done through it. It grants nothing by itself.
    pub policy: Value,
}

resource!(VpcEndpoint, Some("AWS::EC2::VPCEndpoint"), "aws_vpc_endpoint", taggable: true, |self| {
    let service = join(["com.amazonaws.".into(), Pseudo::Region.into(), format!(".{}", self.service).into()]);
    let body = Body::new().set("VpcId", &self.vpc).set("ServiceName", service);
    let body = match &self.reach {
        Reach::Gateway(tables) => body.set("VpcEndpointType", "Gateway").set_list("RouteTableIds", tables),
        Reach::Interface(subnets, group) => body
            .set("VpcEndpointType", "Interface")
            .set("PrivateDnsEnabled", true)
            .set_list("SubnetIds", subnets)
            .set("SecurityGroupIds", vec![group.group_id()]),
    };
    body.set("PolicyDocument", Value::Document(Box::new(self.policy)))
});
