//! What a property holds, with the parameters of its template still in it: the same for both engines.
//! A template is read once; what a stack makes of it is a filling.

use std::fmt::Write as _;

use serde_json::Value;

/// What stands at the end of a path of properties.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaf {
    /// The same in every stack, and it names nothing else of the template.
    Plain(Value),
    /// A text that is put together.
    Text(Vec<Part>),
    /// Several of them.
    List(Vec<Leaf>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// As it is. What only the deployment knows stands here by its name.
    Text(String),
    /// The value of the template's parameter of that number.
    Param(usize),
    /// Another resource of the template, by its name in `snake_case`, and what is asked of it.
    Thing(String, String),
}

impl Leaf {
    /// A text, which is plain if all of its parts are.
    pub fn text(parts: Vec<Part>) -> Self {
        let mut whole = String::new();
        for part in &parts {
            match part {
                Part::Text(text) => whole.push_str(text),
                _ => return Leaf::Text(parts),
            }
        }
        Leaf::Plain(Value::String(whole))
    }

    /// A list, which is plain if all of its items are.
    pub fn list(items: Vec<Leaf>) -> Self {
        let plain: Option<Vec<Value>> = items
            .iter()
            .map(|item| match item {
                Leaf::Plain(value) => Some(value.clone()),
                _ => None,
            })
            .collect();
        plain.map_or(Leaf::List(items), |values| Leaf::Plain(Value::Array(values)))
    }

    /// Itself with the values of a stack.
    pub fn fill(&self, values: &[String]) -> Value {
        match self {
            Leaf::Plain(value) => value.clone(),
            Leaf::List(items) => Value::Array(items.iter().map(|i| i.fill(values)).collect()),
            Leaf::Text(parts) => {
                let mut out = String::new();
                for part in parts {
                    match part {
                        Part::Text(text) => out.push_str(text),
                        Part::Param(at) => out.push_str(values.get(*at).map_or("", |v| v)),
                        Part::Thing(id, asked) if asked.is_empty() => {
                            let _ = write!(out, "${{{id}}}");
                        }
                        Part::Thing(id, asked) => {
                            let _ = write!(out, "${{{id}.{asked}}}");
                        }
                    }
                }
                Value::String(out)
            }
        }
    }

    /// Calls a function with each of its parts.
    pub fn each<'a>(&'a self, work: &mut dyn FnMut(&'a Part)) {
        match self {
            Leaf::Plain(_) => {}
            Leaf::Text(parts) => parts.iter().for_each(work),
            Leaf::List(items) => items.iter().for_each(|item| item.each(work)),
        }
    }

    /// Whether it says the same as another of another template, whatever the parameters' values.
    pub fn says(&self, params: &[String], other: &Leaf, others: &[String]) -> bool {
        match (self, other) {
            (Leaf::Plain(a), Leaf::Plain(b)) => a == b,
            (Leaf::List(a), Leaf::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says(params, b, others))
            }
            (Leaf::Text(a), Leaf::Text(b)) => {
                let same = |(a, b): (&Part, &Part)| match (a, b) {
                    (Part::Param(a), Part::Param(b)) => params.get(*a) == others.get(*b),
                    (a, b) => a == b,
                };
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            _ => false,
        }
    }
}
