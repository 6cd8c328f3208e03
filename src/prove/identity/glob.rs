//! Patterns of policies: `*` stands for any text, `?` for one character, everything else for itself.
//! Two questions are answered exactly: do two patterns have a text in common, and does one of them
//! surely hold all of the other. What `${*}`, `${?}` and `${$}` stand for is the character itself.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Atom {
    /// This character.
    Just(char),
    /// Any one character.
    One,
    /// Any text, the empty one included.
    Many,
}

/// A set of texts, given by a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glob(Vec<Atom>);

impl Glob {
    /// Reads a pattern; a variable in it can be anything.
    pub fn new(text: &str) -> Self {
        Self::with(text, true, &|_| Some(Self::anything())).unwrap_or_else(Self::anything)
    }

    /// Reads a pattern whose variables are resolved by name; `None` if one has no value, as what names
    /// it then matches nothing. Where `wild` is false, `*` and `?` are characters like others.
    pub fn with(text: &str, wild: bool, value: &dyn Fn(&str) -> Option<Self>) -> Option<Self> {
        let mut made = Self(Vec::with_capacity(text.len()));
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let (piece, length) = match braced(rest) {
                Some(("?", _, length)) => (Self::anything(), length),
                Some((_, "*" | "?" | "$", length)) => (Self::literal(&rest[2..3]), length),
                Some((_, name, length)) => {
                    let (name, other) = defaulted(name);
                    (value(name).or_else(|| other.map(Self::literal))?, length)
                }
                None if wild && next == '*' => (Self::anything(), 1),
                None if wild && next == '?' => (Self(vec![Atom::One]), 1),
                None => (Self(vec![Atom::Just(next)]), next.len_utf8()),
            };
            made.append(&piece);
            rest = &rest[length..];
        }
        Some(made)
    }

    /// Adds what follows.
    pub fn append(&mut self, other: &Self) {
        for atom in &other.0 {
            if *atom != Atom::Many || self.0.last() != Some(&Atom::Many) {
                self.0.push(*atom);
            }
        }
    }

    /// A text in which nothing stands for anything else.
    pub fn literal(text: &str) -> Self {
        Self(text.chars().map(Atom::Just).collect())
    }

    /// The set of all texts.
    pub fn anything() -> Self {
        Self(vec![Atom::Many])
    }

    /// What comes before the first `*` or `?`.
    pub fn prefix(&self) -> String {
        self.0
            .iter()
            .map_while(|atom| match atom {
                Atom::Just(c) => Some(*c),
                Atom::One | Atom::Many => None,
            })
            .collect()
    }

    /// Whether the pattern stands for one text only.
    pub fn is_literal(&self) -> bool {
        self.0.iter().all(|atom| matches!(atom, Atom::Just(_)))
    }

    /// Whether two patterns have a text in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        let (ahead, behind) = ((a.iter(), b.iter()), (a.iter().rev(), b.iter().rev()));
        if clash(ahead.0.copied(), ahead.1.copied()) || clash(behind.0.copied(), behind.1.copied())
        {
            return false;
        }
        // later[j]: whether what follows in `a` and `b[j..]` can be the same text.
        let mut later: Vec<bool> = (0..=b.len()).map(|j| only_many(&b[j..])).collect();
        for i in (0..a.len()).rev() {
            let mut now = vec![false; b.len() + 1];
            now[b.len()] = only_many(&a[i..]);
            for j in (0..b.len()).rev() {
                now[j] = match (a[i], b[j]) {
                    (Atom::Many, _) | (_, Atom::Many) => later[j] || now[j + 1],
                    (Atom::Just(x), Atom::Just(y)) if x != y => false,
                    _ => later[j + 1],
                };
            }
            later = now;
        }
        later[0]
    }

    /// Whether every text of the other is surely one of this: the other's wildcards are only held by
    /// wildcards here, so `false` may also mean that it is not seen.
    pub fn covers(&self, other: &Self) -> bool {
        let (mut a, mut b) = (&self.0[..], &other.0[..]);
        // What stands before the first `*`, and behind the last, stands for as much of the other.
        while let [first, rest @ ..] = a
            && *first != Atom::Many
        {
            let [one, others @ ..] = b else { return false };
            if !first.holds(*one) {
                return false;
            }
            (a, b) = (rest, others);
        }
        while let [rest @ .., last] = a
            && *last != Atom::Many
        {
            let [others @ .., one] = b else { return false };
            if !last.holds(*one) {
                return false;
            }
            (a, b) = (rest, others);
        }
        match a {
            [] => return b.is_empty(),
            [Atom::Many] => return true,
            _ => {}
        }
        let mut later: Vec<bool> = (0..=b.len()).map(|j| j == b.len()).collect();
        for i in (0..a.len()).rev() {
            let mut now = vec![false; b.len() + 1];
            now[b.len()] = only_many(&a[i..]);
            for j in (0..b.len()).rev() {
                now[j] = match (a[i], b[j]) {
                    (Atom::Many, _) => later[j] || now[j + 1],
                    (x, y) => x.holds(y) && later[j + 1],
                };
            }
            later = now;
        }
        later[0]
    }

    /// Whether a text is in the set.
    pub fn matches(&self, text: &str) -> bool {
        // Most begin otherwise, as actions do with the name of a service.
        let clashes = clash(self.0.iter().copied(), text.chars().map(Atom::Just));
        !clashes && self.covers(&Self::literal(text))
    }
}

impl Atom {
    /// Whether every text of one that is not `*` is surely one of this, which is not `*` either.
    fn holds(self, other: Atom) -> bool {
        match (self, other) {
            (Atom::One, Atom::Just(_) | Atom::One) => true,
            (x, y) => x == y && x != Atom::Many,
        }
    }
}

/// Whether two sequences differ in a character before either has a wildcard of any length.
fn clash(a: impl Iterator<Item = Atom>, b: impl Iterator<Item = Atom>) -> bool {
    for (a, b) in a.zip(b) {
        match (a, b) {
            (Atom::Many, _) | (_, Atom::Many) => return false,
            (Atom::Just(x), Atom::Just(y)) if x != y => return true,
            _ => {}
        }
    }
    false
}

/// What stands in `${name}` or `?{reason}` at the start of a text, and how long it is with its braces.
fn braced(text: &str) -> Option<(&str, &str, usize)> {
    let sign = text.get(..1).filter(|sign| *sign == "$" || *sign == "?")?;
    let end = text.get(1..)?.starts_with('{').then(|| text.find('}'))??;
    Some((sign, text[2..end].trim(), end + 1))
}

/// The name of a variable, and what it stands for where it has no value, which is written after a
/// comma: `${aws:PrincipalTag/team, 'company-wide'}`.
fn defaulted(name: &str) -> (&str, Option<&str>) {
    match name.split_once(',') {
        Some((name, other)) => (name.trim(), Some(other.trim().trim_matches('\''))),
        None => (name, None),
    }
}

fn only_many(atoms: &[Atom]) -> bool {
    atoms.iter().all(|atom| *atom == Atom::Many)
}
