//! What does not grow with the number of tenants, and what a tenant that leaves takes along.

use std::collections::BTreeSet;

use tenantry::synth::Made;

use crate::estates;
use crate::support::{options, synth_text};

fn made(counts: &[(&str, usize)]) -> Made {
    let text = estates::estate(counts);
    let outcome = synth_text("a.yaml", text.as_bytes(), None, ".".as_ref(), options());
    outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
}

fn shapes(made: &Made) -> BTreeSet<String> {
    made.estate.templates.keys().cloned().collect()
}

/// One template a shape: ten tenants of each model and many have the same ones, to the byte.
#[test]
fn templates_do_not_grow_with_tenants() {
    let estate = |tenants: usize| {
        let counts: Vec<(&str, usize)> = estates::models().map(|model| (model, tenants)).collect();
        made(&counts)
    };
    let (few, many) = (estate(10), estate(400));
    assert_eq!(shapes(&few), shapes(&many));
    assert!(many.plan.cells.len() > few.plan.cells.len(), "cells were opened");
    let (few, many) = (few.render(), many.render());
    for engine in [tenantry::engine::Engine::CloudFormation, tenantry::engine::Engine::Terraform] {
        for shape in shapes(&estate(1)) {
            let text = few.template_text(engine, &shape);
            assert_eq!(text, many.template_text(engine, &shape), "{shape}");
        }
    }
}

/// Every model has what makes a tenant of it, and all five fit into one estate.
#[test]
fn every_model_has_a_template() {
    for model in estates::models() {
        let shapes = shapes(&made(&[(model, 3)]));
        assert!(shapes.contains(&format!("tenant-{model}")), "{model}: {shapes:?}");
    }
}
