//! The network of a pool, in a stack of its own: the VPC, its ways out, the groups of what runs in it
//! and the subnets of its databases. The application in it grows with what a tier asks for; the network
//! does not, and outlives it.

use crate::blueprint::shape::DataEngine;
use crate::model::application::{data, parted};
use crate::model::cell::{self, Network};
use crate::model::hub::Side;
use crate::model::network::{self, ANYWHERE, HTTPS, numbered};
use crate::plan::{Cell, Plan, Ranges, Zone, layout};
use crate::resource::security::{Egress, Ingress, Peer, SecurityGroup, Traffic};
use crate::resource::vpc::{Subnet, Vpc};
use crate::spec::{Spec, Tier};
use crate::template::{Stack, Template, Values};
use crate::value::{Id, Value};

/// Where the group of the application is published.
const APP_GROUP: &str = "app-security-group-id";

/// Where the group of its load balancer is published.
const BALANCER_GROUP: &str = "balancer-security-group-id";

/// Where the application listens.
pub fn port(tier: &Tier) -> u16 {
    let own = tier.services.values().find_map(|service| service.port);
    own.unwrap_or(tier.app_port)
}

/// Whether databases need subnets of their own.
pub fn has_data_layer(tier: &Tier) -> bool {
    parted(tier).0 == DataEngine::AuroraPostgresql
}

/// The template of the networks of the pools of a tier.
pub fn template(
    shape: &str,
    spec: &Spec,
    ranges: &Ranges,
    side: Side,
    tier: &Tier,
    zones: &[Zone],
) -> Template {
    let about = format!("The network of a pool of tier {}.", tier.id);
    let mut t = cell::template(shape, about, spec, tier, zones);
    let network = cell::network(&mut t, spec, tier, zones, |_, _| {});
    cell::join_hub(&mut t, spec, ranges, side, &network, zones);
    for (subnet, zone) in network.private.subnets.iter().zip(zones) {
        let (path, what) = (subnet_path(zone), "A subnet for the application");
        cell::publish(&mut t, spec, &path, what, Value::from(subnet));
    }
    let app = groups(&mut t, spec, tier, &network);
    if has_data_layer(tier) {
        data_layer(&mut t, spec, tier, &network, &app, zones);
    }
    t
}

/// The stack of a network.
pub fn stack(spec: &Spec, plan: &Plan, cell: &Cell, tier: &Tier, template: &Template) -> Stack {
    let (mut stack, mut values) = cell::stack(spec, plan, cell, tier);
    if has_data_layer(tier) {
        for zone in &plan.zones[&cell.region] {
            let data = layout::layers(cell.block, zone.slot).data;
            values.set(numbered("DataCidr", zone), data);
        }
    }
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}

fn subnet_path(zone: &Zone) -> String {
    format!("private-subnet-{}-id", zone.number())
}

/// What an application finds.
pub struct Ground {
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// A subnet in each zone.
    pub subnets: Vec<Id<Subnet>>,
    /// The group of the application.
    pub app: Id<SecurityGroup>,
    /// The group of its load balancer.
    pub balancer: Id<SecurityGroup>,
}

/// Declares what the network of the pool has published.
pub fn given(t: &mut Template, zones: &[Zone]) -> Ground {
    let group = "AWS::EC2::SecurityGroup::Id";
    t.imported("VpcId", "AWS::EC2::VPC::Id", "The VPC of the pool");
    for zone in zones {
        let what = "A subnet for the application";
        t.imported(&numbered("PrivateSubnetId", zone), "AWS::EC2::Subnet::Id", what);
    }
    t.imported("AppGroupId", group, "The group of the application");
    t.imported("BalancerGroupId", group, "The group of the load balancer");
    Ground {
        vpc: Id::param("VpcId"),
        subnets: zones.iter().map(|z| Id::param(numbered("PrivateSubnetId", z))).collect(),
        app: Id::param("AppGroupId"),
        balancer: Id::param("BalancerGroupId"),
    }
}

/// Where that stands.
pub fn values(spec: &Spec, cell: &Cell, zones: &[Zone], values: &mut Values) {
    let path = |name: &str| cell::path(spec, &cell.id, name);
    values.set("VpcId", path("vpc-id"));
    for zone in zones {
        values.set(numbered("PrivateSubnetId", zone), path(&subnet_path(zone)));
    }
    values.set("AppGroupId", path(APP_GROUP));
    values.set("BalancerGroupId", path(BALANCER_GROUP));
}

/// Adds the groups of the load balancer and of the application; the latter.
fn groups(t: &mut Template, spec: &Spec, tier: &Tier, network: &Network) -> Id<SecurityGroup> {
    let vpc = &network.core.vpc;
    let mut group =
        |id: &str, description| t.add(id, SecurityGroup { vpc: vpc.clone(), description });
    let balancer =
        group("BalancerSecurityGroup", "The load balancer, which only API Gateway reaches");
    let app = group("AppSecurityGroup", "The application, behind the load balancer");
    let traffic = Traffic::Tcp(port(tier));
    let to = Peer::Group(app.clone());
    let description = "To the application";
    t.add("BalancerEgress", Egress { group: balancer.clone(), to, traffic, description });
    let from = Peer::Group(balancer.clone());
    let description = "From the load balancer";
    t.add("AppIngress", Ingress { group: app.clone(), from, traffic, description });
    let to = Peer::Cidr(ANYWHERE.into());
    let description = "AWS services, shared services and the web";
    let traffic = Traffic::Tcp(HTTPS);
    t.add("AppEgressHttps", Egress { group: app.clone(), to, traffic, description });
    for (path, group) in [(APP_GROUP, &app), (BALANCER_GROUP, &balancer)] {
        cell::publish(t, spec, path, "A group of the pool", group.att("GroupId"));
    }
    app
}

/// Where databases stand: subnets that lead nowhere, and a group that only the application enters.
fn data_layer(
    t: &mut Template,
    spec: &Spec,
    tier: &Tier,
    pool: &Network,
    app: &Id<SecurityGroup>,
    zones: &[Zone],
) {
    let vpc = &pool.core.vpc;
    let layer = network::layer(t, "Data", vpc, zones);
    network::one_table(t, "Data", vpc, &layer);
    for (subnet, zone) in layer.subnets.iter().zip(zones) {
        let path = data::subnet_path(zone);
        cell::publish(t, spec, &path, "A subnet for databases", Value::from(subnet));
    }
    let description = "Databases, behind the application";
    let group = t.add("DataSecurityGroup", SecurityGroup { vpc: vpc.clone(), description });
    let traffic = Traffic::Tcp(tier.data_port);
    let from = Peer::Group(app.clone());
    let description = "From the application";
    t.add("DataIngress", Ingress { group: group.clone(), from, traffic, description });
    let to = Peer::Group(group.clone());
    let description = "To the databases";
    t.add("AppEgressData", Egress { group: app.clone(), to, traffic, description });
    let id = group.att("GroupId");
    cell::publish(t, spec, "data-security-group-id", "The group of the databases", id);
}
