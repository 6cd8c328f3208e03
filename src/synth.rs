//! The whole way through, as one pure function: text in, artifacts and diagnostics out. Every
//! command runs this and looks at one field.

use std::collections::BTreeMap;

use crate::blueprint::read::Load;
use crate::check::quota::Use;
use crate::diag::{Diagnostic, Sink};
use crate::engine::{Options, Rendered};
use crate::plan::{Lock, Plan, lock};
use crate::prove::proof::Proof;
use crate::prove::read::Trouble;
use crate::source::{Site, Source, Sources};
use crate::spec::{Spec, Tenant};
use crate::template::Estate;
use crate::{blueprint, check, component, model, plan, prove, spec, split, weigh};

/// What is synthesised, and how.
pub struct Request<'a> {
    /// The name of the blueprint, as diagnostics show it.
    pub name: &'a str,
    /// Its bytes.
    pub blueprint: &'a [u8],
    /// The name and text of its lock, if there is one.
    pub lock: Option<(&'a str, &'a [u8])>,
    /// Whether a change of the lock is refused.
    pub locked: bool,
    /// How it is written.
    pub options: Options,
    /// The tenants to write, with all that they depend on; all, if there are none.
    pub tenants: &'a [String],
}

/// What came of it. Without errors, everything is there.
#[derive(Clone)]
pub struct Outcome {
    /// The texts that were read, for the places of diagnostics.
    pub sources: Sources,
    /// Everything that there is to say.
    pub sink: Sink,
    /// What was made, if nothing was wrong.
    pub made: Option<Made>,
    /// What would be made if no gate stood in its way, where nothing else does, without the tenants that
    /// found no place: to count it, never to write it.
    pub stopped: Option<Made>,
}

/// An estate, ready to be written.
#[derive(Clone)]
pub struct Made {
    /// As meant.
    pub spec: Spec,
    /// As decided.
    pub plan: Plan,
    /// As wired.
    pub estate: Estate,
    /// What the whole estate uses of each quota.
    pub uses: Vec<Use>,
    /// The tenants that found no place, sorted by id, of what a gate stopped.
    pub unplaced: Vec<Tenant>,
    /// How it is written.
    pub options: Options,
    /// Every decision, old and new.
    pub decisions: Lock,
    /// The text of the lock, with every decision.
    pub lock: String,
    /// Whether that is another text than before.
    pub lock_changed: bool,
}

impl Made {
    /// The estate with its templates laid out.
    pub fn render(&self) -> Rendered<'_> {
        Rendered::new(&self.spec, &self.estate, &self.options)
    }

    /// Everything that would be written: text by path.
    pub fn files(&self) -> BTreeMap<String, String> {
        let rendered = self.render();
        let stacks = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
        let all = rendered.shared().into_iter().chain(stacks);
        all.map(|file| (file.path, file.text)).collect()
    }

    /// Proves what would be written, from its text.
    pub fn prove(&self) -> Result<Vec<Proof>, Vec<Trouble>> {
        prove::prove(&self.files())
    }

    /// What a proof complains of: the first of what is reachable, and each statement that is broken.
    pub fn complaints(&self, proofs: &[Proof]) -> Vec<Diagnostic> {
        const SHOWN: usize = 20;
        let mut out = Vec::new();
        for proof in proofs {
            let engine = proof.engine.id();
            for found in proof.reachable.iter().take(SHOWN) {
                let message = format!("{engine}: {} → {}: {}", found.from, found.to, found.what);
                out.push(prove::rule::REACHABLE.at(Site::File(0), message));
            }
            let statements = self.spec.statements.iter().zip(&proof.statements);
            for (statement, held) in statements.filter(|(_, held)| !held.holds) {
                let message = format!("{engine}: {}, but {}", held.text, held.instead());
                out.push(prove::rule::STATEMENT.at(statement.site.clone(), message));
            }
        }
        out
    }
}

/// What is known besides the blueprint, and changes what it means before anything is decided.
pub type Besides<'a> = dyn FnMut(&mut Spec, &mut Sources, &mut Sink) + 'a;

/// Synthesises an estate. `load` gives the bytes of the tenant files that the blueprint names.
pub fn synth(request: &Request<'_>, load: &mut Load<'_>) -> Outcome {
    synth_besides(request, load, &mut |_, _, _| {})
}

/// The same, with what is known besides the blueprint.
pub fn synth_besides(
    request: &Request<'_>,
    load: &mut Load<'_>,
    besides: &mut Besides<'_>,
) -> Outcome {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let made = stages(request, load, besides, &mut sources, &mut sink);
    let made = made.filter(|_| sink.only_gates_since(0));
    let (made, stopped) = if sink.errors() == 0 { (made, None) } else { (None, made) };
    Outcome { sources, sink, made, stopped }
}

