//! Hands that break what was rendered: resources are changed, added and taken out by CloudFormation's
//! names, in the templates of either engine.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tenantry::name::snake;
use tenantry::prove::read::Engine;

/// The files of a rendered folder.
pub type Files = BTreeMap<String, String>;

/// The types that are touched, by both names.
const KINDS: &[(&str, &str)] = &[
    ("AWS::EC2::VPC", "aws_vpc"),
    ("AWS::EC2::Subnet", "aws_subnet"),
    ("AWS::EC2::Route", "aws_route"),
    ("AWS::EC2::SubnetRouteTableAssociation", "aws_route_table_association"),
    ("AWS::EC2::NetworkAclEntry", "aws_network_acl_rule"),
    ("AWS::EC2::SubnetNetworkAclAssociation", "aws_network_acl_association"),
    ("AWS::EC2::SecurityGroup", "aws_security_group"),
    ("AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule"),
    ("AWS::EC2::SecurityGroupEgress", "aws_vpc_security_group_egress_rule"),
    ("AWS::EC2::VPCEndpoint", "aws_vpc_endpoint"),
    ("AWS::EC2::VPCPeeringConnection", "aws_vpc_peering_connection"),
    ("AWS::EC2::TransitGateway", "aws_ec2_transit_gateway"),
    ("AWS::EC2::TransitGatewayRoute", "aws_ec2_transit_gateway_route"),
    ("AWS::EC2::TransitGatewayAttachment", "aws_ec2_transit_gateway_vpc_attachment"),
    ("AWS::EC2::TransitGatewayRouteTable", "aws_ec2_transit_gateway_route_table"),
    (
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        "aws_ec2_transit_gateway_route_table_association",
    ),
    (
        "AWS::EC2::TransitGatewayRouteTablePropagation",
        "aws_ec2_transit_gateway_route_table_propagation",
    ),
    ("AWS::ECS::Service", "aws_ecs_service"),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "aws_lb_listener_rule"),
    ("AWS::ElasticLoadBalancingV2::Listener", "aws_lb_listener"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "aws_lb_target_group"),
    ("AWS::EC2::RouteTable", "aws_route_table"),
    ("AWS::EC2::NatGateway", "aws_nat_gateway"),
    ("AWS::EC2::Instance", "aws_instance"),
    ("AWS::EC2::PrefixList", "aws_ec2_managed_prefix_list"),
    ("AWS::EC2::VPCCidrBlock", "aws_vpc_ipv6_cidr_block_association"),
    ("AWS::SSM::Parameter", "aws_ssm_parameter"),
    ("Tenantry::Default", "aws_default_security_group"),
];

fn terraform(kind: &str) -> &'static str {
    KINDS.iter().find(|(own, _)| *own == kind).unwrap_or_else(|| panic!("no row for {kind}")).1
}

/// The name of a property.
fn key(engine: Engine, name: &str) -> String {
    if engine == Engine::CloudFormation {
        return name.to_owned();
    }
    match name {
        "CidrIp" => "cidr_ipv4".to_owned(),
        "CidrIpv6" => "cidr_ipv6".to_owned(),
        "Ipv6CidrBlock" => "ipv6_cidr_block".to_owned(),
        "DestinationIpv6CidrBlock" => "destination_ipv6_cidr_block".to_owned(),
        "SourceSecurityGroupId" | "DestinationSecurityGroupId" => {
            "referenced_security_group_id".to_owned()
        }
        "GroupId" => "security_group_id".to_owned(),
        other => snake(other),
    }
}

/// A resource in a template.
pub struct Resource<'a> {
    pub engine: Engine,
    /// Its id, in words with lines between them.
    pub id: String,
    /// Its type, by CloudFormation's name.
    pub kind: &'static str,
    pub body: &'a mut Map<String, Value>,
    /// Whether it goes.
    pub gone: bool,
}

impl Resource<'_> {
    pub fn is(&self, kind: &str, id: &str) -> bool {
        self.kind.ends_with(&format!("::{kind}")) && self.id.starts_with(id)
    }

    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.body.insert(key(self.engine, name), value.into());
        self
    }

    pub fn drop(&mut self, name: &str) -> &mut Self {
        self.body.remove(&key(self.engine, name));
        self
    }

    /// A rule of a group that lets everything through from or to somewhere else.
    pub fn open(&mut self, name: &str, to: Value) {
        for other in
            ["CidrIp", "SourceSecurityGroupId", "DestinationSecurityGroupId", "FromPort", "ToPort"]
        {
            self.drop(other);
        }
        self.set("IpProtocol", "-1").set(name, to);
    }

    /// A rule of a network ACL without ports.
    pub fn every_port(&mut self) {
        let all: Value = if self.engine == Engine::Terraform { "-1".into() } else { (-1).into() };
        self.set("Protocol", all).drop("PortRange").drop("FromPort").drop("ToPort");
    }
}

/// A value of a parameter.
pub fn param(engine: Engine, name: &str) -> Value {
    match engine {
        Engine::CloudFormation => json!({"Ref": name}),
        Engine::Terraform => format!("${{var.{}}}", snake(name)).into(),
    }
}

