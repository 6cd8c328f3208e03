//! SQL as words: what a migration says, statement by statement, as `psql` reads it. Comments go, quoted
//! names keep their case, texts are one word, and what `\gexec` runs is what it runs.
//! <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>

/// One word of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A keyword or name, in small letters, or a quoted name as it is.
    Name(String),
    /// A text, in quotes or between dollars.
    Text(String),
    /// A sign or number.
    Sign(String),
}

/// One statement.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    /// Its words.
    pub words: Vec<Word>,
    /// The line it begins in, from 1.
    pub line: usize,
}

impl Statement {
    /// The words as text, texts in single quotes.
    pub fn text(&self) -> String {
        let shown = self.words.iter().map(|word| match word {
            Word::Name(text) | Word::Sign(text) => text.clone(),
            Word::Text(text) => format!("'{text}'"),
        });
        shown.collect::<Vec<_>>().join(" ")
    }
}

/// The statements of a file; `\connect` is one, and so is what `\gexec` runs. Of `\if`, all branches are
/// read. Statements whose result is run and cannot be told begin with the word `gexec`.
pub fn statements(text: &str) -> Vec<Statement> {
    let mut reader = Reader { rest: text, line: 1, now: Statement::default(), made: Vec::new() };
    while reader.step() {}
    reader.end();
    reader.made
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    now: Statement,
    made: Vec<Statement>,
}

impl Reader<'_> {
    /// Reads one word, or what stands between words; `false` at the end.
    fn step(&mut self) -> bool {
        let Some(next) = self.rest.chars().next() else {
            return false;
        };
        match next {
            _ if self.rest.starts_with("--") => self.skip(line_end(self.rest)),
            _ if self.rest.starts_with("/*") => {
                self.skip(self.rest.find("*/").map_or(self.rest.len(), |at| at + 2));
            }
            '\\' => self.command(),
            ';' => {
                self.skip(1);
                self.end();
            }
            '\'' => self.quoted('\'', Word::Text),
            '"' => self.quoted('"', Word::Name),
            '$' => self.dollar(),
            c if c.is_whitespace() => self.skip(c.len_utf8()),
            c if c.is_alphabetic() || c == '_' => {
                let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
                let end = end.unwrap_or(self.rest.len());
                self.push(Word::Name(self.rest[..end].to_lowercase()), end);
            }
            c => self.push(Word::Sign(c.to_string()), c.len_utf8()),
        }
        true
    }

    fn push(&mut self, word: Word, length: usize) {
        if self.now.words.is_empty() {
            self.now.line = self.line;
        }
        self.now.words.push(word);
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
    }

    /// A statement ends.
    fn end(&mut self) {
        let done = std::mem::take(&mut self.now);
        if !done.words.is_empty() {
            self.made.push(done);
        }
    }

    /// A text or name in quotes; two of them stand for one.
    fn quoted(&mut self, quote: char, word: fn(String) -> Word) {
        let mut text = String::new();
        let mut at = 1;
        while let Some(end) = self.rest[at..].find(quote) {
            text.push_str(&self.rest[at..at + end]);
            at += end + 1;
            if !self.rest[at..].starts_with(quote) {
                return self.push(word(text), at);
            }
            text.push(quote);
            at += 1;
        }
        let length = self.rest.len();
        self.push(word(self.rest[1.min(length)..].to_owned()), length);
    }

    /// A text between `$tag$` and `$tag$`.
    fn dollar(&mut self) {
        let tag = self.rest[1..].find('$').map(|end| &self.rest[..end + 2]);
        let inner =
            |tag: &str| tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
        let Some(tag) = tag.filter(|tag| inner(tag)) else {
            return self.push(Word::Sign("$".to_owned()), 1);
        };
        let body = &self.rest[tag.len()..];
        let (text, length) = match body.find(tag) {
            Some(end) => (&body[..end], tag.len() + end + tag.len()),
            None => (body, self.rest.len()),
        };
        self.push(Word::Text(text.to_owned()), length);
    }

    /// A command of `psql`, to the end of its line.
    fn command(&mut self) {
        let end = line_end(self.rest);
        let (name, argument) = match self.rest[1..end].split_once(char::is_whitespace) {
            Some((name, argument)) => (name, argument.trim()),
            None => (&self.rest[1..end], ""),
        };
        let line = self.line;
        match name {
            "gexec" => self.run(),
            "connect" | "c" => {
                let words = ["connect", argument].map(|word| Word::Name(word.to_owned()));
                self.made.push(Statement { words: words.to_vec(), line });
            }
            "set" | "if" | "elif" | "else" | "endif" | "echo" | "pset" => {}
            other => {
                let words = vec![Word::Name("psql".to_owned()), Word::Text(other.to_owned())];
                self.made.push(Statement { words, line });
            }
        }
        self.skip(end);
    }

    /// What a query gives is run: a text that stands in it as it is, or, of `format`, its pattern.
    fn run(&mut self) {
        let asked = std::mem::take(&mut self.now);
        let inner = match &asked.words[..] {
            [Word::Name(select), Word::Text(text), rest @ ..]
                if select == "select" && alone(rest) =>
            {
                Some(text.clone())
            }
            [Word::Name(select), Word::Name(format), Word::Sign(_), Word::Text(text), ..]
                if select == "select" && format == "format" =>
            {
                Some(text.clone())
            }
            _ => None,
        };
        let known = inner.map(|text| statements(&text)).unwrap_or_default();
        if known.is_empty() {
            let mut words = vec![Word::Name("gexec".to_owned())];
            words.extend(asked.words);
            self.made.push(Statement { words, line: asked.line });
        }
        let placed = known.into_iter().map(|one| Statement { line: asked.line, ..one });
        self.made.extend(placed);
    }
}

/// Whether a text is all that a query gives.
fn alone(rest: &[Word]) -> bool {
    matches!(rest.first(), None | Some(Word::Name(_)))
        && rest.first().is_none_or(|word| *word == Word::Name("where".to_owned()))
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}
