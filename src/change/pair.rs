//! Two templates, compared once: what is in one only, which properties say something else, and which
//! could if the values of a stack do. What one stack makes of it is then a few looks at values.

use std::collections::BTreeSet;

use crate::change::force::{Force, force, is_versioned};
use crate::change::leaf::{Leaf, Part};
use crate::change::shape::{Resource, Shape};
use crate::change::side::Half;

/// Two templates of one engine. One of them may be missing: then everything comes, or goes.
#[derive(Debug)]
pub struct Pair<'a> {
    /// The earlier one.
    pub base: &'a Shape,
    /// The later one.
    pub head: &'a Shape,
    /// Whether they are not the same text.
    pub differ: bool,
    /// Their resources, those of both and those of one of them.
    pub both: Vec<Twin<'a>>,
    /// Which properties name which resources: resource, property, resource that is named, attribute.
    names: Vec<(usize, usize, usize, &'a str)>,
    /// What other stacks can read: the resource, and the property that holds the path.
    told: Vec<(usize, &'a Leaf)>,
}

/// A resource on both sides.
#[derive(Debug)]
pub struct Twin<'a> {
    /// Its name in `snake_case`, in the later template if it is there.
    pub id: &'a str,
    /// As it was.
    pub base: Option<&'a Resource>,
    /// As it will be.
    pub head: Option<&'a Resource>,
    /// Its name in `snake_case` before, if it was another.
    pub renamed: Option<&'a str>,
    /// Its properties, without those that are the same whatever the stack.
    pub leaves: Vec<LeafPair<'a>>,
}

/// A property on both sides.
#[derive(Debug)]
pub struct LeafPair<'a> {
    /// Its path.
    pub path: &'a str,
    /// As it was.
    pub base: Option<&'a Leaf>,
    /// As it will be.
    pub head: Option<&'a Leaf>,
    /// Whether both say the same of the parameters.
    same: bool,
    /// The parameters of the later template that it holds.
    params: Vec<usize>,
    /// The outermost object or item on the way to it that one side does not have.
    pub missing: Option<&'a str>,
    /// What a change of it does.
    pub force: Force,
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed where it is.
    Update,
    /// A new version is made beside the old one.
    Revise,
    /// It is changed where it is, or replaced: AWS's schema does not tell.
    MayReplace,
    /// A new one takes its place.
    Replace,
    /// It goes.
    Delete,
}

impl Action {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Revise => "revise",
            Action::MayReplace => "may-replace",
            Action::Replace => "replace",
            Action::Delete => "delete",
        }
    }
}

/// A resource that changes in a stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its number in the pair.
    pub twin: usize,
    /// What happens to it.
    pub action: Action,
    /// The properties that change, by number, and the resource that a change comes from, if it comes
    /// from one.
    pub leaves: Vec<(usize, Option<usize>)>,
}

impl<'a> Pair<'a> {
    /// Compares two templates.
    pub fn new(base: &'a Shape, head: &'a Shape) -> Self {
        let differ = base.digest != head.digest || base.params != head.params;
        let mut pair =
            Pair { base, head, differ, both: Vec::new(), names: Vec::new(), told: Vec::new() };
        let ids: BTreeSet<&str> =
            base.resources.keys().chain(head.resources.keys()).map(String::as_str).collect();
        for id in ids {
            let twin = pair.twin(id, base.resources.get(id), head.resources.get(id));
            pair.both.push(twin);
        }
        pair.find_kept();
        pair.find_renamed();
        pair.index();
        pair
    }

    /// What the engine is told was called otherwise before is what it was.
    fn find_kept(&mut self) {
        let head = self.head;
        for (new, old) in &head.was {
            let at = |id: &str| self.both.iter().position(|twin| twin.id == id);
            let (Some(new), Some(old)) = (at(new), at(old)) else { continue };
            let (is, was) = (&self.both[new], &self.both[old]);
            if let (None, None, Some(base), Some(head)) = (is.base, was.head, was.base, is.head)
                && base.kind == head.kind
            {
                self.both[new] = self.twin(is.id, Some(base), Some(head));
                self.both.remove(old);
            }
        }
    }

