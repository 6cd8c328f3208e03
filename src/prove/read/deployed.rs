//! The stacks of a folder: their values, followed to where they come from, and their things, handed
//! over one at a time.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::form::{Filling, Piece, join};
use super::manifest::{self, Entry, Manifest};
use super::template::{Param, Part, Template};
use super::terraform::{self, Root};
use super::{Engine, Folder, Thing, Trouble, cloudformation};

/// The step after a deployment that takes all rules out of the default security group of a VPC.
const STRIP: &str = "strip-default-security-group";

/// The step that gives the attachment of a VPN connection its tables: CloudFormation cannot.
const ROUTE_VPN: &str = "route-vpn";

/// The attribute of a VPN connection that is its attachment to a transit gateway.
const ATTACHMENT: &str = "TransitGatewayAttachmentId";

/// The type of a thing that no template makes: the default security group of a VPC, with the rules
/// that it has then (`SecurityGroupIngress` and `SecurityGroupEgress`; mostly none). Where there is
/// no such thing, the group has AWS's own rules.
pub const DEFAULT_GROUP: &str = "Tenantry::EC2::StrippedDefaultSecurityGroup";

/// A folder, ready to be looked at.
pub struct Deployed<'f> {
    /// What was read.
    folder: &'f dyn Folder,
    /// For which engine.
    pub engine: Engine,
    /// The manifest.
    pub manifest: Manifest,
    wanted: &'f dyn Fn(&str) -> bool,
    templates: BTreeMap<String, Rc<Template>>,
    stacks: Vec<Stack>,
    told: Told,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
}

/// Where a value of Systems Manager lies: account, region, path.
type Address = (String, String, String);

/// The values of Systems Manager, each with the number of the stack that tells it.
type Told = BTreeMap<Address, (usize, String)>;

/// A stack with its values.
struct Stack {
    account: String,
    region: String,
    template: Option<Rc<Template>>,
    given: Vec<Given>,
    values: Vec<String>,
}

/// A value as a stack is given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Itself.
    Text(String),
    /// Where to read it.
    Read(Address),
    /// Parts, put together.
    Parts(Vec<Given>),
}

impl<'f> Deployed<'f> {
    /// Reads a folder. Things of types that are not `wanted` are passed over.
    pub fn read(
        folder: &'f dyn Folder,
        engine: Engine,
        wanted: &'f dyn Fn(&str) -> bool,
    ) -> Result<Self, Trouble> {
        let text = folder.text("manifest.json").ok_or_else(|| Trouble {
            file: "manifest.json".to_owned(),
            message: "it is not there".to_owned(),
        })?;
        let manifest = Manifest::read(&text)?;
        let mut out = Deployed {
            folder,
            engine,
            manifest,
            wanted,
            templates: BTreeMap::new(),
            stacks: Vec::new(),
            told: BTreeMap::new(),
            troubles: Vec::new(),
        };
        let entries = std::mem::take(&mut out.manifest.stacks);
        for entry in &entries {
            let stack = out.stack(entry);
            out.stacks.push(stack);
        }
        out.manifest.stacks = entries;
        if engine == Engine::Terraform {
            out.strangers();
        }
        out.follow();
        Ok(out)
    }

