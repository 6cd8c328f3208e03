//! A template of either engine, read back as its resources and their properties. A property is a path
//! of names: objects are gone into, items of lists are known by what names them among their like, and
//! what an engine computes stays a text with parts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::change::leaf::{Leaf, Part};
use crate::engine::Engine;
use crate::name::{digest, snake};

/// A template, read back.
#[derive(Debug)]
pub struct Shape {
    /// Whose template it is.
    pub engine: Engine,
    /// The names of its parameters, as the engine has them.
    pub params: Vec<String>,
    /// Its resources, by their names in `snake_case`.
    pub resources: BTreeMap<String, Resource>,
    /// What a resource was called before, as the engine is told: it stays, whatever it is called.
    pub was: BTreeMap<String, String>,
    /// What is another with every change of its text.
    pub digest: String,
}

/// A resource of a template.
#[derive(Debug)]
pub struct Resource {
    /// What the engine calls it: a logical id, or type and name.
    pub label: String,
    /// Its type.
    pub kind: String,
    /// Its properties by their paths.
    pub leaves: BTreeMap<String, Leaf>,
}

/// What names an item of a list among its like, the surest first.
const NAMES: [&str; 9] = ["Key", "key", "Id", "id", "RuleName", "rule_name", "Name", "name", "Sid"];

/// What names an item that is the only one: what other items would be told apart by. A name can hold
/// that of the stack, so that it is no name in the template that many share.
const ALONE: [&str; 5] = ["Key", "Id", "id", "RuleName", "rule_name"];

impl Shape {
    /// Reads a template; `params` are given in the order of the values of its stacks. An error says
    /// what is not as tenantry writes it.
    pub fn read(engine: Engine, text: &str, params: Vec<String>) -> Result<Self, String> {
        let whole: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
        let (resources, was, digest) = (BTreeMap::new(), was(&whole), digest(text.as_bytes()));
        let mut shape = Shape { engine, params, resources, was, digest };
        let reader = Reader { engine, params: &shape.params };
        shape.resources = match engine {
            Engine::CloudFormation => reader.cloudformation(&whole),
            Engine::Terraform => reader.terraform(&whole),
        };
        Ok(shape)
    }
}

/// The former name of each resource that Terraform is told of.
fn was(whole: &Value) -> BTreeMap<String, String> {
    let name = |address: &Value| Some(address.as_str()?.rsplit_once('.')?.1.to_owned());
    let all = whole["moved"].as_array().into_iter().flatten();
    all.filter_map(|moved| Some((name(&moved["to"])?, name(&moved["from"])?))).collect()
}

/// The names of the parameters that a template declares, sorted.
pub fn declared(engine: Engine, text: &str) -> Result<Vec<String>, String> {
    let whole: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
    let sections: &[&Value] = match engine {
        Engine::CloudFormation => &[&whole["Parameters"]],
        // A root that holds its resources itself reads what others tell it.
        Engine::Terraform => &[&whole["variable"], &whole["data"]["aws_ssm_parameter"]],
    };
    let names = sections.iter().flat_map(|section| section.as_object().into_iter().flatten());
    Ok(names.map(|(name, _)| name.clone()).collect())
}

struct Reader<'a> {
    engine: Engine,
    params: &'a [String],
}

