//! Terraform: modules with variables, and a root for each stack that calls one. A root that holds its
//! resources itself is read as its own module.

pub mod kind; // types by CloudFormation's names
mod meta; // what a file says of itself
mod shape; // attributes by CloudFormation's names
mod special; // types whose shape differs by more than names
mod text; // strings with expressions

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Trouble;
use super::form::{Form, Piece};
use super::known::{self, Fate};
use super::names;
use super::template::{Param, Part, Template, step, tags};
use special::Addition;

/// A root, taken apart.
#[derive(Debug, Default)]
pub struct Root {
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// The module that it calls, as the path of its file; none, if it holds its resources itself.
    pub module: Option<String>,
    /// What it reads: name, account, path. Its places are those of `given`.
    pub reads: Vec<(String, String, String)>,
    /// What it gives to the module: by name, in parts that can be of what it reads.
    pub given: BTreeMap<String, Vec<Piece>>,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
}

/// The place of a value that a root reads: `data.aws_ssm_parameter.x.insecure_value`.
fn read_place(reads: &[(String, String, String)], expression: &str) -> Option<usize> {
    let name = expression.strip_prefix("data.aws_ssm_parameter.")?;
    let (name, attribute) = name.split_once('.')?;
    let known = ["insecure_value", "value"].contains(&attribute);
    reads.iter().position(|(own, ..)| known && own == name)
}

/// Reads a root. `settled` tells apart accounts that AWS has not made.
pub fn root(file: &str, text: &str, partition: &str, settled: &dyn Fn(&str) -> String) -> Root {
    let mut out = Root::default();
    let complain = |out: &mut Root, message: String| {
        out.troubles.push(Trouble { file: file.to_owned(), message });
    };
    let json: Value = match super::json::parse(text) {
        Ok(json) => json,
        Err(error) => {
            complain(&mut out, format!("it is no JSON: {error}"));
            return out;
        }
    };
    let providers = listed(&json["provider"]["aws"]);
    let account = |provider: &Value| provider["allowed_account_ids"][0].as_str().map(settled);
    let plain = providers.iter().find(|provider| provider.get("alias").is_none());
    match plain.and_then(|p| Some((account(p)?, p["region"].as_str()?.to_owned()))) {
        Some((id, region)) => (out.account, out.region) = (id, region),
        None => complain(&mut out, "the provider has no region or no account".to_owned()),
    }
    for (name, source) in json["data"]["aws_ssm_parameter"].as_object().into_iter().flatten() {
        let alias = source["provider"].as_str().and_then(|p| p.strip_prefix("aws."));
        let from = providers.iter().find(|provider| provider["alias"].as_str() == alias);
        let from = from.filter(|provider| provider["region"].as_str() == Some(&out.region));
        let Some(from) = from.and_then(|provider| account(provider)) else {
            complain(&mut out, format!("{name} is read where nobody can tell"));
            continue;
        };
        let path = source["name"].as_str().unwrap_or_default().to_owned();
        out.reads.push((name.clone(), from, path));
    }
    let sections = [MODULE, &["module"]].concat();
    for foreign in foreign(&json, &sections) {
        complain(&mut out, format!("{foreign} is not followed"));
    }
    for strange in meta::of_file(&json) {
        complain(&mut out, format!("{strange} is not followed"));
    }
    let modules = json["module"].as_object();
    let count = modules.map_or(0, Map::len);
    if count > 1 || (count == 1 && json.get("resource").is_some()) {
        complain(&mut out, "more than one module, or resources beside it".to_owned());
    }
    if let Some((_, call)) = modules.and_then(|modules| modules.iter().next()) {
        out.module = call["source"].as_str().and_then(|source| beside(file, source));
        for (name, value) in call.as_object().into_iter().flatten() {
            let scope = text::Scope {
                given: &|expression| read_place(&out.reads, expression),
                there: &|_| false,
                partition,
            };
            let pieces = scope.form(value).pieces();
            let pieces =
                pieces.unwrap_or_else(|| super::template::blank("a value that is no text"));
            out.given.insert(name.clone(), pieces);
        }
    }
    out
}

/// A module's file by its source, relative to the root.
fn beside(file: &str, source: &str) -> Option<String> {
    let (mut folder, _) = file.rsplit_once('/')?;
    let mut rest = source;
    while let Some(up) = rest.strip_prefix("../") {
        folder = folder.rsplit_once('/')?.0;
        rest = up;
    }
    Some(format!("{folder}/{}/main.tf.json", rest.trim_start_matches("./")))
}

/// A mapping, or a list of them.
fn listed(json: &Value) -> Vec<&Value> {
    match json {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Takes a module apart, or a root that holds its resources itself. Only things that are `wanted`
/// are kept.
pub fn read(file: &str, text: &str, partition: &str, wanted: &dyn Fn(&str) -> bool) -> Template {
    let mut out = Template { file: file.to_owned(), ..Template::default() };
    let json: Value = match super::json::parse(text) {
        Ok(json) => json,
        Err(error) => {
            out.complain(format!("it is no JSON: {error}"));
            return out;
        }
    };
    for (name, variable) in json["variable"].as_object().into_iter().flatten() {
        let default = variable["default"].as_str().map(str::to_owned);
        out.params.push(Param { name: name.clone(), default, read: false });
    }
    let reads = json["data"]["aws_ssm_parameter"].as_object();
    for (name, _) in reads.into_iter().flatten() {
        let name = format!("data.{name}");
        out.params.push(Param { name, default: None, read: true });
    }
    let resources = resources(&json, &mut out);
    things(&resources, partition, wanted, &mut out);
    out
}

/// A resource of a module.
struct Resource<'a> {
    tf: &'a str,
    name: &'a str,
    block: &'a Map<String, Value>,
}

impl Resource<'_> {
    fn address(&self) -> String {
        format!("{}.{}", self.tf, self.name)
    }
}

