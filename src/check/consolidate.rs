//! Rules that could be fewer: rules of one security group, network ACL or route table that differ in
//! nothing but their block. Read from what was rendered, with the values of each stack. A proposal
//! holds exactly the addresses of the rules that it replaces; the single block around them, which
//! somebody may be tempted to write, is refused if it would admit anybody else.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::engine::{Engine, Rendered};
use crate::plan::aggregate;
use crate::template::{Estate, Stack, Template};

/// Rules that differ in nothing but their block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The shape of the stacks.
    pub shape: String,
    /// The logical id of the group, ACL or route table.
    pub owner: String,
    /// What the rules are, for people.
    pub what: &'static str,
    /// Their blocks.
    pub blocks: Vec<Ipv4Net>,
    /// The fewest blocks that hold exactly the same addresses.
    pub merged: Vec<Ipv4Net>,
    /// In how many stacks.
    pub stacks: usize,
    /// The single block around them, and an address that it would admit.
    pub refused: Option<(Ipv4Net, Ipv4Addr)>,
}

impl Proposal {
    /// How many rules it saves in each stack.
    pub fn saved(&self) -> usize {
        self.blocks.len() - self.merged.len()
    }
}

/// Types of rules: the property that names the owner, that of the block, what it is called, and what
/// does not tell two rules apart.
const KINDS: [(&str, &str, &str, &str, &[&str]); 4] = [
    ("AWS::EC2::SecurityGroupIngress", "GroupId", "CidrIp", "rules inward", &["Description"]),
    ("AWS::EC2::SecurityGroupEgress", "GroupId", "CidrIp", "rules outward", &["Description"]),
    (
        "AWS::EC2::NetworkAclEntry",
        "NetworkAclId",
        "CidrBlock",
        "network ACL rules",
        &["RuleNumber"],
    ),
    ("AWS::EC2::Route", "RouteTableId", "DestinationCidrBlock", "routes", &[]),
];

/// Rules of a template that differ in nothing but their block, as they are written.
struct Alike<'a> {
    owner: String,
    what: &'static str,
    blocks: Vec<&'a Value>,
}

/// Everything that could be fewer, or that somebody may be tempted to make fewer, by shape and owner.
pub fn proposals(estate: &Estate, rendered: &Rendered<'_>) -> Vec<Proposal> {
    let mut out: Vec<Proposal> = Vec::new();
    for (shape, template) in &estate.templates {
        let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is rendered");
        let json: Value = serde_json::from_str(text).expect("the engine writes JSON");
        let alike = alike(&json);
        for stack in estate.stacks.iter().filter(|stack| stack.shape == *shape) {
            for rules in &alike {
                let found = rules.blocks.iter().filter_map(|it| block(it, template, stack));
                let Some(one) = propose(shape, rules, found.collect()) else { continue };
                match out.iter_mut().find(|known| same(known, &one)) {
                    Some(known) => known.stacks += 1,
                    None => out.push(one),
                }
            }
        }
    }
    out
}

/// Whether two stacks have the same to propose.
fn same(a: &Proposal, b: &Proposal) -> bool {
    Proposal { stacks: 0, ..a.clone() } == Proposal { stacks: 0, ..b.clone() }
}

/// Whose a rule is, of which kind, and all of it but its block.
type Key = (String, usize, String);

fn alike(json: &Value) -> Vec<Alike<'_>> {
    let mut groups: BTreeMap<Key, Vec<(i64, &Value)>> = BTreeMap::new();
    let mut denied: BTreeMap<(String, bool), Vec<i64>> = BTreeMap::new();
    for (_, resource) in json["Resources"].as_object().into_iter().flatten() {
        let Some(at) = KINDS.iter().position(|kind| resource["Type"] == kind.0) else { continue };
        let (_, owner, block, _, apart) = KINDS[at];
        let it = &resource["Properties"];
        let Some(owner) = name(&it[owner]) else { continue };
        let number = it["RuleNumber"].as_i64().unwrap_or(0);
        let direction = (owner.clone(), it["Egress"] == true);
        if it["RuleAction"] == "deny" {
            denied.entry(direction).or_default().push(number);
        }
        if it[block].is_null() {
            continue;
        }
        let mut rest = it.clone();
        for key in apart.iter().chain([&block]) {
            rest[*key].take();
        }
        groups.entry((owner, at, rest.to_string())).or_default().push((number, &it[block]));
    }
    let mut out = Vec::new();
    for ((owner, at, rest), rules) in groups {
        let egress = rest.contains("\"Egress\":true");
        let denied = denied.get(&(owner.clone(), egress)).map_or(&[][..], Vec::as_slice);
        if rules.len() > 1 && in_order(&rules, denied) {
            let blocks = rules.into_iter().map(|(_, block)| block).collect();
            out.push(Alike { owner, what: KINDS[at].3, blocks });
        }
    }
    out
}

/// Whether no rule that denies is looked at from the first of them to the last: rules of an ACL are
/// read in order, and among rules that allow it does not matter. Those that deny stay as they are.
fn in_order(rules: &[(i64, &Value)], denied: &[i64]) -> bool {
    let own = || rules.iter().map(|(number, _)| *number);
    let (Some(low), Some(high)) = (own().min(), own().max()) else { return false };
    !denied.iter().any(|number| (low..=high).contains(number))
}

/// The resource, or the parameter, that a property names.
fn name(value: &Value) -> Option<String> {
    value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str()).map(str::to_owned)
}

fn block(value: &Value, template: &Template, stack: &Stack) -> Option<Ipv4Net> {
    let text = value.as_str().or_else(|| {
        let at = template.param_index(value["Ref"].as_str()?)?;
        Some(stack.values[at].as_str())
    })?;
    text.parse().ok()
}

/// How many times as large as the union a block may be for somebody to be tempted.
const TEMPTING: u64 = 4;

fn propose(shape: &str, rules: &Alike<'_>, blocks: Vec<Ipv4Net>) -> Option<Proposal> {
    let merged = aggregate::merged(&blocks);
    let around = aggregate::around(&blocks).filter(|_| blocks.len() > 1)?;
    let size = |net: &Ipv4Net| 1_u64 << (32 - net.prefix_len());
    let tempting = size(&around) <= TEMPTING * merged.iter().map(size).sum::<u64>();
    let outsider = aggregate::outsider(around, &blocks).filter(|_| tempting);
    let refused = outsider.map(|address| (around, address));
    (merged.len() < blocks.len() || refused.is_some()).then(|| Proposal {
        shape: shape.to_owned(),
        owner: rules.owner.clone(),
        what: rules.what,
        blocks,
        merged,
        stacks: 1,
        refused,
    })
}
