//! What one template holds, of whom, as far as it is known before a stack gives it values.

use serde_json::Value;

use super::count::{Count, Fits, Held, Part, Row};
use super::instances;
use super::published::Told;
use super::rows::ROWS;
use crate::template::Template;
use crate::value::{self, LogicalId};

/// So much of a quota, held by somebody.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The row of [`ROWS`].
    pub row: usize,
    /// Who holds it.
    pub owner: Owner,
    /// How much.
    pub amount: Amount,
    /// Whether nobody else adds to it: it is a resource of the template, and no stack tells of it.
    pub alone: bool,
}

impl Holding {
    /// Whether it is a measure of one thing, which is not added to others.
    pub fn is_own(&self) -> bool {
        ROWS[self.row].is_own()
    }
}

/// Who holds something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The organization.
    Organization,
    /// The account.
    Account,
    /// The account in its region.
    Region,
    /// The template, whatever the stack.
    Template,
    /// A resource.
    Of(Handle),
    /// What has the thing that the parameter at that place names: the VPC of a subnet, the gateway of a
    /// route table, the load balancer of a listener.
    Above(usize),
    /// The zone that the parameter at that place names, in the account.
    Zone(usize),
    /// The zone of the subnet that the parameter at that place names.
    ZoneOf(usize),
    /// Something that nobody made here, by its id.
    Named(String),
}

/// A resource: of the template, or named by the parameter at that place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handle {
    /// By its logical id.
    Local(String),
    /// By a parameter.
    Param(usize),
}

/// A number, and the parameters whose length is added, each with how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// What does not depend on values.
    pub base: u64,
    /// Places of parameters.
    pub params: Vec<usize>,
}

impl Amount {
    /// With the values of a stack.
    pub fn of(&self, values: &[String]) -> u64 {
        self.base + self.params.iter().map(|at| values[*at].chars().count() as u64).sum::<u64>()
    }

    /// How often a word stands in what of the values is measured.
    pub fn often(&self, word: &str, values: &[String]) -> u64 {
        self.params.iter().map(|at| values[*at].matches(word).count() as u64).sum()
    }
}

impl From<u64> for Amount {
    fn from(base: u64) -> Self {
        Amount { base, params: Vec::new() }
    }
}

/// A template, with what its text does not tell.
pub struct Whole<'a> {
    /// As rendered.
    pub json: &'a Value,
    /// As wired.
    pub template: &'a Template,
    /// How many blocks there are on premises, each of which is a route that is learned from there.
    pub premises: u64,
}

impl<'a> Whole<'a> {
    /// Its resources of some types: logical id, type and properties.
    pub fn of(&self, kinds: &[&'a str]) -> Vec<(&'a str, &'a str, &'a Value)> {
        let resources = self.json["Resources"].as_object().into_iter().flatten();
        let fit = resources.filter_map(|(id, it)| {
            let kind = it["Type"].as_str().filter(|kind| kinds.contains(kind))?;
            Some((id.as_str(), kind, &it["Properties"]))
        });
        fit.collect()
    }

    /// The properties of a resource that stands in it.
    pub fn local(&self, id: &str) -> &'a Value {
        &self.json["Resources"][id]["Properties"]
    }

    /// The resource that a value names.
    pub fn handle(&self, value: &Value) -> Option<Handle> {
        handle(value, self.template)
    }

    /// What a property of the resource that a value names says, wherever that resource stands: the VPC
    /// of a subnet, the gateway of a route table, the load balancer of a listener.
    pub fn above(&self, value: &Value, property: &str) -> Option<Owner> {
        Some(match self.handle(value)? {
            Handle::Local(id) => Owner::Of(self.handle(&self.local(&id)[property])?),
            Handle::Param(at) => Owner::Above(at),
        })
    }
}

