//! Rules that could be fewer, as `quotas --consolidate` says them: what is to be written and where, and
//! what would admit somebody else.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::support::{root, tenantry, told};

/// The exit code and both outputs, of a blueprint that is written as it is.
fn run(blueprint: &str, form: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("b.yaml"), blueprint).expect("it can be written");
    told(&tenantry(folder.path(), &["quotas", "b.yaml", "--consolidate", "--format", form]))
}

/// What is to be written otherwise leads to where it is written, in lists that are counted besides the
/// stacks that have them; and where it is written so, nothing is left to save.
#[test]
fn fewer_rules_are_written_where_they_come_from() {
    let path = root().join("blueprints/subnet-transit-gateway.yaml");
    // Without the internet and endpoints, all rules of an ACL are of one list for each group of ports.
    let text = fs::read_to_string(path).expect("a blueprint").replace("nat: per-zone", "nat: none");
    let plain = text.lines().filter(|line| !line.trim_start().starts_with("endpoints:"));
    let text = plain.collect::<Vec<_>>().join("\n") + "\n";
    let with = |cidrs: &str| {
        let vpn = "vpn: { gateway_ip: 198.51.100.7, asn: 65010 }";
        let line = format!("  on_premises: {{ cidrs: [{cidrs}], {vpn} }}\n  egress:");
        text.replacen("  egress:", &line, 1)
    };
    let consolidate = |text: &str, form: &str| {
        let (code, out, said) = run(text, form);
        assert_eq!(code, 0, "{said}");
        out
    };
    let two = with("192.168.0.0/24, 192.168.1.0/24");
    let json: Value = serde_json::from_str(&consolidate(&two, "json")).expect("JSON");
    let lines: Vec<&str> = two.lines().collect();
    let tenants = two.matches("tier: team").count() as u64;
    let (mut places, mut lists) = (0, false);
    for one in json["proposals"].as_array().expect("a list") {
        let stacks = one["stacks"].as_u64().expect("a number");
        assert!(stacks > 0 && stacks <= tenants && one["lists"].as_u64() >= Some(stacks), "{one}");
        lists |= one["lists"].as_u64() > Some(stacks);
        for write in one["write"].as_array().expect("a list") {
            let of: Vec<&str> =
                write["for"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
            assert_eq!(
                (of.len(), &write["from"][0]["setting"]),
                (2, &"network.on_premises.cidrs".into())
            );
            for at in write["from"][0]["at"].as_array().expect("a list") {
                let at: Vec<usize> = at
                    .as_str()
                    .expect("text")
                    .rsplit(':')
                    .take(2)
                    .map(|n| n.parse().expect("a number"))
                    .collect();
                let written = &lines[at[1] - 1][at[0] - 1..];
                assert!(of.iter().any(|block| written.starts_with(block)), "{written}");
                places += 1;
            }
        }
    }
    assert!(places > 0 && lists, "{json}");
    let table = consolidate(&two, "markdown");
    assert!(
        table.contains("| `network.on_premises.cidrs` (") && table.contains(" lists in "),
        "{table}"
    );
    let said = consolidate(&two, "text");
    assert!(said.contains("      from network.on_premises.cidrs  "), "{said}");
    let after: Value =
        serde_json::from_str(&consolidate(&with("192.168.0.0/23"), "json")).expect("JSON");
    let all = after["proposals"].as_array().expect("a list");
    assert!(all.iter().all(|one| one["saved"] == 0 && one["write"] == json!([])), "{after}");
}

/// Two neighbours on premises are one block in every rule; a block that would admit somebody else is
/// refused with an address of it that no rule allows.
#[test]
fn neighbours_are_one_rule_and_a_gap_is_somebody() {
    let with = |cidrs: &str| {
        let path = root().join("blueprints/subnet-none.yaml");
        let text = fs::read_to_string(path).expect("a blueprint");
        let text = text.replacen("[192.168.0.0/16]", &format!("[{cidrs}]"), 1);
        let (code, out, said) = run(&text, "json");
        assert_eq!(code, 0, "{said}");
        let json: Value = serde_json::from_str(&out).expect("JSON");
        json["proposals"].as_array().expect("a list").clone()
    };
    let of = |all: &[Value], block: &str| -> Vec<Value> {
        let names = |it: &&Value| it["blocks"].to_string().contains(block);
        all.iter().filter(names).cloned().collect()
    };
    let has = |one: &Value, key: &str, block: &str| one[key].to_string().contains(block);
    let two = with("192.168.0.0/24, 192.168.1.0/24");
    let found = of(&two, "192.168.0.0/24");
    assert!(!found.is_empty(), "{two:?}");
    for one in &found {
        assert!(has(one, "merged", "192.168.0.0/23") && one["saved"] == 1, "{one}");
        assert!(!has(one, "merged", "192.168.1.0/24"), "{one}");
    }
    // With a hole between them, what is merged stops before the hole.
    let gap = with("192.168.0.0/24, 192.168.1.0/24, 192.168.3.0/24");
    let found = of(&gap, "192.168.3.0/24");
    assert!(!found.is_empty(), "{gap:?}");
    for one in &found {
        assert!(has(one, "merged", "192.168.0.0/23") && one["saved"] == 1, "{one}");
        assert!(has(one, "merged", "192.168.3.0/24"), "{one}");
        assert!(!has(one, "merged", "192.168.0.0/22"), "{one}");
    }
    // A wider block holds what lies between: each is refused with an address of somebody else.
    let refused = |one: &Value| one["refused"].as_array().expect("a list").clone();
    let all: Vec<(Value, Value)> = gap
        .iter()
        .flat_map(|one| refused(one).into_iter().map(move |it| (one.clone(), it)))
        .collect();
    let far = |it: &Value| it["block"] == "192.168.0.0/22";
    let near: Vec<_> = all.iter().filter(|(_, it)| far(it)).collect();
    assert!(!near.is_empty(), "{all:?}");
    for (one, it) in near {
        assert_eq!((&it["address"], &it["replaces"]), (&json!("192.168.2.0"), &json!(2)), "{one}");
        assert_eq!(it["is"], "of nobody that is known here");
    }
    for (one, it) in &all {
        let net: Ipv4Net = it["block"].as_str().and_then(|it| it.parse().ok()).expect("a block");
        let outside: Ipv4Addr =
            it["address"].as_str().and_then(|it| it.parse().ok()).expect("an address");
        let blocks = one["blocks"].as_array().expect("a list");
        let holds = |it: &Value| {
            let net: Option<Ipv4Net> = it.as_str().and_then(|it| it.parse().ok());
            net.expect("a block").contains(&outside)
        };
        assert!(net.contains(&outside) && !blocks.iter().any(holds), "{one}");
    }
    let whose: BTreeMap<&str, usize> =
        all.iter().map(|(_, it)| (it["is"].as_str().expect("a text"), 0)).collect();
    assert!(whose.keys().any(|it| it.starts_with("of tenant")), "{whose:?}");
}
