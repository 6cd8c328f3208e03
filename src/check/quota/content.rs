//! What each template of an estate holds, each read once. Of a template that was cut, the first part stands
//! for the whole: a rule and its group, a service and what scales it may stand in two parts, and AWS counts
//! them together. What AWS counts of each template and each stack is each part's own.

use super::count::Row;
use super::holding::{self, Holding, Whole};
use super::published::{self, Told};
use super::ties::{self, Ties};
use super::{Counter, sets};
use crate::engine::{Engine, Options, Rendered, cloudformation};
use crate::spec::Spec;
use crate::split::joined::{Joined, joined};
use crate::template::{Estate, PART, Stack, Template};

/// How many are kept that had the name of one that is known: estates of one blueprint take turns.
const VERSIONS: usize = 3;

/// What a template holds and ties.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// What is counted: the template itself, or what it is the first part of.
    pub template: Template,
    /// The template itself, if it is a part.
    part: Option<Template>,
    /// How many blocks there are on premises.
    premises: u64,
    /// What it holds, by owner.
    pub holdings: Vec<Holding>,
    /// How many of that each owner has, in their order.
    owners: Vec<usize>,
    /// What it tells; what parts tell, the first tells for all.
    pub told: Vec<Told>,
    /// What it ties.
    pub ties: Ties,
}

/// A stack, with what its template holds.
pub(super) type Counted<'a> = (&'a Stack, &'a Content);

impl Content {
    /// Of a template that stands by itself.
    fn of(template: &Template, text: &str, premises: u64) -> Self {
        Content::read(template, text, premises, |_| true)
    }

    /// Of what a template is the first part of.
    fn of_first(template: &Template, text: &str, whole: &Template, premises: u64) -> Self {
        let all = cloudformation::text(whole);
        let mut content = Content::read(whole, &all, premises, |row| !row.is_of_each_part());
        let own = Content::of_other(template, text, premises);
        content.holdings.extend(own.holdings);
        Content { part: Some(own.template), ..content }.by_owner()
    }

    /// Of another part.
    fn of_other(template: &Template, text: &str, premises: u64) -> Self {
        let own = Content::read(template, text, premises, Row::is_of_each_part);
        Content { told: Vec::new(), ties: Ties::default(), ..own }
    }

    fn read(template: &Template, text: &str, premises: u64, wanted: fn(&Row) -> bool) -> Self {
        let json = &serde_json::from_str(text).expect("the engine writes JSON");
        let whole = Whole { json, template, premises };
        let told = published::tells(template);
        let holdings = holding::of(&whole, text, wanted, &told);
        let ties = ties::of(&whole, &holdings);
        let (template, owners) = (template.clone(), Vec::new());
        Content { template, part: None, premises, holdings, owners, told, ties }.by_owner()
    }

    /// Sorts what it holds, so that whoever adds it up names each owner once.
    fn by_owner(mut self) -> Self {
        self.holdings.sort_by(|a, b| a.owner.cmp(&b.owner));
        let owners = self.holdings.chunk_by(|a, b| a.owner == b.owner);
        self.owners = owners.map(<[_]>::len).collect();
        self
    }

    /// What each owner has.
    pub fn shares(&self) -> impl Iterator<Item = &[Holding]> {
        let mut rest = &self.holdings[..];
        self.owners.iter().map(move |count| {
            let (own, others) = rest.split_at(*count);
            rest = others;
            own
        })
    }

    /// The template itself.
    fn itself(&self) -> &Template {
        self.part.as_ref().unwrap_or(&self.template)
    }

    /// Whether it was read of the same.
    fn is_of(&self, template: &Template, whole: Option<&Template>, premises: u64) -> bool {
        self.itself() == template
            && whole.is_none_or(|whole| self.template == *whole)
            && self.premises == premises
    }
}

impl Counter {
    /// Finds out what each template holds. Whatever is written, types are counted by CloudFormation's names.
    pub fn read(&mut self, spec: &Spec, estate: &Estate) {
        let engines = vec![Engine::CloudFormation];
        let options = Options { engines, inline: false, partial: false };
        let rendered = Rendered::new(spec, estate, &options);
        let premises = spec.network.premises().len() as u64;
        for (shape, template) in &estate.templates {
            let whole = estate.whole.get(shape);
            // Most are as they were, so that is found out before anything is rendered.
            let is_it = |it: &Content| it.is_of(template, whole, premises);
            if self.known.get(shape).is_some_and(is_it) || self.is_back(shape, is_it) {
                continue;
            }
            let text = rendered.template_text(Engine::CloudFormation, shape);
            let text = text.expect("every template is rendered");
            let read = match whole {
                Some(whole) => Content::of_first(template, text, whole, premises),
                None if shape.contains(PART) => Content::of_other(template, text, premises),
                None => Content::of(template, text, premises),
            };
            for (name, inner) in &read.template.inner {
                let read = Content::of(inner, &cloudformation::text(inner), premises);
                self.known.insert(sets::shape(shape, name), read);
            }
            if let Some(other) = self.known.insert(shape.clone(), read) {
                let others = self.before.entry(shape.clone()).or_default();
                others.push(other);
                others.drain(..others.len().saturating_sub(VERSIONS));
            }
        }
    }

    /// Whether a template is one of those that had its name; then it is the one that is known.
    fn is_back(&mut self, shape: &str, is_it: impl Fn(&Content) -> bool) -> bool {
        let others = self.before.get_mut(shape);
        let other = others.and_then(|others| others.iter_mut().find(|other| is_it(other)));
        let Some(other) = other else { return false };
        let known = self.known.get_mut(shape).expect("it came after another");
        // What is in it is known by names of its own.
        let is_back = other.template.inner.is_empty();
        if is_back {
            std::mem::swap(known, other);
        }
        is_back
    }

    /// Each stack of an estate with what its template holds.
    pub(super) fn counted<'a>(
        &'a self,
        estate: &'a Estate,
        together: &'a Joined,
    ) -> Vec<Counted<'a>> {
        let all = estate.stacks.iter().enumerate();
        all.map(|(at, stack)| (together.get(&at).unwrap_or(stack), &self.known[&stack.shape]))
            .collect()
    }

    /// What was cut, together.
    pub fn together(&self, estate: &Estate) -> Joined {
        if self.known.values().all(|content| content.part.is_none()) {
            return Joined::new();
        }
        joined(estate, |stack| {
            let content = &self.known[&stack.shape];
            (content.itself(), content.part.as_ref().map(|_| &content.template))
        })
    }
}
