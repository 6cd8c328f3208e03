//! The same blueprint in another order: keys of mappings, tenants of lists, rows of files and whatever else is
//! listed in no order are turned round or cut like a deck of cards. What it means is the same, so what is made
//! must be, too. Lists whose order means something (regions, instance types) stay as they are.

use std::collections::BTreeMap;

use crate::source::{Kind, Node, Sources};
use crate::spec::unordered;

/// How an order is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The last comes first.
    Reversed,
    /// The second half comes first.
    Cut,
}

/// A blueprint in another order, and its tenant files by the names that it has for them.
pub struct Permuted {
    /// The text of the blueprint, as JSON.
    pub blueprint: String,
    /// The texts of tenant files.
    pub files: BTreeMap<String, String>,
}

/// Puts a blueprint that was read without errors into another order.
pub fn permute(sources: &Sources, order: Order) -> Permuted {
    let main = sources.get(0);
    let folder = main.name.rsplit_once('/').map_or(String::new(), |(at, _)| format!("{at}/"));
    let mut files = BTreeMap::new();
    let mut blueprint = String::new();
    if let Some(root) = &main.root {
        for (i, name) in names(root).iter().enumerate() {
            let shown =
                if name.starts_with('/') { name.clone() } else { format!("{folder}{name}") };
            let tree = sources.find(&shown).and_then(|file| sources.get(file).root.as_ref());
            let mut text = String::new();
            if let Some(tree) = tree {
                write(tree, order, &mut vec!["tenants"], &mut text);
            }
            files.insert(permuted_name(i), text);
        }
        write_main(root, order, files.len(), &mut blueprint);
    }
    Permuted { blueprint, files }
}

/// A row of a table becomes an item of a list, so the name says so.
fn permuted_name(i: usize) -> String {
    format!("{i}.json")
}

/// The tenant files that a blueprint names.
fn names(root: &Node) -> Vec<String> {
    let Some(Kind::List(items)) = root.get("tenant_files").map(|node| &node.kind) else {
        return Vec::new();
    };
    let text = |node: &Node| match &node.kind {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}

fn write_main(root: &Node, order: Order, files: usize, out: &mut String) {
    let Kind::Map(entries) = &root.kind else { return };
    out.push('{');
    for (i, (key, value)) in turned(entries, order).into_iter().enumerate() {
        out.push_str(if i > 0 { ",\n" } else { "" });
        out.push_str(&quoted(&key.text));
        out.push(':');
        if key.text == "tenant_files" {
            let names: Vec<String> = (0..files).map(|i| quoted(&permuted_name(i))).collect();
            let names: Vec<&String> = turned(&names, order);
            let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
            out.push('[');
            out.push_str(&names.join(","));
            out.push(']');
        } else {
            write(value, order, &mut vec![key.text.as_str()], out);
        }
    }
    out.push_str("}\n");
}

/// A node as JSON, its keys in another order; of a list, the items only where any order will do.
fn write<'a>(node: &'a Node, order: Order, path: &mut Vec<&'a str>, out: &mut String) {
    match &node.kind {
        Kind::Map(entries) => {
            out.push('{');
            for (i, (key, value)) in turned(entries, order).into_iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                out.push_str(&quoted(&key.text));
                out.push(':');
                path.push(&key.text);
                write(value, order, path, out);
                path.pop();
            }
            out.push('}');
        }
        Kind::List(items) => {
            let any = unordered::is_any(path);
            let items: Vec<&Node> = if any { turned(items, order) } else { items.iter().collect() };
            out.push('[');
            path.push("*");
            for (i, item) in items.into_iter().enumerate() {
                out.push_str(if i > 0 { ",\n" } else { "" });
                write(item, order, path, out);
            }
            path.pop();
            out.push(']');
        }
        _ => out.push_str(&node.to_json().to_string()),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string serialises")
}

fn turned<T>(items: &[T], order: Order) -> Vec<&T> {
    let (head, tail) = items.split_at(items.len().div_ceil(2));
    match order {
        Order::Reversed => items.iter().rev().collect(),
        Order::Cut => tail.iter().chain(head).collect(),
    }
}
