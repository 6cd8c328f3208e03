//! Tree → [`Blueprint`]: the file itself, and every tenant of it and of the files that it names.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::blueprint::complain::Judged;
use crate::blueprint::judge::Kept;
use crate::blueprint::schema;
use crate::blueprint::shape::{Blueprint, Tenant};
use crate::blueprint::{rule, table, yaml};
use crate::diag::{Diagnostic, Sink};
use crate::source::{FileId, Kind, Node, Site, Source, Sources, Step};

/// Gives the bytes of a file that the blueprint names, or says why not.
pub type Load<'a> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'a;

/// A blueprint as it was written, with the places of its tenants.
#[derive(Clone, Debug)]
pub struct Written {
    /// Everything but the tenants.
    pub blueprint: Blueprint,
    /// The tenants of the blueprint and of all its files.
    pub tenants: Vec<WrittenTenant>,
    /// Routes that were cut out because they broke the schema: what refers to them is not
    /// complained of a second time.
    pub broken: BTreeSet<Vec<Step>>,
    /// The keys of the root that are missing or wrong altogether, for which something stands in.
    pub stand_ins: BTreeSet<String>,
    /// The region that a lock says the estate began in.
    pub began: Option<String>,
}

impl Written {
    /// Whether what a route of keys leads to, or anything on the way, was cut out because it is
    /// wrong: then it is not missed a second time.
    pub fn is_cut(&self, route: &[&str]) -> bool {
        let steps: Vec<Step> = route.iter().map(|key| Step::from(*key)).collect();
        (1..=steps.len()).any(|n| self.broken.contains(&steps[..n]))
    }

    /// Whether nothing was cut out on a route, at its end or below: only then can something else be held
    /// against what is there.
    pub fn is_whole(&self, route: &[Step]) -> bool {
        !self.broken.iter().any(|cut| cut.starts_with(route) || route.starts_with(cut))
    }

    /// Whether a complaint stands whatever was meant by what is wrong.
    pub fn stands(&self, complaint: &Diagnostic) -> bool {
        let of_stand_in = match &complaint.site {
            Site::Key(0, steps) | Site::Value(0, steps) => match steps.first() {
                Some(Step::Key(key)) => self.stand_ins.contains(key),
                _ => false,
            },
            _ => false,
        };
        !of_stand_in && complaint.against.iter().all(|route| self.is_whole(route))
    }

    /// Whether it is known what there is and where it stands, so that something can be decided. Of what
    /// stands in for a version or a name, nothing is decided.
    pub fn can_be_decided(&self) -> bool {
        const WORDS: [&str; 3] = ["version", "name", "environment"];
        self.stand_ins.iter().all(|key| WORDS.contains(&key.as_str()))
            && ["partition", "regions", "accounts"]
                .iter()
                .all(|key| self.is_whole(&[Step::from(*key)]))
    }

    /// The home region: the first of the list, unless a lock says that the estate began in another. A
    /// list that is reordered moves nothing.
    pub fn home_region(&self) -> Option<&String> {
        let regions = &self.blueprint.regions;
        let began = regions.iter().find(|region| Some(*region) == self.began.as_ref());
        began.or(regions.first())
    }

    /// Whether it is known which estate this is.
    pub fn is_named(&self) -> bool {
        !self.stand_ins.contains("name") && !self.stand_ins.contains("environment")
    }
}

/// A tenant as it was written.
#[derive(Clone, Debug)]
pub struct WrittenTenant {
    /// What was written.
    pub tenant: Tenant,
    /// Where.
    pub site: Site,
    /// Whether nothing of it was cut out: what is missing otherwise was complained of already.
    pub whole: bool,
}

