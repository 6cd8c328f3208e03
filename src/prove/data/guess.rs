//! Statements of which it is not sure what is run, or whether: under a condition, with variables of
//! `psql`, and in blocks.

use super::sql::Word;
use super::words::Words;

/// Whether a statement may be left out without anything being open that is not without it: it makes
/// something, grants, or looks. What closes something must be run whatever is there.
pub fn may_be_left_out(mut words: Words<'_>) -> bool {
    words.eat("create role")
        || words.eat("create database")
        || words.eat("grant")
        || words.eat("do")
        || words.eat("revoke all on database %")
}

/// Whether `psql` puts a variable of its own into a statement.
pub fn holds_variable(words: &[Word]) -> bool {
    let sign = |word: &Word, sign: &str| matches!(word, Word::Sign(text) if text == sign);
    let mut before = false;
    for (at, word) in words.iter().enumerate() {
        let colon = sign(word, ":");
        let next = words.get(at + 1);
        if colon && !before && next.is_some_and(|next| !sign(next, ":")) {
            return true;
        }
        before = colon;
    }
    false
}

/// A block that is run may look and complain, and do nothing else.
pub fn harmless(mut words: Words<'_>) -> Option<()> {
    let Some(Word::Text(body)) = words.pass() else { return None };
    let words_of = super::sql::statements(body);
    let mut all = words_of.iter().flat_map(|statement| &statement.words);
    let looks = |word: &Word| !matches!(word, Word::Name(name) if !LOOKS.contains(&name.as_str()));
    (words.done() && all.all(looks)).then_some(())
}

/// What a block may say: any other word may be a function that does something.
const LOOKS: [&str; 21] = [
    "and",
    "begin",
    "current_setting",
    "end",
    "exception",
    "exists",
    "from",
    "if",
    "integer",
    "not",
    "or",
    "pg_catalog",
    "pg_roles",
    "raise",
    "rolbypassrls",
    "rolname",
    "rolreplication",
    "rolsuper",
    "select",
    "then",
    "where",
];
