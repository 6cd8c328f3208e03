//! What the stacks of an estate would hold, counted as AWS counts it, against its quotas. A template
//! is counted once; a stack adds what its template holds to the places that its values name, so ten
//! thousand stacks cost ten thousand additions.
//!
//! Counted is what tenantry makes. What else an account holds (a default VPC, a service-linked role)
//! is not known here; `quotas` in the blueprint says how much AWS has granted.

pub mod rows; // how each quota is counted
pub mod holding; // what one template holds

use std::collections::BTreeMap;

use serde_json::Value;

use crate::aws::PENDING;
use crate::aws::quota::{self, Quota};
use crate::engine::{Engine, Options, Rendered};
use crate::spec::Spec;
use crate::template::{Estate, ParamKind, Stack, Template};
use holding::{Handle, Holding, Owner};

/// How much of a quota is used in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The id of the quota.
    pub quota: &'static str,
    /// Where: an account, an account and region, or something in a stack.
    pub place: String,
    /// How much is used.
    pub used: u64,
    /// How much AWS allows; `None` where AWS publishes no number.
    pub limit: Option<u64>,
    /// Whether the blueprint says so, rather than the table.
    pub given: bool,
}

impl Use {
    /// The quota.
    pub fn row(&self) -> &'static Quota<'static> {
        quota::get(self.quota).expect("what is counted is in the table")
    }

    /// Whether more is used than AWS allows. A number that no source confirms stops nothing.
    pub fn is_over(&self) -> bool {
        (self.given || self.row().verified) && self.limit.is_some_and(|limit| self.used > limit)
    }
}

/// Everything that is counted, by quota and place; what is not used is not there.
pub fn count(spec: &Spec, estate: &Estate) -> Vec<Use> {
    // Whatever is written, types are counted by CloudFormation's names.
    let options = Options { engines: vec![Engine::CloudFormation], inline: false, partial: false };
    let rendered = Rendered::new(spec, estate, &options);
    let holdings: BTreeMap<&str, Vec<Holding>> = estate
        .templates
        .iter()
        .map(|(shape, template)| (shape.as_str(), of_template(template, &rendered)))
        .collect();
    let known = published(estate);
    let mut used: BTreeMap<(usize, String), (u64, &Stack)> = BTreeMap::new();
    for stack in &estate.stacks {
        for holding in &holdings[stack.shape.as_str()] {
            let place = place(holding, stack, &estate.templates[&stack.shape], &known);
            let amount = holding.amount.of(&stack.values);
            let so_far = &mut used.entry((holding.row, place)).or_insert((0, stack)).0;
            // What is measured of one thing is not added up.
            *so_far = if holding.is_own() { amount.max(*so_far) } else { *so_far + amount };
        }
    }
    let mut out: Vec<Use> = used
        .into_iter()
        .map(|((row, place), (used, stack))| finish(spec, row, place, used, stack))
        .collect();
    out.sort_by(|a, b| (a.quota, &a.place).cmp(&(b.quota, &b.place)));
    out
}

fn finish(spec: &Spec, row: usize, place: String, used: u64, stack: &Stack) -> Use {
    let row = &rows::ROWS[row];
    let quota = quota::get(row.id).expect("what is counted is in the table");
    let given = spec.quotas.is_given(row.id);
    let granted = if given { spec.quotas.granted(row.id) } else { quota.default_in(&stack.region) };
    Use { quota: row.id, place, used: used + row.there, limit: granted.map(u64::from), given }
}

/// What a template holds, read from what was rendered.
fn of_template(template: &Template, rendered: &Rendered<'_>) -> Vec<Holding> {
    let text = rendered
        .template_text(Engine::CloudFormation, &template.shape)
        .expect("every template is rendered");
    let json: Value = serde_json::from_str(text).expect("the engine writes JSON");
    holding::of(&json, text, template)
}

/// What stacks tell each other: account, region and path → stack and logical id.
type Published = BTreeMap<(String, String, String), String>;

fn published(estate: &Estate) -> Published {
    let mut out = Published::new();
    for stack in &estate.stacks {
        let template = &estate.templates[&stack.shape];
        for entry in template.entries.iter().filter(|entry| entry.tf == "aws_ssm_parameter") {
            let (Some(path), Some(value)) = (entry.body.get("Name"), entry.body.get("Value"))
            else {
                continue;
            };
            let of = holding::named(value);
            if let (Some(path), Some(id)) = (holding::text(path, template, &stack.values), of) {
                let key = (stack.account.clone(), stack.region.clone(), path);
                out.insert(key, format!("{}/{id}", stack.key));
            }
        }
    }
    out
}

fn place(holding: &Holding, stack: &Stack, template: &Template, known: &Published) -> String {
    let account = || match stack.account.as_str() {
        // Accounts that AWS has not made are told apart by their tenants.
        PENDING => stack.tenant.as_ref().map_or(PENDING.to_owned(), |id| format!("of {id}")),
        account => account.to_owned(),
    };
    match &holding.owner {
        Owner::Organization => "the organization".to_owned(),
        Owner::Account => account(),
        Owner::Region => format!("{}/{}", account(), stack.region),
        Owner::Template => stack.shape.clone(),
        Owner::Of(Handle::Local(id)) => format!("{}/{id}", stack.key),
        Owner::Of(Handle::Param(at)) => {
            let value = &stack.values[*at];
            let from = match (&stack.foreign, template.params[*at].kind) {
                (Some((account, _)), ParamKind::Foreign) => account,
                _ => &stack.account,
            };
            let key = (from.clone(), stack.region.clone(), value.clone());
            known.get(&key).cloned().unwrap_or_else(|| value.clone())
        }
    }
}
