//! What components need to add to what is there: parameters of templates with their values, and
//! rights of those who deploy.

use crate::template::{Estate, ParamKind, Stack};
use crate::value::{Value, param};

/// Adds a parameter to the template of a shape, and its value to each of its stacks; `value` also
/// gives the key of the stack that must be deployed before.
pub fn feed(
    estate: &mut Estate,
    shape: &str,
    (name, kind, about): (&str, ParamKind, &str),
    value: impl Fn(&Stack) -> (String, Option<String>),
) -> Value {
    let template = estate.templates.get_mut(shape).expect("the shape is there");
    match kind {
        ParamKind::Text => template.param(name, about),
        ParamKind::Imported(kind) => template.imported(name, kind, about),
        ParamKind::Foreign => template.foreign(name, about),
    };
    for stack in estate.stacks.iter_mut().filter(|stack| stack.shape == shape) {
        let (value, before) = value(stack);
        stack.values.push(value);
        stack.depends_on.extend(before.filter(|key| !stack.depends_on.contains(key)));
    }
    param(name)
}
