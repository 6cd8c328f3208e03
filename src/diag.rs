//! What is wrong, where, and what to do. A stage never stops at the first complaint: it puts each
//! into a [`Sink`] and goes on with what is left.

pub mod place; // where they stand, and in which order
pub mod human; // for people: excerpt, caret, fix
pub mod json; // for machines: versioned, one object a complaint
pub mod sarif; // for code scanners
pub mod junit; // as tests that fail
pub mod github; // as annotations of a workflow
pub mod line; // one a line
pub mod markdown; // as a comment
pub mod report; // one door to all of these

use crate::source::{Site, Step};

/// How bad a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is written.
    Error,
    /// Written all the same, but somebody should know.
    Warning,
}

impl Level {
    /// The word shown to people and machines.
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// What happens to the exit code when a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The input is wrong: exit code 1.
    Input,
    /// The input is right, but a limit or policy stops it: exit code 3.
    Gate,
}

/// A rule that a blueprint, a lock or an artifact can break.
#[derive(Debug)]
pub struct Rule {
    /// `group/name`; the name reads after "allow".
    pub id: &'static str,
    /// How bad it is.
    pub level: Level,
    /// Which exit code it leads to.
    pub kind: Kind,
    /// One sentence: what must hold.
    pub summary: &'static str,
    /// Why it must, with the source of the rule.
    pub why: &'static str,
    /// What to do when it does not.
    pub fix: &'static str,
}

impl Rule {
    /// An error in the input.
    pub const fn error(
        id: &'static str,
        summary: &'static str,
        why: &'static str,
        fix: &'static str,
    ) -> Self {
        Rule { id, level: Level::Error, kind: Kind::Input, summary, why, fix }
    }

    /// The same rule, but only a warning.
    #[must_use]
    pub const fn warning(mut self) -> Self {
        self.level = Level::Warning;
        self
    }

    /// The same rule, but as a gate: the input is well-formed, a limit stops it.
    #[must_use]
    pub const fn gate(mut self) -> Self {
        self.kind = Kind::Gate;
        self
    }

    /// A complaint that this rule is broken at `site`.
    pub fn at(&'static self, site: Site, message: impl Into<String>) -> Diagnostic {
        let (message, against) = (message.into(), Vec::new());
        Diagnostic { rule: self, site, message, help: None, notes: Vec::new(), against }
    }
}

/// One complaint.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// Where.
    pub site: Site,
    /// What is wrong, in one sentence about this very case.
    pub message: String,
    /// What to do about this very case; the rule's own advice if nothing better is known.
    pub help: Option<String>,
    /// Other places that belong to it.
    pub notes: Vec<(Site, String)>,
    /// Routes of the blueprint that the place was held against: where one of them is wrong itself, the
    /// place may be right.
    pub against: Vec<Vec<Step>>,
}

impl Diagnostic {
    /// Adds what to do about this very case.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that belongs to it.
    #[must_use]
    pub fn note(mut self, site: Site, text: impl Into<String>) -> Self {
        self.notes.push((site, text.into()));
        self
    }

    /// Adds what the place was held against.
    #[must_use]
    pub fn against<const N: usize>(mut self, route: [&str; N]) -> Self {
        self.against.push(route.into_iter().map(Step::from).collect());
        self
    }

    /// What to do: about this case, or in general.
    pub fn advice(&self) -> &str {
        self.help.as_deref().unwrap_or(self.rule.fix)
    }
}

/// Collects complaints.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    found: Vec<Diagnostic>,
}

impl Sink {
    /// Adds a complaint, unless it was said of the same place in the same words.
    pub fn push_once(&mut self, diagnostic: Diagnostic) {
        let same = |d: &Diagnostic| d.site == diagnostic.site && d.message == diagnostic.message;
        if !self.found.iter().any(same) {
            self.push(diagnostic);
        }
    }

    /// Adds a complaint.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// How many errors there are; to see whether a stage added some.
    pub fn errors(&self) -> usize {
        self.found.iter().filter(|d| d.rule.level == Level::Error).count()
    }

    /// Whether all errors after the first so many are gates, or there is none.
    pub fn only_gates_since(&self, errors: usize) -> bool {
        let all = self.found.iter().filter(|d| d.rule.level == Level::Error);
        all.skip(errors).all(|d| d.rule.kind == Kind::Gate)
    }

    /// How many complaints there are; to see whether a step added some.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there is no complaint.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Takes back what was found after the first so many, and does not stand.
    pub fn take_back(&mut self, after: usize, stands: impl Fn(&Diagnostic) -> bool) {
        let late = self.found.split_off(after);
        self.found.extend(late.into_iter().filter(stands));
    }

    /// The complaints as found.
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.found
    }
}

/// The exit code that complaints lead to: 0 nothing or warnings, 1 wrong input, 3 a gate was hit.
pub fn exit_code(found: &[Diagnostic]) -> u8 {
    let errors = || found.iter().filter(|d| d.rule.level == Level::Error);
    match errors().next() {
        None => 0,
        Some(_) if errors().all(|d| d.rule.kind == Kind::Gate) => 3,
        Some(_) => 1,
    }
}
