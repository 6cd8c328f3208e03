//! `CloudFormation`: templates with parameters, and one file of values for each stack.

use serde_json::{Map, Value};

use super::Trouble;
use super::form::{Form, Piece, unknown};
use super::known::{self, Fate};
use super::names;
use super::template::{Param, Part, Template, blank, step, tags};

/// Attributes that only name the thing itself, so that they are the reference.
const NAMES: &[(&str, &str)] = &[
    ("AWS::EC2::SecurityGroup", "GroupId"),
    ("AWS::EC2::VPC", "VpcId"),
    ("AWS::EC2::Subnet", "SubnetId"),
    ("AWS::EC2::RouteTable", "RouteTableId"),
    ("AWS::EC2::EIP", "AllocationId"),
    ("AWS::EC2::NatGateway", "NatGatewayId"),
    ("AWS::EC2::InternetGateway", "InternetGatewayId"),
    ("AWS::EC2::NetworkAcl", "Id"),
    ("AWS::EC2::VPCEndpoint", "Id"),
    ("AWS::EC2::VPCPeeringConnection", "Id"),
    ("AWS::EC2::TransitGateway", "Id"),
    ("AWS::EC2::TransitGatewayAttachment", "Id"),
    ("AWS::EC2::TransitGatewayRouteTable", "TransitGatewayRouteTableId"),
    ("AWS::EC2::VPNGateway", "VPNGatewayId"),
    ("AWS::EC2::VPNConnection", "VpnConnectionId"),
    ("AWS::EC2::CustomerGateway", "CustomerGatewayId"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateId"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerArn"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupArn"),
    ("AWS::ElasticLoadBalancingV2::Listener", "ListenerArn"),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "RuleArn"),
    ("AWS::ECS::TaskDefinition", "TaskDefinitionArn"),
    ("AWS::ECS::Service", "ServiceArn"),
    ("AWS::SNS::Topic", "TopicArn"),
    ("AWS::SQS::Queue", "QueueUrl"),
    ("AWS::KMS::Key", "KeyId"),
    ("AWS::SecretsManager::Secret", "Id"),
    ("AWS::Organizations::Account", "AccountId"),
    ("AWS::Organizations::OrganizationalUnit", "Id"),
    ("AWS::Organizations::Policy", "Id"),
    ("AWS::ApiGateway::RestApi", "RestApiId"),
    ("AWS::ApiGateway::Resource", "ResourceId"),
    ("AWS::Cognito::UserPool", "UserPoolId"),
    ("AWS::Cognito::UserPoolClient", "ClientId"),
    ("AWS::Cognito::IdentityPool", "Id"),
];

/// The sections of a template that are followed, or that deploy nothing.
const SECTIONS: &[&str] =
    &["AWSTemplateFormatVersion", "Description", "Metadata", "Outputs", "Parameters", "Resources"];

/// Takes a template apart. Only things that are `wanted` are kept.
pub fn read(file: &str, text: &str, partition: &str, wanted: &dyn Fn(&str) -> bool) -> Template {
    let mut out = Template { file: file.to_owned(), has_steps: true, ..Template::default() };
    let json: Value = match super::json::parse(text) {
        Ok(json) => json,
        Err(error) => {
            out.complain(format!("it is no JSON: {error}"));
            return out;
        }
    };
    let sections = json.as_object().into_iter().flatten().map(|(name, _)| name);
    for foreign in sections.filter(|name| !SECTIONS.contains(&name.as_str())) {
        out.complain(format!("{foreign} is not followed"));
    }
    macros(&json, &mut out);
    params(&json, &mut out);
    let resources = json["Resources"].as_object();
    let empty = Map::new();
    if resources.is_none() {
        out.complain("it has no mapping of resources".to_owned());
    }
    let resources = resources.unwrap_or(&empty);
    for (id, resource) in resources {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let reader = Reader { params: &out.params, resources, partition };
        if kind == "AWS::SSM::Parameter" {
            let at = |name: &str| reader.form(&resource["Properties"][name]);
            out.told.push((at("Name"), at("Value")));
        }
        let fate = known::fate(kind, wanted);
        if fate != Fate::Refused {
            of_resource(id, kind, resource, &mut out);
        }
        let reader = Reader { params: &out.params, resources, partition };
        match fate {
            Fate::Kept => {
                let part = reader.part(id, kind, resource);
                out.things.push(part);
                let properties = &resource["Properties"];
                if !properties.is_null() && !properties.is_object() {
                    out.complain(format!("{id}: its properties are no mapping"));
                }
            }
            Fate::Harmless => {}
            Fate::Refused => known::refuse(&mut out, id, kind),
        }
    }
    let reader = Reader { params: &out.params, resources, partition };
    let outputs = json["Outputs"].as_object().into_iter().flatten();
    out.outputs = outputs.map(|(name, o)| (name.clone(), reader.form(&o["Value"]))).collect();
    out
}

