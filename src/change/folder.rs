//! The side of a comparison that lies on a disk: the files of an earlier synthesis, of which the
//! manifest names each. Nothing of them is trusted to be as this version would write it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::change::shape::{self, Shape};
use crate::change::side::{Half, Side, Unit, param, sorted};
use crate::engine::manifest::VERSION;
use crate::engine::{Engine, cloudformation, terraform};

/// Gives the text of a file, by its path below the folder of the estate.
pub type Load<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// Reads an estate back. An error says which file is not as it should be.
pub fn read(load: &Load<'_>, engines: &[Engine]) -> Result<Side, String> {
    let manifest = json(load, "manifest.json")?;
    if manifest["schema"] != VERSION {
        return Err(format!("manifest.json: its fields are not those of version {VERSION}"));
    }
    if manifest["partial"] == true {
        return Err("manifest.json: only a part of the estate was written".to_owned());
    }
    let written = |engine: &Engine| {
        manifest["engines"].as_array().is_some_and(|all| all.iter().any(|e| e == engine.id()))
    };
    let engines: Vec<Engine> = engines.iter().copied().filter(written).collect();
    if engines.is_empty() {
        return Err("manifest.json: the estate was not written for that engine".to_owned());
    }
    let mut folder = Folder { load, inline: manifest["inline"] == true, shapes: BTreeMap::new() };
    let mut units = Vec::new();
    for stack in manifest["stacks"].as_array().into_iter().flatten() {
        units.push(Unit { order: units.len(), ..folder.unit(stack, &engines)? });
    }
    let estate = manifest["estate"].as_str().unwrap_or_default().to_owned();
    Ok(Side { estate, engines, shapes: folder.shapes, units, uses: None })
}

fn json(load: &Load<'_>, path: &str) -> Result<Value, String> {
    serde_json::from_str(&load(path)?).map_err(|why| format!("{path}: {why}"))
}

struct Folder<'a> {
    load: &'a Load<'a>,
    inline: bool,
    shapes: BTreeMap<(&'static str, String), Shape>,
}

impl Folder<'_> {
    fn unit(&mut self, stack: &Value, engines: &[Engine]) -> Result<Unit, String> {
        let text = |name: &str| stack[name].as_str().unwrap_or_default().to_owned();
        let list = |name: &str| -> Vec<String> {
            let all = stack[name].as_array().into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let halves = engines.iter().map(|engine| self.half(*engine, stack));
        let halves = halves.collect::<Result<Vec<Half>, String>>()?;
        let mut files = Vec::new();
        for path in list("files") {
            let text = (self.load)(&path)?;
            files.push((path, text));
        }
        let tags = stack["tags"].as_object().into_iter().flatten();
        Ok(Unit {
            key: text("key"),
            name: text("stack"),
            order: 0,
            wave: stack["wave"].as_u64().unwrap_or_default(),
            account: text("account"),
            region: text("region"),
            shape: text("shape"),
            tenant: stack["tenant"].as_str().map(str::to_owned),
            tier: stack["tier"].as_str().map(str::to_owned),
            depends_on: list("depends_on"),
            pending: stack["pending"] == true,
            tags: tags
                .map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned()))
                .collect(),
            files: sorted(files),
            halves,
        })
    }

    fn half(&mut self, engine: Engine, stack: &Value) -> Result<Half, String> {
        let (key, shape) = (stack["key"].as_str(), stack["shape"].as_str());
        let (key, shape) = (key.unwrap_or_default(), shape.unwrap_or_default());
        let template = if self.inline { key } else { shape };
        let path = match (engine, self.inline) {
            (Engine::CloudFormation, false) => cloudformation::template_path(shape),
            (Engine::CloudFormation, true) => cloudformation::stack_path(key),
            (Engine::Terraform, false) => terraform::module_path(shape),
            (Engine::Terraform, true) => terraform::root_path(key),
        };
        let id = (engine.id(), template.to_owned());
        if !self.shapes.contains_key(&id) {
            let text = (self.load)(&path)?;
            let read = shape::declared(engine, &text)
                .and_then(|params| Shape::read(engine, &text, params));
            self.shapes.insert(id.clone(), read.map_err(|why| format!("{path}: {why}"))?);
        }
        let given = if self.inline { BTreeMap::new() } else { self.given(engine, key)? };
        let read = paths(engine, stack);
        let params = &self.shapes[&id].params;
        let value = |name: &String| read.get(name).or_else(|| given.get(name)).cloned();
        let values = params.iter().map(|name| value(name).unwrap_or_default()).collect();
        let imported = params.iter().map(|name| read.contains_key(name)).collect();
        Ok(Half { engine, template: template.to_owned(), values, imported })
    }

    /// The values that the file of a stack gives.
    fn given(&self, engine: Engine, key: &str) -> Result<BTreeMap<String, String>, String> {
        match engine {
            Engine::CloudFormation => {
                let all = json(self.load, &cloudformation::stack_path(key))?;
                let pairs = all.as_array().into_iter().flatten().filter_map(Value::as_str);
                let split = pairs.filter_map(|pair| pair.split_once('='));
                Ok(split.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
            }
            Engine::Terraform => {
                let root = json(self.load, &terraform::root_path(key))?;
                let call = root["module"]["stack"].as_object().into_iter().flatten();
                let text = |value: &Value| {
                    value.as_str().unwrap_or_default().replace("$${", "${").replace("%%{", "%{")
                };
                Ok(call.map(|(name, value)| (name.clone(), text(value))).collect())
            }
        }
    }
}

/// The paths that the values of parameters are read from when a stack is deployed.
fn paths(engine: Engine, stack: &Value) -> BTreeMap<String, String> {
    let all = ["inputs", "foreign"].into_iter();
    let all = all.flat_map(|name| stack[name].as_object().into_iter().flatten());
    let one = |(name, path): (&String, &Value)| {
        (param(engine, name), path.as_str().unwrap_or_default().to_owned())
    };
    all.map(one).collect()
}
