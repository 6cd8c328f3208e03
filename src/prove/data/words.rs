//! Walking along the words of a statement.

use super::sql::Word;

/// Where one is in a statement.
#[derive(Debug, Clone, Copy)]
pub struct Words<'w> {
    rest: &'w [Word],
}

impl<'w> Words<'w> {
    /// At the first word.
    pub fn new(words: &'w [Word]) -> Self {
        Self { rest: words }
    }

    /// What is left.
    pub fn rest(&self) -> &'w [Word] {
        self.rest
    }

    /// Whether nothing is left.
    pub fn done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Passes these words, separated by blanks, if they are next.
    pub fn eat(&mut self, words: &str) -> bool {
        let mut rest = self.rest;
        for word in words.split(' ') {
            match rest.split_first() {
                Some((Word::Name(name) | Word::Sign(name), after)) if name == word => rest = after,
                _ => return false,
            }
        }
        self.rest = rest;
        true
    }

    /// A name, with those that qualify it.
    pub fn name(&mut self) -> Option<String> {
        let Some((Word::Name(first), mut rest)) = self.rest.split_first() else {
            return None;
        };
        let mut name = first.clone();
        while let [Word::Sign(point), Word::Name(next), after @ ..] = rest {
            if point != "." {
                break;
            }
            name = format!("{name}.{next}");
            rest = after;
        }
        self.rest = rest;
        Some(name)
    }

    /// Names with commas between them.
    pub fn names(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        while let Some(name) = self.name() {
            names.push(name);
            if !self.eat(",") {
                break;
            }
        }
        names
    }

    /// What stands between the next brackets, without them.
    pub fn group(&mut self) -> Option<&'w [Word]> {
        let sign = |word: &Word, sign: &str| matches!(word, Word::Sign(text) if text == sign);
        if !self.rest.first().is_some_and(|word| sign(word, "(")) {
            return None;
        }
        let mut depth = 0;
        for (at, word) in self.rest.iter().enumerate() {
            if sign(word, "(") {
                depth += 1;
            } else if sign(word, ")") {
                depth -= 1;
            }
            if depth == 0 {
                let inside = &self.rest[1..at];
                self.rest = &self.rest[at + 1..];
                return Some(inside);
            }
        }
        None
    }

    /// Whether words stand somewhere in what is left.
    pub fn has(&self, words: &str) -> bool {
        let mut at = *self;
        while !at.done() {
            if at.clone_eat(words) {
                return true;
            }
            at.rest = &at.rest[1..];
        }
        false
    }

    /// Whether a sign stands somewhere in what is left, outside of brackets.
    pub fn has_outside(&self, sign: &str) -> bool {
        let mut at = *self;
        while !at.done() {
            if at.group().is_none() {
                if at.eat(sign) {
                    return true;
                }
                at.pass();
            }
        }
        false
    }

    fn clone_eat(&self, words: &str) -> bool {
        let mut copy = *self;
        copy.eat(words)
    }

    /// Passes one word.
    pub fn pass(&mut self) -> Option<&'w Word> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }
}
