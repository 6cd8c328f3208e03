//! Systems Manager: the parameters by which stacks of one account and region find each other.

use crate::resource::{Body, resource};
use crate::value::Value;

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Its path, `/<name>/<environment>/…`.
    pub path: Value,
    /// What it is.
    pub description: &'static str,
    /// Its value.
    pub value: Value,
}

resource!(Parameter, Some("AWS::SSM::Parameter"), "aws_ssm_parameter", taggable: true, |self| {
    Body::new()
        .set("Name", self.path)
        .set("Type", "String")
        .set("Description", self.description)
        .set("Value", self.value)
});
