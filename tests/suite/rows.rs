//! One test for each quota that is counted. What a blueprint uses of it is counted a second time here,
//! from the templates and the values of the stacks, by another way than the counter's: every reference
//! is followed, every text is put together. With a limit of exactly that, it passes; with one less, it
//! fails with the row's id. A row that no blueprint uses, or that has no second count, fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value};
use tenantry::aws::{PENDING, quota};
use tenantry::check::quota::rows::ROWS;
use tenantry::check::quota::{Use, count};
use tenantry::engine::Engine;
use tenantry::spec::quota::Place;
use tenantry::synth::Made;
use tenantry::template::{ParamKind, Stack, Template};

use crate::generated::is_current;
use crate::rows_sets::{carried, default_vpcs};
use crate::rows_ways::{Row, Way, table};
use crate::support::{options, root, synth_blueprint, synth_text};

/// Blueprints that use all that is counted.
const BLUEPRINTS: [&str; 15] = [
    "full.yaml",
    "hybrid.yaml",
    "account-audit.yaml",
    "account-peering.yaml",
    "application-sql.yaml",
    "application-tables.yaml",
    "component-analytics.yaml",
    "component-chargeback.yaml",
    "component-identity.yaml",
    "component-microservice.yaml",
    "component-monitoring.yaml",
    "component-protection.yaml",
    "container-ec2.yaml",
    "two-regions.json",
    "vpc-transit-gateway.yaml",
];

/// A resource of a stack, with every reference followed.
pub struct Resource {
    /// Its stack and logical id, with a mark, as references to it come out.
    pub handle: String,
    /// Its type.
    pub kind: String,
    /// Its properties; a reference is the handle of what it names.
    pub properties: Value,
    /// The same; a reference is as long as the longest that AWS makes.
    pub long: Value,
    /// Its account, or its tenant while AWS has not made that.
    pub account: String,
    /// Its region.
    pub region: String,
}

/// Everything that an estate holds.
pub struct Everything {
    /// The resources of all stacks.
    pub resources: Vec<Resource>,
    /// The account and region of each stack.
    pub stacks: Vec<String>,
    /// The accounts that hold more than one tenant's own, and the one that deploys.
    pub named: BTreeSet<String>,
    /// The far end on premises: its address, and how many blocks there are behind it.
    pub premises: Option<(String, u64)>,
    /// The stack of each route that Terraform lets a transit gateway learn from a VPN connection.
    pub learned: Vec<String>,
    /// The templates: as JSON, and as text.
    pub templates: Vec<(Value, String)>,
}

/// What a stack knows of its parameters and of others.
struct Context<'a> {
    stack: &'a Stack,
    template: &'a Template,
    published: &'a BTreeMap<(String, String, String), String>,
    long: bool,
}

impl Context<'_> {
    fn resource(&self, id: &str) -> String {
        if self.long { "R".repeat(100) } else { format!("@{}/{id}", self.stack.key) }
    }

    fn reference(&self, name: &str) -> String {
        if let Some(at) = self.template.param_index(name) {
            let value = self.stack.values[at].clone();
            let from = match (&self.stack.foreign, self.template.params[at].kind) {
                (Some((account, _)), ParamKind::Foreign) => account,
                _ => &self.stack.account,
            };
            let key = (from.clone(), self.stack.region.clone(), value.clone());
            return match self.published.get(&key) {
                Some(handle) if !self.long => handle.clone(),
                _ => value,
            };
        }
        match name {
            "AWS::AccountId" => "1".repeat(12),
            "AWS::Partition" => "aws-us-gov".to_owned(),
            "AWS::Region" => "ap-southeast-1".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com.cn".to_owned(),
            id => self.resource(id),
        }
    }

    fn resolve(&self, value: &Value) -> Value {
        let text = |value: &Value| match self.resolve(value) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        match value {
            Value::Object(map) if map.len() == 1 => {
                if let Some(name) = value["Ref"].as_str() {
                    return self.reference(name).into();
                }
                if let Some(id) = value["Fn::GetAtt"][0].as_str() {
                    return self.resource(id).into();
                }
                if let Some(parts) = value["Fn::Join"][1].as_array() {
                    let separator = value["Fn::Join"][0].as_str().expect("a separator");
                    return parts.iter().map(text).collect::<Vec<_>>().join(separator).into();
                }
                self.each(map)
            }
            Value::Object(map) => self.each(map),
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            other => other.clone(),
        }
    }

    fn each(&self, map: &Map<String, Value>) -> Value {
        map.iter()
            .map(|(key, value)| (key.clone(), self.resolve(value)))
            .collect::<Map<_, _>>()
            .into()
    }
}

