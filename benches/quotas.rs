//! What counting, placement and the forecast cost beside the whole of synthesis, in memory, for ten
//! thousand tenants of all models, and for few tenants of many tiers in many regions:
//! `cargo bench --bench quotas`.

#![allow(missing_docs, reason = "a benchmark is not an interface")]

use divan::Bencher;
use mimalloc::MiMalloc;
use rayon::prelude::*;
use tenantry::check::quota::{Counter, Use};
use tenantry::diag::Sink;
use tenantry::engine::{Engine, Options};
use tenantry::forecast;
use tenantry::plan::{Lock, plan};
use tenantry::synth::{Made, Request, synth};

mod estates; // blueprints to measure with

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    divan::main();
}

fn made(text: &str) -> Made {
    let request = Request {
        name: "bench.yaml",
        blueprint: text.as_bytes(),
        lock: None,
        locked: false,
        options: Options { engines: vec![Engine::CloudFormation], inline: false, partial: false },
        tenants: &[],
    };
    synth(&request, &mut |_| Err(String::new())).made.expect("it is sound")
}

/// Everything from text to artifacts, without a disk.
#[divan::bench(sample_count = 10)]
fn whole(bencher: Bencher) {
    let text = estates::hybrid();
    bencher.bench(|| {
        let made = made(&text);
        let rendered = made.render();
        let shared: usize = rendered.shared().iter().map(|file| file.text.len()).sum();
        let stacks = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
        shared + stacks.map(|file| file.text.len()).sum::<usize>()
    });
}

#[divan::bench(sample_count = 10)]
fn counting(bencher: Bencher) {
    let made = made(&estates::hybrid());
    bencher.bench(|| Counter::default().count(&made.spec, &made.estate).len());
}

#[divan::bench(sample_count = 10)]
fn placement(bencher: Bencher) {
    let made = made(&estates::hybrid());
    bencher.bench(|| plan(&made.spec, &Lock::default(), &mut Sink::default()).is_some());
}

#[divan::bench(sample_count = 10)]
fn forecast_of_five_models(bencher: Bencher) {
    foresee(bencher, made(&estates::hybrid()));
}

/// Each tier grows in each region: what that costs grows with their number, and not with its square.
#[divan::bench(args = [10, 20, 40], sample_count = 10)]
fn forecast_of_many_tiers_in_six_regions(bencher: Bencher, tiers: usize) {
    foresee(bencher, made(&estates::wide(tiers)));
}

/// The same where accounts fill in turn.
#[divan::bench(args = [10, 20, 40], sample_count = 10)]
fn forecast_of_many_tiers_in_three_accounts(bencher: Bencher, tiers: usize) {
    let accounts = ["333333333333", "333333333334", "333333333335"];
    foresee(bencher, made(&estates::wide_in(tiers, &accounts)));
}

/// The same with dashboards, which each account has of the tiers that live there.
#[divan::bench(args = [5, 10], sample_count = 5)]
fn forecast_of_tiers_with_dashboards_in_three_accounts(bencher: Bencher, tiers: usize) {
    let accounts = ["333333333333", "333333333334", "333333333335"];
    let text = estates::wide_in(tiers, &accounts);
    foresee(bencher, made(&format!("{text}components: {{ monitoring: {{}} }}\n")));
}

/// The same where policies name the accounts in which somebody is: whoever is the first in one changes them.
#[divan::bench(args = [5, 10], sample_count = 5)]
fn forecast_of_tiers_with_an_archive_in_three_accounts(bencher: Bencher, tiers: usize) {
    let accounts = ["333333333333", "333333333334", "333333333335"];
    let text = estates::wide_in(tiers, &accounts);
    foresee(bencher, made(&format!("{text}components: {{ audit: {{}}, delivery: {{}} }}\n")));
}

/// All that can surround tenants, with the least that each needs to be said.
const COMPONENTS: &str = "components: { analytics: {}, audit: {}, backup: {}, catalogue: {}, \
     chargeback: { meters: { requests: {} } }, delivery: {}, \
     identity: { callbacks: ['https://bench.example/in'] }, monitoring: {}, protection: {}, tagging: {} }\n";

/// The same with every component.
#[divan::bench(args = [5, 10], sample_count = 5)]
fn forecast_of_tiers_with_all_components_in_three_accounts(bencher: Bencher, tiers: usize) {
    let accounts = ["333333333333", "333333333334", "333333333335"];
    let text = estates::wide_in(tiers, &accounts);
    foresee(bencher, made(&format!("{text}{COMPONENTS}")));
}

/// The same tiers under each of the five models, in six regions and four accounts, with every component: the
/// five forecasts that a comparison makes.
#[divan::bench(args = [5, 10, 20], sample_count = 5)]
fn forecasts_of_each_model_with_all_components_in_four_accounts(bencher: Bencher, tiers: usize) {
    let accounts = ["333333333333", "333333333334", "333333333335", "333333333336"];
    let text = |model| format!("{}{COMPONENTS}", estates::wide_of(&[model], tiers, &accounts));
    let all: Vec<_> = estates::models().map(|model| counted(made(&text(model)))).collect();
    bencher.bench(|| all.par_iter().map(Counted::foresee).sum::<usize>());
}

/// How far all can grow, of what was counted already.
fn foresee(bencher: Bencher, made: Made) {
    let counted = counted(made);
    bencher.bench(|| counted.foresee());
}

/// An estate that was counted.
struct Counted {
    made: Made,
    counter: Counter,
    uses: Vec<Use>,
}

fn counted(made: Made) -> Counted {
    let mut counter = Counter::default();
    let uses = counter.count(&made.spec, &made.estate);
    Counted { made, counter, uses }
}

impl Counted {
    fn foresee(&self) -> usize {
        let Counted { made, counter, uses } = self;
        forecast::forecast(&made.spec, &made.decisions, uses, &mut counter.clone()).len()
    }
}
