//! AWS WAF: what is refused before an API sees it.

use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// A set of rules for what stands in one region.
#[derive(Debug)]
pub struct WebAcl {
    /// The name of its metrics.
    pub metric: Value,
    /// How many requests one address, and one API key, may make in five minutes.
    pub limit: u32,
}

/// The header that holds the API key.
const KEY: &str = "x-api-key";

/// The rule groups that AWS keeps up to date, in the order in which they are asked. Source:
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>.
const MANAGED: [&str; 3] = [
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
];

/// The number of seconds that a rate is counted over.
const WINDOW: u32 = 300;

resource!(WebAcl, Some("AWS::WAFv2::WebACL"), "aws_wafv2_web_acl", taggable: true, |self| {
    let address = block([
        ("Limit", self.limit.into()),
        ("EvaluationWindowSec", WINDOW.into()),
        ("AggregateKeyType", "IP".into()),
    ]);
    let plain = block([("Priority", 0_u16.into()), ("Type", "NONE".into())]);
    let header = block([("Name", KEY.into()), ("TextTransformations", Value::List(vec![plain]))]);
    let key = block([
        ("Limit", self.limit.into()),
        ("EvaluationWindowSec", WINDOW.into()),
        ("AggregateKeyType", "CUSTOM_KEYS".into()),
        ("CustomKeys", Value::List(vec![block([("Header", header)])])),
    ]);
    let mut rules = Vec::new();
    for (name, statement) in [("RateByAddress", address), ("RateByKey", key)] {
        let block_it = ("Action", block([("Block", block([]))]));
        rules.push(rule(rules.len(), name, block_it, ("RateBasedStatement", statement)));
    }
    for name in MANAGED {
        let group = block([("VendorName", "AWS".into()), ("Name", name.into())]);
        let as_it_is = ("OverrideAction", block([("None", block([]))]));
        rules.push(rule(rules.len(), name, as_it_is, ("ManagedRuleGroupStatement", group)));
    }
    Body::new()
        .set("Scope", "REGIONAL")
        .set("DefaultAction", block([("Allow", block([]))]))
        .set("VisibilityConfig", visibility(self.metric))
        .set("Rules", Value::List(rules))
});

fn rule(
    priority: usize,
    name: &str,
    action: (&'static str, Value),
    statement: (&'static str, Value),
) -> Value {
    let priority = u16::try_from(priority).expect("few rules");
    Value::Block(vec![
        ("Name", name.into()),
        ("Priority", priority.into()),
        ("Statement", block([statement])),
        action,
        ("VisibilityConfig", visibility(name.into())),
    ])
}

fn visibility(metric: Value) -> Value {
    block([
        ("SampledRequestsEnabled", true.into()),
        ("CloudWatchMetricsEnabled", true.into()),
        ("MetricName", metric),
    ])
}

/// Puts a set of rules before something.
#[derive(Debug)]
pub struct WebAclAssociation {
    /// The rules.
    pub acl: Id<WebAcl>,
    /// The ARN of what stands behind them.
    pub resource: Value,
}

resource!(WebAclAssociation, Some("AWS::WAFv2::WebACLAssociation"), "aws_wafv2_web_acl_association",
    taggable: false, |self| {
    Body::new().set("WebACLArn", self.acl.att("Arn")).set("ResourceArn", self.resource)
});
