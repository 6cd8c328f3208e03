//! Terraform as the judge: modules are validated; roots are applied to the emulator exactly as
//! they are written, except for an override file that moves the state to a local file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::{Accounts, Keys};
use crate::drift::{self, Drift};
use crate::manifest::{Estate, Stack, layers};
use crate::process::{self, Done, command, run};
use crate::provider::{self, Providers};
use crate::settings::Settings;
use crate::trim;

const QUICK: Duration = Duration::from_secs(400);
const SLOW: Duration = Duration::from_secs(1200);

/// How to call Terraform: with which settings, and which AWS.
pub struct Terraform {
    config: Option<PathBuf>,
    /// Providers must come over the network: there is no mirror.
    download: bool,
    url: Option<String>,
    /// Those of the mirror's provider that run.
    running: Option<Arc<Providers>>,
}

impl Terraform {
    /// An error says why Terraform cannot be a judge here.
    pub fn new(settings: &Settings, scratch: &Path) -> Result<Self, String> {
        if process::find("terraform").is_none() {
            return Err("terraform is not on the search path".to_owned());
        }
        let Some(mirror) = &settings.tf_mirror else {
            let config = settings.tf_config.clone();
            return Ok(Self { config, download: true, url: None, running: None });
        };
        let config = scratch.join("terraform.rc");
        let path = json!(mirror.to_string_lossy());
        let text =
            format!("provider_installation {{\n filesystem_mirror {{\n path = {path}\n }}\n}}\n");
        fs::write(&config, text).map_err(|why| format!("{}: {why}", config.display()))?;
        let running = provider::find(mirror).map(|binary| Providers::new(&binary, scratch));
        Ok(Self {
            config: Some(config),
            download: false,
            url: None,
            running: running.map(Arc::new),
        })
    }

    /// The same Terraform, for an emulator.
    pub fn at(&self, url: &str) -> Self {
        let (config, running) = (self.config.clone(), self.running.clone());
        Self { config, download: self.download, url: Some(url.to_owned()), running }
    }

    /// Initialises and validates a module or a root by itself.
    pub fn validate(&self, dir: &Path) -> Result<(), String> {
        let name = dir.display();
        let init = ["init", "-backend=false", "-input=false", "-no-color"];
        let keys = Keys::first();
        let validate = |attach: Option<&str>| {
            let done = self.run(dir, &init, &keys, attach, QUICK);
            done.check(&format!("terraform init in {name}"))?;
            let done = self.run(dir, &["validate", "-no-color"], &keys, attach, QUICK);
            errors(&done, &format!("terraform validate in {name}"))
        };
        self.lend(1, dir, validate)
    }

    /// Lends a running provider for some provider blocks, if there is one to lend.
    fn lend<T>(&self, blocks: usize, dir: &Path, work: impl FnOnce(Option<&str>) -> T) -> T {
        // Whoever only validates asks nobody.
        let url = self.url.as_deref().unwrap_or("http://127.0.0.1:9");
        match &self.running {
            Some(running) => running.lend(url, blocks, dir, work),
            None => work(None),
        }
    }

    fn run(
        &self,
        dir: &Path,
        words: &[&str],
        keys: &Keys,
        attach: Option<&str>,
        limit: Duration,
    ) -> Done {
        let mut call = command("terraform");
        call.arg(format!("-chdir={}", dir.display())).args(words);
        if let Some(attach) = attach {
            call.env("TF_REATTACH_PROVIDERS", attach);
        }
        self.equip(&mut call, keys, words[0] == "init");
        run(&mut call, limit)
    }

    /// Gives a child all that Terraform needs.
    pub fn equip(&self, call: &mut Command, keys: &Keys, init: bool) {
        call.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").env("TF_INPUT", "0");
        if let Some(config) = &self.config {
            call.env("TF_CLI_CONFIG_FILE", config);
        }
        if self.download && init {
            for proxy in ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"] {
                call.env_remove(proxy);
            }
        }
        credentials(call, keys);
        if let Some(url) = &self.url {
            call.env("AWS_ENDPOINT_URL", url);
        }
    }
}

/// Puts keys into the environment of a child.
pub fn credentials(call: &mut Command, keys: &Keys) {
    call.env("AWS_ACCESS_KEY_ID", &keys.id).env("AWS_SECRET_ACCESS_KEY", &keys.secret);
    call.env("AWS_DEFAULT_REGION", "us-east-1").env_remove("AWS_SESSION_TOKEN");
    if let Some(token) = &keys.token {
        call.env("AWS_SESSION_TOKEN", token);
    }
}

