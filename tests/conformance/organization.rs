//! The organization of an estate: what must be there before it is deployed, and AWS's own part
//! that an emulator leaves out.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::api::{Accounts, Api};
use crate::manifest::{Estate, Stack};

const VERSION: &str = "2010-05-15";

/// The types of policies that docs/organization.md has people enable.
pub const POLICIES: [&str; 2] = ["SERVICE_CONTROL_POLICY", "TAG_POLICY"];

/// Where the organization of an estate is managed, and the root that its files name.
pub struct Organization {
    pub stack: Stack,
    root: String,
}

/// The organization that an estate counts on: its root is where a template puts a unit.
pub fn of(estate: &Estate) -> Option<Organization> {
    estate.stacks.iter().find_map(|stack| {
        let template = fs::read_to_string(estate.dir.join(&stack.template)).ok()?;
        let template: Value = serde_json::from_str(&template).ok()?;
        let mut all = template["Resources"].as_object()?.values();
        let unit = all.find(|it| it["Type"] == "AWS::Organizations::OrganizationalUnit")?;
        let root = unit["Properties"]["ParentId"].as_str()?.to_owned();
        Some(Organization { stack: stack.clone(), root })
    })
}

/// Asks AWS Organizations.
pub fn ask(api: &Api, action: &str, asked: &Value) -> Result<Value, String> {
    api.json("organizations", &format!("AWSOrganizationsV20161128.{action}"), asked)
}

/// Makes an organization with all features. Its id, and the id of its root.
pub fn make(api: &Api) -> Result<(String, String), String> {
    let told = ask(api, "CreateOrganization", &json!({"FeatureSet": "ALL"}))?;
    let id = told["Organization"]["Id"].as_str().unwrap_or_default().to_owned();
    let told = ask(api, "ListRoots", &json!({}))?;
    let root = told["Roots"][0]["Id"].as_str().unwrap_or_default().to_owned();
    for kind in POLICIES {
        ask(api, "EnablePolicyType", &json!({"RootId": root, "PolicyType": kind}))?;
    }
    Ok((id, root))
}

/// Every account of an organization but the one that manages it: id and e-mail address.
pub fn members(api: &Api) -> Result<Vec<Value>, String> {
    let manager = ask(api, "DescribeOrganization", &json!({}))?;
    let manager = manager["Organization"]["MasterAccountId"].clone();
    let target = "AWSOrganizationsV20161128.ListAccounts";
    let mut all = api.pages("organizations", target, "Accounts", "NextToken", &json!({}))?;
    all.retain(|it| it["Id"] != manager);
    Ok(all)
}

impl Organization {
    /// Makes the organization in the emulator, and writes its ids into the files of one engine
    /// in the place of those of the blueprint.
    pub fn found(&self, accounts: &Accounts, estate: &Estate, engine: &str) -> Result<(), String> {
        let (id, root) = make(accounts.at(&self.stack))?;
        let files = estate.files(".json");
        let dir = estate.dir.join(engine);
        for path in files.iter().filter(|path| path.starts_with(&dir)) {
            rewrite(path, |text| {
                let text = text.replace(&format!("\"{}\"", self.root), &format!("\"{root}\""));
                organizations(&text).iter().fold(text.clone(), |text, old| text.replace(old, &id))
            })?;
        }
        Ok(())
    }

    /// What AWS does by itself when an account joins a unit: the stack set of the unit is deployed
    /// to it. An emulator deploys to the accounts that are there when it is asked. To how many.
    pub fn settle(&self, accounts: &Accounts) -> Result<usize, String> {
        let api = accounts.at(&self.stack);
        let units = units(api)?;
        let mut count = 0;
        for set in stack_sets(api)? {
            let name = set["StackSetName"].as_str().unwrap_or_default();
            let there = instances(api, name)?;
            for unit in &units {
                let asked = json!({"ParentId": unit});
                let told = ask(api, "ListAccountsForParent", &asked)?;
                let inside = told["Accounts"].as_array().cloned().unwrap_or_default();
                let new = inside.iter().filter(|it| !there.contains(&it["Id"])).count();
                if new == 0 {
                    continue;
                }
                let asked = [
                    ("StackSetName", name),
                    ("Regions.member.1", &self.stack.region),
                    ("DeploymentTargets.OrganizationalUnitIds.member.1", unit.as_str()),
                ];
                api.query("cloudformation", VERSION, "CreateStackInstances", &asked)?;
                count += new;
            }
        }
        Ok(count)
    }

