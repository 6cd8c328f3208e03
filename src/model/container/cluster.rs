//! What the tenants of a cell share: its network, a load balancer, a cluster with a namespace, and
//! the role that starts tasks.

use crate::blueprint::shape::Several;
use crate::model::cell;
use crate::model::container::{hosts, ports, role};
use crate::model::hub::Side;
use crate::model::network::{ANYWHERE, HTTPS};
use crate::plan::{Cell, Plan, Ranges, Zone};
use crate::resource::balancer::{Listener, LoadBalancer, Otherwise};
use crate::resource::ecs::{Cluster, Namespace};
use crate::resource::security::{Egress, Ingress, Peer, SecurityGroup, Traffic};
use crate::spec::{Spec, Tier};
use crate::template::{NAME, Stack, Template};
use crate::value::{Id, Value, param};

/// Where clients come that have not heard of HTTPS.
const HTTP: u16 = 80;

/// The path of the name of the capacity provider below that of its cell.
pub const CAPACITY: &str = "capacity-provider";

/// The template of a cell.
pub fn template(
    shape: &str,
    spec: &Spec,
    ranges: &Ranges,
    side: Side,
    tier: &Tier,
    zones: &[Zone],
) -> Template {
    let about = format!("A cell of tier {}: a cluster that its tenants share.", tier.id);
    let mut t = cell::template(shape, about, spec, tier, zones);
    t.param("CertificateArn", "The certificate of the load balancer");
    let network = cell::network(&mut t, spec, tier, zones, |_, _| {});
    cell::join_hub(&mut t, spec, ranges, side, &network, zones);
    for (subnet, zone) in network.private.subnets.iter().zip(zones) {
        let path = subnet_path(zone);
        cell::publish(&mut t, spec, &path, "A private subnet of the cell", Value::from(subnet));
    }
    balancer(&mut t, spec, tier, &network);
    let arn = role::execution(&mut t, spec, tier);
    cell::publish(&mut t, spec, "execution-role-arn", "The role that starts tasks", arn);
    let cluster = cluster(&mut t, spec);
    if let Some(instances) = &tier.hosts {
        hosts::add(&mut t, spec, instances, &network, zones, &cluster);
    }
    t
}

/// The path of a private subnet below that of its cell.
pub fn subnet_path(zone: &Zone) -> String {
    format!("private-subnet-{}-id", zone.number())
}

/// The way in: clients by HTTPS, and from there only to the ports of tenants inside the VPC. What
/// no tenant's rule takes is not found.
fn balancer(t: &mut Template, spec: &Spec, tier: &Tier, network: &cell::Network) {
    let vpc = network.core.vpc.clone();
    let description = "The load balancer that tenants share";
    let group = t.add("LoadBalancerSecurityGroup", SecurityGroup { vpc, description });
    for (id, port) in [("LoadBalancerIngress", HTTPS), ("LoadBalancerIngressHttp", HTTP)] {
        let rule = Ingress {
            group: group.clone(),
            from: Peer::Cidr(ANYWHERE.into()),
            traffic: Traffic::Tcp(port),
            description: "Clients",
        };
        t.add(id, rule);
    }
    for port in ports(tier) {
        let rule = Egress {
            group: group.clone(),
            to: Peer::Cidr(param("VpcCidr")),
            traffic: Traffic::Tcp(port),
            description: "To the services of tenants",
        };
        t.add(format!("LoadBalancerEgress{port}"), rule);
    }
    let balancer = LoadBalancer { subnets: network.public.subnets.clone(), group: group.clone() };
    let balancer = t.add_after("LoadBalancer", balancer, &[&network.core.attached]);
    let https = Listener {
        balancer: balancer.clone(),
        certificate: Some(param("CertificateArn")),
        otherwise: Otherwise::NotFound,
    };
    let listener = t.add("HttpsListener", https);
    let http =
        Listener { balancer: balancer.clone(), certificate: None, otherwise: Otherwise::ToHttps };
    t.add("HttpListener", http);
    let mut publish =
        |path: &str, what: &'static str, value: Value| cell::publish(t, spec, path, what, value);
    publish("listener-arn", "The listener that rules of tenants are for", (&listener).into());
    publish("load-balancer-group-id", "The group of the load balancer", group.att("GroupId"));
    publish(
        "load-balancer-full-name",
        "The load balancer, as metrics name it",
        balancer.att("LoadBalancerFullName"),
    );
    t.output(
        "LoadBalancerDnsName",
        "Where the host names of tenants must lead",
        balancer.att("DNSName"),
    );
    t.output(
        "LoadBalancerZoneId",
        "The hosted zone of that name, for alias records",
        balancer.att("CanonicalHostedZoneID"),
    );
}

fn cluster(t: &mut Template, spec: &Spec) -> Id<Cluster> {
    let description = "Services of tenants of one cell";
    let namespace = t.add("Namespace", Namespace { name: param(NAME), description });
    let cluster = t.add("Cluster", Cluster { namespace: namespace.clone() });
    let what = "The cluster of the cell";
    cell::publish(t, spec, "cluster-name", what, Value::from(&cluster));
    let what = "The namespace in which services find each other";
    cell::publish(t, spec, "namespace-arn", what, namespace.att("Arn"));
    t.output("ClusterName", "The cluster", &cluster);
    cluster
}

/// The certificate of an account; the spec has seen to it that each has one, or said that it has none.
fn certificate<'a>(all: &'a Several, account: &str) -> &'a str {
    let own = |arn: &&String| arn.split(':').nth(4) == Some(account);
    all.all().iter().find(own).unwrap_or_else(|| all.first())
}

/// The stack of a cell.
pub fn stack(spec: &Spec, plan: &Plan, cell: &Cell, tier: &Tier, template: &Template) -> Stack {
    let (mut stack, mut values) = cell::stack(spec, plan, cell, tier);
    let ingress = tier.ingress.as_ref().expect("a tier of isolation container has one");
    let certificate = certificate(&ingress.certificates[&cell.region], &cell.account);
    values.set("CertificateArn", certificate);
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}
