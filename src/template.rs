//! As wired: templates, which are parameterised sets of resources, and stacks, which give a
//! template its values. One template serves every stack of its shape.

pub mod step; // what is done after a stack

use std::collections::BTreeMap;

use crate::aws::PENDING;
use crate::json::Json;
use crate::name::{pascal, short_hash, snake};
use crate::resource::{Body, Resource};
use crate::spec::Access;
use crate::value::{Id, LogicalId, Value, join, param};

pub use step::Step;

/// The parameter that every template has: the beginning of the names of its resources.
pub const NAME: &str = "Name";

/// A parameterised set of resources.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Its name; the file is called so.
    pub shape: String,
    /// What it makes, for people. At most 1,024 bytes.
    pub description: String,
    /// What differs from stack to stack.
    pub params: Vec<Param>,
    /// The resources, in an order that people expect; each refers to earlier ones only.
    pub entries: Vec<Entry>,
    /// What other people need to know of a stack.
    pub outputs: Vec<Output>,
    /// The tags on everything that can carry them, apart from `Name`.
    pub tags: Vec<(String, Value)>,
    /// Templates that resources of this one hold as text, by name.
    pub inner: BTreeMap<&'static str, Template>,
    /// What is done after a stack of it was deployed, whatever the engine.
    pub then: Vec<Step>,
    /// The unit of what is added next.
    pub unit: Option<String>,
    /// Where more may have to stand some day, as it can stand nowhere else: beside which resource, and
    /// how many bytes.
    pub room: Option<(LogicalId, usize)>,
}

/// The unit of what everything else stands on.
pub const CORE: &str = "";

/// A parameter of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name, in `PascalCase`.
    pub name: String,
    /// What it holds.
    pub kind: ParamKind,
    /// What it is, for people.
    pub description: String,
    /// The type of the resource that it is a value of, and which attribute, where another part has it.
    pub of: Option<(&'static str, Option<&'static str>)>,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// The value itself.
    Text,
    /// The path of a Systems Manager parameter; the value is read from there when it is deployed.
    /// The string is CloudFormation's type of that value.
    Imported(&'static str),
    /// The path of a Systems Manager parameter in another account, which CloudFormation cannot
    /// read: the deployment reads it there and passes the value on.
    Foreign,
}

/// A resource of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name inside the template.
    pub id: LogicalId,
    /// CloudFormation's type, if it has one.
    pub cfn: Option<&'static str>,
    /// Terraform's type.
    pub tf: &'static str,
    /// Its properties.
    pub body: Body,
    /// Its tags, if it can carry them.
    pub tags: Option<Vec<(String, Value)>>,
    /// What it must wait for beyond what it refers to.
    pub after: Vec<LogicalId>,
    /// Whether it holds something that outlives the stack.
    pub keep: bool,
    /// The component that added it; `None` for what a model makes.
    pub component: Option<&'static str>,
    /// What it belongs to and is kept with where a template is cut: a service, a table, or [`CORE`].
    /// What a component adds without one is of the only unit that it refers to.
    pub unit: Option<String>,
    /// How it is made where it lists what several units have.
    pub spread: Option<Spread>,
    /// Its name inside the template before it was given this one, which Terraform is told, so that what
    /// is there stays.
    pub was: Option<LogicalId>,
}

/// What lists something of every unit, and is made once in each part of a template, of what the part
/// has: nothing can stand before what it names and behind it.
#[derive(Clone, Debug)]
pub struct Spread {
    /// What it holds in any case.
    pub fixed: Vec<Value>,
    /// What it lists, each with the resource in whose part it is listed.
    pub items: Vec<(LogicalId, Value)>,
    /// Makes it of the first and some of the second, for the part of that number.
    pub make: fn(&[Value], &[Value], u32) -> Body,
}

impl PartialEq for Spread {
    /// One function may have two addresses: what is equal may not be seen to be, but not the reverse.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.make, other.make)
            && (&self.fixed, &self.items) == (&other.fixed, &other.items)
    }
}

/// Something that a stack tells when it is deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name, in `PascalCase`.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
    /// What it is, for people.
    pub description: &'static str,
}