/// What a resource may say of itself.
const RESOURCE: &[&str] = &[
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// Complains of what of a resource is not followed.
fn of_resource(id: &str, kind: &str, resource: &Value, out: &mut Template) {
    let words = resource.as_object().into_iter().flatten().map(|(name, _)| name);
    for strange in words.filter(|name| !RESOURCE.contains(&name.as_str())) {
        out.complain(format!("{id}: {strange} is not followed"));
    }
    names::check(out, id, [kind, kind], &resource["Properties"]);
}

/// Whatever a macro makes of the template is not in it. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-transform.html>.
fn macros(value: &Value, out: &mut Template) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                // A function stands alone in its mapping; among others, only macros can.
                if is_macro(key) || (key.starts_with("Fn::") && map.len() > 1) {
                    out.complain(format!("{key} is not followed"));
                }
                macros(inner, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| macros(item, out)),
        _ => {}
    }
}

fn is_macro(key: &str) -> bool {
    key.starts_with("Fn::Transform") || key.starts_with("Fn::ForEach")
}

fn params(json: &Value, out: &mut Template) {
    for (name, param) in json["Parameters"].as_object().into_iter().flatten() {
        let default = match &param["Default"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let kind = param["Type"].as_str().unwrap_or_default();
        let read = kind.starts_with("AWS::SSM::Parameter::Value<");
        // A reference to one is a list, wherever it stands.
        if kind.contains("List") {
            out.complain(format!("{name}: a parameter that is a list is not followed"));
        }
        out.params.push(Param { name: name.clone(), default, read });
    }
}

/// The values of a parameter file: `Name=value`, one string each.
pub fn values(file: &str, text: &str) -> Result<Vec<(String, String)>, Trouble> {
    let trouble = |message: String| Trouble { file: file.to_owned(), message };
    let pairs: Vec<String> = serde_json::from_str(text)
        .map_err(|error| trouble(format!("it is no list of texts: {error}")))?;
    let split = |pair: String| match pair.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(trouble(format!("{pair:?} is no `Name=value`"))),
    };
    pairs.into_iter().map(split).collect()
}

/// Whether a text is resolved while it is deployed, so that it may be anything.
pub fn is_dynamic(text: &str) -> bool {
    text.contains("{{resolve:")
}

/// A text that was put together. A dynamic reference can be put together, too.
fn settled(form: Form) -> Form {
    const START: &str = "{{resolve:";
    let begun = |text: &str| (2..START.len()).any(|length| text.ends_with(&START[..length]));
    let dynamic = |piece: &Piece| match piece {
        Piece::Literal(text) => is_dynamic(text) || begun(text),
        _ => false,
    };
    match &form {
        Form::Text(pieces) if pieces.iter().any(dynamic) => unknown("a dynamic reference"),
        Form::Fixed(Value::String(text)) if is_dynamic(text) => unknown("a dynamic reference"),
        _ => form,
    }
}

/// What references of a template can mean.
struct Reader<'a> {
    params: &'a [Param],
    resources: &'a Map<String, Value>,
    partition: &'a str,
}

