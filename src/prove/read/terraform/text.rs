//! Terraform's strings: text with `${…}` in it. Only plain references are followed; every other
//! expression is unknown.
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/strings>.

use serde_json::Value;

use crate::prove::read::form::{Form, Piece};

/// What the names in expressions mean.
pub struct Scope<'a> {
    /// The names of what is given from outside, in their order: `var.x` of a module, and
    /// `data.aws_ssm_parameter.x` of a root.
    pub given: &'a dyn Fn(&str) -> Option<usize>,
    /// Whether there is such a resource, by its address.
    pub there: &'a dyn Fn(&str) -> bool,
    /// The partition.
    pub partition: &'a str,
}

impl Scope<'_> {
    /// A value, with every string taken apart.
    pub fn form(&self, value: &Value) -> Form {
        match value {
            Value::String(text) => Form::text(self.text(text)),
            Value::Array(items) => Form::list(items.iter().map(|item| self.form(item)).collect()),
            Value::Object(map) => {
                let pairs = map.iter().map(|(key, value)| (plain(key), self.form(value)));
                Form::map(pairs.collect())
            }
            other => Form::Fixed(other.clone()),
        }
    }

    /// A string, taken apart.
    pub fn text(&self, text: &str) -> Vec<Piece> {
        let (mut out, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['$', '%']) {
            literal.push_str(&rest[..at]);
            rest = &rest[at..];
            if rest.starts_with("$${") || rest.starts_with("%%{") {
                literal.push_str(&rest[1..3]);
                rest = &rest[3..];
            } else if let Some(inside) = rest.strip_prefix("${") {
                let (expression, after) = close(inside);
                out.push(Piece::Literal(std::mem::take(&mut literal)));
                out.extend(self.expression(expression.trim()));
                rest = after;
            } else if let Some(inside) = rest.strip_prefix("%{") {
                out.push(Piece::Literal(std::mem::take(&mut literal)));
                out.push(Piece::Unknown("a directive".to_owned()));
                rest = close(inside).1;
            } else {
                literal.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
        literal.push_str(rest);
        out.push(Piece::Literal(literal));
        out
    }

    fn expression(&self, expression: &str) -> Vec<Piece> {
        let literal = |text: &str| vec![Piece::Literal(text.to_owned())];
        match expression {
            "data.aws_caller_identity.current.account_id" => return vec![Piece::Account],
            "data.aws_region.current.name" | "data.aws_region.current.region" => {
                return vec![Piece::Region];
            }
            "data.aws_partition.current.partition" => return literal(self.partition),
            "data.aws_partition.current.dns_suffix" => {
                return literal(super::super::url_suffix(self.partition));
            }
            "path.module" => return literal("."),
            _ => {}
        }
        if let Some(index) = (self.given)(expression) {
            return vec![Piece::Param(index)];
        }
        if let Some(quoted) = expression.strip_prefix("base64encode(\"")
            && let Some(quoted) = quoted.strip_suffix("\")")
            && let Ok(text) = serde_json::from_str::<String>(&format!("\"{quoted}\""))
        {
            return self.text(&text);
        }
        match expression.split('.').collect::<Vec<_>>().as_slice() {
            [kind, name, attribute] if (self.there)(&format!("{kind}.{name}")) => {
                vec![super::kind::reference(kind, name, attribute)]
            }
            _ => vec![Piece::Unknown(format!("expression {expression}"))],
        }
    }
}

/// What stands before the brace that closes, and what behind it. Braces in strings count, too.
fn close(text: &str) -> (&str, &str) {
    let mut depth = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text[..at], &text[at + 1..]);
        }
    }
    (text, "")
}

/// A key, which has no expressions here.
fn plain(key: &str) -> String {
    key.replace("$${", "${").replace("%%{", "%{")
}
