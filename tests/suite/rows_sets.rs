//! What stack sets make, and what AWS itself does, read a second time: the text that a set carries is put
//! into each account whose unit it names, with its parameters in place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tenantry::synth::Made;
use tenantry::template::Stack;

use crate::rows::Resource;
use crate::rows_ways::network::texts;

/// A stack that a set makes: itself, its template with the values of parameters in it, and the text.
pub struct Carried {
    /// Where it stands.
    pub stack: Stack,
    /// Its template.
    pub template: Value,
    /// The text of its template, as it is carried.
    pub text: String,
}

/// The account that a resource makes, as the lock knows it, with the stack that it is in.
fn maker<'a>(made: &'a Made, account: &Resource) -> (&'a Stack, &'a str) {
    let key = account.handle.trim_start_matches('@').split('/').next().expect("a key");
    let stack = made.estate.stacks.iter().find(|stack| stack.key == key).expect("a stack");
    let tenant = stack.tenant.as_ref().expect("an account is a tenant's");
    (stack, &made.plan.tenants[tenant].account)
}

/// Everything that the sets among some resources make.
pub fn carried(made: &Made, resources: &[Resource]) -> Vec<Carried> {
    let mut out = Vec::new();
    for set in resources.iter().filter(|it| it.kind == "AWS::CloudFormation::StackSet") {
        let text = set.properties["TemplateBody"].as_str().expect("a text").to_owned();
        let mut template: Value = serde_json::from_str(&text).expect("JSON");
        for one in set.properties["Parameters"].as_array().expect("parameters") {
            let name = one["ParameterKey"].as_str().expect("a name");
            put(&mut template["Resources"], name, &one["ParameterValue"]);
        }
        for group in set.properties["StackInstancesGroup"].as_array().expect("groups") {
            let units = texts(&group["DeploymentTargets"]["OrganizationalUnitIds"]);
            let ours = resources.iter().filter(|it| it.kind == "AWS::Organizations::Account");
            let ours = ours.filter(|it| units.contains(&texts(&it.properties["ParentIds"])[0]));
            for (own, account) in ours.map(|it| maker(made, it)) {
                for region in texts(&group["Regions"]) {
                    let key = format!("{} {} {region}", own.key, set.handle);
                    let account = account.to_owned();
                    let stack = Stack { key, account, region, ..own.clone() };
                    let (template, text) = (template.clone(), text.clone());
                    out.push(Carried { stack, template, text });
                }
            }
        }
    }
    out
}

/// Puts a value in place of what refers to a parameter.
fn put(into: &mut Value, name: &str, value: &Value) {
    if *into == json!({ "Ref": name }) {
        *into = value.clone();
        return;
    }
    match into {
        Value::Object(map) => map.values_mut().for_each(|it| put(it, name, value)),
        Value::Array(items) => items.iter_mut().for_each(|it| put(it, name, value)),
        _ => {}
    }
}

/// The default VPC with its gateway, in each region in which an account that is made has anything. Each
/// VPC has a default group.
pub fn default_vpcs(made: &Made, resources: &[Resource]) -> Vec<Resource> {
    let makes = resources.iter().filter(|it| it.kind == "AWS::Organizations::Account");
    let tenants = makes.map(|it| maker(made, it));
    let accounts: BTreeSet<String> = tenants
        .map(|(stack, account)| match account {
            tenantry::aws::PENDING => format!("of {}", stack.tenant.as_ref().expect("a tenant's")),
            account => account.to_owned(),
        })
        .collect();
    let places: BTreeMap<String, &Resource> = (resources.iter())
        .filter(|it| accounts.contains(&it.account))
        .map(|it| (format!("{}/{}", it.account, it.region), it))
        .collect();
    let kinds = ["VPC", "InternetGateway"];
    let one = |(place, it): (&String, &&Resource), kind: &str| Resource {
        handle: format!("@default of {place}/{kind}"),
        kind: format!("AWS::EC2::{kind}"),
        properties: json!({}),
        long: json!({}),
        account: it.account.clone(),
        region: it.region.clone(),
    };
    places.iter().flat_map(|place| kinds.map(|kind| one((place.0, place.1), kind))).collect()
}
