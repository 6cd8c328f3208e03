//! The whole program against the floor: `cargo bench --bench whole`, or with `-- hybrid` one
//! model alone. The floor is the time it takes to write the same bytes into the same number of files from
//! memory, in the same run.

#![allow(missing_docs, reason = "a benchmark is not an interface")]
#![allow(clippy::disallowed_methods, reason = "a benchmark is about files and clocks")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each is measured; the median counts.
const ROUNDS: usize = 5;

mod estates; // blueprints to measure with

fn main() {
    println!(
        "model        tenants  mode    files    MB   synth s   floor s   ratio   again s   peak MB   prove s   share   peak MB"
    );
    for tenants in [10, 1_000, 10_000] {
        for inline in [false, true] {
            line("vpc", &[("vpc", tenants)], inline);
        }
    }
    for model in estates::models().filter(|model| *model != "vpc") {
        line(model, &[(model, 1_000)], false);
    }
    line("hybrid", &estates::HYBRID, false);
}

fn line(model: &str, counts: &[(&str, usize)], inline: bool) {
    // cargo itself hands on `--bench`.
    let mut asked = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    if asked.peek().is_some() && !asked.any(|word| word == model) {
        return;
    }
    let tenants: usize = counts.iter().map(|(_, count)| count).sum();
    let scratch = tempfile::tempdir().expect("a folder");
    let blueprint = scratch.path().join("b.yaml");
    fs::write(&blueprint, estates::estate(counts)).expect("written");
    let (mut synth, mut floor, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let (mut files, mut bytes, mut peak) = (0, 0, 0);
    let (mut prove, mut proved) = (Vec::new(), 0);
    for round in 0..ROUNDS {
        let out = scratch.path().join(format!("out{round}"));
        let (time, memory) = synthesise(&blueprint, &out, inline);
        synth.push(time);
        peak = peak.max(memory);
        again.push(synthesise(&blueprint, &out, inline).0);
        let (time, memory) = run(Command::new(PROGRAM).arg("prove").arg(out.join("bench-test")));
        prove.push(time);
        proved = proved.max(memory);
        let all = read(&out.join("bench-test"));
        files = all.len();
        bytes = all.iter().map(|(_, content)| content.len()).sum::<usize>();
        floor.push(write(&scratch.path().join(format!("floor{round}")), &all));
    }
    let (synth, floor, again, prove) = (median(synth), median(floor), median(again), median(prove));
    // What is synthesised is proved at once: the rest is what it takes without that.
    let share = prove.as_secs_f64() / synth.saturating_sub(prove).as_secs_f64();
    println!(
        "{model:12} {tenants:7}  {:6} {files:6} {:5.1} {:9.3} {:9.3} {:7.2} {:9.3} {:9.1} {:9.3} {share:7.2} {:9.1}",
        if inline { "inline" } else { "shared" },
        megabytes(bytes),
        synth.as_secs_f64(),
        floor.as_secs_f64(),
        synth.as_secs_f64() / floor.as_secs_f64(),
        again.as_secs_f64(),
        megabytes(peak * 1024),
        prove.as_secs_f64(),
        megabytes(proved * 1024),
    );
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tenantry");

fn synthesise(blueprint: &Path, out: &Path, inline: bool) -> (Duration, usize) {
    let mut command = Command::new(PROGRAM);
    command.args(["synth", "--engine", "cloudformation", "--out"]).arg(out).arg(blueprint);
    if inline {
        command.arg("--inline");
    }
    run(&mut command)
}

/// Runs the program once; the time, and the peak of its memory in KiB where the system tells.
fn run(command: &mut Command) -> (Duration, usize) {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    // A look every few milliseconds: the last one before the end is the peak.
    while child.try_wait().expect("it runs").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(1));
    }
    (started.elapsed(), peak)
}

fn read(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut out, mut left) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(at) = left.pop() {
        for entry in fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below it").to_owned();
                out.push((name, fs::read(&path).expect("a file")));
            }
        }
    }
    out
}

fn write(folder: &Path, files: &[(PathBuf, Vec<u8>)]) -> Duration {
    let started = Instant::now();
    for (name, content) in files {
        let path = folder.join(name);
        if fs::write(&path, content).is_err() {
            fs::create_dir_all(path.parent().expect("below it")).expect("a folder");
            fs::write(&path, content).expect("written");
        }
    }
    started.elapsed()
}
