//! AWS WAF: what is refused before an API sees it.

use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// What requests are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The address that they come from.
    Address,
    /// What a header says.
    Header(&'static str),
    /// Both together: one address counts anew for each value of the header.
    HeaderAndAddress(&'static str),
}

/// How many requests there may be in five minutes, from 10 to 2,000,000,000. Source:
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html>.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// The name of the rule.
    pub name: &'static str,
    /// What they are counted by.
    pub by: By,
    /// How many.
    pub limit: u32,
}

/// A set of rules for what stands in one region.
#[derive(Debug)]
pub struct WebAcl {
    /// The name of its metrics.
    pub metric: Value,
    /// How many requests there may be.
    pub rates: Vec<Rate>,
}

/// The rule groups that AWS keeps up to date, in the order in which they are asked. Source:
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>.
const MANAGED: [&str; 3] = [
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
];

/// The number of seconds that a rate is counted over.
const WINDOW: u32 = 300;

impl Rate {
    fn statement(self) -> Value {
        let kind = if self.by == By::Address { "IP" } else { "CUSTOM_KEYS" };
        let mut out = vec![
            ("Limit", self.limit.into()),
            ("EvaluationWindowSec", WINDOW.into()),
            ("AggregateKeyType", kind.into()),
        ];
        let address = || block([("IP", block([]))]);
        let keys = match self.by {
            By::Address => Vec::new(),
            By::Header(name) => vec![header(name)],
            By::HeaderAndAddress(name) => vec![header(name), address()],
        };
        if !keys.is_empty() {
            out.push(("CustomKeys", Value::List(keys)));
        }
        Value::Block(out)
    }
}

/// Host names are the same in capitals, and keys are not.
fn header(name: &'static str) -> Value {
    let form = if name == HOST { "LOWERCASE" } else { "NONE" };
    let form = block([("Priority", 0_u16.into()), ("Type", form.into())]);
    let header = block([("Name", name.into()), ("TextTransformations", Value::List(vec![form]))]);
    block([("Header", header)])
}

/// The header that says which host is meant.
pub const HOST: &str = "host";

resource!(WebAcl, Some("AWS::WAFv2::WebACL"), "aws_wafv2_web_acl", taggable: true, |self| {
    let mut rules = Vec::new();
    for rate in self.rates {
        let block_it = ("Action", block([("Block", block([]))]));
        let statement = ("RateBasedStatement", rate.statement());
        rules.push(rule(rules.len(), rate.name, block_it, statement));
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
