//! From things that would be deployed to parts of a network. What cannot be read is taken for
//! anything: a rule for every address, a route for every way.

use serde_json::Value;

use crate::prove::network::address::{ALL, FOUR, Range, SIX};
use crate::prove::network::model::{Entry, Mark};
use crate::prove::network::names::Name;
use crate::prove::network::raw::{Origin, Part, Raw, RawRule, Side, Target};
use crate::prove::network::{hold, protocol};
use crate::prove::read::{DEFAULT_GROUP, Thing, Trouble, items, token, unknown};

/// The types that make up a network, without those that only hold interfaces in it.
const PARTS: &[&str] = &[
    "AWS::EC2::VPC",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetCidrBlock",
    "AWS::EC2::RouteTable",
    "AWS::EC2::Route",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPNGatewayRoutePropagation",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::PrefixList",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::NatGateway",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayVpcAttachment",
    "AWS::EC2::TransitGatewayRouteTable",
    "AWS::EC2::TransitGatewayRouteTableAssociation",
    "AWS::EC2::TransitGatewayRouteTablePropagation",
    "AWS::EC2::TransitGatewayRoute",
    "AWS::EC2::VPNConnection",
    DEFAULT_GROUP,
];

/// Whether a type matters to the network.
pub fn wants(kind: &str) -> bool {
    PARTS.contains(&kind) || hold::wants(kind)
}

/// One thing with what is being read.
struct Taking<'r, 't> {
    raw: &'r mut Raw,
    thing: &'t Thing<'t>,
    mark: Mark,
}

/// Takes a thing in.
pub fn take(raw: &mut Raw, thing: &Thing<'_>) {
    let part = part(raw, thing);
    let mut taking = Taking { raw, thing, mark: part.mark };
    match thing.kind {
        "AWS::EC2::VPC"
        | "AWS::EC2::VPCCidrBlock"
        | "AWS::EC2::Subnet"
        | "AWS::EC2::SubnetCidrBlock" => taking.space(part),
        "AWS::EC2::RouteTable" => {
            let vpc = taking.known("VpcId");
            taking.raw.tables.push((part, vpc));
        }
        "AWS::EC2::Route" => taking.route(),
        "AWS::EC2::SubnetRouteTableAssociation" => {
            let pair = (taking.own("SubnetId"), taking.name("RouteTableId"));
            taking.raw.table_of.push(pair);
        }
        "AWS::EC2::VPNGatewayRoutePropagation" => {
            let tables = taking.names("RouteTableIds");
            let mark = taking.mark;
            taking.raw.learned.extend(tables.into_iter().map(|table| (table, mark)));
        }
        "AWS::EC2::NetworkAcl" => taking.raw.acls.push(part),
        "AWS::EC2::NetworkAclEntry" => taking.entry(),
        "AWS::EC2::SubnetNetworkAclAssociation" => {
            let pair = (taking.own("SubnetId"), taking.name("NetworkAclId"));
            taking.raw.acl_of.push(pair);
        }
        "AWS::EC2::SecurityGroup" => taking.group(part),
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => {
            let group = taking.own("GroupId");
            taking.rule(group, thing.kind == "AWS::EC2::SecurityGroupEgress", &thing.properties);
        }
        DEFAULT_GROUP => taking.stripped(),
        "AWS::EC2::PrefixList" => taking.list(part),
        _ => taking.way(part),
    }
    hold::take(raw, thing, part);
}

/// What every thing has.
fn part(raw: &mut Raw, thing: &Thing<'_>) -> Part {
    let name = raw.names.of(&thing.token());
    let origin = Origin {
        thing: name,
        kind: raw.names.of(thing.kind),
        file: raw.names.of(thing.file),
        place: raw.names.of(thing.place),
    };
    let mark = Mark::try_from(raw.origins.len()).expect("an estate has fewer than four milliards");
    raw.origins.push(origin);
    Part { name, owner: owner(raw, thing.tenant), mark }
}

fn owner(raw: &mut Raw, tenant: Option<&str>) -> u32 {
    let Some(tenant) = tenant else { return 0 };
    let name = raw.names.of(tenant);
    *raw.owner_of.entry(name).or_insert_with(|| {
        raw.owners.push(name);
        u32::try_from(raw.owners.len()).expect("there are not so many tenants")
    })
}

/// A reference without its attribute: what it belongs to. The default group of a VPC is a group of
/// its own, by the attribute's name.
pub fn bare(text: &str) -> &str {
    match token(text) {
        Some((.., Some("DefaultSecurityGroup"))) | None => text,
        Some((.., Some(attribute))) => &text[..text.len() - attribute.len() - 1],
        Some(_) => text,
    }
}

