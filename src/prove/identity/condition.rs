//! Whether a condition holds, as far as it is known who asks: never, always, or maybe. What depends on
//! something that is not known, or that who asks can choose, may hold; so an Allow counts unless it
//! never holds, and a Deny only where it always does.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::collections::BTreeMap;

use super::glob::Glob;
use super::policy::{Condition, Quantifier};

/// What is known of a key of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It has this value.
    Is(String),
    /// It has a value that no policy of the estate names: that of a stranger, of another tenant.
    Other,
    /// It is not there.
    Absent,
    /// Anything: not known, or as who asks likes it.
    Free,
}

/// What is known of a request, by keys in small letters.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    known: BTreeMap<String, Fact>,
    /// Whether all tags of who asks are among them, so that any other is not there.
    all_tags: bool,
}

/// How surely something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It cannot hold.
    Never,
    /// It can.
    Maybe,
    /// It does, whatever is asked.
    Always,
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Truth::Never => Truth::Always,
            Truth::Maybe => Truth::Maybe,
            Truth::Always => Truth::Never,
        }
    }

    fn known(holds: bool) -> Self {
        if holds { Truth::Always } else { Truth::Never }
    }
}

impl Facts {
    /// Adds one.
    #[must_use]
    pub fn with(mut self, key: &str, fact: Fact) -> Self {
        self.known.insert(key.to_ascii_lowercase(), fact);
        self
    }

    /// Says that who asks has no other tags than those that are known.
    #[must_use]
    pub fn with_all_tags(mut self) -> Self {
        self.all_tags = true;
        self
    }

    /// Says that who asks may have other tags than those that are known.
    #[must_use]
    pub fn with_any_tags(mut self) -> Self {
        self.all_tags = false;
        self
    }

    /// What is known of a key, given in small letters.
    pub fn get(&self, key: &str) -> Fact {
        let none = if self.all_tags && key.starts_with("aws:principaltag/") {
            Fact::Absent
        } else {
            Fact::Free
        };
        self.known.get(key).cloned().unwrap_or(none)
    }

    /// A pattern of a policy with its variables resolved; none if one of them has no value.
    pub fn glob(&self, text: &str, wild: bool) -> Option<Glob> {
        Glob::with(text, wild, &|name| match self.get(&name.to_ascii_lowercase()) {
            Fact::Is(value) => Some(Glob::literal(&value)),
            Fact::Absent => None,
            Fact::Free | Fact::Other => Some(Glob::anything()),
        })
    }

    /// The same where every variable has one value; none where what is meant is not sure.
    pub fn sure_glob(&self, text: &str) -> Option<Glob> {
        let value = |name: &str| match self.get(&name.to_ascii_lowercase()) {
            Fact::Is(value) => Some(Glob::literal(&value)),
            _ => None,
        };
        if text.contains(", ") || text.contains("?{") {
            None
        } else {
            Glob::with(text, true, &value)
        }
    }

    /// Whether all of some conditions hold.
    pub fn hold(&self, conditions: &[Condition]) -> Truth {
        conditions.iter().map(|one| self.holds(one)).min().unwrap_or(Truth::Always)
    }

    /// Whether a condition holds.
    pub fn holds(&self, condition: &Condition) -> Truth {
        let fact = self.get(&condition.key);
        let (operator, negated) = match condition.operator.as_str() {
            "Null" => return null(&fact, condition),
            "ArnNotEquals" | "ArnNotLike" => ("ArnLike", true),
            "StringNotEquals" | "StringNotEqualsIgnoreCase" => ("StringEquals", true),
            "StringNotLike" => ("StringLike", true),
            other => (other, other.contains("Not")),
        };
        if !KNOWN.contains(&operator) || condition.values.is_empty() {
            return Truth::Maybe;
        }
        let lax = condition.if_exists || condition.quantifier == Quantifier::ForAll;
        match fact {
            // Of no value, none can be among those that are meant, nor be another.
            Fact::Absent if condition.quantifier == Quantifier::ForAny && !condition.if_exists => {
                Truth::Never
            }
            Fact::Absent if negated || lax => Truth::Always,
            Fact::Absent => Truth::Never,
            Fact::Free => Truth::Maybe,
            _ if negated => self.among(operator, &fact, condition).not(),
            _ => self.among(operator, &fact, condition),
        }
    }

    /// Whether a value is among those of a condition.
    fn among(&self, operator: &str, fact: &Fact, condition: &Condition) -> Truth {
        let wild = match operator {
            "StringEquals" | "StringEqualsIgnoreCase" | "Bool" => false,
            "StringLike" | "ArnLike" | "ArnEquals" => true,
            _ => return Truth::Maybe,
        };
        let fold = matches!(operator, "StringEqualsIgnoreCase" | "Bool")
            || condition.operator == "StringNotEqualsIgnoreCase";
        let each = condition.values.iter().map(|value| match fact {
            Fact::Is(text) if fold => self.equal(&text.to_lowercase(), &value.to_lowercase(), wild),
            Fact::Is(text) => self.equal(text, value, wild),
            _ => self.stranger(value, wild),
        });
        each.max().unwrap_or(Truth::Never)
    }

    fn equal(&self, text: &str, value: &str, wild: bool) -> Truth {
        let uncertain = value.contains("${") || value.contains("?{") || text.contains("?{");
        match self.glob(value, wild) {
            Some(_) if text.contains("?{") => Truth::Maybe,
            Some(glob) if glob.matches(text) && uncertain && !self.settled(value) => Truth::Maybe,
            Some(glob) => Truth::known(glob.matches(text)),
            None => Truth::Never,
        }
    }

    /// Whether a value that nobody names can be this one.
    fn stranger(&self, value: &str, wild: bool) -> Truth {
        match self.glob(value, wild) {
            Some(glob) if glob == Glob::anything() && wild => Truth::Always,
            Some(glob) if !glob.is_literal() && !names_account(value) => Truth::Maybe,
            _ => Truth::Never,
        }
    }

    /// Whether each variable of a value has one value.
    fn settled(&self, value: &str) -> bool {
        !value.contains("?{")
            && !value.contains(", ")
            && Glob::with(value, false, &|name| {
                matches!(self.get(&name.to_ascii_lowercase()), Fact::Is(_))
                    .then(|| Glob::literal(""))
            })
            .is_some()
    }
}

/// The operators that are understood, as they are written here; any other may hold.
const KNOWN: &[&str] = &[
    "ArnEquals",
    "ArnLike",
    "BinaryEquals",
    "Bool",
    "DateEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
];

/// Whether a pattern is an ARN in one account, so that a stranger's is none of its texts.
fn names_account(value: &str) -> bool {
    let account = value.split(':').nth(4).filter(|_| value.starts_with("arn:"));
    account.is_some_and(|account| !account.is_empty() && !account.contains(['*', '?']))
}

fn null(fact: &Fact, condition: &Condition) -> Truth {
    let absent = match fact {
        Fact::Absent => Truth::Always,
        Fact::Free => Truth::Maybe,
        Fact::Is(_) | Fact::Other => Truth::Never,
    };
    let holds = condition.values.iter().map(|value| match value.to_lowercase().as_str() {
        "true" => absent,
        "false" => absent.not(),
        _ => Truth::Maybe,
    });
    holds.max().unwrap_or(Truth::Maybe)
}
