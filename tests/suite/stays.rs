//! What an estate has stays what and where it is, whatever is written besides: what a tenant overrides
//! when another overrides, too; the subnets of zones when other zones are named; and what the estate has
//! once when regions and accounts are listed otherwise.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::diag::{Sink, human};
use tenantry::engine::Engine;
use tenantry::plan::lock;
use tenantry::source::{Source, Sources};
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

/// An estate with whatever it has once.
#[derive(Clone, Copy)]
struct Begun<'a> {
    regions: &'a str,
    workload: &'a str,
    hub: &'a str,
    components: &'a str,
    tenants: &'a str,
}

/// The tenant of an account of its own, and the tenant of a VPC in a workload account.
const OWN: &str = "{ id: globex, tier: own, email: aws+globex@s.example, region: eu-west-1 }";
const SHARED: &str = "{ id: globex, tier: vpc, region: eu-west-1 }";

/// What an estate or an account has once.
const ONCE: &str = "analytics: { warehouse: {} }, audit: {}, catalogue: {}, chargeback: {}, \
    delivery: {}, identity: { callbacks: ['https://s.example/'] }, monitoring: {}, \
    protection: { hsm: { subnets: [subnet-11111111, subnet-22222222] } }, tagging: {}";

impl Default for Begun<'_> {
    fn default() -> Self {
        Begun {
            regions: "eu-west-1, us-east-1",
            workload: "'333333333333'",
            hub: ", shared: '222222222222'",
            components: ONCE,
            tenants: OWN,
        }
    }
}

impl Begun<'_> {
    fn text(&self) -> String {
        let Begun { regions, workload, hub, components, tenants } = self;
        format!(
            "version: 1\nname: s\nenvironment: t\nregions: [{regions}]\n\
             accounts: {{ management: '111111111111', workload: [{workload}]{hub} }}\n\
             organization: {{ id: o-exampleorgid, root: r-exampleroot }}\n\
             network: {{ zones: 2, pools: [{{ cidr: 10.0.0.0/8 }}], hub: {{ connect: transit-gateway }} }}\n\
             components: {{ {components} }}\n\
             tiers:\n\
             \x20 own: {{ isolation: account, network: {{ prefix: 22 }}, account: {{ budget: {{ monthly: 9, notify: [a@s.example] }} }} }}\n\
             \x20 vpc: {{ isolation: vpc, network: {{ prefix: 22 }} }}\n\
             tenants: [{tenants}]\n"
        )
    }

    fn made(&self, lock: Option<&str>) -> Made {
        made(&self.text(), lock)
    }
}

/// Where each stack is, and what it is called there.
fn places(made: &Made) -> BTreeMap<&str, (&str, &str, &str)> {
    let all = made.estate.stacks.iter();
    all.map(|it| (it.key.as_str(), (it.account.as_str(), it.region.as_str(), it.name.as_str())))
        .collect()
}

/// Everything that was there is there still, and where it was.
fn assert_stays(before: &Made, after: &Made) {
    let (was, is) = (places(before), places(after));
    for (key, place) in &was {
        assert_eq!(is.get(key), Some(place), "{key}");
    }
}

/// The lock as an older version wrote it, which did not say where the estate began.
fn aged(lock: &str) -> String {
    let home = lock.lines().filter(|line| line.starts_with("\"home\":"));
    assert_eq!(home.count(), 1);
    let rest = lock.lines().filter(|line| !line.starts_with("\"home\":"));
    rest.map(|line| format!("{line}\n")).collect()
}

/// Another order of the regions changes no byte; a region in front changes the home of nothing. A tenant
/// that names no region stays, too.
#[test]
fn the_home_region_stays() {
    let nowhere = SHARED.replace(", region: eu-west-1", "");
    for tenants in [OWN, SHARED, &nowhere] {
        let estate = Begun { tenants, ..Begun::default() };
        let before = estate.made(None);
        let turned = Begun { regions: "us-east-1, eu-west-1", ..estate };
        let after = turned.made(Some(&before.lock));
        assert_eq!(touched(&before, &after), Vec::<String>::new());
        assert_eq!(before.lock, after.lock);
        let front = Begun { regions: "eu-central-1, us-east-1, eu-west-1", ..estate };
        assert_stays(&before, &front.made(Some(&before.lock)));
        // One that was put in front before any lock said so is known by not being in it.
        let front = Begun { regions: "eu-central-1, eu-west-1, us-east-1", ..estate };
        assert_stays(&before, &front.made(Some(&aged(&before.lock))));
    }
}

