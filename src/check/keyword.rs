//! Words that AWS's schemas use beside those of JSON Schema draft 7: a plain validator would pass
//! over them.

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError, ValidationOptions};
use serde_json::{Map, Value};

/// The words, each with what it asks of an object.
const WORDS: [(&str, Ask); 4] = [
    ("requiredXor", Ask::ExactlyOne),
    ("requiredOr", Ask::AtLeastOne),
    ("dependentExcluded", Ask::Without),
    ("dependentRequired", Ask::With),
];

#[derive(Clone, Copy)]
enum Ask {
    ExactlyOne,
    AtLeastOne,
    Without,
    With,
}

/// Teaches a validator the words.
pub fn teach(options: ValidationOptions<'_>) -> ValidationOptions<'_> {
    WORDS.into_iter().fold(options, |options, (word, ask)| {
        options.with_keyword(word, move |_: &Map<String, Value>, value: &Value, _: Location| {
            Ok(Box::new(Relation { ask, value: value.clone() }) as Box<dyn for<'i> Keyword<'i>>)
        })
    })
}

struct Relation {
    ask: Ask,
    value: Value,
}

impl Relation {
    /// What is wrong, if anything is.
    fn fault(&self, instance: &Value) -> Option<String> {
        let object = instance.as_object()?;
        let names = |value: &Value| -> Vec<String> {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        match self.ask {
            Ask::ExactlyOne | Ask::AtLeastOne => {
                let names = names(&self.value);
                let count = names.iter().filter(|name| object.contains_key(*name)).count();
                let exactly = matches!(self.ask, Ask::ExactlyOne);
                let bad = count == 0 || (exactly && count > 1);
                let how = if exactly { "exactly" } else { "at least" };
                bad.then(|| format!("must have {how} one of {}, has {count}", names.join(", ")))
            }
            Ask::Without | Ask::With => {
                self.value.as_object()?.iter().find_map(|(name, others)| {
                    object.get(name)?;
                    let with = matches!(self.ask, Ask::With);
                    let bad = names(others)
                        .into_iter()
                        .find(|other| object.contains_key(other) != with)?;
                    Some(format!(
                        "with {name}, {bad} must {}be there",
                        if with { "" } else { "not " }
                    ))
                })
            }
        }
    }
}

impl<'i> Keyword<'i> for Relation {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        self.fault(instance).map_or(Ok(()), |fault| Err(ValidationError::custom(fault)))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.fault(instance).is_none()
    }
}
