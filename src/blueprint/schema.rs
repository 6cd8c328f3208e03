//! The JSON Schema of a blueprint, generated from the types. Editors use it, and so does
//! [`read`](crate::blueprint::read), so what it says is what holds.

use std::sync::LazyLock;

use serde_json::Value;

use crate::blueprint::shape::{Blueprint, Tenant};

/// The schema as a JSON value.
pub fn schema() -> Value {
    without_null_defaults(schemars::schema_for!(Blueprint).to_value())
}

/// "Not given" is no value that could be written.
fn without_null_defaults(mut schema: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(map) => {
                if map.get("default").is_some_and(Value::is_null) {
                    map.remove("default");
                }
                map.values_mut().for_each(walk);
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut schema);
    schema
}

/// The schema as it stands in `schemas/blueprint.schema.json`.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// A schema with its compiled form.
pub struct Checker {
    /// The schema.
    pub schema: Value,
    /// Its compiled form.
    pub validator: jsonschema::Validator,
}

impl Checker {
    /// Compiles a schema.
    pub fn new(schema: Value) -> Self {
        let validator = jsonschema::validator_for(&schema).expect("our own schema is valid");
        Checker { schema, validator }
    }
}

/// For a whole blueprint.
pub static BLUEPRINT: LazyLock<Checker> = LazyLock::new(|| Checker::new(schema()));

/// For one tenant, as it stands in a tenant file.
pub static TENANT: LazyLock<Checker> =
    LazyLock::new(|| Checker::new(schemars::schema_for!(Tenant).to_value()));