impl Template {
    /// An empty template; its tags will be on everything that is added.
    pub fn new(shape: impl Into<String>, description: impl Into<String>) -> Self {
        let mut template = Template {
            shape: shape.into(),
            description: description.into(),
            params: Vec::new(),
            entries: Vec::new(),
            outputs: Vec::new(),
            tags: Vec::new(),
            inner: BTreeMap::new(),
            then: Vec::new(),
            unit: None,
            room: None,
        };
        template.param(NAME, "What the names of the resources begin with");
        template
    }

    /// An empty template of resources without names.
    pub fn nameless(shape: impl Into<String>, description: impl Into<String>) -> Self {
        let mut template = Template::new(shape, description);
        template.params.clear();
        template
    }

    /// Declares a parameter and gives the reference to it.
    pub fn param(&mut self, name: &str, description: impl Into<String>) -> Value {
        self.declare(name, ParamKind::Text, description.into())
    }

    /// Declares a parameter that is read from Systems Manager.
    pub fn imported(
        &mut self,
        name: &str,
        kind: &'static str,
        description: impl Into<String>,
    ) -> Value {
        self.declare(name, ParamKind::Imported(kind), description.into())
    }

    /// Declares a parameter that is read from Systems Manager in another account.
    pub fn foreign(&mut self, name: &str, description: impl Into<String>) -> Value {
        self.declare(name, ParamKind::Foreign, description.into())
    }

    fn declare(&mut self, name: &str, kind: ParamKind, description: String) -> Value {
        debug_assert!(self.params.iter().all(|p| p.name != name), "{name} is declared twice");
        self.params.push(Param { name: name.to_owned(), kind, description, of: None });
        param(name)
    }

    /// Adds a resource.
    pub fn add<R: Resource>(&mut self, id: impl Into<LogicalId>, resource: R) -> Id<R> {
        self.add_after(id, resource, &[])
    }

    /// Adds a resource that must wait for others that it does not refer to.
    pub fn add_after<R: Resource>(
        &mut self,
        id: impl Into<LogicalId>,
        resource: R,
        after: &[&LogicalId],
    ) -> Id<R> {
        let id = id.into();
        assert!(self.entries.iter().all(|e| e.id != id), "{id} is added twice");
        let tags = R::TAGGABLE.then(|| {
            let tail = format!("-{}", snake(&id).replace('_', "-"));
            let mut tags = vec![("Name".to_owned(), join([param(NAME), tail.into()]))];
            tags.extend(self.tags.iter().cloned());
            tags
        });
        self.entries.push(Entry {
            id: id.clone(),
            cfn: R::CFN,
            tf: R::TF,
            body: resource.body(),
            tags,
            after: after.iter().map(|id| (*id).clone()).collect(),
            keep: false,
            component: None,
            unit: self.unit.clone(),
            spread: None,
            was: None,
        });
        Id::resource(id)
    }

    /// Adds a resource that outlives the stack.
    pub fn add_kept<R: Resource>(&mut self, id: impl Into<LogicalId>, resource: R) -> Id<R> {
        let id = self.add(id, resource);
        self.entries.last_mut().expect("it was just added").keep = true;
        id
    }

    /// Puts one more tag on a resource that was just added.
    pub fn tag_last(&mut self, key: &str, value: Value) {
        let entry = self.entries.last_mut().expect("something was added");
        entry.tags.as_mut().expect("it can carry tags").push((key.to_owned(), value));
    }

    /// Says what a resource that was just added was called before. CloudFormation has no such word: there,
    /// the old one goes once the new one is made.
    pub fn rename_last(&mut self, was: impl Into<LogicalId>) {
        self.entries.last_mut().expect("it was just added").was = Some(was.into());
    }

    /// Says how what was just added is made, part by part.
    pub fn spread_last(&mut self, spread: Spread) {
        self.entries.last_mut().expect("it was just added").spread = Some(spread);
    }

    /// Adds an output.
    pub fn output(
        &mut self,
        name: &'static str,
        description: &'static str,
        value: impl Into<Value>,
    ) {
        self.outputs.push(Output { name, value: value.into(), description });
    }

