//! Ways of counting a quota.

use serde_json::Value;

use super::holding::{Amount, It, Owner, Whole};
use crate::spec::Spec;

/// How one quota is counted.
pub struct Row {
    /// The id of the quota.
    pub id: &'static str,
    /// How.
    pub count: Count,
    /// How many there are already, made by AWS itself.
    pub there: u64,
}

impl Row {
    /// How many there are that stand in no stack: those that AWS itself made, and those that the
    /// blueprint names.
    pub fn there(&self, spec: &Spec) -> u64 {
        match self.count {
            Count::Named(of) => self.there + of(spec),
            _ => self.there,
        }
    }

    /// Whether AWS counts it of each template and stack, so that each part of what was cut has its own.
    pub fn is_of_each_part(&self) -> bool {
        matches!(self.count, Count::Template(_) | Count::Stacks)
    }

    /// Whether it is a measure of one thing, which is not added to others.
    pub fn is_own(&self) -> bool {
        matches!(self.count, Count::Own(..) | Count::Template(_) | Count::Measured(_))
    }
}

/// Whether a resource counts, by its properties.
pub type Fits = fn(&Value) -> bool;

/// A part of a sum: a type, the property that names whose it is, and a measure.
pub type Part = (&'static str, Option<&'static str>, fn(&It<'_>) -> Amount);

/// What a template holds, each with whose it is.
pub type Held = Vec<(Owner, Amount)>;

/// A way of counting.
pub enum Count {
    /// Each resource of the quota's types, in what the quota's scope says.
    Each,
    /// The same, and what the blueprint names that stands in no stack.
    Named(fn(&Spec) -> u64),
    /// Each of one type that fits.
    If(&'static str, Fits),
    /// Each resource of a type that fits, by what a property of it names.
    Within(&'static [(&'static str, &'static str, Fits)]),
    /// A measure of each resource of a type by itself.
    Own(&'static str, fn(&It<'_>) -> Amount),
    /// Measures that are added up: of each resource of a type, for what a property of it names, or for
    /// itself.
    Added(&'static [Part]),
    /// A measure of a template: as JSON and as text.
    Template(fn(&Value, &str) -> u64),
    /// What is added up, and whose it is takes more than a property to tell.
    Placed(fn(&Whole<'_>) -> Held),
    /// The same of measures of one thing, which are not added up.
    Measured(fn(&Whole<'_>) -> Held),
    /// The processors of instances that count to the quota, by what their type is and how they are bought.
    Processors,
    /// Each stack, in its account and region.
    Stacks,
    /// What follows from other rows, or ties several stacks together (`ties`).
    Tied,
}

pub(super) const fn each(id: &'static str) -> Row {
    Row { id, count: Count::Each, there: 0 }
}

pub(super) const fn only(id: &'static str, kind: &'static str, fits: Fits) -> Row {
    Row { id, count: Count::If(kind, fits), there: 0 }
}

pub(super) const fn within(
    id: &'static str,
    there: u64,
    pairs: &'static [(&'static str, &'static str, Fits)],
) -> Row {
    Row { id, count: Count::Within(pairs), there }
}

pub(super) const fn own(
    id: &'static str,
    kind: &'static str,
    measure: fn(&It<'_>) -> Amount,
) -> Row {
    Row { id, count: Count::Own(kind, measure), there: 0 }
}

pub(super) const fn template(id: &'static str, measure: fn(&Value, &str) -> u64) -> Row {
    Row { id, count: Count::Template(measure), there: 0 }
}

pub(super) const fn placed(id: &'static str, there: u64, held: fn(&Whole<'_>) -> Held) -> Row {
    Row { id, count: Count::Placed(held), there }
}

pub(super) const fn measured(id: &'static str, held: fn(&Whole<'_>) -> Held) -> Row {
    Row { id, count: Count::Measured(held), there: 0 }
}

pub(super) const fn processors(id: &'static str) -> Row {
    Row { id, count: Count::Processors, there: 0 }
}

pub(super) const fn tied(id: &'static str) -> Row {
    Row { id, count: Count::Tied, there: 0 }
}

/// Whatever fits.
pub(super) fn any(_: &Value) -> bool {
    true
}