fn resources<'a>(json: &'a Value, out: &mut Template) -> Vec<Resource<'a>> {
    let mut all = Vec::new();
    let named = json["resource"].as_object().into_iter().flatten().all(|(_, all)| all.is_object());
    if !named || json.get("resource").is_some_and(|all| !all.is_object()) {
        out.complain("resources that are no mapping are not followed".to_owned());
    }
    for (tf, named) in json["resource"].as_object().into_iter().flatten() {
        for (name, block) in named.as_object().into_iter().flatten() {
            let Some(block) = listed(block).first().and_then(|block| block.as_object()) else {
                out.complain(format!("{tf}.{name} is no block"));
                continue;
            };
            for meta in meta::of_resource(tf, block) {
                out.complain(format!("{tf}.{name}: {meta} is not followed"));
            }
            for refused in refused(tf).filter(|attribute| block.contains_key(**attribute)) {
                out.complain(format!("{tf}.{name}: {refused} is not followed"));
            }
            all.push(Resource { tf, name, block });
        }
    }
    for foreign in foreign(json, MODULE) {
        out.complain(format!("{foreign} is not followed"));
    }
    for strange in meta::of_file(json) {
        out.complain(format!("{strange} is not followed"));
    }
    all
}

/// What a file may have: the rest is not followed, or is more than one stack.
const MODULE: &[&str] =
    &["data", "ephemeral", "moved", "output", "provider", "resource", "terraform", "variable"];

fn foreign<'a>(json: &'a Value, known: &'a [&str]) -> impl Iterator<Item = &'a String> {
    let sections = json.as_object().into_iter().flatten().map(|(name, _)| name);
    sections.filter(|name| !known.contains(&name.as_str()))
}

fn refused(tf: &str) -> impl Iterator<Item = &'static &'static str> {
    kind::REFUSED.iter().filter(move |(own, _)| *own == tf).flat_map(|(_, all)| *all)
}

fn things(
    resources: &[Resource<'_>],
    partition: &str,
    wanted: &dyn Fn(&str) -> bool,
    out: &mut Template,
) {
    let there: BTreeSet<String> = resources.iter().map(Resource::address).collect();
    let params = out.params.clone();
    let scope = text::Scope {
        given: &|expression| given(&params, expression),
        there: &|address| there.contains(address),
        partition,
    };
    let mut additions: BTreeMap<String, Vec<Addition>> = BTreeMap::new();
    for resource in resources.iter().filter(|r| kind::ADDITIONS.contains(&r.tf)) {
        let Some((named, addition)) = special::addition(resource.tf, resource.block) else {
            continue;
        };
        match special::target(resource.block.get(named).unwrap_or(&Value::Null)) {
            Some(address) if there.contains(&address) => {
                additions.entry(address).or_default().push(addition);
            }
            _ => out.complain(format!("{}: what it adds to is not there", resource.address())),
        }
    }
    for resource in resources {
        let address = resource.address();
        let Some(kind) = kind::of(resource.tf) else {
            let body = shape::properties(resource.tf, resource.block);
            names::check(out, &address, [resource.tf, resource.tf], &body);
            let listed = [kind::ADDITIONS, known::HARMLESS_IN_TERRAFORM];
            if !listed.iter().any(|list| list.contains(&resource.tf)) {
                known::refuse(out, &address, resource.tf);
            }
            continue;
        };
        let fate = known::fate(kind, wanted);
        if fate == Fate::Refused {
            known::refuse(out, &address, resource.tf);
        }
        let told = kind == "AWS::SSM::Parameter";
        let mut body = shape::properties(resource.tf, resource.block);
        names::check(out, &address, [kind, resource.tf], &body);
        if let Value::Object(body) = &mut body {
            additions.remove(&address).into_iter().flatten().for_each(|one| add(one, body));
        }
        if told {
            out.told.push((scope.form(&body["Name"]), scope.form(&body["Value"])));
        }
        if fate == Fate::Kept {
            let tags = tags(tags_of(resource, &scope));
            let place = format!("/resource/{}/{}", step(resource.tf), step(resource.name));
            let kind = kind.to_owned();
            out.things.push(Part { id: address, kind, place, tags, body: scope.form(&body) });
        }
    }
}

/// The place of a value that is given from outside.
fn given(params: &[Param], expression: &str) -> Option<usize> {
    let name = if let Some(name) = expression.strip_prefix("var.") {
        name.to_owned()
    } else {
        let name = expression.strip_prefix("data.aws_ssm_parameter.")?;
        format!("data.{}", name.strip_suffix(".insecure_value")?)
    };
    params.iter().position(|param| param.name == name)
}

fn add(addition: Addition, body: &mut Map<String, Value>) {
    match addition {
        Addition::Field(name, value) => {
            body.insert(name.to_owned(), value);
        }
        Addition::Item(name, value) => {
            let list = body.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = list {
                items.push(value);
            }
        }
    }
}

/// The tags of a resource. Those of an autoscaling group say one by one whether instances get them.
fn tags_of(resource: &Resource<'_>, scope: &text::Scope<'_>) -> Form {
    let Some(Value::Array(list)) = resource.block.get("tag") else {
        return scope.form(resource.block.get("tags").unwrap_or(&Value::Null));
    };
    let pair = |tag: &Value| {
        let at = |name: &str| scope.form(tag.get(name).unwrap_or(&Value::Null));
        Form::map(vec![("Key".to_owned(), at("key")), ("Value".to_owned(), at("value"))])
    };
    Form::list(list.iter().map(pair).collect())
}
