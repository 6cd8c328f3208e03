//! Text with positions: the tree of a YAML, JSON or CSV file in which every key and value knows
//! its bytes, and the symbolic [`Site`] by which later stages say where a thing stands.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::ops::Range;

/// Which of the input files: an index into [`Sources`].
pub type FileId = usize;

/// A half-open range of bytes in a file.
pub type Span = Range<usize>;

/// One step from a node of the tree to a child.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a mapping, by key.
    Key(String),
    /// Into a sequence, by position from zero.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

/// Where a thing stands, said by its route of keys; [`Sources::locate`] turns it into bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// A whole file.
    File(FileId),
    /// A range of bytes, for complaints about text that never became a tree.
    Bytes(FileId, usize, usize),
    /// The key at the end of the route.
    Key(FileId, Vec<Step>),
    /// The value at the end of the route.
    Value(FileId, Vec<Step>),
}

impl Site {
    /// The value at a route of keys in the main file.
    pub fn at<const N: usize>(steps: [&str; N]) -> Self {
        Site::Value(0, steps.into_iter().map(Step::from).collect())
    }

    /// The site one step further down.
    #[must_use]
    pub fn child(&self, step: impl Into<Step>) -> Self {
        match self {
            Site::Value(file, steps) | Site::Key(file, steps) => {
                let mut steps = steps.clone();
                steps.push(step.into());
                Site::Value(*file, steps)
            }
            other => other.clone(),
        }
    }

    /// The same place, but its key instead of its value.
    #[must_use]
    pub fn key(&self) -> Self {
        match self {
            Site::Value(file, steps) => Site::Key(*file, steps.clone()),
            other => other.clone(),
        }
    }

    /// The file that the site lies in.
    pub fn file(&self) -> FileId {
        match self {
            Site::File(file)
            | Site::Bytes(file, ..)
            | Site::Key(file, _)
            | Site::Value(file, _) => *file,
        }
    }
}

/// A value in a file, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The bytes of the value; of a block mapping or sequence, only where it begins.
    pub span: Span,
    /// What stands there.
    pub kind: Kind,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Nothing: `~`, `null` or an empty value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or too large for a whole number.
    Float(f64),
    /// A string.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file and with any key that is there twice.
    Map(Vec<(Key, Node)>),
}

/// The key of a mapping, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The bytes of the key.
    pub span: Span,
    /// Its text.
    pub text: String,
}

impl Node {
    /// The child under a key; of a key that is there twice, the first.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// What a mapping holds; of anything else, nothing.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    fn entry(&self, key: &str) -> Option<&(Key, Node)> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(k, _)| k.text == key),
            _ => None,
        }
    }

    /// The child at the end of a step.
    pub fn child(&self, step: &Step) -> Option<&Node> {
        match (step, &self.kind) {
            (Step::Key(key), _) => self.get(key),
            (Step::Index(index), Kind::List(items)) => items.get(*index),
            (Step::Index(_), _) => None,
        }
    }

    /// The deepest node on the route, and how many steps of it were found.
    fn walk(&self, steps: &[Step]) -> (&Node, usize) {
        let mut node = self;
        for (done, step) in steps.iter().enumerate() {
            match node.child(step) {
                Some(next) => node = next,
                None => return (node, done),
            }
        }
        (node, steps.len())
    }

    /// The bytes of a route. One that ends early gives the deepest place that exists, so that "a
    /// key is missing" points at the mapping that lacks it.
    pub fn locate(&self, steps: &[Step], want_key: bool) -> Span {
        let (node, found) = self.walk(steps);
        let is_branch = matches!(node.kind, Kind::List(_) | Kind::Map(_));
        if found > 0
            && (want_key || is_branch)
            && let (parent, Step::Key(key)) = (self.walk(&steps[..found - 1]).0, &steps[found - 1])
            && let Some((key, _)) = parent.entry(key)
        {
            // A branch of the tree has no bytes of its own to underline: show its key.
            return key.span.clone();
        }
        match &node.kind {
            Kind::Map(entries) if node.span.is_empty() => {
                entries.first().map_or(node.span.clone(), |(key, _)| key.span.clone())
            }
            _ => node.span.clone(),
        }
    }

    /// The node as a JSON value; of a key that is there twice, the first.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Int(i) => Value::from(*i),
            Kind::Float(f) => Value::from(*f),
            Kind::Text(s) => Value::String(s.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => {
                let mut map = serde_json::Map::new();
                for (key, value) in entries {
                    map.entry(key.text.clone()).or_insert_with(|| value.to_json());
                }
                Value::Object(map)
            }
        }
    }
}

/// One input file: its name as the user gave it, its text, and its tree if it has one.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name shown in diagnostics, relative to where the tool was started.
    pub name: String,
    /// The text; of a file that is not UTF-8, with replacement characters.
    pub text: String,
    /// The tree.
    pub root: Option<Node>,
    line_starts: Vec<usize>,
}

