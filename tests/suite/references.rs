//! Whatever a stack waits for or reads of another is there before it, and it waits for that: by what is
//! written, whatever made it, and read here by other means than the library's own.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;
use tenantry::diag::human;
use tenantry::engine::{Engine, Options};
use tenantry::synth::{Made, Outcome};

use crate::small::small;
use crate::support::{blueprints, cases, options, synth_blueprint, synth_text};

type Files = BTreeMap<String, String>;

/// What is told: by account, region and path, the key of the stack that tells it.
type Told = BTreeMap<(String, String, String), String>;

/// A line of the manifest.
struct Line<'a> {
    json: &'a Value,
    key: &'a str,
    account: &'a str,
    region: &'a str,
}

/// What hangs in the air in the files of an estate, for whichever engines they are.
pub fn dangling(files: &Files) -> Vec<String> {
    let manifest = json(&files["manifest.json"]);
    let stacks = manifest["stacks"].as_array().expect("it lists stacks");
    let (mut out, mut before) = (Vec::new(), BTreeMap::new());
    for json in stacks {
        let line = Line::of(json);
        for needed in strings(&json["depends_on"]) {
            if !before.contains_key(needed) {
                out.push(format!(
                    "{} waits for {needed}, which does not stand before it",
                    line.key
                ));
            }
        }
        before.insert(line.key, json);
    }
    let mut templates = BTreeMap::new();
    for engine in [cloudformation, terraform] {
        let mut told = Told::new();
        for json in stacks {
            let line = Line::of(json);
            let Some(found) = engine(files, &line, &mut templates) else { continue };
            let elsewhere = json["foreign_account"].as_str().unwrap_or(line.account);
            let here = found.reads.iter().map(|path| (line.account, path));
            for (account, path) in here.chain(found.foreign.iter().map(|path| (elsewhere, path))) {
                let address = (account.to_owned(), line.region.to_owned(), path.clone());
                match told.get(&address) {
                    _ if path.starts_with("/aws/") => {}
                    None => out.push(format!("{} reads {path}, which nobody told", line.key)),
                    Some(by) if !waits(&before, line.key, by) => {
                        out.push(format!("{} reads {path} without waiting for {by}", line.key));
                    }
                    Some(_) => {}
                }
            }
            if found.things == 0 {
                out.push(format!("{} makes nothing", line.key));
            }
            for (region, path) in found.tells {
                let region = region.unwrap_or_else(|| line.region.to_owned());
                told.insert((line.account.to_owned(), region, path), line.key.to_owned());
            }
        }
    }
    out
}

impl<'a> Line<'a> {
    fn of(json: &'a Value) -> Self {
        let text = |name: &str| json[name].as_str().expect(name);
        Line { json, key: text("key"), account: text("account"), region: text("region") }
    }
}

/// Whether a stack waits for another, itself or by those that it waits for.
fn waits(stacks: &BTreeMap<&str, &Value>, who: &str, whom: &str) -> bool {
    let (mut seen, mut left) = (BTreeSet::from([who]), vec![who]);
    while let Some(key) = left.pop() {
        let needed = stacks.get(key).map(|json| strings(&json["depends_on"])).unwrap_or_default();
        left.extend(needed.into_iter().filter(|key| seen.insert(key)));
    }
    who != whom && seen.contains(whom)
}

/// What a stack reads, here or in another account, what it tells, perhaps in other regions, and how much it
/// makes.
#[derive(Default)]
struct Found {
    reads: Vec<String>,
    foreign: Vec<String>,
    tells: Vec<(Option<String>, String)>,
    things: usize,
}

type Templates = BTreeMap<String, Value>;

fn parsed<'a>(files: &Files, path: &str, templates: &'a mut Templates) -> &'a Value {
    templates.entry(path.to_owned()).or_insert_with(|| json(&files[path]))
}

fn cloudformation(files: &Files, line: &Line<'_>, templates: &mut Templates) -> Option<Found> {
    let template = parsed(files, line.json["template"].as_str()?, templates);
    let given = line.json["parameters"].as_str().map(|path| json(&files[path]));
    let given = given.iter().flat_map(strings).filter_map(|text| text.split_once('='));
    let given: BTreeMap<&str, &str> = given.collect();
    let mut values = BTreeMap::new();
    let mut found = Found::default();
    for (name, parameter) in template["Parameters"].as_object().into_iter().flatten() {
        let default = || parameter["Default"].as_str().unwrap_or_default();
        let value = given.get(name.as_str()).copied().unwrap_or_else(default);
        values.insert(name.as_str(), value);
        let kind = parameter["Type"].as_str().expect("a type");
        if kind.starts_with("AWS::SSM::Parameter::Value<") {
            found.reads.push(value.to_owned());
        }
    }
    // What CloudFormation cannot read is handed over by the deployment.
    found.foreign = object(&line.json["foreign"]).values().map(text).collect();
    let resources = object(&template["Resources"]);
    found.things = resources.len();
    for resource in resources.values() {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().expect("a type") {
            "AWS::SSM::Parameter" => found.tells.push((None, filled(&properties["Name"], &values))),
            "AWS::ImageBuilder::DistributionConfiguration" => {
                for one in properties["Distributions"].as_array().expect("it is handed out") {
                    let path = text(&one["SsmParameterConfigurations"][0]["ParameterName"]);
                    found.tells.push((Some(text(&one["Region"])), path));
                }
            }
            "AWS::EC2::LaunchTemplate" => {
                let image = properties["LaunchTemplateData"]["ImageId"].as_str();
                found.reads.extend(image.and_then(resolved));
            }
            _ => {}
        }
    }
    Some(found)
}