/// Reads the blueprint and its tenant files. `None` if nothing could be made of it; the reasons
/// are in the sink.
pub fn read(
    name: &str,
    bytes: &[u8],
    load: &mut Load<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Option<Written> {
    let file = add(name, bytes, sources, sink)?;
    yaml::parse(sources, file, rule::EMPTY.fix, sink);
    let mut root = sources.get(file).root.clone()?;
    // Tenants are judged one by one, so that a bad one does not change the place of the others.
    let inline = take_list(&mut root, "tenants");
    let what = Judged { file, name: "the document", checker: &schema::BLUEPRINT };
    let Kept { tree: mut pruned, cut: broken, stand_ins } = what.judge(root, sources, sink)?;
    let blueprint: Blueprint = typed(without_null(pruned.to_json()), file, sink)?;
    let base = Site::Value(file, vec!["tenants".into()]);
    let (kept, mut tenants) = tenant_list(inline, &base, sources, sink);
    put_list(&mut pruned, "tenants", kept);
    sources.get_mut(file).root = Some(pruned);
    for (i, path) in blueprint.tenant_files.iter().enumerate() {
        let named = Site::at(["tenant_files"]).child(i);
        tenants.extend(tenant_file(path, &named, load, sources, sink));
    }
    Some(Written { blueprint, tenants, broken, stand_ins, began: None })
}

/// Empties a list of the root and gives what was in it.
fn take_list(root: &mut Node, key: &str) -> Vec<Node> {
    let Kind::Map(entries) = &mut root.kind else { return Vec::new() };
    let list = entries.iter_mut().find(|(k, _)| k.text == key).map(|(_, node)| &mut node.kind);
    match list {
        Some(Kind::List(items)) => std::mem::take(items),
        _ => Vec::new(),
    }
}

fn put_list(root: &mut Node, key: &str, list: Vec<Node>) {
    let Kind::Map(entries) = &mut root.kind else { return };
    if let Some((_, node)) = entries.iter_mut().find(|(k, _)| k.text == key) {
        node.kind = Kind::List(list);
    }
}

fn without_null(mut value: Value) -> Value {
    if let Value::Object(map) = &mut value {
        map.retain(|_, v| !v.is_null());
    }
    value
}

fn typed<T: serde::de::DeserializeOwned>(value: Value, file: FileId, sink: &mut Sink) -> Option<T> {
    match serde_json::from_value(value) {
        Ok(typed) => Some(typed),
        Err(error) => {
            // The schema and the types are one, so this is a number that only the type refuses.
            sink.push(rule::WRONG_VALUE.at(Site::File(file), error.to_string()));
            None
        }
    }
}

/// The tenants of a list, each judged by itself; what is left of the list keeps its places.
fn tenant_list(
    items: Vec<Node>,
    base: &Site,
    sources: &Sources,
    sink: &mut Sink,
) -> (Vec<Node>, Vec<WrittenTenant>) {
    let file = base.file();
    let what = Judged { file, name: "the tenant", checker: &schema::TENANT };
    let (mut kept, mut tenants) = (Vec::new(), Vec::new());
    for (i, mut item) in items.into_iter().enumerate() {
        attributes_as_written(&mut item, sources.get(file));
        let Some(Kept { tree: item, cut, .. }) = what.judge(item, sources, sink) else {
            kept.push(Node { span: 0..0, kind: Kind::Null });
            continue;
        };
        if let Some(tenant) = typed(item.to_json(), file, sink) {
            let whole = cut.is_empty();
            tenants.push(WrittenTenant { tenant, site: base.child(i), whole });
        }
        kept.push(item);
    }
    (kept, tenants)
}

/// Attributes are text: `007` and `1.10` mean what is written, not the number.
fn attributes_as_written(tenant: &mut Node, source: &Source) {
    const TYPED: [&str; 10] =
        ["id", "tier", "name", "region", "email", "needs", "dedicated", "host", "override", "vpn"];
    let Kind::Map(entries) = &mut tenant.kind else { return };
    for (_, node) in entries.iter_mut().filter(|(key, _)| !TYPED.contains(&key.text.as_str())) {
        if matches!(node.kind, Kind::Int(_) | Kind::Float(_) | Kind::Bool(_))
            && let Some(text) = source.text.get(node.span.clone())
        {
            node.kind = Kind::Text(text.to_owned());
        }
    }
}

/// Adds a file, complaining if it is not UTF-8.
fn add(name: &str, bytes: &[u8], sources: &mut Sources, sink: &mut Sink) -> Option<FileId> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(sources.add(Source::new(name, text.trim_start_matches('\u{feff}')))),
        Err(error) => {
            let at = error.valid_up_to();
            let file = sources.add(Source::new(name, String::from_utf8_lossy(bytes)));
            sink.push(rule::ENCODING.at(
                Site::Bytes(file, at, at + '\u{fffd}'.len_utf8()),
                format!("byte {:#04x} is not UTF-8", bytes[at]),
            ));
            None
        }
    }
}

/// The name of a file that stands beside another, as people who started the tool would write it.
fn beside(main: &str, path: &str) -> String {
    match main.rsplit_once('/') {
        Some((folder, _)) if !path.starts_with('/') => format!("{folder}/{path}"),
        _ => path.to_owned(),
    }
}

/// How a tenant file in YAML begins.
const TENANTS_BEGIN: &str = "begin each tenant with `- id:`";

fn tenant_file(
    path: &str,
    named: &Site,
    load: &mut Load<'_>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Vec<WrittenTenant> {
    let out = Vec::new();
    let shown = beside(&sources.get(named.file()).name, path);
    if sources.find(&shown).is_some() {
        sink.push(
            rule::TENANT_FILE
                .at(named.clone(), format!("`{path}` is listed twice"))
                .help("list it once"),
        );
        return out;
    }
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if !["csv", "yaml", "yml", "json"].contains(&ending.as_str()) {
        let message = format!("`{path}` does not say what it is");
        sink.push(
            rule::TENANT_FILE.at(named.clone(), message).help("name it .csv, .yaml or .json"),
        );
        return out;
    }
    let bytes = match load(path) {
        Ok(bytes) => bytes,
        Err(why) => {
            sink.push(
                rule::TENANT_FILE.at(named.clone(), format!("`{path}` cannot be read: {why}")),
            );
            return out;
        }
    };
    let Some(file) = add(&shown, &bytes, sources, sink) else { return out };
    if ending == "csv" {
        table::parse(sources, file, sink);
    } else {
        yaml::parse(sources, file, TENANTS_BEGIN, sink);
    }
    let Some(root) = sources.get(file).root.clone() else { return out };
    let Kind::List(items) = root.kind else {
        let message = "a tenant file is a list of tenants";
        sink.push(rule::WRONG_TYPE.at(Site::File(file), message).help(TENANTS_BEGIN));
        return out;
    };
    let (kept, tenants) = tenant_list(items, &Site::Value(file, Vec::new()), sources, sink);
    sources.get_mut(file).root = Some(Node { span: 0..0, kind: Kind::List(kept) });
    tenants
}
