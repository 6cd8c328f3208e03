//! Text as numbers: a name that is said ten thousand times is kept once.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A text, by its number.
pub type Name = u32;

/// Every text that was said.
#[derive(Debug, Default)]
pub struct Names {
    numbers: BTreeMap<Arc<str>, Name>,
    texts: Vec<Arc<str>>,
}

impl Names {
    /// The number of a text.
    pub fn of(&mut self, text: &str) -> Name {
        if let Some(known) = self.numbers.get(text) {
            return *known;
        }
        let (text, number) = (Arc::<str>::from(text), u32::try_from(self.texts.len()));
        let number = number.expect("an estate has fewer than four milliards of names");
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    /// The number of a text, if it was said.
    pub fn known(&self, text: &str) -> Option<Name> {
        self.numbers.get(text).copied()
    }

    /// The text of a number.
    pub fn text(&self, name: Name) -> &str {
        &self.texts[name as usize]
    }
}
