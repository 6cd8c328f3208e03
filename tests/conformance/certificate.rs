//! Certificates that a blueprint names are there in a real account; an emulator knows none. One is
//! asked for in place of each, and its ARN put into the copy that is deployed.

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;

use crate::api::Accounts;
use crate::manifest::Estate;

/// Puts stand-ins into the values of all stacks of an engine; how many there were.
pub fn stand_in(estate: &Estate, accounts: &Accounts, folder: &str) -> Result<usize, String> {
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    for path in estate.files(".json") {
        if !path.starts_with(estate.dir.join(folder)) {
            continue;
        }
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let before = fs::read_to_string(&path).map_err(|why| wrong(&why))?;
        let mut text = before.clone();
        for arn in named(&before) {
            if !made.contains_key(&arn) {
                made.insert(arn.clone(), request(accounts, &arn)?);
            }
            text = text.replace(&arn, &made[&arn]);
        }
        if text != before {
            fs::write(&path, text).map_err(|why| wrong(&why))?;
        }
    }
    Ok(made.len())
}

/// The ARNs of certificates in a text.
fn named(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || ":/-".contains(c)));
    let arns = words.filter(|word| word.starts_with("arn:") && word.contains(":certificate/"));
    arns.map(str::to_owned).collect()
}

fn request(accounts: &Accounts, arn: &str) -> Result<String, String> {
    let parts: Vec<&str> = arn.split(':').collect();
    let here = |(account, region, _): &(&str, &str, _)| parts[4] == *account && parts[3] == *region;
    let place = accounts.places().find(here);
    let (.., api) = place.ok_or_else(|| format!("{arn} is of no account of the estate"))?;
    let asked = json!({"DomainName": "example.com"});
    let told = api.json("acm", "CertificateManager.RequestCertificate", &asked)?;
    told["CertificateArn"].as_str().map(str::to_owned).ok_or_else(|| format!("no ARN: {told}"))
}
