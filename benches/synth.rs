//! How long synthesis takes in memory, without a disk: `cargo bench`. The whole program with its
//! disk is measured by `benches/whole.rs`.

#![allow(missing_docs, reason = "a benchmark is not an interface")]

use divan::Bencher;
use tenantry::engine::{Engine, Options};
use tenantry::synth::{Request, synth};

mod estates; // blueprints to measure with

fn main() {
    divan::main();
}

fn run(bencher: Bencher, model: &'static str, tenants: usize, inline: bool) {
    let text = estates::estate(&[(model, tenants)]);
    bencher.bench(|| {
        let request = Request {
            name: "bench.yaml",
            blueprint: text.as_bytes(),
            lock: None,
            locked: false,
            options: Options { engines: vec![Engine::CloudFormation], inline, partial: false },
            tenants: &[],
        };
        let outcome = synth(&request, &mut |_| Err(String::new()));
        let made = outcome.made.expect("it is sound");
        let rendered = made.render();
        let shared: usize = rendered.shared().iter().map(|file| file.text.len()).sum();
        let stacks = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
        shared + stacks.map(|file| file.text.len()).sum::<usize>()
    });
}

#[divan::bench(args = [10, 1_000, 10_000], sample_count = 10)]
fn shared(bencher: Bencher, tenants: usize) {
    run(bencher, "vpc", tenants, false);
}

#[divan::bench(args = [10, 1_000, 10_000], sample_count = 10)]
fn inline(bencher: Bencher, tenants: usize) {
    run(bencher, "vpc", tenants, true);
}

#[divan::bench(args = estates::models(), sample_count = 10)]
fn each_model(bencher: Bencher, model: &'static str) {
    run(bencher, model, 1_000, false);
}