fn stages(
    request: &Request<'_>,
    load: &mut Load<'_>,
    besides: &mut Besides<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Made> {
    let written = blueprint::read(request.name, request.blueprint, load, sources, sink);
    let lock = read_lock(request, sources, sink);
    let mut written = written?;
    if let Some(lock) = &lock {
        written.began = lock.home_region(&written.blueprint.regions).cloned();
    }
    let mut spec = spec::spec(&written, sink)?;
    if !written.can_be_decided() {
        return None;
    }
    let errors = sink.errors();
    besides(&mut spec, sources, sink);
    spec::judge(&spec, sink);
    if sink.errors() > errors {
        return None;
    }
    let mut before = lock?;
    if !written.is_named() {
        before.estate.clear();
    }
    plan::settle(&mut spec, &before);
    let errors = sink.errors();
    let counter = &mut check::quota::Counter::default();
    let (plan, mut decisions) = weigh::decide(&spec, &before, counter, sink)?;
    let stopped = sink.errors() > errors;
    let placed = |id: &String| plan.tenants.contains_key(id);
    let unplaced = spec.tenants.values().filter(|it| !placed(&it.id)).cloned().collect();
    spec.tenants.retain(|id, _| placed(id));
    let estate = build(&spec, &plan, &before, &mut decisions, sink);
    let (lock, old) = (decisions.render(), request.lock.map(|(_, text)| text));
    let lock_changed = old != Some(lock.as_bytes());
    if request.locked && lock_changed && !stopped {
        let aged = before.home.as_ref().is_none_or(|home| home.region.is_none());
        sink.push(locked_out(&plan, old.is_none(), aged));
    }
    let mut estate = estate?;
    check::quota::judge::places(&spec, &decisions, sink);
    let uses = counter.count(&spec, &estate);
    // What placement met already is told with more than its number.
    if sink.errors() == 0 {
        check::quota::judge::judge(&uses, &spec, &estate, counter, sink);
    }
    let mut options = request.options.clone();
    if !request.tenants.is_empty() && !stopped {
        options.partial = true;
        select(&mut estate, request.tenants, sink);
    }
    let made = Made { spec, plan, estate, uses, unplaced, options, decisions, lock, lock_changed };
    check::check(&made.estate, &made.render(), &made.options, sink);
    Some(made)
}

/// Everything that is deployed, no stack of it larger than it may be where that can be helped.
fn build(
    spec: &Spec,
    plan: &Plan,
    before: &Lock,
    decisions: &mut Lock,
    sink: &mut Sink,
) -> Option<Estate> {
    let estate = model::estate(spec, plan, sink)?;
    let mut estate = component::furnish(spec, plan, estate, sink)?;
    split::cut(spec, before, &mut estate).put(decisions);
    model::identity::check(spec, &estate, sink).then_some(estate)
}

/// The lock; an empty one if there is none; `None` if it cannot be trusted.
fn read_lock(request: &Request<'_>, sources: &mut Sources, sink: &mut Sink) -> Option<Lock> {
    let Some((name, text)) = request.lock else { return Some(Lock::default()) };
    let Ok(text) = std::str::from_utf8(text) else {
        let file = sources.add(Source::new(name, String::from_utf8_lossy(text)));
        sink.push(plan::rule::LOCK_SYNTAX.at(Site::File(file), "the lock is not UTF-8"));
        return None;
    };
    let file = sources.add(Source::new(name, text));
    lock::read(sources, file, sink)
}

fn locked_out(plan: &Plan, missing: bool, aged: bool) -> Diagnostic {
    let news = &plan.news;
    let list = |word: &str, ids: &[String]| match ids {
        [] => None,
        [one] => Some(format!("{word} {one}")),
        [one, rest @ ..] => Some(format!("{word} {one} and {} more", rest.len())),
    };
    let parts = [
        list("adds", &news.added),
        list("removes", &news.removed),
        list("moves", &news.moved),
        list("opens cell", &news.opened),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let what = match (missing, parts.is_empty()) {
        (true, _) => "there is no lock yet".to_owned(),
        (false, true) if aged => "the lock is of an older version, and does not say where the \
             estate began"
            .to_owned(),
        (false, true) => "the blueprint changes the lock".to_owned(),
        (false, false) => format!("the blueprint changes the lock: it {}", parts.join(", ")),
    };
    plan::rule::LOCK_CHANGES.at(Site::File(0), what)
}

/// Keeps the stacks of some tenants and what they depend on.
fn select(estate: &mut Estate, tenants: &[String], sink: &mut Sink) {
    let known = |id: &String| estate.stacks.iter().any(|s| s.tenant.as_ref() == Some(id));
    for id in tenants.iter().filter(|id| !known(id)) {
        let ids = estate.stacks.iter().filter_map(|s| s.tenant.as_deref());
        let complaint =
            spec::rule::TENANT_UNKNOWN.at(Site::File(0), format!("there is no tenant {id:?}"));
        sink.push(match crate::name::nearest(id, ids) {
            Some(near) => complaint.help(format!("did you mean `{near}`?")),
            None => complaint,
        });
    }
    let mut keep = std::collections::BTreeSet::new();
    // Dependencies stand before what depends on them.
    for stack in estate.stacks.iter().rev() {
        if stack.tenant.as_ref().is_some_and(|id| tenants.contains(id)) || keep.contains(&stack.key)
        {
            keep.insert(stack.key.clone());
            keep.extend(stack.depends_on.iter().cloned());
        }
    }
    estate.stacks.retain(|stack| keep.contains(&stack.key));
    let shapes: std::collections::BTreeSet<&str> =
        estate.stacks.iter().map(|s| s.shape.as_str()).collect();
    estate.templates.retain(|shape, _| shapes.contains(shape.as_str()));
}
