//! How long synthesis takes in memory, without a disk: `cargo bench`. The whole program with its
//! disk is measured by `benches/whole.rs`.

#![allow(missing_docs, reason = "a benchmark is not an interface")]
#![allow(clippy::format_collect, reason = "a text for a benchmark")]

use divan::Bencher;
use tenantry::engine::{Engine, Options};
use tenantry::synth::{Request, synth};

fn main() {
    divan::main();
}

/// A blueprint of model vpc with so many tenants.
fn blueprint(tenants: usize) -> String {
    let list: String =
        (0..tenants).map(|i| format!("  - {{ id: t{i:05}, tier: business }}\n")).collect();
    format!(
        "version: 1\nname: bench\nenvironment: test\nregions: [eu-west-1]\n\
         accounts: {{ workload: '333333333333' }}\n\
         network: {{ zones: 2, zone_slots: 2, pools: [{{ cidr: 10.0.0.0/8 }}], egress: {{ nat: none }} }}\n\
         tiers: {{ business: {{ isolation: vpc, network: {{ prefix: 24 }} }} }}\ntenants:\n{list}"
    )
}

fn run(bencher: Bencher, tenants: usize, inline: bool) {
    let text = blueprint(tenants);
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
    run(bencher, tenants, false);
}

#[divan::bench(args = [10, 1_000, 10_000], sample_count = 10)]
fn inline(bencher: Bencher, tenants: usize) {
    run(bencher, tenants, true);
}
