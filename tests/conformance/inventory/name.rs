//! Names in place of ids: two engines never give a thing the same id, but the same name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::form;
use super::kind::KINDS;
use super::take::{Raw, text};

/// Id to name, over all accounts and regions of the estate. A role's id is the text that an ARN
/// ends with, as its bare name could be anybody's. Behind them, ids of users that parameters tell:
/// what is known by a whole text, as parts of such an id are nothing by themselves.
pub struct Names(BTreeMap<String, String>, BTreeMap<String, String>);

/// Where ids of pools of users and of applications are told, which nobody reads back.
const TOLD: [&str; 3] = ["/client-id", "/identity-pool-id", "/user-pool-id"];

const ROLE: &str = ":role/";

/// The characters of the id of a key, which nobody reads back.
const UUID: usize = 36;

/// What stands before a name that CloudFormation makes and Terraform is given.
const AFTER: [&str; 2] = [":function:", ":stream/"];

/// Whether the name of a bucket or queue follows in an ARN.
fn is_stored(before: &str) -> bool {
    let queue = before.rsplit(':').nth(3) == Some("sqs") && before.ends_with(':');
    before.ends_with(":s3:::") || queue
}

impl Names {
    pub fn of(raw: &Raw) -> Self {
        let mut names = BTreeMap::new();
        for place in raw {
            for vpc in place.set("VPC") {
                names.insert(text(vpc, "vpcId"), label("VPC", vpc, &BTreeMap::new()));
            }
        }
        for place in raw {
            for it in place.set("organization") {
                names.insert(text(it, "Id"), text(it, "Name"));
            }
            for kind in KINDS {
                for it in place.set(kind.word) {
                    let id = match kind.word {
                        "parameter" | "policy" | "budget" => continue,
                        "role" => format!("{ROLE}{}", text(it, kind.id)),
                        _ => text(it, kind.id),
                    };
                    let label = label(kind.word, it, &names);
                    if kind.word == "service" {
                        // An ARN is met as words, of which the last is the name.
                        let name = id.rsplit('/').next().unwrap_or_default().to_owned();
                        names.entry(name).or_insert_with(|| label.clone());
                    }
                    names.entry(id).or_insert(label);
                }
            }
        }
        let mut told = BTreeMap::new();
        for it in raw.iter().flat_map(|place| place.set("parameter")) {
            let path = text(it, "Name");
            if TOLD.iter().any(|tail| path.ends_with(tail)) {
                told.insert(text(it, "Value"), format!("what {path} says"));
            }
        }
        Self(names, told)
    }

    /// The name that a thing goes by in messages and in the form of other things.
    pub fn label(&self, word: &str, it: &Value) -> String {
        match word {
            "parameter" => parameter(it),
            "policy" => text(it, "PolicyName"),
            _ => label(word, it, &self.0),
        }
    }

    /// An account as a place: by its number, or by its name if AWS chose the number.
    pub fn account(&self, id: &str) -> String {
        self.0.get(id).map_or_else(|| id.to_owned(), |name| format!("<{name}>"))
    }

    /// The same value with names where ids stood.
    pub fn replace(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.replace_text(text)),
            Value::Array(list) => {
                let mut list: Vec<Value> = list.iter().map(|item| self.replace(item)).collect();
                list.sort_by_key(Value::to_string);
                Value::Array(list)
            }
            Value::Object(object) => {
                let sorted: BTreeMap<&String, &Value> = object.iter().collect();
                // A name that somebody chose is no id, though a thing may be known by it.
                let part = |key: &String, value: &Value| match key.as_str() {
                    "tags" => value.clone(),
                    _ => self.replace(value),
                };
                sorted.into_iter().map(|(key, value)| (key.clone(), part(key, value))).collect()
            }
            other => other.clone(),
        }
    }

    /// A text that ends with the number of an account that AWS chose.
    fn ending(&self, word: &str) -> Option<String> {
        let (prefix, number) = word.rsplit_once('-')?;
        let digits = number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit());
        let name = self.0.get(number).filter(|_| digits)?;
        Some(format!("{prefix}-<{name}>"))
    }

    fn replace_text(&self, text: &str) -> String {
        if let Some(name) = self.1.get(text) {
            return format!("<{name}>");
        }
        let mut out = String::new();
        let mut rest = text;
        let part_of_id = |byte: char| byte.is_ascii_alphanumeric() || byte == '-';
        while !rest.is_empty() {
            let end = rest.find(|byte| !part_of_id(byte)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if let Some(name) = stored(word).filter(|_| is_stored(&out)) {
                out.push_str(&name);
                rest = after;
                continue;
            }
            if AFTER.iter().any(|before| out.ends_with(before)) {
                let given = made(word).unwrap_or_else(|| word.replace('-', "").to_lowercase());
                out.extend(["<named after ", &given, ">"]);
                rest = after;
                continue;
            }
            let named = self.0.contains_key(word);
            if out.ends_with(":key/") && word.len() == UUID && !named {
                out.push_str("<some key>");
                rest = after;
                continue;
            }
            let role = out.ends_with(ROLE).then(|| format!("{ROLE}{word}"));
            match self.0.get(role.as_deref().unwrap_or(word)) {
                Some(name) => out.extend(["<", name, ">"]),
                None => out.push_str(&self.ending(word).unwrap_or_else(|| anonymous(word))),
            }
            let next = after.chars().next().map_or(0, char::len_utf8);
            out.push_str(&after[..next]);
            rest = &after[next..];
        }
        out
    }
}

