//! XML answers of AWS's query services as JSON values, so that one way of looking at things
//! serves all services. Attributes are dropped: AWS uses them for name spaces only.

use serde_json::{Map, Value};

/// The content of the outermost element. Lists (`item`, `member`) become arrays, elements
/// with children objects, an empty element null, everything else a string.
pub fn parse(text: &str) -> Option<Value> {
    let mut rest = text;
    let (name, closed) = open(&mut rest)?;
    if closed { Some(Value::Null) } else { element(&mut rest, name) }
}

/// The content of an element whose opening tag has been read.
fn element<'a>(rest: &mut &'a str, name: &'a str) -> Option<Value> {
    let mut text = String::new();
    let mut children: Vec<(&str, Value)> = Vec::new();
    loop {
        let at = rest.find('<')?;
        text.push_str(&rest[..at]);
        if let Some(after) = rest[at..].strip_prefix("</") {
            let end = after.find('>')?;
            *rest = &after[end + 1..];
            return (after[..end].trim() == name).then(|| value(&text, children));
        }
        *rest = &rest[at..];
        let (child, closed) = open(rest)?;
        let inner = if closed { Value::Null } else { element(rest, child)? };
        children.push((child, inner));
    }
}

/// The next opening tag: its name, and whether it closes itself.
fn open<'a>(rest: &mut &'a str) -> Option<(&'a str, bool)> {
    loop {
        let start = rest.find('<')?;
        let end = start + rest[start..].find('>')?;
        let tag = &rest[start + 1..end];
        *rest = &rest[end + 1..];
        if !tag.starts_with(['?', '!']) {
            let closed = tag.ends_with('/');
            let name = tag.trim_end_matches('/').split_whitespace().next()?;
            return Some((name, closed));
        }
    }
}

fn value(text: &str, children: Vec<(&str, Value)>) -> Value {
    if children.is_empty() {
        let text = unescape(text.trim());
        return if text.is_empty() { Value::Null } else { Value::String(text) };
    }
    if children.iter().all(|(name, _)| matches!(*name, "item" | "member")) {
        return children.into_iter().map(|(_, value)| value).collect();
    }
    let mut object = Map::new();
    for (name, value) in children {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

fn unescape(text: &str) -> String {
    let named = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let numbered = named.replace("&#34;", "\"").replace("&#39;", "'").replace("&apos;", "'");
    numbered.replace("&#10;", "\n").replace("&amp;", "&")
}
