//! A template or module, taken apart: its things, what it tells other stacks, and its parameters.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Trouble;
use super::form::{Form, Piece};

/// A template or module, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The file that it was read from.
    pub file: String,
    /// Its parameters, in the order of their places.
    pub params: Vec<Param>,
    /// The things that somebody wants to look at.
    pub things: Vec<Part>,
    /// What it tells other stacks: path and value.
    pub told: Vec<(Form, Form)>,
    /// What it says of itself, for the steps that the script takes after it.
    pub outputs: BTreeMap<String, Form>,
    /// Whether the steps of the manifest are taken after it: Terraform does all by resources.
    pub has_steps: bool,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
}

/// A parameter.
#[derive(Clone, Debug, Default)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its value where nobody gives one.
    pub default: Option<String>,
    /// Whether its value is the path of what is meant.
    pub read: bool,
}

/// One thing of a template.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its id.
    pub id: String,
    /// Its type, by CloudFormation's name.
    pub kind: String,
    /// Where it stands, as a JSON pointer.
    pub place: String,
    /// Its tags.
    pub tags: Vec<(Form, Form)>,
    /// Its properties, without tags.
    pub body: Form,
}

impl Template {
    /// The place of a parameter.
    pub fn param(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|param| param.name == name)
    }

    /// Notes what could not be read.
    pub fn complain(&mut self, message: String) {
        let trouble = Trouble { file: self.file.clone(), message };
        self.troubles.push(trouble);
    }
}

/// A step of a JSON pointer, escaped. Source: RFC 6901, section 3.
pub fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The tags of CloudFormation's three forms: a list of pairs, a mapping, a list with more fields.
pub fn tags(value: Form) -> Vec<(Form, Form)> {
    let text = |text: String| Form::Fixed(Value::String(text));
    match value {
        Form::Fixed(Value::Object(map)) => {
            map.into_iter().map(|(key, value)| (text(key), Form::Fixed(value))).collect()
        }
        Form::Map(pairs) => pairs.into_iter().map(|(key, value)| (text(key), value)).collect(),
        Form::Fixed(Value::Array(items)) => {
            items.into_iter().filter_map(|item| pair(&Form::Fixed(item))).collect()
        }
        Form::List(items) => items.iter().filter_map(pair).collect(),
        Form::Text(_) | Form::Fixed(_) => Vec::new(),
    }
}

fn pair(item: &Form) -> Option<(Form, Form)> {
    let take = |name: &str| match item {
        Form::Fixed(value) => value.get(name).cloned().map(Form::Fixed),
        Form::Map(pairs) => pairs.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone()),
        _ => None,
    };
    Some((take("Key")?, take("Value")?))
}

/// A text with one unknown in it.
pub fn blank(reason: &str) -> Vec<Piece> {
    vec![Piece::Unknown(reason.to_owned())]
}
