//! From a text to what it speaks of: clues are put together, and what most of them agree on comes
//! first.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::template::{Entry, Stack};
use crate::trace::Trace;
use crate::trace::clue::{Clue, clues};
use crate::value::Value;

/// How sure it is that something is meant. The surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// It is named itself, in AWS's words.
    Named,
    /// A stack, or a template, and a resource of it are named.
    Together,
    /// The address lies in it.
    Address,
    /// The name is cut or made in a way that several things could have it.
    OneOf,
    /// It is named, but whole: a stack, a tenant, a cell.
    Whole,
    /// A resource is named, in any stack of its template.
    Anywhere,
}

/// Something that a text may speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// How sure that is.
    pub sure: Sure,
    /// The stacks that it may be in, by key: one, unless only a template is known.
    pub stacks: Vec<String>,
    /// The resource, by its logical id.
    pub resource: Option<String>,
    /// Of an address, the block of the resource that it lies in.
    pub block: Option<Ipv4Net>,
    /// The words that led there.
    pub words: Vec<String>,
}

/// What a text speaks of.
#[derive(Debug, Default)]
pub struct Found {
    /// What was made, the surest first.
    pub hits: Vec<Hit>,
    /// Addresses that no stack has.
    pub addresses: Vec<Ipv4Net>,
    /// Ids that AWS gave.
    pub foreign: Vec<String>,
    /// What has the form of a name, but is none of this estate, each with what was looked for.
    pub strangers: Vec<(String, String)>,
}

impl Found {
    /// Whether nothing was found. A name that is none of this estate is nothing.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty() && self.addresses.is_empty() && self.foreign.is_empty()
    }
}

/// Looks for what a text speaks of.
pub fn find(trace: &Trace<'_>, text: &str) -> Found {
    let clues = clues(trace, text);
    let mut search = Search { trace, clues: &clues, found: Found::default() };
    search.names();
    search.resources();
    search.addresses();
    search.wholes();
    let Search { mut found, .. } = search;
    found.hits.sort_by_key(|hit| hit.sure);
    if found.hits.first().is_some_and(|hit| hit.sure == Sure::Together) {
        // The text says which of them.
        let told: BTreeSet<Option<String>> = words_of(&found.hits, Sure::Together);
        found.hits.retain(|h| h.sure != Sure::OneOf || !told.contains(&h.words.first().cloned()));
    }
    // A stack of which a resource is named needs no word of its own.
    let told: BTreeSet<String> = found
        .hits
        .iter()
        .filter(|hit| hit.sure < Sure::Whole)
        .flat_map(|hit| hit.stacks.iter().cloned())
        .collect();
    found
        .hits
        .retain(|hit| hit.sure != Sure::Whole || !hit.stacks.iter().any(|s| told.contains(s)));
    if found.hits.iter().any(|hit| hit.sure < Sure::Whole) {
        found.hits.retain(|hit| hit.sure < Sure::Whole);
    }
    found
}

/// The first words of what is that sure.
fn words_of(hits: &[Hit], sure: Sure) -> BTreeSet<Option<String>> {
    hits.iter().filter(|hit| hit.sure == sure).map(|hit| hit.words.first().cloned()).collect()
}

struct Search<'a> {
    trace: &'a Trace<'a>,
    clues: &'a [(Clue, String)],
    found: Found,
}

impl<'a> Search<'a> {
    fn put(&mut self, sure: Sure, stacks: Vec<String>, resource: Option<&str>, words: &[&str]) {
        let resource = resource.map(str::to_owned);
        let known = self.found.hits.iter().any(|h| h.stacks == stacks && h.resource == resource);
        if !known && !stacks.is_empty() {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            self.found.hits.push(Hit { sure, stacks, resource, block: None, words });
        }
    }

    /// Physical names, and ids of AWS.
    fn names(&mut self) {
        for (clue, word) in self.clues {
            match clue {
                Clue::Name(stack, id) => {
                    self.put(Sure::Named, vec![stack.clone()], Some(id), &[word]);
                }
                Clue::OneOf(stacks, id) => self.one_of(stacks, id, word),
                Clue::Foreign(id) => self.found.foreign.push(id.clone()),
                Clue::Stranger(name, why) => {
                    self.found.strangers.push((name.clone(), why.clone()));
                }
                _ => {}
            }
        }
    }

    /// A name that several things could have: those of stacks that the text names, or else all.
    fn one_of(&mut self, stacks: &[String], id: &str, word: &str) {
        let here = self.stacks();
        let told: Vec<_> = here.iter().filter(|(stack, _)| stacks.contains(&stack.key)).collect();
        for (stack, by) in &told {
            self.put(Sure::Together, vec![stack.key.clone()], Some(id), &[word, by]);
        }
        if told.is_empty() {
            self.put(Sure::OneOf, stacks.to_vec(), Some(id), &[word]);
        }
    }