/// Reads an estate from its templates and stacks.
pub fn everything(made: &Made) -> Everything {
    let rendered = made.render();
    let read = |shape: &String| {
        let text = rendered.template_text(Engine::CloudFormation, shape).expect("a template");
        (serde_json::from_str::<Value>(text).expect("JSON"), text.to_owned())
    };
    let templates: BTreeMap<&String, (Value, String)> =
        made.estate.templates.keys().map(|shape| (shape, read(shape))).collect();
    let resources = |stack: &Stack| {
        let all = templates[&stack.shape].0["Resources"].as_object().expect("resources").clone();
        all.into_iter()
    };
    let mut published = BTreeMap::new();
    for stack in &made.estate.stacks {
        let template = &made.estate.templates[&stack.shape];
        let none = BTreeMap::new();
        let context = Context { stack, template, published: &none, long: false };
        for (_, it) in resources(stack).filter(|(_, it)| it["Type"] == "AWS::SSM::Parameter") {
            let of = |key: &str| context.resolve(&it["Properties"][key]);
            let (Value::String(name), Value::String(value)) = (of("Name"), of("Value")) else {
                continue;
            };
            if value.starts_with('@') {
                published.insert((stack.account.clone(), stack.region.clone(), name), value);
            }
        }
    }
    let learns = |shape: &String| {
        let module = rendered.template_text(Engine::Terraform, shape).expect("a module");
        (shape.clone(), learned_routes(module))
    };
    let from_vpn: BTreeMap<String, usize> = made.estate.templates.keys().map(learns).collect();
    let (mut out, mut stacks, mut learned) = (Vec::new(), Vec::new(), Vec::new());
    for stack in &made.estate.stacks {
        let template = &made.estate.templates[&stack.shape];
        let context = |long| Context { stack, template, published: &published, long };
        learned.extend(vec![stack.key.clone(); from_vpn[&stack.shape]]);
        let account = account(stack);
        stacks.push(format!("{account}/{}", stack.region));
        let read = |(id, it): (String, _)| resource(&context, &account, &id, &it);
        out.extend(resources(stack).map(read));
    }
    let none = (BTreeMap::new(), Template::nameless("carried", "What a stack set carries."));
    let mut texts = BTreeSet::new();
    for one in carried(made, &out) {
        let account = account(&one.stack);
        let context =
            |long| Context { stack: &one.stack, template: &none.1, published: &none.0, long };
        stacks.push(format!("{account}/{}", one.stack.region));
        let all = one.template["Resources"].as_object().expect("resources").clone();
        out.extend(all.into_iter().map(|(id, it)| resource(&context, &account, &id, &it)));
        texts.insert(one.text);
    }
    out.extend(default_vpcs(made, &out));
    let network = &made.spec.network;
    let vpn = network.on_premises.as_ref().and_then(|it| it.vpn.as_ref());
    let premises = vpn.map(|it| (it.gateway_ip.to_string(), network.premises().len() as u64));
    let inner = texts.into_iter().map(|text| (serde_json::from_str(&text).expect("JSON"), text));
    let templates = templates.into_values().chain(inner).collect();
    let shared = made.estate.stacks.iter().filter(|stack| stack.tenant.is_none());
    let named = shared.map(|stack| &stack.account).chain([&made.spec.deploy.account]);
    let named = named.cloned().collect();
    Everything { resources: out, stacks, named, premises, learned, templates }
}