    /// Takes the stacks of stack sets out of all accounts, which an emulator does for accounts
    /// but not for units.
    pub fn unsettle(&self, accounts: &Accounts) -> Result<(), String> {
        let api = accounts.at(&self.stack);
        for set in stack_sets(api)? {
            let name = set["StackSetName"].as_str().unwrap_or_default();
            for there in summaries(api, name)? {
                let of = |key: &str| there[key].as_str().unwrap_or_default().to_owned();
                let asked = [
                    ("StackSetName", name),
                    ("Regions.member.1", &of("Region")),
                    ("Accounts.member.1", &of("Account")),
                    ("RetainStacks", "false"),
                ];
                api.query("cloudformation", VERSION, "DeleteStackInstances", &asked)?;
            }
        }
        Ok(())
    }

    /// The same accounts, and those that the organization has made besides.
    pub fn with_members(&self, accounts: &Accounts, partition: &str) -> Result<Accounts, String> {
        let api = accounts.at(&self.stack);
        let mut wide = accounts.clone();
        for member in members(api)? {
            let id = member["Id"].as_str().unwrap_or_default();
            wide.add(id, &self.stack.region, api.within(partition, id, &self.stack.region)?);
        }
        Ok(wide)
    }
}

/// The units right below the root.
pub fn units(api: &Api) -> Result<Vec<String>, String> {
    let told = ask(api, "ListRoots", &json!({}))?;
    let asked = json!({"ParentId": told["Roots"][0]["Id"]});
    let told = ask(api, "ListOrganizationalUnitsForParent", &asked)?;
    let units = told["OrganizationalUnits"].as_array().cloned().unwrap_or_default();
    Ok(units.iter().filter_map(|it| it["Id"].as_str()).map(str::to_owned).collect())
}

/// The stack sets that are not deleted: an emulator goes on listing the others.
pub fn stack_sets(api: &Api) -> Result<Vec<Value>, String> {
    let told = api.query("cloudformation", VERSION, "ListStackSets", &[("Status", "ACTIVE")])?;
    let mut all = told["ListStackSetsResult"]["Summaries"].as_array().cloned().unwrap_or_default();
    all.retain(|set| set["Status"] == "ACTIVE");
    Ok(all)
}

/// The accounts that a stack set is deployed to.
pub fn instances(api: &Api, set: &str) -> Result<Vec<Value>, String> {
    Ok(summaries(api, set)?.iter().map(|it| it["Account"].clone()).collect())
}

/// What a stack set has in each account and region.
fn summaries(api: &Api, set: &str) -> Result<Vec<Value>, String> {
    let asked = [("StackSetName", set)];
    let told = api.query("cloudformation", VERSION, "ListStackInstances", &asked)?;
    Ok(told["ListStackInstancesResult"]["Summaries"].as_array().cloned().unwrap_or_default())
}

/// The ids of organizations in a text.
fn organizations(text: &str) -> Vec<String> {
    let part = |it: char| it.is_ascii_alphanumeric() || it == '-';
    let words = text.split(|it| !part(it));
    let id = |word: &&str| {
        let tail = word.strip_prefix("o-").unwrap_or_default();
        let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
        (10..=32).contains(&tail.len()) && tail.bytes().all(plain)
    };
    let mut found: Vec<String> = words.filter(id).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

/// Changes a file if there is anything to change.
pub fn rewrite(path: &Path, change: impl Fn(&str) -> String) -> Result<(), String> {
    let wrong = |why: std::io::Error| format!("{}: {why}", path.display());
    let text = fs::read_to_string(path).map_err(wrong)?;
    let changed = change(&text);
    if changed == text { Ok(()) } else { fs::write(path, changed).map_err(wrong) }
}
