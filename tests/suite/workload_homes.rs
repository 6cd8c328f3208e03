//! What an estate or an account has once, with several workload accounts: each account that something
//! stands in has what its tenants need there, and one that comes to the list touches nobody.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;
use tenantry::diag::human;
use tenantry::engine::Engine;
use tenantry::synth::Made;
use tenantry::template::Extra;

use crate::support::{options, root, synth_text};

const ACCOUNTS: [&str; 3] = ["333333333333", "444444444444", "555555555555"];

/// An estate in which two VPCs fit into an account.
#[derive(Clone)]
pub struct Estate<'a> {
    /// How many workload accounts there are.
    pub accounts: usize,
    /// What AWS has granted.
    pub quotas: &'a str,
    /// The account of the hub.
    pub hub: &'a str,
    /// What surrounds the tenants.
    pub components: &'a str,
    /// Where tenants live, by tier and region.
    pub tenants: &'a [(&'a str, &'a str)],
}

const HOME: &str = "eu-west-1";
const ABROAD: &str = "us-east-1";

/// Tenants of which some have no room in the first account.
pub const TENANTS: [(&str, &str); 5] =
    [("vpc", HOME), ("pool", HOME), ("vpc", HOME), ("pool", ABROAD), ("vpc", HOME)];

impl Default for Estate<'_> {
    fn default() -> Self {
        Estate {
            accounts: 3,
            quotas: "vpc.vpcs-per-region: 2",
            hub: "222222222222",
            components: "",
            tenants: &TENANTS,
        }
    }
}

impl Estate<'_> {
    /// The blueprint.
    pub fn text(&self) -> String {
        let list: Vec<String> =
            ACCOUNTS[..self.accounts].iter().map(|id| format!("'{id}'")).collect();
        let list = list.join(", ");
        let components = self.components.replace("CERTIFICATES", &self.certificates());
        let components = components.replace("NETWORKS", &self.networks());
        let mut out = format!(
            "version: 1\nname: w\nenvironment: t\nregions: [{HOME}, {ABROAD}]\n\
             accounts: {{ workload: [{list}], shared: '{}' }}\n\
             network: {{ zones: 2, zone_slots: 2, pools: [{{ cidr: 10.0.0.0/10 }}], \
             hub: {{ connect: transit-gateway }}, egress: {{ nat: none }}, endpoints: {{ gateway: [s3, dynamodb] }} }}\n\
             quotas: {{ {} }}\n\
             components: {{ {components} }}\n\
             tiers:\n\
             \x20 vpc: {{ isolation: vpc, network: {{ prefix: 22 }} }}\n\
             \x20 pool: {{ isolation: application, network: {{ cell_prefix: 22 }}, pool: {{ tenants: 2 }}, \
             app: {{ instances: {{ types: [t4g.small], min: 1, max: 2 }} }}, \
             data: {{ engine: dynamodb, partition: item, tables: {{ orders: {{}} }} }}, throttle: {{ rate: 1, burst: 2 }} }}\n\
             tenants:\n",
            self.hub, self.quotas,
        );
        for (n, (tier, region)) in self.tenants.iter().enumerate() {
            let _ = writeln!(out, "  - {{ id: t{n:02}, tier: {tier}, region: {region} }}");
        }
        out
    }

    fn certificates(&self) -> String {
        let own = ACCOUNTS[..self.accounts].iter().map(|account| certificate(account));
        own.map(|arn| format!("'{arn}'")).collect::<Vec<_>>().join(", ")
    }

    fn networks(&self) -> String {
        let one = |id: &&str| {
            let [subnet, group] = network(id);
            format!("'{id}': {{ subnet: {subnet}, security_group: {group} }}")
        };
        ACCOUNTS[..self.accounts].iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn made(&self, lock: Option<&str>) -> Made {
        let outcome = synth_text("w.yaml", self.text().as_bytes(), lock, &root(), options());
        let said = human::render(outcome.sink.as_slice(), &outcome.sources, false);
        outcome.made.unwrap_or_else(|| panic!("{said}"))
    }
}

