//! What an estate has stays what and where it is, whatever is written besides: what a tenant overrides
//! when another overrides, too; the subnets of zones when other zones are named; and what the estate has
//! once when regions and accounts are listed otherwise.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::diag::human;
use tenantry::engine::Engine;
use tenantry::synth::{Made, Outcome};

use crate::support::{options, root, synth_text};

fn outcome(text: &str, lock: Option<&str>) -> Outcome {
    synth_text("s.yaml", text.as_bytes(), lock, &root(), options())
}

fn said(outcome: &Outcome) -> String {
    human::render(outcome.sink.as_slice(), &outcome.sources, false)
}

fn made(text: &str, lock: Option<&str>) -> Made {
    let outcome = outcome(text, lock);
    let said = said(&outcome);
    outcome.made.unwrap_or_else(|| panic!("{said}"))
}

/// What is wrong with it.
fn refused(text: &str, lock: Option<&str>) -> String {
    let outcome = outcome(text, lock);
    assert!(outcome.made.is_none());
    said(&outcome)
}

/// The files that were there before and are not the same any more, or not there.
fn touched(before: &Made, after: &Made) -> Vec<String> {
    let new = after.files();
    let gone = before.files().into_iter().filter(|(path, text)| new.get(path) != Some(text));
    gone.map(|(path, _)| path).collect()
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

/// An estate in which tenants override their ports, in the order given.
fn overriding(tenants: &[(&str, u16, u16)]) -> String {
    let line = |(id, app, data): &(&str, u16, u16)| {
        let ports = format!("app: {app}, data: {data}");
        format!("  - {{ id: {id}, tier: v, override: {{ ports: {{ {ports} }} }} }}\n")
    };
    let tenants: String = tenants.iter().map(line).collect();
    format!(
        "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: {{ workload: '333333333333' }}\n\
         network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/8 }}] }}\n\
         tiers: {{ v: {{ isolation: vpc, network: {{ prefix: 22 }}, allow: [ports] }} }}\n\
         tenants:\n{tenants}"
    )
}

/// Two that override otherwise, and whose marks begin with the same six digits, and one that meets nobody.
const MEETING: [(&str, u16, u16); 3] =
    [("acme", 8016, 5089), ("globex", 8004, 5171), ("umbrella", 8001, 5001)];

fn shape(made: &Made, tenant: &str) -> String {
    let key = format!("tenant-{tenant}");
    made.estate.stacks.iter().find(|one| one.key == key).expect("it has a stack").shape.clone()
}

/// Marks of overrides are short, so two that differ can have the same: each tenant has its own override
/// all the same, in whatever order they stand, and the others keep their short mark.
#[test]
fn every_tenant_has_its_own_override() {
    let made = [MEETING, [MEETING[1], MEETING[2], MEETING[0]]].map(|all| {
        let made = made(&overriding(&all), None);
        for (tenant, app, data) in all {
            let resources = template(&made, &shape(&made, tenant))["Resources"].clone();
            let port = |id: &str| resources[id]["Properties"]["FromPort"].clone();
            assert_eq!((port("AppIngress"), port("DataIngress")), (app.into(), data.into()));
        }
        made
    });
    assert_eq!(made[0].files(), made[1].files());
    let shapes = MEETING.map(|(tenant, ..)| shape(&made[0], tenant));
    assert_eq!(shapes.each_ref().map(|shape| shape.len() - "tenant-v.".len()), [16, 16, 6]);
    assert_eq!(shapes[0][..15], shapes[1][..15], "they meet, or this tests nothing");
}

/// Where one comes that has the same short mark, only the name of a template is another: no stack, no
/// resource, no address of Terraform and no line of the lock.
#[test]
fn who_has_the_same_mark_moves_nobody() {
    let before = made(&overriding(&MEETING[1..]), None);
    let after = made(&overriding(&MEETING), Some(&before.lock));
    let (old, new) = (shape(&before, "globex"), shape(&after, "globex"));
    assert_ne!(old, new);
    let (was, is) = (before.files(), after.files());
    let mut seen = 0;
    for (path, text) in was.iter().filter(|(path, _)| *path != "manifest.json") {
        let now = &is[&path.replace(&old, &new)];
        assert_eq!(&now.replace(&new, &old), text, "{path}");
        seen += usize::from(path.contains(&old));
    }
    assert!(seen > 1, "the template and the module");
    let stacks = |made: &Made| {
        let others = made.estate.stacks.iter().filter(|one| one.key != "tenant-acme");
        others
            .map(|one| (one.key.clone(), one.name.clone(), one.values.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(stacks(&before), stacks(&after));
    let lines = |made: &Made| made.lock.lines().map(str::to_owned).collect::<Vec<_>>();
    let all = lines(&after);
    assert!(lines(&before).iter().all(|line| all.contains(line)));
}

/// An estate with zones by name, and a warehouse and notebooks, which have networks of their own.
fn in_zones(letters: &str) -> String {
    let names: Vec<String> = letters.chars().map(|zone| format!("eu-west-1{zone}")).collect();
    format!(
        "version: 1\nname: s\nenvironment: t\nregions: [eu-west-1]\n\
         accounts: {{ workload: '333333333333' }}\n\
         network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/8 }}], zone_names: {{ eu-west-1: [{}] }} }}\n\
         components: {{ analytics: {{ warehouse: {{}}, notebooks: {{ users: [ann] }} }} }}\n\
         tiers: {{ v: {{ isolation: vpc, network: {{ prefix: 22 }} }} }}\n\
         tenants: [{{ id: acme, tier: v }}]\n",
        names.join(", ")
    )
}

/// The zone and block of each subnet of analytics.
fn subnets(made: &Made) -> BTreeMap<String, (String, String)> {
    let stack = made.estate.stacks.iter().find(|one| one.shape == "analytics").expect("a lake");
    let wired = &made.estate.templates["analytics"];
    let resources = template(made, "analytics")["Resources"].clone();
    let all = resources.as_object().expect("resources").iter();
    let all = all.filter(|(_, it)| it["Type"] == "AWS::EC2::Subnet");
    let one = |(id, it): (&String, &Value)| {
        let text = |key: &Value| key.as_str().expect("text").to_owned();
        let param = text(&it["Properties"]["AvailabilityZone"]["Ref"]);
        let zone = stack.values[wired.param_index(&param).expect("it is given")].clone();
        (id.clone(), (zone, text(&it["Properties"]["CidrBlock"])))
    };
    all.map(one).collect()
}

/// A zone that is named besides takes the place of none, whatever its name: neither from tenants nor from
/// what the estate has in a network of its own.
#[test]
fn a_zone_that_is_named_besides_moves_nothing() {
    let before = made(&in_zones("bcd"), None);
    let after = made(&in_zones("abcd"), Some(&before.lock));
    assert_eq!(touched(&before, &after), Vec::<String>::new());
    assert_eq!(subnets(&before).len(), 5, "three of the warehouse, two of notebooks");
}

/// A zone that is named no more leaves the numbers and blocks of the others as they were.
#[test]
fn a_zone_that_goes_renumbers_none() {
    let before = made(&in_zones("bcd"), None);
    let after = made(&in_zones("acd"), Some(&before.lock));
    let (was, is) = (subnets(&before), subnets(&after));
    let zones: BTreeMap<_, _> = is.iter().map(|(id, (zone, _))| (id.as_str(), &**zone)).collect();
    let want = [
        ("NotebookSubnet2", "eu-west-1c"),
        ("NotebookSubnet3", "eu-west-1d"),
        ("Subnet2", "eu-west-1c"),
        ("Subnet3", "eu-west-1d"),
        ("Subnet4", "eu-west-1a"),
    ];
    assert_eq!(zones, BTreeMap::from(want));
    for (id, place) in &is {
        assert!(was.get(id).is_none_or(|before| before == place), "{id}");
    }
    let blocks: std::collections::BTreeSet<&String> = is.values().map(|(_, block)| block).collect();
    assert_eq!(blocks.len(), is.len(), "each has a block of its own");
}

/// The networks of analytics have blocks for four zones, those that went included.
#[test]
fn the_fifth_zone_has_no_block() {
    let before = made(&in_zones("bcd"), None);
    let said = refused(&in_zones("aef"), Some(&before.lock));
    assert!(said.contains("error[region/zones]: eu-west-1e has slot 5 in the lock"), "{said}");
}
