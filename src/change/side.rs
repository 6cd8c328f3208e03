//! One side of a comparison: an estate as far as it says what is deployed. It comes from a synthesis
//! in memory, or from the files of an earlier one.

use std::collections::BTreeMap;

use crate::change::shape::Shape;
use crate::check::quota::Use;
use crate::engine::{Engine, Options, Rendered};
use crate::name::snake;
use crate::synth::Made;
use crate::template::{Estate, ParamKind, Stack};

/// An estate to compare.
#[derive(Debug)]
pub struct Side {
    /// Its name.
    pub estate: String,
    /// The engines that it is written for.
    pub engines: Vec<Engine>,
    /// Its templates, by engine and name: that of the shape, or inline that of the stack.
    pub shapes: BTreeMap<(&'static str, String), Shape>,
    /// Its stacks, in the order in which they are deployed.
    pub units: Vec<Unit>,
    /// How much of each quota it uses, where it was synthesised.
    pub uses: Option<Vec<Use>>,
}

/// A stack.
#[derive(Clone, Debug)]
pub struct Unit {
    /// What it is called in files.
    pub key: String,
    /// What it is called in AWS.
    pub name: String,
    /// Its place in the deploy order.
    pub order: usize,
    /// Its wave.
    pub wave: u64,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// The shape of its template.
    pub shape: String,
    /// The tenant that it belongs to.
    pub tenant: Option<String>,
    /// The tier that it belongs to.
    pub tier: Option<String>,
    /// The keys of the stacks that it waits for.
    pub depends_on: Vec<String>,
    /// Whether its account is not there yet.
    pub pending: bool,
    /// The tags of the stack itself.
    pub tags: Vec<(String, String)>,
    /// What is written for it besides: paths and texts.
    pub files: Vec<(String, String)>,
    /// What each engine deploys.
    pub halves: Vec<Half>,
}

/// What an engine deploys as a stack.
#[derive(Clone, Debug)]
pub struct Half {
    /// The engine.
    pub engine: Engine,
    /// The name of its template among those of the engine.
    pub template: String,
    /// The values of the template's parameters, in their order.
    pub values: Vec<String>,
    /// Which of them are paths that the value is read from when it is deployed.
    pub imported: Vec<bool>,
}

impl Side {
    /// An estate that nothing was ever deployed of.
    pub fn empty(estate: &str, engines: &[Engine]) -> Self {
        Side {
            estate: estate.to_owned(),
            engines: engines.to_vec(),
            shapes: BTreeMap::new(),
            units: Vec::new(),
            uses: Some(Vec::new()),
        }
    }

    /// An estate that was synthesised; `counted`, with its use of quotas.
    pub fn made(made: &Made, engines: &[Engine], counted: bool) -> Self {
        let options = Options { engines: engines.to_vec(), inline: false, partial: false };
        let rendered = Rendered::new(&made.spec, &made.estate, &options);
        let mut shapes = BTreeMap::new();
        for (name, template) in &made.estate.templates {
            for engine in engines {
                let Some(text) = rendered.template_text(*engine, name) else { continue };
                let params = template.params.iter().map(|p| param(*engine, &p.name)).collect();
                let shape = Shape::read(*engine, text, params).expect("the engine writes JSON");
                shapes.insert((engine.id(), name.clone()), shape);
            }
        }
        let units = made.estate.stacks.iter().enumerate();
        let unit = |(order, stack)| Unit { order, ..unit(stack, &made.estate, &rendered, engines) };
        Side {
            estate: made.spec.estate(),
            engines: engines.to_vec(),
            shapes,
            units: units.map(unit).collect(),
            uses: counted.then(|| made.uses.clone()),
        }
    }

    /// A template of it.
    pub fn shape(&self, half: &Half) -> &Shape {
        &self.shapes[&(half.engine.id(), half.template.clone())]
    }

    /// Its stacks, by their keys.
    pub fn by_key(&self) -> BTreeMap<&str, &Unit> {
        self.units.iter().map(|unit| (unit.key.as_str(), unit)).collect()
    }
}

impl Unit {
    /// What an engine deploys as it.
    pub fn half(&self, engine: Engine) -> Option<&Half> {
        self.halves.iter().find(|half| half.engine == engine)
    }
}

/// What an engine calls a parameter.
pub fn param(engine: Engine, name: &str) -> String {
    match engine {
        Engine::CloudFormation => name.to_owned(),
        Engine::Terraform => snake(name),
    }
}

fn unit(stack: &Stack, estate: &Estate, rendered: &Rendered<'_>, engines: &[Engine]) -> Unit {
    let params = &estate.templates[&stack.shape].params;
    let imported: Vec<bool> = params.iter().map(|p| p.kind != ParamKind::Text).collect();
    let half = |engine: &Engine| Half {
        engine: *engine,
        template: stack.shape.clone(),
        values: stack.values.clone(),
        imported: imported.clone(),
    };
    let files = if stack.extras.is_empty() { Vec::new() } else { rendered.extras(stack) };
    Unit {
        key: stack.key.clone(),
        name: stack.name.clone(),
        order: 0,
        wave: stack.wave.number().into(),
        account: stack.account.clone(),
        region: stack.region.clone(),
        shape: stack.shape.clone(),
        tenant: stack.tenant.clone(),
        tier: stack.tier.clone(),
        depends_on: stack.depends_on.clone(),
        pending: stack.is_pending(),
        tags: sorted(stack.tags.clone()),
        files: sorted(files.into_iter().map(|file| (file.path, file.text)).collect()),
        halves: engines.iter().map(half).collect(),
    }
}

/// Pairs by their names, as they are compared.
pub fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.sort_unstable();
    pairs
}
