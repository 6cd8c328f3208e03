//! Whatever comes to the pools and the blocks on premises, a route or rule that is there stays what it is:
//! AWS refuses a second one for the same range while the first stands under another name.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::engine::Engine;
use tenantry::synth::Made;

use crate::support::{options, root, synth_text};

/// An estate with hubs of either kind: the pools, and the blocks on premises behind a VPN.
fn made(hub: &str, pools: &[&str], premises: &[&str], lock: Option<&str>) -> Made {
    let pools: Vec<String> = pools.iter().map(|cidr| format!("{{ cidr: {cidr} }}")).collect();
    let text = format!(
        "version: 1\nname: r\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: {{ workload: '333333333333', shared: '222222222222' }}\n\
         network: {{ zones: 2, zone_slots: 2, pools: [{}], hub: {{ connect: {hub} }}, egress: {{ nat: none }}, \
         on_premises: {{ cidrs: [{}], vpn: {{ gateway_ip: 198.51.100.7, asn: 65010 }} }} }}\n\
         quotas: {{ vpc.rules-per-network-acl: 40 }}\n\
         tiers:\n\
         \x20 vpc: {{ isolation: vpc, network: {{ prefix: 22 }} }}\n\
         \x20 subnet: {{ isolation: subnet, network: {{ prefix: 26, cell_prefix: 22 }} }}\n\
         tenants:\n\
         \x20 - {{ id: one, tier: vpc }}\n\
         \x20 - {{ id: two, tier: subnet }}\n",
        pools.join(", "),
        premises.join(", ")
    );
    let outcome = synth_text("r.yaml", text.as_bytes(), lock, &root(), options());
    outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
}

/// Where each route and each rule of a group leads, by stack and name.
fn ways(made: &Made) -> BTreeMap<(String, String), String> {
    let mut out = BTreeMap::new();
    let rendered = made.render();
    for stack in &made.estate.stacks {
        let text =
            rendered.template_text(Engine::CloudFormation, &stack.shape).expect("it is there");
        let template: Value = serde_json::from_str(text).expect("JSON");
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            let properties = &resource["Properties"];
            let to = properties.get("DestinationCidrBlock").or_else(|| properties.get("CidrIp"));
            out.extend(to.map(|to| ((stack.key.clone(), id.clone()), to.to_string())));
        }
    }
    out
}

#[test]
fn what_comes_replaces_no_way() {
    const STEPS: [(&[&str], &[&str]); 5] = [
        (&["172.20.0.0/16"], &["192.168.4.0/24"]),
        (&["10.0.0.0/12", "172.20.0.0/16"], &["192.168.4.0/24"]),
        (&["10.0.0.0/12", "172.20.0.0/16"], &["192.168.0.0/24", "192.168.4.0/24"]),
        (&["10.0.0.0/12", "172.20.0.0/16", "172.24.0.0/16"], &["192.168.0.0/24"]),
        (&["10.0.0.0/12", "172.20.0.0/16"], &["192.168.2.0/24", "192.168.4.0/24"]),
    ];
    for hub in ["transit-gateway", "peering"] {
        let mut lock = None;
        let mut known = BTreeMap::new();
        for (pools, premises) in STEPS {
            let made = made(hub, pools, premises, lock.as_deref());
            let now = ways(&made);
            for (way, to) in &now {
                let before = known.insert(way.clone(), to.clone());
                assert!(
                    before.as_ref().is_none_or(|before| before == to),
                    "{hub}: {way:?} {before:?} {to}"
                );
            }
            for cidr in pools {
                assert!(now.values().any(|to| to.contains(cidr)), "{hub}: nothing leads to {cidr}");
            }
            let out = premises.iter().filter(|_| hub == "transit-gateway");
            for cidr in out {
                let from =
                    now.iter().filter(|(_, to)| to.contains(cidr)).map(|((stack, _), _)| stack);
                let from: std::collections::BTreeSet<&String> = from.collect();
                assert_eq!(from.len(), 4, "{cidr}: {from:?}");
            }
            lock = Some(made.lock);
        }
    }
}

/// A lock of before says nothing of ranges: they are numbered as they were then.
#[test]
fn locks_of_before_keep_their_numbers() {
    let pools = ["10.0.0.0/12", "172.20.0.0/16"];
    let fresh = made("transit-gateway", &pools, &["192.168.4.0/24"], None);
    let (before, section) = fresh.lock.split_once("\"ranges\": {\n").expect("ranges have numbers");
    let (_, after) = section.split_once("},\n").expect("it is not the last");
    let old = format!("{before}{after}");
    let after = made("transit-gateway", &pools, &["192.168.4.0/24"], Some(&old));
    assert_eq!(ways(&fresh), ways(&after));
    let [first, second, third] = [1, 2, 3].map(|n| {
        let id = format!("TransitRoute{n}Zone1");
        ways(&after)[&("hub-eu-west-1".to_owned(), id)].clone()
    });
    assert_eq!(
        [first, second, third],
        ["\"10.0.0.0/12\"", "\"172.20.0.0/16\"", "\"192.168.4.0/24\""]
    );
}
