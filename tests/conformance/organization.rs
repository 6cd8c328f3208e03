//! The organization that a blueprint names is there in real life; an emulator has none. One is made
//! in its management account, and its ids are put into the copy that is deployed.

use std::fs;

use serde_json::{Value, json};

use crate::api::{Accounts, Api};
use crate::manifest::Estate;

/// The shape of the stack that the management account has.
pub const SHAPE: &str = "organization";

/// An organization and its root.
pub struct Ids {
    pub organization: String,
    pub root: String,
}

/// Puts a real organization of the emulator into all files of an engine; false if none is wanted.
pub fn stand_in(estate: &Estate, accounts: &Accounts, folder: &str) -> Result<bool, String> {
    let Some(stack) = estate.stacks.iter().find(|stack| stack.shape == SHAPE) else {
        return Ok(false);
    };
    let made = make(accounts.at(stack))?;
    for path in estate.files(".json") {
        if !path.starts_with(estate.dir.join(folder)) {
            continue;
        }
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let before = fs::read_to_string(&path).map_err(|why| wrong(&why))?;
        let text = replace(&before, &made);
        if text != before {
            fs::write(&path, text).map_err(|why| wrong(&why))?;
        }
    }
    Ok(true)
}

/// Makes the organization in the emulator, with all features.
pub fn make(api: &Api) -> Result<Ids, String> {
    let ask = |action: &str, asked: &Value| {
        api.json("organizations", &format!("AWSOrganizationsV20161128.{action}"), asked)
    };
    let told = ask("CreateOrganization", &json!({"FeatureSet": "ALL"}))?;
    let organization = told["Organization"]["Id"].as_str().unwrap_or_default().to_owned();
    let told = ask("ListRoots", &json!({}))?;
    let root = told["Roots"][0]["Id"].as_str().unwrap_or_default().to_owned();
    // Some emulators have the type enabled from the start, and say so by an error.
    let policies = json!({"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"});
    let _ = ask("EnablePolicyType", &policies);
    if organization.is_empty() || root.is_empty() {
        return Err(format!("the emulator made no organization: {told}"));
    }
    Ok(Ids { organization, root })
}

/// Every id of an organization or root in a text becomes that of the one that was made.
fn replace(text: &str, made: &Ids) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['o', 'r']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        let word = &after[..end.unwrap_or(after.len())];
        let begins = !before.ends_with(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
        let tail = |prefix: &str, least: usize| {
            let tail = word.strip_prefix(prefix).filter(|_| begins)?;
            let sound = tail.len() >= least && tail.chars().all(|c| c.is_ascii_alphanumeric());
            sound.then_some(())
        };
        if tail("o-", 10).is_some() {
            out.push_str(&made.organization);
        } else if tail("r-", 4).is_some() {
            out.push_str(&made.root);
        } else {
            out.push_str(word);
        }
        rest = &after[word.len()..];
    }
    out + rest
}
