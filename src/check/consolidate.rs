//! Rules that could be fewer: rules of one security group, network ACL or route table that differ in
//! nothing but their block. Read from what was rendered, with the values of each stack. A proposal
//! holds exactly the addresses of the rules that it replaces, or besides only such as are the tenant's
//! own. Each wider block that would save a rule is refused with an address that it would admit. Blocks
//! that are pools of different regions stay apart: as one pool they would serve both.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::engine::{Engine, Rendered, cloudformation};
use crate::plan::Plan;
use crate::plan::aggregate::{self, Owners};
use crate::spec::Spec;
use crate::split::joined::joined;
use crate::template::{Estate, PART, Stack, Template};

/// Rules that differ in nothing but their block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The fewest blocks that hold besides only addresses of the tenant whose stack it is; the same as
    /// `merged` where that saves nothing more.
    pub own: Vec<Ipv4Net>,
    /// Each wider block that would save a rule more, how many rules it would replace, and an address
    /// that forbids it, the narrowest first.
    pub refused: Vec<(Ipv4Net, usize, Ipv4Addr)>,
}

impl Proposal {
    /// How many rules it saves in each stack.
    pub fn saved(&self) -> usize {
        self.blocks.len() - self.own.len()
    }
}

/// Where a proposal holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// In how many lists of rules: of one group, ACL or table, each direction and each port is one.
    pub lists: usize,
    /// In how many stacks these are.
    pub stacks: usize,
    /// The key of the first of the stacks, of what was cut that of the whole.
    pub stack: String,
    /// The logical ids of the rules of its first list, each with the property that has the block; in the
    /// order of `blocks`.
    pub rules: Vec<(String, &'static str)>,
    /// The key of the last of the stacks, to know a second list of it.
    last: String,
}

impl Place {
    /// One list more, of that stack. Stacks come one after the other.
    fn add(&mut self, stack: &Stack, rules: Vec<(String, &'static str)>) {
        if self.lists == 0 {
            stack.whole().clone_into(&mut self.stack);
            self.rules = rules;
        }
        self.stacks += usize::from(self.lists == 0 || self.last != stack.key);
        self.lists += 1;
        self.last.clone_from(&stack.key);
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
    property: &'static str,
    /// Their logical ids and blocks.
    rules: Vec<(&'a str, &'a Value)>,
}

/// Everything that could be fewer, or that somebody may be tempted to make fewer, by shape and owner, and
/// where.
pub fn proposals(
    spec: &Spec,
    estate: &Estate,
    rendered: &Rendered<'_>,
    plan: &Plan,
) -> BTreeMap<Proposal, Place> {
    let owners = Owners::new(plan);
    let joined =
        joined(estate, |stack| (&estate.templates[&stack.shape], estate.whole.get(&stack.shape)));
    let mut out: BTreeMap<Proposal, Place> = BTreeMap::new();
    for shape in estate.templates.keys() {
        let Some((template, json)) = together(estate, rendered, shape) else { continue };
        let alike = alike(&json);
        let stacks = estate.stacks.iter().enumerate().filter(|(_, stack)| stack.shape == *shape);
        for stack in stacks.map(|(at, stack)| joined.get(&at).unwrap_or(stack)) {
            for rules in &alike {
                let found = rules.rules.iter().filter_map(|(id, it)| {
                    Some((block(it, template, stack)?, ((*id).to_owned(), rules.property)))
                });
                for (blocks, ids) in apart(spec, found) {
                    if let Some(one) = propose(stack, rules, blocks, &owners) {
                        out.entry(one).or_default().add(stack, ids);
                    }
                }
            }
        }
    }
    out
}

/// A template with its JSON: what was cut together with its first part, as rules of one owner may stand in
/// several. Nothing for the others.
fn together<'a>(
    estate: &'a Estate,
    rendered: &Rendered<'_>,
    shape: &str,
) -> Option<(&'a Template, Value)> {
    let read = |text: &str| serde_json::from_str(text).expect("the engine writes JSON");
    match estate.whole.get(shape) {
        Some(whole) => Some((whole, read(&cloudformation::text(whole)))),
        None if shape.contains(PART) => None,
        None => {
            let text = rendered.template_text(Engine::CloudFormation, shape);
            Some((&estate.templates[shape], read(text.expect("it is rendered"))))
        }
    }
}

/// A rule that has a block: its logical id, and the property.
type Id = (String, &'static str);

/// The blocks that may become one, each with its rule: by the only region that each is a pool of.
fn apart(
    spec: &Spec,
    rules: impl Iterator<Item = (Ipv4Net, Id)>,
) -> impl Iterator<Item = (Vec<Ipv4Net>, Vec<Id>)> {
    let mut out: BTreeMap<Option<&String>, Vec<(Ipv4Net, Id)>> = BTreeMap::new();
    for (block, id) in rules {
        let pool = spec.network.pools.iter().find(|pool| pool.cidr == block);
        out.entry(pool.and_then(|pool| pool.region.as_ref())).or_default().push((block, id));
    }
    out.into_values().map(|all| all.into_iter().unzip())
}

/// Whose a rule is, of which kind, and all of it but its block.
type Key = (String, usize, String);

/// A rule: its number in an ACL, its logical id and its block.
type Numbered<'a> = (i64, &'a str, &'a Value);

fn alike(json: &Value) -> Vec<Alike<'_>> {
    let mut groups: BTreeMap<Key, Vec<Numbered<'_>>> = BTreeMap::new();
    let mut denied: BTreeMap<(String, bool), Vec<i64>> = BTreeMap::new();
    for (id, resource) in json["Resources"].as_object().into_iter().flatten() {
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
        groups.entry((owner, at, rest.to_string())).or_default().push((number, id, &it[block]));
    }
    let mut out = Vec::new();
    for ((owner, at, rest), rules) in groups {
        let egress = rest.contains("\"Egress\":true");
        let denied = denied.get(&(owner.clone(), egress)).map_or(&[][..], Vec::as_slice);
        if rules.len() > 1 && in_order(&rules, denied) {
            let rules = rules.into_iter().map(|(_, id, block)| (id, block)).collect();
            out.push(Alike { owner, what: KINDS[at].3, property: KINDS[at].2, rules });
        }
    }
    out
}

/// Whether no rule that denies is looked at from the first of them to the last: rules of an ACL are
/// read in order, and among rules that allow it does not matter. Those that deny stay as they are.
fn in_order(rules: &[Numbered<'_>], denied: &[i64]) -> bool {
    let own = || rules.iter().map(|(number, ..)| *number);
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

fn propose(
    stack: &Stack,
    rules: &Alike<'_>,
    blocks: Vec<Ipv4Net>,
    owners: &Owners,
) -> Option<Proposal> {
    let merged = aggregate::merged(&blocks);
    let tenant = stack.tenant.as_deref();
    let (mut own, mut refused) = (merged.clone(), Vec::new());
    for wider in aggregate::wider(&blocks) {
        if let Some(address) = owners.forbids(&wider, tenant) {
            refused.push((wider.block, wider.replaces, address));
        } else {
            own.retain(|one| !wider.block.contains(one));
            own.push(wider.block);
        }
    }
    own.sort_unstable();
    let some = own.len() < blocks.len() || !refused.is_empty();
    let (shape, owner) = (stack.shape.clone(), rules.owner.clone());
    let what = rules.what;
    some.then_some(Proposal { shape, owner, what, blocks, merged, own, refused })
}