    /// Hands every thing over, in the order of deployment.
    pub fn each(&self, take: &mut dyn FnMut(&Thing<'_>)) {
        for (entry, stack) in self.manifest.stacks.iter().zip(&self.stacks) {
            let Some(template) = &stack.template else { continue };
            let filling = Filling {
                stack: &entry.key,
                account: &stack.account,
                region: &stack.region,
                values: &stack.values,
            };
            let again = self.again(template);
            let template = again.as_ref().unwrap_or(template);
            for part in &template.things {
                hand_over(entry, template, part, &filling, take);
            }
            if template.has_steps {
                steps(entry, template, &filling, take);
            }
        }
    }

    /// A template that only one stack has is read again rather than kept: there may be ten thousand.
    fn again(&self, template: &Template) -> Option<Template> {
        if !self.manifest.inline {
            return None;
        }
        let text = self.folder.text(&template.file)?;
        Some(self.apart(&template.file, &text))
    }

    /// A template, taken apart.
    fn apart(&self, path: &str, text: &str) -> Template {
        let read = match self.engine {
            Engine::CloudFormation => cloudformation::read,
            Engine::Terraform => terraform::read,
        };
        read(path, text, &self.manifest.partition, self.wanted)
    }

    /// Hands over the files that are neither templates nor roots: SQL, items of catalogues. Gives
    /// those that are not there.
    pub fn files(&self, take: &mut dyn FnMut(&str, &str)) -> Vec<Trouble> {
        let mut gone = Vec::new();
        for path in self.manifest.stacks.iter().flat_map(|entry| &entry.files) {
            match self.folder.text(path) {
                Some(text) => take(path, &text),
                None => gone.push(missing(path)),
            }
        }
        gone
    }

    /// What stacks of tenants are given that is another's: of whom, to whom, which parameter, what.
    pub fn lent(&self) -> Vec<(&Entry, &Entry, &str, &str)> {
        let tenants = self.manifest.stacks.iter().filter(|entry| entry.tenant.is_some());
        let by_key: BTreeMap<&str, &Entry> =
            tenants.map(|entry| (entry.key.as_str(), entry)).collect();
        let mut out = Vec::new();
        for (entry, stack) in self.manifest.stacks.iter().zip(&self.stacks) {
            let Some(template) = stack.template.as_ref().filter(|_| entry.tenant.is_some()) else {
                continue;
            };
            for (param, value) in template.params.iter().zip(&stack.values) {
                let Some(at) = value.find('@') else { continue };
                let of = super::token(&value[at..]).and_then(|(key, ..)| by_key.get(key));
                if let Some(of) = of.filter(|of| of.tenant != entry.tenant) {
                    out.push((entry, *of, param.name.as_str(), value.as_str()));
                }
            }
        }
        out
    }

    /// The values that could not be told: stack, parameter and reason.
    pub fn unknown(&self) -> Vec<(String, String, String)> {
        let mut out = Vec::new();
        for (entry, stack) in self.manifest.stacks.iter().zip(&self.stacks) {
            let params = stack.template.iter().flat_map(|template| &template.params);
            for (param, value) in params.zip(&stack.values).filter(|(_, v)| super::unknown(v)) {
                out.push((entry.key.clone(), param.name.clone(), value.clone()));
            }
        }
        out
    }

    fn stack(&mut self, entry: &Entry) -> Stack {
        match self.engine {
            Engine::CloudFormation => self.of_cloudformation(entry),
            Engine::Terraform => self.of_terraform(entry),
        }
    }

    fn of_cloudformation(&mut self, entry: &Entry) -> Stack {
        let path = entry.template.clone().unwrap_or_default();
        let template = self.template(&path);
        let mut own = BTreeMap::new();
        if let Some(file) = &entry.parameters {
            let values = match self.folder.text(file) {
                Some(text) => cloudformation::values(file, &text),
                None => Err(missing(file)),
            };
            match values {
                Ok(values) => own.extend(values),
                Err(trouble) => self.troubles.push(trouble),
            }
        }
        let params = template.iter().flat_map(|template| &template.params);
        let given = params.map(|param| {
            let value = own.remove(&param.name).or_else(|| param.default.clone());
            match (value, entry.foreign.get(&param.name), &entry.foreign_account) {
                (Some(value), ..) if cloudformation::is_dynamic(&value) => {
                    Given::Text("?{a dynamic reference}".to_owned())
                }
                (Some(value), ..) if !param.read => Given::Text(value),
                (Some(path), ..) => {
                    Given::Read((entry.account.clone(), entry.region.clone(), path))
                }
                (None, Some(path), Some(account)) => {
                    Given::Read((account.clone(), entry.region.clone(), path.clone()))
                }
                _ => Given::Text(format!("?{{nothing gives {} a value}}", param.name)),
            }
        });
        Stack {
            account: entry.account.clone(),
            region: entry.region.clone(),
            given: given.collect(),
            values: Vec::new(),
            template,
        }
    }

    fn of_terraform(&mut self, entry: &Entry) -> Stack {
        let path = format!("{}/main.tf.json", entry.root.as_deref().unwrap_or_default());
        let Some(text) = self.folder.text(&path) else {
            self.troubles.push(missing(&path));
            return Stack::empty(entry);
        };
        let settled = |account: &str| manifest::settled(account, entry.tenant.as_deref());
        let root = terraform::root(&path, &text, &self.manifest.partition, &settled);
        self.troubles.extend(root.troubles.iter().cloned());
        let module = root.module.clone().unwrap_or_else(|| path.clone());
        let template = self.template(&module);
        let params = template.iter().flat_map(|template| &template.params);
        let given = params.map(|param| root_value(&root, entry, param)).collect();
        Stack { account: root.account, region: root.region, given, values: Vec::new(), template }
    }

    /// Files that Terraform reads and this does not: nothing is proved where there are some.
    fn strangers(&mut self) {
        let strange = |path: &String| {
            let other = path.ends_with(".tf.json") && !path.ends_with("/main.tf.json");
            path.starts_with("terraform/")
                && (other
                    || [".tf", ".tfvars", ".tfvars.json"].iter().any(|end| path.ends_with(end)))
        };
        for file in self.folder.paths().into_iter().filter(strange) {
            let message = "Terraform reads it, but it is not followed".to_owned();
            self.troubles.push(Trouble { file, message });
        }
    }

    /// A template, taken apart once.
    fn template(&mut self, path: &str) -> Option<Rc<Template>> {
        if let Some(template) = self.templates.get(path) {
            return Some(Rc::clone(template));
        }
        let Some(text) = self.folder.text(path) else {
            self.troubles.push(missing(path));
            return None;
        };
        let mut template = self.apart(path, &text);
        self.troubles.append(&mut template.troubles);
        if self.manifest.inline {
            template.things = Vec::new();
            return Some(Rc::new(template));
        }
        let template = Rc::new(template);
        self.templates.insert(path.to_owned(), Rc::clone(&template));
        Some(template)
    }

    /// Follows what stacks tell each other. In the order of deployment one round does; what is told
    /// by a later stack takes another.
    fn follow(&mut self) {
        loop {
            let before = self.told.len();
            let mut changed = false;
            let mut stacks = std::mem::take(&mut self.stacks);
            let mut strange = Vec::new();
            for (number, (entry, stack)) in self.manifest.stacks.iter().zip(&mut stacks).enumerate()
            {
                let values: Vec<String> =
                    stack.given.iter().map(|given| value(given, &self.told)).collect();
                changed |= values != stack.values;
                stack.values = values;
                tell((number, entry), stack, &mut self.told, &mut strange);
            }
            self.stacks = stacks;
            let open =
                self.stacks.iter().any(|stack| stack.values.iter().any(|v| super::unknown(v)));
            if !open || (!changed && self.told.len() == before) {
                self.troubles.extend(strange);
                return;
            }
        }
    }
}

impl Stack {
    fn empty(entry: &Entry) -> Stack {
        let (account, region) = (entry.account.clone(), entry.region.clone());
        Stack { account, region, template: None, given: Vec::new(), values: Vec::new() }
    }
}

/// What a root gives a variable, or reads itself.
fn root_value(root: &Root, entry: &Entry, param: &Param) -> Given {
    let read = |index: usize| match root.reads.get(index) {
        Some((_, account, path)) => {
            Given::Read((account.clone(), root.region.clone(), path.clone()))
        }
        None => Given::Text(format!("?{{nothing gives {} a value}}", param.name)),
    };
    if let Some(name) = param.name.strip_prefix("data.") {
        return read(root.reads.iter().position(|(own, ..)| own == name).unwrap_or(usize::MAX));
    }
    let Some(pieces) = root.given.get(&param.name) else {
        let none = format!("?{{nothing gives {} a value}}", param.name);
        return Given::Text(param.default.clone().unwrap_or(none));
    };
    let (stack, values) = (entry.key.as_str(), &[][..]);
    let filling = Filling { stack, account: &root.account, region: &root.region, values };
    let part = |piece: &Piece| match piece {
        Piece::Param(index) => read(*index),
        other => Given::Text(join(std::slice::from_ref(other), &filling)),
    };
    Given::Parts(pieces.iter().map(part).collect())
}

/// What a stack tells the others. Where that cannot be told, or two tell one thing, nobody knows what
/// the others hear.
fn tell(
    (number, entry): (usize, &Entry),
    stack: &Stack,
    told: &mut Told,
    strange: &mut Vec<Trouble>,
) {
    let Some(template) = &stack.template else { return };
    let filling = Filling {
        stack: &entry.key,
        account: &stack.account,
        region: &stack.region,
        values: &stack.values,
    };
    for (path, value) in &template.told {
        let path = path.words(&filling);
        let address = (stack.account.clone(), stack.region.clone(), path);
        let before = told.get(&address).map(|(before, _)| *before);
        if super::unknown(&address.2) || before.is_some_and(|before| before != number) {
            let message = format!("{} is told by nobody, or by two", address.2);
            strange.push(Trouble { file: template.file.clone(), message });
            continue;
        }
        told.insert(address, (number, value.words(&filling)));
    }
}

fn value(given: &Given, told: &Told) -> String {
    match given {
        Given::Text(text) => text.clone(),
        Given::Read(address) => match told.get(address) {
            Some((_, value)) => value.clone(),
            None => format!("?{{nothing writes {}}}", address.2),
        },
        Given::Parts(parts) => parts.iter().map(|part| value(part, told)).collect(),
    }
}

fn hand_over(
    entry: &Entry,
    template: &Template,
    part: &Part,
    filling: &Filling<'_>,
    take: &mut dyn FnMut(&Thing<'_>),
) {
    let tags = part.tags.iter().map(|(key, value)| (key.words(filling), value.words(filling)));
    let tags: Vec<(String, String)> = tags.collect();
    let own = tags.iter().position(|(key, _)| key == "Tenant").map(|at| tags[at].1.clone());
    take(&Thing {
        stack: &entry.key,
        id: &part.id,
        kind: &part.kind,
        shape: &entry.shape,
        account: filling.account,
        region: filling.region,
        tenant: own.as_deref().or(entry.tenant.as_deref()),
        home: entry.tenant.as_deref(),
        properties: part.body.fill(filling),
        tags,
        file: &template.file,
        place: &part.place,
    });
}

/// What the script makes after a stack was deployed, as the manifest lists it: things without a
/// place in a template, so they stand in the manifest.
fn steps(
    entry: &Entry,
    template: &Template,
    filling: &Filling<'_>,
    take: &mut dyn FnMut(&Thing<'_>),
) {
    let mut make = |id: &str, kind: &str, properties: Value| {
        take(&Thing {
            stack: &entry.key,
            id,
            kind,
            shape: &entry.shape,
            account: filling.account,
            region: filling.region,
            tenant: entry.tenant.as_deref(),
            home: entry.tenant.as_deref(),
            properties,
            tags: Vec::new(),
            file: "manifest.json",
            place: "/stacks",
        });
    };
    if entry.after.iter().any(|step| step == STRIP) {
        for part in template.things.iter().filter(|part| part.kind == "AWS::EC2::VPC") {
            let vpc = format!("@{}/{}", entry.key, part.id);
            let none = json!([]);
            let rules = json!({
                "VpcId": vpc, "SecurityGroupIngress": none, "SecurityGroupEgress": none,
            });
            make(&format!("Default{}", part.id), DEFAULT_GROUP, rules);
        }
    }
    if entry.after.iter().any(|step| step == ROUTE_VPN) {
        let output = |name: &str| {
            let unknown = || format!("?{{there is no output {name}}}");
            template.outputs.get(name).map_or_else(unknown, |form| form.words(filling))
        };
        let attachment = format!("{}.{ATTACHMENT}", output("VpnConnectionId"));
        for (id, kind, table) in [
            ("VpnAssociation", "Association", "HubRouteTableId"),
            ("VpnPropagationHub", "Propagation", "HubRouteTableId"),
            ("VpnPropagationSpokes", "Propagation", "SpokeRouteTableId"),
        ] {
            let properties = json!({
                "TransitGatewayAttachmentId": attachment,
                "TransitGatewayRouteTableId": output(table),
            });
            make(id, &format!("AWS::EC2::TransitGatewayRouteTable{kind}"), properties);
        }
    }
}

fn missing(file: &str) -> Trouble {
    Trouble {
        file: file.to_owned(),
        message: "the manifest names it, but it is not there".to_owned(),
    }
}
