//! The picture of an estate that is committed and reviewed: small whatever the number of tenants,
//! without noise, and what changes in it is what changed.

use std::collections::BTreeMap;
use std::fs;

use tenantry::synth::Made;
use tenantry::view::snapshot::{HEAD, files};

use crate::estates;
use crate::support::{options, root, snapshot, synth_blueprint, synth_text, tenantry, told};

fn made(text: &str) -> Made {
    let outcome = synth_text("b.yaml", text.as_bytes(), None, &root(), options());
    outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
}

/// Lines that differ, without those that are only elsewhere.
fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let mut out = Vec::new();
    for path in before.keys().chain(after.keys().filter(|path| !before.contains_key(*path))) {
        let none = String::new();
        let (old, new) = (before.get(path).unwrap_or(&none), after.get(path).unwrap_or(&none));
        let lines = |text: &'_ str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (old, new) = (lines(old), lines(new));
        out.extend(old.iter().filter(|l| !new.contains(l)).map(|line| format!("{path} -{line}")));
        out.extend(new.iter().filter(|l| !old.contains(l)).map(|line| format!("{path} +{line}")));
    }
    out
}

/// A thousand tenants are a picture of about the size of forty, and two more are a few lines.
#[test]
fn it_does_not_grow_with_the_tenants() {
    let picture = |count| files(&made(&estates::estate(&[("vpc", count), ("subnet", count)])));
    let (few, many, more) = (picture(20), picture(500), picture(501));
    let size = |files: &BTreeMap<String, String>| files.values().map(String::len).sum::<usize>();
    // A few more cells are named, up to a dozen.
    assert!(size(&many) < size(&few) + 4_000, "{} and {}", size(&few), size(&many));
    let lines = changed(&many, &more);
    assert!(!lines.is_empty() && lines.len() < 32, "{lines:#?}");
}

/// A change of a tier is seen where it is, once, however many tenants it is for.
#[test]
fn a_change_of_a_tier_is_one_change() {
    let text = fs::read_to_string(root().join("blueprints/quickstart.yaml")).expect("it is there");
    let now =
        text.replace("    isolation: vpc\n", "    isolation: vpc\n    ports: { app: 9090 }\n");
    assert_ne!(text, now);
    let lines = changed(&files(&made(&text)), &files(&made(&now)));
    assert!(
        lines.iter().all(|line| line.starts_with("templates/tenant-business.txt")),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.ends_with("+    FromPort  9090")), "{lines:?}");
}

/// No digest, as the manifest has them: nothing of a picture changes but with the estate.
#[test]
fn there_is_no_noise() {
    let outcome = synth_blueprint("full.yaml", options());
    for (path, text) in files(outcome.made.as_ref().expect("it is sound")) {
        assert!(text.starts_with(HEAD), "{path}");
        let hex = |word: &&str| word.len() >= 16 && word.chars().all(|c| c.is_ascii_hexdigit());
        // The digest of a program that is downloaded is ours, and changes with its version only.
        let text: String = text.lines().filter(|line| !line.contains("digest=")).collect();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let digests: Vec<&str> =
            words.filter(hex).filter(|word| word.contains(|c: char| c > '9')).collect();
        assert_eq!(digests, Vec::<&str>::new(), "{path}");
    }
}

/// What people review.
#[test]
fn as_it_is_committed() {
    let outcome = synth_blueprint("quickstart.yaml", options());
    let files = files(outcome.made.as_ref().expect("it is sound"));
    for path in ["estate.txt", "addresses.txt", "templates/tenant-business.txt"] {
        snapshot("picture", &path.replace('/', "-"), &files[path]);
    }
}

/// Written on request, compared by `--check` from then on; what somebody else wrote stays.
#[test]
fn on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let blueprint = folder.path().join("b.yaml");
    fs::copy(root().join("blueprints/quickstart.yaml"), &blueprint).expect("a copy");
    let run = |arguments: &[&str]| told(&tenantry(folder.path(), arguments));
    assert_eq!(run(&["synth", "b.yaml"]).0, 0);
    assert!(!folder.path().join("snapshots").exists(), "only on request");
    assert_eq!(run(&["synth", "b.yaml", "--check"]).0, 0);
    assert_eq!(run(&["synth", "b.yaml", "--check", "--snapshot"]).0, 2, "there is none yet");
    assert_eq!(run(&["synth", "b.yaml", "--snapshot"]).0, 0);
    assert_eq!(run(&["synth", "b.yaml", "--check"]).0, 0);
    let pictures = folder.path().join("snapshots/acme-prod");
    fs::write(pictures.join("templates/gone.txt"), format!("{HEAD}old\n")).expect("written");
    fs::write(pictures.join("templates/mine.txt"), "mine\n").expect("written");
    let text = fs::read_to_string(&blueprint).expect("it is there");
    let now =
        text.replace("    isolation: vpc\n", "    isolation: vpc\n    ports: { app: 9090 }\n");
    fs::write(&blueprint, now).expect("written");
    let (code, data, _) = run(&["synth", "b.yaml", "--check"]);
    assert_eq!(code, 2);
    assert!(data.contains("~ snapshots/acme-prod/templates/tenant-business.txt\n"), "{data}");
    assert!(data.contains("- snapshots/acme-prod/templates/gone.txt\n"), "{data}");
    assert!(!data.contains("mine.txt"), "{data}");
    assert_eq!(run(&["synth", "b.yaml", "--snapshot"]).0, 0);
    assert!(pictures.join("templates/mine.txt").exists());
    assert!(!pictures.join("templates/gone.txt").exists());
    assert_eq!(run(&["synth", "b.yaml", "--check"]).0, 0);
    fs::write(pictures.join("estate.txt"), "mine\n").expect("written");
    assert_eq!(run(&["synth", "b.yaml", "--snapshot"]).0, 1, "it is not overwritten");
    assert_eq!(
        run(&["synth", "b.yaml", "--snapshot", "--tenant", "hooli"]).0,
        1,
        "a part is no whole"
    );
}