    /// What its resources are called, in their order.
    fn ids(&self) -> Vec<LogicalId> {
        self.entries.iter().map(|entry| entry.id.clone()).collect()
    }

    /// The entry of that name.
    pub fn entry(&self, id: &str) -> &Entry {
        self.entries.iter().find(|e| e.id == id).expect("handles come from `add`")
    }

    /// The position of a parameter.
    pub fn param_index(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|p| p.name == name)
    }

    /// The steps that CloudFormation has no resource for, and those of every engine, sorted.
    pub fn steps(&self) -> Vec<Step> {
        let of = |entry: &Entry| match entry.tf {
            "aws_default_security_group" => Some(Step::StripDefaultSecurityGroup),
            "aws_ec2_transit_gateway_route_table_association"
            | "aws_ec2_transit_gateway_route_table_propagation" => Some(Step::RouteVpn),
            "aws_dynamodb_table_item" => Some(Step::PutCatalogueItem),
            "aws_inspector2_enabler" => Some(Step::EnableInspector),
            "aws_cloudhsm_v2_cluster" => Some(Step::MakeHsmCluster),
            // Others are parts of a resource that CloudFormation has whole.
            _ => None,
        };
        let missing = self.entries.iter().filter(|e| e.cfn.is_none()).filter_map(of);
        let mut steps: Vec<Step> = missing.chain(self.then.iter().copied()).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }
}

/// One deployable unit: a template and its values, an account and a region.
#[derive(Clone, Debug)]
pub struct Stack {
    /// What it is called in files: unique in the estate.
    pub key: String,
    /// What it is called in AWS: unique in its account and region.
    pub name: String,
    /// When it is deployed: after every stack of a lower wave.
    pub wave: Wave,
    /// Its account; [`PENDING`](crate::aws::PENDING) while AWS has not made it.
    pub account: String,
    /// How the deployment enters that account; `None` if it is there.
    pub access: Option<Access>,
    /// Its region.
    pub region: String,
    /// The account that it makes, [`PENDING`](crate::aws::PENDING) until AWS has; `None` if it makes none.
    pub makes: Option<String>,
    /// The other account that its foreign values are read in, and how it is entered.
    pub foreign: Option<(String, Option<Access>)>,
    /// The shape of its template.
    pub shape: String,
    /// The tenant that it belongs to.
    pub tenant: Option<String>,
    /// The tier that it belongs to.
    pub tier: Option<String>,
    /// The values of the template's parameters, in their order; of an imported one, the path.
    pub values: Vec<String>,
    /// The keys of the stacks that it reads from.
    pub depends_on: Vec<String>,
    /// The tags of the stack itself.
    pub tags: Vec<(String, String)>,
    /// What is written for it besides.
    pub extras: Vec<Extra>,
    /// The component that it is of; `None` for what a model makes.
    pub component: Option<&'static str>,
}

/// What stands in the key and shape of a part, behind those of the whole and before its number: no id
/// has a dot.
pub const PART: &str = ".part-";

impl Stack {
    /// Its key, or of a part the key of the whole.
    pub fn whole(&self) -> &str {
        self.key.split_once(PART).map_or(&self.key, |(whole, _)| whole)
    }

    /// Whether it waits for an account that AWS has not made yet.
    pub fn is_pending(&self) -> bool {
        let foreign = self.foreign.as_ref().map(|(account, _)| account);
        [Some(&self.account), foreign].into_iter().flatten().any(|account| account == PENDING)
    }
}

