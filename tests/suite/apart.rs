//! Accounts of tenants and a hub in an account of its own: who reads what where, by which role, and
//! what waits.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tenantry::engine::{Engine, Options};
use tenantry::name::snake;
use tenantry::prove;
use tenantry::synth::{Made, Request, synth};

use crate::support::{faults, options, root, synth_text};

pub const HUB: &str = "222222222222";
pub const WORKLOAD: &str = "333333333333";
pub const GLOBEX: &str = "555555555555";

/// Two accounts of tenants, a VPC and a cell; AWS has made the account of globex, not of initech.
pub fn made(connect: &str, shared: &str, inline: bool) -> Made {
    let text = format!(
        "version: 1\nname: acme\nenvironment: prod\nregions: [eu-west-1]\n\
         accounts: {{ management: '111111111111', shared: '{shared}', workload: '{WORKLOAD}' }}\n\
         organization: {{ id: o-exampleorgid, root: r-ab12 }}\n\
         network: {{ pools: [{{ cidr: 10.0.0.0/8 }}], zones: 2, hub: {{ connect: {connect} }} }}\n\
         tiers:\n\
         \x20 gold: {{ isolation: account, network: {{ prefix: 21 }}, account: {{ budget: {{ monthly: 9, notify: [a@a.example] }} }} }}\n\
         \x20 business: {{ isolation: vpc, network: {{ prefix: 21 }} }}\n\
         \x20 team: {{ isolation: subnet, network: {{ prefix: 25, cell_prefix: 20 }} }}\n\
         tenants:\n\
         \x20 - {{ id: globex, tier: gold, email: aws+globex@acme.example }}\n\
         \x20 - {{ id: hooli, tier: business }}\n\
         \x20 - {{ id: initech, tier: gold, email: aws+initech@acme.example }}\n\
         \x20 - {{ id: soylent, tier: team }}\n"
    );
    let run = |lock: Option<&str>| {
        let options = Options { inline, ..options() };
        let outcome = synth_text("a.yaml", text.as_bytes(), lock, ".".as_ref(), options);
        outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
    };
    let first = run(None).lock;
    let line = first.lines().find(|line| line.starts_with("\"globex\"")).expect("it is there");
    let known = first.replace(line, &line.replace("000000000000", GLOBEX));
    assert_ne!(known, first, "the account was not known");
    run(Some(&known))
}

fn manifest(made: &Made) -> Value {
    let shared = made.render().shared();
    let manifest = shared.iter().find(|file| file.path == "manifest.json").expect("one");
    serde_json::from_str(&manifest.text).expect("JSON")
}

pub fn lines(made: &Made) -> Vec<Value> {
    manifest(made)["stacks"].as_array().expect("stacks").clone()
}

pub fn line(made: &Made, key: &str) -> Value {
    lines(made).into_iter().find(|line| line["key"] == key).expect(key)
}

/// The file of a stack below a folder of an engine.
fn file(made: &Made, key: &str, folder: &str) -> Value {
    let stack = made.estate.stacks.iter().find(|stack| stack.key == key).expect(key);
    let files = made.render().stack(stack);
    let file = files.iter().find(|file| file.path.starts_with(folder)).expect(folder);
    serde_json::from_str(&file.text).expect("JSON")
}

