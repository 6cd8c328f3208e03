//! JSON text with holes. A template is laid out once; what differs from tenant to tenant is a
//! hole, and ten thousand tenants are ten thousand cheap fillings of the same skeleton.
//!
//! The layout is for people who read diffs: two spaces, one line for what fits on a line.

/// A JSON value in which a string may contain holes. Objects keep the order they were made in.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// So many halves: `3` is written `1.5`.
    Halves(u16),
    /// A string.
    Text(Vec<Piece>),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// As it is.
    Literal(String),
    /// Filled later with the value of that number.
    Hole(usize),
}

/// What a description of JSON becomes: a tree to be laid out, or only how many bytes it would take.
pub trait Form: Sized {
    /// `true` or `false`
    fn bool(it: bool) -> Self;
    /// A whole number.
    fn int(n: i64) -> Self;
    /// So many halves.
    fn halves(n: u16) -> Self;
    /// A literal string.
    fn text(text: &str) -> Self;
    /// A string that is a hole.
    fn hole(number: usize) -> Self;
    /// An array.
    fn list(items: impl IntoIterator<Item = Self>) -> Self;
    /// An object from pairs.
    fn object<K: AsRef<str>>(pairs: impl IntoIterator<Item = (K, Self)>) -> Self;
    /// Adds a pair to an object.
    fn put(&mut self, key: &str, value: Self);
    /// Whether it is an object or array with nothing in it.
    fn is_empty(&self) -> bool;
    /// Whether it is a string.
    fn is_text(&self) -> bool;
    /// Puts a string behind a string.
    fn append(&mut self, text: Self);
}

/// How many bytes something takes as [`Json::compact`] writes it, without what fills its holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes {
    /// So many.
    pub count: usize,
    is_text: bool,
    is_empty: bool,
}

impl Bytes {
    fn of(count: usize) -> Self {
        Bytes { count, is_text: false, is_empty: false }
    }

    fn string(count: usize) -> Self {
        Bytes { is_text: true, ..Bytes::of(count + 2) }
    }

    fn nothing() -> Self {
        Bytes { is_empty: true, ..Bytes::of(2) }
    }

    /// Adds something to an object or array, behind a comma if it is not the first.
    fn grow(&mut self, more: usize) {
        self.count += more + usize::from(!self.is_empty);
        self.is_empty = false;
    }
}

impl Form for Bytes {
    fn bool(it: bool) -> Self {
        Bytes::of(if it { 4 } else { 5 })
    }

    fn int(n: i64) -> Self {
        let digits = n.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
        Bytes::of(digits + usize::from(n < 0))
    }

    fn halves(n: u16) -> Self {
        Bytes::of(halves(n).len())
    }

    fn text(text: &str) -> Self {
        Bytes::string(escaped_len(text))
    }

    fn hole(_: usize) -> Self {
        Bytes::string(0)
    }

    fn list(items: impl IntoIterator<Item = Self>) -> Self {
        let mut out = Bytes::nothing();
        items.into_iter().for_each(|item| out.grow(item.count));
        out
    }

    fn object<K: AsRef<str>>(pairs: impl IntoIterator<Item = (K, Self)>) -> Self {
        let mut out = Bytes::nothing();
        pairs.into_iter().for_each(|(key, value)| out.put(key.as_ref(), value));
        out
    }

    fn put(&mut self, key: &str, value: Self) {
        self.grow(escaped_len(key) + 3 + value.count);
    }

    fn is_empty(&self) -> bool {
        self.is_empty
    }

    fn is_text(&self) -> bool {
        self.is_text
    }

    fn append(&mut self, text: Self) {
        self.count += text.count - 2;
    }
}

impl Form for Json {
    fn bool(it: bool) -> Self {
        Json::Bool(it)
    }

    fn int(n: i64) -> Self {
        Json::Int(n)
    }

    fn halves(n: u16) -> Self {
        Json::Halves(n)
    }

    fn text(text: &str) -> Self {
        Json::text(text)
    }

    fn hole(number: usize) -> Self {
        Json::Text(vec![Piece::Hole(number)])
    }

    fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Json::List(items.into_iter().collect())
    }

    fn object<K: AsRef<str>>(pairs: impl IntoIterator<Item = (K, Self)>) -> Self {
        let own = |(key, value): (K, Self)| (key.as_ref().to_owned(), value);
        Json::Object(pairs.into_iter().map(own).collect())
    }

    fn put(&mut self, key: &str, value: Self) {
        Json::put(self, key, value);
    }

    fn is_empty(&self) -> bool {
        Json::is_empty(self)
    }

    fn is_text(&self) -> bool {
        matches!(self, Json::Text(_))
    }

    fn append(&mut self, text: Self) {
        match (self, text) {
            (Json::Text(pieces), Json::Text(more)) => pieces.extend(more),
            _ => unreachable!("only strings are put behind strings"),
        }
    }
}

