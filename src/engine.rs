//! As rendered: the estate as files. A template is laid out once; its stacks are fillings of it.
//! Whatever differs between the two engines lives below this module and nowhere else.

pub mod cloudformation; // templates, parameter files
pub mod terraform; // modules, roots
pub mod extra; // catalogue items and migrations
pub mod manifest; // the list of stacks, in deploy order
pub mod script; // deploy.sh for each engine
pub mod sql; // what separates tenants inside a database

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::name::digest;
use crate::spec::Spec;
use crate::template::{Estate, Stack, Template};

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// AWS `CloudFormation`.
    CloudFormation,
    /// Terraform or `OpenTofu`.
    Terraform,
}

impl Engine {
    /// As it stands in paths and in the manifest.
    pub fn id(self) -> &'static str {
        match self {
            Engine::CloudFormation => "cloudformation",
            Engine::Terraform => "terraform",
        }
    }
}

/// How it is written.
#[derive(Clone, Debug)]
pub struct Options {
    /// For which engines.
    pub engines: Vec<Engine>,
    /// Whether each stack holds its values itself.
    pub inline: bool,
    /// Whether only a part of the estate is written.
    pub partial: bool,
}

impl Options {
    /// Whether files for this engine are written.
    pub fn has(&self, engine: Engine) -> bool {
        self.engines.contains(&engine)
    }
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its path below the folder of the estate, with `/`.
    pub path: String,
    /// Its content.
    pub text: String,
    /// Whether it can be run.
    pub executable: bool,
}

impl Artifact {
    /// A file that is read.
    pub fn file(path: String, text: String) -> Self {
        Artifact { path, text, executable: false }
    }
}

/// An estate whose templates are laid out, each when it is first asked for. Nothing of it grows with
/// the number of stacks.
pub struct Rendered<'a> {
    spec: &'a Spec,
    estate: &'a Estate,
    options: &'a Options,
    shapes: BTreeMap<&'a str, Shape<'a>>,
}

/// A template, and its layout for every engine.
struct Shape<'a> {
    template: &'a Template,
    options: &'a Options,
    cloudformation: OnceLock<cloudformation::Layout>,
    terraform: OnceLock<terraform::Layout>,
    digest: OnceLock<String>,
}

impl<'a> Shape<'a> {
    fn new(template: &'a Template, options: &'a Options) -> Self {
        let (cloudformation, terraform) = (OnceLock::new(), OnceLock::new());
        Shape { template, options, cloudformation, terraform, digest: OnceLock::new() }
    }

    fn cloudformation(&self) -> Option<&cloudformation::Layout> {
        let lay_out = || cloudformation::Layout::new(self.template, self.options.inline);
        let wanted = self.options.has(Engine::CloudFormation);
        wanted.then(|| self.cloudformation.get_or_init(lay_out))
    }

    fn terraform(&self) -> Option<&terraform::Layout> {
        let lay_out = || terraform::Layout::new(self.template, self.options.inline);
        self.options.has(Engine::Terraform).then(|| self.terraform.get_or_init(lay_out))
    }

    /// The text that all stacks share.
    fn text(&self, engine: Engine) -> Option<&str> {
        match engine {
            Engine::CloudFormation => self.cloudformation().map(|layout| layout.shared.as_str()),
            Engine::Terraform => self.terraform().map(|layout| layout.shared.as_str()),
        }
    }

    /// What changes with the text for either engine.
    fn digest(&self) -> &str {
        let of = |engine| self.text(engine).map_or(String::new(), |text| digest(text.as_bytes()));
        self.digest.get_or_init(|| of(Engine::CloudFormation) + &of(Engine::Terraform))
    }
}

impl<'a> Rendered<'a> {
    /// Every template, to be laid out.
    pub fn new(spec: &'a Spec, estate: &'a Estate, options: &'a Options) -> Self {
        let shape = |(name, template): (&'a String, &'a Template)| {
            (name.as_str(), Shape::new(template, options))
        };
        let shapes = estate.templates.iter().map(shape).collect();
        Rendered { spec, estate, options, shapes }
    }

    /// Whether there is a template of this shape.
    pub fn has(&self, shape: &str) -> bool {
        self.shapes.contains_key(shape)
    }

    /// The text of a template that all stacks of the shape share.
    pub fn template_text(&self, engine: Engine, shape: &str) -> Option<&str> {
        self.shapes[shape].text(engine)
    }

    /// The files that all stacks share, and those that list them.
    pub fn shared(&self) -> Vec<Artifact> {
        let mut out = Vec::new();
        for (name, shape) in self.shapes.iter().filter(|_| !self.options.inline) {
            if let Some(layout) = shape.cloudformation() {
                out.push(Artifact::file(
                    cloudformation::template_path(name),
                    layout.shared.clone(),
                ));
            }
            if let Some(layout) = shape.terraform() {
                out.push(Artifact::file(terraform::module_path(name), layout.shared.clone()));
                out.extend(beside(&terraform::module_path(name), shape.template));
            }
        }
        for engine in &self.options.engines {
            let path = format!("{}/deploy.sh", engine.id());
            out.push(Artifact { path, text: script::render(*engine, self.spec), executable: true });
        }
        out.push(self.manifest());
        out
    }

    /// The files of one stack. Nothing is kept, so memory does not grow with what was rendered.
    pub fn stack(&self, stack: &Stack) -> Vec<Artifact> {
        let shape = &self.shapes[stack.shape.as_str()];
        let mut out = Vec::new();
        if let Some(layout) = shape.cloudformation() {
            out.push(Artifact::file(cloudformation::stack_path(&stack.key), layout.stack(stack)));
        }
        if let Some(layout) = shape.terraform() {
            let text = layout.stack(stack, shape.template, self.spec);
            out.push(Artifact::file(terraform::root_path(&stack.key), text));
            if self.options.inline {
                out.extend(beside(&terraform::root_path(&stack.key), shape.template));
            }
        }
        out.extend(extra::files(stack, self.spec, self.options));
        out
    }

    /// What is written for a stack besides its template and its values.
    pub fn extras(&self, stack: &Stack) -> Vec<Artifact> {
        extra::files(stack, self.spec, self.options)
    }

    /// The stacks, in deploy order.
    pub fn stacks(&self) -> &'a [Stack] {
        &self.estate.stacks
    }

    fn manifest(&self) -> Artifact {
        let digest_of = |stack: &Stack| self.digest(stack);
        let text = manifest::render(self.spec, self.estate, self.options, &digest_of);
        Artifact::file("manifest.json".to_owned(), text)
    }

    /// What changes when the stack must be deployed again.
    fn digest(&self, stack: &Stack) -> String {
        let mut parts = vec![self.shapes[stack.shape.as_str()].digest()];
        parts.extend([stack.name.as_str(), &stack.account, &stack.region]);
        parts.extend(stack.values.iter().map(String::as_str));
        parts.extend(stack.tags.iter().flat_map(|(k, v)| [k.as_str(), v.as_str()]));
        digest(parts.join("\0").as_bytes())[..16].to_owned()
    }
}

/// The files that a module or root of Terraform names, which stand in its folder.
fn beside(path: &str, template: &Template) -> Vec<Artifact> {
    let (folder, _) = path.rsplit_once('/').expect("it stands in a folder");
    let files = terraform::files(template);
    files.into_iter().map(|(name, text)| Artifact::file(format!("{folder}/{name}"), text)).collect()
}
