//! Cost categories: CloudFormation takes their rules as JSON in a string, Terraform as blocks.

use serde_json::Value as Parsed;

use super::{Dialect, PLAIN};
use crate::json::Json;
use crate::name::snake;
use crate::value::Value;

pub(super) static DIALECTS: &[Dialect] = &[Dialect {
    tf: "aws_ce_cost_category",
    form: |_, name, value, out| match (name, value) {
        ("Rules" | "SplitChargeRules", Value::Text(text)) => {
            let parsed: Parsed = serde_json::from_str(text).expect("the resource writes JSON");
            let block = if name == "Rules" { "rule" } else { "split_charge_rule" };
            out.put(block, blocks(&parsed));
            true
        }
        _ => false,
    },
    ..PLAIN
}];

/// Objects as blocks, in the order that JSON gives them.
fn blocks(value: &Parsed) -> Json {
    match value {
        Parsed::Array(items) => Json::List(items.iter().map(blocks).collect()),
        Parsed::Object(fields) => {
            let field = |(name, value): (&String, &Parsed)| match value {
                Parsed::Object(_) => (snake(name), Json::List(vec![blocks(value)])),
                other => (snake(name), blocks(other)),
            };
            Json::object(fields.iter().map(field))
        }
        Parsed::String(text) => Json::text(text),
        other => unreachable!("{other} is in no rule"),
    }
}
