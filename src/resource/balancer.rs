//! Elastic Load Balancing: application load balancers, what they listen to and where they send it.
//! Names are left to AWS: they may have 32 characters, too few for the name of a stack.

use crate::resource::security::SecurityGroup;
use crate::resource::vpc::{Subnet, Vpc};
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// An application load balancer that the internet reaches.
#[derive(Debug)]
pub struct LoadBalancer {
    /// Public subnets in at least two zones.
    pub subnets: Vec<Id<Subnet>>,
    /// Its group.
    pub group: Id<SecurityGroup>,
}

// Headers whose names are no names are dropped: applications disagree on what they mean. Protection
// against deletion is off: it would keep a stack from being taken down, and what the load balancer
// holds is in the templates. Source:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html.
resource!(LoadBalancer, Some("AWS::ElasticLoadBalancingV2::LoadBalancer"), "aws_lb", taggable: true, |self| {
    let attribute = |key: &str, value: &str| block([("Key", key.into()), ("Value", value.into())]);
    Body::new()
        .set("Type", "application")
        .set("Scheme", "internet-facing")
        .set_list("Subnets", &self.subnets)
        .set("SecurityGroups", vec![self.group.att("GroupId")])
        .set("LoadBalancerAttributes", Value::List(vec![
            attribute("routing.http.drop_invalid_header_fields.enabled", "true"),
            attribute("deletion_protection.enabled", "false"),
        ]))
});

/// What a listener does with what no rule takes.
#[derive(Debug)]
pub enum Otherwise {
    /// Sends clients to HTTPS, for good.
    ToHttps,
    /// Says that there is nothing.
    NotFound,
}

/// What a load balancer listens to.
#[derive(Debug)]
pub struct Listener {
    /// The load balancer.
    pub balancer: Id<LoadBalancer>,
    /// The ARN of the certificate; without one it is plain HTTP.
    pub certificate: Option<Value>,
    /// What it does with what no rule takes.
    pub otherwise: Otherwise,
}

/// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only. Source:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>.
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";

resource!(Listener, Some("AWS::ElasticLoadBalancingV2::Listener"), "aws_lb_listener", taggable: false, |self| {
    let action = match self.otherwise {
        Otherwise::ToHttps => block([
            ("Type", "redirect".into()),
            ("RedirectConfig", block([
                ("Protocol", "HTTPS".into()),
                ("Port", "443".into()),
                ("StatusCode", "HTTP_301".into()),
            ])),
        ]),
        Otherwise::NotFound => block([
            ("Type", "fixed-response".into()),
            ("FixedResponseConfig", block([
                ("StatusCode", "404".into()),
                ("ContentType", "text/plain".into()),
                ("MessageBody", "Not found".into()),
            ])),
        ]),
    };
    let body = Body::new().set("LoadBalancerArn", &self.balancer);
    let body = match self.certificate {
        Some(arn) => body
            .set("Port", 443_u16)
            .set("Protocol", "HTTPS")
            .set("SslPolicy", TLS_POLICY)
            .set("Certificates", Value::List(vec![block([("CertificateArn", arn)])])),
        None => body.set("Port", 80_u16).set("Protocol", "HTTP"),
    };
    body.set("DefaultActions", Value::List(vec![action]))
});

/// Where requests are sent: the addresses of tasks.
#[derive(Debug)]
pub struct TargetGroup {
    /// Its VPC.
    pub vpc: Id<Vpc>,
    /// Where the targets listen.
    pub port: u16,
    /// The path that a healthy target answers with 200.
    pub health_check: String,
}

/// How long requests that are under way may take when a target goes, in seconds.
const DRAIN: &str = "30";

resource!(TargetGroup, Some("AWS::ElasticLoadBalancingV2::TargetGroup"), "aws_lb_target_group", taggable: true, |self| {
    Body::new()
        .set("TargetType", "ip")
        .set("Protocol", "HTTP")
        .set("Port", self.port)
        .set("VpcId", &self.vpc)
        .set("HealthCheckPath", self.health_check)
        .set("HealthCheckIntervalSeconds", 15_u16)
        .set("HealthCheckTimeoutSeconds", 5_u16)
        .set("HealthyThresholdCount", 2_u16)
        .set("UnhealthyThresholdCount", 3_u16)
        .set("Matcher", block([("HttpCode", "200".into())]))
        .set("TargetGroupAttributes", Value::List(vec![block([
            ("Key", "deregistration_delay.timeout_seconds".into()),
            ("Value", DRAIN.into()),
        ])]))
});

/// Sends what is meant for a host, and perhaps a path, to a target group.
#[derive(Debug)]
pub struct ListenerRule {
    /// The ARN of the listener.
    pub listener: Value,
    /// 1 to 50,000, unique for the listener; the lowest that matches decides.
    pub priority: Value,
    /// The host name.
    pub host: Value,
    /// The paths, if not all.
    pub path: Option<String>,
    /// Where to.
    pub to: Id<TargetGroup>,
}

resource!(ListenerRule, Some("AWS::ElasticLoadBalancingV2::ListenerRule"), "aws_lb_listener_rule", taggable: false, |self| {
    let condition = |field: &str, config: &'static str, value: Value| {
        block([
            ("Field", field.into()),
            (config, block([("Values", Value::List(vec![value]))])),
        ])
    };
    let mut conditions = vec![condition("host-header", "HostHeaderConfig", self.host)];
    let path = |path: String| condition("path-pattern", "PathPatternConfig", path.into());
    conditions.extend(self.path.map(path));
    let action = block([("Type", "forward".into()), ("TargetGroupArn", Value::from(&self.to))]);
    Body::new()
        .set("ListenerArn", self.listener)
        .set("Priority", self.priority)
        .set("Conditions", Value::List(conditions))
        .set("Actions", Value::List(vec![action]))
});
