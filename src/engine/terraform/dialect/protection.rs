//! Rules of DNS: CloudFormation has them in their group, Terraform each by itself.

use super::{Dialect, PLAIN};

pub(super) static DIALECTS: &[Dialect] = &[Dialect {
    tf: "aws_route53_resolver_firewall_rule_group",
    without: &["FirewallRules"],
    ..PLAIN
}];
