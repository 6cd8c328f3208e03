//! Intrinsic functions → the values that a deployment would see: parameters have the values of a
//! real stack, and what only AWS can know has a sample of the right form.

use serde_json::{Map, Value, json};

use crate::name::{short_hash, snake};

/// What references can mean.
pub struct Scope<'a> {
    /// The template.
    pub template: &'a Value,
    /// The parameters of the stack.
    pub values: &'a [(&'a str, String)],
}

/// A reference that leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub struct Dangling(pub String);

impl Scope<'_> {
    /// The value with every intrinsic function resolved.
    pub fn resolve(&self, value: &Value) -> Result<Value, Dangling> {
        match value {
            Value::Object(map) => self.object(map),
            Value::Array(items) => items
                .iter()
                .map(|item| self.resolve(item))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            other => Ok(other.clone()),
        }
    }

    fn object(&self, map: &Map<String, Value>) -> Result<Value, Dangling> {
        if let (1, Some((key, argument))) = (map.len(), map.iter().next()) {
            match key.as_str() {
                "Ref" => return self.reference(argument),
                "Fn::GetAtt" => return self.attribute(argument),
                "Fn::Join" => return self.join(argument),
                // Where a string is wanted, its Base64 form is one as well as any other.
                "Fn::Base64" => return self.resolve(argument),
                intrinsic if intrinsic.starts_with("Fn::") => {
                    return Err(Dangling(format!(
                        "{intrinsic} is not one of the functions that tenantry uses"
                    )));
                }
                _ => {}
            }
        }
        let pairs = map.iter().map(|(key, value)| Ok((key.clone(), self.resolve(value)?)));
        pairs.collect::<Result<Map<_, _>, _>>().map(Value::Object)
    }

    fn reference(&self, argument: &Value) -> Result<Value, Dangling> {
        let name = argument.as_str().unwrap_or_default();
        if let Some(sample) = pseudo(name) {
            return Ok(sample.into());
        }
        if let Some((_, value)) = self.values.iter().find(|(n, _)| *n == name) {
            return Ok(value.as_str().into());
        }
        if let Some(parameter) = self.template.pointer(&format!("/Parameters/{name}")) {
            let kind = parameter["Type"].as_str().unwrap_or_default();
            return Ok(imported(kind, name).into());
        }
        Ok(sample(self.kind_of(name)?, name).into())
    }

    fn attribute(&self, argument: &Value) -> Result<Value, Dangling> {
        let (name, attribute) =
            (argument[0].as_str().unwrap_or_default(), argument[1].as_str().unwrap_or_default());
        let kind = self.kind_of(name)?;
        if !super::cloudformation::attributes(kind).any(|known| known == attribute) {
            return Err(Dangling(format!("{kind} has no attribute {attribute}")));
        }
        Ok(value_of(kind, Some(attribute), name).into())
    }

    fn join(&self, argument: &Value) -> Result<Value, Dangling> {
        let separator = argument[0].as_str().unwrap_or_default();
        let parts = self.resolve(&argument[1])?;
        let parts: Vec<&str> =
            parts.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        Ok(json!(parts.join(separator)))
    }

    fn kind_of(&self, name: &str) -> Result<&str, Dangling> {
        let kind =
            self.template.pointer(&format!("/Resources/{name}/Type")).and_then(Value::as_str);
        kind.ok_or_else(|| Dangling(format!("there is no resource or parameter {name}")))
    }
}

fn pseudo(name: &str) -> Option<&'static str> {
    Some(match name {
        "AWS::AccountId" => "123456789012",
        "AWS::Region" => "us-east-1",
        "AWS::Partition" => "aws",
        "AWS::URLSuffix" => "amazonaws.com",
        _ => return None,
    })
}

/// A value of a resource: an attribute, or what a reference means.
pub fn value_of(kind: &str, attribute: Option<&str>, name: &str) -> String {
    match attribute {
        Some("Arn") if kind == KEY => sample(KEY, name),
        Some(attribute) if attribute.contains("Arn") => arn(kind),
        _ => sample(kind, name),
    }
}

/// A value read from Systems Manager, by the type that it must have, or by its name.
fn imported(kind: &str, name: &str) -> String {
    match kind {
        // What is a name says so.
        _ if name.ends_with("Name") => sample("name", name),
        _ if kind.contains("<AWS::EC2::") => {
            let inner = kind.trim_end_matches("::Id>");
            sample(inner, name)
        }
        _ if name.ends_with("UnitId") => sample(UNIT, name),
        _ if name.ends_with("KeyArn") => sample(KEY, name),
        _ => "arn:aws:iam::123456789012:role/sample".to_owned(),
    }
}

/// An ARN. Image Builder wants those of its own, and versions have one more part.
fn arn(kind: &str) -> String {
    let Some(own) = kind.strip_prefix("AWS::ImageBuilder::") else {
        return "arn:aws:iam::123456789012:role/sample".to_owned();
    };
    let version = if own.ends_with("Configuration") { "" } else { "/1.0.0" };
    let own = snake(own).replace('_', "-");
    format!("arn:aws:imagebuilder:us-east-1:123456789012:{own}/sample{version}")
}

/// Types whose identifiers have a form of their own.
const UNIT: &str = "AWS::Organizations::OrganizationalUnit";

/// A type that is known by its ARN wherever another account or service might be meant.
const KEY: &str = "AWS::KMS::Key";

/// An identifier of the usual form, another for each resource.
fn sample(kind: &str, name: &str) -> String {
    if kind == KEY {
        return format!("arn:aws:kms:us-east-1:123456789012:key/{}", short_hash(name, 16));
    }
    if kind == UNIT {
        return format!("ou-abcd-{}", short_hash(name, 8));
    }
    let tail = match kind {
        "AWS::EC2::SecurityGroup" => "sg".to_owned(),
        "AWS::SageMaker::Domain" => "d".to_owned(),
        _ => kind.rsplit("::").next().unwrap_or(kind).to_ascii_lowercase(),
    };
    format!("{tail}-0{}", short_hash(name, 16))
}