/// How wide a line may be before an object or array is broken over several.
const WIDTH: usize = 110;
/// How wide a hole counts, whatever will fill it: the layout must not depend on the tenant.
const HOLE_WIDTH: usize = 12;

impl Json {
    /// A literal string.
    pub fn text(text: impl Into<String>) -> Self {
        Json::Text(vec![Piece::Literal(text.into())])
    }

    /// An object from pairs.
    pub fn object<K: Into<String>>(pairs: impl IntoIterator<Item = (K, Json)>) -> Self {
        Json::Object(pairs.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    /// Adds a pair to an object.
    pub fn put(&mut self, key: impl Into<String>, value: Json) {
        match self {
            Json::Object(pairs) => pairs.push((key.into(), value)),
            _ => unreachable!("only objects are built with `put`"),
        }
    }

    /// Whether it is an object or array with nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Json::List(items) => items.is_empty(),
            Json::Object(pairs) => pairs.is_empty(),
            _ => false,
        }
    }

    /// Laid out for people, with a line feed at the end.
    pub fn pretty(&self) -> Skeleton {
        let mut out = Skeleton::default();
        self.write(&mut out, 0, 0);
        out.push("\n");
        out
    }

    /// On one line, without spaces.
    pub fn compact(&self) -> Skeleton {
        let mut out = Skeleton::default();
        self.write_flat(&mut out, false);
        out
    }

    /// The text of a value without holes, laid out for people.
    pub fn to_pretty_string(&self) -> String {
        self.pretty().fill(&[])
    }

    fn write(&self, out: &mut Skeleton, indent: usize, used: usize) {
        let broken = match self {
            Json::List(items) => !items.is_empty(),
            Json::Object(pairs) => !pairs.is_empty(),
            _ => false,
        };
        if !broken || (indent > 0 && used + self.width() <= WIDTH) {
            return self.write_flat(out, true);
        }
        let inner = indent + 2;
        let line = |out: &mut Skeleton, first: bool, depth: usize| {
            out.push(if first { "\n" } else { ",\n" });
            out.push(&" ".repeat(depth));
        };
        match self {
            Json::List(items) => {
                out.push("[");
                for (i, item) in items.iter().enumerate() {
                    line(out, i == 0, inner);
                    item.write(out, inner, inner);
                }
                out.push("\n");
                out.push(&" ".repeat(indent));
                out.push("]");
            }
            Json::Object(pairs) => {
                out.push("{");
                for (i, (key, value)) in pairs.iter().enumerate() {
                    line(out, i == 0, inner);
                    out.push_string(key);
                    out.push(": ");
                    value.write(out, inner, inner + key.len() + 4);
                }
                out.push("\n");
                out.push(&" ".repeat(indent));
                out.push("}");
            }
            _ => unreachable!("only arrays and objects are broken"),
        }
    }

    fn write_flat(&self, out: &mut Skeleton, spaced: bool) {
        let (comma, colon) = if spaced { (", ", ": ") } else { (",", ":") };
        match self {
            Json::Null => out.push("null"),
            Json::Bool(b) => out.push(if *b { "true" } else { "false" }),
            Json::Int(i) => out.push(&i.to_string()),
            Json::Halves(n) => out.push(&halves(*n)),
            Json::Text(pieces) => {
                out.push("\"");
                for piece in pieces {
                    match piece {
                        Piece::Literal(text) => out.push_escaped(text),
                        Piece::Hole(n) => out.hole(*n),
                    }
                }
                out.push("\"");
            }
            Json::List(items) => {
                out.push("[");
                for (i, item) in items.iter().enumerate() {
                    out.push(if i == 0 { "" } else { comma });
                    item.write_flat(out, spaced);
                }
                out.push("]");
            }
            Json::Object(pairs) => {
                out.push("{");
                for (i, (key, value)) in pairs.iter().enumerate() {
                    out.push(if i == 0 { "" } else { comma });
                    out.push_string(key);
                    out.push(colon);
                    value.write_flat(out, spaced);
                }
                out.push("}");
            }
        }
    }

    /// Characters on one line, or more than `WIDTH` as soon as that is known.
    fn width(&self) -> usize {
        match self {
            Json::Null | Json::Bool(_) => 5,
            Json::Int(i) => i.to_string().len(),
            Json::Halves(n) => halves(*n).len(),
            Json::Text(pieces) => 2 + pieces.iter().map(Piece::width).sum::<usize>(),
            Json::List(items) => items
                .iter()
                .fold(2, |sum, item| if sum > WIDTH { sum } else { sum + item.width() + 2 }),
            Json::Object(pairs) => pairs.iter().fold(2, |sum, (key, value)| {
                if sum > WIDTH { sum } else { sum + key.len() + 6 + value.width() }
            }),
        }
    }
}