fn account(stack: &Stack) -> String {
    match (stack.account.as_str(), &stack.tenant) {
        (PENDING, Some(tenant)) => format!("of {tenant}"),
        (account, _) => account.to_owned(),
    }
}

/// A resource of a stack, as JSON has it.
fn resource<'a>(
    context: &dyn Fn(bool) -> Context<'a>,
    account: &str,
    id: &str,
    it: &Value,
) -> Resource {
    let stack = context(false).stack;
    Resource {
        handle: format!("@{}/{id}", stack.key),
        kind: it["Type"].as_str().expect("a type").to_owned(),
        properties: context(false).resolve(&it["Properties"]),
        long: context(true).resolve(&it["Properties"]),
        account: account.to_owned(),
        region: stack.region.clone(),
    }
}

/// How many tables of a transit gateway learn from a VPN connection, as a module says.
fn learned_routes(module: &str) -> usize {
    let module: Value = serde_json::from_str(module).expect("JSON");
    let all = module["resource"]["aws_ec2_transit_gateway_route_table_propagation"].as_object();
    let from_vpn = |it: &&Value| {
        let from = it["transit_gateway_attachment_id"].as_str().unwrap_or_default();
        from.contains("aws_vpn_connection")
    };
    all.map_or(0, |all| all.values().filter(from_vpn).count())
}

/// How many there are in the fullest place, counted from what was read.
fn second(way: &Way, scope: &str, all: &Everything) -> u64 {
    let mut places: BTreeMap<String, u64> = BTreeMap::new();
    match way {
        Way::Each(kinds, fits) => {
            let counts = |it: &&Resource| kinds.contains(&it.kind.as_str()) && fits(&it.properties);
            for it in all.resources.iter().filter(counts) {
                let place = match scope {
                    "per-organization" => String::new(),
                    "per-account" => it.account.clone(),
                    _ => format!("{}/{}", it.account, it.region),
                };
                *places.entry(place).or_default() += 1;
            }
        }
        Way::By(pairs, fits) => {
            for (kind, property) in *pairs {
                let counts = |it: &&Resource| it.kind == *kind && fits(&it.properties);
                for it in all.resources.iter().filter(counts) {
                    if let Some(owner) = it.properties[*property].as_str() {
                        *places.entry(owner.to_owned()).or_default() += 1;
                    }
                }
            }
        }
        Way::Most(measure) => return measure(all),
    }
    places.values().copied().max().unwrap_or(0)
}

fn fullest(uses: &[Use]) -> BTreeMap<&'static str, u64> {
    let mut out = BTreeMap::new();
    for one in uses {
        let most = out.entry(one.quota).or_insert(0);
        *most = one.used.max(*most);
    }
    out
}

