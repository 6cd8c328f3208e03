//! Fills the gaps of an emulator's CloudFormation. Where it took a type and made nothing, what
//! the stack declares is added in the form in which EC2 would list it, and counted apart: such a
//! thing is compared by what CloudFormation was told, not by what came of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::declared::{Declared, Resource, plain};
use super::form::rules;
use super::iam::alike;
use super::kind::{KINDS, Kind, PARTS};
use super::spec;
use super::take::{Place, items};

/// How many things of a type were taken from the declaration; and what nobody compares.
#[derive(Default)]
pub struct Gaps {
    pub declared: BTreeMap<String, usize>,
    pub unseen: BTreeMap<String, usize>,
}

/// Adds what is missing of the stacks of one account and region.
pub fn fill(place: &mut Place, stacks: &[Declared], gaps: &mut Gaps) {
    let all: Vec<&Resource> = stacks.iter().flat_map(|stack| &stack.resources).collect();
    for it in &all {
        let changed = match KINDS.iter().find(|kind| kind.types.contains(&it.kind.as_str())) {
            Some(kind) => thing(place, kind, it),
            None if PARTS.contains(&it.kind.as_str()) => false,
            None => {
                *gaps.unseen.entry(it.kind.clone()).or_default() += 1;
                false
            }
        };
        if changed {
            *gaps.declared.entry(it.kind.clone()).or_default() += 1;
        }
    }
    for it in all.iter().filter(|it| join(place, it)) {
        *gaps.declared.entry(it.kind.clone()).or_default() += 1;
    }
    let groups = all.iter().filter(|it| it.kind == "AWS::EC2::SecurityGroup");
    let rules: usize = groups.map(|group| group_rules(place, group, &all)).sum();
    if rules > 0 {
        gaps.declared.insert("security group rules".to_owned(), rules);
    }
    for stack in stacks {
        stack_tags(place, stack);
    }
}

/// A thing that is compared: the fields that the emulator dropped are filled in, and it is added
/// if the emulator does not list it at all. True if there was a gap.
fn thing(place: &mut Place, kind: &Kind, it: &Resource) -> bool {
    let spec = spec::of(kind.word, &it.properties);
    let set = place.sets.entry(kind.word).or_default();
    if let Some(known) = set.iter_mut().find(|known| is(kind, known, it)) {
        return spec::lay_over(known, &spec);
    }
    let mut made = json!({ kind.id: it.physical });
    spec::lay_over(&mut made, &spec);
    set.push(made);
    true
}

/// The physical id of an address is the address, not the allocation.
fn is(kind: &Kind, known: &Value, it: &Resource) -> bool {
    known[kind.id] == it.physical || kind.word == "address" && known["publicIp"] == it.physical
}

/// A resource that is a part of another thing: joined to it where it is missing there. True if
/// something was added.
fn join(place: &mut Place, it: &Resource) -> bool {
    let p = &it.properties;
    let attachment = json!({"transitGatewayAttachmentId": p["TransitGatewayAttachmentId"]});
    let table = plain(&p["TransitGatewayRouteTableId"]);
    let (set, id, owner, list, part) = match it.kind.trim_start_matches("AWS::EC2::") {
        "TransitGatewayRouteTableAssociation" => {
            ("transit route table", "transitGatewayRouteTableId", table, "associations", attachment)
        }
        "TransitGatewayRouteTablePropagation" => {
            ("transit route table", "transitGatewayRouteTableId", table, "propagations", attachment)
        }
        "TransitGatewayRoute" => {
            let by = if p["Blackhole"] == true { json!([]) } else { json!([attachment]) };
            let route = json!({"destinationCidrBlock": p["DestinationCidrBlock"],
                "transitGatewayAttachments": by});
            ("transit route table", "transitGatewayRouteTableId", table, "routes", route)
        }
        "VPCCidrBlock" => {
            let block = json!({"cidrBlock": p["CidrBlock"]});
            ("VPC", "vpcId", plain(&p["VpcId"]), "cidrBlockAssociationSet", block)
        }
        "VPNConnectionRoute" => {
            let route = json!({"destinationCidrBlock": p["DestinationCidrBlock"]});
            ("VPN connection", "vpnConnectionId", plain(&p["VpnConnectionId"]), "routes", route)
        }
        "SubnetRouteTableAssociation" => {
            let to = json!({"subnetId": p["SubnetId"]});
            ("route table", "routeTableId", plain(&p["RouteTableId"]), "associationSet", to)
        }
        "AWS::IAM::Policy" | "AWS::IAM::RolePolicy" => return inline(place, it),
        "VPCDHCPOptionsAssociation" => {
            let vpc = place.find("VPC", "vpcId", &plain(&p["VpcId"]));
            let changed = vpc.filter(|vpc| vpc["dhcpOptionsId"] != p["DhcpOptionsId"]);
            return changed.map(|vpc| vpc["dhcpOptionsId"] = p["DhcpOptionsId"].clone()).is_some();
        }
        _ => return false,
    };
    let Some(owner) = place.find(set, id, &owner) else { return false };
    let same = |known: &Value| {
        part.as_object().into_iter().flatten().all(|(key, value)| known[key] == *value)
    };
    if items(&owner[list]).iter().any(same) {
        return false;
    }
    let mut longer = items(&owner[list]).to_vec();
    longer.push(part);
    owner[list] = Value::Array(longer);
    true
}