impl Piece {
    fn width(&self) -> usize {
        match self {
            Piece::Literal(text) => text.chars().count(),
            Piece::Hole(_) => HOLE_WIDTH,
        }
    }
}

/// Laid-out text with holes between its parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Skeleton {
    text: String,
    /// Where in `text` a hole lies, and its number.
    holes: Vec<(usize, usize)>,
}

impl Skeleton {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn push_string(&mut self, text: &str) {
        self.text.push('"');
        self.push_escaped(text);
        self.text.push('"');
    }

    fn push_escaped(&mut self, text: &str) {
        // Nearly all text stands between the quotes as it is.
        if is_plain(text) { self.push(text) } else { self.push(&escape(text)) }
    }

    fn hole(&mut self, number: usize) {
        self.holes.push((self.text.len(), number));
    }

    /// The text with each hole filled. The values must be [`escape`]d already, so that one
    /// escaping serves all holes of a tenant.
    pub fn fill(&self, escaped: &[String]) -> String {
        let more: usize = self.holes.iter().map(|(_, number)| escaped[*number].len()).sum();
        let mut out = String::with_capacity(self.text.len() + more);
        let mut done = 0;
        for (at, number) in &self.holes {
            out.push_str(&self.text[done..*at]);
            out.push_str(&escaped[*number]);
            done = *at;
        }
        out.push_str(&self.text[done..]);
        out
    }

    /// How many bytes it has without what fills the holes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// A text as it stands between the quotes of a JSON string.
pub fn escape(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let quoted = serde_json::to_string(text).expect("a string always serialises");
    quoted[1..quoted.len() - 1].to_owned()
}

/// How many bytes a text has between the quotes of a JSON string.
fn escaped_len(text: &str) -> usize {
    if is_plain(text) { text.len() } else { escape(text).len() }
}

/// Whether JSON lets a text stand between quotes as it is.
/// Source: <https://www.rfc-editor.org/rfc/rfc8259#section-7>.
fn is_plain(text: &str) -> bool {
    text.as_bytes().iter().all(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\'))
}

/// A number of halves in decimal.
fn halves(n: u16) -> String {
    let half = if n.is_multiple_of(2) { "" } else { ".5" };
    format!("{}{half}", n / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_on_a_line_and_the_text_is_json() {
        let tag = Json::object([("Key", Json::text("a\"b")), ("Value", Json::text("x"))]);
        let doc =
            Json::object([("Tags", Json::List(vec![tag.clone(), tag.clone(), tag.clone(), tag]))]);
        let text = doc.to_pretty_string();
        assert_eq!(text.lines().count(), 8, "{text}");
        serde_json::from_str::<serde_json::Value>(&text).expect("valid JSON");
    }

    #[test]
    fn what_is_escaped_is_what_cannot_stand_as_it_is() {
        for code in 0..0x250 {
            let text = format!("a{}b", char::from_u32(code).expect("below the surrogates"));
            let quoted = serde_json::to_string(&text).expect("a string always serialises");
            assert_eq!(format!("\"{}\"", escape(&text)), quoted, "{code:x}");
            assert_eq!(Json::text(text).compact().fill(&[]), quoted, "{code:x}");
        }
    }

    /// The same, described once.
    fn described<F: Form>() -> F {
        let mut text = F::text("a\"b\u{e9}\n");
        text.append(F::hole(0));
        let numbers = [0, 9, 10, -1, -10, i64::MAX, i64::MIN].map(F::int);
        let halves = [0, 3, 20].map(F::halves);
        let none: [F; 0] = [];
        let mut out = F::object([("a\\", text), ("none", F::list(none))]);
        out.put("numbers", F::list(numbers.into_iter().chain(halves)));
        out.put("flags", F::list([F::bool(true), F::bool(false), F::object::<&str>([])]));
        out
    }

    #[test]
    fn so_many_bytes_are_told_as_are_written() {
        assert_eq!(described::<Bytes>().count, described::<Json>().compact().len());
    }

    #[test]
    fn nothing_is_empty_in_both_forms() {
        fn empty<F: Form>() -> [bool; 5] {
            let none: [F; 0] = [];
            let all = [F::int(10), F::text(""), F::hole(0), F::list(none), F::object::<&str>([])];
            all.map(|it| it.is_empty())
        }
        assert_eq!(empty::<Bytes>(), [false, false, false, true, true]);
        assert_eq!(empty::<Bytes>(), empty::<Json>());
    }

    #[test]
    fn filling_a_hole_never_breaks_the_string_around_it() {
        let doc = Json::Text(vec![Piece::Literal("a-".into()), Piece::Hole(0)]);
        let nasty = "\"}],\n\u{202e}\\";
        let text = doc.pretty().fill(&[escape(nasty)]);
        assert_eq!(serde_json::from_str::<String>(&text).expect("valid"), format!("a-{nasty}"));
    }
}
