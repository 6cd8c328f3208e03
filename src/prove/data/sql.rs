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
    /// Whether it is run only under a condition.
    pub maybe: bool,
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
    let mut reader =
        Reader { rest: text, line: 1, now: Statement::default(), made: Vec::new(), depth: 0 };
    while reader.step() {}
    reader.end();
    reader.made
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    now: Statement,
    made: Vec<Statement>,
    /// In how many `\if` it stands.
    depth: usize,
}

impl Reader<'_> {
    /// Reads one word, or what stands between words; `false` at the end.
    fn step(&mut self) -> bool {
        let Some(next) = self.rest.chars().next() else {
            return false;
        };
        match next {
            _ if self.rest.starts_with("--") => self.skip(line_end(self.rest)),
            _ if self.rest.starts_with("/*") => self.skip(comment_end(self.rest)),
            '\\' => self.command(),
            ';' => {
                self.skip(1);
                self.end();
            }
            '\'' => self.quoted('\'', Word::Text),
            '"' => self.quoted('"', named),
            '$' => self.dollar(),
            c if c.is_whitespace() => self.skip(c.len_utf8()),
            c if c.is_alphabetic() || c == '_' => {
                let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
                let end = end.unwrap_or(self.rest.len());
                let name = self.rest[..end].to_lowercase();
                // In `E'…'` and `U&'…'` a backslash hides what follows it, so that nobody here knows
                // where the text ends.
                let quote = self.rest[end..].starts_with(['\'', '"']);
                let escaped = quote && ["e", "u"].contains(&name.as_str());
                if escaped || (name == "u" && self.rest[end..].starts_with('&')) {
                    return self.lost();
                }
                self.push(Word::Name(name), end);
            }
            c => self.push(Word::Sign(c.to_string()), c.len_utf8()),
        }
        true
    }

    /// What follows cannot be told: all of it is one statement that is not understood.
    fn lost(&mut self) -> bool {
        let length = self.rest.len();
        self.end();
        self.push(Word::Sign("a text with escapes".to_owned()), length);
        true
    }

    fn push(&mut self, word: Word, length: usize) {
        if self.now.words.is_empty() {
            self.now.line = self.line;
            self.now.maybe = self.depth > 0;
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
        let inner = |tag: &str| {
            let name = &tag[1..tag.len() - 1];
            name.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit())
        };
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
        // Another command can follow in the line, and what stands in backquotes is run by a shell.
        let plain = !argument.contains(['\\', '`', '|']);
        match name {
            "gexec" if argument.is_empty() => self.run(),
            "connect" | "c" if plain && !argument.contains(char::is_whitespace) => {
                let words = ["connect", argument].map(|word| Word::Name(word.to_owned()));
                let maybe = self.depth > 0;
                self.made.push(Statement { words: words.to_vec(), line, maybe });
            }
            "if" | "elif" if plain => self.depth += usize::from(name == "if"),
            "endif" if plain => self.depth = self.depth.saturating_sub(1),
            "set" | "else" | "echo" | "pset" if plain => {}
            other => {
                let words = vec![Word::Name("psql".to_owned()), Word::Text(other.to_owned())];
                self.made.push(Statement { words, line, maybe: false });
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
            self.made.push(Statement { words, line: asked.line, maybe: false });
        }
        // What a query gives depends on what it finds.
        let placed =
            known.into_iter().map(|one| Statement { line: asked.line, maybe: true, ..one });
        self.made.extend(placed);
    }
}

/// Whether a text is all that a query gives.
fn alone(rest: &[Word]) -> bool {
    matches!(rest.first(), None | Some(Word::Name(_)))
        && rest.first().is_none_or(|word| *word == Word::Name("where".to_owned()))
}

/// Where a comment ends; there can be others in it.
fn comment_end(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// A name in quotes. What would read like something else without them is set apart.
fn named(text: String) -> Word {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if text.chars().all(plain) {
        Word::Name(text)
    } else {
        Word::Name(format!("{text:?}").replace('.', "·"))
    }
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}