/// What is over when every account has been granted so many.
fn over(made: &mut Made, limits: &BTreeMap<&'static str, u64>) -> BTreeSet<&'static str> {
    let accounts: BTreeSet<String> =
        made.estate.stacks.iter().map(|stack| stack.account.clone()).collect();
    for (id, limit) in limits {
        for account in &accounts {
            let place = Place { account: account.clone(), region: None };
            made.spec.quotas.grant(place, id, u32::try_from(*limit).expect("a number"));
        }
    }
    let uses = count(&made.spec, &made.estate);
    uses.iter().filter(|one| one.is_over()).map(|one| one.quota).collect()
}

/// The only blueprint of the repository's that is too large for one look is `full.yaml`; what none of
/// them uses stands in `tests/rows/`.
fn made(name: &str) -> Made {
    let outcome = match name.strip_prefix("rows/") {
        Some(file) => {
            let path = root().join("tests/rows").join(file);
            let text = std::fs::read(path).expect("a blueprint");
            synth_text(name, &text, None, &root(), options())
        }
        None => synth_blueprint(name, options()),
    };
    outcome.made.unwrap_or_else(|| panic!("{name}: {:?}", outcome.sink.as_slice()))
}

#[test]
fn every_row_at_its_limit_passes_and_one_more_does_not() {
    let ways: BTreeMap<&str, &Row> = table::all().map(|row| (row.0, row)).collect();
    assert_eq!(ways.len(), table::all().count(), "each row has one way");
    let mut tried: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    let mut faults = Vec::new();
    for name in BLUEPRINTS.iter().chain(&EXTRA) {
        let mut made = made(name);
        let all = everything(&made);
        let counted = fullest(&count(&made.spec, &made.estate));
        let mut most = BTreeMap::new();
        for row in ROWS {
            let Some((_, there, way, _)) = ways.get(row.id) else { continue };
            let scope = quota::get(row.id).expect("a row of the table").scope;
            let (found, told) = (second(way, scope, &all), counted.get(row.id));
            match (found, told) {
                (0, None) => {}
                (found, Some(told)) if found + there == *told => {
                    most.insert(row.id, *told);
                }
                (found, told) => faults.push(format!(
                    "{name}: {}: {told:?} are counted, and {found} and {there} are there",
                    row.id
                )),
            }
        }
        let at: BTreeSet<&str> = over(&mut made, &most);
        let less = most.iter().map(|(id, most)| (*id, most - 1)).collect();
        let short = over(&mut made, &less);
        for (id, count) in &most {
            if at.contains(id) || !short.contains(id) {
                faults.push(format!("{name}: {id}: {count} are used, and the limit does not hold"));
            }
            let best = tried.entry(id).or_insert((0, name));
            if *count > best.0 {
                *best = (*count, name);
            }
        }
    }
    for row in ROWS.iter().filter(|row| !tried.contains_key(row.id)) {
        faults.push(format!("{}: no blueprint uses it, or nothing counts it again", row.id));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    is_current("docs/quotas.md", &page(&tried), HOW);
}

const HOW: &str = "run `TENANTRY_WRITE=1 cargo test --test suite rows` and look at the diff";

/// Blueprints for rows that no example uses.
const EXTRA: [&str; 3] = ["rows/gateways.yaml", "rows/instances.yaml", "rows/premises.yaml"];

/// The list of rows with what was tried of each, as it stands in docs/quotas.md.
fn page(tried: &BTreeMap<&str, (u64, &str)>) -> String {
    let head = include_str!("../rows/quotas.head.md");
    let mut out = head.to_owned();
    for (id, _, way, how) in table::all() {
        let quota = quota::get(id).expect("a row of the table");
        let (used, name) = tried[id];
        let default = match quota.default {
            None => "none published".to_owned(),
            Some(it) if quota.stops() => it.to_string(),
            Some(it) => format!("{it}, warns"),
        };
        let kind = match way {
            Way::Each(kinds, _) => {
                let kinds: Vec<&str> =
                    kinds.iter().map(|it| it.trim_start_matches("AWS::")).collect();
                format!("each `{}`", kinds.join("`, `"))
            }
            Way::By(pairs, _) => {
                let (kind, property) = pairs[0];
                format!("`{}` by `{property}`", kind.trim_start_matches("AWS::"))
            }
            Way::Most(_) => String::new(),
        };
        let how = match (kind.is_empty(), how.is_empty()) {
            (true, _) => (*how).to_owned(),
            (false, true) => kind,
            (false, false) => format!("{kind}; {how}"),
        };
        let _ = writeln!(
            out,
            "| [`{id}`]({}) | {default} | {} | {how} | `{name}`: {used} |",
            quota.source,
            quota.scope.trim_start_matches("per-").replace('-', " ")
        );
    }
    out
}
