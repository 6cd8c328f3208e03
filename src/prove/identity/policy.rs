//! A policy as it was written: statements with principals, actions, resources and conditions. What is
//! not understood is kept as a name in `odd`, and the statement is then read so that it lets through
//! more rather than less.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use serde_json::Value;

use super::super::read::{json, unknown};
use super::glob::Glob;

/// A policy, and where it stands.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// What it is called, for people.
    pub name: String,
    /// The thing that holds it.
    pub origin: Origin,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// Where a policy was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The thing, `@stack/id`.
    pub thing: String,
    /// The file.
    pub file: String,
    /// The pointer in it.
    pub pointer: String,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its id, or its number.
    pub sid: String,
    /// Whether it allows; otherwise it denies.
    pub allow: bool,
    /// Whom it speaks of; none in policies of identities.
    pub principals: Option<Principals>,
    /// The actions, in small letters.
    pub actions: Vec<Glob>,
    /// Whether it is all actions but these.
    pub not_actions: bool,
    /// The resources, as written.
    pub resources: Vec<String>,
    /// Whether it is all resources but these.
    pub not_resources: bool,
    /// What must hold.
    pub conditions: Vec<Condition>,
}

/// Whom a statement speaks of.
#[derive(Debug, Clone, Default)]
pub struct Principals {
    /// Whether it is everybody but these.
    pub not: bool,
    /// Them.
    pub list: Vec<Principal>,
}

/// One principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Anybody at all.
    Anybody,
    /// An account, a role, a user or a session, as written.
    Aws(String),
    /// A service of AWS.
    Service(String),
    /// Who logged in elsewhere.
    Federated(String),
}

/// How a condition asks several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// A key with one value.
    One,
    /// Each value of the request must be among those that are named; holds where there is none.
    ForAll,
    /// One value of the request must be.
    ForAny,
}

/// One line of a condition.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The operator without what stands round it, as `StringEquals`.
    pub operator: String,
    /// How several values are asked.
    pub quantifier: Quantifier,
    /// Whether it holds where the key is not there.
    pub if_exists: bool,
    /// The key, in small letters.
    pub key: String,
    /// The values, of which one must do.
    pub values: Vec<String>,
}

impl Policy {
    /// Reads a document. One that is not there says nothing; one that cannot be read says everything.
    pub fn read(name: &str, origin: Origin, document: &Value) -> Self {
        let parsed = match document {
            Value::String(text) => json::parse(text).ok(),
            other => Some(other.clone()),
        };
        let statements = match parsed.as_ref().and_then(|document| document.get("Statement")) {
            Some(all) => {
                let all = items(Some(all)).into_iter().enumerate();
                all.filter_map(|(n, one)| Statement::read(n, one)).collect()
            }
            None if document.is_null() => Vec::new(),
            None => vec![Statement::everything()],
        };
        Self { name: name.to_owned(), origin, statements }
    }
}

impl Policy {
    /// One that cannot be told: it says everything.
    pub fn unread(name: &str, origin: Origin) -> Self {
        Self { name: name.to_owned(), origin, statements: vec![Statement::everything()] }
    }
}

impl Statement {
    /// Reads a statement. One that cannot be told allows everything; a denial of which a part cannot be
    /// told is none, as it may refuse nothing.
    fn read(number: usize, value: &Value) -> Option<Self> {
        if !value.is_object() {
            return Some(Self::everything());
        }
        let allow = value.get("Effect").and_then(Value::as_str) != Some("Deny");
        if !allow && uncertain(value) {
            return None;
        }
        let sid = value.get("Sid").and_then(Value::as_str);
        let principals = match (value.get("Principal"), value.get("NotPrincipal")) {
            (Some(some), _) => Some(Principals { not: false, list: principals(some) }),
            (None, Some(some)) => Some(Principals { not: true, list: principals(some) }),
            (None, None) => None,
        };
        let (named, not_actions) = listed(value, "Action", "NotAction");
        let (resources, not_resources) = listed(value, "Resource", "NotResource");
        Some(Self {
            sid: sid.map_or_else(|| format!("statement {}", number + 1), str::to_owned),
            allow,
            principals,
            actions: named.iter().map(|action| action_glob(action)).collect(),
            not_actions,
            resources,
            not_resources,
            conditions: value.get("Condition").map(conditions).unwrap_or_default(),
        })
    }