/// The id of another resource, or its attribute.
pub fn of(engine: Engine, kind: &str, id: &str, attribute: Option<&str>) -> Value {
    match (engine, attribute) {
        (Engine::CloudFormation, None) => json!({"Ref": id}),
        (Engine::CloudFormation, Some(attribute)) => json!({"Fn::GetAtt": [id, attribute]}),
        (Engine::Terraform, _) => format!("${{{}.{}.id}}", terraform(kind), snake(id)).into(),
    }
}

fn shapes(files: &Files, engine: Engine, shape: &str) -> Vec<String> {
    let (start, end) = match engine {
        Engine::CloudFormation => (format!("cloudformation/templates/{shape}"), ".json"),
        Engine::Terraform => (format!("terraform/modules/{shape}"), "/main.tf.json"),
    };
    files.keys().filter(|path| path.starts_with(&start) && path.ends_with(end)).cloned().collect()
}

fn edit(files: &mut Files, path: &str, change: impl FnOnce(&mut Value)) {
    let text = files.get_mut(path).unwrap_or_else(|| panic!("{path} is there"));
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    change(&mut value);
    *text = value.to_string();
}

/// Hands over every resource of templates whose shape begins so; how many were changed.
pub fn change(
    files: &mut Files,
    engine: Engine,
    shape: &str,
    mut touch: impl FnMut(&mut Resource<'_>) -> bool,
) -> usize {
    let mut count = 0;
    for path in shapes(files, engine, shape) {
        edit(files, &path, |template| match engine {
            Engine::CloudFormation => {
                let all = template["Resources"].as_object_mut().expect("resources");
                all.retain(|id, resource| {
                    let kind = resource["Type"].as_str().expect("a type").to_owned();
                    let Some((kind, _)) = KINDS.iter().find(|(own, _)| *own == kind) else {
                        return true;
                    };
                    if resource.get("Properties").is_none() {
                        resource["Properties"] = json!({});
                    }
                    let body = resource["Properties"].as_object_mut().expect("properties");
                    let mut r = Resource { engine, id: snake(id), kind, body, gone: false };
                    count += usize::from(touch(&mut r));
                    !r.gone
                });
            }
            Engine::Terraform => {
                for (kind, all) in template["resource"].as_object_mut().expect("resources") {
                    let Some((kind, _)) = KINDS.iter().find(|(_, own)| own == kind) else {
                        continue;
                    };
                    all.as_object_mut().expect("blocks").retain(|id, body| {
                        let body = body.as_object_mut().expect("a block");
                        let mut r = Resource { engine, id: id.clone(), kind, body, gone: false };
                        count += usize::from(touch(&mut r));
                        !r.gone
                    });
                }
            }
        });
    }
    count
}

/// Adds a resource to templates.
pub fn add(
    files: &mut Files,
    engine: Engine,
    shape: &str,
    kind: &str,
    id: &str,
    pairs: &[(&str, Value)],
) {
    for path in shapes(files, engine, shape) {
        let pairs = pairs.iter().map(|(name, value)| (key(engine, name), value.clone()));
        let body = Value::Object(pairs.collect());
        edit(files, &path, |template| match engine {
            Engine::CloudFormation => {
                template["Resources"][id] = json!({"Type": kind, "Properties": body});
            }
            Engine::Terraform => template["resource"][terraform(kind)][snake(id)] = body,
        });
    }
}

/// Changes the value of a parameter of a stack.
pub fn give(files: &mut Files, engine: Engine, stack: &str, name: &str, value: &str) {
    match engine {
        Engine::CloudFormation => {
            let path = format!("cloudformation/stacks/{stack}.json");
            edit(files, &path, |all| {
                let list = all.as_array_mut().expect("a list");
                let start = format!("{name}=");
                list.retain(|pair| !pair.as_str().expect("text").starts_with(&start));
                list.push(format!("{name}={value}").into());
            });
        }
        Engine::Terraform => {
            let path = format!("terraform/stacks/{stack}/main.tf.json");
            edit(files, &path, |all| {
                let value: Value = if value.starts_with('/') {
                    all["data"]["aws_ssm_parameter"][snake(name)] = json!({"name": value});
                    format!("${{data.aws_ssm_parameter.{}.insecure_value}}", snake(name)).into()
                } else {
                    value.into()
                };
                all["module"]["stack"][snake(name)] = value;
            });
        }
    }
}

/// Lets stacks of a shape publish a value below `/lent/<tenant>`, and some of them read another's as
/// a parameter.
pub fn lend(
    files: &mut Files,
    engine: Engine,
    shape: &str,
    what: Value,
    name: &str,
    to: &[(&str, &str)],
) {
    let path = match engine {
        Engine::CloudFormation => json!({"Fn::Join": ["", ["/lent/", {"Ref": "Tenant"}]]}),
        Engine::Terraform => "/lent/${var.tenant}".into(),
    };
    let pairs = [("Name", path), ("Type", "String".into()), ("Value", what)];
    add(files, engine, shape, "AWS::SSM::Parameter", "LentParameter", &pairs);
    for path in shapes(files, engine, shape) {
        edit(files, &path, |template| match engine {
            Engine::CloudFormation => {
                template["Parameters"][name] =
                    json!({"Type": "AWS::SSM::Parameter::Value<String>"});
            }
            Engine::Terraform => template["variable"][snake(name)] = json!({"type": "string"}),
        });
    }
    for (stack, from) in to {
        give(files, engine, stack, name, &format!("/lent/{from}"));
    }
}
