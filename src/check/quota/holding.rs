//! What one template holds, of whom, as far as it is known before a stack gives it values.

use serde_json::Value;

use super::address;
use super::rows::{Count, ROWS, Row};
use crate::template::Template;
use crate::value;

/// So much of a quota, held by somebody.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The row of [`ROWS`].
    pub row: usize,
    /// Who holds it.
    pub owner: Owner,
    /// How much.
    pub amount: Amount,
}

impl Holding {
    /// Whether it is a measure of one thing, which is not added to others.
    pub fn is_own(&self) -> bool {
        matches!(ROWS[self.row].count, Count::Own(..) | Count::Template(_))
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
    /// The VPC of the subnet that the parameter at that place names.
    VpcOf(usize),
    /// The zone that the parameter at that place names, in the account.
    Zone(usize),
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
}

impl From<u64> for Amount {
    fn from(base: u64) -> Self {
        Amount { base, params: Vec::new() }
    }
}

/// Everything that a template holds, added up by row and owner.
pub fn of(json: &Value, text: &str, template: &Template) -> Vec<Holding> {
    let mut out: Vec<Holding> = Vec::new();
    for (row, of) in ROWS.iter().enumerate() {
        for (owner, amount) in held(of, json, text, template) {
            let same = |one: &&mut Holding| one.row == row && one.owner == owner;
            match out.iter_mut().rev().take_while(|one| one.row == row).find(same) {
                Some(one) => {
                    one.amount.base += amount.base;
                    one.amount.params.extend(amount.params);
                }
                None => out.push(Holding { row, owner, amount }),
            }
        }
    }
    out
}

fn held(row: &Row, json: &Value, text: &str, template: &Template) -> Vec<(Owner, Amount)> {
    let quota = crate::aws::quota::get(row.id).expect("what is counted is in the table");
    let resources = json["Resources"].as_object().into_iter().flatten();
    let of_type = |kinds: &[&str], resource: &Value| {
        resource["Type"].as_str().is_some_and(|kind| kinds.contains(&kind))
    };
    let whole = match quota.scope {
        "per-account" => Owner::Account,
        "per-organization" => Owner::Organization,
        _ => Owner::Region,
    };
    match row.count {
        Count::Each => resources
            .filter(|(_, it)| of_type(&quota.counts, it))
            .map(|_| (whole.clone(), Amount::from(1)))
            .collect(),
        Count::If(kind, fits) => resources
            .filter(|(_, it)| of_type(&[kind], it) && fits(&it["Properties"]))
            .map(|_| (whole.clone(), Amount::from(1)))
            .collect(),
        Count::Within(pairs) => resources
            .flat_map(|(_, it)| {
                let fit = pairs.iter().filter(|(kind, _, _)| of_type(&[kind], it));
                fit.filter_map(|(_, property, fits)| {
                    let owner = handle(&it["Properties"][*property], template)?;
                    fits(&it["Properties"]).then_some((Owner::Of(owner), Amount::from(1)))
                })
                .collect::<Vec<_>>()
            })
            .collect(),
        Count::Own(kind, measure) => resources
            .filter(|(_, it)| of_type(&[kind], it))
            .filter_map(|(id, it)| {
                let amount = measure(&It { id, properties: &it["Properties"], json, template });
                (amount != Amount::default())
                    .then(|| (Owner::Of(Handle::Local(id.clone())), amount))
            })
            .collect(),
        Count::Added(kinds) => resources
            .flat_map(|(id, it)| {
                let fit = kinds.iter().filter(|(kind, ..)| of_type(&[kind], it));
                fit.filter_map(|(_, property, measure)| {
                    let owner = match property {
                        Some(property) => handle(&it["Properties"][*property], template)?,
                        None => Handle::Local(id.clone()),
                    };
                    let amount = measure(&It { id, properties: &it["Properties"], json, template });
                    (amount != Amount::default()).then_some((Owner::Of(owner), amount))
                })
                .collect::<Vec<_>>()
            })
            .collect(),
        Count::Template(measure) => vec![(Owner::Template, measure(json, text).into())],
        Count::Zonal(kind, property) => resources
            .filter(|(_, it)| of_type(&[kind], it))
            .filter_map(|(_, it)| {
                let subnet = it["Properties"][property]["Ref"].as_str()?;
                let zone = &json["Resources"][subnet]["Properties"]["AvailabilityZone"];
                let at = template.param_index(zone["Ref"].as_str()?)?;
                Some((Owner::Zone(at), Amount::from(1)))
            })
            .collect(),
        Count::Addresses => {
            let units = address::units(json, template).into_iter();
            units.map(|(owner, units)| (owner, Amount::from(units))).collect()
        }
    }
}

/// The VPC that a value names, or that of the subnet that it names.
pub fn in_vpc(value: &Value, json: &Value, template: &Template) -> Option<Owner> {
    match handle(value, template)? {
        Handle::Local(id) if json["Resources"][&id]["Type"] == "AWS::EC2::Subnet" => {
            let vpc = &json["Resources"][&id]["Properties"]["VpcId"];
            Some(Owner::Of(handle(vpc, template)?))
        }
        Handle::Param(at) if template.params[at].name.contains("Subnet") => Some(Owner::VpcOf(at)),
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

/// Which resource a property names.
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