fn certificate(account: &str) -> String {
    format!("arn:aws:acm:us-east-1:{account}:certificate/0aa1b2c3-0000-1111-2222-333344445555")
}

/// Where an account builds images.
fn network(account: &str) -> [String; 2] {
    ["subnet", "sg"].map(|kind| format!("{kind}-{account}"))
}

/// The stacks of some shapes: key and account.
fn of<'a>(made: &'a Made, shape: &str) -> Vec<(&'a str, &'a str)> {
    let all = made.estate.stacks.iter().filter(|stack| stack.shape == shape);
    all.map(|stack| (stack.key.as_str(), stack.account.as_str())).collect()
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, shape).expect("it is there");
    serde_json::from_str(text).expect("JSON")
}

/// The files of both engines that were there before and are not the same any more.
fn touched(before: &Made, after: &Made) -> BTreeSet<String> {
    let new = after.files();
    let gone = before.files().into_iter().filter(|(path, text)| new.get(path) != Some(text));
    gone.map(|(path, _)| path).collect()
}

/// All that an estate or an account has once.
pub const ALL: &str = "analytics: {}, audit: {}, catalogue: {}, tagging: {}, \
    delivery: { images: { networks: { NETWORKS } } }, \
    identity: { callbacks: ['https://{{tenant}}.w.example/'], \
    domain: { suffix: auth.w.example, certificate: [CERTIFICATES] } }";

/// An account that comes to the list, and one in which the first thing comes to stand, leave all that is a
/// tenant's or cell's as it was, and whatever else does not have to know of it.
#[test]
fn another_account_touches_nobody() {
    /// What knows of the accounts: the archive, the registry, what deploys, and the hub.
    const KNOWS: [&str; 4] = ["/audit-archive", "/catalogue", "/delivery", "/hub"];
    for hub in ["222222222222", "444444444444"] {
        let two = Estate { hub, components: ALL, tenants: &TENANTS[..2], ..Estate::default() };
        let one = Estate { accounts: 1, ..two.clone() };
        let before = one.made(None);
        let listed = two.made(Some(&before.lock));
        let used = Estate { tenants: &TENANTS, accounts: 3, ..two }.made(Some(&listed.lock));
        let lived = |made: &Made| {
            made.plan.tenants.values().map(|t| t.account.clone()).collect::<BTreeSet<_>>().len()
        };
        assert!(lived(&before) == 1 && lived(&used) > 1);
        for (before, after) in [(&before, &listed), (&listed, &used)] {
            let touched = touched(before, after);
            let knows = |path: &String| KNOWS.iter().any(|word| path.contains(word));
            let others = touched.iter().filter(|path| *path != "manifest.json" && !knows(path));
            assert_eq!(others.count(), 0, "{touched:?}");
        }
    }
}

