//! A value as it stands in a template: fixed, or with places that each stack fills. A template is
//! taken apart once; what a stack costs is filling.

use serde_json::{Map, Value};

/// A value with places to fill.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// The same for all stacks.
    Fixed(Value),
    /// Text that is put together.
    Text(Vec<Piece>),
    /// A list.
    List(Vec<Form>),
    /// A mapping.
    Map(Vec<(String, Form)>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Literal(String),
    /// The value of a parameter, by its place.
    Param(usize),
    /// A thing of the same stack: its id, with the attribute if one is asked for.
    Own(String),
    /// The account of the stack.
    Account,
    /// The region of the stack.
    Region,
    /// Something that cannot be told from text, and why.
    Unknown(String),
}

/// What a stack fills the places with.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// Its key.
    pub stack: &'a str,
    /// Its account.
    pub account: &'a str,
    /// Its region.
    pub region: &'a str,
    /// The values of the parameters, in their order.
    pub values: &'a [String],
}

impl Form {
    /// A form of parts, as simple as it can be.
    pub fn text(pieces: Vec<Piece>) -> Form {
        let mut out: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (out.last_mut(), piece) {
                (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
                (_, piece) => out.push(piece),
            }
        }
        match out.as_mut_slice() {
            [] => Form::Fixed(Value::String(String::new())),
            [Piece::Literal(text)] => Form::Fixed(Value::String(std::mem::take(text))),
            _ => Form::Text(out),
        }
    }

    /// A list, fixed if all of it is.
    pub fn list(items: Vec<Form>) -> Form {
        if items.iter().all(|item| matches!(item, Form::Fixed(_))) {
            return Form::Fixed(Value::Array(items.into_iter().filter_map(Form::fixed).collect()));
        }
        Form::List(items)
    }

    /// A mapping, fixed if all of it is.
    pub fn map(pairs: Vec<(String, Form)>) -> Form {
        if pairs.iter().all(|(_, item)| matches!(item, Form::Fixed(_))) {
            let pairs = pairs.into_iter().filter_map(|(key, item)| Some((key, item.fixed()?)));
            return Form::Fixed(Value::Object(pairs.collect()));
        }
        Form::Map(pairs)
    }

    fn fixed(self) -> Option<Value> {
        match self {
            Form::Fixed(value) => Some(value),
            _ => None,
        }
    }

    /// The parts of a text; nothing if it is no text.
    pub fn pieces(self) -> Option<Vec<Piece>> {
        match self {
            Form::Text(pieces) => Some(pieces),
            Form::Fixed(Value::String(text)) => Some(vec![Piece::Literal(text)]),
            Form::Fixed(value @ (Value::Number(_) | Value::Bool(_))) => {
                Some(vec![Piece::Literal(value.to_string())])
            }
            _ => None,
        }
    }

    /// The value in one stack.
    pub fn fill(&self, with: &Filling<'_>) -> Value {
        match self {
            Form::Fixed(value) => value.clone(),
            Form::Text(pieces) => Value::String(join(pieces, with)),
            Form::List(items) => Value::Array(items.iter().map(|item| item.fill(with)).collect()),
            Form::Map(pairs) => {
                let pairs = pairs.iter().map(|(key, item)| (key.clone(), item.fill(with)));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// The text in one stack; what is no text is JSON.
    pub fn words(&self, with: &Filling<'_>) -> String {
        match self.fill(with) {
            Value::String(text) => text,
            Value::Null => "?{it is not said}".to_owned(),
            other => other.to_string(),
        }
    }
}

/// Text, put together.
pub fn join(pieces: &[Piece], with: &Filling<'_>) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Param(index) => match with.values.get(*index) {
                Some(value) => out.push_str(value),
                None => out.push_str("?{a parameter without a value}"),
            },
            Piece::Own(id) => {
                out.push('@');
                out.push_str(with.stack);
                out.push('/');
                out.push_str(id);
            }
            Piece::Account => out.push_str(with.account),
            Piece::Region => out.push_str(with.region),
            Piece::Unknown(reason) => {
                out.push_str("?{");
                out.push_str(reason);
                out.push('}');
            }
        }
    }
    out
}

/// Something that cannot be told.
pub fn unknown(reason: impl Into<String>) -> Form {
    Form::Text(vec![Piece::Unknown(reason.into())])
}
