//! What an engine made, read back from the emulator in a form that does not depend on
//! the engine.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::api::Accounts;
use crate::manifest::{Estate, Stack};

pub mod compare;
mod declared;
mod form;
mod iam;
mod kind;
mod name;
mod organization;
mod overlay;
mod spec;
mod take;

pub use overlay::Gaps;

use compare::Forms;
use take::{Place, text};

/// What Terraform made.
pub fn from_terraform(accounts: &Accounts) -> Result<Forms, String> {
    Ok(compare::forms(&take::take(accounts)?))
}

/// What an account has once, whatever the region.
const GLOBAL: [&str; 7] =
    ["role", "policy", "unit", "account", "control policy", "stack set", "budget"];

/// What CloudFormation made, the gaps of the emulator filled from what the stacks declare; and
/// the physical ids of what stays when the stacks go.
pub fn from_cloudformation(
    estate: &Estate,
    stacks: &[&Stack],
    accounts: &Accounts,
) -> Result<(Forms, Gaps, Vec<String>), String> {
    let mut raw = take::take(accounts)?;
    let (mut gaps, mut retained) = (Gaps::default(), Vec::new());
    let mut global: BTreeMap<(String, &'static str), Vec<Value>> = BTreeMap::new();
    for place in &mut raw {
        // What is global to an account is filled from the stacks of all its regions.
        for word in GLOBAL {
            let set = global.remove(&(place.account.clone(), word));
            set.and_then(|set| place.sets.insert(word, set));
        }
        let here = |stack: &&&Stack| stack.account == place.account && stack.region == place.region;
        let mut read = Vec::new();
        for stack in stacks.iter().filter(here) {
            read.push(declared(estate, stack, accounts, place)?);
        }
        overlay::fill(place, &read, &mut gaps);
        let all = read.into_iter().flat_map(|stack| stack.resources);
        retained.extend(all.filter(|it| it.retained).map(|it| it.physical));
        for word in GLOBAL {
            let set = place.sets.remove(word).unwrap_or_default();
            global.insert((place.account.clone(), word), set);
        }
    }
    // As `take` has it: where the account is met first.
    for ((account, word), set) in global {
        let first = raw.iter_mut().find(|place| place.account == account);
        first.and_then(|place| place.sets.insert(word, set));
    }
    Ok((compare::forms(&raw), gaps, retained))
}

/// What an emulator leaves behind when a stack goes, because its CloudFormation has no way to
/// delete it; and what of a network it forgets to take along with the network.
const FORGOTTEN: [&str; 9] = [
    "internet gateway",
    "NAT gateway",
    "address",
    "transit gateway",
    "VPN gateway",
    "flow log",
    "peering",
    "cluster",
    "service",
];

/// What is there although everything should be gone: what must not be, and what only the
/// emulator is to blame for.
#[derive(Default)]
pub struct Left {
    pub wrong: Vec<String>,
    pub forgotten: Vec<String>,
}

/// Looks for what a destroyed estate left. `retained` are the ids of what is meant to stay.
pub fn leftovers(accounts: &Accounts, retained: &[String], stacks: bool) -> Result<Left, String> {
    let mut left = Left::default();
    for place in &take::take(accounts)? {
        for kind in kind::KINDS {
            for it in place.set(kind.word) {
                let id = text(it, kind.id);
                let aws_made = kind.word == "transit route table" || it["default"] == "true";
                let line = format!("{} {id} in {}/{}", kind.word, place.account, place.region);
                if retained.contains(&id) {
                } else if aws_made || stacks && FORGOTTEN.contains(&kind.word) {
                    left.forgotten.push(kind.word.to_owned());
                } else {
                    left.wrong.push(line);
                }
            }
        }
    }
    left.forgotten.sort();
    left.forgotten.dedup();
    Ok(left)
}

fn declared(
    estate: &Estate,
    stack: &Stack,
    accounts: &Accounts,
    place: &Place,
) -> Result<declared::Declared, String> {
    let path = estate.dir.join(&stack.template);
    let template = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    let template: Value = serde_json::from_str(&template).map_err(|why| why.to_string())?;
    let stored = place.set("parameter").iter().map(|it| (text(it, "Name"), text(it, "Value")));
    let groups = place.set("security group").iter().filter(|it| it["groupName"] == "default");
    let groups: BTreeMap<String, String> =
        groups.map(|it| (text(it, "vpcId"), text(it, "groupId"))).collect();
    let api = accounts.at(stack);
    let stored = stored.collect();
    declared::read(
        api,
        &stack.account,
        &estate.partition,
        &stack.physical,
        &template,
        &stored,
        &groups,
    )
}
