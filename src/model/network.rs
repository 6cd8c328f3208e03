//! Parts of networks that several models are made of.

use crate::blueprint::shape::{GatewayService, Nat};
use crate::model::{foundation, policy};
use crate::plan::Zone;
use crate::resource::endpoint::{Reach, VpcEndpoint};
use crate::resource::flow::{FlowLog, LogGroup};
use crate::resource::security::{
    DefaultSecurityGroup, Direction, Ingress, NetworkAcl, NetworkAclEntry, Peer, Ports,
    SecurityGroup, Traffic,
};
use crate::resource::vpc::{
    ElasticIp, InternetGateway, InternetGatewayAttachment, NatGateway, Route, RouteTable,
    RouteTableAssociation, Subnet, Target, Vpc,
};
use crate::spec::Spec;
use crate::template::Template;
use crate::value::{Id, LogicalId, Value, param};

/// Every address.
pub const ANYWHERE: &str = "0.0.0.0/0";

/// Where AWS services and most of the web listen.
pub const HTTPS: u16 = 443;

/// The name of a parameter or resource that there is one of in each zone.
pub fn numbered(name: &str, zone: &Zone) -> String {
    format!("{name}{}", zone.number())
}

/// A VPC with an internet gateway, its traffic recorded and its default group stripped.
pub struct Core {
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// The gateway.
    pub gateway: Id<InternetGateway>,
    /// What must be there before the gateway is used.
    pub attached: LogicalId,
}

/// Which role delivers the flow logs of a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowLogs {
    /// That of the foundation of the account and region.
    Foundation,
    /// One of the same stack, in an account that has no foundation.
    Own,
}

/// Adds a VPC with all that every VPC has. The template must have its tags already.
pub fn core(
    t: &mut Template,
    spec: &Spec,
    logs: FlowLogs,
    after_vpc: impl FnOnce(&mut Template),
) -> Core {
    let cidr = t.param("VpcCidr", "The addresses of the VPC");
    let role = match logs {
        FlowLogs::Foundation => foundation::import(t),
        FlowLogs::Own => foundation::flow_log_role(t),
    };
    let vpc = t.add("Vpc", Vpc { cidr });
    after_vpc(t);
    t.add("DefaultSecurityGroup", DefaultSecurityGroup { vpc: vpc.clone() });
    let gateway = t.add("InternetGateway", InternetGateway);
    let attachment = InternetGatewayAttachment { vpc: vpc.clone(), gateway: gateway.clone() };
    let attached = "InternetGatewayAttachment".to_owned();
    t.add(attached.clone(), attachment);
    let group = t.add_kept("FlowLogGroup", LogGroup { days: spec.network.flow_log_days });
    t.add("FlowLog", FlowLog { vpc: vpc.clone(), group, role });
    t.output("VpcId", "The VPC", &vpc);
    t.output(
        "DefaultSecurityGroupId",
        "The group that AWS made, without rules",
        vpc.att("DefaultSecurityGroup"),
    );
    Core { vpc, gateway, attached }
}

/// A layer of subnets, one in each zone.
pub struct Layer {
    /// The subnets, in the order of the zones.
    pub subnets: Vec<Id<Subnet>>,
    /// The names of the zones, as parameters.
    pub zones: Vec<Zone>,
}

/// Declares the parameters that name the zones.
pub fn zone_params(t: &mut Template, zones: &[Zone]) {
    for zone in zones {
        t.param(&numbered("Zone", zone), format!("The zone in slot {}", zone.number()));
    }
}

/// Adds one subnet in each zone; its parameters are `<name>Cidr<n>`.
pub fn layer(t: &mut Template, name: &str, vpc: &Id<Vpc>, zones: &[Zone]) -> Layer {
    let mut subnets = Vec::new();
    for zone in zones {
        let what = format!(
            "The addresses of the {} subnet in slot {}",
            name.to_lowercase(),
            zone.number()
        );
        let cidr = t.param(&numbered(&format!("{name}Cidr"), zone), what);
        let subnet = Subnet { vpc: vpc.clone(), cidr, zone: param(&numbered("Zone", zone)) };
        subnets.push(t.add(numbered(&format!("{name}Subnet"), zone), subnet));
    }
    Layer { subnets, zones: zones.to_vec() }
}

/// Adds one route table for a whole layer.
pub fn one_table(t: &mut Template, name: &str, vpc: &Id<Vpc>, layer: &Layer) -> Id<RouteTable> {
    let table = t.add(format!("{name}RouteTable"), RouteTable { vpc: vpc.clone() });
    for (subnet, zone) in layer.subnets.iter().zip(&layer.zones) {
        let association = RouteTableAssociation { subnet: subnet.clone(), table: table.clone() };
        t.add(numbered(&format!("{name}RouteTableAssociation"), zone), association);
    }
    table
}

/// Adds a route table for each subnet of a layer.
pub fn zone_tables(
    t: &mut Template,
    name: &str,
    vpc: &Id<Vpc>,
    layer: &Layer,
) -> Vec<Id<RouteTable>> {
    let mut tables = Vec::new();
    for (subnet, zone) in layer.subnets.iter().zip(&layer.zones) {
        let table =
            t.add(numbered(&format!("{name}RouteTable"), zone), RouteTable { vpc: vpc.clone() });
        let association = RouteTableAssociation { subnet: subnet.clone(), table: table.clone() };
        t.add(numbered(&format!("{name}RouteTableAssociation"), zone), association);
        tables.push(table);
    }
    tables
}