/// A text of `CloudFormation` with the values of a stack.
fn filled(value: &Value, values: &BTreeMap<&str, &str>) -> String {
    if let Some(name) = value["Ref"].as_str() {
        return values.get(name).map_or_else(|| format!("<{name}>"), |value| (*value).to_owned());
    }
    match value["Fn::Join"].as_array().map(Vec::as_slice) {
        Some([between, Value::Array(parts)]) => {
            let parts: Vec<String> = parts.iter().map(|part| filled(part, values)).collect();
            parts.join(between.as_str().expect("text"))
        }
        _ => value.as_str().map_or_else(|| panic!("{value} is not understood"), str::to_owned),
    }
}

/// The path of an image that is looked up when an instance is launched.
fn resolved(image: &str) -> Option<String> {
    let path = image.trim_matches(['{', '}']).strip_prefix("resolve:ssm:")?;
    Some(path.to_owned())
}

fn terraform(files: &Files, line: &Line<'_>, templates: &mut Templates) -> Option<Found> {
    let root = json(&files[&format!("{}/main.tf.json", line.json["root"].as_str()?)]);
    let mut found = Found::default();
    for read in object(&root["data"]["aws_ssm_parameter"]).values() {
        let path = text(&read["name"]);
        match read["provider"].as_str() {
            Some(_) => found.foreign.push(path),
            None => found.reads.push(path),
        }
    }
    let given = &root["module"]["stack"];
    let source = text(&given["source"]);
    let module = source.strip_prefix("../../").expect("modules stand beside roots");
    let module = parsed(files, &format!("terraform/{module}/main.tf.json"), templates);
    let resources = object(&module["resource"]);
    found.things = resources.values().map(|all| object(all).len()).sum();
    let of = |kind: &str| object(&module["resource"][kind]).values();
    for parameter in of("aws_ssm_parameter") {
        found.tells.push((None, interpolated(&text(&parameter["name"]), given)));
    }
    for handed in of("aws_imagebuilder_distribution_configuration") {
        for one in handed["distribution"].as_array().expect("it is handed out") {
            let path = text(&one["ssm_parameter_configuration"][0]["parameter_name"]);
            found.tells.push((Some(text(&one["region"])), path));
        }
    }
    for launch in of("aws_launch_template") {
        found.reads.extend(launch["image_id"].as_str().and_then(resolved));
    }
    Some(found)
}

/// A text of a module with what a root gives it.
fn interpolated(name: &str, given: &Value) -> String {
    let mut out = String::new();
    let mut left = name;
    while let Some((before, rest)) = left.split_once("${var.") {
        let (variable, rest) = rest.split_once('}').expect("it is closed");
        out.push_str(before);
        out.push_str(given[variable].as_str().expect("it is given"));
        left = rest;
    }
    out + left
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().map(|item| item.as_str().expect("text")).collect()
}

/// The members of an object; none where there is none.
fn object(value: &Value) -> &serde_json::Map<String, Value> {
    static NONE: std::sync::LazyLock<serde_json::Map<String, Value>> =
        std::sync::LazyLock::new(serde_json::Map::new);
    value.as_object().unwrap_or(&NONE)
}

/// Every component, with all that makes stacks or reads something.
const COMPONENTS: [(&str, &str); 10] = [
    ("analytics", "{ warehouse: {}, spark: {}, notebooks: { users: [ada] } }"),
    ("audit", "{ data_events: true }"),
    ("backup", "{ lock: { min_days: 7, max_days: 400 }, restore_test: {} }"),
    ("catalogue", "{ readers: ['444444444444'] }"),
    ("chargeback", "{ meters: { requests: { price: '0.0004' } } }"),
    (
        "delivery",
        "{ applications: {}, images: { networks: { NETWORKS } }, parameters: { LEVEL: debug } }",
    ),
    ("identity", "{ callbacks: ['https://{{tenant}}.r.example/'] }"),
    ("monitoring", "{ dashboards: tenants }"),
    (
        "protection",
        "{ dns: { block: [r.example] }, hsm: { subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d] } }",
    ),
    ("tagging", "{}"),
];

