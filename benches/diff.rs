//! `diff` of two estates of ten thousand tenants against a commit of git, against one `synth` of the same:
//! `cargo bench --bench diff`. A tenant is added and the tier of all others changes, so every stack differs.

#![allow(missing_docs, reason = "a benchmark is not an interface")]
#![allow(clippy::disallowed_methods, reason = "a benchmark is about files and clocks")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod estates; // blueprints to measure with

/// How often each is measured; the median counts.
const ROUNDS: usize = 5;

/// Ten thousand tenants of all models, as a large estate has them.
const HYBRID: [(&str, usize); 5] = [
    ("account", 20),
    ("vpc", 200),
    ("subnet", 1_000),
    ("container", 2_000),
    ("application", 6_780),
];

fn main() {
    assert_eq!(estates::models().count(), HYBRID.len(), "all models are in the hybrid");
    println!("model        tenants   change     synth s    diff s   ratio");
    for (model, counts) in [("vpc", &[("vpc", 10_000)][..]), ("hybrid", &HYBRID[..])] {
        let before = estates::estate(counts);
        let added = format!("{before}  - {{ id: newcomer, tier: vpc }}\n");
        line(model, "a tenant", &before, &added);
        let tier = added.replace("gateway: [s3]", "gateway: [s3, dynamodb]");
        line(model, "a tier", &before, &tier);
    }
}

fn line(model: &str, what: &str, before: &str, after: &str) {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    let blueprint = folder.join("b.yaml");
    fs::write(&blueprint, before).expect("written");
    run(folder, env!("CARGO_BIN_EXE_tenantry"), &["synth", "b.yaml", "--out", "out0"]);
    run(folder, "git", &["init", "--quiet", "--initial-branch=main"]);
    run(folder, "git", &["add", "b.yaml", "b.lock.json"]);
    run(folder, "git", &["commit", "--quiet", "--message", "base"]);
    fs::write(&blueprint, after).expect("written");
    let (mut synth, mut diff) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let out = format!("out{round}");
        let program = env!("CARGO_BIN_EXE_tenantry");
        synth.push(run(folder, program, &["synth", "b.yaml", "--out", &out]));
        diff.push(run(folder, program, &["diff", "b.yaml", "--base", "main"]));
    }
    let (synth, diff) = (median(synth), median(diff));
    let tenants = after.matches(", tier: ").count();
    println!(
        "{model:12} {tenants:7}   {what:8} {:9.3} {:9.3} {:7.2}",
        synth.as_secs_f64(),
        diff.as_secs_f64(),
        diff.as_secs_f64() / synth.as_secs_f64(),
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Runs a program in a folder, with a git that has no settings of its user; the time.
fn run(folder: &Path, program: &str, words: &[&str]) -> Duration {
    let mut call = Command::new(program);
    call.args(words).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    call.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        call.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.com");
    }
    let started = Instant::now();
    let status = call.status().expect("it starts");
    assert!(status.success(), "{program} {words:?}");
    started.elapsed()
}