fn template(made: &Made, shape: &str) -> Value {
    let rendered = made.render();
    let text = rendered.template_text(Engine::CloudFormation, shape).expect("it was rendered");
    serde_json::from_str(text).expect("JSON")
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

pub const CONNECTS: [(&str, &[&str]); 2] =
    [("transit-gateway", &["TransitGatewayId"]), ("peering", &["HubVpcId", "PeeringRoleArn"])];

/// What the hub's account tells is a plain parameter, in no file, and read by a role there.
#[test]
fn values_of_the_hub_are_read_in_its_account() {
    for (connect, foreign) in CONNECTS {
        let made = made(connect, HUB, false);
        let line = line(&made, "tenant-globex");
        let wanted: BTreeSet<String> = foreign.iter().map(ToString::to_string).collect();
        assert_eq!(keys(&line["foreign"]), wanted, "{connect}");
        assert_eq!(line["foreign_account"], HUB);
        assert_eq!(line["foreign_role"], "OrganizationAccountAccessRole");
        assert_eq!(line.get("foreign_external_id"), None);
        assert_eq!(
            (&line["account"], &line["role"]),
            (&json!(GLOBEX), &json!("acme-prod-deployer"))
        );
        assert_eq!(line["external_id"], format!("acme-prod-{GLOBEX}"));

        let parameters = &template(&made, line["shape"].as_str().expect("a shape"))["Parameters"];
        let given = file(&made, "tenant-globex", "cloudformation/").to_string();
        let root = file(&made, "tenant-globex", "terraform/");
        let sources = &root["data"]["aws_ssm_parameter"];
        for name in foreign {
            assert_eq!(parameters[name]["Type"], "String", "{connect} {name}");
            assert!(!given.contains(&format!("\"{name}=")), "{connect}: {given}");
            assert_eq!(sources[snake(name)]["provider"], "aws.foreign", "{connect} {name}");
            assert_eq!(sources[snake(name)]["name"], line["foreign"][name], "{connect} {name}");
        }
        let own = sources.as_object().expect("sources").iter();
        let own: Vec<_> =
            own.filter(|(name, _)| !wanted.iter().any(|w| snake(w) == **name)).collect();
        assert!(own.iter().all(|(_, source)| source.get("provider").is_none()), "{own:?}");

        let providers = root["provider"]["aws"].as_array().expect("providers");
        assert_eq!(providers.len(), 2, "{connect}");
        let role = |provider: &Value| provider["assume_role"][0].clone();
        assert_eq!(providers[0]["allowed_account_ids"], json!([GLOBEX]));
        assert_eq!(
            role(&providers[0])["role_arn"],
            format!("arn:aws:iam::{GLOBEX}:role/acme-prod-deployer")
        );
        assert_eq!(role(&providers[0])["external_id"], format!("acme-prod-{GLOBEX}"));
        assert_eq!(providers[1]["alias"], "foreign");
        assert_eq!(providers[1]["allowed_account_ids"], json!([HUB]));
        assert_eq!(
            role(&providers[1])["role_arn"],
            format!("arn:aws:iam::{HUB}:role/OrganizationAccountAccessRole")
        );
        assert_eq!(role(&providers[1]).get("external_id"), None);
    }
}

/// One stack in the account of the hub for each VPC and cell of another account, and no other.
#[test]
fn what_is_apart_has_a_spoke() {
    for (connect, _) in CONNECTS {
        let spokes = |made: &Made| -> Vec<(String, Value)> {
            let all = lines(made).into_iter().filter(|line| line["wave"] == 9);
            all.map(|line| (line["key"].as_str().expect("a key").to_owned(), line)).collect()
        };
        let apart = spokes(&made(connect, HUB, false));
        let names: Vec<&str> = apart.iter().map(|(key, _)| key.as_str()).collect();
        let all = [
            "spoke-cell-team-eu-west-1-1",
            "spoke-tenant-globex",
            "spoke-tenant-hooli",
            "spoke-tenant-initech",
        ];
        assert_eq!(names, all, "{connect}");
        for ((key, line), account) in apart.iter().zip([WORKLOAD, GLOBEX, WORKLOAD, "000000000000"])
        {
            assert_eq!(
                (&line["account"], &line["foreign_account"]),
                (&json!(HUB), &json!(account)),
                "{key}"
            );
            assert_eq!(keys(&line["foreign"]), BTreeSet::from(["LinkId".to_owned()]), "{key}");
            // The deployment is in the workload account, and enters the others.
            let role = (account != WORKLOAD).then(|| json!("acme-prod-deployer"));
            assert_eq!(line.get("foreign_role"), role.as_ref(), "{key}");
            let external = (account != WORKLOAD).then(|| json!(format!("acme-prod-{account}")));
            assert_eq!(line.get("foreign_external_id"), external.as_ref(), "{key}");
            // It reads what the stack of the VPC publishes, so it comes after that.
            let path = line["foreign"]["LinkId"].as_str().expect("a path");
            let stack = key.strip_prefix("spoke-").expect("a spoke");
            assert_eq!(path, format!("/acme/prod/{}/hub-link-id", stack.replacen('-', "/", 1)));
            let depends = line["depends_on"].as_array().expect("keys");
            assert!(depends.contains(&json!(stack)), "{key}: {depends:?}");
        }
        // A hub beside the workload has spokes for accounts of tenants only.
        let beside = spokes(&made(connect, WORKLOAD, false));
        let names: Vec<&str> = beside.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(names, ["spoke-tenant-globex", "spoke-tenant-initech"], "{connect}");
    }
}

/// The hub's side is in the account of the hub: nobody else's template touches its tables.
#[test]
fn the_tables_of_the_hub_are_changed_in_its_account() {
    for (connect, _) in CONNECTS {
        let made = made(connect, HUB, false);
        let mut sides = 0;
        for line in lines(&made) {
            let shape = line["shape"].as_str().expect("a shape");
            for (id, resource) in
                template(&made, shape)["Resources"].as_object().expect("resources")
            {
                let kind = resource["Type"].as_str().expect("a type");
                let table = &resource["Properties"]["RouteTableId"]["Ref"];
                let table = table.as_str().is_some_and(|name| name.starts_with("HubPrivate"));
                if kind.starts_with("AWS::EC2::TransitGatewayRouteTable") || table {
                    assert_eq!(line["account"], HUB, "{connect} {shape} {id}");
                    sides += u32::from(shape.starts_with("spoke"));
                }
            }
        }
        assert!(sides >= 4, "{connect}: the spokes do the hub's side");
    }
}

/// What waits says so, its spoke too, and nothing else; every line is one that the schema allows.
#[test]
fn the_manifest_says_what_waits() {
    let schema = fs::read_to_string(root().join("schemas/manifest.schema.json")).expect("a schema");
    let schema =
        jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("sound");
    for (connect, _) in CONNECTS {
        for inline in [false, true] {
            let made = made(connect, HUB, inline);
            let manifest = manifest(&made);
            let faults: Vec<String> =
                schema.iter_errors(&manifest).map(|e| e.to_string()).collect();
            assert_eq!(faults, Vec::<String>::new(), "{connect}");
            for line in lines(&made) {
                let waits = line.get("pending").is_some();
                let mentions =
                    line["account"] == "000000000000" || line["foreign_account"] == "000000000000";
                assert_eq!(waits, mentions, "{}", line["key"]);
                // The account itself is asked for: what waits is what lives in it.
                let inside = line["wave"].as_u64() >= Some(8);
                assert_eq!(waits, inside && line["tenant"] == "initech", "{}", line["key"]);
            }
        }
    }
}

/// A hub that is shared with the organization is shared with nobody else, though nothing of the estate stands
/// in the account that manages it: neither where no tier has accounts, nor in the folder of one tenant.
#[test]
fn an_organization_is_known_by_who_manages_it() {
    let without = "version: 1\nname: acme\nenvironment: prod\nregions: [eu-west-1]\n\
        accounts: { management: '111111111111', shared: '222222222222', workload: '333333333333' }\n\
        organization: { id: o-exampleorgid, root: r-ab12 }\n\
        network: { pools: [{ cidr: 10.0.0.0/8 }], zones: 2, hub: { connect: transit-gateway } }\n\
        tenants: [{ id: hooli, tier: business }]\n\
        tiers:\n  business: { isolation: vpc, network: { prefix: 21 } }\n";
    let own = "  gold: { isolation: account, network: { prefix: 21 }, \
        account: { budget: { monthly: 9, notify: [a@a.example] } } }\n";
    let with = format!("{without}{own}");
    let made = |text: &str, tenants: &[String]| {
        let request = Request {
            name: "a.yaml",
            blueprint: text.as_bytes(),
            lock: None,
            locked: false,
            options: options(),
            tenants,
        };
        let outcome = synth(&request, &mut |_| Err("no files".to_owned()));
        outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()))
    };
    let (new, whole, part) =
        (made(without, &[]), made(&with, &[]), made(&with, &["hooli".to_owned()]));
    // All that stands there then is a cost category, which lets nobody do anything.
    let tagged = made(&format!("{without}components: {{ tagging: {{}} }}\n"), &[]);
    assert!(tagged.estate.stacks.iter().any(|stack| stack.account == "111111111111"));
    for (made, said) in [(&new, true), (&whole, false), (&part, true), (&tagged, false)] {
        let text = &made.files()["manifest.json"];
        assert_eq!(faults("manifest", text), Vec::<String>::new());
        let account = said.then_some("111111111111");
        assert_eq!(manifest(made)["management_account"].as_str(), account);
        let proofs = made.prove().expect("it can be read");
        let found: Vec<_> = proofs.iter().flat_map(|proof| &proof.reachable).collect();
        assert!(proofs.len() == 2 && found.is_empty(), "{found:?}");
    }
    // A share is as it always was, and that of a stranger is found.
    assert_eq!(template(&new, "hub"), template(&whole, "hub"));
    let mut files = new.files();
    let text = files["manifest.json"].replace("111111111111", "999999999999");
    files.insert("manifest.json".to_owned(), text);
    for proof in prove::prove(&files).expect("it can be read") {
        let [found] = proof.reachable.as_slice() else { panic!("{:?}", proof.reachable) };
        assert_eq!(found.by, "identity/share");
    }
}