/// A file that is written for a stack besides its template's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extra {
    /// The tenant's item in the catalogue of its pool: the name of the table, and the item.
    CatalogueItem(String, Vec<(&'static str, String)>),
    /// What is run in a database once for each pool: the cell.
    PoolSql(String),
    /// What is run in a database for a tenant: the cell and the tenant.
    TenantSql(String, String),
    /// A text for people and programs: its path, and itself.
    Text(String, String),
}

/// An item of a catalogue, all of it text, as `DynamoDB` takes it.
pub fn catalogue_item(item: &[(&'static str, String)]) -> Json {
    let text =
        |(name, value): &(&'static str, String)| (*name, Json::object([("S", Json::text(value))]));
    Json::object(item.iter().map(text))
}

/// When a stack is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wave {
    /// The organization.
    Organization,
    /// Accounts of tenants, one after the other: AWS Organizations takes no two at once. Source:
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-account.html>.
    Account,
    /// What an account and region need once.
    Foundation,
    /// What surrounds the tenants, and is there before them.
    Common,
    /// Hubs.
    Hub,
    /// Cells.
    Cell,
    /// What stands beside cells: their data stores, and what brings new versions to them.
    Data,
    /// Tenants.
    Tenant,
    /// The hub's side of what is joined to it from other accounts.
    Spoke,
    /// What looks at all the rest.
    Watch,
}

impl Wave {
    /// Its number, from 1.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// Everything that is deployed.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// The templates, by shape.
    pub templates: BTreeMap<String, Template>,
    /// The stacks, in the order in which they are deployed.
    pub stacks: Vec<Stack>,
    /// Each template that was cut, by the shape of its first part, as if it had not been: with all that its
    /// parts have, for who must see all that a stack and its parts hold together.
    pub whole: BTreeMap<String, Template>,
}

impl Estate {
    /// What is there, to see later what was added.
    pub fn extent(&self) -> Extent {
        let entries = self.templates.iter().map(|(shape, t)| (shape.clone(), t.ids()));
        Extent { entries: entries.collect(), stacks: self.stacks.len() }
    }

    /// Says of everything that was added since then which component it is of. It is there from then on.
    pub fn credit(&mut self, component: &'static str, since: &mut Extent) {
        let mut changed: Vec<(String, Vec<LogicalId>)> = Vec::new();
        for (shape, template) in &mut self.templates {
            let of = since.entries.get(shape);
            if of.is_some_and(|ids| template.entries.iter().map(|entry| &entry.id).eq(ids)) {
                continue;
            }
            // What a shape ends with behind a dot says of which it is a copy.
            let copied = || since.entries.get(shape.rsplit_once('.')?.0);
            let known = of.or_else(copied);
            for (at, entry) in template.entries.iter_mut().enumerate() {
                // Most stand where they stood.
                let is_known = |ids: &Vec<LogicalId>| {
                    ids.get(at) == Some(&entry.id) || ids.contains(&entry.id)
                };
                if !known.is_some_and(is_known) {
                    entry.component = Some(component);
                }
            }
            changed.push((shape.clone(), template.ids()));
        }
        since.entries.retain(|shape, _| self.templates.contains_key(shape));
        since.entries.extend(changed);
        for stack in self.stacks.iter_mut().skip(since.stacks) {
            stack.component = Some(component);
        }
        since.stacks = self.stacks.len();
    }
}

/// What of an estate was there at some time. Stacks are added at the end only.
pub struct Extent {
    entries: BTreeMap<String, Vec<LogicalId>>,
    stacks: usize,
}

/// The values of a template's parameters, gathered by name and put into the template's order.
#[derive(Debug, Default)]
pub struct Values {
    by_name: BTreeMap<String, String>,
}

impl Values {
    /// Gives a parameter its value.
    #[expect(clippy::needless_pass_by_value, reason = "numbers and blocks are given as they are")]
    pub fn set(&mut self, name: impl Into<String>, value: impl ToString) {
        self.by_name.insert(name.into(), value.to_string());
    }

    /// The values in the order of the template's parameters.
    pub fn order(mut self, template: &Template) -> Vec<String> {
        let take = |p: &Param| {
            self.by_name
                .remove(&p.name)
                .unwrap_or_else(|| panic!("{} has no value for {}", template.shape, p.name))
        };
        let values = template.params.iter().map(take).collect();
        assert!(
            self.by_name.is_empty(),
            "{} has no parameters {:?}",
            template.shape,
            self.by_name.keys()
        );
        values
    }
}

/// The parameter that holds the value of a tag.
pub fn tag_param(key: &str) -> String {
    let plain = pascal(key);
    // `Cost-Center` and `CostCenter` are two tags, and so two parameters.
    let mark = if plain == key { String::new() } else { pascal(&short_hash(key, 4)) };
    format!("Tag{plain}{mark}")
}