/// Everything that a template holds of some rows, added up by row and owner. `told` is what it tells.
pub fn of(whole: &Whole<'_>, text: &str, wanted: fn(&Row) -> bool, told: &[Told]) -> Vec<Holding> {
    // Who reads of a subnet can add to its VPC.
    let told: Vec<&LogicalId> =
        told.iter().flat_map(|it| [Some(&it.id), it.above.as_ref()]).flatten().collect();
    let groups = instances::of_groups(whole);
    let mut out: Vec<Holding> = Vec::new();
    for (row, of) in ROWS.iter().enumerate().filter(|(_, row)| wanted(row)) {
        let held = match of.count {
            Count::Processors => instances::processors(of.id, &groups),
            _ => held(of, whole, text),
        };
        for (owner, amount) in held {
            let same = |one: &&mut Holding| one.row == row && one.owner == owner;
            match out.iter_mut().rev().take_while(|one| one.row == row).find(same) {
                Some(one) if one.is_own() && amount.base > one.amount.base => one.amount = amount,
                Some(one) if one.is_own() => {}
                Some(one) => {
                    one.amount.base += amount.base;
                    one.amount.params.extend(amount.params);
                }
                None => {
                    let local = |id: &String| !told.contains(&id);
                    let alone = matches!(&owner, Owner::Of(Handle::Local(id)) if local(id));
                    out.push(Holding { row, owner, amount, alone });
                }
            }
        }
    }
    out
}

fn held(row: &Row, whole: &Whole<'_>, text: &str) -> Held {
    let quota = crate::aws::quota::get(row.id).expect("what is counted is in the table");
    let place = match quota.scope {
        "per-account" => Owner::Account,
        "per-organization" => Owner::Organization,
        _ => Owner::Region,
    };
    let one = |_| (place.clone(), Amount::from(1));
    match row.count {
        Count::Each | Count::Named(_) => whole.of(&quota.counts).into_iter().map(one).collect(),
        Count::If(kind, fits) => {
            whole.of(&[kind]).into_iter().filter(|it| fits(it.2)).map(one).collect()
        }
        Count::Within(pairs) => within(pairs, whole),
        Count::Own(kind, measure) => added(&[(kind, None, measure)], whole),
        Count::Added(parts) => added(parts, whole),
        Count::Template(measure) => vec![(Owner::Template, measure(whole.json, text).into())],
        Count::Placed(held) | Count::Measured(held) => held(whole),
        Count::Stacks => vec![(Owner::Region, 1.into())],
        // Of processors each template is asked once, for all rows.
        Count::Processors | Count::Tied => Vec::new(),
    }
}

fn within(pairs: &[(&'static str, &'static str, Fits)], whole: &Whole<'_>) -> Held {
    let of = |(kind, property, fits): &(&'static str, &'static str, Fits)| {
        let all = whole.of(&[kind]).into_iter().filter(|it| fits(it.2));
        let held = all
            .filter_map(|it| Some((Owner::Of(whole.handle(&it.2[*property])?), Amount::from(1))));
        held.collect::<Vec<_>>()
    };
    pairs.iter().flat_map(of).collect()
}

fn added(parts: &[Part], whole: &Whole<'_>) -> Held {
    let of = |(kind, property, measure): &Part| {
        let held = whole.of(&[kind]).into_iter().filter_map(|(id, _, properties)| {
            let owner = match property {
                Some(property) => whole.handle(&properties[*property])?,
                None => Handle::Local(id.to_owned()),
            };
            let it = It { id, properties, json: whole.json, template: whole.template };
            let amount = measure(&it);
            (amount != Amount::default()).then_some((Owner::Of(owner), amount))
        });
        held.collect::<Vec<_>>()
    };
    parts.iter().flat_map(of).collect()
}

/// The VPC that a value names, or that of the subnet that it names.
pub fn in_vpc(value: &Value, whole: &Whole<'_>) -> Option<Owner> {
    match whole.handle(value)? {
        Handle::Local(id) if whole.json["Resources"][&id]["Type"] == "AWS::EC2::Subnet" => {
            whole.above(value, "VpcId")
        }
        Handle::Param(at) if whole.template.params[at].name.contains("Subnet") => {
            Some(Owner::Above(at))
        }
        other => Some(Owner::Of(other)),
    }
}