impl Source {
    /// A file without a tree yet.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = line_starts(&text);
        Source { name: name.into(), text, root: None, line_starts }
    }

    /// Line and column, both from 1, the column in characters.
    pub fn position(&self, byte: usize) -> Position {
        let byte = byte.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_starts[line - 1];
        let column = self.text.get(start..byte).map_or(0, |text| text.chars().count());
        Position { line, column: column + 1 }
    }

    /// The byte at a line and column, both from 1.
    pub fn byte_at(&self, line: usize, column: usize) -> usize {
        let Some(start) = self.line_starts.get(line.saturating_sub(1)) else {
            return self.text.len();
        };
        let mut chars = self.text[*start..].char_indices();
        chars.nth(column.saturating_sub(1)).map_or(self.text.len(), |(offset, _)| start + offset)
    }

    /// The byte that a complaint about JSON is of. There, lines end with a line feed only, and columns
    /// are bytes.
    pub fn byte_of(&self, error: &serde_json::Error) -> usize {
        let before = self.text.split_inclusive('\n').take(error.line().saturating_sub(1));
        let start: usize = before.map(str::len).sum();
        let mut at = (start + error.column().saturating_sub(1)).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// The bytes of the line that holds a byte, without what ends it.
    pub fn line_around(&self, byte: usize) -> Span {
        let line = self.line_starts.partition_point(|start| *start <= byte.min(self.text.len()));
        self.line(line - 1)
    }

    /// The bytes of each line, without what ends it. Behind the last line end is one more only if
    /// something stands there.
    pub fn lines(&self) -> impl Iterator<Item = Span> {
        let last = self.line_starts.len() - 1;
        let empty = self.line_starts[last] == self.text.len();
        (0..self.line_starts.len() - usize::from(empty)).map(|line| self.line(line))
    }

    /// The bytes of a line, counted from 0.
    fn line(&self, line: usize) -> Span {
        let start = self.line_starts[line];
        let end = self.line_starts.get(line + 1).copied().unwrap_or(self.text.len());
        start..start + self.text[start..end].trim_end_matches(['\r', '\n']).len()
    }
}

/// Where lines begin. As in YAML and CSV, a line ends with a line feed, a carriage return, or both.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = |at: &usize| match bytes[*at] {
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        byte => byte == b'\n',
    };
    std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1)).collect()
}

/// A line and a column, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// All files that a run reads. The blueprint is the first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    /// The number of each file, to see that one is listed twice.
    by_name: BTreeMap<String, FileId>,
}

impl Sources {
    /// Adds a file and returns its number.
    pub fn add(&mut self, source: Source) -> FileId {
        self.by_name.insert(source.name.clone(), self.files.len());
        self.files.push(source);
        self.files.len() - 1
    }

    /// The file of that number.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file]
    }

    /// The file of that number, to give it its tree.
    pub fn get_mut(&mut self, file: FileId) -> &mut Source {
        &mut self.files[file]
    }

    /// The number of the file of that name, if it was added.
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.by_name.get(name).copied()
    }

    /// Whether something stands at a site; of bytes and whole files, always.
    pub fn has(&self, site: &Site) -> bool {
        let (Site::Key(file, steps) | Site::Value(file, steps)) = site else { return true };
        let root = self.get(*file).root.as_ref();
        root.is_some_and(|root| root.walk(steps).1 == steps.len())
    }

    /// What stands at a site that is a route of keys.
    pub fn node(&self, site: &Site) -> Option<&Node> {
        let (Site::Key(file, steps) | Site::Value(file, steps)) = site else { return None };
        let (node, found) = self.get(*file).root.as_ref()?.walk(steps);
        (found == steps.len()).then_some(node)
    }

    /// The number of the file that was added last.
    pub fn last(&self) -> Option<FileId> {
        self.files.len().checked_sub(1)
    }

    /// The bytes of a site; of a whole file, its beginning.
    pub fn locate(&self, site: &Site) -> Span {
        let source = self.get(site.file());
        let (steps, want_key) = match site {
            Site::File(_) => return 0..0,
            Site::Bytes(_, start, end) => return *start..*end,
            Site::Key(_, steps) => (steps, true),
            Site::Value(_, steps) => (steps, false),
        };
        source.root.as_ref().map_or(0..0, |root| root.locate(steps, want_key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_survive_the_end_of_the_file() {
        let source = Source::new("f", "a: é\nbé: x");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(6), Position { line: 2, column: 1 });
        assert_eq!(source.position(9), Position { line: 2, column: 3 });
        assert_eq!(source.position(999), Position { line: 2, column: 6 });
        assert_eq!(source.byte_at(2, 3), 9);
        assert_eq!(&source.text[source.line_around(7)], "bé: x");
    }

    #[test]
    fn lines_end_as_in_yaml() {
        for end in ["\n", "\r", "\r\n"] {
            let source = Source::new("f", ["a", "", "b: x", ""].join(end));
            let x = source.text.len() - end.len() - 1;
            assert_eq!(source.position(x), Position { line: 3, column: 4 }, "{end:?}");
            assert_eq!(source.byte_at(3, 4), x, "{end:?}");
            assert_eq!(&source.text[source.line_around(x)], "b: x", "{end:?}");
            let lines: Vec<&str> = source.lines().map(|line| &source.text[line]).collect();
            assert_eq!(lines, ["a", "", "b: x"], "{end:?}");
        }
        assert_eq!(Source::new("f", "").lines().count(), 0);
        let mixed = Source::new("f", "a\n\rb\r\r\nc");
        assert_eq!(mixed.lines().count(), 5, "`\\n\\r` and `\\r\\r\\n` are two ends each");
    }

    #[test]
    fn json_counts_lines_and_columns_its_own_way() {
        let source = Source::new("f", "{\r\"é\": 1,\n\"é\": x}");
        let error = serde_json::from_str::<serde_json::Value>(&source.text).expect_err("`x`");
        assert_eq!(&source.text[source.byte_of(&error)..], "x}");
    }
}