    fn twin(
        &self,
        id: &'a str,
        base: Option<&'a Resource>,
        head: Option<&'a Resource>,
    ) -> Twin<'a> {
        let mut leaves = Vec::new();
        if let (Some(base), Some(head)) = (base, head) {
            let paths: BTreeSet<&String> = base.leaves.keys().chain(head.leaves.keys()).collect();
            let pair = |path| self.leaf(path, base, head);
            leaves = paths.into_iter().filter_map(|path| pair(path)).collect();
        }
        Twin { id, base, head, renamed: None, leaves }
    }

    /// A property on both sides, unless it is the same whatever the stack.
    fn leaf(&self, path: &'a str, base: &'a Resource, head: &'a Resource) -> Option<LeafPair<'a>> {
        let (was, is) = (base.leaves.get(path), head.leaves.get(path));
        let same = match (was, is) {
            (Some(was), Some(is)) => was.says(&self.base.params, is, &self.head.params),
            _ => false,
        };
        if same && matches!(is, Some(Leaf::Plain(_))) {
            return None;
        }
        let mut params = Vec::new();
        if let Some(is) = is {
            is.each(&mut |part| {
                if let Part::Param(at) = part {
                    params.push(*at);
                }
            });
        }
        let missing = match (was, is) {
            (None, _) => missing(path, base),
            (_, None) => missing(path, head),
            _ => None,
        };
        let force = force(self.head.engine, &head.kind, path, missing);
        Some(LeafPair { path, base: was, head: is, same, params, missing, force })
    }

    /// What is in one template only, but with all properties of something that is in the other only, was
    /// renamed: for the engine, the old one goes and a new one comes.
    fn find_renamed(&mut self) {
        let gone: Vec<usize> = self.only(|twin| twin.head.is_none());
        let mut taken = BTreeSet::new();
        for new in self.only(|twin| twin.base.is_none()) {
            let Some(head) = self.both[new].head else { continue };
            let alike = |old: &&usize| {
                let base = self.both[**old].base.expect("it is gone, so it was there");
                !taken.contains(*old) && self.alike(base, head)
            };
            if let Some(old) = gone.iter().find(alike).copied() {
                taken.insert(old);
                self.both[new].renamed = Some(self.both[old].id);
                self.both[new].base = self.both[old].base;
            }
        }
        let mut at = 0;
        self.both.retain(|_| {
            at += 1;
            !taken.contains(&(at - 1))
        });
    }

    fn only(&self, which: impl Fn(&Twin<'_>) -> bool) -> Vec<usize> {
        (0..self.both.len()).filter(|at| which(&self.both[*at])).collect()
    }

    /// Whether two resources are the same but for their names.
    fn alike(&self, base: &Resource, head: &Resource) -> bool {
        let count = |of: &Resource| of.leaves.keys().filter(|path| !is_name_tag(path)).count();
        let says = |(path, was): (&String, &Leaf)| {
            is_name_tag(path)
                || head
                    .leaves
                    .get(path)
                    .is_some_and(|is| was.says(&self.base.params, is, &self.head.params))
        };
        base.kind == head.kind
            && !base.leaves.is_empty()
            && count(base) == count(head)
            && base.leaves.iter().all(says)
    }

    fn index(&mut self) {
        let number = |id: &str| self.both.iter().position(|twin| twin.id == id);
        let mut names = Vec::new();
        for (at, twin) in self.both.iter().enumerate() {
            for (leaf, pair) in twin.leaves.iter().enumerate() {
                let Some(head) = pair.head else { continue };
                head.each(&mut |part| {
                    if let Part::Thing(id, asked) = part
                        && let Some(of) = number(id)
                    {
                        names.push((at, leaf, of, asked.as_str()));
                    }
                });
            }
        }
        self.names = names;
        let tells = |(at, twin): (usize, &Twin<'a>)| {
            let head = twin.head?;
            let path = head.leaves.get("Name").or_else(|| head.leaves.get("name"))?;
            matches!(head.kind.as_str(), "AWS::SSM::Parameter" | "aws_ssm_parameter")
                .then_some((at, path))
        };
        self.told = self.both.iter().enumerate().filter_map(tells).collect();
    }

    /// What changes in a stack. `moved` has the paths of values that others have changed; what this one
    /// changes is added.
    pub fn judge(&self, base: &Half, head: &Half, moved: &mut BTreeSet<String>) -> Vec<Found> {
        let changed = self.changed_params(base, head, moved);
        if !self.differ && changed.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<Option<Found>> = Vec::new();
        for (at, twin) in self.both.iter().enumerate() {
            found.push(self.judge_twin(at, twin, base, head, &changed));
        }
        self.spread(&mut found);
        let found: Vec<Found> = found.into_iter().flatten().collect();
        for (at, path) in &self.told {
            let value =
                |f: &Found| f.twin == *at && (f.action != Action::Update || self.changes_value(f));
            if found.iter().any(value)
                && let Some(path) = path.fill(&head.values).as_str()
            {
                moved.insert(path.to_owned());
            }
        }
        found
    }

    fn changes_value(&self, found: &Found) -> bool {
        let leaves = &self.both[found.twin].leaves;
        found.leaves.iter().any(|(leaf, _)| matches!(leaves[*leaf].path, "Value" | "value"))
    }

    /// The parameters of the later template that have other values than in the earlier one.
    fn changed_params(
        &self,
        base: &Half,
        head: &Half,
        moved: &BTreeSet<String>,
    ) -> BTreeSet<usize> {
        let same_order = self.base.params == self.head.params;
        let differs = |at: &usize| {
            let name = &self.head.params[*at];
            let before = if same_order {
                Some(*at)
            } else {
                self.base.params.iter().position(|param| param == name)
            };
            let (was, is) = (before.and_then(|b| base.values.get(b)), head.values.get(*at));
            let read = head.imported.get(*at) == Some(&true);
            was != is || read && is.is_some_and(|path| moved.contains(path))
        };
        (0..self.head.params.len()).filter(differs).collect()
    }

    fn judge_twin(
        &self,
        at: usize,
        twin: &Twin<'_>,
        base: &Half,
        head: &Half,
        changed: &BTreeSet<usize>,
    ) -> Option<Found> {
        let only = |action| Some(Found { twin: at, action, leaves: Vec::new() });
        match (twin.base, twin.head) {
            (_, None) => return only(Action::Delete),
            (None, _) => return only(Action::Create),
            (Some(was), Some(is)) if was.kind != is.kind || twin.renamed.is_some() => {
                return only(Action::Replace);
            }
            _ => {}
        }
        let differs = |leaf: &LeafPair<'_>| {
            if leaf.same {
                leaf.params.iter().any(|param| changed.contains(param))
            } else {
                let fill = |leaf: Option<&Leaf>, half: &Half| leaf.map(|l| l.fill(&half.values));
                fill(leaf.base, base) != fill(leaf.head, head)
            }
        };
        let leaves = twin.leaves.iter().enumerate();
        let leaves: Vec<(usize, Option<usize>)> =
            leaves.filter(|(_, leaf)| differs(leaf)).map(|(at, _)| (at, None)).collect();
        if leaves.is_empty() { None } else { Some(self.found(at, leaves)) }
    }

    fn found(&self, twin: usize, leaves: Vec<(usize, Option<usize>)>) -> Found {
        let of = &self.both[twin];
        let force = leaves.iter().map(|(leaf, _)| of.leaves[*leaf].force).max();
        let versioned = of.head.is_some_and(|head| is_versioned(&head.kind));
        let action = match force {
            Some(Force::Replace) if versioned => Action::Revise,
            Some(Force::Replace | Force::Refused) => Action::Replace,
            Some(Force::Sometimes) => Action::MayReplace,
            _ => Action::Update,
        };
        Found { twin, action, leaves }
    }

    /// A thing that is replaced is another one for all that name it.
    fn spread(&self, found: &mut [Option<Found>]) {
        loop {
            let mut more = false;
            for (twin, leaf, of, asked) in &self.names {
                let fresh = found[*of].as_ref().is_some_and(|f| is_fresh(f.action, asked));
                let known = found[*twin].as_ref().is_some_and(|f| {
                    !matches!(
                        f.action,
                        Action::Update | Action::MayReplace | Action::Replace | Action::Revise
                    ) || f.leaves.iter().any(|(l, _)| l == leaf)
                });
                if fresh && !known && twin != of {
                    let mut leaves = found[*twin].take().map_or_else(Vec::new, |f| f.leaves);
                    leaves.push((*leaf, Some(*of)));
                    leaves.sort_unstable();
                    found[*twin] = Some(self.found(*twin, leaves));
                    more = true;
                }
            }
            if !more {
                return;
            }
        }
    }
}

/// Whether what is asked of a resource is something else after a change of it.
fn is_fresh(action: Action, asked: &str) -> bool {
    let version = matches!(asked, "LatestVersionNumber" | "latest_version");
    match action {
        Action::Replace | Action::Revise => true,
        Action::Update | Action::MayReplace => version,
        Action::Create | Action::Delete => false,
    }
}

/// The outermost object or item on the way to a property that a side does not have.
fn missing<'p>(path: &'p str, resource: &Resource) -> Option<&'p str> {
    let ends = path.match_indices(['.', '[']).map(|(at, _)| at);
    let items = path.match_indices(']').map(|(at, _)| at + 1);
    let mut ends: Vec<usize> = ends.chain(items).filter(|at| *at < path.len()).collect();
    ends.sort_unstable();
    let there = |object: &str| {
        let below = |other: &String| {
            let rest = other.strip_prefix(object);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        resource.leaves.keys().any(below)
    };
    ends.into_iter().map(|at| &path[..at]).find(|object| !there(object))
}

/// The tag that shows the name of a resource.
pub fn is_name_tag(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.ends_with("tags[name]")
        || path.ends_with("tags.name")
        || path.starts_with("tag[name]")
        || path.ends_with("tags[name].propagateatlaunch")
}