/// Validates the modules that no applied root uses as they are written: a plan validates the
/// others.
pub fn validate_modules(
    terraform: &Terraform,
    estate: &Estate,
    applied: &[&Stack],
) -> Result<usize, String> {
    let covered: BTreeSet<&str> = applied.iter().map(|stack| stack.shape.as_str()).collect();
    let modules = estate.dir.join("terraform/modules");
    let entries = fs::read_dir(&modules).map_err(|why| format!("{}: {why}", modules.display()))?;
    let mut open = Vec::new();
    let mut count = 0;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let written = estate.dir.join(trim::WRITTEN).join(&name);
        if written.is_dir() {
            open.push(written);
        } else if !covered.contains(name.to_string_lossy().as_ref()) {
            open.push(entry.path());
        }
        count += 1;
    }
    parallel(&open, |module| terraform.validate(module))?;
    Ok(count)
}

/// Roots that Terraform applied, and takes away again.
pub struct Applied<'a> {
    terraform: &'a Terraform,
    estate: &'a Estate,
    accounts: &'a Accounts,
    layers: Vec<Vec<&'a Stack>>,
    /// What the second plans found that only the emulator is to blame for.
    pub forgotten: BTreeSet<&'static str>,
}

/// Applies roots in the order of their dependencies, and then plans all again: a later root must
/// not have changed an earlier one.
pub fn apply<'a>(
    terraform: &'a Terraform,
    estate: &'a Estate,
    accounts: &'a Accounts,
    stacks: &[&'a Stack],
) -> Result<Applied<'a>, String> {
    let (layers, forgotten) = (layers(stacks), BTreeSet::new());
    let applied = Applied { terraform, estate, accounts, layers, forgotten };
    for layer in &applied.layers {
        parallel(layer, |stack| applied.apply(stack))?;
    }
    let forgotten = Mutex::new(BTreeSet::new());
    let first = &stacks[0].key;
    parallel(stacks, |stack| applied.replan(stack, stack.key == *first, &forgotten))?;
    let forgotten = forgotten.into_inner().expect("all workers have ended");
    Ok(Applied { forgotten, ..applied })
}

impl Applied<'_> {
    fn apply(&self, stack: &Stack) -> Result<(), String> {
        let root = self.estate.dir.join(&stack.root);
        adapt(&root, Some(self.accounts.deployer(stack)))?;
        let said = |step: &str| format!("terraform {step} of {}", stack.key);
        let init = ["init", "-input=false", "-no-color"];
        let apply = ["apply", "-auto-approve", "-input=false", "-no-color"];
        self.lend(stack, |attach| {
            self.run(stack, &init, attach, QUICK).check(&said("init"))?;
            errors(&self.run(stack, &apply, attach, SLOW), &said("apply"))
        })
    }

    fn replan(
        &self,
        stack: &Stack,
        first: bool,
        forgotten: &Mutex<BTreeSet<&'static str>>,
    ) -> Result<(), String> {
        let words = ["plan", "-detailed-exitcode", "-input=false", "-no-color"];
        let shipped = first.then(|| self.dry_run(stack)).flatten();
        let plan = || self.lend(stack, |attach| self.run(stack, &words, attach, QUICK));
        let done = shipped.unwrap_or_else(plan);
        let clean = done.ok() && done.stdout.contains("No changes.");
        let changes = done.code() == Some(2) || done.ok() && !clean;
        if !changes {
            return errors(&done, &format!("second terraform plan of {}", stack.key));
        }
        match drift::read(&done.stdout) {
            Drift::Known(reasons) => {
                forgotten.lock().expect("no worker panics with the lock").extend(reasons);
                Ok(())
            }
            Drift::Real(changes) => {
                let why = format!("the second plan of {} is not empty", stack.key);
                Err(format!("{why}\n{}", changes[..changes.len().min(20)].join("\n")))
            }
        }
    }

    /// The shipped script, asked to plan one root; nothing if there is no script.
    fn dry_run(&self, stack: &Stack) -> Option<Done> {
        let script = self.estate.dir.join("terraform/deploy.sh");
        let mut call = command("bash");
        call.arg(&script).args(["--dry-run", "--stack", &stack.key]);
        self.terraform.equip(&mut call, self.accounts.deployer(stack), true);
        script.is_file().then(|| run(&mut call, QUICK))
    }

    /// The ids of what its root says is to stay.
    pub fn retained(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for stack in self.layers.iter().flatten() {
            for resource in managed(&self.estate.dir.join(&stack.root)) {
                let instances = resource["instances"].as_array().into_iter().flatten();
                let given = instances.map(|instance| &instance["attributes"]);
                let stays = given.filter(|given| given["skip_destroy"] == true);
                ids.extend(stays.filter_map(|given| given["id"].as_str()).map(str::to_owned));
            }
        }
        ids
    }

    /// Takes everything away, last first, and looks into the state.
    pub fn destroy(&self) -> Result<usize, String> {
        // The second plans have just read everything.
        let words = ["destroy", "-auto-approve", "-refresh=false", "-input=false", "-no-color"];
        let mut count = 0;
        for layer in self.layers.iter().rev() {
            count += parallel(layer, |stack| {
                let done = self.lend(stack, |attach| self.run(stack, &words, attach, SLOW));
                errors(&done, &format!("terraform destroy of {}", stack.key))?;
                empty_state(&self.estate.dir.join(&stack.root))
            })?;
        }
        Ok(count)
    }

    /// Lends running providers to a root.
    fn lend<T>(&self, stack: &Stack, work: impl FnOnce(Option<&str>) -> T) -> T {
        let root = self.estate.dir.join(&stack.root);
        let blocks = read(&root).map_or(0, |main| blocks(&main).len());
        self.terraform.lend(blocks.max(1), &root, work)
    }

    fn run(&self, stack: &Stack, words: &[&str], attach: Option<&str>, limit: Duration) -> Done {
        let keys = self.accounts.deployer(stack);
        self.terraform.run(&self.estate.dir.join(&stack.root), words, keys, attach, limit)
    }
}

