//! The thin root of a stack: backend, provider, what it reads from Systems Manager, and the call of
//! its module. Roots are never shared, so a plan touches one stack.

use crate::engine::terraform::{Mode, body, escape_template};
use crate::json::{Json, Skeleton, escape};
use crate::name::snake;
use crate::spec::Spec;
use crate::template::{Param, ParamKind, Stack, Template};

/// Terraform and `OpenTofu` from here on read what is written.
pub const REQUIRED_TERRAFORM: &str = ">= 1.5.0";

/// S3's own locks came later. Source: <https://developer.hashicorp.com/terraform/language/backend/s3>.
const REQUIRED_FOR_S3: &str = ">= 1.10.0";

/// The provider: the versions whose schema is in `schemas/terraform.json`.
pub fn required_providers() -> Json {
    let aws = [("source", Json::text("hashicorp/aws")), ("version", Json::text("~> 5.0"))];
    Json::object([("aws", Json::object(aws))])
}

/// A root that calls the module of its shape.
pub fn call(stack: &Stack, template: &Template, spec: &Spec) -> Json {
    let mut out = head(stack, spec);
    let data = imports(template, |i| Json::text(escape_template(&stack.values[i])));
    if !data.is_empty() {
        out.put("data", Json::Object(data));
    }
    let mut call = Json::object([("source", Json::text(format!("../../modules/{}", stack.shape)))]);
    for (param, value) in template.params.iter().zip(&stack.values) {
        let value = match param.kind {
            ParamKind::Text => escape_template(value),
            ParamKind::Imported(_) => imported_value(&param.name),
        };
        call.put(snake(&param.name), Json::text(value));
    }
    out.put("module", Json::object([("stack", call)]));
    let outputs = template.outputs.iter().map(|o| {
        let value = Json::text(format!("${{module.stack.{}}}", snake(o.name)));
        (
            snake(o.name),
            Json::object([("description", Json::text(o.description)), ("value", value)]),
        )
    });
    let outputs: Vec<_> = outputs.collect();
    if !outputs.is_empty() {
        out.put("output", Json::Object(outputs));
    }
    out
}

/// The part of a self-contained root that is the same for every stack of a shape but its holes.
pub fn inline(template: &Template) -> Skeleton {
    let mut out = Json::Object(Vec::new());
    body(template, Mode::Inline, &mut out);
    out.pretty()
}

/// A self-contained root.
pub fn filled(stack: &Stack, spec: &Spec, skeleton: &Skeleton) -> String {
    let escaped: Vec<String> =
        stack.values.iter().map(|value| escape(&escape_template(value))).collect();
    let head = head(stack, spec).to_pretty_string();
    let body = skeleton.fill(&escaped);
    // Two objects, each over several lines, become one.
    let head = head.strip_suffix("\n}\n").expect("an object ends so");
    let body = body.strip_prefix("{\n").expect("an object begins so");
    format!("{head},\n{body}")
}

fn head(stack: &Stack, spec: &Spec) -> Json {
    let (version, backend) = backend(stack, spec);
    let terraform = Json::object([
        ("required_version", Json::text(version)),
        ("required_providers", required_providers()),
        ("backend", backend),
    ]);
    let mut provider = Json::object([
        ("region", Json::text(&stack.region)),
        ("allowed_account_ids", Json::List(vec![Json::text(&stack.account)])),
    ]);
    if stack.account != spec.deploy.account {
        let arn =
            format!("arn:{}:iam::{}:role/{}", spec.partition.id(), stack.account, spec.deploy.role);
        let fields = [("role_arn", Json::text(arn)), ("session_name", Json::text("tenantry"))];
        provider.put("assume_role", Json::List(vec![Json::object(fields)]));
    }
    Json::object([
        ("terraform", terraform),
        ("provider", Json::object([("aws", Json::List(vec![provider]))])),
    ])
}

/// Values of a backend are taken literally: they are no templates.
/// Source: <https://developer.hashicorp.com/terraform/language/syntax/json>.
fn backend(stack: &Stack, spec: &Spec) -> (&'static str, Json) {
    let Some(s3) = &spec.deploy.backend else {
        let local = Json::object([("path", Json::text("terraform.tfstate"))]);
        return (REQUIRED_TERRAFORM, Json::object([("local", local)]));
    };
    let estate = spec.estate();
    let prefix = s3.prefix.as_deref().unwrap_or(&estate);
    let fields = [
        ("bucket", Json::text(&s3.bucket)),
        ("key", Json::text(format!("{prefix}/{}.tfstate", stack.key))),
        ("region", Json::text(&s3.region)),
        ("encrypt", Json::Bool(true)),
        ("use_lockfile", Json::Bool(true)),
    ];
    (REQUIRED_FOR_S3, Json::object([("s3", Json::object(fields))]))
}

/// The data sources of imported parameters; `path` gives the path of the n-th.
pub fn imports(template: &Template, path: impl Fn(usize) -> Json) -> Vec<(String, Json)> {
    let imported = |(i, param): (usize, &Param)| {
        let source = Json::object([("name", path(i))]);
        matches!(param.kind, ParamKind::Imported(_)).then(|| (snake(&param.name), source))
    };
    let sources: Vec<_> = template.params.iter().enumerate().filter_map(imported).collect();
    if sources.is_empty() {
        Vec::new()
    } else {
        vec![("aws_ssm_parameter".to_owned(), Json::Object(sources))]
    }
}

/// The value of an imported parameter. What stacks tell each other is no secret, so it is read
/// from the attribute that is not marked as one.
pub fn imported_value(name: &str) -> String {
    format!("${{data.aws_ssm_parameter.{}.insecure_value}}", snake(name))
}
