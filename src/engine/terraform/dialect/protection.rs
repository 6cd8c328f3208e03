//! Rules of DNS, which CloudFormation has in their group and Terraform each by itself; hardware that
//! holds keys.

use super::{Dialect, PLAIN};

pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        tf: "aws_route53_resolver_firewall_rule_group",
        without: &["FirewallRules"],
        ..PLAIN
    },
    Dialect { tf: "aws_cloudhsm_v2_cluster", lasting: true, ..PLAIN },
];