/// A resource that is measured, with its template.
pub struct It<'a> {
    /// Its logical id.
    pub id: &'a str,
    /// Its properties.
    pub properties: &'a Value,
    /// The template, as rendered.
    pub json: &'a Value,
    /// The template, as wired.
    pub template: &'a Template,
}

/// Which resource a value names.
fn handle(value: &Value, template: &Template) -> Option<Handle> {
    let name = value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str())?;
    match template.param_index(name) {
        Some(at) => Some(Handle::Param(at)),
        None => Some(Handle::Local(name.to_owned())),
    }
}

/// The length of the text of a value without white space outside strings, as IAM measures a policy:
/// parameters count with what a stack gives, other references with the longest that AWS makes.
pub fn length(value: &Value, template: &Template) -> Amount {
    let mut amount = Amount::default();
    // What is not there is not four characters long.
    if !value.is_null() {
        measure(value, template, &mut amount);
    }
    amount
}

/// The longest identifier that a reference may come to: an ARN of a role with a name of 64
/// characters. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
const REFERENCE: u64 = 100;

fn measure(value: &Value, template: &Template, amount: &mut Amount) {
    match value {
        Value::Object(map) => {
            if let Some(name) = value["Ref"].as_str().filter(|_| map.len() == 1) {
                amount.base += 2;
                reference(name, template, amount);
            } else if value["Fn::GetAtt"].is_array() {
                amount.base += 2 + REFERENCE;
            } else if let Some(parts) = value["Fn::Join"][1].as_array() {
                amount.base += 2;
                for part in parts {
                    inside(part, template, amount);
                }
            } else {
                amount.base += 2 + (map.len() as u64).saturating_sub(1);
                for (key, value) in map {
                    amount.base += key.chars().count() as u64 + 3;
                    measure(value, template, amount);
                }
            }
        }
        Value::Array(items) => {
            amount.base += 2 + (items.len() as u64).saturating_sub(1);
            for item in items {
                measure(item, template, amount);
            }
        }
        other => amount.base += other.to_string().chars().count() as u64,
    }
}

/// A part of a text that is put together: without quotes of its own.
fn inside(part: &Value, template: &Template, amount: &mut Amount) {
    match part {
        Value::String(text) => amount.base += text.chars().count() as u64,
        _ => match part["Ref"].as_str() {
            Some(name) => reference(name, template, amount),
            None => amount.base += REFERENCE,
        },
    }
}

fn reference(name: &str, template: &Template, amount: &mut Amount) {
    match (name, template.param_index(name)) {
        (_, Some(at)) => amount.params.push(at),
        ("AWS::AccountId", None) => amount.base += 12,
        // As long as `aws-us-gov`, `ap-southeast-1` and `amazonaws.com.cn`.
        ("AWS::Partition", None) => amount.base += 10,
        ("AWS::Region", None) => amount.base += 14,
        ("AWS::URLSuffix", None) => amount.base += 16,
        _ => amount.base += REFERENCE,
    }
}

/// The text that a value comes to in a stack, as far as only parameters stand in it.
pub fn text(value: &value::Value, template: &Template, values: &[String]) -> Option<String> {
    match value {
        value::Value::Text(text) => Some(text.clone()),
        value::Value::Param(name) => Some(values[template.param_index(name)?].clone()),
        value::Value::Join(parts) => {
            parts.iter().map(|part| text(part, template, values)).collect()
        }
        _ => None,
    }
}

/// The resource that a value names.
pub fn named(value: &value::Value) -> Option<&str> {
    match value {
        value::Value::Ref(id) | value::Value::Att(id, _) => Some(id),
        _ => None,
    }
}

/// What scales a service: the properties of the target that names it.
pub fn scaled<'a>(id: &str, mut all: impl Iterator<Item = &'a Value>) -> Option<&'a Value> {
    let names = |text: &Value| {
        let parts = text["Fn::Join"][1].as_array();
        parts.is_some_and(|parts| parts.iter().any(|part| part["Fn::GetAtt"][0] == id))
    };
    let target = all.find(|resource| {
        resource["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget"
            && names(&resource["Properties"]["ResourceId"])
    });
    target.map(|target| &target["Properties"])
}