impl Reader<'_> {
    fn part(&self, id: &str, kind: &str, resource: &Value) -> Part {
        let (mut own, mut body) = (Vec::new(), Vec::new());
        for (name, value) in resource["Properties"].as_object().into_iter().flatten() {
            match name.as_str() {
                "Tags" | "IdentityPoolTags" | "BackupVaultTags" | "UserPoolTags" => {
                    own = tags(self.form(value));
                }
                // A launch template has its own tags in a list by type.
                "TagSpecifications" if kind == "AWS::EC2::LaunchTemplate" => {
                    own = tags(self.form(&value[0]["Tags"]));
                }
                _ => body.push((name.clone(), self.form(value))),
            }
        }
        let place = format!("/Resources/{}", step(id));
        Part { id: id.to_owned(), kind: kind.to_owned(), place, tags: own, body: Form::map(body) }
    }

    fn form(&self, value: &Value) -> Form {
        match value {
            Value::Object(map) => self.object(map),
            Value::Array(items) => Form::list(items.iter().map(|item| self.form(item)).collect()),
            Value::String(text) if is_dynamic(text) => unknown("a dynamic reference"),
            other => Form::Fixed(other.clone()),
        }
    }

    fn object(&self, map: &Map<String, Value>) -> Form {
        if let (1, Some((key, argument))) = (map.len(), map.iter().next()) {
            match key.as_str() {
                "Ref" => return Form::text(self.reference(argument.as_str().unwrap_or_default())),
                "Fn::GetAtt" => return Form::text(self.attribute(argument)),
                "Fn::Join" => return settled(self.join(argument)),
                "Fn::Sub" => return settled(self.sub(argument)),
                "Fn::Base64" => return self.form(argument),
                other if other.starts_with("Fn::") => {
                    return unknown(format!("{other} is not followed"));
                }
                _ => {}
            }
        }
        Form::map(map.iter().map(|(key, value)| (key.clone(), self.form(value))).collect())
    }

    fn reference(&self, name: &str) -> Vec<Piece> {
        let literal = |text: &str| vec![Piece::Literal(text.to_owned())];
        match name {
            "AWS::AccountId" => return vec![Piece::Account],
            "AWS::Region" => return vec![Piece::Region],
            "AWS::Partition" => return literal(self.partition),
            "AWS::URLSuffix" => return literal(super::url_suffix(self.partition)),
            _ => {}
        }
        if let Some(index) = self.params.iter().position(|param| param.name == name) {
            return vec![Piece::Param(index)];
        }
        if self.resources.contains_key(name) {
            return vec![Piece::Own(name.to_owned())];
        }
        blank(&format!("there is no {name}"))
    }

    fn attribute(&self, argument: &Value) -> Vec<Piece> {
        let (id, attribute) = match argument {
            Value::String(text) => text.split_once('.').unwrap_or((text, "")),
            list => (list[0].as_str().unwrap_or_default(), list[1].as_str().unwrap_or_default()),
        };
        let Some(resource) = self.resources.get(id) else {
            return blank(&format!("there is no {id}"));
        };
        let kind = resource["Type"].as_str().unwrap_or_default();
        if NAMES.contains(&(kind, attribute)) {
            return vec![Piece::Own(id.to_owned())];
        }
        vec![Piece::Own(format!("{id}.{attribute}"))]
    }

    fn join(&self, argument: &Value) -> Form {
        let separator = argument[0].as_str().unwrap_or_default();
        let Some(items) = argument[1].as_array() else { return unknown("a list that is not one") };
        let mut out = Vec::new();
        for (i, item) in items.iter().enumerate() {
            if i > 0 && !separator.is_empty() {
                out.push(Piece::Literal(separator.to_owned()));
            }
            out.extend(self.form(item).pieces().unwrap_or_else(|| blank("a list in a text")));
        }
        Form::text(out)
    }

    /// `${Name}`, `${Name.Attribute}` and `${!literal}` in a text, with names of its own.
    fn sub(&self, argument: &Value) -> Form {
        let (text, own) = match argument {
            Value::Array(both) => (both.first().and_then(Value::as_str), both.get(1)),
            other => (other.as_str(), None),
        };
        let Some(mut rest) = text else { return unknown("a text that is not one") };
        let mut out = Vec::new();
        while let Some((before, behind)) = rest.split_once("${") {
            out.push(Piece::Literal(before.to_owned()));
            let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                out.push(Piece::Literal(format!("${{{literal}}}")));
            } else if let Some(value) = own.and_then(|own| own.get(name)) {
                out.extend(self.form(value).pieces().unwrap_or_else(|| blank("a list in a text")));
            } else if let Some((id, attribute)) = name.split_once('.') {
                out.extend(self.attribute(&Value::String(format!("{id}.{attribute}"))));
            } else {
                out.extend(self.reference(name));
            }
        }
        out.push(Piece::Literal(rest.to_owned()));
        Form::text(out)
    }
}