    /// What a document that cannot be read is taken for.
    fn everything() -> Self {
        Self {
            sid: "a document that cannot be read".to_owned(),
            allow: true,
            principals: Some(Principals { not: false, list: vec![Principal::Anybody] }),
            actions: vec![Glob::anything()],
            not_actions: false,
            resources: vec!["*".to_owned()],
            not_resources: false,
            conditions: Vec::new(),
        }
    }

    /// Whether it speaks of an action, given in small letters.
    pub fn names(&self, action: &str) -> bool {
        self.actions.iter().any(|glob| glob.matches(action)) != self.not_actions
    }
}

/// The texts of a part, or of its opposite. What is spared and cannot be told spares nothing.
fn listed(value: &Value, key: &str, not: &str) -> (Vec<String>, bool) {
    match value.get(not) {
        Some(spared) => {
            let spared = texts(Some(spared)).into_iter();
            (spared.filter(|text| !unknown(text)).collect(), true)
        }
        None => (texts(value.get(key)), false),
    }
}

/// Whether something of a value cannot be told, also a name in it.
fn uncertain(value: &Value) -> bool {
    match value {
        Value::String(text) => unknown(text),
        Value::Array(all) => all.iter().any(uncertain),
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| unknown(key) || key.starts_with("Fn::") || uncertain(value)),
        _ => false,
    }
}

/// The parts of a list, of which one may stand alone. What is no list, such as a text that cannot be
/// told, is a part of its own.
pub fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(all)) => all.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

fn action_glob(text: &str) -> Glob {
    if text.contains("?{") { Glob::anything() } else { Glob::new(&text.to_ascii_lowercase()) }
}

/// One text or several.
pub fn texts(value: Option<&Value>) -> Vec<String> {
    items(value).into_iter().map(text).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn principals(value: &Value) -> Vec<Principal> {
    let Value::Object(kinds) = value else {
        let all = texts(Some(value));
        return all.into_iter().map(|one| aws_principal(&one)).collect();
    };
    let of = |(kind, value): (&String, &Value)| -> Vec<Principal> {
        let made = |text: String| match kind.as_str() {
            "Service" => Principal::Service(text),
            "Federated" => Principal::Federated(text),
            _ => aws_principal(&text),
        };
        texts(Some(value)).into_iter().map(made).collect()
    };
    kinds.iter().flat_map(of).collect()
}

fn aws_principal(text: &str) -> Principal {
    if text == "*" || text.starts_with("?{") {
        Principal::Anybody
    } else {
        Principal::Aws(text.to_owned())
    }
}

/// What must hold. What is no mapping cannot be told: it asks for nothing, so an Allow with it counts.
fn conditions(value: &Value) -> Vec<Condition> {
    let each = |(operator, keys): (&String, &Value)| -> Vec<Condition> {
        let (quantifier, rest) = match operator.split_once(':') {
            Some(("ForAllValues", rest)) => (Quantifier::ForAll, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::ForAny, rest),
            _ => (Quantifier::One, operator.as_str()),
        };
        let (operator, if_exists) = match rest.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (rest, false),
        };
        let line = |(key, values): (&String, &Value)| Condition {
            operator: operator.to_owned(),
            quantifier,
            if_exists,
            key: key.to_ascii_lowercase(),
            values: texts(Some(values)),
        };
        keys.as_object().into_iter().flatten().map(line).collect()
    };
    value.as_object().into_iter().flatten().flat_map(each).collect()
}