/// Nobody reaches anybody, with either engine.
#[test]
fn the_proof_is_clean() {
    let made = Estate { components: ALL, ..Estate::default() }.made(None);
    let proofs = made.prove().unwrap_or_else(|_| panic!("it can be read"));
    assert_eq!(proofs.len(), 2);
    let complaints = made.complaints(&proofs);
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Outside of an organization each account has a bill: costs are put together where something stands.
#[test]
fn each_bill_is_put_together() {
    let made = Estate { components: "tagging: {}", ..Estate::default() }.made(None);
    let both = [("tagging-costs", ACCOUNTS[0]), ("tagging-costs-444444444444", ACCOUNTS[1])];
    assert_eq!(of(&made, "tagging-costs"), both);
    let manifest: Value = serde_json::from_str(&made.files()["manifest.json"]).expect("JSON");
    let stacks = manifest["stacks"].as_array().expect("stacks");
    for (key, account) in both {
        let stack = stacks.iter().find(|one| one["key"] == key).expect("it is listed");
        assert_eq!((&stack["account"], &stack["region"]), (&account.into(), &HOME.into()));
        assert!(stack["after"].to_string().contains("activate-cost-tags"), "{stack}");
    }
}

/// Outside of an organization each account that something stands in has a trail, the hub's as well, and
/// the archive lets each write below its own account only.
#[test]
fn each_account_is_recorded() {
    let components = "audit: {}";
    let made = Estate { components, ..Estate::default() }.made(None);
    let trails = of(&made, "audit-trail");
    assert_eq!(
        trails,
        [
            ("audit-trail", ACCOUNTS[0]),
            ("audit-trail-444444444444", ACCOUNTS[1]),
            ("audit-trail-hub", "222222222222"),
        ]
    );
    let policy = template(&made, "audit-archive")["Resources"]["ArchivePolicy"].clone();
    let statements = policy["Properties"]["PolicyDocument"]["Statement"].clone();
    let writing = |s: &&Value| s["Action"] == "s3:PutObject";
    let writing: Vec<&Value> =
        statements.as_array().expect("statements").iter().filter(writing).collect();
    assert_eq!(writing.len(), 3);
    for (key, account) in trails {
        let stack = made.estate.stacks.iter().find(|one| one.key == key).expect("it is there");
        let trail = format!(":cloudtrail:{HOME}:{account}:trail/{}", stack.name);
        let own: Vec<&&Value> =
            writing.iter().filter(|s| s["Condition"].to_string().contains(&trail)).collect();
        let [own] = own.as_slice() else { panic!("{own:?}") };
        let to = own["Resource"].to_string();
        assert!(to.contains(&format!("/AWSLogs/{account}/*")), "{to}");
        assert_eq!(to.matches("AWSLogs").count(), 1, "{to}");
        assert!(stack.depends_on.contains(&"audit-archive".to_owned()));
    }
}

/// Whoever lives in the account and region of the registry keeps the item in its own stack, whoever else
/// comes; everybody else has an entry beside the registry, from the first on.
#[test]
fn each_tenant_is_in_the_registry() {
    const TABLE: &str = "w-t-catalogue-eu-west-1-tenants";
    let components = "catalogue: {}";
    let made = Estate { components, ..Estate::default() }.made(None);
    let home = (ACCOUNTS[0], HOME);
    for (id, placed) in &made.plan.tenants {
        let at_home = (placed.account.as_str(), placed.region.as_str()) == home;
        let stack = |key: String| made.estate.stacks.iter().find(|one| one.key == key);
        let own = stack(format!("tenant-{id}")).expect("a tenant has a stack");
        let entry = stack(format!("entry-{id}"));
        assert_eq!(entry.is_none(), at_home, "{id}");
        let entry = entry.unwrap_or(own);
        assert_eq!((entry.account.as_str(), entry.region.as_str()), home, "{id}");
        assert!(entry.depends_on.contains(&"catalogue-eu-west-1".to_owned()), "{id}");
        for stack in [own, entry] {
            let here = at_home || stack.key != own.key;
            let of =
                |extra: &&Extra| matches!(extra, Extra::CatalogueItem(table, _) if table == TABLE);
            assert_eq!(stack.extras.iter().filter(of).count(), usize::from(here), "{id}");
            let rendered = made.render();
            let module = rendered.template_text(Engine::Terraform, &stack.shape).expect("a module");
            assert_eq!(module.contains(TABLE), here, "{id}");
        }
    }
    // Whoever lives in an account of the list may ask, if a policy of that account lets it.
    let policy = template(&made, "catalogue")["Resources"]["Api"]["Properties"]["Policy"].clone();
    let named = policy["Statement"][0]["Principal"]["AWS"].to_string();
    for (account, is_named) in
        [("222222222222", true), (ACCOUNTS[0], false), (ACCOUNTS[1], true), (ACCOUNTS[2], true)]
    {
        assert_eq!(named.contains(account), is_named, "{account}: {named}");
    }
}

/// The first tenant in another region touches nobody, and neither does the first at home.
#[test]
fn the_first_elsewhere_touches_nobody() {
    let both = [("vpc", HOME), ("vpc", ABROAD)];
    let other = [("vpc", ABROAD), ("vpc", HOME)];
    for tenants in [both, other] {
        let whole = Estate { accounts: 1, components: "catalogue: {}", ..Estate::default() };
        let before = Estate { tenants: &tenants[..1], ..whole.clone() }.made(None);
        let after = Estate { tenants: &tenants, ..whole }.made(Some(&before.lock));
        let touched = touched(&before, &after);
        assert_eq!(touched, BTreeSet::from(["manifest.json".to_owned()]));
    }
}

/// A page to sign in has the certificate of its own account, and a name that no other has.
#[test]
fn each_page_has_the_certificate_of_its_account() {
    let made = Estate { components: ALL, ..Estate::default() }.made(None);
    let mut domains = BTreeSet::new();
    let mut accounts = BTreeSet::new();
    for stack in &made.estate.stacks {
        let template = &made.estate.templates[&stack.shape];
        let value = |name: &str| Some(&stack.values[template.param_index(name)?]);
        let Some(arn) = value("SignInCertificateArn") else { continue };
        assert_eq!(*arn, certificate(&stack.account), "{}", stack.key);
        let domain = value("Domain").expect("a page has a name");
        assert!(domain.ends_with(".auth.w.example") && domains.insert(domain), "{domain}");
        accounts.insert(&stack.account);
    }
    // Two pools share users, and each tenant with a VPC has its own.
    assert_eq!((domains.len(), accounts.len()), (5, 2), "{domains:?}");
}

/// Records stay in the account that their tenant lives in: each has a lake, whose buckets are called by it.
#[test]
fn each_account_has_a_lake() {
    let made = Estate { components: ALL, ..Estate::default() }.made(None);
    let lakes = [of(&made, "analytics"), of(&made, "analytics.apart")].concat();
    let keys = ["analytics-eu-west-1", "analytics-444444444444"];
    assert_eq!(lakes, [(keys[0], ACCOUNTS[0]), (keys[1], ACCOUNTS[1])]);
    let written = made.files().into_values().collect::<Vec<_>>();
    for (_, account) in lakes {
        for word in ["lake", "results"] {
            let name = format!("\"w-t-{word}-{account}-{HOME}\"");
            assert!(written.iter().any(|text| text.contains(&name)), "{name}");
        }
    }
    let apart = template(&made, "analytics.apart").to_string();
    assert!(!apart.contains(ACCOUNTS[0]), "nothing there is of the account of home");
}

/// What launches instances waits for the images of its own account, which are built in a network of it.
#[test]
fn each_account_builds_its_images() {
    let made = Estate { components: ALL, ..Estate::default() }.made(None);
    let builders = of(&made, "images");
    let keys = ["images-444444444444", "images-eu-west-1"];
    assert_eq!(builders, [(keys[0], ACCOUNTS[1]), (keys[1], ACCOUNTS[0])]);
    for (key, account) in &builders {
        let stack = made.estate.stacks.iter().find(|one| one.key == *key).expect("it is there");
        assert!(network(account).iter().all(|id| stack.values.contains(id)), "{:?}", stack.values);
    }
    let launches = |shape: &str| {
        made.estate.templates[shape].entries.iter().any(|entry| entry.tf == "aws_launch_template")
    };
    let mut accounts = BTreeSet::new();
    for stack in made.estate.stacks.iter().filter(|stack| launches(&stack.shape)) {
        let waits: Vec<&str> = (stack.depends_on.iter().map(String::as_str))
            .filter(|key| key.starts_with("images-"))
            .collect();
        let own = builders.iter().find(|(_, account)| *account == stack.account);
        assert_eq!(waits, [own.expect("its account builds some").0], "{}", stack.key);
        accounts.insert(&stack.account);
    }
    assert!(!accounts.is_empty());
}
