//! What is mostly one text and can be several: written as text, or as a list without repetitions.

use schemars::JsonSchema;
use serde::Deserialize;

/// One text, or several, each once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Several {
    /// One.
    One(String),
    /// At least one.
    List(Vec<String>),
}

impl Several {
    /// All of them, in the order in which they are written.
    pub fn all(&self) -> &[String] {
        match self {
            Several::One(text) => std::slice::from_ref(text),
            Several::List(texts) => texts,
        }
    }

    /// The one that is written first.
    pub fn first(&self) -> &String {
        &self.all()[0]
    }

    /// Whether there is more than one.
    pub fn is_many(&self) -> bool {
        self.all().len() > 1
    }

    /// Whether a text is one of them.
    pub fn contains(&self, text: &str) -> bool {
        self.all().iter().any(|one| one == text)
    }

    /// All of them, for people.
    pub fn names(&self) -> String {
        self.all().join(", ")
    }
}

impl JsonSchema for Several {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Several".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "array"],
            "items": { "type": "string" },
            "minItems": 1,
            "uniqueItems": true
        })
    }
}
