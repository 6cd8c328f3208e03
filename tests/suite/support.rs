//! Paths, runs and snapshots.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, OnceLock};

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;
use tenantry::engine::{Engine, Options};
use tenantry::synth::{Outcome, Request, synth};

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names of all blueprints, without those of tenant files and locks.
pub fn blueprints() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("blueprints"))
        .expect("there are blueprints")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("UTF-8"))
        .filter(|name| !name.contains(".tenants.") && !name.ends_with(".lock.json"))
        .collect();
    names.sort();
    assert!(names.len() >= 8, "the blueprints are there");
    names
}

/// Both engines, shared templates.
pub fn options() -> Options {
    Options {
        engines: vec![Engine::CloudFormation, Engine::Terraform],
        inline: false,
        partial: false,
    }
}

/// Synthesises a text in memory; tenant files are read from `folder`.
pub fn synth_text(
    name: &str,
    text: &[u8],
    lock: Option<&str>,
    folder: &Path,
    options: Options,
) -> Outcome {
    let request = Request {
        name,
        blueprint: text,
        lock: lock.map(|lock| ("lock.json", lock.as_bytes())),
        locked: false,
        options,
        tenants: &[],
    };
    synth(&request, &mut |file| {
        fs::read(folder.join(file)).map_err(|_| "there is no such file".to_owned())
    })
}

/// A blueprint of the repository with its lock, synthesised: many tests look at the same ones, so in
/// one process each is made once. Whoever asks has a copy of their own.
pub fn synth_blueprint(name: &str, options: Options) -> Outcome {
    type Made = BTreeMap<String, Arc<OnceLock<Outcome>>>;
    static MADE: Mutex<Made> = Mutex::new(BTreeMap::new());
    let key = format!("{name} {options:?}");
    let cell = MADE.lock().expect("nobody panics here").entry(key).or_default().clone();
    cell.get_or_init(|| synth_anew(name, options)).clone()
}

fn synth_anew(name: &str, options: Options) -> Outcome {
    let folder = root().join("blueprints");
    let text = fs::read(folder.join(name)).expect("a blueprint");
    let stem = name.rsplit_once('.').expect("an ending").0;
    let lock = fs::read_to_string(folder.join(format!("{stem}.lock.json"))).ok();
    synth_text(&format!("blueprints/{name}"), &text, lock.as_deref(), &folder, options)
}

/// What a text breaks of a schema that is published, by the name of its file.
pub fn faults(schema: &str, text: &str) -> Vec<String> {
    let path = root().join(format!("schemas/{schema}.schema.json"));
    let schema = fs::read_to_string(path).expect("a schema");
    let schema = serde_json::from_str(&schema).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    let value = serde_json::from_str(text).expect("JSON");
    validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// How often a test of cases at random is run: as it says, or as `PROPTEST_CASES` does. The cases are the
/// same each time, so that a change fails for what it changes; `PROPTEST_RNG_SEED` asks for others.
pub fn cases(usually: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = asked.unwrap_or(usually);
    let mut config =
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(5);
    }
    config
}

/// Compares with a snapshot in `snapshots/`, as a whole file that people read.
pub fn snapshot(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Runs the program in a folder.
pub fn tenantry(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("the program starts")
}

/// The exit code and both outputs as text.
pub fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Every file below a folder, relative to it, sorted, without what only this run needs.
pub fn files(folder: &Path) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(at) = left.pop() {
        for entry in fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("below it")
                    .to_str()
                    .expect("UTF-8")
                    .to_owned();
                out.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    out.sort();
    out
}
