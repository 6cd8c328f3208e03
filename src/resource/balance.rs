//! Network load balancers inside a VPC. Nothing gets in but by `PrivateLink`: the balancer's group lets
//! nobody in, and is not asked for what comes by a VPC link. Source:
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html>.

use crate::resource::security::SecurityGroup;
use crate::resource::vpc::{Subnet, Vpc};
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A load balancer without a public address.
#[derive(Debug)]
pub struct NetworkLoadBalancer {
    /// Where it stands: a subnet in each zone.
    pub subnets: Vec<Id<Subnet>>,
    /// Its group.
    pub group: Id<SecurityGroup>,
}

resource!(NetworkLoadBalancer, Some("AWS::ElasticLoadBalancingV2::LoadBalancer"), "aws_lb", taggable: true, |self| {
    let attribute = block([
        ("Key", "load_balancing.cross_zone.enabled".into()),
        ("Value", "true".into()),
    ]);
    Body::new()
        .set("Type", "network")
        .set("Scheme", "internal")
        .set_list("Subnets", &self.subnets)
        .set("SecurityGroups", vec![self.group.group_id()])
        .set("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "off")
        .set("LoadBalancerAttributes", Value::List(vec![attribute]))
});

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// Instances, by their id.
    Instance,
    /// Addresses, as tasks have them.
    Ip,
}

/// Targets of one port, asked for their health by HTTP.
#[derive(Debug)]
pub struct TcpTargetGroup {
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// The port.
    pub port: u16,
    /// What they are.
    pub targets: Targets,
    /// The path that a healthy target answers.
    pub health: String,
}

resource!(TcpTargetGroup, Some("AWS::ElasticLoadBalancingV2::TargetGroup"), "aws_lb_target_group", taggable: true, |self| {
    let attributes = [("deregistration_delay.timeout_seconds", "60"), ("preserve_client_ip.enabled", "false")]
        .map(|(key, value)| block([("Key", key.into()), ("Value", value.into())]));
    Body::new()
        .set("VpcId", &self.vpc)
        .set("Protocol", "TCP")
        .set("Port", self.port)
        .set("TargetType", if self.targets == Targets::Instance { "instance" } else { "ip" })
        .set("HealthCheckProtocol", "HTTP")
        .set("HealthCheckPath", self.health)
        .set("TargetGroupAttributes", Value::List(attributes.into()))
});

/// Hands what comes in on a port to the targets.
#[derive(Debug)]
pub struct TcpListener {
    /// The load balancer.
    pub balancer: Id<NetworkLoadBalancer>,
    /// The port.
    pub port: u16,
    /// The targets.
    pub targets: Id<TcpTargetGroup>,
}

resource!(TcpListener, Some("AWS::ElasticLoadBalancingV2::Listener"), "aws_lb_listener", taggable: false, |self| {
    let forward = block([("Type", "forward".into()), ("TargetGroupArn", Value::from(&self.targets))]);
    Body::new()
        .set("LoadBalancerArn", &self.balancer)
        .set("Protocol", "TCP")
        .set("Port", self.port)
        .set("DefaultActions", Value::List(vec![forward]))
});