/// The main file of a root.
fn read(root: &Path) -> Result<Value, String> {
    let path = root.join("main.tf.json");
    let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    serde_json::from_str(&text).map_err(|why| format!("{}: {why}", path.display()))
}

/// The provider blocks of a root.
fn blocks(main: &Value) -> Vec<Value> {
    match &main["provider"]["aws"] {
        Value::Null => Vec::new(),
        Value::Array(blocks) => blocks.clone(),
        block => vec![block.clone()],
    }
}

/// Writes the override file: state in a local file, no profile of the user, keys for a provider that
/// runs already, and few retries, as an emulator that lacks a call would otherwise be asked for it
/// for minutes.
pub fn adapt(root: &Path, keys: Option<&Keys>) -> Result<(), String> {
    let main = read(root)?;
    let override_of = |block: &Value| {
        let mut over = json!({"max_retries": 2, "profile": null,
            "shared_config_files": null, "shared_credentials_files": null});
        if let Some(keys) = keys {
            over["access_key"] = json!(keys.id);
            over["secret_key"] = json!(keys.secret);
            over["token"] = json!(keys.token);
        }
        if let Some(alias) = block["alias"].as_str() {
            over["alias"] = json!(alias);
        }
        over
    };
    let mut over = json!({});
    let blocks = blocks(&main);
    if !blocks.is_empty() {
        over["provider"] = json!({"aws": blocks.iter().map(override_of).collect::<Vec<_>>()});
    }
    if main["terraform"]["backend"].is_object() {
        over["terraform"] = json!({"backend": {"local": {}}});
    }
    let path = root.join("conformance_override.tf.json");
    fs::write(&path, over.to_string()).map_err(|why| format!("{}: {why}", path.display()))
}

/// The resources in the state of a root.
fn managed(root: &Path) -> Vec<Value> {
    let text = fs::read_to_string(root.join("terraform.tfstate")).unwrap_or_default();
    let state: Value = serde_json::from_str(&text).unwrap_or_default();
    let all = state["resources"].as_array().into_iter().flatten();
    all.filter(|resource| resource["mode"] == "managed").cloned().collect()
}

fn empty_state(root: &Path) -> Result<(), String> {
    let kept = managed(root);
    let kept: Vec<String> =
        kept.iter().map(|it| format!("{} {}", it["type"], it["name"])).collect();
    match kept.as_slice() {
        [] => Ok(()),
        kept => Err(format!("still in the state of {}: {}", root.display(), kept.join(", "))),
    }
}

/// Terraform's errors without what it says before them.
fn errors(done: &Done, what: &str) -> Result<(), String> {
    if done.ok() {
        return Ok(());
    }
    let said = done.said();
    match said.find("Error:") {
        Some(at) => {
            let lines: Vec<&str> = said[at..].lines().filter(|line| line.len() > 1).collect();
            Err(format!("{what}:\n{}", lines[..lines.len().min(40)].join("\n")))
        }
        None => Err(done.complaint(what)),
    }
}

/// Does the same with many, a few at a time: Terraform waits more than it works. All complaints.
fn parallel<T: Sync>(
    items: &[T],
    work: impl Fn(&T) -> Result<(), String> + Sync,
) -> Result<usize, String> {
    let workers = thread::available_parallelism().map_or(2, usize::from) + 1;
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..workers.min(items.len()) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = work(item) {
                        wrong.lock().expect("no worker panics with the lock").push(why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("all workers have ended");
    if wrong.is_empty() { Ok(items.len()) } else { Err(wrong.join("\n")) }
}
