//! The manifest: which stacks are deployed, in which order, where, and from which files.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Trouble;

/// What AWS has not made yet stands as this in every file.
pub const PENDING: &str = "000000000000";

/// The manifest of a folder.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The name of the estate.
    pub estate: String,
    /// The partition.
    pub partition: String,
    /// The engines that files are there for.
    pub engines: Vec<String>,
    /// Whether each stack holds its template itself.
    pub inline: bool,
    /// The stacks, in the order of deployment.
    pub stacks: Vec<Entry>,
    /// The accounts that belong to the estate, whether anything stands in them yet or not.
    pub workload_accounts: Vec<String>,
    /// The account that manages the organization of the estate, where no stack stands in it.
    pub management_account: Option<String>,
    /// What must and must not be reached, as written by whoever wrote the blueprint.
    pub statements: Vec<Value>,
}

/// One stack of a manifest.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// The account; `pending-<tenant>` if AWS has not made it.
    pub account: String,
    /// The region.
    pub region: String,
    /// The shape of its template.
    pub shape: String,
    /// The tenant whose it is.
    pub tenant: Option<String>,
    /// The tier that it belongs to.
    pub tier: Option<String>,
    /// The template of `CloudFormation`.
    pub template: Option<String>,
    /// The file of its parameters.
    pub parameters: Option<String>,
    /// The folder of its root of Terraform.
    pub root: Option<String>,
    /// Parameters that are read in another account: name and path.
    pub foreign: BTreeMap<String, String>,
    /// That account.
    pub foreign_account: Option<String>,
    /// What the script does after the stack was deployed.
    pub after: Vec<String>,
    /// The stacks that it stands on.
    pub depends_on: Vec<String>,
    /// Its files beside template and root: SQL, items of catalogues.
    pub files: Vec<String>,
}

impl Manifest {
    /// Reads a manifest.
    pub fn read(text: &str) -> Result<Manifest, Trouble> {
        let trouble = |message: String| Trouble { file: "manifest.json".to_owned(), message };
        let json: Value =
            super::json::parse(text).map_err(|error| trouble(format!("it is no JSON: {error}")))?;
        let stacks = json["stacks"].as_array();
        let stacks = stacks.ok_or_else(|| trouble("it lists no stacks".to_owned()))?;
        let stacks = stacks.iter().map(|stack| {
            entry(stack).ok_or_else(|| trouble(format!("a stack lacks a field: {stack}")))
        });
        Ok(Manifest {
            estate: text_of(&json["estate"]).unwrap_or_default(),
            partition: text_of(&json["partition"]).unwrap_or_else(|| "aws".to_owned()),
            engines: words(&json["engines"]),
            inline: json["inline"] == true,
            workload_accounts: words(&json["workload_accounts"]),
            management_account: text_of(&json["management_account"]),
            statements: json["reach"].as_array().cloned().unwrap_or_default(),
            stacks: stacks.collect::<Result<_, _>>()?,
        })
    }

    /// The tenants: whoever has a stack, with the shape and place of the last of their own.
    pub fn tenants(&self) -> BTreeMap<&str, Vec<&Entry>> {
        let mut out: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &self.stacks {
            if let Some(tenant) = &entry.tenant {
                out.entry(tenant).or_default().push(entry);
            }
        }
        out
    }
}

fn entry(json: &Value) -> Option<Entry> {
    let tenant = text_of(&json["tenant"]);
    let account = |at: &str| text_of(&json[at]).map(|account| settled(&account, tenant.as_deref()));
    let foreign = json["foreign"].as_object().into_iter().flatten();
    Some(Entry {
        key: text_of(&json["key"])?,
        account: account("account")?,
        region: text_of(&json["region"])?,
        shape: text_of(&json["shape"])?,
        tier: text_of(&json["tier"]),
        template: text_of(&json["template"]),
        parameters: text_of(&json["parameters"]),
        root: text_of(&json["root"]),
        foreign: foreign.filter_map(|(name, path)| Some((name.clone(), text_of(path)?))).collect(),
        foreign_account: account("foreign_account"),
        after: words(&json["after"]),
        depends_on: words(&json["depends_on"]),
        files: words(&json["files"]),
        tenant,
    })
}

/// Accounts that AWS has not made are told apart by their tenants.
pub fn settled(account: &str, tenant: Option<&str>) -> String {
    match tenant {
        Some(tenant) if account == PENDING => format!("pending-{tenant}"),
        _ => account.to_owned(),
    }
}

fn text_of(json: &Value) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn words(json: &Value) -> Vec<String> {
    json.as_array().into_iter().flatten().filter_map(text_of).collect()
}
