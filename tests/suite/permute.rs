//! The same blueprint in other orders is the same estate, and the orders are others.

use tenantry::permute::{Order, permute};
use tenantry::synth::{Outcome, Request, synth};

use crate::support::{options, root, synth_blueprint, synth_text};

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

/// Whatever is listed in no order is turned, too, and makes the same.
#[test]
fn lists_without_an_order_are_turned() {
    let text = "version: 1\nname: n\nenvironment: t\nregions: [eu-west-1]\n\
        accounts: { management: '111111111111', workload: '333333333333' }\n\
        organization: { id: o-exampleorgid, root: r-examplerootid }\n\
        network: { pools: [{ cidr: 10.0.0.0/8 }], zones: 2, egress: { nat: none } }\n\
        components:\n\
        \x20 analytics: { analysts: ['arn:aws:iam::333333333333:role/z', 'arn:aws:iam::333333333333:role/a'] }\n\
        \x20 identity: { callbacks: ['https://z.n.example/', 'https://a.n.example/'], logouts: ['https://z.n.example/', 'https://a.n.example/'] }\n\
        tiers:\n\
        \x20 own: { isolation: account, network: { prefix: 22 }, account: { budget: { monthly: 100, notify: [z@n.example, a@n.example] } } }\n\
        \x20 pro: { isolation: container, network: { cell_prefix: 20 }, allow: [service], ingress: { domain: n.example, certificates: { eu-west-1: 'arn:aws:acm:eu-west-1:333333333333:certificate/11111111-2222-3333-4444-555555555555' } }, service: { image: 'x/y:1', port: 80, cpu: 256, memory: 512, secrets: [Z, A] } }\n\
        tenants: [{ id: one, tier: own, email: one@n.example }, { id: two, tier: pro, override: { service: { cpu: 512, memory: 1024 } } }]\n";
    let pairs = ["role/a", "https://a.n.example/", "a@n.example", "\"A\""];
    let pairs =
        pairs.map(|a| (a.to_owned(), a.replace("/a", "/z").replace("a@", "z@").replace('A', "Z")));
    turned(text, &pairs);
}

/// Turns a blueprint, in which the second of each pair stands first, and holds what is made against it.
fn turned(text: &str, pairs: &[(String, String)]) {
    let before = synth_text("n.yaml", text.as_bytes(), None, &root(), options());
    let made = before.made.as_ref().unwrap_or_else(|| panic!("{:?}", before.sink.as_slice()));
    for order in [Order::Reversed, Order::Cut] {
        let other = permute(&before.sources, order).blueprint;
        for (first, last) in pairs {
            let at = |word: &str| other.find(word).unwrap_or_else(|| panic!("{word} in {other}"));
            assert!(at(first) < at(last), "{first} comes first: {other}");
        }
        let after = synth_text("n.json", other.as_bytes(), None, &root(), options());
        let after = after.made.unwrap_or_else(|| panic!("{:?}", after.sink.as_slice()));
        assert_eq!(made.lock, after.lock);
        let (here, there) = (made.render(), after.render());
        assert!(here.shared() == there.shared(), "templates or the manifest differ");
        for (a, b) in here.stacks().iter().zip(there.stacks()) {
            assert!(here.stack(a) == there.stack(b), "{} differs", a.key);
        }
    }
}

/// The same of what surrounds the tenants, of the estate and of a tier, and of what is stated.
#[test]
fn lists_around_tenants_are_turned() {
    let mut text =
        std::fs::read_to_string(root().join("blueprints/full.yaml")).expect("a blueprint");
    let copies = |keep| {
        let vault =
            |name| format!("arn:aws:backup:eu-central-1:444444444444:backup-vault:{keep}-{name}");
        format!("[{{ vault: '{}', keep: {keep} }}, {{ vault: '{}' }}]", vault("z"), vault("a"))
    };
    let own = format!(
        "    components:\n      backup: {{ copy_to: {} }}\n      protection: {{ dns: {{ allow: [z-own.example, \
         a-own.example], block: [z-old.example, a-old.example] }} }}\n",
        copies(60)
    );
    let business = "  business: # a VPC for each tenant\n    isolation: vpc\n";
    for (from, to) in [
        ("users: [ada-lovelace]", "users: [z-user, a-user]".to_owned()),
        ("lock: {}, restore", format!("lock: {{}}, copy_to: {}, restore", copies(90))),
        ("images: {}", "images: { packages: [z-package, a-package] }, rings: [[free, basic], [team, starter, enterprise, business]]".to_owned()),
        (
            "[exfil.example, \"*.exfil.example\"]",
            "[z-exfil.example, a-exfil.example], allow: [z-good.example, a-good.example]".to_owned(),
        ),
        ("protection: {", "protection: { hsm: { subnets: [subnet-00000002, subnet-00000001] },".to_owned()),
        ("tagging: {}", "tagging: { enforce: ['ec2:volume', 'ec2:instance'] }".to_owned()),
        (business, format!("{business}{own}")),
        (
            "\ntenants:",
            "\nmust_reach: [{ from: tier/team, to: hub, port: 9443 }, { from: hub, to: tier/team, port: 9442 }]\n\
             must_not_reach: [{ from: tier/team, to: tier/business, port: 9441 }, { from: internet, to: tier/business, port: 9440 }]\n\
             tenants:"
                .to_owned(),
        ),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, &to, 1);
    }
    let pairs = [
        ("a-user", "z-user"),
        ("90-a", "90-z"),
        ("60-a", "60-z"),
        ("a-package", "z-package"),
        ("a-exfil", "z-exfil"),
        ("a-good", "z-good"),
        ("a-own", "z-own"),
        ("a-old", "z-old"),
        ("subnet-00000001", "subnet-00000002"),
        ("ec2:instance", "ec2:volume"),
        ("9442", "9443"),
        ("9440", "9441"),
    ];
    turned(&text, &pairs.map(|(a, z)| (a.to_owned(), z.to_owned())));
}