/// The text of a value, be it text or number.
pub fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Notes what cannot be told of a thing, so that nothing is proved.
pub fn complain(raw: &mut Raw, thing: &Thing<'_>, what: &str) {
    let message = format!("{}: {what} cannot be told", thing.id);
    raw.troubles.insert(Trouble { file: thing.file.to_owned(), message });
}

/// Whether something is on.
pub fn is_on(value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on,
        Value::String(text) => text == "true" || text == "enable" || unknown(text),
        _ => false,
    }
}

impl Taking<'_, '_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.thing.properties[key].as_str()
    }

    /// A reference. An id of AWS's can be that of any thing of the files, as each has one.
    fn name(&mut self, key: &str) -> Name {
        let text = self.thing.properties[key].as_str().unwrap_or("?{it is not said}");
        let told = token(text).is_some() || unknown(text);
        self.raw.names.of(if told { bare(text) } else { "?{an id of AWS's}" })
    }

    /// A reference that nothing can stand for: without it, nothing is proved.
    fn known(&mut self, key: &str) -> Name {
        if self.text(key).is_none_or(|text| unknown(text) || token(text).is_none()) {
            complain(self.raw, self.thing, key);
        }
        self.name(key)
    }

    /// A reference to a thing of the files itself: what is said of others is lost, and what it is
    /// said of may be any of these.
    fn own(&mut self, key: &str) -> Name {
        let text = self.text(key).unwrap_or_default();
        if token(text).is_none() || bare(text) != text || unknown(text) {
            complain(self.raw, self.thing, key);
        }
        self.name(key)
    }

    fn names(&mut self, key: &str) -> Vec<Name> {
        let thing = self.thing;
        let texts = items(&thing.properties[key])
            .and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<&str>>>());
        let strange = |text: &&str| unknown(text) || token(text).is_none();
        if texts.as_ref().is_none_or(|texts| texts.iter().any(strange)) {
            complain(self.raw, thing, key);
        }
        texts.into_iter().flatten().map(|text| self.raw.names.of(bare(text))).collect()
    }

    fn block(&self, key: &str) -> Option<Range> {
        Range::parse(self.text(key)?)
    }

    /// Blocks of VPCs and subnets.
    fn space(&mut self, part: Part) {
        let keys = ["CidrBlock", "Ipv6CidrBlock"];
        let blocks: Vec<Range> = keys.iter().filter_map(|key| self.block(key)).collect();
        let said = keys.iter().filter(|key| !self.thing.properties[**key].is_null()).count();
        if said > blocks.len() {
            complain(self.raw, self.thing, "its block of addresses");
        }
        if blocks.is_empty() {
            let token = self.thing.token();
            self.raw.outside.insert(format!("addresses of {token}, which are not in the files"));
        }
        match self.thing.kind {
            "AWS::EC2::VPC" => {
                let hub = part.owner == 0 && self.thing.tag("Cell").is_none();
                self.raw.hubs.push((part.mark, hub));
                self.raw.vpcs.push((part, blocks));
            }
            "AWS::EC2::Subnet" => {
                let vpc = self.known("VpcId");
                self.raw.subnets.push((part, vpc, blocks));
            }
            kind => {
                let owner = if kind == "AWS::EC2::VPCCidrBlock" { "VpcId" } else { "SubnetId" };
                let owner = self.known(owner);
                self.raw.blocks.extend(blocks.into_iter().map(|block| (owner, block)));
            }
        }
    }

    /// Destinations of a route, or other sides of a rule, by all of some keys.
    fn sides(&mut self, of: &Value, blocks: [&str; 2], list: &str) -> Vec<Side> {
        let said = blocks.into_iter().map(|key| &of[key]).filter(|value| !value.is_null());
        let read = |value: &Value| value.as_str().and_then(Range::parse);
        let mut out: Vec<Side> =
            said.map(|value| read(value).map_or(Side::Unknown, Side::Block)).collect();
        match &of[list] {
            Value::Null => {}
            Value::String(list) => out.push(Side::List(self.raw.names.of(bare(list)))),
            _ => out.push(Side::Unknown),
        }
        out
    }

    /// Where a route leads. One that goes who knows where may be longer than any other, so nothing
    /// can stand for it.
    fn destinations(&mut self, list: &str) -> Vec<Side> {
        let blocks = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"];
        let all = self.sides(&self.thing.properties, blocks, list);
        let read = |side: &Side| match side {
            Side::List(name) => !unknown(self.raw.names.text(*name)),
            other => !matches!(other, Side::Unknown),
        };
        if all.is_empty() || !all.iter().all(read) {
            complain(self.raw, self.thing, "its destination");
        }
        all
    }

    fn route(&mut self) {
        let all = self.destinations("DestinationPrefixListId");
        let (table, via) = (self.own("RouteTableId"), self.target());
        let mark = self.mark;
        self.raw.routes.extend(all.into_iter().map(|to| (table, to, via, mark)));
    }

    fn target(&mut self) -> Target {
        type Way = fn(Name) -> Target;
        let ways: [(&str, Way); 9] = [
            ("GatewayId", Target::Gateway),
            ("EgressOnlyInternetGatewayId", |_| Target::EgressOnly),
            ("NatGatewayId", Target::Nat),
            ("VpcPeeringConnectionId", Target::Peering),
            ("TransitGatewayId", Target::Transit),
            ("InstanceId", Target::Forwarder),
            ("NetworkInterfaceId", Target::Forwarder),
            ("VpcEndpointId", Target::Forwarder),
            ("CarrierGatewayId", |_| Target::EgressOnly),
        ];
        for (key, way) in ways {
            let Some(text) = self.text(key).filter(|text| !text.is_empty()) else { continue };
            if text == "local" {
                return Target::Gateway(self.raw.names.of("local"));
            }
            return way(self.known(key));
        }
        Target::Unknown
    }

    /// A rule of a network ACL. What cannot be read of one that allows is everything, in both
    /// directions and before all others; one that denies without being read refuses nothing.
    fn entry(&mut self) {
        let properties = &self.thing.properties;
        let allow = self.text("RuleAction") != Some("deny");
        let number = words(&properties["RuleNumber"]).and_then(|n| n.parse().ok());
        let number = number.or(allow.then_some(0));
        let keys = ["CidrBlock", "Ipv6CidrBlock"].into_iter();
        let said = keys.map(|key| &properties[key]).filter(|value| !value.is_null());
        let read = said.map(|value| value.as_str().and_then(Range::parse));
        let mut blocks: Vec<Range> =
            read.filter_map(|block| block.or(allow.then_some(ALL))).collect();
        if blocks.is_empty() && allow {
            blocks.push(ALL);
        }
        let traffic = protocol::of_entry(properties);
        let (acl, directions) = (self.own("NetworkAclId"), directions(properties, allow));
        let Some(number) = number else { return };
        for (block, egress) in blocks.iter().flat_map(|b| directions.iter().map(move |d| (*b, *d)))
        {
            let entry = Entry { number, allow, block, traffic: traffic.clone(), mark: self.mark };
            self.raw.entries.push((acl, egress, entry));
        }
    }

    /// A group with the rules inside of it. Without one that lets out, AWS adds one that lets
    /// everything out. Source:
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html>.
    fn group(&mut self, part: Part) {
        let vpc = self.known("VpcId");
        self.raw.groups.push((part, vpc));
        let thing = self.thing;
        for (key, egress) in [("SecurityGroupIngress", false), ("SecurityGroupEgress", true)] {
            let rules = items(&thing.properties[key]);
            for rule in rules.into_iter().flatten() {
                self.rule(part.name, egress, rule);
            }
            // A list that is no list may have any rule.
            if rules.is_none_or(|rules| egress && rules.is_empty()) {
                self.open(part.name, egress);
            }
        }
    }

    /// A rule for every address.
    fn open(&mut self, group: Name, egress: bool) {
        for block in [FOUR, SIX] {
            let traffic = crate::prove::network::traffic::Traffic::all();
            let rule =
                RawRule { group, egress, side: Side::Block(block), traffic, mark: self.mark };
            self.raw.rules.push(rule);
        }
    }

    fn rule(&mut self, group: Name, egress: bool, of: &Value) {
        let end = if egress { "Destination" } else { "Source" };
        let list = format!("{end}PrefixListId");
        let list = if of[&list].is_null() { "PrefixListId" } else { &list };
        let mut sides = self.sides(of, ["CidrIp", "CidrIpv6"], list);
        match &of[format!("{end}SecurityGroupId")] {
            Value::Null => {}
            Value::String(text) if text.contains("the group itself") => {
                sides.push(Side::Group(group));
            }
            Value::String(text) if !unknown(text) => {
                sides.push(Side::Group(self.raw.names.of(bare(text))));
            }
            _ => sides.push(Side::Unknown),
        }
        if sides.is_empty() {
            sides.push(Side::Unknown);
        }
        for side in sides {
            let (traffic, mark) = (protocol::of_rule(of), self.mark);
            self.raw.rules.push(RawRule { group, egress, side, traffic, mark });
        }
    }

    /// The default group of a VPC, without the rules that AWS gave it.
    fn stripped(&mut self) {
        self.known("VpcId");
        let vpc = self.thing.properties["VpcId"].as_str().map(bare).unwrap_or_default().to_owned();
        let vpc_name = self.raw.names.of(&vpc);
        let group = self.raw.names.of(&default_group(&vpc));
        self.raw.stripped.insert(vpc_name);
        let thing = self.thing;
        for (key, egress) in [("SecurityGroupIngress", false), ("SecurityGroupEgress", true)] {
            let rules = items(&thing.properties[key]);
            for rule in rules.into_iter().flatten() {
                self.rule(group, egress, rule);
            }
            if rules.is_none() {
                self.open(group, egress);
            }
        }
    }

    fn list(&mut self, part: Part) {
        let entries = self.thing.properties["Entries"].as_array();
        let blocks = entries.and_then(|entries| {
            entries.iter().map(|entry| Range::parse(entry["Cidr"].as_str()?)).collect()
        });
        if blocks.is_none() {
            complain(self.raw, self.thing, "what it lists");
        }
        self.raw.lists.insert(part.name, blocks);
    }

    /// Gateways and what joins networks.
    fn way(&mut self, part: Part) {
        match self.thing.kind {
            "AWS::EC2::VPCGatewayAttachment" => {
                let (vpc, gateway) = (self.known("VpcId"), self.name("InternetGatewayId"));
                if self.text("InternetGatewayId").is_some() {
                    self.raw.internet.insert((vpc, gateway));
                }
            }
            "AWS::EC2::NatGateway" => {
                let (subnet, address) = (self.known("SubnetId"), self.block("PrivateIpAddress"));
                self.raw.nats.push((part, subnet, address));
            }
            "AWS::EC2::VPCPeeringConnection" => {
                let (one, other) = (self.name("VpcId"), self.name("PeerVpcId"));
                self.raw.peerings.push((part, one, other));
            }
            "AWS::EC2::TransitGateway" => {
                let on = |key: &str| self.text(key) != Some("disable");
                let both = (on("DefaultRouteTableAssociation"), on("DefaultRouteTablePropagation"));
                self.raw.gateways.push((part, both.0, both.1));
            }
            "AWS::EC2::TransitGatewayAttachment" | "AWS::EC2::TransitGatewayVpcAttachment" => {
                let (gateway, vpc) = (self.known("TransitGatewayId"), self.known("VpcId"));
                let subnets = self.names("SubnetIds");
                self.raw.attachments.push((part, gateway, vpc, subnets));
            }
            "AWS::EC2::VPNConnection" if self.text("TransitGatewayId").is_some() => {
                let gateway = self.known("TransitGatewayId");
                self.raw.vpns.push((part, gateway));
            }
            _ => self.crossing(part),
        }
    }

    /// What route tables of transit gateways say.
    fn crossing(&mut self, part: Part) {
        let kind = self.thing.kind;
        if kind == "AWS::EC2::TransitGatewayRouteTable" {
            return self.raw.transits.push(part);
        }
        if !kind.starts_with("AWS::EC2::TransitGatewayRoute") {
            return;
        }
        let table = self.known("TransitGatewayRouteTableId");
        if kind == "AWS::EC2::TransitGatewayRoute" {
            return self.transit_route(table);
        }
        let attachment = self.known("TransitGatewayAttachmentId");
        if kind == "AWS::EC2::TransitGatewayRouteTableAssociation" {
            self.raw.associations.push((attachment, table));
        } else {
            self.raw.propagations.push((attachment, table, self.mark));
        }
    }

    /// A route of a transit gateway. It is a black hole only if it says so.
    fn transit_route(&mut self, table: Name) {
        let hole = &self.thing.properties["Blackhole"];
        let hole = hole.as_bool() == Some(true) || hole.as_str() == Some("true");
        let attachment = self.name("TransitGatewayAttachmentId");
        let (all, mark) = (self.destinations("PrefixListId"), self.mark);
        let route = |to| (table, to, (!hole).then_some(attachment), mark);
        self.raw.crossings.extend(all.into_iter().map(route));
    }
}

/// Whether a rule of a network ACL looks outward: both, or neither, if that cannot be told.
fn directions(entry: &Value, allow: bool) -> &'static [bool] {
    match &entry["Egress"] {
        Value::Null | Value::Bool(false) => &[false],
        Value::Bool(true) => &[true],
        Value::String(text) if text == "true" => &[true],
        Value::String(text) if text == "false" => &[false],
        _ if allow => &[false, true],
        _ => &[],
    }
}

/// What the default group of a VPC is called.
pub fn default_group(vpc: &str) -> String {
    format!("{vpc}.DefaultSecurityGroup")
}
