//! The same blueprint in other orders is the same estate, and the orders are others.

use tenantry::permute::{Order, permute};
use tenantry::synth::{Outcome, Request, synth};

use crate::support::{options, root, synth_blueprint};

fn synthesised(name: &str, order: Order, before: &Outcome) -> (String, Outcome) {
    let other = permute(&before.sources, order);
    let stem = name.rsplit_once('.').expect("an ending").0;
    let lock = std::fs::read(root().join(format!("blueprints/{stem}.lock.json"))).ok();
    let request = Request {
        name: "b.json",
        blueprint: other.blueprint.as_bytes(),
        lock: lock.as_deref().map(|lock| ("b.lock.json", lock)),
        locked: true,
        options: options(),
        tenants: &[],
    };
    let outcome = synth(&request, &mut |file| Ok(other.files[file].clone().into_bytes()));
    (other.blueprint, outcome)
}

#[test]
fn a_blueprint_is_the_same_in_other_orders() {
    for name in ["hybrid.yaml", "two-regions.json"] {
        let before = synth_blueprint(name, options());
        let made = before.made.as_ref().expect("it is sound");
        let (text, outcome) = synthesised(name, Order::Reversed, &before);
        let other = outcome.made.unwrap_or_else(|| panic!("{name}: {:?}", outcome.sink.as_slice()));
        assert_eq!(made.lock, other.lock, "{name}");
        let (here, there) = (made.render(), other.render());
        assert!(here.shared() == there.shared(), "{name}: templates or the manifest differ");
        for (a, b) in here.stacks().iter().zip(there.stacks()) {
            assert!(here.stack(a) == there.stack(b), "{name}: {} differs", a.key);
        }
        let at = |key: &str| text.find(&format!("\"{key}\":")).expect("it is there");
        assert!(at("tiers") < at("network") && at("network") < at("version"), "{name} is turned");
    }
}

/// A deck that is cut is another order than one that is turned, and nothing is lost.
#[test]
fn orders_are_different_and_whole() {
    let before = synth_blueprint("two-regions.json", options());
    let [reversed, cut] =
        [Order::Reversed, Order::Cut].map(|order| permute(&before.sources, order));
    assert_ne!(reversed.blueprint, cut.blueprint);
    assert!(!reversed.files.is_empty());
    let rows = |text: &str| text.lines().count();
    for (name, text) in &reversed.files {
        assert_ne!(*text, cut.files[name]);
        assert_eq!(rows(text), rows(&cut.files[name]));
    }
}
