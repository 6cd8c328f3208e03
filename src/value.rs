//! What a property of a resource can hold before an engine is chosen. No syntax of CloudFormation
//! or Terraform stands here, so whatever a user wrote is data and stays data.

use std::marker::PhantomData;

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A literal string, exactly as meant.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number of halves.
    Halves(u16),
    /// True or false.
    Bool(bool),
    /// A sequence.
    List(Vec<Value>),
    /// A nested object whose keys are data: both engines take them as they are.
    Map(Vec<(String, Value)>),
    /// A nested object whose keys are CloudFormation's names of properties; Terraform has a block.
    Block(Vec<(&'static str, Value)>),
    /// A parameter of the template, by name.
    Param(String),
    /// What identifies another resource of the template.
    Ref(LogicalId),
    /// Another attribute of a resource of the template, by CloudFormation's name.
    Att(LogicalId, &'static str),
    /// Strings put together.
    Join(Vec<Value>),
    /// Strings put together with a separator.
    Separated(&'static str, Vec<Value>),
    /// Something the deployment knows.
    Pseudo(Pseudo),
    /// A string of which AWS wants the Base64 form. What a parameter in it holds needs no escaping:
    /// only ids stand there.
    Base64(Box<Value>),
    /// Tags that a resource puts on what it makes.
    Tags(Vec<(String, Value)>),
    /// A policy document: an object for CloudFormation, its JSON text for Terraform.
    Document(Box<Value>),
    /// The JSON text of a template of CloudFormation that this one carries, by its name.
    Template(&'static str),
}

impl Value {
    /// Looks at it and at every value in it.
    pub fn walk<'a>(&'a self, look: &mut dyn FnMut(&'a Value)) {
        look(self);
        match self {
            Value::List(items) | Value::Join(items) | Value::Separated(_, items) => {
                for item in items {
                    item.walk(look);
                }
            }
            Value::Map(pairs) | Value::Tags(pairs) => {
                for (_, item) in pairs {
                    item.walk(look);
                }
            }
            Value::Block(pairs) => pairs.iter().for_each(|(_, item)| item.walk(look)),
            Value::Base64(inner) | Value::Document(inner) => inner.walk(look),
            _ => {}
        }
    }

    /// Changes it and every value in it.
    pub fn walk_mut(&mut self, change: &mut dyn FnMut(&mut Value)) {
        change(self);
        match self {
            Value::List(items) | Value::Join(items) | Value::Separated(_, items) => {
                for item in items {
                    item.walk_mut(change);
                }
            }
            Value::Map(pairs) | Value::Tags(pairs) => {
                for (_, item) in pairs {
                    item.walk_mut(change);
                }
            }
            Value::Block(pairs) => pairs.iter_mut().for_each(|(_, item)| item.walk_mut(change)),
            Value::Base64(inner) | Value::Document(inner) => inner.walk_mut(change),
            _ => {}
        }
    }
}

/// Something only the deployment knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pseudo {
    /// The account that is deployed to.
    Account,
    /// The region that is deployed to.
    Region,
    /// The partition of that region, as in an ARN.
    Partition,
    /// The domain of that partition's endpoints.
    UrlSuffix,
}

/// The name of a resource inside a template: alphanumeric, in `PascalCase`.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html>.
pub type LogicalId = String;

/// A typed handle of something that is a `T`: a resource of this template, or a parameter that
/// names one elsewhere. An `Id<Vpc>` cannot stand where an `Id<Subnet>` is wanted.
#[derive(Debug)]
pub struct Id<T> {
    value: Value,
    is: PhantomData<fn() -> T>,
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        Id { value: self.value.clone(), is: PhantomData }
    }
}

impl<T> Id<T> {
    /// The handle of a resource of this template.
    pub fn resource(logical: impl Into<LogicalId>) -> Self {
        Id { value: Value::Ref(logical.into()), is: PhantomData }
    }

    /// The handle of something elsewhere, named by a parameter.
    pub fn param(name: impl Into<String>) -> Self {
        Id { value: Value::Param(name.into()), is: PhantomData }
    }

    /// The handle that a value is.
    pub fn from_value(value: Value) -> Self {
        Id { value, is: PhantomData }
    }

    /// Another attribute of it. Only of a resource of this template: a parameter has none.
    pub fn att(&self, attribute: &'static str) -> Value {
        match &self.value {
            Value::Ref(logical) => Value::Att(logical.clone(), attribute),
            other => panic!("attribute {attribute} of {other:?}, which is not a resource here"),
        }
    }

    /// The logical id, if it is a resource of this template.
    pub fn logical(&self) -> Option<&LogicalId> {
        match &self.value {
            Value::Ref(logical) => Some(logical),
            _ => None,
        }
    }
}

impl<T> From<&Id<T>> for Value {
    fn from(id: &Id<T>) -> Self {
        id.value.clone()
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<u16> for Value {
    fn from(value: u16) -> Self {
        Value::Int(i64::from(value))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Int(i64::from(value))
    }
}

impl From<Pseudo> for Value {
    fn from(pseudo: Pseudo) -> Self {
        Value::Pseudo(pseudo)
    }
}

impl<T> From<Vec<T>> for Value
where
    Value: From<T>,
{
    fn from(items: Vec<T>) -> Self {
        Value::List(items.into_iter().map(Value::from).collect())
    }
}

/// An object from pairs.
pub fn map<V: Into<Value>, const N: usize>(pairs: [(&str, V); N]) -> Value {
    Value::Map(pairs.into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect())
}

/// A nested object whose keys are names of properties.
pub fn block<const N: usize>(pairs: [(&'static str, Value); N]) -> Value {
    Value::Block(pairs.into())
}

/// A string put together from literals, parameters and references. What is put together already is
/// not put together twice.
pub fn join<const N: usize>(parts: [Value; N]) -> Value {
    let flat = |part| match part {
        Value::Join(parts) => parts,
        other => vec![other],
    };
    Value::Join(parts.into_iter().flat_map(flat).collect())
}

/// The ARN of something of a service in the account and region that is deployed to; `rest` is what
/// follows the account. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
pub fn arn(service: &str, rest: impl Into<Value>) -> Value {
    join([
        "arn:".into(),
        Pseudo::Partition.into(),
        format!(":{service}:").into(),
        Pseudo::Region.into(),
        ":".into(),
        Pseudo::Account.into(),
        ":".into(),
        rest.into(),
    ])
}

/// A reference to a parameter.
pub fn param(name: &str) -> Value {
    Value::Param(name.to_owned())
}