/// Another order of the accounts, and one in front, change the home of nothing: neither where tenants have
/// accounts of their own only, nor where the hub has none.
#[test]
fn the_home_account_stays() {
    let hubless = Begun { hub: "", components: "", ..Begun::default() };
    for estate in [Begun { components: "catalogue: {}", ..Begun::default() }, hubless] {
        let before = estate.made(None);
        let front = Begun { workload: "'444444444444', '333333333333'", ..estate };
        let after = front.made(Some(&before.lock));
        assert_stays(&before, &after);
        let turned = Begun { workload: "'333333333333', '444444444444'", ..estate };
        let turned = turned.made(Some(&before.lock));
        assert_eq!((turned.files(), &turned.lock), (after.files(), &after.lock));
    }
}

/// Who leaves takes the home of nothing along, also where only what is kept of it tells: in a lock of an
/// older version.
#[test]
fn the_home_stays_when_all_leave() {
    let estate =
        Begun { components: "audit: {}, catalogue: {}", tenants: SHARED, ..Begun::default() };
    let before = estate.made(None);
    let gone = Begun { tenants: "", ..estate }.made(Some(&before.lock));
    for lock in [gone.lock.clone(), aged(&gone.lock)] {
        let front = Begun { workload: "'444444444444', '333333333333'", ..estate };
        let empty = Begun { tenants: "", ..front }.made(Some(&lock));
        assert_stays(&gone, &empty);
        assert_stays(&before, &front.made(Some(&empty.lock)));
    }
}

/// What is released is not all that tells where the estate began.
#[test]
fn what_is_released_leaves_the_home() {
    let before = Begun { tenants: SHARED, ..Begun::default() }.made(None);
    let gone = Begun { tenants: "", ..Begun::default() }.made(Some(&before.lock));
    for lock in [gone.lock.clone(), aged(&gone.lock)] {
        let (mut sources, mut sink) = (Sources::default(), Sink::default());
        let file = sources.add(Source::new("s.lock.json", lock));
        let mut lock = lock::read(&sources, file, &mut sink).expect("a sound lock");
        assert_eq!(lock.release(|_, _| true), 1);
        assert_eq!(lock.home.map(|home| home.account).as_deref(), Some("333333333333"));
    }
}

/// An account or region that the estate began in cannot go.
#[test]
fn the_home_does_not_go() {
    let estate = Begun::default();
    let before = estate.made(None);
    let said = refused(&Begun { workload: "'444444444444'", ..estate }.text(), Some(&before.lock));
    assert!(
        said.contains("error[plan/account]: the estate began in account 333333333333"),
        "{said}"
    );
    let elsewhere = OWN.replace("eu-west-1", "us-east-1");
    let estate = Begun { tenants: &elsewhere, ..estate };
    let before = estate.made(None);
    let said = refused(&Begun { regions: "us-east-1", ..estate }.text(), Some(&before.lock));
    assert!(said.contains("error[plan/home]: the estate began in eu-west-1"), "{said}");
}

/// Who comes back goes where the place was kept, also into an account that is full by now; what is released
/// is kept no longer.
#[test]
fn who_comes_back_goes_back_until_it_is_released() {
    let list = |tenants: &[&str]| {
        let line = |id: &&str| format!("{{ id: {id}, tier: vpc, region: eu-west-1 }}");
        let tenants = tenants.iter().map(line).collect::<Vec<_>>().join(", ");
        let workload = "'333333333333', '444444444444'";
        let estate = Begun { workload, components: "", tenants: &tenants, ..Begun::default() };
        estate.text() + "quotas: { vpc.vpcs-per-region: 2 }\n"
    };
    let before = made(&list(&["acme", "globex"]), None);
    let gone = made(&list(&["globex"]), Some(&before.lock));
    let other = made(&list(&["globex", "hooli"]), Some(&gone.lock));
    let full = other.plan.tenants.values().all(|placed| placed.account == "333333333333");
    assert!(full, "two fit, and both are there");
    let all = list(&["acme", "globex", "hooli"]);
    let said = refused(&all, Some(&other.lock));
    assert!(said.contains("error[quota/passed]"), "{said}");
    let mut lock = other.decisions.clone();
    assert_eq!(lock.release(|_, tenant| tenant == "acme"), 1);
    let placed = made(&all, Some(&lock.render())).plan.tenants["acme"].account.clone();
    assert_eq!(placed, "444444444444");
}
