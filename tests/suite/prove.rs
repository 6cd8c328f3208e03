//! What a proof reads, and what it says: over rendered folders only.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::name::snake;
use tenantry::prove::read::{DEFAULT_GROUP, Deployed, Engine, Thing};

use crate::support::{blueprints, options, synth_blueprint};

/// The rendered folder of a blueprint of the repository, for both engines.
pub fn rendered(name: &str) -> BTreeMap<String, String> {
    let made = synth_blueprint(name, options()).made.expect("it is sound");
    let rendered = made.render();
    let mut out = BTreeMap::new();
    for artifact in rendered.shared() {
        out.insert(artifact.path, artifact.text);
    }
    for stack in rendered.stacks() {
        out.extend(rendered.stack(stack).into_iter().map(|file| (file.path, file.text)));
    }
    out
}

/// Hands over every thing of a rendered folder, whatever its type.
pub fn things(files: &BTreeMap<String, String>, engine: Engine, take: &mut dyn FnMut(&Thing<'_>)) {
    let deployed = Deployed::read(files, engine, &|_| true).expect("it can be read");
    assert_eq!(deployed.troubles, [], "everything is read");
    deployed.each(take);
}

/// Every value is followed to where it comes from.
#[test]
fn nothing_stays_unknown() {
    for name in blueprints() {
        let files = rendered(&name);
        let deployed = Deployed::read(&files, Engine::CloudFormation, &|_| true).expect("read");
        assert_eq!(deployed.unknown(), [], "{name}");
        things(&files, Engine::CloudFormation, &mut |thing| {
            let text = thing.properties.to_string();
            assert!(!text.contains("?{"), "{name} {}: {text}", thing.token());
        });
    }
}

/// What both engines say of a thing: its type, whose it is, where, and its properties, with names as
/// Terraform writes them.
type Said = BTreeMap<String, (String, Vec<String>, BTreeMap<String, String>)>;

fn said(files: &BTreeMap<String, String>, engine: Engine) -> Said {
    let mut out = Said::new();
    things(files, engine, &mut |thing| {
        let mut flat = BTreeMap::new();
        flatten(&thing.properties, String::new(), &mut flat);
        for (key, value) in &thing.tags {
            flat.insert(format!("/Tags/{key}"), plain(value));
        }
        let place = vec![
            thing.tenant.unwrap_or_default().to_owned(),
            thing.account.to_owned(),
            thing.region.to_owned(),
        ];
        let name = plain(&thing.token());
        let name = if thing.kind == DEFAULT_GROUP {
            format!(
                "default group of {}",
                plain(thing.properties["VpcId"].as_str().expect("a VPC"))
            )
        } else {
            name
        };
        out.insert(name, (thing.kind.to_owned(), place, flat));
    });
    out
}

fn flatten(value: &Value, at: String, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, item)| flatten(item, format!("{at}/{key}"), out));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(i, item)| flatten(item, format!("{at}/{i}"), out));
        }
        Value::String(text) => {
            out.insert(at, plain(text));
        }
        other => {
            out.insert(at, other.to_string());
        }
    }
}

/// References with names as Terraform writes them, without its types.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let Some(slash) = rest.find('/') else { continue };
        out.push_str(&rest[..=slash]);
        rest = &rest[slash + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (id, after) = rest.split_at(end);
        if id.starts_with("aws_") {
            let name = after.strip_prefix('.').expect("an address");
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (name, after) = name.split_at(end.unwrap_or(name.len()));
            out.push_str(name);
            rest = after;
        } else {
            out.push_str(&snake(id));
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[test]
fn both_engines_say_the_same() {
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for name in blueprints() {
        let files = rendered(&name);
        let deployed = Deployed::read(&files, Engine::Terraform, &|_| true).expect("read");
        assert_eq!(deployed.unknown(), [], "{name}");
        let (one, other) = (said(&files, Engine::CloudFormation), said(&files, Engine::Terraform));
        let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for key in keys {
            let mut note = |what: String, text: String| {
                found.entry(what).or_insert((0, format!("{name} {key}: {text}"))).0 += 1;
            };
            let (a, b) = match (one.get(key), other.get(key)) {
                (Some(a), Some(b)) => (a, b),
                (Some(a), None) => {
                    note(format!("only cfn {}", a.0), String::new());
                    continue;
                }
                (None, Some(b)) => {
                    note(format!("only tf {}", b.0), String::new());
                    continue;
                }
                _ => continue,
            };
            if (&a.0, &a.1) != (&b.0, &b.1) {
                note(format!("place {}", a.0), format!("{:?} {:?}", a.1, b.1));
            }
            let fields: std::collections::BTreeSet<&String> =
                a.2.keys().chain(b.2.keys()).collect();
            for field in fields {
                let (x, y) = (a.2.get(field), b.2.get(field));
                if x != y {
                    note(format!("{} {field}", a.0), format!("{x:?} {y:?}"));
                }
            }
        }
    }
    for (what, (count, text)) in &found {
        println!("{count:5} {what}   {text}");
    }
    panic!();
}
