//! What stack sets make: a stack in each account of their units, in each of their regions, also in those
//! that AWS makes later. AWS deploys them, so they are in no list of stacks; it counts them where they
//! stand, like any other. Source:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html>.

use std::collections::BTreeMap;

use super::content::Counted;
use super::holding::{self, Handle, Owner, Whole};
use super::placed::thing;
use super::published::Published;
use crate::resource::stackset;
use crate::template::{Stack, Template, Wave};
use crate::value::Value;

/// The type of a stack set.
const STACK_SET: &str = "AWS::CloudFormation::StackSet";

/// A stack set of a template.
#[derive(Clone, Debug)]
pub struct Set {
    /// Its logical id.
    id: String,
    /// The name of the template that it carries.
    inner: &'static str,
    /// The values of that template's parameters, in their order.
    values: Vec<Value>,
    /// Units, with the regions that it goes to in each of their accounts.
    targets: Vec<(Vec<Owner>, Vec<String>)>,
}

/// The stack sets of a template.
pub fn of(whole: &Whole<'_>) -> Vec<Set> {
    let one = |(id, _, it): (&str, _, &serde_json::Value)| {
        let body = &whole.template.entry(id).body;
        let Some(Value::Template(inner)) = body.get("TemplateBody") else {
            unreachable!("a stack set carries a template")
        };
        let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
        let target = |group: &serde_json::Value| {
            let units = list(&group["DeploymentTargets"]["OrganizationalUnitIds"]);
            let units = units.iter().filter_map(|unit| thing(unit, whole)).collect();
            let regions = list(&group["Regions"]);
            (units, regions.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect())
        };
        Set {
            id: id.to_owned(),
            inner,
            values: values(body.get("Parameters"), &whole.template.inner[inner]),
            targets: list(&it["StackInstancesGroup"]).iter().map(target).collect(),
        }
    };
    whole.of(&[STACK_SET]).into_iter().map(one).collect()
}

/// What a stack set gives the parameters of its template.
fn values(given: Option<&Value>, inner: &Template) -> Vec<Value> {
    let Some(Value::List(given)) = given else { return Vec::new() };
    let Value::Map(pairs) = stackset::parameters(given) else { unreachable!("it makes an object") };
    let value = |name: &String| pairs.iter().find(|(key, _)| key == name).map(|(_, it)| it.clone());
    inner.params.iter().map(|it| value(&it.name).expect("a set gives each of them")).collect()
}

/// The name of a template that one of that shape carries.
pub fn shape(outer: &str, inner: &str) -> String {
    format!("{outer}/{inner}")
}

/// What all stack sets of an estate make.
#[derive(Default)]
pub struct Made<'a> {
    /// The stacks, each where it stands.
    pub stacks: Vec<Stack>,
    /// Each stack set that makes any, how many, and the stack that it is in.
    pub sets: Vec<(String, u64, &'a Stack)>,
}

/// All of it.
pub(super) fn made<'a>(all: &[Counted<'a>], published: &Published<'_>) -> Made<'a> {
    let mut members: BTreeMap<String, Vec<&Stack>> = BTreeMap::new();
    for by in all.iter().filter(|(stack, _)| stack.makes.is_some()) {
        for unit in &by.1.ties.units {
            members.entry(published.name(unit, *by)).or_default().push(by.0);
        }
    }
    let mut out = Made::default();
    for by @ (stack, content) in all {
        for set in &content.ties.sets {
            let before = out.stacks.len();
            let units = |unit: &Owner| {
                members.get(&published.name(unit, *by)).into_iter().flatten().copied()
            };
            out.stacks.extend(set.stacks(stack, &content.template, units));
            let count = (out.stacks.len() - before) as u64;
            let place = published.name(&Owner::Of(Handle::Local(set.id.clone())), *by);
            out.sets.extend((count > 0).then_some((place, count, *stack)));
        }
    }
    out
}

impl Set {
    /// Everything that it makes. `by` is the stack that it is in, and `members` tells the stacks that make
    /// the accounts of a unit.
    fn stacks<'s, M: Iterator<Item = &'s Stack>>(
        &self,
        by: &Stack,
        outer: &Template,
        members: impl Fn(&Owner) -> M,
    ) -> Vec<Stack> {
        let text = |value: &Value| holding::text(value, outer, &by.values);
        let values: Option<Vec<String>> = self.values.iter().map(text).collect();
        let values = values.expect("a set gives its template text");
        let mut out = Vec::new();
        for (units, regions) in &self.targets {
            for maker in units.iter().flat_map(&members) {
                out.extend(regions.iter().map(|region| self.stack(by, maker, region, &values)));
            }
        }
        out
    }

    /// What it makes in an account and a region.
    fn stack(&self, by: &Stack, maker: &Stack, region: &str, values: &[String]) -> Stack {
        Stack {
            key: format!("{}/{region}/{}", maker.key, self.inner),
            // AWS makes its name.
            name: String::new(),
            wave: Wave::Account,
            account: maker.makes.clone().expect("it makes an account"),
            access: None,
            region: region.to_owned(),
            makes: None,
            foreign: None,
            shape: shape(&by.shape, self.inner),
            tenant: maker.tenant.clone(),
            tier: maker.tier.clone(),
            values: values.to_vec(),
            depends_on: Vec::new(),
            tags: Vec::new(),
            extras: Vec::new(),
            component: by.component,
        }
    }
}
