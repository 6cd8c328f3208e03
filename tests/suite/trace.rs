//! From what was made back to the line that says so: settings are changed one by one, and whatever
//! changes with one of them must lead back to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use tenantry::diag::Sink;
use tenantry::plan::lock;
use tenantry::source::{Kind, Node, Site, Source, Sources, Step};
use tenantry::template::Estate;
use tenantry::trace::Trace;
use tenantry::{blueprint, component, model, plan, spec};

use crate::support::{options, root, synth_blueprint};

/// The estate of a text, without holding it against schemas: only what changes is asked here.
fn wired(text: &str, locked: Option<&str>) -> Option<Estate> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let folder = root().join("blueprints");
    let mut load = |name: &str| fs::read(folder.join(name)).map_err(|error| error.to_string());
    let written = blueprint::read("b.yaml", text.as_bytes(), &mut load, &mut sources, &mut sink)?;
    let lock = match locked {
        None => plan::Lock::default(),
        Some(text) => {
            let file = sources.add(Source::new("b.lock.json", text));
            lock::read(&sources, file, &mut sink)?
        }
    };
    let spec = spec::spec(&written, &mut sink)?;
    let (plan, _) = plan::plan(&spec, &lock, &mut sink)?;
    let estate = model::estate(&spec, &plan, &mut sink)?;
    let estate = component::furnish(&spec, &plan, estate, &mut sink)?;
    (sink.errors() == 0).then_some(estate)
}

/// Every scalar of a tree, with its route.
fn leaves(node: &Node, at: &mut Vec<Step>, out: &mut Vec<(Vec<Step>, Node)>) {
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                at.push(Step::Key(key.text.clone()));
                leaves(value, at, out);
                at.pop();
            }
        }
        Kind::List(items) => {
            for (i, item) in items.iter().enumerate() {
                at.push(Step::Index(i));
                leaves(item, at, out);
                at.pop();
            }
        }
        _ => out.push((at.clone(), node.clone())),
    }
}

/// Other values that may stand in the place of one.
fn others(kind: &Kind) -> Vec<String> {
    const WORDS: [[&str; 3]; 2] = [["per-zone", "single", "none"], ["s3", "dynamodb", "s3"]];
    match kind {
        Kind::Bool(value) => vec![(!value).to_string()],
        Kind::Int(n) => [n + 1, n * 2, n - 1].iter().map(ToString::to_string).collect(),
        Kind::Text(text) => {
            let group = WORDS.iter().find(|words| words.contains(&text.as_str()));
            let words = group.into_iter().flatten().filter(|word| *word != text);
            let mut out: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
            if out.is_empty() {
                out = vec![format!("\"{text}x\""), format!("\"x{text}\"")];
            }
            out
        }
        _ => Vec::new(),
    }
}

/// A place where two estates differ: a stack, a resource of it, a property of that.
type Change = (String, Option<String>, Option<String>);

/// What differs in stacks that are in both. A resource of a shared template is named once.
fn changes(before: &Estate, after: &Estate) -> BTreeSet<Change> {
    let mut out = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let stacks: BTreeMap<&str, _> = after.stacks.iter().map(|s| (s.key.as_str(), s)).collect();
    for stack in &before.stacks {
        let Some(now) = stacks.get(stack.key.as_str()) else { continue };
        let (old, new) = (&before.templates[&stack.shape], &after.templates[&now.shape]);
        for (param, value) in old.params.iter().zip(&stack.values) {
            let at = new.param_index(&param.name);
            if at.is_some_and(|at| now.values[at] != *value) {
                out.insert((stack.key.clone(), None, Some(param.name.clone())));
            }
        }
        if !seen.insert(&stack.shape) {
            continue;
        }
        for entry in &old.entries {
            let id = Some(entry.id.clone());
            let Some(twin) = new.entries.iter().find(|e| e.id == entry.id) else {
                out.insert((stack.key.clone(), id, None));
                continue;
            };
            for (property, value) in &entry.body.properties {
                if twin.body.get(property) != Some(value) {
                    out.insert((stack.key.clone(), id.clone(), Some((*property).to_owned())));
                }
            }
        }
    }
    out
}

fn steps(site: &Site) -> &[Step] {
    match site {
        Site::Key(0, steps) | Site::Value(0, steps) => steps,
        _ => &[],
    }
}

/// How well a change leads back to a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Led {
    /// Nowhere near.
    Astray,
    /// To a block that it stands in, or to it among others.
    Near,
    /// To it first of all.
    Exactly,
}

fn led(trace: &Trace<'_>, change: &Change, route: &[Step]) -> Led {
    let (stack, resource, property) = change;
    let chain = trace.chain(stack, resource.as_deref(), property.as_deref());
    let of = |site: &Site| {
        let at = steps(site);
        !at.is_empty() && (route.starts_with(at) || at.starts_with(route))
    };
    match chain.first().map(|origin| steps(&origin.site)) {
        // The whole block of a tier, component or tenant says too little.
        Some(at) if at == route || (route.starts_with(at) && at.len() > 2) => Led::Exactly,
        _ if chain.iter().any(|origin| of(&origin.site)) => Led::Near,
        _ => Led::Astray,
    }
}

/// What a component says of what others made follows them, and leads to the component.
const FOLLOWS: [&str; 4] = ["Dashboard", "ArchivePolicy", "RecordsPolicy", "DeployPolicy"];

/// Blueprints whose settings are changed one by one.
const TRIED: [&str; 3] = ["component-protection.yaml", "container-ec2.yaml", "full.yaml"];

#[test]
fn what_changes_with_a_setting_leads_back_to_it() {
    let (mut tally, mut astray) = (BTreeMap::<Led, usize>::new(), Vec::new());
    for name in TRIED {
        let text = fs::read_to_string(root().join("blueprints").join(name)).expect("a blueprint");
        let stem = name.rsplit_once('.').expect("an ending").0;
        let locked = root().join(format!("blueprints/{stem}.lock.json"));
        let locked = fs::read_to_string(locked).ok();
        let outcome = synth_blueprint(name, options());
        let trace = Trace::new(&outcome.sources, outcome.made.as_ref().expect("it is sound"));
        let mut settings = Vec::new();
        let tree = outcome.sources.get(0).root.as_ref().expect("a tree");
        leaves(tree, &mut Vec::new(), &mut settings);
        let before = wired(&text, locked.as_deref()).expect("it is sound");
        for (route, node) in settings {
            let tried = others(&node.kind).into_iter().find_map(|other| {
                let mut now = text.clone();
                now.replace_range(node.span.clone(), &other);
                let found = changes(&before, &wired(&now, locked.as_deref())?);
                (!found.is_empty()).then_some(found)
            });
            for change in tried.into_iter().flatten() {
                let how = led(&trace, &change, &route);
                *tally.entry(how).or_default() += 1;
                let follows = |id: &String| FOLLOWS.contains(&id.as_str());
                if how == Led::Astray && !change.1.as_ref().is_some_and(follows) {
                    astray.push(format!("{name}: {route:?} changed {change:?}"));
                }
            }
        }
    }
    assert!(astray.is_empty(), "{}", astray.join("\n"));
    let all: usize = tally.values().sum();
    assert!(all > 150, "enough was changed: {tally:?}");
    assert!(tally[&Led::Exactly] * 3 > all * 2, "most lead to the very setting: {tally:?}");
}