/// A parameter by its path; one whose path ends with the id of a key or of an application, by what it
/// says of it.
fn parameter(it: &Value) -> String {
    let path = text(it, "Name");
    let of = |part: &str| {
        let (before, _) = path.rsplit_once(part)?;
        Some(format!("{before}{part} of {}", text(it, "Value")))
    };
    of("/key/").or_else(|| of("/client/")).unwrap_or(path)
}

/// A name that AWS made of one that was given: CloudFormation ends it with twelve capitals and
/// digits, Terraform with the time and a count.
fn made(word: &str) -> Option<String> {
    let (given, tail) = word.rsplit_once('-')?;
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let by_stack = tail.len() == 12 && tail.chars().all(capital);
    let by_time = tail.len() == 26 && tail.chars().all(|c| c.is_ascii_hexdigit());
    (by_stack || by_time).then(|| given.replace('-', "").to_lowercase())
}

/// The name of a bucket or queue without what is different each time: CloudFormation puts the name of the
/// stack before that of the resource and letters behind it, Terraform the time and a count behind it.
fn stored(word: &str) -> Option<String> {
    let (given, tail) = word.rsplit_once('-')?;
    let by_time = tail.len() == 26 && tail.bytes().all(|byte| byte.is_ascii_hexdigit());
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    if by_time {
        return Some(format!("<stored in {}>", given.replace('-', "")));
    }
    let by_stack = tail.len() == 12 && tail.bytes().all(plain);
    let resource = given.rsplit('-').next().filter(|_| by_stack)?;
    Some(format!("<stored in {}>", resource.to_lowercase()))
}

/// An id that nothing is known about loses the part that is different each time.
fn anonymous(word: &str) -> String {
    match word.rsplit_once('-') {
        // A target group that nobody named, by Terraform and by what stands in for an attribute.
        Some(("tf", tail)) if tail.len() == 26 => return "<some target group>".to_owned(),
        Some(("invented", "targetgroupname")) => return "<some target group>".to_owned(),
        _ => {}
    }
    if let Some(given) = made(word) {
        return format!("<named after {given}>");
    }
    match word.rsplit_once('-') {
        // The id of a database cluster, and what stands in for it.
        Some(("cluster", tail)) if tail.len() == 26 => "<some database cluster>".to_owned(),
        Some(("dbcluster-dbclusteridentifier", _)) => "<some database cluster>".to_owned(),
        Some((prefix, tail))
            if matches!(tail.len(), 8 | 17)
                && tail.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            format!("<some {prefix}>")
        }
        _ => word.to_owned(),
    }
}

fn label(word: &str, it: &Value, names: &BTreeMap<String, String>) -> String {
    let tags = form::tags(it);
    let own = ["DHCP options", "account", "unit", "control policy", "stack set", "budget"];
    let name = tags["Name"].as_str().filter(|name| !name.is_empty() && !own.contains(&word));
    if let Some(name) = name {
        return name.to_owned();
    }
    let main = || {
        let associated = it["associationSet"].as_array().into_iter().flatten();
        associated.filter(|to| to["main"] == "true").count() > 0
    };
    let of_vpc = || {
        let vpc = it["vpcId"].as_str().unwrap_or_default();
        names.get(vpc).map_or_else(|| "no VPC".to_owned(), Clone::clone)
    };
    match word {
        "VPC" | "subnet" => text(it, "cidrBlock"),
        "security group" if it["groupName"] == "default" => format!("default of {}", of_vpc()),
        "network ACL" if it["default"] == "true" => format!("default of {}", of_vpc()),
        "route table" if main() => format!("main of {}", of_vpc()),
        "endpoint" => format!("{} of {}", text(it, "serviceName"), of_vpc()),
        // moto forgets the tags of these, so what they say must do for a name.
        "DHCP options" => form::dhcp_options(it)["options"].to_string(),
        "role" => text(it, "RoleName"),
        "account" | "unit" | "control policy" => text(it, "Name"),
        "stack set" => text(it, "StackSetName"),
        // CloudFormation leaves the name of a budget to AWS.
        "budget" => {
            let account = it["filters"]["LinkedAccount"][0].as_str().unwrap_or_default();
            names.get(account).map_or_else(|| account.to_owned(), Clone::clone)
        }
        "log group" => text(it, "logGroupName"),
        "customer gateway" => text(it, "ipAddress"),
        _ => format!("unnamed of {}", of_vpc()),
    }
}