    /// Logical ids: in the stacks that are named, or else in any stack of a template that has them.
    fn resources(&mut self) {
        let here = self.stacks();
        let shapes = self.of(|clue| match clue {
            Clue::Shape(shape) => Some(shape.clone()),
            _ => None,
        });
        let kinds = self.of(|clue| match clue {
            Clue::Kind(kind) => Some(kind.clone()),
            _ => None,
        });
        for (clue, word) in self.clues {
            let Clue::Resource(id) = clue else { continue };
            let fits = |stack: &Stack| {
                self.entry(stack, id)
                    .is_some_and(|e| kinds.is_empty() || kinds.iter().any(|(k, _)| *k == e.tf))
            };
            let named: Vec<(String, String)> = here
                .iter()
                .filter(|(stack, _)| fits(stack))
                .map(|(s, w)| (s.key.clone(), w.clone()))
                .collect();
            if !named.is_empty() {
                for (key, by) in named {
                    self.put(Sure::Together, vec![key], Some(id), &[word, &by]);
                }
                continue;
            }
            let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            let in_shape =
                |s: &&Stack| shapes.is_empty() || shapes.iter().any(|(n, _)| *n == s.shape);
            for stack in self.trace.made().estate.stacks.iter().filter(in_shape).filter(|s| fits(s))
            {
                groups.entry(&stack.shape).or_default().push(stack.key.clone());
            }
            let sure = if shapes.is_empty() { Sure::Anywhere } else { Sure::Together };
            for stacks in groups.into_values() {
                self.put(sure, stacks, Some(id), &[word]);
            }
        }
    }

    /// The stacks that are named, or that are of a tenant or cell that is.
    fn stacks(&self) -> Vec<(&'a Stack, String)> {
        let all = &self.trace.made().estate.stacks;
        let named: Vec<(&Stack, String)> = self
            .clues
            .iter()
            .filter_map(|(clue, word)| match clue {
                Clue::Stack(key) => Some((self.trace.stack(key)?, word.clone())),
                _ => None,
            })
            .collect();
        if !named.is_empty() {
            return named;
        }
        let mut out = Vec::new();
        for (clue, word) in self.clues {
            let belongs = |stack: &&Stack| match clue {
                Clue::Tenant(id) => stack.tenant.as_ref() == Some(id),
                Clue::Cell(id) => stack.tenant.is_none() && stack.whole().ends_with(id.as_str()),
                _ => false,
            };
            out.extend(all.iter().filter(belongs).map(|stack| (stack, word.clone())));
        }
        out
    }

    /// Addresses: the smallest block of a stack that they lie in.
    fn addresses(&mut self) {
        for (clue, word) in self.clues {
            let Clue::Address(net) = clue else { continue };
            let places = places(self.trace, *net);
            if places.is_empty() {
                self.found.addresses.push(*net);
            }
            for (stack, id, block) in places {
                self.put(Sure::Address, vec![stack], Some(&id), &[word]);
                if let Some(hit) = self.found.hits.last_mut() {
                    hit.block = Some(block);
                }
            }
        }
    }

    /// Stacks, tenants, cells, tiers and accounts.
    fn wholes(&mut self) {
        for (clue, word) in self.clues {
            let is = |stack: &&Stack| match clue {
                Clue::Stack(key) => stack.key == *key,
                Clue::Tenant(id) => stack.tenant.as_ref() == Some(id),
                Clue::Cell(id) => stack.tenant.is_none() && stack.whole().ends_with(id.as_str()),
                Clue::Tier(id) => stack.tier.as_ref() == Some(id),
                Clue::Shape(shape) => stack.shape == *shape,
                Clue::Account(account) => stack.account == *account,
                _ => false,
            };
            let stacks = self.trace.made().estate.stacks.iter().filter(is);
            let keys: Vec<String> = stacks.map(|stack| stack.key.clone()).collect();
            self.put(Sure::Whole, keys, None, &[word]);
        }
    }

    fn entry(&self, stack: &Stack, id: &str) -> Option<&'a Entry> {
        let template = &self.trace.made().estate.templates[&stack.shape];
        template.entries.iter().find(|entry| entry.id == id)
    }

    fn of<T>(&self, pick: impl Fn(&Clue) -> Option<T>) -> Vec<(T, String)> {
        self.clues.iter().filter_map(|(c, word)| Some((pick(c)?, word.clone()))).collect()
    }
}

/// The smallest block that holds an address, in every stack that makes it: the key of the stack,
/// the subnet or VPC, and its block.
fn places(trace: &Trace<'_>, net: Ipv4Net) -> Vec<(String, String, Ipv4Net)> {
    let mut found: Vec<(String, String, Ipv4Net)> = Vec::new();
    for stack in &trace.made().estate.stacks {
        let template = &trace.made().estate.templates[&stack.shape];
        for entry in template.entries.iter().filter(|e| matches!(e.tf, "aws_subnet" | "aws_vpc")) {
            let Some(Value::Param(name)) = entry.body.get("CidrBlock") else { continue };
            let value = template.param_index(name).map(|at| &stack.values[at]);
            let block = value.and_then(|value| value.parse::<Ipv4Net>().ok());
            if let Some(block) = block.filter(|block| block.contains(&net)) {
                found.push((stack.key.clone(), entry.id.clone(), block));
            }
        }
    }
    let longest = found.iter().map(|(.., block)| block.prefix_len()).max();
    found.retain(|(.., block)| Some(block.prefix_len()) == longest);
    found
}