impl Reader<'_> {
    fn cloudformation(&self, whole: &Value) -> BTreeMap<String, Resource> {
        let all = whole["Resources"].as_object().into_iter().flatten();
        let one = |(id, body): (&String, &Value)| {
            let mut leaves = BTreeMap::new();
            self.flatten("", &body["Properties"], &mut leaves);
            // A wait changes nothing that is there.
            for name in ["DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy"] {
                if let Some(value) = body.get(name) {
                    self.flatten(name, value, &mut leaves);
                }
            }
            let kind = body["Type"].as_str().unwrap_or_default().to_owned();
            (snake(id), Resource { label: id.clone(), kind, leaves })
        };
        all.map(one).collect()
    }

    fn terraform(&self, whole: &Value) -> BTreeMap<String, Resource> {
        let mut out = BTreeMap::new();
        for (kind, all) in whole["resource"].as_object().into_iter().flatten() {
            for (name, body) in all.as_object().into_iter().flatten() {
                let mut leaves = BTreeMap::new();
                for (attribute, value) in body.as_object().into_iter().flatten() {
                    if attribute != "depends_on" && attribute != "provider" {
                        self.flatten(attribute, value, &mut leaves);
                    }
                }
                let label = format!("{kind}.{name}");
                out.insert(name.clone(), Resource { label, kind: kind.clone(), leaves });
            }
        }
        out
    }

    /// Adds what stands at a path and below it.
    fn flatten(&self, path: &str, value: &Value, out: &mut BTreeMap<String, Leaf>) {
        match value {
            Value::Null => {}
            Value::Object(map) if !self.is_computed(map) => {
                for (key, value) in map {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    self.flatten(&path, value, out);
                }
                if map.is_empty() {
                    out.insert(path.to_owned(), Leaf::Plain(value.clone()));
                }
            }
            Value::Array(items) if self.are_objects(items) => self.items(path, items, out),
            value => {
                out.insert(path.to_owned(), self.leaf(value));
            }
        }
    }

    fn items(&self, path: &str, items: &[Value], out: &mut BTreeMap<String, Leaf>) {
        let names = names(items);
        for (at, item) in items.iter().enumerate() {
            let path = match &names {
                Some(names) => format!("{path}[{}]", names[at]),
                None if at == 0 => path.to_owned(),
                None => format!("{path}[{at}]"),
            };
            match item.as_object() {
                // A tag is its value.
                Some(pair) if pair.contains_key("Key") && pair.contains_key("Value") => {
                    out.insert(path.clone(), self.leaf(&pair["Value"]));
                    for (key, value) in pair.iter().filter(|(k, _)| *k != "Key" && *k != "Value") {
                        self.flatten(&format!("{path}.{key}"), value, out);
                    }
                }
                _ => self.flatten(&path, item, out),
            }
        }
    }

    fn are_objects(&self, items: &[Value]) -> bool {
        let plain = |item: &Value| item.as_object().is_some_and(|map| !self.is_computed(map));
        !items.is_empty() && items.iter().all(plain)
    }

    /// Whether an object is a function of CloudFormation.
    fn is_computed(&self, map: &Map<String, Value>) -> bool {
        let function = |key: &String| key == "Ref" || key.starts_with("Fn::");
        self.engine == Engine::CloudFormation && map.len() == 1 && map.keys().all(function)
    }

    fn leaf(&self, value: &Value) -> Leaf {
        match value {
            Value::Array(items) => Leaf::list(items.iter().map(|item| self.leaf(item)).collect()),
            Value::String(text) if self.engine == Engine::Terraform => {
                Leaf::text(self.template(text))
            }
            Value::Object(map) if self.is_computed(map) => {
                let mut parts = Vec::new();
                self.computed(value, &mut parts);
                Leaf::text(parts)
            }
            other => Leaf::Plain(other.clone()),
        }
    }

    /// The parts of what CloudFormation computes.
    fn computed(&self, value: &Value, out: &mut Vec<Part>) {
        let map = match value {
            Value::Object(map) => map,
            Value::String(text) => return out.push(Part::Text(text.clone())),
            other => return out.push(Part::Text(other.to_string())),
        };
        match map.iter().next().map(|(key, argument)| (key.as_str(), argument)) {
            Some(("Ref", name)) => out.push(self.named(name.as_str().unwrap_or_default(), "")),
            Some(("Fn::GetAtt", of)) => {
                let word = |at: usize| of[at].as_str().unwrap_or_default();
                out.push(self.named(word(0), word(1)));
            }
            Some(("Fn::Join", of)) => {
                let separator = of[0].as_str().unwrap_or_default();
                for (at, item) in of[1].as_array().into_iter().flatten().enumerate() {
                    if at > 0 && !separator.is_empty() {
                        out.push(Part::Text(separator.to_owned()));
                    }
                    self.computed(item, out);
                }
            }
            Some(("Fn::Base64", inner)) => self.computed(inner, out),
            _ => out.push(Part::Text(value.to_string())),
        }
    }

    /// What a name means: a parameter, something that the deployment knows, or a resource.
    fn named(&self, name: &str, asked: &str) -> Part {
        match self.params.iter().position(|param| param == name) {
            Some(at) => Part::Param(at),
            None if name.starts_with("AWS::") => Part::Text(format!("${{{name}}}")),
            None => Part::Thing(snake(name), asked.to_owned()),
        }
    }

    /// The parts of a text of Terraform.
    fn template(&self, text: &str) -> Vec<Part> {
        let inner = text.strip_prefix("${base64encode(\"").and_then(|t| t.strip_suffix("\")}"));
        if let Some(inner) = inner {
            let plain = serde_json::from_str::<String>(&format!("\"{inner}\""));
            return self.template(&plain.unwrap_or_else(|_| inner.to_owned()));
        }
        let (mut out, mut plain) = (Vec::new(), String::new());
        let mut rest = text;
        while let Some(at) = rest.find(['$', '%']) {
            let (before, tail) = rest.split_at(at);
            plain.push_str(before);
            if tail.starts_with("$${") || tail.starts_with("%%{") {
                plain.push_str(&tail[1..3]);
                rest = &tail[3..];
            } else if let Some((expression, after)) =
                tail.strip_prefix("${").and_then(|tail| tail.split_once('}'))
            {
                out.push(Part::Text(std::mem::take(&mut plain)));
                out.push(self.expression(expression));
                rest = after;
            } else {
                plain.push_str(&tail[..1]);
                rest = &tail[1..];
            }
        }
        plain.push_str(rest);
        out.push(Part::Text(plain));
        out.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        out
    }

    fn expression(&self, expression: &str) -> Part {
        let words: Vec<&str> = expression.split('.').collect();
        match words.as_slice() {
            ["var", name] | ["data", "aws_ssm_parameter", name, _] => {
                match self.params.iter().position(|param| param == name) {
                    Some(at) => Part::Param(at),
                    None => Part::Text(format!("${{{expression}}}")),
                }
            }
            [kind, name, asked] if kind.starts_with("aws_") => {
                let asked = if *asked == "id" { "" } else { asked };
                Part::Thing((*name).to_owned(), asked.to_owned())
            }
            _ => Part::Text(format!("${{{expression}}}")),
        }
    }
}

/// What names each item of a list, if something names all of them, no two alike, and with a text that
/// is the same in every stack. One item alone is named as well, so that it is the same when another comes
/// beside it, but only by what is there to tell items apart.
fn names(items: &[Value]) -> Option<Vec<&str>> {
    let used = if items.len() == 1 { &ALONE[..] } else { &NAMES[..] };
    used.iter().find_map(|key| {
        let plain = |text: &&str| !text.contains("${");
        let texts = items.iter().filter_map(|item| item[key].as_str());
        let names: Vec<&str> = texts.filter(plain).collect();
        let distinct: BTreeSet<&&str> = names.iter().collect();
        (names.len() == items.len() && distinct.len() == names.len()).then_some(names)
    })
}