/// Where tenants live: never in the home region of a workload account.
#[derive(Clone, Copy, Debug)]
enum Live {
    Nowhere,
    Abroad,
    /// Abroad, in two workload accounts.
    AbroadInTwo,
    AccountsOfTheirOwn,
}

impl Live {
    fn text(self, components: &[(&str, &str)]) -> String {
        let list: Vec<String> =
            components.iter().map(|(name, block)| format!("{name}: {block}")).collect();
        let accounts: &[&str] = match self {
            Live::AbroadInTwo => &["333333333333", "444444444444"],
            _ => &["333333333333"],
        };
        let network = |id: &&str| {
            format!("'{id}': {{ subnet: subnet-0a1b2c3d, security_group: sg-0a1b2c3d }}")
        };
        let networks: Vec<String> = accounts.iter().map(network).collect();
        let components = list.join(", ").replace("NETWORKS", &networks.join(", "));
        let (connect, tenants) = match self {
            Live::Nowhere => ("none", ""),
            Live::Abroad => ("transit-gateway", "{ id: t1, tier: silo, region: us-east-1 }"),
            Live::AbroadInTwo => (
                "transit-gateway",
                "{ id: t1, tier: silo, region: us-east-1 }, { id: t2, tier: pool, region: us-east-1 }",
            ),
            Live::AccountsOfTheirOwn => (
                "peering",
                "{ id: t1, tier: own, email: a+1@r.example }, \
                 { id: t2, tier: own, region: us-east-1, email: a+2@r.example }",
            ),
        };
        format!(
            "{HEAD}accounts: {{ {OTHERS}, workload: {accounts:?} }}\n\
             network: {{ {NETWORK}, hub: {{ connect: {connect} }} }}\n\
             places: {{ 333333333333/us-east-1: {{ quotas: {{ vpc.vpcs-per-region: 1 }} }} }}\n\
             components: {{ {components} }}\n{TIERS}tenants: [{tenants}]\n"
        )
    }
}

const HEAD: &str = "version: 1\nname: r\nenvironment: t\nregions: [eu-west-1, us-east-1]\n\
    organization: { id: o-references, root: r-ab12 }\n";

const OTHERS: &str =
    "management: '111111111111', shared: '222222222222', log_archive: '555555555555'";

const NETWORK: &str = "zones: 2, zone_slots: 2, pools: [{ cidr: 10.0.0.0/9 }], egress: { nat: none }, \
    endpoints: { gateway: [s3, dynamodb] }";

const TIERS: &str = "tiers:\n\
    \x20 own: { isolation: account, network: { prefix: 22 }, account: { budget: { monthly: 9, notify: [a@r.example] } } }\n\
    \x20 silo: { isolation: vpc, network: { prefix: 22 } }\n\
    \x20 pool: { isolation: application, network: { cell_prefix: 22 }, pool: { tenants: 2 }, \
    app: { instances: { types: [t4g.small], min: 1, max: 2 } }, \
    data: { engine: dynamodb, partition: item, tables: { orders: {} } }, throttle: { rate: 1, burst: 2 }, \
    components: { microservice: { services: { invoices: {} } } } }\n";

fn with(engines: &[Engine]) -> Options {
    Options { engines: engines.to_vec(), ..options() }
}

fn run(text: &str, options: Options) -> Outcome {
    synth_text("r.yaml", text.as_bytes(), None, ".".as_ref(), options)
}

fn made(text: &str, options: Options) -> Made {
    let outcome = run(text, options);
    let said = human::render(outcome.sink.as_slice(), &outcome.sources, false);
    outcome.made.unwrap_or_else(|| panic!("{said}{text}"))
}

#[test]
fn every_blueprint_stands_by_itself() {
    for name in blueprints() {
        let made = synth_blueprint(&name, options()).made.expect("it is sound");
        assert_eq!(dangling(&made.files()), Vec::<String>::new(), "{name}");
    }
}

/// What an estate or an account has once stands in the home region, whether anybody lives there or not; so
/// what it takes must be there, too.
#[test]
fn every_pair_of_components_stands_where_nobody_lives() {
    // One after the other: all of them together are made in each.
    let mut lives = [Live::Nowhere, Live::Abroad, Live::AccountsOfTheirOwn].iter().cycle();
    for (n, one) in COMPONENTS.iter().enumerate() {
        for (other, live) in COMPONENTS[..n].iter().zip(&mut lives) {
            let text = live.text(&[*one, *other]);
            let made = made(&text, with(&[Engine::CloudFormation]));
            let found = dangling(&made.files());
            assert_eq!(found, Vec::<String>::new(), "{live:?}: {} and {}", one.0, other.0);
        }
    }
}

