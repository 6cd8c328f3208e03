//! Every blueprint, stage by stage: what was decided, and what each engine makes of it. The
//! snapshots are outlines that a person reads; one stack is kept whole.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;
use tenantry::diag::Sink;
use tenantry::engine::{Engine, Rendered};
use tenantry::model;
use tenantry::synth::Made;
use tenantry::view::outline;

use crate::support::{blueprints, options, snapshot, synth_blueprint};

fn made(name: &str) -> Made {
    let outcome = synth_blueprint(name, options());
    assert!(outcome.sink.is_empty(), "{name}: {:?}", outcome.sink.as_slice());
    outcome.made.expect("it is sound")
}

#[test]
fn what_was_decided() {
    for name in blueprints() {
        let made = made(&name);
        let text =
            format!("{}\n{}", outline::address_plan(&made, usize::MAX), outline::stacks(&made));
        snapshot("plan", &name, &text);
    }
}

/// The lock of every blueprint is committed and holds every decision.
#[test]
fn the_locks_are_current() {
    for name in blueprints() {
        assert!(
            !made(&name).lock_changed,
            "the lock of {name} is stale: run `tenantry synth blueprints/{name}`"
        );
    }
}

#[test]
fn templates() {
    for name in blueprints() {
        let outline = outline(&made(&name), Engine::CloudFormation, |template, out| {
            for (id, resource) in template["Resources"].as_object().expect("resources") {
                let kind = resource["Type"].as_str().expect("a type").trim_start_matches("AWS::");
                let mut body = resource.get("Properties").cloned().unwrap_or(Value::Null);
                let tags = take(&mut body, "Tags");
                let after = resource
                    .get("DependsOn")
                    .map_or(String::new(), |d| format!(" after {}", brief(d)));
                let keep = if resource.get("DeletionPolicy").is_some() { " kept" } else { "" };
                let inner = body.as_object_mut().and_then(|body| body.remove("TemplateBody"));
                let _ = writeln!(out, "  {id}: {kind}{tags}{keep}{after} {}", brief(&body));
                if let Some(text) = inner {
                    carried(text.as_str().expect("a template as text"), out);
                }
            }
        });
        snapshot("templates", &name, &outline);
    }
}

/// A template that another one carries as text.
fn carried(text: &str, out: &mut String) {
    let inner: Value = serde_json::from_str(text).expect("JSON");
    for (id, resource) in inner["Resources"].as_object().expect("resources") {
        let kind = resource["Type"].as_str().expect("a type").trim_start_matches("AWS::");
        let mut body = resource["Properties"].clone();
        let tags = take(&mut body, "Tags");
        let _ = writeln!(out, "    {id}: {kind}{tags} {}", brief(&body));
    }
}

#[test]
fn terraform() {
    for name in blueprints() {
        let outline = outline(&made(&name), Engine::Terraform, |module, out| {
            for (kind, blocks) in module["resource"].as_object().expect("resources") {
                for (id, block) in blocks.as_object().expect("blocks") {
                    let mut body = block.clone();
                    let tags = take(&mut body, "tags");
                    // `templates` shows what is in it.
                    let _ = take(&mut body, "template_body");
                    let _ = writeln!(out, "  {kind}.{id}{tags} {}", brief(&body));
                }
            }
        });
        snapshot("terraform", &name, &outline);
    }
}

fn outline(made: &Made, engine: Engine, of: impl Fn(&Value, &mut String)) -> String {
    let rendered = made.render();
    let lines = |rendered: &Rendered<'_>, shape: &str| {
        let text = rendered.template_text(engine, shape).expect("it was rendered");
        let mut out = String::new();
        of(&serde_json::from_str(text).expect("JSON"), &mut out);
        out
    };
    // What models make is in the outlines of their own blueprints: with components, only what
    // these add or change is shown.
    let with_components = made.spec.has_components();
    let bare = model::estate(&made.spec, &made.plan, &mut Sink::default()).expect("it is sound");
    let bare = Rendered::new(&made.spec, &bare, &made.options);
    let mut out = String::new();
    for shape in made.estate.templates.keys() {
        let now = lines(&rendered, shape);
        let known = with_components && bare.has(shape);
        let before = if known { lines(&bare, shape) } else { String::new() };
        let before: BTreeSet<&str> = before.lines().collect();
        let news: Vec<&str> = now.lines().filter(|line| !before.contains(line)).collect();
        if !news.is_empty() {
            let _ = writeln!(out, "{shape}:\n{}\n", news.join("\n"));
        }
    }
    out
}

/// Takes the tags out: they are the same everywhere, and `models.rs` holds that they are there.
fn take(body: &mut Value, key: &str) -> &'static str {
    match body.as_object_mut().and_then(|map| map.remove(key)) {
        Some(_) => " #",
        None => "",
    }
}

/// A value on one line, in the words of the template: references without their wrapping.
fn brief(value: &Value) -> String {
    let all = |items: &[Value]| items.iter().map(brief).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", all(items)),
        Value::Object(map) => match map.iter().next() {
            Some((key, target)) if map.len() == 1 && key == "Ref" => format!("@{}", brief(target)),
            Some((key, target)) if map.len() == 1 && key == "Fn::GetAtt" => {
                format!("@{}.{}", brief(&target[0]), brief(&target[1]))
            }
            Some((key, target)) if map.len() == 1 && key == "Fn::Join" => {
                target[1].as_array().expect("parts").iter().map(brief).collect::<String>()
            }
            _ => {
                let pairs: Vec<String> =
                    map.iter().map(|(k, v)| format!("{k}={}", brief(v))).collect();
                format!("{{{}}}", pairs.join(" "))
            }
        },
        other => other.to_string(),
    }
}

/// One stack whole, shared and inline, so that a change of form is seen as users see it.
#[test]
fn a_stack_whole() {
    for (inline, name) in [(false, "foundation-shared"), (true, "foundation-inline")] {
        let mut options = options();
        options.inline = inline;
        let outcome = synth_blueprint("quickstart.yaml", options);
        let made = outcome.made.expect("it is sound");
        let (rendered, mut out) = (made.render(), String::new());
        let shared = rendered.shared();
        let shared = shared.iter().filter(|file| file.path.contains("foundation"));
        let stack = rendered.stack(&made.estate.stacks[0]);
        for file in shared.chain(&stack) {
            let _ = writeln!(out, "--- {}\n{}", file.path, file.text);
        }
        snapshot("whole", name, &out);
    }
}