/// An inline policy that is a resource of its own, for one role or several.
fn inline(place: &mut Place, it: &Resource) -> bool {
    let p = &it.properties;
    let (name, document) = (plain(&p["PolicyName"]), alike(&p["PolicyDocument"]));
    let one = Some(&p["RoleName"]).filter(|name| !name.is_null());
    let mut changed = false;
    for role in items(&p["Roles"]).iter().chain(one) {
        let known = place.find("role", "RoleName", &plain(role));
        if let Some(role) = known.filter(|role| role["inline"][&name] != document) {
            role["inline"][&name] = document.clone();
            changed = true;
        }
    }
    changed
}

/// A security group's egress is what its stack declares if the emulator lists something else,
/// and an ingress rule that it dropped is added. How many rules came from the declaration.
fn group_rules(place: &mut Place, group: &Resource, all: &[&Resource]) -> usize {
    let own = |kind: &str| {
        let mine =
            all.iter().filter(|it| it.kind == kind && it.properties["GroupId"] == group.physical);
        mine.map(|it| it.properties.clone()).collect::<Vec<_>>()
    };
    let p = &group.properties;
    let mut egress = items(&p["SecurityGroupEgress"]).to_vec();
    if egress.is_empty() {
        egress.push(json!({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}));
    }
    egress.extend(own("AWS::EC2::SecurityGroupEgress"));
    let mut ingress = items(&p["SecurityGroupIngress"]).to_vec();
    ingress.extend(own("AWS::EC2::SecurityGroupIngress"));
    let Some(known) = place.find("security group", "groupId", &group.physical) else { return 0 };

    let egress: Vec<Value> = egress.iter().map(permission).collect();
    let mut changed = 0;
    if rules(&json!(egress)) != rules(&known["ipPermissionsEgress"]) {
        changed += egress.len();
        known["ipPermissionsEgress"] = json!(egress);
    }
    let listed = rules(&known["ipPermissions"]);
    let dropped = |rule: &Value| rules(&json!([rule])).iter().any(|rule| !listed.contains(rule));
    let extra: Vec<Value> = ingress.iter().map(permission).filter(dropped).collect();
    changed += extra.len();
    let whole: Vec<Value> = items(&known["ipPermissions"]).iter().cloned().chain(extra).collect();
    known["ipPermissions"] = json!(whole);
    changed
}

/// A rule of a template in the form in which EC2 lists it.
fn permission(rule: &Value) -> Value {
    let mut made = json!({"ipProtocol": plain(&rule["IpProtocol"])});
    for (name, field) in [("FromPort", "fromPort"), ("ToPort", "toPort")] {
        if !rule[name].is_null() {
            made[field] = json!(plain(&rule[name]));
        }
    }
    for (name, list, field) in [
        ("CidrIp", "ipRanges", "cidrIp"),
        ("CidrIpv6", "ipv6Ranges", "cidrIpv6"),
        ("SourceSecurityGroupId", "groups", "groupId"),
        ("DestinationSecurityGroupId", "groups", "groupId"),
        ("SourcePrefixListId", "prefixListIds", "prefixListId"),
        ("DestinationPrefixListId", "prefixListIds", "prefixListId"),
    ] {
        if !rule[name].is_null() {
            made[list] = json!([{ field: rule[name] }]);
        }
    }
    made
}

/// AWS puts a stack's tags on all its resources; the emulator does so for EC2 only.
fn stack_tags(place: &mut Place, stack: &Declared) {
    let tags = spec::tags(&stack.tags);
    for it in &stack.resources {
        let kind = KINDS.iter().find(|kind| kind.types.contains(&it.kind.as_str()));
        let Some(kind) = kind else { continue };
        let set = place.sets.entry(kind.word).or_default();
        if let Some(known) = set.iter_mut().find(|known| is(kind, known, it)) {
            spec::add_tags(known, &tags);
        }
    }
}
