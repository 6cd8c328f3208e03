//! The table of what the whitepaper asks: nothing in it is empty, and all that it names exists.

use std::fs;

use serde_json::Value;
use tenantry::blueprint::schema;

use crate::support::root;

/// The rows of the tables with four columns.
fn rows() -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/whitepaper.md")).expect("it is there");
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim_matches('|').split('|');
        inner.map(|cell| cell.trim().to_owned()).collect()
    };
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| the whitepaper asks");
    text.lines().filter(is_row).map(cells).filter(|row| row.len() == 4).collect()
}

/// The parts of a cell in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Whether a route of keys is one of the blueprint.
fn is_key(schema: &Value, node: &Value, keys: &[&str]) -> bool {
    let node = match node["$ref"].as_str() {
        Some(link) => &schema["$defs"][link.trim_start_matches("#/$defs/")],
        None => node,
    };
    let Some((key, rest)) = keys.split_first() else { return true };
    let inside = |node: &Value| !node.is_null() && is_key(schema, node, rest);
    match node["type"].as_str() {
        // An item of a list has no name.
        Some("array") => is_key(schema, &node["items"], keys),
        _ if key.starts_with('<') => inside(&node["additionalProperties"]),
        _ => inside(&node["properties"][*key]),
    }
}

#[test]
fn no_cell_is_empty() {
    let rows = rows();
    assert!(rows.len() > 60, "every demand has a row");
    for row in &rows {
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
}

#[test]
fn every_line_is_one_of_a_blueprint() {
    let schema = schema::schema();
    for row in rows() {
        let lines: Vec<&str> = quoted(&row[2]).collect();
        assert!(!lines.is_empty(), "{row:?} names no line");
        for line in lines {
            let path = line.split(':').next().expect("a path");
            let keys: Vec<&str> = path.split('.').collect();
            assert!(is_key(&schema, &schema, &keys), "{line} is no line of a blueprint");
        }
    }
    assert!(!is_key(&schema, &schema, &["tiers", "<id>", "isolatoin"]), "a wrong one is found");
}

#[test]
fn every_test_exists() {
    for row in rows() {
        let tests: Vec<&str> = quoted(&row[3]).collect();
        assert!(!tests.is_empty(), "{row:?} names no test");
        for test in tests {
            let parts: Vec<&str> = test.split("::").collect();
            let [target, module, name] = parts.as_slice() else { panic!("{test} names no test") };
            let text = fs::read_to_string(root().join(format!("tests/{target}/{module}.rs")))
                .unwrap_or_else(|_| panic!("{test}: there is no such file"));
            assert!(text.contains(&format!("fn {name}(")), "{test} does not exist");
        }
    }
}
