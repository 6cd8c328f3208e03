//! The laws of the house: modules import only upwards, every file is named by its parent, every
//! file opens with `//!`. The checks are functions over texts, so that each is shown to bite.

use std::collections::BTreeMap;
use std::fs;

use crate::support::root;

/// Every Rust file of the library and binary, by path below `src/`.
fn sources() -> BTreeMap<String, String> {
    rust("src")
}

/// Every Rust file below a folder of the repository, by path below it.
fn rust(folder: &str) -> BTreeMap<String, String> {
    let (mut out, top) = (BTreeMap::new(), root().join(folder));
    let mut left = vec![top.clone()];
    while let Some(at) = left.pop() {
        for entry in fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let below = path.strip_prefix(&top).expect("it is below").to_string_lossy();
                let text = fs::read_to_string(&path).expect("text");
                out.insert(below.replace('\\', "/"), text);
            }
        }
    }
    out
}

/// The modules that a text names, in order.
fn named(text: &str) -> Vec<String> {
    let modules = text.lines().filter_map(|line| {
        let line = line.trim_start_matches("pub ").trim_start_matches("(crate) ");
        let rest = line.strip_prefix("mod ")?;
        rest.split(';').next().filter(|_| rest.contains(';')).map(str::to_owned)
    });
    modules.collect()
}

/// Imports of a module that stands below the importing one in `lib.rs`.
fn upward_faults(sources: &BTreeMap<String, String>) -> Vec<String> {
    let order = named(&sources["lib.rs"]);
    let rank = |module: &str| order.iter().position(|m| m == module);
    let mut faults = Vec::new();
    for (path, text) in
        sources.iter().filter(|(path, _)| !path.starts_with("bin/") && *path != "lib.rs")
    {
        let own = path.split(['/', '.']).next().expect("a name");
        let own_rank = rank(own).unwrap_or_else(|| panic!("{own} is named in lib.rs"));
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for import in modules_of(code) {
                if import != own && rank(&import).is_some_and(|r| r > own_rank) {
                    faults.push(format!(
                        "src/{path}:{}: {own} imports {import}, which stands below it",
                        number + 1
                    ));
                }
            }
        }
    }
    faults
}

/// The top-level modules that a line of code names: `crate::x::…` and `use crate::{x, y}`.
fn modules_of(code: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| -> String {
            text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        match rest.strip_prefix('{') {
            Some(group) => out.extend(top_level_items(group).iter().map(|item| word(item))),
            None => out.push(word(rest)),
        }
    }
    out
}

/// The items of a braced group, split at commas that are not nested.
fn top_level_items(group: &str) -> Vec<String> {
    let (mut items, mut depth, mut item) = (Vec::new(), 0, String::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(std::mem::take(&mut item));
                continue;
            }
            _ => {}
        }
        item.push(c);
    }
    items.push(item);
    items
}

/// Files that their parent does not name.
fn unlisted_faults(sources: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    for path in sources.keys().filter(|p| !matches!(p.as_str(), "lib.rs" | "bin/tenantry/main.rs"))
    {
        let stem = path.strip_suffix(".rs").expect("a Rust file");
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let parent = match folder {
            "" => "lib.rs".to_owned(),
            "bin/tenantry" => "bin/tenantry/main.rs".to_owned(),
            folder => format!("{folder}.rs"),
        };
        let listed = sources.get(&parent).is_some_and(|text| named(text).iter().any(|m| m == name));
        if !listed {
            faults.push(format!("src/{path} is not named by src/{parent}"));
        }
    }
    faults
}

fn silent_faults(sources: &BTreeMap<String, String>) -> Vec<String> {
    let silent = sources.iter().filter(|(_, text)| !text.starts_with("//! "));
    silent.map(|(path, _)| format!("src/{path} does not open with //!")).collect()
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn modules_import_only_upwards() {
    assert_none(&upward_faults(&sources()));
}

#[test]
fn every_file_is_named_by_its_parent() {
    assert_none(&unlisted_faults(&sources()));
}

#[test]
fn every_file_opens_with_what_is_true_of_it() {
    assert_none(&silent_faults(&sources()));
}

/// The checks are shown to bite: the same tree with a fault planted in it.
#[test]
fn a_planted_fault_is_found() {
    let mut tree = sources();
    tree.insert(
        "name.rs".to_owned(),
        "//! x\nuse crate::{diag, plan::{Plan, Lock}};\nfn f() { crate::synth::count() }\npub mod sql; // y"
            .to_owned(),
    );
    assert_eq!(
        upward_faults(&tree),
        [
            "src/name.rs:2: name imports plan, which stands below it",
            "src/name.rs:3: name imports synth, which stands below it",
        ]
    );
    tree.insert("plan/orphan.rs".to_owned(), "fn f() {}".to_owned());
    assert_eq!(unlisted_faults(&tree), ["src/plan/orphan.rs is not named by src/plan.rs"]);
    assert_eq!(silent_faults(&tree), ["src/plan/orphan.rs does not open with //!"]);
}

/// Long files and long functions hide things. Functions are held by clippy's `too_many_lines`.
#[test]
fn no_file_is_long() {
    const MOST: usize = 500;
    let all = ["src", "tests", "benches"]
        .into_iter()
        .flat_map(|folder| rust(folder).into_iter().map(move |(path, text)| (folder, path, text)));
    let long = all.filter(|(.., text)| text.lines().count() > MOST);
    let faults: Vec<_> = long
        .map(|(folder, path, text)| format!("{folder}/{path} has {} lines", text.lines().count()))
        .collect();
    assert_none(&faults);
}

/// The project says where a law is held, and the place exists.
#[test]
fn architecture_names_tests_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    let tests: Vec<&str> =
        text.split('`').filter(|word| word.contains("::") && word.starts_with("suite::")).collect();
    assert!(tests.len() >= 8, "the laws name their tests");
    for test in tests {
        let mut parts = test.split("::").skip(1);
        let (module, name) = (parts.next().expect("a module"), parts.next().expect("a test"));
        let text = fs::read_to_string(root().join(format!("tests/suite/{module}.rs"))).expect(test);
        assert!(text.contains(&format!("fn {name}(")), "{test} does not exist");
    }
}
