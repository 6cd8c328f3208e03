//! Route 53 Resolver: which names can be resolved in a VPC, and a record of what was asked. Groups
//! and network ACLs do not see what a VPC asks its resolver, so nothing else closes that way out.

use crate::resource::flow::LogGroup;
use crate::resource::vpc::Vpc;
use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// A list of domains. Its name has at most 64 letters, digits, hyphens, underscores, blanks. Source:
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_CreateFirewallDomainList.html>.
#[derive(Debug)]
pub struct DomainList {
    /// Its name.
    pub name: String,
    /// The domains; `*` is all.
    pub domains: Vec<String>,
}

resource!(DomainList, Some("AWS::Route53Resolver::FirewallDomainList"), "aws_route53_resolver_firewall_domain_list",
    taggable: true, |self| {
    Body::new().set("Name", self.name).set("Domains", self.domains)
});

/// What is done with a question for a domain of a list.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The name of the rule.
    pub name: String,
    /// The list.
    pub list: Id<DomainList>,
    /// Its place: the lowest number is asked first.
    pub priority: u16,
    /// Whether it is answered.
    pub allow: bool,
}

impl Verdict {
    /// By CloudFormation's names. Who trusts a domain trusts where it leads; who asks for one that is
    /// blocked hears that there is none. Source:
    /// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_FirewallRule.html>.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let mut out = vec![
            ("FirewallDomainListId", Value::from(&self.list)),
            ("Priority", self.priority.into()),
        ];
        if self.allow {
            out.push(("Action", "ALLOW".into()));
            out.push(("FirewallDomainRedirectionAction", "TRUST_REDIRECTION_DOMAIN".into()));
        } else {
            out.push(("Action", "BLOCK".into()));
            out.push(("BlockResponse", "NXDOMAIN".into()));
        }
        out
    }
}

/// Rules about domains. CloudFormation has the rules in it, Terraform each by itself.
#[derive(Debug)]
pub struct RuleGroup {
    /// Its name, as that of a list.
    pub name: String,
    /// The rules.
    pub rules: Vec<Verdict>,
}

resource!(RuleGroup, Some("AWS::Route53Resolver::FirewallRuleGroup"), "aws_route53_resolver_firewall_rule_group",
    taggable: true, |self| {
    let rules = self.rules.iter().map(|rule| Value::Block(rule.fields())).collect();
    Body::new().set("Name", self.name).set("FirewallRules", Value::List(rules))
});

/// A rule of a group.
#[derive(Debug)]
pub struct Rule {
    /// The group.
    pub group: Id<RuleGroup>,
    /// What it says.
    pub verdict: Verdict,
}

resource!(Rule, None, "aws_route53_resolver_firewall_rule", taggable: false, |self| {
    let body = Body::new()
        .set("Name", self.verdict.name.clone())
        .set("FirewallRuleGroupId", &self.group);
    self.verdict.fields().into_iter().fold(body, |body, (name, value)| body.set(name, value))
});

/// The name of what joins a VPC to rules.
const JOINED: &str = "dns-firewall";

/// The place of the rules of a place, or of an account, among those that others may put on the VPC, which may
/// be between 100 and 9,900. No two groups of a VPC have the same. Source:
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_AssociateFirewallRuleGroup.html>.
pub const PLACE: u16 = 1_000;

/// The place of the rules of a tier, which can come while those of the estate are still there.
pub const TIER_PLACE: u16 = PLACE + 1;

/// Puts rules on a VPC. Where the firewall itself does not answer, nothing is resolved: that is how
/// AWS has it unless told otherwise. Source:
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-vpc-configuration.html>.
#[derive(Debug)]
pub struct RuleGroupAssociation {
    /// The rules: the id of a group.
    pub group: Value,
    /// The VPC.
    pub vpc: Id<Vpc>,
    /// Its place among the groups of the VPC: [`PLACE`] or [`TIER_PLACE`].
    pub place: u16,
}

resource!(RuleGroupAssociation, Some("AWS::Route53Resolver::FirewallRuleGroupAssociation"),
    "aws_route53_resolver_firewall_rule_group_association", taggable: true, |self| {
    Body::new()
        .set("Name", JOINED)
        .set("FirewallRuleGroupId", self.group)
        .set("VpcId", &self.vpc)
        .set("Priority", self.place)
});

/// A record of what VPCs ask. CloudFormation makes it anew when a tag changes, so it has none.
#[derive(Debug)]
pub struct QueryLog {
    /// Its name, as that of a list.
    pub name: String,
    /// Where to.
    pub group: Id<LogGroup>,
}

resource!(QueryLog, Some("AWS::Route53Resolver::ResolverQueryLoggingConfig"), "aws_route53_resolver_query_log_config",
    taggable: false, |self| {
    Body::new().set("Name", self.name).set("DestinationArn", self.group.att("Arn"))
});

/// Records what a VPC asks.
#[derive(Debug)]
pub struct QueryLogAssociation {
    /// The record: its id.
    pub log: Value,
    /// The VPC.
    pub vpc: Id<Vpc>,
}

resource!(QueryLogAssociation, Some("AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation"),
    "aws_route53_resolver_query_log_config_association", taggable: false, |self| {
    Body::new().set("ResolverQueryLogConfigId", self.log).set("ResourceId", &self.vpc)
});