/// The same with all of them, for both engines.
#[test]
fn all_components_stand_where_nobody_lives() {
    let all = [Live::Nowhere, Live::Abroad, Live::AbroadInTwo, Live::AccountsOfTheirOwn];
    for live in all {
        let made = made(&live.text(&COMPONENTS), options());
        assert_eq!(dangling(&made.files()), Vec::<String>::new(), "{live:?}");
        let at_home = |account: &str, shape: &str| {
            let mut stacks = made.estate.stacks.iter();
            stacks.any(|s| (&*s.account, &*s.region, &*s.shape) == (account, "eu-west-1", shape))
        };
        for shape in ["monitoring", "protection"] {
            assert!(at_home("333333333333", shape), "{live:?}");
            let two = matches!(live, Live::AbroadInTwo);
            assert_eq!(at_home("444444444444", shape), two, "{live:?}");
        }
        assert!(!at_home("333333333333", "foundation"), "{live:?}: somebody lives there");
    }
}

/// What has nothing to make without tiers makes no stack.
#[test]
fn components_stand_where_there_are_no_tiers() {
    let text = Live::AbroadInTwo.text(&COMPONENTS);
    let (before, behind) = text.split_once("tiers:").expect("there are some");
    let (_, tenants) = behind.split_once("tenants: [").expect("there are some");
    let text = format!("{before}tiers: {{}}\ntenants: [] #{tenants}");
    let only = "applications: {}, images: { networks: { ";
    let (before, behind) = text.split_once(only).expect("it is delivered");
    let (_, parameters) = behind.split_once(" } }, parameters").expect("it is delivered");
    let made = made(&format!("{before}parameters{parameters}"), options());
    assert_eq!(dangling(&made.files()), Vec::<String>::new());
    assert!(made.estate.stacks.iter().any(|stack| stack.shape == "tagging-costs"));
}

/// What this test looks for is found: a stack that is gone, one that comes too late, and one that is not
/// waited for.
#[test]
fn what_hangs_in_the_air_is_found() {
    let files = made(&Live::Nowhere.text(&COMPONENTS), options()).files();
    let changed = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut files = files.clone();
        let mut manifest = json(&files["manifest.json"]);
        change(manifest["stacks"].as_array_mut().expect("stacks"));
        files.insert("manifest.json".to_owned(), manifest.to_string());
        dangling(&files)
    };
    assert_eq!(changed(&|_| {}), Vec::<String>::new());
    let topics = |stack: &Value| stack["key"] == "monitoring-eu-west-1";
    let told = "/r/t/monitoring/critical-topic-arn";
    let gone = changed(&|stacks| stacks.retain(|stack| !topics(stack)));
    let late = changed(&|stacks| {
        let at = stacks.iter().position(topics).expect("it is there");
        let stack = stacks.remove(at);
        stacks.push(stack);
    });
    for found in [gone, late] {
        let waits =
            "catalogue-eu-west-1 waits for monitoring-eu-west-1, which does not stand before it";
        assert!(found.iter().any(|said| said == waits), "{found:?}");
        let reads = format!("catalogue-eu-west-1 reads {told}, which nobody told");
        assert_eq!(found.iter().filter(|said| **said == reads).count(), 2, "both engines");
    }
    let hasty = changed(&|stacks| {
        let catalogue = stacks.iter_mut().find(|stack| stack["key"] == "catalogue-eu-west-1");
        catalogue.expect("it is there")["depends_on"] = Value::Array(Vec::new());
    });
    let reads =
        format!("catalogue-eu-west-1 reads {told} without waiting for monitoring-eu-west-1");
    assert_eq!(hasty.iter().filter(|said| **said == reads).count(), 2, "{hasty:?}");
}

proptest! {
    #![proptest_config(cases(3))]

    #[test]
    fn estates_at_random_stand_by_themselves(small in small(), chosen in 0..1_u32 << 10) {
        let chosen: Vec<String> = (0..).zip(COMPONENTS).filter(|(n, _)| chosen >> n & 1 == 1)
            .map(|(_, (name, block))| format!("{name}: {}", block.replace("networks: { NETWORKS }", "")))
            .collect();
        let text = small.bare().replace("tiers:\n", &format!("components: {{ {} }}\ntiers:\n", chosen.join(", ")));
        let outcome = run(&text, with(&[Engine::CloudFormation]));
        // Some have no room for all, or are over their limits.
        prop_assume!(outcome.made.is_some());
        let made = outcome.made.expect("it was just there");
        prop_assert_eq!(dangling(&made.files()), Vec::<String>::new(), "{}", text);
    }
}
