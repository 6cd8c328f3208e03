//! `manifest.json` as the judges need it: the contract between what was written and who deploys it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// An estate folder and what its manifest says.
pub struct Estate {
    pub dir: PathBuf,
    pub partition: String,
    /// The account whose credentials the shipped scripts want.
    pub deployer: Option<String>,
    /// In deploy order.
    pub stacks: Vec<Stack>,
}

/// One deployable unit.
#[derive(Clone)]
pub struct Stack {
    pub key: String,
    /// The physical name of the CloudFormation stack.
    pub physical: String,
    pub account: String,
    pub region: String,
    pub shape: String,
    pub template: String,
    pub root: String,
    /// Its account is not known yet: scripts pass it over.
    pub pending: bool,
    pub depends_on: Vec<String>,
}

impl Estate {
    pub fn read(dir: &Path) -> Result<Self, String> {
        let path = dir.join("manifest.json");
        let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        let json: Value = serde_json::from_str(&text).map_err(|why| format!("manifest: {why}"))?;
        if json["schema"] != 1 {
            return Err(format!("the manifest has schema {}, not 1", json["schema"]));
        }
        let stacks = json["stacks"].as_array().ok_or("the manifest has no stacks")?;
        let stacks = stacks.iter().map(Stack::read).collect::<Result<Vec<_>, _>>()?;
        let partition = json["partition"].as_str().unwrap_or("aws").to_owned();
        let deployer = json["deploy_account"].as_str().map(str::to_owned);
        let estate = Self { dir: dir.to_path_buf(), partition, deployer, stacks };
        estate.check_order()?;
        Ok(estate)
    }

    /// Every dependency must stand before what needs it.
    fn check_order(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for stack in &self.stacks {
            if let Some(late) = stack.depends_on.iter().find(|key| !seen.contains(*key)) {
                return Err(format!("{} stands before {late}, which it needs", stack.key));
            }
            if !seen.insert(&stack.key) {
                return Err(format!("two stacks have the key {}", stack.key));
            }
        }
        Ok(())
    }

    /// The stacks that can be deployed: whose accounts are known. In deploy order.
    pub fn ready(&self) -> Vec<&Stack> {
        self.stacks.iter().filter(|stack| !stack.pending).collect()
    }

    /// The stacks to deploy for a judgement: all that are ready if they are few, else one for each
    /// shape, and what those depend on. In deploy order.
    pub fn sample(&self, few: usize) -> Vec<&Stack> {
        let ready = self.ready();
        if ready.len() <= few {
            return ready;
        }
        let (mut shapes, mut wanted) = (BTreeSet::new(), BTreeSet::new());
        for stack in &ready {
            if shapes.insert(&stack.shape) {
                wanted.insert(&stack.key);
            }
        }
        for stack in ready.iter().rev() {
            if wanted.contains(&stack.key) {
                wanted.extend(&stack.depends_on);
            }
        }
        ready.into_iter().filter(|stack| wanted.contains(&stack.key)).collect()
    }

    /// The accounts and regions that the estate touches, as far as they are known.
    pub fn places(&self) -> BTreeSet<(String, String)> {
        self.ready()
            .into_iter()
            .map(|stack| (stack.account.clone(), stack.region.clone()))
            .collect()
    }

    /// Files below the estate folder, in order of their names.
    pub fn files(&self, ending: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(&self.dir, ending, &mut found);
        found.sort();
        found
    }
}

impl Stack {
    fn read(json: &Value) -> Result<Self, String> {
        let field = |name: &str| {
            let text = json[name].as_str().map(str::to_owned);
            text.ok_or_else(|| format!("a stack of the manifest has no `{name}`: {json:.120}"))
        };
        let names = |name: &str| -> Vec<String> {
            let list = json[name].as_array().map(Vec::as_slice).unwrap_or_default();
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Ok(Self {
            key: field("key")?,
            physical: field("stack")?,
            account: field("account")?,
            region: field("region")?,
            shape: field("shape")?,
            template: field("template")?,
            root: field("root")?,
            pending: json["pending"] == true,
            depends_on: names("depends_on"),
        })
    }
}

/// Stacks in layers: each layer needs only stacks of the layers before it.
pub fn layers<'a>(stacks: &[&'a Stack]) -> Vec<Vec<&'a Stack>> {
    let mut depth: BTreeMap<&str, usize> = BTreeMap::new();
    let mut layers: Vec<Vec<&Stack>> = Vec::new();
    for stack in stacks {
        let below = stack.depends_on.iter().filter_map(|key| depth.get(key.as_str()));
        let level = below.max().map_or(0, |deepest| deepest + 1);
        depth.insert(&stack.key, level);
        if layers.len() <= level {
            layers.resize(level + 1, Vec::new());
        }
        layers[level].push(stack);
    }
    layers
}

fn walk(dir: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if path.is_dir() && !hidden {
            walk(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

/// Copies a folder with all that lies below it.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let wrong = |why: std::io::Error| format!("{}: {why}", from.display());
    fs::create_dir_all(to).map_err(wrong)?;
    for entry in fs::read_dir(from).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).map_err(wrong)?;
        }
    }
    Ok(())
}

/// The modules of an estate.
pub fn modules(dir: &Path) -> Result<Vec<Value>, String> {
    let folder = dir.join("terraform/modules");
    let entries = fs::read_dir(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut paths: Vec<_> = entries.flatten().map(|it| it.path().join("main.tf.json")).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        serde_json::from_str(&text).map_err(|why| format!("{}: {why}", path.display()))
    };
    paths.into_iter().map(read).collect()
}