/// Adds the public layer with its way to the internet.
pub fn public_layer(t: &mut Template, core: &Core, zones: &[Zone]) -> Layer {
    let public = layer(t, "Public", &core.vpc, zones);
    let table = one_table(t, "Public", &core.vpc, &public);
    let route = Route { table, to: ANYWHERE.into(), via: Target::Internet(core.gateway.clone()) };
    t.add_after("PublicDefaultRoute", route, &[&core.attached]);
    public
}

/// Adds NAT gateways; none, one, or one in each zone.
pub fn nat_gateways(
    t: &mut Template,
    nat: Nat,
    core: &Core,
    public: &Layer,
) -> Vec<Id<NatGateway>> {
    let count = match nat {
        Nat::None => 0,
        Nat::Single => 1,
        Nat::PerZone => public.subnets.len(),
    };
    let mut gateways = Vec::new();
    for (subnet, zone) in public.subnets.iter().zip(&public.zones).take(count) {
        let address = t.add_after(numbered("NatAddress", zone), ElasticIp, &[&core.attached]);
        let gateway = NatGateway { subnet: subnet.clone(), address };
        gateways.push(t.add_after(numbered("NatGateway", zone), gateway, &[&core.attached]));
    }
    gateways
}

/// Adds the default route of each table to the NAT gateway of its zone, or to the only one.
pub fn nat_routes(
    t: &mut Template,
    name: &str,
    tables: &[Id<RouteTable>],
    zones: &[Zone],
    gateways: &[Id<NatGateway>],
) {
    for (i, (table, zone)) in tables.iter().zip(zones).enumerate() {
        let Some(gateway) = gateways.get(i).or(gateways.first()) else { return };
        let route =
            Route { table: table.clone(), to: ANYWHERE.into(), via: Target::Nat(gateway.clone()) };
        t.add(numbered(&format!("{name}DefaultRoute"), zone), route);
    }
}

/// The service name of a gateway endpoint.
pub fn gateway_service(service: GatewayService) -> &'static str {
    match service {
        GatewayService::S3 => "s3",
        GatewayService::DynamoDb => "dynamodb",
    }
}

/// Adds gateway endpoints for some route tables.
pub fn gateway_endpoints(
    t: &mut Template,
    services: &[GatewayService],
    vpc: &Id<Vpc>,
    tables: &[Id<RouteTable>],
) {
    for service in services {
        let service = gateway_service(*service);
        let endpoint = VpcEndpoint {
            vpc: vpc.clone(),
            service: service.to_owned(),
            reach: Reach::Gateway(tables.to_vec()),
            policy: policy::endpoint(service),
        };
        t.add(format!("GatewayEndpoint{}", crate::name::pascal(service)), endpoint);
    }
}

/// Adds interface endpoints, open to the whole VPC.
pub fn interface_endpoints(t: &mut Template, services: &[String], vpc: &Id<Vpc>, layer: &Layer) {
    if services.is_empty() {
        return;
    }
    let group = SecurityGroup { vpc: vpc.clone(), description: "Interface endpoints" };
    let group = t.add("EndpointSecurityGroup", group);
    t.add(
        "EndpointIngress",
        Ingress {
            group: group.clone(),
            from: Peer::Cidr(param("VpcCidr")),
            traffic: Traffic::Tcp(HTTPS),
            description: "AWS services, from the VPC",
        },
    );
    for service in services {
        let endpoint = VpcEndpoint {
            vpc: vpc.clone(),
            service: service.clone(),
            reach: Reach::Interface(layer.subnets.clone(), group.clone()),
            policy: policy::endpoint(service),
        };
        t.unit = Some(service.clone());
        t.add(format!("InterfaceEndpoint{}", crate::name::pascal(service)), endpoint);
    }
    t.unit = None;
}

/// Writes the rules of a network ACL: numbers leave room for a person to put a rule between.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>.
pub struct Acl<'a> {
    /// The template.
    pub template: &'a mut Template,
    /// The ACL.
    pub acl: Id<NetworkAcl>,
    /// What the names of its rules begin with.
    pub prefix: &'static str,
    /// The last number used, into and out of the subnet.
    pub last: (u16, u16),
}

/// The distance between two rules.
const GAP: u16 = 10;
/// The number of the first rule.
const FIRST: u16 = 100;

impl<'a> Acl<'a> {
    /// Adds an ACL without rules.
    pub fn new(template: &'a mut Template, prefix: &'static str, vpc: &Id<Vpc>) -> Self {
        let acl = template.add(format!("{prefix}NetworkAcl"), NetworkAcl { vpc: vpc.clone() });
        Acl { template, acl, prefix, last: (FIRST - GAP, FIRST - GAP) }
    }

    /// Adds the next rule of a direction.
    pub fn rule(
        &mut self,
        direction: Direction,
        allow: bool,
        ports: Ports,
        cidr: impl Into<Value>,
    ) {
        let (last, word) = match direction {
            Direction::In => (&mut self.last.0, "In"),
            Direction::Out => (&mut self.last.1, "Out"),
        };
        *last += GAP;
        let number = *last;
        let id = format!("{}Acl{word}{number}", self.prefix);
        let entry = NetworkAclEntry {
            acl: self.acl.clone(),
            number,
            direction,
            allow,
            ports,
            cidr: cidr.into(),
        };
        self.template.add(id, entry);
    }
}

/// The subnets of a layer as one text, for people and scripts.
pub fn subnet_ids(layer: &Layer) -> Value {
    Value::Separated(",", layer.subnets.iter().map(Value::from).collect())
}
